"""A driver's passkey, from the page's doors."""

from typing import Any

from tests.authenticator import Authenticator
from tests.journeys.visitors import Guests, posted, refused


def test_a_driver_registers_a_passkey_and_comes_back_with_it(guests: Guests) -> None:
    driver = guests.driver("sp-000004")
    phone = Authenticator(driver.origin)
    asked = driver.post("/identity/passkeys/options", None)
    made = driver.post("/identity/passkeys", phone.make(asked, label="我的手机"))
    driver.sign_out()
    assert not driver.get("/session")["signed_in"]

    assert come_back(driver, phone) == 200

    session = driver.get("/session")
    assert (session["signed_in"], session["roles"]) == (True, ["driver"])
    assert session["may_claim_until"] is None
    assert driver.get("/wallet/licence")["licence"]["archive_number"]
    assert refused(lambda: driver.post("/claims", {"replace": True})) == (403, "proof_too_weak")
    (key,) = driver.get("/identity/passkeys")["passkeys"]
    assert (key["key_id"], key["label"], key["in_use"]) == (made["key_id"], "我的手机", True)

    # Removing it ends the session that it opened, and it opens none any more.
    driver.post("/identity/passkeys/remove", {"key_id": made["key_id"]})
    assert not driver.get("/session")["signed_in"]
    assert come_back(driver, phone) == 403


def come_back(driver: Any, phone: Authenticator) -> int:
    asked = driver.post("/sign-in/passkey/options", None)
    return posted(driver, "/sign-in/passkey", phone.show(asked)).status
