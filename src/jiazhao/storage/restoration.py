"""What is known of a database that came out of a backup: that it may have lost its tail.

Until an operator says that what came after the backup has been recorded again, nothing that the
register says is taken for the present state: checks confirm nothing, nothing is issued, and no
status list is published. ADR 12 has the reasons.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from jiazhao.credentials.status_list import StatusValue
from jiazhao.errors import ErrorCode, RegisterError
from jiazhao.storage import schema
from jiazhao.storage.engine import Connection
from jiazhao.storage.names import new_name

_GENERATIONS_AHEAD = 1 << 20
"""Publications that the lost tail cannot have had: one each half second for six days."""

_LONGEST_CODE = timedelta(days=366)
"""The life of a printed backup code; a shown one lives a month."""

_CLOCKS = timedelta(hours=1)
"""More than clocks differ and transactions last."""

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""A publication begun then is cut off, so every list is due at once."""


@dataclass(frozen=True, slots=True)
class Restoration:
    """One restore: of which backup, taken when, restored when."""

    restoration_id: str
    backup: bytes
    """SHA-256 of the backup's manifest."""
    as_of: datetime
    restored_at: datetime


def pending(db: Connection) -> Restoration | None:
    """The restore that nobody has said yet is caught up; None in ordinary life."""
    table = schema.restoration
    row = db.execute(
        sa.select(table.c.restoration_id, table.c.backup, table.c.as_of, table.c.restored_at)
        .where(table.c.caught_up_at.is_(None))
        .order_by(table.c.as_of)
        .limit(1)
    ).one_or_none()
    return None if row is None else Restoration(*row)


def require_present(db: Connection) -> None:
    """Raise `RegisterError` (REGISTER_RESTORED) while a restore is not caught up."""
    restored = pending(db)
    if restored is not None:
        raise RegisterError(
            ErrorCode.REGISTER_RESTORED, as_of=restored.as_of.isoformat(timespec="minutes")
        )


def lost_spans(db: Connection, *, after: datetime) -> list[tuple[datetime, datetime]]:
    """Of which times what was issued may be lost: from each backup to its restore, if `after`."""
    table = schema.restoration
    rows = db.execute(
        sa.select(table.c.as_of, table.c.restored_at)
        .where(table.c.restored_at > after)
        .order_by(table.c.as_of)
    )
    return [(row.as_of, row.restored_at) for row in rows]


def mark_restored(db: Connection, backup: bytes, *, as_of: datetime, now: datetime) -> None:
    """Say that the database came out of a backup, and give up what the lost tail may have used.

    No list takes another copy, for places that were given out since are not known; such places
    are said to have ended. Handles are taken to be live as long as a code that was signed since can
    be, and the country's snapshot begins with a new base. Publications count on far above any that
    there can have been. Sessions, tokens, offers, codes and permissions that were handed out before
    count no more.
    """
    db.execute(
        sa.insert(schema.restoration).values(
            restoration_id=new_name(now), backup=backup, as_of=as_of, restored_at=now
        )
    )
    lists, publications = schema.status_list, schema.status_publication
    still_open = lists.c.closed.is_(False)
    db.execute(sa.update(lists).where(still_open).values(closed=True, ends_unknown=True))
    db.execute(
        sa.update(publications).values(
            generation=publications.c.generation + _GENERATIONS_AHEAD, begun_at=_LONG_AGO
        )
    )
    handles = schema.status_handle
    longest = now + _LONGEST_CODE
    db.execute(
        sa.update(handles)
        .where(handles.c.live_until >= as_of - _CLOCKS, handles.c.live_until < longest)
        .values(live_until=longest)
    )
    db.execute(sa.update(handles).where(handles.c.shown != 0).values(shown=0))
    db.execute(sa.delete(schema.status_snapshot))
    for table in (
        schema.session,
        schema.bearer_lookup,
        schema.pushed_request,
        schema.short_code,
    ):
        db.execute(sa.delete(table))
    db.execute(sa.update(schema.refresh).values(digest=None))
    permissions = schema.enrolment
    db.execute(sa.update(permissions).where(permissions.c.expires_at > now).values(expires_at=now))
    deferrals, offers = schema.deferral, schema.offer
    db.execute(sa.update(deferrals).where(deferrals.c.state == "waiting").values(state="ended"))
    db.execute(
        sa.update(offers).where(offers.c.state.in_(["open", "redeemed"])).values(state="replaced")
    )


def catch_up(db: Connection, *, by: str, now: datetime, end_copies: bool) -> bool:
    """Say that what was lost is recorded again; False where nothing waited for that.

    With `end_copies` every electronic licence ends that was claimed before, for nobody knows
    which of them were given up since the backup.
    """
    table = schema.restoration
    waiting = db.execute(
        sa.update(table)
        .where(table.c.caught_up_at.is_(None))
        .values(caught_up_at=now, caught_up_by=by)
    )
    if waiting.rowcount == 0:
        return False
    if end_copies:
        _end_copies(db, now)
    return True


def _end_copies(db: Connection, now: datetime) -> None:
    licences, places, handles = (
        schema.electronic_licence,
        schema.status_index,
        schema.status_handle,
    )
    db.execute(sa.update(licences).where(licences.c.ended_at.is_(None)).values(ended_at=now))
    ended = StatusValue.ENDED.value
    db.execute(sa.update(places).where(places.c.value != ended).values(value=ended))
    db.execute(sa.update(handles).where(handles.c.value != ended).values(value=ended))
