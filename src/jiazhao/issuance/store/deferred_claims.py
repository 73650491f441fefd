"""Claims that wait for a person's decision."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from jiazhao.credentials.signing import POINT_OCTETS
from jiazhao.issuance.store.tokens import BearerOwner
from jiazhao.licence.identifiers import HolderId
from jiazhao.storage import schema


class DeferralState(StrEnum):
    """WAITING until its copies are fetched; ENDED where they never will be."""

    WAITING = "waiting"
    ISSUED = "issued"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Deferral:
    """A claim that waits; `device_keys` are points, in the order of the proofs that showed them."""

    holder_id: HolderId
    offer_id: str
    configuration: str
    device_keys: tuple[bytes, ...]
    state: DeferralState
    created_at: datetime
    expires_at: datetime


def put_deferral(db: sa.Connection, deferral: Deferral) -> None:
    """Record a claim that waits, in place of one of the same grant that was lapsed."""
    table = schema.deferral
    db.execute(
        sa.delete(table).where(
            table.c.holder_id == deferral.holder_id,
            table.c.offer_id == deferral.offer_id,
            table.c.configuration == deferral.configuration,
        )
    )
    db.execute(
        sa.insert(table).values(
            holder_id=deferral.holder_id,
            offer_id=deferral.offer_id,
            configuration=deferral.configuration,
            device_keys=b"".join(deferral.device_keys),
            state=deferral.state.value,
            created_at=deferral.created_at,
            expires_at=deferral.expires_at,
        )
    )


def deferral(
    db: sa.Connection, owner: BearerOwner, configuration: str, now: datetime
) -> Deferral | None:
    """The claim of a grant for one configuration that was put off."""
    table = schema.deferral
    row = db.execute(
        sa.select(table.c.device_keys, table.c.state, table.c.created_at, table.c.expires_at).where(
            table.c.holder_id == owner.holder_id,
            table.c.offer_id == owner.reference,
            table.c.configuration == configuration,
            table.c.expires_at > now,
        )
    ).one_or_none()
    if row is None:
        return None
    points = row.device_keys
    return Deferral(
        owner.holder_id,
        owner.reference,
        configuration,
        tuple(points[at : at + POINT_OCTETS] for at in range(0, len(points), POINT_OCTETS)),
        DeferralState(row.state),
        row.created_at,
        row.expires_at,
    )


def deferrals_wait(
    db: sa.Connection, holder: HolderId, now: datetime, *, offer_id: str | None = None
) -> bool:
    """Whether any claim of this holder, or of one offer, waits."""
    table = schema.deferral
    wanted = [
        table.c.holder_id == holder,
        table.c.state == DeferralState.WAITING.value,
        table.c.expires_at > now,
    ]
    if offer_id is not None:
        wanted.append(table.c.offer_id == offer_id)
    found = db.execute(sa.select(table.c.offer_id).where(*wanted).limit(1)).one_or_none()
    return found is not None


def finish_deferral(db: sa.Connection, deferral: Deferral) -> bool:
    """Note that the copies were fetched; False where that was noted, or the claim has ended."""
    table = schema.deferral
    finished = db.execute(
        sa.update(table)
        .where(
            table.c.holder_id == deferral.holder_id,
            table.c.offer_id == deferral.offer_id,
            table.c.configuration == deferral.configuration,
            table.c.state == DeferralState.WAITING.value,
        )
        .values(state=DeferralState.ISSUED.value)
    )
    return finished.rowcount == 1


def end_deferrals(db: sa.Connection, holder: HolderId) -> None:
    """No claim of this holder waits any more."""
    table = schema.deferral
    db.execute(
        sa.update(table)
        .where(table.c.holder_id == holder, table.c.state == DeferralState.WAITING.value)
        .values(state=DeferralState.ENDED.value)
    )


def sweep_deferrals(db: sa.Connection, now: datetime) -> int:
    """Delete claims that waited too long, and what is over."""
    table = schema.deferral
    return db.execute(sa.delete(table).where(table.c.expires_at <= now)).rowcount
