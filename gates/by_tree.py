"""Driver and officer do all their journeys from the accessibility tree alone, in both languages.

Chromium's own tree is read and only keys are pressed, so that what has no name, no place in the
order of keys or no announcement stops a journey. Its planted defect hides the pages' main part
from the tree, as a page does that is made for the eye.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from playwright.sync_api import Browser, BrowserContext, sync_playwright
from playwright.sync_api import Error as BrowserError
from structlog.testing import capture_logs

from gates.protocol import Context, Result
from tests.browser.by_tree import drives, hold_passkeys, is_on_duty
from tests.browser.reader_of_tree import LANGUAGES, Words
from tests.browser.test_terminal_offline import published
from tests.browser.visits import ARGUMENTS, CHROMIUM
from tests.houses import served_town
from tests.live_server import LiveServer, start, stop

NAME = "by-tree"

HIDE = """new MutationObserver(() => {
  document.querySelector("main")?.setAttribute("aria-hidden", "true");
}).observe(document, {childList: true, subtree: true});"""


def run(context: Context) -> Result:
    """Do every journey in both languages."""
    if shutil.which(CHROMIUM) is None:
        return Result.not_run("chromium is not installed")
    faults, done = list[str](), 0
    for language in LANGUAGES:
        words = Words(language)
        with _served(context.folder / language) as (browser, server):
            for journey in (_driver, _officer, _holder_of_passkeys):
                faults += _faults_of(journey, browser, server, words)
                done += 1
                for person in browser.contexts:
                    person.close()
    return Result.judge(not faults, "; ".join(faults), journeys=done, faults=len(faults))


def run_broken(context: Context) -> Result:
    """Begin the driver's journey on pages that hide from the tree."""
    if shutil.which(CHROMIUM) is None:
        return Result.not_run("chromium is not installed")
    with _served(context.folder / "hidden") as (browser, server):
        hiding = cast("Browser", _Hiding(browser))
        faults = _faults_of(_driver, hiding, server, Words(LANGUAGES[0]))
    return Result.judge(not faults, "; ".join(faults), journeys=1)


class _Hiding:
    """A browser whose pages hide their main part."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    def new_context(self, **options: Any) -> BrowserContext:
        context = self._browser.new_context(**options)
        context.add_init_script(HIDE)
        return context


Journey = Callable[[Browser, LiveServer, Words], None]


def _driver(browser: Browser, server: LiveServer, words: Words) -> None:
    drives(browser, server, words)


def _officer(browser: Browser, server: LiveServer, words: Words) -> None:
    published(server.state)
    is_on_duty(browser, server, words)


def _holder_of_passkeys(browser: Browser, server: LiveServer, words: Words) -> None:
    folder = server.state.parent / "town"
    with capture_logs(), served_town(folder, staff_need_passkeys=True) as town:
        hold_passkeys(browser, town, words)


def _faults_of(journey: Journey, browser: Browser, server: LiveServer, words: Words) -> list[str]:
    try:
        journey(browser, server, words)
    except (AssertionError, BrowserError) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        return [f"{words.language} {journey.__name__.strip('_')}: {first}"]
    return []


@contextmanager
def _served(folder: Path) -> Iterator[tuple[Browser, LiveServer]]:
    folder.mkdir()
    process, server = start(folder / "state", "--holders", "12", "--seed", "1")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield browser, server
        finally:
            browser.close()
            stop(process)
