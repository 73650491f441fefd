"""A wallet that we did not write takes both formats by both grants: @openid4vc/openid4vci and jose.

Tokens are bound to its key, copies come in batches, also after a refresh and after a claim that
waited; messages are encrypted, and the metadata that name the key are signed. The driver's
browser and the reviewer's are ours.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from jiazhao.credentials import sdjwt
from jiazhao.credentials.signing import PublicKey
from jiazhao.issuance.formats import MDL_CONFIGURATION, SD_JWT_CONFIGURATION
from jiazhao.smoke.people import Visitor, named
from jiazhao.smoke.wallet import Received, Wallet
from tests.interop import holder
from tests.interop.peers import NpmPeers, PeerRefusedError
from tests.journeys.test_deferred_doors import decide
from tests.journeys.test_own_photo import hand_in
from tests.journeys.visitors import Guests
from tests.live_server import LiveServer
from tests.unit import pictures

CLIENT = "http://127.0.0.1:9"
"""A wallet that lives on loopback and is not registered, so it is named by its address."""

BOTH = {MDL_CONFIGURATION, SD_JWT_CONFIGURATION}

Step = Callable[..., Mapping[str, Any]]


def agree(driver: Visitor, subject: str, address: str) -> str:
    """What the wallet is told by way of the browser of a driver who agrees."""
    driver.sign_in(named(subject))
    led = driver.browser.get(address, accept="text/html")
    path = led.headers["location"]
    shown = driver.browser.get(driver.origin + path, accept="text/html")
    assert shown.status == 200, shown.body
    decided = driver.browser.post_form(driver.origin + path, {"decision": "agree"})
    assert decided.status == 303, decided.body
    return str(decided.headers["location"])


def by_code(peers: NpmPeers, driver: Wallet, subject: str) -> Mapping[str, Any]:
    offer = driver.claim(replace=True)["credential_offer"]
    begun = peers.grant(
        step="begin", offer=offer, redirectUri=f"{CLIENT}/callback", clientId=CLIENT
    )
    redirected = agree(driver, subject, begun["authorizationRequestUrl"])
    return peers.grant(step="finish", kept=begun["kept"], redirected=redirected)


def pre_authorized(peers: NpmPeers, driver: Wallet, _subject: str) -> Mapping[str, Any]:
    claim = driver.claim(replace=True)
    offer, tx_code = claim["credential_offer"], claim["tx_code"]
    return peers.grant(step="preAuthorized", offer=offer, txCode=tx_code)


GRANTS = pytest.mark.parametrize("take", [by_code, pre_authorized])


@pytest.fixture
def guests(own_server: LiveServer) -> Iterator[Guests]:
    guests = Guests(own_server)
    yield guests
    guests.close()


def instance_of(got: Mapping[str, Any]) -> str:
    """The instance of all copies, each of which is bound to the key that the wallet proved."""
    batches, keys = got["batches"], got["deviceKeys"]
    assert batches.keys() == keys.keys() == BOTH
    mdocs = [Received.of(holder.octets(one)) for one in batches[MDL_CONFIGURATION]["credentials"]]
    vcs = [sdjwt.parse(one) for one in batches[SD_JWT_CONFIGURATION]["credentials"]]
    assert [one.issued.mso.device_key for one in mdocs] == [
        PublicKey.from_jwk(key) for key in keys[MDL_CONFIGURATION]
    ]
    assert [one.device_key for one in vcs] == [
        PublicKey.from_jwk(key) for key in keys[SD_JWT_CONFIGURATION]
    ]
    numbers = {str(one.instance_number) for one in mdocs}
    numbers |= {str(one.claims["org.iso.18013.5.1"]["document_number"]) for one in vcs}
    (number,) = numbers
    return number


@GRANTS
def test_it_gets_both_formats_in_batches_and_comes_back(
    npm_peers: NpmPeers, guests: Guests, take: Step
) -> None:
    got = take(npm_peers, guests.driver("sp-000001"), "sp-000001")
    assert got["tokenType"] == "DPoP"
    assert got["metadataSigned"] is True
    again = npm_peers.grant(step="refresh", kept=got["kept"])
    assert instance_of(again) == instance_of(got)
    batches = [*got["batches"].values(), *again["batches"].values()]
    assert len({one for batch in batches for one in batch["credentials"]}) == 8


@pytest.mark.parametrize(
    ("take", "subject"), [(by_code, "sp-000002"), (pre_authorized, "sp-000003")]
)
def test_it_waits_for_the_reviewer_and_gets_what_it_asked_for(
    npm_peers: NpmPeers, guests: Guests, take: Step, subject: str
) -> None:
    driver = guests.driver(subject)
    assert hand_in(driver, pictures.good(3)).status == 201
    put_off = take(npm_peers, driver, subject)
    assert {batch["interval"] for batch in put_off["batches"].values()} == {5}

    still = npm_peers.grant(step="collect", kept=put_off["kept"])
    assert still["batches"] == put_off["batches"]

    decide(guests.staff(), driver, decision="approve")
    got = npm_peers.grant(step="collect", kept=still["kept"])
    number = instance_of({**got, "deviceKeys": put_off["deviceKeys"]})
    again = npm_peers.grant(step="refresh", kept=got["kept"])
    assert instance_of(again) == number


def test_it_is_told_that_the_photo_was_refused(npm_peers: NpmPeers, guests: Guests) -> None:
    driver = guests.driver("sp-000007")
    assert hand_in(driver, pictures.good(3)).status == 201
    put_off = pre_authorized(npm_peers, driver, "sp-000007")
    decide(guests.staff(), driver, decision="refuse", reason="light")
    with pytest.raises(PeerRefusedError) as refused:
        npm_peers.grant(step="collect", kept=put_off["kept"])
    assert refused.value.report["error"] == "credential_request_denied"


# -- messages in JWE, and metadata in JWS, by jose alone


@pytest.fixture
def private(npm_peers: NpmPeers, own_server: LiveServer, guests: Guests) -> Step:
    pem = guests.browser().get(f"{own_server.wallet}/trust/iaca.pem", accept="*/*").body.decode()

    def ask(**given: Any) -> Mapping[str, Any]:
        return npm_peers.encrypted(issuer=own_server.wallet, root=pem, **given)

    return ask


def test_the_metadata_are_signed_under_the_root_and_in_the_wanted_language(private: Step) -> None:
    whole, english = private(), private(language="en-GB, en;q=0.9")
    assert whole["header"]["typ"] == "openidvci-issuer-metadata+jwt"
    assert (whole["contentLanguage"], english["contentLanguage"]) == ("zh-CN, en", "en")
    assert [one["locale"] for one in english["claims"]["display"]] == ["en"]
    assert english["claims"]["sub"] == english["claims"]["credential_issuer"]


def test_metadata_under_another_root_are_refused(
    npm_peers: NpmPeers, own_server: LiveServer, iaca_root: x509.Certificate
) -> None:
    pem = iaca_root.public_bytes(Encoding.PEM).decode()
    with pytest.raises(PeerRefusedError) as refused:
        npm_peers.encrypted(issuer=own_server.wallet, root=pem)
    assert "not of the trusted root" in refused.value.report["message"]


@pytest.mark.parametrize("enc", ["A128GCM", "A256GCM"])
@pytest.mark.parametrize("configuration", sorted(BOTH))
def test_copies_come_encrypted(private: Step, guests: Guests, enc: str, configuration: str) -> None:
    driver = guests.driver("sp-000001")
    token = driver.redeem(driver.claim(replace=True))
    got = private(accessToken=token, configuration=configuration, enc=enc)
    assert got["status"] == 200
    header = got["encrypted"]
    assert (header["alg"], header["enc"], header["kid"]) == ("ECDH-ES", enc, "of the wallet")
    (copy,) = got["answer"]["credentials"]
    if configuration == MDL_CONFIGURATION:
        assert Received.of(holder.octets(copy["credential"])).instance_number
    else:
        assert sdjwt.parse(copy["credential"]).vct


def test_a_claim_that_waits_is_fetched_encrypted(private: Step, guests: Guests) -> None:
    driver = guests.driver("sp-000001")
    assert hand_in(driver, pictures.good(3)).status == 201
    token = driver.redeem(driver.claim(replace=True))
    put_off = private(accessToken=token, configuration=SD_JWT_CONFIGURATION)
    assert put_off["status"] == 202
    transaction = put_off["answer"]["transaction_id"]
    still = private(accessToken=token, transactionId=transaction)
    assert (still["status"], still["answer"]) == (202, put_off["answer"])
    decide(guests.staff(), driver, decision="approve")
    got = private(accessToken=token, transactionId=transaction)
    assert (got["status"], got["encrypted"]["kid"]) == (200, "of the wallet")
    assert sdjwt.parse(got["answer"]["credentials"][0]["credential"]).vct
    again = private(accessToken=token, transactionId=transaction)
    assert again["encrypted"] is None  # errors are never encrypted
    assert (again["status"], again["answer"]["error"]) == (400, "invalid_transaction_id")
