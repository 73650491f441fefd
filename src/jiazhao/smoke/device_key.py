"""The key of a phone or of a terminal, in software."""

from cryptography.hazmat.primitives.asymmetric import ec

from jiazhao.credentials.signing import ES256_HASH, Algorithm, PublicKey, raw_signature


class DeviceKey:
    """A P-256 key that a device would keep in its hardware; here it lasts as long as the object."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.public = PublicKey.of(self._key.public_key())

    algorithm = Algorithm.ES256
    certificates: tuple[bytes, ...] = ()

    def sign(self, message: bytes) -> bytes:
        """Return r and s, 32 octets each, over `message`."""
        return raw_signature(self._key.sign(message, ES256_HASH))
