"""Terminals on the console's page: a code that is told once, and the end of a lost device."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from jiazhao.smoke.people import Officer, Visitor, named, new_check_id
from tests.browser.visits import (
    OFFICER,
    REGISTRAR,
    SECURITY,
    faults_of,
    overflow_of,
    sign_in,
    visitor,
)
from tests.houses import Town, served_town
from tests.journeys.visitors import posted

LOOKS = [("zh", "dark", 320), ("en", "light", 1280)]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served_town(tmp_path_factory.mktemp("terminals") / "state") as town:
        yield town


def sound(page: Page) -> None:
    assert faults_of(page) == []
    assert overflow_of(page) <= 0


@pytest.mark.parametrize(("language", "scheme", "width"), LOOKS)
def test_a_terminal_is_let_in_and_switched_off(
    browser: Browser, town: Town, language: str, scheme: str, width: int
) -> None:
    page = visitor(browser, width=width, color_scheme=scheme)
    sign_in(page, town.console, SECURITY, language=language)
    page.goto(f"{town.console}/#terminals")
    label = f"终端 {width}"
    page.locator("#terminal-unit").fill("样本·一大队")
    page.locator("#terminal-label").fill(label)
    page.keyboard.press("Enter")
    expect(page.locator("#registration-code")).to_be_visible()
    code = page.locator("#registration-code").inner_text()
    sound(page)

    officer = Officer(town.terminal)
    Visitor.sign_in(officer, named(OFFICER))
    officer.register(code)
    officer.open_shift()
    page.reload()
    expect(page.locator("#registration-code")).to_have_count(0)  # it was told once
    known = page.locator(".terminals .queue > li", has_text=label)
    expect(known).to_contain_text("李样本")

    known.get_by_role("button").click()
    sound(page)
    known.locator("input").fill("失")
    page.keyboard.press("Enter")
    expect(known.locator(".field-error")).to_be_visible()
    expect(known.locator("input")).to_be_focused()
    known.locator("input").fill("设备遗失")
    page.keyboard.press("Enter")
    expect(page.locator("#done")).to_be_visible()
    expect(
        page.locator(".terminals .queue > li", has_text=label).get_by_role("button")
    ).to_have_count(0)
    sound(page)

    asked = {"check_id": new_check_id(), "scanned": "2345-6789"}
    reply = posted(officer, "/presentation/checks", asked)
    assert (reply.status, reply.json()["code"]) == (401, "terminal_killed")
    officer.browser.close()


def test_no_other_staff_sees_terminals(browser: Browser, town: Town) -> None:
    page = sign_in(visitor(browser, width=1280), town.console, REGISTRAR)
    expect(page.locator("nav a[href='#photos']")).to_be_visible()
    expect(page.locator("nav a[href='#terminals']")).to_have_count(0)
