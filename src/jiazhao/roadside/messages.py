"""Messages of terminals: their registration, and what one is given for a shift."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

_Word = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\x00]*$")]
_Proof = Annotated[str, Meta(min_length=1, max_length=4096)]
TerminalId = Annotated[str, Meta(pattern="^[0-9a-f-]{32}$", max_length=32)]


# -- at the console


class TerminalWanted(Struct, forbid_unknown_fields=True):
    """A terminal that a unit shall have, and what people there call it."""

    unit: _Word
    label: _Word


class RegistrationCode(Struct):
    """What whoever sets the device up types there, once."""

    terminal_id: str
    registration_code: str
    expires_at: datetime


class TerminalKill(Struct, forbid_unknown_fields=True):
    """The end of a terminal, and why."""

    reason: Annotated[str, Meta(min_length=4, max_length=200, pattern=r"^[^\x00]*$")]


class TerminalView(Struct):
    """A terminal as its administrator sees it."""

    terminal_id: str
    unit: str
    label: str
    device_label: str
    state: str
    """`waiting` for its registration, `lapsed` without one, `ready`, `on_shift`, `killed`."""
    made_at: datetime
    registered_at: datetime | None
    officer: str
    """Who has a shift on it now; nobody is an empty name."""
    shift_ends_at: datetime | None
    killed_at: datetime | None
    kill_reason: str


class TerminalList(Struct):
    """Those made last come first."""

    terminals: list[TerminalView]


# -- at the terminal


class Registration(Struct, forbid_unknown_fields=True):
    """A device that becomes a terminal: its public key, and proof that it has the private one."""

    registration_code: Annotated[str, Meta(min_length=1, max_length=32)]
    label: _Word
    jwk: dict[str, Any]
    proof: _Proof


class Registered(Struct):
    """What the device is from now on."""

    terminal_id: str
    unit: str
    label: str


class ShiftBegin(Struct, forbid_unknown_fields=True):
    """The wish to open a shift, signed by the terminal."""

    proof: _Proof


class TrustView(Struct):
    """Whom the terminal believes, in DER and base64url; `compromised` are uncompressed points."""

    roots: list[str]
    signers: list[str]
    compromised: list[str]


class OpeningKey(Struct):
    """What opens the codes of one period: kind 2 by day number, kind 3 by year."""

    kind: int
    period: int
    jwk: dict[str, str]


class UploadKey(Struct):
    """What the terminal seals its records for, so that it cannot read them again itself."""

    kid: str
    point: str


class SnapshotFile(Struct):
    """A signed file of the country's statuses, and where it is."""

    path: str
    size: int
    sha256: str
    as_of: datetime


class SnapshotView(Struct):
    """The country's statuses: the base and, in their order, what changed since."""

    base: SnapshotFile
    differences: list[SnapshotFile]


class ShiftSettings(Struct):
    """The bounds by which the terminal judges."""

    code_seconds: int
    skew_seconds: int
    challenge_after_seconds: int
    snapshot_max_age_seconds: int
    lock_after_seconds: int


class ShiftBundle(Struct):
    """An open shift, with everything a terminal needs to judge without a network.

    The keys are given once, when the shift is opened; later there are none in it.
    """

    shift_id: str
    terminal_id: str
    opened_at: datetime
    ends_at: datetime
    server_time: datetime
    trust: TrustView
    keys: list[OpeningKey]
    upload_key: UploadKey
    beacon: str
    rules: dict[str, Any]
    snapshot: SnapshotView | None
    """None until the first is published, and after a restore until it is caught up."""
    settings: ShiftSettings
