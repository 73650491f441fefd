"""Every journey of driver and officer from the accessibility tree alone.

In Chinese; the gate `by-tree` does them in English too.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.by_tree import drives, hold_passkeys, is_on_duty
from tests.browser.reader_of_tree import Words
from tests.browser.test_terminal_offline import published
from tests.houses import served_town
from tests.live_server import LiveServer, start, stop

WORDS = Words("zh")


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Yield a demonstration of twelve people whose lives no other test changes."""
    process, server = start(
        tmp_path_factory.mktemp("own") / "state", "--holders", "12", "--seed", "1"
    )
    yield server
    stop(process)


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
