"""Terminals: which devices officers may work with, and the end of one that is lost.

A security administrator lets a unit have a terminal and gets a code; whoever sets the device up
types it there, and the device binds a key that cannot leave it. Killed from the console, a terminal
has no shift any more with its next request, and none again.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog

from jiazhao.config import Config
from jiazhao.credentials.signing import PublicKey
from jiazhao.errors import AccessError, ErrorCode, UnreadableError
from jiazhao.http.access import Actor
from jiazhao.roadside import store
from jiazhao.roadside.messages import (
    Registered,
    Registration,
    RegistrationCode,
    TerminalKill,
    TerminalList,
    TerminalView,
    TerminalWanted,
)
from jiazhao.roadside.proofs import REGISTRATION_TYPE, TerminalProof
from jiazhao.roadside.store import Connection, Shift, Terminal
from jiazhao.storage.engine import Database
from jiazhao.storage.lookup_key import keyed_hash
from jiazhao.storage.names import new_name

log = structlog.get_logger(__name__)

REGISTRATION_HOURS: Final = 24
"""A device is set up on the day on which its code was made."""

DEMONSTRATION_CODE: Final = "DEMONSTRATION"
"""In a demonstration anybody may make his browser a terminal of his own unit; nowhere else."""

_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_CHARS: Final = 12
"""30 to the 12th, good for a day and for one: no guess has a chance."""

_LISTED: Final = 500
"""Gap: no paging and no search by unit."""


@dataclass(frozen=True, slots=True)
class Terminals:
    """The register of terminals."""

    config: Config
    database: Database
    lookup_key: bytes = field(repr=False)

    # -- at the console

    def allow(self, wanted: TerminalWanted, *, actor: Actor, now: datetime) -> RegistrationCode:
        """Let a unit have a terminal; the code is told once and kept as a digest."""
        code = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_CHARS))
        made = self._new(wanted.unit, wanted.label, code, by=actor.account_id, now=now)
        self.database.write(lambda db: store.add_terminal(db, made))
        log.info("terminal_allowed", terminal=made.terminal_id, by=actor.account_id)
        spelled = "-".join(code[at : at + 4] for at in range(0, _CODE_CHARS, 4))
        return RegistrationCode(made.terminal_id, spelled, made.code_expires_at)

    def listed(self, now: datetime) -> TerminalList:
        """Every terminal, and who works with it now."""
        with self.database.reading() as db:
            shifts = store.open_shifts(db, now)
            found = store.terminals(db, _LISTED)
        return TerminalList([_view(one, shifts, now) for one in found])

    def kill(self, terminal_id: str, kill: TerminalKill, *, actor: Actor, now: datetime) -> None:
        """End a terminal and the shift on it, at once; raises `AccessError` where none lives."""

        def act(db: Connection) -> None:
            store.lock_terminal(db, terminal_id)
            if not store.kill_terminal(
                db, terminal_id, by=actor.account_id, reason=kill.reason, now=now
            ):
                raise AccessError(ErrorCode.TERMINAL_UNKNOWN)
            store.close_shifts(db, terminal_id, now)

        self.database.write(act)
        log.warning("terminal_killed", terminal=terminal_id, by=actor.account_id)

    # -- at the terminal

    def register(self, asked: Registration, *, actor: Actor, now: datetime) -> Registered:
        """Make the device that asks a terminal; raises `AccessError`."""
        try:
            key = PublicKey.from_jwk(asked.jwk)
        except UnreadableError as error:
            raise AccessError(ErrorCode.TERMINAL_PROOF_REFUSED, what="jwk") from error
        proof = TerminalProof.read(
            asked.proof, typ=REGISTRATION_TYPE, audience=self.config.terminal_url, now=now
        )
        proof_name = proof.verify(key, code=asked.registration_code)

        def act(db: Connection) -> Terminal:
            if not store.use_proof(db, proof_name, now):
                raise AccessError(ErrorCode.TERMINAL_PROOF_REFUSED, what="jti")
            made = self._waiting(db, asked.registration_code, actor, now)
            bind = partial(
                store.register_terminal,
                key=key.point,
                device_label=asked.label,
                by=actor.account_id,
                now=now,
            )
            if not bind(db, made):
                raise AccessError(ErrorCode.REGISTRATION_CODE_REFUSED)
            return made

        made = self.database.write(act)
        log.info("terminal_registered", terminal=made.terminal_id, by=actor.account_id)
        return Registered(made.terminal_id, made.unit, made.label)

    def _waiting(self, db: Connection, code: str, actor: Actor, now: datetime) -> Terminal:
        """The terminal that waits for that code."""
        if self.config.is_demo and code == DEMONSTRATION_CODE:
            chance = secrets.token_hex(16)
            made = self._new(actor.unit, DEMONSTRATION_CODE, chance, by=actor.account_id, now=now)
            store.add_terminal(db, made)
            return made
        typed = "".join(code.split()).replace("-", "").upper()
        made_for = store.terminal_of_code(db, self._digest(typed))
        if made_for is None or now >= made_for.code_expires_at or made_for.killed_at is not None:
            raise AccessError(ErrorCode.REGISTRATION_CODE_REFUSED)
        return made_for

    def _new(self, unit: str, label: str, code: str, *, by: str, now: datetime) -> Terminal:
        return Terminal(
            terminal_id=new_name(now),
            unit=unit,
            label=label,
            made_by=by,
            made_at=now,
            code_digest=self._digest(code),
            code_expires_at=now + timedelta(hours=REGISTRATION_HOURS),
        )

    def _digest(self, code: str) -> bytes:
        return keyed_hash(self.lookup_key, "terminal registration", code)


def require_living(found: Terminal | None) -> PublicKey:
    """The key of a registered terminal that lives; raises `AccessError`."""
    key = key_of(found)
    if found is not None and found.killed_at is not None:
        raise AccessError(ErrorCode.TERMINAL_KILLED)
    return key


def key_of(found: Terminal | None) -> PublicKey:
    """The key of a registered terminal, living or not; raises `AccessError`."""
    if found is None or found.public_key is None:
        raise AccessError(ErrorCode.TERMINAL_UNKNOWN)
    return PublicKey.from_point(found.public_key)


def _view(one: Terminal, shifts: Mapping[str, Shift], now: datetime) -> TerminalView:
    shift = shifts.get(one.terminal_id)
    return TerminalView(
        terminal_id=one.terminal_id,
        unit=one.unit,
        label=one.label,
        device_label=one.device_label,
        state=_state(one, shift, now),
        made_at=one.made_at,
        registered_at=one.registered_at,
        officer=shift.officer if shift else "",
        shift_ends_at=shift.ends_at if shift else None,
        killed_at=one.killed_at,
        kill_reason=one.kill_reason or "",
    )


def _state(one: Terminal, shift: Shift | None, now: datetime) -> str:
    if one.killed_at is not None:
        return "killed"
    if one.public_key is None:
        return "waiting" if now < one.code_expires_at else "lapsed"
    return "ready" if shift is None else "on_shift"
