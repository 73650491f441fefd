"""Which classes a holder acquired and when, in the order that the law allows.

Source: order 162 art. 14, 17 and 65. The years keep to the stricter ages before 2022-04-01 (A1
from 26, A2 from 24, B1 from 21), since most of these histories began then. A class that a
higher one includes leaves the licence when the higher one comes.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.specimen.days import years_later
from jiazhao.specimen.draws import Draws

_C6_BEGAN = date(2022, 4, 1)
AGE_OF_LOSS = 60
"""Order 162 art. 65: from this age no large vehicles; what remains is C1."""


@dataclass(frozen=True, slots=True)
class Step:
    """One class, so many whole years after the first issue, in place of another one or not."""

    years: int
    gained: VehicleClass
    instead_of: VehicleClass | None = None


@dataclass(frozen=True, slots=True)
class Stint:
    """A class on the licence from one day until just before another."""

    vehicle_class: VehicleClass
    issue_date: date
    begins: date
    ends: date | None = None


def _steps(table: str) -> tuple[Step, ...]:
    """Read "C1@0 B1@3<C1": B1 after three years in place of C1."""
    steps = []
    for word in table.split():
        gained, _, rest = word.partition("@")
        years, _, instead_of = rest.partition("<")
        before = VehicleClass(instead_of) if instead_of else None
        steps.append(Step(int(years), VehicleClass(gained), before))
    return tuple(steps)


CAREERS = {
    "C1": _steps("C1@0"),
    "C2": _steps("C2@0"),
    "C5": _steps("C5@0"),
    "D": _steps("D@0"),
    "C2 then C1": _steps("C2@0 C1@2<C2"),
    "C1D": _steps("C1@0 D@4"),
    "C1E": _steps("C1@0 E@2"),
    "C1C6": _steps("C1@0 C6@2"),
    "C1M": _steps("C1@0 M@3"),
    "C1N": _steps("C1@0 N@5"),
    "C1P": _steps("C1@0 P@6"),
    "C3F": _steps("F@0 C3@1"),
    "C4E": _steps("E@0 C4@3"),
    "A3": _steps("C1@0 A3@4<C1"),
    "B1": _steps("C1@0 B1@4<C1"),
    "B2": _steps("C1@0 B2@3<C1"),
    "A1": _steps("C1@0 B1@4<C1 A1@8<B1"),
    "A2": _steps("C1@0 B2@3<C1 A2@7<B2"),
    "A1A2": _steps("C1@0 B1@4<C1 A1@8<B1 A2@12"),
    "B2 until 60": _steps("C1@0 B2@3<C1"),
}
ENDING_WITH_AGE = frozenset(CAREERS) - {"C1", "C2", "C5", "C2 then C1", "B2 until 60"}
"""Careers with a class that is lost at 60 or 70: their holders are kept younger."""


def years_needed(career: str) -> int:
    """Whole years after which the last step of `career` is taken."""
    return max(step.years for step in CAREERS[career])


def stints(career: str, first: date, birth: date, on: date, draws: Draws) -> tuple[Stint, ...]:
    """All classes that were ever on the licence until `on`, in the order of their issue."""
    made: dict[VehicleClass, Stint] = {}
    for step in CAREERS[career]:
        day = _day_of(step, first, draws)
        if day >= on:
            continue
        made[step.gained] = Stint(step.gained, day, day)
        if step.instead_of in made:
            made[step.instead_of] = replace(made[step.instead_of], ends=day)
    done = tuple(made.values())
    if career == "B2 until 60":
        return _downgraded(done, years_later(birth, AGE_OF_LOSS))
    return done


def _day_of(step: Step, first: date, draws: Draws) -> date:
    if step.years == 0:
        return first
    day = years_later(first, step.years) + timedelta(days=draws.between(5, 200))
    if step.gained is VehicleClass.C6:
        return max(day, _C6_BEGAN + timedelta(days=draws.between(20, 300)))
    return day


def _downgraded(before: tuple[Stint, ...], day: date) -> tuple[Stint, ...]:
    """The large class ends on `day`, and the C1 that it had taken in stands alone again."""
    car, large = before
    return (
        car,
        replace(large, ends=day),
        Stint(car.vehicle_class, car.issue_date, day),
    )
