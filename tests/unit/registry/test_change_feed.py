"""The change feed: nothing is passed over, whatever the order of commits and clocks."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TypeVar

import pytest
import sqlalchemy as sa

from jiazhao.licence.history import Fact, Interval
from jiazhao.licence.legal_day import end_of_day, start_of_day
from jiazhao.licence.licence import ClassEntitlement, History
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.registry.importing import ImportedHolder
from jiazhao.registry.service import Amendment, Register, next_transition
from jiazhao.registry.store import feed
from jiazhao.storage.engine import Database
from jiazhao.storage.migrate import migrate
from jiazhao.storage.schema import change
from tests.unit.drivers import FIRST_ISSUE, SINCE, admit, driver

T = TypeVar("T")

HOLDER = driver().holder_id
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)

Due = Callable[[datetime], list[str]]


@pytest.fixture
def due(register: Register, database: Database) -> Due:
    """Return the names of the rows that are due at a moment."""

    def names(at: datetime) -> list[str]:
        with database.reading() as db:
            return [change.change_id for change in register.undrained(db, at, 100)]

    return names


@pytest.fixture
def drain(register: Register, database: Database) -> Callable[[datetime], None]:
    def all_due(at: datetime) -> None:
        with database.writing() as db:
            for change in register.undrained(db, at, 100):
                register.mark_drained(db, change, at)

    return all_due


def test_rows_are_drained_when_they_are_due_the_longest_due_first(
    register: Register, database: Database, now: datetime, due: Due
) -> None:
    admit(register, database, now, driver())
    with database.writing() as db:
        for name, after in (("late", 20), ("soon", 10), ("later", 30)):
            moment = now + after * SECOND
            feed.append_change(db, HOLDER, name, "due", now=now, due=moment)

    assert due(now) == []
    assert due(now + 10 * SECOND - SECOND) == []
    assert due(now + 10 * SECOND) == ["soon"]
    assert due(now + 60 * SECOND) == ["soon", "late", "later"]


def test_nothing_follows_from_an_admission_and_its_row_says_so(
    register: Register, database: Database, now: datetime, due: Due
) -> None:
    admit(register, database, now, driver())

    with database.reading() as db:
        rows = db.execute(sa.select(change.c.kind, change.c.drained_at)).all()
    assert [tuple(row) for row in rows] == [("imported", now)]
    assert due(now + 365 * DAY) == []


def test_a_batch_is_bounded(register: Register, database: Database, now: datetime) -> None:
    admit(register, database, now, *map(driver, range(1, 6)))
    with database.writing() as db:
        for number in range(1, 6):
            register.announce(db, driver(number).holder_id, "amended", now)
    with database.reading() as db:
        assert len(register.undrained(db, now, 3)) == 3


def test_a_planned_row_is_planned_once(
    register: Register, database: Database, now: datetime, due: Due, drain: Callable[..., None]
) -> None:
    expires = end_of_day(date(2031, 3, 2))
    admit(register, database, now, driver())
    drain(now)
    for _ in range(3):
        database.write(lambda db: register.announce_next(db, HOLDER, now))

    assert due(expires - SECOND) == []
    assert len(due(expires)) == 1


def test_a_planned_row_that_a_clock_ahead_of_ours_drained_is_due_again(
    register: Register, database: Database, now: datetime, due: Due, drain: Callable[..., None]
) -> None:
    expires = end_of_day(date(2031, 3, 2))
    admit(register, database, now, driver())
    database.write(lambda db: register.announce_next(db, HOLDER, now))
    drain(expires)
    assert due(expires) == []

    database.write(lambda db: register.announce_next(db, HOLDER, expires - SECOND))

    assert len(due(expires)) == 1


def test_a_row_that_waits_is_not_lost(
    register: Register, database: Database, now: datetime, due: Due
) -> None:
    admit(register, database, now, driver())
    with database.writing() as db:
        register.announce(db, HOLDER, "amended", now)
        (waiting,) = register.undrained(db, now, 1)
        register.postpone(db, waiting, now + DAY)

    assert due(now + DAY - SECOND) == []
    assert due(now + DAY) == [waiting.change_id]


@pytest.fixture
def postgres_database(postgres: str) -> Iterator[Database]:
    migrate(postgres)
    database = Database(postgres)
    yield database
    database.close()


def test_a_row_that_is_committed_after_a_later_one_is_not_passed_over(
    register: Register, postgres_database: Database, now: datetime
) -> None:
    early, late = driver(1).holder_id, driver(2).holder_id
    admit(register, postgres_database, now, driver(1), driver(2))
    with postgres_database.writing() as db:
        for change in register.undrained(db, now, 10):
            register.mark_drained(db, change, now)

    def drained() -> list[str]:
        with postgres_database.writing() as db:
            changes = register.undrained(db, now + DAY, 10)
            for change in changes:
                register.mark_drained(db, change, now + DAY)
        return [change.holder_id for change in changes]

    with ExitStack() as open_still:
        slow = open_still.enter_context(postgres_database.writing())
        register.amend(slow, early, Amendment(now, points=12), now + SECOND)
        postgres_database.write(
            lambda db: register.amend(db, late, Amendment(now, points=3), now + 2 * SECOND)
        )
        assert drained() == [late], "the other is not committed"

    assert drained() == [early]
    assert drained() == []


# -- what time alone changes


def with_status(held: Interval) -> ImportedHolder:
    return replace(driver(valid_until=None), statuses=((held, LicenceStatus.SUSPENDED),))


def with_class(issued: date, expires: date | None) -> ImportedHolder:
    entitlement = ClassEntitlement(VehicleClass.C1, issued, expires)
    return replace(driver(valid_until=None), classes=((SINCE, entitlement),))


def valid(first: date, last: date | None) -> ImportedHolder:
    ((held, grant),) = driver().grants
    term = replace(grant, valid_from=first, valid_until=last)
    return replace(driver(), grants=((held, term),))


MORNING = start_of_day(date(2026, 6, 1)) + timedelta(hours=10)
CASES = {
    "nothing": (driver(valid_until=None), None),
    "the licence expires": (driver(), end_of_day(date(2031, 3, 2))),
    "on its last day": (valid(FIRST_ISSUE, date(2026, 6, 1)), start_of_day(date(2026, 6, 2))),
    "it has expired": (valid(FIRST_ISSUE, date(2026, 5, 31)), None),
    "validity begins": (valid(date(2026, 7, 1), None), start_of_day(date(2026, 7, 1))),
    "a status begins": (with_status(Interval(MORNING + DAY)), MORNING + DAY),
    "a status ends": (with_status(Interval(MORNING - DAY, MORNING + DAY)), MORNING + DAY),
    "it ends this instant": (with_status(Interval(MORNING - DAY, MORNING)), None),
    "a class ends": (with_class(FIRST_ISSUE, date(2026, 6, 9)), start_of_day(date(2026, 6, 10))),
    "a class begins": (with_class(date(2026, 6, 9), None), start_of_day(date(2026, 6, 9))),
}


def recorded(told: ImportedHolder) -> History:
    """Return what the register holds of a holder who was imported."""

    def facts(rows: Iterable[tuple[Interval, T]]) -> tuple[Fact[T], ...]:
        return tuple(Fact(str(n), held, MORNING, value) for n, (held, value) in enumerate(rows))

    return History(
        told.holder_id,
        persons=facts(told.persons),
        grants=facts(told.grants),
        classes={one.vehicle_class: facts([(held, one)]) for held, one in told.classes},
        statuses={one: facts([(held, True)]) for held, one in told.statuses},
        points=facts(told.points),
        photos=facts((held, "photo") for held, _ in told.photos),
    )


@pytest.mark.parametrize("case", CASES)
def test_the_next_moment_at_which_the_licence_may_differ(case: str) -> None:
    told, expected = CASES[case]
    history = recorded(told)

    assert next_transition(history, MORNING) == expected
    assert next_transition(history, MORNING, [MORNING, MORNING + SECOND]) == MORNING + SECOND


def test_moments_are_found_one_after_the_other() -> None:
    history = recorded(with_status(Interval(MORNING + DAY, MORNING + 2 * DAY)))

    assert next_transition(history, MORNING) == MORNING + DAY
    assert next_transition(history, MORNING + DAY) == MORNING + 2 * DAY
    assert next_transition(history, MORNING + 2 * DAY) is None
