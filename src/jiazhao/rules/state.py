"""What the rules judge of a licence, wherever it was read: in the register or in a checked copy."""

from dataclasses import dataclass
from datetime import date
from typing import Self

from jiazhao.licence.licence import ClassEntitlement, Licence
from jiazhao.licence.status import LicenceStatus


@dataclass(frozen=True, slots=True)
class LicenceState:
    """The facts on which claiming and driving depend.

    `recorded` are the statuses as recorded, before any that follow from points and dates.
    `valid_until` is the last day; None is long-term (长期). `repr` tells no birth date.
    """

    recorded: frozenset[LicenceStatus]
    points: int
    valid_from: date
    valid_until: date | None
    birth_date: date
    classes: tuple[ClassEntitlement, ...]

    @classmethod
    def of(cls, licence: Licence) -> Self:
        """The state of a licence of the register."""
        return cls(
            recorded=licence.statuses,
            points=licence.points,
            valid_from=licence.grant.valid_from,
            valid_until=licence.grant.valid_until,
            birth_date=licence.person.birth_date,
            classes=licence.classes,
        )

    def __repr__(self) -> str:
        return "LicenceState(…)"
