"""From one screen to another: what a wallet shows is filmed and played to a terminal's camera."""

import io
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, BrowserType, Page, expect
from playwright.sync_api import TimeoutError as TimedOut

from gates.camera_frames import HEIGHT, TYPICAL, WIDTH, Camera, Conditions, Grey, write_mjpeg
from tests.browser.visits import ARGUMENTS, CHROMIUM, KEEPING, keep_pages, officer
from tests.live_server import LiveServer

FRAMES = 24
DRAWN_SHARE = 89 / 97
"""Of a drawn code's side, for its quiet zone has four modules on each side."""

HOURS = 2

TRIES, PAUSE = 300, 200

PART_ASKED_AT = """async () => {
  const settled = (asked) => new Promise((done) => { asked.onsuccess = () => done(asked.result); });
  const database = await settled(indexedDB.open("jiazhao-wallet"));
  const all = await settled(database.transaction("instances").objectStore("instances").getAll());
  database.close();
  return all.at(-1)?.codePart?.askedAt ?? 0;
}"""

TIMES = """() => {
  const times = {shown: null, told: null};
  let timed = null;
  window.cameraTimes = times;
  const look = () => {
    const video = document.querySelector("video.camera-picture");
    if (video && video !== timed && times.shown === null) {
      timed = video;
      video.requestVideoFrameCallback((now) => { times.shown = now; });
    }
    const word = document.querySelector(".verdict-band[data-verdict=VALID]");
    if (times.told === null && word) times.told = performance.now();
  };
  new MutationObserver(look).observe(document, {attributes: true, childList: true, subtree: true});
}"""


@dataclass(frozen=True)
class Filmed:
    """A wallet's page as its screen shows it, and how much of the side the code has."""

    page: Grey
    share: float


def filmed(wallet: Page) -> Filmed:
    """Take the part of the wallet's page around its code."""
    paper, code = wallet.locator(".show-paper"), wallet.locator(".qr-place .qr")
    frame, place = paper.bounding_box(), code.bounding_box()
    assert frame
    assert place
    grey = np.asarray(Image.open(io.BytesIO(paper.screenshot())).convert("L"))
    scale = grey.shape[1] / frame["width"]
    left, top = (place["x"] - frame["x"]) * scale, (place["y"] - frame["y"]) * scale
    side, around = place["width"] * scale, min(left, 40.0)
    whole = round(side + 2 * around)
    cut = grey[max(0, round(top - around)) :, round(left - around) :][:whole, :whole]
    padded = np.full((whole, whole), 255, np.uint8)
    padded[: cut.shape[0], : cut.shape[1]] = cut
    return Filmed(padded, side / whole)


def fresh_codes(wallet: Page) -> Callable[[], Filmed]:
    """Film the page each time when it shows a code that it has not shown before."""
    shown = ""

    def fresh() -> Filmed:
        nonlocal shown
        code = wallet.locator("#code-text")
        expect(code).not_to_have_value(shown)
        shown = code.input_value()
        return filmed(wallet)

    return fresh


def claimed_hours_ago(wallet: Page, state: Path) -> None:
    """Make the demonstration's claims two hours older, and let the wallet renew its code's part.

    What was claimed in the running hour is in no list that a terminal has with it.
    """
    signed_first = _part_newer_than(wallet, 0)
    with sqlite3.connect(state / "register.sqlite", timeout=30) as db:
        db.execute("UPDATE status_handle SET issued_at = issued_at - ?", (HOURS * 3_600_000_000,))
        db.execute("DELETE FROM code_part")  # so that the next contact says that one is due
    db.close()
    wallet.reload()
    _part_newer_than(wallet, signed_first)
    keep_pages(wallet)


def _part_newer_than(wallet: Page, before: float) -> float:
    """Wait for the issuer's part of the code, and return when the wallet asked for it."""
    for _ in range(TRIES):
        asked: float = wallet.evaluate(PART_ASKED_AT)
        if asked > before:
            return asked
        wallet.wait_for_timeout(PAUSE)
    raise AssertionError("the wallet has no new part of its code")


def drawn_code(modules: Grey) -> Filmed:
    """Take a code that the wallet's module has drawn, without the page around it."""
    return Filmed(modules, DRAWN_SHARE)


def play(
    film: Path, taken: Filmed | None, chance: Random, conditions: Conditions = TYPICAL
) -> None:
    """Write what the camera sees from its next opening on; None is a dull wall."""
    camera = Camera(chance)
    page = taken.page if taken else np.full((HEIGHT, HEIGHT), 90, np.uint8)
    share = taken.share if taken else 1.0
    write_mjpeg(film, [camera.take(page, conditions, share=share) for _ in range(FRAMES)])


@contextmanager
def camera_playing(chromium: BrowserType, film: Path) -> Iterator[Browser]:
    """Another Chromium, whose camera is a film."""
    flags = [
        *ARGUMENTS,
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]
    other = chromium.launch(executable_path=CHROMIUM, args=flags)
    try:
        yield other
    finally:
        other.close()


def valid_after(terminal: Page, *, patience: float = 20_000) -> float | None:
    """Open the terminal anew; returns the milliseconds from the first frame to VALID.

    None where that did not come within `patience` (milliseconds).
    """
    terminal.reload()
    try:
        terminal.locator(".verdict-band[data-verdict=VALID]").wait_for(timeout=patience)
    except TimedOut:
        return None
    times = terminal.evaluate("window.cameraTimes")
    return float(times["told"] - times["shown"])


def filming_terminal(filming: Browser, server: LiveServer) -> Page:
    """Return the terminal of an officer on duty who holds a camera."""
    terminal = officer(filming, server.terminal, **KEEPING)
    keep_pages(terminal)
    terminal.add_init_script(f"({TIMES})()")
    expect(terminal.locator(".camera[data-state=scanning]")).to_be_visible()
    assert terminal.evaluate("document.querySelector('video').videoWidth") == WIDTH
    return terminal
