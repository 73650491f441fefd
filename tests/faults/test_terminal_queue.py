"""The terminal is killed in the middle of its queue."""

from functools import partial
from pathlib import Path
from random import Random

import pytest
from playwright.sync_api import sync_playwright

from gates.deployment import Deployment, prepare
from gates.launcher import Launcher
from gates.protocol import Outcome
from gates.terminal_queue import HOLDERS, begin, browser_on, kill_rounds, opened
from tests.apart import apart


@pytest.mark.parametrize(("forgets", "outcome"), [(False, Outcome.PASS), (True, Outcome.FAIL)])
def test_every_acknowledged_record_arrives_once_and_a_forgetful_queue_is_caught(
    tmp_path: Path, launcher: Launcher, forgets: bool, outcome: Outcome
) -> None:
    deployment = prepare(tmp_path / "state", holders=HOLDERS)
    server = launcher.start(deployment)
    server.wait_ready()

    tally = apart(partial(kill_rounds, deployment, tmp_path, Random(1), 3, forgets=forgets))

    server.stop()
    assert tally.kills == 3
    assert tally.judge().outcome is outcome, tally.judge().reason


CUT_ENTRY = bytes.fromhex("01020304450301")
"""The head of an entry of LevelDB's log: checksum, a length of 837 octets, type 1."""


def test_a_log_that_a_crash_has_cut_does_not_cost_what_the_terminal_keeps(
    tmp_path: Path, launcher: Launcher
) -> None:
    deployment = prepare(tmp_path / "state", holders=HOLDERS)
    server = launcher.start(deployment)
    server.wait_ready()

    apart(partial(_start_twice_with_a_cut_log, deployment, tmp_path / "profile"))

    server.stop()


def _start_twice_with_a_cut_log(deployment: Deployment, profile: Path) -> None:
    with sync_playwright() as playwright:
        with browser_on(playwright, profile) as context:
            cookies = begin(context.new_page(), deployment)
        [log] = profile.glob("Default/IndexedDB/*.leveldb/*.log")
        with log.open("ab") as cut:
            cut.write(CUT_ENTRY)
        for _ in range(2):
            with browser_on(playwright, profile) as context:
                opened(context, deployment, cookies)
