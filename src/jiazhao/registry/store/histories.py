"""Facts as they were recorded, read: the history of a holder, and portraits."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

import sqlalchemy as sa

from jiazhao.errors import SealError
from jiazhao.licence.history import Fact, Interval
from jiazhao.licence.identifiers import ArchiveNumber, HolderId
from jiazhao.licence.licence import ClassEntitlement, Grant, History, IssuingOffice, Photo
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.registry.store.sealing import Seals, data_keys
from jiazhao.storage import schema
from jiazhao.storage.personal_data import PersonalData

T = TypeVar("T")
K = TypeVar("K")

_FACTS = (
    schema.person_fact,
    schema.grant_fact,
    schema.class_fact,
    schema.status_fact,
    schema.points_fact,
    schema.photo_fact,
)

_BY_HOLDER = {
    table.name: sa.select(table).where(table.c.holder_id == sa.bindparam("holder"))
    for table in _FACTS
}

_BY_HOLDERS = {
    table.name: sa.select(table).where(
        table.c.holder_id.in_(sa.bindparam("holders", expanding=True))
    )
    for table in _FACTS
}


# `sa.select(table)` names every column of the table as this version knows it.


def histories_of(
    db: sa.Connection, holders: Iterable[HolderId], personal: PersonalData
) -> dict[HolderId, History | SealError]:
    """All facts of many holders, by one statement for each kind; or why they cannot be read."""
    wanted = list(holders)
    rows: dict[str, dict[HolderId, list[Any]]] = {}
    for name, statement in _BY_HOLDERS.items():
        of_kind = rows.setdefault(name, {})
        for row in db.execute(statement, {"holders": wanted}) if wanted else ():
            of_kind.setdefault(row.holder_id, []).append(row)
    seals = Seals(personal, data_keys(db, wanted))
    return {
        holder: _or_error(
            partial(
                _history, holder, {name: of.get(holder, ()) for name, of in rows.items()}, seals
            )
        )
        for holder in wanted
    }


def _or_error(read: Callable[[], T]) -> T | SealError:
    try:
        return read()
    except SealError as error:
        return error


def history_of(db: sa.Connection, holder: HolderId, personal: PersonalData) -> History:
    """All facts of one holder; empty where there is none."""
    rows = {name: db.execute(by, {"holder": holder}).all() for name, by in _BY_HOLDER.items()}
    return _history(holder, rows, Seals(personal, data_keys(db, [holder])))


def _history(holder: HolderId, rows: Mapping[str, Sequence[Any]], seals: "Seals") -> History:
    return History(
        holder_id=holder,
        persons=_facts(rows["person_fact"], seals.person),
        grants=_facts(rows["grant_fact"], _grant),
        classes=_by(rows["class_fact"], _class, _entitlement),
        statuses=_by(rows["status_fact"], _status, lambda _: True),
        points=_facts(rows["points_fact"], lambda row: int(row.points)),
        photos=_facts(rows["photo_fact"], lambda row: str(row.photo_id)),
    )


def _fact(row: Any, read: Callable[[Any], T]) -> Fact[T]:
    held = Interval(row.held_from, row.held_until)
    return Fact(row.fact_id, held, row.recorded_at, read(row) if row.holds else None)


def _facts(rows: Iterable[Any], read: Callable[[Any], T]) -> tuple[Fact[T], ...]:
    return tuple(_fact(row, read) for row in rows)


def _by(
    rows: Iterable[Any], subject: Callable[[Any], K], read: Callable[[Any], T]
) -> Mapping[K, tuple[Fact[T], ...]]:
    grouped: dict[K, list[Fact[T]]] = {}
    for row in rows:
        grouped.setdefault(subject(row), []).append(_fact(row, read))
    return {subject: tuple(facts) for subject, facts in grouped.items()}


def _grant(row: Any) -> Grant:
    return Grant(
        archive_number=ArchiveNumber(row.archive_number),
        issuing_office=IssuingOffice(
            row.office_code, row.office_name, row.office_name_latin, row.office_prefix
        ),
        first_issue_date=row.first_issue_date,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        record=row.record,
    )


def _entitlement(row: Any) -> ClassEntitlement:
    return ClassEntitlement(_class(row), row.issue_date, row.expiry_date)


def _class(row: Any) -> VehicleClass:
    return VehicleClass(row.vehicle_class)


def _status(row: Any) -> LicenceStatus:
    return LicenceStatus(row.status)


def photo_of(
    db: sa.Connection, holder: HolderId, photo_id: str, personal: PersonalData
) -> Photo | None:
    """The portrait of that id."""
    photo = photos_of(db, [(holder, photo_id)], personal).get((holder, photo_id))
    if isinstance(photo, SealError):
        raise photo
    return photo


def photos_of(
    db: sa.Connection, photos: Iterable[tuple[HolderId, str]], personal: PersonalData
) -> dict[tuple[HolderId, str], Photo | SealError]:
    """Portraits by holder and id, or why one cannot be read."""
    wanted, table = list(photos), schema.photo
    if not wanted:
        return {}
    rows = db.execute(
        sa.select(
            table.c.holder_id, table.c.photo_id, table.c.jpeg, table.c.sealed, table.c.captured_on
        ).where(sa.tuple_(table.c.holder_id, table.c.photo_id).in_(wanted))
    )
    seals = Seals(personal, data_keys(db, {holder for holder, _ in wanted}))

    def read(row: Any) -> Photo:
        return Photo(seals.jpeg(row), row.captured_on)

    return {(row.holder_id, row.photo_id): _or_error(partial(read, row)) for row in rows}
