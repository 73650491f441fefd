"""Access records: no answer without one, none for less than an answer, and none that vanishes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import msgspec
import pytest
import sqlalchemy as sa

from jiazhao.app import House
from jiazhao.consent.messages import AccessView
from jiazhao.errors import StoreError
from jiazhao.http.access import Actor
from jiazhao.licence.identifiers import HolderId
from jiazhao.licence.legal_day import legal_day
from jiazhao.presentation.messages import CheckAnswer, CheckRequest, LookupRequest
from jiazhao.registry.store import roll
from jiazhao.storage.engine import Connection
from tests.houses import Phone, SetClock, officer
from tests.unit.drivers import driver

IDENTITY = driver().persons[0][1].identity_number
NOTE = "样本：路口核查"
NOT_SERVED = (StoreError, sa.exc.ProgrammingError)
"""What a table that is not there comes to, on one engine and on the other."""


def check(phone: Phone, scanned: str, by: Actor | None = None, name: str = "") -> CheckAnswer:
    request = CheckRequest(check_id=name or str(uuid4()), scanned=scanned)
    return phone.house.checks.check(request, officer=by or officer(), now=phone.now)


def look_up(phone: Phone, name: str = "", **other: str) -> CheckAnswer:
    request = LookupRequest(
        check_id=name or str(uuid4()),
        identifier=other.get("identifier", IDENTITY),
        reason=other.get("reason", "phone_out_of_order"),
        note=other.get("note", NOTE),
    )
    return phone.house.checks.look_up(request, officer=officer(), now=phone.now)


def accesses(phone: Phone) -> list[AccessView]:
    rules = phone.house.tables.on(legal_day(phone.now))
    return phone.house.consent.accesses_of(phone.holder_id, rules).accesses


@contextmanager
def without_records(house: House) -> Iterator[None]:
    """Nothing can be recorded: the table is elsewhere."""

    def rename(old: str, new: str) -> None:
        with house.database.writing() as db:
            db.execute(sa.text(f"ALTER TABLE {old} RENAME TO {new}"))

    rename("access_record", "elsewhere")
    yield
    rename("elsewhere", "access_record")


def test_a_check_is_recorded_for_the_holder_and_for_the_officer(phone: Phone) -> None:
    phone.claim()

    answer = check(phone, phone.code())

    assert answer.verdict == "VALID"
    (seen,) = accesses(phone)
    assert (seen.kind, seen.verdict, seen.at) == ("check", "VALID", phone.now)
    assert (seen.actor.role, seen.actor.name, seen.actor.unit) == (
        "officer",
        "李样本",
        "样本·一大队",
    )
    assert seen.reason.code == "code_shown"
    assert "portrait" in seen.fields
    (own,) = phone.house.consent.checks_by(officer().account_id).checks
    assert own.check_id == answer.check_id
    assert phone.house.consent.checks_by(officer("赵样本").account_id).checks == []


def test_a_look_up_is_recorded_with_its_reason(phone: Phone) -> None:
    assert look_up(phone).verdict == "VALID"

    (seen,) = accesses(phone)
    assert (seen.kind, seen.reason.code, seen.reason.note) == (
        "lookup",
        "phone_out_of_order",
        NOTE,
    )
    assert seen.law


def test_a_code_that_tells_nothing_is_recorded_without_fields(
    phone: Phone, clock: SetClock
) -> None:
    phone.claim()
    old = phone.code()
    clock.later(minutes=2)

    assert check(phone, old).licence is None

    (seen,) = accesses(phone)
    assert (seen.verdict, seen.fields) == ("CANNOT_CONFIRM", [])


def test_where_nothing_can_be_recorded_nothing_is_answered_and_no_code_is_used_up(
    house: House, phone: Phone
) -> None:
    phone.claim()
    code = phone.code()

    with without_records(house):
        with pytest.raises(NOT_SERVED):
            check(phone, code)
        with pytest.raises(NOT_SERVED):
            look_up(phone)

    assert check(phone, code, by=officer("赵样本")).verdict == "VALID"
    assert len(accesses(phone)) == 1


def test_an_answer_that_was_lost_is_asked_for_again_and_is_one_look(phone: Phone) -> None:
    phone.claim()
    code, name = phone.code(), str(uuid4())

    answers = [check(phone, code, name=name) for _ in range(3)]

    assert {answer.verdict for answer in answers} == {"VALID"}
    assert len(accesses(phone)) == 1


def test_a_code_that_was_used_is_a_look_without_an_answer(phone: Phone) -> None:
    phone.claim()
    code = phone.code()
    check(phone, code)

    used = check(phone, code)

    assert (used.verdict, used.licence) == ("CANNOT_CONFIRM", None)
    assert [(seen.verdict, bool(seen.fields)) for seen in accesses(phone)] in (
        [("CANNOT_CONFIRM", False), ("VALID", True)],
        [("VALID", True), ("CANNOT_CONFIRM", False)],
    )


Looks = Callable[[Phone, SetClock, str], None]


def _later(phone: Phone, clock: SetClock, name: str) -> None:
    look_up(phone, name)
    clock.later(minutes=2, seconds=1)
    look_up(phone, name)


def _for_another_reason(phone: Phone, _: SetClock, name: str) -> None:
    look_up(phone, name)
    look_up(phone, name, reason="accident")


def _with_another_note(phone: Phone, _: SetClock, name: str) -> None:
    look_up(phone, name)
    look_up(phone, name, note="样本：另一事由")


def _a_check_then_a_look_up(phone: Phone, _: SetClock, name: str) -> None:
    check(phone, phone.code(), name=name)
    look_up(phone, name)


def _nothing_seen_then_all(phone: Phone, clock: SetClock, name: str) -> None:
    old = phone.code()
    clock.later(minutes=2)
    check(phone, old, name=name)
    check(phone, phone.code(), name=name)


@pytest.mark.parametrize(
    "looks",
    [
        _later,
        _for_another_reason,
        _with_another_note,
        _a_check_then_a_look_up,
        _nothing_seen_then_all,
    ],
    ids=lambda looks: looks.__name__,
)
def test_looks_are_not_hidden_under_one_name(phone: Phone, clock: SetClock, looks: Looks) -> None:
    phone.claim()
    looks(phone, clock, str(uuid4()))
    assert len(accesses(phone)) == 2


def test_another_officer_cannot_repeat_a_check(phone: Phone) -> None:
    phone.claim()
    code, name = phone.code(), str(uuid4())
    assert check(phone, code, name=name).verdict == "VALID"
    assert check(phone, code, by=officer("赵样本"), name=name).verdict == "CANNOT_CONFIRM"


def test_the_newest_look_comes_first(phone: Phone, clock: SetClock) -> None:
    for _ in range(3):
        look_up(phone)
        clock.later(hours=1)
    moments = [seen.at for seen in accesses(phone)]
    assert moments == sorted(moments, reverse=True)
    assert moments[0] - moments[2] == timedelta(hours=2)


def test_a_number_of_nobody_is_nobodys_look(phone: Phone) -> None:
    assert look_up(phone, identifier="510199999999").licence is None
    assert accesses(phone) == []


@pytest.mark.parametrize(
    "wrong",
    [{"note": "abcd\0"}, {"check_id": "00000000-0000-4000-8000-000000000000\n"}],
    ids=["note", "name"],
)
def test_what_an_engine_cannot_hold_is_refused_before(wrong: dict[str, str]) -> None:
    request = {
        "check_id": str(uuid4()),
        "identifier": IDENTITY,
        "reason": "accident",
        "note": NOTE,
    }
    assert msgspec.convert(request, LookupRequest).note == NOTE
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(request | wrong, LookupRequest)


@pytest.mark.parametrize("engine_url", ["postgres"], indirect=True)
def test_a_licence_that_moves_just_before_it_is_locked_has_ended(
    house: House, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone.claim()
    code = phone.code()

    def lock_late(db: Connection, holder: HolderId) -> bool:
        monkeypatch.undo()
        Phone(house, phone.holder_id).claim()
        return roll.lock_holder(db, holder)

    monkeypatch.setattr(roll, "lock_holder", lock_late)
    answer = check(phone, code)

    assert answer.reason is not None
    assert (answer.verdict, answer.reason.code) == ("NOT_VALID", "instance_ended")
