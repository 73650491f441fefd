"""What every ES256 signer of ours has, wherever its key is: certificates that vouch for the key."""

from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from jiazhao.credentials.signing import Algorithm
from jiazhao.errors import ConfigurationError, ErrorCode


class CertifiedSigner:
    """A signer without its `sign`: who has the key gives that."""

    __slots__ = ("_certificate", "_certificates")

    def __init__(
        self, public_key: ec.EllipticCurvePublicKey, certificates: Sequence[x509.Certificate]
    ) -> None:
        """`certificates`: the signer's own first, the root left out (as x5chain and x5c want).

        Raises `ConfigurationError` where the first is not for the key, or the key not on P-256.
        """
        own = certificates[0]
        if not isinstance(public_key.curve, ec.SECP256R1) or own.public_key() != public_key:
            raise ConfigurationError(
                ErrorCode.BAD_CONFIGURATION,
                key="signer",
                reason="the certificate is not for this P-256 key / 证书与密钥不符",
            )
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

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._certificate.subject.rfc4514_string()})"
