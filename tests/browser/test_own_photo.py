"""A driver hands a photo in, is told what to change, waits; a registrar compares and decides."""

from playwright.sync_api import Browser, expect

from tests.browser.visits import (
    MIDDLE_DOT,
    choose_photo,
    faults_of,
    registrar,
    sign_in,
    visitor,
)
from tests.live_server import LiveServer
from tests.unit import pictures


def test_a_photo_from_choice_to_decision(browser: Browser, live_server: LiveServer) -> None:
    driver = sign_in(visitor(browser), live_server.wallet, MIDDLE_DOT, language="en")
    driver.locator("a[href='#photo']").click()
    expect(driver.locator("main h1")).to_have_text("Another photo")

    # Refused at once, in plain words.
    choose_photo(driver, pictures.written(pictures.on_ground((80, 120, 200))))
    driver.get_by_role("button", name="Hand in for review").click()
    expect(driver.locator(".photo-findings li")).to_have_text(
        ["The background is not white. Take it again before a white, evenly lit wall."]
    )

    # A phone's picture of other proportions is cropped here, and waits.
    choose_photo(driver, pictures.written(pictures.on_phone()))
    expect(driver.get_by_label("Enlarge")).to_be_visible()
    driver.get_by_role("button", name="Hand in for review").click()
    expect(driver.locator(".notice-info")).to_contain_text("waits for a person")
    expect(driver.get_by_role("button", name="Withdraw")).to_be_visible()

    # A registrar refuses it by keyboard alone.
    staff = registrar(browser, live_server.console, language="en")
    opened = staff.get_by_role("button", name="Look").last
    opened.focus()
    staff.keyboard.press("Enter")
    expect(staff.locator(".pair img")).to_have_count(2)
    expect(staff.locator("h2")).to_be_focused()
    staff.get_by_label("Reason of a refusal").focus()
    staff.keyboard.type("Face")
    staff.get_by_role("button", name="Refuse").focus()
    staff.keyboard.press("Enter")
    expect(staff.locator("#done")).to_be_focused()

    # The driver is told without asking, and hands in another that is approved.
    expect(driver.locator(".notice-warn")).to_contain_text("Face, brows or ears are covered")
    choose_photo(driver, pictures.good(5))
    driver.get_by_role("button", name="Hand in for review").click()
    expect(driver.locator(".notice-info")).to_be_visible()
    staff.reload()
    staff.get_by_role("button", name="Look").last.click()
    staff.get_by_role("button", name="Approve").click()
    expect(staff.locator("#done")).to_have_text("Approved; the new photo is on file.")
    expect(driver.locator(".notice-good")).to_contain_text("approved")
    driver.locator(".claim-action .button-primary").click()
    expect(driver.locator("licence-card")).to_be_visible()


def test_who_is_no_registrar_sees_no_queue(browser: Browser, live_server: LiveServer) -> None:
    page = sign_in(visitor(browser), live_server.console, "auditor-wu", language="en")
    page.goto(f"{live_server.console}/#photos")
    expect(page.locator("main h1")).to_be_visible()
    expect(page.locator("a[href='#photos']")).to_have_count(0)
    expect(page.locator(".photos")).to_have_count(0)


def test_a_claim_waits_for_the_photo_and_comes_by_itself(
    browser: Browser, own_server: LiveServer
) -> None:
    driver = sign_in(visitor(browser), own_server.wallet, MIDDLE_DOT, language="en")
    driver.locator("a[href='#photo']").click()
    choose_photo(driver, pictures.good(5))
    driver.get_by_role("button", name="Hand in for review").click()
    expect(driver.locator(".notice-info")).to_contain_text("waits for a person")

    # Claimed meanwhile, it waits; the page says so, and leads to the photo.
    driver.get_by_role("link", name="Back").click()
    driver.get_by_role("button", name="Claim").click()
    expect(driver.locator("main h1")).to_have_text("Waiting for the review of your photo")
    expect(driver.locator(".claim-action button")).to_have_count(0)
    assert faults_of(driver) == []
    driver.reload()
    expect(driver.locator("main h1")).to_have_text("Waiting for the review of your photo")

    # Refused: the page says so, and the driver hands in another, without waiting for the page.
    staff = registrar(browser, own_server.console, language="en")
    staff.get_by_role("button", name="Look").click()
    staff.get_by_label("Reason of a refusal").select_option(
        label="Light or background are not as asked for"
    )
    staff.get_by_role("button", name="Refuse").click()
    expect(driver.locator("main h1")).to_have_text("The claim has ended", timeout=30_000)
    assert faults_of(driver) == []
    driver.locator("a[href='#photo']").click()
    choose_photo(driver, pictures.good(3))
    driver.get_by_role("button", name="Hand in for review").click()
    expect(driver.locator(".notice-info")).to_be_visible()
    driver.get_by_role("link", name="Back").click()
    driver.get_by_role("button", name="Claim").click()
    expect(driver.locator("main h1")).to_have_text("Waiting for the review of your photo")

    # Approved: the licence comes by itself.
    staff.reload()
    staff.get_by_role("button", name="Look").click()
    staff.get_by_role("button", name="Approve").click()
    expect(driver.locator("licence-card")).to_be_visible(timeout=30_000)
    expect(driver.locator(".notice-good")).to_contain_text("now on this device")
