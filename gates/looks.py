"""Every screen and its rarer states in every look: accessible, and no wider than the window.

Languages, light and dark, three widths; axe judges (WCAG 2.2 AA). Once more in a made-up language
of longer words, narrow, in shades of grey, for who asked for less motion: nothing is cut off, in
plain English, faint or moving. Its planted defect is a page that does not say in which language it
is.
"""

import shutil
from typing import cast

from playwright.sync_api import Browser, Page, sync_playwright

from gates.protocol import Context, Result
from tests.browser.made_up_language import Abroad, cut_off, moving
from tests.browser.screens import LOOKS, screens
from tests.browser.states import Look
from tests.browser.visits import ARGUMENTS, CHROMIUM, faults_of, overflow_of
from tests.browser.without_colour import faint_in_grey, in_grey
from tests.live_server import start, stop

NAME = "looks"

LOOK_OF_THE_BROKEN = "zh-light-390"
SCREENS_OF_THE_BROKEN = 3
MADE_UP = Look("en", "light", 320)
WITHOUT_LANGUAGE = "document.documentElement.removeAttribute('lang')"


def run(context: Context) -> Result:
    """Walk through all looks."""
    return _walk(context, tuple(LOOKS))


def run_broken(context: Context) -> Result:
    """Walk through a few screens that lack their language."""
    return _walk(context, (LOOK_OF_THE_BROKEN,), spoil=True, most=SCREENS_OF_THE_BROKEN)


def _walk(
    context: Context, looks: tuple[str, ...], *, spoil: bool = False, most: int | None = None
) -> Result:
    if shutil.which(CHROMIUM) is None:
        return Result.not_run("chromium is not installed")
    seen, faults = 0, list[str]()
    process, server = start(context.folder / "state", "--holders", "12", "--seed", "1")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            for look in looks:
                for name, page in screens(browser, server, LOOKS[look]):
                    if spoil:
                        page.evaluate(WITHOUT_LANGUAGE)
                    faults += [f"{name} {look}: {fault}" for fault in _usual_faults(page)]
                    seen += 1
                    if seen == most:
                        break
            if most is None:
                abroad = Abroad(browser)
                for name, page in screens(cast(Browser, abroad), server, MADE_UP):
                    found = [*abroad.untranslated(page), *cut_off(page), *moving(page)]
                    found += [*faint_in_grey(in_grey(page)), *_usual_faults(page)]
                    faults += [f"{name} made up: {fault}" for fault in found]
                    seen += 1
        finally:
            browser.close()
            stop(process)
    return Result.judge(
        not faults, "; ".join(faults[:5]), looks=len(looks), screens=seen, faults=len(faults)
    )


def _usual_faults(page: Page) -> list[str]:
    wider = overflow_of(page)
    return [*faults_of(page), *([f"{wider} px too wide"] if wider > 0 else [])]
