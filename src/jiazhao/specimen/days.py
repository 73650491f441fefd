"""Days and terms: arithmetic of the calendar that the histories are made of."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from jiazhao.licence.legal_day import start_of_day
from jiazhao.specimen.draws import Draws


def years_later(day: date, years: int) -> date:
    """The same day of another year; 28 February where that year has no 29th."""
    if (day.month, day.day) == (2, 29):
        day = day.replace(day=28)
    return day.replace(year=day.year + years)


def day_between(draws: Draws, first: date, last: date) -> date:
    """A day from `first` to `last`, both included."""
    return first + timedelta(days=draws.between(0, (last - first).days))


def office_hour(draws: Draws, day: date) -> datetime:
    """A minute of `day` at which an office or a patrol decides something."""
    return start_of_day(day) + timedelta(minutes=draws.between(8 * 60, 18 * 60))


def terms(
    first: date, on: date, full_score_days: Iterable[date], *, renewed: bool = True
) -> Sequence[tuple[date, date | None]]:
    """First and last day of each validity: 6 years, then 10, then long-term.

    Order 162 art. 13 and 62: the next step only where no points cycle of the term reached the
    full score; else the same number of years again. Each term begins on the last day of the one
    before it, as it stands on the cards. Not `renewed`: the last one that ended stays the last.
    """
    full = tuple(full_score_days)
    begins, years, made = first, 6, list[tuple[date, date | None]]()
    while True:
        ends = years_later(begins, years)
        made.append((begins, ends))
        if ends >= on or not renewed:
            return made
        clean = not any(begins <= day < ends for day in full)
        if clean and years == 10:
            return [*made, (ends, None)]
        begins, years = ends, 10 if clean else years
