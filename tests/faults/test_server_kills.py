"""The server is killed with writes in flight."""

from pathlib import Path
from random import Random

import pytest

from gates import defects
from gates.deployment import prepare
from gates.launcher import Launcher
from gates.protocol import Outcome
from gates.server_kills import Crew, judge, kill_rounds

CREW = Crew(claimants=4, checkers=3, recorders=4, in_flight=6)
HOLDERS = 20


@pytest.mark.parametrize(("engine", "kills"), [("sqlite", 3), ("postgres", 1)])
def test_what_was_acknowledged_survives_and_nothing_happens_twice(
    request: pytest.FixtureRequest, tmp_path: Path, launcher: Launcher, engine: str, kills: int
) -> None:
    url = request.getfixturevalue(engine)
    deployment = prepare(tmp_path / "state", database_url=url, holders=HOLDERS)

    tally = kill_rounds(launcher, deployment, Random(1), kills=kills, crew=CREW)

    assert judge(here=tally).outcome is Outcome.PASS, tally.reasons
    assert tally.kills == kills
    assert tally.ledger.copies
    assert tally.ledger.uses


def test_a_server_that_answers_before_it_commits_is_caught(
    tmp_path: Path, launcher: Launcher
) -> None:
    deployment = prepare(tmp_path / "state", holders=HOLDERS)

    tally = kill_rounds(
        launcher,
        deployment,
        Random(1),
        kills=3,
        crew=CREW,
        defect=defects.EARLY_ACKNOWLEDGEMENT,
    )

    assert tally.lost
