"""Keys and signatures of credentials: ECDSA on P-256 with SHA-256 (ES256).

A signature is 64 octets, r and s of 32 octets each (RFC 9053 section 2.1, RFC 7518 section
3.4), in every format here. Keys that credentials bring along are on P-256; one of another curve
is refused where it is read. SM2 is for signers and keys that the caller holds already
(trust/sm2.py); nothing here chooses it by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from hashlib import sha256
from typing import Final, Protocol, Self

import pybase64
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from jiazhao.credentials import cbor
from jiazhao.credentials.cbor import unreadable
from jiazhao.errors import ErrorCode, VerificationError

SIGNATURE_OCTETS: Final = 64
POINT_OCTETS: Final = 65

_P256: Final = ec.SECP256R1()
ES256_HASH: Final = ec.ECDSA(SHA256())
"""What `cryptography` calls ES256; for signers that hold a private key in memory."""

_CACHED_KEYS: Final = 4096
"""Keys read last: reading a point costs a curve check (12 us), and a driver's key recurs."""


class Algorithm(IntEnum):
    """A signature algorithm by its COSE number (RFC 9053)."""

    ES256 = -7
    SM2 = -65_793
    """SM2 with SM3 (GB/T 32918.2). COSE has registered no number: this one is from the range
    for private use, below -65536 (RFC 9053 section 8.1; docs/adr/0008)."""

    @property
    def jose(self) -> str:
        """The same algorithm as JOSE names it (RFC 7518); one without a name by its OID."""
        return _JOSE[self]


_JOSE: Final = {
    Algorithm.ES256: "ES256",
    Algorithm.SM2: "urn:oid:1.2.156.10197.1.501",  # SM2 with SM3 (GM/T 0006)
}


class VerificationKey(Protocol):
    """A public key with the one algorithm that it is for."""

    @property
    def algorithm(self) -> Algorithm:
        """Which algorithm `verify` uses."""

    def verify(self, signature: bytes, message: bytes) -> None:
        """Raise `VerificationError` unless the 64 octets r and s sign the message."""


class Signer(Protocol):
    """Signs with a key that it alone holds: in memory, behind PKCS#11, or on SM2."""

    @property
    def algorithm(self) -> Algorithm:
        """Which algorithm `sign` uses."""

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """The certificate chain in DER, the signer's own first, without the root."""

    def sign(self, message: bytes) -> bytes:
        """Return r and s, 32 octets each, over the (not yet hashed) message."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A P-256 public key whose point was checked to lie on the curve."""

    point: bytes
    """Uncompressed: 04, x, y."""
    _key: ec.EllipticCurvePublicKey = field(repr=False, compare=False)

    @property
    def algorithm(self) -> Algorithm:
        """Always ES256."""
        return Algorithm.ES256

    @property
    def compressed(self) -> bytes:
        """The point in 33 octets (SEC 1, 2.3.3)."""
        return bytes([2 + self.point[-1] % 2]) + self.point[1:33]

    @classmethod
    def from_point(cls, point: bytes) -> Self:
        """Read 65 octets 04, x, y, or raise `UnreadableError`."""
        return cls(point, _key_from_point(point))

    @classmethod
    def from_coordinates(cls, x: object, y: object) -> Self:
        """Read two coordinates of exactly 32 octets each, or raise `UnreadableError`."""
        if type(x) is bytes and type(y) is bytes and len(x) == len(y) == 32:
            return cls.from_point(b"\x04" + x + y)
        raise unreadable("public key", "coordinates are not 32 octets each")

    @classmethod
    def from_cose(cls, cose_key: object) -> Self:
        """Read a COSE_Key (RFC 9052 section 7): kty EC2, crv P-256, no private part."""
        members = cbor.as_map(cose_key, "COSE_Key")
        if members.get(1) != 2 or members.get(-1) != 1:
            raise unreadable("COSE_Key", "not a key on P-256")
        if -4 in members:
            raise unreadable("COSE_Key", "holds a private key")
        if 3 in members and members[3] != Algorithm.ES256:
            raise unreadable("COSE_Key", "is for another algorithm")
        return cls.from_coordinates(members.get(-2), members.get(-3))

    @classmethod
    def from_jwk(cls, jwk: object) -> Self:
        """Read a JWK (RFC 7517): kty EC, crv P-256, no private part."""
        if not isinstance(jwk, Mapping) or jwk.get("kty") != "EC" or jwk.get("crv") != "P-256":
            raise unreadable("JWK", "not a key on P-256")
        if "d" in jwk:
            raise unreadable("JWK", "holds a private key")
        if jwk.get("alg", "ES256") != "ES256" or jwk.get("use", "sig") != "sig":
            raise unreadable("JWK", "is not for ES256 signatures")
        return cls.from_coordinates(
            read_base64url(jwk.get("x"), "JWK"), read_base64url(jwk.get("y"), "JWK")
        )

    @classmethod
    def of(cls, key: object) -> Self:
        """Take a key object of `cryptography`, as from a certificate; P-256 only."""
        if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != _P256.name:
            raise unreadable("public key", "not a key on P-256")
        return cls(key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint), key)

    def verify(self, signature: bytes, message: bytes) -> None:
        """Raise `VerificationError` unless the 64 octets sign the message."""
        if len(signature) != SIGNATURE_OCTETS:
            raise VerificationError(ErrorCode.SIGNATURE_MISMATCH)
        try:
            self._key.verify(der_signature(signature), message, ES256_HASH)
        except InvalidSignature:
            raise VerificationError(ErrorCode.SIGNATURE_MISMATCH) from None

    def to_cose(self) -> dict[int, int | bytes]:
        """Return the COSE_Key."""
        return {1: 2, -1: 1, -2: self.point[1:33], -3: self.point[33:]}

    def to_jwk(self) -> dict[str, str]:
        """Return the JWK, public members only."""
        return {
            "kty": "EC",
            "crv": "P-256",
            "x": write_base64url(self.point[1:33]),
            "y": write_base64url(self.point[33:]),
        }

    def thumbprint(self) -> str:
        """Return the JWK thumbprint (RFC 7638) with SHA-256, in base64url."""
        jwk = self.to_jwk()
        canonical = f'{{"crv":"P-256","kty":"EC","x":"{jwk["x"]}","y":"{jwk["y"]}"}}'
        return write_base64url(sha256(canonical.encode()).digest())


@lru_cache(maxsize=_CACHED_KEYS)
def _key_from_point(point: bytes) -> ec.EllipticCurvePublicKey:
    if len(point) != POINT_OCTETS or point[0] != 4:
        raise unreadable("public key", "not an uncompressed point")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(_P256, point)
    except (ValueError, UnsupportedAlgorithm):
        raise unreadable("public key", "point is not on P-256") from None


def raw_signature(der: bytes) -> bytes:
    """Turn the DER signature that libraries return into r and s of 32 octets each."""
    r, s = decode_dss_signature(der)
    return r.to_bytes(32) + s.to_bytes(32)


def der_signature(raw: bytes) -> bytes:
    """Turn r and s of 32 octets each into the DER that libraries take."""
    return encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))


def write_base64url(octets: bytes) -> str:
    """Return base64url without padding (RFC 4648 section 5)."""
    return pybase64.urlsafe_b64encode(octets).rstrip(b"=").decode()


_LAST: Final = ("", "", "AQgw", "AEIMQUYcgkosw048")
"""By how many characters stand after the last four: what the last one may be, for its unused
bits are zero (RFC 4648 section 3.5)."""


def read_base64url(text: object, what: str) -> bytes:
    """Read base64url without padding; a second spelling of the same octets is refused."""
    # pybase64 warns of + and /, which belong to the other alphabet, before it refuses them.
    if not isinstance(text, str) or "+" in text or "/" in text or "=" in text:
        raise unreadable(what, "not base64url")
    over = len(text) % 4
    if over and text[-1] not in _LAST[over]:
        raise unreadable(what, "not base64url")
    try:
        return pybase64.b64decode(text + "=" * (-over % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise unreadable(what, "not base64url") from None
