"""A claim that waits for a person, at the doors: OpenID4VCI 1.0 section 9."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from jiazhao.http.browser import Reply
from jiazhao.smoke.people import Registrar
from jiazhao.smoke.wallet import Wallet
from tests.houses import Town, served_town
from tests.journeys.test_issuer_doors import Counter, error_of, sent
from tests.journeys.test_own_photo import hand_in, standing, waiting
from tests.journeys.visitors import Guests
from tests.unit import pictures

ZHANG, WANG, LIU, CHEN = "sp-000001", "sp-000002", "sp-000003", "sp-000007"
"""Drivers of the cast in good standing."""

Json = dict[str, Any]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A system of its own: where a photo is reviewed, the stories of others would wait too."""
    with served_town(tmp_path_factory.mktemp("waiting") / "state") as town:
        yield town


@pytest.fixture
def guests(town: Town) -> Iterator[Guests]:
    guests = Guests(town)
    yield guests
    guests.close()


@pytest.fixture
def registrar(guests: Guests) -> Registrar:
    return guests.staff("registrar-qian")


def with_photo_in_review(guests: Guests, subject: str) -> Counter:
    """A wallet with an access token whose driver has handed an own photo in."""
    driver = guests.driver(subject)
    assert hand_in(driver, pictures.good(3)).status == 201
    return Counter(driver, driver.redeem(driver.claim(replace=True)))


def decide(registrar: Registrar, driver: Wallet, **decision: str) -> None:
    entry = waiting(registrar, standing(driver)["request"]["request_id"])
    registrar.post("/photo-requests/looks", entry)
    registrar.post("/photo-requests/decisions", {**entry, **decision})


def ask_later(own: Counter, body: object, *, token: str | None = "own") -> Reply:
    metadata = own.wallet._issuer()
    bearer = own.access_token if token == "own" else token
    url = metadata["deferred_credential_endpoint"]
    return own.wallet.browser.post_json(url, body, bearer=bearer)


def test_a_claim_waits_until_a_reviewer_approves(guests: Guests, registrar: Registrar) -> None:
    own = with_photo_in_review(guests, WANG)
    first = own.ask(own.asked(own.proof(), own.proof(), credential_configuration_id=None))
    assert first.status == 400  # a mistake before is none of the transaction's

    put_off = own.ask(own.asked(own.proof()))
    assert put_off.status == 202
    assert put_off.headers["cache-control"] == "no-store"
    later = put_off.json()
    assert set(later) == {"transaction_id", "interval"}
    assert later["interval"] == 5
    wanted = {"transaction_id": later["transaction_id"]}
    for _ in range(2):
        still = ask_later(own, wanted)
        assert (still.status, still.json()) == (202, later)

    decide(registrar, own.wallet, decision="approve")

    ready = ask_later(own, {**wanted, "unknown member": [1]})
    assert ready.status == 200
    assert set(ready.json()) == {"credentials", "notification_id"}
    assert len(ready.json()["credentials"]) == 1
    assert error_of(ask_later(own, wanted)) == (400, "invalid_transaction_id")
    told = {"notification_id": ready.json()["notification_id"], "event": "credential_accepted"}
    url = own.wallet._issuer()["notification_endpoint"]
    assert own.wallet.browser.post_json(url, told, bearer=own.access_token).status == 204


def test_a_refused_photo_denies_the_claim(guests: Guests, registrar: Registrar) -> None:
    own = with_photo_in_review(guests, LIU)
    wanted = {"transaction_id": own.ask(own.asked(own.proof())).json()["transaction_id"]}
    decide(registrar, own.wallet, decision="refuse", reason="covered")
    for _ in range(2):
        assert error_of(ask_later(own, wanted)) == (400, "credential_request_denied")


def test_each_mistake_at_the_deferred_door_has_its_own_code(guests: Guests) -> None:
    own = with_photo_in_review(guests, CHEN)
    name = own.ask(own.asked(own.proof())).json()["transaction_id"]
    wanted = {"transaction_id": name}
    for body, code in (
        ({"transaction_id": "unknown"}, "invalid_transaction_id"),
        ({"transaction_id": name.upper()}, "invalid_transaction_id"),
        ({"transaction_id": "驾照"}, "invalid_transaction_id"),
        ({}, "invalid_credential_request"),
        ({"transaction_id": 7}, "invalid_credential_request"),
        ({"transaction_id": "x" * 300}, "invalid_credential_request"),
        ([], "invalid_credential_request"),
    ):
        assert error_of(ask_later(own, body)) == (400, code), body
    for token in (None, "wrong"):
        assert error_of(ask_later(own, wanted, token=token)) == (401, "invalid_token")
    stranger = guests.driver(ZHANG)
    other = Counter(stranger, stranger.redeem(stranger.claim(replace=True)))
    assert error_of(ask_later(other, wanted)) == (400, "invalid_transaction_id")
    bearer = f"Bearer {own.access_token}"
    path, octets = "/issuance/deferred-credential", json.dumps(wanted).encode()
    reply = sent(own.wallet, path, octets, "text/plain", authorization=bearer)
    assert error_of(reply) == (400, "invalid_request")
    assert ask_later(own, wanted).status == 202  # and no mistake used it up
