"""A backup is restored and every licence compared, with small counts."""

from pathlib import Path

from gates.protocol import Context, Outcome
from gates.restore import SECONDS, run_at, run_broken


def test_every_licence_comes_back(tmp_path: Path) -> None:
    # Far more patient than the gate: a shared machine has bad moments.
    result = run_at(Context(1, tmp_path), 120, seconds=5 * SECONDS, tries=1, postgres=False)
    assert result.outcome is Outcome.PASS, result.reason


def test_a_backup_with_another_octet_is_refused(tmp_path: Path) -> None:
    result = run_broken(Context(1, tmp_path))
    assert result.outcome is Outcome.FAIL
    assert "cut short or was changed" in result.reason
