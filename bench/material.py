"""What every subject works on: the same licence, keys and certificates for us and for peers."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID, ObjectIdentifier

DOCTYPE = "org.iso.18013.5.1.mDL"
NAME_SPACE = "org.iso.18013.5.1"
ISSUER = "https://issuer.example"
VCT = f"{ISSUER}/types/driving-licence"
PORTRAIT_OCTETS = 20_000
DISCLOSED_FEW = (
    "family_name",
    "given_name",
    "document_number",
    "expiry_date",
    "driving_privileges",
)
"""What a checkpoint or a rental desk asks for: five elements."""

_DOCUMENT_SIGNING = ObjectIdentifier("1.0.18013.5.1.2")


@dataclass(frozen=True, slots=True)
class FullDate:
    """A full-date (tag 1004); every subject writes it in its own way."""

    text: str


def portrait() -> bytes:
    """Return 20,000 octets that are the same in every run and do not compress."""
    blocks = (hashlib.sha256(b"portrait %d" % number).digest() for number in range(625))
    return b"".join(blocks)[:PORTRAIT_OCTETS]


def elements() -> dict[str, Any]:
    """Return the 26 data elements of a made-up driver."""
    privilege = {
        "vehicle_category_code": "B",
        "issue_date": FullDate("2019-03-18"),
        "expiry_date": FullDate("2029-03-18"),
    }
    return {
        "family_name": "OUYANG",
        "given_name": "YANPING",
        "birth_date": FullDate("1991-07-30"),
        "issue_date": FullDate("2019-03-18"),
        "expiry_date": FullDate("2029-03-18"),
        "issuing_country": "CN",
        "issuing_authority": "SPECIMEN TRAFFIC MANAGEMENT BUREAU",
        "document_number": "9900000000017",
        "portrait": portrait(),
        "driving_privileges": [privilege],
        "un_distinguishing_sign": "CHN",
        "administrative_number": "990000000017",
        "sex": 2,
        "height": 168,
        "weight": 60,
        "eye_colour": "brown",
        "hair_colour": "black",
        "birth_place": "SPECIMEN CITY",
        "resident_address": "12 SPECIMEN ROAD",
        "portrait_capture_date": FullDate("2019-02-11"),
        "age_over_18": True,
        "nationality": "CN",
        "resident_city": "SPECIMEN CITY",
        "resident_country": "CN",
        "family_name_national_character": "欧阳",
        "given_name_national_character": "燕平",
    }


def as_claims(value: Any) -> Any:
    """Write elements as JSON has them: a day as text, the portrait as a data URL."""
    if isinstance(value, FullDate):
        return value.text
    if isinstance(value, bytes):
        return "data:image/jpeg;base64," + base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {name: as_claims(item) for name, item in value.items()}
    if isinstance(value, list):
        return [as_claims(item) for item in value]
    return value


@dataclass(frozen=True, slots=True)
class Issuer:
    """A root, a document signer under it, and the signer's key."""

    root: x509.Certificate
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def new(cls, now: datetime) -> "Issuer":
        """Make an issuer whose certificates hold at `now`."""
        root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        root_name, signer_name = _name("SPECIMEN IACA"), _name("SPECIMEN document signer")
        root = (
            _certificate(root_name, root_key.public_key(), now)
            .issuer_name(root_name)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(certificates=True), critical=True)
            .sign(root_key, hashes.SHA256())
        )
        certificate = (
            _certificate(signer_name, key.public_key(), now)
            .issuer_name(root_name)
            .add_extension(_key_usage(certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([_DOCUMENT_SIGNING]), critical=True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()),
                critical=False,
            )
            .add_extension(
                x509.SubjectAlternativeName([x509.UniformResourceIdentifier(ISSUER)]),
                critical=False,
            )
            .sign(root_key, hashes.SHA256())
        )
        return cls(root, certificate, key)

    def pem(self) -> str:
        """Return the document signer's certificate as PEM."""
        return self.certificate.public_bytes(Encoding.PEM).decode()

    def root_pem(self) -> str:
        """Return the root as PEM."""
        return self.root.public_bytes(Encoding.PEM).decode()


def jwk(key: ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey) -> dict[str, str]:
    """Write a P-256 key as a JWK, with `d` where it is private."""
    private = isinstance(key, ec.EllipticCurvePrivateKey)
    public = key.public_key() if isinstance(key, ec.EllipticCurvePrivateKey) else key
    numbers = public.public_numbers()
    members = {"kty": "EC", "crv": "P-256", "x": _octets(numbers.x), "y": _octets(numbers.y)}
    if private:
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        members["d"] = _octets(key.private_numbers().private_value)
    return members


def x5c(certificate: x509.Certificate) -> str:
    """Write a certificate as a header of a JWT holds it."""
    return base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()


def validity(now: datetime) -> Mapping[str, datetime]:
    """Return the validity of the credential: a fortnight, begun an hour ago."""
    begun = now - timedelta(hours=1)
    return {"signed": begun, "validFrom": begun, "validUntil": begun + timedelta(days=14)}


def clock() -> datetime:
    """Return the instant at which the run began; peers read their own clocks."""
    return datetime.now(UTC).replace(microsecond=0)


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _certificate(
    subject: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=365))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _key_usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _octets(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).decode().rstrip("=")
