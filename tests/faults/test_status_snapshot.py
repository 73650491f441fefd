"""A small country is told by files and asked back handle by handle, in both languages."""

from pathlib import Path

from gates.protocol import Context, Outcome
from gates.status_snapshot import measure, run_broken


def test_every_handle_is_answered_as_it_is(tmp_path: Path, engine_url: str) -> None:
    result = measure(
        Context(1, tmp_path), {"here": engine_url}, 60_000, 3_000, timed=1_000, patience=5.0
    )
    assert result.outcome is Outcome.PASS, result.reason
    assert result.figures["wrong_before"] == result.figures["wrong_after"] == 0


def test_a_handle_that_is_left_out_is_found(tmp_path: Path) -> None:
    result = run_broken(Context(1, tmp_path))
    assert result.outcome is Outcome.FAIL
    assert "answers are wrong" in result.reason
