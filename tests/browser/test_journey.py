"""The whole journey: sign in, claim, show, be checked, see who checked, and live changes.

Statuses, classes and points are drawn anew for each run and compared with what the rules say.
"""

import random
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from jiazhao.credentials.code_sealing import CODE_OCTETS
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from tests.browser.codes import octets_of
from tests.browser.register import (
    CLASSES,
    Drawn,
    Judged,
    bad_state,
    good_state,
    own_licence,
    registrar,
    seeded,
)
from tests.browser.visits import (
    OFFICER,
    begin_shift,
    check,
    claim,
    context_of,
    officer,
    show,
    shown_text,
    sign_in,
    visitor,
)
from tests.live_server import LiveServer

DRIVER = "sp-000002"
LIVE = 25_000
"""Milliseconds in which the wallet must show what the register was told."""

VERDICTS = {
    "zh": {"VALID": "有效", "NOT_VALID": "不可驾驶·无效"},
    "en": {"VALID": "VALID", "NOT_VALID": "NOT VALID"},
}
SOURCES = {
    "zh": re.compile(r"^依据：(?!.*(unverified|project|art\.)).+"),
    "en": re.compile(r"^Rule: .+"),
}
DRIVES = {"zh": ("可以驾驶", "不可驾驶"), "en": ("May drive", "May not drive")}

Record = Callable[[str, Drawn], None]


@pytest.fixture
def chance() -> random.Random:
    return seeded()


@pytest.fixture
def record(browser: Browser, own_server: LiveServer) -> Record:
    return registrar(browser, own_server)


def driver(browser: Browser, server: LiveServer, language: str = "zh") -> Page:
    permissions = ["clipboard-read", "clipboard-write"]
    page = visitor(browser, permissions=permissions)
    return sign_in(page, server.wallet, DRIVER, language=language)


def on_duty(browser: Browser, server: LiveServer, language: str) -> Page:
    permissions = ["clipboard-read", "clipboard-write"]
    page = visitor(browser, width=1280, permissions=permissions)
    begin_shift(sign_in(page, server.terminal, OFFICER, language=language))
    expect(page.locator("#vehicle-class option[value=C1]")).to_be_attached()
    return page


def judged(page: Page, drawn: Drawn) -> Judged:
    """Judge the drawn state, after seeing that the register holds exactly it."""
    told = own_licence(page)["licence"]
    held = Judged.of(drawn, told)
    assert told["points"] == drawn.points
    assert {one["code"] for one in told["classes"]} == set(drawn.classes)
    assert [one["zh"] for one in told["statuses"]] == held.words("zh")
    assert told["qr_colour"] == held.colour
    assert told["may_drive"] is (held.may_drive(None) == ())
    return held


def expect_card(page: Page, drawn: Drawn, held: Judged) -> None:
    """The card shows the drawn state and nothing more."""
    status = page.locator(".card-status")
    expect(status.locator(".card-status-zh")).to_have_text(held.words("zh")[0], timeout=LIVE)
    expect(status.locator(".card-status-en")).to_have_text(held.words("en")[0])
    expect_points(status, drawn.points)
    shown = page.locator(".card-front .card-classes dd").inner_text()
    assert set(shown.split()) == set(drawn.classes)


def expect_points(place: Locator, points: int) -> None:
    expect(place.locator(".points-count")).to_have_text(f"{points} / 12", timeout=LIVE)
    expect(place.locator(".points circle[fill=currentColor]")).to_have_count(min(points, 12))
    expect(place.locator(".points circle")).to_have_count(12)


def expect_verdict(
    terminal: Page, drawn: Drawn, held: Judged, wanted: VehicleClass, language: str
) -> None:
    """The terminal shows the verdict, the person, and whether this class may be driven."""
    verdict = "NOT_VALID" if held.may_drive(None) else "VALID"
    band = terminal.locator(".verdict-band")
    expect(band).to_have_attribute("data-verdict", verdict)
    expect(band).to_contain_text(VERDICTS[language][verdict])

    against = held.may_drive(wanted)
    drives = terminal.locator(".may-drive")
    expect(drives).to_contain_text(f"{DRIVES[language][bool(against)]} {wanted}")
    expect(drives).to_have_class(re.compile("band-stop" if against else "band-good"))
    if against:
        expect(drives).to_contain_text(against[0].zh if language == "zh" else against[0].en)

    person = terminal.locator(".person")
    for word in held.words(language):
        expect(person.locator(".person-status")).to_contain_text(word)
    expect_points(person, drawn.points)
    expect(person.locator(".class-list > span")).to_have_text(
        [re.compile(rf"^{one} \S") for one in sorted(drawn.classes)]
    )


def scan_picture(terminal: Page, picture: bytes) -> None:
    file = {"name": "shot.png", "mimeType": "image/png", "buffer": picture}
    terminal.locator(".picture-way input").last.set_input_files(file)  # type: ignore[arg-type]


def photo_of(page: Page) -> str:
    """The photo on file as the driver's own page gets it, in base64."""
    return str(
        page.evaluate(
            """async () => {
              const bytes = await (await fetch("/wallet/photo")).bytes();
              return btoa(Array.from(bytes, (one) => String.fromCharCode(one)).join(""));
            }"""
        )
    )


def claim_by_steps(page: Page) -> None:
    """Claim, and see the steps while the issuer takes its time."""
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()  # what the wallet fetches after the claim
        else:
            held.append(route)

    page.route("**/issuance/credential", hold_the_first)
    photo = page.locator("img.claim-photo")
    expect(photo).to_be_visible()
    assert photo.evaluate("image => image.complete && image.naturalWidth > 0")
    with page.expect_request("**/issuance/credential"):
        page.locator(".claim-action .button-primary").click()

    steps = page.locator(".progress-step")
    expect(steps).to_have_count(4)
    expect(steps.nth(2)).to_have_attribute("data-state", "doing")
    expect(steps.nth(2)).to_have_attribute("aria-current", "step")
    expect(steps.nth(0)).to_have_attribute("data-state", "done")
    expect(steps.nth(3)).to_have_attribute("data-state", "waiting")
    held[0].continue_()
    expect(page.locator("licence-card")).to_be_visible()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_whole_journey_with_a_state_drawn_by_chance(
    browser: Browser,
    own_server: LiveServer,
    chance: random.Random,
    record: Record,
    language: str,
) -> None:
    # The register is told a state in which the licence may be claimed; the driver claims.
    drawn = good_state(chance)
    record(DRIVER, drawn)
    page = driver(browser, own_server, language)
    held = judged(page, drawn)
    claim_by_steps(page)
    expect_card(page, drawn, held)
    expect(page.locator(".show-place a")).to_be_visible()

    # The state changes while the wallet is open; the card follows by itself.
    drawn = good_state(chance)
    record(DRIVER, drawn)
    held = judged(page, drawn)
    expect_card(page, drawn, held)

    # First way: the text is copied and pasted.
    terminal = on_duty(browser, own_server, language)
    wanted = chance.choice(sorted(drawn.classes))
    terminal.select_option("#vehicle-class", wanted.value)
    show(page)
    page.locator(".way-text summary").click()
    page.bring_to_front()
    page.locator(".way-text button").first.click()
    expect(page.locator(".way-text .row span.soft")).not_to_be_empty()
    used = page.evaluate("navigator.clipboard.readText()")
    assert len(octets_of(used)) == CODE_OCTETS
    terminal.bring_to_front()
    terminal.locator("#code").focus()
    terminal.keyboard.press("Control+V")
    expect(terminal.locator("#code")).to_have_value(used)
    terminal.keyboard.press("Enter")
    expect_verdict(terminal, drawn, held, wanted, language)
    source = terminal.locator(".portrait img").get_attribute("src") or ""
    assert source == f"data:image/jpeg;base64,{photo_of(page)}"
    page.bring_to_front()
    expect(page.locator(".used")).to_contain_text(VERDICTS[language]["VALID"])
    expect(page.locator("#code-text")).not_to_have_value(used)

    # Second way: the short code is typed.
    page.locator(".ways button").first.click()
    short = page.locator(".short-code").inner_text()
    assert re.fullmatch("[0-9A-Z]{4}-[0-9A-Z]{4}", short)
    terminal.locator("#code").press_sequentially(short)
    terminal.locator("#code").press("Enter")
    expect(terminal.locator(".fresh")).to_be_visible()
    expect_verdict(terminal, drawn, held, wanted, language)
    expect(page.locator(".short-code")).to_have_count(0)

    # Third way: a picture of the wallet's real page.
    wanted = chance.choice([one for one in CLASSES if held.may_drive(one)] or [*CLASSES])
    terminal.select_option("#vehicle-class", wanted.value)
    page.locator(".show-top").scroll_into_view_if_needed()
    scan_picture(terminal, page.screenshot())
    expect_verdict(terminal, drawn, held, wanted, language)

    # Both sides have it on their lists.
    licence = own_licence(page)["licence"]
    page.locator(".used a").click()
    expect(page.locator(".access-kind")).to_have_count(entries(page))
    assert entries(page) >= 3
    newest = page.locator(".access").first
    expect(newest).to_contain_text("李样本")
    expect(newest).to_contain_text("样本·成都市公安局交通警察支队一大队")
    expect(newest).to_contain_text(VERDICTS[language]["VALID"])

    # Without the phone: a reason, a note, and the driver reads both.
    note = f"手机没电 {chance.randrange(10**6):06d}"
    terminal.locator("a[href='#lookup']").click()
    terminal.select_option("#vehicle-class", wanted.value)
    terminal.locator("#identifier").fill(licence["archive_number"])
    terminal.select_option("#reason", "phone_out_of_order")
    terminal.locator("#note").fill(note)
    terminal.locator("form .button-primary").click()
    expect_verdict(terminal, drawn, held, wanted, language)
    page.locator(".accesses-back").click()
    page.locator("a[href='#accesses']").click()
    expect(page.locator(".access").first).to_contain_text(note)

    terminal.locator("a[href='#mine']").click()
    row = terminal.locator(".mine-table tbody tr").first
    expect(row).to_contain_text(VERDICTS[language]["VALID"])
    expect(row).to_contain_text(wanted.value)


def entries(page: Page) -> int:
    """How many looks the register has for the signed-in driver."""
    asked = "fetch('/wallet/accesses').then((a) => a.json()).then((a) => a.accesses.length)"
    return int(page.evaluate(asked))


def test_a_detention_is_seen_on_the_open_wallet_and_by_the_next_check(
    browser: Browser, own_server: LiveServer, chance: random.Random, record: Record
) -> None:
    drawn = good_state(chance)
    record(DRIVER, drawn)
    page = claim(driver(browser, own_server))
    before = show(page)
    expect(page.locator(".qr path")).to_have_attribute("fill", "#000000")

    told = own_server.cli("change", DRIVER, "--add-status", "U", "--json")
    assert told.returncode == 0, told.stderr
    detained = Drawn(drawn.statuses | {LicenceStatus.DETAINED}, drawn.points, drawn.classes)

    expect(page.locator(".show-status")).to_contain_text("扣留", timeout=LIVE)
    held = judged(page, detained)
    assert held.colour == "red"
    expect(page.locator(".qr path")).to_have_attribute("fill", "#b00020")
    assert shown_text(page) != before
    terminal = officer(browser, own_server.terminal)
    wanted = chance.choice(sorted(drawn.classes))
    terminal.select_option("#vehicle-class", wanted.value)
    scan_picture(terminal, page.screenshot())
    expect_verdict(terminal, detained, held, wanted, "zh")
    expect(terminal.locator(".verdict-band")).to_have_attribute("data-verdict", "NOT_VALID")


def test_whatever_grave_happens_the_code_turns_red_or_goes_away(
    browser: Browser, own_server: LiveServer, chance: random.Random, record: Record
) -> None:
    record(DRIVER, good_state(chance))
    page = claim(driver(browser, own_server))
    terminal = officer(browser, own_server.terminal)
    for letter in (None, LicenceStatus.LOCKED, LicenceStatus.REVOKED):
        drawn = bad_state(chance)
        if letter:
            drawn = Drawn(drawn.statuses | {letter}, drawn.points, drawn.classes)
        before = show(page) if page.locator(".show-place a").count() else ""
        record(DRIVER, drawn)
        held = judged(page, drawn)
        word = held.words("zh")[0]
        if held.colour == "red":
            expect(page.locator(".show-status")).to_contain_text(word, timeout=LIVE)
            expect(page.locator(".qr path")).to_have_attribute("fill", "#b00020")
            wanted = chance.choice(CLASSES)
            terminal.select_option("#vehicle-class", wanted.value)
            check(terminal, shown_text(page))
            expect_verdict(terminal, drawn, held, wanted, "zh")
        else:
            expect(page.locator("h1")).to_contain_text("不能出示", timeout=LIVE)
            expect(page.locator(".show-status")).to_contain_text(word)
            expect(page.locator(".qr")).to_have_count(0)
            if before:
                check(terminal, before)
                expect(terminal.locator(".verdict-band")).not_to_have_attribute(
                    "data-verdict", "VALID"
                )
        page.goto(f"{own_server.wallet}/#")
        if held.colour == "hidden":
            expect(page.locator("h1")).to_have_text("电子驾驶证不再显示")
            expect(page.locator("licence-card")).to_have_count(0)
        else:
            expect_card(page, drawn, held)
        # Whatever was, a good state gives the licence back without another claim.
        good = good_state(chance)
        record(DRIVER, good)
        expect(page.locator(".show-place a")).to_be_visible(timeout=LIVE)
        expect_card(page, good, judged(page, good))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_refusal_of_a_claim_is_told_with_what_to_do(
    browser: Browser,
    own_server: LiveServer,
    chance: random.Random,
    record: Record,
    language: str,
) -> None:
    """Another driver than the one of the journeys: this one must hold no live copy."""
    subject = "sp-000004"
    for _ in range(3):
        drawn = bad_state(chance)
        record(subject, drawn)
        page = sign_in(visitor(browser), own_server.wallet, subject, language=language)
        told = own_licence(page)
        held = Judged.of(drawn, told["licence"])
        refusals = told["claim"]["refusals"]
        assert told["claim"]["allowed"] is False
        assert held.against_claim() <= {one["code"] for one in refusals}

        shown = page.locator(".refusal")
        expect(shown).to_have_count(len(refusals))
        for place, one in zip(shown.all(), refusals, strict=True):
            expect(place.locator("h2")).to_have_text(one[language])
            expect(place).to_contain_text(one[f"todo_{language}"])
            expect(place.locator(".soft.small")).to_have_text(SOURCES[language])
        expect(page.locator(".claim-action button")).to_have_count(0)
        refused = page.request.post(
            f"{own_server.wallet}/claims",
            data={"replace": True},
            headers={"Origin": own_server.wallet},
        )
        assert 400 <= refused.status < 500
        assert refused.json()["code"] == "claim_refused"
        assert refused.json()["refusals"] == refusals
        page.close()


def test_the_first_device_ends_when_the_licence_is_claimed_on_a_second(
    browser: Browser, own_server: LiveServer, chance: random.Random, record: Record
) -> None:
    record(DRIVER, good_state(chance))
    first = claim(driver(browser, own_server))
    old = show(first)
    terminal = officer(browser, own_server.terminal)

    second = driver(browser, own_server)
    expect(second.locator(".claim-action .button-primary")).to_have_text("改在此设备领取")
    claim(second)

    assert check(terminal, old) == "NOT_VALID"
    expect(terminal.locator(".verdict-reason")).not_to_be_empty()
    expect(first.locator("h1")).to_have_text("此设备上的电子驾驶证已失效", timeout=LIVE)
    expect(first.locator(".qr")).to_have_count(0)
    assert check(terminal, show(second)) == "VALID"
    context_of(first).close()
    expect(second.locator(".qr")).to_be_visible()
