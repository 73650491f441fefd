"""An ID token is believed only if every step of OpenID Connect Core 3.1.3.7 passes."""

import base64
import hmac
import json
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey

from jiazhao.errors import JiazhaoError
from jiazhao.identity.id_token import MAX_TOKEN_CHARS, VerifiedIdentity, key_id, verify_id_token
from jiazhao.identity.refusal import SignInRefusedError
from tests.unit.identity.parties import IDENTITY_NUMBER, ISSUER, STRONG, Provider, claims_at

KEY = ECKey.generate_key("P-256", auto_kid=True)
PROVIDER = Provider(key=KEY)
NONCE = "n-0S6_WzA2Mj"


def verify(token: str, now: datetime, **changes: Any) -> VerifiedIdentity:
    expected: dict[str, Any] = {
        "algorithms": ("ES256",),
        "expected_issuer": ISSUER,
        "expected_client": "jiazhao-wallet",
        "expected_nonce": NONCE,
        "authenticated_since": now - timedelta(hours=1),
        "now": now,
        **changes,
    }
    return verify_id_token(token, KEY, **expected)


def seconds(now: datetime, offset: int) -> int:
    return int(now.timestamp()) + offset


def test_an_honest_token_says_who_signed_in(now: datetime) -> None:
    token = PROVIDER.id_token(claims_at(now, auth_time=seconds(now, -60)))

    verified = verify(token, now)

    assert verified.subject == "person-1"
    assert verified.identity_number == IDENTITY_NUMBER
    assert verified.acr == STRONG
    assert verified.authenticated_at == now - timedelta(seconds=60)
    assert key_id(token) == KEY.kid


def test_what_is_verified_does_not_show_itself(now: datetime) -> None:
    text = repr(verify(PROVIDER.id_token(claims_at(now)), now))
    assert "person-1" not in text
    assert IDENTITY_NUMBER not in text
    assert "王样本" not in text


@pytest.mark.parametrize(
    ("change", "step"),
    [
        ({"iss": "https://other.example"}, "issuer"),
        ({"iss": ISSUER + "/"}, "issuer"),
        ({"aud": "jiazhao-terminal"}, "audience"),
        ({"aud": ["jiazhao-wallet", "somebody-else"]}, "audience"),
        ({"aud": []}, "audience"),
        ({"azp": "somebody-else"}, "authorized_party"),
        ({"nonce": "of another sign-in"}, "nonce"),
        ({"nonce": ""}, "nonce"),
        ({"nonce": None}, "claims"),
        ({"sub": None}, "claims"),
        ({"sub": ""}, "claims"),
        ({"sub": "x" * 256}, "claims"),
        ({"exp": None}, "claims"),
        ({"iat": None}, "claims"),
        ({"auth_time": None}, "claims"),
        ({"auth_time": True}, "claims"),
        ({"auth_time": "1780279200"}, "claims"),
        ({"acr": 3}, "claims"),
        ({"auth_time": float("nan")}, "authenticated_in_the_future"),
        ({"auth_time": float("-inf")}, "authenticated_long_ago"),
        ({"exp": float("nan")}, "expired"),
    ],
)
def test_a_wrong_claim_is_refused(now: datetime, change: dict[str, Any], step: str) -> None:
    with pytest.raises(SignInRefusedError) as refused:
        verify(PROVIDER.id_token(claims_at(now, **change)), now)
    assert refused.value.step == step


@pytest.mark.parametrize(
    ("claim", "last_good", "first_bad", "step"),
    [
        ("exp", -29, -30, "expired"),
        ("iat", 30, 31, "issued_in_the_future"),
        ("iat", -600, -601, "issued_long_ago"),
        ("auth_time", 30, 31, "authenticated_in_the_future"),
        ("auth_time", -3630, -3631, "authenticated_long_ago"),
    ],
)
def test_the_edges_of_time(
    now: datetime, claim: str, last_good: int, first_bad: int, step: str
) -> None:
    verify(PROVIDER.id_token(claims_at(now, **{claim: seconds(now, last_good)})), now)

    with pytest.raises(SignInRefusedError) as refused:
        verify(PROVIDER.id_token(claims_at(now, **{claim: seconds(now, first_bad)})), now)
    assert refused.value.step == step


def test_a_proof_from_a_fast_clock_is_not_from_the_future(now: datetime) -> None:
    token = PROVIDER.id_token(claims_at(now, auth_time=seconds(now, 20)))
    assert verify(token, now).authenticated_at == now


def unsigned(claims: dict[str, Any], **header: Any) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'typ': 'JWT', **header})}.{part(claims)}."


def test_an_unsigned_token_is_refused(now: datetime) -> None:
    for algorithm in ("none", "None", "NONE", ""):
        with pytest.raises(SignInRefusedError) as refused:
            verify(unsigned(claims_at(now), alg=algorithm, kid=KEY.kid), now)
        assert refused.value.step == "signature"


def test_the_public_key_as_a_secret_is_refused(now: datetime) -> None:
    signed = unsigned(claims_at(now), alg="HS256", kid=KEY.kid).rstrip(".")
    mac = hmac.digest(KEY.as_pem(private=False), signed.encode(), "sha256")
    token = f"{signed}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"
    for algorithms in (("ES256",), ("ES256", "HS256")):
        with pytest.raises(SignInRefusedError) as refused:
            verify(token, now, algorithms=algorithms)
        assert refused.value.step == "signature"


def test_an_algorithm_that_we_did_not_choose_is_refused(now: datetime) -> None:
    token = PROVIDER.id_token(claims_at(now))
    for algorithms in (("RS256",), ()):
        with pytest.raises(SignInRefusedError):
            verify(token, now, algorithms=algorithms)


def test_a_token_of_another_key_is_refused(now: datetime) -> None:
    other = ECKey.generate_key("P-256", {"kid": str(KEY.kid)})
    with pytest.raises(SignInRefusedError) as refused:
        verify(PROVIDER.id_token(claims_at(now), key=other), now)
    assert refused.value.step == "signature"


def test_a_changed_token_is_refused(now: datetime) -> None:
    header, _, signature = PROVIDER.id_token(claims_at(now)).split(".")
    _, payload, _ = unsigned(claims_at(now, sub="person-2"), alg="ES256").split(".")
    with pytest.raises(SignInRefusedError) as refused:
        verify(f"{header}.{payload}.{signature}", now)
    assert refused.value.step == "signature"


def test_an_unknown_critical_header_is_refused(now: datetime) -> None:
    token = unsigned(claims_at(now), alg="ES256", crit=["exp"], exp=1) + "AAAA"
    with pytest.raises(SignInRefusedError):
        verify(token, now)


def test_a_long_token_is_not_read() -> None:
    with pytest.raises(SignInRefusedError) as refused:
        key_id("a" * (MAX_TOKEN_CHARS + 1))
    assert refused.value.step == "token_too_long"


@given(
    st.one_of(
        st.text(),
        st.from_regex(r"[A-Za-z0-9_-]{0,40}\.[A-Za-z0-9_-]{0,40}\.[A-Za-z0-9_-]{0,90}"),
        st.builds(
            lambda header, claims: unsigned(claims, **header),
            st.dictionaries(st.sampled_from(["alg", "kid", "crit", "b64", "typ"]), st.text()),
            st.dictionaries(st.text(), st.integers() | st.text() | st.none()),
        ),
    )
)
def test_only_our_error_escapes(token: str) -> None:
    with suppress(JiazhaoError):
        key_id(token)
    with pytest.raises(JiazhaoError):
        verify(token, datetime.fromisoformat("2026-06-01T02:00:00Z"))
