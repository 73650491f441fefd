"""Classes of vehicles (准驾车型) and what each includes.

Source: 机动车驾驶证申领和使用规定, annex 1, with the version of the day.
"""

from collections.abc import Iterable

from jiazhao.licence.licence import ClassEntitlement
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.rules.rows import ClassRow
from jiazhao.rules.tables import RuleSet


def vehicle_classes(rules: RuleSet) -> tuple[ClassRow, ...]:
    """The classes that exist on the day, in the order of the law."""
    return tuple(rules.classes.values())


def open_to(held: VehicleClass, rules: RuleSet) -> frozenset[VehicleClass]:
    """`held` and what the table lets its holder drive besides; nothing follows from a chain.

    A class that does not exist on the day opens nothing.
    """
    if held not in rules.classes:
        return frozenset()
    return rules.class_includes[held].includes | {held}


def covers(held: Iterable[VehicleClass], needed: VehicleClass, rules: RuleSet) -> bool:
    """Whether the holder of the classes `held` may drive a vehicle of the class `needed`."""
    return any(needed in open_to(vehicle_class, rules) for vehicle_class in held)


def class_in_force(entitlement: ClassEntitlement, rules: RuleSet) -> bool:
    """Whether the class is granted and not yet at its end; its last day is included."""
    return entitlement.issue_date <= rules.day and (
        entitlement.expiry_date is None or rules.day <= entitlement.expiry_date
    )
