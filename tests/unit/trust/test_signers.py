"""One record, three kinds of key: whoever calls a signer need not know which it has."""

import hashlib
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from jiazhao.credentials import cbor, cose, mdoc
from jiazhao.credentials.chain import DOCUMENT_SIGNING, vouched_signer
from jiazhao.credentials.signing import Algorithm, PublicKey, Signer, VerificationKey
from jiazhao.errors import UnreadableError, VerificationError
from jiazhao.presentation.steps import Outcome
from jiazhao.presentation.verify import TrustAnchors
from jiazhao.presentation.verify_mdoc import verify_mdoc
from jiazhao.trust.hierarchy import Role, TrustPlan, make_root, make_signer, new_key
from jiazhao.trust.pkcs11 import TokenSigner
from jiazhao.trust.sm2 import DISTID, Sm2PublicKey, Sm2Signer, libcrypto
from jiazhao.trust.software import SoftwareSigner
from tests.tokens import Tokens
from vectors.make import DEVICE, ELEMENTS, STATUS, VALIDITY

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
PLAN = TrustPlan(issuer_uri="http://localhost:8000")
COUNT = sum(map(len, ELEMENTS.values()))
RANDOMNESS = b"".join(hashlib.sha256(bytes([i])).digest() for i in range(2 * COUNT))

Kind = Callable[[Tokens, Path], tuple[Signer, VerificationKey]]


def software(_tokens: Tokens, _folder: Path) -> tuple[Signer, VerificationKey]:
    root = make_root(PLAN, now=NOW)
    made = make_signer(Role.DOCUMENT_SIGNER, PLAN, root=root, now=NOW, key=new_key())
    return SoftwareSigner(made.key, [made.certificate]), PublicKey.of(made.key.public_key())


def token(tokens: Tokens, _folder: Path) -> tuple[Signer, VerificationKey]:
    key = tokens.token("issuer").make_key("signer")
    root = make_root(PLAN, now=NOW)
    made = make_signer(Role.DOCUMENT_SIGNER, PLAN, root=root, now=NOW, key=key)
    return TokenSigner(key, [made.certificate]), PublicKey.of(key.public_key())


def sm2(_tokens: Tokens, folder: Path) -> tuple[Signer, VerificationKey]:
    """The certificate is made by `openssl`, for `cryptography` knows no SM2."""
    library = libcrypto()
    signer = Sm2Signer.generate(library)
    (folder / "key.pem").write_bytes(signer.to_pem(b"passphrase of the test"))
    identity = ["-sigopt", f"distid:{DISTID.decode()}"]
    made = subprocess.run(
        [
            *("openssl", "req", "-x509", "-new", "-sm3", *identity, "-outform", "DER"),
            *("-days", "300", "-subj", "/C=CN/CN=SPECIMEN SM2"),
            *("-key", str(folder / "key.pem"), "-passin", "pass:passphrase of the test"),
        ],
        capture_output=True,
        check=True,
    ).stdout
    certified = Sm2Signer.from_pem(
        (folder / "key.pem").read_bytes(),
        library,
        passphrase=b"passphrase of the test",
        certificates=[made],
    )
    return certified, Sm2PublicKey.from_certificate(made, library)


KINDS = pytest.mark.parametrize(
    ("kind", "algorithm"),
    [(software, Algorithm.ES256), (token, Algorithm.ES256), (sm2, Algorithm.SM2)],
)


def _issued(signer: Signer) -> bytes:
    return mdoc.issue(
        doc_type=mdoc.MDL_DOC_TYPE,
        elements=ELEMENTS,
        device_key=DEVICE.public,
        validity=VALIDITY,
        randomness=RANDOMNESS[: COUNT * mdoc.RANDOM_OCTETS],
        signer=signer,
        status=STATUS,
    )


@KINDS
def test_a_licence_is_signed_and_verified_whichever_key_it_is(
    kind: Kind, algorithm: Algorithm, tokens: Tokens, tmp_path: Path
) -> None:
    signer, key = kind(tokens, tmp_path)

    read = mdoc.parse_issuer_signed(_issued(signer))

    assert signer.algorithm is key.algorithm is algorithm
    assert read.issuer_auth.certificates() == signer.certificates
    read.issuer_auth.verify(key)
    for name_space, items in read.name_spaces.items():
        for digest_id, _, _, octets in items.values():
            digest = read.mso.value_digests[name_space][digest_id]
            assert digest == hashlib.sha256(octets).digest()
    with pytest.raises(VerificationError):
        read.issuer_auth.verify(key, external_aad=b"another context")


@KINDS
def test_a_key_verifies_its_own_algorithm_only(
    kind: Kind, algorithm: Algorithm, tokens: Tokens, tmp_path: Path
) -> None:
    signer, key = kind(tokens, tmp_path)
    octets = cose.sign(b"payload", signer)
    named = cbor.as_array(cbor.Reader().read(octets, "COSE_Sign1"), "COSE_Sign1")
    other = next(one for one in Algorithm if one is not algorithm)
    signed = cose.parse([cose.protected_header(other), *named[1:]])

    cose.parse(named).verify(key)
    with pytest.raises(UnreadableError, match=f"algorithm is not {algorithm.name}"):
        signed.verify(key)


def test_an_international_verifier_cannot_confirm_a_licence_on_sm2(
    tokens: Tokens, tmp_path: Path
) -> None:
    signer, _ = sm2(tokens, tmp_path)
    checked = verify_mdoc(
        _issued(signer), now=NOW, trust=TrustAnchors(signer.certificates), expected_transcript=None
    )
    assert checked.verdict.outcome is Outcome.CANNOT_CONFIRM


def test_a_chain_with_an_sm2_certificate_is_refused_in_our_words(
    tokens: Tokens, tmp_path: Path
) -> None:
    signer, _ = sm2(tokens, tmp_path)
    root = make_root(PLAN, now=NOW).certificate
    with pytest.raises(VerificationError):
        vouched_signer(signer.certificates, (root.public_bytes(Encoding.DER),), DOCUMENT_SIGNING)
