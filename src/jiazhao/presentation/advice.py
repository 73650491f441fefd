"""What the person who checks should do now, in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from jiazhao.errors import ErrorCode
from jiazhao.presentation.steps import Outcome


@dataclass(frozen=True, slots=True)
class Advice:
    """One instruction in Chinese and in English."""

    zh: str
    en: str


_PRESENT_AGAIN: Final = Advice(
    "请让驾驶人重新出示；仍不成功时使用人工查询。",
    "Ask the driver to present again. If that fails, use the manual look-up.",
)
_CHECK_THE_CLOCKS: Final = Advice(
    "请核对手机和本机的时间，再让驾驶人重新出示。",
    "Compare the clocks of the phone and of this device, then ask the driver to present again.",
)
_UPDATE_TRUST: Final = Advice(
    "请联网更新信任名单后重试，或使用人工查询。这不代表证件无效。",
    "Go online to update the trust list and retry, or use the manual look-up. "
    "This does not mean the licence is invalid.",
)
_ASK_THE_REGISTER: Final = Advice(
    "请联网后重试，或使用人工查询。这不代表证件无效。",
    "Go online and retry, or use the manual look-up. This does not mean the licence is invalid.",
)
_ASK_AGAIN: Final = Advice(
    "请重新发出请求，并让对方按请求出示。",
    "Send the request again and ask for an answer to it.",
)
_REFRESH_THE_COPY: Final = Advice(
    "请让驾驶人联网更新电子驾驶证后重新出示，或使用人工查询。",
    "Ask the driver to go online, refresh the electronic licence and present again, "
    "or use the manual look-up.",
)
_OPEN_A_SHIFT: Final = Advice(
    "请联网开始新的班次后重试，或使用人工查询。这不代表证件无效。",
    "Go online, open a new shift and retry, or use the manual look-up. "
    "This does not mean the licence is invalid.",
)
_TYPE_THE_DIGITS: Final = Advice(
    "请让驾驶人在手机上输入本机显示的四位数字，再重新出示。",
    "Ask the driver to type the four digits that this device shows, then to present again.",
)
_COMPARE_THE_FACE: Final = Advice(
    "请将照片与本人核对，并选择“一致”或“不一致”。",
    "Compare the photo with the person, then choose whether they are the same.",
)
_WHO_IS_THIS: Final = Advice(
    "请核查本人身份，并使用人工查询。",
    "Check the person's identity, and use the manual look-up.",
)
_CHECK_OUR_CLOCK: Final = Advice(
    "请核对本机的时间，联网后重试。",
    "Check the clock of this device, go online and retry.",
)
_NOT_THIS_COPY: Final = Advice(
    "不要接受这份副本。请让驾驶人联网更新后重新出示，并在登记系统中查询。",
    "Do not accept this copy. Ask the driver to refresh it online and present again, "
    "and ask the register.",
)

_BY_OUTCOME: Final[Mapping[Outcome, Advice]] = {
    Outcome.NOT_GENUINE: Advice(
        "不要接受。请核查本人身份，并在登记系统中查询。",
        "Do not accept. Check the person's identity and ask the register.",
    ),
    Outcome.NOT_VALID: Advice(
        "此证现在不能作为准予驾驶的凭证。请按登记系统的状态处理。",
        "It does not permit driving now. Act on the state in the register.",
    ),
    Outcome.CANNOT_CONFIRM: _ASK_THE_REGISTER,
    Outcome.VALID: Advice(
        "请将照片与本人核对。",
        "Compare the photo with the person.",
    ),
}

_BY_REASON: Final[Mapping[ErrorCode, Advice]] = {
    ErrorCode.UNKNOWN_FORMAT: _PRESENT_AGAIN,
    ErrorCode.UNREADABLE: _PRESENT_AGAIN,
    ErrorCode.UNKNOWN_ISSUER: _UPDATE_TRUST,
    ErrorCode.BAD_SIGNER_CERTIFICATE: _UPDATE_TRUST,
    ErrorCode.SIGNER_OUTSIDE_VALIDITY: _UPDATE_TRUST,
    ErrorCode.SIGNER_COMPROMISED: _NOT_THIS_COPY,
    ErrorCode.NOT_YET_VALID: _REFRESH_THE_COPY,
    ErrorCode.LAPSED: _REFRESH_THE_COPY,
    ErrorCode.STATUS_ENDED: _NOT_THIS_COPY,
    ErrorCode.NOTHING_DISCLOSED: _PRESENT_AGAIN,
    ErrorCode.HOLDER_NOT_SHOWN: _PRESENT_AGAIN,
    ErrorCode.ANSWER_DIFFERS_FROM_REQUEST: _ASK_AGAIN,
    ErrorCode.ANSWER_TO_ANOTHER_REQUEST: _ASK_AGAIN,
    ErrorCode.CODE_EXPIRED: _PRESENT_AGAIN,
    ErrorCode.CODE_USED: _PRESENT_AGAIN,
    ErrorCode.CODE_FROM_THE_FUTURE: _CHECK_THE_CLOCKS,
    ErrorCode.UNKNOWN_DEVICE_KEY: _REFRESH_THE_COPY,
    ErrorCode.NO_DAY_KEY: _OPEN_A_SHIFT,
    ErrorCode.KEY_OF_ANOTHER_DAY: _REFRESH_THE_COPY,
    ErrorCode.CODE_PART_LAPSED: _REFRESH_THE_COPY,
    ErrorCode.CODE_PART_FROM_THE_FUTURE: _CHECK_OUR_CLOCK,
    ErrorCode.CHALLENGE_MISSING: _TYPE_THE_DIGITS,
    ErrorCode.CHALLENGE_WRONG: _TYPE_THE_DIGITS,
    ErrorCode.CHALLENGE_NEEDED: _TYPE_THE_DIGITS,
    ErrorCode.BEACON_WRONG: _REFRESH_THE_COPY,
    ErrorCode.COMPARE_FACE: _COMPARE_THE_FACE,
    ErrorCode.FACE_DIFFERS: _WHO_IS_THIS,
    ErrorCode.SNAPSHOT_AHEAD: _CHECK_OUR_CLOCK,
}


def advice_for(outcome: Outcome, reason: ErrorCode | None) -> Advice:
    """Return what to do: what helps with this reason, else what the outcome asks for."""
    if outcome is Outcome.NOT_GENUINE or reason is None:
        return _BY_OUTCOME[outcome]
    return _BY_REASON.get(reason, _BY_OUTCOME[outcome])
