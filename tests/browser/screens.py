"""Takes a picture of every screen: `python -m tests.browser.screens FOLDER`."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.tour import tour
from tests.browser.visits import ARGUMENTS, CHROMIUM
from tests.live_server import start, stop

LOOKS = [
    (language, scheme, width)
    for language in ("zh", "en")
    for scheme in ("light", "dark")
    for width in (320, 390, 1280)
]


def take(folder: Path) -> None:
    """Start a demonstration, walk through it in every look, and write the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        process, server = start(Path(place) / "state", "--holders", "12")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            for language, scheme, width in LOOKS:
                look = {"language": language, "scheme": scheme, "width": width}
                for name, page in tour(browser, server, **look):  # type: ignore[arg-type]
                    path = folder / f"{name}-{width}-{scheme}-{language}.png"
                    page.screenshot(path=path, full_page=True, animations="disabled")
                for context in browser.contexts:
                    context.close()
        finally:
            browser.close()
            stop(process)


if __name__ == "__main__":
    take(Path(sys.argv[1]))
