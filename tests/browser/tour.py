"""A walk over every screen of the pages in one look; the tests and the screenshots take it."""

from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.browser.agreements import agreements
from tests.browser.altered import Answer, alter
from tests.browser.codes import Opener, octets_of, text_of
from tests.browser.visits import (
    AUDITOR,
    CLERK,
    DETAINED,
    LONG_TERM,
    MIDDLE_DOT,
    NORMAL,
    OFFICER,
    RARE_NAME,
    REGISTRAR,
    SECURITY,
    check,
    choose_photo,
    claim,
    show,
    sign_in,
    visitor,
)
from tests.live_server import LiveServer
from tests.unit.pictures import on_phone, with_another, written


def tour(
    browser: Browser, server: LiveServer, *, language: str, scheme: str, width: int
) -> Iterator[tuple[str, Page]]:
    """Yield the name of each screen and the page that shows it."""
    look = {"color_scheme": scheme, "width": width}

    page = visitor(browser, **look)
    page.goto(f"{server.wallet}/?lang={language}")
    expect(page.locator("main a.button-primary")).to_be_visible()
    yield "wallet-signed-out", page
    page.locator("main a.button-primary").click()
    expect(page.locator("button.person").first).to_be_visible()
    yield "demo-sign-in", page

    yield (
        "wallet-refused",
        sign_in(visitor(browser, **look), server.wallet, DETAINED, language=language),
    )
    terminal = sign_in(visitor(browser, **look), server.terminal, OFFICER, language=language)
    expect(terminal.locator("#registration-code")).to_be_visible()
    yield "terminal-registration", terminal
    terminal.locator(".shift-screen form button").click()
    expect(terminal.locator("#registration-code")).to_have_count(0)
    yield "terminal-shift", terminal
    terminal.locator(".shift-screen button").click()
    expect(terminal.locator(".camera[data-state=none]")).to_be_visible()
    yield "terminal-check", terminal

    sign_in(page, server.wallet, LONG_TERM, language=language)
    expect(page.locator(".claim-summary")).to_be_visible()
    yield "wallet-claim", page
    claim(page)
    yield "wallet-licence", page
    page.locator(".home-switches button").first.click()
    yield "wallet-second-page", page
    code = show(page)
    yield "wallet-code", page
    terminal.select_option("#vehicle-class", "C1")
    check(terminal, code)
    yield "terminal-valid", terminal
    expect(page.locator(".used")).to_be_visible()
    page.locator(".ways button").first.click()
    expect(page.locator(".short-code")).to_be_visible()
    page.locator(".way-text summary").click()
    yield "wallet-short-code", page
    page.locator("#challenge").fill("4821")
    expect(page.locator("#challenge-said")).not_to_be_empty()
    yield "wallet-challenge", page
    page.locator(".lock-place button").click()
    expect(page.locator(".show-top a")).to_have_count(0)
    yield "wallet-locked", page
    page.locator(".lock-place button").click()
    expect(page.locator(".lock-place .notice")).to_be_visible()
    yield "wallet-unlocking", page
    page.locator(".lock-place .notice button").click()
    expect(page.locator(".show-top a")).to_be_visible()
    check(terminal, code)
    terminal.locator(".steps summary").click()
    yield "terminal-cannot-confirm", terminal
    check(terminal, text_of(Opener(server).forged(octets_of(code))))
    yield "terminal-not-genuine", terminal
    page.goto(f"{server.wallet}/#accesses")
    expect(page.locator(".access").first).to_be_visible()
    yield "wallet-accesses", page
    for screen, drawn in (
        ("notices", ".access"),
        ("devices", ".access"),
        ("refused", "#refused-who"),
    ):
        page.goto(f"{server.wallet}/#{screen}")
        expect(page.locator(drawn).first).to_be_visible()
        yield f"wallet-{screen}", page
    page.goto(f"{server.wallet}/#backup")
    page.locator("main .button-primary").click()
    expect(page.locator(".backup-paper")).to_be_visible()
    yield "wallet-backup", page
    page.goto(f"{server.wallet}/#passkeys")
    expect(page.locator("#passkey-label")).to_be_visible()
    yield "wallet-passkeys", page
    page.goto(f"{server.wallet}/#")
    page.context.set_offline(True)
    expect(page.locator(".confirmed .notice")).to_be_visible()
    yield "wallet-offline", page
    page.context.set_offline(False)
    for screen in ("paper", "delete"):
        page.goto(f"{server.wallet}/#{screen}")
        expect(page.locator(".accesses-back")).to_be_visible()
        yield f"wallet-{screen}", page
    page.locator("main .button").last.click()
    yield "wallet-delete-sure", page
    page.locator("main .notice .button-primary").click()
    expect(page.locator(".notice-good")).to_be_visible()
    yield "wallet-deleted", page

    yield from _pin(browser, server, language, look)
    yield from _lookups(terminal, server)
    yield from _own_photo(browser, server, language, look)
    yield from _recovery(browser, server, language, look)
    yield from _terminals(browser, server, language, look)
    yield from agreements(browser, server, look)


def _pin(
    browser: Browser, server: LiveServer, language: str, look: dict[str, Any]
) -> Iterator[tuple[str, Page]]:
    """Walk as a driver whose phone has no Web Authentication."""
    page = visitor(browser, **look)
    page.add_init_script("delete window.PublicKeyCredential")
    sign_in(page, server.wallet, MIDDLE_DOT, language=language)
    page.goto(f"{server.wallet}/#passkeys")
    expect(page.locator("#new-pin")).to_be_visible()
    yield "wallet-pin", page
    for pin in ("123456", "730418"):
        page.locator("#new-pin").fill(pin)
        page.locator("#new-pin-again").fill(pin)
        page.locator("#new-pin-again").press("Enter")
        if pin == "123456":
            expect(page.locator(".pin-keys .notice-bad")).to_be_visible()
            yield "wallet-pin-refused", page
    expect(page.locator(".pin-keys .own-keys li")).to_have_count(1)
    yield "wallet-pin-set", page
    page.locator("#top button").last.click()
    expect(page.locator("#pin")).to_be_visible()
    yield "wallet-pin-sign-in", page
    page.locator("#pin").fill("926035")
    page.locator("#pin").press("Enter")
    expect(page.locator(".pin-form .notice-bad")).to_be_visible()
    yield "wallet-pin-wrong", page
    page.locator("#pin").fill("730418")
    page.locator("#pin").press("Enter")
    expect(page.locator(".welcome")).to_have_count(0)
    page.goto(f"{server.wallet}/#passkeys")
    page.locator(".pin-keys .own-keys button").click()  # the next walk finds none
    page.keyboard.press("Enter")
    expect(page.locator(".welcome")).to_be_visible()


def _own_photo(
    browser: Browser, server: LiveServer, language: str, look: dict[str, Any]
) -> Iterator[tuple[str, Page]]:
    page = sign_in(visitor(browser, **look), server.wallet, RARE_NAME, language=language)
    page.goto(f"{server.wallet}/#photo")
    withdraw = page.locator(".notice-info button")
    album = page.locator(".photo .row button").last
    expect(withdraw.or_(album).first).to_be_visible()
    if withdraw.is_visible():  # handed in by an earlier walk
        withdraw.click()
    expect(album).to_be_visible()
    choose_photo(page, written(with_another()))
    page.locator(".photo .button-primary").click()
    expect(page.locator(".photo-findings li").first).to_be_visible()
    yield "wallet-photo-refused", page
    choose_photo(page, written(on_phone()))
    yield "wallet-photo", page
    page.locator(".photo .button-primary").click()
    expect(withdraw).to_be_visible()
    yield "wallet-photo-waiting", page
    page.goto(f"{server.wallet}/#")
    page.locator(".claim-action .button-primary").click()
    expect(page.locator(".claim a[href='#photo']")).to_be_visible()
    expect(page.locator(".claim-action button")).to_have_count(0)
    yield "wallet-claim-waiting", page

    console = visitor(browser, **look)
    console.goto(f"{server.console}/?lang={language}")
    expect(console.locator("main a.button-primary")).to_be_visible()
    yield "console-signed-out", console
    sign_in(console, server.console, REGISTRAR, language=language)
    expect(console.locator(".queue-entry").first).to_be_visible()
    yield "console-queue", console
    console.locator(".queue-entry button").last.click()
    expect(console.locator(".pair img")).to_have_count(2)
    yield "console-photo", console
    console.goto(f"{server.console}/#objections")
    expect(console.locator(".objections .notice, .objections .queue").first).to_be_visible()
    yield "console-objections", console
    console.goto(f"{server.console}/#refusals")
    expect(console.locator(".refusals .notice, .refusals .queue").first).to_be_visible()
    yield "console-refusals", console

    page.goto(f"{server.wallet}/#photo")
    withdraw.click()  # who takes the photo back gets the licence with the one on file
    page.goto(f"{server.wallet}/#")
    expect(page.locator("licence-card")).to_be_visible(timeout=30_000)  # asked every 5 s


def _recovery(
    browser: Browser, server: LiveServer, language: str, look: dict[str, Any]
) -> Iterator[tuple[str, Page]]:
    """Walk as a clerk who asks for a recovery, and as a registrar who approves it."""
    driver = visitor(browser, **look)
    driver.add_init_script("delete window.PublicKeyCredential")
    sign_in(driver, server.wallet, NORMAL, language=language)
    number = driver.request.get(f"{server.wallet}/wallet/licence").json()["licence"]
    driver.goto(f"{server.wallet}/#passkeys")
    for field in ("#new-pin", "#new-pin-again"):
        driver.locator(field).fill("730418")
    driver.locator("#new-pin-again").press("Enter")
    expect(driver.locator(".pin-keys .own-keys li")).to_have_count(1)

    clerk = sign_in(visitor(browser, **look), server.console, CLERK, language=language)
    expect(clerk.locator("#recovery-id")).to_be_visible()
    yield "console-recoveries", clerk
    clerk.locator("#recovery-id").fill(number["licence_number"])
    clerk.locator("#recovery-reason").select_option("lost")
    clerk.locator("#recovery-note").fill("核对了身份证原件，本人称手机昨日丢失")
    clerk.locator("form .button-primary").click()
    expect(clerk.locator("form .notice-bad")).to_be_visible()
    yield "console-recovery-refused", clerk
    clerk.locator("#recovery-seen").check()
    clerk.locator("form .button-primary").click()
    expect(clerk.locator("#done")).to_be_visible()
    yield "console-recovery-asked", clerk
    driver.reload()
    expect(driver.locator(".own-passkeys .notice-warn").first).to_be_visible()
    yield "wallet-recovery-asked", driver

    registrar = sign_in(visitor(browser, **look), server.console, REGISTRAR, language=language)
    registrar.goto(f"{server.console}/#recoveries")
    registrar.locator(".requests > li .button-primary").click()
    expect(registrar.locator(".requests .notice")).to_be_visible()
    yield "console-recovery-decision", registrar
    registrar.locator(".requests .notice .button-primary").click()
    expect(registrar.locator("#done")).to_be_visible()
    registrar.locator(".decided summary").click()
    yield "console-recovery-approved", registrar


def _terminals(
    browser: Browser, server: LiveServer, language: str, look: dict[str, Any]
) -> Iterator[tuple[str, Page]]:
    """Walk as the security administrator who lets a unit have a terminal and switches it off."""
    chief = sign_in(visitor(browser, **look), server.console, SECURITY, language=language)
    chief.goto(f"{server.console}/#terminals")
    expect(chief.locator("#terminal-unit")).to_be_visible()
    yield "console-terminals", chief
    chief.locator("form.panel .button-primary").click()
    expect(chief.locator(".field-error")).to_be_visible()
    yield "console-terminal-incomplete", chief
    chief.locator("#terminal-unit").fill("样本·成都市公安局交通警察支队一大队")
    chief.locator("#terminal-label").fill("1 号执勤终端")
    chief.locator("form.panel .button-primary").click()
    expect(chief.locator("#registration-code")).to_be_visible()
    yield "console-terminal-code", chief
    chief.locator(".terminals .queue > li button").first.click()
    chief.locator(".terminals .queue form .button-primary").click()
    expect(chief.locator(".terminals .queue .field-error")).to_be_visible()
    yield "console-terminal-kill", chief
    chief.locator(".terminals .queue form input").fill("设备遗失 lost")
    chief.locator(".terminals .queue form .button-primary").click()
    expect(chief.locator("#done")).to_be_visible()
    yield "console-terminal-killed", chief

    auditor = sign_in(visitor(browser, **look), server.console, AUDITOR, language=language)
    auditor.goto(f"{server.console}/#looks")
    auditor.locator("form .button-primary").click()
    expect(auditor.locator(".field-error")).to_be_visible()
    yield "console-looks", auditor
    auditor.locator("#looks-unit").fill("样本·成都市公安局交通警察支队一大队")
    auditor.locator("form .button-primary").click()
    expect(auditor.locator(".looks h2")).to_have_count(2)
    yield "console-looks-drawn", auditor


def _lookups(terminal: Page, server: LiveServer) -> Iterator[tuple[str, Page]]:
    terminal.locator("a[href='#lookup']").click()
    expect(terminal.locator("#reason option[value=accident]")).to_be_attached()
    terminal.locator("form .button-primary").click()
    yield "terminal-look-up", terminal
    terminal.goto(f"{server.terminal}/#mine")
    expect(terminal.locator(".mine-table")).to_be_visible()
    yield "terminal-my-checks", terminal
    terminal.goto(f"{server.terminal}/#queue")
    expect(terminal.locator(".queue-count")).to_be_visible()
    yield "terminal-queue", terminal
    terminal.goto(f"{server.terminal}/#passkeys")
    expect(terminal.locator(".own-passkeys .panel")).to_be_visible()
    yield "terminal-passkeys", terminal
    alter(terminal, "/session", _lacks_second_factor)
    terminal.reload()
    expect(terminal.locator(".second-factor button")).to_be_visible()
    yield "terminal-second-step", terminal


def _lacks_second_factor(answer: Answer) -> None:
    answer |= {"roles": [], "second_factor": "register"}
