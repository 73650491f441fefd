"""An officer works at a terminal that is known, within a shift, and at none that was lost."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from jiazhao.credentials import jose
from jiazhao.credentials.signing import PublicKey, read_base64url
from jiazhao.errors import AccessError
from jiazhao.roadside.messages import Registration
from jiazhao.roadside.proofs import REGISTRATION_TYPE, SHIFT_TYPE
from jiazhao.roadside.terminals import DEMONSTRATION_CODE, Terminals
from jiazhao.smoke.device_key import DeviceKey
from jiazhao.smoke.people import Officer, Registrar, Visitor, named, new_check_id
from tests.houses import Town, officer, served_town
from tests.journeys.visitors import Guests, posted, refused

LI, ZHAO, CHIEF = "officer-li", "officer-zhao", "security-zhou"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    state = tmp_path_factory.mktemp("shifts") / "state"
    with served_town(state, shift_seconds=3600) as town:
        yield town


@pytest.fixture
def guests(town: Town) -> Iterator[Guests]:
    guests = Guests(town)
    yield guests
    guests.close()


@pytest.fixture
def chief(guests: Guests) -> Registrar:
    return guests.staff(CHIEF)


@pytest.fixture
def arrived(guests: Guests, town: Town) -> Officer:
    """An officer who has signed in and opened no shift."""
    officer = Officer(town.terminal, guests.browser())
    Visitor.sign_in(officer, named(LI))
    return officer


def allowed(chief: Registrar, unit: str = "样本·一大队", label: str = "1 号终端") -> Any:
    return chief.post("/console/terminals", {"unit": unit, "label": label})


def listed(chief: Registrar, terminal_id: str | None) -> Any:
    terminals = chief.get("/console/terminals")["terminals"]
    return next(one for one in terminals if one["terminal_id"] == terminal_id)


def kill(chief: Registrar, terminal_id: str | None, reason: str = "设备遗失") -> int:
    path = f"/console/terminals/{terminal_id}/kill"
    return posted(chief, path, {"reason": reason}).status


CHECK = {"check_id": new_check_id(), "scanned": "2345-6789"}
LOOKUP = {**CHECK, "identifier": "990101190001010000", "reason": "accident", "note": "样本：事故"}
del LOOKUP["scanned"]
DOORS: dict[str, object] = {
    "/presentation/checks": CHECK,
    "/presentation/lookups": LOOKUP,
    "/presentation/scans": {},
}


@pytest.mark.parametrize("path", DOORS)
def test_without_a_shift_no_door_checks(arrived: Officer, path: str) -> None:
    reply = posted(arrived, path, DOORS[path])
    assert (reply.status, reply.json()["code"]) == (403, "shift_needed")

    arrived.open_shift()
    assert posted(arrived, path, DOORS[path]).status in {200, 415}


def test_lists_that_name_nobody_need_no_shift(arrived: Officer) -> None:
    assert arrived.get("/presentation/vehicle-classes")
    assert arrived.get("/presentation/lookup-reasons")
    assert "checks" in arrived.get("/presentation/checks")


def test_a_terminal_is_registered_with_the_code_of_the_console(
    arrived: Officer, chief: Registrar
) -> None:
    told = allowed(chief)
    assert listed(chief, told["terminal_id"])["state"] == "waiting"

    assert arrived.register(told["registration_code"].lower()) == told["terminal_id"]

    known = listed(chief, told["terminal_id"])
    assert (known["state"], known["label"], known["device_label"]) == ("ready", "1 号终端", "smoke")
    arrived.open_shift()
    known = listed(chief, told["terminal_id"])
    assert (known["state"], known["officer"]) == ("on_shift", "李样本")


def test_a_registration_code_works_once_and_for_a_day(
    guests: Guests, town: Town, arrived: Officer, chief: Registrar
) -> None:
    told = allowed(chief)
    arrived.register(told["registration_code"])
    other = guests.officer(ZHAO)
    assert refused(lambda: other.register(told["registration_code"])) == (
        403,
        "registration_code_refused",
    )

    late = allowed(chief)
    town.clock.later(hours=24)
    again = guests.officer(ZHAO)
    assert refused(lambda: again.register(late["registration_code"])) == (
        403,
        "registration_code_refused",
    )
    assert listed(guests.staff(CHIEF), late["terminal_id"])["state"] == "lapsed"


def test_a_code_of_a_terminal_that_was_switched_off_registers_none(
    arrived: Officer, chief: Registrar
) -> None:
    told = allowed(chief)
    assert kill(chief, told["terminal_id"]) == 204
    assert refused(lambda: arrived.register(told["registration_code"])) == (
        403,
        "registration_code_refused",
    )


def test_a_code_is_no_use_to_a_key_that_was_not_there(arrived: Officer, chief: Registrar) -> None:
    """Who overhears the request cannot bind his own key with it."""
    told = allowed(chief)
    code, foreign = told["registration_code"], DeviceKey()
    body = {
        "registration_code": code,
        "label": "x",
        "jwk": foreign.public.to_jwk(),
        "proof": arrived.prove(REGISTRATION_TYPE, code=code),
    }
    reply = posted(arrived, "/terminals", body)
    assert (reply.status, reply.json()["code"]) == (403, "terminal_proof_refused")

    body["jwk"] = arrived.key.public.to_jwk()
    body["proof"] = arrived.prove(REGISTRATION_TYPE, code="another")
    assert posted(arrived, "/terminals", body).status == 403
    assert listed(chief, told["terminal_id"])["state"] == "waiting"


def test_a_shift_has_what_a_terminal_needs_without_a_network(arrived: Officer, town: Town) -> None:
    bundle = arrived.open_shift()

    now = datetime.fromisoformat(bundle["server_time"])
    assert datetime.fromisoformat(bundle["ends_at"]) - now == timedelta(hours=1)
    assert [
        (key["kind"], key["period"] - 20605 if key["kind"] == 2 else key["period"])
        for key in bundle["keys"]
    ] == shown_from(town)
    public = town.house.enforcement_keys.public_keys(now)[0]
    jwk = bundle["keys"][1]["jwk"]
    key = PublicKey.from_jwk({name: jwk[name] for name in ("kty", "crv", "x", "y")})
    assert public.point[1:] == key.point[1:33]
    assert len(read_base64url(jwk["d"], "d")) == 32
    assert read_base64url(bundle["beacon"], "beacon") == town.house.beacons.at(now)
    trust = town.house.trust
    assert [read_base64url(one, "root") for one in bundle["trust"]["roots"]] == list(
        trust.anchors()
    )
    assert len(bundle["trust"]["signers"]) == len(trust.document_signers) > 0
    assert {"classes", "class_includes", "statuses", "figures", "refusals"} <= bundle[
        "rules"
    ].keys()
    assert bundle["settings"]["code_seconds"] == 60


def shown_from(town: Town) -> list[tuple[int, int]]:
    today = town.house.enforcement_keys.public_keys(town.clock())[0].period - 20605
    return [(2, today - 1), (2, today), (2, today + 1), (3, 2025), (3, 2026)]


def test_the_keys_are_given_once(arrived: Officer) -> None:
    bundle = arrived.open_shift()
    current = arrived.get("/shifts/current")

    assert current["keys"] == []
    assert current["shift_id"] == bundle["shift_id"]
    assert '"d":' not in arrived.browser.get(f"{arrived.origin}/shifts/current").body.decode()


PROOFS: dict[str, dict[str, Any]] = {
    "for another origin": {"aud": "http://localhost:1"},
    "from an hour ago": {"iat": 1_780_275_600},
    "of no time": {"iat": "now"},
    "without a name": {"jti": ""},
}


@pytest.mark.parametrize("claims", PROOFS.values(), ids=PROOFS)
def test_a_proof_that_does_not_fit_opens_nothing(arrived: Officer, claims: dict[str, Any]) -> None:
    arrived.register()
    reply = posted(arrived, "/shifts", {"proof": arrived.prove(SHIFT_TYPE, **claims)})
    assert (reply.status, reply.json()["code"]) == (403, "terminal_proof_refused")


def test_a_proof_opens_one_shift(arrived: Officer) -> None:
    arrived.register()
    proof = {"proof": arrived.prove(SHIFT_TYPE)}
    assert posted(arrived, "/shifts", proof).status == 201
    assert posted(arrived, "/shifts", proof).json()["code"] == "terminal_proof_refused"


def test_another_key_opens_no_shift_of_this_terminal(guests: Guests, arrived: Officer) -> None:
    arrived.register()
    thief = guests.officer(ZHAO)
    proof = thief.prove(SHIFT_TYPE, terminal_id=arrived.terminal_id)
    assert posted(thief, "/shifts", {"proof": proof}).json()["code"] == "terminal_proof_refused"
    unknown = arrived.prove(SHIFT_TYPE, terminal_id="0" * 32)
    assert posted(arrived, "/shifts", {"proof": unknown}).json()["code"] == "terminal_unknown"


def test_a_killed_terminal_is_told_so_with_its_next_call(
    arrived: Officer, chief: Registrar
) -> None:
    arrived.open_shift()
    assert posted(arrived, "/presentation/checks", CHECK).status == 200

    assert kill(chief, arrived.terminal_id) == 204

    for path in ("/presentation/checks", "/presentation/lookups", "/presentation/scans"):
        reply = posted(arrived, path, DOORS[path])
        assert (reply.status, reply.json()["code"]) == (401, "terminal_killed")
    assert refused(lambda: arrived.get("/shifts/current")) == (401, "terminal_killed")
    assert refused(arrived.open_shift) == (401, "terminal_killed")
    known = listed(chief, arrived.terminal_id)
    assert (known["state"], known["kill_reason"], known["officer"]) == ("killed", "设备遗失", "")
    assert kill(chief, arrived.terminal_id) == 404
    assert kill(chief, "0" * 32) == 404


def test_the_officer_goes_on_at_another_terminal(
    guests: Guests, arrived: Officer, chief: Registrar
) -> None:
    arrived.open_shift()
    kill(chief, arrived.terminal_id)

    assert posted(guests.officer(LI), "/presentation/checks", CHECK).status == 200


def test_a_shift_ends_by_time_when_it_is_closed_and_when_another_begins(
    guests: Guests, town: Town, arrived: Officer
) -> None:
    arrived.open_shift()
    assert posted(arrived, "/shifts/current/close", {}).status == 204
    assert posted(arrived, "/presentation/checks", CHECK).json()["code"] == "shift_needed"
    assert posted(arrived, "/shifts/current/close", {}).json()["code"] == "shift_needed"

    arrived.open_shift()
    second = Officer(town.terminal, guests.browser(), arrived.key, arrived.terminal_id)
    second.sign_in(named(ZHAO))
    assert posted(arrived, "/presentation/checks", CHECK).json()["code"] == "shift_needed"
    assert posted(second, "/presentation/checks", CHECK).status == 200

    for _ in range(2):
        town.clock.later(minutes=29)
        assert posted(second, "/presentation/checks", CHECK).status == 200
    town.clock.later(minutes=2)
    assert posted(second, "/presentation/checks", CHECK).json()["code"] == "shift_needed"
    assert refused(lambda: second.get("/shifts/current")) == (403, "shift_needed")


def test_a_shift_belongs_to_the_session_that_opened_it(
    guests: Guests, town: Town, arrived: Officer
) -> None:
    arrived.open_shift()
    elsewhere = Officer(town.terminal, guests.browser())
    Visitor.sign_in(elsewhere, named(LI))
    assert posted(elsewhere, "/presentation/checks", CHECK).json()["code"] == "shift_needed"

    arrived.sign_out()
    Visitor.sign_in(arrived, named(LI))
    assert posted(arrived, "/presentation/checks", CHECK).json()["code"] == "shift_needed"


def test_production_takes_no_demonstration_code(town: Town) -> None:
    house = town.house
    production = Terminals(
        replace(house.config, environment="production"), house.database, bytes(32)
    )
    device = DeviceKey()
    claims = {
        "aud": town.terminal,
        "iat": int(town.clock().timestamp()),
        "jti": "1",
        "code": DEMONSTRATION_CODE,
    }
    proof = jose.sign(claims, device, typ=REGISTRATION_TYPE)
    asked = Registration(DEMONSTRATION_CODE, "x", device.public.to_jwk(), proof)
    with pytest.raises(AccessError, match="The registration code is wrong"):
        production.register(asked, actor=officer(), now=town.clock())
