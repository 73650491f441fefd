"""Checking an SD-JWT VC that someone presents (RFC 9901 section 7, OpenID4VP 1.0 annex B.3).

The same nine steps as for an mdoc, and as pure: see `verify.py`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from jiazhao.credentials import mdoc, sdjwt
from jiazhao.credentials.chain import VouchedSigner
from jiazhao.credentials.sdjwt import Path, SdJwt
from jiazhao.credentials.signing import write_base64url
from jiazhao.credentials.status_list import StatusReference
from jiazhao.errors import ErrorCode, JiazhaoError, UnreadableError, VerificationError
from jiazhao.presentation.steps import FILE, CheckStatus, Profile, Step
from jiazhao.presentation.verdict import Check, Verdict
from jiazhao.presentation.verify import (
    CLOCK_SKEW,
    StatusCheck,
    TrustAnchors,
    entitled,
    published_status,
    trusted_signer,
    within,
)


@dataclass(frozen=True, slots=True)
class ExpectedBinding:
    """What a key binding must say: the verifier knows it from its own request."""

    audience: str
    nonce: str
    max_age: timedelta


@dataclass(frozen=True, slots=True)
class AskedClaims:
    """What was asked for, as the verifier knows it from its own request."""

    vct: str
    paths: Collection[Path]


@dataclass(frozen=True, slots=True)
class CheckedSdJwt:
    """The verdict on what was presented, and what it says if it can be relied on."""

    verdict: Verdict
    vct: str | None = None
    status: StatusReference | None = None
    """From the signed data, to ask again later."""
    device_key: bytes | None = None
    _claims: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def claims(self) -> Mapping[str, Any]:
        """What was disclosed, by namespace; empty unless steps 1 to 4 have passed."""
        return self._claims

    @property
    def by_namespace(self) -> dict[str, Mapping[str, Any]]:
        """What stands in objects, as ours does; nothing else of what others issue."""
        return {name: told for name, told in self._claims.items() if isinstance(told, Mapping)}


def verify_sdjwt(
    received: str,
    *,
    now: datetime,
    trust: TrustAnchors,
    expected: ExpectedBinding | None,
    status: StatusCheck | None = None,
    asked: AskedClaims | None = None,
    profile: Profile = FILE,
) -> CheckedSdJwt:
    """Check one presented SD-JWT VC, with or without a key binding.

    `expected` is None where there was no request. The live register (step 9) is the service's
    to add. The plan:

    1. Decode within bounds, and put disclosures into their places.
    2. Trust chain: a trusted root vouches for the signer at `now`; its key is not listed as
       compromised; it was valid when it signed, signs for its own country, and its certificate
       names the issuer.
    3. The issuer's signature.
    4. A signed digest for each disclosure.
    5. Validity at `now`.
    6. Holder binding: the device's signature over what is shown, for this audience and nonce.
    7. Published status.
    8. What was asked is what was given.

    Steps 3 and on are taken only with a key that step 2 vouched for.
    """
    # 1. Decode within bounds.
    try:
        shown = sdjwt.parse(received)
    except UnreadableError as error:
        unreadable = Check.failed(Step.DECODE, ErrorCode.UNKNOWN_FORMAT, **error.values)
        return CheckedSdJwt(Verdict.of(unreadable, profile=profile))
    decoded = Check.passed(Step.DECODE)

    # 2. Trust chain at `now`.
    signer, chain = trusted_signer(shown.chain, now, trust)
    if signer is None:
        return CheckedSdJwt(Verdict.of(decoded, chain, profile=profile))

    # 3. The issuer's signature; only then the JWT says anything.
    signature = _issuer_signature(shown, signer)
    if signature.status is not CheckStatus.PASSED:
        return CheckedSdJwt(Verdict.of(decoded, chain, signature, profile=profile))

    # 4. Digests of what was disclosed; only then a claim says anything.
    digests = _digests(shown)
    claims = shown.claims if digests.status is CheckStatus.PASSED else {}
    # (2, now that JWT and claims are known: was the signer entitled to them?)
    if chain.status is CheckStatus.PASSED:
        chain = _entitled(signer, shown, claims)

    # 5. Validity at `now`.
    validity = within(shown.not_before, shown.expires_at, now)

    # 6. Holder binding to this request.
    holder = _holder(shown, expected, now)

    # 7. Published status.
    published, confirmed_at = published_status(shown.status, status, unknown=shown.unknown_status)

    # 8. What was asked is what was given.
    request = _request(asked, shown, claims)

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
    return CheckedSdJwt(verdict, shown.vct, shown.status, shown.device_key.point, claims)


def _issuer_signature(shown: SdJwt, signer: VouchedSigner) -> Check:
    try:
        shown.token.verify(signer.key)
    except JiazhaoError as error:
        return Check.failed(Step.ISSUER_SIGNATURE, error.code, **error.values)
    return Check.passed(Step.ISSUER_SIGNATURE)


def _digests(shown: SdJwt) -> Check:
    if shown.unreferenced:
        return Check.failed(Step.DIGESTS, ErrorCode.DIGEST_MISMATCH)
    if not shown.disclosed:
        return Check.unchecked(Step.DIGESTS, ErrorCode.NOTHING_DISCLOSED)
    return Check.passed(Step.DIGESTS)


def _entitled(signer: VouchedSigner, shown: SdJwt, claims: Mapping[str, Any]) -> Check:
    if shown.issuer is not None and shown.issuer not in signer.names:
        return Check.failed(Step.TRUST_CHAIN, ErrorCode.ISSUER_DATA_MISMATCH, reason="iss")
    international = claims.get(mdoc.MDL_NAMESPACE)
    country = international.get("issuing_country") if isinstance(international, dict) else None
    return entitled(signer, signed_at=shown.issued_at, country=country)


def _holder(shown: SdJwt, expected: ExpectedBinding | None, now: datetime) -> Check:
    step, binding = Step.HOLDER_BINDING, shown.key_binding
    if binding is None or expected is None:
        return Check.unchecked(step, ErrorCode.HOLDER_NOT_SHOWN)
    try:
        binding.token.verify(shown.device_key)
    except VerificationError:
        return Check.failed(step, ErrorCode.HOLDER_SIGNATURE_MISMATCH)
    if binding.sd_hash != write_base64url(sha256(shown.presented.encode()).digest()):
        return Check.failed(step, ErrorCode.HOLDER_SIGNATURE_MISMATCH)
    said = (
        ("aud", binding.audience == expected.audience),
        ("nonce", binding.nonce == expected.nonce),
        ("iat", now - expected.max_age <= binding.issued_at <= now + CLOCK_SKEW),
    )
    for name, as_expected in said:
        if not as_expected:
            return Check.failed(step, ErrorCode.ANSWER_TO_ANOTHER_REQUEST, reason=name)
    return Check.passed(step)


def _request(asked: AskedClaims | None, shown: SdJwt, claims: Mapping[str, Any]) -> Check:
    step = Step.REQUEST_MATCH
    if asked is None:
        return Check.unchecked(step)
    if shown.vct != asked.vct:
        return Check.failed(step, ErrorCode.ANSWER_DIFFERS_FROM_REQUEST, reason="vct")
    wanted = set(asked.paths)
    if missing := {path for path in wanted if not _stands(claims, path)}:
        names = ", ".join(sorted(str(path[-1]) for path in missing if path))
        return Check.failed(step, ErrorCode.ANSWER_DIFFERS_FROM_REQUEST, reason=f"missing: {names}")
    if any(not _belongs(each.path, wanted) for each in shown.disclosed):
        return Check.failed(step, ErrorCode.ANSWER_DIFFERS_FROM_REQUEST, reason="more than asked")
    return Check.passed(step)


def _stands(claims: Any, path: Path) -> bool:
    for part in path:
        if isinstance(claims, dict):
            there = part in claims
        else:
            there = isinstance(claims, list) and part in range(len(claims))
        if not there:
            return False
        claims = claims[part]
    return True


def _belongs(path: Path, wanted: Collection[Path]) -> bool:
    """Whether a claim was asked for, holds what was asked for, or is a part of it."""
    return any(path[: len(each)] == each[: len(path)] for each in wanted)
