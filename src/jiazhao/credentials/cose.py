"""COSE_Sign1 (RFC 9052 section 4.2), the signature alone, without a CBOR tag.

The algorithm is pinned by the key that the caller holds: the protected header names that one and
no other, for ES256 `{1: -7}`, and what the caller expects in addition. A header parameter that
RFC 9052 calls critical (2) is refused, for none is known.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from msgspec import Struct

from jiazhao.credentials import cbor
from jiazhao.credentials.cbor import unreadable
from jiazhao.credentials.cbor.heads import BYTES, head
from jiazhao.credentials.signing import Algorithm, Signer, VerificationKey

ALGORITHM: Final = 1
CRITICAL: Final = 2
X5CHAIN: Final = 33
MAX_CERTIFICATES: Final = 4
"""A document signer's chain is one certificate under its root; some issuers send two."""

_KNOWN_SIGNERS: Final = 32

_SIGNATURE1: Final = b"\x84" + cbor.encode("Signature1")
_PROTECTED: Final = {each: cbor.encode({ALGORITHM: int(each)}) for each in Algorithm}
_ES256_PROTECTED: Final = _PROTECTED[Algorithm.ES256]
_ES256_HEADERS: Final[Mapping[Any, Any]] = {ALGORITHM: int(Algorithm.ES256)}
_ES256_BEFORE_PAYLOAD: Final = _SIGNATURE1 + cbor.encode(_ES256_PROTECTED) + cbor.encode(b"")
_HEADERS: Final = cbor.Reader()


class Sign1(Struct, frozen=True):
    """A COSE_Sign1 as received; nothing in it is verified."""

    protected: bytes
    protected_headers: Mapping[Any, Any]
    unprotected: Mapping[Any, Any]
    payload: bytes | None
    signature: bytes

    def require_algorithm(self, algorithm: Algorithm) -> None:
        """Raise `UnreadableError` unless the protected header names this algorithm."""
        # Nearly always, and the comparison below is slow.
        if self.protected_headers is _ES256_HEADERS and algorithm is Algorithm.ES256:
            return
        number = self.protected_headers.get(ALGORITHM)
        if number != algorithm or type(number) is not int:
            raise unreadable("COSE_Sign1", f"algorithm is not {algorithm.name}")

    def certificates(self) -> tuple[bytes, ...]:
        """Return the x5chain (RFC 9360) in DER, the signer's own first; empty if absent."""
        chain = self.unprotected.get(X5CHAIN)
        if chain is None:
            return ()
        if isinstance(chain, bytes):
            chain = [chain]
        chain = cbor.as_array(chain, "x5chain")
        if not 1 <= len(chain) <= MAX_CERTIFICATES:
            raise unreadable("x5chain", f"not 1 to {MAX_CERTIFICATES} certificates")
        return tuple(cbor.as_bytes(certificate, "x5chain") for certificate in chain)

    def verify(
        self, key: VerificationKey, *, detached: bytes | None = None, external_aad: bytes = b""
    ) -> None:
        """Raise `VerificationError` unless `key` signed this payload (or the detached one)."""
        self.require_algorithm(key.algorithm)
        payload = self.payload if detached is None else detached
        if payload is None:
            raise unreadable("COSE_Sign1", "payload is missing")
        key.verify(self.signature, to_be_signed(self.protected, payload, external_aad))


def parse(value: object) -> Sign1:
    """Take a COSE_Sign1 that was read as part of something greater."""
    protected, unprotected, payload, signature = cbor.as_array(value, "COSE_Sign1", 4)
    protected = cbor.as_bytes(protected, "COSE protected header")
    headers: Mapping[Any, Any] = {}
    if protected == _ES256_PROTECTED:
        headers = _ES256_HEADERS
    elif protected:
        headers = cbor.as_map(_HEADERS.read(protected, "COSE protected header"), "COSE header")
    if CRITICAL in headers:
        raise unreadable("COSE_Sign1", "unknown critical header")
    unprotected = cbor.as_map(unprotected, "COSE unprotected header")
    if not headers.keys().isdisjoint(unprotected):
        raise unreadable("COSE_Sign1", "header is both protected and unprotected")
    if payload is not None:
        payload = cbor.as_bytes(payload, "COSE payload")
    return Sign1(
        protected, headers, unprotected, payload, cbor.as_bytes(signature, "COSE signature")
    )


def to_be_signed(protected: bytes, payload: bytes, external_aad: bytes = b"") -> bytes:
    """Return the Sig_structure (RFC 9052 section 4.4)."""
    if protected == _ES256_PROTECTED and not external_aad:
        return b"".join((_ES256_BEFORE_PAYLOAD, head(BYTES, len(payload)), payload))
    return b"".join(
        (
            _SIGNATURE1,
            head(BYTES, len(protected)),
            protected,
            head(BYTES, len(external_aad)),
            external_aad,
            head(BYTES, len(payload)),
            payload,
        )
    )


def protected_header(algorithm: Algorithm, extra: Mapping[int, object] | None = None) -> bytes:
    """Encode a protected header: the algorithm and what the format adds."""
    if not extra:
        return _PROTECTED[algorithm]
    return cbor.encode({ALGORITHM: int(algorithm), **extra})


def sign(
    payload: bytes,
    signer: Signer,
    *,
    with_chain: bool = False,
    extra_protected: Mapping[int, object] | None = None,
    external_aad: bytes = b"",
    detached: bool = False,
) -> bytes:
    """Sign and return the encoded, untagged COSE_Sign1; `with_chain` adds the x5chain."""
    protected = protected_header(signer.algorithm, extra_protected)
    signature = signer.sign(to_be_signed(protected, payload, external_aad))
    return b"".join(
        (
            b"\x84",
            head(BYTES, len(protected)),
            protected,
            _chain_header(signer.certificates) if with_chain else b"\xa0",
            b"\xf6" if detached else head(BYTES, len(payload)) + payload,
            head(BYTES, len(signature)),
            signature,
        )
    )


def encode(sign1: Sign1) -> bytes:
    """Encode a COSE_Sign1 that was read; what is signed in it stays octet by octet."""
    return cbor.encode([sign1.protected, sign1.unprotected, sign1.payload, sign1.signature])


@lru_cache(maxsize=_KNOWN_SIGNERS)
def _chain_header(certificates: tuple[bytes, ...]) -> bytes:
    if not certificates:
        raise ValueError("the signer has no certificate")
    chain = certificates[0] if len(certificates) == 1 else list(certificates)
    return cbor.encode({X5CHAIN: chain})
