"""Importing into the register: once, whole or not at all, and no number for two people."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from threading import Barrier

import pytest
import sqlalchemy as sa

from jiazhao.errors import ErrorCode
from jiazhao.licence.history import Interval
from jiazhao.licence.identifiers import HolderId
from jiazhao.licence.licence import IdentityKind
from jiazhao.licence.status import LicenceStatus
from jiazhao.registry.importing import ImportedHolder, write_line
from jiazhao.registry.service import Amendment, ImportReport, Register
from jiazhao.storage.engine import Database
from jiazhao.storage.schema import identifier_lookup, metadata
from tests.unit.drivers import SINCE, admit, citizen_number, driver

BORN = date(1990, 1, 5)


def refusals(report: ImportReport) -> list[tuple[int, ErrorCode]]:
    return [(number, error.code) for number, error in report.refused]


def rows_of(database: Database, holder: HolderId) -> int:
    """Count the rows that name a holder, in whatever table."""
    with database.reading() as db:
        return sum(
            db.execute(
                sa.select(sa.func.count()).select_from(table).where(table.c.holder_id == holder)
            ).scalar_one()
            for table in metadata.tables.values()
            if "holder_id" in table.c
        )


def test_a_driver_is_admitted_once(register: Register, database: Database, now: datetime) -> None:
    assert admit(register, database, now, driver(1), driver(2)).added == 2
    before = rows_of(database, driver(1).holder_id)

    again = admit(register, database, now, driver(1), driver(2), driver(3))

    assert (again.added, again.unchanged, again.refused) == (1, 2, [])
    assert rows_of(database, driver(1).holder_id) == before
    with database.reading() as db:
        assert register.count(db) == 3


def test_the_licence_comes_back_as_it_was_told(
    register: Register, database: Database, now: datetime
) -> None:
    told = driver(1)
    admit(register, database, now, told)

    with database.reading() as db:
        licence = register.licence_of(db, told.holder_id, at=now)
        portrait = register.portrait_of(db, told.holder_id, at=now)

    assert licence.person == told.persons[0][1]
    assert licence.grant == told.grants[0][1]
    assert licence.classes == tuple(entitlement for _, entitlement in told.classes)
    assert licence.statuses == {LicenceStatus.NORMAL}
    assert portrait == told.photos[0][1]


def _other_points(told: ImportedHolder) -> ImportedHolder:
    return replace(told, points=((SINCE, 3),))


def _other_portrait(told: ImportedHolder) -> ImportedHolder:
    ((held, photo),) = told.photos
    return replace(told, photos=((held, replace(photo, captured_on=None)),))


def _other_time(told: ImportedHolder) -> ImportedHolder:
    later = Interval(datetime(2015, 3, 3, tzinfo=UTC))
    return replace(told, classes=tuple((later, one) for _, one in told.classes))


@pytest.mark.parametrize("change", [_other_points, _other_portrait, _other_time])
def test_other_content_for_a_known_holder_is_refused(
    register: Register,
    database: Database,
    now: datetime,
    change: Callable[[ImportedHolder], ImportedHolder],
) -> None:
    admit(register, database, now, driver(1))
    before = rows_of(database, driver(1).holder_id)

    report = admit(register, database, now, change(driver(1)))

    assert refusals(report) == [(1, ErrorCode.HOLDER_KNOWN)]
    assert rows_of(database, driver(1).holder_id) == before


def test_a_line_from_before_an_amendment_is_refused(
    register: Register, database: Database, now: datetime
) -> None:
    told = driver(1)
    admit(register, database, now, told)
    database.write(lambda db: register.amend(db, told.holder_id, Amendment(now, points=3), now))

    assert refusals(admit(register, database, now, told)) == [(1, ErrorCode.HOLDER_KNOWN)]


def _same_identity(other: ImportedHolder) -> ImportedHolder:
    ((held, person),) = other.persons
    return replace(other, persons=((held, replace(person, identity_number=_IDENTITY_OF_1)),))


def _same_archive(other: ImportedHolder) -> ImportedHolder:
    ((held, grant),) = other.grants
    archive = driver(1).grants[0][1].archive_number
    return replace(other, grants=((held, replace(grant, archive_number=archive)),))


_IDENTITY_OF_1 = citizen_number(1, BORN)


@pytest.mark.parametrize(
    ("change", "kind"), [(_same_identity, "identity"), (_same_archive, "archive")]
)
def test_a_number_of_somebody_else_is_refused_and_nothing_of_the_line_stays(
    register: Register,
    database: Database,
    now: datetime,
    change: Callable[[ImportedHolder], ImportedHolder],
    kind: str,
) -> None:
    report = admit(register, database, now, driver(1), change(driver(2)), driver(3))

    assert refusals(report) == [(2, ErrorCode.IDENTIFIER_TAKEN)]
    assert report.refused[0][1].values == {"kind": kind}
    assert report.added == 2
    assert rows_of(database, driver(2).holder_id) == 0


def test_bad_lines_are_reported_and_good_ones_land(
    register: Register, database: Database, now: datetime
) -> None:
    lines = [
        write_line(driver(1)),
        b"{}\n",
        write_line(driver(2)),
        b"\xff\n",
        write_line(driver(3)),
    ]

    *_, report = register.import_lines(database, lines, now)

    assert report.added == 3
    assert [number for number, _ in report.refused] == [2, 4]


def test_a_holder_is_found_by_each_number_that_he_had(
    register: Register, database: Database, now: datetime
) -> None:
    ((_, person),) = driver(1).persons
    moved = datetime(2020, 1, 1, tzinfo=UTC)
    abroad = replace(person, identity_kind=IdentityKind.PASSPORT, identity_number="E12345678X")
    told = replace(
        driver(1),
        persons=((Interval(SINCE.start, moved), abroad), (Interval(moved), person)),
    )
    admit(register, database, now, told)

    with database.reading() as db:
        for written in ("E12345678X", " e12345678x ", _IDENTITY_OF_1, "510100000001"):
            assert register.find(db, written) == told.holder_id, written
        assert register.find_by_identity(db, "e12345678x") == told.holder_id
        assert register.find_by_identity(db, "510100000001") is None, "an archive number"
        assert register.find(db, citizen_number(2, BORN)) is None


def test_without_the_key_nobody_is_found(
    register: Register, database: Database, now: datetime
) -> None:
    admit(register, database, now, driver(1))

    with database.reading() as db:
        assert Register(bytes(32), register.personal).find(db, _IDENTITY_OF_1) is None
        digests = db.execute(sa.select(identifier_lookup.c.digest)).scalars().all()
    assert {len(digest) for digest in digests} == {32}
    assert all(_IDENTITY_OF_1.encode() not in digest for digest in digests)


def test_a_driver_imported_by_several_at_once_is_admitted_once(
    register: Register, database: Database, now: datetime
) -> None:
    start = Barrier(4)

    def run(_: int) -> ImportReport:
        start.wait(10)
        return admit(register, database, now, *map(driver, range(1, 6)))

    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(run, range(4)))

    assert sum(report.added for report in reports) == 5
    assert sum(report.unchanged for report in reports) == 15
    assert [refusals(report) for report in reports] == [[]] * 4


def test_of_two_drivers_with_one_number_imported_at_once_one_is_admitted(
    register: Register, database: Database, now: datetime
) -> None:
    for number in range(1, 11):
        start = Barrier(2)
        ((held, person),) = driver(number).persons
        doubled = replace(driver(100 + number), persons=((held, person),))

        def run(told: ImportedHolder, start: Barrier = start) -> ImportReport:
            start.wait(10)
            return admit(register, database, now, told)

        with ThreadPoolExecutor(2) as pool:
            reports = list(pool.map(run, (driver(number), doubled)))

        assert sorted(report.added for report in reports) == [0, 1]
        refused = [one for report in reports for one in refusals(report)]
        assert refused == [(1, ErrorCode.IDENTIFIER_TAKEN)]
