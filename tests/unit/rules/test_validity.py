"""Terms, renewal and ages, day by day."""

from datetime import date, timedelta

import pytest

from jiazhao.errors import RuleError
from jiazhao.rules.age import age_on
from jiazhao.rules.lookup import lookup_reason, lookup_reasons
from jiazhao.rules.rows import TermCode
from jiazhao.rules.validity import (
    in_force,
    in_renewal_window,
    is_long_term,
    last_day,
    term_after,
)
from tests.unit.rules.official_tables import TABLES, state

LASTS = [date(2022, 1, 10), date(2026, 3, 10)]


@pytest.mark.parametrize("last", LASTS)
@pytest.mark.parametrize(("days_left", "open_"), [(91, False), (90, True), (0, True), (-1, False)])
def test_a_licence_may_be_renewed_in_its_last_90_days(
    last: date, days_left: int, open_: bool
) -> None:
    rules = TABLES.on(last - timedelta(days=days_left))
    assert in_renewal_window(state(valid_until=last), rules) is open_


def test_a_long_term_licence_is_in_force_and_never_renewed() -> None:
    licence = state(valid_until=None)
    assert is_long_term(licence)
    assert in_force(licence, TABLES.on(date(2099, 1, 1)))
    assert not in_renewal_window(licence, TABLES.on(date(2099, 1, 1)))


@pytest.mark.parametrize(
    ("term", "full_score_reached", "granted"),
    [
        (TermCode.SIX_YEARS, False, TermCode.TEN_YEARS),
        (TermCode.SIX_YEARS, True, TermCode.SIX_YEARS),
        (TermCode.TEN_YEARS, False, TermCode.LONG_TERM),
        (TermCode.TEN_YEARS, True, TermCode.TEN_YEARS),
        (TermCode.LONG_TERM, False, TermCode.LONG_TERM),
    ],
)
def test_a_clean_record_grants_the_following_term(
    term: TermCode, full_score_reached: bool, granted: TermCode
) -> None:
    rules = TABLES.on(date(2022, 4, 1))
    assert term_after(term, rules, full_score_reached=full_score_reached).code is granted


@pytest.mark.parametrize(
    ("valid_from", "term", "last"),
    [
        (date(2020, 3, 10), TermCode.SIX_YEARS, date(2026, 3, 10)),
        (date(2020, 3, 10), TermCode.TEN_YEARS, date(2030, 3, 10)),
        (date(2020, 2, 29), TermCode.SIX_YEARS, date(2026, 2, 28)),
        (date(2020, 3, 10), TermCode.LONG_TERM, None),
    ],
)
def test_a_term_ends_on_the_same_day_of_the_year(
    valid_from: date, term: TermCode, last: date | None
) -> None:
    row = TABLES.on(date(2022, 4, 1)).validity_terms[term]
    assert last_day(valid_from, row) == last


@pytest.mark.parametrize(
    ("born", "day", "years"),
    [
        (date(1963, 2, 20), date(2023, 2, 19), 59),
        (date(1963, 2, 20), date(2023, 2, 20), 60),
        (date(1964, 2, 29), date(2023, 2, 28), 58),
        (date(1964, 2, 29), date(2023, 3, 1), 59),
    ],
)
def test_a_year_of_age_is_full_on_the_birthday(born: date, day: date, years: int) -> None:
    assert age_on(born, day) == years


def test_an_officer_has_four_reasons_for_a_look_up() -> None:
    rules = TABLES.on(date(2022, 4, 1))
    assert [row.code for row in lookup_reasons(rules)] == [
        "identity_without_phone",
        "phone_out_of_order",
        "accident",
        "wanted_check",
    ]
    assert str(lookup_reason("accident", rules).source) == "道路交通事故处理程序规定 art. 23"


def test_curiosity_is_not_a_reason_for_a_look_up() -> None:
    with pytest.raises(RuleError):
        lookup_reason("curiosity", TABLES.on(date(2022, 4, 1)))
