"""The terminal by itself: the server is stopped, and codes are judged by light alone."""

import re
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from jiazhao.licence.status import LicenceStatus
from tests.browser.offline_codes import Phone
from tests.browser.visits import KEEPING, check, count_taps, keep_pages, officer
from tests.live_server import LiveServer, start, stop

BACK = 40_000
PUBLISHED_SECONDS = 90
SCANNER = """(text) => {
  for (const key of [...text, "Enter"]) {
    const given = {key, bubbles: true, cancelable: true};
    document.body.dispatchEvent(new KeyboardEvent("keydown", given));
  }
}"""
KEPT = """(name) => new Promise((resolve) => {
  const asked = indexedDB.open("jiazhao-terminal");
  asked.onsuccess = () => {
    const found = asked.result.transaction(name).objectStore(name).getAll();
    found.onsuccess = () => { asked.result.close(); resolve(found.result); };
  };
})"""


@dataclass
class Roadside:
    """A demonstration whose server a test stops and starts again."""

    server: LiveServer
    process: subprocess.Popen[bytes]
    phones: list[Phone] = field(default_factory=list)

    def phone(self, **licence: object) -> Phone:
        """Return a phone with a code part of its own."""
        return Phone(self.server.state, **licence)  # type: ignore[arg-type]

    def stop(self) -> None:
        """Nothing answers from now on."""
        stop(self.process)

    def begin_again(self) -> None:
        """Start on the same state."""
        self.process, _ = start(self.server.state, port=self.server.port)

    def records(self) -> int:
        """Return how many offline records the server has stored."""
        with sqlite3.connect(self.server.state / "register.sqlite") as db:
            return int(db.execute("SELECT count(*) FROM offline_record").fetchone()[0])


def published(state: Path) -> None:
    """Wait until the worker has published the country's list, which a shift brings along."""
    deadline = time.monotonic() + PUBLISHED_SECONDS
    with sqlite3.connect(state / "register.sqlite") as db:
        while not db.execute("SELECT count(*) FROM status_snapshot").fetchone()[0]:
            assert time.monotonic() < deadline, "no list was published"
            time.sleep(0.1)


@pytest.fixture(scope="module")
def roadside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Roadside]:
    state = tmp_path_factory.mktemp("roadside") / "state"
    process, server = start(state, "--holders", "12", "--seed", "1")
    published(state)
    place = Roadside(server, process)
    yield place
    if place.process.poll() is None:
        place.stop()


@pytest.fixture
def alone(roadside: Roadside, browser: Browser) -> Page:
    """Yield a terminal with an open shift, its server stopped."""
    if roadside.process.poll() is not None:
        roadside.begin_again()
    page = officer(browser, roadside.server.terminal, width=390, **KEEPING)
    keep_pages(page)
    roadside.stop()
    return page


def own_keys(page: Page) -> list[str]:
    """Return the terminals whose keys this device still has, that of today or a former one."""
    found = page.evaluate(
        f"async () => (await ({KEPT})('own')).flat().map((one) => one.terminalId)"
    )
    return [name for name in found if name]


def next_driver(page: Page) -> None:
    page.locator(".verdict > .button-wide").click()
    expect(page.locator(".verdict-band")).to_have_count(0)


def test_a_shown_code_gets_its_word_its_face_and_its_record_without_a_server(
    alone: Page, roadside: Roadside
) -> None:
    phone = roadside.phone()
    before = roadside.records()
    alone.select_option("#vehicle-class", "C1")

    code = phone.code()
    assert check(alone, code) == "VALID"

    expect(alone.locator(".fresh")).to_have_attribute("data-standing", "alone")
    expect(alone.locator(".fresh")).to_contain_text("离线核验")
    expect(alone.locator(".may-drive")).to_contain_text("可以驾驶 C1")
    expect(alone.locator(".person-name")).to_contain_text("离线样本")
    drawn = "image => image.decode().then(() => image.naturalWidth)"
    assert alone.locator(".portrait img").evaluate(drawn) == 60
    next_driver(alone)
    assert check(alone, code) == "CANNOT_CONFIRM"  # shown once is shown once
    expect(alone.locator(".verdict-reason")).to_contain_text("使用过")
    # What is done next comes before how the word came about, of which one sentence is seen.
    order = (".verdict-band", ".verdict > .button-wide", "#code", ".steps")
    tops = [alone.locator(one).evaluate("e => e.getBoundingClientRect().top") for one in order]
    assert tops == sorted(tops)
    expect(alone.locator(".steps-decided")).to_contain_text("使用过")
    expect(alone.locator(".steps li").first).to_be_hidden()

    queued = alone.evaluate(KEPT, "queue")
    assert len(queued) == 2
    assert "离线样本" not in str(queued)
    assert code not in str(queued)
    roadside.begin_again()
    alone.goto(f"{roadside.server.terminal}/#queue")
    alone.locator(".queue button").first.click()
    expect(alone.locator(".queue-count")).to_have_attribute("data-waiting", "0", timeout=BACK)
    assert roadside.records() == before + 2


def test_the_page_opens_again_in_the_middle_of_a_shift(alone: Page, roadside: Roadside) -> None:
    alone.reload()
    expect(alone.locator("#code")).to_be_visible()
    assert check(alone, roadside.phone().code()) == "VALID"


def test_what_was_signed_against_driving_is_said(alone: Page, roadside: Roadside) -> None:
    detained = roadside.phone(statuses=frozenset({LicenceStatus("U")}))
    assert check(alone, detained.code()) == "NOT_VALID"


def test_digits_are_asked_of_a_phone_that_was_long_out_of_reach(
    alone: Page, roadside: Roadside
) -> None:
    phone = roadside.phone()
    long_ago = timedelta(hours=30)
    assert check(alone, phone.code(heard=long_ago)) == "CANNOT_CONFIRM"
    digits = int(alone.locator("[data-challenge]").get_attribute("data-challenge") or "")

    wrong = phone.code(heard=long_ago, challenge=(digits + 1) % 10_000)
    assert check(alone, wrong) == "CANNOT_CONFIRM"
    assert check(alone, phone.code(heard=long_ago, challenge=digits)) == "VALID"


def test_a_printed_code_waits_for_the_officers_eyes(alone: Page, roadside: Roadside) -> None:
    code = roadside.phone().backup_code()
    taps = count_taps(alone)
    assert check(alone, code) == "CANNOT_CONFIRM"
    expect(alone.locator(".portrait img")).to_be_visible()
    alone.locator("[data-face=same]").click()
    expect(alone.locator(".verdict-band")).to_have_attribute("data-verdict", "VALID")
    next_driver(alone)
    assert taps() == 2  # the most that a whole check takes
    check(alone, code)
    alone.locator("[data-face=differs]").click()
    expect(alone.locator(".verdict-reason")).to_contain_text("不")
    expect(alone.locator(".verdict-band")).to_have_attribute("data-verdict", "CANNOT_CONFIRM")


def test_a_clock_that_was_set_during_the_shift_confirms_nothing(
    alone: Page, roadside: Roadside
) -> None:
    alone.evaluate("() => { const told = Date.now; Date.now = () => told() - 3_600_000; }")
    assert check(alone, roadside.phone().code()) == "CANNOT_CONFIRM"
    expect(alone.locator(".verdict-reason")).to_contain_text("时间被改动")


def test_a_locked_screen_shows_nothing_of_a_licence(alone: Page, roadside: Roadside) -> None:
    assert check(alone, roadside.phone().code()) == "VALID"
    alone.evaluate("localStorage.setItem('jiazhao-last-touch', '1')")
    expect(alone.locator(".lock")).to_be_visible()
    for trace in (".verdict-band", ".portrait", ".person", "#code"):
        expect(alone.locator(trace)).to_have_count(0)
    alone.reload()
    expect(alone.locator(".lock")).to_be_visible()  # and a fresh start does not open it
    expect(alone.locator("#code")).to_have_count(0)


def test_keys_cannot_be_read_out_and_nothing_stays_after_the_shift(
    alone: Page, roadside: Roadside
) -> None:
    extractable = f"""async () => (await ({KEPT})("shift"))
      .flatMap(({{keys}}) => keys ?? []).map(({{privateKey}}) => privateKey.extractable)"""
    keys = alone.evaluate(extractable)
    assert len(keys) >= 4
    assert not any(keys)
    assert check(alone, roadside.phone().code()) == "VALID"

    alone.goto(f"{roadside.server.terminal}/#queue")
    alone.get_by_role("button", name="结束执勤").click()
    expect(alone.locator(".shift-screen, .queue").first).to_be_visible()
    expect(alone.get_by_role("button", name="结束执勤")).to_have_count(0)
    assert alone.evaluate(KEPT, "shift") == []
    assert alone.evaluate(KEPT, "counters") == []
    assert len(alone.evaluate(KEPT, "queue")) == 1  # sealed, and handed in later


def test_a_killed_terminal_shows_nothing_and_hands_its_sealed_queue_in_once(
    alone: Page, roadside: Roadside
) -> None:
    before = roadside.records()
    assert check(alone, roadside.phone().code()) == "VALID"
    next_driver(alone)
    assert len(alone.evaluate(KEPT, "queue")) == 1
    [terminal] = own_keys(alone)
    with sqlite3.connect(roadside.server.state / "register.sqlite") as db:
        db.execute(
            "UPDATE terminal SET killed_at = registered_at WHERE terminal_id = ?",
            (terminal,),
        )
    roadside.begin_again()
    alone.locator("#code").fill("ABCD-EFGH")
    alone.locator("#code").press("Enter")
    expect(alone.locator(".shift-screen .notice")).to_contain_text("停用", timeout=BACK)
    assert alone.evaluate(KEPT, "shift") == alone.evaluate(KEPT, "counters") == []
    alone.evaluate("window.dispatchEvent(new Event('online'))")  # as by itself, within seconds
    deadline = time.monotonic() + BACK / 1000
    while own_keys(alone) and time.monotonic() < deadline:
        alone.wait_for_timeout(100)
    assert alone.evaluate(KEPT, "queue") == own_keys(alone) == []
    assert roadside.records() == before + 1
    with sqlite3.connect(roadside.server.state / "register.sqlite") as db:
        query = "SELECT reason FROM offline_record WHERE terminal_id = ?"
        kept = db.execute(query, (terminal,)).fetchall()
    assert kept == [("unknown_device_key",)]  # this driver is in no register; it came, once


def test_training_runs_without_a_server_and_leaves_nothing(alone: Page, roadside: Roadside) -> None:
    alone.goto(f"{roadside.server.terminal}/#training")
    asked: list[str] = []
    alone.on("request", lambda request: asked.append(request.url))
    words = {}
    expect(alone.locator("[data-scene]")).to_have_count(15)
    for scene in alone.locator("[data-scene]").all():
        name = scene.get_attribute("data-scene") or ""
        scene.click()
        band = alone.locator(".training .verdict-band")
        words[name] = band.get_attribute("data-verdict")
        if name not in {"forged", "no-face"}:
            drawn = "image => image.decode().then(() => image.naturalWidth)"
            assert alone.locator(".training .portrait img").evaluate(drawn) == 60
            expect(alone.locator(".training .specimen-tag")).to_be_visible()
        expect(alone.locator(".training-banner")).to_be_visible()
        if name == "digits":
            alone.get_by_role("button", name="驾驶人已输入数字").click()
            expect(band).to_have_attribute("data-verdict", "VALID")
        if name == "face":
            alone.locator("[data-face=differs]").click()
            expect(alone.locator(".face-choice")).to_have_count(0)
            expect(band).to_have_attribute("data-verdict", "CANNOT_CONFIRM")
        next_driver(alone)
    assert len(words) == 15
    assert set(words.values()) == {"VALID", "NOT_VALID", "NOT_GENUINE", "CANNOT_CONFIRM"}
    # The page's own files, and the stream that any open page knocks for.
    assert [
        url for url in asked if not re.match(r"data:|http://[^/]+/(assets/|events$)", url)
    ] == []
    assert alone.evaluate(KEPT, "queue") == alone.evaluate(KEPT, "counters") == []


def test_a_check_takes_no_tap_and_the_next_one_takes_one(alone: Page, roadside: Roadside) -> None:
    taps = count_taps(alone)
    for driver in range(2):  # what a hand-held scanner types
        alone.evaluate("document.activeElement.blur()")
        alone.evaluate(SCANNER, roadside.phone().code())
        expect(alone.locator(".verdict-band")).to_have_attribute("data-verdict", "VALID")
        assert taps() == driver
        next_driver(alone)
        assert taps() == driver + 1
