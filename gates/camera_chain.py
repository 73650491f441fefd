"""From frames of a camera to the word: a real Chromium with a fake camera at the terminal's page.

Codes are made for this run, drawn by the wallet's own module, filmed, and played as a camera; the
terminal's reader reads them in its page, and the pages' verifier checks what was read, without a
server. The time runs from the first played frame that shows the code to the word.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

import cv2
from playwright.sync_api import Page, sync_playwright

from gates.camera_codes import CodeMaker
from gates.camera_frames import Camera, Conditions, Grey, read_jpeg, write_mjpeg

BLANK_FRAMES: Final = 12
"""Between two codes, so that each is seen to begin."""
CODE_FRAMES: Final = 46
"""A second and a half: what takes longer than one is seen to."""

TWICE: Final = 2
"""Chromium plays JPEGs at 30 frames a second; the camera takes 15."""

_CORNER: Final = 16
_QUALITY: Final = 95
"""The camera's own JPEG was worse; the film keeps what it made."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One showing of a code: what was read, and how long after the first frame of it."""

    codes: tuple[bytes, ...]
    word: str | None
    milliseconds: float | None


@dataclass(frozen=True, slots=True)
class Watched:
    """What a page saw of a film."""

    width: int
    height: int
    frames: int
    seen: tuple[Seen, ...]


def write_film(
    path: Path, shown: Sequence[Grey], conditions: Conditions, chance: Random, *, share: float
) -> None:
    """A film of codes, each held in front of the camera by an unsteady hand."""
    camera = Camera(chance)
    blank = _in_colour(camera.take(shown[0] * 0 + 90, conditions, share=share), is_code=False)

    def frames() -> Iterator[bytes]:
        for code in shown:
            yield from [blank] * BLANK_FRAMES
            for _ in range(CODE_FRAMES // TWICE):
                taken = _in_colour(camera.take(code, conditions, share=share), is_code=True)
                yield from [taken] * TWICE
        yield from [blank] * BLANK_FRAMES

    write_mjpeg(path, frames())


def _in_colour(jpeg: bytes, *, is_code: bool) -> bytes:
    """A camera's picture has colours; its corner says whether a code is shown."""
    frame = cv2.cvtColor(read_jpeg(jpeg), cv2.COLOR_GRAY2BGR)
    frame[:_CORNER, :_CORNER] = 255 if is_code else 0
    done, octets = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not done:
        raise ValueError("the frame cannot be written")
    return octets.tobytes()


@contextmanager
def playing(film: Path, chromium: str, arguments: Sequence[str]) -> Iterator[Page]:
    """A page of a Chromium that plays a film as its camera."""
    flags = [
        *arguments,
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        try:
            context = browser.new_context(permissions=["camera"])
            context.set_default_timeout(120_000)
            yield context.new_page()
        finally:
            browser.close()


def prepare(page: Page, maker: CodeMaker) -> None:
    """Give the terminal's page what a shift would; from then on it needs no server."""
    page.evaluate(
        f"(given) => {{ {_source('code_checker.js')} {_source('film_codes.js')}"
        " window.watchFilm = watch; return prepare(given, checkerOf); }",
        maker.given(),
    )


def watch(page: Page, count: int) -> Watched:
    """Let the page watch until it saw so many codes come and go."""
    told: Any = page.evaluate("(count) => window.watchFilm(count)", count)
    return Watched(
        told["width"],
        told["height"],
        told["frames"],
        tuple(
            Seen(tuple(map(bytes.fromhex, one["codes"])), one["word"], one["milliseconds"])
            for one in told["seen"]
        ),
    )


def _source(name: str) -> str:
    """A module's functions as the body of another one."""
    text = (Path(__file__).parent / name).read_text("utf-8")
    return re.sub(r"^export ", "", text, flags=re.MULTILINE)
