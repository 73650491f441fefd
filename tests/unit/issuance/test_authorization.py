"""A wallet's request is read in bounds, and answered only where its wallet lives."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from jiazhao.config import WalletClient
from jiazhao.issuance.authorization import (
    AuthorizationRequest,
    ClientRules,
    fits_challenge,
    own_name,
    read_request,
)
from jiazhao.issuance.protocol import ProtocolError, WireError

ISSUER = "https://licence.example"
SCOPES = {"mdl": "mdl-configuration", "pid": "pid-configuration"}
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
"""RFC 7636 appendix B."""

REGISTERED = WalletClient("shop-wallet", ("https://shop.example/cb", "https://shop.example/cb?v=2"))
PLAIN = ClientRules({REGISTERED.client_id: REGISTERED}, admits_unregistered=True)
STRICT = ClientRules({REGISTERED.client_id: REGISTERED}, admits_unregistered=False)

FORM = {
    "client_id": "shop-wallet",
    "redirect_uri": "https://shop.example/cb",
    "response_type": "code",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
    "scope": "mdl",
    "state": "s",
}


def read(rules: ClientRules = PLAIN, **changes: Any) -> AuthorizationRequest:
    """Read the form with changes; None takes a parameter away."""
    form = {name: value for name, value in {**FORM, **changes}.items() if value is not None}
    client_jkt = form.pop("attested", None)
    return read_request(form, rules=rules, scopes=SCOPES, issuer=ISSUER, client_jkt=client_jkt)


def refusal(rules: ClientRules = PLAIN, **changes: Any) -> WireError:
    with pytest.raises(ProtocolError) as refused:
        read(rules, **changes)
    assert refused.value.description.isascii()
    return refused.value.error


def details(configuration: object = "mdl-configuration", kind: str = "openid_credential") -> str:
    return f'[{{"type":"{kind}","credential_configuration_id":"{configuration}"}}]'


def test_the_verifier_of_the_text_fits_its_challenge() -> None:
    assert fits_challenge(VERIFIER, CHALLENGE)
    assert not fits_challenge(VERIFIER[:-1] + "l", CHALLENGE)
    assert not fits_challenge(CHALLENGE, CHALLENGE)
    assert not fits_challenge("short", CHALLENGE)
    assert not fits_challenge("é" * 43, CHALLENGE)


def test_scopes_that_are_not_known_are_passed_over() -> None:
    asked = read(scope="openid mdl other")
    assert (asked.configurations, asked.by_details) == (("mdl-configuration",), False)


def test_details_name_configurations() -> None:
    asked = read(scope=None, authorization_details=details())
    assert (asked.configurations, asked.by_details) == (("mdl-configuration",), True)


def test_details_and_scope_may_come_together() -> None:
    asked = read(scope="pid", authorization_details=details())
    assert asked.configurations == ("mdl-configuration", "pid-configuration")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": "other"}, WireError.INVALID_SCOPE),
        ({"scope": None}, WireError.INVALID_SCOPE),
        ({"response_type": None}, WireError.INVALID_REQUEST),
        ({"response_type": "token"}, WireError.UNSUPPORTED_RESPONSE_TYPE),
        ({"response_mode": "fragment"}, WireError.INVALID_REQUEST),
        ({"request": "x"}, WireError.INVALID_REQUEST),
        ({"request_uri": "urn:x"}, WireError.INVALID_REQUEST),
        ({"resource": "https://other.example"}, WireError.INVALID_REQUEST),
        ({"code_challenge": None}, WireError.INVALID_REQUEST),
        ({"code_challenge": "short"}, WireError.INVALID_REQUEST),
        ({"code_challenge_method": None}, WireError.INVALID_REQUEST),
        ({"code_challenge_method": "plain"}, WireError.INVALID_REQUEST),
        ({"state": "s" * 1025}, WireError.INVALID_REQUEST),
        ({"dpop_jkt": "short"}, WireError.INVALID_REQUEST),
        ({"x": "y" * 9000}, WireError.INVALID_REQUEST),
        ({"client_id": None}, WireError.INVALID_REQUEST),
        ({"client_id": "c" * 256}, WireError.INVALID_REQUEST),
        ({"client_id": "名"}, WireError.INVALID_REQUEST),
        ({"redirect_uri": None}, WireError.INVALID_REQUEST),
        ({"authorization_details": "x"}, WireError.INVALID_AUTHORIZATION_DETAILS),
        ({"authorization_details": "[]"}, WireError.INVALID_AUTHORIZATION_DETAILS),
        ({"authorization_details": "{}"}, WireError.INVALID_AUTHORIZATION_DETAILS),
        ({"authorization_details": "[1]"}, WireError.INVALID_AUTHORIZATION_DETAILS),
        ({"authorization_details": details(kind="x")}, WireError.INVALID_AUTHORIZATION_DETAILS),
        ({"authorization_details": details("other")}, WireError.INVALID_AUTHORIZATION_DETAILS),
        ({"authorization_details": "[" * 100}, WireError.INVALID_AUTHORIZATION_DETAILS),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_request_with_one_fault_has_the_code_of_the_fault(
    changes: dict[str, Any], error: WireError
) -> None:
    assert refusal(**changes) is error


# -- where a wallet is answered


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "https://shop.example/cb/",
        "https://shop.example/cb?v=3",
        "https://shop.example/CB",
        "https://shop.example:443/cb",
        "https://shop.example/cb/../cb",
        "https://shop.example.evil.example/cb",
    ],
)
def test_a_registered_wallet_is_answered_at_its_very_address(redirect_uri: str) -> None:
    assert read(redirect_uri="https://shop.example/cb?v=2").client_id == "shop-wallet"
    assert refusal(redirect_uri=redirect_uri) is WireError.INVALID_REQUEST


@pytest.mark.parametrize(
    ("client_id", "redirect_uri"),
    [
        ("https://w.example", "https://w.example/cb"),
        ("https://w.example:8443", "https://w.example:8443/cb?x=1"),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000/cb"),
        ("http://localhost:5000", "http://localhost:5000/"),
        ("example.wallet", "example.wallet:/cb"),
        ("com.example.wallet", "com.example.wallet://cb"),
    ],
)
def test_an_unregistered_wallet_is_named_by_where_it_lives(
    client_id: str, redirect_uri: str
) -> None:
    wallet: dict[str, Any] = {"client_id": client_id, "redirect_uri": redirect_uri}
    assert read(**wallet).redirect_uri == redirect_uri
    assert refusal(redirect_uri=redirect_uri, client_id="another") is WireError.INVALID_CLIENT
    assert refusal(STRICT, **wallet) is WireError.INVALID_CLIENT


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "http://w.example/cb",
        "https://w.example/cb#x",
        "https://user@w.example/cb",
        "https://w.example\\@evil.example/",
        "https:///cb",
        "https://w.example:x/cb",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "wallet:/cb",
        "//w.example/cb",
        "/cb",
        "https://w.example/\ncb",
        "https://例.example/cb",
        "https://w.example/" + "x" * 1024,
    ],
)
def test_nobody_is_answered_where_a_wallet_cannot_live(redirect_uri: str) -> None:
    assert own_name(redirect_uri) is None
    assert refusal(client_id="w", redirect_uri=redirect_uri) is WireError.INVALID_REQUEST


def test_an_attested_wallet_may_be_answered_at_an_address_of_its_own() -> None:
    asked: dict[str, Any] = {
        "client_id": "attested",
        "redirect_uri": "https://w.example/cb",
        "attested": "yes",
    }
    assert read(STRICT, **asked).client_id == "attested"
    asked["redirect_uri"] = "http://w.example/cb"
    assert refusal(STRICT, **asked) is WireError.INVALID_REQUEST


def test_the_answer_names_the_issuer_and_keeps_what_stood_in_the_address() -> None:
    asked = read(redirect_uri="https://shop.example/cb?v=2", state="a b&c")
    answer = parse_qs(urlsplit(asked.answered(ISSUER, code="x")).query)
    assert answer == {"v": ["2"], "code": ["x"], "iss": [ISSUER], "state": ["a b&c"]}
