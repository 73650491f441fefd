"""What the console says and hears of recoveries, and what their subject is told."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Literal

from msgspec import Meta, Struct

OTHER = "other"


class RecoveryReason(Struct, frozen=True):
    """Why a person cannot use a passkey or PIN any more."""

    code: str
    zh: str
    en: str


RECOVERY_REASONS: Mapping[str, RecoveryReason] = MappingProxyType(
    {
        reason.code: reason
        for reason in (
            RecoveryReason("lost", "设备丢失或被盗", "The device was lost or stolen"),
            RecoveryReason("replaced", "更换了设备", "The device was replaced"),
            RecoveryReason("broken", "设备损坏，无法使用", "The device is broken"),
            RecoveryReason("pin_locked", "PIN 码已锁定或忘记", "The PIN is locked or forgotten"),
            RecoveryReason(OTHER, "其他原因", "Another reason"),
        )
    }
)

_Note = Annotated[str, Meta(max_length=200)]
_AccountId = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", max_length=64)]
_RecoveryId = Annotated[str, Meta(pattern="^[0-9a-f-]{1,36}$", max_length=36)]


class RecoveryAsked(Struct, forbid_unknown_fields=True):
    """A request: for a driver by the identity number, for staff by the provider's name of him."""

    kind: Literal["driver", "staff"]
    identifier: Annotated[str, Meta(min_length=1, max_length=255)]
    reason: Annotated[str, Meta(max_length=32)]
    note: _Note
    """Which papers were seen, and what was told."""
    papers_seen: bool
    """Whether the person was there, and the papers were compared."""

    def __repr__(self) -> str:
        return "RecoveryAsked(…)"


class RecoveryName(Struct, forbid_unknown_fields=True):
    """One request."""

    account_id: _AccountId
    recovery_id: _RecoveryId


class RecoveryDecision(Struct, forbid_unknown_fields=True):
    """What another person decides on a request."""

    account_id: _AccountId
    recovery_id: _RecoveryId
    decision: Literal["approve", "refuse"]


class ColleagueView(Struct):
    """Somebody of the authority."""

    name: str
    unit: str


class RecoveryView(Struct):
    """A request, as colleagues see it."""

    account_id: str
    recovery_id: str
    name: str
    """Whose passkeys and PIN they are."""
    staff: bool
    reason: RecoveryReason
    note: str
    state: str
    asked_by: ColleagueView
    asked_at: datetime
    expires_at: datetime
    decided_by: ColleagueView | None
    decided_at: datetime | None
    asked_by_me: bool
    may_decide: bool
    """Whether the person who looks may decide on it: somebody else asked, and has the right."""


class RecoveryList(Struct):
    """What waits, the oldest first, what was decided last, and the reasons that there are."""

    waiting: list[RecoveryView]
    decided: list[RecoveryView]
    reasons: list[RecoveryReason]


class OwnRecovery(Struct):
    """A request for the account of the person who looks: who asked, and what came of it."""

    reason: RecoveryReason
    state: str
    asked_by: ColleagueView
    asked_at: datetime
    decided_by: ColleagueView | None
    decided_at: datetime | None


class OwnRecoveries(Struct):
    """The newest first."""

    recoveries: list[OwnRecovery]
