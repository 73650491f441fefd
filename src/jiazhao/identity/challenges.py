"""Challenges at one origin: asked for without a trace, spent once."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from jiazhao.credentials.signing import read_base64url
from jiazhao.errors import AccessError, ErrorCode, JiazhaoError
from jiazhao.identity import challenge, store
from jiazhao.identity.challenge import Asked, Purpose
from jiazhao.identity.service import Identity


@dataclass(frozen=True, slots=True)
class Challenges:
    """What an own key signs; `account_id` is empty where nobody is known yet."""

    identity: Identity
    app: str

    def make(self, purpose: Purpose, account_id: str, now: datetime) -> bytes:
        """A fresh one."""
        return challenge.make(
            self.identity.challenge_key,
            Asked(purpose, self.app, account_id),
            nonce=secrets.token_bytes(challenge.NONCE_OCTETS),
            now=now,
        )

    def spend(self, purpose: Purpose, account_id: str, text: str, now: datetime) -> bytes:
        """The octets of one that came back; `AccessError` unless it is ours, new and for this."""
        try:
            octets = read_base64url(text, "base64url")
        except JiazhaoError as error:
            raise AccessError(ErrorCode.CHALLENGE_LAPSED) from error
        asked = Asked(purpose, self.app, account_id)
        challenge.check(self.identity.challenge_key, octets, asked, now=now)
        digest = hashlib.sha256(octets).digest()
        if not self.identity.database.write(lambda db: store.use_sign_in(db, digest, now)):
            raise AccessError(ErrorCode.CHALLENGE_LAPSED)
        return octets
