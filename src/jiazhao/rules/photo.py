"""When the electronic licence's photo may be changed, and by when a person must have looked.

Sources: public notices on the electronic licence (交管12123); no instrument of law was found.
How months and days are counted is the general law's: 民法典 art. 201 to 203, unverified.
"""

from datetime import date, timedelta

from jiazhao.rules.refusal import Refusal, refuse
from jiazhao.rules.rows import FigureCode, RefusalCode
from jiazhao.rules.tables import RuleSet

_SATURDAY = 5


def oldest_capture(rules: RuleSet) -> date:
    """The first day on which a photo handed in today may have been taken."""
    return _months_from(rules.day, -rules.figures[FigureCode.PHOTO_AGE].value)


def next_photo_change(last_changed: date, rules: RuleSet) -> date:
    """The first day on which the photo may be changed again."""
    return _months_from(last_changed, rules.figures[FigureCode.PHOTO_CHANGE_INTERVAL].value)


def refuse_photo_change(last_changed: date | None, rules: RuleSet) -> Refusal | None:
    """Refuse a change that comes too soon after the last one; the first is always allowed."""
    if last_changed is None or (again := next_photo_change(last_changed, rules)) <= rules.day:
        return None
    figure = rules.figures[FigureCode.PHOTO_CHANGE_INTERVAL]
    return refuse(
        rules, RefusalCode.PHOTO_CHANGED_RECENTLY, source=figure.source, day=again.isoformat()
    )


def photo_review_ends(rules: RuleSet) -> date:
    """The last day on which a photo handed in today is decided in time; today does not count.

    Gap: of days off only Saturdays and Sundays are known, not the holidays and exchanged
    working days that the State Council announces each year.
    """
    day = rules.day
    for _ in range(rules.figures[FigureCode.PHOTO_REVIEW].value):
        day += timedelta(days=1)
        while day.weekday() >= _SATURDAY:
            day += timedelta(days=1)
    return day


def _months_from(day: date, months: int) -> date:
    """The same day of another month, or its last one where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return min(date(year, month, min(day.day, 28)) + timedelta(days=max(0, day.day - 28)), last)
