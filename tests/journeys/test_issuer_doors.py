"""The doors of OpenID4VCI, and how each says no: with the code that the text gives to the fault.

Sources: OpenID4VCI 1.0 sections 6.3 and 8.3.1; RFC 6749 section 5.2; RFC 6750 section 3.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from jiazhao.credentials import jose
from jiazhao.credentials.mdoc import MDL_DOC_TYPE
from jiazhao.http.browser import Reply
from jiazhao.smoke.wallet import PRE_AUTHORIZED, PROOF_TYPE, DeviceKey, Wallet
from tests.journeys.visitors import Guests, server_time
from tests.live_server import LiveServer

LIU, CHEN = "sp-000003", "sp-000007"
"""Two drivers of the cast in good standing; the second makes the mistakes."""

Json = dict[str, Any]


@dataclass
class Counter:
    """A wallet that was given an access token, and makes one mistake at a time."""

    wallet: Wallet
    access_token: str

    def nonce(self) -> str:
        fresh = self.wallet.browser.post_json(f"{self.wallet.origin}/issuance/nonce", {})
        assert fresh.headers["cache-control"] == "no-store"
        return str(fresh.json()["c_nonce"])

    def proof(
        self,
        *,
        typ: str = PROOF_TYPE,
        header: Mapping[str, Any] | None = None,
        signed_by: DeviceKey | None = None,
        **claims: Any,
    ) -> str:
        """Return a proof that is right but for what is given."""
        made = {
            "aud": self.wallet.origin,
            "iat": int(server_time(self.wallet).timestamp()),
            "nonce": claims.pop("nonce", None) or self.nonce(),
            **claims,
        }
        key = {"jwk": self.wallet.key.public.to_jwk()}
        return jose.sign(
            made, signed_by or self.wallet.key, typ=typ, header={**key, **(header or {})}
        )

    def asked(self, *proofs: str, **changes: Any) -> Json:
        wanted: Json = {
            "credential_configuration_id": MDL_DOC_TYPE,
            "proofs": {"jwt": list(proofs)},
            **changes,
        }
        return {name: value for name, value in wanted.items() if value is not None}

    def ask(self, body: object, *, token: str | None = "own", query: str = "") -> Reply:
        url = f"{self.wallet.origin}/issuance/credential{query}"
        bearer = self.access_token if token == "own" else token
        return self.wallet.browser.post_json(url, body, bearer=bearer)

    def redeem(self, form: str) -> Reply:
        """Send a form as it stands."""
        return sent(
            self.wallet, "/issuance/token", form.encode(), "application/x-www-form-urlencoded"
        )


def sent(wallet: Wallet, path: str, body: bytes, media_type: str, **headers: str) -> Reply:
    """Whatever a door answers to bytes."""
    return wallet.browser._send(
        "POST", wallet.origin + path, {"content-type": media_type, **headers}, content=body
    )


@pytest.fixture(scope="module")
def counter(live_server: LiveServer) -> Iterator[Counter]:
    """One access token for all mistakes: none of them may use it up."""
    guests = Guests(live_server)
    wallet = guests.driver(CHEN)
    yield Counter(wallet, wallet.redeem(wallet.claim(replace=True)))
    guests.close()


def error_of(reply: Reply) -> tuple[int, str]:
    said = reply.json()
    assert set(said) == {"error", "error_description"}
    assert said["error_description"].isascii()
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["content-type"].startswith("application/json")
    return reply.status, str(said["error"])


# -- the credential endpoint


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"typ": "JWT"}, id="typ of a plain JWT"),
        pytest.param({"typ": "openid4vci-proof+jwt; x"}, id="typ with a parameter"),
        pytest.param({"aud": "http://localhost:1"}, id="for another issuer"),
        pytest.param({"header": {"alg": "none"}}, id="alg none"),
        pytest.param({"header": {"kid": "key-1"}}, id="kid beside jwk"),
        pytest.param({"header": {"jwk": DeviceKey().public.to_jwk()}}, id="the key of another"),
        pytest.param({"signed_by": DeviceKey()}, id="signed by another"),
        pytest.param({"iat": 0}, id="stale"),
        pytest.param({"iat": 1 << 40}, id="from the future"),
        pytest.param({"iat": "now"}, id="iat is text"),
    ],
)
def test_a_proof_with_one_fault_is_an_invalid_proof(counter: Counter, wrong: Json) -> None:
    reply = counter.ask(counter.asked(counter.proof(**wrong)))
    assert error_of(reply) == (400, "invalid_proof")


def test_a_nonce_that_we_did_not_make_is_an_invalid_nonce(counter: Counter) -> None:
    reply = counter.ask(counter.asked(counter.proof(nonce="A" * 51)))
    assert error_of(reply) == (400, "invalid_nonce")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        (
            {"credential_configuration_id": "eu.europa.ec.eudi.pid.1"},
            "unknown_credential_configuration",
        ),
        (
            {"credential_configuration_id": None, "credential_identifier": "licence-1"},
            "unknown_credential_identifier",
        ),
        ({"credential_identifier": "licence-1"}, "invalid_credential_request"),
        ({"credential_configuration_id": None}, "invalid_credential_request"),
        ({"credential_configuration_id": 7}, "invalid_credential_request"),
        ({"proofs": None}, "invalid_proof"),
        ({"proofs": {}}, "invalid_proof"),
        ({"proofs": {"jwt": []}}, "invalid_proof"),
        ({"proofs": {"jwt": "text"}}, "invalid_credential_request"),
        ({"proofs": {"attestation": ["x"]}}, "invalid_proof"),
        ({"credential_response_encryption": {}}, "invalid_encryption_parameters"),
        (
            {"credential_response_encryption": {"jwk": {}, "enc": "A128GCM"}},
            "invalid_encryption_parameters",
        ),
    ],
    ids=str,
)
def test_a_request_with_one_fault_has_the_code_of_the_fault(
    counter: Counter, changes: Json, code: str
) -> None:
    reply = counter.ask(counter.asked(counter.proof(), **changes))
    assert error_of(reply) == (400, code)


def test_one_copy_is_bound_to_one_key(counter: Counter) -> None:
    reply = counter.ask(counter.asked(counter.proof(), counter.proof()))
    assert error_of(reply) == (400, "invalid_proof")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff", b"[" * 5000])
def test_what_is_no_request_is_said_to_be_that(counter: Counter, body: bytes) -> None:
    bearer = f"Bearer {counter.access_token}"
    reply = sent(
        counter.wallet, "/issuance/credential", body, "application/json", authorization=bearer
    )
    assert error_of(reply) == (400, "invalid_credential_request")


@pytest.mark.parametrize("token", [None, "wrong", "A" * 43, "A" * 5000])
def test_without_its_access_token_nothing_is_issued(counter: Counter, token: str | None) -> None:
    reply = counter.ask(counter.asked(counter.proof()), token=token)
    assert error_of(reply) == (401, "invalid_token")
    assert reply.headers["www-authenticate"].startswith("Bearer")


def test_an_access_token_in_the_address_is_not_taken(counter: Counter) -> None:
    query = f"?access_token={counter.access_token}"
    reply = counter.ask(counter.asked(counter.proof()), token=None, query=query)
    assert error_of(reply) == (401, "invalid_token")


def test_an_access_token_in_a_form_is_not_taken(counter: Counter) -> None:
    form = f"access_token={counter.access_token}".encode()
    reply = sent(counter.wallet, "/issuance/credential", form, "application/x-www-form-urlencoded")
    assert reply.status in {401, 415}
    assert counter.access_token not in reply.body.decode()


def test_a_session_is_no_access_token(counter: Counter) -> None:
    reply = counter.ask(counter.asked(counter.proof()), token=None)
    assert error_of(reply) == (401, "invalid_token")


# -- the token endpoint


CODE = f"grant_type={PRE_AUTHORIZED}&pre-authorized_code=unknown&tx_code=123456"


@pytest.mark.parametrize(
    ("form", "code"),
    [
        (CODE, "invalid_grant"),
        ("grant_type=authorization_code&code=x", "invalid_request"),
        ("grant_type=authorization_code&code=x&code_verifier=y&client_id=z", "invalid_grant"),
        ("grant_type=password&username=x&password=y", "unsupported_grant_type"),
        ("grant_type=client_credentials", "unsupported_grant_type"),
        ("pre-authorized_code=x&tx_code=123456", "invalid_request"),
        (f"grant_type={PRE_AUTHORIZED}", "invalid_request"),
        (f"{CODE}&tx_code=654321", "invalid_request"),
        (f"{CODE}&grant_type={PRE_AUTHORIZED}", "invalid_request"),
        (f"{CODE}&x=1&x=2", "invalid_request"),
        ("", "invalid_request"),
        ("%ff=%fe", "invalid_request"),
        ("&".join(f"field{number}=x" for number in range(30)), "invalid_request"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_token_request_with_one_fault_has_the_code_of_the_fault(
    counter: Counter, form: str, code: str
) -> None:
    assert error_of(counter.redeem(form)) == (400, code)


def test_a_token_request_without_its_transaction_code_is_incomplete(guests: Guests) -> None:
    wallet = guests.driver(LIU)
    offer = wallet.claim(replace=True)
    code = offer["credential_offer"]["grants"][PRE_AUTHORIZED]["pre-authorized_code"]
    reply = Counter(wallet, "").redeem(f"grant_type={PRE_AUTHORIZED}&pre-authorized_code={code}")
    assert error_of(reply) == (400, "invalid_request")
    assert wallet.redeem(offer)  # it was no guess


# -- and the way through


def test_no_mistake_used_the_token_up(guests: Guests) -> None:
    wallet = guests.driver(LIU)
    own = Counter(wallet, wallet.redeem(wallet.claim(replace=True)))
    for wrong in (own.asked(), own.asked(own.proof(iat=0)), own.asked(own.proof(nonce="A" * 51))):
        assert own.ask(wrong).status == 400
    assert own.ask(own.asked(own.proof())).status == 200


def test_a_nonce_is_used_once(guests: Guests) -> None:
    wallet = guests.driver(LIU)
    first = Counter(wallet, wallet.redeem(wallet.claim(replace=True)))
    nonce = first.nonce()
    assert first.ask(first.asked(first.proof(nonce=nonce))).status == 200
    second = Counter(wallet, wallet.redeem(wallet.claim(replace=True)))
    reply = second.ask(second.asked(second.proof(nonce=nonce)))
    assert error_of(reply) == (400, "invalid_nonce")
    assert second.ask(second.asked(second.proof())).status == 200


def test_a_token_issues_to_one_key(guests: Guests) -> None:
    wallet = guests.driver(LIU)
    own = Counter(wallet, wallet.redeem(wallet.claim(replace=True)))
    assert own.ask(own.asked(own.proof())).status == 200
    wallet.key = DeviceKey()
    assert error_of(own.ask(own.asked(own.proof()))) == (401, "invalid_token")


def test_unknown_members_of_a_request_are_passed_over(guests: Guests) -> None:
    wallet = guests.driver(LIU)
    own = Counter(wallet, wallet.redeem(wallet.claim(replace=True)))
    assert own.ask(own.asked(own.proof(), later_extension={"x": 1})).status == 200


def test_a_wallet_on_another_site_may_ask(guests: Guests, live_server: LiveServer) -> None:
    wallet = Wallet(live_server.wallet, guests.browser())
    reply = sent(
        wallet,
        "/issuance/nonce",
        b"",
        "application/json",
        origin="https://wallet.example",
        **{"sec-fetch-site": "cross-site"},
    )
    assert reply.status == 200
    assert reply.headers["access-control-allow-origin"] == "*"
