"""Signing with a key that the process itself holds.

Who reads such a key can sign licences until its certificate is withdrawn: a production issuer
keeps it in hardware and fits that behind the same protocol.
"""

from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from jiazhao.credentials.signing import ES256_HASH, Algorithm, raw_signature
from jiazhao.errors import ConfigurationError, ErrorCode


class SoftwareSigner:
    """ES256 (ECDSA on P-256 with SHA-256) with the certificates that vouch for the key."""

    __slots__ = ("_certificate", "_certificates", "_key")

    def __init__(
        self, key: ec.EllipticCurvePrivateKey, certificates: Sequence[x509.Certificate]
    ) -> None:
        """`certificates`: the signer's own first, the root left out (as x5chain and x5c want)."""
        own = certificates[0]
        if not isinstance(key.curve, ec.SECP256R1) or own.public_key() != key.public_key():
            raise ConfigurationError(
                ErrorCode.BAD_CONFIGURATION,
                key="signer",
                reason="the certificate is not for this P-256 key / 证书与密钥不符",
            )
        self._key = key
        self._certificate = own
        self._certificates = tuple(c.public_bytes(Encoding.DER) for c in certificates)

    @property
    def algorithm(self) -> Algorithm:
        """Always ES256."""
        return Algorithm.ES256

    @property
    def certificate(self) -> x509.Certificate:
        """The signer's own certificate."""
        return self._certificate

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """The chain in DER, the signer's own first, without the root."""
        return self._certificates

    def sign(self, message: bytes) -> bytes:
        """Return r and s, 32 octets each, over `message`."""
        return raw_signature(self._key.sign(message, ES256_HASH))

    def __repr__(self) -> str:
        return f"SoftwareSigner({self._certificate.subject.rfc4514_string()})"
