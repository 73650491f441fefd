"""People who use the pages: they sign in, claim, show and check, each in a browser of their own."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

# What is waited for comes in well under a second; a shared machine may be slow.
expect.set_options(timeout=20_000)

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox"]
"""Tests run as root in a container, where Chromium's own sandbox cannot start."""

OFFICER = "officer-li"
REGISTRAR = "registrar-qian"
CLERK = "clerk-sun"
AUDITOR = "auditor-wu"
SECURITY = "security-zhou"
NORMAL, MOTORCYCLE, LONG_TERM = "sp-000001", "sp-000003", "sp-000007"
TWELVE_POINTS, DETAINED, NO_PHOTO, REVOKED = "sp-000004", "sp-000005", "sp-000006", "sp-000009"
RARE_NAME, MIDDLE_DOT, FOREIGNER = "sp-000008", "sp-000011", "sp-000012"

TAPS = """document.addEventListener("pointerdown", ({isTrusted}) => {
  if (isTrusted) sessionStorage.setItem("taps", Number(sessionStorage.getItem("taps") ?? 0) + 1);
}, true);"""

AXE = Path(__file__).parents[1] / "web/node_modules/axe-core/axe.min.js"
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

RUN_AXE = """(rules) => axe
  .run(document, { runOnly: rules, resultTypes: ["violations"] })
  .then(({ violations }) => violations)"""

STILL_SMALL = """async (target) => {
  const found = document.querySelector(target.at(-1));
  found?.scrollIntoView({ block: "center", behavior: "instant" });
  const seen = await axe.run(document, { runOnly: { type: "rule", values: ["target-size"] } });
  const nodes = seen.violations.flatMap((violation) => violation.nodes);
  return nodes.some((node) => `${node.target}` === `${target}`);
}"""


KEEPING: dict[str, Any] = {"service_workers": "allow"}
"""A browser that keeps the pages for the time without a network. It loads each file once more,
which is half of what a visit costs, so that only those do it whose subject it is."""

PAGES_KEPT = """Promise.race([
  navigator.serviceWorker.ready.then(() => true),
  new Promise((tell) => setTimeout(tell, 15_000, false)),
])"""


def visitor(browser: Browser, **options: Any) -> Page:
    """Open a browser of its own for one person; it records what the page does wrong."""
    width = options.pop("width", 390)
    options.setdefault("service_workers", "block")
    context = browser.new_context(viewport={"width": width, "height": 844}, **options)
    context.set_default_timeout(15_000)
    return context.new_page()


def sign_in(page: Page, origin: str, subject: str, *, language: str = "zh") -> Page:
    """Sign in as a made-up person and wait for what the application shows."""
    if language == "zh":
        # By the link's address: who presses the link loads the page once more.
        page.goto(f"{origin}/sign-in?return=/")
    else:
        page.goto(f"{origin}/?lang={language}")
        page.locator("main a.button-primary").click()
    page.locator(f"button[value='{subject}']").click()
    expect(page.locator("main h1")).to_be_attached()
    expect(page.locator("#top > button")).to_have_count(2)  # language and sign-out
    return page


def claim(page: Page) -> Page:
    """Claim the licence onto this browser, whoever holds it now."""
    card, claims = page.locator("licence-card"), page.locator(".claim-action .button-primary")
    claims.click()
    expect(card.or_(claims).first).to_be_visible()
    if claims.is_visible():  # a claim that another test left half-way: here instead
        claims.click()
    expect(card).to_be_visible()
    return page


def holder(browser: Browser, wallet: str, subject: str, **options: Any) -> Page:
    """Return the wallet of someone who has just claimed the licence."""
    return claim(sign_in(visitor(browser, **options), wallet, subject))


def show(page: Page) -> str:
    """Show the code and return its text."""
    page.locator(".show-place a").click()
    # The issuer fits a portrait into the code of who has just claimed; a busy machine takes long.
    expect(page.locator(".qr-place .qr")).to_be_visible(timeout=60_000)
    return shown_text(page)


def shown_text(page: Page) -> str:
    """Return the code's text as it is on the screen now."""
    return page.locator("#code-text").input_value()


def check(page: Page, scanned: str) -> str:
    """Type a code into the terminal and return the verdict, of the service where it answers."""
    page.locator("#code").fill(scanned)
    page.locator("#code").press("Enter")
    band = page.locator(".verdict-band")
    expect(band).to_be_visible()
    expect(page.locator(".fresh[data-standing=asking]")).to_have_count(0)
    return band.get_attribute("data-verdict") or ""


def choose_photo(page: Page, octets: bytes, name: str = "photo.jpg") -> None:
    """Choose a picture from the album on the screen for an own photo."""
    with page.expect_file_chooser() as chooser:
        page.locator(".photo .row button").last.click()
    chooser.value.set_files({"name": name, "mimeType": "image/jpeg", "buffer": octets})
    expect(page.locator(".photo-preview canvas")).to_be_visible()


def registrar(browser: Browser, console: str, **options: Any) -> Page:
    """Return the console of a registrar, with the queue of photos."""
    language = options.pop("language", "zh")
    page = visitor(browser, **{"width": 1280, **options})
    sign_in(page, console, REGISTRAR, language=language)
    expect(page.locator(".photos .notice, .photos .queue").first).to_be_visible()
    return page


def begin_shift(page: Page) -> Page:
    """Make a signed-in officer's browser a terminal of the demonstration and open a shift."""
    register, begin = (
        page.locator(".shift-screen form button"),
        page.locator(".shift-screen button"),
    )
    expect(register).to_be_visible()
    register.click()
    expect(register).to_have_count(0)
    begin.click()
    expect(page.locator("#code")).to_be_visible()
    return page


def officer(browser: Browser, terminal: str, **options: Any) -> Page:
    """Return the terminal of an officer on duty, ready to scan."""
    page = sign_in(visitor(browser, **{"width": 1280, **options}), terminal, OFFICER)
    begin_shift(page)
    expect(page.locator("#vehicle-class option[value=C1]")).to_be_attached()
    return page


def faults_of(page: Page) -> list[str]:
    """Return the accessibility faults of what is on the screen, as axe names them."""
    page.evaluate(
        """() => Promise.all(document.getAnimations()
             .filter((one) => one.effect.getTiming().iterations !== Infinity)
             .map((one) => one.finished.catch(() => null)))"""
    )
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    found = page.evaluate(RUN_AXE, AXE_RULES)
    faults = {one["id"]: [node["target"] for node in one["nodes"]] for one in found}
    # What a bar at the edge covers is judged where it was scrolled to.
    small = [each for each in faults.pop("target-size", []) if page.evaluate(STILL_SMALL, each)]
    if small:
        faults["target-size"] = small
    return [f"{name}: {json.dumps(targets)}" for name, targets in faults.items()]


def overflow_of(page: Page) -> int:
    """Return by how many pixels the page is wider than the screen."""
    wider: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return wider


def keep_pages(page: Page) -> None:
    """Wait until the browser keeps the application's pages for the time without a network."""
    assert page.evaluate(PAGES_KEPT), "the service worker did not install"


def count_taps(page: Page) -> Callable[[], int]:
    """Count what a finger does on a page from now on, also over a loading; call it for the sum."""
    page.add_init_script(TAPS)
    page.evaluate(TAPS)
    page.evaluate("sessionStorage.removeItem('taps')")
    return lambda: int(page.evaluate("sessionStorage.getItem('taps') ?? '0'"))


def context_of(page: Page) -> BrowserContext:
    """Return the browser that the page is in, for a second tab or for going offline."""
    return page.context
