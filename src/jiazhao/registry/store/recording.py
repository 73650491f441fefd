"""Facts are only inserted: what holds, or that it does not."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from jiazhao.licence.history import Interval
from jiazhao.licence.identifiers import HolderId
from jiazhao.licence.licence import ClassEntitlement, Grant, Person, Photo
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.registry.store.sealing import PERSON, PHOTO, Seals, data_keys
from jiazhao.storage import schema
from jiazhao.storage.bulk import insert_rows
from jiazhao.storage.personal_data import PersonalData


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


Row = dict[str, Any]
"""What one table takes."""


def person_row(act: Recording, person: Person | None, seals: "Seals") -> Row:
    """Who the holder is; None says that there was no such record then."""
    sealed = None
    if person is not None:
        sealed = seals.seal(
            act.holder_id, f"{PERSON} {act.fact_id}", msgspec.msgpack.encode(person)
        )
    return {**act.columns(holds=person is not None), "sealed": sealed}


def grant_row(act: Recording, grant: Grant | None) -> Row:
    """The licence itself; None says that there was none then."""
    office = grant.issuing_office if grant else None
    return {
        **act.columns(holds=grant is not None),
        "archive_number": grant.archive_number if grant else None,
        "office_code": office.code if office else None,
        "office_name": office.name if office else None,
        "office_name_latin": office.name_latin if office else None,
        "office_prefix": office.prefix if office else None,
        "first_issue_date": grant.first_issue_date if grant else None,
        "valid_from": grant.valid_from if grant else None,
        "valid_until": grant.valid_until if grant else None,
        "record": grant.record if grant else None,
    }


def class_row(
    act: Recording, vehicle_class: VehicleClass, entitlement: ClassEntitlement | None
) -> Row:
    """That a class is held, or with None that it is not."""
    return {
        **act.columns(holds=entitlement is not None),
        "vehicle_class": vehicle_class.value,
        "issue_date": entitlement.issue_date if entitlement else None,
        "expiry_date": entitlement.expiry_date if entitlement else None,
    }


def status_row(act: Recording, status: LicenceStatus, *, holds: bool) -> Row:
    """That a status holds, or that it does not."""
    return {**act.columns(holds=holds), "status": status.value}


def points_row(act: Recording, points: int | None) -> Row:
    """The points of the running cycle; None says that none were counted."""
    return {**act.columns(holds=points is not None), "points": points}


def photo_row(act: Recording, photo_id: str | None) -> Row:
    """Which portrait is the one on file; None says that none was."""
    return {**act.columns(holds=photo_id is not None), "photo_id": photo_id}


def record_class(
    db: sa.Connection,
    act: Recording,
    vehicle_class: VehicleClass,
    entitlement: ClassEntitlement | None,
) -> None:
    """Record that a class is held, or with None that it is not."""
    db.execute(sa.insert(schema.class_fact), [class_row(act, vehicle_class, entitlement)])


def record_status(db: sa.Connection, act: Recording, status: LicenceStatus, *, holds: bool) -> None:
    """Record that a status holds, or that it does not."""
    db.execute(sa.insert(schema.status_fact), [status_row(act, status, holds=holds)])


def record_points(db: sa.Connection, act: Recording, points: int) -> None:
    """Record the points of the running cycle."""
    db.execute(sa.insert(schema.points_fact), [points_row(act, points)])


def record_photo(db: sa.Connection, act: Recording, photo: Photo, personal: PersonalData) -> None:
    """Keep a portrait and record that it is the one on file."""
    writes = Writes(Seals(personal, data_keys(db, [act.holder_id])))
    writes.photo(act, photo)
    writes.insert(db)


class Writes:
    """Rows of many holders, to be inserted table by table; a photo is kept with its fact."""

    def __init__(self, seals: "Seals") -> None:
        self._seals = seals
        self._rows: dict[sa.Table, list[Row]] = {table: [] for table in _INSERTED}

    def holder(self, holder: HolderId, now: datetime) -> None:
        """Begin a holder's record."""
        self._rows[schema.holder].append({"holder_id": holder, "recorded_at": now})

    def person(self, act: Recording, person: Person | None) -> None:
        """A fact of who the holder is."""
        self._rows[schema.person_fact].append(person_row(act, person, self._seals))

    def grant(self, act: Recording, grant: Grant | None) -> None:
        """A fact of the licence itself."""
        self._rows[schema.grant_fact].append(grant_row(act, grant))

    def entitlement(
        self, act: Recording, vehicle_class: VehicleClass, entitlement: ClassEntitlement | None
    ) -> None:
        """A fact of one class."""
        self._rows[schema.class_fact].append(class_row(act, vehicle_class, entitlement))

    def status(self, act: Recording, status: LicenceStatus, *, holds: bool) -> None:
        """A fact of one status."""
        self._rows[schema.status_fact].append(status_row(act, status, holds=holds))

    def points(self, act: Recording, points: int | None) -> None:
        """A fact of the points."""
        self._rows[schema.points_fact].append(points_row(act, points))

    def photo(self, act: Recording, photo: Photo | None) -> None:
        """A portrait, and the fact that it is the one on file."""
        if photo is not None:
            jpeg = self._seals.seal(act.holder_id, f"{PHOTO} {act.fact_id}", photo.jpeg)
            kept = {"photo_id": act.fact_id, "jpeg": jpeg, "captured_on": photo.captured_on}
            self._rows[schema.photo].append({"holder_id": act.holder_id, **kept, "sealed": True})
        photo_id = act.fact_id if photo is not None else None
        self._rows[schema.photo_fact].append(photo_row(act, photo_id))

    def pointer(self, digest: bytes, holder: HolderId) -> None:
        """Let a keyed hash find the holder."""
        self._rows[schema.identifier_lookup].append({"digest": digest, "holder_id": holder})

    def change(
        self, holder: HolderId, change_id: str, kind: str, now: datetime, *, settled: bool
    ) -> None:
        """A row of the change feed; `settled` where nothing can follow from it."""
        drained_at = now if settled else None
        moments = {"recorded_at": now, "due_at": now, "drained_at": drained_at}
        named = {"holder_id": holder, "change_id": change_id, "kind": kind}
        self._rows[schema.change].append({**named, **moments})

    def insert(self, db: sa.Connection) -> None:
        """Insert everything, in an order that foreign keys allow."""
        self._rows[schema.holder_key] = self._seals.made_rows()
        for table, rows in self._rows.items():
            insert_rows(db, table, rows)


_INSERTED = (
    schema.holder,
    schema.holder_key,
    schema.person_fact,
    schema.grant_fact,
    schema.class_fact,
    schema.status_fact,
    schema.points_fact,
    schema.photo,
    schema.photo_fact,
    schema.identifier_lookup,
    schema.change,
)
