"""The demonstration's provider: refused in production, strict with programs, easy on people."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from litestar import Litestar
from litestar.testing import TestClient
from structlog.testing import capture_logs

from jiazhao.errors import ConfigurationError, ErrorCode
from jiazhao.http.access import Role
from jiazhao.identity.client_key import assertion
from jiazhao.identity.unsafe_provider import (
    ACR,
    DemoClient,
    DemoPerson,
    OAuthError,
    UnsafeIdentityProvider,
)
from jiazhao.identity.unsafe_routes import unsafe_provider_app
from tests.unit.identity.parties import IDENTITY_NUMBER, ISSUER, make_config

REDIRECT = "https://wallet.example/sign-in/callback"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
KEY = ECKey.generate_key("P-256", auto_kid=True)
DRIVER = DemoPerson(
    "wang", "王<样本>", Role.DRIVER, "驾驶人", "Driver", "状态正常", "Good", IDENTITY_NUMBER
)
OFFICER = DemoPerson(
    "li", "李样本", Role.OFFICER, "交警", "Officer", "值勤", "On duty", unit="大队"
)
ASK = {
    "response_type": "code",
    "client_id": "jiazhao-wallet",
    "redirect_uri": REDIRECT,
    "scope": "openid profile",
    "state": "a state & more",
    "nonce": "a nonce",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


def make(folder: Path, **changes: Any) -> UnsafeIdentityProvider:
    clients = [
        DemoClient("jiazhao-wallet", {REDIRECT: "电子驾驶证 Wallet"}, KEY),
        DemoClient("jiazhao-terminal", {"https://terminal.example/cb": "Terminal"}, KEY),
    ]
    config = make_config(folder, **changes)
    return UnsafeIdentityProvider(config=config, people=[DRIVER, OFFICER], clients=clients)


@pytest.fixture
def unsafe(tmp_path: Path) -> UnsafeIdentityProvider:
    return make(tmp_path)


@pytest.fixture
def site(unsafe: UnsafeIdentityProvider, now: datetime) -> Iterator[TestClient[Litestar]]:
    with TestClient(unsafe_provider_app(unsafe, clock=lambda: now), base_url=ISSUER) as client:
        yield client


def code_from(unsafe: UnsafeIdentityProvider, now: datetime, subject: str = "wang") -> str:
    url = unsafe.pick(unsafe.transaction(unsafe.ask(ASK, now)), subject, now)
    return parse_qs(urlsplit(url).query)["code"][0]


def form(given: str, now: datetime, **changes: str) -> dict[str, str]:
    client = changes.get("client_id", "jiazhao-wallet")
    signed = assertion(KEY, client=client, audience=ISSUER, name=f"{given}{changes}", now=now)
    return {
        "grant_type": "authorization_code",
        "code": given,
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
        "client_id": "jiazhao-wallet",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": signed,
        **changes,
    }


def error_of(unsafe: UnsafeIdentityProvider, given: dict[str, str], now: datetime) -> str:
    with pytest.raises(OAuthError) as refused:
        unsafe.redeem(given, now)
    return refused.value.error


def test_it_is_refused_in_production(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        make(tmp_path, environment="production")
    assert refused.value.code is ErrorCode.UNSAFE_IN_PRODUCTION
    assert list(tmp_path.iterdir()) == []


def test_it_shouts_at_each_sign_in(unsafe: UnsafeIdentityProvider, now: datetime) -> None:
    with capture_logs() as logs:
        code_from(unsafe, now)
    assert [(line["event"], line["log_level"]) for line in logs] == [("unsafe_sign_in", "warning")]
    assert IDENTITY_NUMBER not in str(logs)
    assert "wang" not in str(logs)


@pytest.mark.parametrize(("person", "number"), [(DRIVER, IDENTITY_NUMBER), (OFFICER, None)])
def test_the_token_says_who_was_picked(
    unsafe: UnsafeIdentityProvider, now: datetime, person: DemoPerson, number: str | None
) -> None:
    code = code_from(unsafe, now, person.subject)
    answer = unsafe.redeem(form(code, now), now)

    keys = KeySet.import_key_set(unsafe.jwks())  # type: ignore[arg-type]
    token = jwt.decode(answer["id_token"], keys, algorithms=["ES256"])
    at = int(now.timestamp())
    expected = {
        "iss": ISSUER,
        "sub": person.subject,
        "aud": "jiazhao-wallet",
        "iat": at,
        "exp": at + 300,
        "auth_time": at,
        "nonce": "a nonce",
        "acr": ACR,
        "name": person.name,
        "identity_number": number,
    }
    assert token.claims == {name: value for name, value in expected.items() if value is not None}


def test_its_key_survives_a_restart(tmp_path: Path) -> None:
    assert make(tmp_path).jwks() == make(tmp_path).jwks()
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["unsafe-identity-provider.pem"]


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "somebody"},
        {"redirect_uri": REDIRECT + "/"},
        {"redirect_uri": REDIRECT + "?a=b"},
        {"redirect_uri": "https://terminal.example/cb"},
        {"redirect_uri": ""},
        {"code_challenge": ""},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": ""},
        {"response_type": "token"},
        {"scope": "profile"},
    ],
)
def test_a_wrong_question_is_refused(
    site: TestClient[Litestar],
    unsafe: UnsafeIdentityProvider,
    now: datetime,
    change: dict[str, str],
) -> None:
    with pytest.raises(OAuthError):
        unsafe.ask({**ASK, **change}, now)
    answer = site.get("/authorize", params={**ASK, **change}, follow_redirects=False)
    assert answer.status_code == 400
    assert "location" not in answer.headers


def test_a_code_is_good_once(unsafe: UnsafeIdentityProvider, now: datetime) -> None:
    code = code_from(unsafe, now)
    unsafe.redeem(form(code, now), now)
    assert error_of(unsafe, form(code, now, extra="again"), now) == "invalid_grant"


def test_a_code_lapses_after_a_minute(unsafe: UnsafeIdentityProvider, now: datetime) -> None:
    later = now + timedelta(seconds=60)
    code = code_from(unsafe, now)
    assert error_of(unsafe, form(code, later), later) == "invalid_grant"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"code_verifier": VERIFIER[:-1] + "j"}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_grant"),
        ({"code": "made up"}, "invalid_grant"),
        ({"redirect_uri": "https://evil.example"}, "invalid_grant"),
        ({"client_id": "jiazhao-terminal"}, "invalid_grant"),
        ({"client_id": "somebody"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_assertion": "a.b.c"}, "invalid_client"),
        ({"client_assertion": ""}, "invalid_client"),
        ({"client_assertion_type": ""}, "invalid_client"),
    ],
)
def test_a_wrong_redemption_is_refused_and_spends_the_code(
    unsafe: UnsafeIdentityProvider, now: datetime, change: dict[str, str], error: str
) -> None:
    code = code_from(unsafe, now)
    assert error_of(unsafe, form(code, now, **change), now) == error
    if error == "invalid_grant" and "code" not in change:
        assert error_of(unsafe, form(code, now), now) == "invalid_grant"


def test_an_assertion_is_good_once_for_one_provider_and_in_time(
    unsafe: UnsafeIdentityProvider, now: datetime
) -> None:
    given = form(code_from(unsafe, now), now)
    unsafe.redeem(given, now)
    assert error_of(unsafe, given, now) == "invalid_client"

    elsewhere = assertion(
        KEY, client="jiazhao-wallet", audience="https://other.example", name="n", now=now
    )
    assert error_of(unsafe, {**given, "client_assertion": elsewhere}, now) == "invalid_client"
    old = assertion(KEY, client="jiazhao-wallet", audience=ISSUER, name="o", now=now)
    later = now + timedelta(seconds=90)
    assert error_of(unsafe, {**given, "client_assertion": old}, later) == "invalid_client"
    other = ECKey.generate_key("P-256", auto_kid=True)
    forged = assertion(other, client="jiazhao-wallet", audience=ISSUER, name="p", now=now)
    assert error_of(unsafe, {**given, "client_assertion": forged}, now) == "invalid_client"


def test_the_page_needs_no_script_and_escapes_what_it_shows(site: TestClient[Litestar]) -> None:
    page = site.get("/authorize", params=ASK)

    assert page.status_code == 200
    assert "<script" not in page.text
    assert "{{" not in page.text
    assert "<!--" not in page.text
    assert "王&lt;样本&gt;" in page.text
    assert "电子驾驶证 Wallet" in page.text
    assert IDENTITY_NUMBER not in page.text
    policy = page.headers["content-security-policy"]
    assert "form-action 'self' https://wallet.example;" in policy
    assert "frame-ancestors 'none'" in policy


def test_a_hint_moves_a_person_to_the_front(site: TestClient[Litestar]) -> None:
    def order(**more: str) -> list[str]:
        text = site.get("/authorize", params={**ASK, **more}).text
        return sorted(("wang", "li"), key=lambda subject: text.index(f'value="{subject}"'))

    assert order() == ["wang", "li"]
    assert order(login_hint="li") == ["li", "wang"]
    assert order(login_hint="<b>") == ["wang", "li"]


def test_picking_goes_back_to_who_asked(
    site: TestClient[Litestar], unsafe: UnsafeIdentityProvider, now: datetime
) -> None:
    transaction = unsafe.transaction(unsafe.ask(ASK, now))
    picked = {"transaction": transaction, "subject": "wang"}
    back = site.post("/authorize", data=picked, follow_redirects=False)

    assert back.status_code == 303
    place = urlsplit(back.headers["location"])
    assert f"{place.scheme}://{place.netloc}{place.path}" == REDIRECT
    query = parse_qs(place.query)
    assert (query["state"], query["iss"]) == (["a state & more"], [ISSUER])


@pytest.mark.parametrize(
    "change", [{"subject": "nobody"}, {"transaction": "made up"}, {"transaction": ""}]
)
def test_a_made_up_choice_is_refused(
    site: TestClient[Litestar],
    unsafe: UnsafeIdentityProvider,
    now: datetime,
    change: dict[str, str],
) -> None:
    transaction = unsafe.transaction(unsafe.ask(ASK, now))
    answer = site.post("/authorize", data={"transaction": transaction, "subject": "wang", **change})
    assert answer.status_code == 400


def test_a_page_that_was_left_open_lapses(unsafe: UnsafeIdentityProvider, now: datetime) -> None:
    transaction = unsafe.transaction(unsafe.ask(ASK, now))
    with pytest.raises(OAuthError):
        unsafe.pick(transaction, "wang", now + timedelta(minutes=10))


def test_its_documents(site: TestClient[Litestar]) -> None:
    metadata = site.get("/.well-known/openid-configuration").json()
    assert metadata["issuer"] == ISSUER
    assert metadata["code_challenge_methods_supported"] == ["S256"]
    (key,) = site.get("/jwks").json()["keys"]
    assert "d" not in key
    refused = site.post("/token", data={"grant_type": "authorization_code"})
    assert (refused.status_code, refused.json()) == (401, {"error": "invalid_client"})
    assert refused.headers["cache-control"] == "no-store"
