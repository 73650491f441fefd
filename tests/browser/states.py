"""Screens that need a rarer state of the licence or of the service than the tour meets."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.altered import Answer, alter, on_another_device, with_status
from tests.browser.visits import (
    DETAINED,
    FOREIGNER,
    MIDDLE_DOT,
    NO_PHOTO,
    OFFICER,
    RARE_NAME,
    TWELVE_POINTS,
    begin_shift,
    claim,
    faults_of,
    overflow_of,
    sign_in,
    visitor,
)
from tests.live_server import LiveServer

HELD = (
    ("red-12-points", with_status("B", points=12)),
    ("red-detained", with_status("U", points=5)),
    ("pending", with_status("H", points=6)),
)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
NOT_SHOWN = (("invalid", "L"), ("hidden", "F"))


@dataclass(frozen=True, slots=True)
class Look:
    """In which language, colours and width a screen is looked at."""

    language: str
    scheme: str
    width: int


def wallet_states(browser: Browser, server: LiveServer, look: Look) -> Iterator[tuple[str, Page]]:
    """Yield the wallet in each rarer state."""
    page = _person(browser, server.wallet, RARE_NAME, look)
    yield "wallet-claim-rare-name", page
    held: list[Route] = []
    page.route("**/issuance/credential", lambda route: held.append(route))
    with page.expect_request("**/issuance/credential"):
        page.locator(".claim-action .button-primary").click()
    expect(page.locator("[data-state=doing]")).to_be_visible()
    yield "wallet-claim-steps", page
    held[0].abort()
    page.unroute("**/issuance/credential")
    expect(page.locator(".claim-action .notice")).to_be_visible()
    yield "wallet-claim-failed", page
    page.locator(".claim-action .notice button").click()  # the claim under way is not over
    instead = page.locator(".claim-action .notice .button-primary")
    expect(page.locator("licence-card").or_(instead)).to_be_visible()
    if instead.is_visible():  # not where the claim took the licence from another device
        yield "wallet-claim-under-way", page
        instead.click()
    expect(page.locator("licence-card")).to_be_visible()
    yield "wallet-licence-rare-name", page

    for name, change in HELD:
        _change(page, change)
        yield f"wallet-{name}", page
        page.goto(f"{server.wallet}/#show")
        expect(page.locator(".qr")).to_be_visible()
        yield f"wallet-code-{name}", page
        page.goto(f"{server.wallet}/#")
        expect(page.locator("licence-card")).to_be_visible()
    for name, letter in NOT_SHOWN:
        alter(page, "/wallet/licence", with_status(letter))
        expect(page.locator(".notice-bad").first).to_be_visible()
        expect(page.locator("licence-card")).to_have_count(0 if name == "hidden" else 1)
        yield f"wallet-{name}", page
        page.goto(f"{server.wallet}/#show")
        expect(page.locator(".claim .show-status")).to_be_visible()
        yield f"wallet-code-{name}", page
        page.goto(f"{server.wallet}/#")
    yield from _stopped(page, server)
    alter(page, "/wallet/licence", on_another_device)
    expect(page.locator(".claim-action button")).to_be_visible()
    yield "wallet-ended-elsewhere", page
    page.unroute_all(behavior="ignoreErrors")
    page.context.clear_cookies()
    expect(page.locator("main a.button-primary")).to_be_visible()
    yield "wallet-sign-in-ended", page

    for subject, name in ((NO_PHOTO, "no-photo"), (TWELVE_POINTS, "12-points")):
        yield f"wallet-refused-{name}", _person(browser, server.wallet, subject, look)
    for subject, name in ((MIDDLE_DOT, "middle-dot"), (FOREIGNER, "latin")):
        one = _person(browser, server.wallet, subject, look)
        claim(one)
        yield f"wallet-licence-{name}", one
        one.context.close()


def _stopped(page: Page, server: LiveServer) -> Iterator[tuple[str, Page]]:
    """Walk through what the last contact may have said."""
    page.unroute_all(behavior="ignoreErrors")
    refused = {"zh": "测试", "en": "Test"}
    for name, said in (
        ("copied", _refusing(409, refused | {"code": "wallet_copied"})),
        ("ended", _refusing(404, refused | {"code": "device_not_known"})),
        ("frozen", _saying({"state": "frozen", "day_keys": [], "beacon": None})),
        ("no-key", _saying({"day_keys": [], "beacon": None})),
    ):
        page.route("**/wallet/contacts", said)
        page.goto(f"{server.wallet}/#show")
        page.reload()
        expect(page.locator("main .notice-bad")).to_be_visible()
        yield f"wallet-{name}", page
        page.unroute_all(behavior="ignoreErrors")
    page.goto(f"{server.wallet}/#")


def _refusing(status: int, answer: Answer) -> Callable[[Route], None]:
    return lambda route: route.fulfill(status=status, json=answer)


def _saying(otherwise: Answer) -> Callable[[Route], None]:
    """Let the service hear the contact, for it counts them, and its answer say something else."""

    def rewrite(route: Route) -> None:
        reply = route.fetch()
        route.fulfill(response=reply, json=reply.json() | otherwise)

    return rewrite


def terminal_states(browser: Browser, server: LiveServer, look: Look) -> Iterator[tuple[str, Page]]:
    """Yield the terminal's refusals, problems and rarer answers."""
    driver = _person(browser, server.terminal, DETAINED, look)
    yield "terminal-not-an-officer", driver
    page = begin_shift(_person(browser, server.terminal, OFFICER, look))
    page.locator("form .button-primary").click()
    expect(page.locator("#code-error")).not_to_be_empty()
    yield "terminal-nothing-entered", page
    page.route("**/presentation/checks", lambda route: route.abort())
    page.locator("#code").fill("ABCD-EFGH")
    page.locator("#code").press("Enter")
    expect(page.locator(".result .notice")).to_be_visible()
    yield "terminal-out-of-reach", page
    page.unroute_all(behavior="ignoreErrors")
    yield from _training(page, server)

    driver.goto(f"{server.wallet}/")
    for subject, name in (
        (DETAINED, "detained"),
        (TWELVE_POINTS, "12-points"),
        (NO_PHOTO, "no-photo"),
        (FOREIGNER, "latin"),
    ):
        page.goto(f"{server.terminal}/#lookup")
        page.reload()
        expect(page.locator("#reason option[value=accident]")).to_be_attached()
        page.select_option("#vehicle-class", "B2" if name == "latin" else "C1")
        page.locator("#identifier").fill(_archive_number(browser, server, subject))
        page.select_option("#reason", "accident")
        page.locator("#note").fill("事故现场，手机损坏 phone broken")
        page.locator("form .button-primary").click()
        expect(page.locator(".verdict-band")).to_be_visible()
        yield f"terminal-look-up-{name}", page


SCENES = ("valid", "other-class", "points", "forged", "old-list", "digits", "face")


def _training(page: Page, server: LiveServer) -> Iterator[tuple[str, Page]]:
    """Walk through the words and questions that an officer practises, and the locked screen."""
    page.goto(f"{server.terminal}/#training")
    expect(page.locator(".training-scenes")).to_be_visible()
    yield "terminal-training", page
    for scene in SCENES:
        page.locator(f"[data-scene={scene}]").click()
        expect(page.locator(".training .verdict-band")).to_be_visible()
        yield f"terminal-training-{scene}", page
        page.locator(".training .verdict > .button-wide").click()
    page.evaluate("localStorage.setItem('jiazhao-last-touch', '1')")
    expect(page.locator(".lock")).to_be_visible()
    yield "terminal-locked", page
    page.locator(".lock button").click()
    expect(page.locator(".training-scenes")).to_be_visible()


def _person(browser: Browser, origin: str, subject: str, look: Look) -> Page:
    page = visitor(browser, color_scheme=look.scheme, width=look.width)
    sign_in(page, origin, subject, language=look.language)
    expect(page.locator(".waiting")).to_have_count(0)
    return page


def _change(page: Page, change: Callable[[Answer], None]) -> None:
    before = page.locator(".card-status-zh").inner_text()
    alter(page, "/wallet/licence", change)
    expect(page.locator(".card-status-zh")).not_to_have_text(before)


def _archive_number(browser: Browser, server: LiveServer, subject: str) -> str:
    page = sign_in(visitor(browser), server.wallet, subject)
    number = page.evaluate(
        "fetch('/wallet/licence').then((answer) => answer.json())"
        ".then((answer) => answer.licence.archive_number)"
    )
    page.context.close()
    return str(number)


def faults_in_both_schemes(states: Iterator[tuple[str, Page]]) -> dict[str, list[str]]:
    """What is wrong with each state, in light and in dark."""
    faults = {}
    for name, page in states:
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            found = faults_of(page)
            if overflow_of(page) > 0:
                found.append(f"{overflow_of(page)} px too wide")
            if found:
                faults[f"{name} {scheme}"] = found
        page.emulate_media(color_scheme="light")
    return faults
