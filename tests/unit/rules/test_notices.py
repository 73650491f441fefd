"""What a holder is told, from the facts of the register alone."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

import pytest

from jiazhao.app import read_tables
from jiazhao.licence.history import Fact, Interval
from jiazhao.licence.legal_day import end_of_day, start_of_day
from jiazhao.licence.licence import ClassEntitlement, Grant, History
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.rules.notices import Notice, NoticeKind, notices_of
from tests.unit.drivers import FIRST_ISSUE, SINCE, driver

T = TypeVar("T")

TABLES = read_tables()
NOW = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
LAST_WEEK = NOW - timedelta(days=7)
YESTERDAY = NOW - timedelta(days=1)

_names = iter(f"{number:08d}" for number in range(10_000))


def fact(start: datetime, value: T | None, end: datetime | None = None) -> Fact[T]:
    return Fact(next(_names), Interval(start, end), start, value)


def history(**changes: object) -> History:
    made = driver()
    person, grant = made.persons[0][1], made.grants[0][1]
    entitlement = ClassEntitlement(VehicleClass.C1, FIRST_ISSUE)
    plain = History(
        holder_id=made.holder_id,
        persons=(fact(SINCE.start, person),),
        grants=(fact(SINCE.start, grant),),
        classes={VehicleClass.C1: (fact(SINCE.start, entitlement),)},
        statuses={},
        points=(),
        photos=(),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def grant_until(last: date | None, valid_from: date = FIRST_ISSUE) -> Grant:
    return replace(driver().grants[0][1], valid_from=valid_from, valid_until=last)


def told(register: History, now: datetime = NOW) -> tuple[Notice, ...]:
    return notices_of(register, TABLES.on(now.date()), now)


def kinds(register: History, now: datetime = NOW) -> list[NoticeKind]:
    return [notice.kind for notice in told(register, now)]


def test_what_stood_there_from_the_first_is_no_news() -> None:
    assert told(history(points=(fact(SINCE.start, 3),))) == ()


def test_points_are_told_with_what_was_added_and_what_there_is() -> None:
    register = history(points=(fact(SINCE.start, 3), fact(YESTERDAY, 9)))

    (notice,) = told(register)

    assert notice.kind is NoticeKind.POINTS_ADDED
    assert notice.zh == "自 2026-05-31 起新增记分 6 分，本周期累计 9 分（满分 12 分）。"
    assert "163" in str(notice.source)


def test_a_new_cycle_takes_points_away() -> None:
    register = history(points=(fact(LAST_WEEK, 9), fact(YESTERDAY, 0)))
    assert kinds(register) == [NoticeKind.POINTS_REDUCED, NoticeKind.POINTS_ADDED]


def test_a_correction_takes_the_notice_away() -> None:
    wrong, right = fact(YESTERDAY, 6), replace(fact(YESTERDAY, 0), recorded_at=NOW)
    assert told(history(points=(wrong, right))) == ()


def test_a_class_is_told_when_it_comes_and_when_it_goes() -> None:
    entitlement = ClassEntitlement(VehicleClass.D, date(2026, 5, 25))
    register = history(
        classes={VehicleClass.D: (fact(LAST_WEEK, entitlement), fact(YESTERDAY, None))}
    )
    assert kinds(register) == [NoticeKind.CLASS_ENDED, NoticeKind.CLASS_ADDED]


@pytest.mark.parametrize("status", [LicenceStatus.DETAINED, LicenceStatus.SUSPENDED])
def test_a_status_is_told_with_what_to_do(status: LicenceStatus) -> None:
    register = history(statuses={status: (fact(YESTERDAY, True),)})

    (notice,) = told(register)

    assert notice.kind is NoticeKind.STATUS_BEGAN
    assert TABLES.on(NOW.date()).statuses[status].todo_zh in notice.zh
    assert notice.source == TABLES.on(NOW.date()).statuses[status].source.cite()


def test_the_end_of_a_status_is_told() -> None:
    register = history(statuses={LicenceStatus.DETAINED: (fact(LAST_WEEK, True, YESTERDAY),)})
    assert kinds(register) == [NoticeKind.STATUS_ENDED, NoticeKind.STATUS_BEGAN]


def test_a_renewal_is_told_with_its_new_end() -> None:
    renewed = grant_until(None, date(2026, 5, 31))
    register = history(
        grants=(fact(SINCE.start, grant_until(date(2026, 7, 1))), fact(YESTERDAY, renewed))
    )

    (notice,) = told(register)

    assert notice.kind is NoticeKind.RENEWED
    assert notice.zh.endswith("至 长期。")


@pytest.mark.parametrize(
    ("days_ahead", "warnings"), [(91, 0), (90, 1), (31, 1), (30, 2), (8, 2), (7, 3), (0, 3)]
)
def test_the_end_of_validity_is_told_90_30_and_7_days_ahead(days_ahead: int, warnings: int) -> None:
    last = NOW.date() + timedelta(days=days_ahead)
    register = history(grants=(fact(SINCE.start, grant_until(last)),))

    assert kinds(register) == [NoticeKind.EXPIRES_SOON] * warnings
    ahead = [(last - notice.at.date()).days - 1 for notice in told(register)]
    assert ahead == [7, 30, 90][3 - warnings :]  # a day begins in China before it does in UTC


def test_an_ended_licence_is_told_once_and_not_warned_of_any_more() -> None:
    register = history(grants=(fact(SINCE.start, grant_until(NOW.date())),))
    assert kinds(register, end_of_day(NOW.date())) == [NoticeKind.EXPIRED]


def test_what_is_to_come_is_not_told_before() -> None:
    tomorrow = NOW + timedelta(days=1)
    assert told(history(points=(fact(tomorrow, 6),))) == ()


def test_a_notice_has_the_same_name_each_time() -> None:
    register = history(points=(fact(LAST_WEEK, 3), fact(YESTERDAY, 9)))
    later = told(register, NOW + timedelta(days=3))
    assert [notice.notice_id for notice in told(register)] == [one.notice_id for one in later]
    assert len({notice.notice_id for notice in later}) == 2


def test_what_is_recorded_late_comes_first() -> None:
    late = replace(fact(LAST_WEEK, 3), recorded_at=NOW)
    detained = {LicenceStatus.DETAINED: (fact(YESTERDAY, True),)}
    assert kinds(history(points=(late,), statuses=detained))[0] is NoticeKind.POINTS_ADDED


def test_days_are_days_in_china() -> None:
    late_evening = start_of_day(date(2026, 5, 31))
    (notice,) = told(history(points=(fact(late_evening, 3),)))
    assert "2026-05-31" in notice.zh
