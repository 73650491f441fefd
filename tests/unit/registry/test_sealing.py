"""Personal values are sealed where they rest, and open only for their own holder and place."""

from collections.abc import Iterator
from datetime import datetime

import msgspec
import pytest
import sqlalchemy as sa

from jiazhao.errors import ErrorCode, SealError
from jiazhao.registry.import_file import told_by
from jiazhao.registry.importing import Line, write_line
from jiazhao.registry.reconciling import Where, reconcile
from jiazhao.registry.service import Amendment, Register
from jiazhao.storage import schema
from jiazhao.storage.engine import Database
from jiazhao.storage.migrate import migrate
from jiazhao.storage.personal_data import KeptKeyWrapper, PersonalData
from tests.databases import begin_with
from tests.unit.drivers import admit, driver, portrait

PERSON = driver(1).persons[0][1]
HOLDER, OTHER = driver(1).holder_id, driver(2).holder_id


@pytest.fixture
def plain_database(engine_url: str) -> Iterator[Database]:
    """A register without the guard against changes in place."""
    begin_with(engine_url, migrate)
    database = Database(engine_url)
    yield database
    database.close()


def everything(database: Database) -> bytes:
    """All values of all tables, as octets."""
    with database.reading() as db:
        return b"\n".join(
            value if isinstance(value, bytes) else str(value).encode()
            for table in schema.metadata.sorted_tables
            for row in db.execute(sa.select(table))
            for value in row
        )


def read(register: Register, database: Database, now: datetime) -> None:
    with database.reading() as db:
        assert register.licence_of(db, HOLDER, at=now).person == PERSON
        assert register.portrait_of(db, HOLDER, at=now).jpeg == portrait()


def refused(
    register: Register,
    database: Database,
    now: datetime,
    code: ErrorCode = ErrorCode.SEALED_UNREADABLE,
) -> None:
    with pytest.raises(SealError) as caught:
        read(register, database, now)
    assert caught.value.code is code


def test_nothing_of_a_person_stands_in_the_database(
    register: Register, database: Database, now: datetime
) -> None:
    admit(register, database, now, driver(1))

    held = everything(database)
    for value in (PERSON.identity_number, PERSON.given_name, PERSON.address, "Yang"):
        assert value.encode() not in held
    assert portrait()[:64] not in held
    assert b"5101" in held, "the archive number is not a person's"
    read(register, database, now)


def test_every_holder_has_a_key_of_his_own(
    register: Register, database: Database, now: datetime
) -> None:
    admit(register, database, now, driver(1), driver(2))
    with database.reading() as db:
        keys = db.execute(sa.select(schema.holder_key.c.wrapped)).scalars().all()
    assert len(set(keys)) == 2


def test_without_the_key_of_keys_nothing_opens(
    register: Register, database: Database, now: datetime
) -> None:
    admit(register, database, now, driver(1))
    stranger = Register(register.lookup_key, PersonalData(KeptKeyWrapper(bytes(32))))

    refused(stranger, database, now)


def test_who_deletes_the_key_has_erased_the_person(
    register: Register, database: Database, now: datetime
) -> None:
    admit(register, database, now, driver(1))
    with database.writing() as db:
        db.execute(sa.delete(schema.holder_key))

    refused(register, database, now, ErrorCode.PERSON_ERASED)


def test_a_person_moved_to_another_holder_does_not_open(
    register: Register, plain_database: Database, now: datetime
) -> None:
    admit(register, plain_database, now, driver(1), driver(2))
    table = schema.person_fact
    with plain_database.writing() as db:
        theirs = db.execute(
            sa.select(table.c.sealed).where(table.c.holder_id == OTHER)
        ).scalar_one()
        db.execute(sa.update(table).where(table.c.holder_id == HOLDER).values(sealed=theirs))

    refused(register, plain_database, now)


def test_what_an_earlier_version_recorded_is_read_and_then_sealed(
    register: Register, plain_database: Database, now: datetime
) -> None:
    admit(register, plain_database, now, driver(1))
    as_earlier(plain_database)
    assert PERSON.identity_number.encode() in everything(plain_database)
    read(register, plain_database, now)

    assert register.seal_plain(plain_database) == 2

    held = everything(plain_database)
    assert PERSON.identity_number.encode() not in held
    assert portrait()[:64] not in held
    read(register, plain_database, now)
    assert register.seal_plain(plain_database) == 0


@pytest.fixture
def erased(register: Register, database: Database, now: datetime) -> None:
    """Two drivers, of whom the first was erased."""
    admit(register, database, now, driver(1), driver(2))
    with database.writing() as db:
        db.execute(sa.delete(schema.holder_key).where(schema.holder_key.c.holder_id == HOLDER))


@pytest.mark.usefixtures("erased")
def test_an_import_refuses_who_was_erased_and_takes_the_others(
    register: Register, database: Database, now: datetime
) -> None:
    report = admit(register, database, now, driver(1), driver(2), driver(3))

    assert (report.added, report.unchanged, report.refused_count) == (1, 1, 1)
    ((number, error),) = report.refused
    assert (number, error.code) == (1, ErrorCode.PERSON_ERASED)
    refused(register, database, now, ErrorCode.PERSON_ERASED)


def test_a_portrait_that_does_not_open_refuses_its_holder_alone(
    register: Register, plain_database: Database, now: datetime
) -> None:
    admit(register, plain_database, now, driver(1), driver(2))
    table = schema.photo
    with plain_database.writing() as db:
        sealed = db.execute(sa.select(table.c.jpeg).where(table.c.holder_id == OTHER)).scalar_one()
        db.execute(
            sa.update(table).where(table.c.holder_id == OTHER).values(jpeg=sealed[:-1] + b"?")
        )
    report = admit(register, plain_database, now, driver(2), driver(3))

    assert (report.added, report.refused_count) == (1, 1)
    assert report.refused[0][1].code is ErrorCode.SEALED_UNREADABLE


@pytest.mark.usefixtures("erased")
def test_no_change_is_recorded_of_who_was_erased(
    register: Register, database: Database, now: datetime
) -> None:
    def count() -> int:
        with database.reading() as db:
            return db.execute(
                sa.select(sa.func.count()).select_from(schema.points_fact)
            ).scalar_one()

    with pytest.raises(SealError) as caught, database.writing() as db:
        register.amend(db, HOLDER, Amendment(now, points=3), now)

    assert caught.value.code is ErrorCode.PERSON_ERASED
    assert count() == 0
    with database.writing() as db:
        register.amend(db, OTHER, Amendment(now, points=3), now)
    assert count() == 1


@pytest.mark.usefixtures("erased")
def test_reconciling_names_who_cannot_be_read(
    register: Register, database: Database, now: datetime
) -> None:
    told = told_by(Line(number, 0, write_line(driver(number))) for number in (1, 2))
    found = [one for _, some in reconcile(database, register, told) for one in some]

    assert [(one.holder, one.where) for one in found] == [(HOLDER, Where.UNREADABLE)]


def as_earlier(database: Database) -> None:
    """Write the one driver as the version before sealing did."""
    values = msgspec.to_builtins(PERSON) | {
        "birth_date": PERSON.birth_date,
        "sex": int(PERSON.sex),
    }
    with database.writing() as db:
        db.execute(sa.update(schema.person_fact).values(sealed=None, **values))
        db.execute(sa.update(schema.photo).values(sealed=None, jpeg=portrait()))
        db.execute(sa.delete(schema.holder_key))
