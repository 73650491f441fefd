"""A set of random 64-bit numbers, told by the shortest prefixes that no other number has.

    body = 2^b + 1 offsets of four octets ‖ 2^b buckets, b the form's `bucket_bits`

A number belongs to the bucket of its first b bits. A bucket holds its prefixes in order, each
with at least `depth` bits: how many cells of that depth lie between it and the one before, as a
Rice code (ones and a zero, then `rice` bits), and how many bits it has beyond (ones and a zero),
then these bits. Ones fill the last octet. Bits go from the highest to the lowest.

What is said of a number that was not known when the set was made means nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from jiazhao.errors import ErrorCode, UndeterminedError

NUMBER_BITS: Final = 64
MAX_DEPTH: Final = 52
"""So that numbers of cells stay exact in a browser's numbers."""
MAX_RICE: Final = 31
MAX_BUCKET_BITS: Final = 24

OFFSET_OCTETS: Final = 4
_PADDING: Final = 8
"""Fewer bits than this fill the last octet of a bucket."""


@dataclass(frozen=True, slots=True)
class Form:
    """How the prefixes of a set are written."""

    depth: int
    """Bits that every prefix has."""
    rice: int
    """Bits of a gap that are written as they are."""
    bucket_bits: int
    """First bits of a number that choose its bucket."""


@dataclass(frozen=True, slots=True)
class PrefixSet:
    """A body that was read; its buckets are read when they are asked."""

    form: Form
    octets: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Raise `UndeterminedError` where the directory does not fit the octets."""
        form = self.form
        if not 1 <= form.depth <= MAX_DEPTH or not 0 <= form.rice <= MAX_RICE:
            raise _unreadable("form")
        if not 0 <= form.bucket_bits <= min(form.depth, MAX_BUCKET_BITS):
            raise _unreadable("form")
        begin = self._directory_octets
        if len(self.octets) < begin:
            raise _unreadable("directory")
        offsets = [self._offset(place) for place in range((1 << form.bucket_bits) + 1)]
        if offsets[0] != 0 or offsets[-1] != len(self.octets) - begin or offsets != sorted(offsets):
            raise _unreadable("directory")

    def has(self, number: int) -> bool:
        """Whether a prefix of this number is in the set; raises `UndeterminedError`."""
        depth, bucket_bits = self.form.depth, self.form.bucket_bits
        cell = number >> NUMBER_BITS - depth
        beyond = f"{number & (1 << NUMBER_BITS - depth) - 1:0{NUMBER_BITS - depth}b}"
        for at, further in self._prefixes(cell >> depth - bucket_bits):
            if at > cell:
                return False
            if at == cell and beyond.startswith(further):
                return True
        return False

    def prefixes(self) -> Iterator[tuple[int, str]]:
        """Every prefix in order, as the cell of the form's depth and the bits beyond it."""
        for bucket in range(1 << self.form.bucket_bits):
            yield from self._prefixes(bucket)

    def _prefixes(self, bucket: int) -> Iterator[tuple[int, str]]:
        bits = self._bits(bucket)
        cell = bucket << self.form.depth - self.form.bucket_bits
        end_of_bucket = bucket + 1 << self.form.depth - self.form.bucket_bits
        place = 0
        while (zero := bits.find("0", place)) >= 0:
            ones, place = zero - place, zero + 1
            cell += (ones << self.form.rice) + self._number(bits, place)
            place += self.form.rice
            zero = bits.find("0", place)
            further = zero - place
            place = zero + 1 + further
            if zero < 0 or place > len(bits) or further > NUMBER_BITS - self.form.depth:
                raise _unreadable("prefix")
            if cell >= end_of_bucket:
                raise _unreadable("prefix outside of its bucket")
            yield cell, bits[zero + 1 : place]
        if len(bits) - place >= _PADDING:
            raise _unreadable("padding")

    def _bits(self, bucket: int) -> str:
        start, end = (self._directory_octets + self._offset(bucket + one) for one in (0, 1))
        octets = self.octets[start:end]
        return f"{int.from_bytes(octets):0{8 * len(octets)}b}" if octets else ""

    def _number(self, bits: str, place: int) -> int:
        digits = bits[place : place + self.form.rice]
        if len(digits) < self.form.rice:
            raise _unreadable("prefix")
        return int(digits, 2) if digits else 0

    @property
    def _directory_octets(self) -> int:
        return OFFSET_OCTETS * ((1 << self.form.bucket_bits) + 1)

    def _offset(self, place: int) -> int:
        start = OFFSET_OCTETS * place
        return int.from_bytes(self.octets[start : start + OFFSET_OCTETS])


def _unreadable(reason: str) -> UndeterminedError:
    return UndeterminedError(ErrorCode.STATUS_UNREADABLE, reason=reason)
