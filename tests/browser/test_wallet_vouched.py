"""The wallet's page before a strict issuer: who vouches for it, and for its keys."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from jiazhao.wallet_provider.attestations import BROWSER_KEY
from tests.browser.visits import (
    MOTORCYCLE,
    check,
    claim,
    faults_of,
    officer,
    overflow_of,
    show,
    shown_text,
    sign_in,
    visitor,
)
from tests.houses import Town, served_town

KEPT = """async () => {
  const asked = indexedDB.open("jiazhao-wallet");
  await new Promise((done) => { asked.onsuccess = done; });
  const all = asked.result.transaction("instances").objectStore("instances").getAll();
  await new Promise((done) => { all.onsuccess = done; });
  asked.result.close();
  const [{ keyPair, vouched, copies = [], codePart }] = all.result;
  const pairs = [keyPair, vouched.keyPair, ...copies.map((one) => one.keyPair)];
  const leaves = await Promise.all(pairs.map(({ privateKey }) =>
    crypto.subtle.exportKey("jwk", privateKey).then(() => true, () => false)));
  return {
    leaves: leaves.filter(Boolean).length,
    formats: copies.map((one) => one.format),
    attestation: vouched.attestation,
    askedAt: codePart?.askedAt ?? null,
  };
}"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served_town(
        tmp_path_factory.mktemp("vouched") / "state",
        issuance_profile="haip",
        own_wallet_vouched=True,
        key_attestation_required=True,
        key_storage_accepted=(BROWSER_KEY,),
    ) as town:
        yield town


def kept(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(KEPT)
    return found


def kept_after(page: Page, asked_at: int) -> dict[str, Any]:
    """What is kept when a newer part of the code has come."""
    for _ in range(200):
        found = kept(page)
        if found["askedAt"] > asked_at:
            return found
        page.wait_for_timeout(100)
    raise AssertionError("no newer part of the code has come")


def refusing(status: int, code: str) -> Callable[[Route], None]:
    """A provider that says no."""
    body = json.dumps({"code": code, "zh": "不出具证明", "en": "not vouched for"})
    headers = {"content-type": "application/problem+json"}
    return lambda route: route.fulfill(status=status, headers=headers, body=body)


def test_a_driver_claims_shows_and_comes_back_before_a_strict_issuer(
    browser: Browser, town: Town
) -> None:
    wallet = visitor(browser, width=320, service_workers="block")
    sign_in(wallet, town.wallet, MOTORCYCLE, language="en")
    wallet.route("**/wallet-provider/**", refusing(404, "wallets_not_vouched"))
    wallet.locator(".claim-action .button-primary").click()
    refusal = wallet.locator(".claim-action .notice-bad")
    expect(refusal).to_contain_text("not vouched for")
    expect(refusal.locator("button")).to_be_visible()
    wallet.unroute("**/wallet-provider/**")

    # The first copies come and the rest does not: the page says why, and goes on by itself.
    wallet.reload()
    wallet.route("**/wallet-provider/key-attestations", once_then(refusing(422, "not_vouched_for")))
    wallet.route("**/wallet-provider/client-attestations/renewal", refusing(422, "not_vouched_for"))
    claim(wallet)
    unvouched = wallet.locator(".unvouched .notice-bad")
    expect(unvouched).to_contain_text("not vouched for")
    assert faults_of(wallet) == []
    assert overflow_of(wallet) <= 0
    assert kept(wallet)["formats"] == []
    wallet.unroute_all()
    unvouched.locator("button").click()
    expect(unvouched).to_have_count(0, timeout=60_000)

    first = kept(wallet)
    assert first["leaves"] == 0
    assert sorted(first["formats"]) == ["dc+sd-jwt"] * 10 + ["mso_mdoc"] * 10
    show(wallet)
    assert check(officer(browser, town.terminal), shown_text(wallet)) == "VALID"

    # Weeks later nobody is signed in, and a new part of the code is due.
    town.clock.later(days=20)
    wallet.goto(f"{town.wallet}/#")
    wallet.reload()
    expect(wallet.locator("licence-card")).to_be_visible()
    second = kept_after(wallet, first["askedAt"])
    assert second["leaves"] == 0
    assert second["attestation"] != first["attestation"]
    show(wallet)
    assert check(officer(browser, town.terminal), shown_text(wallet)) == "VALID"


def once_then(act: Callable[[Route], None]) -> Callable[[Route], None]:
    """Let the first request pass, which is the claim's own."""
    seen: list[Route] = []

    def handle(route: Route) -> None:
        seen.append(route)
        if len(seen) == 1:
            route.continue_()
        else:
            act(route)

    return handle
