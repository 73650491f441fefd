"""Which wallet sends a request: client attestations at our doors, each proof taken once."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from jiazhao.config import Config
from jiazhao.issuance.attesters import Attesters
from jiazhao.issuance.client_attestation import AttestedClient, read_client
from jiazhao.issuance.nonces import Nonces
from jiazhao.issuance.protocol import ProtocolError, WireError
from jiazhao.issuance.store import once
from jiazhao.storage.engine import Database

CHALLENGE_HEADER = "oauth-client-attestation-challenge"


@dataclass(frozen=True, slots=True)
class ClientAuthentication:
    """Takes client attestations; `challenges` are other ones than the nonces of proofs."""

    config: Config
    database: Database
    attesters: Attesters
    challenges: Nonces

    def fresh_challenge(self, now: datetime) -> str:
        """A challenge for the next proof."""
        return self.challenges.make(secrets.token_bytes(16), now)

    def authenticated(
        self,
        attestations: Sequence[str],
        proofs: Sequence[str],
        *,
        client_id: str | None,
        now: datetime,
    ) -> AttestedClient | None:
        """Whoever sends a request, if a trusted attester vouches for it; None without that.

        `attestations` and `proofs` are the fields OAuth-Client-Attestation and
        OAuth-Client-Attestation-PoP of the request; `client_id` is its parameter. Raises
        `ProtocolError`, with a challenge for whoever tries again.
        """
        try:
            return self._authenticated(attestations, proofs, client_id, now)
        except ProtocolError as error:
            raise ProtocolError(
                error.error, error.description, headers=self.next_challenge(now)
            ) from error

    def next_challenge(self, now: datetime) -> Mapping[str, str]:
        """The field that carries a challenge for the next proof."""
        return {CHALLENGE_HEADER: self.fresh_challenge(now)}

    def _authenticated(
        self,
        attestations: Sequence[str],
        proofs: Sequence[str],
        client_id: str | None,
        now: datetime,
    ) -> AttestedClient | None:
        if not attestations and not proofs:
            if self.config.issuance_profile == "haip":
                raise ProtocolError(WireError.INVALID_CLIENT, "A client attestation is needed.")
            return None
        if len(attestations) != 1 or len(proofs) != 1:
            raise ProtocolError(
                WireError.INVALID_CLIENT_ATTESTATION,
                "One client attestation and one proof for it are needed.",
            )
        client = read_client(
            attestations[0],
            proofs[0],
            attesters=self.attesters,
            expected_audience=self.config.public_url,
            challenges=self.challenges,
            max_age_seconds=self.config.wallet_attestation_days * 86_400,
            now=now,
        )
        if client_id not in (None, client.client_id):
            raise ProtocolError(
                WireError.INVALID_CLIENT, "client_id is not that of the client attestation."
            )
        if not self.database.write(lambda db: once.use_proof(db, client.proof_digest, now)):
            raise ProtocolError(WireError.INVALID_CLIENT_ATTESTATION, "The proof was used before.")
        return client
