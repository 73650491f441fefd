"""Signing with a key that the process itself holds.

Who reads such a key can sign licences until its certificate is withdrawn: a production issuer
keeps it in hardware and fits that behind the same protocol.
"""

from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from jiazhao.credentials.signing import ES256_HASH, raw_signature
from jiazhao.trust.certified import CertifiedSigner


class SoftwareSigner(CertifiedSigner):
    """ES256 (ECDSA on P-256 with SHA-256) with a key in memory."""

    __slots__ = ("_key",)

    def __init__(
        self, key: ec.EllipticCurvePrivateKey, certificates: Sequence[x509.Certificate]
    ) -> None:
        """`certificates` as `CertifiedSigner` takes them."""
        super().__init__(key.public_key(), certificates)
        self._key = key

    def sign(self, message: bytes) -> bytes:
        """Return r and s, 32 octets each, over `message`."""
        return raw_signature(self._key.sign(message, ES256_HASH))
