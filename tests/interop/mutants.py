"""Presentations in which exactly one signed part is wrong.

Each mutant is still well formed: only the check that protects the part can refuse it.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.interop import holder

FOREIGN_NAME_SPACE = "com.example.1"


@dataclass(frozen=True, slots=True)
class Presentation:
    """What a verifier receives, and what it knows when it judges."""

    issuer_signed: bytes
    device_key: ec.EllipticCurvePrivateKey
    session: holder.Session
    response: bytes

    @classmethod
    def genuine(
        cls,
        issuer_signed: bytes,
        device_key: ec.EllipticCurvePrivateKey,
        session: holder.Session,
    ) -> "Presentation":
        """Show everything, honestly."""
        response = holder.device_response(issuer_signed, device_key, session.transcript())
        return cls(issuer_signed, device_key, session, response)

    def edited(self, edit: Callable[[dict[str, Any]], None]) -> "Presentation":
        """Change the only document; every octet string inside it stays as it was signed."""
        decoded = _thawed(cbor2.loads(self.response))
        edit(decoded["documents"][0])
        return replace(self, response=cbor2.dumps(decoded))


def every_mutant(genuine: Presentation) -> dict[str, Presentation]:
    """Return the mutants of a genuine presentation by the name of the part that is wrong."""
    other_session = replace(genuine.session, nonce=genuine.session.nonce[::-1] + "x")
    other_device = ec.generate_private_key(ec.SECP256R1())
    return {
        "issuer's signature": genuine.edited(_break_issuer_signature),
        "mobile security object": genuine.edited(_prolong_validity),
        "value of an element": genuine.edited(_rename_holder),
        "name space of an element": genuine.edited(_add_foreign_name_space),
        "document signer's certificate": genuine.edited(_break_certificate),
        "issuer of the certificate": genuine.edited(_certify_by_stranger),
        "device signature": genuine.edited(_break_device_signature),
        "device key": Presentation.genuine(genuine.issuer_signed, other_device, genuine.session),
        "device signature left out": genuine.edited(lambda document: document.pop("deviceSigned")),
        "session transcript": replace(genuine, session=other_session),
    }


def _break_issuer_signature(document: dict[str, Any]) -> None:
    auth = document["issuerSigned"]["issuerAuth"]
    auth[3] = _with_last_bit_flipped(auth[3])


def _prolong_validity(document: dict[str, Any]) -> None:
    """Let the credential live ten years longer than its issuer said."""
    auth = document["issuerSigned"]["issuerAuth"]
    mso = _thawed(cbor2.loads(cbor2.loads(auth[2]).value))
    until = mso["validityInfo"]["validUntil"]
    mso["validityInfo"]["validUntil"] = until.replace(year=until.year + 10)
    # cbor2 reads tag 0 as a datetime and writes it back as "+00:00"; the standard wants "Z".
    for name, instant in mso["validityInfo"].items():
        mso["validityInfo"][name] = cbor2.CBORTag(0, f"{instant:%Y-%m-%dT%H:%M:%SZ}")
    auth[2] = cbor2.dumps(cbor2.CBORTag(24, cbor2.dumps(mso)))


def _rename_holder(document: dict[str, Any]) -> None:
    items = document["issuerSigned"]["nameSpaces"][holder.MDL_NAME_SPACE]
    for index, tagged in enumerate(items):
        item = dict(cbor2.loads(tagged.value))
        if item["elementIdentifier"] == "family_name":
            item["elementValue"] = "Another"
            items[index] = cbor2.CBORTag(24, cbor2.dumps(item))
            return
    raise LookupError("family_name is not disclosed")


def _add_foreign_name_space(document: dict[str, Any]) -> None:
    """Add an element in a name space of which the issuer signed nothing."""
    item = {
        "digestID": 0,
        "random": secrets.token_bytes(32),
        "elementIdentifier": "may_drive_anything",
        "elementValue": True,
    }
    tagged = cbor2.CBORTag(24, cbor2.dumps(item))
    document["issuerSigned"]["nameSpaces"][FOREIGN_NAME_SPACE] = [tagged]


def _break_certificate(document: dict[str, Any]) -> None:
    headers = document["issuerSigned"]["issuerAuth"][1]
    headers[33] = _with_last_bit_flipped(_signer_certificate(headers))


def _certify_by_stranger(document: dict[str, Any]) -> None:
    """Certify the true signer's key again, by a root of the same name that nobody trusts."""
    headers = document["issuerSigned"]["issuerAuth"][1]
    true = x509.load_der_x509_certificate(_signer_certificate(headers))
    builder = (
        x509.CertificateBuilder()
        .subject_name(true.subject)
        .issuer_name(true.issuer)
        .public_key(true.public_key())
        .serial_number(true.serial_number)
        .not_valid_before(true.not_valid_before_utc)
        .not_valid_after(true.not_valid_after_utc)
    )
    for extension in true.extensions:
        builder = builder.add_extension(extension.value, critical=extension.critical)
    stranger = ec.generate_private_key(ec.SECP256R1())
    forged = builder.sign(stranger, hashes.SHA256())
    headers[33] = forged.public_bytes(serialization.Encoding.DER)


def _break_device_signature(document: dict[str, Any]) -> None:
    signature = document["deviceSigned"]["deviceAuth"]["deviceSignature"]
    signature[3] = _with_last_bit_flipped(signature[3])


def _signer_certificate(headers: dict[int, Any]) -> bytes:
    chain = headers[33]
    certificate: bytes = chain if isinstance(chain, bytes) else chain[0]
    return certificate


def _with_last_bit_flipped(octets: bytes) -> bytes:
    return octets[:-1] + bytes([octets[-1] ^ 1])


def _thawed(value: Any) -> Any:
    """Make what cbor2 read changeable; tagged items stay as they are."""
    if isinstance(value, cbor2.CBORTag):
        return value
    if hasattr(value, "items"):
        return {key: _thawed(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_thawed(item) for item in value]
    return value
