"""A licence that a wallet of others claimed from the running system, and who may judge it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography import x509

from jiazhao.trust import UNSAFE_PLAIN, KeyStore
from tests.interop import holder
from tests.interop.mutants import Presentation
from tests.interop.peers import Claimed, NpmPeers, Ourselves, PyMdocCbor
from tests.live_server import LiveServer

IN_GOOD_STANDING = "sp-000001"
"""The first of the made-up people: nothing stands against a claim."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What `jiazhao offer HOLDER --json` prints."""

    uri: str
    by_value: Mapping[str, Any]
    tx_code: str

    @property
    def wrong_tx_code(self) -> str:
        """Another code of the same form."""
        return "".join(str((int(digit) + 1) % 10) for digit in self.tx_code)


@pytest.fixture(scope="session")
def npm_peers() -> NpmPeers:
    return NpmPeers.installed()


@pytest.fixture(scope="session")
def pymdoccbor() -> PyMdocCbor:
    return PyMdocCbor()


@pytest.fixture(scope="session")
def ourselves() -> Ourselves:
    return Ourselves()


@pytest.fixture(scope="session")
def make_offer(live_server: LiveServer) -> Callable[[str], Offer]:
    """Make an offer at the counter, as staff do, for a holder's id."""

    def make(holder_id: str) -> Offer:
        done = live_server.cli("offer", holder_id, "--json")
        assert done.returncode == 0, done.stderr
        made = json.loads(done.stdout)
        return Offer(made["credential_offer_uri"], made["credential_offer"], made["tx_code"])

    return make


@pytest.fixture(scope="session")
def claimed(npm_peers: NpmPeers, make_offer: Callable[[str], Offer]) -> Claimed:
    """A licence in a wallet of others."""
    offer = make_offer(IN_GOOD_STANDING)
    return npm_peers.claim(offer.by_value, offer.tx_code)


@pytest.fixture(scope="session")
def judged_at(claimed: Claimed) -> datetime:
    """The instant of every judgement: just after the claim."""
    assert claimed.credential  # it was made before now
    return datetime.now(UTC)


@pytest.fixture(scope="session")
def iaca_root(live_server: LiveServer, judged_at: datetime) -> x509.Certificate:
    """The root that a verifier trusts."""
    (root,) = KeyStore(live_server.state / "keys", UNSAFE_PLAIN).load(now=judged_at).iaca_roots
    return root


@pytest.fixture(scope="session")
def session() -> holder.Session:
    return holder.Session(
        client_id="x509_san_dns:rental.example",
        nonce="n-0S6_WzA2Mj3bqU1xQy7KkVtR4cPd9eLh",
        response_uri="https://rental.example/response",
    )


@pytest.fixture(scope="session")
def genuine(claimed: Claimed, session: holder.Session) -> Presentation:
    """An honest presentation of every element, with a device signature."""
    key = holder.device_key(claimed.device_key_jwk)
    return Presentation.genuine(claimed.credential, key, session)
