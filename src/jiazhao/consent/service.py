"""Recording looks, in the transaction that answers, and showing them to whom they concern."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from jiazhao.consent import store
from jiazhao.consent.messages import (
    Accesses,
    AccessView,
    ActorView,
    FlaggedLooks,
    LookSample,
    OwnCheck,
    OwnChecks,
    ReasonView,
    SampledLook,
)
from jiazhao.consent.store import AccessRecord
from jiazhao.licence.identifiers import HolderId
from jiazhao.rules.tables import RuleSet
from jiazhao.storage.engine import Connection, Database
from jiazhao.storage.names import new_name

SHOWN = 200
"""As many as a page lists; older ones stay recorded."""

REPEATED_WITHIN = timedelta(minutes=2)
"""A terminal that lost the answer on a bad line asks again within this time, or anew."""

LOOKUP = "lookup"
"""The kind of a look without the holder's phone."""

SAMPLED = 20
"""As many as a supervisor looks through at a time."""

SAMPLED_FROM = 5000
"""The newest looks of a unit, from which chance chooses."""

SAMPLED_WITHIN = timedelta(days=30)

REPEATED_LOOKUPS = 3
"""So many look-ups of one person by one officer in a month are flagged: curiosity comes back."""

__all__ = [
    "CODE_SHOWN",
    "CODE_USED_TWICE",
    "DEVICE_COPIED",
    "DEVICE_ENDED",
    "DEVICE_FROZEN",
    "DEVICE_UNFROZEN",
    "OBJECTION_READ",
    "PHOTO_REVIEW",
    "RECOVERY_APPROVED",
    "RECOVERY_ASKED",
    "REGISTER_DUTY",
    "AccessRecord",
    "Consent",
]

CODE_SHOWN = "code_shown"
"""The reason of a check by code: the holder showed it."""

CODE_USED_TWICE = "code_used_twice"
"""No look: one code was met by two checks, which became known when a terminal came back."""

REGISTER_DUTY = "register_duty"
"""The reason of a look by staff of the register, who note why."""

PHOTO_REVIEW = "photo_review"
"""The reason of a look at a photo that the holder handed in."""

RECOVERY_ASKED = "recovery_asked"
"""No look: somebody asked that the holder's passkeys and PIN be ended."""

RECOVERY_APPROVED = "recovery_approved"
"""No look: a second person ended them."""

OBJECTION_READ = "objection_read"
"""The reason of a look at an objection that the holder made."""

DEVICE_COPIED = "device_copied"
"""No look: two devices showed the same electronic licence, and it was frozen."""

DEVICE_FROZEN = "device_frozen"
"""No look: the holder froze the electronic licence, or asked for it at a counter."""

DEVICE_UNFROZEN = "device_unfrozen"
"""No look: the holder released it."""

DEVICE_ENDED = "device_ended"
"""No look: the holder ended it."""

_OWN_REASONS = {
    DEVICE_COPIED: (
        "您的电子驾驶证疑被复制到另一设备，两处均已冻结。请结束该设备并重新申领",
        "Your electronic licence seems to have been copied to another device; both are frozen. "
        "End that device and claim again",
    ),
    DEVICE_FROZEN: (
        "电子驾驶证已冻结，解除前不能使用",
        "The electronic licence was frozen and cannot be used until it is released",
    ),
    DEVICE_UNFROZEN: (
        "电子驾驶证已解除冻结",
        "The electronic licence was released and can be used again",
    ),
    DEVICE_ENDED: (
        "设备上的电子驾驶证已由您结束",
        "You ended the electronic licence on a device",
    ),
    RECOVERY_ASKED: (
        "有工作人员申请移除您的全部通行密钥和 PIN 码，等待另一人批准。"
        "如非您本人办理，请立即联系车辆管理所",
        "Staff asked that all your passkeys and PINs be removed; another person must approve. If "
        "you did not ask for it, contact the vehicle administration office at once",
    ),
    RECOVERY_APPROVED: (
        "经第二人批准，您的全部通行密钥和 PIN 码已移除，所有设备已退出登录",
        "A second person approved: all your passkeys and PINs were removed, and every device was "
        "signed out",
    ),
    CODE_SHOWN: ("您出示了亮证码", "You showed your licence code"),
    CODE_USED_TWICE: (
        "同一个亮证码在两处被核验：您的手机可能被复制。如非您本人所为，请立即冻结电子驾驶证",
        "One licence code was checked in two places: your phone may have been copied. If that was "
        "not you, freeze the electronic licence at once",
    ),
    PHOTO_REVIEW: (
        "审核您提交的照片，并与登记照片比对",
        "The photo that you handed in was reviewed beside the one on file",
    ),
    OBJECTION_READ: ("处理您提出的异议", "Your objection was read in order to answer it"),
    REGISTER_DUTY: ("登记机关依职责查阅", "The authority's staff looked in the course of duty"),
}


@dataclass(frozen=True, slots=True)
class Consent:
    """Access records."""

    database: Database

    def record(self, db: Connection, record: AccessRecord) -> None:
        """Record a look in the caller's transaction: no answer without its record.

        A request that is repeated because its answer was lost is one look. Its name is the
        caller's choice, so only what is alike in everything and soon after counts as repeated:
        an officer who names every look the same is still recorded for each.
        """
        known = store.find(db, record.holder_id, record.record_id)
        if known is None:
            store.insert(db, record)
        elif not _repeats(record, known):
            store.insert(db, replace(record, record_id=new_name(record.at)))

    def record_of(self, db: Connection, holder: HolderId, record_id: str) -> AccessRecord | None:
        """The look of that name at a holder's licence."""
        return store.find(db, holder, record_id)

    def accesses_of(self, holder: HolderId, rules: RuleSet) -> Accesses:
        """What the holder sees of looks at the licence."""
        with self.database.reading() as db:
            records = store.of_holder(db, holder, SHOWN)
        return Accesses([_shown_to_holder(record, rules) for record in records])

    def access(self, db: Connection, holder: HolderId, record_id: str) -> AccessRecord | None:
        """One look at a holder's licence."""
        return store.find(db, holder, record_id)

    def lookups_since(self, db: Connection, account_id: str, since: datetime) -> int:
        """How many look-ups an officer made since a moment."""
        return store.count_kind(db, account_id, LOOKUP, since)

    def sample(self, unit: str, rules: RuleSet, now: datetime) -> LookSample:
        """Looks of a unit for its supervisor: all that are flagged, and some by chance."""
        since = now - SAMPLED_WITHIN
        with self.database.reading() as db:
            records = store.of_unit(db, unit, since, SAMPLED_FROM)
        flagged = _flagged(records)
        rest = [one for one in records if not any(one in group for group in flagged)]
        chosen = secrets.SystemRandom().sample(rest, min(SAMPLED, len(rest)))
        return LookSample(
            unit,
            since,
            [
                FlaggedLooks(
                    group[0].actor_name,
                    len(group),
                    [_sampled(one, rules, holder=one.holder_id) for one in group],
                )
                for group in flagged
            ],
            [
                _sampled(one, rules, holder=None)
                for one in sorted(chosen, key=lambda one: one.at, reverse=True)
            ],
        )

    def checks_by(self, account_id: str) -> OwnChecks:
        """What an officer sees of his own checks."""
        with self.database.reading() as db:
            records = store.of_account(db, account_id, SHOWN)
        return OwnChecks(
            [
                OwnCheck(
                    record.check_id,
                    record.at,
                    record.kind,
                    record.verdict,
                    record.vehicle_class,
                    record.reason,
                )
                for record in records
            ]
        )


def _repeats(record: AccessRecord, known: AccessRecord) -> bool:
    return replace(record, at=known.at) == known and record.at - known.at <= REPEATED_WITHIN


def _flagged(records: list[AccessRecord]) -> list[list[AccessRecord]]:
    """Look-ups of one person by one officer that are too many, each group the newest first."""
    groups: dict[tuple[str, HolderId], list[AccessRecord]] = {}
    for one in records:
        if one.kind == LOOKUP:
            groups.setdefault((one.account_id, one.holder_id), []).append(one)
    return [group for group in groups.values() if len(group) >= REPEATED_LOOKUPS]


def _sampled(record: AccessRecord, rules: RuleSet, *, holder: HolderId | None) -> SampledLook:
    return SampledLook(
        at=record.at,
        kind=record.kind,
        officer=record.actor_name,
        reason=_reason(record, rules),
        verdict=record.verdict,
        check_id=record.check_id,
        holder_id=holder,
    )


def _reason(record: AccessRecord, rules: RuleSet) -> ReasonView:
    row = rules.lookup_reasons.get(record.reason)
    zh, en = (row.zh, row.en) if row else _OWN_REASONS[record.reason]
    return ReasonView(record.reason, zh, en, record.note)


def _shown_to_holder(record: AccessRecord, rules: RuleSet) -> AccessView:
    return AccessView(
        record_id=record.record_id,
        at=record.at,
        kind=record.kind,
        actor=ActorView(record.actor_role, record.actor_name, record.actor_unit),
        reason=_reason(record, rules),
        verdict=record.verdict,
        law=record.law,
        fields=list(record.fields),
    )
