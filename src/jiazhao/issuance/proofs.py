"""Key proofs of type `jwt` (OpenID4VCI 1.0 appendix F.1)."""

from dataclasses import dataclass
from datetime import datetime

from jiazhao.credentials import jose
from jiazhao.credentials.signing import PublicKey
from jiazhao.errors import JiazhaoError
from jiazhao.issuance.nonces import Nonces
from jiazhao.issuance.protocol import ProtocolError, WireError

PROOF_TYPE = "openid4vci-proof+jwt"
MAX_AGE_SECONDS = 600
"""A proof is made for one request; more than this is a stored one."""

MAX_AHEAD_SECONDS = 60
"""Phones' clocks run fast by up to a minute."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A verified proof: the key that will be bound, and the nonce that made it fresh."""

    device_key: PublicKey
    thumbprint: str
    nonce: str


def read_proof(proof: str, *, expected_audience: str, nonces: Nonces, now: datetime) -> Proof:
    """Verify a proof of possession, or raise `ProtocolError`.

    1 form, type, exactly one key in `jwk`, and its signature · 2 audience · 3 time · 4 nonce.
    """
    # 1
    try:
        key, claims = jose.verify_proof(proof, expected_typ=PROOF_TYPE)
    except JiazhaoError as error:
        raise _refused(
            "The proof is not a JWT of type openid4vci-proof+jwt, signed by the key in jwk."
        ) from error
    # 2
    if claims.get("aud") != expected_audience:
        raise _refused("The proof is for another issuer.")
    # 3
    made = claims.get("iat")
    if isinstance(made, bool) or not isinstance(made, int | float):
        raise _refused("The proof has no iat.")
    age = now.timestamp() - made
    if not -MAX_AHEAD_SECONDS <= age <= MAX_AGE_SECONDS:
        raise _refused("The proof is too old, or from a clock that runs ahead.")
    # 4
    nonce = claims.get("nonce")
    if not isinstance(nonce, str):
        raise _refused("The proof has no nonce.")
    if not nonces.is_live(nonce, now):
        raise ProtocolError(WireError.INVALID_NONCE, "The nonce is unknown or has lapsed.")
    return Proof(key, key.thumbprint(), nonce)


def _refused(description: str) -> ProtocolError:
    return ProtocolError(WireError.INVALID_PROOF, description)
