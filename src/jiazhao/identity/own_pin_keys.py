"""A phone's key with a PIN, for drivers whose phone has no Web Authentication.

The key cannot leave the phone's browser, and the PIN is nowhere on the phone: it is compared
here alone, five times. Whoever takes the phone, or copies it, cannot learn the PIN from it, for
what the phone sends looks the same with a right and a wrong one. It opens what a passkey opens
(docs/adr/0010-proof-levels.md), at the wallet and nowhere else.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog

from jiazhao.credentials.signing import PublicKey, read_base64url, write_base64url
from jiazhao.errors import AccessError, ErrorCode, JiazhaoError
from jiazhao.http.access import Actor, Role
from jiazhao.identity import pin, store
from jiazhao.identity.challenge import Purpose
from jiazhao.identity.challenges import Challenges
from jiazhao.identity.own_keys import is_allowed, key_in_use, open_session
from jiazhao.identity.permissions import PIN_PROOF, require_provider
from jiazhao.identity.pin_messages import (
    PinChallenge,
    PinKeyList,
    PinKeyMade,
    PinKeyView,
    PinShown,
)
from jiazhao.identity.service import Identity
from jiazhao.storage.lookup_key import keyed_hash
from jiazhao.storage.names import new_name

log = structlog.get_logger(__name__)

MAX_PIN_KEYS: Final = 3
"""Phones of one person; each gives whoever has it five guesses more."""

_REGISTERS, _SIGNS_IN = "jiazhao pin key registers", "jiazhao pin key signs in"
"""What a signature says, so that one never passes for the other."""


@dataclass(frozen=True, slots=True)
class OwnPinKeys:
    """Keys with a PIN at the wallet's origin, on top of accounts."""

    identity: Identity
    app: str
    _challenges: Challenges = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_challenges", Challenges(self.identity, self.app))

    # -- registering

    def registration(self, actor: Actor, now: datetime) -> PinChallenge:
        """What a new key signs; raises `AccessError` where none may be registered."""
        with self.identity.database.reading() as db:
            self._require_registrable(db, actor, now)
        made = self._challenges.make(Purpose.REGISTER_PIN_KEY, actor.account_id, now)
        return PinChallenge(write_base64url(made))

    def register(self, made: PinKeyMade, *, actor: Actor, now: datetime) -> PinKeyView:
        """Keep a key with its PIN; raises `AccessError`, for a weak PIN with the reason."""
        asked = self._challenges.spend(
            Purpose.REGISTER_PIN_KEY, actor.account_id, made.challenge, now
        )
        point = self._verify_new(made, asked)
        with self.identity.database.reading() as db:
            self._require_registrable(db, actor, now)
            if actor.holder_id is None:
                raise AccessError(ErrorCode.KEYS_FOR_HOLDERS)
            known = self.identity.known_numbers(db, actor.holder_id, now)
        pin.refuse_weak(made.pin, known)
        key_id = new_name(now)
        kept = store.PinKey(
            account_id=actor.account_id,
            key_id=key_id,
            app=self.app,
            holder_id=actor.holder_id,
            name=actor.name,
            label=made.label,
            public_key=point,
            # Slow, so before anything is locked.
            pin_hash=pin.hash_of(made.pin, key_id=key_id, pepper=self._pepper),
            created_at=now,
        )

        def act(db: store.Connection) -> None:
            store.lock_account(db, actor.account_id)
            self._require_registrable(db, actor, now)
            store.add_pin_key(db, kept)

        self.identity.database.write(act)
        log.info("pin_key_registered", account=actor.account_id)
        return _view(kept, None)

    def _require_registrable(self, db: store.Connection, actor: Actor, now: datetime) -> None:
        require_provider(actor, now, self.identity.config)
        if Role.DRIVER not in actor.roles:
            raise AccessError(ErrorCode.KEYS_FOR_HOLDERS)
        held = store.pin_keys(db, actor.account_id, self.app)
        if any(one.wrong_tries >= pin.MAX_TRIES for one in held):
            # A new one would be five guesses more.
            raise AccessError(ErrorCode.PIN_LOCKED)
        if len(held) >= MAX_PIN_KEYS:
            raise AccessError(ErrorCode.TOO_MANY_KEYS, limit=str(MAX_PIN_KEYS))

    def _verify_new(self, made: PinKeyMade, asked: bytes) -> bytes:
        try:
            key = PublicKey.from_jwk({"kty": "EC", "crv": "P-256", "x": made.x, "y": made.y})
            key.verify(_signature(made.signature), self._message(_REGISTERS, asked))
        except JiazhaoError as error:
            raise AccessError(ErrorCode.PIN_REFUSED) from error
        return key.point

    # -- signing in

    def sign_in_request(self, now: datetime) -> PinChallenge:
        """What a key signs that comes back; nobody is named."""
        return PinChallenge(
            write_base64url(self._challenges.make(Purpose.SIGN_IN_WITH_PIN, "", now))
        )

    def sign_in(self, shown: PinShown, *, former_token: str | None, now: datetime) -> str:
        """A new session for whose key and PIN that is; raises `AccessError`. Returns its token.

        An unknown key, a removed one, a signature that does not fit and a wrong PIN are one
        refusal. Only a signature of the key itself costs a try, so that a stranger locks nobody
        out.
        """
        asked = self._challenges.spend(Purpose.SIGN_IN_WITH_PIN, "", shown.challenge, now)
        used = self._verify(shown, asked)
        tries = self.identity.database.write(lambda db: _take_try(db, used))
        if not pin.is_right(shown.pin, used.pin_hash, key_id=used.key_id, pepper=self._pepper):
            log.warning("pin_refused", account=used.account_id, locked=tries >= pin.MAX_TRIES)
            locks = tries >= pin.MAX_TRIES
            raise AccessError(ErrorCode.PIN_LOCKED if locks else ErrorCode.PIN_REFUSED)

        def open_own(db: store.Connection) -> str:
            store.lock_account(db, used.account_id)
            if not store.use_pin_key(db, used, now):
                raise AccessError(ErrorCode.PIN_REFUSED)
            return open_session(
                self.identity, db, used, proof=PIN_PROOF, former_token=former_token, now=now
            )

        token = self.identity.database.write(open_own)
        log.info("signed_in_with_pin", account=used.account_id)
        return token

    def _verify(self, shown: PinShown, asked: bytes) -> store.PinKey:
        """The key that signed."""
        with self.identity.database.reading() as db:
            used = store.pin_key(db, shown.account_id, shown.key_id)
        if used is None or used.app != self.app:
            raise AccessError(ErrorCode.PIN_REFUSED)
        try:
            PublicKey.from_point(used.public_key).verify(
                _signature(shown.signature), self._message(_SIGNS_IN, asked)
            )
        except JiazhaoError as error:
            raise AccessError(ErrorCode.PIN_REFUSED) from error
        return used

    # -- looking after them

    def own(self, actor: Actor, token: str | None, now: datetime) -> PinKeyList:
        """The person's keys with a PIN at this origin."""
        with self.identity.database.reading() as db:
            in_use = key_in_use(self.identity, db, token)
            held = store.pin_keys(db, actor.account_id, self.app)
            may_register = is_allowed(lambda: self._require_registrable(db, actor, now))
        return PinKeyList([_view(one, in_use) for one in held], may_register)

    def remove(self, key_id: str, *, actor: Actor, now: datetime) -> None:
        """End a key and the sessions that it opened; raises `AccessError`.

        A locked one stays until two people of the authority recover the account.
        """

        def act(db: store.Connection) -> None:
            store.lock_account(db, actor.account_id)
            held = store.pin_key(db, actor.account_id, key_id)
            if held is None or held.app != self.app:
                raise AccessError(ErrorCode.KEY_UNKNOWN)
            if held.wrong_tries >= pin.MAX_TRIES:
                raise AccessError(ErrorCode.PIN_LOCKED)
            store.end_pin_key(db, actor.account_id, key_id, ended_by=actor.account_id, now=now)
            store.end_sessions_of_key(db, actor.account_id, key_id)

        self.identity.database.write(act)
        log.info("pin_key_removed", account=actor.account_id)

    @property
    def _pepper(self) -> bytes:
        return keyed_hash(self.identity.lookup_key, "sign-in", "pin")

    def _message(self, says: str, asked: bytes) -> bytes:
        """What a key signs: what for, where, and our challenge."""
        return f"{says}\0{self.identity.config.origins[self.app]}\0".encode() + asked


def _take_try(db: store.Connection, used: store.PinKey) -> int:
    """Count a try before the PIN is looked at, and return the how manieth in a row it is."""
    store.lock_account(db, used.account_id)
    tries = store.take_try(db, used, limit=pin.MAX_TRIES)
    if tries is None:
        gone = store.pin_key(db, used.account_id, used.key_id) is None
        raise AccessError(ErrorCode.PIN_REFUSED if gone else ErrorCode.PIN_LOCKED)
    return tries


def _signature(text: str) -> bytes:
    return read_base64url(text, "signature")


def _view(kept: store.PinKey, in_use: str | None) -> PinKeyView:
    return PinKeyView(
        account_id=kept.account_id,
        key_id=kept.key_id,
        label=kept.label,
        created_at=kept.created_at,
        last_used_at=kept.last_used_at,
        in_use=kept.key_id == in_use,
        locked=kept.wrong_tries >= pin.MAX_TRIES,
    )
