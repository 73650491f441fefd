"""Making the body of a snapshot, with arrays: the set of some handles among all others.

A prefix ends at the first bit that no handle outside of the set shares, so two neighbours tell
how long it is: a set is made from sorted handles that are read once, page by page.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jiazhao.credentials.prefix_set import (
    MAX_BUCKET_BITS,
    MAX_DEPTH,
    MAX_RICE,
    NUMBER_BITS,
    OFFSET_OCTETS,
    Form,
)

Numbers = NDArray[np.uint64]
Members = NDArray[np.bool_]
Lengths = NDArray[np.uint8]
Counts = NDArray[np.int64]

_IN_A_BUCKET: Final = 256
"""Prefixes that a look-up reads through, half of them on average: microseconds in a browser; an
offset is an eighth of a bit for each."""

_AT_ONCE: Final = 1 << 20
"""Prefixes that are written at once."""

_DEPTHS_TRIED: Final = 5
"""Below the usual length of a prefix; the best one is one or two below."""


class Prefixes:
    """The shortest prefixes that tell the members of a set from all other numbers."""

    def __init__(self) -> None:
        self._inside: list[Numbers] = []
        self._lengths: list[Lengths] = []
        self._kept_numbers: Numbers = np.empty(0, np.uint64)
        self._kept_members: Members = np.empty(0, np.bool_)
        self.numbers = 0
        self.members = 0

    def add(self, numbers: Numbers, members: Members) -> None:
        """Take the next page: numbers in ascending order, and which of them are in the set."""
        self.numbers += len(numbers)
        self.members += int(members.sum())
        numbers = np.concatenate((self._kept_numbers, numbers))
        members = np.concatenate((self._kept_members, members))
        outside = np.flatnonzero(~members)
        # Members behind the last number outside wait for the one that follows.
        last = int(outside[-1]) if len(outside) else 0
        if len(outside):
            self._take(numbers[: last + 1], members[: last + 1])
        self._kept_numbers, self._kept_members = numbers[last:], members[last:]

    def finish(self) -> tuple[Numbers, Lengths]:
        """For each member its number, and how many first bits of it no other number has."""
        self._take(self._kept_numbers, self._kept_members)
        inside = np.concatenate((np.empty(0, np.uint64), *self._inside))
        lengths = np.concatenate((np.empty(0, np.uint8), *self._lengths))
        return inside, lengths

    def _take(self, numbers: Numbers, members: Members) -> None:
        outside = numbers[~members]
        inside = numbers[members]
        if not len(inside):
            return
        above = np.searchsorted(outside, inside)
        lengths = np.ones(len(inside), np.uint8)
        for neighbours, known in ((above - 1, above > 0), (above, above < len(outside))):
            shared = _shared_bits(inside[known], outside[neighbours[known]])
            lengths[known] = np.maximum(lengths[known], shared + 1)
        self._inside.append(inside)
        self._lengths.append(lengths)


def _shared_bits(ones: Numbers, others: Numbers) -> Lengths:
    """How many first bits two different numbers have in common."""
    differing = ones ^ others
    bits = np.full(len(ones), NUMBER_BITS - 1, np.uint8)
    for step in (32, 16, 8, 4, 2, 1):
        higher = differing >> np.uint64(step)
        has = higher > 0
        bits[has] -= step
        differing = np.where(has, higher, differing)
    return bits


def write_set(inside: Numbers, lengths: Lengths) -> tuple[Form, bytes]:
    """Write a set, as `Prefixes` tells it, in the form that takes the fewest octets."""
    bucket_bits = min(max(len(inside) // _IN_A_BUCKET, 1).bit_length() - 1, MAX_BUCKET_BITS)
    form = _smallest_form(inside[:_AT_ONCE], lengths[:_AT_ONCE], bucket_bits)
    starts_of_buckets = np.arange(1 << bucket_bits, dtype=np.uint64)
    starts_of_buckets <<= np.uint64(NUMBER_BITS - max(bucket_bits, 1))
    bounds = [*np.searchsorted(inside, starts_of_buckets).tolist(), len(inside)]
    sizes: list[Counts] = []
    written: list[bytes] = []
    for buckets in _groups(bounds):
        group = slice(bounds[buckets.start], bounds[buckets.stop])
        coded = _Coded(inside[group], lengths[group], form)
        their_sizes, octets = coded.written(buckets)
        sizes.append(their_sizes)
        written.append(octets)
    offsets = np.cumsum(np.concatenate((np.zeros(1, np.int64), *sizes)))
    if int(offsets[-1]) >= 1 << 8 * OFFSET_OCTETS:
        raise ValueError("the set is too large for its directory")
    return form, b"".join((offsets.astype(">u4").tobytes(), *written))


def _groups(bounds: list[int]) -> Iterator[range]:
    """Buckets that are written together, so that little memory is needed."""
    last = len(bounds) - 1
    begin = 0
    for end in range(1, last + 1):
        if end == last or bounds[end + 1] - bounds[begin] > _AT_ONCE:
            yield range(begin, end)
            begin = end


def _smallest_form(inside: Numbers, lengths: Lengths, bucket_bits: int) -> Form:
    """The depth and the Rice parameter that need the fewest bits."""
    least = max(bucket_bits, 1)
    if not len(inside):
        return Form(least, 0, bucket_bits)
    usual = min(max(int(np.median(lengths)), least), MAX_DEPTH)
    sizes = {}
    for depth in range(max(usual - _DEPTHS_TRIED, least), usual + 1):
        coded = _Coded(inside, lengths, Form(depth, 0, bucket_bits))
        for rice in range(MAX_RICE + 1):
            form = Form(depth, rice, bucket_bits)
            ones = int((coded.gaps >> rice).sum()) + 2 * int(coded.beyond.sum())
            sizes[form] = ones + len(coded.gaps) * (rice + 2)
    return min(sizes, key=sizes.__getitem__)


class _Coded:
    """Prefixes in the numbers that are written of them."""

    def __init__(self, inside: Numbers, lengths: Lengths, form: Form) -> None:
        """Leave out a prefix that several members have."""
        self.form = form
        lengths = np.maximum(lengths, np.uint8(form.depth))
        prefixes = inside >> (NUMBER_BITS - lengths).astype(np.uint64)
        new = np.ones(len(inside), np.bool_)
        new[1:] = (prefixes[1:] != prefixes[:-1]) | (lengths[1:] != lengths[:-1])
        self.inside = inside[new]
        self.beyond: Counts = lengths[new].astype(np.int64) - form.depth
        below = np.uint64(form.depth - form.bucket_bits)
        cells = self.inside >> np.uint64(NUMBER_BITS - form.depth)
        self.buckets = cells >> below
        before = np.concatenate((np.zeros(1, np.uint64), cells[:-1]))[: len(cells)]
        first = np.ones(len(cells), np.bool_)
        first[1:] = self.buckets[1:] != self.buckets[:-1]
        before[first] = self.buckets[first] << below
        self.gaps: Counts = (cells - before).astype(np.int64)

    def written(self, buckets: range) -> tuple[Counts, bytes]:
        """The octets of these buckets, and how many each has."""
        rice, depth = self.form.rice, self.form.depth
        ones = self.gaps >> rice
        lengths = ones + 1 + rice + self.beyond + 1 + self.beyond
        bucket = (self.buckets - np.uint64(buckets.start)).astype(np.int64)
        bits = np.zeros(len(buckets), np.int64)
        np.add.at(bits, bucket, lengths)
        sizes = (bits + 7) // 8
        starts = 8 * (np.cumsum(sizes) - sizes)
        at = np.cumsum(lengths) - lengths
        at += (starts - (np.cumsum(bits) - bits))[bucket]
        field = np.zeros(8 * int(sizes.sum()), np.uint8)
        field[_runs(starts + bits, 8 * sizes - bits)] = 1
        field[_runs(at, ones)] = 1
        at += ones + 1
        for place in range(rice):
            field[at + place] = self.gaps >> rice - 1 - place & 1
        at += rice
        field[_runs(at, self.beyond)] = 1
        at += self.beyond + 1
        for place in range(int(self.beyond.max(initial=0))):
            has = self.beyond > place
            shift = np.uint64(NUMBER_BITS - 1 - depth - place)
            field[at[has] + place] = self.inside[has] >> shift & np.uint64(1)
        return sizes, np.packbits(field).tobytes()


def _runs(starts: Counts, counts: Counts) -> Counts:
    """The places of runs, one after the other."""
    ends = np.cumsum(counts)
    return np.repeat(starts - (ends - counts), counts) + np.arange(int(counts.sum()))
