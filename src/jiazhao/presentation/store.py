"""SQL of short codes.

Who can change this store can make a typed code stand for another living one, and so show an
officer another person's licence: the portrait then betrays it.
"""

from datetime import datetime

import sqlalchemy as sa

from jiazhao.storage import schema

_TABLE = schema.short_code


def remember_short_code(db: sa.Connection, digest: bytes, code: str, expires_at: datetime) -> None:
    """Let a short code be found until it lapses."""
    db.execute(sa.insert(_TABLE).values(digest=digest, code=code, expires_at=expires_at))


def code_behind(db: sa.Connection, digest: bytes, now: datetime) -> str | None:
    """The licence code that a live short code stands for."""
    return db.execute(
        sa.select(_TABLE.c.code).where(_TABLE.c.digest == digest, _TABLE.c.expires_at > now)
    ).scalar_one_or_none()


def sweep_short_codes(db: sa.Connection, now: datetime) -> int:
    """Delete lapsed short codes."""
    return db.execute(sa.delete(_TABLE).where(_TABLE.c.expires_at <= now)).rowcount
