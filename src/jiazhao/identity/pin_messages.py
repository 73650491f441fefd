"""What pages and doors say to each other about keys that work with a PIN."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

_Label = Annotated[str, Meta(min_length=1, max_length=64)]
_Pin = Annotated[str, Meta(pattern="^[0-9]{6}$", max_length=6)]
_Challenge = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]+$", max_length=128)]
_Coordinate = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{43}$", max_length=43)]
_Signature = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{86}$", max_length=86)]
_AccountId = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", max_length=64)]
_KeyId = Annotated[str, Meta(pattern="^[0-9a-f-]{1,36}$", max_length=36)]


class PinChallenge(Struct):
    """What the phone's key signs, base64url."""

    challenge: str


class PinKeyMade(Struct, forbid_unknown_fields=True):
    """A new key on P-256, what it signed, and the PIN that goes with it."""

    challenge: _Challenge
    label: _Label
    x: _Coordinate
    y: _Coordinate
    signature: _Signature
    pin: _Pin

    def __repr__(self) -> str:
        return "PinKeyMade(…)"


class PinShown(Struct, forbid_unknown_fields=True):
    """Whose key that is, what it signed, and the PIN."""

    challenge: _Challenge
    account_id: _AccountId
    key_id: _KeyId
    signature: _Signature
    pin: _Pin

    def __repr__(self) -> str:
        return "PinShown(…)"


class PinKeyView(Struct):
    """One of the own keys that work with a PIN, as its holder sees it."""

    account_id: str
    key_id: str
    label: str
    created_at: datetime
    last_used_at: datetime | None
    in_use: bool
    """Whether the session that asks was opened with it."""
    locked: bool
    """Whether five wrong PINs in a row ended its use."""


class PinKeyList(Struct):
    """The latest first."""

    pin_keys: list[PinKeyView]
    may_register: bool
    """Whether this session may register another."""
