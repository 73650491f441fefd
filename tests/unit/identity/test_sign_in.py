"""A sign-in gives a session to the browser that began it, and to nobody else."""

import hashlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from jiazhao.errors import ConfigurationError, ErrorCode
from jiazhao.http.access import Role
from jiazhao.identity.client_key import open_client_key, public_jwk
from jiazhao.identity.refusal import SignInRefusedError
from jiazhao.identity.service import Identity
from tests.unit.identity.parties import (
    HOLDER,
    IDENTITY_NUMBER,
    ISSUER,
    STRONG,
    Browser,
    Provider,
    make_identity,
    sign_in,
)


def refusal(browser: Browser, now: datetime, **changes: Any) -> SignInRefusedError:
    with pytest.raises(SignInRefusedError) as refused:
        browser.finish(now, **changes)
    return refused.value


def test_an_honest_sign_in(browser: Browser, now: datetime) -> None:
    browser.begin(now, return_to="/code")
    browser.honest(now)

    signed_in = browser.finish(now)

    actor = browser.identity.actor_of("wallet", signed_in.token, now)
    assert actor is not None
    assert signed_in.return_to == "/code"
    assert actor.holder_id == HOLDER
    assert actor.roles == {Role.DRIVER}
    assert actor.name == "王样本"
    assert (actor.authenticated_at, actor.acr) == (now, STRONG)


def test_what_is_asked_of_the_provider(browser: Browser, now: datetime) -> None:
    browser.begin(now)
    assert {**browser.query, "state": "", "nonce": "", "code_challenge": ""} == {
        "response_type": "code",
        "scope": "openid profile",
        "client_id": "jiazhao-wallet",
        "redirect_uri": "https://wallet.example/sign-in/callback",
        "code_challenge_method": "S256",
        "max_age": "43200",
        "acr_values": STRONG,
        "state": "",
        "nonce": "",
        "code_challenge": "",
    }

    browser.begin(now, fresh=True)
    assert browser.query["max_age"] == "0"


def test_the_verifier_fits_the_challenge_and_the_key_signs_who_asks(
    browser: Browser, now: datetime
) -> None:
    browser.begin(now)
    browser.honest(now)
    browser.finish(now)

    form = browser.provider.forms[0]
    challenge = hashlib.sha256(form["code_verifier"].encode()).digest()
    assert (
        msgspec.json.encode(challenge)
        .decode()
        .strip('"')
        .rstrip("=")
        .translate(str.maketrans("+/", "-_"))
        == browser.query["code_challenge"]
    )
    key = ECKey.import_key(public_jwk(browser.identity.client_key))
    claims = jwt.decode(form["client_assertion"], key, algorithms=["ES256"]).claims
    assert claims["iss"] == claims["sub"] == form["client_id"] == "jiazhao-wallet"
    assert claims["aud"] == ISSUER
    assert claims["exp"] - claims["iat"] == 60
    assert form["redirect_uri"] == "https://wallet.example/sign-in/callback"


def test_a_secret_takes_the_place_of_the_key(
    sqlite: str, tmp_path: Path, provider: Provider, now: datetime
) -> None:
    secret = tmp_path / "client.secret"
    secret.write_text("s p:cret\n")
    secret.chmod(0o600)
    identity = make_identity(sqlite, tmp_path, provider, identity_client_secret_file=secret)

    sign_in(identity, provider, now)

    assert provider.authorizations == ["Basic amlhemhhby13YWxsZXQ6cytwJTNBY3JldA=="]
    assert "client_assertion" not in provider.forms[0]
    secret.chmod(0o644)
    with pytest.raises(ConfigurationError, match="readable by others"):
        identity.client("wallet")


def test_an_answer_is_taken_once(browser: Browser, now: datetime) -> None:
    browser.begin(now)
    browser.honest(now)
    browser.finish(now)

    assert refusal(browser, now).code is ErrorCode.SIGN_IN_LAPSED
    assert len(browser.provider.forms) == 1


def test_a_failed_answer_is_spent_too(browser: Browser, now: datetime) -> None:
    browser.begin(now)
    browser.honest(now, nonce="wrong")
    assert refusal(browser, now).step == "nonce"

    browser.honest(now)
    assert refusal(browser, now).code is ErrorCode.SIGN_IN_LAPSED


def test_an_answer_cannot_move_to_another_browser(browser: Browser, now: datetime) -> None:
    victim = Browser(browser.identity, browser.provider)
    victim.begin(now)
    browser.begin(now)
    browser.honest(now)

    for secret in (victim.secret, None):
        assert refusal(browser, now, secret=secret).code is ErrorCode.SIGN_IN_LAPSED
    assert browser.provider.forms == []


def test_an_answer_cannot_move_to_another_origin(browser: Browser, now: datetime) -> None:
    browser.begin(now)
    browser.honest(now)
    browser.app = "console"
    assert refusal(browser, now).step == "state_of_another_origin"


def test_a_code_of_another_sign_in_is_refused_by_its_nonce(browser: Browser, now: datetime) -> None:
    attacker = Browser(browser.identity, browser.provider)
    attacker.begin(now)
    attacker.honest(now)  # the provider will hand out the attacker's token
    browser.begin(now)
    assert refusal(browser, now).step == "nonce"


def test_a_sign_in_lapses_after_ten_minutes(browser: Browser, now: datetime) -> None:
    browser.begin(now)
    later = now + timedelta(minutes=10)
    browser.honest(later)
    assert refusal(browser, later).step == "state_lapsed"


@pytest.mark.parametrize(
    ("change", "code", "step"),
    [
        ({"iss": None}, ErrorCode.SIGN_IN_FAILED, "answer_of_another_issuer"),
        ({"iss": "https://evil.example"}, ErrorCode.SIGN_IN_FAILED, "answer_of_another_issuer"),
        ({"error": "access_denied", "code": None}, ErrorCode.SIGN_IN_CANCELLED, "cancelled"),
        ({"error": "server_error"}, ErrorCode.SIGN_IN_FAILED, "provider_error"),
        ({"code": None}, ErrorCode.SIGN_IN_FAILED, "provider_error"),
        ({"state": None}, ErrorCode.SIGN_IN_LAPSED, "state_or_cookie_missing"),
        ({"state": "made up"}, ErrorCode.SIGN_IN_LAPSED, "state_of_another_browser"),
    ],
)
def test_a_wrong_answer(
    browser: Browser, now: datetime, change: dict[str, Any], code: ErrorCode, step: str
) -> None:
    browser.begin(now)
    browser.honest(now)

    refused = refusal(browser, now, **change)

    assert (refused.code, refused.step) == (code, step)
    assert browser.provider.forms == []


def test_a_provider_without_rfc_9207_may_leave_iss_out_but_not_get_it_wrong(
    browser: Browser, now: datetime
) -> None:
    browser.provider.metadata_changes["authorization_response_iss_parameter_supported"] = False
    browser.begin(now)
    browser.honest(now)
    browser.finish(now, iss=None)

    browser.begin(now)
    browser.honest(now)
    assert refusal(browser, now, iss="https://evil.example").step == "answer_of_another_issuer"


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, b'{"error":"invalid_grant"}', ErrorCode.SIGN_IN_FAILED),
        (401, b'{"error":"invalid_client"}', ErrorCode.SIGN_IN_FAILED),
        (500, b"", ErrorCode.SIGN_IN_UNAVAILABLE),
        (302, b"", ErrorCode.SIGN_IN_FAILED),
        (200, b"not json", ErrorCode.SIGN_IN_FAILED),
        (200, b"{}", ErrorCode.SIGN_IN_FAILED),
        (200, b'{"id_token":"a.b.c"}', ErrorCode.SIGN_IN_FAILED),
        (200, b'{"id_token":"' + b"a" * (1 << 20) + b'"}', ErrorCode.SIGN_IN_UNAVAILABLE),
    ],
)
def test_a_provider_that_does_not_hand_out_a_token(
    browser: Browser, now: datetime, status: int, body: bytes, code: ErrorCode
) -> None:
    browser.begin(now)
    browser.provider.tokens = lambda _form: (status, body)
    assert refusal(browser, now).code is code


def test_a_provider_that_is_down_is_said_so(browser: Browser, now: datetime) -> None:
    browser.provider.down = True
    with pytest.raises(SignInRefusedError) as refused:
        browser.begin(now)
    assert refused.value.code is ErrorCode.SIGN_IN_UNAVAILABLE


def test_a_fresh_sign_in_needs_a_fresh_proof(browser: Browser, now: datetime) -> None:
    minute_ago = int(now.timestamp()) - 60
    browser.begin(now)
    browser.honest(now, auth_time=minute_ago)
    browser.finish(now)

    browser.begin(now, fresh=True)
    browser.honest(now, auth_time=minute_ago)
    assert refusal(browser, now).step == "authenticated_long_ago"


def test_staff_need_a_strong_proof_and_holders_do_not_to_read(
    identity: Identity, provider: Provider, now: datetime
) -> None:
    sign_in(identity, provider, now, acr="password")
    for app in ("terminal", "console"):
        with pytest.raises(SignInRefusedError) as refused:
            sign_in(identity, provider, now, app=app, acr="password")
        assert refused.value.code is ErrorCode.PROOF_TOO_WEAK


def test_only_the_wallet_learns_whose_licence_it_is(
    identity: Identity, provider: Provider, now: datetime
) -> None:
    for app in ("terminal", "console"):
        token = sign_in(identity, provider, now, app=app)
        actor = identity.actor_of(app, token, now)
        assert actor is not None
        assert (actor.holder_id, actor.roles) == (None, frozenset())


@pytest.mark.parametrize("number", [None, "990101199001019999"])
def test_who_has_no_licence_is_no_driver(
    identity: Identity, provider: Provider, now: datetime, number: str | None
) -> None:
    token = sign_in(identity, provider, now, identity_number=number)
    actor = identity.actor_of("wallet", token, now)
    assert actor is not None
    assert (actor.holder_id, actor.roles) == (None, frozenset())


def test_an_account_is_named_by_a_keyed_hash(identity: Identity) -> None:
    # HMAC-SHA256 with the octets 0 to 31 over "account\\0https://id.example|person-1", by OpenSSL.
    assert identity.account_id("person-1") == (
        "f1fa49ea75e2daa450f7b15bbf74ae59cb76c621bb406c6a0864bdec140c4511"
    )


def test_the_client_key_is_kept_and_guarded(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "client.pem"
    first = open_client_key(path)

    assert path.stat().st_mode & 0o777 == 0o600
    assert open_client_key(path).kid == first.kid
    assert "d" not in public_jwk(first)
    path.chmod(0o640)
    with pytest.raises(ConfigurationError, match="readable by others"):
        open_client_key(path)
    path.chmod(0o600)
    path.write_text("damaged")
    with pytest.raises(ConfigurationError, match="damaged"):
        open_client_key(path)


# -- what the provider keeps for its UserInfo door


def at_userinfo(browser: Browser, now: datetime, status: int, **person: Any) -> None:
    browser.provider.metadata_changes["userinfo_endpoint"] = f"{ISSUER}/userinfo"
    browser.provider.person = status, msgspec.json.encode(person)
    browser.begin(now)
    browser.honest(now, access="an-access-token", name=None, identity_number=None)


def test_what_the_token_leaves_out_is_asked_of_userinfo(browser: Browser, now: datetime) -> None:
    number = IDENTITY_NUMBER
    at_userinfo(browser, now, 200, sub="person-1", name="王样本", identity_number=number)

    actor = browser.identity.actor_of("wallet", browser.finish(now).token, now)

    assert actor is not None
    assert (actor.name, actor.holder_id) == ("王样本", HOLDER)
    assert browser.provider.authorizations[-1] == "Bearer an-access-token"


@pytest.mark.parametrize(
    ("status", "person", "step"),
    [
        (200, {"sub": "person-2", "identity_number": IDENTITY_NUMBER}, "userinfo_of_another"),
        (200, {"identity_number": IDENTITY_NUMBER}, "userinfo_answer"),
        (200, {"sub": "person-1", "identity_number": 7}, "userinfo_answer"),
        (401, {"sub": "person-1"}, "userinfo_refused"),
    ],
)
def test_an_answer_of_userinfo_that_does_not_fit(
    browser: Browser, now: datetime, status: int, person: dict[str, Any], step: str
) -> None:
    at_userinfo(browser, now, status, **person)
    assert refusal(browser, now).step == step


def test_userinfo_adds_and_does_not_replace(browser: Browser, now: datetime) -> None:
    at_userinfo(browser, now, 200, sub="person-1", name="别人", identity_number="other")
    browser.honest(now, access="an-access-token", name="王样本", identity_number=None)

    actor = browser.identity.actor_of("wallet", browser.finish(now).token, now)

    assert actor is not None
    assert (actor.name, actor.holder_id) == ("王样本", None)


def test_a_complete_token_asks_no_more(browser: Browser, now: datetime) -> None:
    at_userinfo(browser, now, 401)
    browser.honest(now, access="an-access-token")
    browser.finish(now)
    assert "/userinfo" not in browser.provider.asked
