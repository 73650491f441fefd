"""A locked PIN, and the two people of the authority who let the driver begin anew."""

from typing import Any

from tests.journeys.visitors import Guests, posted, refused
from tests.pin_phone import PinPhone

PIN, OTHER = "730418", "926035"


def test_two_people_recover_a_locked_pin_and_the_driver_sees_both(guests: Guests) -> None:
    driver = guests.driver("sp-000007")
    number = driver.licence()["licence"]["licence_number"]
    phone = PinPhone(driver.origin)

    def register() -> None:
        asked = driver.post("/identity/pin-keys/challenge", None)
        phone.keep(driver.post("/identity/pin-keys", phone.make(asked, PIN)))

    def come_back(pin: str) -> str:
        asked = driver.post("/sign-in/pin/challenge", None)
        answer = posted(driver, "/sign-in/pin", phone.show(asked, pin))
        return "" if answer.status == 200 else answer.json()["code"]

    register()
    for _ in range(5):
        come_back(OTHER)
    assert come_back(PIN) == "pin_locked"
    assert refused(register) == (403, "pin_locked")

    clerk, registrar, officer = guests.staff("clerk-sun"), guests.staff(), guests.officer()
    request = {
        "kind": "driver",
        "identifier": number,
        "reason": "pin_locked",
        "note": "核对了身份证原件",
        "papers_seen": True,
    }
    assert refused(lambda: officer.post("/identity/recoveries", request))[0] == 404
    unseen = {**request, "papers_seen": False}
    assert refused(lambda: clerk.post("/identity/recoveries", unseen)) == (422, "recovery_unseen")
    asked = clerk.post("/identity/recoveries", request)["waiting"][-1]
    decision: dict[str, Any] = {
        "account_id": asked["account_id"],
        "recovery_id": asked["recovery_id"],
        "decision": "approve",
    }

    def decide() -> Any:
        return clerk.post("/identity/recoveries/decisions", decision)

    assert refused(decide) == (403, "not_allowed")
    assert driver.get("/session")["signed_in"]
    registrar.post("/identity/recoveries/decisions", decision)

    assert not driver.get("/session")["signed_in"]
    assert come_back(PIN) == "pin_refused"
    driver = guests.driver("sp-000007")
    told = driver.get("/wallet/accesses")["accesses"][:2]
    assert [(one["kind"], one["actor"]["name"]) for one in told] == [
        ("recovery", "钱样本"),
        ("recovery", "孙样本"),
    ]
    (own,) = driver.get("/identity/recoveries/own")["recoveries"]
    assert (own["state"], own["asked_by"]["name"]) == ("approved", "孙样本")
    phone = PinPhone(driver.origin)
    register()
    driver.sign_out()
    assert come_back(PIN) == ""
