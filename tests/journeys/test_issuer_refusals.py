"""Every way in which a wallet can be wrong before the strict issuer, and how each is refused.

The issuer demands what HAIP 1.0 does: pushed requests, tokens bound to a key, wallets and keys
that are attested. Sources: OpenID4VCI 1.0 sections 6.3, 8.3.1 and 11.3; OAuth 2.0
Attestation-Based Client Authentication (draft 10), section 7.4.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest

from jiazhao.credentials import jose, mdoc, sdjwt
from jiazhao.credentials.mdoc import MDL_DOC_TYPE
from jiazhao.credentials.signing import read_base64url
from jiazhao.http.browser import Reply
from jiazhao.issuance.formats import SD_JWT_CONFIGURATION
from jiazhao.smoke.wallet import PRE_AUTHORIZED, PROOF_TYPE, DeviceKey
from tests.clocks import MORNING
from tests.houses import Town, served_town
from tests.journeys.test_authorization_code import ForeignWallet, error_of
from tests.journeys.visitors import Guests, server_time
from tests.wallet_provider import WALLET, Certified, WalletProvider, certified

CHEN, LIU = "sp-000007", "sp-000003"
PROVIDER = WalletProvider(MORNING)
OTHER_PROVIDER = WalletProvider(MORNING, client_id="https://other-wallet.example")
STRANGER = WalletProvider(MORNING)
SIGNER = PROVIDER.signer
WITH_ROOT = Certified(SIGNER.key, SIGNER.certificate, (PROVIDER.root.certificate,))
ALONE = certified("alone", by=None, now=MORNING)
PAST = int(MORNING.timestamp()) - 1
FORM = "application/x-www-form-urlencoded"

Json = dict[str, Any]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("strict")
    trusted = PROVIDER.publish(folder / "attesters")
    other = OTHER_PROVIDER.publish(folder / "other")
    (other / "wallet-provider.pem").rename(trusted / "other.pem")
    with served_town(
        folder / "state",
        issuance_profile="haip",
        wallet_attesters_dir=trusted,
        key_attesters_dir=trusted,
        key_attestation_required=True,
        key_storage_accepted=("iso_18045_high", "iso_18045_moderate"),
        proofs_per_minute=100_000,
    ) as town:
        yield town


@pytest.fixture(scope="module")
def guests(town: Town) -> Iterator[Guests]:
    guests = Guests(town)
    yield guests
    guests.close()


@dataclass
class StrictWallet(ForeignWallet):
    """A wallet that does all that HAIP 1.0 asks, with keys of its own."""

    keys: list[DeviceKey] = field(default_factory=lambda: [DeviceKey() for _ in range(3)])
    client_id: str = WALLET

    def token(self) -> Json:
        """Go the code grant; the driver agrees."""
        reply = self.redeem(self.code(client_id=self.client_id), client_id=self.client_id)
        assert reply.status == 200, reply.body
        made: Json = reply.json()
        return made

    def c_nonce(self) -> str:
        reply = self.driver.browser.post_json(f"{self.issuer}/issuance/nonce", {})
        self.nonces.append(reply.headers["dpop-nonce"])
        return str(reply.json()["c_nonce"])

    def attestation(self, nonce: str, **changes: Any) -> str:
        assert self.provider is not None
        made = {"now": server_time(self.driver), "nonce": nonce, **changes}
        return self.provider.attest(self.keys, **made)

    def attested_proof(self, *, attested: Mapping[str, Any] | None = None, **changes: Any) -> str:
        """One proof for all keys, right but for what is given."""
        nonce = changes.pop("nonce", None) or self.c_nonce()
        signer = changes.pop("by", self.keys[0])
        claims = {
            "aud": self.issuer,
            "iat": int(server_time(self.driver).timestamp()),
            "nonce": nonce,
            **changes,
        }
        attestation = self.attestation(**{"nonce": nonce, **(attested or {})})
        header = {"jwk": self.keys[0].public.to_jwk(), "key_attestation": attestation}
        return jose.sign(claims, signer, typ=PROOF_TYPE, header=header)

    def want(self, token: str, proofs: object, **changes: Any) -> Reply:
        """Ask for copies; None takes a member away."""
        wanted = {"credential_configuration_id": MDL_DOC_TYPE, "proofs": proofs, **changes}
        body = json.dumps({name: one for name, one in wanted.items() if one is not None})
        return self.post("/issuance/credential", body.encode(), "application/json", token)

    def copies(self, token: str, proofs: object, **changes: Any) -> list[str]:
        reply = self.want(token, proofs, **changes)
        assert reply.status == 200, reply.body
        return [one["credential"] for one in reply.json()["credentials"]]


@pytest.fixture
def wallet(guests: Guests) -> StrictWallet:
    return StrictWallet(guests.driver(CHEN), DeviceKey(), PROVIDER)


@dataclass
class Asking:
    """A wallet with a token, before the credential endpoint; no mistake uses the token up."""

    wallet: StrictWallet
    token: str


@pytest.fixture(scope="module")
def asking(guests: Guests) -> Asking:
    wallet = StrictWallet(guests.driver(LIU), DeviceKey(), PROVIDER)
    return Asking(wallet, wallet.token()["access_token"])


def altered(token: str, other: str) -> str:
    """A token with the signature of another one."""
    return f"{token.rpartition('.')[0]}.{other.rpartition('.')[2]}"


# -- who the wallet is


WRONG_WALLETS = [
    pytest.param({"exp": PAST}, {}, (401, "invalid_client_attestation"), id="expired"),
    pytest.param({"sub": None}, {}, (401, "invalid_client_attestation"), id="without sub"),
    pytest.param({"by": STRANGER.signer}, {}, (401, "invalid_client_attestation"), id="bad signer"),
    pytest.param({"by": WITH_ROOT}, {}, (401, "invalid_client_attestation"), id="root in x5c"),
    pytest.param({"by": ALONE}, {}, (401, "invalid_client_attestation"), id="self-signed"),
    pytest.param(
        {"iat": PAST - 40 * 86_400}, {}, (400, "use_fresh_attestation"), id="made long ago"
    ),
    pytest.param(
        {}, {"aud": "https://other.example"}, (401, "invalid_client_attestation"), id="PoP aud"
    ),
    pytest.param({}, {"by": DeviceKey()}, (401, "invalid_client_attestation"), id="PoP key"),
    pytest.param({}, {"iat": 0}, (401, "invalid_client_attestation"), id="PoP old"),
    pytest.param(
        {}, {"challenge": "A" * 51}, (400, "use_attestation_challenge"), id="PoP challenge"
    ),
    pytest.param({}, {"challenge": None}, (400, "use_attestation_challenge"), id="PoP without one"),
    pytest.param({"sub": "https://else.example"}, {}, (401, "invalid_client"), id="another client"),
]


@pytest.mark.parametrize(("vouched", "shown", "error"), WRONG_WALLETS)
def test_a_wallet_that_is_not_who_it_says_pushes_nothing(
    wallet: StrictWallet, vouched: Json, shown: Json, error: tuple[int, str]
) -> None:
    wallet.c_nonce()
    wallet.vouched, wallet.shown = vouched, shown
    reply = wallet.form("/issuance/par", wallet.request(client_id=WALLET))
    assert error_of(reply) == error
    assert set(reply.json()) == {"error", "error_description"}
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["oauth-client-attestation-challenge"]
    wallet.vouched, wallet.shown = {}, {}
    assert wallet.push(client_id=WALLET)


@pytest.mark.parametrize(("vouched", "shown", "error"), WRONG_WALLETS)
def test_and_gets_no_token_for_an_offer(
    wallet: StrictWallet, vouched: Json, shown: Json, error: tuple[int, str]
) -> None:
    wallet.c_nonce()
    form = {**offered(wallet), "client_id": WALLET}
    wallet.vouched, wallet.shown = vouched, shown
    assert error_of(wallet.form("/issuance/token", form)) == error
    wallet.vouched, wallet.shown = {}, {}
    assert wallet.form("/issuance/token", form).json()["token_type"] == "DPoP"


def offered(wallet: StrictWallet) -> Json:
    """The form with which an offer is taken."""
    offer = wallet.driver.claim(replace=True)
    grant = offer["credential_offer"]["grants"][PRE_AUTHORIZED]
    return {
        "grant_type": PRE_AUTHORIZED,
        "pre-authorized_code": grant["pre-authorized_code"],
        "tx_code": offer["tx_code"],
    }


@pytest.mark.parametrize("which", ["oauth-client-attestation", "oauth-client-attestation-pop"])
def test_a_signature_that_does_not_fit_is_refused(wallet: StrictWallet, which: str) -> None:
    wallet.c_nonce()
    headers, others = wallet.attested(PROVIDER), wallet.attested(PROVIDER)
    headers[which] = altered(headers[which], others["oauth-client-attestation-pop"])
    assert error_of(pushed(wallet, headers)) == (401, "invalid_client_attestation")
    assert pushed(wallet, others).status == 201


def test_a_proof_is_taken_once_and_with_its_attestation(wallet: StrictWallet) -> None:
    wallet.c_nonce()
    headers = wallet.attested(PROVIDER)
    for alone in headers:
        reply = pushed(wallet, {alone: headers[alone]})
        assert error_of(reply) == (401, "invalid_client_attestation")
    assert pushed(wallet, headers).status == 201
    assert error_of(pushed(wallet, headers)) == (401, "invalid_client_attestation")
    assert error_of(pushed(wallet, {})) == (401, "invalid_client")


def pushed(wallet: StrictWallet, headers: Mapping[str, str]) -> Reply:
    body = urlencode(wallet.request(client_id=WALLET)).encode()
    sent = {"content-type": FORM, "dpop": wallet.dpop("/issuance/par", ""), **headers}
    return wallet.driver.browser._send("POST", f"{wallet.issuer}/issuance/par", sent, content=body)


# -- what the wallet proves of its keys


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        pytest.param({"by": DeviceKey()}, "invalid_proof", id="bad signature"),
        pytest.param({"aud": "https://other.example"}, "invalid_proof", id="aud"),
        pytest.param({"iat": 0}, "invalid_proof", id="stale"),
        pytest.param({"nonce": "A" * 51}, "invalid_nonce", id="nonce"),
        pytest.param({"attested": {"by": STRANGER.signer}}, "invalid_proof", id="bad attester"),
        pytest.param({"attested": {"exp": PAST}}, "invalid_proof", id="attestation expired"),
        pytest.param({"attested": {"nonce": "A" * 51}}, "invalid_nonce", id="attested nonce"),
        pytest.param(
            {"attested": {"key_storage": ["iso_18045_basic"]}}, "invalid_proof", id="storage"
        ),
        pytest.param(
            {"attested": {"attested_keys": [DeviceKey().public.to_jwk()]}},
            "invalid_proof",
            id="other keys",
        ),
    ],
)
def test_a_wrong_proof_gives_nothing(asking: Asking, wrong: Json, error: str) -> None:
    wallet = asking.wallet
    reply = wallet.want(asking.token, {"jwt": [wallet.attested_proof(**wrong)]})
    assert error_of(reply) == (400, error)


def test_a_key_attestation_with_another_signature_gives_nothing(asking: Asking) -> None:
    wallet = asking.wallet
    nonce = wallet.c_nonce()
    wrong = altered(wallet.attestation(nonce), wallet.attestation(nonce, certification="x"))
    reply = wallet.want(asking.token, {"attestation": [wrong]})
    assert error_of(reply) == (400, "invalid_proof")


def test_keys_that_nobody_vouches_for_get_nothing(asking: Asking) -> None:
    wallet = asking.wallet
    claims = {
        "aud": wallet.issuer,
        "iat": int(server_time(wallet.driver).timestamp()),
        "nonce": wallet.c_nonce(),
    }
    key = wallet.keys[0]
    proof = jose.sign(claims, key, typ=PROOF_TYPE, header={"jwk": key.public.to_jwk()})
    reply = wallet.want(asking.token, {"jwt": [proof]})
    assert error_of(reply) == (400, "invalid_proof")


@pytest.mark.parametrize(
    ("proofs", "changes", "error"),
    [
        pytest.param(None, {}, "invalid_proof", id="missing proof"),
        pytest.param({}, {}, "invalid_proof", id="no proof in it"),
        pytest.param({"attestation": ["x", "y"]}, {}, "invalid_proof", id="two attestations"),
        pytest.param({"attestation": "x"}, {}, "invalid_credential_request", id="not a list"),
        pytest.param(
            {"jwt": ["x"]},
            {"credential_configuration_id": "unknown"},
            "unknown_credential_configuration",
            id="unknown configuration",
        ),
        pytest.param(
            {"jwt": ["x"]},
            {"credential_configuration_id": None, "credential_identifier": "unknown"},
            "unknown_credential_identifier",
            id="unknown identifier",
        ),
        pytest.param(
            {"jwt": ["x"]},
            {"credential_response_encryption": {"jwk": {}, "enc": "A1GCM"}},
            "invalid_encryption_parameters",
            id="unsupported encryption",
        ),
    ],
)
def test_a_wrong_request_gives_nothing(
    asking: Asking, proofs: object, changes: Json, error: str
) -> None:
    reply = asking.wallet.want(asking.token, proofs, **changes)
    assert error_of(reply) == (400, error)


def test_a_token_in_the_address_is_none(asking: Asking) -> None:
    wallet = asking.wallet
    url = f"{wallet.issuer}/issuance/credential?{urlencode({'access_token': asking.token})}"
    wallet.c_nonce()
    headers = {
        "content-type": "application/json",
        "dpop": wallet.dpop("/issuance/credential", asking.token),
    }
    reply = wallet.driver.browser._send("POST", url, headers, content=b"{}")
    assert error_of(reply) == (401, "invalid_token")


def test_a_nonce_works_once(wallet: StrictWallet) -> None:
    wallet.c_nonce()
    form = {**offered(wallet), "client_id": WALLET}
    token = wallet.form("/issuance/token", form).json()["access_token"]
    proof = wallet.attested_proof()
    assert len(wallet.copies(token, {"jwt": [proof]})) == 3
    reply = wallet.want(token, {"jwt": [proof]}, credential_configuration_id=SD_JWT_CONFIGURATION)
    assert error_of(reply) == (400, "invalid_nonce")


# -- and what is right


def bound_to(copies: Sequence[str]) -> list[bytes]:
    """The keys of copies, of either format."""
    if "~" in copies[0]:
        return [sdjwt.parse(one).device_key.point for one in copies]
    octets = [read_base64url(one, "copy") for one in copies]
    return [mdoc.parse_issuer_signed(one).mso.device_key.point for one in octets]


@pytest.mark.parametrize("kind", ["jwt", "attestation"])
def test_one_attestation_gives_a_copy_for_each_key_in_both_formats(
    guests: Guests, kind: str
) -> None:
    wallet = StrictWallet(guests.driver(CHEN), DeviceKey(), PROVIDER)
    form = {**offered(wallet), "client_id": WALLET}
    wallet.c_nonce()
    token = wallet.form("/issuance/token", form).json()
    for configuration in (MDL_DOC_TYPE, SD_JWT_CONFIGURATION):
        nonce = wallet.c_nonce()
        proof = wallet.attested_proof() if kind == "jwt" else wallet.attestation(nonce)
        copies = wallet.copies(
            token["access_token"], {kind: [proof]}, credential_configuration_id=configuration
        )
        assert bound_to(copies) == [key.public.point for key in wallet.keys]
    # Nobody said what became of the copies, and the wallet may come back all the same.
    form = {"grant_type": "refresh_token", "refresh_token": token["refresh_token"]}
    again = wallet.form("/issuance/token", form).json()
    wallet.keys = [DeviceKey()]
    assert len(wallet.copies(again["access_token"], {"jwt": [wallet.attested_proof()]})) == 1


def test_two_wallets_of_two_makers_keep_apart(guests: Guests) -> None:
    one = StrictWallet(guests.driver(CHEN), DeviceKey(), PROVIDER)
    other = StrictWallet(
        guests.driver(LIU), DeviceKey(), OTHER_PROVIDER, client_id=OTHER_PROVIDER.client_id
    )
    for wallet in (one, other):
        token = wallet.token()
        assert len(wallet.copies(token["access_token"], {"jwt": [wallet.attested_proof()]})) == 3
    code = one.code(client_id=WALLET)
    other.verifier = one.verifier
    refused = other.redeem(code, client_id=other.client_id)
    assert error_of(refused) == (400, "invalid_grant")
    assert one.redeem(code, client_id=WALLET).status == 200


def test_the_metadata_say_what_is_asked_of_keys(wallet: StrictWallet) -> None:
    said = wallet.driver.get("/.well-known/openid-credential-issuer")
    asked = {
        "proof_signing_alg_values_supported": ["ES256"],
        "key_attestations_required": {"key_storage": ["iso_18045_high", "iso_18045_moderate"]},
    }
    for one in said["credential_configurations_supported"].values():
        assert one["proof_types_supported"] == {"jwt": asked, "attestation": asked}
        assert one["scope"]
