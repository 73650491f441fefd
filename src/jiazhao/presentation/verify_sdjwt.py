"""Checking an SD-JWT VC that someone presents (RFC 9901 section 7, OpenID4VP 1.0 annex B.3).

The steps and their order are those of `verify.py`, and as pure.
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
from jiazhao.presentation.steps import FILE, Profile, Step
from jiazhao.presentation.verdict import Check, Verdict
from jiazhao.presentation.verify import (
    CLOCK_SKEW,
    StatusCheck,
    TrustAnchors,
    entitled,
    take_steps,
    unreadable,
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

    `expected` is None where there was no request.
    """
    try:
        shown = sdjwt.parse(received)
    except UnreadableError as error:
        return CheckedSdJwt(unreadable(error, profile))
    presented = _Presented(shown, expected, asked)
    verdict, claims = take_steps(presented, now=now, trust=trust, status=status, profile=profile)
    if claims is None:
        return CheckedSdJwt(verdict)
    return CheckedSdJwt(verdict, shown.vct, shown.status, shown.device_key.point, claims)


@dataclass(frozen=True, slots=True)
class _Presented:
    """Disclosures in their places, and what the verifier expected and asked for."""

    shown: SdJwt
    expected: ExpectedBinding | None
    asked: AskedClaims | None

    @property
    def valid_from(self) -> datetime | None:
        return self.shown.not_before

    @property
    def valid_until(self) -> datetime:
        return self.shown.expires_at

    @property
    def status(self) -> StatusReference | None:
        return self.shown.status

    @property
    def unknown_status(self) -> bool:
        return self.shown.unknown_status

    def chain(self) -> tuple[bytes, ...]:
        return self.shown.chain

    def signed_by(self, signer: VouchedSigner) -> Check:
        try:
            self.shown.token.verify(signer.key)
        except JiazhaoError as error:
            return Check.failed(Step.ISSUER_SIGNATURE, error.code, **error.values)
        return Check.passed(Step.ISSUER_SIGNATURE)

    def digests(self) -> Check:
        """A signed digest for each disclosure, and a place for it."""
        if self.shown.unreferenced:
            return Check.failed(Step.DIGESTS, ErrorCode.DIGEST_MISMATCH)
        if not self.shown.disclosed:
            return Check.unchecked(Step.DIGESTS, ErrorCode.NOTHING_DISCLOSED)
        return Check.passed(Step.DIGESTS)

    def told(self) -> Mapping[str, Any]:
        return self.shown.claims

    def entitles(self, signer: VouchedSigner, told: Mapping[str, Any]) -> Check:
        """As for every format, and the signer's certificate names the issuer."""
        if self.shown.issuer is not None and self.shown.issuer not in signer.names:
            return Check.failed(Step.TRUST_CHAIN, ErrorCode.ISSUER_DATA_MISMATCH, reason="iss")
        international = told.get(mdoc.MDL_NAMESPACE)
        country = international.get("issuing_country") if isinstance(international, dict) else None
        return entitled(signer, signed_at=self.shown.issued_at, country=country)

    def held(self, now: datetime) -> Check:
        """The device's signature over what is shown, for this audience and nonce."""
        step, binding, expected = Step.HOLDER_BINDING, self.shown.key_binding, self.expected
        if binding is None or expected is None:
            return Check.unchecked(step, ErrorCode.HOLDER_NOT_SHOWN)
        try:
            binding.token.verify(self.shown.device_key)
        except VerificationError:
            return Check.failed(step, ErrorCode.HOLDER_SIGNATURE_MISMATCH)
        if binding.sd_hash != write_base64url(sha256(self.shown.presented.encode()).digest()):
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

    def answers(self, told: Mapping[str, Any]) -> Check:
        """That what was asked is what was given."""
        step, asked = Step.REQUEST_MATCH, self.asked
        if asked is None:
            return Check.unchecked(step)
        if self.shown.vct != asked.vct:
            return Check.failed(step, ErrorCode.ANSWER_DIFFERS_FROM_REQUEST, reason="vct")
        wanted = set(asked.paths)
        if missing := {path for path in wanted if not _stands(told, path)}:
            names = ", ".join(sorted(str(path[-1]) for path in missing if path))
            return Check.failed(
                step, ErrorCode.ANSWER_DIFFERS_FROM_REQUEST, reason=f"missing: {names}"
            )
        if any(not _belongs(each.path, wanted) for each in self.shown.disclosed):
            return Check.failed(
                step, ErrorCode.ANSWER_DIFFERS_FROM_REQUEST, reason="more than asked"
            )
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
