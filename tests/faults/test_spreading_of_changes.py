"""A change of the register reaches everybody, soon, and a check at once."""

from pathlib import Path

from gates import defects, five_seconds, revoked_never_valid
from gates.deployment import prepare
from gates.launcher import Launcher
from gates.protocol import Context, Outcome

HOLDERS = 12
LIMIT_SECONDS = 25.0
"""The gate demands five; a machine that runs other tests meanwhile gets more time."""


def test_a_change_reaches_list_wallet_and_check(tmp_path: Path) -> None:
    result = five_seconds.measure(Context(1, tmp_path), rounds=1, limit=LIMIT_SECONDS)

    assert result.outcome is Outcome.PASS, result.reason
    assert result.figures["changes"] == 10


def test_a_stopped_licence_is_never_valid(
    tmp_path: Path, engine_url: str, launcher: Launcher
) -> None:
    deployment = prepare(tmp_path / "state", database_url=engine_url, holders=HOLDERS)

    histories = revoked_never_valid.watch(launcher, deployment, stops=3)

    result = revoked_never_valid.judge(here=histories)
    assert result.outcome is Outcome.PASS, result.reason


def test_a_cached_licence_in_the_check_is_caught(tmp_path: Path, launcher: Launcher) -> None:
    deployment = prepare(tmp_path / "state", holders=HOLDERS)

    histories = revoked_never_valid.watch(
        launcher, deployment, stops=3, defect=defects.CACHED_LICENCE
    )

    result = revoked_never_valid.judge(here=histories)
    assert result.outcome is Outcome.FAIL
    assert "VALID while stopped" in result.reason
