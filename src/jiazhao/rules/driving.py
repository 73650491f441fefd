"""Whether the holder may drive a vehicle of a class on a day.

Sources: 道路交通安全法 art. 19 (the class that the licence names), 道路交通安全法实施条例 art. 28
(expired, detained, suspended, full score), and the tables of statuses and ages.

Not judged here, because a check of the licence cannot see it: the probation's limits on vehicles
and motorways (order 162 art. 77), the permit for school buses, hearing aids and glasses.
"""

from dataclasses import dataclass

from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.rules.age import age_limit_reached
from jiazhao.rules.classes import class_in_force, open_to
from jiazhao.rules.refusal import Refusal, Term, refuse
from jiazhao.rules.rows import DriveEffect, RefusalCode
from jiazhao.rules.standing import (
    judged_statuses,
    refuse_by_status,
    refuse_by_validity,
    refuse_without_class,
)
from jiazhao.rules.state import LicenceState
from jiazhao.rules.tables import RuleSet


@dataclass(frozen=True, slots=True)
class DrivingDecision:
    """All reasons against driving, statuses first and weightiest first; none means yes."""

    reasons: tuple[Refusal, ...]

    @property
    def allowed(self) -> bool:
        """Whether nothing stands against driving."""
        return not self.reasons


def check_driving(
    state: LicenceState, needed: VehicleClass | None, rules: RuleSet
) -> DrivingDecision:
    """Judge driving a vehicle of the class `needed` on the day of `rules`.

    Without a class the question is whether the holder may drive anything at all.
    """
    by_status = [
        refuse_by_status(row, RefusalCode.STATUS_FORBIDS_DRIVING, row.drive.source, rules)
        for row in judged_statuses(state, rules)
        if row.drive.effect is DriveEffect.FORBIDDEN
    ]
    by_class = (
        refuse_without_class(state, rules)
        if needed is None
        else _refuse_by_class(state, needed, rules)
    )
    return DrivingDecision((*by_status, *refuse_by_validity(state, rules), *by_class))


def _refuse_by_class(state: LicenceState, needed: VehicleClass, rules: RuleSet) -> list[Refusal]:
    if needed not in rules.classes:
        return [refuse(rules, RefusalCode.CLASS_NOT_IN_LAW, vehicle_class=needed.value)]
    name = _name(needed, rules)
    refusals = []
    if (code := _lacking(state, needed, rules)) is not None:
        refusals.append(refuse(rules, code, vehicle_class=name))
    if (limit := age_limit_reached(needed, state.birth_date, rules)) is not None:
        refusals.append(
            refuse(
                rules,
                RefusalCode.CLASS_LOST_BY_AGE,
                todo=Term(limit.todo_zh, limit.todo_en),
                source=limit.source,
                vehicle_class=name,
                age=str(limit.from_age),
            )
        )
    return refusals


def _lacking(state: LicenceState, needed: VehicleClass, rules: RuleSet) -> RefusalCode | None:
    covering = [e for e in state.classes if needed in open_to(e.vehicle_class, rules)]
    if not covering:
        return RefusalCode.CLASS_NOT_HELD
    if any(class_in_force(entitlement, rules) for entitlement in covering):
        return None
    if any(entitlement.issue_date <= rules.day for entitlement in covering):
        return RefusalCode.CLASS_EXPIRED
    return RefusalCode.CLASS_NOT_YET_GRANTED


def _name(vehicle_class: VehicleClass, rules: RuleSet) -> Term:
    row = rules.classes[vehicle_class]
    return Term(f"{row.code.value} {row.zh}", f"{row.code.value} ({row.en})")
