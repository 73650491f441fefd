"""Certificate profiles of ISO/IEC 18013-5:2021, annex B, for the keys that we sign with.

The root (IACA) signs certificates and lists only; the document signer signs copies of the
licence (B.1.4); the signer of status lists stands under the same root, because a verifier
looks for it there and not under the document signer. Signers of requests (B.1.7) stand under a
root of their own with the same profile: who may ask is another question than who may issue. So
does who vouches for wallets.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID, ObjectIdentifier

from jiazhao.credentials.chain import (
    DOCUMENT_SIGNING,
    READER_AUTHENTICATION,
    STATUS_SIGNING,
    WALLET_PROVIDING,
)
from jiazhao.errors import ConfigurationError, ErrorCode

MAX_ROOT_LIFE = timedelta(days=20 * 365)
"""ISO/IEC 18013-5, B.1.2: at most twenty years."""

MAX_SIGNER_LIFE = timedelta(days=457)
"""ISO/IEC 18013-5, B.1.4: at most 457 days after the start."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a certificate names; `country` is the issuing country of the licence."""

    organisation: str
    common_name: str
    country: str = "CN"

    def name(self) -> x509.Name:
        """The distinguished name, in the order C, O, CN."""
        return x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, self.country),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, self.organisation),
                x509.NameAttribute(NameOID.COMMON_NAME, self.common_name),
            ]
        )


@dataclass(frozen=True, slots=True)
class Validity:
    """The days over which a certificate holds, both ends included."""

    not_before: datetime
    not_after: datetime

    def __contains__(self, instant: datetime) -> bool:
        return self.not_before <= instant <= self.not_after

    @classmethod
    def of(cls, certificate: x509.Certificate) -> "Validity":
        """The validity that a certificate states."""
        return cls(certificate.not_valid_before_utc, certificate.not_valid_after_utc)


@dataclass(frozen=True, slots=True)
class CertifiedKey:
    """A private key with its certificate."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def __repr__(self) -> str:
        return f"CertifiedKey({self.certificate.subject.rfc4514_string()})"


def make_iaca_root(
    key: ec.EllipticCurvePrivateKey,
    *,
    subject: Subject,
    issuer_uri: str,
    crl_uri: str,
    validity: Validity,
) -> CertifiedKey:
    """Make a self-signed root (B.1.2); raises `ConfigurationError` where it would live too long."""
    _limit(validity, MAX_ROOT_LIFE)
    name, public_key = subject.name(), key.public_key()
    builder = (
        _start(name, name, public_key, validity)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(_alternative_name(issuer_uri), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_crl_points(crl_uri), critical=False)
    )
    return CertifiedKey(builder.sign(key, hashes.SHA256()), key)


def make_document_signer(
    public_key: ec.EllipticCurvePublicKey,
    *,
    root: CertifiedKey,
    subject: Subject,
    issuer_uri: str,
    validity: Validity,
) -> x509.Certificate:
    """Make the certificate of a key that signs copies of the licence (B.1.4)."""
    return _make_signer(
        public_key, root, subject=subject, uri=issuer_uri, validity=validity, use=DOCUMENT_SIGNING
    )


def make_status_signer(
    public_key: ec.EllipticCurvePublicKey,
    *,
    root: CertifiedKey,
    subject: Subject,
    issuer_uri: str,
    validity: Validity,
) -> x509.Certificate:
    """Make the certificate of a key that signs status lists, under the root of the licence."""
    return _make_signer(
        public_key, root, subject=subject, uri=issuer_uri, validity=validity, use=STATUS_SIGNING
    )


def make_request_signer(
    public_key: ec.EllipticCurvePublicKey,
    *,
    root: CertifiedKey,
    subject: Subject,
    issuer_uri: str,
    validity: Validity,
) -> x509.Certificate:
    """Make the certificate of a key that signs requests to wallets (B.1.7)."""
    return _make_signer(
        public_key,
        root,
        subject=subject,
        uri=issuer_uri,
        validity=validity,
        use=READER_AUTHENTICATION,
    )


def make_wallet_provider(
    public_key: ec.EllipticCurvePublicKey,
    *,
    root: CertifiedKey,
    subject: Subject,
    issuer_uri: str,
    validity: Validity,
) -> x509.Certificate:
    """Make the certificate of a key that vouches for wallets and their keys."""
    return _make_signer(
        public_key, root, subject=subject, uri=issuer_uri, validity=validity, use=WALLET_PROVIDING
    )


def _make_signer(
    public_key: ec.EllipticCurvePublicKey,
    root: CertifiedKey,
    *,
    subject: Subject,
    uri: str,
    validity: Validity,
    use: ObjectIdentifier,
) -> x509.Certificate:
    _limit(validity, MAX_SIGNER_LIFE)
    within = Validity.of(root.certificate)
    if validity.not_before not in within or validity.not_after not in within:
        raise _refusal("it would outlive its root / 超出根证书有效期")
    extensions = root.certificate.extensions
    root_key = extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = (
        _start(subject.name(), root.certificate.subject, public_key, validity)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(root_key),
            critical=False,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(
            extensions.get_extension_for_class(x509.IssuerAlternativeName).value, critical=False
        )
        .add_extension(x509.SubjectAlternativeName(_issuer_names(uri)), critical=False)
        .add_extension(x509.ExtendedKeyUsage([use]), critical=True)
        .add_extension(
            extensions.get_extension_for_class(x509.CRLDistributionPoints).value, critical=False
        )
    )
    return builder.sign(root.key, hashes.SHA256())


def _start(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    validity: Validity,
) -> x509.CertificateBuilder:
    return x509.CertificateBuilder(
        subject_name=subject,
        issuer_name=issuer,
        public_key=public_key,
        # At least 63 random bits are asked for (annex B); this has 159.
        serial_number=x509.random_serial_number(),
        not_valid_before=validity.not_before,
        not_valid_after=validity.not_after,
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _alternative_name(issuer_uri: str) -> x509.IssuerAlternativeName:
    return x509.IssuerAlternativeName([x509.UniformResourceIdentifier(issuer_uri)])


def _issuer_names(issuer_uri: str) -> list[x509.GeneralName]:
    """The issuer's URL and host: wallets compare them with the issuer that a copy names."""
    host = urlsplit(issuer_uri).hostname
    if not host or not issuer_uri.isascii():
        raise _refusal("the issuer's URL needs an ASCII host name / 发证机关网址缺少主机名")
    return [x509.UniformResourceIdentifier(issuer_uri), _host_name(host)]


def _host_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _crl_points(crl_uri: str) -> x509.CRLDistributionPoints:
    point = x509.DistributionPoint([x509.UniformResourceIdentifier(crl_uri)], None, None, None)
    return x509.CRLDistributionPoints([point])


def _limit(validity: Validity, longest: timedelta) -> None:
    if not timedelta() < validity.not_after - validity.not_before <= longest:
        raise _refusal(f"at most {longest.days} days / 最长 {longest.days} 天")


def _refusal(reason: str) -> ConfigurationError:
    return ConfigurationError(ErrorCode.BAD_CONFIGURATION, key="certificate", reason=reason)
