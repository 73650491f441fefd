"""SQL of status lists and of the handles of licence codes.

Who can change this store can end or revive any copy or code in the eyes of offline verifiers; the
register itself, which online checks read, stays as it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from jiazhao.credentials.status_list import BITS, StatusValue
from jiazhao.licence.identifiers import HolderId, InstanceNumber
from jiazhao.storage.schema import (
    status_handle,
    status_index,
    status_list,
    status_publication,
    status_snapshot,
)


@dataclass(frozen=True, slots=True)
class OpenList:
    """A list that still takes copies."""

    list_id: str
    size: int


@dataclass(frozen=True, slots=True)
class Place:
    """One place of one list."""

    list_id: str
    number: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one publication says: every status of a list that is not `unnamed`, and what changed."""

    list_id: str
    generation: int
    bits: int
    size: int
    statuses: Mapping[int, int]
    changed: Mapping[int, int]
    unnamed: int = StatusValue.VALID.value
    """What is said of a place that stands in no status: valid, like the decoys of every list;
    ended where a restore does not know who holds it."""


def open_lists(db: sa.Connection) -> list[OpenList]:
    """Lists that still take copies."""
    rows = db.execute(
        sa.select(status_list.c.list_id, status_list.c.size)
        .where(status_list.c.closed.is_(False))
        .order_by(status_list.c.list_id)
    )
    return [OpenList(row.list_id, row.size) for row in rows]


def published_lists(db: sa.Connection) -> list[str]:
    """Every list of which a token was published, also those that take no copies any more."""
    rows = db.execute(
        sa.select(status_publication.c.list_id)
        .where(status_publication.c.finished > 0)
        .order_by(status_publication.c.list_id)
    )
    return list(rows.scalars())


def every_list(db: sa.Connection) -> list[str]:
    """All lists."""
    rows = db.execute(sa.select(status_list.c.list_id).order_by(status_list.c.list_id))
    return list(rows.scalars())


def values_of(db: sa.Connection, list_id: str) -> list[int]:
    """What the database says of every place of a list, from the first to the last."""
    described = db.execute(
        sa.select(status_list.c.size, status_list.c.ends_unknown).where(
            status_list.c.list_id == list_id
        )
    ).one()
    unnamed = StatusValue.ENDED if described.ends_unknown else StatusValue.VALID
    values = [unnamed.value] * described.size
    for row in db.execute(
        sa.select(status_index.c.place, status_index.c.value).where(
            status_index.c.list_id == list_id
        )
    ):
        values[row.place] = row.value
    return values


def insert_list(db: sa.Connection, opened: OpenList, now: datetime) -> None:
    """Open a list."""
    db.execute(
        sa.insert(status_list).values(
            list_id=opened.list_id, bits=BITS, size=opened.size, closed=False, opened_at=now
        )
    )


def close_list(db: sa.Connection, list_id: str) -> None:
    """Take no further copies into a list; it is published as before."""
    db.execute(sa.update(status_list).where(status_list.c.list_id == list_id).values(closed=True))


def count_used(db: sa.Connection, list_id: str) -> int:
    """How many places of a list are in use."""
    return db.execute(
        sa.select(sa.func.count())
        .select_from(status_index)
        .where(status_index.c.list_id == list_id)
    ).scalar_one()


def take_place(
    db: sa.Connection, place: Place, holder: HolderId, copy_id: str, now: datetime
) -> bool:
    """Take a place for a copy; False where it was taken before."""
    try:
        with db.begin_nested():
            db.execute(
                sa.insert(status_index).values(
                    list_id=place.list_id,
                    place=place.number,
                    holder_id=holder,
                    copy_id=copy_id,
                    value=StatusValue.VALID.value,
                    published_value=StatusValue.VALID.value,
                    reserved_at=now,
                )
            )
    except IntegrityError:
        return False
    return True


_SET_VALUE = (
    sa.update(status_index)
    .where(status_index.c.list_id == sa.bindparam("of_list"))
    .where(status_index.c.place == sa.bindparam("at_place"))
    .where(status_index.c.holder_id == sa.bindparam("of_holder"))
    .where(status_index.c.value != sa.bindparam("new_value"))
    .values(value=sa.bindparam("new_value"))
)


def holds_place(db: sa.Connection, place: Place, holder: HolderId) -> bool:
    """Whether a place was taken for this holder."""
    found = db.execute(
        sa.select(status_index.c.place)
        .where(status_index.c.list_id == place.list_id, status_index.c.place == place.number)
        .where(status_index.c.holder_id == holder)
    ).one_or_none()
    return found is not None


def set_value(db: sa.Connection, place: Place, holder: HolderId, value: StatusValue) -> bool:
    """Give a place of this holder a value; False where it has it or is not the holder's."""
    changed = db.execute(
        _SET_VALUE,
        {
            "of_list": place.list_id,
            "at_place": place.number,
            "of_holder": holder,
            "new_value": value.value,
        },
    )
    return changed.rowcount == 1


def due_lists(
    db: sa.Connection, *, stalled_before: datetime, aged_before: datetime, ahead_of: datetime
) -> list[str]:
    """Lists to publish: never published, changed, aged, or left half-published.

    A publication that began after `stalled_before` may still be under way and is left alone.
    One begun before `aged_before` is renewed before it expires, and so is one that lies
    `ahead_of` the clock, which readers would not take yet.
    """
    publication = status_publication.c
    changed = (
        sa.select(status_index.c.list_id)
        .where(status_index.c.list_id == status_list.c.list_id)
        .where(status_index.c.value != status_index.c.published_value)
        .exists()
    )
    finished = publication.finished == publication.generation
    ahead = publication.begun_at > ahead_of
    rows = db.execute(
        sa.select(status_list.c.list_id)
        .outerjoin_from(status_list, status_publication, _OF_LIST)
        .where(
            sa.or_(
                publication.list_id.is_(None),
                ahead,
                sa.and_(sa.not_(finished), publication.begun_at <= stalled_before),
                sa.and_(finished, sa.or_(publication.begun_at <= aged_before, changed)),
            )
        )
        .order_by(status_list.c.list_id)
    )
    return list(rows.scalars())


_OF_LIST = status_publication.c.list_id == status_list.c.list_id


def begin_publication(
    db: sa.Connection, list_id: str, *, above: int, now: datetime
) -> Snapshot | None:
    """Begin a publication and read what it says; None where there is no such list.

    Its generation is higher than any before and than `above`. The row of the publication is
    locked first, so that whoever has the higher generation also read later.
    """
    described = db.execute(
        sa.select(status_list.c.bits, status_list.c.size, status_list.c.ends_unknown).where(
            status_list.c.list_id == list_id
        )
    ).one_or_none()
    if described is None:
        return None
    generation = _next_generation(db, list_id, above, now)
    told = sa.select(
        status_index.c.place, status_index.c.value, status_index.c.published_value
    ).where(status_index.c.list_id == list_id)
    if not described.ends_unknown:
        told = told.where(sa.or_(status_index.c.value != 0, status_index.c.published_value != 0))
    rows = db.execute(told).all()
    return Snapshot(
        list_id=list_id,
        generation=generation,
        bits=described.bits,
        size=described.size,
        statuses={row.place: row.value for row in rows},
        changed={row.place: row.value for row in rows if row.value != row.published_value},
        unnamed=(StatusValue.ENDED if described.ends_unknown else StatusValue.VALID).value,
    )


def _next_generation(db: sa.Connection, list_id: str, above: int, now: datetime) -> int:
    publication = status_publication.c
    if not _raise_generation(db, list_id, above, now):
        try:
            with db.begin_nested():
                db.execute(
                    sa.insert(status_publication).values(
                        list_id=list_id, generation=above + 1, finished=0, begun_at=now
                    )
                )
        except IntegrityError:  # another worker was the first
            _raise_generation(db, list_id, above, now)
    raised: int = db.execute(
        sa.select(publication.generation).where(publication.list_id == list_id)
    ).scalar_one()
    return raised


def _raise_generation(db: sa.Connection, list_id: str, above: int, now: datetime) -> bool:
    publication = status_publication.c
    highest = sa.case((publication.generation > above, publication.generation), else_=above)
    raised = db.execute(
        sa.update(status_publication)
        .where(publication.list_id == list_id)
        .values(generation=highest + 1, begun_at=now)
    )
    return raised.rowcount == 1


def finish_publication(db: sa.Connection, snapshot: Snapshot) -> bool:
    """Record that a snapshot lies on disk; False where a later one has begun since.

    Then nothing is marked: the later one tells what is published, and what changed stays due.
    """
    publication = status_publication.c
    finished = db.execute(
        sa.update(status_publication)
        .where(publication.list_id == snapshot.list_id)
        .where(publication.generation == snapshot.generation)
        .values(finished=snapshot.generation)
    )
    if finished.rowcount != 1:
        return False
    _mark_published(db, snapshot.list_id, snapshot.changed.items())
    return True


def _mark_published(db: sa.Connection, list_id: str, published: Iterable[tuple[int, int]]) -> None:
    rows = [
        {"of_list": list_id, "at_place": number, "shown_value": value}
        for number, value in published
    ]
    if rows:
        db.execute(_MARK_PUBLISHED, rows)


_MARK_PUBLISHED = (
    sa.update(status_index)
    .where(status_index.c.list_id == sa.bindparam("of_list"))
    .where(status_index.c.place == sa.bindparam("at_place"))
    .values(published_value=sa.bindparam("shown_value"))
)


# -- handles of licence codes


class HandleKind(StrEnum):
    """What a handle stands for."""

    LICENCE = "licence"
    BACKUP = "backup"


@dataclass(frozen=True, slots=True)
class StatusHandle:
    """A random name of one electronic licence, or of one printed backup code of it."""

    handle: bytes
    holder_id: HolderId
    instance_number: InstanceNumber
    kind: HandleKind
    issued_at: datetime
    live_until: datetime
    """After it no code with this handle is live."""
    value: StatusValue

    def age_at(self, signed_at: datetime) -> int:
        """How many hours have begun since the one of the issue, as a code tells it.

        Both are taken to the hour before they are subtracted, so that every code of a handle
        tells the same hour: a snapshot covers whole hours of issue.
        """
        return hour_of(signed_at) - hour_of(self.issued_at)


def hour_of(moment: datetime) -> int:
    """The hour of a moment, counted since 1970."""
    return int(moment.timestamp()) // 3600


_HANDLE = sa.select(
    status_handle.c.handle,
    status_handle.c.holder_id,
    status_handle.c.instance_number,
    status_handle.c.kind,
    status_handle.c.issued_at,
    status_handle.c.live_until,
    status_handle.c.value,
)


def insert_handle(db: sa.Connection, new: StatusHandle) -> bool:
    """Record a new handle; False where it was given before."""
    try:
        with db.begin_nested():
            db.execute(
                sa.insert(status_handle).values(
                    handle=new.handle,
                    holder_id=new.holder_id,
                    instance_number=new.instance_number,
                    kind=new.kind,
                    issued_at=new.issued_at,
                    live_until=new.live_until,
                    value=new.value.value,
                    shown=StatusValue.VALID.value,
                )
            )
    except IntegrityError:
        return False
    return True


def handles_of(db: sa.Connection, holder: HolderId) -> list[StatusHandle]:
    """The handles of a holder that have not ended for good, in the order of their issue."""
    rows = db.execute(
        _HANDLE.where(status_handle.c.holder_id == holder)
        .where(status_handle.c.value != StatusValue.ENDED.value)
        .order_by(status_handle.c.issued_at, status_handle.c.handle)
    )
    return [_status_handle(row) for row in rows]


def find_handle(db: sa.Connection, handle: bytes) -> StatusHandle | None:
    """The handle of these octets, ended or not."""
    row = db.execute(_HANDLE.where(status_handle.c.handle == handle)).one_or_none()
    return None if row is None else _status_handle(row)


def _status_handle(row: Any) -> StatusHandle:
    return StatusHandle(
        row.handle,
        HolderId(row.holder_id),
        InstanceNumber(row.instance_number),
        HandleKind(row.kind),
        row.issued_at,
        row.live_until,
        StatusValue(row.value),
    )


def prolong_handle(db: sa.Connection, handle: bytes, until: datetime) -> None:
    """Say that a code with this handle is live until then, unless one is for longer."""
    db.execute(
        sa.update(status_handle)
        .where(status_handle.c.handle == handle, status_handle.c.live_until < until)
        .values(live_until=until)
    )


def forget_handles(db: sa.Connection, kind: HandleKind, before: datetime, limit: int) -> int:
    """Delete handles of a kind of which no code was live at `before` or since; returns how many."""
    lapsed = (
        sa.select(status_handle.c.handle)
        .where(status_handle.c.kind == kind, status_handle.c.live_until < before)
        .order_by(status_handle.c.live_until)
        .limit(limit)
    )
    return db.execute(sa.delete(status_handle).where(status_handle.c.handle.in_(lapsed))).rowcount


def set_handle_value(db: sa.Connection, handle: bytes, value: StatusValue) -> bool:
    """Give a handle its value; False where it has it, or has ended: that is for good."""
    changed = db.execute(
        sa.update(status_handle)
        .where(status_handle.c.handle == handle)
        .where(status_handle.c.value.not_in([value.value, StatusValue.ENDED.value]))
        .values(value=value.value)
    )
    return changed.rowcount == 1


# -- snapshots of the handles


@dataclass(frozen=True, slots=True)
class Published:
    """One file of the country's snapshot that was published."""

    sequence: int
    is_base: bool
    until_hour: int
    as_of: datetime
    digest: bytes
    size: int
    handles: int


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which handles a snapshot speaks."""

    issued_before: datetime
    live_after: datetime

    def clause(self) -> sa.ColumnElement[bool]:
        """The condition on the table."""
        return sa.and_(
            status_handle.c.issued_at < self.issued_before,
            status_handle.c.live_until >= self.live_after,
        )


@dataclass(frozen=True, slots=True)
class Unshown:
    """A handle of which the newest snapshot says another value."""

    handle: bytes
    value: int
    toggles: bool
    """Whether it is asked, and the answer differs: a snapshot tells all but one value alike."""


def snapshot_files(db: sa.Connection) -> list[Published]:
    """The files of the newest base and of those kept before it, in the order of publication."""
    columns = status_snapshot.c
    rows = db.execute(
        sa.select(
            columns.sequence,
            columns.is_base,
            columns.until_hour,
            columns.as_of,
            columns.digest,
            columns.size,
            columns.handles,
        ).order_by(columns.sequence)
    )
    return [Published(*row) for row in rows]


def newest_hour(db: sa.Connection) -> int:
    """The hour until which the newest snapshot speaks; 0 where there is none."""
    found: int | None = db.execute(sa.select(sa.func.max(status_snapshot.c.until_hour))).scalar()
    return found or 0


def page_of_handles(
    db: sa.Connection, asked: Asked, *, after: bytes, limit: int
) -> tuple[list[bytes], list[int]]:
    """Handles in order, from the one after `after` on, with their values."""
    rows = db.execute(
        sa.select(status_handle.c.handle, status_handle.c.value)
        .where(status_handle.c.handle > after, asked.clause())
        .order_by(status_handle.c.handle)
        .limit(limit)
    ).all()
    return [row[0] for row in rows], [row[1] for row in rows]


def unshown_handles(db: sa.Connection, asked: Asked) -> list[Unshown]:
    """Handles that were issued before, with what the newest snapshot does not say yet."""
    rows = db.execute(
        sa.select(
            status_handle.c.handle,
            status_handle.c.value,
            status_handle.c.shown,
            asked.clause().label("is_asked"),
        )
        .where(status_handle.c.value != status_handle.c.shown)
        .where(status_handle.c.issued_at < asked.issued_before)
        .order_by(status_handle.c.handle)
    )
    return [
        Unshown(row.handle, row.value, bool(row.is_asked) and (row.value != 0) != (row.shown != 0))
        for row in rows
    ]


def neighbours(db: sa.Connection, asked: Asked, handle: bytes) -> list[bytes]:
    """The nearest handles on both sides of one."""
    column = status_handle.c.handle
    sides = (
        sa.select(column).where(column < handle, asked.clause()).order_by(column.desc()).limit(1),
        sa.select(column).where(column > handle, asked.clause()).order_by(column).limit(1),
    )
    return [found for side in sides for found in db.execute(side).scalars()]


def finish_snapshot(db: sa.Connection, new: Published, shown: Sequence[Unshown]) -> bool:
    """Say that a file is published, and what it says; False where another worker came first."""
    try:
        with db.begin_nested():
            db.execute(
                sa.insert(status_snapshot).values(
                    sequence=new.sequence,
                    is_base=new.is_base,
                    until_hour=new.until_hour,
                    as_of=new.as_of,
                    digest=new.digest,
                    size=new.size,
                    handles=new.handles,
                )
            )
    except IntegrityError:
        return False
    if shown:
        db.execute(
            _MARK_SHOWN,
            [{"of_handle": one.handle, "shown_value": one.value} for one in shown],
        )
    return True


_MARK_SHOWN = (
    sa.update(status_handle)
    .where(status_handle.c.handle == sa.bindparam("of_handle"))
    .values(shown=sa.bindparam("shown_value"))
)


def forget_snapshots(db: sa.Connection, before: int) -> None:
    """Forget the files that were published before one."""
    db.execute(sa.delete(status_snapshot).where(status_snapshot.c.sequence < before))
