"""What pages and doors say to each other about a person's own keys."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from msgspec import Meta, Struct

Base64url = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]+$")]
_Label = Annotated[str, Meta(min_length=1, max_length=64)]
_Id = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]+$", max_length=1366)]
"""1023 octets at most (Web Authentication, 4)."""
_Short = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]+$", max_length=1024)]
_Long = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]+$", max_length=8192)]
RowName = Annotated[str, Meta(pattern="^[0-9a-f-]{1,36}$")]


class SecondFactor(StrEnum):
    """What a session still lacks before it has its roles."""

    NOT_NEEDED = "not_needed"
    DONE = "done"
    SHOW = "show"
    """A passkey is registered and must be shown."""
    REGISTER = "register"
    """None is registered, and the security administrator has allowed it."""
    NOT_ALLOWED = "not_allowed"
    """None is registered, and nobody has allowed it."""


class PasskeyOptions(Struct):
    """What the browser's own call is given; binary values are base64url."""

    challenge: str
    options: dict[str, Any]


class PasskeyMade(Struct, forbid_unknown_fields=True):
    """What an authenticator made; binary values are base64url."""

    challenge: _Short
    label: _Label
    id: _Id
    client_data: _Long
    attestation: _Long


class PasskeyShown(Struct, forbid_unknown_fields=True):
    """What an authenticator signed; binary values are base64url."""

    challenge: _Short
    id: _Id
    client_data: _Long
    authenticator_data: _Long
    signature: _Short
    user_handle: _Short | None = None


class KeyName(Struct, forbid_unknown_fields=True):
    """One of the own keys."""

    key_id: RowName


class KeyView(Struct):
    """One of the own keys, as its holder sees it."""

    key_id: str
    label: str
    created_at: datetime
    last_used_at: datetime | None
    in_use: bool
    """Whether the session that asks was opened with it."""


class KeyList(Struct):
    """The own keys at this origin, the latest first."""

    passkeys: list[KeyView]
    may_register: bool
    """Whether this session may register another."""


class EnrolmentView(Struct):
    """Until when a person may register the first passkey."""

    account_id: str
    expires_at: datetime
