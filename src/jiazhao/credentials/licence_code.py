"""The licence code (亮证码), first half: what the holder's device signs to show the licence.

Specification: docs/specs/licence-code.md.
"""

from dataclasses import dataclass
from typing import Final

from jiazhao.credentials import cbor, cose
from jiazhao.credentials.cose import Sign1
from jiazhao.credentials.signing import PublicKey, read_base64url
from jiazhao.errors import ErrorCode, UnreadableError
from jiazhao.licence.identifiers import InstanceNumber, instance_number

PREFIX: Final = "JZ1:"
EXTERNAL_AAD: Final = b"jiazhao licence code 1"
MAX_CHARS: Final = 1024


@dataclass(frozen=True, slots=True)
class LicenceCode:
    """A code as read; nothing in it is verified."""

    instance_number: InstanceNumber
    time: int
    counter: int
    nonce: bytes
    issuer_part_hash: bytes | None
    signed: Sign1

    def verify(self, key: PublicKey) -> None:
        """Raise `VerificationError` unless the device key signed this code."""
        self.signed.verify(key, external_aad=EXTERNAL_AAD)


def parse_code(text: str) -> LicenceCode:
    """Read a code, or raise `UnreadableError`."""
    if len(text) > MAX_CHARS or not text.startswith(PREFIX):
        raise UnreadableError(ErrorCode.UNREADABLE, what="licence code", reason="form")
    signed = cose.parse(cbor.Reader().read(read_base64url(text[4:], "licence code"), "code"))
    payload = cbor.as_array(cbor.Reader().read(signed.payload or b"", "payload"), "payload", 6)
    _, number, time, counter, nonce, issuer_part_hash = payload
    return LicenceCode(
        instance_number(f"{number:013d}"), time, counter, nonce, issuer_part_hash, signed
    )
