"""Whatever an attestation says, and whatever its certificate is: one error, or it is taken."""

from base64 import b64encode
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from jiazhao.credentials import jose
from jiazhao.issuance import client_attestation, key_attestation
from jiazhao.issuance.attesters import AttestationError, Attesters
from jiazhao.issuance.key_attestation import KeyAttestations
from jiazhao.issuance.nonces import Nonces
from jiazhao.issuance.protocol import ProtocolError
from jiazhao.smoke.wallet import DeviceKey
from tests.properties.test_parsers import mutants
from tests.wallet_provider import WalletProvider

NOW = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
NONCES = Nonces(bytes(32), 300)
PROVIDER, INSTANCE = WalletProvider(NOW), DeviceKey()
TRUSTED = Attesters((PROVIDER.root.certificate,))
CERTIFICATE = PROVIDER.signer.certificate.public_bytes(Encoding.DER)
JWK = INSTANCE.public.to_jwk()

anything = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=8),
        st.sampled_from(["iso_18045_high", "sub", JWK["x"]]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


def some_of(**good: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Claims of which each is right, or anything, or missing."""
    return st.fixed_dictionaries(
        {}, optional={name: st.one_of(st.just(one), anything) for name, one in good.items()}
    )


def signed(claims: dict[str, Any], typ: str) -> str:
    return jose.sign(claims, PROVIDER.signer, typ=typ, with_chain=True)


@given(
    some_of(iss="x", sub="w", iat=SECONDS, exp=SECONDS + 60, nbf=SECONDS, cnf={"jwk": JWK}),
    some_of(aud="https://a.example", jti="j", iat=SECONDS, challenge=NONCES.make(bytes(16), NOW)),
)
def test_claims_of_a_client_attestation(claims: dict[str, Any], proof: dict[str, Any]) -> None:
    with suppress(ProtocolError):
        client = client_attestation.read_client(
            signed(claims, client_attestation.ATTESTATION_TYPE),
            jose.sign(proof, INSTANCE, typ=client_attestation.POP_TYPE),
            attesters=TRUSTED,
            expected_audience="https://a.example",
            challenges=NONCES,
            max_age_seconds=60,
            now=NOW,
        )
        assert client.client_id == claims["sub"]
        assert proof["aud"] == "https://a.example"


@given(
    some_of(
        iat=SECONDS,
        exp=SECONDS + 60,
        attested_keys=[JWK],
        key_storage=["x"],
        user_authentication=["x"],
        nonce=NONCES.make(bytes(16), NOW),
    )
)
def test_claims_of_a_key_attestation(claims: dict[str, Any]) -> None:
    token = signed(claims, key_attestation.ATTESTATION_TYPE)
    with suppress(ProtocolError):
        read = KeyAttestations(TRUSTED).read(token, nonces=NONCES, now=NOW, needs_expiry=True)
        assert read.keys == (INSTANCE.public,)
        assert claims["exp"] > SECONDS


@given(st.one_of(st.binary(max_size=200), mutants(CERTIFICATE)))
def test_a_certificate_that_was_altered(der: bytes) -> None:
    header = {"x5c": [b64encode(der).decode()]}
    token = jose.sign({"sub": "w"}, PROVIDER.signer, typ="x", header=header)
    with suppress(AttestationError):
        TRUSTED.read(token, expected_typ="x", now=NOW)
        assert der == CERTIFICATE
