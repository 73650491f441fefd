"""Time enters the system here, and nowhere else."""

from collections.abc import Callable
from datetime import UTC, date, datetime

from jiazhao.licence.legal_day import legal_day, start_of_day

Clock = Callable[[], datetime]
"""Gives the present instant, aware and in UTC."""


def system_clock() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)


def shown_day_clock(day: date, real: Clock = system_clock) -> Clock:
    """A clock that shows another day and runs on from the present time of day.

    For demonstrations: it lets people see the law of a past or coming day.
    """
    started = real()
    offset = start_of_day(day) - start_of_day(legal_day(started))
    return lambda: real() + offset
