"""Passkeys on the pages, with an authenticator that Chromium plays."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.visits import (
    NORMAL,
    OFFICER,
    REGISTRAR,
    begin_shift,
    faults_of,
    holder,
    overflow_of,
    sign_in,
    visitor,
)
from tests.houses import Town, served_town

PHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("passkeys")
    with served_town(folder / "state", staff_need_passkeys=True) as town:
        yield town


def with_phone(page: Page) -> Page:
    """Give a browser an authenticator that agrees to everything."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": PHONE})
    return page


def sound(page: Page) -> None:
    assert faults_of(page) == []
    assert overflow_of(page) <= 0


def test_a_driver_registers_one_comes_back_with_it_and_removes_it(
    browser: Browser, town: Town
) -> None:
    page = with_phone(holder(browser, town.wallet, NORMAL, width=320))
    page.locator("a[href='#passkeys']").click()
    expect(page.locator(".own-passkeys .notice-info")).to_be_visible()
    sound(page)
    page.locator("#passkey-label").fill("我的手机")
    page.locator("#passkey-label").press("Enter")
    expect(page.locator(".own-keys h2")).to_have_text("我的手机")
    page.locator("#top button").last.click()

    page.locator(".welcome button").click()

    expect(page.locator("licence-card")).to_be_visible()
    page.locator("a[href='#passkeys']").click()
    expect(page.locator(".own-keys li")).to_contain_text("本次登录使用的就是它")
    expect(page.locator("a[href='/sign-in?return=/%23passkeys&fresh=1']")).to_be_visible()
    sound(page)
    page.locator(".own-keys button").click()
    page.keyboard.press("Enter")  # the question has the focus
    # The session ended with the key that opened it; the licence stays on its phone.
    expect(page.locator(".confirmed")).to_contain_text("登录已过期")


def test_a_phone_without_them_is_offered_none(browser: Browser, town: Town) -> None:
    page = visitor(browser)
    page.add_init_script("delete window.PublicKeyCredential")
    page.goto(town.wallet)
    expect(page.locator("main a.button-primary")).to_be_visible()
    expect(page.locator(".welcome button")).to_have_count(0)


def test_an_officer_has_the_terminal_after_the_second_step(browser: Browser, town: Town) -> None:
    page = with_phone(sign_in(visitor(browser), town.terminal, OFFICER, language="en"))
    go = page.locator(".second-factor .button-primary")
    expect(go).to_have_text("Register and show it")
    sound(page)
    go.click()
    begin_shift(page)

    page.locator("#top button").last.click()
    expect(page.locator("main a.button-primary")).to_be_visible()
    sign_in(page, town.terminal, OFFICER, language="en")
    expect(go).to_have_text("Show the passkey")
    expect(page.locator("#code")).to_have_count(0)
    go.click()
    page.locator(".shift-screen button").click()
    expect(page.locator("#code")).to_be_visible()
    page.get_by_role("button", name="More").click()
    page.locator("a[href='#passkeys']").click()
    expect(page.locator(".own-keys li")).to_have_count(1)
    page.locator(".own-keys button").click()
    page.keyboard.press("Enter")
    expect(page.locator(".own-passkeys .notice-bad")).to_contain_text("only passkey")
    sound(page)


def test_a_registrar_has_the_console_after_the_second_step(browser: Browser, town: Town) -> None:
    page = with_phone(sign_in(visitor(browser, width=320), town.console, REGISTRAR))
    go = page.locator(".second-factor .button-primary")
    expect(go).to_have_text("登记并验证")
    sound(page)
    go.click()
    expect(page.locator(".photos h1")).to_be_visible()
    page.locator("a[href='#passkeys']").click()
    expect(page.locator(".own-keys li")).to_have_count(1)
    sound(page)


def test_who_was_not_allowed_is_told_whom_to_ask(browser: Browser, town: Town) -> None:
    town.clock.later(hours=25)
    page = with_phone(sign_in(visitor(browser), town.terminal, "officer-zhao"))
    expect(page.locator(".second-factor .notice-warn")).to_contain_text("安全管理员")
    expect(page.locator(".second-factor button")).to_have_count(0)
    sound(page)
