"""An objection from the driver's hand to its answer at the console, and reports of refusals."""

from playwright.sync_api import Browser, expect

from tests.browser.visits import TWELVE_POINTS, faults_of, overflow_of, registrar, sign_in, visitor
from tests.journeys.visitors import Guests, posted, server_time
from tests.live_server import LiveServer

WORDS = "这次违法不是我的车，请核查。"
ANSWER = "经核查，记录无误。"


def test_an_objection_is_read_and_answered(browser: Browser, live_server: LiveServer) -> None:
    guests = Guests(live_server)
    driver = guests.driver(TWELVE_POINTS)
    notice = driver.get("/wallet/notices")["notices"][0]
    asked = {"subject": "notice", "subject_id": notice["notice_id"], "text": WORDS}
    assert posted(driver, "/wallet/objections", asked).status == 201

    staff = registrar(browser, live_server.console)
    staff.goto(f"{live_server.console}/#objections")
    staff.get_by_role("button", name="查看").last.click()
    expect(staff.locator("blockquote")).to_have_text(WORDS)
    expect(staff.locator("main")).to_contain_text(notice["zh"])
    assert faults_of(staff) == []

    staff.get_by_role("button", name="不予支持").click()
    expect(staff.locator("#answer-error")).to_contain_text("至少写四个字")
    expect(staff.locator("#answer")).to_be_focused()
    staff.locator("#answer").fill(ANSWER)
    staff.get_by_role("button", name="不予支持").click()
    expect(staff.locator("#done")).to_be_focused()

    (own,) = driver.get("/wallet/objections")["objections"]
    assert (own["state"], own["reason"]) == ("rejected", ANSWER)
    looks = driver.get("/wallet/accesses")["accesses"]
    assert "objection_read" in {look["reason"]["code"] for look in looks}
    guests.close()


def test_a_reported_refusal_is_listed_without_its_sender(
    browser: Browser, live_server: LiveServer
) -> None:
    guests = Guests(live_server)
    driver = guests.driver(TWELVE_POINTS)
    at = server_time(driver).isoformat()
    told = {"who": "样本租车行", "where": "成都", "at": at, "text": "<b>说手机里的不算数</b>"}
    assert posted(driver, "/wallet/refusal-reports", told).status == 201
    name = driver.get("/wallet/licence")["licence"]["name"]
    guests.close()

    page = sign_in(visitor(browser, width=320), live_server.console, "auditor-wu")
    page.goto(f"{live_server.console}/#refusals")
    reports = page.locator(".refusals")
    expect(reports).to_contain_text("样本租车行")
    expect(reports).to_contain_text("<b>说手机里的不算数</b>")
    expect(reports).not_to_contain_text(name)
    expect(page.locator("a[href='#objections']")).to_have_count(0)
    assert (faults_of(page), overflow_of(page)) == ([], 0)
