"""Terminals on the console's page: a code that is told once, and the end of a lost device."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from jiazhao.presentation import store
from jiazhao.presentation.record_messages import FollowUpKind
from jiazhao.presentation.store import FollowUp
from jiazhao.smoke.people import Officer, Visitor, named, new_check_id
from jiazhao.storage import schema
from jiazhao.storage.engine import Connection
from jiazhao.storage.names import new_name
from tests.browser.visits import (
    OFFICER,
    REGISTRAR,
    SECURITY,
    faults_of,
    overflow_of,
    sign_in,
    visitor,
)
from tests.browser.visits import officer as terminal_of_officer
from tests.houses import Town, served_town
from tests.journeys.visitors import eventually, posted

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


NEWEST = """() => new Promise((resolve) => {
  const asked = indexedDB.open("jiazhao-terminal");
  asked.onsuccess = () => {
    const found = asked.result.transaction("own").objectStore("own").get("newest");
    found.onsuccess = () => { asked.result.close(); resolve(found.result); };
  };
})"""


def became_known(town: Town, kind: FollowUpKind) -> None:
    """Something becomes known of a check by whoever registered the newest terminal."""
    now = town.clock()
    newest = sa.select(schema.terminal.c.registered_by).order_by(
        schema.terminal.c.registered_at.desc().nulls_last(), schema.terminal.c.terminal_id.desc()
    )

    def act(db: Connection) -> None:
        account = db.execute(newest.limit(1)).scalar_one()
        told = FollowUp(account, new_name(now), kind, new_check_id(), now, now)
        store.add_follow_up(db, told)

    town.house.database.write(act)
    town.clock.later(seconds=1)


def test_an_open_terminal_takes_a_newer_list_and_tells_what_became_known(
    browser: Browser, town: Town
) -> None:
    town.clock.later(minutes=(58 - town.clock().minute) % 60)
    town.house.worker.publish_snapshot()
    page = terminal_of_officer(browser, town.terminal, width=320)
    before = page.evaluate(NEWEST)
    town.clock.later(minutes=5)
    assert town.house.worker.publish_snapshot() is not None
    eventually(lambda: page.evaluate(NEWEST), lambda newest: newest > before)

    told = page.locator("#banner .told")
    expect(told).to_have_count(0)
    became_known(town, FollowUpKind.USED_ELSEWHERE)
    expect(told).to_contain_text("后续情况")
    expect(page.locator("#code")).to_be_visible()  # the screen is left as it was
    sound(page)
    told.get_by_role("link").click()
    known = page.locator(".follow-ups li")
    expect(known).to_have_count(1)
    expect(known).to_contain_text("另在别处被核验过")
    expect(told).to_have_count(0)

    became_known(town, FollowUpKind.REVOKED_SINCE)
    expect(known).to_have_count(2)
    expect(known.first).to_contain_text("离线名单尚未得知")
    expect(told).to_have_count(0)


def test_no_other_staff_sees_terminals(browser: Browser, town: Town) -> None:
    page = sign_in(visitor(browser, width=1280), town.console, REGISTRAR)
    expect(page.locator("nav a[href='#photos']")).to_be_visible()
    expect(page.locator("nav a[href='#terminals']")).to_have_count(0)
