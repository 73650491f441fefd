"""What the pages of every origin and of the console say and hear about identity."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from jiazhao.http.access import Role
from jiazhao.identity.key_messages import SecondFactor

_Word = Annotated[str, Meta(min_length=1, max_length=64)]


class Banner(Struct):
    """What a demonstration shows on every page: that nothing is real, and the day shown."""

    zh: str
    en: str


class SessionView(Struct):
    """Who is signed in here, for the page."""

    signed_in: bool
    name: str | None
    roles: list[Role]
    authenticated_at: datetime | None
    may_claim_until: datetime | None
    second_factor: SecondFactor
    environment: str
    banner: Banner | None
    server_time: datetime


class RoleGrant(Struct, forbid_unknown_fields=True):
    """A role for the person whom the identity provider knows as `subject`."""

    subject: Annotated[str, Meta(min_length=1, max_length=255)]
    role: Role
    unit: _Word
    name: _Word
    issuer: str | None = None
    """The provider; if it is named it must be the configured one."""


class RoleEnd(Struct, forbid_unknown_fields=True):
    """The end of a role."""

    account_id: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    role: Role


class AccountName(Struct, forbid_unknown_fields=True):
    """One account."""

    account_id: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class RoleView(Struct):
    """A role that somebody has now."""

    account_id: str
    role: Role
    unit: str
    name: str
    granted_at: datetime


class RoleList(Struct):
    """The roles that people have now, the latest first."""

    roles: list[RoleView]
