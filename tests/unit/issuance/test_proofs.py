"""Key proofs: one way to be right, and each way to be wrong has its own code."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from jiazhao.credentials import jose
from jiazhao.issuance.nonces import Nonces
from jiazhao.issuance.proofs import MAX_AGE_SECONDS, MAX_AHEAD_SECONDS, Proof, read_proof
from jiazhao.issuance.protocol import ProtocolError, WireError
from vectors.make import DEVICE, STRANGER

ISSUER = "https://issuer.example"
TYPE = "openid4vci-proof+jwt"
NONCES = Nonces(bytes(32), 300)
JWK = {"jwk": DEVICE.public.to_jwk()}


def proof(
    now: datetime,
    *,
    typ: str = TYPE,
    header: Mapping[str, Any] = JWK,
    without: str = "",
    **changes: Any,
) -> str:
    """Return a proof that is right but for what is given."""
    claims = {
        "aud": ISSUER,
        "iat": int(now.timestamp()),
        "nonce": NONCES.make(bytes(16), now),
        **changes,
    }
    claims.pop(without, None)
    return jose.sign(claims, DEVICE, typ=typ, header=header)


def read(text: str, now: datetime) -> Proof:
    return read_proof(text, expected_audience=ISSUER, nonces=NONCES, now=now)


def refusal(text: str, now: datetime) -> WireError:
    with pytest.raises(ProtocolError) as refused:
        read(text, now)
    assert refused.value.description.isascii()
    assert refused.value.status == 400
    return refused.value.error


def test_a_proof_names_the_key_and_the_nonce(now: datetime) -> None:
    made = read(proof(now), now)
    assert made.device_key == DEVICE.public
    assert made.keys == (DEVICE.public,)
    assert made.nonce == NONCES.make(bytes(16), now)


def test_the_issuer_of_the_proof_may_be_named_and_is_not_needed(now: datetime) -> None:
    assert read(proof(now, iss="some-wallet"), now).device_key == DEVICE.public


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"typ": "JWT"}, id="another typ"),
        pytest.param({"aud": "https://other.example"}, id="for another issuer"),
        pytest.param({"aud": [ISSUER]}, id="aud is a list"),
        pytest.param({"aud": f"{ISSUER}/"}, id="aud with a slash"),
        pytest.param({"without": "aud"}, id="no aud"),
        pytest.param({"without": "iat"}, id="no iat"),
        pytest.param({"iat": True}, id="iat is true"),
        pytest.param({"iat": "1780279200"}, id="iat is text"),
        pytest.param({"without": "nonce"}, id="no nonce"),
        pytest.param({"nonce": 7}, id="nonce is a number"),
        pytest.param({"header": {}}, id="no key"),
        pytest.param({"header": {**JWK, "kid": "key-1"}}, id="kid beside jwk"),
        pytest.param({"header": {"kid": "did:example:1"}}, id="kid alone"),
        pytest.param({"header": {**JWK, "x5c": []}}, id="x5c beside jwk"),
        pytest.param({"header": {"jwk": STRANGER.public.to_jwk()}}, id="the key of another"),
        pytest.param({"header": {"jwk": {**DEVICE.public.to_jwk(), "d": "AA"}}}, id="private key"),
        pytest.param({"header": {"jwk": {"kty": "oct", "k": "AA"}}}, id="symmetric key"),
        pytest.param({"header": {**JWK, "alg": "none"}}, id="alg none"),
        pytest.param({"header": {**JWK, "alg": "HS256"}}, id="alg HS256"),
        pytest.param({"header": {**JWK, "crit": ["b64"]}}, id="unknown critical header"),
    ],
)
def test_a_proof_is_refused_as_invalid(changes: dict[str, Any], now: datetime) -> None:
    assert refusal(proof(now, **changes), now) is WireError.INVALID_PROOF


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c", "a.b.c.d", "你.好.吗", "." * 70_000])
def test_what_is_no_jwt_is_refused_as_invalid(text: str, now: datetime) -> None:
    assert refusal(text, now) is WireError.INVALID_PROOF


def test_an_unsigned_proof_is_refused(now: datetime) -> None:
    header, claims, _ = proof(now).split(".")
    none = {"alg": "none", "typ": TYPE, **JWK}
    unsigned = urlsafe_b64encode(json.dumps(none).encode()).decode().rstrip("=")
    assert refusal(f"{unsigned}.{claims}.", now) is WireError.INVALID_PROOF
    assert refusal(f"{header}.{claims}.", now) is WireError.INVALID_PROOF


@pytest.mark.parametrize(
    ("seconds", "taken"),
    [
        (MAX_AGE_SECONDS, True),
        (MAX_AGE_SECONDS + 1, False),
        (-MAX_AHEAD_SECONDS, True),
        (-MAX_AHEAD_SECONDS - 1, False),
    ],
)
def test_a_proof_is_taken_within_its_time_only(seconds: int, taken: bool, now: datetime) -> None:
    made = proof(now, iat=int(now.timestamp()) - seconds)
    if taken:
        assert read(made, now).device_key == DEVICE.public
    else:
        assert refusal(made, now) is WireError.INVALID_PROOF


@pytest.mark.parametrize("number", ["1e400", "NaN", "-Infinity", "1e308"])
def test_an_iat_without_bounds_is_refused(number: str, now: datetime) -> None:
    header, _, _ = proof(now).split(".")
    claims = f'{{"aud":"{ISSUER}","iat":{number},"nonce":"x"}}'
    signed = f"{header}.{urlsafe_b64encode(claims.encode()).decode().rstrip('=')}"
    signature = urlsafe_b64encode(DEVICE.sign(signed.encode())).decode().rstrip("=")
    assert refusal(f"{signed}.{signature}", now) is WireError.INVALID_PROOF


@pytest.mark.parametrize("nonce", ["", "of another", "A" * 51])
def test_a_nonce_that_is_not_ours_has_a_code_of_its_own(nonce: str, now: datetime) -> None:
    assert refusal(proof(now, nonce=nonce), now) is WireError.INVALID_NONCE


def test_a_nonce_that_lapsed_has_the_same_code(now: datetime) -> None:
    old = NONCES.make(bytes(16), now - timedelta(seconds=300))
    assert refusal(proof(now, nonce=old), now) is WireError.INVALID_NONCE
