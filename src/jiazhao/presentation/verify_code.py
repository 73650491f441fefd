"""Checking a licence code, shown or printed (docs/specs/licence-code.md, "Checking").

Pure: time, trust, keys, rules, the snapshot and what this terminal saw before are arguments.
Nothing is raised for what was received; it all comes out in the verdict.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from jiazhao.credentials.beacon import Beacon
from jiazhao.credentials.chain import VouchedSigner
from jiazhao.credentials.code_sealing import Kind, SealedCode, periods_at, read_sealed
from jiazhao.credentials.licence_code import (
    HolderPart,
    IssuerData,
    IssuerPart,
    LicenceCode,
    key_name,
    parse_content,
)
from jiazhao.credentials.status_snapshot import SnapshotFinding
from jiazhao.errors import ErrorCode, JiazhaoError, UnreadableError, VerificationError
from jiazhao.licence.legal_day import CHINA, legal_day
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.presentation.steps import CheckStatus, Profile, Step
from jiazhao.presentation.verdict import Check, Verdict
from jiazhao.presentation.verify import TrustAnchors, entitled, trusted_signer
from jiazhao.rules.driving import DrivingDecision, check_driving
from jiazhao.rules.state import LicenceState
from jiazhao.rules.tables import RuleSet

ISSUING_COUNTRY: Final = "CN"
"""Roots of other countries may be trusted for their own licences; a code is of ours."""

MAX_BEACON_STEPS: Final = 31 * 24 * 6
"""A month of epochs. One further off proves nothing that would spare the challenge, and an
unbounded number of hashes would let a code stall the terminal."""

OpenKeys = Mapping[tuple[Kind, int], ec.EllipticCurvePrivateKey]
"""Private keys by kind and period: of a day or of a year."""

HandleCheck = Callable[[bytes, datetime], SnapshotFinding]
"""Looks a handle up with the time of its issue; raises a `JiazhaoError` where it is not covered."""

LastCounter = Callable[[bytes], int]
"""The highest counter that was used with a device key (a compressed point); 0 if none was."""


class Face(StrEnum):
    """What the officer said of the portrait and the person."""

    SAME = "same"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class CodeSettings:
    """How fresh things must be; the page gives the reasons."""

    life: timedelta = timedelta(seconds=60)
    skew: timedelta = timedelta(seconds=30)
    challenge_after: timedelta = timedelta(hours=24)
    snapshot_max_age: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Checker:
    """What whoever checks holds before a code comes."""

    trust: TrustAnchors
    signers: tuple[bytes, ...]
    """Certificates of document signers, in DER: a code only names its own."""
    keys: OpenKeys = field(repr=False)
    rules: RuleSet
    """Of the day of the check."""
    beacon: Beacon | None
    """From the last contact with the server."""
    last_counter: LastCounter
    status: HandleCheck | None = None
    settings: CodeSettings = CodeSettings()


@dataclass(frozen=True, slots=True)
class CheckedCode:
    """The verdict on a code, and what it says if that can be relied on."""

    verdict: Verdict
    data: IssuerData | None = None
    """None unless steps 1 to 3 have passed: before that no portrait may be decoded."""
    holder: HolderPart | None = None
    """As read; step 6 says whether the device signed it. None in a backup code."""
    beacon: Beacon | None = None
    """Where it is of the checker's own chain: the code was made after its epoch began."""

    def driving(self, vehicle_class: VehicleClass | None, rules: RuleSet) -> DrivingDecision | None:
        """Judge by what was signed whether a vehicle of the class may be driven."""
        if self.data is None:
            return None
        return check_driving(state_of(self.data), vehicle_class, rules)


def state_of(data: IssuerData) -> LicenceState:
    """What the rules judge, from what the issuer signed."""
    return LicenceState(
        recorded=data.statuses,
        points=data.points,
        valid_from=data.valid_from,
        valid_until=data.valid_until,
        birth_date=data.birth_date,
        classes=data.entitlements,
    )


def verify_licence_code(
    received: bytes,
    *,
    now: datetime,
    checker: Checker,
    profile: Profile,
    challenge: int | None = None,
    face: Face | None = None,
) -> CheckedCode:
    """Check the octets of a code.

    `challenge` is what the terminal showed to the driver, None if nothing; `face` is what the
    officer said, None before that. A step that the profile does not demand is not taken: with
    the register at hand (step 9, added by the service) what was signed days ago neither lapses
    nor speaks of a status. The plan:

    1. Decode: the outer form, a key that opens it, the content in its one spelling.
    2. Trust chain: the named signer, vouched for by a trusted root at `now` and when it signed.
    3. The issuer's signature; only then the data say anything.
    5. Validity of the issuer's part and of the licence at `now`.
    6. Holder binding: this device, now, once, in answer to the challenge; or by face.
    7. Status: what was signed, then the country's snapshot.
    """
    # 1. Decode: the outer form, a key that opens it, the content in its one spelling.
    try:
        sealed = read_sealed(received)
        key = checker.keys.get((sealed.kind, sealed.period))
        if key is None:
            return _undecoded(Check.failed(Step.DECODE, ErrorCode.NO_DAY_KEY), profile)
        code = parse_content(sealed.open(key), sealed.kind)
    except UnreadableError as error:
        refused = Check.failed(Step.DECODE, ErrorCode.UNKNOWN_FORMAT, **error.values)
        return _undecoded(refused, profile)
    decoded, data = Check.passed(Step.DECODE), code.issuer.data

    # 2. Trust chain: the named signer, vouched for by a trusted root at `now`.
    signer, chain = _named_signer(code.issuer, now, checker)
    if signer is None:
        return CheckedCode(Verdict.of(decoded, chain, profile=profile))

    # 3. The issuer's signature; only then the data say anything.
    signature = _issuer_signature(code.issuer, signer)
    # (2, now that the time of signing is known: was the signer entitled then?)
    if chain.status is signature.status is CheckStatus.PASSED:
        chain = entitled(signer, signed_at=data.signed_at, country=ISSUING_COUNTRY)
    if not chain.status is signature.status is CheckStatus.PASSED:
        return CheckedCode(Verdict.of(decoded, chain, signature, profile=profile))

    # 5. Validity of the issuer's part and of the licence at `now`.
    validity = Check.unchecked(Step.VALIDITY)
    if Step.VALIDITY in profile:
        validity = _validity(data, now, checker.settings)

    # 6. Holder binding: this device, now, once, in answer to the challenge; or by face.
    if code.holder is None:
        register_has_the_face = Step.LIVE_REGISTER in profile
        holder, heard = _by_face(sealed, data, face, register_has_the_face), None
    else:
        holder, heard = _by_device(sealed, code, now, checker, challenge)
        if holder.status is CheckStatus.PASSED and face is Face.DIFFERS:
            holder = Check.failed(Step.HOLDER_BINDING, ErrorCode.FACE_DIFFERS)

    # 7. Status: what was signed, then the country's snapshot.
    status, confirmed_at = Check.unchecked(Step.STATUS), data.signed_at
    if Step.STATUS in profile:
        status, confirmed_at = _status(data, now, checker)

    verdict = Verdict.of(
        decoded,
        chain,
        signature,
        validity,
        holder,
        status,
        profile=profile,
        last_confirmed_at=confirmed_at,
    )
    return CheckedCode(verdict, data, code.holder, heard)


def _undecoded(refused: Check, profile: Profile) -> CheckedCode:
    return CheckedCode(Verdict.of(refused, profile=profile))


# -- 2 and 3


def _named_signer(
    part: IssuerPart, now: datetime, checker: Checker
) -> tuple[VouchedSigner | None, Check]:
    named = next((each for each in checker.signers if key_name(each) == part.kid), None)
    if named is None:
        return None, Check.failed(Step.TRUST_CHAIN, ErrorCode.UNKNOWN_ISSUER)
    return trusted_signer((named,), now, checker.trust)


def _issuer_signature(part: IssuerPart, signer: VouchedSigner) -> Check:
    try:
        part.verify(signer.key)
    except VerificationError as error:
        return Check.failed(Step.ISSUER_SIGNATURE, error.code)
    return Check.passed(Step.ISSUER_SIGNATURE)


# -- 5


def _validity(data: IssuerData, now: datetime, settings: CodeSettings) -> Check:
    """Take step 5.

    What the issuer's part says of its own time ends in "unchecked": it tells nothing against the
    licence, which another part, or the register, may show to be in order.
    """
    step, today = Step.VALIDITY, legal_day(now)
    if data.signed_at > now + settings.skew:
        return Check.unchecked(step, ErrorCode.CODE_PART_FROM_THE_FUTURE)
    if today < data.valid_from:
        return Check.failed(step, ErrorCode.NOT_YET_VALID, since=data.valid_from.isoformat())
    if data.valid_until is not None and today > data.valid_until:
        return Check.failed(step, ErrorCode.LICENCE_EXPIRED, until=data.valid_until.isoformat())
    if now >= data.ends_at:
        return Check.unchecked(step, ErrorCode.CODE_PART_LAPSED, until=_told(data.ends_at))
    return Check.passed(step)


# -- 6


def _by_face(
    sealed: SealedCode, data: IssuerData, face: Face | None, register_has_the_face: bool
) -> Check:
    step = Step.HOLDER_BINDING
    if face is Face.DIFFERS:
        return Check.failed(step, ErrorCode.FACE_DIFFERS)
    if sealed.period not in periods_at(sealed.kind, data.signed_at, timedelta(0)):
        return Check.failed(step, ErrorCode.KEY_OF_ANOTHER_DAY)
    if data.portrait is None and not register_has_the_face:
        return Check.unchecked(step, ErrorCode.NO_FACE_IN_CODE)
    return (
        Check.passed(step) if face is Face.SAME else Check.unchecked(step, ErrorCode.COMPARE_FACE)
    )


def _by_device(
    sealed: SealedCode, code: LicenceCode, now: datetime, checker: Checker, challenge: int | None
) -> tuple[Check, Beacon | None]:
    step, settings = Step.HOLDER_BINDING, checker.settings
    try:
        holder = code.verify_holder()
    except VerificationError as error:
        return Check.failed(step, error.code), None
    age = now - holder.shown_at
    if age > settings.life + settings.skew:
        return Check.failed(step, ErrorCode.CODE_EXPIRED), None
    if age < -settings.skew:
        return Check.failed(step, ErrorCode.CODE_FROM_THE_FUTURE), None
    if sealed.period not in periods_at(sealed.kind, holder.shown_at, settings.skew):
        return Check.failed(step, ErrorCode.KEY_OF_ANOTHER_DAY), None
    device_key = code.issuer.data.device_key
    if device_key is not None and holder.counter <= checker.last_counter(device_key):
        return Check.failed(step, ErrorCode.CODE_USED), None
    if challenge is not None and holder.challenge != challenge:
        missing = holder.challenge is None
        wrong = ErrorCode.CHALLENGE_MISSING if missing else ErrorCode.CHALLENGE_WRONG
        return Check.failed(step, wrong), None
    return _by_beacon(holder.beacon, now, checker, is_answered=challenge is not None)


def _by_beacon(
    beacon: Beacon | None, now: datetime, checker: Checker, *, is_answered: bool
) -> tuple[Check, Beacon | None]:
    """Bound codes that were made ahead: by what the wallet heard last, or by the challenge."""
    step, settings, ours = Step.HOLDER_BINDING, checker.settings, checker.beacon
    if beacon is not None and beacon.began_at > now + settings.skew:
        return Check.failed(step, ErrorCode.BEACON_WRONG), None
    heard = None
    if (
        beacon is not None
        and ours is not None
        and abs(beacon.epoch - ours.epoch) <= MAX_BEACON_STEPS
    ):
        if not beacon.is_of_the_chain_of(ours):
            return Check.failed(step, ErrorCode.BEACON_WRONG), None
        heard = beacon
    is_fresh = heard is not None and now - heard.began_at <= settings.challenge_after
    if not is_fresh and not is_answered:
        return Check.failed(step, ErrorCode.CHALLENGE_NEEDED), heard
    return Check.passed(step), heard


# -- 7


def _status(data: IssuerData, now: datetime, checker: Checker) -> tuple[Check, datetime]:
    """Take step 7, and say of when the answer is."""
    step, settings = Step.STATUS, checker.settings
    if not check_driving(state_of(data), None, checker.rules).allowed:
        return Check.failed(step, ErrorCode.CODE_STATUS_SAYS_NO), data.signed_at
    if checker.status is None:
        return Check.unchecked(step, ErrorCode.STATUS_UNDETERMINED), data.signed_at
    try:
        finding = checker.status(data.handle, data.handle_issued_at)
    except JiazhaoError as error:
        return Check.unchecked(step, error.code, **error.values), data.signed_at
    as_of = finding.as_of
    if as_of > now + settings.skew:
        return Check.unchecked(step, ErrorCode.SNAPSHOT_AHEAD, as_of=_told(as_of)), data.signed_at
    if now - as_of > settings.snapshot_max_age:
        return Check.unchecked(step, ErrorCode.SNAPSHOT_TOO_OLD, as_of=_told(as_of)), as_of
    if finding.must_not_drive:
        return Check.failed(step, ErrorCode.STATUS_MUST_NOT_DRIVE), as_of
    return Check.passed(step), as_of


def _told(instant: datetime) -> str:
    return instant.astimezone(CHINA).isoformat(timespec="minutes")
