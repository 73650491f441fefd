"""The officer's pages against the running system."""

from playwright.sync_api import Browser, Route, expect

from tests.browser.codes import Opener, octets_of, text_of
from tests.browser.visits import (
    DETAINED,
    NORMAL,
    OFFICER,
    check,
    holder,
    officer,
    show,
    shown_text,
    sign_in,
    visitor,
)
from tests.live_server import LiveServer


def test_the_verdict_shows_the_person_and_whether_this_vehicle_may_be_driven(
    browser: Browser, live_server: LiveServer
) -> None:
    page = holder(browser, live_server.wallet, NORMAL)
    terminal = officer(browser, live_server.terminal)
    code = show(page)

    terminal.select_option("#vehicle-class", "A1")
    assert check(terminal, code) == "VALID"

    leading = terminal.locator(".verdict h2").first
    expect(leading).to_contain_text("不可驾驶 A1")  # so that VALID is not taken for a yes
    expect(terminal.locator(".may-drive.band-stop h2")).to_have_count(1)
    drawn = "image => image.complete && image.naturalWidth > 0"
    assert terminal.locator(".portrait img").evaluate(drawn)
    expect(terminal.locator(".fresh")).to_contain_text("确认")
    expect(terminal.locator("#code")).to_be_focused()
    expect(terminal.locator("#alarm")).to_contain_text("有效")
    expect(terminal.locator("#code")).to_have_value("")


def test_the_class_is_kept_for_the_shift(browser: Browser, live_server: LiveServer) -> None:
    terminal = officer(browser, live_server.terminal)
    terminal.select_option("#vehicle-class", "C1")
    terminal.reload()
    expect(terminal.locator("#vehicle-class")).to_have_value("C1")


def test_a_changed_code_is_not_genuine_and_junk_cannot_be_confirmed(
    browser: Browser, live_server: LiveServer
) -> None:
    page = holder(browser, live_server.wallet, NORMAL)
    terminal = officer(browser, live_server.terminal)
    code = show(page)
    forged = Opener(live_server).forged(octets_of(code))

    assert check(terminal, text_of(forged)) == "NOT_GENUINE"
    expect(terminal.locator(".person")).to_have_count(0)
    terminal.get_by_role("button", name="核验下一位").click()
    unsealed = bytearray(octets_of(code))
    unsealed[-1] ^= 1  # what cannot be opened is not said to be false
    assert check(terminal, text_of(bytes(unsealed))) == "CANNOT_CONFIRM"
    assert check(terminal, "hello") == "CANNOT_CONFIRM"


def test_an_answer_lost_on_the_way_is_asked_for_again_without_using_the_code_twice(
    browser: Browser, live_server: LiveServer
) -> None:
    page = holder(browser, live_server.wallet, NORMAL)
    terminal = officer(browser, live_server.terminal)
    lost = []

    def lose_the_first(route: Route) -> None:
        lost.append(route.request.post_data_json)
        if len(lost) == 1:
            route.fetch()  # the service takes the check, the terminal never hears of it
            route.abort()
        else:
            route.continue_()

    terminal.route("**/presentation/checks", lose_the_first)
    terminal.locator("#code").fill(show(page))
    terminal.locator("#code").press("Enter")
    expect(terminal.locator(".result .notice")).to_contain_text("无法连接")
    terminal.get_by_role("button", name="重试").click()

    expect(terminal.locator(".verdict-band")).to_have_attribute("data-verdict", "VALID")
    assert lost[0] == lost[1]


def test_a_picture_of_the_screen_is_read(browser: Browser, live_server: LiveServer) -> None:
    page = holder(browser, live_server.wallet, NORMAL)
    terminal = officer(browser, live_server.terminal)
    show(page)
    with terminal.expect_file_chooser() as chooser:
        terminal.get_by_role("button", name="选择图片").click()
    picture = page.screenshot()
    chooser.value.set_files({"name": "shot.png", "mimeType": "image/png", "buffer": picture})

    expect(terminal.locator(".verdict-band")).to_have_attribute("data-verdict", "VALID")
    expect(page.locator(".used")).to_be_visible()


def test_a_look_up_needs_a_reason_and_a_note_and_the_driver_sees_it(
    browser: Browser, live_server: LiveServer
) -> None:
    page = sign_in(visitor(browser), live_server.wallet, DETAINED)
    number = page.evaluate(
        "fetch('/wallet/licence').then((answer) => answer.json())"
        ".then((answer) => answer.licence.licence_number)"
    )
    terminal = officer(browser, live_server.terminal)
    terminal.locator("a[href='#lookup']").click()
    terminal.locator("#identifier").fill(number)
    submit = terminal.get_by_role("button", name="查询", exact=True)
    submit.click()
    expect(terminal.locator(".field-error")).to_contain_text("说明")
    expect(terminal.locator("#reason")).to_be_focused()

    terminal.select_option("#reason", "accident")
    terminal.locator("#note").fill("事故现场，手机损坏")
    submit.click()

    expect(terminal.locator(".verdict-band")).to_have_attribute("data-verdict", "NOT_VALID")
    assert number not in terminal.url
    page.goto(f"{live_server.wallet}/#accesses")
    expect(page.locator(".access").first).to_contain_text("事故现场，手机损坏")
    expect(page.locator(".access").first).to_contain_text("未出示手机查询")


def test_own_checks_are_listed(browser: Browser, live_server: LiveServer) -> None:
    page = holder(browser, live_server.wallet, NORMAL)
    terminal = officer(browser, live_server.terminal)
    show(page)
    check(terminal, shown_text(page))
    terminal.locator("a[href='#mine']").click()
    expect(terminal.locator(".mine-table tbody tr").first).to_contain_text("有效")


def test_a_driver_is_turned_away_and_an_officer_has_no_wallet(
    browser: Browser, live_server: LiveServer
) -> None:
    driver = sign_in(visitor(browser), live_server.terminal, NORMAL)
    expect(driver.locator("main")).to_contain_text("仅供交警使用")
    expect(driver.locator("#code")).to_have_count(0)

    page = sign_in(visitor(browser), live_server.wallet, OFFICER)
    expect(page.locator("main .notice")).to_be_visible()
