"""A strict, bounded CBOR reader (RFC 8949) over cbor2.

What the reader accepts: any order of map keys, any length form, definite or indefinite
lengths, for other issuers' documents are not canonical. What it refuses: more than
`MAX_OCTETS` octets, more than `MAX_ITEMS` items, nesting deeper than `MAX_DEPTH`, duplicate
map keys, keys that are neither text nor integer, octets after the item, text that is not
UTF-8, NaN and the infinities, `undefined` and unassigned simple values, and every tag that
the format being read does not name. Each refusal is an `UnreadableError`.

"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from math import isfinite
from typing import Any, Final

import cbor2

from jiazhao.credentials.cbor import heads
from jiazhao.credentials.cbor.values import FullDate, TDate, as_embedded, unreadable

MAX_OCTETS: Final = 131_072
"""128 KiB: five times a licence with a 20 kB portrait; the worst such input is refused in time."""

MAX_DEPTH: Final = 16
"""A DeviceResponse with driving privileges nests 9 deep."""

MAX_ITEMS: Final = 4096
"""A DeviceResponse of two documents with all elements has about 700 items."""

_UNSCANNED_OCTETS: Final = 28_672
"""Up to here even the densest input is refused by cbor2 and the walk within 50 ms; above it
the heads are counted first."""

_SMALL_OCTETS: Final = 2048
"""Most items have less, a portrait more; a large item is cheaper read by itself."""

_DECODED_BY_CBOR2: Final = frozenset(range(6)) | {
    25, 28, 29, 30, 35, 36, 37, 52, 54, 100, 256, 258, 260, 261, 1004, 43000, 55799,
}  # fmt: skip
"""Tags that cbor2 6.3 would turn into Python objects unless told otherwise."""


class _End:
    """Stands behind an item to show where the item ended.

    cbor2 neither reports where an item ended nor minds what follows it. So it reads an array
    of the item and this end: the end comes out as the second element exactly when the item
    ended where it should, provided that the item does not hold the end's own `mark`. The mark
    is integers beyond 2^53, which CBOR can write in one way only; no part of it is like its
    beginning, so that none can begin before the end.
    """

    __slots__ = ("mark", "octets", "value")

    def __init__(self, count: int) -> None:
        """Make an end of so many integers: more are faster to look for and slower to read."""
        numbers = [
            int.from_bytes(sha256(b"end of item, %d" % number).digest()[:8]) | 1 << 63 | 1
            for number in range(count)
        ]
        self.mark = b"".join(heads.head(heads.UINT, number) for number in numbers)
        self.octets = self.mark if count == 1 else heads.array_head(count) + self.mark
        self.value = numbers[0] if count == 1 else numbers


_SHORT_END: Final = _End(1)
_LONG_END: Final = _End(12)
"""Beyond 100 octets Python looks for octets in steps of that size."""


class Reader:
    """Reads CBOR in which only the given tags may occur.

    Tags 0 and 1004 come out as `TDate` and `FullDate`, tag 24 as `cbor2.CBORTag` (see
    `as_embedded`), any other allowed tag as its bare content.
    """

    __slots__ = ("_decoders", "_max_octets")

    def __init__(self, tags: Iterable[int] = (), *, max_octets: int = MAX_OCTETS) -> None:
        """Allow `tags` and up to `max_octets` octets."""
        own = {0: _read_tdate, 1004: _read_full_date}
        decoders: dict[int, Callable[[Any, bool], Any]] = dict.fromkeys(_DECODED_BY_CBOR2, _refuse)
        decoders |= {tag: own.get(tag, _read_bare) for tag in tags}
        # A hook costs as much as reading ten values, and encoded items are many: so tag 24 is
        # left to cbor2, and `inspect` refuses whatever other tag cbor2 does not know.
        if decoders.pop(24, None) is None:
            decoders[24] = _refuse
        self._decoders = decoders
        self._max_octets = max_octets

    def read(self, octets: bytes, what: str) -> object:
        """Return the one item that `octets` hold; `what` names it in the error."""
        decoded = self.decode(octets, what)
        inspect((decoded,), what)
        return decoded

    def decode(self, octets: bytes, what: str) -> object:
        """Return the item, not yet inspected: for a caller that checks each member it takes."""
        end = _SHORT_END if len(octets) <= _SMALL_OCTETS else _LONG_END
        return self._decode_ended((octets,), end, what)[0]

    def decode_each(self, items: Sequence[bytes], what: str) -> list[object]:
        """Return the item that each of `items` holds, not yet inspected; small ones in one pass."""
        small = [item for item in items if len(item) <= _SMALL_OCTETS]
        decoded = iter(self._decode_ended(small, _SHORT_END, what))
        return [
            next(decoded) if len(item) <= _SMALL_OCTETS else self.decode(item, what)
            for item in items
        ]

    def _decode_ended(self, items: Sequence[bytes], end: _End, what: str) -> list[object]:
        count = len(items)
        if not count:
            return []
        octets = b"".join((heads.array_head(2 * count), end.octets.join(items), end.octets))
        if len(octets) - count * len(end.octets) > self._max_octets:
            raise unreadable(what, f"more than {self._max_octets} octets")
        if octets.count(end.mark) != count:
            raise unreadable(what, "reserved integer")
        if len(octets) > _UNSCANNED_OCTETS:
            heads.end_of_item(octets, 0, max_items=MAX_ITEMS, max_depth=MAX_DEPTH + 1)
        try:
            decoded: list[object] = cbor2.loads(
                octets,
                semantic_decoders=self._decoders,
                max_depth=MAX_DEPTH + 1,
                allow_duplicate_keys=False,
            )
        # cbor2 says CBORDecodeError of most; the others are of hashing keys and of our hooks.
        except (cbor2.CBORError, ValueError, TypeError, OverflowError, RecursionError) as error:
            raise unreadable(what, _reason(error)) from None
        if decoded[1::2] != [end.value] * count:
            raise unreadable(what, _TOO_LONG)
        return decoded[::2]


def unwrap(octets: bytes, what: str) -> bytes:
    """Return the content of the encoded item (tag 24) that `octets` hold."""
    major, tag, position = heads.read_head(octets, 0)
    if (major, tag) == (heads.TAG, 24):
        major, length, position = heads.read_head(octets, position)
        if major == heads.BYTES and length == len(octets) - position:
            return octets[position:]
    return as_embedded(_EMBEDDED.read(octets, what), what)


def _reason(error: Exception) -> str:
    """Say what was wrong without repeating any received value."""
    cause = error.__cause__ or error
    if isinstance(cause, UnicodeDecodeError):
        return "text is not UTF-8"
    if isinstance(cause, _RefusedError):
        return str(cause)
    text = str(error)
    for mark, reason in (
        ("Duplicate map key", "duplicate map key"),
        ("nesting depth", f"nested deeper than {MAX_DEPTH}"),
        ("premature end", "cut short"),
    ):
        if mark in text:
            return reason
    return "not well-formed CBOR"


class _RefusedError(ValueError):
    """A value that our formats never hold; its text is the reason."""


def _refuse(_content: object, _immutable: bool) -> object:
    raise _RefusedError(_UNNAMED_TAG)


def _read_bare(content: object, _immutable: bool) -> object:
    # A tag behind the item would be taken off the end without a trace.
    if content == _SHORT_END.value or (
        isinstance(content, list | tuple) and list(content) == _LONG_END.value
    ):
        raise _RefusedError(_TOO_LONG)
    return content


def _read_tdate(content: object, _immutable: bool) -> TDate:
    if type(content) is not str:
        raise _RefusedError("tag 0 is not on text")
    return TDate(content)


def _read_full_date(content: object, _immutable: bool) -> FullDate:
    if type(content) is not str:
        raise _RefusedError("tag 1004 is not on text")
    return FullDate(content)


_TOO_LONG: Final = "does not end where its octets end"
_UNNAMED_TAG: Final = "tag that this format does not name"
_LEAVES: Final = frozenset({str, bytes, int, bool, type(None), FullDate, TDate})
_KEYS: Final = frozenset({str, int})
_EMBEDDED: Final = Reader(tags=(24,))


def inspect(values: Sequence[object], what: str) -> None:
    """Refuse values that cbor2 lets through and our formats never hold.

    Containers wait in a queue; what one holds is looked at by kind, all at once.
    """
    queue: list[Any] = [values]
    allowance = MAX_ITEMS
    for value in queue:
        kind = type(value)
        members = value
        if kind is cbor2.CBORTag:
            as_embedded(value, what)
            continue
        if kind is list or kind is tuple:
            pass
        elif kind is float and isfinite(value):
            continue
        elif kind is dict or isinstance(value, Mapping):  # inside a tag it is a frozendict
            if not _KEYS.issuperset(map(type, value)):
                raise unreadable(what, "map key is neither text nor integer")
            members = value.values()
        else:
            raise unreadable(what, "NaN or infinity" if kind is float else "simple value")
        allowance -= len(members)
        if allowance < 0:
            raise unreadable(what, f"more than {MAX_ITEMS} items")
        if not _LEAVES.issuperset(map(type, members)):
            queue += [member for member in members if type(member) not in _LEAVES]
