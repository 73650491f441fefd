"""Takes a picture of every screen: `python -m tests.browser.screens FOLDER [LOOK ...]`.

A look is named as in `zh-light-390`; without one, all are taken. `index.html` in the folder
shows all pictures side by side.
"""

import html
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.states import Look, terminal_states, wallet_states
from tests.browser.tour import tour
from tests.browser.visits import ARGUMENTS, CHROMIUM
from tests.live_server import LiveServer, start, stop

LOOKS = {
    f"{language}-{scheme}-{width}": Look(language, scheme, width)
    for language in ("zh", "en")
    for scheme in ("light", "dark")
    for width in (320, 390, 1280)
}
DESK = 1280
STYLE = """
body { margin: 24px; background: #e8ecf0; color: #131d29; font: 16px/1.5 system-ui, sans-serif; }
section { margin-block: 32px; }
div { display: flex; flex-wrap: wrap; align-items: start; gap: 16px; }
figure { margin: 0; }
img { display: block; width: auto; max-width: 460px; max-height: 640px; border: 1px solid #8796a5; }
"""


def screens(browser: Browser, server: LiveServer, look: Look) -> Iterator[tuple[str, Page]]:
    """Yield every screen in one look; the wallet is a phone's, and so is not seen on a desk."""
    yield from tour(browser, server, language=look.language, scheme=look.scheme, width=look.width)
    _leave(browser)
    yield from terminal_states(browser, server, look)
    _leave(browser)
    if look.width < DESK:
        yield from wallet_states(browser, server, look)
        _leave(browser)


def take(folder: Path, names: Sequence[str]) -> None:
    """Start a demonstration, walk through it in each look, and write pictures and their sheet."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        process, server = start(Path(place) / "state", "--holders", "12", "--seed", "1")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            for name in names:
                for screen, page in screens(browser, server, LOOKS[name]):
                    path = folder / f"{screen}.{name}.png"
                    page.evaluate("scrollTo(0, 0)")  # what sticks to the top stays there
                    page.screenshot(path=path, full_page=True, animations="disabled")
                    sys.stdout.write(f"{path.name}\n")
                    sys.stdout.flush()
        finally:
            browser.close()
            stop(process)
    _write_sheet(folder)


def _leave(browser: Browser) -> None:
    for context in browser.contexts:
        context.close()


def _write_sheet(folder: Path) -> None:
    """Write one page with all pictures, the looks of a screen in one row."""
    rows: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*.*.png")):
        rows.setdefault(path.name.split(".")[0], []).append(path.name)
    sections = "".join(
        f"<section><h2>{html.escape(screen)}</h2><div>{''.join(map(_figure, pictures))}</div>"
        "</section>"
        for screen, pictures in rows.items()
    )
    head = f'<meta charset="utf-8"><title>Screens</title><style>{STYLE}</style>'
    (folder / "index.html").write_text(
        f'<!doctype html><html lang="en">{head}<h1>Screens</h1>{sections}</html>\n', "utf-8"
    )


def _figure(name: str) -> str:
    safe = html.escape(name)
    return (
        f'<figure><a href="{safe}"><img src="{safe}" alt="" loading="lazy"></a>'
        f"<figcaption>{safe.split('.')[1]}</figcaption></figure>"
    )


if __name__ == "__main__":
    take(Path(sys.argv[1]), sys.argv[2:] or list(LOOKS))
