"""Who holds the key of a token: DPoP proofs at our doors, each taken once."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from jiazhao.config import Config
from jiazhao.issuance.dpop import ALGORITHMS, read_dpop
from jiazhao.issuance.nonces import Nonces
from jiazhao.issuance.protocol import ProtocolError, WireError
from jiazhao.issuance.store import once
from jiazhao.storage.engine import Database


@dataclass(frozen=True, slots=True)
class Possession:
    """Takes proofs of possession; `nonces` are other ones than those of key proofs."""

    config: Config
    database: Database
    nonces: Nonces

    def fresh_nonce(self, now: datetime) -> str:
        """A nonce for the next proof (header `DPoP-Nonce`)."""
        return self.nonces.make(secrets.token_bytes(16), now)

    def proven(
        self, proofs: list[str], *, path: str, now: datetime, access_token: str | None = None
    ) -> str | None:
        """The thumbprint of the key that the sender of a POST holds; None without any proof.

        `proofs` are the fields named DPoP of the request. Raises `ProtocolError`: with 401 and
        a challenge where a token is presented, else with 400.
        """
        try:
            return self._proven(proofs, path, now, access_token)
        except ProtocolError as error:
            headers = {"dpop-nonce": self.fresh_nonce(now)}
            if access_token is None:
                raise ProtocolError(error.error, error.description, headers=headers) from error
            headers["www-authenticate"] = challenge(error.error)
            raise ProtocolError(
                error.error, error.description, status=401, headers=headers
            ) from error

    def _proven(
        self, proofs: list[str], path: str, now: datetime, access_token: str | None
    ) -> str | None:
        if not proofs:
            if self.config.issuance_profile == "haip" or access_token is not None:
                raise ProtocolError(WireError.INVALID_DPOP_PROOF, "A DPoP proof is needed.")
            return None
        if len(proofs) > 1:
            raise ProtocolError(WireError.INVALID_DPOP_PROOF, "There is more than one proof.")
        proof = read_dpop(
            proofs[0],
            expected_method="POST",
            expected_url=self.config.public_url + path,
            nonces=self.nonces,
            now=now,
            access_token=access_token,
        )
        if not self.database.write(lambda db: once.use_proof(db, proof.digest, now)):
            raise ProtocolError(WireError.INVALID_DPOP_PROOF, "The proof was used before.")
        return proof.thumbprint


def challenge(error: WireError) -> str:
    """The challenge of RFC 9449 section 7.1."""
    return f'DPoP error="{error.value}", algs="{" ".join(ALGORITHMS)}"'
