"""Messages of checks that were made without a network, and of what became known afterwards."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta, Struct

from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.presentation.messages import CheckId, ReasonText

MAX_RECORDS = 50
"""A batch; a terminal with more sends another."""

MAX_SEALED_CHARS = 4096
"""A record is a code of 718 octets in base64url and some words."""

RecordId = CheckId


class SealedRecord(Struct, forbid_unknown_fields=True):
    """One record as the terminal keeps it: sealed for the server, unreadable to the terminal."""

    record_id: RecordId
    kid: Annotated[str, Meta(min_length=1, max_length=16)]
    enc: Annotated[str, Meta(min_length=1, max_length=64)]
    sealed: Annotated[str, Meta(min_length=1, max_length=MAX_SEALED_CHARS)]


class RecordBatch(Struct, forbid_unknown_fields=True):
    """Records that a terminal hands in, signed for by its key; any may come again."""

    proof: Annotated[str, Meta(min_length=1, max_length=4096)]
    records: Annotated[list[SealedRecord], Meta(min_length=1, max_length=MAX_RECORDS)]


class OfflineRecord(Struct):
    """What is sealed: one check, as the terminal made it."""

    record_id: RecordId
    shift_id: Annotated[str, Meta(max_length=36)]
    sequence: Annotated[int, Meta(ge=0)]
    check_id: CheckId
    at: datetime
    scanned: Annotated[str, Meta(min_length=1, max_length=1024)]
    verdict: Literal["VALID", "NOT_VALID", "NOT_GENUINE", "CANNOT_CONFIRM"]
    reason: Annotated[str, Meta(max_length=48)] | None = None
    vehicle_class: VehicleClass | None = None
    challenge: Annotated[int, Meta(ge=0, le=9999)] | None = None
    face: Literal["same", "differs"] | None = None
    snapshot_as_of: datetime | None = None


class FollowUpKind(StrEnum):
    """What became known of a check after it was made."""

    USED_ELSEWHERE = "used_elsewhere"
    REVOKED_SINCE = "revoked_since"
    REFUSED = "refused"
    TERMINAL_KILLED = "terminal_killed"


class RecordResult(Struct):
    """What became of one record. `stored` and `known` say the same: it is on disk, once."""

    record_id: str
    state: Literal["stored", "known"]
    follow_up: FollowUpKind | None
    reason: ReasonText | None


class RecordResults(Struct):
    """In the order of the batch."""

    results: list[RecordResult]


class FollowUpView(Struct):
    """What became known of an officer's check after it was made."""

    check_id: str
    at: datetime
    """When the check was made."""
    kind: FollowUpKind
    zh: str
    en: str
    made_at: datetime


class FollowUps(Struct):
    """The newest first."""

    follow_ups: list[FollowUpView]
