"""Checking a licence code with the register at hand: the pure part, steps 1 and 6.

Whose device key it is, whether the code was used before, and step 9 are the register's to say.
"""

from datetime import datetime, timedelta
from typing import Final

from jiazhao.credentials.licence_code_1 import LicenceCode, parse_code
from jiazhao.credentials.signing import PublicKey
from jiazhao.errors import ErrorCode, UnreadableError, VerificationError
from jiazhao.presentation.steps import LICENCE_CODE_1, CheckStatus, Step
from jiazhao.presentation.verdict import Check, Verdict

CODE_LIFE: Final = timedelta(seconds=60)
CLOCK_SKEW: Final = timedelta(seconds=30)
"""docs/specs/licence-code.md, "Checking"."""


def verify_licence_code(
    text: str,
    *,
    now: datetime,
    device_key: PublicKey | None,
    last_counter: int = 0,
    life: timedelta = CODE_LIFE,
    skew: timedelta = CLOCK_SKEW,
) -> Verdict:
    """Check the text of a code; step 9 is added by who asks the register.

    `device_key` is the key of the instance that the code names, None if there is none;
    `last_counter` the highest counter used with that key, 0 if none was. The plan:

    1. Decode: our format, this version, its one encoding.
    6. Holder binding: that device signed it, now, and it was not used.
    """
    # 1. Decode: our format, this version, its one encoding.
    try:
        code = parse_code(text)
    except UnreadableError as error:
        return Verdict.of(
            Check.failed(Step.DECODE, ErrorCode.UNKNOWN_FORMAT, **error.values),
            profile=LICENCE_CODE_1,
        )
    # 6. Holder binding: that device signed it, now, and it was not used.
    if device_key is None:
        holder = Check.failed(Step.HOLDER_BINDING, ErrorCode.UNKNOWN_DEVICE_KEY)
    else:
        holder = check_code_holder(code, key=device_key, now=now, life=life, skew=skew)
    if holder.status is CheckStatus.PASSED and code.counter <= last_counter:
        holder = Check.failed(Step.HOLDER_BINDING, ErrorCode.CODE_USED)
    return Verdict.of(Check.passed(Step.DECODE), holder, profile=LICENCE_CODE_1)


def check_code_holder(
    code: LicenceCode, *, key: PublicKey, now: datetime, life: timedelta, skew: timedelta
) -> Check:
    """Take step 6 but for the counter: this device signed the code, and not long ago."""
    try:
        code.verify(key)
    except VerificationError as error:
        return Check.failed(Step.HOLDER_BINDING, error.code)
    age = now.timestamp() - code.time
    if age > (life + skew).total_seconds():
        return Check.failed(Step.HOLDER_BINDING, ErrorCode.CODE_EXPIRED)
    if age < -skew.total_seconds():
        return Check.failed(Step.HOLDER_BINDING, ErrorCode.CODE_FROM_THE_FUTURE)
    return Check.passed(Step.HOLDER_BINDING)
