"""What the statuses of a licence do: four separate questions over the same set.

Sources stand in `status_codes.json`, one for the letter and one for each effect. Two statuses
follow from other facts and are added here, so that the register cannot disagree with itself:
the full score (道路交通安全法实施条例 art. 23; 道路交通安全违法行为记分管理办法, order 163,
art. 17) and the overdue renewal.
"""

from collections.abc import Iterable
from datetime import date

from jiazhao.licence.status import LicenceStatus
from jiazhao.rules.rows import DriveEffect, QrColour
from jiazhao.rules.tables import RuleSet

DERIVED = frozenset({LicenceStatus.POINTS_EXCEEDED, LicenceStatus.RENEWAL_OVERDUE})
"""Statuses that follow from points and dates; a register need not record them."""

_WORST_FIRST = (QrColour.HIDDEN, QrColour.INVALID, QrColour.RED, QrColour.BLACK)


def effective_statuses(
    recorded: Iterable[LicenceStatus], points: int, valid_until: date | None, rules: RuleSet
) -> frozenset[LicenceStatus]:
    """The statuses that hold on the day of `rules`; never empty, NORMAL only when alone.

    A deferred renewal (order 162 art. 75) is not an overdue one, whatever the date. A recorded
    status is never taken away: where the register was told more, the stricter reading stands.
    """
    found = set(recorded) - {LicenceStatus.NORMAL}
    if points >= rules.full_score:
        found.add(LicenceStatus.POINTS_EXCEEDED)
    expired = valid_until is not None and rules.day > valid_until
    if expired and LicenceStatus.RENEWAL_DEFERRED not in found:
        found.add(LicenceStatus.RENEWAL_OVERDUE)
    return frozenset(found) or frozenset({LicenceStatus.NORMAL})


def in_display_order(effective: Iterable[LicenceStatus], rules: RuleSet) -> list[LicenceStatus]:
    """The statuses with the weightiest first."""
    return sorted(effective, key=lambda status: rules.statuses[status].rank)


def display_status(effective: frozenset[LicenceStatus], rules: RuleSet) -> LicenceStatus:
    """The one status to show where there is room for one."""
    return in_display_order(effective or {LicenceStatus.NORMAL}, rules)[0]


def qr_colour(effective: frozenset[LicenceStatus], rules: RuleSet) -> QrColour:
    """How an electronic licence already claimed is shown: as the worst status demands."""
    colours = {rules.statuses[status].qr.colour for status in effective}
    return next((colour for colour in _WORST_FIRST if colour in colours), QrColour.BLACK)


def may_claim(effective: frozenset[LicenceStatus], rules: RuleSet) -> bool:
    """Whether no status stands against claiming."""
    return all(rules.statuses[status].claim.allowed for status in effective)


def may_drive(effective: frozenset[LicenceStatus], rules: RuleSet) -> bool:
    """Whether no status forbids driving; dates, classes and age are asked in `driving`."""
    return not any(forbids_driving(status, rules) for status in effective)


def forbids_driving(status: LicenceStatus, rules: RuleSet) -> bool:
    """Whether this status alone forbids driving."""
    return rules.statuses[status].drive.effect is DriveEffect.FORBIDDEN
