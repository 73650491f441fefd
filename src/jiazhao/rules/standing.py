"""Grounds against both claiming and driving: validity, statuses, and no vehicle left to drive."""

from jiazhao.licence.status import LicenceStatus
from jiazhao.rules.age import age_limit_reached
from jiazhao.rules.classes import class_in_force, open_to
from jiazhao.rules.refusal import Refusal, Term, refuse
from jiazhao.rules.rows import RefusalCode, RowSource, StatusRow
from jiazhao.rules.state import LicenceState
from jiazhao.rules.statuses import effective_statuses, in_display_order
from jiazhao.rules.tables import RuleSet
from jiazhao.rules.validity import is_expired, is_too_early


def judged_statuses(state: LicenceState, rules: RuleSet) -> list[StatusRow]:
    """The effective statuses, weightiest first, without what the dates already say.

    An expired licence is refused once, with its date, and not again as an overdue renewal.
    """
    found = effective_statuses(state.recorded, state.points, state.valid_until, rules)
    if is_expired(state, rules):
        found -= {LicenceStatus.RENEWAL_OVERDUE}
    return [rules.statuses[status] for status in in_display_order(found, rules)]


def refuse_by_status(
    status: StatusRow, sentence: RefusalCode, source: RowSource, rules: RuleSet
) -> Refusal:
    """The refusal because of one status; its code names the status."""
    return refuse(
        rules,
        sentence,
        known_as=f"status_{status.code.name.lower()}",
        todo=Term(status.todo_zh, status.todo_en),
        source=source,
        status=Term(status.zh, status.en),
    )


def refuse_by_validity(state: LicenceState, rules: RuleSet) -> list[Refusal]:
    """The refusal, if any, because the day lies outside validity."""
    if is_too_early(state, rules):
        return [refuse(rules, RefusalCode.NOT_YET_VALID, day=state.valid_from.isoformat())]
    if state.valid_until is not None and is_expired(state, rules):
        return [refuse(rules, RefusalCode.LICENCE_EXPIRED, day=state.valid_until.isoformat())]
    return []


def refuse_without_class(state: LicenceState, rules: RuleSet) -> list[Refusal]:
    """The refusal, if any, because no vehicle at all is left to drive."""
    opened = (
        vehicle_class
        for entitlement in state.classes
        if class_in_force(entitlement, rules)
        for vehicle_class in open_to(entitlement.vehicle_class, rules)
    )
    if any(age_limit_reached(each, state.birth_date, rules) is None for each in opened):
        return []
    return [refuse(rules, RefusalCode.NO_CLASS_IN_FORCE)]
