"""A wallet that we did not write signs its driver in: @openid4vc/openid4vci, code grant and DPoP.

With a batch, a refresh and a notification; the driver's browser is ours.
"""

from collections.abc import Callable

from jiazhao.smoke.people import Visitor, named
from jiazhao.smoke.wallet import Received
from tests.interop import holder
from tests.interop.conftest import IN_GOOD_STANDING, Offer
from tests.interop.peers import NpmPeers
from tests.live_server import LiveServer

CLIENT = "http://127.0.0.1:9"
"""A wallet that lives on loopback and is not registered, so it is named by its address."""


def agree(driver: Visitor, address: str) -> str:
    """What the wallet is told by way of the browser of a driver who agrees."""
    driver.sign_in(named(IN_GOOD_STANDING))
    led = driver.browser.get(address, accept="text/html")
    path = led.headers["location"]
    shown = driver.browser.get(driver.origin + path, accept="text/html")
    assert shown.status == 200, shown.body
    decided = driver.browser.post_form(driver.origin + path, {"decision": "agree"})
    assert decided.status == 303, decided.body
    return str(decided.headers["location"])


def test_it_gets_batches_by_the_code_grant_bound_to_its_key(
    npm_peers: NpmPeers, live_server: LiveServer, make_offer: Callable[[str], Offer]
) -> None:
    offer = make_offer(IN_GOOD_STANDING)
    begun = npm_peers.code_grant(
        {"offer": offer.by_value, "redirectUri": f"{CLIENT}/callback", "clientId": CLIENT}
    )
    driver = Visitor(live_server.wallet)
    redirected = agree(driver, begun["authorizationRequestUrl"])
    driver.browser.close()

    got = npm_peers.code_grant({"kept": begun["kept"], "redirected": redirected})

    assert got["tokenType"] == "DPoP"
    copies = [Received.of(holder.octets(one)) for one in got["credentials"] + got["refreshed"]]
    assert len(copies) == 6
    assert len({one.issued.mso.device_key.point for one in copies}) == 6
    assert len({one.instance_number for one in copies}) == 1
