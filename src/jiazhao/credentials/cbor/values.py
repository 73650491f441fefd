"""What CBOR items of our formats hold, and checks of what was read.

Dates stay the text that was received: a decoded and re-encoded date need not have the same
octets, and a digest is over octets.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, Self

from cbor2 import CBORTag

from jiazhao.errors import ErrorCode, UnreadableError

_KNOWN_INSTANTS: Final = 256
"""Copies of one hour hold alike."""


class FullDate(str):
    """A full-date, tag 1004 (RFC 8943): ``YYYY-MM-DD``, kept as received."""

    __slots__ = ()

    @classmethod
    def of(cls, day: date) -> Self:
        """Write a day."""
        return cls(day.isoformat())

    def to_date(self) -> date:
        """Return the day, or raise `UnreadableError`."""
        try:
            if len(self) != 10 or self[4] != "-" or self[7] != "-":
                raise ValueError
            return date.fromisoformat(self)
        except ValueError:
            raise unreadable("full-date", "not YYYY-MM-DD") from None


class TDate(str):
    """A tdate, tag 0: RFC 3339 date-time, kept as received.

    Written without fractions and with ``Z``, as ISO/IEC 18013-5 9.1.2.4 wants.
    """

    __slots__ = ()

    @classmethod
    def of(cls, instant: datetime) -> Self:
        """Write an instant (aware); fractions of a second are cut off."""
        return cls(instant.astimezone(UTC).isoformat("T", "seconds")[:19] + "Z")

    def to_datetime(self) -> datetime:
        """Return the instant in UTC, or raise `UnreadableError`."""
        return _instant(str(self))


@lru_cache(maxsize=_KNOWN_INSTANTS)
def _instant(text: str) -> datetime:
    try:
        if len(text) < 20 or text[10] not in "Tt" or text[4] != "-":
            raise ValueError
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            raise ValueError
        return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise unreadable("tdate", "not an RFC 3339 date-time") from None


_EMBEDDED_TAG: Final = 24


def embedded(octets: bytes) -> CBORTag:
    """Return the octets of a CBOR item as an encoded item: a byte string with tag 24."""
    return CBORTag(_EMBEDDED_TAG, octets)


def unreadable(what: str, reason: str) -> UnreadableError:
    """Build the error that every reader here raises."""
    return UnreadableError(ErrorCode.UNREADABLE, what=what, reason=reason)


_ARRAYS: Final = frozenset({list, tuple})
_KEYS: Final = frozenset({str, int})
_ONLY_TAGGED: Final = frozenset({CBORTag})
_ONLY_EMBEDDED: Final = frozenset({_EMBEDDED_TAG})
_TAG: Final = attrgetter("tag")
_VALUE: Final = attrgetter("value")
_ONLY_OCTETS: Final = frozenset({bytes})


def as_map(value: object, what: str) -> Mapping[Any, Any]:
    """Return `value` if it is a map of text and integers.

    Keys are looked at, for a simple value or a date can be equal to an integer or a text.
    """
    if type(value) is not dict and not isinstance(value, Mapping):
        raise unreadable(what, "not a map")
    if not _KEYS.issuperset(map(type, value)):
        raise unreadable(what, "map key is neither text nor integer")
    return value


def as_array(value: Any, what: str, length: int | None = None) -> Sequence[Any]:
    """Return `value` if it is an array, of `length` items where given."""
    if type(value) in _ARRAYS and (length is None or length == len(value)):
        sequence: Sequence[Any] = value
        return sequence
    raise unreadable(what, "not an array" if length is None else f"not an array of {length}")


def as_bytes(value: object, what: str) -> bytes:
    """Return `value` if it is a byte string without a tag."""
    if type(value) is bytes:
        return value
    raise unreadable(what, "not a byte string")


def as_embedded(value: object, what: str) -> bytes:
    """Return the octets in `value` if it is an encoded item, tag 24."""
    if type(value) is CBORTag and value.tag == _EMBEDDED_TAG and type(value.value) is bytes:
        octets: bytes = value.value
        return octets
    raise unreadable(what, "not an encoded item (tag 24)")


def as_embedded_each(values: Sequence[Any], what: str) -> list[bytes]:
    """Return the octets in each of `values` if all are encoded items, tag 24."""
    if _ONLY_TAGGED.issuperset(map(type, values)):
        octets = list(map(_VALUE, values))
        if _ONLY_EMBEDDED.issuperset(map(_TAG, values)) and _ONLY_OCTETS.issuperset(
            map(type, octets)
        ):
            return octets
    raise unreadable(what, "not an encoded item (tag 24)")


def as_text(value: object, what: str) -> str:
    """Return `value` if it is text without a tag."""
    if type(value) is str:
        return value
    raise unreadable(what, "not text")


def as_uint(value: object, what: str) -> int:
    """Return `value` if it is an unsigned integer."""
    if type(value) is int and value >= 0:
        return value
    raise unreadable(what, "not an unsigned integer")


def as_tdate(value: object, what: str) -> datetime:
    """Return the instant of a tdate, in UTC."""
    if type(value) is TDate:
        return value.to_datetime()
    raise unreadable(what, "not a tdate (tag 0)")
