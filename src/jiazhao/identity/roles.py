"""Roles of staff: granted and ended by a security administrator, never by oneself.

Source: GB/T 22239-2019, 8.1.4.2 (no default accounts, least rights, separated administrators).
A role is a row from its grant to its end with who did either; rows are never changed back.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from jiazhao.errors import AccessError, ConfigurationError, ErrorCode, JiazhaoError
from jiazhao.http.access import Actor, Role
from jiazhao.identity import store
from jiazhao.identity.messages import RoleGrant, RoleList, RoleView
from jiazhao.identity.own_passkeys import ENROLMENT_SECONDS
from jiazhao.identity.permissions import refuse_conflict
from jiazhao.identity.service import Identity
from jiazhao.storage.names import new_name

log = structlog.get_logger(__name__)

MAX_LISTED = 500
"""What a person can look through on a page. Gap: no paging and no search by unit."""

DEMONSTRATION = "demonstration"
FIRST = "command line"
"""Who granted the first administrator's role: whoever may run commands on the server."""


@dataclass(frozen=True, slots=True)
class Roles:
    """The granting of roles, on top of accounts."""

    identity: Identity

    def grant(self, asked: RoleGrant, *, actor: Actor, now: datetime) -> RoleView:
        """Give a role; raises `AccessError` for oneself, for conflicts and for no administrator."""
        if asked.issuer not in (None, self.identity.provider.issuer):
            raise JiazhaoError(ErrorCode.BAD_REQUEST, field="issuer")
        account_id = self.identity.account_id(asked.subject)
        if account_id == actor.account_id:
            raise AccessError(ErrorCode.OWN_ROLE)
        held = store.HeldRole(account_id, asked.role, asked.unit, asked.name, now)

        def act(db: store.Connection) -> None:
            _require_administrator(db, actor)
            _grant(db, held, granted_by=actor.account_id, now=now)

        self.identity.database.write(act)
        log.info("role_granted", account=account_id, role=asked.role, by=actor.account_id)
        return _view(held)

    def end(self, account_id: str, role: Role, *, actor: Actor, now: datetime) -> None:
        """End a role; it is gone with the holder's next request."""
        if account_id == actor.account_id:
            raise AccessError(ErrorCode.OWN_ROLE)

        def act(db: store.Connection) -> None:
            _require_administrator(db, actor)
            if not store.end_role(db, account_id, role, ended_by=actor.account_id, now=now):
                raise AccessError(ErrorCode.ROLE_NOT_HELD, role=role)

        self.identity.database.write(act)
        log.info("role_ended", account=account_id, role=role, by=actor.account_id)

    def live(self) -> RoleList:
        """The roles that people have now, the latest first."""
        with self.identity.database.reading() as db:
            return RoleList([_view(held) for held in store.live_roles(db, limit=MAX_LISTED)])


def grant_first_administrator(
    identity: Identity, *, subject: str, name: str, unit: str, now: datetime
) -> str:
    """Appoint the first security administrator and return the account's name.

    Raises `AccessError` where there is one: he appoints the others.
    """
    held = store.HeldRole(
        identity.account_id(subject), Role.SECURITY_ADMINISTRATOR, unit, name, now
    )

    def act(db: store.Connection) -> None:
        store.lock_all_roles(db)
        if store.anybody_holds(db, Role.SECURITY_ADMINISTRATOR):
            raise AccessError(ErrorCode.ADMINISTRATOR_EXISTS)
        _grant(db, held, granted_by=FIRST, now=now)
        # Nobody else could allow the first administrator's passkey.
        _allow_enrolment(db, held.account_id, by=FIRST, now=now)

    identity.database.write(act)
    log.warning("first_administrator_appointed", account=held.account_id)
    return held.account_id


def appoint_for_demonstration(
    identity: Identity, *, subject: str, role: Role, name: str, unit: str, now: datetime
) -> None:
    """Give a made-up person a role without an administrator, and let him register a passkey.

    Raises `ConfigurationError` in production.
    """
    if not identity.config.is_demo:
        raise ConfigurationError(ErrorCode.UNSAFE_IN_PRODUCTION, what="appoint_for_demonstration")
    held = store.HeldRole(identity.account_id(subject), role, unit, name, now)

    def act(db: store.Connection) -> None:
        store.lock_all_roles(db)
        if not store.holds_role(db, held.account_id, role):
            _grant(db, held, granted_by=DEMONSTRATION, now=now)
        if store.enrolment(db, held.account_id, now) is None:
            _allow_enrolment(db, held.account_id, by=DEMONSTRATION, now=now)

    identity.database.write(act)


def _require_administrator(db: store.Connection, actor: Actor) -> None:
    """Ask again inside the transaction, under a lock.

    Two administrators who end each other's role at the same moment would leave nobody; the
    second waits here and then is none any more.
    """
    store.lock_all_roles(db)
    if not store.holds_role(db, actor.account_id, Role.SECURITY_ADMINISTRATOR):
        raise AccessError(ErrorCode.NOT_ALLOWED)


def _grant(db: store.Connection, held: store.HeldRole, *, granted_by: str, now: datetime) -> None:
    if held.role is Role.DRIVER:
        raise AccessError(ErrorCode.ROLE_NOT_GRANTED_HERE, role=held.role)
    store.add_account(db, held.account_id, now)
    roles = {other.role for other in store.roles_of(db, held.account_id)}
    if held.role in roles:
        raise AccessError(ErrorCode.ROLE_HELD, role=held.role)
    refuse_conflict(held.role, roles)
    store.add_role(db, new_name(now), held, granted_by=granted_by)


def _allow_enrolment(db: store.Connection, account_id: str, *, by: str, now: datetime) -> None:
    until = now + timedelta(seconds=ENROLMENT_SECONDS)
    store.allow_enrolment(db, account_id, new_name(now), by=by, now=now, until=until)


def _view(held: store.HeldRole) -> RoleView:
    return RoleView(held.account_id, held.role, held.unit, held.name, held.granted_at)
