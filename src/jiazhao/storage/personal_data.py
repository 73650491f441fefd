"""Personal values at rest: sealed with a data key of their holder (PIPL art. 51, 47).

The data keys stand in the register, each wrapped under one key-encryption key that does not.
Who reads the database alone learns nothing of a person. Who deletes a holder's data key has
erased the person; who has this key and the database reads everybody.

AES-256-GCM. What is sealed is bound to its holder and its place, so that a value moved to
another row or another person does not open.
"""

import secrets
from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from jiazhao.errors import ErrorCode, SealError
from jiazhao.storage.kept_key import open_kept_key

KEY_FILE: Final = "personal-data.key"
_KEY_OCTETS: Final = 32
_NONCE_OCTETS: Final = 12
_TAG_OCTETS: Final = 16
_VERSION: Final = b"\x01"
"""Of the form, so that another may follow."""

_OPEN_KEYS: Final = 4096
"""Data keys kept unwrapped: a key behind hardware takes a millisecond, and a driver recurs."""


class KeyWrapper(Protocol):
    """Wraps data keys under a key that it alone holds."""

    def wrap(self, data_key: bytes, holder: str) -> bytes:
        """Return `data_key` as only `unwrap` with the same holder reads it."""

    def unwrap(self, wrapped: bytes, holder: str) -> bytes:
        """Return the data key; `SealError` where it was wrapped otherwise or elsewhere."""

    @property
    def has_former(self) -> bool:
        """Whether this one has taken over from another, whose work it still reads."""

    def is_former(self, wrapped: bytes) -> bool:
        """Whether that other one wrapped it."""


class KeptKeyWrapper:
    """Wraps under a key of 32 octets that the process holds."""

    __slots__ = ("_cipher",)

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    @classmethod
    def open(cls, folder: Path) -> "KeptKeyWrapper":
        """Read the key from its file, or make it on the first start; see `open_kept_key`."""
        return cls(open_kept_key(folder, KEY_FILE))

    def wrap(self, data_key: bytes, holder: str) -> bytes:
        """Return the wrapped key."""
        return _seal(self._cipher, data_key, f"data key\0{holder}")

    def unwrap(self, wrapped: bytes, holder: str) -> bytes:
        """Return the data key."""
        return _open(self._cipher, wrapped, f"data key\0{holder}")

    @property
    def has_former(self) -> bool:
        """It has taken over from nobody."""
        return False

    def is_former(self, wrapped: bytes) -> bool:
        """It has taken over from nobody."""
        return False


class PersonalData:
    """Seals and opens; keeps the data keys that were used last."""

    __slots__ = ("_known", "_lock", "_wrapper")

    def __init__(self, wrapper: KeyWrapper) -> None:
        self._wrapper = wrapper
        self._known: OrderedDict[tuple[str, bytes], AESGCM] = OrderedDict()
        self._lock = Lock()

    def new_key(self, holder: str) -> bytes:
        """Make a data key for a holder and return it wrapped, to be stored."""
        return self._wrapper.wrap(secrets.token_bytes(_KEY_OCTETS), holder)

    @property
    def has_former(self) -> bool:
        """Whether data keys may be there that are to be wrapped anew."""
        return self._wrapper.has_former

    def rewrapped(self, wrapped: bytes, holder: str) -> bytes | None:
        """A data key wrapped anew, where a former wrapper wrapped it; else None."""
        if not self._wrapper.is_former(wrapped):
            return None
        return self._wrapper.wrap(self._wrapper.unwrap(wrapped, holder), holder)

    def seal(self, octets: bytes, *, key: bytes, holder: str, place: str) -> bytes:
        """Return `octets` as only `open` with the same (wrapped) key, holder and place reads it."""
        return _seal(self._cipher(key, holder), octets, f"{place}\0{holder}")

    def open(self, sealed: bytes, *, key: bytes, holder: str, place: str) -> bytes:
        """Return what was sealed; `SealError` where it is damaged or from elsewhere."""
        return _open(self._cipher(key, holder), sealed, f"{place}\0{holder}")

    def _cipher(self, wrapped: bytes, holder: str) -> AESGCM:
        name = (holder, wrapped)
        with self._lock:
            if (known := self._known.get(name)) is not None:
                self._known.move_to_end(name)
                return known
        cipher = AESGCM(self._wrapper.unwrap(wrapped, holder))
        with self._lock:
            self._known[name] = cipher
            while len(self._known) > _OPEN_KEYS:
                self._known.popitem(last=False)
        return cipher


def _seal(cipher: AESGCM, octets: bytes, context: str) -> bytes:
    # Random nonces: one key seals some hundred values in a life, far below 2**32.
    nonce = secrets.token_bytes(_NONCE_OCTETS)
    return _VERSION + nonce + cipher.encrypt(nonce, octets, context.encode())


def _open(cipher: AESGCM, sealed: bytes, context: str) -> bytes:
    body = sealed[1:]
    if sealed[:1] != _VERSION or len(body) < _NONCE_OCTETS + _TAG_OCTETS:
        raise SealError(ErrorCode.SEALED_UNREADABLE)
    try:
        return cipher.decrypt(body[:_NONCE_OCTETS], body[_NONCE_OCTETS:], context.encode())
    except InvalidTag:
        raise SealError(ErrorCode.SEALED_UNREADABLE) from None
