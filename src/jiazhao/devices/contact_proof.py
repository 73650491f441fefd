"""What a device shows when it comes by itself: a JWT signed by its device key (pure).

Nobody is signed in: whoever holds the key may know that it lives and which keys enforcement uses,
and nothing of the person. The number and the counter make a second device with the same key
notice itself.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from jiazhao.credentials import jose
from jiazhao.errors import ErrorCode, JiazhaoError

PROOF_TYPE: Final = "jiazhao-contact+jwt"
MAX_PROOF_CHARS: Final = 2048
"""One has about 500 characters."""

MAX_AGE_SECONDS: Final = 600
"""A proof is made for one contact; an answer that was lost is asked for with a new one."""

MAX_AHEAD_SECONDS: Final = 60
"""Phones' clocks run fast by up to a minute."""

MAX_NUMBER: Final = (1 << 53) - 1
"""What a browser holds exactly."""

_JTI_CHARS: Final = range(16, 65)
_MAX_LABEL_CHARS: Final = 64


@dataclass(frozen=True, slots=True)
class ContactProof:
    """A proof whose signature, audience and time hold."""

    thumbprint: str
    """Of the device key that made it."""
    made_at: int
    digest: bytes
    """Of its `jti`: the same again is the same contact, asked for once more."""
    number: int
    """The number that the last answer told, 0 at first."""
    counter: int
    """Above that of every licence code made before, and of every other contact."""
    label: str | None
    """What the device calls itself."""


def read_contact(proof: str, *, expected_audience: str, now: datetime) -> ContactProof:
    """Verify a proof, or raise `JiazhaoError` (CONTACT_REFUSED)."""
    try:
        key, claims = jose.verify_proof(proof, expected_typ=PROOF_TYPE)
    except JiazhaoError as error:
        raise _refused("jwt") from error
    if claims.get("aud") != expected_audience:
        raise _refused("aud")
    made_at = _number(claims.get("iat"), "iat")
    if not -MAX_AHEAD_SECONDS <= now.timestamp() - made_at <= MAX_AGE_SECONDS:
        raise _refused("iat")
    jti = claims.get("jti")
    if not isinstance(jti, str) or len(jti) not in _JTI_CHARS:
        raise _refused("jti")
    label = claims.get("label")
    if label is not None and not (isinstance(label, str) and _is_printable(label)):
        raise _refused("label")
    return ContactProof(
        key.thumbprint(),
        made_at,
        hashlib.sha256(jti.encode("utf-8", "surrogatepass")).digest(),
        _number(claims.get("n"), "n"),
        _number(claims.get("counter"), "counter"),
        label,
    )


def _number(value: object, what: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_NUMBER:
        raise _refused(what)
    return value


def _is_printable(label: str) -> bool:
    return 0 < len(label) <= _MAX_LABEL_CHARS and label.isprintable()


def _refused(reason: str) -> JiazhaoError:
    return JiazhaoError(ErrorCode.CONTACT_REFUSED, reason=reason)
