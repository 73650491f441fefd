"""The wallet's page, filmed and played to the terminal's camera: from one screen to the other."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from gates.camera import drawing
from gates.camera_frames import HEIGHT, TYPICAL, WIDTH, Camera, Grey, write_mjpeg
from tests.browser.codes import octets_of
from tests.browser.offline_codes import Phone
from tests.browser.test_terminal_offline import published
from tests.browser.visits import ARGUMENTS, CHROMIUM, LONG_TERM, holder, officer, show
from tests.live_server import LiveServer, start, stop

SHOWINGS = 3
FRAMES = 24
DRAWN_SHARE = 89 / 97
"""Of a drawn code's side, for its quiet zone has four modules on each side."""
PATIENCE_MILLISECONDS = 5_000
"""Five times what the gate allows: the machine may be busy."""

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


def play(film: Path, taken: Filmed | None, chance: Random) -> None:
    """Write what the camera sees from its next opening on; None is a dull wall."""
    camera = Camera(chance)
    page = taken.page if taken else np.full((HEIGHT, HEIGHT), 90, np.uint8)
    share = taken.share if taken else 1.0
    write_mjpeg(film, [camera.take(page, TYPICAL, share=share) for _ in range(FRAMES)])


@contextmanager
def camera_playing(browser: Browser, film: Path) -> Iterator[Browser]:
    """Another Chromium, whose camera is a film."""
    flags = [
        *ARGUMENTS,
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]
    other = browser.browser_type.launch(executable_path=CHROMIUM, args=flags)
    try:
        yield other
    finally:
        other.close()


def valid_after(terminal: Page) -> float:
    """Open the terminal anew; returns the milliseconds from the first frame to VALID."""
    terminal.reload()
    expect(terminal.locator(".verdict-band[data-verdict=VALID]")).to_be_visible()
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


def test_the_terminals_camera_reads_the_wallets_page(
    browser: Browser, live_server: LiveServer, tmp_path: Path
) -> None:
    film, chance = tmp_path / "film.mjpeg", Random(7)
    play(film, None, chance)
    wallet = holder(browser, live_server.wallet, LONG_TERM, device_scale_factor=2)
    show(wallet)
    with camera_playing(browser, film) as filming:
        terminal = filming_terminal(filming, live_server)
        for _ in range(SHOWINGS):
            before = wallet.locator("#code-text").input_value()
            play(film, filmed(wallet), chance)
            assert valid_after(terminal) < PATIENCE_MILLISECONDS
            # This licence is of this hour, so that no list covers it: only the service says yes.
            expect(terminal.locator(".fresh")).to_have_attribute("data-standing", "replaced")
            expect(wallet.locator("#code-text")).not_to_have_value(before)


def test_the_terminals_camera_needs_no_server(browser: Browser, tmp_path: Path) -> None:
    film, chance = tmp_path / "film.mjpeg", Random(8)
    play(film, None, chance)
    process, server = start(tmp_path / "state", "--holders", "12", "--seed", "1")
    with camera_playing(browser, film) as filming, drawing() as draw:
        try:
            published(server.state)
            phone = Phone(server.state)
            terminal = filming_terminal(filming, server)
        finally:
            stop(process)
        for _ in range(SHOWINGS):
            play(film, Filmed(draw(octets_of(phone.code())), DRAWN_SHARE), chance)
            assert valid_after(terminal) < PATIENCE_MILLISECONDS
            expect(terminal.locator(".fresh")).to_have_attribute("data-standing", "alone")
