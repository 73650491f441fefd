"""Accounts, roles, sessions, used sign-ins and people's own keys.

Who can change this store can give himself any role, any session and any key; who can only read
it gets the names of staff and of those signed in, but no session, since tokens are kept as
digests, of a passkey the public half, and of a PIN a hash under a secret that is elsewhere.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
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
_passkey = schema.passkey
_pin_key = schema.pin_key
_enrolment = schema.enrolment
_recovery = schema.recovery

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
    key_id: str | None = None
    second_factor_at: datetime | None = None

    def __repr__(self) -> str:
        return f"Session({self.app}, {self.created_at})"


@dataclass(frozen=True, slots=True)
class Passkey:
    """A registered passkey that has not ended."""

    account_id: str
    key_id: str
    app: str
    holder_id: HolderId | None
    name: str
    label: str
    credential_id: bytes
    public_key: bytes
    sign_count: int
    created_at: datetime
    last_used_at: datetime | None = None

    def __repr__(self) -> str:
        return f"Passkey({self.app}, {self.created_at})"


@dataclass(frozen=True, slots=True)
class PinKey:
    """A key that works with a PIN and has not ended; it may be locked."""

    account_id: str
    key_id: str
    app: str
    holder_id: HolderId | None
    name: str
    label: str
    public_key: bytes
    pin_hash: str
    created_at: datetime
    wrong_tries: int = 0
    last_used_at: datetime | None = None

    def __repr__(self) -> str:
        return f"PinKey({self.app}, {self.created_at})"


class RecoveryState(StrEnum):
    """Where a request for a recovery stands."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Recovery:
    """A request to end all own keys of an account, with who asked and who decided."""

    account_id: str
    recovery_id: str
    state: RecoveryState
    reason: str
    note: str
    asked_by: str
    asked_name: str
    asked_unit: str
    asked_at: datetime
    expires_at: datetime
    decided_by: str | None = None
    decided_name: str | None = None
    decided_unit: str | None = None
    decided_at: datetime | None = None

    def state_at(self, now: datetime) -> RecoveryState:
        """Where it stands: what waited too long has lapsed, though nobody has written it down."""
        waits = self.state is RecoveryState.WAITING
        return RecoveryState.LAPSED if waits and now >= self.expires_at else self.state

    def __repr__(self) -> str:
        return f"Recovery({self.state}, {self.asked_at})"


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role that an account has now."""

    account_id: str
    role: Role
    unit: str
    name: str
    granted_at: datetime


# -- accounts and sessions

_SESSION_COLUMNS = (
    _session.c.account_id,
    _session.c.app,
    _session.c.name,
    _session.c.holder_id,
    _session.c.acr,
    _session.c.authenticated_at,
    _session.c.created_at,
    _session.c.last_seen_at,
    _session.c.expires_at,
    _session.c.key_id,
    _session.c.second_factor_at,
)
_SESSION = sa.select(*_SESSION_COLUMNS).where(_session.c.digest == sa.bindparam("digest"))

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
            key_id=session.key_id,
            second_factor_at=session.second_factor_at,
        )
    )


def session(db: Connection, digest: bytes) -> Session | None:
    """The session under that digest, lapsed or not."""
    row = db.execute(_SESSION, {"digest": digest}).one_or_none()
    return None if row is None else Session(*row)


def valid_sessions(db: Connection, digests: Collection[bytes]) -> list[tuple[bytes, Session]]:
    """Those of some sessions that their account has not voided, lapsed or not."""
    query = (
        sa.select(_session.c.digest, *_SESSION_COLUMNS)
        .join(_account, _account.c.account_id == _session.c.account_id)
        .where(_session.c.digest.in_(digests), _session.c.created_at >= _account.c.sessions_from)
    )
    return [(row[0], Session(*row[1:])) for row in db.execute(query)]


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


def end_sessions_of_key(db: Connection, account_id: str, key_id: str) -> None:
    """Forget the sessions that an own key opened, or whose second factor it was."""
    db.execute(
        sa.delete(_session).where(_session.c.account_id == account_id, _session.c.key_id == key_id)
    )


def use_sign_in(db: Connection, digest: bytes, now: datetime) -> bool:
    """Note that a sign-in or a challenge came back; False if it had already."""
    return _insert_once(db, _used, {"digest": digest, "used_at": now})


def sweep(db: Connection, *, now: datetime, idle_since: datetime, used_before: datetime) -> int:
    """Delete lapsed sessions and used sign-ins; how many rows."""
    lapsed = sa.or_(_session.c.expires_at <= now, _session.c.last_seen_at <= idle_since)
    ended = db.execute(sa.delete(_session).where(lapsed)).rowcount
    return ended + db.execute(sa.delete(_used).where(_used.c.used_at < used_before)).rowcount


# -- own keys

_KEPT = sa.select(
    _passkey.c.account_id,
    _passkey.c.key_id,
    _passkey.c.app,
    _passkey.c.holder_id,
    _passkey.c.name,
    _passkey.c.label,
    _passkey.c.credential_id,
    _passkey.c.public_key,
    _passkey.c.sign_count,
    _passkey.c.created_at,
    _passkey.c.last_used_at,
).where(_passkey.c.ended_at.is_(None))


def lock_account(db: Connection, account_id: str) -> None:
    """Let nobody else change this account's keys until the transaction ends."""
    if db.dialect.name == "postgresql":
        query = sa.select(_account.c.account_id).where(_account.c.account_id == account_id)
        db.execute(query.with_for_update())
    # A writing transaction of the embedded engine is alone anyway.


def add_passkey(db: Connection, made: Passkey) -> bool:
    """Keep a passkey; False where this account has or had it."""
    return _insert_once(db, _passkey, asdict(made))


def passkeys(db: Connection, account_id: str, app: str) -> list[Passkey]:
    """The passkeys of an account at an origin, the latest first."""
    query = _KEPT.where(_passkey.c.account_id == account_id, _passkey.c.app == app)
    return [Passkey(*row) for row in db.execute(query.order_by(_passkey.c.created_at.desc()))]


def passkey(db: Connection, account_id: str, credential_id: bytes) -> Passkey | None:
    """The passkey of that name."""
    query = _KEPT.where(
        _passkey.c.account_id == account_id, _passkey.c.credential_id == credential_id
    )
    row = db.execute(query).one_or_none()
    return None if row is None else Passkey(*row)


def count_use(db: Connection, used: Passkey, count: int, now: datetime) -> bool:
    """Note a use; False where the authenticator's count does not rise, or the key has ended.

    An authenticator that does not count always says 0 (Web Authentication, 6.1.1).
    """
    rises = _passkey.c.sign_count < count if count else _passkey.c.sign_count == 0
    update = _one_passkey(sa.update(_passkey), used.account_id, used.key_id).where(rises)
    return db.execute(update.values(sign_count=count, last_used_at=now)).rowcount == 1


def end_passkey(
    db: Connection, account_id: str, key_id: str, *, ended_by: str, now: datetime
) -> bool:
    """End a passkey; False if there is none."""
    update = _one_passkey(sa.update(_passkey), account_id, key_id)
    return db.execute(update.values(ended_at=now, ended_by=ended_by)).rowcount == 1


def _one_passkey(statement: Any, account_id: str, key_id: str) -> Any:
    return statement.where(
        _passkey.c.account_id == account_id,
        _passkey.c.key_id == key_id,
        _passkey.c.ended_at.is_(None),
    )


# -- own keys that work with a PIN

_KEPT_WITH_PIN = sa.select(
    _pin_key.c.account_id,
    _pin_key.c.key_id,
    _pin_key.c.app,
    _pin_key.c.holder_id,
    _pin_key.c.name,
    _pin_key.c.label,
    _pin_key.c.public_key,
    _pin_key.c.pin_hash,
    _pin_key.c.created_at,
    _pin_key.c.wrong_tries,
    _pin_key.c.last_used_at,
).where(_pin_key.c.ended_at.is_(None))


def add_pin_key(db: Connection, made: PinKey) -> None:
    """Keep a key with the hash of its PIN."""
    db.execute(sa.insert(_pin_key).values(asdict(made)))


def pin_keys(db: Connection, account_id: str, app: str) -> list[PinKey]:
    """The keys with a PIN of an account at an origin, the latest first."""
    query = _KEPT_WITH_PIN.where(_pin_key.c.account_id == account_id, _pin_key.c.app == app)
    return [PinKey(*row) for row in db.execute(query.order_by(_pin_key.c.created_at.desc()))]


def pin_key(db: Connection, account_id: str, key_id: str) -> PinKey | None:
    """The key of that name."""
    query = _KEPT_WITH_PIN.where(_pin_key.c.account_id == account_id, _pin_key.c.key_id == key_id)
    row = db.execute(query).one_or_none()
    return None if row is None else PinKey(*row)


def take_try(db: Connection, used: PinKey, *, limit: int) -> int | None:
    """Count a try and return how many that makes; None where none is left, or the key ended.

    One statement compares and counts, so that of many at once no more than `limit` get one.
    """
    update = _one_pin_key(sa.update(_pin_key), used.account_id, used.key_id)
    taken = update.where(_pin_key.c.wrong_tries < limit).values(
        wrong_tries=_pin_key.c.wrong_tries + 1
    )
    tries: int | None = db.execute(taken.returning(_pin_key.c.wrong_tries)).scalar_one_or_none()
    return tries


def use_pin_key(db: Connection, used: PinKey, now: datetime) -> bool:
    """Note a right PIN: the tries begin anew. False where the key has ended."""
    update = _one_pin_key(sa.update(_pin_key), used.account_id, used.key_id)
    return db.execute(update.values(wrong_tries=0, last_used_at=now)).rowcount == 1


def end_pin_key(
    db: Connection, account_id: str, key_id: str, *, ended_by: str, now: datetime
) -> bool:
    """End a key with a PIN; False if there is none."""
    update = _one_pin_key(sa.update(_pin_key), account_id, key_id)
    return db.execute(update.values(ended_at=now, ended_by=ended_by)).rowcount == 1


def _one_pin_key(statement: Any, account_id: str, key_id: str) -> Any:
    return statement.where(
        _pin_key.c.account_id == account_id,
        _pin_key.c.key_id == key_id,
        _pin_key.c.ended_at.is_(None),
    )


# -- recoveries

_RECOVERIES = sa.select(*_recovery.c)


def add_recovery(db: Connection, made: Recovery) -> bool:
    """Keep a request; False where one waits for that account already."""
    return _insert_once(db, _recovery, asdict(made))


def recovery(db: Connection, account_id: str, recovery_id: str) -> Recovery | None:
    """The request of that name."""
    found = _recoveries(
        db,
        _RECOVERIES.where(
            _recovery.c.account_id == account_id, _recovery.c.recovery_id == recovery_id
        ),
    )
    return found[0] if found else None


def recoveries_of(db: Connection, account_id: str, *, limit: int) -> list[Recovery]:
    """The requests for an account, the newest first."""
    query = _RECOVERIES.where(_recovery.c.account_id == account_id)
    return _recoveries(db, query.order_by(_recovery.c.asked_at.desc()).limit(limit))


def waiting_recoveries(db: Connection, now: datetime, *, limit: int) -> list[Recovery]:
    """The requests of all accounts that somebody may decide on now, the oldest first."""
    query = _RECOVERIES.where(
        _recovery.c.state == RecoveryState.WAITING, _recovery.c.expires_at > now
    )
    return _recoveries(db, query.order_by(_recovery.c.asked_at).limit(limit))


def decided_recoveries(db: Connection, *, limit: int) -> list[Recovery]:
    """The requests of all accounts that were closed, the one asked last first."""
    query = _RECOVERIES.where(_recovery.c.decided_at.is_not(None))
    return _recoveries(db, query.order_by(_recovery.c.asked_at.desc()).limit(limit))


def lapse_recoveries(db: Connection, account_id: str, now: datetime) -> None:
    """Close what waited too long, so that it may be asked for anew."""
    db.execute(
        sa.update(_recovery)
        .where(
            _recovery.c.account_id == account_id,
            _recovery.c.state == RecoveryState.WAITING,
            _recovery.c.expires_at <= now,
        )
        .values(state=RecoveryState.LAPSED)
    )


def close_recovery(
    db: Connection,
    waiting: Recovery,
    state: RecoveryState,
    *,
    by: str,
    name: str,
    unit: str,
    now: datetime,
) -> bool:
    """Decide on a request; False where it was decided, or has lapsed."""
    update = sa.update(_recovery).where(
        _recovery.c.account_id == waiting.account_id,
        _recovery.c.recovery_id == waiting.recovery_id,
        _recovery.c.state == RecoveryState.WAITING,
        _recovery.c.expires_at > now,
    )
    decided = {"decided_by": by, "decided_name": name, "decided_unit": unit, "decided_at": now}
    return db.execute(update.values(state=state, **decided)).rowcount == 1


def _recoveries(db: Connection, query: sa.Select[Any]) -> list[Recovery]:
    rows = (dict(row._mapping) for row in db.execute(query))
    return [Recovery(**{**row, "state": RecoveryState(row["state"])}) for row in rows]


def has_keys(db: Connection, account_id: str) -> bool:
    """Whether an account has a passkey or a PIN at any origin."""
    return any(
        db.execute(sa.select(_of(table, account_id).exists())).scalar_one()
        for table in (_passkey, _pin_key)
    )


def accounts_with_keys(db: Connection, holder: HolderId) -> list[str]:
    """The accounts whose passkeys or PINs open that holder's licence."""
    queries = (
        sa.select(table.c.account_id).where(table.c.holder_id == holder, table.c.ended_at.is_(None))
        for table in (_passkey, _pin_key)
    )
    return sorted({account for query in queries for account in db.execute(query).scalars()})


def holders_of_keys(db: Connection, account_id: str) -> list[HolderId]:
    """The holders whose licence the keys of an account open."""
    queries = (
        _of(table, account_id).with_only_columns(table.c.holder_id)
        for table in (_passkey, _pin_key)
    )
    found = {holder for query in queries for holder in db.execute(query).scalars()}
    return sorted(HolderId(holder) for holder in found if holder is not None)


def name_of(db: Connection, account_id: str) -> str:
    """What a person is called: by the newest role, else as the provider said last at a key."""
    for held in roles_of(db, account_id):
        return held.name
    queries = (
        sa.select(table.c.created_at, table.c.name).where(table.c.account_id == account_id)
        for table in (_passkey, _pin_key)
    )
    found = [(row.created_at, row.name) for query in queries for row in db.execute(query)]
    return max(found)[1] if found else ""


def end_all_keys(db: Connection, account_id: str, *, ended_by: str, now: datetime) -> None:
    """End every passkey and PIN of an account, at every origin."""
    for table in (_passkey, _pin_key):
        update = sa.update(table).where(
            table.c.account_id == account_id, table.c.ended_at.is_(None)
        )
        db.execute(update.values(ended_at=now, ended_by=ended_by))


def _of(table: sa.Table, account_id: str) -> sa.Select[Any]:
    return sa.select(table).where(table.c.account_id == account_id, table.c.ended_at.is_(None))


# -- permissions for the first passkey


def allow_enrolment(
    db: Connection, account_id: str, enrolment_id: str, *, by: str, now: datetime, until: datetime
) -> None:
    """Allow one first passkey until then."""
    db.execute(
        sa.insert(_enrolment).values(
            account_id=account_id,
            enrolment_id=enrolment_id,
            allowed_by=by,
            allowed_at=now,
            expires_at=until,
        )
    )


def enrolment(db: Connection, account_id: str, now: datetime) -> str | None:
    """The name of a permission that can be used now."""
    query = _open_enrolment(sa.select(_enrolment.c.enrolment_id), account_id, now)
    found: str | None = db.execute(query.limit(1)).scalar_one_or_none()
    return found


def use_enrolments(db: Connection, account_id: str, now: datetime) -> bool:
    """Use up whatever permission there is; False where there is none, or it was just used."""
    update = _open_enrolment(sa.update(_enrolment), account_id, now)
    return db.execute(update.values(used_at=now)).rowcount > 0


def _open_enrolment(statement: Any, account_id: str, now: datetime) -> Any:
    return statement.where(
        _enrolment.c.account_id == account_id,
        _enrolment.c.used_at.is_(None),
        _enrolment.c.expires_at > now,
    )


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
