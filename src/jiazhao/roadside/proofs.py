"""Proofs that a request comes from a terminal: a JWT signed by its key, which cannot leave it.

Pure; that a proof comes once is for the store to say.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from jiazhao.credentials import jose
from jiazhao.credentials.signing import PublicKey
from jiazhao.errors import AccessError, ErrorCode, JiazhaoError

REGISTRATION_TYPE: Final = "jiazhao-terminal+jwt"
SHIFT_TYPE: Final = "jiazhao-shift+jwt"
RECORDS_TYPE: Final = "jiazhao-records+jwt"

MAX_AGE_SECONDS: Final = 300
"""A proof is made for one request."""
MAX_AHEAD_SECONDS: Final = 60
"""A terminal's clock may run ahead by this much; it learns the right time with the answer."""

_MAX_CHARS: Final = 4096
_MAX_JTI_CHARS: Final = 128


@dataclass(frozen=True, slots=True)
class TerminalProof:
    """What was signed, not yet believed: which terminal it says it is, and the signature."""

    token: jose.Token
    audience: str
    now: datetime

    @classmethod
    def read(cls, proof: str, *, typ: str, audience: str, now: datetime) -> "TerminalProof":
        """Take a proof apart, or raise `AccessError` (TERMINAL_PROOF_REFUSED)."""
        try:
            return cls(jose.parse(proof, expected_typ=typ, max_chars=_MAX_CHARS), audience, now)
        except JiazhaoError as error:
            raise _refused("form") from error

    @property
    def terminal_id(self) -> str:
        """Which terminal it says it is."""
        return str(self.token.claims.get("terminal_id", ""))

    def verify(self, key: PublicKey, **claims: Any) -> bytes:
        """Return the name under which it may come once; raises `AccessError`.

        1 the key's signature · 2 audience and the claims named · 3 time · 4 name.
        """
        # 1
        try:
            said = self.token.verify(key)
        except JiazhaoError as error:
            raise _refused("signature") from error
        # 2
        for name, value in {"aud": self.audience, **claims}.items():
            if said.get(name) != value:
                raise _refused(name)
        # 3
        made = said.get("iat")
        if isinstance(made, bool) or not isinstance(made, int | float):
            raise _refused("iat")
        if not -MAX_AHEAD_SECONDS <= self.now.timestamp() - made <= MAX_AGE_SECONDS:
            raise _refused("iat")
        # 4
        jti = said.get("jti")
        if not isinstance(jti, str) or not 0 < len(jti) <= _MAX_JTI_CHARS:
            raise _refused("jti")
        return sha256(f"terminal\0{key.thumbprint()}\0{jti}".encode()).digest()


def _refused(what: str) -> AccessError:
    return AccessError(ErrorCode.TERMINAL_PROOF_REFUSED, what=what)
