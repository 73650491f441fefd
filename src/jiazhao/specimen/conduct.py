"""Points, suspensions and other statuses of a made-up holder.

Points are posted at the moment of the decision and cleared when the twelve months end, counted
from the day of the first issue; at 12 nothing is cleared before the study is passed (order 163
art. 3, 13, 15 and 17).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate

from jiazhao.licence.history import Interval
from jiazhao.licence.legal_day import end_of_day, legal_day, start_of_day
from jiazhao.licence.status import LicenceStatus
from jiazhao.specimen.days import office_hour, years_later
from jiazhao.specimen.draws import Draws
from jiazhao.specimen.stories import Story

FULL_SCORE = 12

_DECISIONS: dict[int, tuple[tuple[int, ...], ...]] = {
    0: ((),),
    1: ((1,),),
    3: ((3,),),
    6: ((6,), (3, 3)),
    9: ((9,), (6, 3), (3, 6)),
    12: ((12,), (6, 6), (9, 3)),
    15: ((12, 3), (9, 6)),
}
"""Ways to a sum; the values are those of order 163 art. 8 to 12."""

_DAYS_AGO = {
    LicenceStatus.TRANSFERRED_OUT: (3, 15),
    LicenceStatus.USE_STOPPED: (2, 25),
    LicenceStatus.DETAINED: (2, 28),
}
_DAYS_AGO_ELSE = (5, 80)
"""How many days ago a status began, where nothing else decides it."""


@dataclass(frozen=True, slots=True)
class Conduct:
    """What was decided against a holder, and which statuses his licence had."""

    points: tuple[tuple[Interval, int], ...]
    statuses: tuple[tuple[Interval, LicenceStatus], ...]
    full_score_days: tuple[date, ...]


class _Record:
    """Collects points and statuses, cycle by cycle; `first` is the day of the first issue."""

    def __init__(self, first: date, draws: Draws) -> None:
        self.first, self.draws = first, draws
        self.points: list[tuple[Interval, int]] = []
        self.statuses: list[tuple[Interval, LicenceStatus]] = []
        self.full: list[datetime] = []

    def begins(self, year: int) -> date:
        """The first day of the cycle that begins `year` years after the first issue."""
        return years_later(self.first, year)

    def hold(self, status: LicenceStatus, start: datetime, end: datetime | None = None) -> None:
        """Note that a status held, or holds still."""
        self.statuses.append((Interval(start, end), status))

    def reach(self, total: int, year: int, within: int, cleared: date | None = None) -> None:
        """Reach `total` `within` so many days of the cycle.

        Below the full score the points end with the cycle; at it they stay until `cleared`, and
        as long the licence is over its points.
        """
        decisions = self.draws.one_of(_DECISIONS[total])
        instants = self._instants(year, within, len(decisions))
        end: datetime | None = start_of_day(self.begins(year + 1))
        if total >= FULL_SCORE:
            end = start_of_day(cleared) if cleared else None
        sums = list(accumulate(decisions))
        for start, until, points in zip(instants, [*instants[1:], end], sums, strict=False):
            self.points.append((Interval(start, until), points))
        if total >= FULL_SCORE:
            over = [at for at, points in zip(instants, sums, strict=True) if points >= FULL_SCORE]
            self.full.append(over[0])
            self.hold(LicenceStatus.POINTS_EXCEEDED, over[0], end)

    def _instants(self, year: int, within: int, count: int) -> list[datetime]:
        """Moments of decision, each on a day of its own."""
        offsets = sorted(self.draws.between(1, within - count) for _ in range(count))
        days = (self.begins(year) + timedelta(days=n + i) for i, n in enumerate(offsets))
        return [office_hour(self.draws, day) for day in days]


def conduct_of(story: Story, first: date, years: int, on: date, draws: Draws) -> Conduct:
    """Draw points and statuses of the last cycles; `years` is the number of those closed."""
    record = _Record(first, draws)
    for year in range(max(0, years - 4), years):
        _past_cycle(record, year, _event(story) if year == years - 2 else "")
    _present_cycle(record, story, years, on)
    return Conduct(
        points=tuple(record.points),
        statuses=tuple(sorted(record.statuses, key=lambda held: (held[0].start, held[1]))),
        full_score_days=tuple(legal_day(at) for at in record.full),
    )


def _event(story: Story) -> str:
    return story.past if story.past in ("full points", "suspension") else ""


def _past_cycle(record: _Record, year: int, event: str) -> None:
    begins = record.begins(year)
    if event:
        cleared = begins + timedelta(days=190)
        record.reach(FULL_SCORE, year, 150, cleared=cleared)
        detained = (LicenceStatus.DETAINED, cleared)
        suspended = (LicenceStatus.SUSPENDED, begins + timedelta(days=330))
        status, over = suspended if event == "suspension" else detained
        record.hold(status, record.full[-1], start_of_day(over))
    elif record.draws.chance(30):
        record.reach(record.draws.one_of((1, 3, 3, 6)), year, 340)
    elif record.draws.chance(15):
        noticed = begins + timedelta(days=record.draws.between(5, 300))
        settled = office_hour(record.draws, noticed + timedelta(days=record.draws.between(4, 40)))
        record.hold(LicenceStatus.VIOLATION_PENDING, office_hour(record.draws, noticed), settled)


def _present_cycle(record: _Record, story: Story, years: int, on: date) -> None:
    total = story.points
    if total is None:
        total = record.draws.one_of((0, 0, 0, 0, 1, 3, 3, 6))
    if total:
        record.reach(total, years, (on - record.begins(years)).days // 3)
    for status in map(LicenceStatus, story.statuses):
        if status is LicenceStatus.CANCELLED_RECOVERABLE:
            overdue = end_of_day(record.begins(years - 1))
            record.hold(LicenceStatus.RENEWAL_OVERDUE, overdue, end_of_day(record.begins(years)))
        if status is not LicenceStatus.POINTS_EXCEEDED:
            record.hold(status, _since(status, record, years, on))


def _since(status: LicenceStatus, record: _Record, years: int, on: date) -> datetime:
    """When a status of today began."""
    begins = record.begins(years)
    draws = record.draws
    match status:
        case LicenceStatus.RENEWAL_OVERDUE | LicenceStatus.CANCELLED_RECOVERABLE:
            return end_of_day(begins)
        case LicenceStatus.RENEWAL_DEFERRED:  # asked for within the validity (order 162 art. 75)
            return office_hour(draws, begins - timedelta(days=20))
        case LicenceStatus.INSPECTION_OVERDUE | LicenceStatus.MEDICAL_DEFERRED:
            return end_of_day(begins + timedelta(days=30))  # order 162 art. 72 and 74
        case LicenceStatus.INSPECTION_DEFERRED:
            return office_hour(draws, begins + timedelta(days=10))
        case LicenceStatus.SUSPENDED if record.full and legal_day(record.full[-1]) > begins:
            return record.full[-1]  # one decision: points and suspension
    return office_hour(
        draws, on - timedelta(days=draws.between(*_DAYS_AGO.get(status, _DAYS_AGO_ELSE)))
    )
