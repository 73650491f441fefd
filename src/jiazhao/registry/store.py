"""SQL of the register. Who can change this store can change what the law says of a driver.

Columns are named, never `*`: a migration may add one while we run.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from jiazhao.errors import ErrorCode, SealError
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
from jiazhao.storage.bulk import insert_rows
from jiazhao.storage.personal_data import PersonalData

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
    last_code_at: datetime | None = None
    """The time that the last used code said; None where an earlier version did not note it."""
    frozen_at: datetime | None = None
    frozen_by: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the change feed."""

    holder_id: HolderId
    change_id: str
    kind: str


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


def lock_holder(db: sa.Connection, holder: HolderId) -> bool:
    """Hold off other writers of this holder until the transaction ends; False if unknown."""
    row = db.execute(
        sa.select(schema.holder.c.holder_id)
        .where(schema.holder.c.holder_id == holder)
        .with_for_update()
    ).one_or_none()
    return row is not None


def lock_holders(db: sa.Connection, holders: Iterable[HolderId]) -> set[HolderId]:
    """Hold off other writers of these holders until the transaction ends; returns the known.

    In one order for everybody, so that two who lock the same do not wait for each other.
    """
    rows = db.execute(
        sa.select(schema.holder.c.holder_id)
        .where(schema.holder.c.holder_id.in_(sorted(holders)))
        .order_by(schema.holder.c.holder_id)
        .with_for_update()
    )
    return {HolderId(row.holder_id) for row in rows}


def known_holders(db: sa.Connection, holders: Iterable[HolderId]) -> list[HolderId]:
    """Those of the holders who are known."""
    rows = db.execute(
        sa.select(schema.holder.c.holder_id).where(schema.holder.c.holder_id.in_(sorted(holders)))
    )
    return [HolderId(row.holder_id) for row in rows]


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


def _plain_person(row: Any) -> Person:
    """A person as recorded before personal values were sealed."""
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


Row = dict[str, Any]


def person_row(act: Recording, person: Person | None, seals: "Seals") -> Row:
    """Who the holder is; None says that there was no such record then."""
    sealed = None
    if person is not None:
        sealed = seals.seal(
            act.holder_id, f"{_PERSON} {act.fact_id}", msgspec.msgpack.encode(person)
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
            jpeg = self._seals.seal(act.holder_id, f"{_PHOTO} {act.fact_id}", photo.jpeg)
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


# -- what is sealed


class Seals:
    """Seals and opens the personal values of some holders; makes a data key where one lacks."""

    def __init__(self, personal: PersonalData, keys: Mapping[HolderId, bytes]) -> None:
        self._personal, self._keys = personal, dict(keys)
        self._made: dict[HolderId, bytes] = {}

    def made_rows(self) -> list[Row]:
        """The data keys that were made here and are to be inserted."""
        return [{"holder_id": one, "wrapped": key} for one, key in self._made.items()]

    def seal(self, holder: HolderId, place: str, octets: bytes) -> bytes:
        """Seal a value for its place."""
        if holder not in self._keys:
            self._keys[holder] = self._made[holder] = self._personal.new_key(holder)
        return self._personal.seal(octets, key=self._keys[holder], holder=holder, place=place)

    def person(self, row: Any) -> Person:
        """The person of a fact."""
        if row.sealed is None:
            return _plain_person(row)
        octets = self.open(HolderId(row.holder_id), f"{_PERSON} {row.fact_id}", row.sealed)
        return msgspec.msgpack.decode(octets, type=Person)

    def jpeg(self, row: Any) -> bytes:
        """The octets of a portrait."""
        octets: bytes = row.jpeg
        if not row.sealed:
            return octets
        return self.open(HolderId(row.holder_id), f"{_PHOTO} {row.photo_id}", octets)

    def open(self, holder: HolderId, place: str, sealed: bytes) -> bytes:
        """Open a value of its place; `SealError`, where the holder's key is gone PERSON_ERASED."""
        key = self._keys.get(holder)
        if key is None:
            raise SealError(ErrorCode.PERSON_ERASED)
        return self._personal.open(sealed, key=key, holder=holder, place=place)


def seal_values(
    db: sa.Connection, holder: HolderId, values: Mapping[str, bytes], personal: PersonalData
) -> dict[str, bytes]:
    """Seal values of a holder, each for its place."""
    seals = Seals(personal, data_keys(db, [holder]))
    sealed = {place: seals.seal(holder, place, octets) for place, octets in values.items()}
    insert_rows(db, schema.holder_key, seals.made_rows())
    return sealed


def open_values(
    db: sa.Connection, holder: HolderId, sealed: Mapping[str, bytes], personal: PersonalData
) -> dict[str, bytes]:
    """Open values of a holder, each at its place."""
    if not sealed:
        return {}
    seals = Seals(personal, data_keys(db, [holder]))
    return {place: seals.open(holder, place, octets) for place, octets in sealed.items()}


_PLAIN_COLUMNS = (
    "family_name",
    "given_name",
    "family_name_latin",
    "given_name_latin",
    "latin_source",
    "sex",
    "nationality",
    "birth_date",
    "address",
    "identity_kind",
    "identity_number",
)
"""Columns of a person that an earlier version filled, and that stay empty since."""


def seal_plain(db: sa.Connection, personal: PersonalData, *, limit: int) -> int:
    """Seal some of what an earlier version recorded in plain; returns how many rows.

    The one change in place: what a fact says stays the same.
    """
    persons, photos = schema.person_fact, schema.photo
    plain_persons = db.execute(
        sa.select(persons)
        .where(persons.c.sealed.is_(None), persons.c.identity_number.is_not(None))
        .limit(limit)
    ).all()
    plain_photos = db.execute(sa.select(photos).where(photos.c.sealed.is_(None)).limit(limit)).all()
    holders = {HolderId(row.holder_id) for row in (*plain_persons, *plain_photos)}
    lock_holders(db, holders)
    seals = Seals(personal, data_keys(db, holders))
    for row in plain_persons:
        sealed = seals.seal(
            HolderId(row.holder_id),
            f"{_PERSON} {row.fact_id}",
            msgspec.msgpack.encode(_plain_person(row)),
        )
        emptied = dict.fromkeys(_PLAIN_COLUMNS)
        db.execute(
            sa.update(persons)
            .where(persons.c.holder_id == row.holder_id, persons.c.fact_id == row.fact_id)
            .values(sealed=sealed, **emptied)
        )
    for row in plain_photos:
        jpeg = seals.seal(HolderId(row.holder_id), f"{_PHOTO} {row.photo_id}", row.jpeg)
        db.execute(
            sa.update(photos)
            .where(photos.c.holder_id == row.holder_id, photos.c.photo_id == row.photo_id)
            .values(jpeg=jpeg, sealed=True)
        )
    insert_rows(db, schema.holder_key, seals.made_rows())
    return len(plain_persons) + len(plain_photos)


_PERSON, _PHOTO = "person", "photo"
"""Places of sealed values, each with the id of its row."""


def rewrap(db: sa.Connection, personal: PersonalData, *, after: str, limit: int) -> tuple[str, int]:
    """Wrap some data keys anew that a former wrapper wrapped; returns the last holder seen."""
    table = schema.holder_key
    rows = db.execute(
        sa.select(table.c.holder_id, table.c.wrapped)
        .where(table.c.holder_id > after)
        .order_by(table.c.holder_id)
        .limit(limit)
        .with_for_update()
    ).all()
    changed = 0
    for row in rows:
        wrapped = personal.rewrapped(row.wrapped, row.holder_id)
        if wrapped is not None:
            changed += 1
            db.execute(
                sa.update(table).where(table.c.holder_id == row.holder_id).values(wrapped=wrapped)
            )
    return (rows[-1].holder_id if rows else ""), changed


def data_keys(db: sa.Connection, holders: Iterable[HolderId]) -> dict[HolderId, bytes]:
    """The wrapped data keys of those holders who have one."""
    table = schema.holder_key
    rows = db.execute(
        sa.select(table.c.holder_id, table.c.wrapped).where(table.c.holder_id.in_(list(holders)))
    )
    return {HolderId(row.holder_id): row.wrapped for row in rows}


def erase(db: sa.Connection, holder: HolderId, now: datetime) -> None:
    """Destroy a holder's data key, and what finds the holder by a number; end what was claimed."""
    for table in (schema.holder_key, schema.identifier_lookup):
        db.execute(sa.delete(table).where(table.c.holder_id == holder))
    end_instances(db, holder, now)


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


def find_holders(db: sa.Connection, digests: Iterable[bytes]) -> dict[bytes, HolderId]:
    """The holders that identifiers' keyed hashes belong to, of those that belong to any."""
    table, wanted = schema.identifier_lookup, sorted(set(digests))
    found: dict[bytes, HolderId] = {}
    for begin in range(0, len(wanted), _MOST_PARAMETERS):
        part = wanted[begin : begin + _MOST_PARAMETERS]
        rows = db.execute(
            sa.select(table.c.digest, table.c.holder_id).where(table.c.digest.in_(part))
        )
        found |= {row.digest: HolderId(row.holder_id) for row in rows}
    return found


_MOST_PARAMETERS = 10_000
"""In one statement; SQLite takes 32 766."""

# -- files that were fed


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a file has been taken in: octets and lines are behind what was committed."""

    octets: int = 0
    lines: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0


def import_progress(db: sa.Connection, digest: bytes) -> Progress | None:
    """How far the file has been imported, where that was begun and not finished."""
    table = schema.import_progress
    row = db.execute(
        sa.select(
            table.c.done_octets,
            table.c.done_lines,
            table.c.added,
            table.c.unchanged,
            table.c.refused,
        ).where(table.c.digest == digest, table.c.finished_at.is_(None))
    ).one_or_none()
    if row is None:
        return None
    return Progress(
        row.done_octets, row.done_lines, row.added, unchanged=row.unchanged, refused=row.refused
    )


def keep_import_progress(
    db: sa.Connection, digest: bytes, progress: Progress, now: datetime, *, finished: bool
) -> None:
    """Record how far the file has been imported."""
    table = schema.import_progress
    values = {
        "done_octets": progress.octets,
        "done_lines": progress.lines,
        "added": progress.added,
        "unchanged": progress.unchanged,
        "refused": progress.refused,
        "finished_at": now if finished else None,
    }
    known = db.execute(sa.update(table).where(table.c.digest == digest).values(**values))
    if known.rowcount == 0:
        db.execute(sa.insert(table).values(digest=digest, begun_at=now, **values))


@dataclass(frozen=True, slots=True)
class FollowedFile:
    """A numbered change file, and how far it has been applied."""

    source: str
    number: int
    digest: bytes
    as_of: datetime
    progress: Progress


_FOLLOWED = sa.select(
    schema.followed_file.c.source,
    schema.followed_file.c.number,
    schema.followed_file.c.digest,
    schema.followed_file.c.as_of,
    schema.followed_file.c.done_octets,
    schema.followed_file.c.done_lines,
    schema.followed_file.c.added,
    schema.followed_file.c.changed,
    schema.followed_file.c.unchanged,
    schema.followed_file.c.refused,
)


def _followed(row: Any | None) -> FollowedFile | None:
    if row is None:
        return None
    progress = Progress(
        row.done_octets, row.done_lines, row.added, row.changed, row.unchanged, row.refused
    )
    return FollowedFile(row.source, row.number, row.digest, row.as_of, progress)


def followed_file(db: sa.Connection, source: str, number: int) -> FollowedFile | None:
    """The change file of that number, finished or not."""
    table = schema.followed_file
    asked = _FOLLOWED.where(table.c.source == source, table.c.number == number)
    return _followed(db.execute(asked).one_or_none())


def last_followed(db: sa.Connection) -> FollowedFile | None:
    """The change file that was finished last."""
    table = schema.followed_file
    finished = _FOLLOWED.where(table.c.finished_at.is_not(None))
    return _followed(db.execute(finished.order_by(table.c.number.desc()).limit(1)).one_or_none())


def begin_followed_file(db: sa.Connection, file: FollowedFile, now: datetime) -> None:
    """Begin to apply a file, or another one of its number that was not finished."""
    table = schema.followed_file
    values = {
        "digest": file.digest,
        "as_of": file.as_of,
        **_progress_columns(file.progress),
        "begun_at": now,
        "finished_at": None,
    }
    known = db.execute(
        sa.update(table)
        .where(table.c.source == file.source, table.c.number == file.number)
        .where(table.c.finished_at.is_(None))
        .values(**values)
    )
    if known.rowcount == 0:
        db.execute(sa.insert(table).values(source=file.source, number=file.number, **values))


def keep_followed_file(
    db: sa.Connection,
    source: str,
    number: int,
    expected: Progress,
    reached: Progress,
    now: datetime,
    *,
    finished: bool,
) -> bool:
    """Record progress from `expected` to `reached`; False where it is not as expected."""
    table = schema.followed_file
    kept = db.execute(
        sa.update(table)
        .where(table.c.source == source, table.c.number == number)
        .where(table.c.done_octets == expected.octets, table.c.finished_at.is_(None))
        .values(**_progress_columns(reached), finished_at=now if finished else None)
    )
    return kept.rowcount == 1


def _progress_columns(progress: Progress) -> dict[str, int]:
    return {
        "done_octets": progress.octets,
        "done_lines": progress.lines,
        "added": progress.added,
        "changed": progress.changed,
        "unchanged": progress.unchanged,
        "refused": progress.refused,
    }


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
    schema.electronic_licence.c.last_code_at,
    schema.electronic_licence.c.frozen_at,
    schema.electronic_licence.c.frozen_by,
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
        row.last_code_at,
        row.frozen_at,
        row.frozen_by,
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


def instances_of(db: sa.Connection, holder: HolderId, limit: int) -> list[Instance]:
    """The holder's electronic licences, the newest first."""
    table = schema.electronic_licence
    rows = db.execute(
        _INSTANCE.where(table.c.holder_id == holder)
        .order_by(table.c.issued_at.desc(), table.c.instance_number)
        .limit(limit)
    )
    return [found for row in rows if (found := _instance(row)) is not None]


def instance_of_key(db: sa.Connection, holder: HolderId, thumbprint: str) -> Instance | None:
    """The electronic licence that is bound to a device key: the live one, or the newest."""
    table = schema.electronic_licence
    return _instance(
        db.execute(
            _INSTANCE.where(table.c.holder_id == holder, table.c.key_thumbprint == thumbprint)
            .order_by(table.c.ended_at.is_not(None), table.c.issued_at.desc())
            .limit(1)
        ).one_or_none()
    )


def set_frozen(
    db: sa.Connection, instance: Instance, *, frozen_at: datetime | None, by: str | None
) -> bool:
    """Freeze a live electronic licence, or let it be used again; False where nothing changed."""
    table = schema.electronic_licence
    is_other = table.c.frozen_at.is_(None) if frozen_at else table.c.frozen_at.is_not(None)
    values: dict[str, object] = {"frozen_at": frozen_at, "frozen_by": by}
    if frozen_at is None:
        # Who was copied begins anew: the counters of the copy are not held against the device.
        values["last_code_at"] = None
    changed = db.execute(
        sa.update(table)
        .where(
            table.c.holder_id == instance.holder_id,
            table.c.instance_number == instance.instance_number,
            table.c.ended_at.is_(None),
            is_other,
        )
        .values(**values)
    )
    return changed.rowcount == 1


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


def use_counter(
    db: sa.Connection, instance: Instance, counter: int, check_id: str, made_at: datetime
) -> bool:
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
        .values(last_counter=counter, last_check_id=check_id, last_code_at=made_at)
    )
    if used.rowcount == 1:
        return True
    repeated = db.execute(
        sa.select(table.c.holder_id).where(
            own, table.c.last_counter == counter, table.c.last_check_id == check_id
        )
    ).one_or_none()
    return repeated is not None


def last_counters(db: sa.Connection, holders: Collection[HolderId]) -> dict[HolderId, int]:
    """The highest counter of a used code of each live electronic licence."""
    table = schema.electronic_licence
    query = sa.select(table.c.holder_id, table.c.last_counter).where(
        table.c.holder_id.in_(holders),
        table.c.ended_at.is_(None),
        table.c.last_counter.is_not(None),
    )
    return {HolderId(row.holder_id): row.last_counter for row in db.execute(query)}


# -- the change feed


def count_changes(
    db: sa.Connection, holders: Collection[HolderId], now: datetime
) -> dict[HolderId, int]:
    """How many rows of the feed each of some holders has that have come due."""
    table = schema.change
    query = (
        sa.select(table.c.holder_id, sa.func.count())
        .where(table.c.holder_id.in_(holders), table.c.due_at <= now)
        .group_by(table.c.holder_id)
    )
    return {HolderId(holder): count for holder, count in db.execute(query)}


ISSUED = "issued"
"""The kind of a change that is none in law: copies came to be, and need their status."""


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


def changed_since(db: sa.Connection, holder: HolderId, since: datetime, now: datetime) -> bool:
    """Whether anything changed in law after `since`: not that copies were issued."""
    table = schema.change
    found = db.execute(
        sa.select(table.c.change_id)
        .where(
            table.c.holder_id == holder,
            table.c.due_at > since,
            table.c.due_at <= now,
            table.c.kind != ISSUED,
        )
        .limit(1)
    ).one_or_none()
    return found is not None


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
