"""What is taken once: nonces, and proofs of possession."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from jiazhao.licence.identifiers import HolderId
from jiazhao.storage import schema


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
