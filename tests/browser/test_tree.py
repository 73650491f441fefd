"""Every journey of driver and officer from the accessibility tree alone.

In Chinese; the gate `by-tree` does them in English too.
"""

from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.by_tree import drives, hold_passkeys, is_on_duty
from tests.browser.reader_of_tree import Words
from tests.browser.test_terminal_offline import published
from tests.houses import served_town
from tests.live_server import LiveServer

WORDS = Words("zh")


def test_a_driver_who_sees_nothing_does_everything(
    browser: Browser, own_server: LiveServer
) -> None:
    drives(browser, own_server, WORDS)


def test_an_officer_who_sees_nothing_does_everything(
    browser: Browser, own_server: LiveServer
) -> None:
    published(own_server.state)
    is_on_duty(browser, own_server, WORDS)


def test_passkeys_are_registered_and_used_by_who_sees_nothing(
    browser: Browser, tmp_path: Path
) -> None:
    with served_town(tmp_path / "state", staff_need_passkeys=True) as town:
        hold_passkeys(browser, town, WORDS)
