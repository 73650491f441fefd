"""What operators do with keys: plan, make, show, rotate, retire, and say that one is compromised.

Every act holds the folder's lock, makes its files first, and changes the inventory in one step;
only then it does what follows from the inventory (lists of withdrawn certificates, destruction).
Cut short at any place, an act was either not done or is finished by asking for it again.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from jiazhao.errors import ConfigurationError, ErrorCode, JiazhaoError
from jiazhao.trust.crl import NEXT_UPDATE, issued_at
from jiazhao.trust.folder import Entry, Kept, KeyFolder, NewKey, StoredKey, newest, root_of
from jiazhao.trust.hierarchy import (
    SIGNER_LIFE,
    SPECIMEN,
    Role,
    TrustPlan,
    make_root,
    make_signer,
)
from jiazhao.trust.keys import (
    ISSUERS,
    missing,
    renew_revocation_lists,
    require_same_issuer,
    usable_root,
)

USUAL = (Role.IACA_ROOT, *ISSUERS)
"""What every issuer needs; requests to wallets need a root and a signer of their own."""

SIGNER_LEAD = timedelta(days=1)
"""From making a signer to its first signature: clocks differ, and a mistake can be undone."""

ROOT_LEAD = timedelta(days=30)
"""From making a root to its first signature: every verifier has to learn of it first."""

_ROTATE_BEFORE = timedelta(days=30)
"""Time for people to rotate a key, before it has to be done."""

_SHORTEST_PREFIX = 8


class State(StrEnum):
    """What a key does now."""

    SIGNING = "signing"
    WAITING = "waiting"
    """Its time to sign has not come."""
    VERIFYING = "verifying"
    """It signs no more; what it signed is still verified."""
    LAPSED = "lapsed"
    RETIRED = "retired"
    COMPROMISED = "compromised"


class KeyState(msgspec.Struct, frozen=True):
    """One line of the inventory, as people read it."""

    role: Role
    state: State
    kept: Kept
    fingerprint: str
    """SHA-256 of the certificate."""
    not_before: datetime
    not_after: datetime
    signs_from: datetime | None = None
    retired_at: datetime | None = None
    compromised_at: datetime | None = None


class Act(StrEnum):
    """What a role needs."""

    NOTHING = "nothing"
    MAKE = "make"
    ROTATE = "rotate"
    RENEW_LIST = "renew-list"


class Due(msgspec.Struct, frozen=True):
    """What has to be done for a role, and until when."""

    role: Role
    act: Act
    by: datetime
    fingerprint: str | None = None


class Done(msgspec.Struct, frozen=True):
    """What an act has changed, and what it could not do on this machine."""

    keys: list[KeyState]
    """The keys that were made or changed, as they are now."""
    lists_to_sign: list[Role] = []
    """Roots whose list of withdrawn certificates is due and whose key is not here."""
    without_signer: list[Role] = []
    """Roles for which nobody can sign until a key is made where the root's key is."""


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The acts upon one folder; `plan` says what new certificates name."""

    folder: KeyFolder
    plan: TrustPlan

    def show(self, now: datetime) -> list[KeyState]:
        """Every key, in the order of the inventory; raises `ConfigurationError`."""
        with self.folder.readable():
            return _states(self.folder.read(), now)

    def anchors(self) -> tuple[bytes, ...]:
        """The IACA roots in DER, but for compromised ones; raises `ConfigurationError`."""
        with self.folder.readable():
            return tuple(
                key.certificate.public_bytes(Encoding.DER)
                for key in self.folder.read()
                if key.role is Role.IACA_ROOT and key.entry.compromised_at is None
            )

    def due(self, now: datetime, *, copy_life: timedelta) -> list[Due]:
        """What each role needs, and until when.

        A signer must outlive the copies that it signs, and a root the signers.
        """
        with self.folder.readable():
            keys = self.folder.read() if self.folder.exists() else []
            roles = [*USUAL, *sorted({key.role for key in keys} - set(USUAL))]
            found = [_due(keys, role, now, copy_life) for role in roles]
            return found + [
                Due(root, Act.RENEW_LIST, issued_at(der) + NEXT_UPDATE / 2)
                for root in roles
                if root.is_root and (der := self.folder.revocation_list(root)) is not None
            ]

    def make(self, roles: Iterable[Role], now: datetime) -> Done:
        """Make what is missing of `roles` and their roots, and sign lists that are due."""
        with self._writing() as keys:
            made: list[NewKey] = []
            for role in dict.fromkeys(role.root for role in roles):
                if newest([key for key in keys if key.may_sign(now)], role) is None:
                    key = self.folder.new_key(role)
                    root = make_root(self._plan(keys), now=now, role=role, key=key)
                    made.append(NewKey(role, root))
            if made:
                # Signers come under roots that stand in the inventory: one act after the other.
                self.folder.write(made)
            signers = [role for role in roles if not role.is_root]
            before = self.folder.read()
            more = missing(self.folder, before, self._plan(before), signers, now=now, until=now)
            if more:
                self.folder.write(more)
            return self._done([*made, *more], now)

    def rotate(self, role: Role, now: datetime, *, lead: timedelta | None = None) -> Done:
        """Make the successor of a key, which signs after `lead`; until then the former one does.

        Raises `ConfigurationError` where there is nobody to succeed, where a successor waits
        already, or where the root's key is not here.
        """
        with self._writing() as keys:
            of_role = [key for key in keys if key.role is role and key.is_usable]
            if newest([key for key in of_role if key.may_sign(now)], role) is None:
                raise ConfigurationError(ErrorCode.NO_KEY_TO_ROTATE, role=role)
            if any(_state(key, keys, now) is State.WAITING for key in of_role):
                raise ConfigurationError(ErrorCode.SUCCESSOR_WAITS, role=role)
            made = self._successor(role, keys, now)
            wait = lead if lead is not None else ROOT_LEAD if role.is_root else SIGNER_LEAD
            new = replace(made, signs_from=now + wait if wait > timedelta() else None)
            self.folder.write([new])
            return self._done([new], now)

    def retire(self, fingerprint: str, now: datetime) -> Done:
        """Destroy the private key of one that signs no more; its certificate stays trusted.

        Raises `ConfigurationError` where it is the one that signs.
        """
        with self._writing() as keys:
            target = _find(keys, fingerprint)
            if _state(target, keys, now) is State.SIGNING:
                raise ConfigurationError(ErrorCode.KEY_IN_USE, role=target.role)

            def retired(entry: Entry, stored: StoredKey) -> Entry:
                if stored.fingerprint != target.fingerprint or entry.retired_at is not None:
                    return entry
                return msgspec.structs.replace(entry, retired_at=now)

            def destroyed(entry: Entry, stored: StoredKey) -> Entry:
                if stored.fingerprint != target.fingerprint:
                    return entry
                return msgspec.structs.replace(entry, key=None, token_key=None)

            self.folder.write(change=retired)
            self.folder.destroy(target)
            self.folder.write(change=destroyed)
            return self._done([], now, also={target.fingerprint})

    def compromised(self, fingerprint: str, now: datetime) -> Done:
        """Say that a key is in wrong hands: nothing that it signed counts any more.

        It signs no more from this moment, verifiers of ours refuse it, and its certificate goes
        onto its root's list. A root takes everything under it along. Whoever signed is followed
        at once by a new key, where the root's key is here.
        """
        with self._writing() as keys:
            target = _find(keys, fingerprint)
            lost = {target.fingerprint} | {
                key.fingerprint
                for key in keys
                if target.role.is_root and root_of(key, [target]) is not None
            }
            made, without = self._replacements(keys, lost, now)

            def marked(entry: Entry, stored: StoredKey) -> Entry:
                if stored.fingerprint not in lost or entry.compromised_at is not None:
                    return entry
                return msgspec.structs.replace(entry, compromised_at=now)

            self.folder.write(made, change=marked)
            return self._done(made, now, also=lost, without=without)

    def _replacements(
        self, keys: list[StoredKey], lost: set[str], now: datetime
    ) -> tuple[list[NewKey], list[Role]]:
        """New keys for those of `lost` that sign now, and the roles that nobody is left for.

        Where none can be made, the former key of the role signs once more, if there is one.
        """
        signing = [key for key in keys if _state(key, keys, now) is State.SIGNING]
        roles = [key.role for key in signing if key.fingerprint in lost and not key.role.is_root]
        left = [key for key in keys if key.fingerprint not in lost]
        roots = [key for key in left if key.role.is_root]
        try:
            return missing(self.folder, roots, self._plan(keys), roles, now=now, until=now), []
        except JiazhaoError:
            # Whatever stands in the way of a new key must not stand in the way of the mark.
            ready = {key.role for key in left if key.may_sign(now)}
            return [], [role for role in roles if role not in ready]

    def _successor(self, role: Role, keys: list[StoredKey], now: datetime) -> NewKey:
        plan = self._plan(keys)
        if role.is_root:
            return NewKey(role, make_root(plan, now=now, role=role, key=self.folder.new_key(role)))
        root = usable_root(keys, role.root, now=now)
        if root is None:
            raise ConfigurationError(ErrorCode.NO_KEY_TO_ROTATE, role=role.root)
        key = self.folder.new_key(role)
        return NewKey(role, make_signer(role, plan, root=root, now=now, key=key))

    def _done(
        self,
        made: list[NewKey],
        now: datetime,
        *,
        also: Iterable[str] = (),
        without: Iterable[Role] = (),
    ) -> Done:
        """Do what follows from the inventory, and say what was done."""
        unsigned = renew_revocation_lists(self.folder, now=now)
        told = {one.fingerprint for one in made} | set(also)
        states = _states(self.folder.read(), now)
        return Done([one for one in states if one.fingerprint in told], unsigned, list(without))

    def _plan(self, keys: list[StoredKey]) -> TrustPlan:
        """The plan, with the organisation that the first root of the folder names."""
        for key in keys:
            names = key.certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
            if key.role.is_root and names:
                named = str(names[0].value).removeprefix(SPECIMEN)
                return replace(self.plan, organisation=named)
        return self.plan

    @contextmanager
    def _writing(self) -> Iterator[list[StoredKey]]:
        with self.folder.readable():
            self.folder.make_private()
            with self.folder.locked():
                keys = self.folder.read() if self.folder.exists() else []
                require_same_issuer(keys, self.plan)
                yield keys


def _find(keys: list[StoredKey], fingerprint: str) -> StoredKey:
    """The one key whose fingerprint begins so; eight digits at least."""
    wanted = fingerprint.replace(":", "").lower()
    found = [key for key in keys if key.fingerprint.startswith(wanted)]
    if len(wanted) < _SHORTEST_PREFIX or len(found) != 1:
        raise ConfigurationError(ErrorCode.NO_SUCH_KEY)
    return found[0]


def _states(keys: list[StoredKey], now: datetime) -> list[KeyState]:
    return [
        KeyState(
            role=key.role,
            state=_state(key, keys, now),
            kept=key.kept,
            fingerprint=key.fingerprint,
            not_before=key.certificate.not_valid_before_utc,
            not_after=key.certificate.not_valid_after_utc,
            signs_from=key.entry.signs_from,
            retired_at=key.entry.retired_at,
            compromised_at=key.entry.compromised_at,
        )
        for key in keys
    ]


def _state(key: StoredKey, keys: list[StoredKey], now: datetime) -> State:
    if key.entry.compromised_at is not None:
        return State.COMPROMISED
    if key.entry.retired_at is not None:
        return State.RETIRED
    if now > key.certificate.not_valid_after_utc:
        return State.LAPSED
    if not key.may_sign(now):
        return State.WAITING
    signing = newest([one for one in keys if one.may_sign(now)], key.role)
    return State.SIGNING if signing is key else State.VERIFYING


def _due(keys: list[StoredKey], role: Role, now: datetime, copy_life: timedelta) -> Due:
    signing = newest([key for key in keys if key.may_sign(now)], role)
    if signing is None:
        return Due(role, Act.MAKE, now)
    last = newest([key for key in keys if key.is_usable], role) or signing
    # Beyond this a copy, or a signer, would outlive the key that signs it.
    needed = SIGNER_LIFE if role.is_root else copy_life
    lead = ROOT_LEAD if role.is_root else SIGNER_LEAD
    by = last.certificate.not_valid_after_utc - needed - lead
    act = Act.ROTATE if now >= by - _ROTATE_BEFORE else Act.NOTHING
    return Due(role, act, by, signing.fingerprint)
