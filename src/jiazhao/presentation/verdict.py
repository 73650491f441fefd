"""What came out of checking a presented credential.

Each step is passed, failed or unchecked, and unchecked is not a pass. The outcome follows:

NOT_GENUINE     a signature or digest was computed with a trusted key and does not fit;
NOT_VALID       genuine, but validity, status or register say no, or the signer is listed as
                compromised;
CANNOT_CONFIRM  whatever else kept a demanded step from passing: it says nothing against the
                holder;
VALID           every step that the profile demands has passed, and none has failed.

The first that applies, from the top.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Self

from jiazhao.errors import ErrorCode, JiazhaoError, VerificationError
from jiazhao.presentation.advice import Advice, advice_for
from jiazhao.presentation.steps import CheckStatus, Outcome, Profile, Step


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a step did not pass; the sentences are those of the code, filled in."""

    code: ErrorCode
    values: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, error: JiazhaoError) -> Self:
        """Take the reason from an error that a check raised."""
        return cls(error.code, error.values)

    @property
    def zh(self) -> str:
        """The Chinese sentence."""
        return self.code.zh.format(**self.values)

    @property
    def en(self) -> str:
        """The English sentence."""
        return self.code.en.format(**self.values)


@dataclass(frozen=True, slots=True)
class Check:
    """One step and what became of it; the reason is there unless it passed or was not due."""

    step: Step
    status: CheckStatus
    reason: Reason | None = None

    @staticmethod
    def passed(step: Step) -> "Check":
        """Record that the step passed."""
        return _PASSED[step - 1]

    @classmethod
    def failed(cls, step: Step, code: ErrorCode, **values: str) -> Self:
        """Record that the step was taken and did not pass."""
        return cls(step, CheckStatus.FAILED, Reason(code, values))

    @classmethod
    def unchecked(cls, step: Step, code: ErrorCode | None = None, **values: str) -> Self:
        """Record that the step could not be taken, and why if that is known."""
        return cls(step, CheckStatus.UNCHECKED, Reason(code, values) if code else None)


_ALL_STEPS: Final = tuple(Step)
_UNCHECKED: Final = tuple(Check.unchecked(step) for step in _ALL_STEPS)
_PASSED: Final = tuple(Check(step, CheckStatus.PASSED) for step in _ALL_STEPS)

_FORGED: Final = frozenset(
    {
        ErrorCode.SIGNATURE_MISMATCH,
        ErrorCode.DIGEST_MISMATCH,
        ErrorCode.HOLDER_SIGNATURE_MISMATCH,
    }
)
"""Reasons that are given only after computing with a trusted key."""

_SAYS_NO: Final = frozenset({Step.VALIDITY, Step.STATUS, Step.LIVE_REGISTER})


@dataclass(frozen=True, slots=True)
class Verdict:
    """All nine steps in order, what was demanded, and so the outcome."""

    checks: tuple[Check, ...]
    profile: Profile
    last_confirmed_at: datetime | None = None
    """When status or register were last known, where they are not known now."""

    def __post_init__(self) -> None:
        """Refuse a verdict that leaves a step out, or that demands nothing."""
        if tuple([check.step for check in self.checks]) != _ALL_STEPS:
            raise ValueError("a verdict has all steps, in order")
        if not self.profile:
            raise ValueError("a profile that demands nothing would pass everything")

    @classmethod
    def of(cls, *taken: Check, profile: Profile, last_confirmed_at: datetime | None = None) -> Self:
        """Fill up the steps that were not taken as unchecked."""
        checks = list(_UNCHECKED)
        for check in taken:
            checks[check.step - 1] = check
        return cls(tuple(checks), profile, last_confirmed_at)

    def with_check(self, check: Check, *, last_confirmed_at: datetime | None = None) -> Self:
        """Return this verdict with one step taken, as the register's by the service."""
        checks = tuple(check if old.step is check.step else old for old in self.checks)
        return replace(
            self, checks=checks, last_confirmed_at=last_confirmed_at or self.last_confirmed_at
        )

    @property
    def outcome(self) -> Outcome:
        """The one word."""
        return self._ruling()[0]

    @property
    def reason(self) -> Reason | None:
        """Why the outcome is not VALID; None if it is."""
        return self._ruling()[2]

    @property
    def step(self) -> Step | None:
        """The step that decided the outcome; None if it is VALID."""
        return self._ruling()[1]

    @property
    def what_to_do(self) -> Advice:
        """What the person who checks should do now, in both languages."""
        outcome, _, reason = self._ruling()
        return advice_for(outcome, reason.code if reason else None)

    def check(self, step: Step) -> Check:
        """Return what became of one step."""
        return self.checks[step - 1]

    def require_passed(self) -> None:
        """Raise `VerificationError` with the reason unless the outcome is VALID."""
        outcome, _, reason = self._ruling()
        if outcome is not Outcome.VALID:
            reason = reason or Reason(ErrorCode.NOT_CHECKED)
            raise VerificationError(reason.code, source=None, **reason.values)

    def __bool__(self) -> bool:
        """Refuse: `if verdict` would pass whatever came out."""
        raise TypeError("A verdict has no truth value; call require_passed().")

    def _ruling(self) -> tuple[Outcome, Step | None, Reason | None]:
        failed = [check for check in self.checks if check.status is CheckStatus.FAILED]
        for check in failed:
            if check.reason and check.reason.code in _FORGED:
                return Outcome.NOT_GENUINE, check.step, check.reason
        for check in failed:
            compromised = check.reason and check.reason.code is ErrorCode.SIGNER_COMPROMISED
            if check.step in _SAYS_NO or compromised:
                return Outcome.NOT_VALID, check.step, check.reason
        if failed:
            return Outcome.CANNOT_CONFIRM, failed[0].step, failed[0].reason
        missing = [
            check
            for check in self.checks
            if check.status is not CheckStatus.PASSED and check.step in self.profile
        ]
        if missing:
            reason = missing[0].reason or Reason(ErrorCode.NOT_CHECKED)
            return Outcome.CANNOT_CONFIRM, missing[0].step, reason
        return Outcome.VALID, None, None
