"""A phone without Web Authentication in software: its key, and what the page says for it."""

from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from jiazhao.credentials.signing import read_base64url, write_base64url

REGISTERS, SIGNS_IN = "jiazhao pin key registers", "jiazhao pin key signs in"


@dataclass
class PinPhone:
    """One phone at one origin; it keeps a key and names, and nothing of the PIN."""

    origin: str
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1()), repr=False
    )
    account_id: str = ""
    key_id: str = ""

    def make(
        self, asked: Any, pin: str, *, label: str = "样本手机", **changes: Any
    ) -> dict[str, Any]:
        """Register the key, as the page posts it."""
        point = self.key.public_key().public_numbers()
        return {
            "challenge": asked["challenge"],
            "label": label,
            "x": write_base64url(point.x.to_bytes(32)),
            "y": write_base64url(point.y.to_bytes(32)),
            "signature": self.sign(REGISTERS, asked["challenge"]),
            "pin": pin,
            **changes,
        }

    def keep(self, view: Any) -> None:
        """Keep the names that the answer to a registration gives."""
        self.account_id, self.key_id = view["account_id"], view["key_id"]

    def show(self, asked: Any, pin: str, **changes: Any) -> dict[str, Any]:
        """Sign in, as the page posts it."""
        return {
            "challenge": asked["challenge"],
            "account_id": self.account_id,
            "key_id": self.key_id,
            "signature": self.sign(SIGNS_IN, asked["challenge"]),
            "pin": pin,
            **changes,
        }

    def sign(self, says: str, challenge: str) -> str:
        """Sign what the phone says for a challenge."""
        message = f"{says}\0{self.origin}\0".encode() + read_base64url(challenge, "challenge")
        r, s = decode_dss_signature(self.key.sign(message, ec.ECDSA(SHA256())))
        return write_base64url(r.to_bytes(32) + s.to_bytes(32))
