"""From the driver's screen to the officer's: the pages themselves, with a server and without.

The wallet's page is filmed with a code made for each showing, and played to the camera of the
terminal's page in another Chromium. The time runs from the first frame that shows the code to
VALID on the screen. Without a server means that it is stopped: both pages go on alone.

Its planted defect is a phone whose clock is two minutes behind: a code of it must not pass.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import numpy as np
from playwright.sync_api import BrowserType, sync_playwright

from gates.camera import drawing
from gates.camera_frames import HARD, TYPICAL, Conditions
from gates.protocol import Context, Figure, Result
from tests.browser.by_light import (
    Filmed,
    camera_playing,
    claimed_hours_ago,
    drawn_code,
    filming_terminal,
    fresh_codes,
    play,
    valid_after,
)
from tests.browser.codes import octets_of
from tests.browser.offline_codes import Phone
from tests.browser.test_terminal_offline import published
from tests.browser.visits import ARGUMENTS, CHROMIUM, KEEPING, LONG_TERM, holder, show
from tests.live_server import LiveServer, start, stop

NAME = "by-light"

TYPICAL_SHOWINGS = 100
HARD_SHOWINGS = 20
SHOWINGS_OF_THE_BROKEN = 3
LATE_SECONDS = 120
WITHIN_MILLISECONDS = 1000.0
IN_TIME = 0.97
PATIENCE_MILLISECONDS = 4000.0
HOLDERS = "12"


@dataclass
class Showings:
    """What came of codes that were held before a terminal."""

    shown: int = 0
    milliseconds: list[float] = field(default_factory=list)

    @property
    def in_time(self) -> int:
        """How many were VALID within a second."""
        return sum(each <= WITHIN_MILLISECONDS for each in self.milliseconds)

    def figures(self, name: str) -> dict[str, Figure]:
        """What is printed of them."""
        times = self.milliseconds or [0.0]
        return {
            f"{name}_shown": self.shown,
            f"{name}_valid": len(self.milliseconds),
            f"{name}_in_time": self.in_time,
            f"{name}_median_ms": round(float(np.percentile(times, 50))),
            f"{name}_p97_ms": round(float(np.percentile(times, 97))),
        }


def run(context: Context) -> Result:
    """Show codes to the terminal, a hundred typical ones each way."""
    if shutil.which(CHROMIUM) is None:
        return Result.not_run("chromium is not installed")
    wanted = {"typical": (TYPICAL, TYPICAL_SHOWINGS), "hard": (HARD, HARD_SHOWINGS)}
    figures: dict[str, Figure] = {}
    faults = []
    with sync_playwright() as playwright:
        for way, show_all in (("online", online), ("offline", offline)):
            seen = show_all(playwright.chromium, context.folder / way, context.chance, wanted)
            for name, showings in seen.items():
                figures |= showings.figures(f"{way}_{name}")
            typical = seen["typical"]
            if typical.in_time < IN_TIME * typical.shown:
                faults.append(f"{way}: {typical.in_time} of {typical.shown} within a second")
    return Result.judge(not faults, "; ".join(faults), **figures)


def run_broken(context: Context) -> Result:
    """Hold up codes of a phone whose clock is two minutes behind."""
    if shutil.which(CHROMIUM) is None:
        return Result.not_run("chromium is not installed")
    wanted = {"typical": (TYPICAL, SHOWINGS_OF_THE_BROKEN)}
    with sync_playwright() as playwright:
        seen = behind(playwright.chromium, context.folder, context.chance, wanted)["typical"]
    passed = len(seen.milliseconds) == seen.shown
    return Result.judge(passed, "old codes did not pass", shown=seen.shown)


Wanted = dict[str, tuple[Conditions, int]]


def online(
    chromium: BrowserType, folder: Path, chance: Random, wanted: Wanted
) -> dict[str, Showings]:
    """Film the wallet's page; the service has the last word."""
    film = _film(folder, chance)
    process, server = start(folder / "state", "--holders", HOLDERS, "--seed", "1")
    browser = chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    try:
        wallet = holder(browser, server.wallet, LONG_TERM, device_scale_factor=2, **KEEPING)
        show(wallet)
        return _show_all(chromium, film, server, chance, wanted, fresh_codes(wallet))
    finally:
        browser.close()
        stop(process)


def offline(
    chromium: BrowserType, folder: Path, chance: Random, wanted: Wanted
) -> dict[str, Showings]:
    """Film the wallet's page; the server is stopped once the shift is open."""
    film = _film(folder, chance)
    process, server = start(folder / "state", "--holders", HOLDERS, "--seed", "1")
    published(server.state)
    browser = chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    try:
        wallet = holder(browser, server.wallet, LONG_TERM, device_scale_factor=2, **KEEPING)
        claimed_hours_ago(wallet, server.state)
        show(wallet)
        return _show_all(
            chromium,
            film,
            server,
            chance,
            wanted,
            fresh_codes(wallet),
            before=lambda: stop(process),
        )
    finally:
        browser.close()
        if process.poll() is None:
            stop(process)


def behind(
    chromium: BrowserType, folder: Path, chance: Random, wanted: Wanted
) -> dict[str, Showings]:
    """Hold up codes of a phone whose clock is behind; its page would not show them."""
    film = _film(folder, chance)
    process, server = start(folder / "state", "--holders", HOLDERS, "--seed", "1")
    published(server.state)
    phone = Phone(server.state)
    with drawing() as draw:
        return _show_all(
            chromium,
            film,
            server,
            chance,
            wanted,
            lambda: drawn_code(draw(octets_of(phone.code(late=LATE_SECONDS)))),
            before=lambda: stop(process),
        )


def _film(folder: Path, chance: Random) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    film = folder / "film.mjpeg"
    play(film, None, chance)
    return film


def _show_all(
    chromium: BrowserType,
    film: Path,
    server: LiveServer,
    chance: Random,
    wanted: Wanted,
    fresh: Callable[[], Filmed],
    *,
    before: Callable[[], None] = lambda: None,
) -> dict[str, Showings]:
    seen = {name: Showings() for name in wanted}
    with camera_playing(chromium, film) as filming:
        terminal = filming_terminal(filming, server)
        before()
        for name, (conditions, count) in wanted.items():
            for _ in range(count):
                play(film, fresh(), chance, conditions)
                milliseconds = valid_after(terminal, patience=PATIENCE_MILLISECONDS)
                seen[name].shown += 1
                if milliseconds is not None:
                    seen[name].milliseconds.append(milliseconds)
    return seen
