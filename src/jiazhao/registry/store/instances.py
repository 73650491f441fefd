"""Instances of the electronic licence: one of a holder lives at a time."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from jiazhao.licence.identifiers import HolderId, InstanceNumber
from jiazhao.storage import schema


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
