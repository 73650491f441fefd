"""A register is imported, followed through kills, and compared, with small counts."""

from pathlib import Path

import pytest

from gates import large_register
from gates.large_register import Size, run_at, run_broken
from gates.protocol import Context, Outcome


def test_a_followed_register_says_what_its_source_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large_register, "WORK_SECONDS", (0.0, 0.02))
    # Five times as patient as the gate: a shared machine has bad moments.
    monkeypatch.setattr(large_register, "SLOWER_AT_MOST", 5 * large_register.SLOWER_AT_MOST)
    result = run_at(Context(1, tmp_path), Size(2000, 1500, 5, 1), postgres=False)
    assert result.outcome is Outcome.PASS, result.reason


def test_one_holder_who_differs_is_found(tmp_path: Path) -> None:
    result = run_broken(Context(1, tmp_path))
    assert (result.outcome, result.reason) == (Outcome.FAIL, "sqlite: 1 differences")
