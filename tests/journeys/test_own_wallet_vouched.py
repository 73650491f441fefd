"""Our own wallet before the strict issuer, vouched for by our own provider, over HTTP.

Sources: HAIP 1.0 sections 4.4.1 and 4.5.1; OpenID4VCI 1.0 appendices D and E.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from jiazhao.credentials import jose
from jiazhao.credentials.mdoc import MDL_DOC_TYPE
from jiazhao.http.browser import Reply
from jiazhao.smoke.wallet import PRE_AUTHORIZED, PROOF_TYPE, DeviceKey, Wallet
from jiazhao.trust import TrustPlan
from jiazhao.trust.hierarchy import Role
from jiazhao.trust.lifecycle import Lifecycle
from jiazhao.wallet_provider.attestations import (
    BROWSER_KEY,
    CLIENT_SECONDS,
    CLIENT_TYPE,
    KEY_SECONDS,
    KEY_TYPE,
    REQUEST_TYPE,
)
from tests.houses import Town, served_town
from tests.journeys.test_authorization_code import ForeignWallet, error_of
from tests.journeys.visitors import Guests, server_time
from tests.wallet_provider import WalletProvider

CHEN, LIU = "sp-000007", "sp-000003"

Json = dict[str, Any]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served_town(
        tmp_path_factory.mktemp("vouched") / "state",
        issuance_profile="haip",
        own_wallet_vouched=True,
        key_attestation_required=True,
        key_storage_accepted=(BROWSER_KEY,),
        proofs_per_minute=100_000,
    ) as town:
        yield town


@pytest.fixture
def guests(town: Town) -> Iterator[Guests]:
    guests = Guests(town)
    yield guests
    guests.close()


@dataclass
class OwnProvider:
    """Our provider, as our wallet speaks to it; `former` is what it said last."""

    driver: Wallet
    former: str = ""

    def ask(self, door: str, said: Json) -> Reply:
        return self.driver.browser.post_json(f"{self.driver.origin}/wallet-provider/{door}", said)

    def request(self, key: DeviceKey, **changes: Any) -> str:
        claims = {
            "aud": self.driver.origin,
            "iat": int(server_time(self.driver).timestamp()),
            **changes,
        }
        return jose.sign(claims, key, typ=REQUEST_TYPE, header={"jwk": key.public.to_jwk()})

    def vouch(self, instance: DeviceKey, **_: Any) -> str:
        """As `ForeignWallet` asks a provider: signed in at first, later by what was said before."""
        proof = self.request(instance)
        reply = (
            self.ask(
                "client-attestations/renewal",
                {"proof": proof, "client_attestation": self.former},
            )
            if self.former
            else self.ask("client-attestations", {"proof": proof})
        )
        assert reply.status == 200, reply.body
        self.former = str(reply.json()["client_attestation"])
        return self.former

    def keys_request(self, instance: DeviceKey, keys: list[DeviceKey], nonce: str) -> Json:
        return {
            "proof": self.request(instance, nonce=nonce),
            "client_attestation": self.former,
            "key_proofs": [self.request(key, nonce=nonce) for key in keys],
        }


@dataclass
class OwnWallet(ForeignWallet):
    """Our wallet: it takes the offer of a claim, and every token is bound to its key."""

    dpop_key: DeviceKey | None = field(default_factory=DeviceKey)

    @property
    def own(self) -> OwnProvider:
        return cast(OwnProvider, self.provider)

    @classmethod
    def of(cls, driver: Wallet) -> "OwnWallet":
        return cls(driver, provider=OwnProvider(driver))  # type: ignore[arg-type]

    def claimed(self) -> Json:
        """A token for the offer of a claim."""
        offer = self.driver.claim(replace=True)
        form = {
            "grant_type": PRE_AUTHORIZED,
            "pre-authorized_code": offer["credential_offer"]["grants"][PRE_AUTHORIZED][
                "pre-authorized_code"
            ],
            "tx_code": offer["tx_code"],
        }
        reply = self.form("/issuance/token", form)
        if error_of_any(reply) == "use_dpop_nonce":
            reply = self.form("/issuance/token", form)
        assert reply.status == 200, reply.body
        said: Json = reply.json()
        return said

    def copies(self, token: str, keys: list[DeviceKey]) -> Reply:
        """Ask for a copy for each key, all vouched for at once."""
        reply = self.driver.browser.post_json(f"{self.issuer}/issuance/nonce", {})
        self.nonces.append(reply.headers["dpop-nonce"])
        nonce = reply.json()["c_nonce"]
        said = self.own.ask("key-attestations", self.own.keys_request(self.instance, keys, nonce))
        assert said.status == 200, said.body
        claims = {
            "aud": self.issuer,
            "iat": int(server_time(self.driver).timestamp()),
            "nonce": nonce,
        }
        header = {
            "jwk": keys[0].public.to_jwk(),
            "key_attestation": said.json()["key_attestation"],
        }
        proof = jose.sign(claims, keys[0], typ=PROOF_TYPE, header=header)
        wanted = {"credential_configuration_id": MDL_DOC_TYPE, "proofs": {"jwt": [proof]}}
        body = json.dumps(wanted).encode()
        return self.post("/issuance/credential", body, "application/json", token)


def error_of_any(reply: Reply) -> str | None:
    return None if reply.status == 200 else str(reply.json().get("error"))


@pytest.fixture
def wallet(guests: Guests) -> OwnWallet:
    return OwnWallet.of(guests.driver(CHEN))


def test_our_wallet_takes_an_offer_and_comes_back_without_a_sign_in(
    wallet: OwnWallet, town: Town
) -> None:
    token = wallet.claimed()
    assert token["token_type"] == "DPoP"
    got = wallet.copies(token["access_token"], [DeviceKey() for _ in range(3)])
    assert (got.status, len(got.json()["credentials"])) == (200, 3)

    town.clock.later(days=20)
    wallet.driver.browser.post_json(f"{wallet.issuer}/sign-out", {})
    form = {"grant_type": "refresh_token", "refresh_token": token["refresh_token"]}
    reply = wallet.form("/issuance/token", form)
    if error_of_any(reply) == "use_dpop_nonce":
        reply = wallet.form("/issuance/token", form)
    assert reply.status == 200, reply.body
    got = wallet.copies(reply.json()["access_token"], [DeviceKey() for _ in range(2)])
    assert (got.status, len(got.json()["credentials"])) == (200, 2)


def test_the_metadata_ask_for_what_our_provider_says(wallet: OwnWallet) -> None:
    server = wallet.driver.get("/.well-known/oauth-authorization-server")
    assert server["token_endpoint_auth_methods_supported"] == ["attest_jwt_client_auth"]
    assert server["challenge_endpoint"] == f"{wallet.issuer}/issuance/challenge"
    issuer = wallet.driver.get("/.well-known/openid-credential-issuer")
    for one in issuer["credential_configurations_supported"].values():
        for name in ("jwt", "attestation"):
            asked = one["proof_types_supported"][name]["key_attestations_required"]
            assert asked == {"key_storage": [BROWSER_KEY]}


def test_our_wallet_goes_the_code_grant_too(wallet: OwnWallet) -> None:
    code = wallet.code(client_id=wallet.issuer)
    token = wallet.redeem(code, client_id=wallet.issuer)
    assert token.json()["token_type"] == "DPoP"
    assert wallet.copies(token.json()["access_token"], [DeviceKey()]).status == 200


def test_an_attestation_claims_nothing_beyond_a_browsers_key(wallet: OwnWallet) -> None:
    now = int(server_time(wallet.driver).timestamp())
    client = jose.parse(wallet.own.vouch(wallet.instance), expected_typ=CLIENT_TYPE).claims
    key = DeviceKey()
    said = wallet.own.ask(
        "key-attestations", wallet.own.keys_request(wallet.instance, [key], "a nonce")
    )
    keys = jose.parse(said.json()["key_attestation"], expected_typ=KEY_TYPE).claims

    assert client["sub"] == wallet.issuer
    assert client["cnf"] == {"jwk": wallet.instance.public.to_jwk()}
    assert client["exp"] - now <= CLIENT_SECONDS == 86_400
    assert keys["exp"] - now <= KEY_SECONDS == 300
    assert keys["key_storage"] == [BROWSER_KEY]
    assert not {"user_authentication", "certification"} & keys.keys()
    assert not any("iso_18045" in one for one in keys["key_storage"])
    assert (keys["nonce"], keys["attested_keys"]) == ("a nonce", [key.public.to_jwk()])


def test_the_root_does_not_travel_with_what_it_vouches_for(wallet: OwnWallet, town: Town) -> None:
    chain = jose.parse(wallet.own.vouch(wallet.instance), expected_typ=CLIENT_TYPE).chain()
    roots = town.house.trust.wallet_roots
    assert len(chain) == len(roots) == 1
    assert town.house.trust.wallet_provider.certificates == chain


def test_nobody_is_vouched_for_without_a_driver_signed_in(wallet: OwnWallet) -> None:
    wallet.driver.browser.post_json(f"{wallet.issuer}/sign-out", {})
    proof = wallet.own.request(wallet.instance)
    assert wallet.own.ask("client-attestations", {"proof": proof}).status == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "https://other.example"},
        {"iat": 1},
        {"iat": None},
        {"iat": True},
        {"nonce": 1},
        {"nonce": "n" * 257},
    ],
    ids=str,
)
def test_a_request_with_one_fault_is_refused(wallet: OwnWallet, wrong: Json) -> None:
    proof = wallet.own.request(wallet.instance, **wrong)
    reply = wallet.own.ask("client-attestations", {"proof": proof})
    assert (reply.status, reply.json()["code"]) == (422, "not_vouched_for")


def test_a_key_is_vouched_for_by_whoever_holds_it(wallet: OwnWallet) -> None:
    claims = {"aud": wallet.issuer, "iat": int(server_time(wallet.driver).timestamp())}
    header = {"jwk": DeviceKey().public.to_jwk()}
    proof = jose.sign(claims, wallet.instance, typ=REQUEST_TYPE, header=header)
    assert wallet.own.ask("client-attestations", {"proof": proof}).status == 422


def test_a_renewal_is_for_the_same_key_and_for_what_this_provider_said(
    wallet: OwnWallet,
) -> None:
    own = wallet.own
    said = own.vouch(wallet.instance)
    stolen = {"proof": own.request(DeviceKey()), "client_attestation": said}
    forged = {
        "proof": own.request(wallet.instance),
        "client_attestation": jose.sign(
            {"cnf": {"jwk": wallet.instance.public.to_jwk()}, "iat": 1},
            wallet.instance,
            typ=CLIENT_TYPE,
        ),
    }
    altered = {
        "proof": own.request(wallet.instance),
        "client_attestation": f"{said[:-6]}{'AAAAAA' if said[-6:] != 'AAAAAA' else 'BBBBBB'}",
    }
    stranger = WalletProvider(server_time(wallet.driver)).vouch(wallet.instance)
    strange = {"proof": own.request(wallet.instance), "client_attestation": stranger}
    for wrong in (stolen, forged, altered, strange):
        assert own.ask("client-attestations/renewal", wrong).status == 422


def test_who_stays_away_too_long_signs_in_again(wallet: OwnWallet, town: Town) -> None:
    own = wallet.own
    said = own.vouch(wallet.instance)
    town.clock.later(days=town.house.config.refresh_days, seconds=1)
    late = {"proof": own.request(wallet.instance), "client_attestation": said}
    assert own.ask("client-attestations/renewal", late).status == 422


def test_keys_are_vouched_for_one_request_and_one_instance(wallet: OwnWallet) -> None:
    own = wallet.own
    own.vouch(wallet.instance)
    keys = [DeviceKey(), DeviceKey()]
    right = own.keys_request(wallet.instance, keys, "a nonce")
    other = own.request(keys[0], nonce="another")
    wrongs: list[Json] = [
        {**right, "proof": own.request(DeviceKey(), nonce="a nonce")},
        {**right, "proof": own.request(wallet.instance)},
        {**right, "key_proofs": [other]},
        {**right, "key_proofs": right["key_proofs"][:1] * 2},
        own.keys_request(wallet.instance, [DeviceKey() for _ in range(11)], "a nonce"),
    ]
    for wrong in wrongs:
        assert own.ask("key-attestations", wrong).status == 422
    assert own.ask("key-attestations", right).status == 200


def test_an_attestation_of_yesterday_vouches_for_no_keys(wallet: OwnWallet, town: Town) -> None:
    own = wallet.own
    own.vouch(wallet.instance)
    town.clock.later(days=1, seconds=1)
    asked = own.keys_request(wallet.instance, [DeviceKey()], "a nonce")
    assert own.ask("key-attestations", asked).status == 422


def test_what_a_withdrawn_key_vouched_for_is_not_taken(guests: Guests, town: Town) -> None:
    wallet = OwnWallet.of(guests.driver(LIU))
    wallet.own.vouch(wallet.instance)
    plan = TrustPlan(issuer_uri=town.house.config.public_url)
    lifecycle = Lifecycle(town.house.keyring._folder, plan)
    signing = next(
        one
        for one in lifecycle.show(town.clock())
        if one.role is Role.WALLET_PROVIDER and one.compromised_at is None
    )
    lifecycle.compromised(signing.fingerprint, town.clock())

    old = wallet.own.former
    renewal = {"proof": wallet.own.request(wallet.instance), "client_attestation": old}
    assert wallet.own.ask("client-attestations/renewal", renewal).status == 422
    taken = ForeignWallet(wallet.driver, DeviceKey(), _Says(old), instance=wallet.instance)  # type: ignore[arg-type]
    taken.form("/issuance/token", {"grant_type": "refresh_token", "refresh_token": "x"})
    reply = taken.form("/issuance/token", {"grant_type": "refresh_token", "refresh_token": "x"})
    assert error_of(reply) == (401, "invalid_client_attestation")

    again = OwnWallet.of(guests.driver(LIU))
    assert again.claimed()["token_type"] == "DPoP"


@dataclass
class _Says:
    """A provider that says what it said before."""

    said: str

    def vouch(self, _instance: DeviceKey, **_: Any) -> str:
        return self.said
