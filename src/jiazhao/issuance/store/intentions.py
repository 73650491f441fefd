"""What will be signed: committed before the signature, and the copies planned under it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from jiazhao.credentials.status_list import StatusReference
from jiazhao.issuance.store.deferred_claims import DeferralState
from jiazhao.licence.identifiers import HolderId, InstanceNumber
from jiazhao.storage import schema


class IntentionState(StrEnum):
    """INTENDED until its copy is stored; VOIDED where it never will be."""

    INTENDED = "intended"
    STORED = "stored"
    VOIDED = "voided"


@dataclass(frozen=True, slots=True)
class Intention:
    """What will be signed; committed before the signature is made."""

    holder_id: HolderId
    intention_id: str
    offer_id: str
    instance_number: InstanceNumber
    configuration: str
    device_key: bytes
    key_thumbprint: str
    status: StatusReference
    state: IntentionState
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PlannedCopy:
    """One copy of an intention: the key, the place on a list and the format that it will have."""

    copy_id: str
    configuration: str
    device_key: bytes
    key_thumbprint: str
    status: StatusReference

    @classmethod
    def first_of(cls, intention: Intention) -> "PlannedCopy":
        """The copy with which an intention begins; it has its name."""
        return cls(
            intention.intention_id,
            intention.configuration,
            intention.device_key,
            intention.key_thumbprint,
            intention.status,
        )


def insert_intention(db: sa.Connection, intention: Intention) -> None:
    """Record what will be signed."""
    db.execute(
        sa.insert(schema.intention).values(
            holder_id=intention.holder_id,
            intention_id=intention.intention_id,
            offer_id=intention.offer_id,
            instance_number=intention.instance_number,
            configuration=intention.configuration,
            device_key=intention.device_key,
            key_thumbprint=intention.key_thumbprint,
            status_uri=intention.status.uri,
            status_index=intention.status.index,
            state=intention.state.value,
            created_at=intention.created_at,
        )
    )


_INTENTION = sa.select(
    schema.intention.c.holder_id,
    schema.intention.c.intention_id,
    schema.intention.c.offer_id,
    schema.intention.c.instance_number,
    schema.intention.c.configuration,
    schema.intention.c.device_key,
    schema.intention.c.key_thumbprint,
    schema.intention.c.status_uri,
    schema.intention.c.status_index,
    schema.intention.c.state,
    schema.intention.c.created_at,
)


def intention_of_offer(db: sa.Connection, holder: HolderId, offer_id: str) -> Intention | None:
    """The intention that an offer led to."""
    table = schema.intention
    row = db.execute(
        _INTENTION.where(table.c.holder_id == holder, table.c.offer_id == offer_id)
    ).one_or_none()
    return _intention(row) if row else None


def stale_intentions(db: sa.Connection, before: datetime, limit: int) -> list[Intention]:
    """Intentions without a copy that were made before `before` and for which nobody waits."""
    table, waits = schema.intention, schema.deferral
    waiting = sa.exists().where(
        waits.c.holder_id == table.c.holder_id,
        waits.c.offer_id == table.c.offer_id,
        waits.c.state == DeferralState.WAITING.value,
    )
    rows = db.execute(
        _INTENTION.where(
            table.c.state == IntentionState.INTENDED.value, table.c.created_at < before, ~waiting
        ).limit(limit)
    )
    return [_intention(row) for row in rows]


def _intention(row: Any) -> Intention:
    values = row._mapping
    return Intention(
        holder_id=HolderId(values["holder_id"]),
        intention_id=values["intention_id"],
        offer_id=values["offer_id"],
        instance_number=InstanceNumber(values["instance_number"]),
        configuration=values["configuration"],
        device_key=values["device_key"],
        key_thumbprint=values["key_thumbprint"],
        status=StatusReference(values["status_uri"], values["status_index"]),
        state=IntentionState(values["state"]),
        created_at=values["created_at"],
    )


def set_intention(db: sa.Connection, intention: Intention, state: IntentionState) -> bool:
    """Move an intention on from INTENDED; False where it has moved already."""
    table = schema.intention
    moved = db.execute(
        sa.update(table)
        .where(
            table.c.holder_id == intention.holder_id,
            table.c.intention_id == intention.intention_id,
            table.c.state == IntentionState.INTENDED.value,
        )
        .values(state=state.value)
    )
    return moved.rowcount == 1


def plan_copies(
    db: sa.Connection, intention: Intention, generation: int, planned: Sequence[PlannedCopy]
) -> None:
    """Record what will be signed beside an intention's first copy."""
    if not planned:
        return
    rows = [
        {
            "holder_id": intention.holder_id,
            "copy_id": one.copy_id,
            "intention_id": intention.intention_id,
            "configuration": one.configuration,
            "generation": generation,
            "device_key": one.device_key,
            "key_thumbprint": one.key_thumbprint,
            "status_uri": one.status.uri,
            "status_index": one.status.index,
        }
        for one in planned
    ]
    db.execute(sa.insert(schema.further_copy), rows)


def planned_copies(
    db: sa.Connection, intention: Intention, configuration: str, generation: int
) -> list[PlannedCopy]:
    """The copies of one batch: of one format, and of one coming of the wallet."""
    table = schema.further_copy
    rows = db.execute(
        sa.select(
            table.c.copy_id,
            table.c.device_key,
            table.c.key_thumbprint,
            table.c.status_uri,
            table.c.status_index,
        ).where(
            table.c.holder_id == intention.holder_id,
            table.c.intention_id == intention.intention_id,
            table.c.configuration == configuration,
            table.c.generation == generation,
        )
    )
    further = [
        PlannedCopy(
            row.copy_id,
            configuration,
            row.device_key,
            row.key_thumbprint,
            StatusReference(row.status_uri, row.status_index),
        )
        for row in rows
    ]
    is_first = generation == 0 and intention.configuration == configuration
    return [PlannedCopy.first_of(intention), *further] if is_first else further
