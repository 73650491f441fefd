"""The power is cut under load, with small counts; where it cannot be cut, that is said."""

from pathlib import Path

from gates import power_cuts
from gates.power_cuts import cut_postgres, cut_sqlite, judge
from gates.protocol import Context, Outcome
from gates.volume import why_not


def test_what_was_acknowledged_survives_a_power_cut(tmp_path: Path) -> None:
    context = Context(1, tmp_path)
    if why_not():
        result = power_cuts.run(context)
        assert (result.outcome, bool(result.reason)) == (Outcome.NOT_RUN, True)
        return
    tallies = {"sqlite": cut_sqlite(context, 2), "postgres": cut_postgres(context, 1)}
    result = judge(tallies)
    assert result.outcome is Outcome.PASS, result.reason
    assert result.figures["sqlite_cuts"] == 2
    assert result.figures["postgres_cuts"] == 1


def test_a_database_without_durability_is_caught(tmp_path: Path) -> None:
    if why_not():
        return  # said above
    tally = cut_sqlite(Context(1, tmp_path), 6, careless=True)
    assert tally.lost
