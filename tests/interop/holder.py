"""A holder's side of the tests, written from the standards and without the product.

What the product calls valid must be what ISO/IEC 18013-5 and OpenID4VP call valid, so
nothing here imports it: cbor2 and `cryptography` are enough.
"""

import base64
import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

MDL = "org.iso.18013.5.1.mDL"
MDL_NAME_SPACE = "org.iso.18013.5.1"

Element = tuple[str, str]
"""A name space and an element identifier."""


@dataclass(frozen=True, slots=True)
class Session:
    """The values of an OpenID4VP request that bind an answer to it; the answer is not encrypted."""

    client_id: str
    nonce: str
    response_uri: str

    def transcript(self) -> bytes:
        """Return the encoded SessionTranscript (OpenID4VP 1.0, B.2.6.1)."""
        info = cbor2.dumps([self.client_id, self.nonce, None, self.response_uri])
        return cbor2.dumps([None, None, ["OpenID4VPHandover", hashlib.sha256(info).digest()]])

    def as_json(self) -> dict[str, str]:
        """Return the values by the names that the peers' scripts read."""
        return {
            "clientId": self.client_id,
            "nonce": self.nonce,
            "responseUri": self.response_uri,
        }


def octets(text: str) -> bytes:
    """Decode base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def text(octets: bytes) -> str:
    """Encode as base64url without padding."""
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def device_key(jwk: Mapping[str, str]) -> ec.EllipticCurvePrivateKey:
    """Read a private P-256 JWK."""
    return ec.derive_private_key(int.from_bytes(octets(jwk["d"]), "big"), ec.SECP256R1())


def disclosed(issuer_signed: bytes, elements: Collection[Element] | None) -> dict[str, Any]:
    """Return IssuerSigned with the items of `elements` only, each with its octets as signed.

    None keeps them all.
    """
    decoded = cbor2.loads(issuer_signed)
    chosen = {
        name_space: [
            item
            for item in items
            if elements is None
            or (name_space, cbor2.loads(item.value)["elementIdentifier"]) in elements
        ]
        for name_space, items in decoded["nameSpaces"].items()
    }
    return {
        "nameSpaces": {name_space: items for name_space, items in chosen.items() if items},
        "issuerAuth": list(decoded["issuerAuth"]),
    }


def device_response(
    issuer_signed: bytes,
    key: ec.EllipticCurvePrivateKey,
    transcript: bytes,
    elements: Collection[Element] | None = None,
) -> bytes:
    """Show an mdoc: a DeviceResponse with one document and a device signature over `transcript`."""
    device_name_spaces = cbor2.CBORTag(24, cbor2.dumps({}))
    authentication = [
        "DeviceAuthentication",
        cbor2.loads(transcript),
        MDL,
        device_name_spaces,
    ]
    payload = cbor2.dumps(cbor2.CBORTag(24, cbor2.dumps(authentication)))
    protected = cbor2.dumps({1: -7})
    signature = _es256(key, cbor2.dumps(["Signature1", protected, b"", payload]))
    document = {
        "docType": MDL,
        "issuerSigned": disclosed(issuer_signed, elements),
        "deviceSigned": {
            "nameSpaces": device_name_spaces,
            "deviceAuth": {"deviceSignature": [protected, {}, None, signature]},
        },
    }
    return cbor2.dumps({"version": "1.0", "documents": [document], "status": 0})


def jwt(claims: Mapping[str, Any], key: ec.EllipticCurvePrivateKey, **header: object) -> str:
    """Sign claims with ES256 (RFC 7515)."""
    parts = ({"alg": "ES256", **header}, claims)
    signed = ".".join(text(json.dumps(part).encode()) for part in parts)
    return f"{signed}.{text(_es256(key, signed.encode()))}"


def key_bound(
    presented: str,
    key: ec.EllipticCurvePrivateKey,
    *,
    audience: str,
    nonce: str,
    issued_at: int,
) -> str:
    """Show an SD-JWT, which ends in ~: a key binding over all of it (RFC 9901, 4.3)."""
    claims = {
        "iat": issued_at,
        "aud": audience,
        "nonce": nonce,
        "sd_hash": text(hashlib.sha256(presented.encode()).digest()),
    }
    return presented + jwt(claims, key, typ="kb+jwt")


def _es256(key: ec.EllipticCurvePrivateKey, message: bytes) -> bytes:
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")
