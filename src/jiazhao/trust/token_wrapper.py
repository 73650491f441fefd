"""The key of keys for personal data on a PKCS#11 token: an AES key that cannot leave it.

It wraps the holders' data keys with AES-256-GCM (CKM_AES_GCM), each bound to its holder. Which key
of the token it is stands in a file of the folder of keys, which is no secret. What a former
wrapper has wrapped is read on, until `jiazhao seal` has wrapped it anew.
"""

import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Protocol

import pkcs11

from jiazhao.errors import ConfigurationError, ErrorCode, SealError, SignerError, StoreError
from jiazhao.trust.durable import write_durably
from jiazhao.trust.pkcs11 import KEY_ID_OCTETS, MAX_SESSIONS, Token

NAME_FILE: Final = "personal-data.token"
_VERSION: Final = b"\x02"
"""Of the form; what a key in a file has wrapped begins with 1."""
_NONCE_OCTETS: Final = 12
_TAG_BITS: Final = 128
_PROBE: Final = bytes(32)

_TOKEN_ERRORS: Final = (pkcs11.PKCS11Error, RuntimeError, ValueError)

_Opened = tuple[pkcs11.Session, Any]


class FormerWrapper(Protocol):
    """Who wrapped before the token did."""

    def unwrap(self, wrapped: bytes, holder: str) -> bytes:
        """Return the data key; `SealError` where it was wrapped otherwise or elsewhere."""


class TokenKeyWrapper:
    """Wraps data keys under an AES key on a token; used by many threads."""

    def __init__(self, token: Token, key_id: bytes, former: FormerWrapper | None = None) -> None:
        self._token, self._key_id, self._former = token, key_id, former
        self._idle: list[_Opened] = []
        self._lent = threading.BoundedSemaphore(MAX_SESSIONS)

    @classmethod
    def open(
        cls, folder: Path, token: Token, former: FormerWrapper | None = None
    ) -> "TokenKeyWrapper":
        """The key that the folder names, or one that is made on the first start.

        Raises `ConfigurationError` for a file that names none, `StoreError` where the token does
        not answer.
        """
        file = folder / NAME_FILE
        if not file.exists():
            try:
                made = token.make_secret("jiazhao personal data")
            except SignerError as error:
                raise StoreError(ErrorCode.SERVICE_UNAVAILABLE) from error
            write_durably(file, f"{made.hex()}\n".encode(), mode=0o600)
        try:
            key_id = bytes.fromhex(file.read_text("ascii"))
        except (OSError, ValueError) as error:
            raise _bad(file) from error
        if len(key_id) != KEY_ID_OCTETS:
            raise _bad(file)
        return cls(token, key_id, former)

    def wrap(self, data_key: bytes, holder: str) -> bytes:
        """Return the wrapped key; `StoreError` where the token does not answer."""
        try:
            return self._with_key(lambda key: _encrypted(key, data_key, holder))
        except _TOKEN_ERRORS as error:
            raise self._unavailable(error) from error

    def unwrap(self, wrapped: bytes, holder: str) -> bytes:
        """Return the data key; `SealError`, and `StoreError` where the token does not answer."""
        if wrapped[:1] != _VERSION:
            if self._former is None:
                raise SealError(ErrorCode.SEALED_UNREADABLE)
            return self._former.unwrap(wrapped, holder)
        if len(wrapped) <= 1 + _NONCE_OCTETS + _TAG_BITS // 8:
            raise SealError(ErrorCode.SEALED_UNREADABLE)
        try:
            return self._with_key(lambda key: _decrypted(key, wrapped, holder))
        except _TOKEN_ERRORS as error:
            # A module says of a wrong tag what it says of many things. If it opens what it has
            # just wrapped, it is well, and this value is not.
            with suppress(*_TOKEN_ERRORS):
                tried = self._with_key(
                    lambda key: _decrypted(key, _encrypted(key, _PROBE, holder), holder)
                )
                if tried == _PROBE:
                    raise SealError(ErrorCode.SEALED_UNREADABLE) from None
            raise self._unavailable(error) from error

    @property
    def has_former(self) -> bool:
        """Whether what a former wrapper has wrapped is still read."""
        return self._former is not None

    def is_former(self, wrapped: bytes) -> bool:
        """Whether it was not a token that wrapped it."""
        return wrapped[:1] != _VERSION

    def _with_key(self, act: Callable[[Any], bytes]) -> bytes:
        with self._lent:
            with suppress(IndexError, *_TOKEN_ERRORS):
                return self._used(self._idle.pop(), act)
            # None is idle, or it knew a token that is gone: one new session may do better.
            return self._used(self._open(), act)

    def _used(self, opened: _Opened, act: Callable[[Any], bytes]) -> bytes:
        try:
            done = act(opened[1])
        except _TOKEN_ERRORS:
            with suppress(*_TOKEN_ERRORS):
                opened[0].close()
            raise
        self._idle.append(opened)
        return done

    def _open(self) -> _Opened:
        try:
            session = self._token.open()
        except SignerError as error:
            raise StoreError(ErrorCode.SERVICE_UNAVAILABLE) from error
        try:
            key = session.get_key(
                object_class=pkcs11.ObjectClass.SECRET_KEY,
                key_type=pkcs11.KeyType.AES,
                id=self._key_id,
            )
        except _TOKEN_ERRORS:
            with suppress(*_TOKEN_ERRORS):
                session.close()
            raise
        return session, key

    def _unavailable(self, error: BaseException) -> StoreError:
        self._token.forget()
        unavailable = StoreError(ErrorCode.SERVICE_UNAVAILABLE)
        unavailable.__cause__ = error
        return unavailable

    def __repr__(self) -> str:
        return f"TokenKeyWrapper({self._key_id.hex()})"


def _encrypted(key: Any, data_key: bytes, holder: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE_OCTETS)
    sealed: bytes = key.encrypt(
        data_key, mechanism=pkcs11.Mechanism.AES_GCM, mechanism_param=_parameters(nonce, holder)
    )
    return _VERSION + nonce + sealed


def _decrypted(key: Any, wrapped: bytes, holder: str) -> bytes:
    nonce, sealed = wrapped[1 : 1 + _NONCE_OCTETS], wrapped[1 + _NONCE_OCTETS :]
    opened: bytes = key.decrypt(
        sealed, mechanism=pkcs11.Mechanism.AES_GCM, mechanism_param=_parameters(nonce, holder)
    )
    return opened


def _parameters(nonce: bytes, holder: str) -> Any:
    return pkcs11.GCMParams(nonce, f"data key\0{holder}".encode(), _TAG_BITS)


def _bad(file: Path) -> ConfigurationError:
    return ConfigurationError(
        ErrorCode.BAD_CONFIGURATION, key=file.name, reason="names no key / 未指明密钥"
    )
