from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

from jiazhao.credentials.signing import Algorithm
from jiazhao.errors import ConfigurationError
from jiazhao.trust.certificates import CertifiedKey
from jiazhao.trust.hierarchy import Role, TrustPlan, make_root, make_signer
from jiazhao.trust.software import SoftwareSigner

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
PLAN = TrustPlan(issuer_uri="http://localhost:8000")


def _signer_key() -> CertifiedKey:
    return make_signer(Role.DOCUMENT_SIGNER, PLAN, root=make_root(PLAN, now=NOW), now=NOW)


def _verify(signer: SoftwareSigner, signature: bytes, message: bytes) -> None:
    key = signer.certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    r, s = (int.from_bytes(half) for half in (signature[:32], signature[32:]))
    key.verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))


def test_a_signature_is_64_octets_and_verifies_with_the_certificate() -> None:
    certified = _signer_key()
    signer = SoftwareSigner(certified.key, [certified.certificate])

    # Short r and s occur once in 128 signatures: they must be padded.
    for number in range(300):
        message = number.to_bytes(2)
        signature = signer.sign(message)
        assert len(signature) == 64
        _verify(signer, signature, message)
    with pytest.raises(InvalidSignature):
        _verify(signer, signer.sign(b"a"), b"b")


def test_the_chain_is_der_and_leaves_the_root_out() -> None:
    certified = _signer_key()
    signer = SoftwareSigner(certified.key, [certified.certificate])

    assert signer.certificates == (certified.certificate.public_bytes(Encoding.DER),)
    assert signer.algorithm is Algorithm.ES256


def test_a_certificate_of_another_key_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="not for this P-256 key"):
        SoftwareSigner(ec.generate_private_key(ec.SECP256R1()), [_signer_key().certificate])


def test_a_key_does_not_show_itself() -> None:
    certified = _signer_key()

    shown = repr(SoftwareSigner(certified.key, [certified.certificate])) + repr(certified)

    assert "SPECIMEN Driving Licence Document Signer" in shown
    assert f"{certified.key.private_numbers().private_value:x}" not in shown
