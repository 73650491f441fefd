"""Proofs of possession of the key that a token is bound to (RFC 9449), pure.

A token that was asked for with a proof works only with proofs of the same key. A proof is for
one method, one address and, where it comes with a token, for that token; it names a fresh
nonce of ours. That it comes once is for the store to say.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from urllib.parse import urlsplit

from jiazhao.credentials import jose
from jiazhao.credentials.signing import write_base64url
from jiazhao.errors import JiazhaoError
from jiazhao.issuance.nonces import Nonces
from jiazhao.issuance.protocol import ProtocolError, WireError

PROOF_TYPE = "dpop+jwt"
ALGORITHMS = ("ES256",)

MAX_AGE_SECONDS = 300
"""As old as a nonce may be: a proof is made for one request."""

MAX_AHEAD_SECONDS = 60
"""Phones' clocks run fast by up to a minute."""

MAX_PROOF_CHARS = 4096
MAX_JTI_CHARS = 128

_DEFAULT_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class DpopProof:
    """A verified proof: the key that made it, and the name under which it may come once."""

    thumbprint: str
    digest: bytes


def read_dpop(
    proof: str,
    *,
    expected_method: str,
    expected_url: str,
    nonces: Nonces,
    now: datetime,
    access_token: str | None = None,
) -> DpopProof:
    """Verify a proof as RFC 9449 section 4.3 lists it, or raise `ProtocolError`.

    1 form, type, the key in `jwk`, its signature · 2 method and address · 3 the token, where
    there is one · 4 time · 5 name · 6 nonce.
    """
    # 1
    if len(proof) > MAX_PROOF_CHARS:
        raise _refused("The proof is too long.")
    try:
        key, claims = jose.verify_proof(proof, expected_typ=PROOF_TYPE)
    except JiazhaoError as error:
        raise _refused(
            "The proof is not a JWT of type dpop+jwt, signed with ES256 by the key in jwk."
        ) from error
    # 2
    if claims.get("htm") != expected_method:
        raise _refused("The proof is for another method.")
    if _normal(claims.get("htu")) != _normal(expected_url):
        raise _refused("The proof is for another address.")
    # 3
    if access_token is not None and claims.get("ath") != token_hash(access_token):
        raise _refused("The proof is for another access token.")
    # 4
    made = claims.get("iat")
    if isinstance(made, bool) or not isinstance(made, int | float):
        raise _refused("The proof has no iat.")
    if not -MAX_AHEAD_SECONDS <= now.timestamp() - made <= MAX_AGE_SECONDS:
        raise _refused("The proof is too old, or from a clock that runs ahead.")
    # 5
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= MAX_JTI_CHARS:
        raise _refused("The proof has no jti.")
    # 6
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not nonces.is_live(nonce, now):
        raise ProtocolError(WireError.USE_DPOP_NONCE, "A nonce of this server is needed.")
    thumbprint = key.thumbprint()
    return DpopProof(thumbprint, sha256(f"dpop\0{thumbprint}\0{jti}".encode()).digest())


def token_hash(access_token: str) -> str:
    """The `ath` of a token (RFC 9449 section 4.2)."""
    return write_base64url(sha256(access_token.encode()).digest())


def _normal(url: object) -> tuple[str, str, int | None, str] | None:
    """What of an address counts: without query and fragment, host and scheme in lower case."""
    if not isinstance(url, str):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if not parts.hostname or parts.username is not None:
        return None
    return (
        parts.scheme,
        parts.hostname,
        port or _DEFAULT_PORTS.get(parts.scheme),
        parts.path or "/",
    )


def _refused(description: str) -> ProtocolError:
    return ProtocolError(WireError.INVALID_DPOP_PROOF, description)
