"""Recovery of a lost passkey or PIN, by two people of the authority.

One sees the person and the papers, and asks; another one approves within a day. Nobody is both,
and nobody is either for himself. Then every passkey and PIN of that account ends, with every
session, and the account may register anew: a driver after the provider's sign-in, staff with a
permission that the approval gives. Who it concerns is told of the request when it is made.

Source: GB/T 22239-2019, 8.1.4.2 (least rights, separated administrators); OWASP ASVS 5.0,
2.3.5 (two people for what does harm) and 6.4.4 (identity is proven as at enrolment).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from jiazhao.errors import AccessError, ErrorCode
from jiazhao.http.access import Actor, Permission, Role
from jiazhao.identity import store
from jiazhao.identity.own_passkeys import ENROLMENT_SECONDS
from jiazhao.identity.permissions import PERMISSIONS
from jiazhao.identity.recovery_messages import (
    RECOVERY_REASONS,
    ColleagueView,
    OwnRecoveries,
    OwnRecovery,
    RecoveryAsked,
    RecoveryDecision,
    RecoveryList,
    RecoveryName,
    RecoveryView,
)
from jiazhao.identity.service import Identity, RecoveryStep
from jiazhao.identity.store import RecoveryState
from jiazhao.storage.names import new_name

log = structlog.get_logger(__name__)

RECOVERY_SECONDS: Final = 24 * 3600
"""A colleague is found within a working day; what was seen at the counter is fresh until then."""

SHORTEST_NOTE: Final = 4
LISTED: Final = 50
_SHOWN_TO_SUBJECT = 5


@dataclass(frozen=True, slots=True)
class Recoveries:
    """Requests and decisions, on top of accounts."""

    identity: Identity

    def ask(self, asked: RecoveryAsked, *, actor: Actor, now: datetime) -> RecoveryList:
        """Ask for a recovery; raises `AccessError`. Returns what waits.

        A person may have more than one account with the same licence; each is asked for.
        """
        if asked.reason not in RECOVERY_REASONS or len(asked.note.strip()) < SHORTEST_NOTE:
            raise AccessError(ErrorCode.RECOVERY_UNEXPLAINED)
        if not asked.papers_seen:
            raise AccessError(ErrorCode.RECOVERY_UNSEEN)

        def act(db: store.Connection) -> list[str]:
            self._require(db, actor, Permission.ASK_FOR_RECOVERY)
            accounts = self._accounts(db, asked)
            if not accounts:
                raise AccessError(ErrorCode.RECOVERY_NOTHING)
            for account_id in accounts:
                self._ask_for(db, account_id, asked, actor, now)
            return accounts

        for account_id in self.identity.database.write(act):
            log.info("recovery_asked", account=account_id, by=actor.account_id)
        return self.listed(actor, now)

    def _accounts(self, db: store.Connection, asked: RecoveryAsked) -> list[str]:
        """The accounts that have something to recover."""
        if asked.kind == "staff":
            account_id = self.identity.account_id(asked.identifier)
            return [account_id] if store.has_keys(db, account_id) else []
        holder = self.identity.find_holder(db, asked.identifier)
        return store.accounts_with_keys(db, holder) if holder else []

    def _ask_for(
        self,
        db: store.Connection,
        account_id: str,
        asked: RecoveryAsked,
        actor: Actor,
        now: datetime,
    ) -> None:
        if account_id == actor.account_id:
            raise AccessError(ErrorCode.OWN_RECOVERY)
        store.lock_account(db, account_id)
        store.lapse_recoveries(db, account_id, now)
        made = store.Recovery(
            account_id=account_id,
            recovery_id=new_name(now),
            state=RecoveryState.WAITING,
            reason=asked.reason,
            note=asked.note.strip(),
            asked_by=actor.account_id,
            asked_name=actor.name,
            asked_unit=actor.unit,
            asked_at=now,
            expires_at=now + timedelta(seconds=RECOVERY_SECONDS),
        )
        if not store.add_recovery(db, made):
            raise AccessError(ErrorCode.RECOVERY_WAITING)
        self._tell(db, made, actor, "recovery_asked", now)

    def decide(self, decision: RecoveryDecision, *, actor: Actor, now: datetime) -> RecoveryList:
        """Approve or refuse what somebody else asked; raises `AccessError`. Returns what waits.

        Of two who decide at once the first wins, the other is told.
        """
        approves = decision.decision == "approve"
        state = RecoveryState.APPROVED if approves else RecoveryState.REFUSED

        def act(db: store.Connection) -> None:
            held = self._require(db, actor, Permission.DECIDE_RECOVERY)
            waiting = self._locked(db, decision.account_id, decision.recovery_id)
            self._require_other(db, waiting, actor, held)
            self._close(db, waiting, state, actor, now)
            if approves:
                self._start_anew(db, waiting, actor, now)

        self.identity.database.write(act)
        log.info(
            "recovery_decided",
            account=decision.account_id,
            by=actor.account_id,
            decision=decision.decision,
        )
        return self.listed(actor, now)

    def withdraw(self, named: RecoveryName, *, actor: Actor, now: datetime) -> RecoveryList:
        """Take one's own request back; raises `AccessError`. Returns what waits."""

        def act(db: store.Connection) -> None:
            waiting = self._locked(db, named.account_id, named.recovery_id)
            if waiting.asked_by != actor.account_id:
                raise AccessError(ErrorCode.NOT_ALLOWED)
            self._close(db, waiting, RecoveryState.WITHDRAWN, actor, now)

        self.identity.database.write(act)
        log.info("recovery_withdrawn", account=named.account_id, by=actor.account_id)
        return self.listed(actor, now)

    def listed(self, actor: Actor, now: datetime) -> RecoveryList:
        """What waits for a second person, and what was decided last."""
        with self.identity.database.reading() as db:
            waiting = store.waiting_recoveries(db, now, limit=LISTED)
            decided = store.decided_recoveries(db, limit=LISTED)
            held = {one.role for one in store.roles_of(db, actor.account_id)}
            return RecoveryList(
                [self._view(db, one, actor, held, now) for one in waiting],
                [self._view(db, one, actor, held, now) for one in decided],
                list(RECOVERY_REASONS.values()),
            )

    def own(self, actor: Actor, now: datetime) -> OwnRecoveries:
        """What was asked and decided of the account of the person who looks."""
        with self.identity.database.reading() as db:
            found = store.recoveries_of(db, actor.account_id, limit=_SHOWN_TO_SUBJECT)
        return OwnRecoveries(
            [
                OwnRecovery(
                    RECOVERY_REASONS[one.reason],
                    one.state_at(now).value,
                    ColleagueView(one.asked_name, one.asked_unit),
                    one.asked_at,
                    _decider(one),
                    one.decided_at,
                )
                for one in found
            ]
        )

    # -- the steps that they share

    def _require(self, db: store.Connection, actor: Actor, permission: Permission) -> set[Role]:
        """Ask again inside the transaction, under the lock of all roles; returns the roles.

        Before any account is locked, as those who change roles do, so that none waits for the
        other.
        """
        store.lock_all_roles(db)
        held = {one.role for one in store.roles_of(db, actor.account_id)}
        if not held & PERMISSIONS[permission]:
            raise AccessError(ErrorCode.NOT_ALLOWED)
        return held

    def _locked(self, db: store.Connection, account_id: str, recovery_id: str) -> store.Recovery:
        store.lock_account(db, account_id)
        found = store.recovery(db, account_id, recovery_id)
        if found is None:
            raise AccessError(ErrorCode.RECOVERY_UNKNOWN)
        return found

    def _require_other(
        self, db: store.Connection, waiting: store.Recovery, actor: Actor, held: set[Role]
    ) -> None:
        if actor.account_id == waiting.account_id:
            raise AccessError(ErrorCode.OWN_RECOVERY)
        if actor.account_id == waiting.asked_by:
            raise AccessError(ErrorCode.RECOVERY_SAME_PERSON)
        concerned = store.roles_of(db, waiting.account_id)
        if concerned and Role.SECURITY_ADMINISTRATOR not in held:
            raise AccessError(ErrorCode.RECOVERY_OF_STAFF)
        asker = {one.role for one in store.roles_of(db, waiting.asked_by)}
        if not asker & PERMISSIONS[Permission.ASK_FOR_RECOVERY]:
            raise AccessError(ErrorCode.RECOVERY_OVER)

    def _close(
        self,
        db: store.Connection,
        waiting: store.Recovery,
        state: RecoveryState,
        actor: Actor,
        now: datetime,
    ) -> None:
        closed = store.close_recovery(
            db, waiting, state, by=actor.account_id, name=actor.name, unit=actor.unit, now=now
        )
        if not closed:
            raise AccessError(ErrorCode.RECOVERY_OVER)

    def _start_anew(
        self, db: store.Connection, approved: store.Recovery, actor: Actor, now: datetime
    ) -> None:
        account_id = approved.account_id
        # First, for it is told of whom the keys were.
        self._tell(db, approved, actor, "recovery_approved", now)
        store.end_all_keys(db, account_id, ended_by=f"recovery {approved.recovery_id}", now=now)
        store.void_sessions(db, account_id, now + timedelta(microseconds=1))
        if store.roles_of(db, account_id):
            # One permission, this one: another that lies about would be one key too many.
            store.use_enrolments(db, account_id, now)
            until = now + timedelta(seconds=ENROLMENT_SECONDS)
            store.allow_enrolment(
                db, account_id, new_name(now), by=actor.account_id, now=now, until=until
            )

    def _tell(
        self,
        db: store.Connection,
        recovery: store.Recovery,
        actor: Actor,
        step: RecoveryStep,
        now: datetime,
    ) -> None:
        for holder in store.holders_of_keys(db, recovery.account_id):
            self.identity.tell_holder(db, holder, actor, step, now)

    def _view(
        self,
        db: store.Connection,
        one: store.Recovery,
        actor: Actor,
        held: set[Role],
        now: datetime,
    ) -> RecoveryView:
        try:
            self._require_other(db, one, actor, held)
            may_decide = bool(held & PERMISSIONS[Permission.DECIDE_RECOVERY])
        except AccessError:
            may_decide = False
        return RecoveryView(
            account_id=one.account_id,
            recovery_id=one.recovery_id,
            name=store.name_of(db, one.account_id),
            staff=bool(store.roles_of(db, one.account_id)),
            reason=RECOVERY_REASONS[one.reason],
            note=one.note,
            state=one.state_at(now).value,
            asked_by=ColleagueView(one.asked_name, one.asked_unit),
            asked_at=one.asked_at,
            expires_at=one.expires_at,
            decided_by=_decider(one),
            decided_at=one.decided_at,
            asked_by_me=one.asked_by == actor.account_id,
            may_decide=may_decide and one.state_at(now) is RecoveryState.WAITING,
        )


def _decider(one: store.Recovery) -> ColleagueView | None:
    if one.decided_at is None:
        return None
    return ColleagueView(one.decided_name or "", one.decided_unit or "")
