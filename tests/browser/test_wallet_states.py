"""The rarer states of the wallet are accessible and fit, in both languages, light and dark."""

import pytest
from playwright.sync_api import Browser

from tests.browser.states import Look, faults_in_both_schemes, wallet_states
from tests.live_server import LiveServer


@pytest.mark.parametrize(("language", "width"), [("zh", 390), ("en", 320)])
def test_every_rarer_state_is_accessible_and_fits(
    browser: Browser, live_server: LiveServer, language: str, width: int
) -> None:
    look = Look(language, "light", width)
    assert faults_in_both_schemes(wallet_states(browser, live_server, look)) == {}
