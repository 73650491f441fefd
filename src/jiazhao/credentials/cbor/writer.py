"""Deterministic CBOR: the core rules of RFC 8949 section 4.2.1.

Shortest heads, definite lengths, map keys in the bytewise order of their encodings.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from math import isfinite
from typing import Any, Final

import cbor2

from jiazhao.credentials.cbor.heads import (
    ARRAY,
    BYTES,
    MAP,
    NINT,
    SHORT_HEADS,
    TAG,
    TEXT,
    UINT,
    head,
)
from jiazhao.credentials.cbor.values import FullDate, TDate

_TAG_TDATE: Final = head(TAG, 0)
_TAG_EMBEDDED: Final = head(TAG, 24)
_TAG_FULL_DATE: Final = head(TAG, 1004)
_TEXT_HEADS: Final = SHORT_HEADS[TEXT]


def encode(value: object) -> bytes:
    """Return the deterministic encoding of `value`, which is left untouched.

    Takes None, booleans, integers of 64 bits, finite floats, text, bytes, arrays, maps, and
    `FullDate`, `TDate` and tagged values. Anything else is a fault of the caller: TypeError or
    ValueError. A plain date or datetime is refused, since a field demands one tag of two.
    """
    write = _WRITERS.get(type(value))
    if write is not None:
        return write(value)
    if isinstance(value, Mapping):
        return _map(value)
    if isinstance(value, list | tuple):
        return _array(value)
    if isinstance(value, date | datetime):
        raise TypeError("give FullDate or TDate, not a Python date")
    raise TypeError(f"CBOR of {type(value).__name__} is not defined here")


def embed(octets: bytes) -> bytes:
    """Return `octets` as an encoded item: tag 24 on a byte string."""
    return _TAG_EMBEDDED + head(BYTES, len(octets)) + octets


def encoded_array(items: Sequence[bytes]) -> bytes:
    """Return an array of items that are encoded already."""
    return head(ARRAY, len(items)) + b"".join(items)


def encoded_map(members: Mapping[str, bytes]) -> bytes:
    """Return a map of members that are encoded already, its keys in deterministic order."""
    pairs = sorted([(_key(key), member) for key, member in members.items()])
    return head(MAP, len(pairs)) + b"".join(map(b"".join, pairs))


def _integer(value: int) -> bytes:
    return head(UINT, value) if value >= 0 else head(NINT, -1 - value)


def _text(value: str) -> bytes:
    octets = value.encode()
    length = len(octets)
    return (_TEXT_HEADS[length] if length < 256 else head(TEXT, length)) + octets


def _bytes(value: bytes) -> bytes:
    return head(BYTES, len(value)) + value


def _array(value: list[object] | tuple[object, ...]) -> bytes:
    return head(ARRAY, len(value)) + b"".join(map(encode, value))


def _map(value: Mapping[Any, object]) -> bytes:
    members = sorted([(_key(key), encode(member)) for key, member in value.items()])
    return head(MAP, len(members)) + b"".join(map(b"".join, members))


@lru_cache(maxsize=1024)
def _text_key(key: str) -> bytes:
    return _text(key)


def _key(key: object) -> bytes:
    """Encode a key; names of members recur, so short ones are kept."""
    return _text_key(key) if type(key) is str and len(key) <= 64 else encode(key)


def _float(value: float) -> bytes:
    if not isfinite(value):
        raise ValueError("NaN and the infinities are not written")
    return cbor2.dumps(value, canonical=True)


_WRITERS: Final[dict[type, Callable[[Any], bytes]]] = {
    type(None): lambda _: b"\xf6",
    bool: lambda value: b"\xf5" if value else b"\xf4",
    int: _integer,
    str: _text,
    bytes: _bytes,
    float: _float,
    list: _array,
    tuple: _array,
    dict: _map,
    FullDate: lambda value: _TAG_FULL_DATE + _text(value),
    TDate: lambda value: _TAG_TDATE + _text(value),
    cbor2.CBORTag: lambda value: head(TAG, value.tag) + encode(value.value),
}
