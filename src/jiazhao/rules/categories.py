"""National classes as categories of ISO/IEC 18013-1, for `driving_privileges` of the mdoc.

The mapping is ours and unverified; each row says why. A category is named only where its ordinary
vehicles are open to the class. The national classes themselves travel in a namespace of their own.

Gap: the age limits of `age` are not applied here; the register ends a class that was lost.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from jiazhao.licence.licence import ClassEntitlement
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.rules.classes import class_in_force, open_to
from jiazhao.rules.tables import RuleSet


@dataclass(frozen=True, slots=True)
class DrivingPrivilege:
    """One category. No expiry date: it ends with the licence. `codes` restrict, such as 78."""

    vehicle_category_code: str
    issue_date: date
    expiry_date: date | None
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Opened:
    """One held class and one class that it opens."""

    held: ClassEntitlement
    vehicle_class: VehicleClass


def driving_privileges(
    classes: Iterable[ClassEntitlement], rules: RuleSet
) -> tuple[DrivingPrivilege, ...]:
    """The categories that the classes in force open on the day, in order of their code.

    What a class includes counts as its own: an A1 holder may drive cars, so B appears. Of several
    classes for one category the earliest issue and the latest expiry count.
    """
    by_category: dict[str, list[_Opened]] = {}
    for held in classes:
        if not class_in_force(held, rules):
            continue
        for vehicle_class in open_to(held.vehicle_class, rules):
            category = rules.iso_categories[vehicle_class].category
            if category is not None:
                by_category.setdefault(category, []).append(_Opened(held, vehicle_class))
    return tuple(
        DrivingPrivilege(
            vehicle_category_code=category,
            issue_date=min(opened.held.issue_date for opened in by_category[category]),
            expiry_date=_latest_expiry(by_category[category]),
            codes=_codes(category, by_category, rules),
        )
        for category in sorted(by_category)
    )


def _latest_expiry(opened: list[_Opened]) -> date | None:
    ends = [each.held.expiry_date for each in opened]
    return None if None in ends else max(end for end in ends if end is not None)


def _codes(category: str, by_category: dict[str, list[_Opened]], rules: RuleSet) -> tuple[str, ...]:
    """The restrictions on all ways to the category; a way without one lifts it."""
    ways = []
    for opened in by_category[category]:
        row = rules.iso_categories[opened.vehicle_class]
        like = by_category.get(row.restricted_like or "", [])
        ways.append({*row.codes, *_shared_codes(like, rules)})
    return tuple(sorted(set.intersection(*ways)))


def _shared_codes(opened: list[_Opened], rules: RuleSet) -> set[str]:
    ways = [set(rules.iso_categories[each.vehicle_class].codes) for each in opened]
    return set.intersection(*ways) if ways else set()
