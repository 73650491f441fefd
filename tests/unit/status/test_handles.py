"""Handles of licence codes: random, given once, and ended for good."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from jiazhao.credentials.status_list import StatusValue
from jiazhao.errors import ErrorCode, JiazhaoError
from jiazhao.licence.identifiers import HolderId, InstanceNumber
from jiazhao.status.handles import HandleKind, StatusHandle, StatusHandles
from jiazhao.storage.engine import Database
from jiazhao.storage.schema import restoration, status_snapshot

HOLDER = HolderId("sp-000001")
NUMBER = InstanceNumber("5110000000001")
OTHER = InstanceNumber("5110000000002")


def add(
    database: Database,
    now: datetime,
    *,
    handles: StatusHandles | None = None,
    number: InstanceNumber = NUMBER,
    kind: HandleKind = HandleKind.LICENCE,
) -> StatusHandle:
    handles = handles or StatusHandles()
    return database.write(
        lambda db: handles.add(
            db,
            holder_id=HOLDER,
            instance_number=number,
            kind=kind,
            live_until=now + timedelta(days=30),
            now=now,
        )
    )


def of_holder(database: Database) -> list[StatusHandle]:
    with database.reading() as db:
        return StatusHandles().of_holder(db, HOLDER)


def set_value(database: Database, handle: StatusHandle, value: StatusValue) -> bool:
    return database.write(lambda db: StatusHandles().set_value(db, handle.handle, value))


def test_a_handle_is_kept_as_it_was_given(database: Database, now: datetime) -> None:
    given = add(database, now)

    assert len(given.handle) == 8
    assert of_holder(database) == [given]
    assert given.value is StatusValue.VALID


@pytest.mark.parametrize(
    ("kind", "days"), [(HandleKind.LICENCE, 30 + 8), (HandleKind.BACKUP, 30 + 8 + 732)]
)
def test_a_handle_is_forgotten_once_nobody_can_ask_for_it(
    database: Database, now: datetime, kind: HandleKind, days: int
) -> None:
    handles = StatusHandles(keep=timedelta(days=8))
    lapsed = add(database, now, kind=kind)
    last = now + timedelta(days=days)
    live = add(database, last, kind=kind)

    assert database.write(lambda db: handles.forget(db, last)) == 0
    assert database.write(lambda db: handles.forget(db, last + timedelta(seconds=1))) == 1
    with database.reading() as db:
        assert (handles.find(db, lapsed.handle), handles.find(db, live.handle)) == (None, live)


def test_few_are_forgotten_at_once(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jiazhao.status.handles._FORGOTTEN_AT_ONCE", 2)
    handles = StatusHandles(keep=timedelta(days=8))
    for hours in (3, 1, 2):
        add(database, now + timedelta(hours=hours))

    later = now + timedelta(days=99)
    assert [database.write(lambda db: handles.forget(db, later)) for _ in range(3)] == [2, 1, 0]


def test_a_handle_that_was_given_is_not_given_again(database: Database, now: datetime) -> None:
    draws = iter([b"once one", b"once one", b"two by 2"])
    scripted = StatusHandles(random=lambda _: next(draws))

    given = [add(database, now, handles=scripted).handle for _ in range(2)]

    assert given == [b"once one", b"two by 2"]


def test_a_source_of_chance_that_is_broken_is_noticed(database: Database, now: datetime) -> None:
    broken = StatusHandles(random=bytes)
    add(database, now, handles=broken)

    with pytest.raises(JiazhaoError) as error:
        add(database, now, handles=broken)

    assert error.value.code is ErrorCode.SERVICE_UNAVAILABLE


def test_each_licence_and_each_kind_has_its_own(database: Database, now: datetime) -> None:
    licence = add(database, now)
    backup = add(database, now, kind=HandleKind.BACKUP)
    later = add(database, now + timedelta(hours=1), number=OTHER)

    with database.reading() as db:
        found = [
            StatusHandles().of_instance(db, HOLDER, number, kind, now)
            for number in (NUMBER, OTHER)
            for kind in HandleKind
        ]

    assert found == [licence, backup, later, None]


def test_a_handle_that_has_ended_stays_so_and_the_licence_needs_another(
    database: Database, now: datetime
) -> None:
    handle = add(database, now)

    assert set_value(database, handle, StatusValue.MUST_NOT_DRIVE)
    assert not set_value(database, handle, StatusValue.MUST_NOT_DRIVE)
    assert [one.value for one in of_holder(database)] == [StatusValue.MUST_NOT_DRIVE]
    assert set_value(database, handle, StatusValue.ENDED)
    assert not set_value(database, handle, StatusValue.VALID)
    assert of_holder(database) == []


def test_a_handle_is_live_as_long_as_its_last_code(database: Database, now: datetime) -> None:
    handle = add(database, now)
    with database.writing() as db:
        for days in (60, 40):
            StatusHandles().prolong(db, handle.handle, now + timedelta(days=days))

    assert of_holder(database) == [replace(handle, live_until=now + timedelta(days=60))]


def test_a_handle_whose_codes_have_lapsed_is_not_used_again(
    database: Database, now: datetime
) -> None:
    handle = add(database, now)

    with database.reading() as db:
        before, after = (
            StatusHandles().of_instance(db, HOLDER, NUMBER, HandleKind.LICENCE, at)
            for at in (handle.live_until - timedelta(seconds=1), handle.live_until)
        )

    assert (before, after) == (handle, None)


def test_none_is_given_in_an_hour_of_which_a_snapshot_speaks(
    database: Database, now: datetime
) -> None:
    with database.writing() as db:
        db.execute(
            sa.insert(status_snapshot).values(
                sequence=1,
                is_base=True,
                until_hour=int(now.timestamp()) // 3600 + 1,
                as_of=now,
                digest=bytes(32),
                size=1,
                handles=0,
            )
        )
    with pytest.raises(JiazhaoError) as error:
        add(database, now)

    assert error.value.code is ErrorCode.SERVICE_UNAVAILABLE
    assert add(database, now + timedelta(hours=1)).issued_at == now + timedelta(hours=1)


def test_a_handle_of_an_hour_that_a_restore_lost_is_replaced(
    database: Database, now: datetime
) -> None:
    handle = add(database, now)
    with database.writing() as db:
        db.execute(
            sa.insert(restoration).values(
                restoration_id="r",
                backup=bytes(32),
                as_of=now,
                restored_at=now + timedelta(hours=3),
            )
        )
    later = add(database, now + timedelta(hours=5), kind=HandleKind.BACKUP)

    with database.reading() as db:
        found = [
            StatusHandles().of_instance(db, HOLDER, NUMBER, kind, now + timedelta(hours=6))
            for kind in HandleKind
        ]

    assert handle.kind is HandleKind.LICENCE
    assert found == [None, later]


@pytest.mark.parametrize("minutes", [0, 59, 60, 61, 1439])
def test_every_code_of_a_handle_tells_the_same_hour_of_issue(minutes: int) -> None:
    issued = datetime(2026, 6, 1, 9, 10, 33, tzinfo=UTC)
    handle = StatusHandle(
        b"8 octets", HOLDER, NUMBER, HandleKind.LICENCE, issued, issued, StatusValue.VALID
    )
    signed = issued + timedelta(minutes=minutes)

    told = signed - timedelta(hours=handle.age_at(signed))

    assert told.replace(minute=0, second=0) == datetime(2026, 6, 1, 9, tzinfo=UTC)
