"""Legal days. A day of the law is a day in China: UTC+08:00, no summer time since 1992."""

from datetime import UTC, date, datetime, time, timedelta, timezone

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")


def legal_day(now: datetime) -> date:
    """The day in China at the instant `now` (aware)."""
    return now.astimezone(CHINA).date()


def start_of_day(day: date) -> datetime:
    """The first instant of `day` in China, in UTC."""
    return datetime.combine(day, time(), CHINA).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """The first instant after `day` in China, in UTC."""
    return start_of_day(day + timedelta(days=1))
