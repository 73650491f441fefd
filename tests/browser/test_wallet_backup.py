"""The backup code on paper: made, printed, read again from the paper, and voided."""

import io

import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, expect

from jiazhao.credentials.code_sealing import CODE_OCTETS, Kind, read_sealed
from tests.browser.codes import Opener, text_of
from tests.browser.visits import LONG_TERM, NORMAL, check, holder, officer
from tests.live_server import LiveServer


def on_paper(picture: bytes) -> bytes:
    """Read the one code of a printed page, as a camera would."""
    found = [one.bytes for one in zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))]
    (code,) = [octets for octets in found if len(octets) == CODE_OCTETS]
    return code


def test_the_paper_shows_a_code_that_names_nobody_and_ends_with_the_next(
    browser: Browser, live_server: LiveServer
) -> None:
    page = holder(browser, live_server.wallet, NORMAL)
    name = page.locator(".card-name span").first.inner_text()
    page.goto(f"{live_server.wallet}/#backup")
    page.evaluate("window.print = () => { window.printed = true; }")
    page.locator("main .button-primary").click()
    expect(page.locator(".backup-paper")).to_be_visible()

    papers = {}
    for place, size in enumerate(("card", "sheet")):
        page.locator(".row .button").nth(place).click()
        assert page.evaluate("window.printed")
        page.emulate_media(media="print")
        assert page.locator("#top").is_hidden()
        assert name not in page.inner_text("body")
        papers[size] = on_paper(page.screenshot())
        page.emulate_media(media="screen")

    assert papers["card"] == papers["sheet"]
    assert read_sealed(papers["card"]).kind is Kind.BACKUP
    assert Opener(live_server).open(papers["card"]).holder is None
    page.reload()
    expect(page.locator(".backup-paper")).to_have_count(0)  # it is kept nowhere


def test_a_voided_paper_is_not_valid(browser: Browser, live_server: LiveServer) -> None:
    page = holder(browser, live_server.wallet, LONG_TERM)
    terminal = officer(browser, live_server.terminal)
    page.goto(f"{live_server.wallet}/#backup")
    page.locator("main .button-primary").click()
    expect(page.locator(".backup-paper")).to_be_visible()
    code = text_of(on_paper(page.locator(".backup-paper").screenshot()))
    assert check(terminal, code) == "CANNOT_CONFIRM"  # until the officer has compared the face

    page.reload()
    page.locator("main .button-wide").last.click()
    expect(page.locator(".notice-good")).to_be_visible()

    terminal.get_by_role("button", name="核验下一位").click()
    check(terminal, code)
    expect(terminal.locator(".verdict-band")).to_have_attribute("data-verdict", "NOT_VALID")
