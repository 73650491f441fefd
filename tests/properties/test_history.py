"""Laws of the two times: which fact counts, and what a later one can never change."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from jiazhao.licence.history import (
    Fact,
    Interval,
    corrections,
    timeline,
    told_timeline,
    value_at,
)

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

hours = st.integers(0, 12)
"""Few, so that intervals meet, touch and cover each other."""

moments = hours.map(lambda hour: BEGIN + timedelta(hours=hour))
values = st.none() | st.integers(0, 3)


def _interval(start: datetime, length: int) -> Interval:
    return Interval(start, start + timedelta(hours=length) if length else None)


intervals = st.builds(_interval, moments, st.integers(0, 6))


def _recorded(rows: list[tuple[datetime, Interval, int | None]]) -> list[Fact[int]]:
    """Return facts in the order of their recording; at one instant their ids tell them apart."""
    rows.sort(key=lambda row: row[0])
    return [Fact(f"{n:04d}", held, at, value) for n, (at, held, value) in enumerate(rows)]


recordings = st.lists(st.tuples(moments, intervals, values), max_size=8).map(_recorded)


@given(recordings, moments, moments)
def test_the_last_recorded_of_those_that_cover_the_moment_counts(
    facts: list[Fact[int]], at: datetime, known_at: datetime
) -> None:
    expected = None
    for fact in facts:  # in the order of recording, each overwrites the ones before
        begun = fact.held.start <= at
        over = fact.held.end is not None and fact.held.end <= at
        if begun and not over and fact.recorded_at <= known_at:
            expected = fact.value
    assert value_at(facts, at, known_at) == expected


@given(recordings, st.integers(0, 8), moments, moments)
def test_the_order_in_which_facts_are_read_does_not_matter(
    facts: list[Fact[int]], cut: int, at: datetime, known_at: datetime
) -> None:
    shuffled = [*facts[cut:][::-1], *facts[:cut]]
    assert value_at(shuffled, at, known_at) == value_at(facts, at, known_at)


@given(recordings, intervals, moments, moments, values)
def test_a_fact_about_another_time_changes_nothing_now(
    facts: list[Fact[int]],
    held: Interval,
    at: datetime,
    known_at: datetime,
    value: int | None,
) -> None:
    assume(at not in held)
    added = Fact("9999", held, BEGIN, value)
    assert value_at([*facts, added], at, known_at) == value_at(facts, at, known_at)


@given(recordings, recordings, moments, moments)
def test_as_known_then_never_sees_what_was_recorded_later(
    facts: list[Fact[int]], others: list[Fact[int]], at: datetime, known_at: datetime
) -> None:
    later = [
        replace(fact, fact_id=f"later {fact.fact_id}", recorded_at=known_at + MICROSECOND)
        for fact in others
    ]
    assert value_at([*facts, *later], at, known_at) == value_at(facts, at, known_at)


@given(recordings, intervals, st.integers(0, 3), moments)
def test_a_correction_says_what_holds_within_its_interval(
    facts: list[Fact[int]], held: Interval, value: int, at: datetime
) -> None:
    now = BEGIN + timedelta(days=1)
    corrected = [*facts, Fact("9999", held, now, value)]
    assert value_at(corrected, at, now) == (value if at in held else value_at(facts, at, now))


@given(recordings, intervals, moments)
def test_a_fact_without_a_value_says_that_nothing_held(
    facts: list[Fact[int]], held: Interval, at: datetime
) -> None:
    now = BEGIN + timedelta(days=1)
    ended: Fact[int] = Fact("9999", held, now, None)
    if at in held:
        assert value_at([*facts, ended], at, now) is None


@given(intervals, moments)
def test_an_interval_has_its_beginning_and_not_its_end(held: Interval, moment: datetime) -> None:
    assert held.start in held
    assert held.start - MICROSECOND not in held
    if held.end is None:
        assert max(moment, held.start) in held
    else:
        assert held.end not in held
        assert held.end - MICROSECOND in held


@given(recordings, moments)
def test_a_timeline_says_at_each_moment_what_the_facts_say(
    facts: list[Fact[int]], at: datetime
) -> None:
    known_at = BEGIN + timedelta(days=9)
    line = timeline(facts)
    assert [value for held, value in line if at in held] == [
        value for value in [value_at(facts, at, known_at)] if value is not None
    ]


@given(recordings)
def test_a_timeline_has_one_form(facts: list[Fact[int]]) -> None:
    line = timeline(facts)
    halves = [
        (Interval(begin, end), value)
        for held, value in reversed(line)
        for begin, end in ([(held.start, held.end)] if held.end is None else _halved(held))
    ]
    assert told_timeline(halves) == line


def _halved(held: Interval) -> list[tuple[datetime, datetime | None]]:
    assert held.end is not None
    middle = held.start + (held.end - held.start) / 2
    return [(held.start, middle), (middle, held.end)]


@given(recordings, recordings)
def test_corrections_turn_one_timeline_into_the_other_and_end_there(
    ours: list[Fact[int]], others: list[Fact[int]]
) -> None:
    theirs = timeline(others)
    later = BEGIN + timedelta(days=9)
    added = [
        Fact(f"9{n:04d}", held, later, value)
        for n, (held, value) in enumerate(corrections(timeline(ours), theirs))
    ]
    corrected = timeline([*ours, *added])
    assert corrected == theirs
    assert corrections(corrected, theirs) == ()
