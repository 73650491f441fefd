"""Legal days: a day of the law begins when it is midnight in China, wherever the server stands."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from jiazhao.licence.legal_day import end_of_day, legal_day, start_of_day


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 5, 31, 15, 59, 59, 999999, tzinfo=UTC), date(2026, 5, 31)),
        (datetime(2026, 5, 31, 16, 0, tzinfo=UTC), date(2026, 6, 1)),
        (datetime(2024, 2, 28, 16, 0, tzinfo=UTC), date(2024, 2, 29)),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), date(2027, 1, 1)),
        (datetime(2026, 5, 31, 9, 0, tzinfo=timezone(timedelta(hours=-7))), date(2026, 6, 1)),
    ],
    ids=str,
)
def test_the_day_changes_at_midnight_in_china(instant: datetime, day: date) -> None:
    assert legal_day(instant) == day


@pytest.mark.parametrize("day", [date(2024, 2, 29), date(2026, 12, 31), date(1991, 7, 1)], ids=str)
def test_a_day_lasts_from_its_start_until_just_before_its_end(day: date) -> None:
    start, end = start_of_day(day), end_of_day(day)
    assert legal_day(start) == legal_day(end - timedelta(microseconds=1)) == day
    assert legal_day(start - timedelta(microseconds=1)) == day - timedelta(days=1)
    assert legal_day(end) == day + timedelta(days=1)
    assert end - start == timedelta(days=1)  # no summer time, also not in the years that had one


def test_days_are_given_in_utc() -> None:
    assert start_of_day(date(2026, 6, 1)) == datetime(2026, 5, 31, 16, tzinfo=UTC)
    assert start_of_day(date(2026, 6, 1)).tzinfo is UTC
