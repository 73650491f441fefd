"""From one screen to another: what a wallet shows is filmed and played to a terminal's camera."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, BrowserType, Page, expect
from playwright.sync_api import TimeoutError as TimedOut

from gates.camera_frames import HEIGHT, TYPICAL, WIDTH, Camera, Conditions, Grey, write_mjpeg
from tests.browser.visits import ARGUMENTS, CHROMIUM, officer
from tests.live_server import LiveServer

FRAMES = 24
DRAWN_SHARE = 89 / 97
"""Of a drawn code's side, for its quiet zone has four modules on each side."""

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
    terminal = officer(filming, server.terminal)
    terminal.evaluate("navigator.serviceWorker.ready.then(() => null)")
    terminal.add_init_script(f"({TIMES})()")
    expect(terminal.locator(".camera[data-state=scanning]")).to_be_visible()
    assert terminal.evaluate("document.querySelector('video').videoWidth") == WIDTH
    return terminal
