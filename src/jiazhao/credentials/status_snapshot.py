r"""The country's status snapshot: which licence codes must not be driven on.

    file = "jiazhao status snapshot 1\n" ‖ four octets, the length of the head ‖ head ‖ body
    head = COSE_Sign1 by the signer of status lists: what the file is, and the hash of its body
    body = a set of handles, see `prefix_set.py`

A base says of every handle whether it is in the set; each difference after it says of which
handles the answer has changed since the file that it names by its hash. docs/specs has the rest.

Whatever is wrong with a file, its reader learns only that the status is not known
(`UndeterminedError`): a damaged snapshot must neither end a licence nor revive one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from itertools import pairwise
from typing import Final

from jiazhao.credentials import cbor, cose
from jiazhao.credentials.chain import STATUS_SIGNING, vouched_signer
from jiazhao.credentials.prefix_set import Form, PrefixSet
from jiazhao.credentials.signing import Signer
from jiazhao.credentials.status_token import CLOCK_SKEW
from jiazhao.errors import ErrorCode, UndeterminedError, UnreadableError, VerificationError

MAGIC: Final = b"jiazhao status snapshot 1\n"
SNAPSHOT_TYPE: Final = "application/jiazhao-status-snapshot"

HANDLE_OCTETS: Final = 8
MAX_FILE_OCTETS: Final = 1 << 26
"""Three times what 550 million licences take."""
MAX_HEAD_OCTETS: Final = 1 << 14
MAX_DIFFERENCES: Final = 1024

HOUR: Final = 3600

_HOME: Final = "CN"
"""Readers trust roots of other countries too, whose signers do not speak of this one's codes."""
_COSE_TYPE: Final = 16
"""RFC 9596: the type parameter of a protected header."""
_BASE, _DIFFERENCE = 0, 1
_LENGTH_OCTETS: Final = 4
_HASH_OCTETS: Final = 32
_CBOR: Final = cbor.Reader(max_octets=MAX_HEAD_OCTETS)
_FURTHEST: Final = 1 << 32
"""Seconds, hours and counts are below it."""


@dataclass(frozen=True, slots=True)
class SnapshotHead:
    """What a file says of itself."""

    follows: bytes | None
    """SHA-256 of the file that a difference follows; None for a base."""
    until_hour: int
    """It speaks of handles that were issued before this hour, counted since 1970."""
    as_of: datetime
    handles: int
    """Of how many a base speaks; of how many a difference changes the answer."""
    gaps: tuple[tuple[int, int], ...]
    """Hours of issue, from and until, of which a restore has lost the handles."""
    form: Form


@dataclass(frozen=True, slots=True)
class SnapshotFinding:
    """What a snapshot says of one handle."""

    must_not_drive: bool
    as_of: datetime


@dataclass(frozen=True, slots=True)
class StatusSnapshot:
    """A base and its differences, verified; `head` is the newest file's."""

    head: SnapshotHead
    sets: tuple[tuple[int, PrefixSet], ...] = field(repr=False)
    """Each file's set, with the hour until which it speaks."""

    @property
    def as_of(self) -> datetime:
        """Of when it is."""
        return self.head.as_of

    def look_up(self, handle: bytes, issued_at: datetime) -> SnapshotFinding:
        """What is said of a handle that was issued in the hour of `issued_at`.

        Raises `UndeterminedError`: STATUS_NOT_COVERED where that hour is not spoken of.
        """
        hour = int(issued_at.timestamp()) // HOUR
        lost = any(first <= hour < end for first, end in self.head.gaps)
        if lost or hour >= self.head.until_hour or len(handle) != HANDLE_OCTETS:
            raise UndeterminedError(ErrorCode.STATUS_NOT_COVERED)
        number = int.from_bytes(handle)
        answers = [one.has(number) for until_hour, one in self.sets if hour < until_hour]
        return SnapshotFinding(sum(answers) % 2 == 1, self.as_of)


def sign_snapshot(head: SnapshotHead, body: bytes, signer: Signer) -> bytes:
    """Put a file together."""
    form = head.form
    payload = [
        _BASE if head.follows is None else _DIFFERENCE,
        head.follows,
        head.until_hour,
        int(head.as_of.timestamp()),
        head.handles,
        [list(gap) for gap in head.gaps],
        [form.depth, form.rice, form.bucket_bits],
        sha256(body).digest(),
    ]
    signed = cose.sign(
        cbor.encode(payload), signer, with_chain=True, extra_protected={_COSE_TYPE: SNAPSHOT_TYPE}
    )
    return b"".join((MAGIC, len(signed).to_bytes(_LENGTH_OCTETS), signed, body))


def read_snapshot(
    files: Sequence[bytes],
    *,
    anchors: Iterable[bytes],
    now: datetime,
    newest_seen: datetime | None = None,
    compromised: frozenset[bytes] = frozenset(),
) -> StatusSnapshot:
    """Verify a base and the differences that follow it, in order.

    `newest_seen` is of when the newest snapshot was that the reader has met: an older one is
    refused, for it may have been put back to hide a change. `compromised` are points of keys
    whose snapshots say nothing any more. How old one may be is for its user to say.
    Raises `UndeterminedError` and nothing else.
    """
    if not 1 <= len(files) <= 1 + MAX_DIFFERENCES:
        raise _unreadable("number of files")
    anchors = tuple(anchors)
    head, first = _read(files[0], anchors, now, compromised)
    if head.follows is not None:
        raise _unreadable("it does not begin with a base")
    sets = [(head.until_hour, first)]
    for before, octets in pairwise(files):
        earlier = head
        head, further = _read(octets, anchors, now, compromised)
        if head.follows != sha256(before).digest():
            raise _unreadable("it does not follow the file before")
        if head.as_of < earlier.as_of or head.until_hour < earlier.until_hour:
            raise _unreadable("it is older than the file before")
        sets.append((head.until_hour, further))
    if head.as_of > now + CLOCK_SKEW:
        raise UndeterminedError(ErrorCode.STATUS_STALE, issued=f"{head.as_of:%Y-%m-%dT%H:%M:%SZ}")
    if newest_seen is not None and head.as_of < newest_seen:
        raise UndeterminedError(ErrorCode.STATUS_ROLLED_BACK)
    return StatusSnapshot(head, tuple(sets))


def _read(
    octets: bytes, anchors: tuple[bytes, ...], now: datetime, compromised: frozenset[bytes]
) -> tuple[SnapshotHead, PrefixSet]:
    if len(octets) > MAX_FILE_OCTETS:
        raise _unreadable("too large")
    start = len(MAGIC) + _LENGTH_OCTETS
    length = int.from_bytes(octets[len(MAGIC) : start])
    if not octets.startswith(MAGIC) or length > MAX_HEAD_OCTETS or start + length > len(octets):
        raise _unreadable("frame")
    body = octets[start + length :]
    try:
        signed = cose.parse(_CBOR.read(octets[start : start + length], "snapshot"))
        if signed.protected_headers.get(_COSE_TYPE) != SNAPSHOT_TYPE:
            raise _unreadable("type")
        signer = vouched_signer(signed.certificates(), anchors, STATUS_SIGNING)
        signer.require_validity(now)
        if signer.country != _HOME:
            raise VerificationError(ErrorCode.BAD_SIGNER_CERTIFICATE, reason="another country's")
        if signer.key.point in compromised:
            raise VerificationError(ErrorCode.SIGNER_COMPROMISED)
        signed.verify(signer.key)
        payload = cbor.as_bytes(signed.payload, "snapshot")
        head = _head(cbor.as_array(_CBOR.read(payload, "snapshot"), "snapshot", 8), body)
    except UndeterminedError:
        raise
    except UnreadableError as error:
        raise _unreadable(error.values.get("reason", error.code.wire)) from error
    except VerificationError as error:
        raise UndeterminedError(ErrorCode.STATUS_NOT_TRUSTED, reason=error.code.wire) from error
    return head, PrefixSet(head.form, body)


def _head(fields: Sequence[object], body: bytes) -> SnapshotHead:
    kind, follows, until_hour, as_of, handles, gaps, form, body_hash = fields
    if kind not in (_BASE, _DIFFERENCE) or type(kind) is not int:
        raise _unreadable("kind")
    if (follows is None) != (kind == _BASE):
        raise _unreadable("follows")
    if follows is not None and len(cbor.as_bytes(follows, "follows")) != _HASH_OCTETS:
        raise _unreadable("follows")
    if cbor.as_bytes(body_hash, "body") != sha256(body).digest():
        raise _unreadable("body")
    depth, rice, bucket_bits = cbor.as_array(form, "form", 3)
    return SnapshotHead(
        follows=None if follows is None else cbor.as_bytes(follows, "follows"),
        until_hour=_number(until_hour, "until_hour"),
        as_of=datetime.fromtimestamp(_number(as_of, "as_of"), UTC),
        handles=_number(handles, "handles"),
        gaps=tuple(_gap(gap) for gap in cbor.as_array(gaps, "gaps")),
        form=Form(
            _number(depth, "depth"), _number(rice, "rice"), _number(bucket_bits, "bucket_bits")
        ),
    )


def _gap(value: object) -> tuple[int, int]:
    first, end = cbor.as_array(value, "gap", 2)
    return _number(first, "gap"), _number(end, "gap")


def _number(value: object, name: str) -> int:
    number = cbor.as_uint(value, name)
    if number >= _FURTHEST:
        raise _unreadable(name)
    return number


def _unreadable(reason: str) -> UndeterminedError:
    return UndeterminedError(ErrorCode.STATUS_UNREADABLE, reason=reason)
