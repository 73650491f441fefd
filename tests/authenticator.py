"""An authenticator in software: what a phone or a security key does, and what a thief might."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from jiazhao.credentials.signing import read_base64url, write_base64url

USER_PRESENT, USER_VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """One passkey at one origin. `counts` false is a platform's passkey, which says 0 always."""

    origin: str
    counts: bool = True
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1()), repr=False
    )
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(20))
    user_handle: bytes = b""
    count: int = 0
    flags: int = USER_PRESENT | USER_VERIFIED

    def make(self, asked: Any, *, label: str = "样本手机", **changes: Any) -> dict[str, Any]:
        """Answer `navigator.credentials.create`, as the page posts it."""
        self.user_handle = read_base64url(asked["options"]["user"]["id"], "user")
        made = {"fmt": "none", "attStmt": {}, "authData": self._data(new=True, **changes)}
        return {
            "challenge": asked["challenge"],
            "label": label,
            "id": write_base64url(self.credential_id),
            "client_data": self._client_data("webauthn.create", asked, **changes)[1],
            "attestation": write_base64url(cbor2.dumps({**made, **changes.get("attestation", {})})),
        }

    def show(self, asked: Any, **changes: Any) -> dict[str, Any]:
        """Answer `navigator.credentials.get`, as the page posts it."""
        self.count += self.counts
        octets, client_data = self._client_data("webauthn.get", asked, **changes)
        data = self._data(**changes)
        signature = self.key.sign(data + hashlib.sha256(octets).digest(), ec.ECDSA(SHA256()))
        return {
            "challenge": asked["challenge"],
            "id": write_base64url(self.credential_id),
            "client_data": client_data,
            "authenticator_data": write_base64url(data),
            "signature": write_base64url(signature),
            "user_handle": write_base64url(self.user_handle),
        }

    def _client_data(self, kind: str, asked: Any, **changes: Any) -> tuple[bytes, str]:
        said = {
            "type": changes.get("type", kind),
            "challenge": changes.get("signed_challenge", asked["options"]["challenge"]),
            "origin": changes.get("origin", self.origin),
            "crossOrigin": False,
        }
        octets = json.dumps(said).encode()
        return octets, write_base64url(octets)

    def _data(self, *, new: bool = False, **changes: Any) -> bytes:
        rp_id = changes.get("rp_id", urlsplit(self.origin).hostname or "")
        flags = changes.get("flags", self.flags) | (ATTESTED if new else 0)
        head = hashlib.sha256(rp_id.encode()).digest() + bytes([flags])
        return head + self.count.to_bytes(4) + (self._attested() if new else b"")

    def _attested(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        length = len(self.credential_id).to_bytes(2)
        return bytes(16) + length + self.credential_id + cbor2.dumps(cose)
