"""SQL of enforcement keys.

Who can change this store can make wallets seal codes for a key of his own; who can only read it
has the private halves wrapped, and opens nothing without the key of keys.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

import sqlalchemy as sa

from jiazhao.storage import schema

Connection = sa.Connection

_key = schema.enforcement_key


class KeyKind(IntEnum):
    """Which codes a key opens: the first octet of the code."""

    DAY = 2
    """Shown codes; the period is the day's number since 1970-01-01, a day in China."""
    YEAR = 3
    """Printed backup codes; the period is the year."""


@dataclass(frozen=True, slots=True)
class StoredKey:
    """One key; `wrapped` is None once its private half is gone."""

    kind: KeyKind
    period: int
    point: bytes
    wrapped: bytes | None = field(repr=False)


def find_keys(db: sa.Connection, kind: KeyKind, periods: Iterable[int]) -> list[StoredKey]:
    """The keys of these periods, the earliest first."""
    query = (
        sa.select(_key.c.kind, _key.c.period, _key.c.point, _key.c.wrapped)
        .where(_key.c.kind == kind, _key.c.period.in_(list(periods)))
        .order_by(_key.c.period)
    )
    return [
        StoredKey(KeyKind(row.kind), row.period, row.point, row.wrapped)
        for row in db.execute(query)
    ]


def add_keys(db: sa.Connection, keys: Iterable[StoredKey], now: datetime) -> None:
    """Store new keys; of two who make one of the same period, the second fails and looks again."""
    for key in keys:
        db.execute(
            sa.insert(_key).values(
                kind=key.kind, period=key.period, point=key.point, wrapped=key.wrapped, made_at=now
            )
        )


def forget_private_halves(db: sa.Connection, kind: KeyKind, before: int) -> int:
    """Delete the private halves of periods before one; returns how many there were."""
    return db.execute(
        sa.update(_key)
        .where(_key.c.kind == kind, _key.c.period < before, _key.c.wrapped.is_not(None))
        .values(wrapped=None)
    ).rowcount


def with_private_half(db: sa.Connection) -> list[StoredKey]:
    """Every key whose private half is still there."""
    query = sa.select(_key.c.kind, _key.c.period, _key.c.point, _key.c.wrapped).where(
        _key.c.wrapped.is_not(None)
    )
    return [
        StoredKey(KeyKind(row.kind), row.period, row.point, row.wrapped)
        for row in db.execute(query)
    ]


def wrap_anew(db: sa.Connection, key: StoredKey, wrapped: bytes) -> None:
    """Put a private half that was wrapped anew in the place of the old one, if that stands."""
    db.execute(
        sa.update(_key)
        .where(_key.c.kind == key.kind, _key.c.period == key.period, _key.c.wrapped == key.wrapped)
        .values(wrapped=wrapped)
    )
