"""SQL of device contacts.

Who can change this store can hide that a device was copied, or have one frozen that was not.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from jiazhao.licence.identifiers import HolderId, InstanceNumber
from jiazhao.storage import schema

_TABLE = schema.device_contact


@dataclass(frozen=True, slots=True)
class Contact:
    """One time that a device came: the number that it named, and by which proof."""

    holder_id: HolderId
    instance_number: InstanceNumber
    number: int
    proof_digest: bytes
    counter: int
    label: str | None
    at: datetime


def contacts_of(db: sa.Connection, holder: HolderId, instance: InstanceNumber) -> list[Contact]:
    """The contacts of one device that are kept, the newest first."""
    rows = db.execute(
        sa.select(
            _TABLE.c.number, _TABLE.c.proof_digest, _TABLE.c.counter, _TABLE.c.label, _TABLE.c.at
        )
        .where(_TABLE.c.holder_id == holder, _TABLE.c.instance_number == instance)
        .order_by(_TABLE.c.number.desc())
    )
    return [
        Contact(holder, instance, row.number, row.proof_digest, row.counter, row.label, row.at)
        for row in rows
    ]


def last_contacts(db: sa.Connection, holder: HolderId) -> dict[InstanceNumber, Contact]:
    """The last contact of each device of a holder."""
    rows = db.execute(
        sa.select(
            _TABLE.c.instance_number,
            _TABLE.c.number,
            _TABLE.c.proof_digest,
            _TABLE.c.counter,
            _TABLE.c.label,
            _TABLE.c.at,
        )
        .where(_TABLE.c.holder_id == holder)
        .order_by(_TABLE.c.number)
    )
    return {
        InstanceNumber(row.instance_number): Contact(
            holder,
            InstanceNumber(row.instance_number),
            row.number,
            row.proof_digest,
            row.counter,
            row.label,
            row.at,
        )
        for row in rows
    }


def insert_contact(db: sa.Connection, contact: Contact, *, drop_before: datetime) -> None:
    """Record a contact, and drop those before it that are older than `drop_before`."""
    db.execute(
        sa.delete(_TABLE).where(
            _TABLE.c.holder_id == contact.holder_id,
            _TABLE.c.instance_number == contact.instance_number,
            _TABLE.c.at < drop_before,
        )
    )
    db.execute(
        sa.insert(_TABLE).values(
            holder_id=contact.holder_id,
            instance_number=contact.instance_number,
            number=contact.number,
            proof_digest=contact.proof_digest,
            counter=contact.counter,
            label=contact.label,
            at=contact.at,
        )
    )


def forget_contacts(db: sa.Connection, holder: HolderId, instance: InstanceNumber) -> None:
    """Let a device begin its numbers anew."""
    db.execute(
        sa.delete(_TABLE).where(_TABLE.c.holder_id == holder, _TABLE.c.instance_number == instance)
    )
