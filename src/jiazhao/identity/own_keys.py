"""What passkeys and keys with a PIN have in common: they open sessions, and are looked after."""

from collections.abc import Callable
from datetime import datetime

from jiazhao.errors import AccessError
from jiazhao.identity import store
from jiazhao.identity.service import Identity, start_session

OwnKey = store.Passkey | store.PinKey
"""A key of a person, at one origin."""


def open_session(
    identity: Identity,
    db: store.Connection,
    used: OwnKey,
    *,
    proof: str,
    former_token: str | None,
    now: datetime,
) -> str:
    """A new session for whose key was used, of the proof level of its kind; returns its token."""
    session = store.Session(
        account_id=used.account_id,
        app=used.app,
        name=used.name,
        holder_id=used.holder_id,
        acr=proof,
        authenticated_at=now,
        key_id=used.key_id,
        created_at=now,
        last_seen_at=now,
        expires_at=identity.expiry(now),
    )
    return start_session(db, session, former_token)


def key_in_use(identity: Identity, db: store.Connection, token: str | None) -> str | None:
    """Which of the person's keys opened the session that asks."""
    session = identity.session_of(db, token) if token else None
    return session.key_id if session else None


def is_allowed(require: Callable[[], object]) -> bool:
    """Whether what raises `AccessError` where something is refused raises none."""
    try:
        require()
    except AccessError:
        return False
    return True
