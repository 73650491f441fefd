"""Validity of a licence (有效期) and its renewal.

Sources: 道路交通安全法实施条例 art. 26; 机动车驾驶证申领和使用规定 (order 162) art. 13, 62, 63.
"""

from datetime import date

from jiazhao.licence.licence import Grant
from jiazhao.rules.rows import TermCode, TermRow
from jiazhao.rules.state import LicenceState
from jiazhao.rules.tables import RuleSet


def is_long_term(grant: Grant | LicenceState) -> bool:
    """Whether the licence is valid for good (长期)."""
    return grant.valid_until is None


def in_force(grant: Grant | LicenceState, rules: RuleSet) -> bool:
    """Whether the day lies within validity, the first and the last day included."""
    return not is_too_early(grant, rules) and not is_expired(grant, rules)


def is_too_early(grant: Grant | LicenceState, rules: RuleSet) -> bool:
    """Whether validity has not begun."""
    return rules.day < grant.valid_from


def is_expired(grant: Grant | LicenceState, rules: RuleSet) -> bool:
    """Whether the last day of validity has passed."""
    return grant.valid_until is not None and rules.day > grant.valid_until


def in_renewal_window(grant: Grant | LicenceState, rules: RuleSet) -> bool:
    """Whether the licence may be renewed now: in the 90 days before its last day, and on it."""
    if grant.valid_until is None:
        return False
    return grant.valid_until - rules.renewal_window <= rules.day <= grant.valid_until


def term_after(term: TermCode, rules: RuleSet, *, full_score_reached: bool) -> TermRow:
    """The term that a renewal grants; the next one only if no cycle reached the full score."""
    row = rules.validity_terms[term]
    return row if full_score_reached else rules.validity_terms[row.following]


def last_day(valid_from: date, term: TermRow) -> date | None:
    """The last day of a term that begins on `valid_from`; None is long-term.

    Cards show the same day of the month at both ends. From 29 February it is 28 February where
    the year has no other: the law is silent, so this is our reading.
    """
    if term.years is None:
        return None
    year = valid_from.year + term.years
    try:
        return valid_from.replace(year=year)
    except ValueError:
        return date(year, 2, 28)
