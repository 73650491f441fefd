"""A driver whose phone has no Web Authentication, from the page's doors."""

from tests.journeys.visitors import Guests, posted, refused
from tests.pin_phone import PinPhone

PIN, OTHER = "730418", "926035"


def test_a_driver_sets_a_pin_comes_back_with_it_and_is_locked_out(guests: Guests) -> None:
    driver = guests.driver("sp-000004")
    phone = PinPhone(driver.origin)

    def register(pin: str) -> None:
        asked = driver.post("/identity/pin-keys/challenge", None)
        phone.keep(driver.post("/identity/pin-keys", phone.make(asked, pin, label="我的手机")))

    def come_back(pin: str) -> tuple[int, str]:
        asked = driver.post("/sign-in/pin/challenge", None)
        answer = posted(driver, "/sign-in/pin", phone.show(asked, pin))
        return answer.status, answer.json().get("code", "")

    assert refused(lambda: register("123456")) == (422, "pin_in_sequence")
    register(PIN)
    driver.sign_out()

    assert come_back(PIN) == (200, "")
    session = driver.get("/session")
    assert (session["signed_in"], session["roles"]) == (True, ["driver"])
    assert session["may_claim_until"] is None
    assert driver.get("/wallet/licence")["licence"]["archive_number"]
    assert refused(lambda: driver.post("/claims", {"replace": True})) == (403, "proof_too_weak")
    (key,) = driver.get("/identity/pin-keys")["pin_keys"]
    assert (key["label"], key["in_use"], key["locked"]) == ("我的手机", True, False)
    driver.sign_out()

    wrong = [come_back(OTHER) for _ in range(5)]
    assert wrong == [(403, "pin_refused")] * 4 + [(403, "pin_locked")]
    assert come_back(PIN) == (403, "pin_locked")
