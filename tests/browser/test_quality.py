"""What every page keeps to: accessible, in two languages, narrow, and talking to nobody else."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.tour import tour
from tests.browser.visits import (
    KEEPING,
    MOTORCYCLE,
    claim,
    faults_of,
    holder,
    officer,
    overflow_of,
    sign_in,
    visitor,
)
from tests.live_server import LiveServer


def test_every_screen_is_accessible_and_fits(browser: Browser, live_server: LiveServer) -> None:
    """In one look, the darkest and narrowest; the gate `looks` takes all twelve."""
    faults = {}
    for name, page in tour(browser, live_server, language="en", scheme="dark", width=320):
        found = faults_of(page)
        if overflow_of(page) > 0:
            found.append(f"{overflow_of(page)} px too wide")
        if found:
            faults[name] = found
    assert faults == {}


def test_no_page_breaks_its_policy_or_asks_another_site(
    browser: Browser, live_server: LiveServer
) -> None:
    page = visitor(browser, **KEEPING)
    said: list[str] = []
    asked: set[str] = set()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.add(request.url))

    claim(sign_in(page, live_server.wallet, MOTORCYCLE))
    for screen in ("#show", "#accesses", "#"):
        page.goto(f"{live_server.wallet}/{screen}")
        expect(page.locator("main h1")).to_be_attached()

    own = (live_server.wallet, live_server.identity, "blob:", "data:")
    assert [url for url in asked if not url.startswith(own)] == []
    assert said == []


def test_the_language_changes_on_the_spot_and_is_kept(
    browser: Browser, live_server: LiveServer
) -> None:
    page = holder(browser, live_server.wallet, MOTORCYCLE)
    html = page.locator("html")
    expect(html).to_have_attribute("lang", "zh-CN")
    page.get_by_role("button", name="English").click()

    expect(html).to_have_attribute("lang", "en")
    expect(page.get_by_role("link", name="Show", exact=True)).to_be_visible()
    expect(page.locator("#language")).to_be_focused()
    page.goto(f"{live_server.wallet}/")
    expect(html).to_have_attribute("lang", "en")


@pytest.mark.parametrize("origin", ["wallet", "terminal"])
def test_without_script_the_page_says_why_it_is_empty(
    browser: Browser, live_server: LiveServer, origin: str
) -> None:
    page = visitor(browser, java_script_enabled=False)
    page.goto(getattr(live_server, origin))
    expect(page.locator("noscript p")).to_contain_text("JavaScript")


def test_nothing_moves_for_who_asked_for_less_motion(
    browser: Browser, live_server: LiveServer
) -> None:
    page = holder(browser, live_server.wallet, MOTORCYCLE, reduced_motion="reduce")
    page.locator(".home-switches button").first.click()
    assert page.evaluate("document.getAnimations().length") == 0


def test_the_whole_terminal_works_by_keyboard(browser: Browser, live_server: LiveServer) -> None:
    terminal = officer(browser, live_server.terminal)
    terminal.keyboard.type("ABCD-EFGH")
    terminal.keyboard.press("Enter")
    expect(terminal.locator(".verdict-band")).to_have_attribute("data-verdict", "CANNOT_CONFIRM")
    terminal.keyboard.press("Shift+Tab")  # from the code back to the class
    expect(terminal.locator("#vehicle-class")).to_be_focused()
    for _ in range(3):
        terminal.keyboard.press("Shift+Tab")
    focused = terminal.evaluate("document.activeElement.textContent")
    assert focused
