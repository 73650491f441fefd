"""Two at once: exactly one wins."""

from pathlib import Path

from gates.deployment import prepare
from gates.door_races import race_at_the_doors
from gates.launcher import Launcher
from gates.protocol import Context, Outcome
from gates.races import race, run_broken

RACES = 20
HOLDERS = 12


def test_each_race_through_the_services_has_one_winner(tmp_path: Path, engine_url: str) -> None:
    deployment = prepare(tmp_path / "state", database_url=engine_url, holders=HOLDERS)

    score = race(deployment, RACES)

    assert score.races == {"claim": RACES, "redeem": RACES, "key": RACES, "use": RACES}
    assert not score.faults


def test_each_race_over_http_has_one_winner(tmp_path: Path, launcher: Launcher) -> None:
    score = race_at_the_doors(launcher, prepare(tmp_path / "state", holders=HOLDERS), RACES // 2)

    assert score.races == {"claim": RACES // 2, "redeem": RACES // 2, "use": RACES // 2}
    assert not score.faults


def test_uses_that_compare_or_lock_nothing_are_noticed(tmp_path: Path) -> None:
    judged = run_broken(Context(1, tmp_path))

    assert judged.outcome is Outcome.FAIL
    assert "uncompared" in judged.reason
    assert "unlocked" in judged.reason
