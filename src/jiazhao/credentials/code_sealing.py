"""Sealing a licence code for the terminals of one day (docs/specs/licence-code.md, "Format").

HPKE (RFC 9180) in base mode: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM. The library's
own HPKE takes no additional data, so it is here over its primitives, and checked against RFC
9180's vectors. Randomness is an argument: the ephemeral key is the caller's, one for each code.
"""

import hmac
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import IntEnum
from typing import Final

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from jiazhao.credentials.cbor import unreadable
from jiazhao.errors import ErrorCode, UnreadableError
from jiazhao.licence.legal_day import legal_day

CODE_OCTETS: Final = 718
"""What a QR code of version 18 at level L holds in byte mode (ISO/IEC 18004 table 7)."""
POINT_OCTETS: Final = 33
"""A compressed point (SEC 1 section 2.3.3)."""
INFO: Final = b"jiazhao licence code 2"

_EPOCH: Final = date(1970, 1, 1)
_HEAD_OCTETS: Final = 3
_TAG_OCTETS: Final = 16
PLAINTEXT_OCTETS: Final = CODE_OCTETS - _HEAD_OCTETS - POINT_OCTETS - _TAG_OCTETS
_END_MARK: Final = b"\x80"
"""ISO/IEC 7816-4 padding: this octet, then zeros."""
_MAX_PERIOD: Final = 0xFFFF

_WHAT: Final = "licence code"
_P256: Final = ec.SECP256R1()


class Kind(IntEnum):
    """The first octet of a code."""

    SHOWN = 2
    """On a screen, sealed to the terminals' key of the day."""
    BACKUP = 3
    """Printed, sealed to the terminals' key of the year."""


def period_on(kind: Kind, day: date) -> int:
    """Which period's key a code of this kind is sealed to on a legal day."""
    return (day - _EPOCH).days if kind is Kind.SHOWN else day.year


def periods_at(kind: Kind, instant: datetime, skew: timedelta) -> frozenset[int]:
    """The periods that clocks within `skew` of `instant` would name."""
    return frozenset(
        period_on(kind, legal_day(moment)) for moment in (instant - skew, instant, instant + skew)
    )


@dataclass(frozen=True, slots=True)
class SealedCode:
    """The outer form of a code: for which key, and what only that key opens."""

    kind: Kind
    period: int
    enc: bytes = field(repr=False)
    """The ephemeral key, a compressed point."""
    ciphertext: bytes = field(repr=False)
    """With its tag."""

    @property
    def head(self) -> bytes:
        """The first octets, which the seal covers."""
        return _head(self.kind, self.period)

    @property
    def octets(self) -> bytes:
        """The whole code."""
        return self.head + self.enc + self.ciphertext

    def open(self, key: ec.EllipticCurvePrivateKey) -> bytes:
        """Return the content without its padding, or raise `UnreadableError`."""
        ephemeral = read_point(self.enc)
        padded = open_base(self.ciphertext, key=key, ephemeral=ephemeral, info=INFO, aad=self.head)
        content, mark, zeros = padded.rpartition(_END_MARK)
        if not mark or zeros.strip(b"\0"):
            raise unreadable(_WHAT, "padding")
        return content


def read_sealed(octets: bytes) -> SealedCode:
    """Read the outer form, or raise `UnreadableError`; the seal is looked at by `open`."""
    if len(octets) != CODE_OCTETS:
        raise unreadable(_WHAT, f"not {CODE_OCTETS} octets")
    try:
        kind = Kind(octets[0])
    except ValueError:
        raise unreadable(_WHAT, "another kind or version of code") from None
    rest = octets[_HEAD_OCTETS:]
    period = int.from_bytes(octets[1:_HEAD_OCTETS])
    return SealedCode(kind, period, rest[:POINT_OCTETS], rest[POINT_OCTETS:])


def seal(
    content: bytes,
    *,
    kind: Kind,
    period: int,
    key: ec.EllipticCurvePublicKey,
    ephemeral: ec.EllipticCurvePrivateKey,
) -> SealedCode:
    """Pad and seal; `ephemeral` is drawn for this code and forgotten."""
    if len(content) >= PLAINTEXT_OCTETS:
        raise ValueError(f"{len(content)} octets do not fit into a code")
    if not 0 <= period <= _MAX_PERIOD:
        raise ValueError("the period does not fit into two octets")
    padded = (content + _END_MARK).ljust(PLAINTEXT_OCTETS, b"\0")
    ciphertext = seal_base(padded, key=key, ephemeral=ephemeral, info=INFO, aad=_head(kind, period))
    return SealedCode(kind, period, write_point(ephemeral.public_key()), ciphertext)


def _head(kind: Kind, period: int) -> bytes:
    return bytes([kind]) + period.to_bytes(2)


def read_point(octets: bytes) -> ec.EllipticCurvePublicKey:
    """Read a compressed point of P-256, or raise `UnreadableError`."""
    if len(octets) != POINT_OCTETS:
        raise unreadable("public key", "not a compressed point")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(_P256, octets)
    except (ValueError, UnsupportedAlgorithm):
        raise unreadable("public key", "point is not on P-256") from None


def write_point(key: ec.EllipticCurvePublicKey) -> bytes:
    """Return the compressed point."""
    return key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)


# -- RFC 9180, base mode (sections 4, 4.1 and 5.1.1), one message for each ephemeral key

_KEM: Final = b"KEM" + (0x0010).to_bytes(2)
_SUITE: Final = b"HPKE" + b"".join(each.to_bytes(2) for each in (0x0010, 0x0001, 0x0001))
_BASE_MODE: Final = b"\0"
_HASH_OCTETS: Final = 32
_KEY_OCTETS: Final = 16
_NONCE_OCTETS: Final = 12


def seal_base(
    plaintext: bytes,
    *,
    key: ec.EllipticCurvePublicKey,
    ephemeral: ec.EllipticCurvePrivateKey,
    info: bytes,
    aad: bytes,
) -> bytes:
    """Return the ciphertext with its tag; `enc` is the ephemeral key's point."""
    shared = _shared_secret(ephemeral.exchange(ec.ECDH(), key), ephemeral.public_key(), key)
    cipher, nonce = _schedule(shared, info)
    return cipher.encrypt(nonce, plaintext, aad)


def open_base(
    ciphertext: bytes,
    *,
    key: ec.EllipticCurvePrivateKey,
    ephemeral: ec.EllipticCurvePublicKey,
    info: bytes,
    aad: bytes,
) -> bytes:
    """Return the plaintext, or raise `UnreadableError` where the seal is not whole."""
    shared = _shared_secret(key.exchange(ec.ECDH(), ephemeral), ephemeral, key.public_key())
    cipher, nonce = _schedule(shared, info)
    try:
        return cipher.decrypt(nonce, ciphertext, aad)
    except InvalidTag:
        raise UnreadableError(
            ErrorCode.UNREADABLE, what=_WHAT, reason="sealed for another key, or changed"
        ) from None


def _shared_secret(
    agreed: bytes, ephemeral: ec.EllipticCurvePublicKey, key: ec.EllipticCurvePublicKey
) -> bytes:
    context = _uncompressed(ephemeral) + _uncompressed(key)
    secret = _labeled_extract(_KEM, b"", b"eae_prk", agreed)
    return _labeled_expand(_KEM, secret, b"shared_secret", context, _HASH_OCTETS)


def _schedule(shared: bytes, info: bytes) -> tuple[AESGCM, bytes]:
    context = b"".join(
        (
            _BASE_MODE,
            _labeled_extract(_SUITE, b"", b"psk_id_hash", b""),
            _labeled_extract(_SUITE, b"", b"info_hash", info),
        )
    )
    secret = _labeled_extract(_SUITE, shared, b"secret", b"")
    key = _labeled_expand(_SUITE, secret, b"key", context, _KEY_OCTETS)
    return AESGCM(key), _labeled_expand(_SUITE, secret, b"base_nonce", context, _NONCE_OCTETS)


def _labeled_extract(suite: bytes, salt: bytes, label: bytes, secret: bytes) -> bytes:
    return hmac.digest(salt, b"HPKE-v1" + suite + label + secret, "sha256")


def _labeled_expand(suite: bytes, key: bytes, label: bytes, info: bytes, octets: int) -> bytes:
    """Expand into one block, which is all that is asked for here."""
    labeled = octets.to_bytes(2) + b"HPKE-v1" + suite + label + info
    return hmac.digest(key, labeled + b"\x01", "sha256")[:octets]


def _uncompressed(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
