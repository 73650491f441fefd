"""A sample of what the gate `looks` walks through: no colour, longer words, no motion."""

from typing import cast

from playwright.sync_api import Browser, Page, expect

from tests.browser.altered import Answer, alter, with_status
from tests.browser.made_up_language import Abroad, cut_off, made_up, moving
from tests.browser.visits import (
    MOTORCYCLE,
    OFFICER,
    claim,
    faults_of,
    holder,
    overflow_of,
    show,
    sign_in,
    visitor,
)
from tests.browser.without_colour import alike, faint_in_grey, in_grey, picture_of
from tests.live_server import LiveServer

VERDICTS = {
    "VALID": "valid",
    "NOT_VALID": "points",
    "NOT_GENUINE": "forged",
    "CANNOT_CONFIRM": "old-list",
}
STATUSES = {"normal": "A", "pending": "H", "12 points": "B", "detained": "U", "invalid": "L"}


def test_verdicts_are_told_apart_without_colour(browser: Browser, live_server: LiveServer) -> None:
    page = sign_in(visitor(browser), live_server.terminal, OFFICER)
    page.goto(f"{live_server.terminal}/#training")
    in_grey(page)
    words, pictures = {}, {}
    for verdict, scene in VERDICTS.items():
        page.locator(f"[data-scene={scene}]").click()
        band = page.locator(f"[data-verdict={verdict}]")
        words[verdict] = band.locator("h2").inner_text()
        pictures[verdict] = picture_of(band.locator("svg"))
        assert (faint_in_grey(page), faults_of(page)) == ([], [])
        page.locator(".training .verdict > .button-wide").click()
    assert len(set(words.values())) == len(VERDICTS)
    assert alike(pictures) == []


def test_a_verdict_of_training_is_at_the_top_of_a_wide_screen(
    browser: Browser, live_server: LiveServer
) -> None:
    page = sign_in(visitor(browser, width=1280), live_server.terminal, OFFICER)
    page.goto(f"{live_server.terminal}/#training")
    page.locator("[data-scene=valid]").click()
    band, banner = (
        page.locator(each).bounding_box() for each in (".verdict-band", ".training-banner")
    )
    assert band is not None
    assert banner is not None
    assert banner["width"] > 4 * banner["height"]
    assert band["y"] < 400


def test_statuses_are_told_apart_without_colour(browser: Browser, live_server: LiveServer) -> None:
    page = holder(browser, live_server.wallet, MOTORCYCLE)
    words, pictures = {}, {}
    for name, letter in STATUSES.items():
        alter(page, "/wallet/licence", with_status(letter, points=12 if letter == "B" else 0))
        page.evaluate("dispatchEvent(new Event('online'))")
        status = page.locator(f".card-status:has(.card-status-zh:text-is('{_named(letter)}'))")
        expect(status).to_be_visible()
        in_grey(page)
        words[name] = status.locator(".card-status-words").inner_text()
        pictures[name] = picture_of(status.locator(".picture"))
        assert (name, faint_in_grey(page)) == (name, [])
    assert len(set(words.values())) == len(STATUSES)
    # Two that both forbid driving share the sign; the words and the points tell them apart.
    assert alike(pictures) == ["12 points = detained"]


def _named(letter: str) -> str:
    answer: Answer = {"licence": {}}
    with_status(letter)(answer)
    return str(answer["licence"]["display_status"]["zh"])


def test_longer_words_fit_nothing_is_untranslated_and_nothing_moves(
    browser: Browser, live_server: LiveServer
) -> None:
    abroad = Abroad(browser)
    faults: dict[str, list[str]] = {}

    def look(name: str, page: Page) -> None:
        found = [*abroad.untranslated(page), *cut_off(page), *moving(page)]
        if overflow_of(page) > 0:
            found.append(f"{overflow_of(page)} px too wide")
        if found:
            faults[name] = found

    page = visitor(cast(Browser, abroad), width=320)
    page.goto(f"{live_server.wallet}/?lang=en")
    expect(page.locator("main a.button-primary")).to_have_text(made_up("Sign in"))
    look("signed out", page)
    sign_in(page, live_server.wallet, MOTORCYCLE, language="en")
    expect(page.locator(".claim-summary")).to_be_visible()
    look("claim", page)
    claim(page)
    look("licence", page)
    page.locator(".home-switches button").first.click()
    look("second page", page)
    show(page)
    look("code", page)
    terminal = sign_in(
        visitor(cast(Browser, abroad), width=320), live_server.terminal, OFFICER, language="en"
    )
    terminal.goto(f"{live_server.terminal}/#training")
    terminal.locator("[data-scene=other-class]").click()
    expect(terminal.locator(".verdict-band")).to_be_visible()
    look("verdict", terminal)
    assert faults == {}


def test_what_nobody_translated_is_found(browser: Browser, live_server: LiveServer) -> None:
    abroad = Abroad(browser)
    page = visitor(cast(Browser, abroad))
    page.goto(f"{live_server.wallet}/?lang=en")
    expect(page.locator("main h1")).to_have_text(made_up("E-licence"))
    page.evaluate("document.querySelector('h1').textContent = 'A plain word'")
    assert abroad.untranslated(page) == ["A plain word"]
