"""Copies as they were handed over, sealed; and what wallets said of them."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from jiazhao.credentials.status_list import StatusReference
from jiazhao.issuance.store.intentions import Intention
from jiazhao.licence.identifiers import HolderId, InstanceNumber
from jiazhao.storage import schema


@dataclass(frozen=True, slots=True)
class Copy:
    """One issued copy as it was handed over."""

    holder_id: HolderId
    copy_id: str
    intention_id: str
    instance_number: InstanceNumber
    content: bytes
    status: StatusReference
    issued_at: datetime
    expires_at: datetime


def insert_copy(db: sa.Connection, copy: Copy, sealed: bytes) -> None:
    """Store a signed copy; `sealed` is its content as it rests."""
    db.execute(
        sa.insert(schema.copy).values(
            holder_id=copy.holder_id,
            copy_id=copy.copy_id,
            intention_id=copy.intention_id,
            instance_number=copy.instance_number,
            content=sealed,
            sealed=True,
            status_uri=copy.status.uri,
            status_index=copy.status.index,
            issued_at=copy.issued_at,
            expires_at=copy.expires_at,
        )
    )


@dataclass(frozen=True, slots=True)
class Content:
    """A copy as it rests; one of an earlier version is not sealed."""

    holder_id: HolderId
    copy_id: str
    octets: bytes
    is_sealed: bool

    @property
    def place(self) -> str:
        """What its seal is bound to."""
        return copy_place(self.copy_id)


def copy_place(copy_id: str) -> str:
    """What the seal of a copy is bound to."""
    return f"copy {copy_id}"


def contents_of(db: sa.Connection, intention: Intention) -> list[Content]:
    """The copies that an intention led to."""
    table = schema.copy
    rows = db.execute(
        sa.select(table.c.copy_id, table.c.content, table.c.sealed).where(
            table.c.holder_id == intention.holder_id,
            table.c.intention_id == intention.intention_id,
        )
    )
    return [
        Content(intention.holder_id, row.copy_id, row.content, row.sealed is True) for row in rows
    ]


def living_copies(db: sa.Connection, now: datetime, limit: int) -> list[Content]:
    """Some copies that have not lapsed, the newest first."""
    table = schema.copy
    rows = db.execute(
        sa.select(table.c.holder_id, table.c.copy_id, table.c.content, table.c.sealed)
        .where(table.c.expires_at > now)
        .order_by(table.c.issued_at.desc())
        .limit(limit)
    )
    return [
        Content(HolderId(row.holder_id), row.copy_id, row.content, row.sealed is True)
        for row in rows
    ]


def plain_contents(db: sa.Connection, limit: int) -> list[Content]:
    """Some copies that an earlier version stored as they were handed over."""
    table = schema.copy
    rows = db.execute(
        sa.select(table.c.holder_id, table.c.copy_id, table.c.content)
        .where(table.c.sealed.is_(None))
        .limit(limit)
    )
    return [
        Content(HolderId(row.holder_id), row.copy_id, row.content, is_sealed=False) for row in rows
    ]


def replace_content(db: sa.Connection, content: Content, sealed: bytes) -> None:
    """Let a copy rest sealed; what it says stays the same."""
    table = schema.copy
    db.execute(
        sa.update(table)
        .where(table.c.holder_id == content.holder_id, table.c.copy_id == content.copy_id)
        .values(content=sealed, sealed=True)
    )


def note_event(
    db: sa.Connection, holder: HolderId, notification_id: str, event: str, now: datetime
) -> None:
    """Record what a wallet says; the same again changes nothing."""
    table = schema.notification
    known = db.execute(
        sa.select(table.c.event).where(
            table.c.holder_id == holder,
            table.c.notification_id == notification_id,
            table.c.event == event,
        )
    ).one_or_none()
    if known is None:
        db.execute(
            sa.insert(table).values(
                holder_id=holder, notification_id=notification_id, event=event, received_at=now
            )
        )


def note_code_part(
    db: sa.Connection, holder: HolderId, number: InstanceNumber, signed_at: datetime
) -> None:
    """Record when the issuer's part of a device's licence code was last signed."""
    table = schema.code_part
    known = db.execute(
        sa.update(table)
        .where(table.c.holder_id == holder, table.c.instance_number == number)
        .values(signed_at=signed_at)
    )
    if known.rowcount == 0:
        db.execute(
            sa.insert(table).values(holder_id=holder, instance_number=number, signed_at=signed_at)
        )


def code_part_signed_at(
    db: sa.Connection, holder: HolderId, number: InstanceNumber
) -> datetime | None:
    """When it was last signed; None where it never was."""
    table = schema.code_part
    return db.execute(
        sa.select(table.c.signed_at).where(
            table.c.holder_id == holder, table.c.instance_number == number
        )
    ).scalar_one_or_none()


@dataclass(frozen=True, slots=True)
class CopyOnList:
    """What the status of one copy depends on besides the licence."""

    instance_number: InstanceNumber
    issued_at: datetime


def copies_of(db: sa.Connection, holder: HolderId) -> dict[StatusReference, CopyOnList]:
    """Every copy that the holder was ever given, by its place on a status list."""
    table = schema.copy
    rows = db.execute(
        sa.select(
            table.c.status_uri, table.c.status_index, table.c.instance_number, table.c.issued_at
        ).where(table.c.holder_id == holder)
    )
    return {
        StatusReference(row.status_uri, row.status_index): CopyOnList(
            InstanceNumber(row.instance_number), row.issued_at
        )
        for row in rows
    }
