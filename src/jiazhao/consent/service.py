"""Recording looks, in the transaction that answers, and showing them to whom they concern."""

from dataclasses import dataclass, replace
from datetime import timedelta

from jiazhao.consent import store
from jiazhao.consent.messages import (
    Accesses,
    AccessView,
    ActorView,
    OwnCheck,
    OwnChecks,
    ReasonView,
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

__all__ = [
    "CODE_SHOWN",
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

    def accesses_of(self, holder: HolderId, rules: RuleSet) -> Accesses:
        """What the holder sees of looks at the licence."""
        with self.database.reading() as db:
            records = store.of_holder(db, holder, SHOWN)
        return Accesses([_shown_to_holder(record, rules) for record in records])

    def access(self, db: Connection, holder: HolderId, record_id: str) -> AccessRecord | None:
        """One look at a holder's licence."""
        return store.find(db, holder, record_id)

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


def _shown_to_holder(record: AccessRecord, rules: RuleSet) -> AccessView:
    row = rules.lookup_reasons.get(record.reason)
    zh, en = (row.zh, row.en) if row else _OWN_REASONS[record.reason]
    return AccessView(
        record_id=record.record_id,
        at=record.at,
        kind=record.kind,
        actor=ActorView(record.actor_role, record.actor_name, record.actor_unit),
        reason=ReasonView(record.reason, zh, en, record.note),
        verdict=record.verdict,
        law=record.law,
        fields=list(record.fields),
    )
