"""The profiles of ISO/IEC 18013-5:2021, annex B, read back from the DER."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID, NameOID

from jiazhao.credentials.chain import DOCUMENT_SIGNING, STATUS_SIGNING
from jiazhao.errors import ConfigurationError
from jiazhao.trust.certificates import (
    CertifiedKey,
    Subject,
    Validity,
    make_document_signer,
    make_iaca_root,
    make_status_signer,
)

START = datetime(2026, 3, 1, tzinfo=UTC)
ISSUER = "https://licence.example.cn"
CRL = "https://licence.example.cn/trust/iaca.crl"
OID = ExtensionOID

SignerMaker = Callable[..., x509.Certificate]


def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _reread(certificate: x509.Certificate) -> x509.Certificate:
    return x509.load_der_x509_certificate(certificate.public_bytes(Encoding.DER))


def _root(days: int = 3650) -> CertifiedKey:
    return make_iaca_root(
        _key(),
        subject=Subject("SPECIMEN Bureau", "SPECIMEN IACA Root of China"),
        issuer_uri=ISSUER,
        crl_uri=CRL,
        validity=Validity(START, START + timedelta(days=days)),
    )


def _signer(
    make: SignerMaker, root: CertifiedKey, *, days: int = 400, uri: str = ISSUER
) -> x509.Certificate:
    return make(
        _key().public_key(),
        root=root,
        subject=Subject("SPECIMEN Bureau", "SPECIMEN Signer"),
        issuer_uri=uri,
        validity=Validity(START, START + timedelta(days=days)),
    )


def _criticality(certificate: x509.Certificate) -> dict[x509.ObjectIdentifier, bool]:
    return {extension.oid: extension.critical for extension in certificate.extensions}


def test_the_root_has_exactly_the_extensions_of_its_profile() -> None:
    root = _reread(_root().certificate)

    assert root.version is x509.Version.v3
    assert _criticality(root) == {
        OID.SUBJECT_KEY_IDENTIFIER: False,
        OID.KEY_USAGE: True,
        OID.ISSUER_ALTERNATIVE_NAME: False,
        OID.BASIC_CONSTRAINTS: True,
        OID.CRL_DISTRIBUTION_POINTS: False,
    }
    constraints = root.extensions.get_extension_for_class(x509.BasicConstraints).value
    usage = root.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (constraints.ca, constraints.path_length) == (True, 0)
    assert usage.key_cert_sign
    assert usage.crl_sign
    assert not usage.digital_signature
    root.verify_directly_issued_by(root)


def test_names_stand_in_the_order_country_organisation_common_name() -> None:
    name = _reread(_root().certificate).subject

    assert [attribute.oid for attribute in name] == [
        NameOID.COUNTRY_NAME,
        NameOID.ORGANIZATION_NAME,
        NameOID.COMMON_NAME,
    ]
    assert name.rfc4514_string() == "CN=SPECIMEN IACA Root of China,O=SPECIMEN Bureau,C=CN"


@pytest.mark.parametrize(
    ("make", "purpose"),
    [(make_document_signer, DOCUMENT_SIGNING), (make_status_signer, STATUS_SIGNING)],
)
def test_a_signer_has_exactly_the_extensions_of_its_profile(
    make: SignerMaker, purpose: x509.ObjectIdentifier
) -> None:
    root = _root().certificate
    signer = _reread(_signer(make, CertifiedKey(root, _key()), days=457))

    assert _criticality(signer) == {
        OID.AUTHORITY_KEY_IDENTIFIER: False,
        OID.SUBJECT_KEY_IDENTIFIER: False,
        OID.KEY_USAGE: True,
        OID.ISSUER_ALTERNATIVE_NAME: False,
        OID.SUBJECT_ALTERNATIVE_NAME: False,
        OID.EXTENDED_KEY_USAGE: True,
        OID.CRL_DISTRIBUTION_POINTS: False,
    }
    of = signer.extensions.get_extension_for_class
    usage = of(x509.KeyUsage).value
    assert usage.digital_signature
    assert not usage.key_cert_sign
    assert list(of(x509.ExtendedKeyUsage).value) == [purpose]
    assert (
        of(x509.AuthorityKeyIdentifier).value.key_identifier
        == root.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    )
    point = of(x509.CRLDistributionPoints).value[0]
    assert point.full_name == [x509.UniformResourceIdentifier(CRL)]
    assert point.reasons is None
    assert point.crl_issuer is None
    assert signer.issuer == root.subject


def test_the_purpose_of_a_document_signer_is_in_the_der() -> None:
    root = _root()
    # OBJECT IDENTIFIER of 7 octets: 1.0 is 28, 18013 is 81 8c 5d, then 5, 1 and 2.
    purpose = bytes.fromhex("06 07 28 81 8c 5d 05 01 02")

    assert purpose in _signer(make_document_signer, root).public_bytes(Encoding.DER)
    assert purpose not in _signer(make_status_signer, root).public_bytes(Encoding.DER)


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        (ISSUER, x509.DNSName("licence.example.cn")),
        ("http://localhost:8000", x509.DNSName("localhost")),
        ("http://127.0.0.1:8000", x509.IPAddress(ip_address("127.0.0.1"))),
    ],
)
def test_a_signer_names_the_issuer_by_url_and_host(uri: str, name: x509.GeneralName) -> None:
    signer = _reread(_signer(make_document_signer, _root(), uri=uri))

    names = signer.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert list(names) == [x509.UniformResourceIdentifier(uri), name]


def test_serial_numbers_are_random_positive_and_at_most_20_octets() -> None:
    root = _root()
    serials = {_signer(make_document_signer, root).serial_number for _ in range(20)}

    assert len(serials) == 20
    assert all(0 < serial < 1 << 159 for serial in serials)
    assert max(serials) > 1 << 140


def test_a_signer_lives_457_days_at_most() -> None:
    with pytest.raises(ConfigurationError, match="457"):
        _signer(make_document_signer, _root(), days=458)


def test_a_signer_does_not_outlive_its_root() -> None:
    with pytest.raises(ConfigurationError, match="outlive"):
        _signer(make_document_signer, _root(days=399), days=400)


def test_a_root_lives_twenty_years_at_most() -> None:
    with pytest.raises(ConfigurationError, match="7300"):
        _root(days=7301)


@pytest.mark.parametrize("uri", ["localhost", "https://驾照.example"])
def test_an_issuer_url_without_an_ascii_host_is_refused(uri: str) -> None:
    with pytest.raises(ConfigurationError, match="host"):
        _signer(make_document_signer, _root(), uri=uri)
