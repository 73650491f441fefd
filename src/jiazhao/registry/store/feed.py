"""The change feed: what the worker has yet to carry into status lists."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from jiazhao.licence.identifiers import HolderId
from jiazhao.storage import schema


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the change feed."""

    holder_id: HolderId
    change_id: str
    kind: str


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
