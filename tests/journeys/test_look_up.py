"""A look-up without the driver's phone: it needs a reason, and the driver sees it."""

from typing import Any

import pytest

from jiazhao.smoke.people import Officer, new_check_id
from jiazhao.smoke.wallet import Wallet
from tests.journeys.visitors import Guests, claim, posted, reasons, refused

CHEN, REVOKED, FOREIGNER = "sp-000007", "sp-000009", "sp-000012"
"""A driver in good standing; one whose licence was revoked; one whose paper is a passport."""
NOTE = "手机没电，驾驶人口述证号"


@pytest.fixture
def wallet(guests: Guests) -> Wallet:
    """The driver, at home."""
    return guests.driver(CHEN)


@pytest.fixture
def officer(guests: Guests) -> Officer:
    """An officer at his terminal."""
    return guests.officer()


def accesses(wallet: Wallet) -> list[Any]:
    found: list[Any] = wallet.get("/wallet/accesses")["accesses"]
    return found


def asked(number: str, **changes: Any) -> dict[str, Any]:
    return {
        "check_id": new_check_id(),
        "identifier": number,
        "reason": "identity_without_phone",
        "note": NOTE,
        "vehicle_class": None,
        **changes,
    }


def test_the_driver_sees_who_looked_when_why_and_under_which_law(
    wallet: Wallet, officer: Officer
) -> None:
    before = accesses(wallet)
    number = wallet.licence()["licence"]["licence_number"]

    answer = officer.look_up(number, note=NOTE, reason="accident")

    assert (answer["verdict"], answer["kind"]) == ("VALID", "lookup")
    assert answer["licence"]["licence_number"] == number
    assert answer["portrait"]
    assert {one["name"] for one in answer["steps"] if one["status"] == "passed"} == {
        "live_register"
    }
    (record,) = [one for one in accesses(wallet) if one not in before]
    assert record["kind"] == "lookup"
    assert record["at"] == answer["checked_at"]
    assert record["actor"]["name"] == "李样本"
    assert "交通警察" in record["actor"]["unit"]
    assert record["reason"]["code"] == "accident"
    assert record["reason"]["note"] == NOTE
    assert record["reason"]["zh"]
    assert record["reason"]["en"]
    assert record["law"]
    assert accesses(wallet)[0] == record  # the newest first


def test_a_licence_is_found_by_each_of_its_numbers(wallet: Wallet, officer: Officer) -> None:
    copy = claim(wallet)
    before = accesses(wallet)
    licence = wallet.licence()["licence"]
    for number in (
        licence["licence_number"],
        licence["licence_number"].lower(),
        licence["archive_number"],
        copy.instance_number,
    ):
        answer = officer.look_up(number, note=NOTE)
        assert answer["licence"]["licence_number"] == licence["licence_number"]
    assert len(accesses(wallet)) == len(before) + 4


def test_a_foreigner_is_found_by_the_number_of_the_passport(
    guests: Guests, officer: Officer
) -> None:
    driver = guests.driver(FOREIGNER)
    number = driver.licence()["licence"]["licence_number"]
    assert number == "SP0000012"
    answer = officer.look_up(number.lower(), note=NOTE)
    assert answer["licence"]["licence_number"] == number
    assert accesses(driver)[0]["kind"] == "lookup"


def test_a_class_is_judged_by_look_up_too(wallet: Wallet, officer: Officer) -> None:
    number = wallet.licence()["licence"]["licence_number"]
    answer = officer.post("/presentation/lookups", asked(number, vehicle_class="A1"))
    assert answer["verdict"] == "VALID"
    assert answer["may_drive"]["answer"] is False
    assert answer["may_drive"]["reason"]["source"]


def test_a_revoked_licence_is_found_and_not_valid(guests: Guests, officer: Officer) -> None:
    driver = guests.driver(REVOKED)
    number = driver.licence()["licence"]["licence_number"]
    answer = officer.look_up(number, note=NOTE)
    assert (answer["verdict"], reasons(answer)) == ("NOT_VALID", "status_revoked")
    assert answer["licence"]["may_drive"] is False
    assert accesses(driver)[0]["verdict"] == "NOT_VALID"


@pytest.mark.parametrize("number", ["990101199001010000", "999999999999", "9999999999999"])
def test_an_unknown_number_is_no_licence_and_not_a_forgery(officer: Officer, number: str) -> None:
    answer = officer.look_up(number, note=NOTE)
    assert (answer["verdict"], reasons(answer)) == ("CANNOT_CONFIRM", "no_licence")
    assert (answer["licence"], answer["portrait"], answer["may_drive"]) == (None, None, None)


def test_a_reason_that_is_not_on_the_list_is_refused(wallet: Wallet, officer: Officer) -> None:
    before = accesses(wallet)
    number = wallet.licence()["licence"]["licence_number"]
    said = refused(lambda: officer.look_up(number, note=NOTE, reason="curiosity"))
    assert said == (400, "unknown_lookup_reason")
    assert accesses(wallet) == before


@pytest.mark.parametrize(
    "changes",
    [
        {"reason": ""},
        {"reason": None},
        {"note": ""},
        {"note": "abc"},
        {"note": "长" * 201},
        {"identifier": "1234"},
        {"identifier": "9" * 33},
        {"check_id": "1"},
    ],
    ids=str,
)
def test_a_look_up_without_its_particulars_is_refused(
    wallet: Wallet, officer: Officer, changes: dict[str, Any]
) -> None:
    before = accesses(wallet)
    number = wallet.licence()["licence"]["licence_number"]
    reply = posted(officer, "/presentation/lookups", asked(number, **changes))
    assert (reply.status, reply.json()["code"]) == (400, "bad_request")
    assert number not in reply.body.decode()
    assert accesses(wallet) == before


@pytest.mark.parametrize("subject", [CHEN, "clerk-sun", "auditor-wu"])
def test_nobody_but_an_officer_looks_up(wallet: Wallet, guests: Guests, subject: str) -> None:
    before = accesses(wallet)
    number = wallet.licence()["licence"]["licence_number"]
    reply = posted(guests.officer(subject), "/presentation/lookups", asked(number))
    assert (reply.status, reply.json()["code"]) == (403, "not_allowed")
    assert accesses(wallet) == before


def test_the_same_look_asked_again_is_one_look(wallet: Wallet, officer: Officer) -> None:
    before = accesses(wallet)
    body = asked(wallet.licence()["licence"]["licence_number"])
    for _ in range(3):
        assert officer.post("/presentation/lookups", body)["verdict"] == "VALID"
    assert len(accesses(wallet)) == len(before) + 1


def test_one_name_for_two_looks_hides_neither(wallet: Wallet, officer: Officer) -> None:
    before = accesses(wallet)
    body = asked(wallet.licence()["licence"]["licence_number"])
    officer.post("/presentation/lookups", body)
    officer.post("/presentation/lookups", {**body, "reason": "wanted_check", "note": "另一原因"})
    seen = [one["reason"]["code"] for one in accesses(wallet) if one not in before]
    assert sorted(seen) == ["identity_without_phone", "wanted_check"]
