"""An own photo over HTTP: from the driver's hand to the copy that shows it."""

from typing import Any

import pytest

from jiazhao.http.browser import Reply
from jiazhao.smoke.people import Registrar
from jiazhao.smoke.wallet import Wallet
from tests.journeys.visitors import Guests, claim, eventually, posted
from tests.unit import pictures

SUBJECT = "sp-000002"
"""Nobody else's story changes her photo."""


@pytest.fixture
def driver(guests: Guests) -> Wallet:
    return guests.driver(SUBJECT)


@pytest.fixture
def registrar(guests: Guests) -> Registrar:
    return guests.staff("registrar-qian")


def hand_in(driver: Wallet, octets: bytes, *, says: str = "image/jpeg") -> Reply:
    return driver.browser.post_octets(f"{driver.origin}/wallet/photo-request", octets, says)


def standing(driver: Wallet) -> Any:
    return driver.get("/wallet/photo-request")


def waiting(registrar: Registrar, request_id: str) -> Any:
    entries = registrar.get("/photo-requests")["entries"]
    (entry,) = [one for one in entries if one["request_id"] == request_id]
    return {"holder_id": entry["holder_id"], "request_id": entry["request_id"]}


def test_a_photo_goes_from_hand_to_licence(driver: Wallet, registrar: Registrar) -> None:
    # The machine refuses one, and says what to change, in both languages.
    reply = hand_in(driver, pictures.written(pictures.on_ground((80, 120, 200))))
    problem = reply.json()
    assert (reply.status, problem["code"]) == (422, "photo_refused")
    assert [finding["code"] for finding in problem["findings"]] == ["photo_ground_not_white"]
    assert all(finding["zh"] and finding["en"] for finding in problem["findings"])
    assert standing(driver)["request"] is None

    # Another waits; the licence that was claimed before has the photo on file.
    old = claim(driver)
    reply = hand_in(driver, pictures.good(3))
    request = reply.json()["request"]
    assert (reply.status, request["state"]) == (201, "waiting")
    assert posted(driver, "/wallet/photo-request", {}).status == 415
    assert hand_in(driver, pictures.good(3)).json()["code"] == "photo_waiting"

    # A person refuses it with a reason, which the driver reads.
    entry = waiting(registrar, request["request_id"])
    seen = registrar.post("/photo-requests/looks", entry)
    assert seen["measured"]["width"] == 520
    registrar.post(
        "/photo-requests/decisions",
        {**entry, "decision": "refuse", "reason": "other", "note": "请摘下项链"},
    )
    told = standing(driver)["request"]
    assert (told["state"], told["reason"]["code"], told["note"]) == (
        "refused",
        "other",
        "请摘下项链",
    )

    # The next one is approved, and stands in the next copy.
    request = hand_in(driver, pictures.good(5)).json()["request"]
    entry = waiting(registrar, request["request_id"])
    registrar.post("/photo-requests/looks", entry)
    registrar.post("/photo-requests/decisions", {**entry, "decision": "approve"})
    again = posted(registrar, "/photo-requests/decisions", {**entry, "decision": "approve"})
    assert (again.status, again.json()["code"]) == (409, "photo_review_over")
    assert standing(driver)["request"]["state"] == "approved"
    new = claim(driver)
    kept = driver.browser.get(f"{driver.origin}/wallet/photo", accept="image/jpeg").body
    assert kept in new.octets
    assert kept not in old.octets

    # Not again for six months, and the driver sees who looked.
    reply = hand_in(driver, pictures.good(7))
    assert reply.json()["code"] == "photo_change_refused"
    assert [one["code"] for one in reply.json()["refusals"]] == ["photo_changed_recently"]
    looks = eventually(lambda: driver.get("/wallet/accesses")["accesses"], bool)
    assert [look["kind"] for look in looks][:2] == ["photo_review"] * 2
    assert looks[0]["fields"] == ["portrait"]


def test_who_withdraws_may_hand_in_another(guests: Guests) -> None:
    driver = guests.driver("sp-000003")
    request = hand_in(driver, pictures.good()).json()["request"]
    withdrawal = {"request_id": request["request_id"]}
    assert driver.post("/wallet/photo-request/withdrawal", withdrawal)["request"]["state"] == (
        "withdrawn"
    )
    reply = posted(driver, "/wallet/photo-request/withdrawal", withdrawal)
    assert (reply.status, reply.json()["code"]) == (409, "photo_review_over")
    reply = hand_in(driver, pictures.written(pictures.sitter(), "PNG"), says="image/png")
    assert reply.status == 201
    # No claim in another story waits for it.
    again = {"request_id": reply.json()["request"]["request_id"]}
    driver.post("/wallet/photo-request/withdrawal", again)


def test_an_answer_to_nothing_is_not_found(registrar: Registrar) -> None:
    entry = {"holder_id": SUBJECT, "request_id": "0"}
    for path, body in (
        ("/photo-requests/looks", entry),
        ("/photo-requests/decisions", {**entry, "decision": "approve"}),
    ):
        reply = posted(registrar, path, body)
        assert (reply.status, reply.json()["code"]) == (404, "photo_review_unknown")
