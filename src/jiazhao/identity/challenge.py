"""Challenges that an authenticator or a device key signs, kept by the browser and not by us.

Asking for one writes nothing: its own octets say when it was made and, under our key, for what
and for whom. That it is used once is noted when it comes back.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from jiazhao.errors import AccessError, ErrorCode

CHALLENGE_SECONDS = 300
"""The time that Web Authentication Level 2, section 5.4, recommends where a person is verified."""

NONCE_OCTETS = 16
_TIME_OCTETS = 8
_MAC_OCTETS = 32
CHALLENGE_OCTETS = NONCE_OCTETS + _TIME_OCTETS + _MAC_OCTETS


class Purpose(StrEnum):
    """What a signature over the challenge will say; one says nothing in the place of another."""

    REGISTER_PASSKEY = "register_passkey"
    SIGN_IN_WITH_PASSKEY = "sign_in_with_passkey"
    SECOND_FACTOR = "second_factor"
    REGISTER_PIN_KEY = "register_pin_key"
    SIGN_IN_WITH_PIN = "sign_in_with_pin"


@dataclass(frozen=True, slots=True)
class Asked:
    """For what a challenge is good: at which origin, and for which account, once that is known."""

    purpose: Purpose
    app: str
    account_id: str = ""


def make(key: bytes, asked: Asked, *, nonce: bytes, now: datetime) -> bytes:
    """A fresh challenge; `nonce` is 16 random octets."""
    made = nonce + int(now.timestamp()).to_bytes(_TIME_OCTETS, "big")
    return made + _mac(key, asked, made)


def check(key: bytes, challenge: bytes, asked: Asked, *, now: datetime) -> None:
    """Raise `AccessError` unless we made this challenge, for this, a short while ago."""
    made, mac = challenge[:-_MAC_OCTETS], challenge[-_MAC_OCTETS:]
    if len(challenge) != CHALLENGE_OCTETS or not hmac.compare_digest(mac, _mac(key, asked, made)):
        raise AccessError(ErrorCode.CHALLENGE_LAPSED)
    at = datetime.fromtimestamp(int.from_bytes(made[NONCE_OCTETS:], "big"), UTC)
    if not timedelta(seconds=-1) < now - at < timedelta(seconds=CHALLENGE_SECONDS):
        raise AccessError(ErrorCode.CHALLENGE_LAPSED)


def _mac(key: bytes, asked: Asked, made: bytes) -> bytes:
    bound = "\0".join((asked.purpose, asked.app, asked.account_id)).encode()
    return hmac.digest(key, bound + b"\0" + made, hashlib.sha256)
