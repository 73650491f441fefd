"""A wallet that we did not write claims the licence over HTTP: @openid4vc/openid4vci."""

from collections.abc import Callable

import cbor2
import pytest

from tests.interop import holder
from tests.interop.conftest import IN_GOOD_STANDING, Offer
from tests.interop.peers import Claimed, NpmPeers, PeerRefusedError

EVERY_STEP = ["offer", "metadata", "token", "nonce", "credential"]


def test_it_claims_by_an_offer_given_by_value(claimed: Claimed) -> None:
    assert claimed.steps == EVERY_STEP
    assert "family_name" in _elements(claimed, holder.MDL_NAME_SPACE)


def test_it_claims_by_an_offer_given_by_reference(
    npm_peers: NpmPeers, make_offer: Callable[[str], Offer]
) -> None:
    offer = make_offer(IN_GOOD_STANDING)
    assert npm_peers.claim(offer.uri, offer.tx_code).steps == EVERY_STEP


def test_the_copy_is_bound_to_the_key_of_the_wallet(claimed: Claimed) -> None:
    key = holder.device_key(claimed.device_key_jwk).public_key().public_numbers()
    issuer_auth = cbor2.loads(claimed.credential)["issuerAuth"]
    mso = cbor2.loads(cbor2.loads(issuer_auth[2]).value)

    device_key = mso["deviceKeyInfo"]["deviceKey"]

    assert device_key == {1: 2, -1: 1, -2: key.x.to_bytes(32), -3: key.y.to_bytes(32)}


def test_a_wrong_transaction_code_is_refused_and_the_right_one_still_works(
    npm_peers: NpmPeers, make_offer: Callable[[str], Offer]
) -> None:
    offer = make_offer(IN_GOOD_STANDING)

    with pytest.raises(PeerRefusedError) as refused:
        npm_peers.claim(offer.by_value, offer.wrong_tx_code)

    assert (refused.value.report["step"], refused.value.report["error"]) == (
        "token",
        "invalid_grant",
    )
    assert npm_peers.claim(offer.by_value, offer.tx_code).steps == EVERY_STEP


def test_an_offer_works_once(npm_peers: NpmPeers, make_offer: Callable[[str], Offer]) -> None:
    offer = make_offer(IN_GOOD_STANDING)
    npm_peers.claim(offer.by_value, offer.tx_code)

    with pytest.raises(PeerRefusedError) as refused:
        npm_peers.claim(offer.by_value, offer.tx_code)

    assert (refused.value.report["step"], refused.value.report["error"]) == (
        "token",
        "invalid_grant",
    )


def _elements(claimed: Claimed, name_space: str) -> set[str]:
    items = cbor2.loads(claimed.credential)["nameSpaces"][name_space]
    return {cbor2.loads(item.value)["elementIdentifier"] for item in items}
