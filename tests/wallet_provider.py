"""A made-up maker of wallets: it vouches for instances of its wallet, and for their keys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from jiazhao.credentials import jose
from jiazhao.credentials.signing import ES256_HASH, Algorithm, raw_signature
from jiazhao.smoke.wallet import DeviceKey

WALLET = "https://wallet.example"
"""The `client_id` of every instance of the wallet."""

YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Certified:
    """A key and a certificate for it; signs with its chain, the root left out."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    between: tuple[x509.Certificate, ...] = ()
    """Certificates between its own and the root."""

    algorithm = Algorithm.ES256

    @property
    def certificates(self) -> tuple[bytes, ...]:
        return tuple(one.public_bytes(Encoding.DER) for one in (self.certificate, *self.between))

    def sign(self, message: bytes) -> bytes:
        return raw_signature(self.key.sign(message, ES256_HASH))


def certified(
    name: str,
    *,
    by: Certified | None,
    now: datetime,
    is_authority: bool = False,
    life: timedelta = YEAR,
    extensions: Sequence[tuple[x509.ExtensionType, bool]] = (),
) -> Certified:
    """Certify a new key; without `by` it is self-signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + life)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    between = (
        (by.certificate, *by.between)
        if by and by.certificate.issuer != by.certificate.subject
        else ()
    )
    return Certified(key, builder.sign(by.key if by else key, SHA256()), between)


@dataclass
class WalletProvider:
    """Vouches for wallets of the kind `client_id`; right but for what is given."""

    now: datetime
    client_id: str = WALLET
    root: Certified = field(init=False)
    signer: Certified = field(init=False)

    def __post_init__(self) -> None:
        self.root = certified("wallet provider root", by=None, now=self.now, is_authority=True)
        self.signer = certified("wallet provider", by=self.root, now=self.now)

    def publish(self, folder: Path) -> Path:
        """Write the root where an issuer reads whom it trusts."""
        folder.mkdir(exist_ok=True)
        pem = self.root.certificate.public_bytes(Encoding.PEM)
        (folder / "wallet-provider.pem").write_bytes(pem)
        return folder

    def vouch(
        self,
        instance: DeviceKey,
        *,
        now: datetime | None = None,
        by: Certified | None = None,
        typ: str = "oauth-client-attestation+jwt",
        header: Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> str:
        """A client attestation for the key of an instance."""
        at = int((now or self.now).timestamp())
        claims = {
            "iss": "https://provider.example",
            "sub": self.client_id,
            "iat": at,
            "exp": at + 3600,
            "cnf": {"jwk": instance.public.to_jwk()},
            "wallet_name": "A made-up wallet",
        }
        return self._signed(claims, changes, by, typ, header)

    def attest(
        self,
        keys: Sequence[DeviceKey],
        *,
        now: datetime | None = None,
        by: Certified | None = None,
        typ: str = "key-attestation+jwt",
        header: Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> str:
        """A key attestation."""
        at = int((now or self.now).timestamp())
        claims = {
            "iat": at,
            "exp": at + 3600,
            "attested_keys": [key.public.to_jwk() for key in keys],
            "key_storage": ["iso_18045_moderate"],
            "user_authentication": ["iso_18045_moderate"],
        }
        return self._signed(claims, changes, by, typ, header)

    def _signed(
        self,
        claims: Mapping[str, Any],
        changes: Mapping[str, Any],
        by: Certified | None,
        typ: str,
        header: Mapping[str, Any] | None,
    ) -> str:
        made = {name: one for name, one in {**claims, **changes}.items() if one is not None}
        return jose.sign(made, by or self.signer, typ=typ, header=header, with_chain=True)
