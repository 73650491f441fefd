"""Who asks, and what a route demands: the words that `identity` fills and `app` enforces."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from jiazhao.licence.identifiers import HolderId


class Role(StrEnum):
    """What an account may be; one account may have several."""

    DRIVER = "driver"
    OFFICER = "officer"
    CLERK = "clerk"
    REGISTRAR = "registrar"
    SECURITY_ADMINISTRATOR = "security_administrator"
    AUDITOR = "auditor"


class Permission(StrEnum):
    """What a route asks for; `identity.permissions` says which roles have it."""

    ANYONE = "anyone"
    """Public: protocol doors with their own tokens, health, static files, sign-in."""
    SIGNED_IN = "signed_in"
    OWN_LICENCE = "own_licence"
    CLAIM = "claim"
    CHANGE_PHOTO = "change_photo"
    OPEN_SHIFT = "open_shift"
    CHECK = "check"
    LOOK_UP = "look_up"
    MANAGE_TERMINALS = "manage_terminals"
    OFFER_AT_COUNTER = "offer_at_counter"
    FREEZE_AT_COUNTER = "freeze_at_counter"
    CHANGE_REGISTER = "change_register"
    READ_REGISTER_HISTORY = "read_register_history"
    REVIEW_PHOTOS = "review_photos"
    ANSWER_OBJECTIONS = "answer_objections"
    READ_REFUSAL_REPORTS = "read_refusal_reports"
    READ_ACCESS_RECORDS = "read_access_records"
    GRANT_ROLES = "grant_roles"
    READ_RECOVERIES = "read_recoveries"
    ASK_FOR_RECOVERY = "ask_for_recovery"
    DECIDE_RECOVERY = "decide_recovery"


WITHOUT_SHIFT = "without_shift"
"""Key of `opt`: True where an officer is served without a shift, for nobody's licence is told."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person. `holder_id` is set where a licence belongs to the account."""

    account_id: str
    name: str
    unit: str
    roles: frozenset[Role]
    holder_id: HolderId | None
    authenticated_at: datetime
    acr: str
    second_factor_at: datetime | None = None
    awaits_second_factor: bool = False
    """Whether roles are held back until a passkey is shown."""
    session_id: str = field(default="", repr=False)
    """Which session it is: the digest of its token, in hexadecimal."""

    def __repr__(self) -> str:
        return f"Actor({self.account_id}, {sorted(self.roles)})"


def demands(permission: Permission, **more: Any) -> dict[str, Any]:
    """The `opt` of a route: every route names the permission that it demands."""
    return {"permission": permission, **more}


def permission_of(opt: Mapping[str, Any]) -> Permission | None:
    """The permission that a route demands; None is a mistake that the start refuses."""
    permission = opt.get("permission")
    return permission if isinstance(permission, Permission) else None
