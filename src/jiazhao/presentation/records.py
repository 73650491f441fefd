"""Checks that were made without a network, handed in afterwards: each is stored once.

The server opens the code itself and judges it as of the moment of the check. What it knows by now
and the terminal could not know then is told to the officers and to the holder: that the same code
was used elsewhere, or that the licence was revoked already. A record that cannot be read or that
does not fit is stored as refused, with its reason, and holds nobody up. What comes by the key of a
terminal that was switched off is evidence: a look from before that moment, and no use of a code.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec
import structlog
from cryptography.hazmat.primitives.serialization import Encoding

from jiazhao.config import Config
from jiazhao.consent.service import CODE_SHOWN, CODE_USED_TWICE, AccessRecord, Consent
from jiazhao.credentials.beacon import parse_beacon
from jiazhao.credentials.code_sealing import open_base, read_point, read_sealed
from jiazhao.credentials.licence_code import IssuerData
from jiazhao.credentials.signing import PublicKey, read_base64url
from jiazhao.errors import ErrorCode, JiazhaoError, RegisterError
from jiazhao.http.access import Actor
from jiazhao.licence.legal_day import legal_day
from jiazhao.presentation import store
from jiazhao.presentation.messages import ReasonText
from jiazhao.presentation.record_messages import (
    FollowUpKind,
    FollowUps,
    FollowUpView,
    OfflineRecord,
    RecordBatch,
    RecordResult,
    RecordResults,
    SealedRecord,
)
from jiazhao.presentation.service import DUTY_TO_CHECK, SHOWN_FIELDS, use_of
from jiazhao.presentation.steps import LICENCE_CODE_ONLINE, CheckStatus, Step
from jiazhao.presentation.store import FollowUp, StoredRecord
from jiazhao.presentation.verdict import Reason
from jiazhao.presentation.verify import TrustAnchors
from jiazhao.presentation.verify_code import CheckedCode, Checker, CodeSettings, Face
from jiazhao.presentation.verify_code import verify_licence_code as verify
from jiazhao.registry.service import Instance, Register
from jiazhao.roadside.beacons import Beacons
from jiazhao.roadside.keys import EnforcementKeys
from jiazhao.roadside.shifts import Shift, Shifts, Terminal
from jiazhao.rules.driving import check_driving
from jiazhao.rules.state import LicenceState
from jiazhao.rules.tables import Tables
from jiazhao.status.handles import StatusHandles
from jiazhao.storage.engine import Connection, Database
from jiazhao.storage.names import new_name
from jiazhao.trust import Trust

log = structlog.get_logger(__name__)

INFO: Final = b"jiazhao offline record 1"
"""What a record is sealed with, beside its name (HPKE in base mode, as a licence code)."""

_LISTED: Final = 50

_TOLD: Final = {
    FollowUpKind.USED_ELSEWHERE: (
        "同一个亮证码另在别处被核验过。请按转借或冒用线索处理。",
        "The same code was checked elsewhere too. Treat it as a sign that it was passed on or "
        "copied.",
    ),
    FollowUpKind.REVOKED_SINCE: (
        "查验当时该驾驶证已不得驾驶，而终端的离线名单尚未得知。请按规定处理。",
        "The licence did not allow driving any more when it was checked; the terminal's list did "
        "not know yet. Proceed as the rules say.",
    ),
    FollowUpKind.REFUSED: (
        "该离线查验记录未被接受，已留存备查。",
        "The record of this check was not accepted; it is kept for inspection.",
    ),
    FollowUpKind.TERMINAL_KILLED: (
        "该离线查验记录由已停用的终端补传，仅作证据留存。如该次查验不是您所做，请立即报告安全管理员。",
        "The record of this check was handed in by a terminal that is switched off, and is kept as "
        "evidence only. If you did not make this check, tell the security administrator at once.",
    ),
}


@dataclass(frozen=True, slots=True)
class _Judged:
    """What came of one record."""

    follow_up: FollowUpKind | None = None
    reason: Reason | None = None
    record: OfflineRecord | None = None
    shift: Shift | None = None


@dataclass(frozen=True, slots=True)
class OfflineRecords:
    """Takes in what terminals recorded without a network."""

    config: Config
    database: Database
    register: Register
    consent: Consent
    tables: Tables
    handles: StatusHandles
    shifts: Shifts
    keys: EnforcementKeys
    beacons: Beacons
    trust: Callable[[], Trust]

    def take(self, batch: RecordBatch, *, officer: Actor, now: datetime) -> RecordResults:
        """Store the records of a batch, each in a transaction of its own; raises `AccessError`.

        A batch whose answer was lost, or that was cut short, is handed in again as a whole.
        """
        terminal = self.shifts.uploader(batch.proof, now)
        return RecordResults([self._take(terminal, one, officer, now) for one in batch.records])

    def follow_ups(self, officer: Actor) -> FollowUps:
        """What became known of an officer's checks, the newest first."""
        with self.database.reading() as db:
            found = store.follow_ups_of(db, officer.account_id, _LISTED)
        return FollowUps([_view(one) for one in found])

    def follow_up_counts(self, db: Connection, accounts: Collection[str]) -> Mapping[str, int]:
        """How often each officer was told something."""
        return store.count_follow_ups(db, accounts)

    # -- one record

    def _take(
        self, terminal: Terminal, sealed: SealedRecord, officer: Actor, now: datetime
    ) -> RecordResult:
        terminal_id, opened = terminal.terminal_id, self.opened(sealed, now)

        def act(db: Connection) -> RecordResult:
            known = store.offline_record(db, terminal_id, sealed.record_id)
            if known is not None:
                return _result(known, state="known")
            judged = self._judge(db, terminal, opened, now)
            stored = self._stored(terminal_id, sealed, judged, officer, now)
            store.add_offline_record(db, stored)
            self._tell_officer(db, judged, now)
            return _result(stored, state="stored")

        result = self.database.write(act)
        if result.reason is not None:
            log.warning("offline_record_refused", terminal=terminal_id, code=result.reason.code)
        return result

    def opened(self, sealed: SealedRecord, now: datetime) -> OfflineRecord | None:
        """What is sealed in a record; None where nobody can read it, or it is of another name."""
        try:
            key = self.keys.records_opener(int(sealed.kid), now)
            if key is None:
                return None
            octets = open_base(
                read_base64url(sealed.sealed, "record"),
                key=key,
                ephemeral=read_point(read_base64url(sealed.enc, "record")),
                info=INFO,
                aad=sealed.record_id.encode(),
            )
            record = msgspec.json.decode(octets, type=OfflineRecord)
        except (JiazhaoError, ValueError, RecursionError):
            return None
        is_whole = record.record_id == sealed.record_id and record.at.tzinfo is not None
        return record if is_whole else None

    def _judge(
        self,
        db: Connection,
        terminal: Terminal,
        record: OfflineRecord | None,
        now: datetime,
    ) -> _Judged:
        if record is None:
            return _Judged(FollowUpKind.REFUSED, Reason(ErrorCode.RECORD_UNREADABLE))
        skew = timedelta(seconds=self.config.code_skew_seconds)
        shift = self.shifts.shift_at(db, terminal.terminal_id, record.shift_id, record.at, skew)
        if shift is None:
            return _Judged(FollowUpKind.REFUSED, Reason(ErrorCode.RECORD_OUTSIDE_SHIFT), record)
        if record.at > now + skew:
            return _Judged(
                FollowUpKind.REFUSED, Reason(ErrorCode.RECORD_FROM_THE_FUTURE), record, shift
            )
        if now - record.at > timedelta(days=self.config.offline_upload_days):
            return _Judged(FollowUpKind.REFUSED, Reason(ErrorCode.RECORD_TOO_OLD), record, shift)
        checked = self._check(record, now)
        instance = None if checked.data is None else self._instance(db, checked.data)
        if checked.data is None or instance is None:
            reason = checked.verdict.reason if checked.data is None else None
            return _Judged(
                FollowUpKind.REFUSED,
                reason or Reason(ErrorCode.UNKNOWN_DEVICE_KEY),
                record,
                shift,
            )
        if terminal.killed_at is None:
            follow_up = self._follow_up(db, record, shift, checked, instance, now)
        else:
            # Who found the device may have made it up: it uses up no code and accuses nobody.
            follow_up = FollowUpKind.TERMINAL_KILLED
        self._record_access(db, record, shift, instance, follow_up)
        return _Judged(follow_up, None, record, shift)

    def _check(self, record: OfflineRecord, now: datetime) -> CheckedCode:
        """Verify the code as of the moment of the check."""
        try:
            received = read_base64url(record.scanned, "licence code")
            sealed = read_sealed(received)
            key = self.keys.opener(sealed.kind, sealed.period, now)
            keys = {} if key is None else {(sealed.kind, sealed.period): key}
        except JiazhaoError:
            received, keys = b"", {}
        trust = self.trust()
        return verify(
            received,
            now=record.at,
            checker=Checker(
                trust=TrustAnchors(trust.anchors(), trust.compromised),
                signers=tuple(one.public_bytes(Encoding.DER) for one in trust.document_signers),
                keys=keys,
                rules=self.tables.on(legal_day(record.at)),
                beacon=parse_beacon(self.beacons.at(record.at)),
                last_counter=_none_used,
                settings=CodeSettings(
                    life=timedelta(seconds=self.config.code_seconds),
                    skew=timedelta(seconds=self.config.code_skew_seconds),
                    challenge_after=timedelta(seconds=self.config.challenge_after_seconds),
                ),
            ),
            profile=LICENCE_CODE_ONLINE,
            challenge=record.challenge,
            face=None if record.face is None else Face(record.face),
        )

    def _instance(self, db: Connection, data: IssuerData) -> Instance | None:
        """Whose electronic licence a code is of, by its device key or, printed, by its handle."""
        if data.device_key is not None:
            key = PublicKey.of(read_point(data.device_key))
            return self.register.lock_instance_of_key(db, key.thumbprint())
        handle = self.handles.find(db, data.handle)
        if handle is None:
            return None
        return self.register.lock_instance(db, handle.instance_number)

    # -- what became known since

    def _follow_up(
        self,
        db: Connection,
        record: OfflineRecord,
        shift: Shift,
        checked: CheckedCode,
        instance: Instance,
        now: datetime,
    ) -> FollowUpKind | None:
        bound = checked.verdict.check(Step.HOLDER_BINDING).status is CheckStatus.PASSED
        if bound and checked.holder is not None:
            use = _use(record, shift)
            self.register.use_code(
                db, instance, checked.holder.counter, use, checked.holder.shown_at
            )
            others = store.use_code(db, instance, checked.holder.counter, use, now)
            for other in others:
                self._tell_other(db, instance, other, now)
            if others:
                self._tell_holder(db, instance, record, shift, now)
                return FollowUpKind.USED_ELSEWHERE
        if record.verdict == "VALID" and not self._was_good(db, record, instance):
            return FollowUpKind.REVOKED_SINCE
        return None

    def _was_good(self, db: Connection, record: OfflineRecord, instance: Instance) -> bool:
        """Whether the register, by what it knows now, would have let the check pass then."""
        ended, frozen = instance.ended_at, instance.frozen_at
        if (ended is not None and ended <= record.at) or (
            frozen is not None and frozen <= record.at
        ):
            return False
        try:
            licence = self.register.licence_of(db, instance.holder_id, at=record.at)
        except RegisterError:
            return False
        rules = self.tables.on(legal_day(record.at))
        return check_driving(LicenceState.of(licence), None, rules).allowed

    def _tell_other(self, db: Connection, instance: Instance, use: str, now: datetime) -> None:
        """Tell the officer who met the same code."""
        seen = self.consent.record_of(db, instance.holder_id, use)
        if seen is not None:
            _add_follow_up(
                db, seen.account_id, FollowUpKind.USED_ELSEWHERE, seen.check_id, seen.at, now
            )

    def _tell_officer(self, db: Connection, judged: _Judged, now: datetime) -> None:
        record, shift = judged.record, judged.shift
        if judged.follow_up is not None and record is not None and shift is not None:
            _add_follow_up(db, shift.account_id, judged.follow_up, record.check_id, record.at, now)

    def _tell_holder(
        self, db: Connection, instance: Instance, record: OfflineRecord, shift: Shift, now: datetime
    ) -> None:
        name = new_name(now)
        self.consent.record(
            db,
            AccessRecord(
                holder_id=instance.holder_id,
                record_id=name,
                at=now,
                kind="follow_up",
                account_id=shift.account_id,
                actor_role="system",
                actor_name="",
                actor_unit=shift.unit,
                reason=CODE_USED_TWICE,
                law=DUTY_TO_CHECK,
                verdict_reason=FollowUpKind.USED_ELSEWHERE,
                check_id=record.check_id,
            ),
        )

    # -- writing down

    def _record_access(
        self,
        db: Connection,
        record: OfflineRecord,
        shift: Shift,
        instance: Instance,
        follow_up: FollowUpKind | None,
    ) -> None:
        """The look, as the officer made it: its time and its verdict are those of the check."""
        self.consent.record(
            db,
            AccessRecord(
                holder_id=instance.holder_id,
                record_id=_use(record, shift),
                at=record.at,
                kind="offline_check",
                account_id=shift.account_id,
                actor_role="officer",
                actor_name=shift.officer,
                actor_unit=shift.unit,
                reason=CODE_SHOWN,
                law=DUTY_TO_CHECK,
                fields=SHOWN_FIELDS,
                verdict=record.verdict,
                verdict_reason=follow_up or record.reason or "",
                vehicle_class=record.vehicle_class.value if record.vehicle_class else None,
                check_id=record.check_id,
            ),
        )

    def _stored(
        self,
        terminal_id: str,
        sealed: SealedRecord,
        judged: _Judged,
        officer: Actor,
        now: datetime,
    ) -> StoredRecord:
        record, shift = judged.record, judged.shift
        is_kept = judged.reason or judged.follow_up is FollowUpKind.TERMINAL_KILLED
        return StoredRecord(
            terminal_id=terminal_id,
            record_id=sealed.record_id,
            uploaded_by=officer.account_id,
            uploaded_at=now,
            account_id=shift.account_id if shift else None,
            checked_at=record.at if record else None,
            sequence=record.sequence if record else None,
            verdict=record.verdict if record else "",
            follow_up=judged.follow_up or "",
            reason=judged.reason.code.wire if judged.reason else "",
            # What was not accepted, or is evidence, stays as it came, sealed: somebody may have to
            # look at it.
            content=msgspec.json.encode(sealed) if is_kept else None,
        )


def _none_used(_device_key: bytes) -> int:
    """Single use is decided by the register, after the steps."""
    return 0


def _use(record: OfflineRecord, shift: Shift) -> str:
    return use_of(shift.account_id, record.check_id)


def _add_follow_up(
    db: Connection, account_id: str, kind: FollowUpKind, check_id: str, at: datetime, now: datetime
) -> None:
    made = FollowUp(account_id, new_name(now), kind, check_id, at, now)
    store.add_follow_up(db, made)


def _result(stored: StoredRecord, *, state: Literal["stored", "known"]) -> RecordResult:
    reason = None
    if stored.reason:
        code = ErrorCode[stored.reason.upper()]
        reason = ReasonText(code.wire, code.zh, code.en)
    follow_up = FollowUpKind(stored.follow_up) if stored.follow_up else None
    return RecordResult(stored.record_id, state, follow_up, reason)


def _view(one: FollowUp) -> FollowUpView:
    kind = FollowUpKind(one.kind)
    zh, en = _TOLD[kind]
    return FollowUpView(one.check_id, one.checked_at, kind, zh, en, one.made_at)
