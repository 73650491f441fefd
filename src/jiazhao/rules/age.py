"""Vehicles that nobody may drive beyond a certain age, even while holding the class.

Source: 机动车驾驶证申领和使用规定, art. 65 of order 162 and its forerunner and amendment.
The law forbids driving the vehicle; it does not shorten what another class includes. An A1 holder
of sixty may thus no longer drive a bus (A1) but still a car (C1) until the exchange.

Gap: since 2025 a driver may apply to keep a large class beyond 63 (elastic retirement); that
extension is not modelled, so its holder is refused and told to ask the office.
"""

from datetime import date

from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.rules.rows import AgeLimitRow
from jiazhao.rules.tables import RuleSet


def age_on(birth_date: date, day: date) -> int:
    """Full years on `day`, complete from the birthday on (29 February: from 1 March)."""
    had_birthday = (day.month, day.day) >= (birth_date.month, birth_date.day)
    return day.year - birth_date.year - (0 if had_birthday else 1)


def age_limit_reached(
    vehicle_class: VehicleClass, birth_date: date, rules: RuleSet
) -> AgeLimitRow | None:
    """The limit that bars this person from vehicles of the class on the day, if there is one."""
    age = age_on(birth_date, rules.day)
    for limit in rules.age_limits.values():
        if vehicle_class in limit.classes and age >= limit.from_age:
            return limit
    return None
