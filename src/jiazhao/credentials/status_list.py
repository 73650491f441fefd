"""Status lists: one small number for each issued copy (Token Status List, draft 20, section 4).

    octets = statuses of `bits` bits each, the first in the least significant bits
    lst    = octets compressed by DEFLATE in the ZLIB format (RFC 1950)

What cannot be read raises `UndeterminedError`; nothing unreadable ever comes out as valid.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from jiazhao.errors import ErrorCode, UndeterminedError

BITS = 2
"""We publish two bits: three of the four values have a meaning here."""

MAX_OCTETS = 1 << 22
"""16 million statuses of two bits. A few kilobytes of DEFLATE can unfold to gigabytes."""

WIDTHS = (1, 2, 4, 8)
"""Section 4.1 allows these, so that a status never spans two octets."""

_HIGHEST_COMPRESSION = 9
"""Recommended by section 4.1; the draft's examples come out octet for octet."""


class StatusValue(IntEnum):
    """What we publish of a copy (section 7.1). The fourth value, 3, is never published.

    Foreign verifiers refuse whatever is not 0, so 0 says "may be relied on" and no more;
    that a newer copy exists is told to the wallet, not here.
    """

    VALID = 0
    ENDED = 1
    """Ended for good, or superseded by another copy."""
    MUST_NOT_DRIVE = 2
    """Must not be relied on now; this can change back."""


@dataclass(frozen=True, slots=True)
class StatusReference:
    """Where the status of a copy is found: the list's address and the place in it."""

    uri: str
    index: int


@dataclass(frozen=True, slots=True)
class StatusList:
    """A list that was read from a verified token; times are those of the token."""

    uri: str
    issued_at: datetime
    expires_at: datetime
    ttl: timedelta | None
    bits: int
    octets: bytes

    def status(self, index: int) -> int:
        """Return the status at `index`; raises `UndeterminedError` outside of the list."""
        return _status(self.octets, index, self.bits)

    def __repr__(self) -> str:
        return f"StatusList({self.uri}, issued_at={self.issued_at:%Y-%m-%dT%H:%M:%SZ})"


def pack(statuses: Mapping[int, int], *, size: int, bits: int = BITS, unnamed: int = 0) -> bytes:
    """Pack the statuses of a list of `size` places; a place that is not named is `unnamed`.

    Raises `ValueError` for a value or an index that does not fit: writing it would change
    the status of someone else.
    """
    per_octet = 8 // _width(bits)
    filled = sum(unnamed << bits * place for place in range(per_octet))
    octets = bytearray(bytes([filled]) * ((size + per_octet - 1) // per_octet))
    mask = (1 << bits) - 1
    for index, status in statuses.items():
        if not 0 <= index < size or not 0 <= status < 1 << bits:
            raise ValueError(f"status {status} at {index} does not fit")
        octet, shift = divmod(index * bits, 8)
        octets[octet] = octets[octet] & ~(mask << shift) | status << shift
    return bytes(octets)


def compress(octets: bytes) -> bytes:
    """Compress packed statuses as `lst` carries them."""
    return zlib.compress(octets, _HIGHEST_COMPRESSION)


def decompress(compressed: bytes) -> bytes:
    """Undo `compress` within `MAX_OCTETS`; raises `UndeterminedError`."""
    unpacker = zlib.decompressobj()
    try:
        octets = unpacker.decompress(compressed, MAX_OCTETS + 1)
    except zlib.error as error:
        raise UndeterminedError(ErrorCode.STATUS_UNREADABLE, reason="zlib") from error
    if len(octets) > MAX_OCTETS:
        raise UndeterminedError(ErrorCode.STATUS_UNREADABLE, reason="too large")
    if not unpacker.eof or unpacker.unused_data:
        raise UndeterminedError(ErrorCode.STATUS_UNREADABLE, reason="zlib")
    return octets


def read_status(compressed: bytes, index: int, *, bits: int) -> int:
    """Return one status of a compressed list; raises `UndeterminedError`."""
    return _status(decompress(compressed), index, bits)


def _status(octets: bytes, index: int, bits: int) -> int:
    try:
        width = _width(bits)
    except ValueError as error:
        raise UndeterminedError(ErrorCode.STATUS_UNREADABLE, reason="bits") from error
    octet, shift = divmod(index * width, 8)
    if not 0 <= octet < len(octets):
        raise UndeterminedError(ErrorCode.STATUS_INDEX_OUT_OF_RANGE)
    return octets[octet] >> shift & ((1 << width) - 1)


def _width(bits: int) -> int:
    if bits not in WIDTHS:
        raise ValueError(f"{bits} bits")
    return bits
