"""SM2 signatures with SM3 (GB/T 32918.2-2016) through libcrypto's EVP interface.

`cryptography` has no SM2, so libcrypto (OpenSSL 3, or another with the same interface) is called
through ctypes. No arithmetic of the curve is done here. The signer's identity is the default of
GM/T 0009, `1234567812345678`; OpenSSL's own default is an empty one, whose signatures nobody else
accepts. Where the library or its SM2 is absent, `SignerError` says so and nothing is signed or
judged.
"""

import ctypes
import ctypes.util
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from ctypes import POINTER, byref, c_char_p, c_int, c_size_t, c_void_p
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Self

from jiazhao.credentials.cbor import unreadable
from jiazhao.credentials.signing import (
    SIGNATURE_OCTETS,
    Algorithm,
    der_signature,
    raw_signature,
)
from jiazhao.errors import ErrorCode, SignerError, UnreadableError, VerificationError

DISTID: Final = b"1234567812345678"
"""Who signs, as GM/T 0009-2012 section 10 has it where nobody agreed upon something else."""

_MAX_DER: Final = 80
"""A DER signature of two numbers of 32 octets has 72 octets at most."""

_MAX_KEY_OCTETS: Final = 8 * 1024
"""A key has about 150 octets, encrypted in PEM some 400."""

_FUNCTIONS: Final[dict[str, tuple[Any, list[Any]]]] = {
    "ERR_clear_error": (None, []),
    "EVP_sm3": (c_void_p, []),
    "EVP_aes_256_cbc": (c_void_p, []),
    "EVP_PKEY_free": (None, [c_void_p]),
    "EVP_PKEY_is_a": (c_int, [c_void_p, c_char_p]),
    "EVP_PKEY_eq": (c_int, [c_void_p, c_void_p]),
    "EVP_PKEY_CTX_new": (c_void_p, [c_void_p, c_void_p]),
    "EVP_PKEY_CTX_new_from_name": (c_void_p, [c_void_p, c_char_p, c_char_p]),
    "EVP_PKEY_CTX_free": (None, [c_void_p]),
    "EVP_PKEY_CTX_set1_id": (c_int, [c_void_p, c_char_p, c_size_t]),
    "EVP_PKEY_keygen_init": (c_int, [c_void_p]),
    "EVP_PKEY_generate": (c_int, [c_void_p, POINTER(c_void_p)]),
    "EVP_MD_CTX_new": (c_void_p, []),
    "EVP_MD_CTX_free": (None, [c_void_p]),
    "EVP_MD_CTX_set_pkey_ctx": (None, [c_void_p, c_void_p]),
    "EVP_DigestSignInit": (c_int, [c_void_p, c_void_p, c_void_p, c_void_p, c_void_p]),
    "EVP_DigestSign": (c_int, [c_void_p, c_char_p, POINTER(c_size_t), c_char_p, c_size_t]),
    "EVP_DigestVerifyInit": (c_int, [c_void_p, c_void_p, c_void_p, c_void_p, c_void_p]),
    "EVP_DigestVerify": (c_int, [c_void_p, c_char_p, c_size_t, c_char_p, c_size_t]),
    "BIO_new": (c_void_p, [c_void_p]),
    "BIO_new_mem_buf": (c_void_p, [c_char_p, c_int]),
    "BIO_s_mem": (c_void_p, []),
    "BIO_free": (c_int, [c_void_p]),
    "BIO_read": (c_int, [c_void_p, c_char_p, c_int]),
    "PEM_read_bio_PrivateKey": (c_void_p, [c_void_p, c_void_p, c_void_p, c_char_p]),
    "PEM_write_bio_PKCS8PrivateKey": (
        c_int,
        [c_void_p, c_void_p, c_void_p, c_char_p, c_int, c_void_p, c_char_p],
    ),
    "d2i_X509_bio": (c_void_p, [c_void_p, c_void_p]),
    "X509_get_pubkey": (c_void_p, [c_void_p]),
    "X509_free": (None, [c_void_p]),
    "PEM_read_bio_PUBKEY": (c_void_p, [c_void_p, c_void_p, c_void_p, c_char_p]),
    "PEM_write_bio_PUBKEY": (c_int, [c_void_p, c_void_p]),
}
"""What is used of libcrypto: result and arguments of each function (OpenSSL 3 manual pages)."""


class Libcrypto:
    """A loaded libcrypto that can do SM2."""

    def __init__(self, path: Path | None = None) -> None:
        """Load `path`, or the system's own; raises `SignerError` where it cannot do SM2."""
        name = str(path) if path is not None else ctypes.util.find_library("crypto")
        if name is None:
            raise _unavailable("no libcrypto was found / 未找到 libcrypto")
        try:
            library = ctypes.CDLL(name)
            for function, (result, arguments) in _FUNCTIONS.items():
                known = getattr(library, function)
                known.restype, known.argtypes = result, arguments
        except (OSError, AttributeError) as error:
            raise _unavailable("libcrypto has no EVP of OpenSSL 3 / 密码库版本不符") from error
        self.call: Any = library
        self.sm3 = library.EVP_sm3()
        context = library.EVP_PKEY_CTX_new_from_name(None, b"SM2", None)
        if not context or not self.sm3:
            raise _unavailable("libcrypto was built without SM2 / 密码库不含 SM2")
        library.EVP_PKEY_CTX_free(context)

    @contextmanager
    def digest(self, key: c_void_p, begin: str) -> Iterator[Any]:
        """A context for one signature or verification: SM3, with the identity."""
        call = self.call
        call.ERR_clear_error()
        context, parameters = call.EVP_MD_CTX_new(), call.EVP_PKEY_CTX_new(key, None)
        try:
            if not context or not parameters:
                raise _failed()
            if call.EVP_PKEY_CTX_set1_id(parameters, DISTID, len(DISTID)) != 1:
                raise _failed()
            call.EVP_MD_CTX_set_pkey_ctx(context, parameters)
            if getattr(call, begin)(context, None, self.sm3, None, key) != 1:
                raise _failed()
            yield context
        finally:
            call.EVP_MD_CTX_free(context)
            call.EVP_PKEY_CTX_free(parameters)

    def read_key(self, pem: bytes, read: str, passphrase: bytes | None) -> "_Key":
        """Read a key in PEM; raises `UnreadableError` where it is not one on SM2."""
        if len(pem) > _MAX_KEY_OCTETS:
            raise unreadable("SM2 key", "too large")
        self.call.ERR_clear_error()
        source = self.call.BIO_new_mem_buf(pem, len(pem))
        try:
            # An empty passphrase rather than none: without one libcrypto asks at the terminal.
            pointer = getattr(self.call, read)(source, None, None, passphrase or b"")
        finally:
            self.call.BIO_free(source)
        if not pointer:
            raise unreadable("SM2 key", "not a key in PEM, or another passphrase")
        return self.owned(pointer)

    def owned(self, pointer: Any) -> "_Key":
        """Take over a key of libcrypto's; raises `UnreadableError` where it is not on SM2."""
        key = _Key(self, pointer)
        if self.call.EVP_PKEY_is_a(pointer, b"SM2") != 1:
            raise unreadable("SM2 key", "not on the SM2 curve")
        return key

    def write(self, write: Callable[[c_void_p], int]) -> bytes:
        """What `write` puts into a memory of libcrypto."""
        memory = self.call.BIO_new(self.call.BIO_s_mem())
        try:
            if not memory or write(memory) != 1:
                raise _failed()
            buffer = ctypes.create_string_buffer(_MAX_KEY_OCTETS)
            length = self.call.BIO_read(memory, buffer, len(buffer))
            return buffer.raw[: max(length, 0)]
        finally:
            self.call.BIO_free(memory)


@lru_cache(maxsize=4)
def libcrypto(path: Path | None = None) -> Libcrypto:
    """The library at `path`, else the system's; loaded once, for it cannot be given back."""
    return Libcrypto(path)


class _Key:
    """A key of libcrypto's, freed with the last that holds it."""

    def __init__(self, library: Libcrypto, pointer: Any) -> None:
        self.library = library
        self.pointer = c_void_p(pointer)

    def __del__(self) -> None:
        self.library.call.EVP_PKEY_free(self.pointer)


class Sm2PublicKey:
    """Verifies what an SM2 key signed."""

    __slots__ = ("_key",)

    def __init__(self, key: _Key) -> None:
        self._key = key

    @classmethod
    def from_pem(cls, pem: bytes, library: Libcrypto) -> Self:
        """Read a SubjectPublicKeyInfo in PEM; raises `UnreadableError`."""
        return cls(library.read_key(pem, "PEM_read_bio_PUBKEY", None))

    @classmethod
    def from_certificate(cls, der: bytes, library: Libcrypto) -> Self:
        """The key that a certificate names; raises `UnreadableError`.

        Who signed the certificate is not asked: the caller knows it already, octet by octet.
        """
        if len(der) > _MAX_KEY_OCTETS:
            raise unreadable("SM2 certificate", "too large")
        call = library.call
        call.ERR_clear_error()
        source = call.BIO_new_mem_buf(der, len(der))
        certificate = call.d2i_X509_bio(source, None)
        try:
            pointer = call.X509_get_pubkey(certificate) if certificate else None
        finally:
            call.X509_free(certificate)
            call.BIO_free(source)
        if not pointer:
            raise unreadable("SM2 certificate", "not a certificate with a known key")
        return cls(library.owned(pointer))

    @property
    def algorithm(self) -> Algorithm:
        """Always SM2."""
        return Algorithm.SM2

    def verify(self, signature: bytes, message: bytes) -> None:
        """Raise `VerificationError` unless the 64 octets r and s sign the message.

        Raises `SignerError` where libcrypto could not compute: no answer is no refusal.
        """
        if len(signature) != SIGNATURE_OCTETS:
            raise VerificationError(ErrorCode.SIGNATURE_MISMATCH)
        der, library = der_signature(signature), self._key.library
        with library.digest(self._key.pointer, "EVP_DigestVerifyInit") as context:
            answer = library.call.EVP_DigestVerify(context, der, len(der), message, len(message))
        if answer == 0:
            raise VerificationError(ErrorCode.SIGNATURE_MISMATCH)
        if answer != 1:
            raise _failed()

    def to_pem(self) -> bytes:
        """The SubjectPublicKeyInfo in PEM."""
        library = self._key.library
        return library.write(lambda bio: library.call.PEM_write_bio_PUBKEY(bio, self._key.pointer))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sm2PublicKey):
            return NotImplemented
        equal = self._key.library.call.EVP_PKEY_eq(self._key.pointer, other._key.pointer)
        return bool(equal == 1)

    def __hash__(self) -> int:
        return hash(self.to_pem())


class Sm2Signer:
    """Signs with an SM2 key that this process holds; who calls need not know that it does."""

    __slots__ = ("_certificates", "_key")

    def __init__(self, key: _Key, certificates: Sequence[bytes] = ()) -> None:
        self._key = key
        self._certificates = tuple(certificates)

    @classmethod
    def generate(cls, library: Libcrypto) -> Self:
        """Make a new key."""
        call, made = library.call, c_void_p()
        context = call.EVP_PKEY_CTX_new_from_name(None, b"SM2", None)
        try:
            if call.EVP_PKEY_keygen_init(context) != 1:
                raise _failed()
            if call.EVP_PKEY_generate(context, byref(made)) != 1:
                raise _failed()
        finally:
            call.EVP_PKEY_CTX_free(context)
        return cls(_Key(library, made.value))

    @classmethod
    def from_pem(
        cls,
        pem: bytes,
        library: Libcrypto,
        *,
        passphrase: bytes | None = None,
        certificates: Sequence[bytes] = (),
    ) -> Self:
        """Read a private key, PKCS#8 in PEM; raises `UnreadableError`."""
        return cls(library.read_key(pem, "PEM_read_bio_PrivateKey", passphrase), certificates)

    @property
    def algorithm(self) -> Algorithm:
        """Always SM2."""
        return Algorithm.SM2

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """The chain in DER, the signer's own first, without the root."""
        return self._certificates

    @property
    def public(self) -> Sm2PublicKey:
        """The public half."""
        pem = Sm2PublicKey(self._key).to_pem()
        return Sm2PublicKey.from_pem(pem, self._key.library)

    def sign(self, message: bytes) -> bytes:
        """Return r and s, 32 octets each; raises `SignerError` where libcrypto fails."""
        library, length = self._key.library, c_size_t(_MAX_DER)
        signature = ctypes.create_string_buffer(_MAX_DER)
        with library.digest(self._key.pointer, "EVP_DigestSignInit") as context:
            answer = library.call.EVP_DigestSign(
                context, signature, byref(length), message, len(message)
            )
        if answer != 1:
            raise _failed()
        return raw_signature(signature.raw[: length.value])

    def to_pem(self, passphrase: bytes) -> bytes:
        """The private key, PKCS#8 in PEM, encrypted with AES-256."""
        if not passphrase:
            raise UnreadableError(ErrorCode.UNREADABLE, what="passphrase", reason="empty / 空")
        library = self._key.library
        cipher = library.call.EVP_aes_256_cbc()
        return library.write(
            lambda bio: library.call.PEM_write_bio_PKCS8PrivateKey(
                bio, self._key.pointer, cipher, None, 0, None, passphrase
            )
        )

    def __repr__(self) -> str:
        return "Sm2Signer()"


def _unavailable(reason: str) -> SignerError:
    return SignerError(ErrorCode.SM2_UNAVAILABLE, reason=reason)


def _failed() -> SignerError:
    return _unavailable("libcrypto did not answer / 密码库运算失败")
