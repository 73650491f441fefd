"""The steps of checking an issued credential that someone presents, whatever its format.

Pure: time, trust anchors, what was expected and the way to ask for a status are arguments.
Nothing is raised for what was received; it all comes out in the verdict.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from jiazhao.credentials.chain import DOCUMENT_SIGNING, VouchedSigner, vouched_signer
from jiazhao.credentials.status_list import StatusReference, StatusValue
from jiazhao.errors import ErrorCode, JiazhaoError, UnreadableError, VerificationError
from jiazhao.presentation.steps import CheckStatus, Profile, Step
from jiazhao.presentation.verdict import Check, Verdict

CLOCK_SKEW: Final = timedelta(seconds=60)
"""A copy issued a moment ago by a clock slightly ahead of ours is taken as valid already."""


@dataclass(frozen=True, slots=True)
class TrustAnchors:
    """Whom we trust, and whom no longer."""

    roots: tuple[bytes, ...]
    """IACA root certificates in DER."""
    compromised: frozenset[bytes] = frozenset()
    """Public keys of signers, as uncompressed points, that are listed as compromised. Keys and
    not certificates: one key can have several, and an ECDSA certificate several encodings."""


@dataclass(frozen=True, slots=True)
class StatusFinding:
    """What a status list said."""

    value: int
    confirmed_at: datetime
    """When the list was issued."""


StatusCheck = Callable[[StatusReference], StatusFinding]
"""Looks a reference up; raises a `JiazhaoError` (`UndeterminedError`) where it is not known."""


class Presented(Protocol):
    """What was decoded of one format, with what the verifier expected: the steps look here."""

    @property
    def valid_from(self) -> datetime | None:
        """When what was signed begins to hold; None where it does not say."""
        ...

    @property
    def valid_until(self) -> datetime:
        """When what was signed lapses."""
        ...

    @property
    def status(self) -> StatusReference | None:
        """Its place on a status list."""
        ...

    @property
    def unknown_status(self) -> bool:
        """Whether a status is published in another way too."""
        ...

    def chain(self) -> tuple[bytes, ...]:
        """The signer's certificates; raises `JiazhaoError`."""
        ...

    def signed_by(self, signer: VouchedSigner) -> Check:
        """Take step 3."""
        ...

    def digests(self) -> Check:
        """Take step 4."""
        ...

    def told(self) -> Mapping[str, Any]:
        """What was disclosed; it counts once step 4 has passed."""
        ...

    def entitles(self, signer: VouchedSigner, told: Mapping[str, Any]) -> Check:
        """Take what is left of step 2: whether the signer was entitled to say this."""
        ...

    def held(self, now: datetime) -> Check:
        """Take step 6."""
        ...

    def answers(self, told: Mapping[str, Any]) -> Check:
        """Take step 8."""
        ...


def take_steps(
    shown: Presented,
    *,
    now: datetime,
    trust: TrustAnchors,
    status: StatusCheck | None,
    profile: Profile,
) -> tuple[Verdict, Mapping[str, Any] | None]:
    """Take the steps with what was decoded; beside the verdict, what was told.

    That is None where the issuer's signature did not pass, so that nothing is said at all. The
    live register (step 9) is the service's to add. The plan:

    1. Decode within bounds: done by who calls, see `unreadable`.
    2. Trust chain: a trusted root vouches for the signer at `now`; its key is not listed as
       compromised; it was valid when it signed, and signs for its own country.
    3. The issuer's signature.
    4. A signed digest for each thing disclosed.
    5. Validity at `now`.
    6. Holder binding: the device signed for what the verifier expected.
    7. Published status.
    8. What was asked is what was given.

    Steps 3 and on are taken only with a key that step 2 vouched for.
    """
    # 1. Decoded within bounds.
    decoded = Check.passed(Step.DECODE)

    # 2. Trust chain at `now`.
    try:
        certificates = shown.chain()
    except JiazhaoError as error:
        refused = Check.failed(Step.TRUST_CHAIN, error.code, **error.values)
        return Verdict.of(decoded, refused, profile=profile), None
    signer, chain = trusted_signer(certificates, now, trust)
    if signer is None:
        return Verdict.of(decoded, chain, profile=profile), None

    # 3. The issuer's signature; only then what was signed says anything.
    signature = shown.signed_by(signer)
    if signature.status is not CheckStatus.PASSED:
        return Verdict.of(decoded, chain, signature, profile=profile), None

    # 4. Digests of what was disclosed; only then that says anything.
    digests = shown.digests()
    told = shown.told() if digests.status is CheckStatus.PASSED else {}
    # (2, now that it is known what was signed and disclosed: was the signer entitled to it?)
    if chain.status is CheckStatus.PASSED:
        chain = shown.entitles(signer, told)

    # 5. Validity at `now`.
    validity = within(shown.valid_from, shown.valid_until, now)

    # 6. Holder binding.
    holder = shown.held(now)

    # 7. Published status.
    published, confirmed_at = published_status(shown.status, status, unknown=shown.unknown_status)

    # 8. What was asked is what was given.
    request = shown.answers(told)

    verdict = Verdict.of(
        decoded,
        chain,
        signature,
        digests,
        validity,
        holder,
        published,
        request,
        profile=profile,
        last_confirmed_at=confirmed_at,
    )
    return verdict, told


def unreadable(error: UnreadableError, profile: Profile) -> Verdict:
    """The verdict where step 1 did not pass."""
    refused = Check.failed(Step.DECODE, ErrorCode.UNKNOWN_FORMAT, **error.values)
    return Verdict.of(refused, profile=profile)


# -- steps that are alike in every format


def trusted_signer(
    certificates: tuple[bytes, ...], now: datetime, trust: TrustAnchors
) -> tuple[VouchedSigner | None, Check]:
    """Take step 2; the signer is None unless its key may be computed with."""
    step = Step.TRUST_CHAIN
    try:
        signer = vouched_signer(certificates, trust.roots, DOCUMENT_SIGNING)
        signer.require_validity(now)
    except JiazhaoError as error:
        return None, Check.failed(step, error.code, **error.values)
    if signer.key.point in trust.compromised:
        return signer, Check.failed(step, ErrorCode.SIGNER_COMPROMISED)
    return signer, Check.passed(step)


def entitled(signer: VouchedSigner, *, signed_at: datetime | None, country: object) -> Check:
    """Check the signer against what it signed (ISO/IEC 18013-5 sections 9.1.2.4, 7.2.1)."""
    try:
        if signed_at is not None:
            signer.require_validity(signed_at)
    except VerificationError as error:
        return Check.failed(Step.TRUST_CHAIN, error.code)
    if country is not None and country != signer.country:
        return Check.failed(
            Step.TRUST_CHAIN, ErrorCode.ISSUER_DATA_MISMATCH, reason="issuing_country"
        )
    return Check.passed(Step.TRUST_CHAIN)


def within(valid_from: datetime | None, valid_until: datetime, now: datetime) -> Check:
    """Take step 5."""
    step = Step.VALIDITY
    if valid_from is not None and now + CLOCK_SKEW < valid_from:
        return Check.failed(step, ErrorCode.NOT_YET_VALID, since=_written(valid_from))
    if now > valid_until:
        return Check.failed(step, ErrorCode.LAPSED, until=_written(valid_until))
    return Check.passed(step)


def published_status(
    reference: StatusReference | None, look_up: StatusCheck | None, *, unknown: bool
) -> tuple[Check, datetime | None]:
    """Take step 7; `unknown` is whether a status is published in another way too."""
    step = Step.STATUS
    if reference is None or look_up is None:
        return Check.unchecked(step, ErrorCode.STATUS_UNDETERMINED), None
    try:
        finding = look_up(reference)
    except JiazhaoError as error:
        return Check.unchecked(step, error.code, **error.values), None
    if finding.value == StatusValue.ENDED:
        return Check.failed(step, ErrorCode.STATUS_ENDED), finding.confirmed_at
    if finding.value == StatusValue.MUST_NOT_DRIVE:
        return Check.failed(step, ErrorCode.STATUS_SUSPENDED), finding.confirmed_at
    if finding.value != StatusValue.VALID or unknown:
        return Check.unchecked(step, ErrorCode.STATUS_UNDETERMINED), None
    return Check.passed(step), finding.confirmed_at


def _written(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"
