"""What comes out of steps."""

import itertools

import pytest

from jiazhao.errors import ErrorCode, VerificationError
from jiazhao.presentation.advice import advice_for
from jiazhao.presentation.steps import (
    FILE,
    ISSUED_COPY,
    LICENCE_CODE_ONLINE,
    LOOKUP,
    REMOTE,
    CheckStatus,
    Outcome,
    Step,
)
from jiazhao.presentation.verdict import Check, Reason, Verdict

NOT_CONFIRMED = Outcome.CANNOT_CONFIRM
ALL = frozenset(Step)


def _verdict(*taken: Check) -> Verdict:
    others = {check.step for check in taken}
    passed = [Check.passed(step) for step in Step if step not in others]
    return Verdict.of(*passed, *taken, profile=ALL)


def test_all_steps_passed_is_valid() -> None:
    verdict = _verdict()
    assert (verdict.outcome, verdict.reason) == (Outcome.VALID, None)
    verdict.require_passed()


@pytest.mark.parametrize("profile", [FILE, ISSUED_COPY, REMOTE, LICENCE_CODE_ONLINE, LOOKUP])
def test_valid_needs_exactly_the_steps_that_the_profile_demands(profile: frozenset[Step]) -> None:
    demanded = [Check.passed(step) for step in profile]
    assert Verdict.of(*demanded, profile=profile).outcome is Outcome.VALID
    for step in profile:
        fewer = [check for check in demanded if check.step is not step]
        verdict = Verdict.of(*fewer, profile=profile)
        assert (verdict.outcome, verdict.reason) == (NOT_CONFIRMED, Reason(ErrorCode.NOT_CHECKED))


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("status", [CheckStatus.FAILED, CheckStatus.UNCHECKED])
def test_a_step_that_did_not_pass_never_gives_valid(step: Step, status: CheckStatus) -> None:
    verdict = _verdict(Check(step, status, Reason(ErrorCode.NOT_CHECKED)))
    assert verdict.outcome is not Outcome.VALID
    with pytest.raises(VerificationError):
        verdict.require_passed()


def test_a_step_that_failed_counts_even_where_it_is_not_demanded() -> None:
    taken = [Check.passed(step) for step in FILE]
    taken.append(
        Check.failed(Step.REQUEST_MATCH, ErrorCode.ANSWER_DIFFERS_FROM_REQUEST, reason="x")
    )
    assert Verdict.of(*taken, profile=FILE).outcome is NOT_CONFIRMED


FORGED = {
    Step.TRUST_CHAIN: ErrorCode.SIGNATURE_MISMATCH,
    Step.ISSUER_SIGNATURE: ErrorCode.SIGNATURE_MISMATCH,
    Step.DIGESTS: ErrorCode.DIGEST_MISMATCH,
    Step.HOLDER_BINDING: ErrorCode.HOLDER_SIGNATURE_MISMATCH,
}
SAYS_NO = {
    Step.TRUST_CHAIN: ErrorCode.SIGNER_COMPROMISED,
    Step.VALIDITY: ErrorCode.LAPSED,
    Step.STATUS: ErrorCode.STATUS_ENDED,
    Step.LIVE_REGISTER: ErrorCode.NO_LICENCE,
}
OPEN = {
    Step.DECODE: ErrorCode.UNKNOWN_FORMAT,
    Step.TRUST_CHAIN: ErrorCode.UNKNOWN_ISSUER,
    Step.HOLDER_BINDING: ErrorCode.CODE_USED,
    Step.REQUEST_MATCH: ErrorCode.ANSWER_DIFFERS_FROM_REQUEST,
}


@pytest.mark.parametrize(
    ("reasons", "outcome"),
    [(FORGED, Outcome.NOT_GENUINE), (SAYS_NO, Outcome.NOT_VALID), (OPEN, NOT_CONFIRMED)],
)
def test_the_reason_decides(reasons: dict[Step, ErrorCode], outcome: Outcome) -> None:
    for step, code in reasons.items():
        verdict = _verdict(Check.failed(step, code))
        assert (verdict.outcome, verdict.reason) == (outcome, Reason(code))


def test_the_worse_outranks_the_better_wherever_they_stand() -> None:
    for (step, code), (worse_step, worse) in itertools.chain(
        itertools.product(OPEN.items(), SAYS_NO.items()),
        itertools.product(SAYS_NO.items(), FORGED.items()),
        itertools.product(OPEN.items(), FORGED.items()),
    ):
        if step is not worse_step:
            verdict = _verdict(Check.failed(step, code), Check.failed(worse_step, worse))
            assert verdict.reason == Reason(worse)


def test_a_forged_looking_reason_on_an_unchecked_step_proves_nothing() -> None:
    unchecked = Check.unchecked(Step.ISSUER_SIGNATURE, ErrorCode.SIGNATURE_MISMATCH)
    assert _verdict(unchecked).outcome is NOT_CONFIRMED


def test_a_verdict_has_no_truth_value() -> None:
    for verdict in (_verdict(), Verdict.of(profile=FILE)):
        with pytest.raises(TypeError):
            bool(verdict)


def test_an_empty_profile_would_pass_everything_and_is_refused() -> None:
    with pytest.raises(ValueError, match="profile"):
        Verdict.of(profile=frozenset())


def test_a_verdict_has_all_steps_in_order() -> None:
    for checks in ((), (Check.passed(Step.DECODE),), tuple(Check.passed(s) for s in [*Step][::-1])):
        with pytest.raises(ValueError, match="all steps"):
            Verdict(checks, FILE)


def test_a_step_is_added_later_and_the_first_verdict_stays() -> None:
    first = Verdict.of(
        *(Check.passed(step) for step in LICENCE_CODE_ONLINE - {Step.LIVE_REGISTER}),
        profile=LICENCE_CODE_ONLINE,
    )
    second = first.with_check(Check.passed(Step.LIVE_REGISTER))
    assert (first.outcome, second.outcome) == (NOT_CONFIRMED, Outcome.VALID)
    assert second.check(Step.LIVE_REGISTER).status is CheckStatus.PASSED


def test_steps_are_numbered_and_named_in_both_languages() -> None:
    assert [step.value for step in Step] == list(range(1, 10))
    assert [step.wire for step in Step] == [
        "decode",
        "trust_chain",
        "issuer_signature",
        "digests",
        "validity",
        "holder_binding",
        "status",
        "request_match",
        "live_register",
    ]
    assert len({step.zh for step in Step}) == len({step.en for step in Step}) == len(Step)


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("code", [None, *ErrorCode])
def test_there_is_always_something_to_do(outcome: Outcome, code: ErrorCode | None) -> None:
    advice = advice_for(outcome, code)
    assert advice.zh.endswith("。")
    assert advice.en.endswith(".")


def test_what_is_forged_is_never_to_be_tried_again() -> None:
    for step, code in FORGED.items():
        assert "Do not accept" in _verdict(Check.failed(step, code)).what_to_do.en


def test_cannot_confirm_never_says_that_the_licence_is_bad() -> None:
    for code in (ErrorCode.UNKNOWN_ISSUER, ErrorCode.STATUS_UNDETERMINED, ErrorCode.CODE_EXPIRED):
        advice = advice_for(NOT_CONFIRMED, code)
        assert "Do not accept" not in advice.en
