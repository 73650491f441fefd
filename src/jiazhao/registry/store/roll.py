"""The roll of holders: who is in the register; a writer locks the holder's row first."""

from collections.abc import Iterable

import sqlalchemy as sa

from jiazhao.licence.identifiers import HolderId
from jiazhao.storage import schema


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
