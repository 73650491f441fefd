"""The wallet without a network, under wrong clocks, with the screen locked; and counted taps."""

import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from jiazhao.clock import system_clock
from jiazhao.credentials.code_sealing import Kind, period_on, read_sealed
from jiazhao.credentials.licence_code import HolderPart
from jiazhao.licence.legal_day import legal_day
from tests.browser.codes import Opener, octets_of, scanned
from tests.browser.test_wallet_devices import refilled
from tests.browser.visits import (
    KEEPING,
    LONG_TERM,
    MIDDLE_DOT,
    MOTORCYCLE,
    NORMAL,
    check,
    context_of,
    count_taps,
    holder,
    keep_pages,
    officer,
    show,
    sign_in,
    visitor,
)
from tests.live_server import LiveServer, start, stop

FIRST_SEEN = 1000
"""Milliseconds until the licence is on the screen (experience: D3)."""

SEEN = """new MutationObserver(() => {
  if (window.seenAt === undefined && document.querySelector("licence-card img"))
    window.seenAt = performance.now();
}).observe(document, { childList: true, subtree: true });"""

SHIFTED = "{ const now = Date.now.bind(Date); Date.now = () => now() + SHIFT; }"
HOUR = 3600_000
DAY = 24 * HOUR


@pytest.fixture
def own_server(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[subprocess.Popen[bytes], LiveServer]]:
    """Yield a demonstration that the test may stop."""
    state = tmp_path_factory.mktemp("offline") / "state"
    process, server = start(state, "--holders", "12", "--seed", "1")
    yield process, server
    if process.poll() is None:
        stop(process)


def ready(page: Page) -> Page:
    """Wait until the wallet has everything that it needs without a network."""
    refilled(page)
    keep_pages(page)
    return page


def answering(page: Page, opener: Opener, challenge: int | None) -> HolderPart:
    """Wait for the code that answers this challenge: the next one, or the one after it."""
    shown = opener.holder(scanned(page))
    for _ in range(20):
        if shown.challenge == challenge:
            return shown
        page.wait_for_timeout(250)
        shown = opener.holder(scanned(page))
    raise AssertionError(f"the code answers {shown.challenge}")


def today() -> int:
    return period_on(Kind.SHOWN, legal_day(system_clock()))


def shifted(page: Page, milliseconds: int) -> Page:
    """Open the wallet in the same browser under a clock that was changed."""
    other = context_of(page).new_page()
    other.add_init_script(SHIFTED.replace("SHIFT", str(milliseconds)))
    return other


def test_with_the_server_stopped_the_licence_is_there_at_once_and_codes_are_the_same(
    browser: Browser, own_server: tuple[subprocess.Popen[bytes], LiveServer]
) -> None:
    process, server = own_server
    page = ready(holder(browser, server.wallet, NORMAL, **KEEPING))
    opener = Opener(server)
    online = opener.open(octets_of(show(page)))
    stop(process)
    page.add_init_script(SEEN)

    taps = count_taps(page)
    page.goto("about:blank")
    page.goto(server.wallet)  # what a tap on the app's sign does

    expect(page.locator("licence-card")).to_be_visible()
    assert page.evaluate("window.seenAt") < FIRST_SEEN
    expect(page.locator(".confirmed .notice")).to_contain_text("离线（自")
    page.locator(".show-place a").click()
    expect(page.locator(".qr-place .qr")).to_be_visible()
    assert 1 + taps() == 2  # from an unlocked phone to the code
    offline = opener.open(scanned(page))
    assert offline.issuer.encoded == online.issuer.encoded
    assert offline.verify_holder().counter > online.verify_holder().counter
    assert offline.verify_holder().beacon is not None
    page.locator("#challenge").fill("4821")
    expect(page.locator("#challenge-said")).to_contain_text("4821")
    answering(page, opener, 4821)


def test_the_number_that_an_officer_shows_is_in_the_code_and_gone_when_it_is_taken_back(
    browser: Browser, live_server: LiveServer
) -> None:
    page = ready(holder(browser, live_server.wallet, MOTORCYCLE, **KEEPING))
    opener = Opener(live_server)
    show(page)
    answering(page, opener, None)

    page.locator("#challenge").press_sequentially("0a07x3")
    expect(page.locator("#challenge")).to_have_value("0073")
    answering(page, opener, 73)

    page.locator("#challenge").press("Backspace")
    expect(page.locator("#challenge-said")).to_be_empty()
    answering(page, opener, None)


@pytest.mark.parametrize(
    "change", [-HOUR, HOUR, -10 * DAY, 10 * DAY], ids=lambda ms: f"{ms // HOUR} h"
)
def test_a_wrong_clock_is_put_right_by_the_first_contact(
    browser: Browser, live_server: LiveServer, change: int
) -> None:
    page = ready(holder(browser, live_server.wallet, LONG_TERM, **KEEPING))
    terminal = officer(browser, live_server.terminal)
    other = shifted(page, change)

    with other.expect_response("**/wallet/contacts"):
        other.goto(live_server.wallet)
    expect(other.locator(".confirmed")).to_contain_text("已与登记系统核对")
    code = show(other)

    assert read_sealed(octets_of(code)).period == today()
    assert check(terminal, code) == "VALID"


@pytest.mark.parametrize("change", [-HOUR, -10 * DAY], ids=lambda ms: f"{ms // HOUR} h")
def test_without_a_network_a_clock_that_was_set_back_shows_no_code_and_says_why(
    browser: Browser, live_server: LiveServer, change: int
) -> None:
    page = ready(holder(browser, live_server.wallet, LONG_TERM, **KEEPING))
    other = shifted(page, change)
    context_of(page).set_offline(True)  # first: one contact would put the clock right

    other.goto(f"{live_server.wallet}/#show")

    expect(other.locator(".qr-place .notice")).to_contain_text("手机时间不对")
    expect(other.locator(".qr-place .qr")).to_have_count(0)


def test_codes_made_ahead_are_sealed_for_another_day_and_carry_the_old_beacon(
    browser: Browser, live_server: LiveServer
) -> None:
    page = ready(holder(browser, live_server.wallet, MIDDLE_DOT, **KEEPING))
    show(page)
    beacon = Opener(live_server).holder(scanned(page)).beacon
    context_of(page).set_offline(True)
    ahead = shifted(page, 10 * DAY)
    ahead.goto(f"{live_server.wallet}/#show")

    expect(ahead.locator(".qr-place .qr")).to_be_visible()
    made = scanned(ahead)

    assert read_sealed(made).period == today() + 10  # no terminal of today opens it
    assert Opener(live_server).holder(made).beacon == beacon
    expect(ahead.locator(".show-beacon")).to_contain_text("24 小时")
    later = shifted(page, 40 * DAY)
    later.goto(f"{live_server.wallet}/#show")
    expect(later.locator(".qr-place .notice")).to_contain_text("30 天未联网")
    expect(later.locator(".qr-place .qr")).to_have_count(0)


def test_a_locked_screen_is_left_with_the_pin_only_where_the_server_can_judge(
    browser: Browser, live_server: LiveServer
) -> None:
    page = visitor(browser, **KEEPING)
    page.add_init_script("delete window.PublicKeyCredential")
    sign_in(page, live_server.wallet, MOTORCYCLE)
    page.goto(f"{live_server.wallet}/#passkeys")
    for field in ("#new-pin", "#new-pin-again"):
        page.locator(field).fill("730418")
    page.locator("#new-pin-again").press("Enter")
    expect(page.locator(".pin-keys .own-keys li")).to_have_count(1)
    page.goto(f"{live_server.wallet}/#")
    page.locator(".claim-action .button-primary").click()
    expect(page.locator("licence-card")).to_be_visible()
    ready(page)
    before = context_of(page).new_page()
    before.goto(f"{live_server.wallet}/#accesses")
    expect(before.locator(".accesses")).to_be_visible()
    show(page)

    page.locator(".lock-place button").click()

    expect(page.locator(".show-top a")).to_have_count(0)
    expect(before.locator(".accesses")).to_have_count(0)  # a tab that was open before
    for attempt in ("back", "address", "anew", "another tab"):
        tab = context_of(page).new_page() if attempt == "another tab" else page
        if attempt == "back":
            tab.go_back()
        elif attempt == "anew":
            tab.reload()
        else:
            tab.goto(f"{live_server.wallet}/#accesses")
        expect(tab.locator(".qr-place .qr")).to_be_visible()
        expect(tab.locator(".accesses, licence-card, #top button:visible")).to_have_count(0)
    page.locator(".lock-place button").click()
    page.locator("#lock-pin").fill("000000")
    page.locator(".lock-place button").last.click()
    expect(page.locator(".lock-place .notice-bad")).to_be_visible()
    expect(page.locator(".show-top a")).to_have_count(0)

    page.locator("#lock-pin").fill("730418")
    page.locator(".lock-place button").last.click()
    expect(page.locator(".show-top a")).to_be_visible()

    page.locator(".lock-place button").click()
    context_of(page).set_offline(True)
    page.locator(".lock-place button").click()
    expect(page.locator(".lock-place .notice")).to_contain_text("手机自身的锁屏")


def test_a_claim_takes_one_tap_and_four_steps(browser: Browser, live_server: LiveServer) -> None:
    page = sign_in(visitor(browser, **KEEPING), live_server.wallet, NORMAL)
    page.evaluate(
        """() => {
          window.taps = 0; window.steps = new Set();
          addEventListener("click", () => window.taps++, true);
          new MutationObserver(() => document.querySelectorAll("[data-state=doing]")
            .forEach((step) => window.steps.add(step.textContent))).observe(document,
              { subtree: true, childList: true, attributes: true });
        }"""
    )
    button = page.locator(".claim-action .button-primary")
    button.click()
    expect(page.locator("licence-card")).to_be_visible()

    assert page.evaluate("window.taps") == 1
    assert page.evaluate("window.steps.size") <= 4
