"""A wallet that we did not write passes the strict issuer: @openid4vc/openid4vci, attested.

The issuer demands what HAIP 1.0 does: pushed requests, PKCE, DPoP, an attested wallet, attested
keys. The wallet provider is made of the same library; the driver's browser is ours.
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jiazhao.licence.legal_day import legal_day
from jiazhao.smoke.people import named
from jiazhao.smoke.wallet import Wallet
from tests.houses import Town, served_town
from tests.interop import holder
from tests.interop.conftest import IN_GOOD_STANDING
from tests.interop.peers import NpmPeers, PeerRefusedError
from tests.interop.test_grants_by_another_wallet import CLIENT, agree, instance_of
from tests.wallet_provider import WALLET, WalletProvider


@pytest.fixture(scope="module")
def provider() -> WalletProvider:
    return WalletProvider(datetime.now(UTC))


@pytest.fixture(scope="module")
def strict_town(
    provider: WalletProvider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    """An issuer that demands what HAIP 1.0 does, by the clock of the machine, as the peer is."""
    folder = tmp_path_factory.mktemp("strict")
    trusted = provider.publish(folder / "attesters")
    with served_town(
        folder / "state",
        on=legal_day(datetime.now(UTC) - timedelta(days=1)),
        issuance_profile="haip",
        wallet_attesters_dir=trusted,
        key_attesters_dir=trusted,
        key_attestation_required=True,
        key_storage_accepted=("iso_18045_high",),
        user_authentication_accepted=("iso_18045_high", "iso_18045_moderate"),
    ) as town:
        town.clock.now = datetime.now(UTC)
        yield town


def private_jwk(provider: WalletProvider) -> dict[str, Any]:
    """What the peer's provider signs with: the key, and its certificate without the root."""
    numbers = provider.signer.key.private_numbers()
    public = numbers.public_numbers
    members = {"x": public.x, "y": public.y, "d": numbers.private_value}
    jwk = {name: holder.text(value.to_bytes(32)) for name, value in members.items()}
    return {
        "key": {"kty": "EC", "crv": "P-256", **jwk},
        "x5c": [b64encode(one).decode() for one in provider.signer.certificates],
    }


def strict_grant(
    npm_peers: NpmPeers, town: Town, provider: Mapping[str, Any] | None
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """What the wallet gets, and what it gets when it comes back."""
    driver = Wallet(town.wallet)
    driver.sign_in(named(IN_GOOD_STANDING))
    town.clock.now = datetime.now(UTC)
    asked = {
        "offer": driver.claim(replace=True)["credential_offer"],
        "redirectUri": f"{CLIENT}/callback",
        "clientId": WALLET,
        **({"provider": provider} if provider else {}),
    }
    try:
        begun = npm_peers.grant(step="begin", **asked)
        redirected = agree(driver, IN_GOOD_STANDING, begun["authorizationRequestUrl"])
        town.clock.now = datetime.now(UTC)
        got = npm_peers.grant(step="finish", kept=begun["kept"], redirected=redirected)
        return got, npm_peers.grant(step="refresh", kept=got["kept"])
    finally:
        driver.browser.close()


def test_attested_it_does_all_that_the_strict_issuer_demands(
    npm_peers: NpmPeers, strict_town: Town, provider: WalletProvider
) -> None:
    got, again = strict_grant(npm_peers, strict_town, private_jwk(provider))
    assert got["tokenType"] == again["tokenType"] == "DPoP"
    assert instance_of(again) == instance_of(got)


def test_the_strict_issuer_takes_nobody_else(npm_peers: NpmPeers, strict_town: Town) -> None:
    stranger = WalletProvider(datetime.now(UTC))
    for provider, error in (
        (None, "invalid_client"),
        (private_jwk(stranger), "invalid_client_attestation"),
    ):
        with pytest.raises(PeerRefusedError) as refused:
            strict_grant(npm_peers, strict_town, provider)
        assert refused.value.report["error"] == error
