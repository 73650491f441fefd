"""The rarer states of the wallet are accessible and fit, light and dark."""

from playwright.sync_api import Browser

from tests.browser.states import Look, faults_in_both_schemes, wallet_states
from tests.live_server import LiveServer


def test_every_rarer_state_is_accessible_and_fits(
    browser: Browser, live_server: LiveServer
) -> None:
    """In one language, light and dark; the gate `looks` takes all looks."""
    look = Look("zh", "light", 320)
    assert faults_in_both_schemes(wallet_states(browser, live_server, look)) == {}
