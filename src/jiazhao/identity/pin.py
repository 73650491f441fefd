"""A PIN of six digits: which may be chosen, and how one is kept and compared.

Six digits are a million guesses, so that no hash of them withstands whoever can try it at
leisure. What protects a PIN is that it is tried here and nowhere else, five times (`store`), and
that its hash is made under a secret that the database does not have. Argon2id (RFC 9106) slows
down who has both. Its string names its own parameters, so that they can rise later.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from threading import BoundedSemaphore
from typing import Final

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from jiazhao.errors import AccessError, ErrorCode

DIGITS: Final = 6
MAX_TRIES: Final = 5
"""Wrong tries in a row until a key is locked: one guess in 200,000 comes through."""

_MEMORY_KIB, _PASSES, _LANES = 19_456, 2, 1
"""19 MiB and two passes, 50 ms: OWASP Password Storage Cheat Sheet."""
_SALT_OCTETS, _HASH_OCTETS = 16, 32
_FEWEST_DIFFERENT = 3
_AT_ONCE = 4
"""More at once would not be faster, and each takes its memory."""
_turns = BoundedSemaphore(_AT_ONCE)

_WELL_KNOWN = frozenset(
    {"147258", "147369", "258369", "159357", "159753", "357159", "123789", "789123", "456123"}
    | {"789456", "456789", "147852", "142536", "102030", "520131", "131452", "100200", "314159"}
)
"""Columns and diagonals of the keypad, and numbers that stand for words."""


@dataclass(frozen=True, slots=True)
class KnownNumbers:
    """What a stranger who found the licence knows of its holder. Personal data."""

    birth_date: date
    numbers: tuple[str, ...]

    def __repr__(self) -> str:
        return "KnownNumbers(…)"


def refuse_weak(pin: str, known: KnownNumbers) -> None:
    """Raise `AccessError` with the reason why a PIN is soon guessed.

    `pin` is six ASCII digits. A refusal names a rule and never the PIN.
    """
    if len(set(pin)) < _FEWEST_DIFFERENT:
        raise AccessError(ErrorCode.PIN_OF_FEW_DIGITS)
    if len(set(_steps(pin))) == 1:
        raise AccessError(ErrorCode.PIN_IN_SEQUENCE)
    halves, pairs = pin[:3] in (pin[3:], pin[:2:-1]), pin[::2] == pin[1::2]
    if halves or pairs:
        raise AccessError(ErrorCode.PIN_REPEATS)
    if pin in _WELL_KNOWN:
        raise AccessError(ErrorCode.PIN_WELL_KNOWN)
    if any(pin in number for number in (*known.numbers, *_ways_to_write(known.birth_date))):
        raise AccessError(ErrorCode.PIN_FROM_LICENCE)


def _steps(pin: str) -> Iterator[int]:
    for one, following in pairwise(map(int, pin)):
        yield (following - one) % 10


def _ways_to_write(day: date) -> Iterator[str]:
    yield f"{day:%Y%m%d}"  # holds YYYYMM and YYMMDD
    yield f"{day:%d%m%Y}"
    yield f"{day:%m%d%Y}"
    yield f"{day:%d%m%y}"
    yield f"{day:%m%d%y}"


def hash_of(pin: str, *, key_id: str, pepper: bytes) -> str:
    """A PIN as it is kept, for this key alone; `pepper` is a secret outside the database."""
    with _turns:
        return _argon2(secrets.token_bytes(_SALT_OCTETS), pepper).derive_phc_encoded(
            _bound(pin, key_id)
        )


def is_right(pin: str, kept: str, *, key_id: str, pepper: bytes) -> bool:
    """Whether that is the PIN; the comparison takes as long for every wrong one.

    The caller counted this try already, for a try that is counted afterwards is one too many
    when several come at once.
    """
    with _turns:
        try:
            Argon2id.verify_phc_encoded(_bound(pin, key_id), kept, secret=pepper)
        except InvalidKey:
            return False
    return True


def _argon2(salt: bytes, pepper: bytes) -> Argon2id:
    return Argon2id(
        salt=salt,
        length=_HASH_OCTETS,
        iterations=_PASSES,
        lanes=_LANES,
        memory_cost=_MEMORY_KIB,
        secret=pepper,
    )


def _bound(pin: str, key_id: str) -> bytes:
    return f"{key_id}\0{pin}".encode()
