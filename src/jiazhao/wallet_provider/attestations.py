"""What is attested of our own wallet and of its keys, pure.

Sources: OpenID4VCI 1.0 appendix E and OAuth 2.0 Attestation-Based Client Authentication (drafts
07 to 10), section 5.1, for a wallet; OpenID4VCI 1.0 appendix D for keys; HAIP 1.0 sections 4.4.1
and 4.5.1 for how the signer is named.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm

from jiazhao.credentials import jose
from jiazhao.credentials.chain import read_certificate
from jiazhao.credentials.signing import PublicKey, Signer
from jiazhao.errors import AccessError, ErrorCode, JiazhaoError

CLIENT_TYPE: Final = "oauth-client-attestation+jwt"
KEY_TYPE: Final = "key-attestation+jwt"
REQUEST_TYPE: Final = "jiazhao-attestation-request+jwt"
"""A proof by the key that asks to be vouched for."""

CLIENT_SECONDS: Final = 24 * 3600
"""Of a client attestation: short, because it names no status list that could withdraw it."""

KEY_SECONDS: Final = 300
"""Of a key attestation: it is made for one request, and its nonce lives no longer."""

MAX_PROOF_AGE_SECONDS: Final = 60
"""A proof is made for one request."""

MAX_PROOF_AHEAD_SECONDS: Final = 60
"""Phones' clocks run fast by up to a minute."""

MAX_PROOF_CHARS: Final = 2048
MAX_NONCE_CHARS: Final = 256

BROWSER_KEY: Final = "urn:jiazhao:key-storage:browser-software"
"""Where our wallet's keys are kept. The values iso_18045_* of appendix D.2 tell what an evaluation
by ISO 18045 has found; a browser was never evaluated, so none of them is true, iso_18045_basic
neither. The appendix takes other values, and an issuer that asks for one of those refuses this.

Nothing is said of `user_authentication`: the page asks for a PIN or a passkey before it shows a
licence, but the key itself signs without."""

WALLET_NAME: Final = "电子驾驶证网页钱包 · Driving licence web wallet"


@dataclass(frozen=True, slots=True)
class Asked:
    """A proven request: the key, and the nonce of the issuer where keys are to be vouched for."""

    key: PublicKey
    nonce: str | None


def read_request(proof: str, *, expected_audience: str, now: datetime) -> Asked:
    """Verify that the sender holds the key that it names, just now and for us.

    Raises `AccessError`: 1 form, type, signature by the key in `jwk` · 2 audience · 3 time ·
    4 nonce.
    """
    # 1
    if len(proof) > MAX_PROOF_CHARS:
        raise refused("too long")
    try:
        key, claims = jose.verify_proof(proof, expected_typ=REQUEST_TYPE)
    except JiazhaoError as error:
        raise refused("not signed by the key that it names") from error
    # 2
    if claims.get("aud") != expected_audience:
        raise refused("for another provider")
    # 3
    made = claims.get("iat")
    if isinstance(made, bool) or not isinstance(made, int | float):
        raise refused("no iat")
    if not -MAX_PROOF_AHEAD_SECONDS <= now.timestamp() - made <= MAX_PROOF_AGE_SECONDS:
        raise refused("too old, or from a clock that runs ahead")
    # 4
    nonce = claims.get("nonce")
    if nonce is not None and not (isinstance(nonce, str) and 0 < len(nonce) <= MAX_NONCE_CHARS):
        raise refused("nonce is not a text")
    return Asked(key, nonce)


def attest_client(key: PublicKey, *, client_id: str, signer: Signer, now: datetime) -> str:
    """Say that an instance of the wallet `client_id` has this key."""
    at = int(now.timestamp())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "iat": at,
        "exp": at + CLIENT_SECONDS,
        "cnf": {"jwk": key.to_jwk()},
        "wallet_name": WALLET_NAME,
        "wallet_link": client_id,
    }
    return jose.sign(claims, signer, typ=CLIENT_TYPE, with_chain=True)


def attest_keys(keys: Sequence[PublicKey], *, nonce: str, signer: Signer, now: datetime) -> str:
    """Say where these keys are kept, for the request that `nonce` belongs to."""
    at = int(now.timestamp())
    claims = {
        "iat": at,
        "exp": at + KEY_SECONDS,
        "attested_keys": [key.to_jwk() for key in keys],
        "key_storage": [BROWSER_KEY],
        "nonce": nonce,
    }
    return jose.sign(claims, signer, typ=KEY_TYPE, with_chain=True)


def read_own(
    attestation: str, *, key: PublicKey, providers: frozenset[bytes], now: datetime, age: timedelta
) -> None:
    """Verify that we vouched for this key at most `age` ago, or raise `AccessError`.

    `providers` are our keys that vouch or vouched. An attestation that has expired may be taken:
    how old it may be is the caller's to say.
    """
    try:
        token = jose.parse(attestation, expected_typ=CLIENT_TYPE)
        signer = PublicKey.of(read_certificate(token.chain()[0]).public_key())
        if signer.point not in providers:
            raise refused("not an attestation of this provider")
        claims = token.verify(signer)
    except AccessError:
        raise
    except (JiazhaoError, ValueError, UnsupportedAlgorithm) as error:
        raise refused("not an attestation of this provider") from error
    # From here on it says what `attest_client` wrote.
    if PublicKey.from_jwk(claims["cnf"]["jwk"]) != key:
        raise refused("of another key")
    if now.timestamp() - claims["iat"] > age.total_seconds():
        raise refused("from too long ago")


def refused(reason: str) -> AccessError:
    """Why nothing is attested; the reason is for the wallet's makers."""
    return AccessError(ErrorCode.NOT_VOUCHED_FOR, reason=reason)
