"""What the wallet keeps of the licence: on the screen at once, sealed, gone when deleted."""

import json

from playwright.sync_api import Browser, Page, expect

from tests.browser.visits import KEEPING, MOTORCYCLE, NORMAL, context_of, holder
from tests.live_server import LiveServer

FIRST_SEEN = 1000
"""Milliseconds from the start of the page until the licence is there (experience: D3)."""

ENTRIES = """async () => {
  const settled = (asked) => new Promise((done) => { asked.onsuccess = () => done(asked.result); });
  const names = (await indexedDB.databases()).map(({ name }) => name);
  if (!names.includes("jiazhao-kept")) return null;
  const database = await settled(indexedDB.open("jiazhao-kept"));
  const all = await settled(database.transaction("kept").objectStore("kept").getAll());
  database.close();
  const plain = (value) => value instanceof ArrayBuffer ? new TextDecoder("latin1").decode(value)
    : value instanceof CryptoKey ? `key ${value.extractable}`
    : value && typeof value === "object" ? Object.fromEntries(
        Object.entries(value).map(([name, one]) => [name, plain(one)]))
    : value;
  return all.map(plain);
}"""


def no_answer(page: Page, wallet: str) -> None:
    """Let no door of the service be reached; the page itself still loads."""
    for doors in ("session", "wallet/**", "events"):
        page.route(f"{wallet}/{doors}", lambda route: route.abort())


def test_the_kept_licence_is_there_within_a_second_and_says_how_old_it_is(
    browser: Browser, live_server: LiveServer
) -> None:
    page = holder(browser, live_server.wallet, NORMAL, **KEEPING)
    number = page.locator(".card-number dd").inner_text()
    no_answer(page, live_server.wallet)
    page.add_init_script(
        """new MutationObserver(() => {
          if (window.seenAt === undefined && document.querySelector("licence-card img"))
            window.seenAt = performance.now();
        }).observe(document, { childList: true, subtree: true });"""
    )

    page.reload()

    expect(page.locator(".card-number dd")).to_have_text(number)
    assert page.evaluate("window.seenAt") < FIRST_SEEN
    expect(page.locator(".confirmed .notice")).to_contain_text("离线（自")
    drawn = "image => image.complete && image.naturalWidth > 0"
    assert page.locator("img.card-photo").evaluate(drawn)
    expect(page.locator("#banner p")).to_be_visible()  # a made-up licence says so here too


def test_what_is_kept_names_nobody_without_its_key(
    browser: Browser, live_server: LiveServer
) -> None:
    page = holder(browser, live_server.wallet, NORMAL)
    expect(page.locator(".confirmed")).to_be_visible()
    page.wait_for_timeout(2500)  # the second answer at the latest is kept

    kept = page.evaluate(ENTRIES)

    said = json.dumps(kept, ensure_ascii=False)
    name = page.locator(".card-name").inner_text().split("\n")[0]
    assert {entry["name"] for entry in kept} >= {"licence", "seal", "clock"}
    assert "key false" in said
    assert name not in said
    assert "licence_number" not in said


def test_everything_is_deleted_without_the_service_and_in_every_tab(
    browser: Browser, live_server: LiveServer
) -> None:
    page = holder(browser, live_server.wallet, MOTORCYCLE, **KEEPING)
    other = context_of(page).new_page()
    other.goto(live_server.wallet)
    expect(other.locator("licence-card")).to_be_visible()
    page.goto(f"{live_server.wallet}/#delete")
    context_of(page).set_offline(True)

    page.locator("main .button").last.click()
    page.get_by_role("button", name="确定删除").click()

    for tab in (page, other):
        expect(tab.locator("h1")).to_have_text("已全部删除")
    assert page.evaluate("indexedDB.databases()") == []
    assert page.evaluate("caches.keys()") == []
    assert page.evaluate("localStorage.length") == 0
    context_of(page).set_offline(False)
    page.wait_for_timeout(2500)  # longer than a tab waits before it asks again
    assert page.evaluate("indexedDB.databases()") == []


def test_a_paused_clock_stands_still(browser: Browser, live_server: LiveServer) -> None:
    page = holder(browser, live_server.wallet, NORMAL)
    clock = page.locator(".card-clock")
    shown = clock.inner_text()
    expect(clock).not_to_have_text(shown)

    page.get_by_role("button", name="暂停时钟").click()

    shown = clock.inner_text()
    page.wait_for_timeout(2200)
    assert clock.inner_text() == shown
