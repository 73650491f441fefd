"""A wallet of others asks, the driver agrees in the browser, and the wallet fetches: over HTTP.

Sources: OpenID4VCI 1.0 sections 5 to 8; RFC 9126; RFC 9207; RFC 9449.
"""

import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import pytest

from jiazhao.credentials import jose
from jiazhao.credentials.mdoc import MDL_DOC_TYPE
from jiazhao.credentials.signing import read_base64url, write_base64url
from jiazhao.http.browser import Reply
from jiazhao.issuance.dpop import token_hash
from jiazhao.smoke.people import Visitor, named
from jiazhao.smoke.wallet import DeviceKey, Received, Wallet
from tests.clocks import MORNING
from tests.houses import Town, served_town
from tests.journeys.visitors import Guests, server_time
from tests.live_server import LiveServer
from tests.wallet_provider import WALLET, WalletProvider

CHEN = "sp-000007"
CALLBACK = "http://127.0.0.1:9/callback"
CLIENT = "http://127.0.0.1:9"
DETAILS = [{"type": "openid_credential", "credential_configuration_id": MDL_DOC_TYPE}]

PROVIDER = WalletProvider(MORNING)

Json = dict[str, Any]


@dataclass
class ForeignWallet:
    """A wallet that we did not write; `browser` is its driver's.

    With a `provider` it is attested; `instance` is the key that is vouched for, `vouched` and
    `shown` what is wrong with the attestation and with the proof for it.
    """

    driver: Wallet
    dpop_key: DeviceKey | None = None
    provider: WalletProvider | None = None
    instance: DeviceKey = field(default_factory=DeviceKey)
    vouched: Json = field(default_factory=dict)
    shown: Json = field(default_factory=dict)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    nonces: list[str] = field(default_factory=list)

    @property
    def issuer(self) -> str:
        return self.driver.origin

    def post(self, path: str, body: bytes, media_type: str, token: str = "", **proof: Any) -> Reply:
        """Send bytes as a wallet does; its DPoP proof is right but for what is given."""
        headers = {"content-type": media_type}
        if token:
            headers["authorization"] = f"{'DPoP' if self.dpop_key else 'Bearer'} {token}"
        if self.dpop_key is not None:
            headers["dpop"] = self.dpop(path, token, **proof)
        if self.provider is not None and path in {"/issuance/par", "/issuance/token"}:
            headers |= self.attested(self.provider)
        reply = self.driver.browser._send("POST", self.issuer + path, headers, content=body)
        if "dpop-nonce" in reply.headers:
            self.nonces.append(reply.headers["dpop-nonce"])
        return reply

    def form(self, path: str, form: Json, **proof: Any) -> Reply:
        body = urlencode(form).encode()
        return self.post(path, body, "application/x-www-form-urlencoded", **proof)

    def dpop(self, path: str, token: str, **changes: Any) -> str:
        assert self.dpop_key is not None
        claims = {
            "jti": secrets.token_urlsafe(8),
            "htm": "POST",
            "htu": self.issuer + path,
            "iat": int(server_time(self.driver).timestamp()),
            **({"nonce": self.nonces[-1]} if self.nonces else {}),
            **({"ath": token_hash(token)} if token else {}),
            **changes,
        }
        header = {"jwk": self.dpop_key.public.to_jwk()}
        return jose.sign(claims, self.dpop_key, typ="dpop+jwt", header=header)

    def attested(self, provider: WalletProvider) -> dict[str, str]:
        """What an attested wallet adds to a form; its proof is new each time."""
        now = server_time(self.driver)
        challenge = self.driver.browser.post_json(f"{self.issuer}/issuance/challenge", {}).json()
        claims = {
            "aud": self.issuer,
            "jti": secrets.token_urlsafe(8),
            "iat": int(now.timestamp()),
            "challenge": challenge["attestation_challenge"],
            **self.shown,
        }
        signer = claims.pop("by", self.instance)
        pop = jose.sign(claims, signer, typ="oauth-client-attestation-pop+jwt")
        vouched = provider.vouch(self.instance, **{"now": now, **self.vouched})
        return {"oauth-client-attestation": vouched, "oauth-client-attestation-pop": pop}

    def request(self, **changes: str | None) -> Json:
        challenge = write_base64url(sha256(self.verifier.encode()).digest())
        asked = {
            "response_type": "code",
            "client_id": CLIENT,
            "redirect_uri": CALLBACK,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "scope": MDL_DOC_TYPE,
            "state": "a state",
            **changes,
        }
        return {name: value for name, value in asked.items() if value is not None}

    def push(self, **changes: str | None) -> str:
        reply = self.form("/issuance/par", self.request(**changes))
        if reply.status == 400 and reply.json()["error"] == "use_dpop_nonce":
            reply = self.form("/issuance/par", self.request(**changes))
        assert reply.status == 201, reply.body
        assert reply.headers["cache-control"] == "no-store"
        assert reply.json()["expires_in"] == 590
        return str(reply.json()["request_uri"])

    def code(self, **changes: str | None) -> str:
        client_id = changes.get("client_id") or CLIENT
        query = urlencode({"client_id": client_id, "request_uri": self.push(**changes)})
        said = answer(decided(self.driver, f"/authorize?{query}", "agree"))
        assert said["iss"] == self.issuer
        assert said["state"] == "a state"
        return said["code"]

    def redeem(self, code: str, /, **changes: str) -> Reply:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": self.verifier,
            "client_id": CLIENT,
            "redirect_uri": CALLBACK,
            **changes,
        }
        return self.form("/issuance/token", form)

    def ask(self, token: str, wanted: Json, **proof: Any) -> Reply:
        """Ask for a copy with a fresh key proof."""
        key_proof = self.driver.prove(server_time(self.driver))
        body = json.dumps({**wanted, "proofs": {"jwt": [key_proof]}}).encode()
        return self.post("/issuance/credential", body, "application/json", token, **proof)


def page(driver: Visitor, path: str) -> Reply:
    """The page that an address leads the driver's browser to, over the sign-in if need be."""
    reply = driver.browser.get(driver.origin + path, accept="text/html")
    if reply.status == 302 and "/sign-in?" in reply.headers["location"]:
        driver.sign_in(named(CHEN))
        reply = driver.browser.get(driver.origin + path, accept="text/html")
    if reply.status == 302 and reply.headers["location"].startswith("/agreements/"):
        return page(driver, reply.headers["location"])
    return reply


def decided(driver: Visitor, path: str, decision: str) -> Reply:
    """What the browser is told when the driver presses a button of the page."""
    shown = page(driver, path)
    assert shown.status == 200, shown.body
    action = re.search(r'action="([^"]+)"', shown.body.decode())
    assert action is not None
    return driver.browser.post_form(urljoin(shown.url, action.group(1)), {"decision": decision})


def answer(reply: Reply) -> dict[str, str]:
    """What the wallet is told by way of the browser."""
    assert reply.status == 303, reply.body
    location = reply.headers["location"]
    assert location.startswith(f"{CALLBACK}?")
    return {name: value[0] for name, value in parse_qs(urlsplit(location).query).items()}


def error_of(reply: Reply) -> tuple[int, str]:
    return reply.status, str(reply.json()["error"])


@pytest.fixture
def driver(live_server: LiveServer) -> Iterator[Wallet]:
    guests = Guests(live_server)
    yield guests.driver(CHEN)
    guests.close()


@pytest.fixture
def wallet(driver: Wallet) -> ForeignWallet:
    return ForeignWallet(driver)


@pytest.fixture
def bound(driver: Wallet) -> ForeignWallet:
    """A wallet that binds its tokens to a key."""
    return ForeignWallet(driver, DeviceKey())


def test_a_wallet_gets_the_licence_when_its_driver_agrees(wallet: ForeignWallet) -> None:
    token = wallet.redeem(wallet.code()).json()
    assert (token["token_type"], token["scope"]) == ("Bearer", MDL_DOC_TYPE)
    assert "authorization_details" not in token
    reply = wallet.ask(token["access_token"], {"credential_configuration_id": MDL_DOC_TYPE})
    copy = Received.of(read_base64url(reply.json()["credentials"][0]["credential"], "copy"))
    assert copy.status is not None


def test_the_metadata_say_how(wallet: ForeignWallet) -> None:
    said = wallet.driver.get("/.well-known/oauth-authorization-server")
    assert said["authorization_endpoint"] == f"{wallet.issuer}/authorize"
    assert said["pushed_authorization_request_endpoint"] == f"{wallet.issuer}/issuance/par"
    assert said["require_pushed_authorization_requests"] is True
    assert said["authorization_response_iss_parameter_supported"] is True
    assert said["code_challenge_methods_supported"] == ["S256"]
    assert said["dpop_signing_alg_values_supported"] == ["ES256"]
    assert "authorization_code" in said["grant_types_supported"]
    lists = wallet.driver.get(urlsplit(said["status_list_aggregation_endpoint"]).path)
    assert all(one.startswith(f"{wallet.issuer}/status-lists/") for one in lists["status_lists"])
    assert lists["status_lists"]


def test_details_give_identifiers_and_identifiers_are_asked_with(wallet: ForeignWallet) -> None:
    code = wallet.code(scope=None, authorization_details=json.dumps(DETAILS))
    token = wallet.redeem(code).json()
    (detail,) = token["authorization_details"]
    (identifier,) = detail.pop("credential_identifiers")
    assert [detail] == DETAILS

    by_configuration = {"credential_configuration_id": MDL_DOC_TYPE}
    refused = wallet.ask(token["access_token"], by_configuration)
    assert error_of(refused) == (400, "invalid_credential_request")
    unknown = wallet.ask(token["access_token"], {"credential_identifier": "another"})
    assert error_of(unknown) == (400, "unknown_credential_identifier")
    assert wallet.ask(token["access_token"], {"credential_identifier": identifier}).status == 200


def test_an_offer_can_be_taken_by_signing_in(wallet: ForeignWallet) -> None:
    offer = wallet.driver.claim(replace=True)["credential_offer"]
    state = offer["grants"]["authorization_code"]["issuer_state"]
    assert wallet.redeem(wallet.code(issuer_state=state)).status == 200


def test_a_driver_may_say_no(wallet: ForeignWallet) -> None:
    query = urlencode({"client_id": CLIENT, "request_uri": wallet.push()})
    said = answer(decided(wallet.driver, f"/authorize?{query}", "refuse"))
    assert (said["error"], said["iss"]) == ("access_denied", wallet.issuer)
    assert page(wallet.driver, f"/authorize?{query}").status == 400


def test_nobody_agrees_without_having_signed_in_just_now(
    live_server: LiveServer, wallet: ForeignWallet
) -> None:
    query = urlencode({"client_id": CLIENT, "request_uri": wallet.push()})
    stranger = Visitor(live_server.wallet)
    led = stranger.browser.get(f"{stranger.origin}/authorize?{query}", accept="text/html")
    path = led.headers["location"]
    led = stranger.browser.get(stranger.origin + path, accept="text/html")
    assert led.headers["location"].startswith("/sign-in?fresh=true&return=/agreements/")
    posted = stranger.browser.post_form(stranger.origin + path, {"decision": "agree"})
    stranger.browser.close()
    assert posted.status == 401


def test_the_page_of_another_site_cannot_agree(wallet: ForeignWallet) -> None:
    query = urlencode({"client_id": CLIENT, "request_uri": wallet.push()})
    shown = page(wallet.driver, f"/authorize?{query}")
    for origin in ("https://evil.example", "null", wallet.issuer + "1"):
        reply = wallet.driver.browser._send(
            "POST", shown.url, {"origin": origin}, data={"decision": "agree"}
        )
        assert (reply.status, reply.json()["code"]) == (403, "cross_origin")
    assert "frame-ancestors 'none'" in shown.headers["content-security-policy"]
    assert f"form-action 'self' {CLIENT};" in shown.headers["content-security-policy"]


def test_the_page_names_the_wallet_by_where_it_lives(wallet: ForeignWallet) -> None:
    query = urlencode({"client_id": CLIENT, "request_uri": wallet.push()})
    shown = page(wallet.driver, f"/authorize?{query}").body.decode()
    assert CLIENT in shown
    assert "SPECIMEN" in shown


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": "https://other.example"}, (401, "invalid_client")),
        ({"redirect_uri": "http://other.example/"}, (400, "invalid_request")),
        ({"code_challenge_method": "plain"}, (400, "invalid_request")),
        ({"code_challenge": None}, (400, "invalid_request")),
        ({"response_type": "token"}, (400, "unsupported_response_type")),
        ({"scope": "other"}, (400, "invalid_scope")),
        ({"authorization_details": "[{}]"}, (400, "invalid_authorization_details")),
        ({"request_uri": "urn:x"}, (400, "invalid_request")),
    ],
    ids=str,
)
def test_a_pushed_request_with_one_fault_has_the_code_of_the_fault(
    wallet: ForeignWallet, changes: dict[str, str | None], error: tuple[int, str]
) -> None:
    assert error_of(wallet.form("/issuance/par", wallet.request(**changes))) == error


@pytest.mark.parametrize(
    "query",
    [
        "",
        "client_id=x&request_uri=urn:ietf:params:oauth:request_uri:unknown",
        urlencode({"client_id": CLIENT, "redirect_uri": CALLBACK, "response_type": "code"}),
    ],
)
def test_an_address_that_names_no_pushed_request_leads_nowhere(
    wallet: ForeignWallet, query: str
) -> None:
    shown = page(wallet.driver, f"/authorize?{query}")
    assert shown.status == 400
    assert "text/html" in shown.headers["content-type"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"client_id": "http://127.0.0.1:8"}, "invalid_grant"),
        ({"redirect_uri": CALLBACK + "x"}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_request"),
        ({"code": "unknown"}, "invalid_grant"),
        ({"grant_type": "implicit"}, "unsupported_grant_type"),
    ],
    ids=str,
)
def test_a_code_is_exchanged_as_it_was_asked_for(
    wallet: ForeignWallet, changes: dict[str, str], error: str
) -> None:
    code = wallet.code()
    assert error_of(wallet.redeem(code, **changes)) == (400, error)
    assert wallet.redeem(code).status == 200


# -- bound to a key (RFC 9449)


def test_a_bound_token_opens_with_its_key(bound: ForeignWallet) -> None:
    code = bound.code()
    bound.nonces.clear()
    asked_for_a_nonce = bound.redeem(code)
    assert error_of(asked_for_a_nonce) == (400, "use_dpop_nonce")
    token = bound.redeem(code).json()
    assert token["token_type"] == "DPoP"

    wanted = {"credential_configuration_id": MDL_DOC_TYPE}
    bound.nonces.clear()
    reply = bound.ask(token["access_token"], wanted)
    assert error_of(reply) == (401, "use_dpop_nonce")
    challenge = 'DPoP error="use_dpop_nonce", algs="ES256"'
    assert reply.headers["www-authenticate"] == challenge
    assert reply.headers["access-control-allow-origin"] == "*"
    reply = bound.ask(token["access_token"], wanted)
    assert reply.status == 200
    assert reply.headers["dpop-nonce"]


def test_a_stolen_token_opens_nothing(bound: ForeignWallet) -> None:
    token = bound.redeem(bound.code()).json()["access_token"]
    wanted = {"credential_configuration_id": MDL_DOC_TYPE}
    bearer = ForeignWallet(bound.driver)
    assert error_of(bearer.ask(token, wanted)) == (401, "invalid_token")
    thief = ForeignWallet(bound.driver, DeviceKey(), nonces=bound.nonces)
    assert error_of(thief.ask(token, wanted)) == (401, "invalid_token")
    assert bound.ask(token, wanted).status == 200


@pytest.mark.parametrize(
    "wrong",
    [{"ath": "x"}, {"htm": "GET"}, {"htu": "https://other.example/"}, {"iat": 0}],
    ids=str,
)
def test_a_proof_with_one_fault_is_refused(bound: ForeignWallet, wrong: Json) -> None:
    token = bound.redeem(bound.code()).json()["access_token"]
    wanted = {"credential_configuration_id": MDL_DOC_TYPE}
    reply = bound.ask(token, wanted, **wrong)
    assert error_of(reply) == (401, "invalid_dpop_proof")
    assert reply.headers["www-authenticate"].startswith("DPoP error=")
    assert bound.ask(token, wanted).status == 200


def test_a_proof_comes_once(bound: ForeignWallet) -> None:
    token = bound.redeem(bound.code()).json()["access_token"]
    wanted = {"credential_configuration_id": MDL_DOC_TYPE}
    assert bound.ask(token, wanted, jti="same").status == 200
    assert error_of(bound.ask(token, wanted, jti="same")) == (401, "invalid_dpop_proof")


# -- batches, coming back, and what became of the copies


def fetched(wallet: ForeignWallet, token: str, keys: list[DeviceKey]) -> Reply:
    """Ask for a copy for each key; all proofs share a nonce."""
    asked: Json = {"credential_configuration_id": MDL_DOC_TYPE}
    issuer = wallet.driver.get("/.well-known/openid-credential-issuer")
    nonce = wallet.driver.browser.post_json(issuer["nonce_endpoint"], {}).json()["c_nonce"]
    claims = {
        "aud": wallet.issuer,
        "iat": int(server_time(wallet.driver).timestamp()),
        "nonce": nonce,
    }
    proofs = [
        jose.sign(claims, key, typ="openid4vci-proof+jwt", header={"jwk": key.public.to_jwk()})
        for key in keys
    ]
    body = json.dumps({**asked, "proofs": {"jwt": proofs}}).encode()
    return wallet.post("/issuance/credential", body, "application/json", token)


def refreshed(wallet: ForeignWallet, token: str) -> Reply:
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": CLIENT}
    return wallet.form("/issuance/token", form)


@pytest.mark.parametrize("is_bound", [False, True])
def test_a_wallet_fetches_a_batch_and_comes_back_for_another(
    driver: Wallet, is_bound: bool
) -> None:
    wallet = ForeignWallet(driver, DeviceKey() if is_bound else None)
    token = wallet.redeem(wallet.code()).json()
    size = driver.get("/.well-known/openid-credential-issuer")["batch_credential_issuance"]
    first = fetched(wallet, token["access_token"], [DeviceKey() for _ in range(3)]).json()
    assert len(first["credentials"]) == 3
    too_many = [DeviceKey() for _ in range(size["batch_size"] + 1)]
    again = refreshed(wallet, token["refresh_token"]).json()
    assert again["token_type"] == token["token_type"]
    assert error_of(fetched(wallet, again["access_token"], too_many)) == (400, "invalid_proof")
    assert len(fetched(wallet, again["access_token"], too_many[1:]).json()["credentials"]) == 10
    if (
        is_bound
    ):  # to a key, so that a thief has no use of it: it stays, and a lost answer is no loss
        assert again["refresh_token"] == token["refresh_token"]
        assert refreshed(wallet, token["refresh_token"]).status == 200
        return
    assert error_of(refreshed(wallet, token["refresh_token"])) == (400, "invalid_grant")
    assert error_of(refreshed(wallet, again["refresh_token"])) == (400, "invalid_grant")


@pytest.mark.parametrize("form", [{}, {"refresh_token": ""}, {"refresh_token": "unknown"}])
def test_a_refresh_with_one_fault_has_the_code_of_the_fault(
    wallet: ForeignWallet, form: dict[str, str]
) -> None:
    reply = wallet.form("/issuance/token", {"grant_type": "refresh_token", **form})
    code = "invalid_grant" if form.get("refresh_token") else "invalid_request"
    assert error_of(reply) == (400, code)


def test_a_wallet_says_what_became_of_a_batch(wallet: ForeignWallet) -> None:
    token = wallet.redeem(wallet.code()).json()["access_token"]
    batch = fetched(wallet, token, [DeviceKey()]).json()

    def say(said: object, token: str = token) -> Reply:
        path = "/issuance/notification"
        return wallet.post(path, json.dumps(said).encode(), "application/json", token)

    accepted = {"notification_id": batch["notification_id"], "event": "credential_accepted"}
    for _ in range(2):
        reply = say(accepted)
        assert (reply.status, reply.body) == (204, b"")
    assert say({**accepted, "event": "credential_deleted", "event_description": "x"}).status == 204
    assert error_of(say({**accepted, "notification_id": "x"})) == (400, "invalid_notification_id")
    wrongs: list[object] = [{}, [], {**accepted, "event": "lost"}, {"event": "credential_accepted"}]
    for wrong in wrongs:
        assert error_of(say(wrong)) == (400, "invalid_notification_request")
    assert error_of(say(accepted, "unknown")) == (401, "invalid_token")


# -- other settings


@pytest.fixture(scope="module")
def strict_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("haip")
    trusted = PROVIDER.publish(folder / "attesters")
    with served_town(
        folder / "state", issuance_profile="haip", wallet_attesters_dir=trusted
    ) as town:
        yield town


def test_the_strict_profile_takes_no_token_without_keys(strict_town: Town) -> None:
    guests = Guests(strict_town)
    driver = guests.driver(CHEN)
    offer = driver.claim(replace=True)
    grant = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
    form = {
        "grant_type": grant,
        "pre-authorized_code": offer["credential_offer"]["grants"][grant]["pre-authorized_code"],
        "tx_code": offer["tx_code"],
    }
    plain = ForeignWallet(driver)
    assert error_of(plain.form("/issuance/token", form)) == (400, "invalid_dpop_proof")
    assert error_of(plain.form("/issuance/par", plain.request())) == (401, "invalid_client")
    bound = ForeignWallet(driver, DeviceKey())
    bound.form("/issuance/token", form)
    reply = bound.form("/issuance/token", form)
    assert error_of(reply) == (401, "invalid_client")
    assert reply.headers["oauth-client-attestation-challenge"]
    bound.provider = PROVIDER
    reply = bound.form("/issuance/token", form)
    assert reply.json()["token_type"] == "DPoP"
    assert reply.headers["oauth-client-attestation-challenge"]
    guests.close()


def test_the_strict_profile_says_in_the_metadata_how_wallets_show_who_they_are(
    strict_town: Town, live_server: LiveServer
) -> None:
    guests = Guests(strict_town)
    said = guests.driver(CHEN).get("/.well-known/oauth-authorization-server")
    assert said["token_endpoint_auth_methods_supported"] == ["attest_jwt_client_auth"]
    assert said["challenge_endpoint"] == f"{strict_town.wallet}/issuance/challenge"
    assert said["client_attestation_signing_alg_values_supported"] == ["ES256"]
    assert said["client_attestation_pop_signing_alg_values_supported"] == ["ES256"]
    assert said["pre-authorized_grant_anonymous_access_supported"] is False
    guests.close()
    plain = Visitor(live_server.wallet)
    said = plain.get("/.well-known/oauth-authorization-server")
    plain.browser.close()
    assert said["token_endpoint_auth_methods_supported"] == ["none"]
    assert "challenge_endpoint" not in said


def test_an_attested_wallet_goes_the_code_grant_of_the_strict_profile(strict_town: Town) -> None:
    guests = Guests(strict_town)
    wallet = ForeignWallet(guests.driver(CHEN), DeviceKey(), PROVIDER)
    code = wallet.code(client_id=WALLET)
    thief = ForeignWallet(wallet.driver, wallet.dpop_key, PROVIDER, verifier=wallet.verifier)
    assert error_of(thief.redeem(code, client_id=WALLET)) == (400, "use_dpop_nonce")
    assert error_of(thief.redeem(code, client_id=WALLET)) == (400, "invalid_grant")
    assert error_of(wallet.redeem(code)) == (401, "invalid_client")
    token = wallet.redeem(code, client_id=WALLET).json()
    assert fetched(wallet, token["access_token"], [DeviceKey()]).status == 200
    form = {"grant_type": "refresh_token", "refresh_token": token["refresh_token"]}
    thief.nonces = wallet.nonces
    assert error_of(thief.form("/issuance/token", form)) == (400, "invalid_grant")
    for _ in range(2):  # an answer that was lost can be asked for again
        again = wallet.form("/issuance/token", form).json()
        assert (again["token_type"], again["refresh_token"]) == ("DPoP", token["refresh_token"])
    guests.close()


@pytest.fixture(scope="module")
def open_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("unpushed") / "state"
    with served_town(folder, pushed_authorization_required=False) as town:
        yield town


def test_where_pushing_is_not_demanded_an_address_says_all(open_town: Town) -> None:
    guests = Guests(open_town)
    wallet = ForeignWallet(guests.driver(CHEN))
    shown = decided(wallet.driver, f"/authorize?{urlencode(wallet.request())}", "agree")
    assert wallet.redeem(answer(shown)["code"]).status == 200

    wrong = urlencode(wallet.request(scope="other"))
    led = wallet.driver.browser.get(f"{wallet.issuer}/authorize?{wrong}", accept="text/html")
    assert led.headers["location"].startswith(f"{CALLBACK}?error=invalid_scope&")
    foreign = urlencode(wallet.request(client_id="https://other.example"))
    assert page(wallet.driver, f"/authorize?{foreign}").status == 400
    guests.close()
