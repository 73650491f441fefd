"""For everybody: without a mouse, with large letters, on a narrow screen, in either language."""

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.visits import (
    LONG_TERM,
    MOTORCYCLE,
    OFFICER,
    begin_shift,
    faults_of,
    holder,
    officer,
    overflow_of,
    show,
    shown_text,
    visitor,
)
from tests.live_server import LiveServer

LONGEST_WALK = 60
"""Presses of the Tab key after which what is looked for is not on the page's way."""


def reach(page: Page, wanted: Locator) -> None:
    """Press Tab until the focus is on `wanted`, and see that the focus can be seen."""
    for _ in range(LONGEST_WALK):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            outline = wanted.evaluate("element => getComputedStyle(element).outlineStyle")
            assert outline != "none"
            return
    raise AssertionError(f"Tab never came to {wanted}")


def press(page: Page, wanted: Locator) -> None:
    expect(wanted).to_be_visible()
    reach(page, wanted)
    page.keyboard.press("Enter")


def sign_in_by_keyboard(page: Page, origin: str, subject: str) -> None:
    page.goto(origin)
    press(page, page.locator("main a.button-primary"))
    press(page, page.locator(f"button[value='{subject}']"))
    expect(page.locator("#top > button")).to_have_count(2)


def test_claiming_showing_and_checking_need_no_mouse(
    browser: Browser, live_server: LiveServer
) -> None:
    page = visitor(browser)
    sign_in_by_keyboard(page, live_server.wallet, LONG_TERM)
    press(page, page.locator(".claim-action .button-primary"))
    expect(page.locator("licence-card")).to_be_visible()
    press(page, page.locator(".show-place a"))
    expect(page.locator(".qr")).to_be_visible()
    press(page, page.locator(".ways button").first)
    expect(page.locator(".short-code")).to_be_visible()
    short = page.locator(".short-code").inner_text()

    terminal = visitor(browser, width=1280)
    sign_in_by_keyboard(terminal, live_server.terminal, OFFICER)
    press(terminal, terminal.locator(".shift-screen form button"))
    expect(terminal.locator(".shift-screen form")).to_have_count(0)
    press(terminal, terminal.locator(".shift-screen button"))
    expect(terminal.locator("#code")).to_be_focused()
    terminal.keyboard.type(short)
    terminal.keyboard.press("Enter")
    expect(terminal.locator(".verdict-band")).to_have_attribute("data-verdict", "VALID")
    expect(terminal.locator("#code")).to_be_focused()

    press(page, page.locator(".used a"))
    expect(page.locator(".access").first).to_be_visible()
    press(page, page.locator(".accesses-back"))
    expect(page.locator("licence-card")).to_be_visible()


def test_the_first_stop_of_the_keyboard_leads_past_the_head(
    browser: Browser, live_server: LiveServer
) -> None:
    page = holder(browser, live_server.wallet, MOTORCYCLE)
    page.reload()
    expect(page.locator("licence-card")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator("#skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_changing_the_language_keeps_the_place_and_the_result(
    browser: Browser, live_server: LiveServer
) -> None:
    page = holder(browser, live_server.wallet, MOTORCYCLE)
    show(page)
    page.locator(".show-top a").click()
    page.locator("a[href='#accesses']").click()
    expect(page.locator(".accesses-back")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_have_text("Who checked me")
    assert page.url.endswith("#accesses")

    terminal = officer(browser, live_server.terminal)
    terminal.select_option("#vehicle-class", "D")
    terminal.get_by_role("button", name="English").click()
    expect(terminal.locator("#vehicle-class")).to_have_value("D")
    expect(terminal.locator("h1")).to_have_text("Check a licence")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_letters_of_twice_the_size_fit_a_narrow_screen(
    browser: Browser, live_server: LiveServer, language: str
) -> None:
    """Twice the size of letters at 640 px is what 320 px are at 200 % zoom (WCAG 1.4.4)."""
    large = "(html) => { html.style.fontSize = '200%'; }"
    page = visitor(browser, width=640)
    terminal = visitor(browser, width=640)
    faults = {}

    def look(one: Page, name: str) -> None:
        one.locator("html").evaluate(large)
        if overflow_of(one) > 0:
            faults[name] = overflow_of(one)

    page.goto(f"{live_server.wallet}/?lang={language}")
    page.locator("main a.button-primary").click()
    expect(page.locator("button.person").first).to_be_visible()
    look(page, "sign-in")
    page.locator(f"button[value='{MOTORCYCLE}']").click()
    action = page.locator(".claim-action .button-primary")
    expect(action).to_be_visible()
    look(page, "claim")
    action.click()
    expect(page.locator("licence-card")).to_be_visible()
    look(page, "licence")
    show(page)
    look(page, "code")
    terminal.goto(f"{live_server.terminal}/?lang={language}")
    terminal.locator("main a.button-primary").click()
    terminal.locator(f"button[value='{OFFICER}']").click()
    look(terminal, "registration")
    begin_shift(terminal)
    terminal.locator("#code").fill(shown_text(page))
    terminal.locator("#code").press("Enter")
    expect(terminal.locator(".verdict-band")).to_be_visible()
    look(terminal, "verdict")
    for screen in ("lookup", "mine", "queue", "training"):
        terminal.goto(f"{live_server.terminal}/#{screen}")
        expect(terminal.locator("h1")).to_be_visible()
        look(terminal, screen)
    assert faults == {}


def test_every_control_is_large_enough_for_a_thumb(
    browser: Browser, live_server: LiveServer
) -> None:
    """WCAG 2.5.8: at least 24 px either way; links within a sentence are exempt."""
    small = """() => Array.from(document.querySelectorAll("button, a.button, select, input"))
      .filter((one) => one.checkVisibility() && !one.classList.contains("unseen"))
      .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
      .filter(([, box]) => box.width < 24 || box.height < 24)
      .map(([name]) => name)"""
    page = holder(browser, live_server.wallet, MOTORCYCLE)
    terminal = officer(browser, live_server.terminal, width=320)
    show(page)
    assert page.evaluate(small) == []
    assert terminal.evaluate(small) == []
    assert faults_of(terminal) == []

    for width, language in ((320, "en"), (390, "zh")):  # the ways on fit one line
        terminal.set_viewport_size({"width": width, "height": 844})
        terminal.goto(f"{live_server.terminal}/?lang={language}#lookup")
        more = terminal.locator(".top-more-button")
        shown = terminal.locator(".top-nav a:visible, .top-nav button:visible")
        expect(shown).to_have_count(4)
        boxes = shown.evaluate_all("all => all.map((one) => one.getBoundingClientRect().toJSON())")
        assert len({box["top"] for box in boxes}) == 1
        assert all(box["height"] >= 44 <= box["width"] for box in boxes)
        more.press("Enter")
        expect(more).to_have_attribute("aria-expanded", "true")
        assert faults_of(terminal) == []
        terminal.keyboard.press("Tab")
        expect(terminal.locator(".top-more-list a").first).to_be_focused()
        terminal.keyboard.press("Escape")
        expect(more).to_be_focused()
        expect(more).to_have_attribute("aria-expanded", "false")
        more.press("Space")
        terminal.locator(".top-more-list a[href='#training']").press("Enter")
        expect(terminal.locator(".training h1")).to_be_focused()
