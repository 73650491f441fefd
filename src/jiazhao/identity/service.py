"""Sign-in and sessions.

Source: OWASP ASVS 5.0, chapter 7: sessions live on the server, get a new token at each sign-in,
lapse when idle and in any case after a day's work, and end at once for a person or a whole
account. Roles are read at each request, so that a role that ended is gone with the next click.
"""

import hashlib
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import structlog
from joserfc.jwk import ECKey

from jiazhao.config import Config
from jiazhao.errors import ConfigurationError, ErrorCode
from jiazhao.http.access import Actor, Role
from jiazhao.identity import attempt, store
from jiazhao.identity.attempt import Attempt
from jiazhao.identity.id_token import CLOCK_SKEW, VerifiedIdentity, key_id, verify_id_token
from jiazhao.identity.openid import Client, OpenIdProvider
from jiazhao.identity.permissions import OWN_PROOFS, ROLES_AT
from jiazhao.identity.pin import KnownNumbers
from jiazhao.identity.refusal import SignInRefusedError
from jiazhao.licence.identifiers import HolderId
from jiazhao.storage.engine import Database
from jiazhao.storage.lookup_key import keyed_hash

log = structlog.get_logger(__name__)

TOUCH_SECONDS = 60
"""A session's last use is written at most this often, so reading pages does not mean writing."""

MAX_SECRET_CHARS = 1024

FindHolder = Callable[[store.Connection, str], HolderId | None]
RecoveryStep = Literal["recovery_asked", "recovery_approved"]
TellHolder = Callable[[store.Connection, HolderId, Actor, RecoveryStep, datetime], None]
FindNumbers = Callable[[store.Connection, HolderId, datetime], KnownNumbers]


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the browser goes to sign in, and the secret that it keeps meanwhile."""

    url: str
    secret: str


@dataclass(frozen=True, slots=True)
class ProviderAnswer:
    """What the browser brought back from the provider; nothing of it is trusted."""

    state: str | None
    code: str | None
    iss: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The new session's token and where the person wanted to go."""

    token: str
    return_to: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks; one for all origins.

    `find_holder` answers whose licence belongs to an identity number, by the register's keyed
    look-up; it is asked at each sign-in to the wallet and at no other time. `known_numbers` says
    which numbers the register has of a holder, so that no PIN is made of them. `tell_holder` notes
    in the record that the holder reads what was done to the account.
    """

    config: Config
    database: Database
    provider: OpenIdProvider
    lookup_key: bytes = field(repr=False)
    client_key: ECKey = field(repr=False)
    find_holder: FindHolder
    known_numbers: FindNumbers
    tell_holder: TellHolder

    def account_id(self, subject: str) -> str:
        """The name of the account of a subject of the provider; it tells nothing about him."""
        return keyed_hash(self.lookup_key, "account", f"{self.provider.issuer}|{subject}").hex()

    def client(self, app: str) -> Client:
        """Who we are to the provider at that origin."""
        secret_file = self.config.identity_client_secret_file
        return Client(
            client_id=self.config.identity_client_id.replace("{app}", app),
            redirect_uri=f"{self.config.origins[app]}/sign-in/callback",
            key=self.client_key,
            secret=_read_secret(secret_file) if secret_file else None,
        )

    # -- signing in

    def begin(
        self, app: str, *, return_to: str | None, fresh: bool, secret: str | None, now: datetime
    ) -> Begun:
        """Start a sign-in; `secret` is what the browser keeps of another one under way."""
        if secret is None or not attempt.is_secret(secret):
            secret = attempt.encode_secret(secrets.token_bytes(attempt.SECRET_BYTES))
        asked = Attempt(app, attempt.local_path(return_to), fresh, int(now.timestamp()))
        state = attempt.seal(
            self._seal_key, asked, secret=secret, nonce=secrets.token_bytes(attempt.NONCE_BYTES)
        )
        derived = attempt.secrets_of(state, secret)
        query = {
            "state": state,
            "nonce": derived.nonce,
            "code_challenge": derived.challenge,
            "max_age": str(self._max_age(asked)),
        }
        if self.config.identity_required_acr:
            query["acr_values"] = " ".join(self.config.identity_required_acr)
        url = self.provider.authorization_url(self.client(app), query, now)
        return Begun(url, secret)

    def finish(
        self,
        app: str,
        answer: ProviderAnswer,
        *,
        secret: str | None,
        former_token: str | None,
        now: datetime,
    ) -> SignedIn:
        """Complete a sign-in with a new session; the former one of this browser ends."""
        try:
            asked = self._unseal(app, answer.state, secret, now)
            identity = self._redeem(asked, answer, str(answer.state), str(secret), now)
            self._require_proof(app, identity)
        except SignInRefusedError as refusal:
            log.warning("sign_in_refused", app=app, step=refusal.step)
            raise
        token = self._new_session(app, identity, former_token, now)
        return SignedIn(token, asked.return_to)

    def _unseal(self, app: str, state: str | None, secret: str | None, now: datetime) -> Attempt:
        asked = attempt.unseal(self._seal_key, state, secret=secret, now=now)
        if asked.app != app:
            raise SignInRefusedError("state_of_another_origin", ErrorCode.SIGN_IN_LAPSED)
        digest = hashlib.sha256(str(state).encode()).digest()
        if not self.database.write(lambda db: store.use_sign_in(db, digest, now)):
            raise SignInRefusedError("state_used", ErrorCode.SIGN_IN_LAPSED)
        return asked

    def _redeem(
        self, asked: Attempt, answer: ProviderAnswer, state: str, secret: str, now: datetime
    ) -> VerifiedIdentity:
        self.provider.check_answerer(answer.iss, now)
        if answer.error == "access_denied":
            raise SignInRefusedError("cancelled", ErrorCode.SIGN_IN_CANCELLED)
        if answer.error is not None or not answer.code:
            raise SignInRefusedError("provider_error")
        client, derived = self.client(asked.app), attempt.secrets_of(state, secret)
        tokens = self.provider.redeem(client, answer.code, derived.verifier, now)
        identity = verify_id_token(
            tokens.id_token,
            self.provider.key(key_id(tokens.id_token), now),
            algorithms=self.provider.algorithms,
            expected_issuer=self.provider.issuer,
            expected_client=client.client_id,
            expected_nonce=derived.nonce,
            authenticated_since=asked.begun - timedelta(seconds=self._max_age(asked)),
            now=now,
        )
        if tokens.access_token is None or (identity.name and identity.identity_number):
            return identity
        # By 5.4 a provider may keep the claims of `profile` for its UserInfo door.
        person = self.provider.person(tokens.access_token, now)
        return identity if person is None else identity.completed(person)

    def _require_proof(self, app: str, identity: VerifiedIdentity) -> None:
        """Staff always sign in with a strong proof; holders only for what demands it."""
        required = self.config.identity_required_acr
        if app != "wallet" and required and identity.acr not in required:
            raise SignInRefusedError("acr", ErrorCode.PROOF_TOO_WEAK)

    def _max_age(self, asked: Attempt) -> int:
        return 0 if asked.fresh else self.config.session_seconds

    @property
    def challenge_key(self) -> bytes:
        """Under which our own challenges are made."""
        return keyed_hash(self.lookup_key, "sign-in", "challenge")

    @property
    def _seal_key(self) -> bytes:
        return keyed_hash(self.lookup_key, "sign-in", "state")

    # -- sessions

    def _new_session(
        self, app: str, identity: VerifiedIdentity, former_token: str | None, now: datetime
    ) -> str:
        account_id = self.account_id(identity.subject)

        def act(db: store.Connection) -> str:
            store.add_account(db, account_id, now)
            session = store.Session(
                account_id=account_id,
                app=app,
                name=identity.name,
                holder_id=self._holder(db, app, identity),
                # The levels of our own sign-ins are not the provider's to name.
                acr="" if identity.acr in OWN_PROOFS else identity.acr,
                authenticated_at=identity.authenticated_at,
                created_at=now,
                last_seen_at=now,
                expires_at=self.expiry(now),
            )
            return start_session(db, session, former_token)

        token = self.database.write(act)
        log.info("signed_in", app=app, account=account_id)
        return token

    def expiry(self, now: datetime) -> datetime:
        """When a session that begins now ends in any case."""
        return now + timedelta(seconds=self.config.session_seconds)

    def _holder(
        self, db: store.Connection, app: str, identity: VerifiedIdentity
    ) -> HolderId | None:
        if Role.DRIVER not in ROLES_AT[app] or identity.identity_number is None:
            return None
        return self.find_holder(db, identity.identity_number)

    def actor_of(self, app: str, token: str, now: datetime) -> Actor | None:
        """Who holds that token, if the session is alive; its use is noted."""
        digest = _digest(token)
        with self.database.reading() as db:
            session = store.session(db, digest)
            if session is None or session.app != app or self._has_lapsed(session, now):
                return None
            valid_from = store.sessions_from(db, session.account_id)
            if valid_from is None or session.created_at < valid_from:
                return None
            held = store.roles_of(db, session.account_id) if app != "wallet" else []
        if now - session.last_seen_at >= timedelta(seconds=TOUCH_SECONDS):
            self.database.write(lambda db: store.touch_session(db, digest, now))
        here = [role for role in held if role.role in ROLES_AT[app]]
        return self._actor(session, here, digest.hex())

    def _actor(self, session: store.Session, held: list[store.HeldRole], session_id: str) -> Actor:
        lacking = self.config.second_factor_needed and session.second_factor_at is None
        roles = set() if lacking else {role.role for role in held}
        if session.holder_id is not None:
            roles.add(Role.DRIVER)
        return Actor(
            account_id=session.account_id,
            # Staff are known by the name under which the administrator appointed them.
            name=held[0].name if held else session.name,
            unit=held[0].unit if held else "",
            roles=frozenset(roles),
            holder_id=session.holder_id,
            authenticated_at=session.authenticated_at,
            acr=session.acr,
            second_factor_at=session.second_factor_at,
            awaits_second_factor=lacking and bool(held),
            session_id=session_id,
        )

    def live_sessions(
        self, db: store.Connection, session_ids: Collection[str], now: datetime
    ) -> frozenset[str]:
        """Which of some sessions live, by the digest of their token; it is no use of them."""
        digests = [bytes.fromhex(one) for one in session_ids]
        return frozenset(
            digest.hex()
            for digest, session in store.valid_sessions(db, digests)
            if not self._has_lapsed(session, now)
        )

    def session_of(self, db: store.Connection, token: str) -> store.Session | None:
        """The session of a token that passed the gate, if it is still there."""
        return store.session(db, _digest(token))

    def sign_out(self, token: str) -> None:
        """End one session."""
        self.database.write(lambda db: store.end_session(db, _digest(token)))

    def end_sessions(self, account_id: str, now: datetime) -> None:
        """End all sessions of an account, at every origin, that were made until `now`."""
        before = now + timedelta(microseconds=1)
        self.database.write(lambda db: store.void_sessions(db, account_id, before))
        log.info("sessions_ended", account=account_id)

    def sweep(self, now: datetime) -> int:
        """Delete what has lapsed; how many rows. A used state is kept while it could be used."""
        idle_since = now - timedelta(seconds=self.config.session_idle_seconds)
        used_before = now - timedelta(seconds=attempt.ATTEMPT_SECONDS) - CLOCK_SKEW
        return self.database.write(
            lambda db: store.sweep(db, now=now, idle_since=idle_since, used_before=used_before)
        )

    def _has_lapsed(self, session: store.Session, now: datetime) -> bool:
        idle = now - session.last_seen_at >= timedelta(seconds=self.config.session_idle_seconds)
        return idle or now >= session.expires_at


def start_session(db: store.Connection, session: store.Session, former_token: str | None) -> str:
    """Keep a session and return its new token; the former one of this browser ends."""
    token = secrets.token_urlsafe(32)
    if former_token is not None:
        store.end_session(db, _digest(former_token))
    store.add_session(db, _digest(token), session)
    return token


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _read_secret(path: Path) -> str:
    """The client secret; read at each use, so that a rotation needs no restart."""
    try:
        text = path.read_text("utf-8").strip()
        readable_by_others = path.stat().st_mode & 0o077
    except (OSError, ValueError) as error:
        raise _unusable_secret(type(error).__name__) from error
    if readable_by_others:
        raise _unusable_secret("readable by others / 他人可读")
    if not 0 < len(text) <= MAX_SECRET_CHARS:
        raise _unusable_secret("empty or too long / 为空或过长")
    return text


def _unusable_secret(reason: str) -> ConfigurationError:
    return ConfigurationError(
        ErrorCode.BAD_CONFIGURATION, key="identity_client_secret_file", reason=reason
    )
