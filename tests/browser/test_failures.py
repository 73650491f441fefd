"""The service goes away and comes back while the pages are open."""

import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visits import MOTORCYCLE, NORMAL, holder, officer, show, shown_text
from tests.live_server import LiveServer, start, stop

SAID = 10_000
"""Milliseconds in which a page must say that the service is gone, and why."""
SAID_AFTER_SILENCE = 15_000
"""The same where the service takes the question and never answers: ten seconds of patience."""
BACK = 20_000


@dataclass
class Running:
    """A demonstration of its own, which a test may stop."""

    server: LiveServer
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        stop(self.process)

    def begin_again(self) -> None:
        self.process, _ = start(
            self.server.state, "--holders", "12", "--seed", "1", port=self.server.port
        )


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    state = tmp_path_factory.mktemp("gone") / "state"
    process, server = start(state, "--holders", "12", "--seed", "1")
    running = Running(server, process)
    yield running
    running.stop()


def test_a_service_that_stops_is_told_on_every_open_page_and_nothing_is_lost(
    browser: Browser, country: Running
) -> None:
    server = country.server
    home = holder(browser, server.wallet, NORMAL)
    showing = holder(browser, server.wallet, MOTORCYCLE)
    code = show(showing)
    terminal = officer(browser, server.terminal)

    country.stop()
    try:
        expect(home.locator(".confirmed .notice")).to_contain_text("离线", timeout=SAID)
        expect(home.locator(".confirmed .notice")).to_contain_text("无法连接服务器")
        expect(home.locator("licence-card")).to_be_visible()
        expect(showing.locator(".show .notice")).to_contain_text("离线", timeout=SAID)
        expect(showing.locator(".qr")).to_be_visible()
        terminal.locator("#code").fill(code)
        terminal.locator("#code").press("Enter")
        expect(terminal.locator(".result .notice")).to_contain_text("无法连接", timeout=SAID)
        word = terminal.locator(".verdict-band")
        expect(word).to_have_attribute("data-verdict", "CANNOT_CONFIRM")
        home.locator("a[href='#accesses']").click()
        expect(home.locator(".accesses .notice")).to_contain_text("无法连接", timeout=SAID)
    finally:
        country.begin_again()

    home.get_by_role("button", name="重试").click()
    expect(home.locator(".access, .notice-info").first).to_be_visible(timeout=BACK)
    home.locator(".accesses-back").click()
    expect(home.locator(".confirmed")).to_contain_text("已与登记系统核对", timeout=BACK)
    expect(showing.locator(".show .notice")).to_have_count(0, timeout=BACK)
    terminal.locator("#code").fill(shown_text(showing))
    terminal.locator("#code").press("Enter")
    expect(terminal.locator(".verdict-band")).to_have_attribute("data-verdict", "VALID")
    expect(showing.locator(".used")).to_be_visible()


def test_a_service_that_hangs_leads_to_a_reason_and_never_to_a_wait_without_end(
    browser: Browser, country: Running
) -> None:
    server = country.server
    page = holder(browser, server.wallet, NORMAL)
    terminal = officer(browser, server.terminal)

    country.process.send_signal(signal.SIGSTOP)
    try:
        terminal.locator("#code").fill("ABCD-EFGH")
        terminal.locator("#code").press("Enter")
        expect(terminal.locator(".result .waiting")).to_be_visible()
        expect(terminal.get_by_role("button", name="取消")).to_be_enabled()
        silence = page.locator(".confirmed .notice")
        expect(silence).to_contain_text("10 秒", timeout=SAID_AFTER_SILENCE)
        waited = terminal.locator(".result .notice")
        expect(waited).to_contain_text("10 秒", timeout=SAID_AFTER_SILENCE)
        terminal.get_by_role("button", name="重试").click()
        terminal.get_by_role("button", name="取消").click()
        expect(waited).to_contain_text("已取消")
    finally:
        country.process.send_signal(signal.SIGCONT)

    terminal.get_by_role("button", name="重试").click()
    expect(terminal.locator(".verdict-band")).to_have_attribute("data-verdict", "CANNOT_CONFIRM")
    expect(page.locator(".confirmed")).to_contain_text("已与登记系统核对", timeout=BACK)
