"""An officer's checks: by the licence code, or by look-up without the phone.

One transaction: the verifier's steps, the register's live state, the code's single use and the
access record. No answer leaves without its record.
"""

import hashlib
import secrets
from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import ceil

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from jiazhao.config import Config
from jiazhao.consent.service import CODE_SHOWN, AccessRecord, Consent
from jiazhao.credentials.beacon import parse_beacon
from jiazhao.credentials.code_sealing import read_point, read_sealed
from jiazhao.credentials.licence_code import IssuerData
from jiazhao.credentials.signing import PublicKey, read_base64url
from jiazhao.credentials.status_list import StatusValue
from jiazhao.errors import (
    AccessError,
    ErrorCode,
    JiazhaoError,
    RegisterError,
    UnreadableError,
)
from jiazhao.http.access import Actor
from jiazhao.licence.identifiers import HolderId
from jiazhao.licence.legal_day import CHINA, end_of_day, legal_day, start_of_day
from jiazhao.licence.licence import Licence
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.presentation import store
from jiazhao.presentation.messages import Advice as AdviceView
from jiazhao.presentation.messages import (
    CheckAnswer,
    CheckRequest,
    DrivingAnswer,
    DrivingReason,
    LookupRequest,
    ReasonText,
    ShortCode,
    StepView,
)
from jiazhao.presentation.steps import (
    LICENCE_CODE_ONLINE,
    LOOKUP,
    CheckStatus,
    Step,
)
from jiazhao.presentation.verdict import Check, Reason, Verdict
from jiazhao.presentation.verify import TrustAnchors
from jiazhao.presentation.verify_code import (
    CheckedCode,
    Checker,
    CodeSettings,
    OpenKeys,
    verify_licence_code,
)
from jiazhao.registry.messages import LicenceView
from jiazhao.registry.service import Instance, Register
from jiazhao.roadside.beacons import Beacons
from jiazhao.rules.driving import check_driving
from jiazhao.rules.lookup import lookup_reason
from jiazhao.rules.refusal import Refusal
from jiazhao.rules.state import LicenceState
from jiazhao.rules.tables import RuleSet, Tables
from jiazhao.status.handles import HandleKind, StatusHandle, StatusHandles
from jiazhao.storage import restoration
from jiazhao.storage.engine import Connection, Database
from jiazhao.storage.lookup_key import keyed_hash
from jiazhao.trust import Trust

DUTY_TO_CHECK = "道路交通安全违法行为处理程序规定 art. 9, 10"
"""The law under which an officer checks a licence that a driver shows."""

SHORT_CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
SHORT_CODE_LENGTH = 8
"""30 to the 8th: a guess within a code's minute has no chance."""

_WHAT = "licence code"

SHOWN_FIELDS = (
    "portrait",
    "name",
    "licence_number",
    "sex",
    "nationality",
    "birth_date",
    "address",
    "classes",
    "statuses",
    "points",
    "validity",
    "issuing_office",
    "archive_number",
    "record",
)


@dataclass(frozen=True, slots=True)
class Looked:
    """What one check found: the verdict, and whose licence if it may be shown."""

    verdict: Verdict
    holder: HolderId | None = None
    instance: Instance | None = None
    licence: Licence | None = None
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class _Scanned:
    """What was scanned: the octets of a code with the key of its period, or why it is none."""

    octets: bytes = b""
    keys: OpenKeys = field(default_factory=dict, repr=False)
    error: JiazhaoError | None = None


@dataclass(slots=True)
class _Owner:
    """Whose code it is: found by what the issuer signed, and locked until the check is done."""

    register: Register
    handles: StatusHandles
    db: Connection
    use: str
    """The name of this check, which may use the same code again."""
    holder: HolderId | None = None
    instance: Instance | None = None
    """Of a shown code; a printed one is on no device."""
    handle: StatusHandle | None = None
    """Of a printed code."""

    def last_counter(self, device_key: bytes) -> int:
        """The highest counter used with a device key, but for what this very check used."""
        self._find_device(device_key)
        if self.instance is None or self.instance.last_counter is None:
            return 0
        own = self.instance.last_check_id == self.use
        return self.instance.last_counter - int(own)

    def find(self, data: IssuerData) -> None:
        """Find whose code it is where that was not needed before; what is signed is believed."""
        if data.device_key is not None:
            self._find_device(data.device_key)
            return
        handle = self.handles.find(self.db, data.handle)
        if handle is not None and handle.kind is HandleKind.BACKUP:
            self.register.lock(self.db, handle.holder_id)
            # Read again: it may have been voided before the lock was had.
            self.handle = self.handles.find(self.db, data.handle)
            self.holder = handle.holder_id

    def _find_device(self, device_key: bytes) -> None:
        if self.instance is None:
            thumbprint = PublicKey.of(read_point(device_key)).thumbprint()
            self.instance = self.register.lock_instance_of_key(self.db, thumbprint)
            self.holder = self.instance.holder_id if self.instance else None


@dataclass(frozen=True, slots=True)
class Checks:
    """The officer's checks; its parts are given by the composition root."""

    config: Config
    database: Database
    register: Register
    consent: Consent
    tables: Tables
    trust: Callable[[], Trust]
    """Whom we trust now, our own signers among them."""
    opener: Callable[[int, int, datetime], ec.EllipticCurvePrivateKey | None]
    """The enforcement key of a kind and period."""
    beacons: Beacons
    handles: StatusHandles

    # -- by the licence code

    def check(self, data: CheckRequest, *, officer: Actor, now: datetime) -> CheckAnswer:
        """Verify what an officer scanned or typed, and record the access."""
        scanned = self._scanned(data.scanned, now)
        return self.database.write(lambda db: self._check(db, data, scanned, officer, now))

    def _scanned(self, text: str, now: datetime) -> _Scanned:
        """What stands behind what was scanned, and the key that opens it: keys are read apart."""
        try:
            octets = read_base64url(self._long_form(text, now), _WHAT)
            sealed = read_sealed(octets)
        except UnreadableError as error:
            if error.code is not ErrorCode.UNREADABLE:
                return _Scanned(error=error)
            refused = UnreadableError(ErrorCode.UNKNOWN_FORMAT, source=None, **error.values)
            return _Scanned(error=refused)
        key = self.opener(sealed.kind, sealed.period, now)
        return _Scanned(octets, {} if key is None else {(sealed.kind, sealed.period): key})

    def _check(
        self,
        db: Connection,
        data: CheckRequest,
        scanned: _Scanned,
        officer: Actor,
        now: datetime,
    ) -> CheckAnswer:
        use = use_of(officer.account_id, data.check_id)
        looked = self._look_at_code(db, data, scanned, use, now)
        self._record(
            db,
            looked,
            check_id=data.check_id,
            use=use,
            officer=officer,
            now=now,
            kind="check",
            reason=CODE_SHOWN,
            note="",
            law=DUTY_TO_CHECK,
            vehicle_class=data.vehicle_class,
        )
        return self._answer(db, looked, "check", data.check_id, data.vehicle_class, now)

    def _look_at_code(
        self, db: Connection, data: CheckRequest, scanned: _Scanned, use: str, now: datetime
    ) -> Looked:
        if scanned.error is not None:
            failed = Check(Step.DECODE, CheckStatus.FAILED, Reason.of(scanned.error))
            return Looked(Verdict.of(failed, profile=LICENCE_CODE_ONLINE))
        # Steps 1, 2, 3 and 6; whose licence it is is found, and locked, within the sixth.
        owner = _Owner(self.register, self.handles, db, use)
        checked = verify_licence_code(
            scanned.octets,
            now=now,
            checker=self._checker(owner, scanned, now),
            profile=LICENCE_CODE_ONLINE,
            challenge=data.challenge,
            face=data.face,
        )
        # Of when the register is counts here, and not when a part was signed.
        checked = replace(checked, verdict=replace(checked.verdict, last_confirmed_at=None))
        verdict = checked.verdict
        if checked.data is None:
            return Looked(verdict)
        owner.find(checked.data)
        if owner.holder is None:
            unknown = Check.failed(Step.HOLDER_BINDING, ErrorCode.UNKNOWN_DEVICE_KEY)
            return Looked(verdict.with_check(unknown))
        verdict = self._used(db, owner, checked, use, now)
        if not _may_look(verdict.check(Step.HOLDER_BINDING)):
            return Looked(verdict, owner.holder)
        # Step 9: what the register says now.
        return self._with_register(db, verdict, owner.holder, owner.instance, now, owner.handle)

    def _checker(self, owner: _Owner, scanned: _Scanned, now: datetime) -> Checker:
        trust = self.trust()
        return Checker(
            trust=TrustAnchors(
                tuple(root.public_bytes(Encoding.DER) for root in trust.iaca_roots),
                trust.compromised,
            ),
            signers=tuple(one.public_bytes(Encoding.DER) for one in trust.document_signers),
            keys=scanned.keys,
            rules=self.tables.on(legal_day(now)),
            beacon=parse_beacon(self.beacons.at(now)),
            last_counter=owner.last_counter,
            settings=CodeSettings(
                life=timedelta(seconds=self.config.code_seconds),
                skew=timedelta(seconds=self.config.code_skew_seconds),
            ),
        )

    def _used(
        self, db: Connection, owner: _Owner, checked: CheckedCode, use: str, now: datetime
    ) -> Verdict:
        """The verdict once the code is used up: one atomic write, and last of all that may fail."""
        verdict, shown, instance = checked.verdict, checked.holder, owner.instance
        if shown is None or instance is None:
            return verdict
        if verdict.check(Step.HOLDER_BINDING).status is not CheckStatus.PASSED:
            return verdict
        if self.register.use_code(db, instance, shown.counter, use, shown.shown_at):
            store.use_code(db, instance, shown.counter, use, now)
            return verdict
        return verdict.with_check(Check.failed(Step.HOLDER_BINDING, ErrorCode.CODE_USED))

    def _with_register(
        self,
        db: Connection,
        verdict: Verdict,
        holder: HolderId,
        instance: Instance | None,
        now: datetime,
        handle: StatusHandle | None = None,
    ) -> Looked:
        restored = restoration.pending(db)
        if restored is not None:
            # What came after the backup may be a revocation.
            said = Check.unchecked(
                Step.LIVE_REGISTER,
                ErrorCode.REGISTER_RESTORED,
                as_of=_told_instant(restored.as_of),
            )
            unknown = verdict.with_check(said, last_confirmed_at=restored.as_of)
            return Looked(unknown, holder, instance)
        confirmed_at = self._confirmed_at(db, now)
        if confirmed_at is None or not self._is_fresh(confirmed_at, now):
            # Nothing of the old state is shown: it would be read as the present one.
            said = Check.unchecked(
                Step.LIVE_REGISTER, ErrorCode.REGISTER_TOO_OLD, as_of=_told_instant(confirmed_at)
            )
            stale = verdict.with_check(said, last_confirmed_at=confirmed_at)
            return Looked(stale, holder, instance)
        licence = self.register.licence_of(db, holder, at=now)
        decision = check_driving(LicenceState.of(licence), None, self.tables.on(legal_day(now)))
        if handle is not None and not self._lives(db, handle, now):
            said = Check.failed(Step.LIVE_REGISTER, ErrorCode.BACKUP_CODE_ENDED)
            refusal = None
        elif instance is not None and instance.ended_at is not None:
            said = Check.failed(Step.LIVE_REGISTER, ErrorCode.INSTANCE_ENDED)
            refusal = None
        elif instance is not None and instance.frozen_at is not None:
            said = Check.failed(Step.LIVE_REGISTER, ErrorCode.INSTANCE_FROZEN)
            refusal = None
        elif not decision.allowed:
            said = Check.failed(Step.LIVE_REGISTER, ErrorCode.REGISTER_SAYS_NO)
            refusal = decision.reasons[0]
        else:
            said, refusal = Check.passed(Step.LIVE_REGISTER), None
        return Looked(
            verdict.with_check(said, last_confirmed_at=confirmed_at),
            holder,
            instance,
            licence,
            refusal,
        )

    def _lives(self, db: Connection, handle: StatusHandle, now: datetime) -> bool:
        """Whether a printed code still stands for the licence, without waiting for the worker."""
        return (
            handle.value != StatusValue.ENDED
            and now < handle.live_until
            and self.register.live_instance(db, handle.holder_id) is not None
        )

    def _confirmed_at(self, db: Connection, now: datetime) -> datetime | None:
        """Of when the register is: now, or what the one that it follows said last."""
        if self.config.follow_lag_seconds is None:
            return now
        as_of = self.register.as_of(db)
        return None if as_of is None else min(as_of, now)

    def _is_fresh(self, confirmed_at: datetime, now: datetime) -> bool:
        lag = self.config.follow_lag_seconds
        return lag is None or now - confirmed_at <= timedelta(seconds=lag)

    # -- by look-up

    def look_up(self, data: LookupRequest, *, officer: Actor, now: datetime) -> CheckAnswer:
        """Find a licence without the holder's phone; the holder sees who, when and why."""
        row = lookup_reason(data.reason, self.tables.on(legal_day(now)))

        def act(db: Connection) -> CheckAnswer:
            self._require_room(db, officer, now)
            looked = self._look_by_number(db, data.identifier, now)
            self._record(
                db,
                looked,
                check_id=data.check_id,
                use=use_of(officer.account_id, data.check_id),
                officer=officer,
                now=now,
                kind="lookup",
                reason=data.reason,
                note=data.note,
                law=str(row.source),
                vehicle_class=data.vehicle_class,
            )
            return self._answer(db, looked, "lookup", data.check_id, data.vehicle_class, now)

        return self.database.write(act)

    def _require_room(self, db: Connection, officer: Actor, now: datetime) -> None:
        """Raise `AccessError` where an officer has looked up as many as a day's work explains."""
        today = legal_day(now)
        made = self.consent.lookups_since(db, officer.account_id, start_of_day(today))
        if made >= self.config.lookups_per_day:
            seconds = ceil((end_of_day(today) - now).total_seconds())
            raise AccessError(
                ErrorCode.LOOKUPS_USED_UP,
                limit=str(self.config.lookups_per_day),
                seconds=str(seconds),
            )

    def _look_by_number(self, db: Connection, identifier: str, now: datetime) -> Looked:
        holder = self.register.find(db, identifier)
        if holder is None:
            unknown = Check.failed(Step.REQUEST_MATCH, ErrorCode.NO_LICENCE)
            return Looked(Verdict.of(unknown, profile=LOOKUP))
        self.register.lock(db, holder)
        verdict = Verdict.of(profile=LOOKUP)
        return self._with_register(db, verdict, holder, None, now)

    # -- recording and answering

    def _record(
        self,
        db: Connection,
        looked: Looked,
        *,
        check_id: str,
        use: str,
        officer: Actor,
        now: datetime,
        kind: str,
        reason: str,
        note: str,
        law: str,
        vehicle_class: VehicleClass | None,
    ) -> None:
        if looked.holder is None:
            return
        ruling = looked.verdict.reason
        self.consent.record(
            db,
            AccessRecord(
                holder_id=looked.holder,
                record_id=use,
                at=now,
                kind=kind,
                account_id=officer.account_id,
                actor_role="officer",
                actor_name=officer.name,
                actor_unit=officer.unit,
                reason=reason,
                note=note,
                law=law,
                fields=SHOWN_FIELDS if looked.licence else (),
                verdict=looked.verdict.outcome.value,
                verdict_reason=ruling.code.wire if ruling else "",
                vehicle_class=vehicle_class.value if vehicle_class else None,
                check_id=check_id,
            ),
        )

    def _answer(
        self,
        db: Connection,
        looked: Looked,
        kind: str,
        check_id: str,
        vehicle_class: VehicleClass | None,
        now: datetime,
    ) -> CheckAnswer:
        rules = self.tables.on(legal_day(now))
        verdict, licence = looked.verdict, looked.licence
        advice = verdict.what_to_do
        return CheckAnswer(
            check_id=check_id,
            kind=kind,
            verdict=verdict.outcome.value,
            reason=_reason(verdict.reason, looked.refusal),
            what_to_do=AdviceView(advice.zh, advice.en),
            steps=[_step(check, verdict) for check in verdict.checks],
            may_drive=_driving(licence, vehicle_class, rules) if licence else None,
            licence=LicenceView.of(
                licence,
                rules,
                instance=looked.instance.instance_number if looked.instance else None,
                specimen=self.config.is_demo,
            )
            if licence
            else None,
            portrait=self._portrait(db, licence, now),
            checked_at=now,
            last_confirmed_at=verdict.last_confirmed_at,
        )

    def _portrait(self, db: Connection, licence: Licence | None, now: datetime) -> str | None:
        if licence is None or not licence.has_photo:
            return None
        try:
            photo = self.register.portrait_of(db, licence.holder_id, at=now)
        except RegisterError:
            return None
        return b64encode(photo.jpeg).decode()

    # -- short codes

    def shorten(self, code: str, now: datetime) -> ShortCode:
        """Eight characters that stand for a licence code while it lives."""
        read_sealed(read_base64url(code, _WHAT))
        short = "".join(secrets.choice(SHORT_CODE_ALPHABET) for _ in range(SHORT_CODE_LENGTH))
        expires_at = now + timedelta(seconds=self.config.code_seconds)
        self.database.write(
            lambda db: store.remember_short_code(db, self._short_digest(short), code, expires_at)
        )
        return ShortCode(f"{short[:4]}-{short[4:]}", expires_at)

    def sweep(self, now: datetime) -> int:
        """Forget short codes that have lapsed, and uses that no record can meet any more."""
        met_until = now - timedelta(days=self.config.offline_upload_days + 1)

        def act(db: Connection) -> int:
            return store.sweep_short_codes(db, now) + store.sweep_uses(db, met_until)

        return self.database.write(act)

    def _long_form(self, scanned: str, now: datetime) -> str:
        text = "".join(scanned.split())
        short = text.replace("-", "").upper()
        if len(short) == SHORT_CODE_LENGTH:
            with self.database.reading() as db:
                code = store.code_behind(db, self._short_digest(short), now)
            if code is None:
                raise UnreadableError(ErrorCode.SHORT_CODE_UNKNOWN)
            return code
        return text

    def _short_digest(self, short: str) -> bytes:
        return keyed_hash(self.register.lookup_key, "short code", short)


def _may_look(holder_step: Check) -> bool:
    """Whether the register's state may be shown: to compare a face, the officer needs one."""
    if holder_step.status is CheckStatus.PASSED:
        return True
    reason = holder_step.reason
    return reason is not None and reason.code is ErrorCode.COMPARE_FACE


def _told_instant(instant: datetime | None) -> str:
    return "—" if instant is None else instant.astimezone(CHINA).isoformat(timespec="minutes")


def use_of(account_id: str, check_id: str) -> str:
    """The name of one officer's one check: another account cannot repeat it."""
    return hashlib.sha256(f"{account_id}\0{check_id}".encode()).hexdigest()[:32]


def _reason(reason: Reason | None, refusal: Refusal | None) -> ReasonText | None:
    if refusal is not None:
        return ReasonText(refusal.code, refusal.zh, refusal.en)
    return ReasonText(reason.code.wire, reason.zh, reason.en) if reason else None


def _step(check: Check, verdict: Verdict) -> StepView:
    return StepView(
        number=int(check.step),
        name=check.step.wire,
        zh=check.step.zh,
        en=check.step.en,
        status=check.status.value,
        demanded=check.step in verdict.profile,
        reason=_reason(check.reason, None),
    )


def _driving(
    licence: Licence, vehicle_class: VehicleClass | None, rules: RuleSet
) -> DrivingAnswer | None:
    if vehicle_class is None:
        return None
    decision = check_driving(LicenceState.of(licence), vehicle_class, rules)
    return DrivingAnswer(vehicle_class.value, decision.allowed, _first(decision.reasons))


def _first(reasons: Iterable[Refusal]) -> DrivingReason | None:
    for refusal in reasons:
        return DrivingReason(refusal.zh, refusal.en, str(refusal.source))
    return None
