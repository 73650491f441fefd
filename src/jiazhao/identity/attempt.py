"""A sign-in under way, kept by the browser and not by us.

The provider carries the sealed `state` there and back; a cookie holds a secret that never
leaves the browser and us. The state opens only with that cookie, and the nonce and the verifier
of PKCE (RFC 7636) come from both. So starting a sign-in writes nothing, a state that leaks
through a log or a referrer is of no use, and an answer cannot be moved to another browser.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec
import pybase64
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from jiazhao.errors import ErrorCode
from jiazhao.identity.refusal import SignInRefusedError

ATTEMPT_SECONDS = 600
"""Long enough for a face check on another device, short enough to be forgotten."""

MAX_STATE_CHARS = 2048
MAX_RETURN_CHARS = 512
SECRET_BYTES = 32
NONCE_BYTES = 12

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
_LOCAL_PATH = re.compile(r"/(?!/)[A-Za-z0-9\-._~!$&'()*+,;=:@%/?#]*")
"""One slash, then only what a path, query and fragment may hold: no host, no backslash."""


class Attempt(msgspec.Struct, frozen=True, array_like=True):
    """What was asked for when the sign-in began."""

    app: str
    return_to: str
    fresh: bool
    begun_at: int

    @property
    def begun(self) -> datetime:
        """When it began, to the second."""
        return datetime.fromtimestamp(self.begun_at, UTC)


@dataclass(frozen=True, slots=True)
class Secrets:
    """What only the browser that began and we can know."""

    nonce: str
    verifier: str

    @property
    def challenge(self) -> str:
        """`code_challenge` of method S256."""
        return _base64url(hashlib.sha256(self.verifier.encode()).digest())


def local_path(text: str | None) -> str:
    """`text` if it is a path of this origin, else the start page."""
    if text and len(text) <= MAX_RETURN_CHARS and _LOCAL_PATH.fullmatch(text):
        return text
    return "/"


def is_secret(text: str | None) -> bool:
    """Whether a cookie could be one of ours, so that a second tab shares it."""
    return text is not None and _SECRET.fullmatch(text) is not None


def encode_secret(octets: bytes) -> str:
    """The cookie's value for 32 random bytes."""
    return _base64url(octets)


def seal(key: bytes, attempt: Attempt, *, secret: str, nonce: bytes) -> str:
    """The `state` for `attempt`; `nonce` is 12 fresh random bytes."""
    sealed = AESGCM(key).encrypt(nonce, msgspec.json.encode(attempt), _bound_to(secret))
    return _base64url(nonce + sealed)


def unseal(key: bytes, state: str | None, *, secret: str | None, now: datetime) -> Attempt:
    """Open a `state` that came back; raises `SignInRefusedError`."""
    if not state or len(state) > MAX_STATE_CHARS or secret is None or not is_secret(secret):
        raise _lapsed("state_or_cookie_missing")
    try:
        padded = state + "=" * (-len(state) % 4)
        # The standard letters are changed for one that is refused: the library warns of them.
        octets = pybase64.b64decode(padded.translate(_NOT_URLSAFE), altchars=b"-_", validate=True)
        opened = AESGCM(key).decrypt(octets[:NONCE_BYTES], octets[NONCE_BYTES:], _bound_to(secret))
        attempt = msgspec.json.decode(opened, type=Attempt)
    except (ValueError, InvalidTag, msgspec.MsgspecError) as error:
        raise _lapsed("state_of_another_browser") from error
    if _base64url(octets) != state:
        # One state has one spelling, or it could be used once in each.
        raise _lapsed("state_respelt")
    if now - attempt.begun >= timedelta(seconds=ATTEMPT_SECONDS):
        raise _lapsed("state_lapsed")
    return attempt


def secrets_of(state: str, secret: str) -> Secrets:
    """The nonce and the verifier of one sign-in."""
    return Secrets(_derive(secret, "nonce", state), _derive(secret, "verifier", state))


def _derive(secret: str, use: str, state: str) -> str:
    return _base64url(hmac.digest(secret.encode(), f"{use}\0{state}".encode(), hashlib.sha256))


def _bound_to(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


_NOT_URLSAFE = str.maketrans("+/", "!!")


def _base64url(octets: bytes) -> str:
    return pybase64.urlsafe_b64encode(octets).decode().rstrip("=")


def _lapsed(step: str) -> SignInRefusedError:
    return SignInRefusedError(step, ErrorCode.SIGN_IN_LAPSED)
