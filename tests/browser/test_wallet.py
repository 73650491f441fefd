"""The holder's pages against the running system."""

import io
import re

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.browser.codes import Opener, octets_of, scanned
from tests.browser.visits import (
    DETAINED,
    FOREIGNER,
    LONG_TERM,
    MIDDLE_DOT,
    MOTORCYCLE,
    NO_PHOTO,
    NORMAL,
    RARE_NAME,
    REVOKED,
    check,
    claim,
    context_of,
    holder,
    officer,
    show,
    shown_text,
    sign_in,
    visitor,
)
from tests.live_server import LiveServer


@pytest.mark.parametrize("subject", [MOTORCYCLE, LONG_TERM, RARE_NAME, MIDDLE_DOT, FOREIGNER])
def test_whoever_may_claim_gets_the_licence_with_photo_and_specimen_mark(
    browser: Browser, live_server: LiveServer, subject: str
) -> None:
    page = holder(browser, live_server.wallet, subject)

    drawn = "image => image.complete && image.naturalWidth > 0"
    assert page.locator("img.card-photo").evaluate(drawn)
    expect(page.locator(".card-front .card-watermark")).to_be_visible()
    expect(page.locator("#banner p")).to_be_in_viewport()
    expect(page.locator(".confirmed")).to_contain_text("已与登记系统核对")


@pytest.mark.parametrize("subject", [DETAINED, NO_PHOTO, REVOKED])
def test_a_refusal_names_the_rule_and_what_to_do_and_leaves_no_button(
    browser: Browser, live_server: LiveServer, subject: str
) -> None:
    page = sign_in(visitor(browser), live_server.wallet, subject)

    expect(page.locator(".refusal").first).to_contain_text("怎么办")
    expect(page.locator(".refusal").first).to_contain_text("依据")
    expect(page.locator(".claim-action button")).to_have_count(0)


def test_the_picture_of_a_code_is_its_octets_in_light_and_dark(
    browser: Browser, live_server: LiveServer
) -> None:
    page = holder(browser, live_server.wallet, NORMAL)
    show(page)
    opener = Opener(live_server)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        shown = scanned(page)
        assert len(shown) == 718
        assert opener.holder(shown).counter <= opener.holder(octets_of(shown_text(page))).counter


def test_a_code_is_one_tap_away_and_renews_itself(
    browser: Browser, live_server: LiveServer
) -> None:
    page = holder(browser, live_server.wallet, NORMAL)
    first = show(page)

    expect(page.locator("#code-text")).not_to_have_value(first)
    opener = Opener(live_server)
    one, other = (opener.open(octets_of(text)) for text in (first, shown_text(page)))
    before, after = one.verify_holder(), other.verify_holder()
    assert after.counter > before.counter
    assert after.nonce != before.nonce
    assert other.issuer.encoded == one.issuer.encoded


def test_a_used_code_is_replaced_at_once_and_the_holder_reads_who_used_it(
    browser: Browser, live_server: LiveServer
) -> None:
    page = holder(browser, live_server.wallet, NORMAL)
    terminal = officer(browser, live_server.terminal)
    used = show(page)

    assert check(terminal, used) == "VALID"

    expect(page.locator(".used")).to_contain_text("已核验：有效")
    expect(page.locator("#code-text")).not_to_have_value(used)
    assert check(terminal, used) == "CANNOT_CONFIRM"
    assert check(terminal, shown_text(page)) == "VALID"


def test_two_tabs_never_make_codes_with_the_same_counter(
    browser: Browser, live_server: LiveServer
) -> None:
    page = holder(browser, live_server.wallet, NORMAL)
    tabs = [page, context_of(page).new_page()]
    tabs[1].goto(f"{live_server.wallet}/#show")
    expect(tabs[1].locator(".qr")).to_be_visible()
    show(tabs[0])

    counters = []
    opener = Opener(live_server)
    for _ in range(4):
        for tab in tabs:
            counters.append(opener.holder(octets_of(shown_text(tab))).counter)
            before = shown_text(tab)
            tab.locator(".ways button").first.click()  # a short code needs a fresh code
            expect(tab.locator("#code-text")).not_to_have_value(before)
            expect(tab.locator(".short-code")).to_be_visible()

    assert len(set(counters)) == len(counters)


def test_a_short_code_works_once(browser: Browser, live_server: LiveServer) -> None:
    page = holder(browser, live_server.wallet, NORMAL)
    terminal = officer(browser, live_server.terminal)
    show(page)
    page.locator(".ways button").first.click()
    short = page.locator(".short-code").inner_text()

    assert check(terminal, short.lower()) == "VALID"
    expect(page.locator(".short-code")).to_have_count(0)
    assert check(terminal, short) == "CANNOT_CONFIRM"


def test_the_device_key_cannot_leave_the_browser(browser: Browser, live_server: LiveServer) -> None:
    page = holder(browser, live_server.wallet, NORMAL)

    said = page.evaluate(
        """async () => {
          const settled = (asked) =>
            new Promise((done) => { asked.onsuccess = () => done(asked.result); });
          const database = await settled(indexedDB.open("jiazhao-wallet"));
          const store = database.transaction("instances").objectStore("instances");
          const kept = await settled(store.getAll());
          const { keyPair, credential } = kept.at(-1);
          const told = await crypto.subtle.exportKey("pkcs8", keyPair.privateKey)
            .catch((error) => error.name);
          return [keyPair.privateKey.extractable, told, credential.length > 1000];
        }"""
    )

    assert said == [False, "InvalidAccessError", True]


def test_claiming_elsewhere_ends_this_copy_and_says_so(
    browser: Browser, live_server: LiveServer
) -> None:
    first = holder(browser, live_server.wallet, NORMAL)
    show(first)
    second = holder(browser, live_server.wallet, NORMAL)

    expect(first.locator("h1")).to_have_text("此设备上的电子驾驶证已失效")
    expect(first.locator(".qr")).to_have_count(0)
    claim(first)
    expect(second.locator("h1")).to_have_text("此设备上的电子驾驶证已失效")


def test_going_offline_is_said_and_coming_back_too(
    browser: Browser, live_server: LiveServer
) -> None:
    page = holder(browser, live_server.wallet, NORMAL)

    context_of(page).set_offline(True)
    expect(page.locator(".confirmed .notice")).to_contain_text("离线")
    expect(page.locator("licence-card")).to_be_visible()

    context_of(page).set_offline(False)
    expect(page.locator(".confirmed")).to_contain_text("已与登记系统核对", timeout=15_000)


def test_an_issuer_that_never_answers_is_no_dead_end(
    browser: Browser, live_server: LiveServer
) -> None:
    page = sign_in(visitor(browser), live_server.wallet, RARE_NAME)
    page.route("**/issuance/credential", lambda _route: None)

    page.locator(".claim-action .button-primary").click()
    expect(page.locator("[data-state=doing]")).to_contain_text("签发")
    expect(page.locator(".claim-action .notice")).to_contain_text("10 秒", timeout=12_000)

    page.unroute("**/issuance/credential")
    page.locator(".claim-action .notice button").last.click()
    retry = page.locator("licence-card, .claim-action .notice")
    expect(retry.first).to_be_visible()


def test_a_claim_can_be_cancelled_and_made_again(browser: Browser, live_server: LiveServer) -> None:
    page = sign_in(visitor(browser), live_server.wallet, MIDDLE_DOT)
    page.route("**/issuance/credential", lambda _route: None)
    page.locator(".claim-action .button-primary").click()
    expect(page.locator("[data-state=doing]")).to_contain_text("签发")

    page.get_by_role("button", name="取消").click()
    expect(page.locator(".claim-action .notice")).to_contain_text("已取消")

    page.unroute("**/issuance/credential")
    page.reload()
    claim(page)


def test_a_session_that_ended_leaves_the_licence_and_leads_to_the_sign_in(
    browser: Browser, live_server: LiveServer
) -> None:
    page = holder(browser, live_server.wallet, NORMAL)

    context_of(page).clear_cookies()
    page.evaluate("dispatchEvent(new Event('online'))")

    expect(page.locator(".confirmed")).to_contain_text("登录已过期")
    expect(page.locator(".confirmed a")).to_have_attribute("href", "/sign-in?return=/")
    expect(page.locator("licence-card")).to_be_visible()
    show(page)
    page.goto(f"{live_server.wallet}/#accesses")
    expect(page.locator("main a.button-primary")).to_have_attribute("href", "/sign-in?return=/")


def test_an_open_page_hears_of_a_change_without_asking_all_the_time(
    browser: Browser, live_server: LiveServer
) -> None:
    asked: list[str] = []
    page = visitor(browser)
    page.on("request", lambda request: asked.append(request.url))
    with page.expect_response("**/events"):
        sign_in(page, live_server.wallet, RARE_NAME)
    claim(page)
    page.wait_for_timeout(3000)
    before = asked.count(f"{live_server.wallet}/wallet/licence")

    page.wait_for_timeout(6000)
    assert asked.count(f"{live_server.wallet}/wallet/licence") - before <= 2
    live_server.cli("change", RARE_NAME, "--points", "7", "--json")

    expect(page.locator(".card-points")).to_contain_text("7", timeout=5000)


def test_who_signs_out_leaves_nothing_to_be_read(browser: Browser, live_server: LiveServer) -> None:
    page = holder(browser, live_server.wallet, NORMAL)
    page.get_by_role("button", name="退出").click()
    expect(page.locator("main a.button-primary")).to_be_visible()
    expect(page.locator("licence-card")).to_have_count(0)

    page.route("**/session", lambda route: route.abort())
    page.reload()

    expect(page.locator("main .notice")).to_be_visible()
    expect(page.locator("licence-card")).to_have_count(0)


def test_the_bar_code_is_the_copys_number(browser: Browser, live_server: LiveServer) -> None:
    page = holder(browser, live_server.wallet, NORMAL)
    number = page.locator(".card-bars-number").inner_text()

    picture = Image.open(io.BytesIO(page.locator(".card-bars svg").screenshot(scale="device")))
    (read,) = zxingcpp.read_barcodes(picture)

    assert (read.format.name, read.text) == ("Code128", number)
    assert len(number) == 13


def test_unread_notices_are_counted_in_words_until_they_were_on_the_screen(
    browser: Browser, live_server: LiveServer
) -> None:
    page = holder(browser, live_server.wallet, NORMAL)
    way = page.locator("a[href='#notices']")
    expect(way).to_have_accessible_name(re.compile(r"^通知\s*，\s*\d+ 条未读$"))
    count = page.locator(".unread [aria-hidden]").inner_text()
    way.click()
    expect(page.locator(".access")).to_have_count(int(count))
    with page.expect_response("**/wallet/notices"):
        page.goto(f"{live_server.wallet}/#")
        page.reload()
    expect(page.locator("licence-card")).to_be_visible()
    expect(way).to_have_accessible_name("通知")
    expect(page.locator(".unread")).to_be_hidden()
