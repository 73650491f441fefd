"""A person's own passkeys: registered after the provider's sign-in, shown instead of it later.

At the wallet a passkey opens a session of its own proof level. At the origins of staff it opens
nothing: it is the second factor of a session that the provider's sign-in opened, and the first
one is registered only with a permission of the security administrator, so that whoever takes
over an account at the provider does not have the role with it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from jiazhao.credentials.signing import read_base64url, write_base64url
from jiazhao.errors import AccessError, ErrorCode, JiazhaoError
from jiazhao.http.access import Actor, Role
from jiazhao.identity import passkeys, store
from jiazhao.identity.challenge import Purpose
from jiazhao.identity.challenges import Challenges
from jiazhao.identity.key_messages import (
    EnrolmentView,
    KeyList,
    KeyView,
    PasskeyMade,
    PasskeyOptions,
    PasskeyShown,
    SecondFactor,
)
from jiazhao.identity.own_keys import is_allowed, key_in_use, open_session
from jiazhao.identity.permissions import PASSKEY_PROOF, require_provider
from jiazhao.identity.service import Identity, start_session
from jiazhao.storage.names import new_name

log = structlog.get_logger(__name__)

MAX_PASSKEYS = 10
"""A phone, its successor, a security key and some more; a list stays one that is looked through."""

ENROLMENT_SECONDS = 24 * 3600
"""A working day and the night after; a permission that lies about is one that is found."""

WALLET = "wallet"
COPIED = "sign count"
"""What ended a passkey whose authenticator's count did not rise."""

_HANDLE_OCTETS = 32

Then = Callable[[store.Connection], str]
"""What a passkey was shown for; returns the token of a session."""


@dataclass(frozen=True, slots=True)
class OwnPasskeys:
    """Passkeys at one origin, on top of accounts."""

    identity: Identity
    app: str
    _challenges: Challenges = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_challenges", Challenges(self.identity, self.app))

    @property
    def party(self) -> passkeys.Party:
        """This origin as authenticators know it."""
        return passkeys.Party(self.identity.config.origins[self.app])

    # -- registering

    def creation(self, actor: Actor, now: datetime) -> PasskeyOptions:
        """What the browser needs to make a passkey; raises `AccessError` where none may be."""
        with self.identity.database.reading() as db:
            self._require_registrable(db, actor, now)
            known = store.passkeys(db, actor.account_id, self.app)
        made = self._challenges.make(Purpose.REGISTER_PASSKEY, actor.account_id, now)
        options = passkeys.creation_options(
            self.party,
            challenge=made,
            account_id=actor.account_id,
            person=actor.name,
            known=[one.credential_id for one in known],
        )
        return PasskeyOptions(write_base64url(made), options)

    def register(self, made: PasskeyMade, *, actor: Actor, now: datetime) -> KeyView:
        """Keep a passkey that was made; raises `AccessError`."""
        asked = self._challenges.spend(
            Purpose.REGISTER_PASSKEY, actor.account_id, made.challenge, now
        )
        new = passkeys.verify_made(self.party, made, challenge=asked)
        kept = store.Passkey(
            account_id=actor.account_id,
            key_id=new_name(now),
            app=self.app,
            holder_id=actor.holder_id,
            name=actor.name,
            label=made.label,
            credential_id=new.credential_id,
            public_key=new.public_key,
            sign_count=new.sign_count,
            created_at=now,
        )

        def act(db: store.Connection) -> None:
            store.lock_account(db, actor.account_id)
            first = self._require_registrable(db, actor, now)
            # Two at once with one permission: the second finds it used.
            if first and not store.use_enrolments(db, actor.account_id, now):
                raise AccessError(ErrorCode.ENROLMENT_NOT_ALLOWED)
            if not store.add_passkey(db, kept):
                raise AccessError(ErrorCode.PASSKEY_HELD)

        self.identity.database.write(act)
        log.info("passkey_registered", app=self.app, account=actor.account_id)
        return _view(kept, None)

    def _require_registrable(self, db: store.Connection, actor: Actor, now: datetime) -> bool:
        """Raise `AccessError` unless a passkey may be added; whether a permission pays for it."""
        require_provider(actor, now, self.identity.config)
        held = store.passkeys(db, actor.account_id, self.app)
        if len(held) >= MAX_PASSKEYS:
            raise AccessError(ErrorCode.TOO_MANY_KEYS, limit=str(MAX_PASSKEYS))
        if self.app == WALLET:
            if Role.DRIVER not in actor.roles:
                raise AccessError(ErrorCode.KEYS_FOR_HOLDERS)
            return False
        if held:
            # Another one is added with one that is there.
            if actor.second_factor_at is None:
                raise AccessError(ErrorCode.SECOND_FACTOR_NEEDED)
            return False
        if store.enrolment(db, actor.account_id, now) is None:
            raise AccessError(ErrorCode.ENROLMENT_NOT_ALLOWED)
        return True

    # -- signing in at the wallet

    def sign_in_request(self, now: datetime) -> PasskeyOptions:
        """What the browser needs to find a passkey of this origin; nobody is named."""
        made = self._challenges.make(Purpose.SIGN_IN_WITH_PASSKEY, "", now)
        return PasskeyOptions(
            write_base64url(made), passkeys.request_options(self.party, challenge=made)
        )

    def sign_in(self, shown: PasskeyShown, *, former_token: str | None, now: datetime) -> str:
        """A new session for whose passkey that is; raises `AccessError`. Returns its token."""
        asked = self._challenges.spend(Purpose.SIGN_IN_WITH_PASSKEY, "", shown.challenge, now)
        account_id = _octets(shown.user_handle or "")
        if len(account_id) != _HANDLE_OCTETS:
            raise AccessError(ErrorCode.PASSKEY_REFUSED)
        used, count = self._verify(account_id.hex(), shown, asked)

        def open_own(db: store.Connection) -> str:
            return open_session(
                self.identity, db, used, proof=PASSKEY_PROOF, former_token=former_token, now=now
            )

        token = self._use(used, count, now, open_own)
        log.info("signed_in_with_passkey", app=self.app, account=used.account_id)
        return token

    # -- the second factor of staff

    def second_factor_of(self, actor: Actor, now: datetime) -> SecondFactor:
        """What a session at this origin still lacks."""
        if actor.second_factor_at is not None:
            return SecondFactor.DONE
        if not actor.awaits_second_factor:
            return SecondFactor.NOT_NEEDED
        with self.identity.database.reading() as db:
            if store.passkeys(db, actor.account_id, self.app):
                return SecondFactor.SHOW
            allowed = store.enrolment(db, actor.account_id, now)
        return SecondFactor.NOT_ALLOWED if allowed is None else SecondFactor.REGISTER

    def second_factor_request(self, actor: Actor, now: datetime) -> PasskeyOptions:
        """What the browser needs to show one of the person's own passkeys."""
        with self.identity.database.reading() as db:
            held = store.passkeys(db, actor.account_id, self.app)
        made = self._challenges.make(Purpose.SECOND_FACTOR, actor.account_id, now)
        options = passkeys.request_options(
            self.party, challenge=made, allowed=[one.credential_id for one in held]
        )
        return PasskeyOptions(write_base64url(made), options)

    def show_second_factor(
        self, shown: PasskeyShown, *, actor: Actor, token: str, now: datetime
    ) -> str:
        """The same session with its second factor, under a new token; raises `AccessError`."""
        asked = self._challenges.spend(
            Purpose.SECOND_FACTOR, actor.account_id, shown.challenge, now
        )
        used, count = self._verify(actor.account_id, shown, asked)

        def raise_session(db: store.Connection) -> str:
            session = self.identity.session_of(db, token)
            if session is None:
                raise AccessError(ErrorCode.SIGN_IN_NEEDED)
            raised = replace(session, key_id=used.key_id, second_factor_at=now, last_seen_at=now)
            return start_session(db, raised, token)

        raised = self._use(used, count, now, raise_session)
        log.info("second_factor_shown", app=self.app, account=actor.account_id)
        return raised

    # -- looking after them

    def own(self, actor: Actor, token: str | None, now: datetime) -> KeyList:
        """The person's passkeys at this origin."""
        with self.identity.database.reading() as db:
            in_use = key_in_use(self.identity, db, token)
            held = store.passkeys(db, actor.account_id, self.app)
            may_register = is_allowed(lambda: self._require_registrable(db, actor, now))
        return KeyList([_view(one, in_use) for one in held], may_register)

    def remove(self, key_id: str, *, actor: Actor, now: datetime) -> None:
        """End a passkey and the sessions that it opened; raises `AccessError`.

        A driver may remove the last one, for the provider's sign-in remains. Staff may not: they
        would lock themselves out, or a thief of their session would.
        """

        def act(db: store.Connection) -> None:
            store.lock_account(db, actor.account_id)
            held = store.passkeys(db, actor.account_id, self.app)
            if key_id not in {one.key_id for one in held}:
                raise AccessError(ErrorCode.KEY_UNKNOWN)
            if self.app != WALLET:
                if actor.second_factor_at is None:
                    raise AccessError(ErrorCode.SECOND_FACTOR_NEEDED)
                if len(held) == 1:
                    raise AccessError(ErrorCode.LAST_PASSKEY)
            store.end_passkey(db, actor.account_id, key_id, ended_by=actor.account_id, now=now)
            store.end_sessions_of_key(db, actor.account_id, key_id)

        self.identity.database.write(act)
        log.info("passkey_removed", app=self.app, account=actor.account_id)

    # -- the steps that all share

    def _verify(
        self, account_id: str, shown: PasskeyShown, asked: bytes
    ) -> tuple[store.Passkey, int]:
        """The passkey that signed, and its authenticator's count."""
        with self.identity.database.reading() as db:
            used = store.passkey(db, account_id, _octets(shown.id))
        if used is None or used.app != self.app:
            log.warning("passkey_refused", app=self.app, step="unknown")
            raise AccessError(ErrorCode.PASSKEY_REFUSED)
        count = passkeys.verify_shown(
            self.party, shown, challenge=asked, public_key=used.public_key
        )
        return used, count

    def _use(self, used: store.Passkey, count: int, now: datetime, then: Then) -> str:
        """Count the use and do what it is for; a count that does not rise ends the passkey."""

        def act(db: store.Connection) -> str | None:
            if store.count_use(db, used, count, now):
                return then(db)
            if store.end_passkey(db, used.account_id, used.key_id, ended_by=COPIED, now=now):
                store.end_sessions_of_key(db, used.account_id, used.key_id)
                return None
            raise AccessError(ErrorCode.PASSKEY_REFUSED)

        token = self.identity.database.write(act)
        if token is None:
            log.warning("passkey_copied", app=self.app, account=used.account_id)
            raise AccessError(ErrorCode.PASSKEY_COPIED)
        return token


def allow_enrolment(
    identity: Identity, account_id: str, *, actor: Actor, now: datetime
) -> EnrolmentView:
    """Let a member of staff register the first passkey; raises `AccessError`.

    The caller's right was asked by the gate. Nobody allows it to himself.
    """
    if account_id == actor.account_id:
        raise AccessError(ErrorCode.OWN_ENROLMENT)
    until = now + timedelta(seconds=ENROLMENT_SECONDS)

    def act(db: store.Connection) -> None:
        if not store.roles_of(db, account_id):
            raise AccessError(ErrorCode.ACCOUNT_UNKNOWN)
        store.allow_enrolment(
            db, account_id, new_name(now), by=actor.account_id, now=now, until=until
        )

    identity.database.write(act)
    log.info("enrolment_allowed", account=account_id, by=actor.account_id)
    return EnrolmentView(account_id, until)


def _octets(text: str) -> bytes:
    try:
        return read_base64url(text, "base64url")
    except JiazhaoError as error:
        raise AccessError(ErrorCode.PASSKEY_REFUSED) from error


def _view(kept: store.Passkey, in_use: str | None) -> KeyView:
    return KeyView(
        kept.key_id, kept.label, kept.created_at, kept.last_used_at, kept.key_id == in_use
    )
