"""Facts in two times: when a thing held, and when it was recorded.

Facts are only ever added. A fact asserts one value over one interval; where intervals
overlap, the fact recorded last counts, so a correction is simply a new fact, and a fact
without a value says that the thing did not hold.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Interval:
    """Half-open: from `start` until just before `end`; no end means for good."""

    start: datetime
    end: datetime | None = None

    def __contains__(self, instant: datetime) -> bool:
        return self.start <= instant and (self.end is None or instant < self.end)


@dataclass(frozen=True, slots=True)
class Fact(Generic[T_co]):
    """`value` held over `held`, as recorded at `recorded_at`; None: it did not hold.

    `fact_id` rises with recording within one holder and breaks ties of `recorded_at`.
    """

    fact_id: str
    held: Interval
    recorded_at: datetime
    value: T_co | None


def value_at(facts: Iterable[Fact[T_co]], at: datetime, known_at: datetime) -> T_co | None:
    """The value that held at `at`, as it was known at `known_at`; None where nothing held."""
    telling = [fact for fact in facts if at in fact.held and fact.recorded_at <= known_at]
    if not telling:
        return None
    return max(telling, key=lambda fact: (fact.recorded_at, fact.fact_id)).value


Held = tuple[Interval, T]
"""When it held, and the value."""


def timeline(facts: Iterable[Fact[T]]) -> tuple[Held[T], ...]:
    """What held when, as everything recorded tells it: in order, without overlaps.

    Neighbours of one value are one entry, so two histories that say the same are equal.
    """
    facts = tuple(facts)
    known_at = max((fact.recorded_at for fact in facts), default=None)
    if known_at is None:
        return ()
    return _joined(
        (piece, value_at(facts, piece.start, known_at))
        for piece in pieces(fact.held for fact in facts)
    )


def told_timeline(entries: Iterable[Held[T]]) -> tuple[Held[T], ...]:
    """Bring entries that do not overlap into the form of `timeline`."""
    return _joined(sorted(entries, key=lambda entry: entry[0].start))


def corrections(
    ours: Sequence[Held[T]], theirs: Sequence[Held[T]]
) -> tuple[tuple[Interval, T | None], ...]:
    """The facts that turn the timeline `ours` into `theirs`; None: it did not hold then."""
    if not ours:
        return tuple(theirs)
    differing: list[tuple[Interval, T | None]] = []
    for piece in pieces(held for held, _ in (*ours, *theirs)):
        value = value_in(theirs, piece.start)
        if value_in(ours, piece.start) == value:
            continue
        before = differing[-1] if differing else None
        if before is not None and before[0].end == piece.start and before[1] == value:
            differing[-1] = (Interval(before[0].start, piece.end), value)
        else:
            differing.append((piece, value))
    return tuple(differing)


def pieces(intervals: Iterable[Interval]) -> Iterable[Interval]:
    """The shortest intervals between any two of the bounds, the last one for good."""
    bounds = set[datetime]()
    for held in intervals:
        bounds.add(held.start)
        if held.end is not None:
            bounds.add(held.end)
    starts = sorted(bounds)
    return map(Interval, starts, [*starts[1:], None])


def _joined(pieces: Iterable[tuple[Interval, T | None]]) -> tuple[Held[T], ...]:
    joined: list[Held[T]] = []
    for piece, value in pieces:
        if value is None:
            continue
        if joined and joined[-1][0].end == piece.start and joined[-1][1] == value:
            joined[-1] = (Interval(joined[-1][0].start, piece.end), value)
        else:
            joined.append((piece, value))
    return tuple(joined)


def value_in(line: Sequence[Held[T]], instant: datetime) -> T | None:
    """What a timeline says of one moment."""
    return next((value for held, value in line if instant in held), None)
