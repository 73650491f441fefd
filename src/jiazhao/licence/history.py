"""Facts in two times: when a thing held, and when it was recorded.

Facts are only ever added. A fact asserts one value over one interval; where intervals
overlap, the fact recorded last counts, so a correction is simply a new fact, and a fact
without a value says that the thing did not hold.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

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
