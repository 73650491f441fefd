"""Whether the holder may claim the electronic licence (申领电子驾驶证) on a day.

Sources: 机动车驾驶证申领和使用规定 (order 162) art. 61 from 2022-04-01; the conditions themselves
are known from public notices.
"""

from dataclasses import dataclass
from typing import Self

from jiazhao.licence.licence import Licence
from jiazhao.rules.refusal import Refusal, refuse
from jiazhao.rules.rollout import region_opened
from jiazhao.rules.rows import RefusalCode
from jiazhao.rules.standing import (
    judged_statuses,
    refuse_by_status,
    refuse_by_validity,
    refuse_without_class,
)
from jiazhao.rules.state import LicenceState
from jiazhao.rules.tables import RuleSet


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """What a claim depends on; `office_code` is the issuing office's, 12 digits."""

    state: LicenceState
    office_code: str
    has_photo: bool

    @classmethod
    def of(cls, licence: Licence) -> Self:
        """The facts of a licence of the register."""
        return cls(
            state=LicenceState.of(licence),
            office_code=licence.grant.issuing_office.code,
            has_photo=licence.has_photo,
        )


@dataclass(frozen=True, slots=True)
class ClaimDecision:
    """All refusals, so that a holder need not come back for each; none means yes."""

    refusals: tuple[Refusal, ...]

    @property
    def allowed(self) -> bool:
        """Whether nothing stands against the claim."""
        return not self.refusals


def check_claim(facts: ClaimFacts, rules: RuleSet) -> ClaimDecision:
    """Judge a claim on the day of `rules`."""
    refusals = [
        refuse_by_status(row, RefusalCode.STATUS_FORBIDS_CLAIM, row.claim.source, rules)
        for row in judged_statuses(facts.state, rules)
        if not row.claim.allowed
    ]
    refusals += refuse_by_validity(facts.state, rules)
    refusals += refuse_without_class(facts.state, rules)
    if not region_opened(facts.office_code, rules):
        refusals.append(refuse(rules, RefusalCode.REGION_NOT_OPEN))
    if not facts.has_photo:
        refusals.append(refuse(rules, RefusalCode.NO_PHOTO))
    return ClaimDecision(tuple(refusals))
