"""The terminal is killed in the middle of its queue."""

from functools import partial
from pathlib import Path
from random import Random

import pytest

from gates.deployment import prepare
from gates.launcher import Launcher
from gates.protocol import Outcome
from gates.terminal_queue import HOLDERS, kill_rounds
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
