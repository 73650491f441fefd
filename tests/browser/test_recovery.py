"""Recovery on the console's page: one asks, another one approves, and the driver sees it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from jiazhao.licence.identifiers import HolderId
from tests.browser.visits import CLERK, REGISTRAR, faults_of, overflow_of, sign_in, visitor
from tests.houses import Town, served_town

AUDITOR = "auditor-wu"
PIN = "730418"
LOOKS = [("zh", "dark", 320, "sp-000001"), ("en", "light", 1280, "sp-000003")]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served_town(tmp_path_factory.mktemp("recovery") / "state") as town:
        yield town


def number_of(town: Town, holder: str) -> str:
    with town.house.database.reading() as db:
        licence = town.house.register.licence_of(db, HolderId(holder), at=town.clock())
    return licence.person.identity_number


def sound(page: Page) -> None:
    assert faults_of(page) == []
    assert overflow_of(page) <= 0


def with_pin(browser: Browser, town: Town, holder: str) -> Page:
    page = visitor(browser)
    page.add_init_script("delete window.PublicKeyCredential")
    sign_in(page, town.wallet, holder)
    page.goto(f"{town.wallet}/#passkeys")
    page.locator("#new-pin").fill(PIN)
    page.locator("#new-pin-again").fill(PIN)
    page.locator("#new-pin-again").press("Enter")
    expect(page.locator(".pin-keys .own-keys li")).to_have_count(1)
    return page


@pytest.mark.parametrize(("language", "scheme", "width", "holder"), LOOKS)
def test_one_asks_another_approves_and_the_driver_sees_it(
    browser: Browser, town: Town, language: str, scheme: str, width: int, holder: str
) -> None:
    def console(subject: str) -> Page:
        page = visitor(browser, width=width, color_scheme=scheme)
        sign_in(page, town.console, subject, language=language)
        page.goto(f"{town.console}/#recoveries")
        expect(page.locator(".recoveries h2").first).to_be_visible()
        return page

    wallet = with_pin(browser, town, holder)
    clerk, registrar = console(CLERK), console(REGISTRAR)
    sound(clerk)
    clerk.locator("#recovery-id").fill(number_of(town, holder))
    clerk.locator("#recovery-reason").select_option("lost")
    clerk.locator("#recovery-note").fill("核对了身份证原件")
    send = clerk.locator("form .button-primary")
    send.click()
    expect(clerk.locator("form .notice-bad")).to_be_visible()  # nobody was seen
    sound(clerk)
    clerk.locator("#recovery-seen").check()
    send.click()
    expect(clerk.locator("#done")).to_be_focused()
    expect(clerk.locator(".requests > li .button")).to_have_count(1)  # to take it back
    sound(clerk)

    wallet.reload()
    expect(wallet.locator(".own-passkeys .notice-warn").first).to_contain_text("孙样本")

    town.clock.later(seconds=1)
    registrar.reload()
    entry = registrar.locator(".requests > li")
    expect(entry).to_have_count(1)
    sound(registrar)
    entry.locator(".button-primary").click()
    expect(entry.locator(".notice .button-primary")).to_be_focused()
    sound(registrar)
    registrar.keyboard.press("Enter")
    expect(registrar.locator("#done")).to_be_focused()
    expect(entry.locator(".button")).to_have_count(0)
    registrar.locator(".decided summary").click()
    sound(registrar)

    expect(wallet.locator(".welcome")).to_be_visible()
    town.clock.later(seconds=1)
    sign_in(wallet, town.wallet, holder)
    wallet.goto(f"{town.wallet}/#passkeys")
    expect(wallet.locator(".own-passkeys .notice-info").first).to_contain_text("钱样本")
    sound(wallet)
    wallet.goto(f"{town.wallet}/#accesses")
    expect(wallet.locator(".access").first).to_contain_text("登记员 钱样本")
    expect(wallet.locator(".access").nth(1)).to_contain_text("窗口人员 孙样本")
    sound(wallet)


def test_an_auditor_reads_and_asks_nothing(browser: Browser, town: Town) -> None:
    page = sign_in(visitor(browser, width=390), town.console, AUDITOR)
    page.locator("a[href='#recoveries']").click()
    expect(page.locator(".recoveries h2").first).to_be_visible()
    expect(page.locator("form")).to_have_count(0)
    sound(page)
