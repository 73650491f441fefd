"""The rarer states of both pages are accessible and fit, in both languages, light and dark."""

from itertools import chain

import pytest
from playwright.sync_api import Browser

from tests.browser.states import Look, terminal_states, wallet_states
from tests.browser.visits import faults_of, overflow_of
from tests.live_server import LiveServer


@pytest.mark.parametrize(("language", "width"), [("zh", 390), ("en", 320)])
def test_every_rarer_state_is_accessible_and_fits(
    browser: Browser, live_server: LiveServer, language: str, width: int
) -> None:
    look = Look(language, "light", width)
    faults = {}
    seen = chain(
        wallet_states(browser, live_server, look), terminal_states(browser, live_server, look)
    )
    for name, page in seen:
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found = faults_of(page)
            if overflow_of(page) > 0:
                found.append(f"{overflow_of(page)} px too wide")
            if found:
                faults[f"{name} {scheme}"] = found
        page.emulate_media(color_scheme="light")
    assert faults == {}
