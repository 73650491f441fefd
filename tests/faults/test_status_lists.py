"""Lists are published and read back place by place, with small counts."""

from pathlib import Path

from gates.protocol import Context, Outcome
from gates.status_lists import publish_on, run_broken


def test_published_lists_say_what_the_database_says(tmp_path: Path, engine_url: str) -> None:
    result = publish_on(Context(1, tmp_path), {"here": engine_url}, 3000, 1 << 12, patience=5.0)
    assert result.outcome is Outcome.PASS, result.reason
    assert result.figures["here_lists"] == 2


def test_a_place_that_is_left_out_is_found(tmp_path: Path) -> None:
    result = run_broken(Context(1, tmp_path))
    assert result.outcome is Outcome.FAIL
    assert "2 places say otherwise" in result.reason
