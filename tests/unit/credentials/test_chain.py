"""From a signer's certificate to a trusted root, and every reason to stop on the way."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from jiazhao.credentials.chain import DOCUMENT_SIGNING, STATUS_SIGNING, verify_chain
from jiazhao.credentials.signing import PublicKey
from jiazhao.errors import ErrorCode, VerificationError
from jiazhao.trust.certificates import CertifiedKey
from jiazhao.trust.hierarchy import Role, TrustPlan, make_root, make_signer

NOW = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
PLAN = TrustPlan("http://localhost:8000")
ROOT = make_root(PLAN, now=NOW)


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


ANCHORS = (_der(make_root(PLAN, now=NOW).certificate), _der(ROOT.certificate))
SIGNER = make_signer(Role.DOCUMENT_SIGNER, PLAN, root=ROOT, now=NOW)
_KEY = ec.generate_private_key(ec.SECP256R1())


def _refused(chain: list[bytes], code: ErrorCode, *, now: datetime = NOW) -> VerificationError:
    with pytest.raises(VerificationError) as refused:
        verify_chain(chain, anchors=ANCHORS, now=now, purpose=DOCUMENT_SIGNING)
    assert refused.value.code is code, refused.value.en
    return refused.value


def _usage(*, signs_documents: bool = False, signs_certificates: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs_documents,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _unusual(
    *extensions: tuple[x509.ExtensionType, bool],
    country: str = "CN",
    issuer: CertifiedKey = ROOT,
    key: ec.EllipticCurvePrivateKey = _KEY,
) -> bytes:
    """A signer's certificate with exactly these extensions."""
    builder = x509.CertificateBuilder(
        subject_name=x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, country)]),
        issuer_name=issuer.certificate.subject,
        public_key=key.public_key(),
        serial_number=1,
        not_valid_before=NOW - timedelta(days=1),
        not_valid_after=NOW + timedelta(days=1),
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return _der(builder.sign(issuer.key, hashes.SHA256()))


SIGNS = (_usage(signs_documents=True), True)
FOR_DOCUMENTS = (x509.ExtendedKeyUsage([DOCUMENT_SIGNING]), True)


def test_the_key_of_a_trusted_signer_comes_out() -> None:
    key = verify_chain(
        [_der(SIGNER.certificate)], anchors=ANCHORS, now=NOW, purpose=DOCUMENT_SIGNING
    )
    assert key == PublicKey.of(SIGNER.key.public_key())


def test_a_root_that_was_sent_along_is_ignored() -> None:
    chain = [_der(SIGNER.certificate), ANCHORS[1]]
    key = verify_chain(chain, anchors=ANCHORS, now=NOW, purpose=DOCUMENT_SIGNING)
    assert key == PublicKey.of(SIGNER.key.public_key())


def test_the_least_certificate_that_fits_is_taken() -> None:
    chain = [_unusual(SIGNS, FOR_DOCUMENTS)]
    key = verify_chain(chain, anchors=ANCHORS[1:], now=NOW, purpose=DOCUMENT_SIGNING)
    assert key == PublicKey.of(_KEY.public_key())


def test_a_chain_is_one_certificate() -> None:
    stranger = _der(make_root(PLAN, now=NOW).certificate)
    _refused([], ErrorCode.BAD_SIGNER_CERTIFICATE)
    _refused([ANCHORS[0]], ErrorCode.BAD_SIGNER_CERTIFICATE)
    _refused([_der(SIGNER.certificate), stranger], ErrorCode.BAD_SIGNER_CERTIFICATE)


def test_a_signer_of_a_stranger_is_unknown() -> None:
    stranger = make_root(PLAN, now=NOW)
    signer = make_signer(Role.DOCUMENT_SIGNER, PLAN, root=stranger, now=NOW)
    # Same names, another key: the authority key identifier tells them apart.
    _refused([_der(signer.certificate)], ErrorCode.UNKNOWN_ISSUER)


def test_a_certificate_that_its_named_root_did_not_sign_does_not_match() -> None:
    imposter = CertifiedKey(ROOT.certificate, ec.generate_private_key(ec.SECP256R1()))
    signer = make_signer(Role.DOCUMENT_SIGNER, PLAN, root=imposter, now=NOW)
    _refused([_der(signer.certificate)], ErrorCode.SIGNATURE_MISMATCH)


@pytest.mark.parametrize("days", [-32, 397])
def test_a_signer_outside_its_validity_is_refused(days: int) -> None:
    now = NOW + timedelta(days=days)
    _refused([_der(SIGNER.certificate)], ErrorCode.SIGNER_OUTSIDE_VALIDITY, now=now)


def test_a_signer_is_taken_for_its_own_purpose_only() -> None:
    status = make_signer(Role.STATUS_SIGNER, PLAN, root=ROOT, now=NOW)
    chain = [_der(status.certificate)]

    key = verify_chain(chain, anchors=ANCHORS, now=NOW, purpose=STATUS_SIGNING)
    assert key == PublicKey.of(status.key.public_key())
    refusal = _refused(chain, ErrorCode.BAD_SIGNER_CERTIFICATE)
    assert refusal.values == {"reason": "not for this purpose"}


@pytest.mark.parametrize(
    ("extensions", "reason"),
    [
        ([FOR_DOCUMENTS], "not for signatures"),
        ([(_usage(signs_certificates=True), True), FOR_DOCUMENTS], "not for signatures"),
        ([SIGNS], "not for this purpose"),
        ([SIGNS, FOR_DOCUMENTS, (x509.BasicConstraints(True, 0), True)], "is an authority"),
        ([SIGNS, FOR_DOCUMENTS, (x509.OCSPNoCheck(), True)], "unknown critical extension"),
    ],
    ids=["no usage", "signs certificates", "no purpose", "authority", "critical"],
)
def test_a_certificate_that_does_not_fit_the_profile_is_refused(
    extensions: list[tuple[x509.ExtensionType, bool]], reason: str
) -> None:
    refusal = _refused([_unusual(*extensions)], ErrorCode.BAD_SIGNER_CERTIFICATE)
    assert refusal.values == {"reason": reason}


def test_a_signer_of_another_country_than_its_root_is_refused() -> None:
    refusal = _refused(
        [_unusual(SIGNS, FOR_DOCUMENTS, country="UT")], ErrorCode.BAD_SIGNER_CERTIFICATE
    )
    assert "country" in refusal.values["reason"]


def test_a_key_on_another_curve_is_refused() -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    chain = [_unusual(SIGNS, FOR_DOCUMENTS, key=key)]
    with pytest.raises(VerificationError, match="P-256"):
        verify_chain(chain, anchors=ANCHORS[1:], now=NOW, purpose=DOCUMENT_SIGNING)


def test_what_is_no_certificate_is_refused() -> None:
    whole = _der(SIGNER.certificate)
    for octets in (b"", b"\x30\x00", whole[:-1], whole + b"\0", bytes(5000)):
        _refused([octets], ErrorCode.BAD_SIGNER_CERTIFICATE)


def test_a_certificate_changed_in_what_is_signed_is_refused() -> None:
    whole = _der(SIGNER.certificate)
    for position in range(len(whole)):
        for bit in (0x01, 0x10, 0x80):
            changed = bytearray(whole)
            changed[position] ^= bit
            with suppress(VerificationError):
                verify_chain([bytes(changed)], anchors=ANCHORS, now=NOW, purpose=DOCUMENT_SIGNING)
                # A signature has more than one spelling; what it signs has not.
                taken = x509.load_der_x509_certificate(bytes(changed))
                assert taken.tbs_certificate_bytes == SIGNER.certificate.tbs_certificate_bytes


def test_a_damaged_root_vouches_for_nobody() -> None:
    """Neither a key off its curve nor one of an unknown curve leaves as another error."""
    root = ANCHORS[1]
    point = root.index(PublicKey.of(ROOT.key.public_key()).point)
    curve = root.index(bytes.fromhex("2a8648ce3d030107"))  # P-256, RFC 5480 section 2.1.1.1
    for place in (point + 1, curve + 7):
        damaged = root[:place] + bytes([root[place] ^ 0x40]) + root[place + 1 :]
        with pytest.raises(VerificationError) as refused:
            verify_chain(
                [_der(SIGNER.certificate)], anchors=(damaged,), now=NOW, purpose=DOCUMENT_SIGNING
            )
        assert refused.value.code is ErrorCode.SIGNATURE_MISMATCH
