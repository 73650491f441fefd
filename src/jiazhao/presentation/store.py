"""SQL of short codes, of uses of codes, and of what terminals recorded without a network.

Who can change this store can make a typed code stand for another living one, and so show an
officer another person's licence: the portrait then betrays it. He can also hide that a code was
used twice, or that a record was handed in.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from jiazhao.registry.service import Instance
from jiazhao.storage import schema

_TABLE = schema.short_code
_use = schema.code_use
_record = schema.offline_record
_follow_up = schema.follow_up


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


# -- uses of codes


def use_code(
    db: sa.Connection, instance: Instance, counter: int, use: str, now: datetime
) -> list[str]:
    """Note one check's use of a code; returns the uses that other checks made of the same code.

    The holder is locked, so of two checks at once the second sees the first.
    """
    own = sa.and_(
        _use.c.holder_id == instance.holder_id,
        _use.c.instance_number == instance.instance_number,
        _use.c.counter == counter,
    )
    dialect = postgresql if db.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(_use).values(
        holder_id=instance.holder_id,
        instance_number=instance.instance_number,
        counter=counter,
        check_use=use,
        used_at=now,
    )
    db.execute(insert.on_conflict_do_nothing())
    others = sa.select(_use.c.check_use).where(own, _use.c.check_use != use)
    return list(db.execute(others.order_by(_use.c.check_use)).scalars())


def sweep_uses(db: sa.Connection, before: datetime) -> int:
    """Forget uses so old that no record can meet them any more."""
    return db.execute(sa.delete(_use).where(_use.c.used_at < before)).rowcount


# -- records of terminals


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """That a record came, once, and what became of it; nothing of the person."""

    terminal_id: str
    record_id: str
    uploaded_by: str
    uploaded_at: datetime
    account_id: str | None
    checked_at: datetime | None
    sequence: int | None
    verdict: str
    follow_up: str
    reason: str
    content: bytes | None


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What an officer is told of a check of his."""

    account_id: str
    follow_up_id: str
    kind: str
    check_id: str
    checked_at: datetime
    made_at: datetime


def offline_record(db: sa.Connection, terminal_id: str, record_id: str) -> StoredRecord | None:
    """The record of that name of a terminal."""
    query = sa.select(*_record.c).where(
        _record.c.terminal_id == terminal_id, _record.c.record_id == record_id
    )
    row = db.execute(query).one_or_none()
    return None if row is None else StoredRecord(**row._mapping)


def add_offline_record(db: sa.Connection, stored: StoredRecord) -> None:
    """Keep a record; of two at once the second fails, looks again and finds the first."""
    db.execute(sa.insert(_record).values(asdict(stored)))


def add_follow_up(db: sa.Connection, made: FollowUp) -> None:
    """Keep what an officer is to be told."""
    db.execute(sa.insert(_follow_up).values(asdict(made)))


def follow_ups_of(db: sa.Connection, account_id: str, limit: int) -> list[FollowUp]:
    """What an officer was told, the newest first."""
    query = (
        sa.select(*_follow_up.c)
        .where(_follow_up.c.account_id == account_id)
        .order_by(_follow_up.c.follow_up_id.desc())
        .limit(limit)
    )
    return [FollowUp(**row._mapping) for row in db.execute(query)]


def count_follow_ups(db: sa.Connection, accounts: Collection[str]) -> dict[str, int]:
    """How often each of some officers was told something."""
    own = _follow_up.c.account_id
    query = sa.select(own, sa.func.count().label("count")).where(own.in_(accounts)).group_by(own)
    return {row.account_id: row._mapping["count"] for row in db.execute(query)}
