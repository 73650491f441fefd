"""Authorization requests that a wallet pushed, each for one decision."""

from datetime import datetime

import sqlalchemy as sa

from jiazhao.storage import schema


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
