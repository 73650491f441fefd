"""SQL of objections and of reports. What people wrote rests sealed.

Who can change this store can make an objection look decided, or a report never sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from jiazhao.licence.identifiers import HolderId
from jiazhao.storage import schema


class ObjectionState(StrEnum):
    """Where an objection stands; all but the first are final."""

    WAITING = "waiting"
    UPHELD = "upheld"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Objection:
    """An objection as it rests: `text` and `reason` are sealed."""

    holder_id: HolderId
    objection_id: str
    subject: str
    subject_id: str
    text: bytes = field(repr=False)
    submitted_at: datetime
    state: ObjectionState = ObjectionState.WAITING
    decided_at: datetime | None = None
    reason: bytes | None = field(default=None, repr=False)

    @property
    def text_place(self) -> str:
        """What the seal of the text is bound to."""
        return f"objection {self.objection_id}"

    @property
    def reason_place(self) -> str:
        """What the seal of the reason is bound to."""
        return f"objection {self.objection_id} reason"


@dataclass(frozen=True, slots=True)
class RefusalReport:
    """A report as it rests; `content` is sealed JSON."""

    holder_id: HolderId
    report_id: str
    content: bytes = field(repr=False)
    submitted_at: datetime

    @property
    def place(self) -> str:
        """What the seal of the content is bound to."""
        return f"refusal report {self.report_id}"


_OBJECTION = schema.objection
_REPORT = schema.refusal_report


def insert(db: sa.Connection, objection: Objection) -> None:
    """Keep a new objection."""
    db.execute(
        sa.insert(_OBJECTION).values(
            holder_id=objection.holder_id,
            objection_id=objection.objection_id,
            subject=objection.subject,
            subject_id=objection.subject_id,
            text=objection.text,
            state=objection.state.value,
            submitted_at=objection.submitted_at,
        )
    )


def find(db: sa.Connection, holder: HolderId, objection_id: str) -> Objection | None:
    """One objection of one holder."""
    row = db.execute(
        sa.select(_OBJECTION).where(
            _OBJECTION.c.holder_id == holder, _OBJECTION.c.objection_id == objection_id
        )
    ).one_or_none()
    return None if row is None else _objection(row)


def of_holder(db: sa.Connection, holder: HolderId, limit: int) -> Sequence[Objection]:
    """A holder's objections, the newest first."""
    rows = db.execute(
        sa.select(_OBJECTION)
        .where(_OBJECTION.c.holder_id == holder)
        .order_by(_OBJECTION.c.submitted_at.desc(), _OBJECTION.c.objection_id.desc())
        .limit(limit)
    )
    return [_objection(row) for row in rows]


def waiting_of(db: sa.Connection, holder: HolderId) -> Sequence[Objection]:
    """A holder's objections that wait."""
    rows = db.execute(
        sa.select(_OBJECTION).where(
            _OBJECTION.c.holder_id == holder,
            _OBJECTION.c.state == ObjectionState.WAITING.value,
        )
    )
    return [_objection(row) for row in rows]


def waiting(db: sa.Connection, limit: int) -> Sequence[Objection]:
    """The queue, the oldest first."""
    rows = db.execute(
        sa.select(_OBJECTION)
        .where(_OBJECTION.c.state == ObjectionState.WAITING.value)
        .order_by(_OBJECTION.c.submitted_at, _OBJECTION.c.objection_id)
        .limit(limit)
    )
    return [_objection(row) for row in rows]


def count_waiting(db: sa.Connection) -> int:
    """How long the queue is."""
    return db.execute(
        sa.select(sa.func.count())
        .select_from(_OBJECTION)
        .where(_OBJECTION.c.state == ObjectionState.WAITING.value)
    ).scalar_one()


def close(
    db: sa.Connection,
    objection: Objection,
    state: ObjectionState,
    *,
    at: datetime,
    by: str,
    reason: bytes,
) -> bool:
    """Decide on an objection that waits; False where somebody else was first."""
    ended = db.execute(
        sa.update(_OBJECTION)
        .where(
            _OBJECTION.c.holder_id == objection.holder_id,
            _OBJECTION.c.objection_id == objection.objection_id,
            _OBJECTION.c.state == ObjectionState.WAITING.value,
        )
        .values(state=state.value, decided_at=at, decided_by=by, reason=reason)
    )
    return ended.rowcount == 1


def insert_report(db: sa.Connection, report: RefusalReport) -> None:
    """Keep a report."""
    db.execute(
        sa.insert(_REPORT).values(
            holder_id=report.holder_id,
            report_id=report.report_id,
            content=report.content,
            submitted_at=report.submitted_at,
        )
    )


def reports(
    db: sa.Connection, limit: int, *, holder: HolderId | None = None
) -> Sequence[RefusalReport]:
    """Reports, the newest first: of everybody, or of one holder."""
    query = sa.select(_REPORT).order_by(_REPORT.c.submitted_at.desc(), _REPORT.c.report_id.desc())
    if holder is not None:
        query = query.where(_REPORT.c.holder_id == holder)
    return [
        RefusalReport(HolderId(row.holder_id), row.report_id, row.content, row.submitted_at)
        for row in db.execute(query.limit(limit))
    ]


def reports_since(db: sa.Connection, holder: HolderId, since: datetime) -> int:
    """How many reports a holder has sent since then."""
    return db.execute(
        sa.select(sa.func.count())
        .select_from(_REPORT)
        .where(_REPORT.c.holder_id == holder, _REPORT.c.submitted_at > since)
    ).scalar_one()


def _objection(row: Any) -> Objection:
    return Objection(
        holder_id=HolderId(row.holder_id),
        objection_id=row.objection_id,
        subject=row.subject,
        subject_id=row.subject_id,
        text=row.text,
        submitted_at=row.submitted_at,
        state=ObjectionState(row.state),
        decided_at=row.decided_at,
        reason=row.reason,
    )
