"""The terminal as an app on a device: it opens without a server, and versions never mix."""

import base64
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.visits import KEEPING, keep_pages, visitor
from tests.live_server import LiveServer, start, stop

ROOT = Path(__file__).parents[2]


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], LiveServer]]:
    """Yield a demonstration that the test may stop."""
    process, server = start(tmp_path / "state", "--holders", "12", "--seed", "1")
    yield process, server
    if process.poll() is None:
        stop(process)


def kept(page: Page, origin: str) -> Page:
    """Open the page, wait until its files are kept, and open it from them."""
    page.goto(origin)
    keep_pages(page)
    page.reload()
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    return page


def test_the_page_opens_while_the_server_is_stopped(
    browser: Browser, own_server: tuple[subprocess.Popen[bytes], LiveServer]
) -> None:
    process, server = own_server
    page = kept(visitor(browser, **KEEPING), server.terminal)
    stop(process)

    page.reload()

    expect(page.locator("main h1")).to_have_text("执勤核验")
    expect(page.locator("main .notice")).to_contain_text("无法连接")
    names = page.evaluate("caches.keys()")
    assert len(names) == 1
    listed = page.evaluate(
        """(name) => caches.open(name).then((cache) => cache.keys())
             .then((all) => all.map(({url}) => new URL(url).pathname))""",
        names[0],
    )
    answers = [path for path in listed if not path.startswith("/assets/")]
    assert answers == ["/"]  # and never an answer of the service


def test_a_newer_version_is_taken_whole_and_when_the_person_says_so(
    browser: Browser,
    own_server: tuple[subprocess.Popen[bytes], LiveServer],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    process, server = own_server
    page = kept(visitor(browser, **KEEPING), server.terminal)
    [before] = page.evaluate("caches.keys()")
    stop(process)
    changed = tmp_path / "changed"
    shutil.copytree(ROOT / "src", changed, ignore=shutil.ignore_patterns("__pycache__"))
    words = changed / "jiazhao/web/shared/messages.zh.js"
    words.write_text(words.read_text("utf-8").replace('"执勤核验"', '"执勤核验二"'), "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(changed))
    second, _ = start(server.state, port=server.port)
    try:
        page.reload()
        newer = page.locator(".newer button")
        expect(newer).to_be_visible()
        expect(page.locator("main h1")).to_have_text("执勤核验")  # still the first, whole
        assert set(page.evaluate("caches.keys()")) > {before}
        newer.click()
        expect(page.locator("main h1")).to_have_text("执勤核验二")
        expect(page.locator(".newer")).to_have_count(0)
        assert before not in page.evaluate("caches.keys()")
    finally:
        stop(second)


def test_a_file_of_another_version_is_refused(
    browser: Browser,
    own_server: tuple[subprocess.Popen[bytes], LiveServer],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    process, server = own_server
    page = kept(visitor(browser, **KEEPING), server.terminal)
    [name] = page.evaluate("caches.keys()")
    stop(process)
    changed = tmp_path / "changed"
    shutil.copytree(ROOT / "src", changed, ignore=shutil.ignore_patterns("__pycache__"))
    with (changed / "jiazhao/web/shared/clock.js").open("a", encoding="utf-8") as file:
        file.write("// another version\n")
    monkeypatch.setenv("PYTHONPATH", str(changed))
    second, _ = start(server.state, port=server.port)
    try:
        lost = page.evaluate(
            """async (name) => {
                 const cache = await caches.open(name);
                 await cache.delete("/assets/shared/clock.js");
                 await cache.delete("/assets/shared/dates.js");
                 const tried = ["clock", "dates"].map((file) => fetch(`/assets/shared/${file}.js`));
                 return (await Promise.allSettled(tried)).map(({status}) => status);
               }""",
            name,
        )
        assert lost == ["rejected", "fulfilled"]
    finally:
        stop(second)


def test_octets_of_a_code_are_read_in_a_thread_of_its_own(
    browser: Browser, live_server: LiveServer, tmp_path: Path
) -> None:
    octets = bytes(range(256)) + bytes(reversed(range(256))) + bytes(206)
    picture = tmp_path / "code.png"
    code = zxingcpp.create_barcode(octets, zxingcpp.BarcodeFormat.QRCode, ec_level="L")
    Image.fromarray(code.to_image(scale=5)).save(picture)
    page = visitor(browser, **KEEPING)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(live_server.terminal)

    read = page.evaluate(
        """async (encoded) => {
             const {codesIn} = await import("/assets/terminal/reader.js");
             const {toBase64url} = await import("/assets/shared/base64url.js");
             const png = Uint8Array.from(atob(encoded), (one) => one.charCodeAt(0));
             const blob = new Blob([png], {type: "image/png"});
             return (await codesIn(blob)).map(toBase64url);
           }""",
        base64.b64encode(picture.read_bytes()).decode(),
    )

    assert read == [base64.urlsafe_b64encode(octets).decode().rstrip("=")]
    assert said == []
    assert [url for url in asked if not url.startswith((live_server.terminal, "data:"))] == []


def test_no_script_but_our_own_can_be_started(browser: Browser, live_server: LiveServer) -> None:
    page = visitor(browser, **KEEPING)
    page.goto(live_server.terminal)
    refused = page.evaluate(
        """async () => {
             const {ownScript} = await import("/assets/shared/own-scripts.js");
             const tries = {
               text: () => new Worker("/assets/terminal/reader-worker.js"),
               foreign: () => new Worker(ownScript("https://example.org/x.js")),
               policy: () => trustedTypes.createPolicy("another", {createScriptURL: (x) => x}),
               code: () => (0, eval)("1 + 1"),
             };
             return Object.entries(tries).filter(([, attempt]) => {
               try { attempt(); return false; } catch { return true; }
             }).map(([name]) => name);
           }"""
    )
    assert refused == ["text", "foreign", "policy", "code"]
