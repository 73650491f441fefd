"""SQL of offers, tokens, intentions and copies.

Who can change this store can make offers and revive used ones; what is signed is still read
from the register, so no licence can be invented here, but one could be given to a stranger.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from jiazhao.credentials.signing import POINT_OCTETS
from jiazhao.credentials.status_list import StatusReference
from jiazhao.licence.identifiers import HolderId, InstanceNumber
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


class Bearer(StrEnum):
    """What a bearer secret opens."""

    OFFER = "offer"
    CODE = "code"
    ISSUER_STATE = "issuer_state"
    AUTHORIZATION_CODE = "authz_code"
    REFRESH = "refresh"
    TOKEN = "token"  # noqa: S105  (a kind, not a secret)


class IntentionState(StrEnum):
    """INTENDED until its copy is stored; VOIDED where it never will be."""

    INTENDED = "intended"
    STORED = "stored"
    VOIDED = "voided"


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


@dataclass(frozen=True, slots=True)
class WalletGrant:
    """The terms on which a wallet may fetch what an offer stands for.

    `redirect_uri` and the code's members are of the authorization-code grant; `dpop_jkt` is the
    key that its tokens are bound to, once there are any; `client_jkt` is the key of the instance
    of an attested wallet, which alone may exchange the code and refresh.
    """

    holder_id: HolderId
    offer_id: str
    configurations: tuple[str, ...]
    by_details: bool = False
    client_id: str | None = None
    redirect_uri: str | None = None
    code_digest: bytes | None = None
    code_challenge: str | None = None
    dpop_jkt: str | None = None
    client_jkt: str | None = None


@dataclass(frozen=True, slots=True)
class BearerOwner:
    """To whom a bearer secret belongs."""

    holder_id: HolderId
    reference: str


def remember_bearer(
    db: sa.Connection, digest: bytes, kind: Bearer, owner: BearerOwner, expires_at: datetime
) -> None:
    """Let a secret be found by its digest until it lapses."""
    db.execute(
        sa.insert(schema.bearer_lookup).values(
            digest=digest,
            kind=kind.value,
            holder_id=owner.holder_id,
            reference=owner.reference,
            expires_at=expires_at,
        )
    )


def bearer(db: sa.Connection, digest: bytes, kind: Bearer, now: datetime) -> BearerOwner | None:
    """To whom a live secret of that kind belongs."""
    table = schema.bearer_lookup
    row = db.execute(
        sa.select(table.c.holder_id, table.c.reference).where(
            table.c.digest == digest, table.c.kind == kind.value, table.c.expires_at > now
        )
    ).one_or_none()
    return BearerOwner(HolderId(row.holder_id), row.reference) if row else None


def prolong_bearer(db: sa.Connection, digest: bytes, expires_at: datetime) -> None:
    """Let a secret that is in use live on."""
    table = schema.bearer_lookup
    db.execute(sa.update(table).where(table.c.digest == digest).values(expires_at=expires_at))


def sweep_bearers(db: sa.Connection, now: datetime) -> int:
    """Delete lapsed secrets."""
    table = schema.bearer_lookup
    return db.execute(sa.delete(table).where(table.c.expires_at <= now)).rowcount


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


def push_request(db: sa.Connection, digest: bytes, content: str, expires_at: datetime) -> None:
    """Keep a wallet's request until somebody decides on it."""
    db.execute(
        sa.insert(schema.pushed_request).values(
            digest=digest, content=content, expires_at=expires_at
        )
    )


def pushed_request(db: sa.Connection, digest: bytes, now: datetime) -> str | None:
    """A request that waits for a decision."""
    table = schema.pushed_request
    return db.execute(
        sa.select(table.c.content).where(
            table.c.digest == digest, table.c.expires_at > now, table.c.decided_at.is_(None)
        )
    ).scalar_one_or_none()


def decide_request(db: sa.Connection, digest: bytes, now: datetime) -> bool:
    """Take a request out of those that wait; False where it was decided or has lapsed."""
    table = schema.pushed_request
    decided = db.execute(
        sa.update(table)
        .where(table.c.digest == digest, table.c.expires_at > now, table.c.decided_at.is_(None))
        .values(decided_at=now)
    )
    return decided.rowcount == 1


def sweep_requests(db: sa.Connection, now: datetime) -> int:
    """Delete requests that lapsed."""
    table = schema.pushed_request
    return db.execute(sa.delete(table).where(table.c.expires_at <= now)).rowcount


def set_grant(db: sa.Connection, grant: WalletGrant) -> None:
    """Record the terms of an offer, in place of those it had."""
    values: dict[str, object] = {
        "client_id": grant.client_id,
        "redirect_uri": grant.redirect_uri,
        "code_digest": grant.code_digest,
        "code_challenge": grant.code_challenge,
        "configurations": json.dumps(grant.configurations),
        "by_details": grant.by_details,
        "dpop_jkt": grant.dpop_jkt,
        "client_jkt": grant.client_jkt,
    }
    table = schema.wallet_grant
    changed = db.execute(
        sa.update(table)
        .where(table.c.holder_id == grant.holder_id, table.c.offer_id == grant.offer_id)
        .values(**values)
    )
    if changed.rowcount == 0:
        db.execute(
            sa.insert(table).values(holder_id=grant.holder_id, offer_id=grant.offer_id, **values)
        )


def grant_of(db: sa.Connection, owner: BearerOwner) -> WalletGrant | None:
    """The terms of an offer."""
    table = schema.wallet_grant
    row = db.execute(
        sa.select(
            table.c.client_id,
            table.c.redirect_uri,
            table.c.code_digest,
            table.c.code_challenge,
            table.c.configurations,
            table.c.by_details,
            table.c.dpop_jkt,
            table.c.client_jkt,
        ).where(table.c.holder_id == owner.holder_id, table.c.offer_id == owner.reference)
    ).one_or_none()
    if row is None:
        return None
    return WalletGrant(
        holder_id=owner.holder_id,
        offer_id=owner.reference,
        configurations=tuple(json.loads(row.configurations)),
        by_details=row.by_details,
        client_id=row.client_id,
        redirect_uri=row.redirect_uri,
        code_digest=row.code_digest,
        code_challenge=row.code_challenge,
        dpop_jkt=row.dpop_jkt,
        client_jkt=row.client_jkt,
    )


def use_proof(db: sa.Connection, digest: bytes, now: datetime) -> bool:
    """Record that a proof of DPoP or of a client attestation came; False where it came before."""
    try:
        with db.begin_nested():
            db.execute(sa.insert(schema.used_proof).values(digest=digest, used_at=now))
    except IntegrityError:
        return False
    return True


def sweep_proofs(db: sa.Connection, before: datetime) -> int:
    """Delete proofs that came before `before`."""
    table = schema.used_proof
    return db.execute(sa.delete(table).where(table.c.used_at < before)).rowcount


def use_nonce(db: sa.Connection, holder: HolderId, digest: bytes, now: datetime) -> bool:
    """Record that this holder used a nonce; False where it was used before."""
    try:
        with db.begin_nested():
            db.execute(
                sa.insert(schema.used_nonce).values(holder_id=holder, digest=digest, used_at=now)
            )
    except IntegrityError:
        return False
    return True


def sweep_nonces(db: sa.Connection, before: datetime) -> int:
    """Delete nonces that were used before `before`."""
    table = schema.used_nonce
    return db.execute(sa.delete(table).where(table.c.used_at < before)).rowcount


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


def begin_refresh(db: sa.Connection, owner: BearerOwner, digest: bytes) -> None:
    """Give a grant its refresh token, in place of one that it had."""
    table = schema.refresh
    of_owner = (table.c.holder_id == owner.holder_id, table.c.offer_id == owner.reference)
    changed = db.execute(sa.update(table).where(*of_owner).values(digest=digest))
    if changed.rowcount == 0:
        db.execute(
            sa.insert(table).values(
                holder_id=owner.holder_id, offer_id=owner.reference, digest=digest, generation=0
            )
        )


def rotate_refresh(
    db: sa.Connection, owner: BearerOwner, used: bytes, digest: bytes, *, for_more: bool
) -> bool:
    """Put a new refresh token in the place of the one used; False where it was used before.

    `for_more`: there is a licence, and the wallet comes back for further copies of it.
    """
    table = schema.refresh
    changed = db.execute(
        sa.update(table)
        .where(
            table.c.holder_id == owner.holder_id,
            table.c.offer_id == owner.reference,
            table.c.digest == used,
        )
        .values(digest=digest, generation=table.c.generation + int(for_more))
    )
    return changed.rowcount == 1


def end_refresh(db: sa.Connection, owner: BearerOwner) -> None:
    """No refresh token of this grant works any more."""
    table = schema.refresh
    db.execute(
        sa.update(table)
        .where(table.c.holder_id == owner.holder_id, table.c.offer_id == owner.reference)
        .values(digest=None)
    )


def generation_of(db: sa.Connection, owner: BearerOwner) -> int:
    """How often the wallet came back for further copies."""
    table = schema.refresh
    found = db.execute(
        sa.select(table.c.generation).where(
            table.c.holder_id == owner.holder_id, table.c.offer_id == owner.reference
        )
    ).scalar_one_or_none()
    return found or 0


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
