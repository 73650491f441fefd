"""JSON (RFC 8259) from others: strict and bounded.

Refused: more than the given octets, nesting deeper than `MAX_DEPTH`, duplicate members,
NaN and the infinities (also as 1e999), lone surrogates, text that is not UTF-8.
"""

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any, Final, NoReturn

from msgspec import MsgspecError
from msgspec import json as msgspec_json

from jiazhao.credentials.cbor import unreadable

MAX_DEPTH: Final = 16
MAX_OCTETS: Final = 65_536
"""A proof or request object has about 2 kB; a key attestation with a chain about 8 kB."""


def read_json(octets: bytes, what: str, *, max_octets: int = MAX_OCTETS) -> object:
    """Return the value, or raise `UnreadableError`."""
    if len(octets) > max_octets:
        raise unreadable(what, f"more than {max_octets} octets")
    objects = octets.count(b"{")
    if b"\\" not in octets and objects + octets.count(b"[") <= MAX_DEPTH:
        # No surrogates and no depth: what is left to refuse msgspec refuses, in a fifth of the
        # time, except members that stand twice; with those it would write something shorter.
        # Its reasons are not ours.
        try:
            value: object = msgspec_json.decode(octets)
            if not objects or msgspec_json.encode(value) == octets:
                return value
        except (MsgspecError, UnicodeError):
            return _read_strictly(octets, what)
    return _read_strictly(octets, what)


def _read_strictly(octets: bytes, what: str) -> object:
    try:
        text = octets.decode()
        if "\\u" in text:
            _refuse_lone_surrogates(text)
        value: object = _DECODER.decode(text)
    # RecursionError: the decoder descends once a bracket. ValueError: all else that it says.
    except (ValueError, RecursionError) as error:
        raise unreadable(what, _reason(error)) from None
    _check_depth(value, what)
    return value


def read_object(octets: bytes, what: str, *, max_octets: int = MAX_OCTETS) -> Mapping[str, Any]:
    """Return the object, or raise `UnreadableError`."""
    value = read_json(octets, what, max_octets=max_octets)
    if isinstance(value, dict):
        return value
    raise unreadable(what, "not a JSON object")


class _RefusedError(ValueError):
    """JSON that our formats never hold; its text is the reason."""


def _reason(error: Exception) -> str:
    if isinstance(error, _RefusedError):
        return str(error)
    if isinstance(error, UnicodeError):
        return "text is not UTF-8"
    return "not well-formed JSON"


def _unique_members(members: list[tuple[str, Any]]) -> dict[str, Any]:
    unique = dict(members)
    if len(unique) != len(members):
        raise _RefusedError("duplicate member")
    return unique


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise _RefusedError("NaN or infinity")
    return number


def _no_constant(_text: str) -> NoReturn:
    raise _RefusedError("NaN or infinity")


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_unique_members, parse_float=_finite, parse_constant=_no_constant
)


def _refuse_lone_surrogates(text: str) -> None:
    """Escaped surrogates may pair up only when decoded, so decode once and try to write."""
    json.dumps(_DECODER.decode(text), ensure_ascii=False).encode()


def _check_depth(value: object, what: str) -> None:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        containers = [each for each in level if isinstance(each, dict | list)]
        if not containers:
            return
        level = [
            member
            for container in containers
            for member in (container.values() if isinstance(container, dict) else container)
        ]
    raise unreadable(what, f"nested deeper than {MAX_DEPTH}")
