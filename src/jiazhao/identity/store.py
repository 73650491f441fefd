"""Accounts, roles, sessions and used sign-ins.

Who can change this store can give himself any role and any session; who can only read it gets
the names of staff and of those signed in, but no session, since tokens are kept as digests.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from jiazhao.http.access import Role
from jiazhao.licence.identifiers import HolderId
from jiazhao.storage import schema

Connection = sa.Connection

_account = schema.account
_role = schema.account_role
_session = schema.session
_used = schema.used_sign_in

_LIVE = _role.c.revoked_at.is_(None)


@dataclass(frozen=True, slots=True)
class Session:
    """One signed-in browser."""

    account_id: str
    app: str
    name: str
    holder_id: HolderId | None
    acr: str
    authenticated_at: datetime
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime

    def __repr__(self) -> str:
        return f"Session({self.app}, {self.created_at})"


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role that an account has now."""

    account_id: str
    role: Role
    unit: str
    name: str
    granted_at: datetime


# -- accounts and sessions

_SESSION = sa.select(
    _session.c.account_id,
    _session.c.app,
    _session.c.name,
    _session.c.holder_id,
    _session.c.acr,
    _session.c.authenticated_at,
    _session.c.created_at,
    _session.c.last_seen_at,
    _session.c.expires_at,
).where(_session.c.digest == sa.bindparam("digest"))

_HELD = (
    sa.select(_role.c.account_id, _role.c.role, _role.c.unit, _role.c.name, _role.c.granted_at)
    .where(_LIVE)
    .order_by(_role.c.granted_at.desc())
)


def add_account(db: Connection, account_id: str, now: datetime) -> None:
    """Note an account; nothing happens if it is known."""
    _insert_once(
        db,
        _account,
        {"account_id": account_id, "created_at": now, "sessions_from": now},
    )


def sessions_from(db: Connection, account_id: str) -> datetime | None:
    """The moment before which the account's sessions are void; None for no such account."""
    query = sa.select(_account.c.sessions_from).where(_account.c.account_id == account_id)
    moment: datetime | None = db.execute(query).scalar_one_or_none()
    return moment


def void_sessions(db: Connection, account_id: str, before: datetime) -> None:
    """Void all sessions of an account that were made before `before`."""
    db.execute(
        sa.update(_account).where(_account.c.account_id == account_id).values(sessions_from=before)
    )


def add_session(db: Connection, digest: bytes, session: Session) -> None:
    """Keep a session under the digest of its token."""
    db.execute(
        sa.insert(_session).values(
            digest=digest,
            account_id=session.account_id,
            app=session.app,
            name=session.name,
            holder_id=session.holder_id,
            acr=session.acr,
            authenticated_at=session.authenticated_at,
            created_at=session.created_at,
            last_seen_at=session.last_seen_at,
            expires_at=session.expires_at,
        )
    )


def session(db: Connection, digest: bytes) -> Session | None:
    """The session under that digest, lapsed or not."""
    row = db.execute(_SESSION, {"digest": digest}).one_or_none()
    return None if row is None else Session(*row)


def touch_session(db: Connection, digest: bytes, now: datetime) -> None:
    """Note that a session is in use; a late note does not set the time back."""
    db.execute(
        sa.update(_session)
        .where(_session.c.digest == digest, _session.c.last_seen_at < now)
        .values(last_seen_at=now)
    )


def end_session(db: Connection, digest: bytes) -> None:
    """Forget a session."""
    db.execute(sa.delete(_session).where(_session.c.digest == digest))


def use_sign_in(db: Connection, digest: bytes, now: datetime) -> bool:
    """Note that a sign-in came back; False if it had already."""
    return _insert_once(db, _used, {"digest": digest, "used_at": now})


def sweep(db: Connection, *, now: datetime, idle_since: datetime, used_before: datetime) -> int:
    """Delete lapsed sessions and used sign-ins; how many rows."""
    lapsed = sa.or_(_session.c.expires_at <= now, _session.c.last_seen_at <= idle_since)
    ended = db.execute(sa.delete(_session).where(lapsed)).rowcount
    return ended + db.execute(sa.delete(_used).where(_used.c.used_at < used_before)).rowcount


# -- roles


def roles_of(db: Connection, account_id: str) -> list[HeldRole]:
    """The roles that an account has now, the latest first."""
    return _held(db, _HELD.where(_role.c.account_id == account_id))


def live_roles(db: Connection, *, limit: int) -> list[HeldRole]:
    """The latest roles of all accounts."""
    return _held(db, _HELD.limit(limit))


def lock_all_roles(db: Connection) -> None:
    """Let no other transaction change any role until this one ends; readers go on.

    Roles change a few times a day, so that one lock for all of them costs nothing.
    """
    if db.dialect.name == "postgresql":
        db.execute(sa.text("LOCK TABLE account_role IN SHARE ROW EXCLUSIVE MODE"))
    # A writing transaction of the embedded engine is alone anyway.


def holds_role(db: Connection, account_id: str, role: Role) -> bool:
    """Whether the account has the role now."""
    query = _one_role(sa.select(_role.c.grant_id), account_id, role)
    return db.execute(query).one_or_none() is not None


def anybody_holds(db: Connection, role: Role) -> bool:
    """Whether some account has the role now."""
    query = sa.select(_role.c.grant_id).where(_role.c.role == role, _LIVE).limit(1)
    return db.execute(query).one_or_none() is not None


def add_role(db: Connection, grant_id: str, held: HeldRole, *, granted_by: str) -> None:
    """Keep a grant."""
    db.execute(
        sa.insert(_role).values(
            account_id=held.account_id,
            grant_id=grant_id,
            role=held.role,
            unit=held.unit,
            name=held.name,
            granted_by=granted_by,
            granted_at=held.granted_at,
        )
    )


def end_role(db: Connection, account_id: str, role: Role, *, ended_by: str, now: datetime) -> bool:
    """End a role; False if the account does not have it."""
    update = _one_role(sa.update(_role), account_id, role)
    return db.execute(update.values(revoked_by=ended_by, revoked_at=now)).rowcount == 1


def _one_role(statement: Any, account_id: str, role: Role) -> Any:
    return statement.where(_role.c.account_id == account_id, _role.c.role == role, _LIVE)


def _held(db: Connection, query: sa.Select[Any]) -> list[HeldRole]:
    rows = db.execute(query)
    return [HeldRole(account, Role(role), unit, name, at) for account, role, unit, name, at in rows]


def _insert_once(db: Connection, table: sa.Table, values: Mapping[str, object]) -> bool:
    dialect = postgresql if db.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(table).values(**values).on_conflict_do_nothing()
    # Not `rowcount`: it is not kept for inserts on every engine.
    return db.execute(insert.returning(*table.primary_key)).first() is not None
