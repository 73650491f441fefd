"""The register in two times: what held then as known now, and as it was known then."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from jiazhao.errors import ErrorCode, RegisterError
from jiazhao.licence.history import Interval
from jiazhao.licence.licence import Licence, Photo
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.registry.service import Amendment, Register
from jiazhao.storage.engine import Database
from tests.unit.drivers import SINCE, admit, driver, portrait

HOLDER = driver().holder_id
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

Look = Callable[..., Licence]
Amend = Callable[..., None]


@pytest.fixture
def look(register: Register, database: Database) -> Look:
    def licence_at(at: datetime, known_at: datetime | None = None) -> Licence:
        with database.reading() as db:
            return register.licence_of(db, HOLDER, at=at, known_at=known_at)

    return licence_at


@pytest.fixture
def amend(register: Register, database: Database, now: datetime) -> Amend:
    admit(register, database, now, driver())

    def record(when: datetime, amendment: Amendment) -> None:
        database.write(lambda db: register.amend(db, HOLDER, amendment, when))

    return record


def test_before_the_first_issue_there_was_no_licence(amend: Amend, look: Look) -> None:
    with pytest.raises(RegisterError) as refused:
        look(SINCE.start - timedelta(microseconds=1))
    assert refused.value.code is ErrorCode.NO_LICENCE
    assert look(SINCE.start).held_classes == {VehicleClass.C1}


def test_before_it_was_recorded_nothing_was_known(amend: Amend, look: Look, now: datetime) -> None:
    with pytest.raises(RegisterError):
        look(now, known_at=now - timedelta(microseconds=1))
    assert look(now, known_at=now).points == 0


def test_a_status_holds_from_its_beginning_until_just_before_its_end(
    register: Register, database: Database, look: Look, now: datetime
) -> None:
    held = Interval(now - 30 * DAY, now - 10 * DAY)
    told = replace(driver(), statuses=((held, LicenceStatus.SUSPENDED),))
    admit(register, database, now, told)

    assert held.end is not None
    assert look(held.start - timedelta(microseconds=1)).statuses == {LicenceStatus.NORMAL}
    assert look(held.start).statuses == {LicenceStatus.SUSPENDED}
    assert look(held.end - timedelta(microseconds=1)).statuses == {LicenceStatus.SUSPENDED}
    assert look(held.end).statuses == {LicenceStatus.NORMAL}


def test_a_correction_does_not_destroy_what_was_believed(
    amend: Amend, look: Look, now: datetime
) -> None:
    decided = now - 5 * DAY
    amend(now + 1 * DAY, Amendment(decided, points=9))
    amend(now + 2 * DAY, Amendment(decided, points=3))

    assert look(decided).points == 3, "as known now"
    assert look(decided, known_at=now).points == 0, "before either was recorded"
    assert look(decided, known_at=now + 1 * DAY).points == 9
    assert look(decided, known_at=now + 2 * DAY).points == 3
    assert look(decided - HOUR).points == 0, "it began with the decision"


def test_a_class_withdrawn_afterwards_was_believed_to_be_held(
    amend: Amend, look: Look, now: datetime
) -> None:
    withdrawn = Amendment(now - 5 * DAY, withdraw_classes=frozenset({VehicleClass.C1}))
    amend(now + DAY, withdrawn)

    assert look(now - DAY).held_classes == set()
    assert look(now - DAY, known_at=now).held_classes == {VehicleClass.C1}
    assert look(now - 6 * DAY).held_classes == {VehicleClass.C1}


def test_a_status_that_ended_earlier_than_recorded_leaves_what_was_before_the_end(
    amend: Amend, look: Look, now: datetime
) -> None:
    detained = frozenset({LicenceStatus.DETAINED})
    amend(now + HOUR, Amendment(now - 10 * DAY, now + 30 * DAY, add_statuses=detained))
    amend(now + 2 * HOUR, Amendment(now - DAY, end_statuses=detained))

    assert look(now - 5 * DAY).statuses == detained
    assert look(now).statuses == {LicenceStatus.NORMAL}
    assert look(now + 20 * DAY).statuses == {LicenceStatus.NORMAL}
    assert look(now, known_at=now + HOUR).statuses == detained


def test_what_is_recorded_later_counts_although_the_clock_went_back(
    amend: Amend, look: Look, now: datetime
) -> None:
    detained = frozenset({LicenceStatus.DETAINED})
    amend(now + HOUR, Amendment(now, points=9))
    set_back = now + HOUR / 2
    amend(set_back, Amendment(now, points=3))
    amend(set_back, Amendment(now, add_statuses=detained))

    assert look(set_back).points == 3
    assert look(set_back).statuses == detained, "at once, not when the clock has caught up"


def test_of_many_recorded_at_one_instant_the_last_counts(
    amend: Amend, look: Look, now: datetime
) -> None:
    for points in range(12):
        amend(now, Amendment(now, points=points))
        assert look(now).points == points


def test_each_portrait_is_that_of_its_time(
    register: Register, database: Database, now: datetime
) -> None:
    renewed = datetime(2021, 3, 2, tzinfo=UTC)
    young, old = Photo(portrait(), date(2015, 2, 1)), Photo(portrait(), date(2021, 2, 1))
    photos = ((Interval(SINCE.start, renewed), young), (Interval(renewed), old))
    admit(register, database, now, replace(driver(), photos=photos))

    with database.reading() as db:
        assert register.portrait_of(db, HOLDER, at=renewed - HOUR) == young
        assert register.portrait_of(db, HOLDER, at=renewed) == old
        with pytest.raises(RegisterError) as refused:
            register.portrait_of(db, HOLDER, at=SINCE.start - HOUR)
    assert refused.value.code is ErrorCode.NO_PHOTO
