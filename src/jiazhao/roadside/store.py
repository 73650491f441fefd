"""SQL of enforcement keys, terminals and shifts.

Who can change this store can make wallets seal codes for a key of his own, and make a device of
his own a terminal; who can only read it has the private halves wrapped, opens nothing without the
key of keys, and sees which officer had which terminal when.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from jiazhao.storage import schema

Connection = sa.Connection

_key = schema.enforcement_key
_terminal = schema.terminal
_shift = schema.shift


class KeyKind(IntEnum):
    """What a key opens; of codes it is their first octet."""

    RECORDS = 1
    """What terminals recorded without a network; the period is the day on which a shift began."""
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


# -- terminals


@dataclass(frozen=True, slots=True)
class Terminal:
    """A device of a unit, from the permission to register it to its end; rows stay."""

    terminal_id: str
    unit: str
    label: str
    made_by: str
    made_at: datetime
    code_digest: bytes = field(repr=False)
    code_expires_at: datetime
    device_label: str = ""
    public_key: bytes | None = field(default=None, repr=False)
    registered_by: str | None = None
    registered_at: datetime | None = None
    killed_by: str | None = None
    killed_at: datetime | None = None
    kill_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Shift:
    """One officer at one terminal, in one session, from its opening to its end."""

    terminal_id: str
    shift_id: str
    account_id: str
    session_id: str = field(repr=False)
    officer: str
    unit: str
    opened_at: datetime
    ends_at: datetime
    closed_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether it has neither been closed nor come to its end."""
        return self.closed_at is None and now < self.ends_at


_TERMINALS = sa.select(*_terminal.c)
_SHIFTS = sa.select(*_shift.c)


def add_terminal(db: sa.Connection, made: Terminal) -> None:
    """Keep a terminal."""
    db.execute(sa.insert(_terminal).values(asdict(made)))


def terminal(db: sa.Connection, terminal_id: str) -> Terminal | None:
    """The terminal of that name; on PostgreSQL locked where the transaction writes."""
    query = _TERMINALS.where(_terminal.c.terminal_id == terminal_id)
    return _one_terminal(db, query)


def lock_terminal(db: sa.Connection, terminal_id: str) -> Terminal | None:
    """The terminal of that name, which nobody else changes until the transaction ends."""
    query = _TERMINALS.where(_terminal.c.terminal_id == terminal_id)
    if db.dialect.name == "postgresql":
        query = query.with_for_update()
    return _one_terminal(db, query)


def terminal_of_code(db: sa.Connection, digest: bytes) -> Terminal | None:
    """The terminal that a registration code is for."""
    return _one_terminal(db, _TERMINALS.where(_terminal.c.code_digest == digest))


def terminals(db: sa.Connection, limit: int) -> list[Terminal]:
    """Those made last come first."""
    query = _TERMINALS.order_by(_terminal.c.made_at.desc(), _terminal.c.terminal_id).limit(limit)
    return [Terminal(**row._mapping) for row in db.execute(query)]


def register_terminal(
    db: sa.Connection, made: Terminal, *, key: bytes, device_label: str, by: str, now: datetime
) -> bool:
    """Bind a key to a terminal that has none; False where another came first."""
    return (
        db.execute(
            sa.update(_terminal)
            .where(_terminal.c.terminal_id == made.terminal_id, _terminal.c.public_key.is_(None))
            .values(public_key=key, device_label=device_label, registered_by=by, registered_at=now)
        ).rowcount
        == 1
    )


def kill_terminal(
    db: sa.Connection, terminal_id: str, *, by: str, reason: str, now: datetime
) -> bool:
    """End a terminal; False where there is none that lives."""
    return (
        db.execute(
            sa.update(_terminal)
            .where(_terminal.c.terminal_id == terminal_id, _terminal.c.killed_at.is_(None))
            .values(killed_at=now, killed_by=by, kill_reason=reason)
        ).rowcount
        == 1
    )


def _one_terminal(db: sa.Connection, query: Any) -> Terminal | None:
    row = db.execute(query).one_or_none()
    return None if row is None else Terminal(**row._mapping)


# -- shifts


def add_shift(db: sa.Connection, opened: Shift) -> None:
    """Keep a shift."""
    db.execute(sa.insert(_shift).values(asdict(opened)))


def close_shifts(db: sa.Connection, terminal_id: str, now: datetime) -> int:
    """Close what is open on a terminal; how many."""
    return db.execute(
        sa.update(_shift)
        .where(_shift.c.terminal_id == terminal_id, _shift.c.closed_at.is_(None))
        .values(closed_at=now)
    ).rowcount


def shift_of_session(db: sa.Connection, session_id: str) -> tuple[Shift, Terminal] | None:
    """The shift that a session opened last, over or not, with its terminal."""
    query = (
        _SHIFTS.where(_shift.c.session_id == session_id)
        .order_by(_shift.c.opened_at.desc(), _shift.c.shift_id.desc())
        .limit(1)
    )
    row = db.execute(query).one_or_none()
    if row is None:
        return None
    found = Shift(**row._mapping)
    owner = terminal(db, found.terminal_id)
    return None if owner is None else (found, owner)


def shift(db: sa.Connection, terminal_id: str, shift_id: str) -> Shift | None:
    """The shift of that name at that terminal."""
    query = _SHIFTS.where(_shift.c.terminal_id == terminal_id, _shift.c.shift_id == shift_id)
    row = db.execute(query).one_or_none()
    return None if row is None else Shift(**row._mapping)


def open_shifts(db: sa.Connection, now: datetime) -> Mapping[str, Shift]:
    """The open shifts by their terminal."""
    query = _SHIFTS.where(_shift.c.closed_at.is_(None), _shift.c.ends_at > now)
    return {row.terminal_id: Shift(**row._mapping) for row in db.execute(query)}


def use_proof(db: sa.Connection, digest: bytes, now: datetime) -> bool:
    """Note that a proof came; False if it had already."""
    dialect = postgresql if db.dialect.name == "postgresql" else sqlite
    table = schema.used_proof
    insert = dialect.insert(table).values(digest=digest, used_at=now).on_conflict_do_nothing()
    return db.execute(insert.returning(table.c.digest)).first() is not None


def killed_sessions(db: sa.Connection, sessions: Iterable[str]) -> set[str]:
    """Those of some sessions that had a shift at a terminal which was killed."""
    query = (
        sa.select(_shift.c.session_id)
        .join(_terminal, _terminal.c.terminal_id == _shift.c.terminal_id)
        .where(_shift.c.session_id.in_(list(sessions)), _terminal.c.killed_at.is_not(None))
    )
    return set(db.execute(query).scalars())
