"""When a photo may be changed, how old it may be, and by when a person decides."""

from datetime import date

import pytest

from jiazhao.rules.photo import (
    next_photo_change,
    oldest_capture,
    photo_review_ends,
    refuse_photo_change,
)
from tests.unit.rules.official_tables import TABLES


@pytest.mark.parametrize(
    ("today", "oldest"),
    [
        (date(2026, 6, 1), date(2025, 12, 1)),
        (date(2026, 1, 15), date(2025, 7, 15)),
        (date(2026, 8, 31), date(2026, 2, 28)),  # no 31 February
        (date(2024, 8, 31), date(2024, 2, 29)),
    ],
)
def test_a_photo_is_at_most_six_months_old(today: date, oldest: date) -> None:
    assert oldest_capture(TABLES.on(today)) == oldest


def test_the_first_change_is_free() -> None:
    assert refuse_photo_change(None, TABLES.on(date(2026, 6, 1))) is None


@pytest.mark.parametrize(
    ("today", "allowed"),
    [(date(2026, 6, 1), False), (date(2026, 11, 30), False), (date(2026, 12, 1), True)],
)
def test_a_change_comes_six_months_after_the_last(today: date, allowed: bool) -> None:
    refusal = refuse_photo_change(date(2026, 6, 1), TABLES.on(today))
    assert (refusal is None) is allowed
    if refusal is not None:
        assert refusal.code == "photo_changed_recently"
        assert "2026-12-01" in refusal.zh
        assert "2026-12-01" in refusal.en
        assert refusal.source.evidence == "unverified"


def test_the_last_day_of_august_leads_to_that_of_february() -> None:
    assert next_photo_change(date(2026, 8, 31), TABLES.on(date(2026, 8, 31))) == date(2027, 2, 28)


@pytest.mark.parametrize(
    ("handed_in", "decided_by"),
    [
        (date(2026, 6, 1), date(2026, 6, 2)),  # Monday
        (date(2026, 6, 5), date(2026, 6, 8)),  # Friday
        (date(2026, 6, 6), date(2026, 6, 8)),  # Saturday
        (date(2026, 6, 7), date(2026, 6, 8)),  # Sunday
    ],
)
def test_a_person_decides_within_one_working_day(handed_in: date, decided_by: date) -> None:
    assert photo_review_ends(TABLES.on(handed_in)) == decided_by
