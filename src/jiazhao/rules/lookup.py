"""For which reasons an officer may look up a licence without the holder's code.

Source: the duty to check papers, 道路交通安全违法行为处理程序规定 art. 9 and 10; the list of
reasons is ours. Every look-up is recorded with its reason, and the holder can see it.
"""

from jiazhao.errors import ErrorCode, RuleError
from jiazhao.rules.rows import LookupReasonRow
from jiazhao.rules.tables import RuleSet


def lookup_reasons(rules: RuleSet) -> tuple[LookupReasonRow, ...]:
    """All reasons of the day, in the order in which to offer them."""
    return tuple(rules.lookup_reasons.values())


def lookup_reason(code: str, rules: RuleSet) -> LookupReasonRow:
    """The reason with this code. Raises `RuleError` where there is none."""
    row = rules.lookup_reasons.get(code)
    if row is None:
        raise RuleError(ErrorCode.UNKNOWN_LOOKUP_REASON)
    return row
