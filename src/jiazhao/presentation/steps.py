"""The steps of a check, what may become of each, and which steps a kind of check demands."""

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from typing import Final


class Step(IntEnum):
    """The steps of a check, numbered alike in Python and in the browser."""

    DECODE = 1
    TRUST_CHAIN = 2
    ISSUER_SIGNATURE = 3
    DIGESTS = 4
    VALIDITY = 5
    HOLDER_BINDING = 6
    STATUS = 7
    REQUEST_MATCH = 8
    LIVE_REGISTER = 9

    @property
    def wire(self) -> str:
        """The name as programs see it."""
        return self.name.lower()

    @property
    def zh(self) -> str:
        """The name in Chinese."""
        return _NAMES[self][0]

    @property
    def en(self) -> str:
        """The name in English."""
        return _NAMES[self][1]


_NAMES: Final[Mapping[Step, tuple[str, str]]] = {
    Step.DECODE: ("读取数据", "Data read"),
    Step.TRUST_CHAIN: ("签发机关可信", "Issuer trusted"),
    Step.ISSUER_SIGNATURE: ("签发机关签名", "Issuer's signature"),
    Step.DIGESTS: ("内容未被改动", "Content unchanged"),
    Step.VALIDITY: ("有效期", "Validity"),
    Step.HOLDER_BINDING: ("持证人设备", "Holder's device"),
    Step.STATUS: ("发布的状态", "Published status"),
    Step.REQUEST_MATCH: ("与请求一致", "Matches the request"),
    Step.LIVE_REGISTER: ("登记系统", "Live register"),
}

Profile = frozenset[Step]
"""The steps that a kind of check demands."""

FILE: Final[Profile] = frozenset(Step) - {Step.REQUEST_MATCH, Step.LIVE_REGISTER}
"""A presentation kept as a file: nobody asked for it, and no register is at hand."""
ISSUED_COPY: Final[Profile] = frozenset(
    {Step.DECODE, Step.TRUST_CHAIN, Step.ISSUER_SIGNATURE, Step.DIGESTS, Step.VALIDITY}
)
"""A wallet checks what it was just issued: no holder shows anything to anyone."""
KEPT_COPY: Final[Profile] = ISSUED_COPY | {Step.STATUS}
"""A copy out of the issuer's own store, with its published status: its holder is not there."""
REMOTE: Final[Profile] = frozenset(Step) - {Step.LIVE_REGISTER}
"""OpenID4VP: an answer to a relying party's request."""
LICENCE_CODE_ONLINE: Final[Profile] = frozenset(
    {
        Step.DECODE,
        Step.TRUST_CHAIN,
        Step.ISSUER_SIGNATURE,
        Step.HOLDER_BINDING,
        Step.LIVE_REGISTER,
    }
)
"""An officer's check with the register at hand, which stands for what was signed days ago."""
LICENCE_CODE_OFFLINE: Final[Profile] = frozenset(
    {
        Step.DECODE,
        Step.TRUST_CHAIN,
        Step.ISSUER_SIGNATURE,
        Step.VALIDITY,
        Step.HOLDER_BINDING,
        Step.STATUS,
    }
)
"""An officer's check by light alone, with the country's snapshot for the status."""
LOOKUP: Final[Profile] = frozenset({Step.LIVE_REGISTER})
"""An officer's look-up without the phone."""


class CheckStatus(StrEnum):
    """What became of one step."""

    PASSED = "passed"
    FAILED = "failed"
    UNCHECKED = "unchecked"


class Outcome(StrEnum):
    """The one word for the person, worst first."""

    NOT_GENUINE = "NOT_GENUINE"
    NOT_VALID = "NOT_VALID"
    CANNOT_CONFIRM = "CANNOT_CONFIRM"
    VALID = "VALID"
