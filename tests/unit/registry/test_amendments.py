"""Amending the register: each act is new facts and a row of the change feed."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from jiazhao.app import read_tables
from jiazhao.errors import ErrorCode, RegisterError
from jiazhao.licence.identifiers import HolderId
from jiazhao.licence.legal_day import legal_day
from jiazhao.licence.licence import ClassEntitlement, Licence
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.registry.service import Amendment, Register
from jiazhao.rules.driving import check_driving
from jiazhao.rules.state import LicenceState
from jiazhao.storage.engine import Database
from tests.unit.drivers import admit, driver

HOLDER = driver().holder_id
TABLES = read_tables()
DAY = timedelta(days=1)
DETAINED = frozenset({LicenceStatus.DETAINED})

Act = Callable[..., Licence]


@pytest.fixture
def act(register: Register, database: Database, now: datetime) -> Act:
    """Amend the one driver as told, and return the licence as it then is."""
    admit(register, database, now, driver())

    def amended(at: datetime | None = None, /, **what: object) -> Licence:
        amendment = Amendment(**{"held_from": now, **what})  # type: ignore[arg-type]
        database.write(lambda db: register.amend(db, HOLDER, amendment, now))
        with database.reading() as db:
            return register.licence_of(db, HOLDER, at=at or now)

    return amended


def drained(register: Register, database: Database, now: datetime) -> list[str]:
    """Drain what is due and return the kinds, in order."""
    with database.reading() as db:
        changes = register.undrained(db, now, 100)
    for change in changes:
        database.write(lambda db, change=change: register.mark_drained(db, change, now))  # type: ignore[misc]
    return [change.kind for change in changes]


def may_drive(licence: Licence) -> bool:
    rules = TABLES.on(legal_day(licence.at))
    return check_driving(LicenceState.of(licence), None, rules).allowed


def test_at_twelve_points_driving_ends_and_after_the_study_it_goes_on(act: Act) -> None:
    assert may_drive(act(points=11))
    assert not may_drive(act(points=12))
    assert may_drive(act(points=0))


def test_a_detention_ends_by_itself(act: Act, now: datetime) -> None:
    until = now + 30 * DAY
    detention = {"add_statuses": DETAINED, "held_until": until}
    assert act(**detention).statuses == DETAINED
    assert act(until - DAY, **detention).statuses == DETAINED
    assert act(until, **detention).statuses == {LicenceStatus.NORMAL}


def test_a_reinstatement_ends_one_status_and_leaves_the_others(act: Act) -> None:
    pending = LicenceStatus.VIOLATION_PENDING
    act(add_statuses=DETAINED | {pending})
    assert act(end_statuses=DETAINED).statuses == {pending}
    assert act(add_statuses=DETAINED).statuses == DETAINED | {pending}


def test_a_status_ended_and_begun_in_one_act_holds(act: Act) -> None:
    assert act(end_statuses=DETAINED, add_statuses=DETAINED).statuses == DETAINED


def test_classes_come_and_go(act: Act, now: datetime) -> None:
    lorry = ClassEntitlement(VehicleClass.B2, date(2026, 6, 1))
    car = driver().classes[0][1]
    assert act(grant_classes=(lorry,)).classes == (lorry, car)
    exchanged = act(withdraw_classes=frozenset({VehicleClass.B2}))
    assert exchanged.classes == (car,)
    again = ClassEntitlement(VehicleClass.C1, date(2026, 6, 1), expiry_date=date(2027, 6, 1))
    renewed = act(withdraw_classes=frozenset({VehicleClass.C1}), grant_classes=(again,))
    assert renewed.classes == (again,)


def test_an_act_that_says_nothing_changes_nothing(act: Act) -> None:
    before = act()
    assert act() == before


def test_each_act_is_announced(
    act: Act, register: Register, database: Database, now: datetime
) -> None:
    assert drained(register, database, now) == [], "nothing follows from an admission"
    act(points=3)
    act(points=6)
    assert drained(register, database, now) == ["amended", "amended"]
    assert drained(register, database, now) == []


def test_a_stranger_cannot_be_amended(
    act: Act, register: Register, database: Database, now: datetime
) -> None:
    drained(register, database, now)
    stranger = HolderId("nobody")

    with pytest.raises(RegisterError) as refused:
        database.write(lambda db: register.amend(db, stranger, Amendment(now, points=3), now))

    assert refused.value.code is ErrorCode.NO_LICENCE
    assert drained(register, database, now) == []
