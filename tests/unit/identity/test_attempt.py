"""A sign-in under way opens only in the browser that began it, once, in time."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiazhao.errors import ErrorCode
from jiazhao.identity.attempt import (
    ATTEMPT_SECONDS,
    Attempt,
    encode_secret,
    local_path,
    seal,
    secrets_of,
    unseal,
)
from jiazhao.identity.refusal import SignInRefusedError

KEY = bytes(32)
SECRET = encode_secret(bytes(range(32)))
OTHER_SECRET = encode_secret(bytes(32))


def attempt_at(now: datetime) -> Attempt:
    return Attempt("wallet", "/", fresh=False, begun_at=int(now.timestamp()))


def state_at(now: datetime) -> str:
    return seal(KEY, attempt_at(now), secret=SECRET, nonce=bytes(12))


def test_it_opens_in_its_browser(now: datetime) -> None:
    assert unseal(KEY, state_at(now), secret=SECRET, now=now) == attempt_at(now)


def test_it_lapses(now: datetime) -> None:
    state, life = state_at(now), timedelta(seconds=ATTEMPT_SECONDS)
    unseal(KEY, state, secret=SECRET, now=now + life - timedelta(seconds=1))

    with pytest.raises(SignInRefusedError) as refused:
        unseal(KEY, state, secret=SECRET, now=now + life)
    assert refused.value.code is ErrorCode.SIGN_IN_LAPSED


@pytest.mark.parametrize("secret", [None, "", OTHER_SECRET, SECRET[:-1], SECRET + "A", "é" * 43])
def test_another_browser_cannot_open_it(now: datetime, secret: str | None) -> None:
    with pytest.raises(SignInRefusedError) as refused:
        unseal(KEY, state_at(now), secret=secret, now=now)
    assert refused.value.code is ErrorCode.SIGN_IN_LAPSED


def test_one_state_has_one_spelling(now: datetime) -> None:
    state = seal(KEY, attempt_at(now), secret=SECRET, nonce=bytes(12))
    for respelt in (state + "=", state + "==", state + "A", f" {state}", state + "\n"):
        with pytest.raises(SignInRefusedError):
            unseal(KEY, respelt, secret=SECRET, now=now)


@given(st.text(max_size=300) | st.binary(max_size=100).map(lambda octets: octets.hex()))
def test_only_our_error_escapes(state: str) -> None:
    with pytest.raises(SignInRefusedError):
        unseal(KEY, state, secret=SECRET, now=datetime.fromisoformat("2026-06-01T02:00:00Z"))


def test_nonce_and_verifier_differ_between_sign_ins(now: datetime) -> None:
    here = secrets_of(state_at(now), SECRET)
    later = secrets_of(state_at(now + timedelta(seconds=1)), SECRET)
    elsewhere = secrets_of(state_at(now), OTHER_SECRET)

    words = [word for s in (here, later, elsewhere) for word in (s.nonce, s.verifier)]
    assert len(set(words)) == 6
    assert all(len(word) == 43 for word in words)


def test_the_challenge_is_that_of_rfc_7636() -> None:
    # RFC 7636, appendix B.
    from jiazhao.identity.attempt import Secrets

    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert Secrets("", verifier).challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.parametrize("path", ["/", "/code", "/licence?tab=2#photo", "/a/b-c_d.e~f"])
def test_a_path_of_this_origin_is_kept(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        None,
        "",
        "code",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/ok\r\nset-cookie: a=b",
        "/\t/evil.example",
        "/路",
        "/" + "a" * 512,
    ],
)
def test_any_other_place_becomes_the_start_page(path: str | None) -> None:
    assert local_path(path) == "/"
