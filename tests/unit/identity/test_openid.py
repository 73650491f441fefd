"""The provider's documents are fetched rarely, checked, and asked for from one place only."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey

from jiazhao.errors import ErrorCode
from jiazhao.http.outbound import Outbound
from jiazhao.identity.openid import MAX_KEYS, Client, OpenIdProvider
from jiazhao.identity.refusal import SignInRefusedError
from tests.unit.identity.parties import ISSUER, Provider

CLIENT = Client("jiazhao", "https://wallet.example/sign-in/callback")
SECOND = timedelta(seconds=1)


@pytest.fixture
def openid(provider: Provider) -> OpenIdProvider:
    return OpenIdProvider(ISSUER, Outbound({ISSUER}, transport=provider.transport()))


def fetched(provider: Provider, path: str) -> int:
    return provider.asked.count(path)


def refusal(openid: OpenIdProvider, kid: str | None, now: datetime) -> SignInRefusedError:
    with pytest.raises(SignInRefusedError) as refused:
        openid.key(kid, now)
    return refused.value


def test_documents_are_kept_for_a_while(
    openid: OpenIdProvider, provider: Provider, now: datetime
) -> None:
    for minutes in range(10):
        openid.key(provider.key.kid, now + timedelta(minutes=minutes))
    assert fetched(provider, "/jwks") == 1
    openid.key(provider.key.kid, now + timedelta(minutes=10))
    assert fetched(provider, "/jwks") == 2

    openid.key(provider.key.kid, now + timedelta(minutes=59))
    assert fetched(provider, "/.well-known/openid-configuration") == 1
    openid.metadata(now + timedelta(minutes=60))
    assert fetched(provider, "/.well-known/openid-configuration") == 2


def test_a_clock_that_was_set_back_fetches_anew(
    openid: OpenIdProvider, provider: Provider, now: datetime
) -> None:
    openid.key(provider.key.kid, now)
    openid.key(provider.key.kid, now - timedelta(days=1))
    assert fetched(provider, "/jwks") == 2


def test_an_unknown_key_is_fetched_once(
    openid: OpenIdProvider, provider: Provider, now: datetime
) -> None:
    openid.key(provider.key.kid, now)
    new = ECKey.generate_key("P-256", auto_kid=True)
    provider.published = [provider.jwk(), provider.jwk(new)]

    assert openid.key(new.kid, now + 30 * SECOND).kid == new.kid
    assert fetched(provider, "/jwks") == 2


def test_made_up_key_ids_do_not_make_us_ask_again_and_again(
    openid: OpenIdProvider, provider: Provider, now: datetime
) -> None:
    for number in range(100):
        assert refusal(openid, f"made up {number}", now).step == "unknown_key"
    assert fetched(provider, "/jwks") == 1


def test_a_withdrawn_key_is_forgotten(
    openid: OpenIdProvider, provider: Provider, now: datetime
) -> None:
    old = provider.key.kid
    openid.key(old, now)
    provider.published = [provider.jwk(ECKey.generate_key("P-256", auto_kid=True))]
    assert refusal(openid, old, now + timedelta(minutes=10)).step == "unknown_key"


def test_a_token_without_key_id_needs_a_single_key(
    openid: OpenIdProvider, provider: Provider, now: datetime
) -> None:
    assert openid.key(None, now).kid == provider.key.kid
    provider.published = [provider.jwk(), provider.jwk(ECKey.generate_key("P-256", auto_kid=True))]
    assert refusal(openid, None, now + timedelta(minutes=10)).step == "unknown_key"


@pytest.mark.parametrize(
    "jwk",
    [
        {**OctKey.generate_key(256).as_dict(), "kid": "k"},
        {**ECKey.generate_key("P-256").as_dict(private=True), "kid": "k"},
        {**ECKey.generate_key("P-256").as_dict(private=False), "kid": "k", "use": "enc"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "k"},
        {"kty": "unheard-of", "kid": "k"},
        {"kid": "k"},
        {"kty": ["EC"], "kid": "k"},
    ],
    ids=["secret", "private", "for encryption", "off the curve", "new type", "no type", "list"],
)
def test_what_is_no_public_signing_key_is_not_used(
    openid: OpenIdProvider, provider: Provider, now: datetime, jwk: dict[str, Any]
) -> None:
    provider.published = [provider.jwk(), jwk]
    assert refusal(openid, "k", now).step == "unknown_key"
    assert openid.key(provider.key.kid, now).kid == provider.key.kid


def test_a_flood_of_keys_is_refused(
    openid: OpenIdProvider, provider: Provider, now: datetime
) -> None:
    provider.published = [provider.jwk()] * (MAX_KEYS + 1)
    assert refusal(openid, provider.key.kid, now).code is ErrorCode.SIGN_IN_UNAVAILABLE


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "https://other.example"},
        {"issuer": ISSUER + "/"},
        {"token_endpoint": None},
        {"jwks_uri": "https://evil.example/jwks"},
        {"jwks_uri": "http://169.254.169.254/"},
    ],
)
def test_a_discovery_that_leads_elsewhere(
    openid: OpenIdProvider, provider: Provider, now: datetime, change: dict[str, Any]
) -> None:
    provider.metadata_changes = change
    assert refusal(openid, None, now).code is ErrorCode.SIGN_IN_UNAVAILABLE


def test_a_provider_that_is_down_is_left_alone_for_a_moment(
    openid: OpenIdProvider, provider: Provider, now: datetime
) -> None:
    provider.down = True
    for second in range(5):
        assert refusal(openid, None, now + second * SECOND).code is ErrorCode.SIGN_IN_UNAVAILABLE
    assert len(provider.asked) == 1

    provider.down = False
    openid.key(None, now + 5 * SECOND)


def test_known_keys_serve_while_the_provider_is_down(
    openid: OpenIdProvider, provider: Provider, now: datetime
) -> None:
    openid.key(provider.key.kid, now)
    provider.down = True
    openid.key(provider.key.kid, now + timedelta(minutes=9))
    assert refusal(openid, provider.key.kid, now + timedelta(minutes=10)).code is (
        ErrorCode.SIGN_IN_UNAVAILABLE
    )


def test_an_endpoint_may_have_a_query_of_its_own(
    openid: OpenIdProvider, provider: Provider, now: datetime
) -> None:
    assert openid.authorization_url(CLIENT, {"state": "s"}, now).startswith(
        f"{ISSUER}/authorize?response_type=code&"
    )
    provider.metadata_changes["authorization_endpoint"] = f"{ISSUER}/authorize?realm=cn"
    later = now + timedelta(hours=1)
    assert openid.authorization_url(CLIENT, {"state": "s"}, later).startswith(
        f"{ISSUER}/authorize?realm=cn&response_type=code&"
    )
