"""A wallet that its maker vouches for: client attestation and its proof of possession, pure.

Sources: OAuth 2.0 Attestation-Based Client Authentication (drafts 07, which OpenID4VCI 1.0
names, to 10), sections 4, 5.1, 7.1 and 7.2; OpenID4VCI 1.0 appendix E; HAIP 1.0 section 4.4.1.
The attestation names the kind of wallet and the key of this very instance; the proof is made by
that key for us, with a fresh challenge of ours. That a proof comes once is for the store to say.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from jiazhao.credentials import jose
from jiazhao.credentials.signing import PublicKey
from jiazhao.errors import JiazhaoError
from jiazhao.issuance.attesters import (
    CLOCK_SKEW_SECONDS,
    AttestationError,
    Attesters,
    instant,
    require_no_status,
    require_time,
)
from jiazhao.issuance.nonces import Nonces
from jiazhao.issuance.protocol import ProtocolError, WireError

ATTESTATION_TYPE: Final = "oauth-client-attestation+jwt"
POP_TYPE: Final = "oauth-client-attestation-pop+jwt"
ALGORITHMS: Final = ("ES256",)
"""Of the attestation and of the proof."""

MAX_POP_AGE_SECONDS: Final = 300
"""As old as a challenge may be: a proof is made for one request."""

MAX_POP_CHARS: Final = 4096
MAX_SUBJECT_CHARS: Final = 255
MAX_JTI_CHARS: Final = 128


@dataclass(frozen=True, slots=True)
class AttestedClient:
    """A wallet that was vouched for: its kind, its instance's key, and the name of its proof."""

    client_id: str
    thumbprint: str
    proof_digest: bytes


def read_client(
    attestation: str,
    pop: str,
    *,
    attesters: Attesters,
    expected_audience: str,
    challenges: Nonces,
    max_age_seconds: int,
    now: datetime,
) -> AttestedClient:
    """Verify an attestation and the proof that came with it, or raise `ProtocolError`.

    1 the attestation, by whom, and its times · 2 whom it names, and the instance's key ·
    3 the proof: form, type, signature by that key · 4 audience · 5 time · 6 name · 7 challenge.
    """
    # 1, 2
    try:
        claims = attesters.read(attestation, expected_typ=ATTESTATION_TYPE, now=now)
        require_time(claims, now)
        client_id, key = _named(claims)
        require_no_status(claims)
    except AttestationError as error:
        raise _refused(f"The client attestation is not taken: {error.why}") from error
    _require_fresh(claims, max_age_seconds, now)
    # 3
    if len(pop) > MAX_POP_CHARS:
        raise _refused("The proof is too long.")
    try:
        proof = jose.verify(pop, expected_typ=POP_TYPE, key=key)
    except JiazhaoError as error:
        raise _refused(
            f"The proof is not a JWT of type {POP_TYPE}, signed with ES256 by the key in cnf."
        ) from error
    if proof.get("iss", client_id) != client_id:  # drafts before 08 have it
        raise _refused("The proof is of another client.")
    # 4
    if proof.get("aud") != expected_audience:
        raise _refused("The proof is for another server.")
    # 5
    made = proof.get("iat")
    if isinstance(made, bool) or not isinstance(made, int | float):
        raise _refused("The proof has no iat.")
    if not -CLOCK_SKEW_SECONDS <= now.timestamp() - made <= MAX_POP_AGE_SECONDS:
        raise _refused("The proof is too old, or from a clock that runs ahead.")
    # 6
    jti = proof.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= MAX_JTI_CHARS:
        raise _refused("The proof has no jti.")
    # 7
    challenge = proof.get("challenge")
    if not isinstance(challenge, str) or not challenges.is_live(challenge, now):
        raise ProtocolError(
            WireError.USE_ATTESTATION_CHALLENGE, "A challenge of this server is needed."
        )
    thumbprint = key.thumbprint()
    digest = sha256(f"client attestation\0{thumbprint}\0{jti}".encode()).digest()
    return AttestedClient(client_id, thumbprint, digest)


def _named(claims: Mapping[str, Any]) -> tuple[str, PublicKey]:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT_CHARS:
        raise AttestationError("It has no sub.")
    if not subject.isascii() or not subject.isprintable():
        raise AttestationError("sub is not printable.")
    if not isinstance(claims.get("iss", ""), str):  # drafts before 08 have it
        raise AttestationError("iss is not text.")
    if instant(claims, "exp") is None:
        raise AttestationError("It has no exp.")
    confirmation = claims.get("cnf")
    if not isinstance(confirmation, Mapping):
        raise AttestationError("It has no cnf.")
    try:
        return subject, PublicKey.from_jwk(confirmation.get("jwk"))
    except JiazhaoError as error:
        raise AttestationError("cnf.jwk is not a public key on P-256.") from error


def _require_fresh(claims: Mapping[str, Any], max_age_seconds: int, now: datetime) -> None:
    """Refuse one that was made long ago, or that may have been: it says nothing of today."""
    made, until = instant(claims, "iat"), instant(claims, "exp")
    if made is not None:
        is_fresh = now.timestamp() - made <= max_age_seconds
    else:
        is_fresh = until is not None and until - now.timestamp() <= max_age_seconds
    if not is_fresh:
        raise ProtocolError(
            WireError.USE_FRESH_ATTESTATION, "The client attestation was made too long ago."
        )


def _refused(description: str) -> ProtocolError:
    return ProtocolError(WireError.INVALID_CLIENT_ATTESTATION, description)
