"""A driver shows a code and an officer checks it: each verdict is reached, and none by mistake."""

import base64
import json
import time
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from jiazhao.credentials.signing import read_base64url
from jiazhao.http.browser import Reply
from jiazhao.smoke.people import Officer, new_check_id
from jiazhao.smoke.wallet import DeviceKey, Wallet
from tests.journeys.visitors import Guests, claim, posted, reasons, server_time, show

ZHOU, WU = "sp-000011", "sp-000008"
"""Two drivers of the cast in good standing; the second has a violation pending."""

STEPS = [
    "decode",
    "trust_chain",
    "issuer_signature",
    "digests",
    "validity",
    "holder_binding",
    "status",
    "request_match",
    "live_register",
]
SCAN_SECONDS = 1.0
"""200 ms, times five for a busy machine."""


@pytest.fixture
def wallet(guests: Guests) -> Wallet:
    """A driver with the licence on her phone."""
    wallet = guests.driver(ZHOU)
    claim(wallet)
    return wallet


@pytest.fixture
def officer(guests: Guests) -> Officer:
    """An officer at his terminal."""
    return guests.officer()


def accesses(wallet: Wallet) -> list[Any]:
    found: list[Any] = wallet.get("/wallet/accesses")["accesses"]
    return found


def steps(answer: Any) -> dict[str, str]:
    return {one["name"]: one["status"] for one in answer["steps"] if one["status"] != "unchecked"}


def signed(
    wallet: Wallet, *, seconds: int = 0, counter: int | None = None, key: DeviceKey | None = None
) -> str:
    """Return a code of another time, counter or key than the phone's own."""
    shown_at = server_time(wallet) + timedelta(seconds=seconds)
    return wallet.new_code(shown_at, counter=counter, key=key)


# -- valid


def test_the_officer_sees_the_licence_and_the_driver_sees_who_looked(
    wallet: Wallet, officer: Officer
) -> None:
    before = accesses(wallet)

    answer = officer.check(show(wallet), vehicle_class="C1")

    assert (answer["verdict"], answer["reason"], answer["kind"]) == ("VALID", None, "check")
    assert [one["name"] for one in answer["steps"]] == STEPS
    assert [one["number"] for one in answer["steps"]] == list(range(1, 10))
    assert {one["name"] for one in answer["steps"] if one["demanded"]} == {
        "decode",
        "trust_chain",
        "issuer_signature",
        "holder_binding",
        "live_register",
    }
    assert set(steps(answer).values()) == {"passed"}
    assert len(steps(answer)) == 5
    assert answer["may_drive"] == {"vehicle_class": "C1", "answer": True, "reason": None}
    own = wallet.licence()["licence"]
    shown = answer["licence"]
    assert {**shown, "confirmed_at": ""} == {**own, "confirmed_at": ""}
    assert answer["last_confirmed_at"] == answer["checked_at"]

    (record,) = [one for one in accesses(wallet) if one not in before]
    assert (record["kind"], record["verdict"]) == ("check", "VALID")
    assert record["actor"]["name"] == "李样本"
    assert "交通警察" in record["actor"]["unit"]
    assert record["reason"]["code"] == "code_shown"
    assert record["law"]
    assert {"portrait", "name", "licence_number"} <= set(record["fields"])


def test_the_portrait_is_the_registers_and_not_the_phones(wallet: Wallet, officer: Officer) -> None:
    portrait = base64.b64decode(officer.check(show(wallet))["portrait"])
    on_file = wallet.browser.get(f"{wallet.origin}/wallet/photo", accept="image/jpeg")
    assert on_file.headers["content-type"] == "image/jpeg"
    assert portrait == on_file.body
    assert portrait.startswith(b"\xff\xd8")


def test_a_pending_violation_does_not_keep_anybody_from_driving(
    guests: Guests, officer: Officer
) -> None:
    wallet = guests.driver(WU)
    claim(wallet)
    answer = officer.check(show(wallet), vehicle_class="C1")
    assert (answer["verdict"], answer["may_drive"]["answer"]) == ("VALID", True)
    assert "H" in {status["code"] for status in answer["licence"]["statuses"]}


def test_a_car_drivers_licence_is_valid_and_not_for_a_lorry(
    wallet: Wallet, officer: Officer
) -> None:
    answer = officer.check(show(wallet), vehicle_class="B2")
    assert answer["verdict"] == "VALID"
    may = answer["may_drive"]
    assert (may["vehicle_class"], may["answer"]) == ("B2", False)
    assert "B2" in may["reason"]["zh"]
    assert "B2" in may["reason"]["en"]
    assert may["reason"]["source"]


# -- not genuine


def test_a_code_signed_by_another_key_is_not_genuine_and_tells_nothing(
    wallet: Wallet, officer: Officer
) -> None:
    before = accesses(wallet)
    own = wallet.licence()["licence"]

    answer = officer.check(signed(wallet, key=DeviceKey()), vehicle_class="C1")

    assert (answer["verdict"], reasons(answer)) == ("NOT_GENUINE", "holder_signature_mismatch")
    assert [step for step, status in steps(answer).items() if status == "failed"] == [
        "holder_binding"
    ]
    assert (answer["licence"], answer["portrait"], answer["may_drive"]) == (None, None, None)
    said = json.dumps(answer, ensure_ascii=False)
    for name in ("name", "licence_number", "address", "archive_number", "birth_date"):
        assert own[name] not in said
    (record,) = [one for one in accesses(wallet) if one not in before]
    assert (record["verdict"], record["fields"]) == ("NOT_GENUINE", [])


def test_a_code_with_one_bit_changed_is_no_code(wallet: Wallet, officer: Officer) -> None:
    """The seal covers all of it, so nobody is accused."""
    code = show(wallet)
    other = "A" if code[-10] != "A" else "B"
    answer = officer.check(code[:-10] + other + code[-9:])
    assert (answer["verdict"], reasons(answer)) == ("CANNOT_CONFIRM", "unknown_format")
    assert answer["licence"] is None


# -- cannot be confirmed


@pytest.mark.parametrize(
    ("seconds", "reason"), [(-300, "code_expired"), (300, "code_from_the_future")]
)
def test_a_code_of_another_time_proves_nothing(
    wallet: Wallet, officer: Officer, seconds: int, reason: str
) -> None:
    answer = officer.check(signed(wallet, seconds=seconds))
    assert (answer["verdict"], reasons(answer)) == ("CANNOT_CONFIRM", reason)
    assert answer["licence"] is None
    assert answer["what_to_do"]["zh"]
    assert answer["what_to_do"]["en"]


def test_a_used_code_is_taken_again_by_the_same_check_only(
    wallet: Wallet, guests: Guests, officer: Officer
) -> None:
    code, name = show(wallet), new_check_id()
    first = officer.check(code, check_id=name)
    again = officer.check(code, check_id=name)
    assert first["verdict"] == again["verdict"] == "VALID"
    assert again["licence"]["licence_number"] == first["licence"]["licence_number"]

    anew = officer.check(code)
    assert (anew["verdict"], reasons(anew)) == ("CANNOT_CONFIRM", "code_used")
    other = guests.officer("officer-zhao").check(code, check_id=name)
    assert (other["verdict"], reasons(other)) == ("CANNOT_CONFIRM", "code_used")
    assert other["licence"] is None


def test_a_picture_of_an_older_code_is_void_once_a_newer_one_was_used(
    wallet: Wallet, officer: Officer
) -> None:
    pictured = show(wallet)
    assert officer.check(show(wallet))["verdict"] == "VALID"
    answer = officer.check(pictured)
    assert (answer["verdict"], reasons(answer)) == ("CANNOT_CONFIRM", "code_used")
    assert wallet.licence()["instance"]["last_used_counter"] == wallet.counter


@pytest.mark.parametrize(
    "scanned",
    [
        "weixin://wxpay/bizpayurl?pr=x",
        "AlDd",
        "AlDdnot!base64url",
        "AlDd" + "A" * 300,
        "AmDdhEOhASag",
        "AlDd" + "A" * 1020,
        "样本",
    ],
    ids=lambda text: ascii(text)[:20],
)
def test_what_is_no_licence_code_fails_at_the_first_step(officer: Officer, scanned: str) -> None:
    answer = officer.check(scanned)
    assert answer["verdict"] == "CANNOT_CONFIRM"
    assert steps(answer) == {"decode": "failed"}
    assert answer["licence"] is None


@pytest.mark.parametrize(
    "changes",
    [
        {"scanned": "A" * 1025},
        {"scanned": ""},
        {"scanned": None},
        {"check_id": "not-a-uuid"},
        {"vehicle_class": "X9"},
        {"unknown": 1},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_request_that_no_terminal_makes_is_refused(officer: Officer, changes: Any) -> None:
    asked = {"check_id": new_check_id(), "scanned": "AlDdAAAA", "vehicle_class": None, **changes}
    reply = posted(officer, "/presentation/checks", asked)
    problem = reply.json()
    assert (reply.status, problem["code"]) == (400, "bad_request")
    assert reply.headers["content-type"].startswith("application/problem+json")


# -- not valid


def test_the_phone_that_had_the_licence_before_shows_an_ended_one(
    wallet: Wallet, guests: Guests, officer: Officer
) -> None:
    code = show(wallet)
    newer = guests.driver(ZHOU)
    claim(newer)
    former = officer.check(code)
    assert (former["verdict"], reasons(former)) == ("NOT_VALID", "instance_ended")
    assert officer.check(show(newer))["verdict"] == "VALID"


# -- pictures


def picture_of(*contents: str | bytes, form: str = "PNG") -> bytes:
    """Return a picture with a QR code of each content, side by side."""
    codes = [
        Image.fromarray(
            zxingcpp.write_barcode_to_image(
                zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.QRCode), scale=5
            )
        )
        for content in contents
    ]
    sheet = Image.new("L", (sum(one.width for one in codes) + 200, 800), 255)
    left = 100
    for one in codes:
        sheet.paste(one, (left, 100))
        left += one.width
    out = BytesIO()
    sheet.save(out, form)
    return out.getvalue()


def scan(officer: Officer, picture: bytes, media_type: str = "image/png") -> Reply:
    return officer.browser._send(
        "POST",
        f"{officer.origin}/presentation/scans",
        {"content-type": media_type, "origin": officer.origin},
        content=picture,
    )


@pytest.mark.parametrize(("form", "media_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg")])
def test_a_picture_of_a_code_is_as_good_as_the_code(
    wallet: Wallet, officer: Officer, form: str, media_type: str
) -> None:
    code = show(wallet)
    octets = read_base64url(code, "code")
    reply = scan(officer, picture_of(octets, form=form), media_type)
    assert reply.json() == {"text": code}
    assert officer.check(reply.json()["text"])["verdict"] == "VALID"


def bomb() -> bytes:
    out = BytesIO()
    Image.new("1", (12_000, 12_000)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("make", "media_type", "status", "code"),
    [
        pytest.param(lambda: picture_of(), "image/png", 400, "no_code_in_image", id="no code"),
        pytest.param(
            lambda: picture_of("AlDdA", "AlDdB"), "image/png", 400, "no_code_in_image", id="two"
        ),
        pytest.param(bomb, "image/png", 413, "limit_exceeded", id="a bomb"),
        pytest.param(
            lambda: b"%PDF-1.7\n" + picture_of("AlDdA", form="JPEG"),
            "image/jpeg",
            400,
            "no_code_in_image",
            id="a polyglot",
        ),
        pytest.param(
            lambda: b'<svg xmlns="http://www.w3.org/2000/svg"/>',
            "image/png",
            400,
            "no_code_in_image",
            id="an SVG that claims to be a PNG",
        ),
        pytest.param(lambda: b"", "image/png", 400, "no_code_in_image", id="nothing"),
        pytest.param(
            lambda: bytes(7 << 20), "image/png", 413, "body_too_large", id="seven megabytes"
        ),
        pytest.param(
            lambda: b"<svg/>", "image/svg+xml", 415, "unsupported_media_type", id="an SVG"
        ),
    ],
)
def test_a_picture_without_one_code_is_refused_clearly_and_fast(
    officer: Officer, make: Callable[[], bytes], media_type: str, status: int, code: str
) -> None:
    picture = make()
    start = time.monotonic()
    reply = scan(officer, picture, media_type)
    took = time.monotonic() - start
    problem = reply.json()
    assert (reply.status, problem["code"]) == (status, code)
    assert problem["zh"].endswith("。")
    assert problem["en"].endswith(".")
    assert took < SCAN_SECONDS


# -- short codes


def test_a_short_code_is_typed_where_no_picture_can_be_taken(
    wallet: Wallet, officer: Officer
) -> None:
    made = wallet.post("/wallet/codes", {"code": show(wallet)})
    assert len(made["short_code"]) == 9
    answer = officer.check(f" {made['short_code'].lower()} ")
    assert answer["verdict"] == "VALID"
    again = officer.check(made["short_code"])
    assert (again["verdict"], reasons(again)) == ("CANNOT_CONFIRM", "code_used")


def test_a_mistyped_short_code_is_said_to_be_that(officer: Officer) -> None:
    answer = officer.check("ABCD-2345")
    assert (answer["verdict"], reasons(answer)) == ("CANNOT_CONFIRM", "short_code_unknown")
    assert "短码" in answer["reason"]["zh"]


def test_a_driver_gets_a_short_code_for_a_licence_code_only(wallet: Wallet) -> None:
    reply = posted(wallet, "/wallet/codes", {"code": "https://pay.example/x"})
    assert (reply.status, reply.json()["code"]) == (400, "unreadable")


# -- who may check


def test_an_officer_sees_his_own_checks_newest_first_and_nothing_of_the_people(
    wallet: Wallet, guests: Guests, officer: Officer
) -> None:
    names = [new_check_id(), new_check_id()]
    for name in names:
        officer.check(show(wallet), check_id=name, vehicle_class="C1")
    own = officer.get("/presentation/checks")["checks"]
    assert [one["check_id"] for one in own[:2]] == names[::-1]
    assert set(own[0]) == {"check_id", "at", "kind", "verdict", "vehicle_class", "reason"}
    colleague = guests.officer("officer-zhao").get("/presentation/checks")["checks"]
    assert not {one["check_id"] for one in colleague} & set(names)


def test_the_classes_and_reasons_of_the_day_are_listed(officer: Officer) -> None:
    classes = officer.get("/presentation/vehicle-classes")
    assert [one["code"] for one in classes][:3] == ["A1", "A2", "A3"]
    assert len(classes) == 17
    listed = officer.get("/presentation/lookup-reasons")
    assert {one["code"] for one in listed} == {
        "identity_without_phone",
        "accident",
        "phone_out_of_order",
        "wanted_check",
    }
    assert all(one["zh"] and one["en"] for one in classes + listed)


@pytest.mark.parametrize("subject", [ZHOU, "clerk-sun", "registrar-qian"])
def test_nobody_but_an_officer_checks(wallet: Wallet, guests: Guests, subject: str) -> None:
    before = accesses(wallet)
    visitor = guests.officer(subject)
    asked = {"check_id": new_check_id(), "scanned": show(wallet), "vehicle_class": None}
    reply = posted(visitor, "/presentation/checks", asked)
    assert (reply.status, reply.json()["code"]) == (403, "not_allowed")
    assert accesses(wallet) == before
