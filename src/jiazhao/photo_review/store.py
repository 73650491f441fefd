"""SQL of the queue. Who can change this store can put another face before the reviewer.

A decided request keeps who decided, when and why; the picture itself is gone from here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from jiazhao.licence.identifiers import HolderId
from jiazhao.storage import schema


class RequestState(StrEnum):
    """Where a request stands; all but the first are final."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class PhotoRequest:
    """A photo that was handed in; `measured` is JSON. Both are None once it is decided."""

    holder_id: HolderId
    request_id: str
    state: RequestState
    submitted_at: datetime
    due_at: datetime
    captured_on: date | None = None
    jpeg: bytes | None = field(default=None, repr=False)
    is_sealed: bool = False
    measured: str | None = field(default=None, repr=False)
    decided_at: datetime | None = None
    reason: str | None = None
    note: str | None = field(default=None, repr=False)

    @property
    def place(self) -> str:
        """What the seal of its picture is bound to."""
        return f"photo request {self.request_id}"


_TABLE = schema.photo_request
_PLAIN = (
    _TABLE.c.holder_id,
    _TABLE.c.request_id,
    _TABLE.c.state,
    _TABLE.c.submitted_at,
    _TABLE.c.due_at,
    _TABLE.c.captured_on,
    _TABLE.c.decided_at,
    _TABLE.c.reason,
    _TABLE.c.note,
)


def _request(row: Any) -> PhotoRequest:
    return PhotoRequest(
        holder_id=HolderId(row.holder_id),
        request_id=row.request_id,
        state=RequestState(row.state),
        submitted_at=row.submitted_at,
        due_at=row.due_at,
        captured_on=row.captured_on,
        jpeg=getattr(row, "jpeg", None),
        is_sealed=getattr(row, "sealed", None) is True,
        measured=getattr(row, "measured", None),
        decided_at=row.decided_at,
        reason=row.reason,
        note=row.note,
    )


def insert(db: sa.Connection, request: PhotoRequest, sealed: bytes) -> None:
    """Put a photo into the queue; `sealed` is the picture as it rests."""
    db.execute(
        sa.insert(_TABLE).values(
            holder_id=request.holder_id,
            request_id=request.request_id,
            state=request.state.value,
            jpeg=sealed,
            sealed=True,
            measured=request.measured,
            captured_on=request.captured_on,
            submitted_at=request.submitted_at,
            due_at=request.due_at,
        )
    )


def latest(db: sa.Connection, holder: HolderId) -> PhotoRequest | None:
    """The holder's last request, without its picture; one that waits counts as the last."""
    row = db.execute(
        sa.select(*_PLAIN)
        .where(_TABLE.c.holder_id == holder)
        .order_by(
            sa.case((_TABLE.c.state == RequestState.WAITING.value, 0), else_=1),
            _TABLE.c.submitted_at.desc(),
        )
        .limit(1)
    ).one_or_none()
    return None if row is None else _request(row)


def find(db: sa.Connection, holder: HolderId, request_id: str) -> PhotoRequest | None:
    """A request with its picture as it rests."""
    row = db.execute(
        sa.select(*_PLAIN, _TABLE.c.jpeg, _TABLE.c.sealed, _TABLE.c.measured).where(
            _TABLE.c.holder_id == holder, _TABLE.c.request_id == request_id
        )
    ).one_or_none()
    return None if row is None else _request(row)


def plain(db: sa.Connection, limit: int) -> Sequence[PhotoRequest]:
    """Some requests that wait and whose pictures an earlier version stored in plain."""
    rows = db.execute(
        sa.select(*_PLAIN, _TABLE.c.jpeg)
        .where(_TABLE.c.state == RequestState.WAITING.value)
        .where(_TABLE.c.sealed.is_(None), _TABLE.c.jpeg.is_not(None))
        .limit(limit)
    )
    return [_request(row) for row in rows]


def replace_picture(db: sa.Connection, request: PhotoRequest, sealed: bytes) -> None:
    """Let a picture rest sealed."""
    db.execute(
        sa.update(_TABLE)
        .where(_TABLE.c.holder_id == request.holder_id)
        .where(_TABLE.c.request_id == request.request_id, _TABLE.c.jpeg.is_not(None))
        .values(jpeg=sealed, sealed=True)
    )


def last_approved(db: sa.Connection, holder: HolderId) -> datetime | None:
    """When an own photo was last approved."""
    found: datetime | None = db.execute(
        sa.select(sa.func.max(_TABLE.c.decided_at)).where(
            _TABLE.c.holder_id == holder, _TABLE.c.state == RequestState.APPROVED.value
        )
    ).scalar_one()
    return found


def waiting(db: sa.Connection, limit: int) -> Sequence[PhotoRequest]:
    """The queue, the oldest first, without pictures."""
    rows = db.execute(
        sa.select(*_PLAIN)
        .where(_TABLE.c.state == RequestState.WAITING.value)
        .order_by(_TABLE.c.submitted_at, _TABLE.c.request_id)
        .limit(limit)
    )
    return [_request(row) for row in rows]


def count_waiting(db: sa.Connection) -> int:
    """How long the queue is."""
    return db.execute(
        sa.select(sa.func.count())
        .select_from(_TABLE)
        .where(_TABLE.c.state == RequestState.WAITING.value)
    ).scalar_one()


def close(
    db: sa.Connection,
    request: PhotoRequest,
    state: RequestState,
    *,
    at: datetime,
    by: str | None,
    reason: str | None = None,
    note: str | None = None,
) -> bool:
    """End a request that waits; False where somebody else was first.

    The comparison and the write are one statement, so of two at once one wins on either engine.
    """
    ended = db.execute(
        sa.update(_TABLE)
        .where(
            _TABLE.c.holder_id == request.holder_id,
            _TABLE.c.request_id == request.request_id,
            _TABLE.c.state == RequestState.WAITING.value,
        )
        .values(
            state=state.value,
            jpeg=None,
            measured=None,
            decided_at=at,
            decided_by=by,
            reason=reason,
            note=note,
        )
    )
    return ended.rowcount == 1
