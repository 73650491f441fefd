"""Disclosures, and their places among the claims (RFC 9901, sections 4.2 and 7.1)."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final, NamedTuple

from jiazhao.credentials.cbor import unreadable
from jiazhao.credentials.json_reading import MAX_DEPTH, read_json
from jiazhao.credentials.sdjwt.model import Disclosed, Path
from jiazhao.credentials.sdjwt.names import (
    ARRAY_DIGEST,
    DIGEST_ALGORITHM_NAME,
    DIGESTS,
    NEVER_DISCLOSED,
)
from jiazhao.credentials.signing import read_base64url, write_base64url

MAX_OCTETS: Final = 196_608
"""What the characters of a whole SD-JWT can hold: the portrait is one disclosure."""

_RESERVED: Final = frozenset({DIGESTS, ARRAY_DIGEST})


class Disclosure(NamedTuple):
    """One disclosure, not yet in its place."""

    text: str
    name: str | None
    """None for an element of an array."""
    value: Any


def read_disclosures(texts: list[str]) -> dict[str, Disclosure]:
    """Return the disclosures by their digest; raises `UnreadableError`."""
    by_digest = {}
    for text in texts:
        octets = read_base64url(text, "disclosure")
        parts = read_json(octets, "disclosure", max_octets=MAX_OCTETS)
        if not isinstance(parts, list) or len(parts) not in {2, 3}:
            raise unreadable("disclosure", "not an array of two or three")
        if not isinstance(parts[0], str):
            raise unreadable("disclosure", "salt is not text")
        name = parts[1] if len(parts) == 3 else None
        if len(parts) == 3 and (not isinstance(name, str) or name in _RESERVED):
            raise unreadable("disclosure", "bad name of a claim")
        digest = write_base64url(sha256(text.encode()).digest())
        by_digest[digest] = Disclosure(text, name, parts[-1])
    if len(by_digest) != len(texts):
        raise unreadable("SD-JWT", "a disclosure came twice")
    return by_digest


class Places:
    """Puts disclosures where their digests stand (RFC 9901, section 7.1, step 3)."""

    def __init__(self, disclosures: dict[str, Disclosure]) -> None:
        self.waiting = disclosures
        self.disclosed: list[Disclosed] = []
        self._met: set[str] = set()

    def fill(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return the payload with what was disclosed and without digests."""
        filled = self._object(payload, ())
        for path, _ in self.disclosed:
            if path[0] in NEVER_DISCLOSED or path[0] == DIGEST_ALGORITHM_NAME:
                raise unreadable("disclosure", "of a claim that must not be one")
        return filled

    def _value(self, value: Any, path: Path) -> Any:
        if isinstance(value, dict):
            return self._object(value, path)
        return self._array(value, path) if isinstance(value, list) else value

    def _object(self, members: Mapping[str, Any], path: Path) -> dict[str, Any]:
        # Disclosures within disclosures are each within the bounds of JSON; together they
        # might go deeper than a program can follow.
        if len(path) > MAX_DEPTH:
            raise unreadable("SD-JWT", f"nested deeper than {MAX_DEPTH}")
        if ARRAY_DIGEST in members:
            raise unreadable("SD-JWT", "... is no name for a claim")
        filled = {
            name: self._value(value, (*path, name)) if isinstance(value, dict | list) else value
            for name, value in members.items()
            if name != DIGESTS
        }
        digests = members.get(DIGESTS, ())
        if DIGESTS in members and not isinstance(digests, list):
            raise unreadable("SD-JWT", "_sd is not an array")
        for digest in digests:
            disclosure = self._take(digest)
            if disclosure is None:
                continue
            name = disclosure.name
            if name is None:
                raise unreadable("disclosure", "of an element where a member belongs")
            if name in filled:
                raise unreadable("disclosure", "of a claim that is there already")
            place, value = (*path, name), disclosure.value
            self.disclosed.append(Disclosed(place, disclosure.text))
            filled[name] = self._value(value, place) if isinstance(value, dict | list) else value
        return filled

    def _array(self, elements: list[Any], path: Path) -> list[Any]:
        if len(path) > MAX_DEPTH:
            raise unreadable("SD-JWT", f"nested deeper than {MAX_DEPTH}")
        filled: list[Any] = []
        for element in elements:
            value = element
            if isinstance(element, dict) and ARRAY_DIGEST in element:
                if len(element) != 1:
                    raise unreadable("SD-JWT", "... does not stand alone")
                disclosure = self._take(element[ARRAY_DIGEST])
                if disclosure is None:
                    continue
                if disclosure.name is not None:
                    raise unreadable("disclosure", "of a member where an element belongs")
                self.disclosed.append(Disclosed((*path, len(filled)), disclosure.text))
                value = disclosure.value
            filled.append(self._value(value, (*path, len(filled))))
        return filled

    def _take(self, digest: object) -> Disclosure | None:
        """Return the disclosure of a digest; None where the holder did not show it."""
        if not isinstance(digest, str):
            raise unreadable("SD-JWT", "digest is not text")
        if digest in self._met:
            raise unreadable("SD-JWT", "digest occurs twice")
        self._met.add(digest)
        return self.waiting.pop(digest, None)
