"""The wallet's page, filmed and played to the terminal's camera: from one screen to the other."""

from pathlib import Path
from random import Random

from playwright.sync_api import Browser, expect

from gates.camera import drawing
from tests.browser.by_light import (
    camera_playing,
    drawn_code,
    filmed,
    filming_terminal,
    play,
    valid_after,
)
from tests.browser.codes import octets_of
from tests.browser.offline_codes import Phone
from tests.browser.test_terminal_offline import published
from tests.browser.visits import LONG_TERM, holder, show
from tests.live_server import LiveServer, start, stop

SHOWINGS = 3
PATIENCE_MILLISECONDS = 5_000
"""Five times what the gate allows: the machine may be busy."""


def test_the_terminals_camera_reads_the_wallets_page(
    browser: Browser, live_server: LiveServer, tmp_path: Path
) -> None:
    film, chance = tmp_path / "film.mjpeg", Random(7)
    play(film, None, chance)
    wallet = holder(browser, live_server.wallet, LONG_TERM, device_scale_factor=2)
    show(wallet)
    with camera_playing(browser.browser_type, film) as filming:
        terminal = filming_terminal(filming, live_server)
        for _ in range(SHOWINGS):
            before = wallet.locator("#code-text").input_value()
            play(film, filmed(wallet), chance)
            milliseconds = valid_after(terminal)
            assert milliseconds is not None
            assert milliseconds < PATIENCE_MILLISECONDS
            # This licence is of this hour, so that no list covers it: only the service says yes.
            expect(terminal.locator(".fresh")).to_have_attribute("data-standing", "replaced")
            expect(wallet.locator("#code-text")).not_to_have_value(before)


def test_the_terminals_camera_needs_no_server(browser: Browser, tmp_path: Path) -> None:
    film, chance = tmp_path / "film.mjpeg", Random(8)
    play(film, None, chance)
    process, server = start(tmp_path / "state", "--holders", "12", "--seed", "1")
    with camera_playing(browser.browser_type, film) as filming, drawing() as draw:
        try:
            published(server.state)
            phone = Phone(server.state)
            terminal = filming_terminal(filming, server)
        finally:
            stop(process)
        for _ in range(SHOWINGS):
            play(film, drawn_code(draw(octets_of(phone.code()))), chance)
            milliseconds = valid_after(terminal)
            assert milliseconds is not None
            assert milliseconds < PATIENCE_MILLISECONDS
            expect(terminal.locator(".fresh")).to_have_attribute("data-standing", "alone")
