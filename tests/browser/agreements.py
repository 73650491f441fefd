"""A wallet of others asks for a licence, and its driver comes to the page that decides."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page, Route, expect

from jiazhao.credentials.mdoc import MDL_DOC_TYPE
from jiazhao.credentials.signing import write_base64url
from jiazhao.http import browser as plain
from tests.browser.visits import DETAINED, FOREIGNER, LONG_TERM, visitor
from tests.live_server import LiveServer

WALLET = "https://wallet.example"
"""Where the wallet lives, and so its name."""


def pushed(server: LiveServer, redirect_uri: str = f"{WALLET}/callback") -> str:
    """Push a wallet's request; return the address to which it sends its driver."""
    client_id = redirect_uri.partition("/callback")[0]
    form = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "code_challenge": write_base64url(sha256(b"v" * 43).digest()),
        "code_challenge_method": "S256",
        "scope": MDL_DOC_TYPE,
        "state": "a state",
    }
    wallet = plain.Browser()
    answer = wallet.post_form(f"{server.wallet}/issuance/par", form)
    wallet.close()
    assert answer.status == 201, answer.body
    query = urlencode({"client_id": client_id, "request_uri": answer.json()["request_uri"]})
    return f"{server.wallet}/authorize?{query}"


def asked(page: Page, server: LiveServer, subject: str, **changes: str) -> Page:
    """Come to the page as its driver, over the sign-in."""
    page.goto(pushed(server, **changes))
    page.locator(f"button[value='{subject}']").click()
    expect(page.locator("main h1")).to_be_visible()
    return page


def answered(page: Page) -> list[str]:
    """Stand in for the wallet; the list is filled with the addresses that it is sent."""
    seen: list[str] = []

    def answer(route: Route) -> None:
        seen.append(route.request.url)
        route.fulfill(body="<!doctype html><title>wallet</title>", content_type="text/html")

    page.route(f"{WALLET}/**", answer)
    return seen


def agreements(
    browser: Browser, server: LiveServer, look: dict[str, Any]
) -> Iterator[tuple[str, Page]]:
    """Walk over what the page can say; nothing is decided."""
    yield "agreement", asked(visitor(browser, **look), server, FOREIGNER)
    # The driver took the licence onto a device on the way here.
    page = asked(visitor(browser, **look), server, LONG_TERM)
    expect(page.locator("[role=note]")).to_be_visible()
    yield "agreement-ends-another", page
    page = asked(visitor(browser, **look), server, DETAINED)
    expect(page.locator("[role=alert]").first).to_be_visible()
    yield "agreement-not-allowed", page
    page.goto(f"{server.wallet}/authorize?client_id={WALLET}&request_uri=urn:unknown")
    expect(page.locator("[role=alert]")).to_be_visible()
    yield "agreement-lapsed", page
