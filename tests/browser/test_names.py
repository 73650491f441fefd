"""Names that systems lose, from the file of an import to the pages of wallet, terminal, console."""

import json
from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, Page, expect

from jiazhao import specimen
from jiazhao.licence.identifiers import HolderId
from tests.browser.visits import (
    CLERK,
    LONG_TERM,
    MOTORCYCLE,
    NORMAL,
    claim,
    faults_of,
    officer,
    overflow_of,
    show,
    shown_text,
    sign_in,
    visitor,
)
from tests.houses import Town, served_town

NAMES = {
    NORMAL: ("\U00020bb7", "㛃\U0002c8e1"),  # two beyond the Basic Multilingual Plane: 𠮷, 𬣡
    MOTORCYCLE: ("阿卜杜热合曼", "·买买提明"),  # a middle dot, U+00B7
    LONG_TERM: ("䶮", "\U00030edd"),  # the plane after the next: 𰻝
}
PIN = "730418"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    usual = specimen.people

    def renamed(count: int, seed: int, on: date) -> Iterator[bytes]:
        for line in usual(count, seed, on):
            told = json.loads(line)
            for person in told["persons"]:
                if told["holder_id"] in NAMES:
                    person["family_name"], person["given_name"] = NAMES[told["holder_id"]]
            yield json.dumps(told, ensure_ascii=False).encode()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(specimen, "people", renamed)
        with served_town(tmp_path_factory.mktemp("names") / "state") as town:
            yield town


def sound(page: Page) -> None:
    assert faults_of(page) == []
    assert overflow_of(page) <= 0


@pytest.mark.parametrize("holder", list(NAMES))
def test_a_name_arrives_everywhere_as_it_was_imported(
    browser: Browser, town: Town, holder: str
) -> None:
    name = "".join(NAMES[holder])
    with town.house.database.reading() as db:
        person = town.house.register.licence_of(db, HolderId(holder), at=town.clock()).person
    assert person.name == name

    wallet = visitor(browser, width=320)
    wallet.add_init_script("delete window.PublicKeyCredential")
    claim(sign_in(wallet, town.wallet, holder))
    expect(wallet.locator("licence-card")).to_contain_text(name)
    sound(wallet)
    show(wallet)
    expect(wallet.locator(".show-who")).to_contain_text(name)

    terminal = officer(browser, town.terminal)
    terminal.locator("#code").fill(shown_text(wallet))
    terminal.locator("#code").press("Enter")
    expect(terminal.locator(".person")).to_contain_text(name)

    wallet.goto(f"{town.wallet}/#passkeys")
    for field in ("#new-pin", "#new-pin-again"):
        wallet.locator(field).fill(PIN)
    wallet.locator("#new-pin-again").press("Enter")
    expect(wallet.locator(".pin-keys .own-keys li")).to_have_count(1)
    clerk = sign_in(visitor(browser, width=320), town.console, CLERK)
    clerk.locator("#recovery-id").fill(person.identity_number)
    clerk.locator("#recovery-reason").select_option("lost")
    clerk.locator("#recovery-note").fill("核对了身份证原件")
    clerk.locator("#recovery-seen").check()
    clerk.locator("form .button-primary").click()
    asked = clerk.locator(".requests > li").last
    expect(asked.locator("h3")).to_contain_text(name)
    sound(clerk)
