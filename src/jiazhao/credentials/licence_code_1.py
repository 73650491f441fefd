"""The licence code: what a wallet shows as a QR code, signed by its device key.

docs/specs/licence-code.md defines the format; vectors/licence-code-1/ holds its vectors. A code
is deterministic CBOR throughout: a second spelling of the same code is refused, so that "used
before" cannot be evaded by rewriting it.

Parsing verifies nothing. `verify` checks the signature alone; whether the code is fresh and
unused is the checker's to say.
"""

from dataclasses import dataclass, field
from typing import Final

from jiazhao.credentials import cbor, cose
from jiazhao.credentials.cbor import unreadable
from jiazhao.credentials.signing import (
    SIGNATURE_OCTETS,
    PublicKey,
    Signer,
    read_base64url,
    write_base64url,
)
from jiazhao.errors import ErrorCode, UnreadableError, VerificationError
from jiazhao.licence.identifiers import InstanceNumber, instance_number

PREFIX: Final = "JZ1:"
VERSION: Final = 1
CONTEXT: Final = b"jiazhao licence code 1"
"""The external_aad: the same key signs presentations of the mdoc, and neither may pass as the
other."""

MAX_CODE_CHARS: Final = 1024
"""A code of this version has about 140 characters, or 190 with a hash; a later one may carry
more."""
NONCE_OCTETS: Final = 8
HASH_OCTETS: Final = 32
_MAX_NUMBER: Final = (1 << 53) - 1
"""What a browser holds exactly."""

_WHAT: Final = "licence code"
_READER: Final = cbor.Reader(max_octets=MAX_CODE_CHARS)
_PROTECTED: Final = bytes.fromhex("a10126")


@dataclass(frozen=True, slots=True)
class LicenceCode:
    """A code as read; nothing in it is verified."""

    instance_number: InstanceNumber
    time: int
    """Seconds since 1970 by the wallet's clock, which follows the server's."""
    counter: int
    """Rises with each code of the device key."""
    nonce: bytes
    issuer_part_hash: bytes | None
    """SHA-256 of the part that the issuer signed, where one is shown beside the code."""
    signature: bytes = field(repr=False)

    @property
    def payload(self) -> bytes:
        """The signed content, in the one encoding that it has."""
        return cbor.encode(
            [
                VERSION,
                int(self.instance_number),
                self.time,
                self.counter,
                self.nonce,
                self.issuer_part_hash,
            ]
        )

    @property
    def to_be_signed(self) -> bytes:
        """The message under the signature."""
        return cose.to_be_signed(_PROTECTED, self.payload, CONTEXT)

    def verify(self, key: PublicKey) -> None:
        """Raise `VerificationError` unless the holder of `key` signed this code."""
        try:
            key.verify(self.signature, self.to_be_signed)
        except VerificationError:
            raise VerificationError(ErrorCode.HOLDER_SIGNATURE_MISMATCH) from None


def parse_code(text: str) -> LicenceCode:
    """Read the text of a code, or raise `UnreadableError`."""
    if len(text) > MAX_CODE_CHARS:
        raise unreadable(_WHAT, f"more than {MAX_CODE_CHARS} characters")
    if not text.startswith(PREFIX):
        raise unreadable(_WHAT, "another kind or version of code")
    octets = read_base64url(text.removeprefix(PREFIX), _WHAT)
    sign1 = cbor.as_array(_READER.read(octets, _WHAT), _WHAT, 4)
    protected, unprotected, payload, signature = sign1
    if protected != _PROTECTED or unprotected != {}:
        raise unreadable(_WHAT, "headers are not those of ES256 alone")
    signature = cbor.as_bytes(signature, _WHAT)
    if len(signature) != SIGNATURE_OCTETS:
        raise unreadable(_WHAT, f"signature is not {SIGNATURE_OCTETS} octets")
    code = _read_payload(cbor.as_bytes(payload, _WHAT), signature)
    if _encode(code) != octets:
        raise unreadable(_WHAT, "not the deterministic encoding")
    return code


def _read_payload(payload: bytes, signature: bytes) -> LicenceCode:
    members = cbor.as_array(_READER.read(payload, _WHAT), _WHAT)
    if not members or type(members[0]) is not int or members[0] != VERSION:
        raise unreadable(_WHAT, "unknown version")
    _, number, time, counter, nonce, issuer_part_hash = cbor.as_array(members, _WHAT, 6)
    try:
        instance = instance_number(f"{cbor.as_uint(number, _WHAT):013d}")
    except UnreadableError:
        raise unreadable(_WHAT, "instance number") from None
    if type(nonce) is not bytes or len(nonce) != NONCE_OCTETS:
        raise unreadable(_WHAT, f"nonce is not {NONCE_OCTETS} octets")
    if issuer_part_hash is not None and len(cbor.as_bytes(issuer_part_hash, _WHAT)) != HASH_OCTETS:
        raise unreadable(_WHAT, f"hash is not {HASH_OCTETS} octets")
    return LicenceCode(
        instance,
        _number(time, "time", least=0),
        _number(counter, "counter", least=1),
        nonce,
        issuer_part_hash,
        signature,
    )


def _number(value: object, what: str, *, least: int) -> int:
    number = cbor.as_uint(value, _WHAT)
    if not least <= number <= _MAX_NUMBER:
        raise unreadable(_WHAT, f"{what} is out of range")
    return number


def sign_code(
    signer: Signer,
    *,
    instance: InstanceNumber,
    time: int,
    counter: int,
    nonce: bytes,
    issuer_part_hash: bytes | None = None,
) -> str:
    """Return the text of a code, as a wallet makes it (for tests and other wallets)."""
    unsigned = LicenceCode(instance, time, counter, nonce, issuer_part_hash, b"")
    signature = signer.sign(unsigned.to_be_signed)
    code = LicenceCode(instance, time, counter, nonce, issuer_part_hash, signature)
    return PREFIX + write_base64url(_encode(code))


def _encode(code: LicenceCode) -> bytes:
    return cbor.encode([_PROTECTED, {}, code.payload, code.signature])
