"""Electronic licences in the register: numbers, the one that lives, and codes that work once."""

import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa

from jiazhao.errors import ErrorCode, RegisterError, StoreError
from jiazhao.licence.identifiers import InstanceNumber, make_instance_number
from jiazhao.registry.service import Instance, Register
from jiazhao.registry.store import instances
from jiazhao.storage.engine import Connection, Database
from tests.unit.drivers import admit, driver

HOLDER, OTHER = driver(1).holder_id, driver(2).holder_id
HOUR = timedelta(hours=1)
MADE_AT = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)


@pytest.fixture
def begin(register: Register, database: Database, now: datetime) -> Callable[..., Instance]:
    """Begin an electronic licence of the first driver under a number of its own."""
    admit(register, database, now, driver(1), driver(2))

    def new(issued_at: datetime = now) -> Instance:
        def act(db: Connection) -> Instance:
            number = register.reserve_instance_number(db, HOLDER, "51")
            instance = Instance(HOLDER, number, "thumbprint", b"key", issued_at)
            register.begin_instance(db, instance)
            return instance

        return database.write(act)

    return new


def draws(monkeypatch: pytest.MonkeyPatch, *serials: int) -> None:
    """Let chance give these, one after the other and the last for ever."""

    def endless() -> Iterator[int]:
        yield from serials
        while True:
            yield serials[-1]

    drawn = endless()
    monkeypatch.setattr(secrets, "randbelow", lambda _: next(drawn))


def test_a_number_is_the_holders_before_the_licence_is_issued(
    register: Register, database: Database, now: datetime
) -> None:
    admit(register, database, now, driver(1))
    number = database.write(lambda db: register.reserve_instance_number(db, HOLDER, "51"))

    assert number.startswith("51")
    with database.reading() as db:
        assert register.find(db, number) == HOLDER
        assert register.instance(db, number) is None


def test_a_number_is_never_given_twice(
    register: Register, database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    admit(register, database, now, driver(1), driver(2))
    draws(monkeypatch, 7, 7, 7, 8, 8, 9)

    numbers = [
        database.write(lambda db, holder=holder: register.reserve_instance_number(db, holder, "51"))  # type: ignore[misc]
        for holder in (HOLDER, OTHER, OTHER)
    ]

    assert numbers == [make_instance_number("51", serial) for serial in (7, 8, 9)]


def test_without_chance_no_number_is_given(
    register: Register, database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    admit(register, database, now, driver(1))
    draws(monkeypatch, 7)
    database.write(lambda db: register.reserve_instance_number(db, HOLDER, "51"))

    with pytest.raises(RegisterError) as refused:
        database.write(lambda db: register.reserve_instance_number(db, HOLDER, "51"))

    assert refused.value.code is ErrorCode.SERVICE_UNAVAILABLE


def test_the_one_before_ends_when_another_begins(
    register: Register, database: Database, now: datetime, begin: Callable[..., Instance]
) -> None:
    first, second = begin(), begin(now + HOUR)

    with database.reading() as db:
        live = register.live_instance(db, HOLDER)
        ended = register.instance(db, first.instance_number)
    assert live == second
    assert ended is not None
    assert ended.ended_at == now + HOUR


def test_the_store_itself_holds_no_two_that_live(
    database: Database, now: datetime, begin: Callable[..., Instance]
) -> None:
    begin()
    second = Instance(HOLDER, InstanceNumber("5100000000009"), "thumbprint", b"key", now)
    with pytest.raises((sa.exc.IntegrityError, StoreError)):
        database.write(lambda db: instances.insert_instance(db, second))


def test_an_unknown_number_is_no_instance(
    register: Register, database: Database, begin: Callable[..., Instance]
) -> None:
    begin()
    with database.writing() as db:
        unknown = make_instance_number("51", 1)
        assert register.instance(db, unknown) is None
        assert register.lock_instance(db, unknown) is None


def test_a_code_works_once_and_again_for_the_same_check(
    register: Register, database: Database, begin: Callable[..., Instance]
) -> None:
    instance = begin()
    uses = [
        # counter, check, may be used
        (5, "first", True),
        (5, "first", True),
        (5, "second", False),
        (4, "second", False),
        (4, "first", False),
        (6, "second", True),
        (5, "first", False),
        (6, "first", False),
        (6, "second", True),
        (2**53 - 1, "third", True),
    ]
    for counter, check, allowed in uses:
        used = database.write(
            lambda db, counter=counter, check=check: register.use_code(  # type: ignore[misc]
                db, instance, counter, check, MADE_AT
            )
        )
        assert used is allowed, (counter, check)
    with database.reading() as db:
        live = register.live_instance(db, HOLDER)
    assert live is not None
    assert (live.last_counter, live.last_check_id) == (2**53 - 1, "third")


def test_codes_of_another_licence_are_not_used_up(
    register: Register, database: Database, begin: Callable[..., Instance]
) -> None:
    former, live = begin(), begin()
    with database.writing() as db:
        assert register.use_code(db, former, 9, "first", MADE_AT)
        assert register.use_code(db, live, 1, "second", MADE_AT)


def test_of_two_checks_at_once_one_uses_the_code(
    register: Register, database: Database, begin: Callable[..., Instance]
) -> None:
    instance = begin()

    def use(counter: int, check: str, start: Barrier) -> bool:
        start.wait(10)
        return database.write(lambda db: register.use_code(db, instance, counter, check, MADE_AT))

    with ThreadPoolExecutor(2) as pool:
        for counter in range(1, 21):
            start = Barrier(2)
            used = [
                pool.submit(use, counter, f"{counter} by {officer}", start)
                for officer in ("one", "another")
            ]
            assert sorted(one.result() for one in used) == [False, True]
