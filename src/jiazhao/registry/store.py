"""SQL of the register. Who can change this store can change what the law says of a driver.

Columns are named, never `*`: a migration may add one while we run.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import sqlalchemy as sa

from jiazhao.licence.history import Fact, Interval
from jiazhao.licence.identifiers import ArchiveNumber, HolderId, InstanceNumber
from jiazhao.licence.licence import (
    ClassEntitlement,
    Grant,
    History,
    IdentityKind,
    IssuingOffice,
    LatinNameSource,
    Person,
    Photo,
    Sex,
)
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.storage import schema

T = TypeVar("T")
K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Instance:
    """One claimed electronic licence; `device_key` is the COSE_Key that it is bound to."""

    holder_id: HolderId
    instance_number: InstanceNumber
    key_thumbprint: str
    device_key: bytes
    issued_at: datetime
    ended_at: datetime | None = None
    last_counter: int | None = None
    last_check_id: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the change feed."""

    holder_id: HolderId
    change_id: str
    kind: str


_BY_HOLDER = {
    table.name: sa.select(table).where(table.c.holder_id == sa.bindparam("holder"))
    for table in (
        schema.person_fact,
        schema.grant_fact,
        schema.class_fact,
        schema.status_fact,
        schema.points_fact,
        schema.photo_fact,
    )
}
# `sa.select(table)` names every column of the table as this version knows it.


def lock_holder(db: sa.Connection, holder: HolderId) -> bool:
    """Hold off other writers of this holder until the transaction ends; False if unknown."""
    row = db.execute(
        sa.select(schema.holder.c.holder_id)
        .where(schema.holder.c.holder_id == holder)
        .with_for_update()
    ).one_or_none()
    return row is not None


def insert_holder(db: sa.Connection, holder: HolderId, now: datetime) -> None:
    """Begin a holder's record."""
    db.execute(sa.insert(schema.holder).values(holder_id=holder, recorded_at=now))


def history_of(db: sa.Connection, holder: HolderId) -> History:
    """All facts of one holder; empty where there is none."""
    return History(
        holder_id=holder,
        persons=tuple(_facts(db, "person_fact", holder, _person)),
        grants=tuple(_facts(db, "grant_fact", holder, _grant)),
        classes=_by(_facts_of(db, "class_fact", holder, _entitlement, _class)),
        statuses=_by(_facts_of(db, "status_fact", holder, lambda _: True, _status)),
        points=tuple(_facts(db, "points_fact", holder, lambda row: int(row.points))),
        photos=tuple(_facts(db, "photo_fact", holder, lambda row: str(row.photo_id))),
    )


def _rows(db: sa.Connection, table: str, holder: HolderId) -> Sequence[Any]:
    return db.execute(_BY_HOLDER[table], {"holder": holder}).all()


def _fact(row: Any, read: Callable[[Any], T]) -> Fact[T]:
    held = Interval(row.held_from, row.held_until)
    return Fact(row.fact_id, held, row.recorded_at, read(row) if row.holds else None)


def _facts(
    db: sa.Connection, table: str, holder: HolderId, read: Callable[[Any], T]
) -> Iterable[Fact[T]]:
    return [_fact(row, read) for row in _rows(db, table, holder)]


def _facts_of(
    db: sa.Connection,
    table: str,
    holder: HolderId,
    read: Callable[[Any], T],
    subject: Callable[[Any], K],
) -> Iterable[tuple[K, Fact[T]]]:
    return [(subject(row), _fact(row, read)) for row in _rows(db, table, holder)]


def _by(pairs: Iterable[tuple[K, Fact[T]]]) -> Mapping[K, tuple[Fact[T], ...]]:
    grouped: dict[K, list[Fact[T]]] = {}
    for subject, fact in pairs:
        grouped.setdefault(subject, []).append(fact)
    return {subject: tuple(facts) for subject, facts in grouped.items()}


def _person(row: Any) -> Person:
    return Person(
        family_name=row.family_name,
        given_name=row.given_name,
        family_name_latin=row.family_name_latin,
        given_name_latin=row.given_name_latin,
        latin_source=LatinNameSource(row.latin_source),
        sex=Sex(row.sex),
        nationality=row.nationality,
        birth_date=row.birth_date,
        address=row.address,
        identity_kind=IdentityKind(row.identity_kind),
        identity_number=row.identity_number,
    )


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


# -- facts are only inserted


@dataclass(frozen=True, slots=True)
class Recording:
    """What all facts of one act of recording share."""

    holder_id: HolderId
    recorded_at: datetime
    fact_id: str
    held: Interval

    def columns(self, *, holds: bool = True) -> dict[str, Any]:
        """The columns that every fact table has."""
        return {
            "holder_id": self.holder_id,
            "fact_id": self.fact_id,
            "held_from": self.held.start,
            "held_until": self.held.end,
            "recorded_at": self.recorded_at,
            "holds": holds,
        }


def record_person(db: sa.Connection, act: Recording, person: Person) -> None:
    """Record who the holder is."""
    db.execute(
        sa.insert(schema.person_fact).values(
            **act.columns(),
            family_name=person.family_name,
            given_name=person.given_name,
            family_name_latin=person.family_name_latin,
            given_name_latin=person.given_name_latin,
            latin_source=person.latin_source.value,
            sex=int(person.sex),
            nationality=person.nationality,
            birth_date=person.birth_date,
            address=person.address,
            identity_kind=person.identity_kind.value,
            identity_number=person.identity_number,
        )
    )


def record_grant(db: sa.Connection, act: Recording, grant: Grant) -> None:
    """Record the licence itself."""
    office = grant.issuing_office
    db.execute(
        sa.insert(schema.grant_fact).values(
            **act.columns(),
            archive_number=grant.archive_number,
            office_code=office.code,
            office_name=office.name,
            office_name_latin=office.name_latin,
            office_prefix=office.prefix,
            first_issue_date=grant.first_issue_date,
            valid_from=grant.valid_from,
            valid_until=grant.valid_until,
            record=grant.record,
        )
    )


def record_class(
    db: sa.Connection,
    act: Recording,
    vehicle_class: VehicleClass,
    entitlement: ClassEntitlement | None,
) -> None:
    """Record that a class is held, or with None that it is not."""
    db.execute(
        sa.insert(schema.class_fact).values(
            **act.columns(holds=entitlement is not None),
            vehicle_class=vehicle_class.value,
            issue_date=entitlement.issue_date if entitlement else None,
            expiry_date=entitlement.expiry_date if entitlement else None,
        )
    )


def record_status(db: sa.Connection, act: Recording, status: LicenceStatus, *, holds: bool) -> None:
    """Record that a status holds, or that it does not."""
    db.execute(
        sa.insert(schema.status_fact).values(**act.columns(holds=holds), status=status.value)
    )


def record_points(db: sa.Connection, act: Recording, points: int) -> None:
    """Record the points of the running cycle."""
    db.execute(sa.insert(schema.points_fact).values(**act.columns(), points=points))


def record_photo(db: sa.Connection, act: Recording, photo: Photo) -> None:
    """Keep a portrait and record that it is the one on file."""
    db.execute(
        sa.insert(schema.photo).values(
            holder_id=act.holder_id,
            photo_id=act.fact_id,
            jpeg=photo.jpeg,
            captured_on=photo.captured_on,
        )
    )
    db.execute(sa.insert(schema.photo_fact).values(**act.columns(), photo_id=act.fact_id))


def photo_of(db: sa.Connection, holder: HolderId, photo_id: str) -> Photo | None:
    """The portrait of that id."""
    row = db.execute(
        sa.select(schema.photo.c.jpeg, schema.photo.c.captured_on).where(
            schema.photo.c.holder_id == holder, schema.photo.c.photo_id == photo_id
        )
    ).one_or_none()
    return Photo(row.jpeg, row.captured_on) if row else None


# -- look-ups by keyed hash


def point_to_holder(db: sa.Connection, digest: bytes, holder: HolderId) -> bool:
    """Let `digest` find `holder`; False where it finds another holder already."""
    known = find_holder(db, digest)
    if known is None:
        db.execute(sa.insert(schema.identifier_lookup).values(digest=digest, holder_id=holder))
    return known in (None, holder)


def find_holder(db: sa.Connection, digest: bytes) -> HolderId | None:
    """The holder that an identifier's keyed hash belongs to."""
    found = db.execute(
        sa.select(schema.identifier_lookup.c.holder_id).where(
            schema.identifier_lookup.c.digest == digest
        )
    ).scalar_one_or_none()
    return HolderId(found) if found is not None else None


# -- instances of the electronic licence

_INSTANCE = sa.select(
    schema.electronic_licence.c.holder_id,
    schema.electronic_licence.c.instance_number,
    schema.electronic_licence.c.key_thumbprint,
    schema.electronic_licence.c.device_key,
    schema.electronic_licence.c.issued_at,
    schema.electronic_licence.c.ended_at,
    schema.electronic_licence.c.last_counter,
    schema.electronic_licence.c.last_check_id,
)


def _instance(row: Any | None) -> Instance | None:
    if row is None:
        return None
    return Instance(
        HolderId(row.holder_id),
        InstanceNumber(row.instance_number),
        row.key_thumbprint,
        row.device_key,
        row.issued_at,
        row.ended_at,
        row.last_counter,
        row.last_check_id,
    )


def live_instance(db: sa.Connection, holder: HolderId) -> Instance | None:
    """The one electronic licence of the holder that has not ended."""
    return _instance(
        db.execute(
            _INSTANCE.where(
                schema.electronic_licence.c.holder_id == holder,
                schema.electronic_licence.c.ended_at.is_(None),
            )
        ).one_or_none()
    )


def instance(db: sa.Connection, holder: HolderId, number: InstanceNumber) -> Instance | None:
    """An electronic licence, live or ended."""
    return _instance(
        db.execute(
            _INSTANCE.where(
                schema.electronic_licence.c.holder_id == holder,
                schema.electronic_licence.c.instance_number == number,
            )
        ).one_or_none()
    )


def insert_instance(db: sa.Connection, instance: Instance) -> None:
    """Record a claimed electronic licence."""
    db.execute(
        sa.insert(schema.electronic_licence).values(
            holder_id=instance.holder_id,
            instance_number=instance.instance_number,
            key_thumbprint=instance.key_thumbprint,
            device_key=instance.device_key,
            issued_at=instance.issued_at,
            ended_at=None,
        )
    )


def end_instances(db: sa.Connection, holder: HolderId, now: datetime) -> int:
    """End whatever electronic licence is live; returns how many ended."""
    table = schema.electronic_licence
    return db.execute(
        sa.update(table)
        .where(table.c.holder_id == holder, table.c.ended_at.is_(None))
        .values(ended_at=now)
    ).rowcount


def use_counter(db: sa.Connection, instance: Instance, counter: int, check_id: str) -> bool:
    """Use a licence code once: it voids all of its key with the same or a lower counter.

    True for the first use and for the same check asked again; the comparison and the write are
    one statement, so of two checks at once one wins on either engine.
    """
    table = schema.electronic_licence
    own = sa.and_(
        table.c.holder_id == instance.holder_id,
        table.c.instance_number == instance.instance_number,
    )
    used = db.execute(
        sa.update(table)
        .where(own, sa.or_(table.c.last_counter.is_(None), table.c.last_counter < counter))
        .values(last_counter=counter, last_check_id=check_id)
    )
    if used.rowcount == 1:
        return True
    repeated = db.execute(
        sa.select(table.c.holder_id).where(
            own, table.c.last_counter == counter, table.c.last_check_id == check_id
        )
    ).one_or_none()
    return repeated is not None


# -- the change feed


def append_change(
    db: sa.Connection, holder: HolderId, change_id: str, kind: str, *, now: datetime, due: datetime
) -> None:
    """Add a row to the change feed, to be drained once `due` has come."""
    db.execute(
        sa.insert(schema.change).values(
            holder_id=holder,
            change_id=change_id,
            kind=kind,
            recorded_at=now,
            due_at=due,
            drained_at=None,
        )
    )


def plan_change(db: sa.Connection, holder: HolderId, *, now: datetime, due: datetime) -> None:
    """Plan a row for `due`, once: its name follows from the moment.

    A row that is drained already is due again: a worker with a clock ahead of ours drained it,
    and ours has written since what held before.
    """
    name = f"due-{due.astimezone(UTC).isoformat()}"
    table = schema.change
    known = db.execute(
        sa.update(table)
        .where(table.c.holder_id == holder, table.c.change_id == name)
        .values(drained_at=None)
    )
    if known.rowcount == 0:
        append_change(db, holder, name, "due", now=now, due=due)


def undrained(db: sa.Connection, *, now: datetime, limit: int) -> list[Change]:
    """Rows that are due and not yet drained, the longest due first."""
    table = schema.change
    rows = db.execute(
        sa.select(table.c.holder_id, table.c.change_id, table.c.kind)
        .where(table.c.drained_at.is_(None), table.c.due_at <= now)
        .order_by(table.c.due_at)
        .limit(limit)
    )
    return [Change(HolderId(row.holder_id), row.change_id, row.kind) for row in rows]


def count_undrained(db: sa.Connection, now: datetime) -> int:
    """How many rows are due and not yet drained."""
    table = schema.change
    return db.execute(
        sa.select(sa.func.count())
        .select_from(table)
        .where(table.c.drained_at.is_(None), table.c.due_at <= now)
    ).scalar_one()


def postpone(db: sa.Connection, change: Change, due: datetime) -> None:
    """Let a row that is not drained wait until `due`."""
    table = schema.change
    db.execute(
        sa.update(table)
        .where(table.c.holder_id == change.holder_id, table.c.change_id == change.change_id)
        .where(table.c.drained_at.is_(None))
        .values(due_at=due)
    )


def mark_drained(db: sa.Connection, change: Change, now: datetime) -> None:
    """Say that a row's consequences are in place."""
    table = schema.change
    db.execute(
        sa.update(table)
        .where(table.c.holder_id == change.holder_id, table.c.change_id == change.change_id)
        .values(drained_at=now)
    )


def holders(db: sa.Connection, *, after: str = "", limit: int = 100) -> list[HolderId]:
    """Holders in the order of their ids."""
    rows = db.execute(
        sa.select(schema.holder.c.holder_id)
        .where(schema.holder.c.holder_id > after)
        .order_by(schema.holder.c.holder_id)
        .limit(limit)
    )
    return [HolderId(row.holder_id) for row in rows]


def count_holders(db: sa.Connection) -> int:
    """How many holders the register has."""
    return db.execute(sa.select(sa.func.count()).select_from(schema.holder)).scalar_one()
