"""Nonces for key proofs (OpenID4VCI 1.0 section 7): fresh, ours, and used once by a holder.

A nonce carries its own expiry and our mark, so handing them out writes nothing and a flood of
requests fills no table; that it is used once is recorded when it is used.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from jiazhao.credentials.signing import read_base64url, write_base64url
from jiazhao.errors import UnreadableError

_RANDOM = 16
_TIME = 6
_MARK = 16


@dataclass(frozen=True, slots=True)
class Nonces:
    """Makes and recognises nonces; `seconds` is how long one lives."""

    key: bytes
    seconds: int

    def make(self, random: bytes, now: datetime) -> str:
        """A nonce from 16 random bytes."""
        body = random[:_RANDOM] + int(now.timestamp()).to_bytes(_TIME, "big")
        return write_base64url(body + self._mark(body))

    def is_live(self, nonce: str, now: datetime) -> bool:
        """Whether we made it and it has not lapsed."""
        try:
            # One spelling only: "used before" must not be evaded by writing it otherwise.
            octets = read_base64url(nonce, "c_nonce")
        except UnreadableError:
            return False
        body, mark = octets[:-_MARK], octets[-_MARK:]
        if len(body) != _RANDOM + _TIME or not hmac.compare_digest(mark, self._mark(body)):
            return False
        made = int.from_bytes(body[_RANDOM:], "big")
        return 0 <= now.timestamp() - made < self.seconds

    def _mark(self, body: bytes) -> bytes:
        return hmac.digest(self.key, b"c_nonce" + body, hashlib.sha256)[:_MARK]
