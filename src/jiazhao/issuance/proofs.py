"""Key proofs of the types `jwt` and `attestation` (OpenID4VCI 1.0 appendices F.1 and F.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from jiazhao.credentials import jose
from jiazhao.credentials.signing import PublicKey
from jiazhao.errors import JiazhaoError
from jiazhao.issuance.key_attestation import KeyAttestation, KeyAttestations
from jiazhao.issuance.nonces import Nonces
from jiazhao.issuance.protocol import ProtocolError, WireError

PROOF_TYPE = "openid4vci-proof+jwt"
ALGORITHMS: Final = ("ES256",)
MAX_AGE_SECONDS = 600
"""A proof is made for one request; more than this is a stored one."""

MAX_AHEAD_SECONDS = 60
"""Phones' clocks run fast by up to a minute."""

_KEY_HEADERS = frozenset({"jwk", "kid", "x5c"})
_UNATTESTED = KeyAttestations()


@dataclass(frozen=True, slots=True)
class Proof:
    """A verified proof: the key that made it, the nonce that made it fresh, and what vouches."""

    device_key: PublicKey
    nonce: str
    attestation: KeyAttestation | None = None

    @property
    def keys(self) -> tuple[PublicKey, ...]:
        """The keys that will be bound: all that are attested along with the proof's own."""
        return self.attestation.keys if self.attestation else (self.device_key,)

    @property
    def nonces(self) -> frozenset[str]:
        """Every nonce in it."""
        return frozenset({self.nonce, *([self.attestation.nonce] if self.attestation else [])})


@dataclass(frozen=True, slots=True)
class ProvenKeys:
    """The keys of a request in their order, each once, and the nonces that they used."""

    keys: tuple[PublicKey, ...]
    nonces: frozenset[str]


def read_proofs(
    proofs: Sequence[str],
    attestations: Sequence[str],
    *,
    expected_audience: str,
    nonces: Nonces,
    now: datetime,
    attested_by: KeyAttestations,
) -> ProvenKeys:
    """Verify the proofs of one request, or raise `ProtocolError`.

    `proofs` are of type `jwt`, `attestations` of type `attestation`; a request has one type.
    """
    most = attested_by.most
    if attestations:
        if proofs or len(attestations) > 1:
            raise _refused("Proofs are of one type, and there is one attestation.")
        attestation = attested_by.read(attestations[0], nonces=nonces, now=now, needs_expiry=False)
        return ProvenKeys(attestation.keys, frozenset({attestation.nonce}))
    if not 0 < len(proofs) <= most:
        raise _refused(f"1 to {most} proofs are needed.")
    read = [
        read_proof(
            one,
            expected_audience=expected_audience,
            nonces=nonces,
            now=now,
            attested_by=attested_by,
        )
        for one in proofs
    ]
    if len({proof.device_key.point for proof in read}) < len(read):
        raise _refused("Each proof is for a key of its own.")
    # Several proofs may carry one attestation: its keys count once.
    keys = tuple({key.point: key for proof in read for key in proof.keys}.values())
    if len(keys) > most:
        raise _refused(f"1 to {most} keys are taken at once.")
    return ProvenKeys(keys, frozenset().union(*(proof.nonces for proof in read)))


def read_proof(
    proof: str,
    *,
    expected_audience: str,
    nonces: Nonces,
    now: datetime,
    attested_by: KeyAttestations = _UNATTESTED,
) -> Proof:
    """Verify a proof of possession, or raise `ProtocolError`.

    1 form and type · 2 the attestation in its header · 3 exactly one key in `jwk`, or one of the
    attested keys, and its signature · 4 audience · 5 time · 6 nonce.
    """
    # 1
    try:
        token = jose.parse(proof, expected_typ=PROOF_TYPE)
    except JiazhaoError as error:
        raise _refused(f"The proof is not a JWT of type {PROOF_TYPE}, signed by ES256.") from error
    # 2
    attestation = None
    if "key_attestation" in token.header:
        attestation = attested_by.read(
            token.header["key_attestation"], nonces=nonces, now=now, needs_expiry=True
        )
    elif attested_by.requirements.is_required:
        raise _refused("A key attestation is needed.")
    # 3
    try:
        key = _key(token, attestation)
        claims = token.verify(key)
    except JiazhaoError as error:
        raise _refused(
            "The proof is not signed by the key in jwk, or by one of the attested keys."
        ) from error
    # 4
    if claims.get("aud") != expected_audience:
        raise _refused("The proof is for another issuer.")
    # 5
    made = claims.get("iat")
    if isinstance(made, bool) or not isinstance(made, int | float):
        raise _refused("The proof has no iat.")
    age = now.timestamp() - made
    if not -MAX_AHEAD_SECONDS <= age <= MAX_AGE_SECONDS:
        raise _refused("The proof is too old, or from a clock that runs ahead.")
    # 6
    nonce = claims.get("nonce")
    if not isinstance(nonce, str):
        raise _refused("The proof has no nonce.")
    if not nonces.is_live(nonce, now):
        raise ProtocolError(WireError.INVALID_NONCE, "The nonce is unknown or has lapsed.")
    return Proof(key, nonce, attestation)


def _key(token: jose.Token, attestation: KeyAttestation | None) -> PublicKey:
    named = _KEY_HEADERS & token.header.keys()
    if named == {"jwk"}:
        key = PublicKey.from_jwk(token.header["jwk"])
        if attestation is None or key in attestation.keys:
            return key
    elif named == {"kid"} and attestation is not None:
        attested = attestation.key_named(token.header["kid"])
        if attested is not None:
            return attested
    raise _refused("The proof names no key, or one that is not attested.")


def _refused(description: str) -> ProtocolError:
    return ProtocolError(WireError.INVALID_PROOF, description)
