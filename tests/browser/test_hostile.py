"""Words that would be markup or script if a page ever took them for such; and who is talked to."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from jiazhao import specimen
from jiazhao.licence.legal_day import legal_day
from tests.browser.altered import Answer, alter
from tests.browser.visits import (
    KEEPING,
    RARE_NAME,
    TWELVE_POINTS,
    check,
    holder,
    officer,
    overflow_of,
    show,
    shown_text,
    sign_in,
    visitor,
)
from tests.live_server import LiveServer

CORPUS = (
    "<img src=x onerror=alert(1)>",
    '"><script>alert(2)</script>',
    "'-alert(3)-'",
    "</textarea><svg onload=alert(4)>",
    "javascript:alert(5)",
    "{{constructor.constructor('alert(6)')()}}",
    "&lt;b onclick=alert(7)&gt;",
    "<iframe srcdoc='<script>alert(8)</script>'>",
)
NOBODY = 61
"""A made-up holder whom the demonstration does not have yet."""


class Watch:
    """Everything that a person's browser does which it should not."""

    def __init__(self, page: Page, server: LiveServer) -> None:
        self.page = page
        self.faults: list[str] = []
        self.own = (server.wallet, server.terminal, server.identity, "blob:", "data:")
        page.on("dialog", self._dialog)
        page.on("console", lambda message: self.faults.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("request", lambda request: self._request(request.url))

    def _dialog(self, dialog: object) -> None:
        self.faults.append("a dialog opened")
        dialog.dismiss()  # type: ignore[attr-defined]

    def _request(self, url: str) -> None:
        if not url.startswith(self.own):
            self.faults.append(f"asked {url}")


@pytest.fixture
def watched(browser: Browser, live_server: LiveServer) -> Iterator[list[Watch]]:
    """Pages put in here must have done nothing wrong when the test ends."""
    watches: list[Watch] = []
    yield watches
    assert [fault for watch in watches for fault in watch.faults] == []


def markup_in(page: Page) -> int:
    """How many elements there are that the pages never make themselves."""
    strange = "main iframe, main script, main img[src='x'], main [onerror], main [onload], main b i"
    return page.locator(strange).count()


def test_the_driver_reads_the_note_of_a_look_up_as_it_was_written(
    browser: Browser, live_server: LiveServer, watched: list[Watch]
) -> None:
    page = sign_in(visitor(browser), live_server.wallet, TWELVE_POINTS)
    archive = page.evaluate(
        "fetch('/wallet/licence').then((answer) => answer.json())"
        ".then((answer) => answer.licence.archive_number)"
    )
    terminal = officer(browser, live_server.terminal)
    watched += [Watch(page, live_server), Watch(terminal, live_server)]
    terminal.locator("a[href='#lookup']").click()
    for word in CORPUS:
        terminal.locator("#identifier").fill(archive)
        terminal.select_option("#reason", "accident")
        terminal.locator("#note").fill(word)
        terminal.get_by_role("button", name="查询", exact=True).click()
        expect(terminal.locator(".verdict-band")).to_be_visible()
        terminal.get_by_role("button", name="核验下一位").click()
    page.goto(f"{live_server.wallet}/#accesses")

    expect(page.locator(".access").first).to_be_visible()
    for word, entry in zip(reversed(CORPUS), page.locator(".access").all(), strict=False):
        expect(entry).to_contain_text(word)
    assert markup_in(page) == 0
    assert overflow_of(page) == 0


def test_the_officer_reads_a_register_full_of_markup_as_text(
    browser: Browser, live_server: LiveServer, watched: list[Watch]
) -> None:
    lines = specimen.people(NOBODY, 1, legal_day(datetime.now(UTC)), portraits=False)
    line = json.loads(list(lines)[-1])
    for person in line["persons"]:
        person["address"] = CORPUS[0]
    for grant in line["grants"]:
        grant["record"] = CORPUS[7]
        grant["issuing_office"]["name"] = CORPUS[3]
    told = live_server.cli("import", "-", stdin=json.dumps(line, ensure_ascii=False) + "\n")
    assert told.returncode == 0, told.stderr
    terminal = officer(browser, live_server.terminal, width=320)
    watched.append(Watch(terminal, live_server))
    terminal.locator("a[href='#lookup']").click()
    terminal.locator("#identifier").fill(line["grants"][-1]["archive_number"])
    terminal.select_option("#reason", "accident")
    terminal.locator("#note").fill("标记文字")
    terminal.locator("form .button-primary").click()

    expect(terminal.locator(".person")).to_contain_text(CORPUS[7])
    expect(terminal.locator(".person")).to_contain_text(CORPUS[3])
    assert markup_in(terminal) == 0
    assert overflow_of(terminal) == 0


def test_the_wallet_shows_every_free_field_as_text(
    browser: Browser, live_server: LiveServer, watched: list[Watch]
) -> None:
    page = holder(browser, live_server.wallet, RARE_NAME, width=320)
    watched.append(Watch(page, live_server))

    def spoil(answer: Answer) -> None:
        licence = answer["licence"]
        licence["name"], licence["address"], licence["record"] = CORPUS[:3]
        licence["family_name_latin"], licence["given_name_latin"] = CORPUS[3:5]
        licence["issuing_office"] = CORPUS[7]
        licence["display_status"] = {"code": "H", "zh": CORPUS[5], "en": CORPUS[6]}

    alter(page, "/wallet/licence", spoil)
    expect(page.locator("licence-card")).to_contain_text(CORPUS[0])
    expect(page.locator(".card-second")).to_contain_text(CORPUS[7])
    expect(page.locator(".card-status")).to_contain_text(CORPUS[5])
    assert markup_in(page) == 0
    assert overflow_of(page) == 0
    show(page)
    expect(page.locator(".show-who")).to_contain_text(CORPUS[0])
    assert markup_in(page) == 0


def test_a_whole_check_asks_no_other_site_and_leaves_nothing_on_the_console(
    browser: Browser, live_server: LiveServer, watched: list[Watch]
) -> None:
    page = holder(browser, live_server.wallet, RARE_NAME, **KEEPING)
    terminal = officer(browser, live_server.terminal, **KEEPING)
    watched += [Watch(page, live_server), Watch(terminal, live_server)]
    page.reload()
    terminal.reload()
    expect(terminal.locator("#vehicle-class option[value=C1]")).to_be_attached()
    show(page)
    assert check(terminal, shown_text(page)) == "VALID"
    file = {"name": "shot.png", "mimeType": "image/png", "buffer": page.screenshot()}
    expect(page.locator(".used")).to_be_visible()
    terminal.locator(".picture-way input").last.set_input_files(file)  # type: ignore[arg-type]
    expect(terminal.locator(".result .notice, .result .verdict")).to_be_visible()
    terminal.locator("a[href='#mine']").click()
    expect(terminal.locator(".mine-table")).to_be_visible()
