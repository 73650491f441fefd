"""Checking licence codes: fresh, unused, and signed by the device."""

from datetime import timedelta

import pytest

from jiazhao.credentials.licence_code_1 import PREFIX, sign_code
from jiazhao.credentials.signing import PublicKey
from jiazhao.errors import ErrorCode
from jiazhao.presentation.steps import CheckStatus, Outcome, Step
from jiazhao.presentation.verdict import Check, Verdict
from jiazhao.presentation.verify_code_1 import verify_licence_code
from vectors.make import DEVICE, INSTANCE, NOW, STRANGER

CODE = sign_code(
    DEVICE, instance=INSTANCE, time=int(NOW.timestamp()), counter=8, nonce=bytes(range(8))
)


def _verify(
    text: str = CODE,
    *,
    seconds: float = 0,
    device_key: PublicKey | None = DEVICE.public,
    last_counter: int = 7,
) -> Verdict:
    return verify_licence_code(
        text,
        now=NOW + timedelta(seconds=seconds),
        device_key=device_key,
        last_counter=last_counter,
    )


def test_a_fresh_code_is_valid_once_the_register_agrees() -> None:
    verdict = _verify()
    assert verdict.outcome is Outcome.CANNOT_CONFIRM, "the register was not asked"
    assert verdict.with_check(Check.passed(Step.LIVE_REGISTER)).outcome is Outcome.VALID


def _reason(verdict: Verdict) -> ErrorCode:
    assert verdict.reason is not None
    return verdict.reason.code


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (-31, ErrorCode.CODE_FROM_THE_FUTURE),
        (-30, None),
        (60, None),
        (90, None),
        (91, ErrorCode.CODE_EXPIRED),
        (86_400, ErrorCode.CODE_EXPIRED),
    ],
)
def test_a_code_lives_a_minute_with_half_a_minute_of_skew(
    seconds: float, code: ErrorCode | None
) -> None:
    verdict = _verify(seconds=seconds)
    holder = verdict.check(Step.HOLDER_BINDING)
    assert (holder.reason.code if holder.reason else None) is code
    assert verdict.outcome is Outcome.CANNOT_CONFIRM


@pytest.mark.parametrize("last_counter", [8, 9, 1 << 60])
def test_a_counter_that_does_not_rise_was_used(last_counter: int) -> None:
    verdict = _verify(last_counter=last_counter)
    assert (verdict.outcome, _reason(verdict)) == (Outcome.CANNOT_CONFIRM, ErrorCode.CODE_USED)


def test_a_code_of_another_device_is_not_genuine_even_if_old_and_used() -> None:
    verdict = _verify(device_key=STRANGER.public, seconds=1000, last_counter=99)
    assert verdict.outcome is Outcome.NOT_GENUINE
    assert _reason(verdict) is ErrorCode.HOLDER_SIGNATURE_MISMATCH


def test_a_code_of_no_known_instance_cannot_be_confirmed() -> None:
    verdict = _verify(device_key=None)
    assert verdict.outcome is Outcome.CANNOT_CONFIRM
    assert _reason(verdict) is ErrorCode.UNKNOWN_DEVICE_KEY


@pytest.mark.parametrize("text", ["", PREFIX, "https://example.com", CODE[:-1], CODE + "A", "王"])
def test_what_is_no_code_says_nothing_against_the_holder(text: str) -> None:
    verdict = _verify(text)
    assert verdict.outcome is Outcome.CANNOT_CONFIRM
    assert _reason(verdict) is ErrorCode.UNKNOWN_FORMAT
    assert verdict.check(Step.HOLDER_BINDING).status is CheckStatus.UNCHECKED
