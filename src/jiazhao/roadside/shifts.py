"""Shifts: an officer at a terminal, for some hours, with what he needs to judge by light alone.

A shift belongs to the session that opened it and to the terminal whose key signed for it. It ends
when it is closed, when its time is over, when the terminal opens another, and when the terminal is
killed; then no door of checks answers any more. The keys that open codes are given once, at its
beginning.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from cryptography.hazmat.primitives.serialization import Encoding

from jiazhao.config import Config
from jiazhao.credentials.signing import PublicKey, write_base64url
from jiazhao.errors import AccessError, ErrorCode
from jiazhao.http.access import Actor
from jiazhao.roadside import store
from jiazhao.roadside.beacons import Beacons
from jiazhao.roadside.keys import EnforcementKeys, PrivateKey
from jiazhao.roadside.messages import (
    OpeningKey,
    ShiftBegin,
    ShiftBundle,
    ShiftSettings,
    SnapshotFile,
    SnapshotView,
    TrustView,
    UploadKey,
)
from jiazhao.roadside.proofs import RECORDS_TYPE, SHIFT_TYPE, TerminalProof
from jiazhao.roadside.store import Connection, Shift, Terminal
from jiazhao.roadside.terminals import key_of, require_living
from jiazhao.storage.engine import Database
from jiazhao.storage.names import new_name
from jiazhao.trust import Trust

__all__ = ["Shift", "Shifts", "Terminal"]

log = structlog.get_logger(__name__)

RULES_NOT_NEEDED: Final = frozenset({"rollout", "iso_categories"})
"""Tables by which nobody decides at the roadside."""


@dataclass(frozen=True, slots=True)
class Shifts:
    """Opens, finds and closes shifts; `rules` are the tables as they stand in their files."""

    config: Config
    database: Database
    keys: EnforcementKeys
    beacons: Beacons
    trust: Callable[[], Trust]
    snapshot: Callable[[], Sequence[SnapshotFile]]
    """The files of the country's statuses, the base first; empty where none counts."""
    rules: Mapping[str, Any] = field(repr=False)

    def open(self, asked: ShiftBegin, *, actor: Actor, now: datetime) -> ShiftBundle:
        """Open a shift in the session that asks; raises `AccessError`.

        What the terminal had open before is closed: it is in one officer's hands.
        """
        proof = TerminalProof.read(
            asked.proof, typ=SHIFT_TYPE, audience=self.config.terminal_url, now=now
        )

        def act(db: Connection) -> Shift:
            key = require_living(store.lock_terminal(db, proof.terminal_id))
            if not store.use_proof(db, proof.verify(key), now):
                raise AccessError(ErrorCode.TERMINAL_PROOF_REFUSED, what="jti")
            store.close_shifts(db, proof.terminal_id, now)
            opened = Shift(
                terminal_id=proof.terminal_id,
                shift_id=new_name(now),
                account_id=actor.account_id,
                session_id=actor.session_id,
                officer=actor.name,
                unit=actor.unit,
                opened_at=now,
                ends_at=now + timedelta(seconds=self.config.shift_seconds),
            )
            store.add_shift(db, opened)
            return opened

        opened = self.database.write(act)
        log.info("shift_opened", terminal=opened.terminal_id, by=actor.account_id)
        return self._bundle(opened, self.keys.private_keys(now), now)

    def current(self, actor: Actor, now: datetime) -> ShiftBundle:
        """The open shift of a session, with everything but the keys; raises `AccessError`."""
        return self._bundle(self.require_open(actor, now), [], now)

    def require_open(self, actor: Actor, now: datetime) -> Shift:
        """The open shift of a session; raises `AccessError` where there is none.

        TERMINAL_KILLED where the terminal is known to be lost, else SHIFT_NEEDED.
        """
        with self.database.reading() as db:
            found = store.shift_of_session(db, actor.session_id)
        if found is None:
            raise AccessError(ErrorCode.SHIFT_NEEDED)
        shift, terminal = found
        require_living(terminal)
        if not shift.is_open(now):
            raise AccessError(ErrorCode.SHIFT_NEEDED)
        return shift

    def killed_sessions(self, db: Connection, sessions: Iterable[str]) -> Collection[str]:
        """Those of some sessions whose terminal was killed."""
        return store.killed_sessions(db, sessions)

    def close(self, actor: Actor, now: datetime) -> None:
        """Close the shift of a session; raises `AccessError` where none is open."""
        shift = self.require_open(actor, now)
        self.database.write(lambda db: store.close_shifts(db, shift.terminal_id, now))
        log.info("shift_closed", terminal=shift.terminal_id, by=actor.account_id)

    def uploader(self, proof_of: str, now: datetime) -> Terminal:
        """The terminal that hands records in, by a proof of its key; raises `AccessError`.

        No shift need be open, and the terminal need not live: the end of either must not strand
        what was recorded before.
        """
        proof = TerminalProof.read(
            proof_of, typ=RECORDS_TYPE, audience=self.config.terminal_url, now=now
        )

        def act(db: Connection) -> Terminal:
            terminal = store.terminal(db, proof.terminal_id)
            key = key_of(terminal)
            if terminal is None or not store.use_proof(db, proof.verify(key), now):
                raise AccessError(ErrorCode.TERMINAL_PROOF_REFUSED, what="jti")
            return terminal

        return self.database.write(act)

    def shift_at(
        self, db: Connection, terminal_id: str, shift_id: str, at: datetime, skew: timedelta
    ) -> Shift | None:
        """The shift of a terminal within which something was done; None where it was not."""
        found = store.shift(db, terminal_id, shift_id)
        if found is None:
            return None
        ended = found.ends_at if found.closed_at is None else min(found.ends_at, found.closed_at)
        return found if found.opened_at - skew <= at <= ended + skew else None

    def _bundle(self, shift: Shift, keys: Sequence[PrivateKey], now: datetime) -> ShiftBundle:
        config, upload_key = self.config, self.keys.records_key(shift.opened_at)
        return ShiftBundle(
            shift_id=shift.shift_id,
            terminal_id=shift.terminal_id,
            opened_at=shift.opened_at,
            ends_at=shift.ends_at,
            server_time=now,
            trust=_trust(self.trust()),
            keys=[_opening_key(one) for one in keys],
            upload_key=UploadKey(str(upload_key.period), write_base64url(upload_key.point)),
            beacon=write_base64url(self.beacons.at(now)),
            rules={name: self.rules[name] for name in self.rules.keys() - RULES_NOT_NEEDED},
            snapshot=_snapshot(self.snapshot()),
            settings=ShiftSettings(
                code_seconds=config.code_seconds,
                skew_seconds=config.code_skew_seconds,
                challenge_after_seconds=config.challenge_after_seconds,
                snapshot_max_age_seconds=config.snapshot_max_age_seconds,
                lock_after_seconds=config.lock_after_seconds,
            ),
        )


def _trust(trust: Trust) -> TrustView:
    return TrustView(
        roots=[write_base64url(root) for root in trust.anchors()],
        signers=[write_base64url(one.public_bytes(Encoding.DER)) for one in trust.document_signers],
        compromised=sorted(write_base64url(point) for point in trust.compromised),
    )


def _snapshot(files: Sequence[SnapshotFile]) -> SnapshotView | None:
    return SnapshotView(files[0], list(files[1:])) if files else None


def _opening_key(key: PrivateKey) -> OpeningKey:
    scalar = key.key.private_numbers().private_value.to_bytes(32)
    jwk = PublicKey.of(key.key.public_key()).to_jwk()
    return OpeningKey(int(key.kind), key.period, {**jwk, "d": write_base64url(scalar)})
