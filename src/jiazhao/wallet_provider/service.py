"""Vouching: for whom, how often, and by which key."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from jiazhao.config import Config
from jiazhao.credentials.signing import PublicKey
from jiazhao.errors import AccessError, ErrorCode
from jiazhao.trust import Trust
from jiazhao.wallet_provider.attestations import (
    CLIENT_SECONDS,
    KEY_SECONDS,
    Asked,
    attest_client,
    attest_keys,
    read_own,
    read_request,
    refused,
)
from jiazhao.wallet_provider.messages import (
    ClientAttestation,
    ClientRequest,
    KeyAttestation,
    KeysRequest,
    RenewalRequest,
)

_LIVE = timedelta(seconds=CLIENT_SECONDS)


@dataclass(frozen=True, slots=True)
class WalletProvider:
    """Vouches for the wallet at our own origin, where the settings say so."""

    config: Config
    trust: Callable[[], Trust]

    def vouch(self, asked: ClientRequest, now: datetime) -> ClientAttestation:
        """Vouch for an instance that a driver has just signed in with."""
        return self._vouched(self._asked(asked.proof, now).key, now)

    def renew(self, asked: RenewalRequest, now: datetime) -> ClientAttestation:
        """Vouch again for an instance that was vouched for while its refresh tokens could live.

        A wallet fetches new copies without anybody being signed in. Each renewal is a new
        beginning, so an instance that comes back in time needs no sign-in; one that stays away
        does, and claims anew.
        """
        key = self._asked(asked.proof, now).key
        self._require_known(
            asked.client_attestation, key, timedelta(days=self.config.refresh_days), now
        )
        return self._vouched(key, now)

    def vouch_for_keys(self, asked: KeysRequest, now: datetime) -> KeyAttestation:
        """Vouch for keys that an instance shows, for the one request that its nonce is for."""
        instance = self._asked(asked.proof, now)
        self._require_known(asked.client_attestation, instance.key, _LIVE, now)
        nonce = instance.nonce
        if nonce is None:
            raise refused("no nonce")
        if len(asked.key_proofs) > self.config.batch_size:
            raise refused(f"more than {self.config.batch_size} keys")
        shown = [self._asked(proof, now) for proof in asked.key_proofs]
        if any(one.nonce != nonce for one in shown):
            raise refused("a key was shown for another request")
        keys = [one.key for one in shown]
        if len({key.point for key in keys}) < len(keys):
            raise refused("a key stands twice")
        return KeyAttestation(
            attest_keys(keys, nonce=nonce, signer=self.trust().wallet_provider, now=now),
            now + timedelta(seconds=KEY_SECONDS),
        )

    def _asked(self, proof: str, now: datetime) -> Asked:
        if not self.config.own_wallet_vouched:
            raise AccessError(ErrorCode.WALLETS_NOT_VOUCHED)
        return read_request(proof, expected_audience=self.config.public_url, now=now)

    def _require_known(
        self, attestation: str, key: PublicKey, age: timedelta, now: datetime
    ) -> None:
        providers = self.trust().wallet_providers
        read_own(attestation, key=key, providers=providers, now=now, age=age)

    def _vouched(self, key: PublicKey, now: datetime) -> ClientAttestation:
        client_id = self.config.public_url
        signer = self.trust().wallet_provider
        return ClientAttestation(
            attest_client(key, client_id=client_id, signer=signer, now=now),
            client_id,
            now + _LIVE,
        )
