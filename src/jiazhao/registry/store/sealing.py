"""What is sealed with a holder's data key, and the keys themselves, wrapped."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from jiazhao.errors import ErrorCode, SealError
from jiazhao.licence.identifiers import HolderId
from jiazhao.licence.licence import IdentityKind, LatinNameSource, Person, Sex
from jiazhao.registry.store.instances import end_instances
from jiazhao.registry.store.roll import lock_holders
from jiazhao.storage import schema
from jiazhao.storage.bulk import insert_rows
from jiazhao.storage.personal_data import PersonalData


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


class Seals:
    """Seals and opens the personal values of some holders; makes a data key where one lacks."""

    def __init__(self, personal: PersonalData, keys: Mapping[HolderId, bytes]) -> None:
        self._personal, self._keys = personal, dict(keys)
        self._made: dict[HolderId, bytes] = {}

    def made_rows(self) -> list[dict[str, Any]]:
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
        octets = self.open(HolderId(row.holder_id), f"{PERSON} {row.fact_id}", row.sealed)
        return msgspec.msgpack.decode(octets, type=Person)

    def jpeg(self, row: Any) -> bytes:
        """The octets of a portrait."""
        octets: bytes = row.jpeg
        if not row.sealed:
            return octets
        return self.open(HolderId(row.holder_id), f"{PHOTO} {row.photo_id}", octets)

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
            f"{PERSON} {row.fact_id}",
            msgspec.msgpack.encode(_plain_person(row)),
        )
        emptied = dict.fromkeys(_PLAIN_COLUMNS)
        db.execute(
            sa.update(persons)
            .where(persons.c.holder_id == row.holder_id, persons.c.fact_id == row.fact_id)
            .values(sealed=sealed, **emptied)
        )
    for row in plain_photos:
        jpeg = seals.seal(HolderId(row.holder_id), f"{PHOTO} {row.photo_id}", row.jpeg)
        db.execute(
            sa.update(photos)
            .where(photos.c.holder_id == row.holder_id, photos.c.photo_id == row.photo_id)
            .values(jpeg=jpeg, sealed=True)
        )
    insert_rows(db, schema.holder_key, seals.made_rows())
    return len(plain_persons) + len(plain_photos)


PERSON, PHOTO = "person", "photo"
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
