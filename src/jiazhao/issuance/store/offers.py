"""Offers of the electronic licence, and what became of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from jiazhao.issuance.store.deferred_claims import end_deferrals
from jiazhao.licence.identifiers import HolderId
from jiazhao.storage import schema


class Origin(StrEnum):
    """Where an offer was made: at a counter, by the holder's claim, or by agreeing to a wallet."""

    COUNTER = "counter"
    CLAIM = "claim"
    AUTHORIZATION = "authorization"


class OfferState(StrEnum):
    """An offer's life; only OPEN can be redeemed, only REDEEMED can issue."""

    OPEN = "open"
    REDEEMED = "redeemed"
    ISSUED = "issued"
    BURNED = "burned"
    REPLACED = "replaced"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Offer:
    """One credential offer."""

    holder_id: HolderId
    offer_id: str
    origin: Origin
    tx_code_digest: bytes
    wrong_tx_codes: int
    state: OfferState
    created_at: datetime
    expires_at: datetime


def insert_offer(db: sa.Connection, offer: Offer) -> None:
    """Record an offer."""
    db.execute(
        sa.insert(schema.offer).values(
            holder_id=offer.holder_id,
            offer_id=offer.offer_id,
            origin=offer.origin.value,
            tx_code_digest=offer.tx_code_digest,
            wrong_tx_codes=offer.wrong_tx_codes,
            state=offer.state.value,
            created_at=offer.created_at,
            expires_at=offer.expires_at,
        )
    )


def offer(db: sa.Connection, holder: HolderId, offer_id: str) -> Offer | None:
    """One offer of a holder."""
    table = schema.offer
    row = db.execute(
        sa.select(
            table.c.origin,
            table.c.tx_code_digest,
            table.c.wrong_tx_codes,
            table.c.state,
            table.c.created_at,
            table.c.expires_at,
        ).where(table.c.holder_id == holder, table.c.offer_id == offer_id)
    ).one_or_none()
    if row is None:
        return None
    return Offer(
        holder,
        offer_id,
        Origin(row.origin),
        row.tx_code_digest,
        row.wrong_tx_codes,
        OfferState(row.state),
        row.created_at,
        row.expires_at,
    )


def set_offer(
    db: sa.Connection, offer: Offer, *, state: OfferState, wrong_tx_codes: int | None = None
) -> None:
    """Move an offer on."""
    values: dict[str, object] = {"state": state.value}
    if wrong_tx_codes is not None:
        values["wrong_tx_codes"] = wrong_tx_codes
    table = schema.offer
    db.execute(
        sa.update(table)
        .where(table.c.holder_id == offer.holder_id, table.c.offer_id == offer.offer_id)
        .values(**values)
    )


def pending_claim(db: sa.Connection, holder: HolderId, now: datetime) -> bool:
    """Whether a claim of this holder waits to be redeemed or issued."""
    table = schema.offer
    found = db.execute(
        sa.select(table.c.offer_id)
        .where(
            table.c.holder_id == holder,
            table.c.origin == Origin.CLAIM.value,
            table.c.state.in_([OfferState.OPEN.value, OfferState.REDEEMED.value]),
            table.c.expires_at > now,
        )
        .limit(1)
    ).one_or_none()
    return found is not None


def replace_offers(db: sa.Connection, holder: HolderId) -> None:
    """No offer or claim of this holder that waits can be used any more."""
    end_deferrals(db, holder)
    table = schema.offer
    db.execute(
        sa.update(table)
        .where(
            table.c.holder_id == holder,
            table.c.state.in_([OfferState.OPEN.value, OfferState.REDEEMED.value]),
        )
        .values(state=OfferState.REPLACED.value)
    )
