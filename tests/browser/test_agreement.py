"""The page on which a driver agrees to a wallet of others: by keyboard, without script, narrow."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.agreements import WALLET, answered, asked, pushed
from tests.browser.visits import (
    DETAINED,
    FOREIGNER,
    MOTORCYCLE,
    claim,
    faults_of,
    overflow_of,
    sign_in,
    visitor,
)
from tests.live_server import LiveServer

LONG_NAME = "https://a-wallet-with-a-name-that-is-longer-than-a-narrow-phone-is-wide.example"


def focused(page: Page) -> str:
    """The value of the button that has the focus."""
    value: str = page.evaluate("document.activeElement.value ?? ''")
    return value


def told(address: str) -> dict[str, str]:
    """What the wallet is told."""
    assert address.startswith(f"{WALLET}/callback?")
    return {name: one[0] for name, one in parse_qs(urlsplit(address).query).items()}


def test_the_page_says_who_asks_and_what_for_in_both_languages(
    browser: Browser, live_server: LiveServer
) -> None:
    page = asked(visitor(browser), live_server, FOREIGNER)
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator("main strong")).to_have_text(WALLET)
    for words in ("领取到该钱包？", "仅当您刚刚在该钱包中自己发起时才同意", "样本"):
        expect(page.locator("main")).to_contain_text(words)
    english = " ".join(page.locator("[lang=en]").all_inner_texts())
    for words in ("Put your licence into this wallet?", "Agree only if you started this yourself"):
        assert words in " ".join(english.split())


@pytest.mark.parametrize("scripted", [True, False], ids=["script", "no script"])
def test_a_driver_agrees_with_the_keyboard_alone(
    browser: Browser, live_server: LiveServer, scripted: bool
) -> None:
    page = asked(visitor(browser, java_script_enabled=scripted), live_server, FOREIGNER)
    seen = answered(page)
    page.keyboard.press("Tab")
    expect(page.locator("button[value=agree]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_title("wallet")
    said = told(seen[0])
    assert said.keys() == {"code", "iss", "state"}
    assert (said["iss"], said["state"]) == (live_server.wallet, "a state")


def test_a_driver_refuses_with_the_keyboard_alone(
    browser: Browser, live_server: LiveServer
) -> None:
    page = asked(visitor(browser), live_server, FOREIGNER)
    seen = answered(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert focused(page) == "refuse"
    page.keyboard.press("Space")
    expect(page).to_have_title("wallet")
    assert told(seen[0])["error"] == "access_denied"


def test_who_has_the_licence_elsewhere_is_warned(browser: Browser, live_server: LiveServer) -> None:
    claim(sign_in(visitor(browser), live_server.wallet, MOTORCYCLE))
    page = asked(visitor(browser), live_server, MOTORCYCLE)
    expect(page.get_by_role("note")).to_contain_text("另一设备上的电子驾驶证将失效")
    expect(page.get_by_role("note")).to_contain_text("will end")


def test_where_the_law_says_no_there_is_only_the_way_back(
    browser: Browser, live_server: LiveServer
) -> None:
    page = asked(visitor(browser), live_server, DETAINED)
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.locator("button[value=agree]")).to_have_count(0)
    seen = answered(page)
    page.locator("button[value=refuse]").click()
    expect(page).to_have_title("wallet")
    assert told(seen[0])["error"] == "access_denied"


def test_what_was_decided_is_not_asked_again(browser: Browser, live_server: LiveServer) -> None:
    page = asked(visitor(browser), live_server, FOREIGNER)
    answered(page)
    address = page.url
    page.locator("button[value=refuse]").click()
    expect(page).to_have_title("wallet")
    page.goto(address)
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("link")).to_have_attribute("href", "/")
    assert faults_of(page) == []


def test_a_long_name_does_not_widen_a_narrow_phone(
    browser: Browser, live_server: LiveServer
) -> None:
    page = asked(
        visitor(browser, width=320), live_server, FOREIGNER, redirect_uri=f"{LONG_NAME}/callback"
    )
    expect(page.locator("main strong")).to_have_text(LONG_NAME)
    assert overflow_of(page) == 0
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert overflow_of(page) == 0


def test_a_stranger_is_asked_to_sign_in_first(browser: Browser, live_server: LiveServer) -> None:
    page = visitor(browser)
    page.goto(pushed(live_server))
    expect(page.locator(f"button[value='{FOREIGNER}']")).to_be_visible()
    assert page.url.startswith(live_server.identity)
