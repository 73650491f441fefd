"""Credential endpoints with encrypted messages, and the issuer's metadata signed and in languages.

Sources: OpenID4VCI 1.0 sections 10 and 12.2.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from joserfc import jwe
from joserfc.jwk import ECKey

from jiazhao.credentials.signing import read_base64url
from jiazhao.http.browser import Reply
from jiazhao.issuance.metadata import METADATA_TYPE
from jiazhao.smoke.wallet import Wallet
from tests.houses import Town, served_town
from tests.journeys.test_deferred_doors import decide, with_photo_in_review
from tests.journeys.test_issuer_doors import Counter, error_of, sent
from tests.journeys.visitors import Guests
from tests.live_server import LiveServer

ZHANG, WANG, LIU, CHEN = "sp-000001", "sp-000002", "sp-000003", "sp-000007"
JWT = "application/jwt"
CREDENTIAL, DEFERRED = "/issuance/credential", "/issuance/deferred-credential"

Json = dict[str, Any]


class PrivateWallet(Counter):
    """A wallet that encrypts what it says and has the answers encrypted to a key of its own."""

    key = ECKey.generate_key("P-256")
    enc = "A256GCM"

    def metadata(self) -> Json:
        return dict(self.wallet._issuer())

    def parameters(self, **changes: Any) -> Json:
        jwk = {**self.key.as_dict(private=False), "alg": "ECDH-ES", "kid": "mine"}
        return {"jwk": jwk, "enc": self.enc, **changes}

    def encrypted(self, body: object, **header: Any) -> bytes:
        (jwk,) = self.metadata()["credential_request_encryption"]["jwks"]["keys"]
        protected = {"alg": jwk["alg"], "enc": self.enc, "kid": jwk["kid"], **header}
        algorithms = [protected["alg"], protected["enc"], "DEF"]
        content = json.dumps(body).encode()
        token = jwe.encrypt_compact(
            protected, content, ECKey.import_key(jwk), algorithms=algorithms
        )
        return token.encode()

    def say(self, body: object, path: str = CREDENTIAL, **header: Any) -> Reply:
        octets = self.encrypted(body, **header)
        bearer = f"Bearer {self.access_token}"
        return sent(self.wallet, path, octets, JWT, authorization=bearer)

    def opened(self, reply: Reply) -> Json:
        assert reply.headers["content-type"] == JWT
        assert reply.headers["cache-control"] == "no-store"
        registry = jwe.JWERegistry(algorithms=["ECDH-ES", self.enc])
        registry.max_ciphertext_length = 1 << 20  # a copy may hold a portrait of 60 KiB
        token = jwe.decrypt_compact(reply.body, self.key, registry=registry)
        assert token.protected["kid"] == "mine"
        assert token.plaintext is not None
        return dict(json.loads(token.plaintext))

    @classmethod
    def of(cls, guests: Guests, subject: str) -> "PrivateWallet":
        wallet = guests.driver(subject)
        return cls(wallet, wallet.redeem(wallet.claim(replace=True)))


@pytest.fixture(scope="module")
def own(live_server: LiveServer) -> Iterator[PrivateWallet]:
    """One access token for all mistakes: none of them may use it up."""
    guests = Guests(live_server)
    yield PrivateWallet.of(guests, CHEN)
    guests.close()


# -- the credential endpoint


@pytest.mark.parametrize("enc", ["A128GCM", "A256GCM"])
def test_a_copy_comes_encrypted_to_the_wallet(guests: Guests, enc: str) -> None:
    wallet = PrivateWallet.of(guests, LIU)
    wallet.enc = enc
    asked = wallet.asked(wallet.proof(), credential_response_encryption=wallet.parameters())
    reply = wallet.say(asked)
    assert reply.status == 200
    answer = wallet.opened(reply)
    assert answer.keys() == {"credentials", "notification_id"}
    assert answer["credentials"][0]["credential"].encode() not in reply.body


def test_an_encrypted_request_may_have_an_open_answer(guests: Guests) -> None:
    wallet = PrivateWallet.of(guests, LIU)
    reply = wallet.say(wallet.asked(wallet.proof()))
    assert reply.status == 200
    assert reply.json()["credentials"]


@pytest.mark.parametrize(
    "header",
    [
        {"enc": "A192GCM"},
        {"enc": "A128CBC-HS256"},
        {"kid": "unknown"},
        {"zip": "DEF"},
    ],
    ids=str,
)
def test_a_request_encrypted_otherwise_is_refused(own: PrivateWallet, header: Json) -> None:
    reply = own.say(own.asked(own.proof()), **header)
    assert error_of(reply) == (400, "invalid_encryption_parameters")


@pytest.mark.parametrize(
    "changes",
    [
        {"enc": "A192GCM"},
        {"enc": None},
        {"zip": "DEF"},
        {"jwk": {}},
        {"jwk": {**ECKey.generate_key("P-256").as_dict(private=False)}},
        {"jwk": {**ECKey.generate_key("P-384").as_dict(private=False), "alg": "ECDH-ES"}},
        {"jwk": {**ECKey.generate_key("P-256").as_dict(private=True), "alg": "ECDH-ES"}},
    ],
)
def test_an_answer_wanted_otherwise_is_refused(own: PrivateWallet, changes: Json) -> None:
    wanted = own.parameters(**changes)
    reply = own.say(own.asked(own.proof(), credential_response_encryption=wanted))
    assert error_of(reply) == (400, "invalid_encryption_parameters")


def test_an_answer_is_encrypted_only_where_the_request_was(own: PrivateWallet) -> None:
    asked = own.asked(own.proof(), credential_response_encryption=own.parameters())
    assert error_of(own.ask(asked)) == (400, "invalid_encryption_parameters")


def test_errors_are_never_encrypted(own: PrivateWallet) -> None:
    private = {"credential_response_encryption": own.parameters()}
    for body, code in (
        (own.asked(own.proof(iat=0), **private), "invalid_proof"),
        (own.asked(own.proof(nonce="A" * 51), **private), "invalid_nonce"),
        (
            own.asked(own.proof(), credential_configuration_id="unknown", **private),
            "unknown_credential_configuration",
        ),
        ([], "invalid_credential_request"),
    ):
        assert error_of(own.say(body)) == (400, code)
    reply = own.say({"transaction_id": "unknown", **private}, DEFERRED)
    assert error_of(reply) == (400, "invalid_transaction_id")


@pytest.mark.parametrize("body", [b"", b"{}", b"a.b.c", b"a.b.c.d.e", b"\xff....", b"." * 60_000])
def test_what_is_no_jwe_is_said_to_be_that(own: PrivateWallet, body: bytes) -> None:
    bearer = f"Bearer {own.access_token}"
    reply = sent(own.wallet, CREDENTIAL, body, JWT, authorization=bearer)
    assert error_of(reply) == (400, "invalid_credential_request")


def test_nothing_is_opened_without_a_token(own: PrivateWallet) -> None:
    octets = own.encrypted(own.asked(own.proof()))
    assert error_of(sent(own.wallet, CREDENTIAL, octets, JWT)) == (401, "invalid_token")
    reply = sent(own.wallet, CREDENTIAL, octets, JWT, authorization="Bearer wrong")
    assert error_of(reply) == (401, "invalid_token")


def test_no_mistake_used_the_token_up(guests: Guests) -> None:
    wallet = PrivateWallet.of(guests, LIU)
    assert wallet.say(wallet.asked(wallet.proof()), kid="unknown").status == 400
    assert wallet.say(wallet.asked(wallet.proof())).status == 200


# -- where it is demanded, and where a claim waits


@pytest.fixture(scope="module")
def strict_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("encrypted") / "state"
    with served_town(folder, credential_encryption_required=True) as town:
        yield town


@pytest.fixture
def strict_guests(strict_town: Town) -> Iterator[Guests]:
    guests = Guests(strict_town)
    yield guests
    guests.close()


def test_where_it_is_demanded_nothing_goes_in_the_open(strict_guests: Guests) -> None:
    wallet = PrivateWallet.of(strict_guests, ZHANG)
    metadata = wallet.metadata()
    for name in ("credential_request_encryption", "credential_response_encryption"):
        assert metadata[name]["encryption_required"] is True
    private = {"credential_response_encryption": wallet.parameters()}
    in_the_open = wallet.ask(wallet.asked(wallet.proof()))
    assert error_of(in_the_open) == (400, "invalid_encryption_parameters")
    no_key = wallet.say(wallet.asked(wallet.proof()))
    assert error_of(no_key) == (400, "invalid_encryption_parameters")
    assert wallet.opened(wallet.say(wallet.asked(wallet.proof(), **private)))["credentials"]


def test_a_claim_that_waits_is_told_so_in_secret_and_to_the_newest_key(
    strict_guests: Guests,
) -> None:
    waiting = with_photo_in_review(strict_guests, WANG)
    wallet = PrivateWallet(waiting.wallet, waiting.access_token)
    private = {"credential_response_encryption": wallet.parameters()}
    put_off = wallet.say(wallet.asked(wallet.proof(), **private))
    assert put_off.status == 202
    later = wallet.opened(put_off)
    assert later.keys() == {"transaction_id", "interval"}
    wanted = {"transaction_id": later["transaction_id"]}
    assert error_of(wallet.say(wanted, DEFERRED)) == (400, "invalid_encryption_parameters")

    first, wallet.key = wallet.key, ECKey.generate_key("P-256")
    wanted["credential_response_encryption"] = wallet.parameters()
    still = wallet.say(wanted, DEFERRED)
    assert (still.status, wallet.opened(still)) == (202, later)
    decide(strict_guests.staff(), wallet.wallet, decision="approve")
    ready = wallet.say(wanted, DEFERRED)
    assert ready.status == 200
    assert wallet.opened(ready)["credentials"]
    assert wallet.key != first


# -- metadata


def metadata_as(wallet: Wallet, **headers: str) -> Reply:
    url = f"{wallet.origin}/.well-known/openid-credential-issuer"
    return wallet.browser._send("GET", url, headers)


def test_metadata_are_signed_for_who_asks_for_that(guests: Guests, live_server: LiveServer) -> None:
    wallet = Wallet(live_server.wallet, guests.browser())
    plain = metadata_as(wallet, accept="application/json")
    signed = metadata_as(wallet, accept="application/jwt")
    assert plain.headers["content-type"].startswith("application/json")
    assert signed.headers["content-type"] == JWT
    for reply in (plain, signed):
        assert {one.strip() for one in reply.headers["vary"].split(",")} == {
            "Accept",
            "Accept-Language",
        }
        assert reply.headers["access-control-allow-origin"] == "*"
    header, payload = map(_read, signed.body.split(b".")[:2])
    assert header["typ"] == METADATA_TYPE
    assert len(header["x5c"]) == 1
    assert payload["sub"] == live_server.wallet
    assert {name: payload[name] for name in plain.json()} == plain.json()


def _read(part: bytes) -> Json:
    return dict(json.loads(read_base64url(part.decode(), "part")))


@pytest.mark.parametrize(
    ("wanted", "said"), [("en-GB,en;q=0.9", "en"), ("zh", "zh-CN"), ("fr", "zh-CN, en")]
)
def test_metadata_are_in_the_wanted_language(
    guests: Guests, live_server: LiveServer, wanted: str, said: str
) -> None:
    wallet = Wallet(live_server.wallet, guests.browser())
    reply = metadata_as(wallet, **{"accept-language": wanted})
    assert reply.headers["content-language"] == said
    locales = [one["locale"] for one in reply.json()["display"]]
    assert ", ".join(locales) == said
