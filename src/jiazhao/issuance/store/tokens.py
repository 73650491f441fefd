"""Bearer secrets by their hash, whose they are, and what a grant is good for."""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from jiazhao.licence.identifiers import HolderId
from jiazhao.storage import schema


class Bearer(StrEnum):
    """What a bearer secret opens."""

    OFFER = "offer"
    CODE = "code"
    ISSUER_STATE = "issuer_state"
    AUTHORIZATION_CODE = "authz_code"
    REFRESH = "refresh"
    TOKEN = "token"  # noqa: S105  (a kind, not a secret)


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
