"""Attested wallets at the doors: each proof once, and tokens for the instance that got them."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from jiazhao.app import House
from jiazhao.credentials import jose
from jiazhao.credentials.signing import write_base64url
from jiazhao.issuance.attesters import Attesters
from jiazhao.issuance.client_attestation import POP_TYPE, AttestedClient
from jiazhao.issuance.client_authentication import CHALLENGE_HEADER, ClientAuthentication
from jiazhao.issuance.formats import MDL_CONFIGURATION
from jiazhao.issuance.granting import GrantedToken, Terms, WalletKeys
from jiazhao.issuance.protocol import ProtocolError, WireError
from jiazhao.smoke.wallet import DeviceKey
from tests.houses import Phone
from tests.unit.issuance.test_races import at_once
from tests.wallet_provider import WALLET, WalletProvider

VERIFIER = "v" * 43
CALLBACK = "https://anywhere.example/cb"


@dataclass
class Instance:
    """An instance of an attested wallet before the services of a house."""

    house: House
    provider: WalletProvider
    key: DeviceKey = field(default_factory=DeviceKey)

    @property
    def door(self) -> ClientAuthentication:
        trusted = Attesters((self.provider.root.certificate,))
        return replace(self.house.client_authentication, attesters=trusted)

    def pop(self, **changes: Any) -> str:
        now = self.house.clock()
        claims = {
            "aud": self.house.config.public_url,
            "jti": secrets.token_urlsafe(8),
            "iat": int(now.timestamp()),
            "challenge": self.house.client_authentication.fresh_challenge(now),
            **changes,
        }
        return jose.sign(claims, self.key, typ=POP_TYPE)

    def authenticate(self, pop: str | None = None, client_id: str | None = None) -> AttestedClient:
        now = self.house.clock()
        client = self.door.authenticated(
            [self.provider.vouch(self.key, now=now)],
            [self.pop() if pop is None else pop],
            client_id=client_id,
            now=now,
        )
        assert client is not None
        return client

    def keys(self) -> WalletKeys:
        return WalletKeys(None, self.authenticate().thumbprint)


@pytest.fixture
def instance(house: House) -> Instance:
    return Instance(house, WalletProvider(house.clock()))


@pytest.fixture
def other(instance: Instance) -> Instance:
    """Another instance of the same wallet."""
    return Instance(instance.house, instance.provider)


def refusal(act: Callable[[], object]) -> ProtocolError:
    with pytest.raises(ProtocolError) as refused:
        act()
    return refused.value


def test_a_wallet_is_known_by_its_attestation(instance: Instance) -> None:
    assert instance.authenticate(client_id=WALLET).client_id == WALLET


def test_a_refusal_brings_a_challenge(instance: Instance) -> None:
    refused = refusal(lambda: instance.authenticate(instance.pop(challenge="x")))
    assert (refused.error, refused.status) == (WireError.USE_ATTESTATION_CHALLENGE, 400)
    challenge = refused.headers[CHALLENGE_HEADER]
    assert instance.authenticate(instance.pop(challenge=challenge)).client_id == WALLET


def test_a_wallet_is_not_another_one(instance: Instance) -> None:
    refused = refusal(lambda: instance.authenticate(client_id="https://other.example"))
    assert (refused.error, refused.status) == (WireError.INVALID_CLIENT, 401)


def test_a_proof_comes_once_even_at_the_same_instant(instance: Instance) -> None:
    pop = instance.pop()
    outcomes = at_once([lambda: instance.authenticate(pop)] * 8)
    refused = [one for one in outcomes if isinstance(one, ProtocolError)]
    assert {(one.error, one.status) for one in refused} == {
        (WireError.INVALID_CLIENT_ATTESTATION, 401)
    }
    assert len(refused) == 7


def test_each_field_comes_once_and_both_together(instance: Instance) -> None:
    now, door = instance.house.clock(), instance.door
    vouched, pop = instance.provider.vouch(instance.key, now=now), instance.pop()
    for attestations, proofs in (
        ([vouched], []),
        ([], [pop]),
        ([vouched] * 2, [pop]),
        (
            [vouched],
            [pop, pop],
        ),
    ):
        refused = refusal(
            partial(door.authenticated, attestations, proofs, client_id=None, now=now)
        )
        assert refused.error is WireError.INVALID_CLIENT_ATTESTATION


def test_only_the_strict_profile_asks_for_an_attestation(instance: Instance) -> None:
    now, door = instance.house.clock(), instance.door
    assert door.authenticated([], [], client_id=WALLET, now=now) is None
    strict = replace(door, config=replace(door.config, issuance_profile="haip"))
    refused = refusal(lambda: strict.authenticated([], [], client_id=WALLET, now=now))
    assert (refused.error, refused.status) == (WireError.INVALID_CLIENT, 401)


# -- what is bound to the instance


def agreed(instance: Instance, phone: Phone) -> str:
    """Return the code that an instance's pushed request came to."""
    form = {
        "client_id": WALLET,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "code_challenge": write_base64url(sha256(VERIFIER.encode()).digest()),
        "code_challenge_method": "S256",
        "scope": MDL_CONFIGURATION,
    }
    authorizations, now = instance.house.authorizations, phone.now
    pushed = authorizations.push(form, None, now, instance.authenticate(client_id=WALLET))
    location = authorizations.agree(pushed.reference, phone.holder_id, now)
    return parse_qs(urlsplit(location).query)["code"][0]


def exchange(instance: Instance, code: str, keys: WalletKeys) -> GrantedToken:
    form = {"code": code, "code_verifier": VERIFIER, "client_id": WALLET}
    return instance.house.authorizations.exchange(form, keys, instance.house.clock())


def refresh(instance: Instance, token: str, keys: WalletKeys) -> GrantedToken:
    return instance.house.tokens.refresh(token, WALLET, keys, instance.house.clock())


def test_a_code_is_for_the_instance_that_asked(
    instance: Instance, other: Instance, phone: Phone
) -> None:
    code = agreed(instance, phone)
    for keys in (WalletKeys(), other.keys()):
        refused = refusal(partial(exchange, instance, code, keys))
        assert refused.error is WireError.INVALID_GRANT
    assert exchange(instance, code, instance.keys()).access_token


def test_a_refresh_token_is_for_the_instance_that_got_it(
    instance: Instance, other: Instance, phone: Phone
) -> None:
    granted = exchange(instance, agreed(instance, phone), instance.keys())
    phone.fetch(granted.access_token)
    for keys in (WalletKeys(), other.keys()):
        refused = refusal(partial(refresh, instance, granted.refresh_token, keys))
        assert refused.error is WireError.INVALID_GRANT
    again = refresh(instance, granted.refresh_token, instance.keys())
    refused = refusal(lambda: refresh(instance, again.refresh_token, other.keys()))
    assert refused.error is WireError.INVALID_GRANT
    assert refresh(instance, again.refresh_token, instance.keys()).access_token


def test_an_offer_taken_by_an_attested_wallet_is_bound_as_well(
    instance: Instance, other: Instance, phone: Phone
) -> None:
    tokens, now = instance.house.tokens, phone.now
    offer = instance.house.offers.claim(phone.holder_id, now, replaces=True)
    terms = Terms(keys=instance.keys(), client_id=WALLET)
    granted = tokens.redeem(offer.pre_authorized_code, offer.tx_code, now, terms)
    phone.fetch(granted.access_token)
    refused = refusal(lambda: refresh(instance, granted.refresh_token, other.keys()))
    assert refused.error is WireError.INVALID_GRANT
    refused = refusal(lambda: tokens.refresh(granted.refresh_token, None, instance.keys(), now))
    assert refused.error is WireError.INVALID_GRANT
    assert refresh(instance, granted.refresh_token, instance.keys()).access_token


def test_the_strict_profile_keeps_a_refresh_token_that_two_keys_hold(
    instance: Instance, other: Instance, phone: Phone
) -> None:
    keys = replace(instance.keys(), dpop_jkt="k" * 43)
    granted = exchange(instance, agreed(instance, phone), keys)
    phone.fetch(granted.access_token)
    strict = replace(
        instance.house.tokens, config=replace(instance.house.config, issuance_profile="haip")
    )
    ask = partial(strict.refresh, granted.refresh_token, WALLET)
    outcomes = at_once([partial(ask, keys, phone.now)] * 3)
    again = [one for one in outcomes if isinstance(one, GrantedToken)]
    assert [one.refresh_token for one in again] == [granted.refresh_token] * 3
    for one in again:
        assert strict.admit(one.access_token, keys.dpop_jkt, phone.now).client_id == WALLET
    for wrong in (replace(keys, dpop_jkt=None), replace(other.keys(), dpop_jkt=keys.dpop_jkt)):
        assert refusal(partial(ask, wrong, phone.now)).error is WireError.INVALID_GRANT
    lapsed = phone.now + timedelta(days=instance.house.config.refresh_days)
    assert refusal(partial(ask, keys, lapsed)).error is WireError.INVALID_GRANT
