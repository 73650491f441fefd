"""Devices that come by themselves: what they take home, and how a copied one is noticed."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import APIResponse, Browser, BrowserContext, Page, Route, expect

from tests.browser.visits import (
    ARGUMENTS,
    CHROMIUM,
    LONG_TERM,
    MIDDLE_DOT,
    MOTORCYCLE,
    RARE_NAME,
    claim,
    context_of,
    holder,
    sign_in,
    visitor,
)
from tests.live_server import LiveServer

COPIES = 20
"""A batch in each of two formats."""
TRIES, PAUSE = 100, 200

INSTANCE = """async () => {
  const settled = (asked) => new Promise((done) => { asked.onsuccess = () => done(asked.result); });
  const database = await settled(indexedDB.open("jiazhao-wallet"));
  const all = await settled(database.transaction("instances").objectStore("instances").getAll());
  database.close();
  const { counter, contact, pending, copies = [], keyPair } = all.at(-1);
  const points = await Promise.all(copies.map(({ keyPair }) =>
    crypto.subtle.exportKey("jwk", keyPair.publicKey).then(({ x }) => x)));
  return {
    counter, pending, n: contact?.n, state: contact?.state, days: contact?.dayKeys.length,
    formats: copies.map(({ format }) => format), keys: new Set(points).size,
    extractable: [keyPair, ...copies.map((copy) => copy.keyPair)]
      .some(({ privateKey }) => privateKey.extractable),
  };
}"""


def until(page: Page, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Return what the wallet keeps of its licence as soon as `holds` does."""
    kept: dict[str, Any] = page.evaluate(INSTANCE)
    for _ in range(TRIES):
        if holds(kept):
            return kept
        page.wait_for_timeout(PAUSE)
        kept = page.evaluate(INSTANCE)
    raise AssertionError(f"the wallet keeps only {kept}")


def refilled(page: Page) -> dict[str, Any]:
    """Return what the wallet keeps once it has made contact and refilled."""
    return until(page, lambda kept: kept["keys"] >= COPIES and kept["pending"] is None)


def contacted(page: Page) -> dict[str, Any]:
    """Load the page anew and return the answer to the contact that it makes."""
    with page.expect_response("**/wallet/contacts") as told:
        page.reload()
    answer: dict[str, Any] = told.value.json()
    return answer


@contextmanager
def profile(browser: Browser, folder: Path) -> Iterator[BrowserContext]:
    """Open a browser whose profile lies in a folder, as a phone's does."""
    context = browser.browser_type.launch_persistent_context(
        folder, executable_path=CHROMIUM, args=ARGUMENTS, viewport={"width": 390, "height": 844}
    )
    context.set_default_timeout(15_000)
    yield context
    context.close()


def test_after_a_claim_the_wallet_has_copies_to_use_once_and_keys_for_a_month(
    browser: Browser, live_server: LiveServer
) -> None:
    kept = refilled(holder(browser, live_server.wallet, MOTORCYCLE))

    assert sorted(set(kept["formats"])) == ["dc+sd-jwt", "mso_mdoc"]
    assert kept["keys"] == len(kept["formats"]) == COPIES
    assert kept["extractable"] is False
    assert (kept["state"], kept["days"], kept["pending"]) == ("live", 31, None)


def test_an_answer_that_was_lost_is_asked_for_again_and_nobody_is_taken_for_a_copy(
    browser: Browser, live_server: LiveServer
) -> None:
    page = holder(browser, live_server.wallet, MOTORCYCLE)
    before = refilled(page)

    def lose(route: Route) -> None:
        route.fetch()  # the service has heard it
        route.abort()

    page.route("**/wallet/contacts", lose)
    page.reload()
    expect(page.locator("licence-card")).to_be_visible()
    until(page, lambda kept: kept["pending"] is not None)
    page.unroute_all(behavior="wait")

    assert contacted(page)["state"] == "live"
    after = refilled(page)
    assert (after["n"], after["pending"]) == (before["n"] + 1, None)
    assert contacted(page)["state"] == "live"


def test_of_two_copies_of_one_profile_the_later_is_noticed_and_both_are_frozen(
    browser: Browser, live_server: LiveServer, tmp_path: Path
) -> None:
    original, copy = tmp_path / "original", tmp_path / "copy"
    with profile(browser, original) as context:
        page = claim(sign_in(context.new_page(), live_server.wallet, MIDDLE_DOT))
        refilled(page)
    shutil.copytree(original, copy, symlinks=True)

    with profile(browser, original) as context:
        page = context.new_page()
        page.goto(live_server.wallet)
        expect(page.locator("licence-card")).to_be_visible()  # it goes on from where it was
        refilled(page)
        with profile(browser, copy) as other:
            copied = other.new_page()
            copied.goto(live_server.wallet)
            expect(copied.locator("h1")).to_have_text("发现此设备被复制")
            expect(copied.locator("licence-card")).to_have_count(0)
            copied.goto(f"{live_server.wallet}/#show")
            expect(copied.locator(".qr")).to_have_count(0)

        assert contacted(page)["state"] == "frozen"
        expect(page.locator("h1")).to_have_text("电子驾驶证已冻结")
        page.goto(f"{live_server.wallet}/#show")
        expect(page.locator(".qr")).to_have_count(0)


def test_a_lost_phone_is_frozen_from_another_browser_and_released_again(
    browser: Browser, live_server: LiveServer
) -> None:
    lost = holder(browser, live_server.wallet, RARE_NAME)
    refilled(lost)
    page = sign_in(visitor(browser), live_server.wallet, RARE_NAME)
    page.goto(f"{live_server.wallet}/#devices")
    page.get_by_role("button", name="立即冻结电子驾驶证").click()
    page.get_by_role("button", name="确定冻结").click()
    expect(page.locator(".notice-bad").first).to_contain_text("已冻结")

    assert contacted(lost)["state"] == "frozen"
    expect(lost.locator("h1")).to_have_text("电子驾驶证已冻结")
    expect(lost.locator("licence-card")).to_have_count(0)

    lost.get_by_role("link", name="设备与挂失").click()  # found again, and still signed in
    lost.get_by_role("button", name="解除冻结").click()
    expect(lost.get_by_role("button", name="立即冻结电子驾驶证")).to_be_visible()
    lost.goto(f"{live_server.wallet}/#")
    expect(lost.locator("licence-card")).to_be_visible()
    assert contacted(lost)["state"] == "live"


def test_a_release_is_seen_though_a_contact_from_before_it_is_answered_late(
    browser: Browser, live_server: LiveServer
) -> None:
    page = holder(browser, live_server.wallet, MOTORCYCLE)
    refilled(page)
    page.goto(f"{live_server.wallet}/#devices")
    page.get_by_role("button", name="立即冻结电子驾驶证").click()
    page.get_by_role("button", name="确定冻结").click()
    until(page, lambda kept: kept["state"] == "frozen")
    late: list[tuple[Route, APIResponse]] = []

    def hold_the_first(route: Route) -> None:
        if late:
            route.continue_()
        else:
            late.append((route, route.fetch()))

    page.route("**/wallet/contacts", hold_the_first)
    page.reload()
    release = page.get_by_role("button", name="解除冻结")
    expect(release).to_be_visible()
    while not late:
        page.wait_for_timeout(PAUSE)

    with page.expect_response("**/wallet/unfreeze"):
        release.click()
    route, answer = late[0]
    route.fulfill(response=answer)

    until(page, lambda kept: kept["state"] == "live")
    page.goto(f"{live_server.wallet}/#")
    expect(page.locator("licence-card")).to_be_visible()


def test_a_store_that_the_browser_wiped_is_told_and_restored_in_two_taps(
    browser: Browser, live_server: LiveServer
) -> None:
    page = holder(browser, live_server.wallet, LONG_TERM)
    refilled(page)
    page.goto("about:blank")
    page.goto(f"{live_server.wallet}/livez")  # of the same origin, and without our scripts
    wipe = """async () => {
      const names = (await indexedDB.databases()).map(({ name }) => name);
      await Promise.all(names.map((name) => new Promise((done) => {
        indexedDB.deleteDatabase(name).onsuccess = done;
      })));
      await Promise.all((await caches.keys()).map((name) => caches.delete(name)));
    }"""
    page.evaluate(wipe)
    taps = 0

    page.goto(live_server.wallet)
    expect(page.locator("h1")).to_have_text("浏览器清除了此设备上的驾驶证")
    page.get_by_role("button", name="恢复到此设备").click()
    taps += 1
    expect(page.locator("licence-card")).to_be_visible()
    assert taps <= 2

    context_of(page).clear_cookies()
    page.goto(f"{live_server.wallet}/livez")
    page.evaluate(wipe)
    page.goto(live_server.wallet)
    expect(page.locator("main .notice")).to_contain_text("浏览器清除了此设备上的驾驶证")
