"""A PIN on the pages of a phone that has no Web Authentication."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.visits import NORMAL, faults_of, overflow_of, sign_in, visitor
from tests.houses import Town, served_town

PIN, OTHER = "730418", "926035"
PLAIN = "delete window.PublicKeyCredential"
LOOKS = [("zh", "dark"), ("en", "light")]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served_town(tmp_path_factory.mktemp("pin") / "state") as town:
        yield town


def plain_phone(browser: Browser, town: Town, language: str, scheme: str) -> Page:
    page = visitor(browser, width=320, color_scheme=scheme)
    page.add_init_script(PLAIN)
    return sign_in(page, town.wallet, NORMAL, language=language)


def sound(page: Page) -> None:
    assert faults_of(page) == []
    assert overflow_of(page) <= 0


def leave(page: Page) -> None:
    page.locator("#top button").last.click()
    expect(page.locator(".welcome")).to_be_visible()


def set_pin(page: Page, pin: str, again: str | None = None) -> None:
    page.locator("#new-pin").fill(pin)
    page.locator("#new-pin-again").fill(pin if again is None else again)
    page.locator("#new-pin-again").press("Enter")


@pytest.mark.parametrize(("language", "scheme"), LOOKS)
def test_a_driver_sets_one_and_comes_back_with_it_until_it_is_locked(
    browser: Browser, town: Town, language: str, scheme: str
) -> None:
    page = plain_phone(browser, town, language, scheme)
    page.goto(f"{town.wallet}/#passkeys")
    expect(page.locator(".own-passkeys .notice-warn")).to_contain_text("PIN")
    sound(page)
    refusal = page.locator(".pin-keys .notice-bad")
    for pin, again, said in (
        ("12345", None, {"zh": "六位", "en": "six digits"}),
        (PIN, OTHER, {"zh": "不一致", "en": "differ"}),
        ("123456", None, {"zh": "顺序", "en": "sequence"}),
        ("000000", None, {"zh": "三个不同", "en": "three different"}),
    ):
        set_pin(page, pin, again)
        expect(refusal).to_contain_text(said[language])
    sound(page)
    set_pin(page, PIN)
    expect(page.locator(".pin-keys .own-keys li")).to_have_count(1)
    sound(page)
    leave(page)

    field = page.locator("#pin")
    expect(field).to_be_visible()
    sound(page)
    field.fill(OTHER)
    field.press("Enter")
    expect(page.locator(".pin-form .notice-bad")).to_be_visible()
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    sound(page)
    field.fill(PIN)
    field.press("Enter")
    expect(page.locator(".welcome")).to_have_count(0)
    page.goto(f"{town.wallet}/#passkeys")
    key = page.locator(".pin-keys .own-keys li")
    expect(key).to_contain_text({"zh": "本次登录", "en": "signed in with"}[language])

    key.locator("button").click()
    page.keyboard.press("Enter")  # the question has the focus
    expect(page.locator(".welcome")).to_be_visible()
    expect(field).to_have_count(0)


def test_five_wrong_ones_lock_it_and_the_page_says_where_to_go(
    browser: Browser, town: Town
) -> None:
    page = plain_phone(browser, town, "zh", "light")
    page.goto(f"{town.wallet}/#passkeys")
    set_pin(page, PIN)
    expect(page.locator(".pin-keys .own-keys li")).to_have_count(1)
    leave(page)
    said = page.locator(".pin-form .notice-bad")
    for _ in range(5):
        page.locator("#pin").fill(OTHER)
        with page.expect_response("**/sign-in/pin"):
            page.locator("#pin").press("Enter")
        expect(said).to_be_visible()
    expect(said).to_contain_text("已锁定")
    page.locator("#pin").fill(PIN)
    page.locator("#pin").press("Enter")
    expect(said).to_contain_text("车辆管理所")

    sign_in(page, town.wallet, NORMAL)
    page.goto(f"{town.wallet}/#passkeys")
    expect(page.locator(".pin-keys .notice-bad")).to_contain_text("车辆管理所")
    expect(page.locator("#new-pin")).to_have_count(0)
    sound(page)


def test_the_phone_keeps_a_key_that_does_not_leave_it_and_nothing_of_the_pin(
    browser: Browser, town: Town
) -> None:
    page = visitor(browser)
    page.add_init_script(PLAIN)
    sign_in(page, town.wallet, "sp-000003")
    page.goto(f"{town.wallet}/#passkeys")
    set_pin(page, PIN)
    expect(page.locator(".pin-keys .own-keys li")).to_have_count(1)
    kept = page.evaluate(
        """async () => {
          const asked = indexedDB.open("jiazhao-pin");
          await new Promise((done) => { asked.onsuccess = done; });
          const all = asked.result.transaction("keys").objectStore("keys").getAll();
          await new Promise((done) => { all.onsuccess = done; });
          const [{ keyPair, ...names }] = all.result;
          const leaves = await crypto.subtle.exportKey("jwk", keyPair.privateKey)
            .then(() => true, () => false);
          return { names: Object.keys(names).sort(), leaves, all: JSON.stringify(names),
                   stored: JSON.stringify([{ ...localStorage }, { ...sessionStorage }]) };
        }"""
    )
    assert (kept["names"], kept["leaves"]) == (["accountId", "keyId"], False)
    assert PIN not in kept["all"] + kept["stored"]


def test_where_passkeys_are_made_they_come_first(browser: Browser, town: Town) -> None:
    page = visitor(browser)
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    sign_in(page, town.wallet, "sp-000007")
    page.goto(f"{town.wallet}/#passkeys")
    expect(page.locator("#passkey-label")).to_be_visible()
    expect(page.locator(".pin-keys summary")).to_be_visible()
    expect(page.locator("#new-pin")).not_to_be_visible()
    page.locator(".pin-keys summary").click()
    expect(page.locator("#new-pin")).to_be_visible()
