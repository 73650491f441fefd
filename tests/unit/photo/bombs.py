"""Files made to exhaust whoever looks at them; the tests and the gates examine them."""

from collections.abc import Callable
from typing import Any
from zlib import compress

from PIL import Image

from jiazhao.photo.container import MAX_OCTETS
from tests.unit import pictures
from tests.unit.pictures import chunk


def large(kind: str = "JPEG", *, mode: str = "RGB", **options: Any) -> bytes:
    """Return the largest picture that is decoded at all, all white."""
    size = (3096, 4128) if kind == "JPEG" else (1850, 2700)
    return pictures.written(Image.new(mode, size, "white"), kind, **options)


BOMBS: dict[str, Callable[[], bytes]] = {
    "pixels": pictures.png_bomb,
    "pixels in a jpeg": lambda: pictures.jpeg_that_says(65_535, 65_535),
    "one row": lambda: pictures.png_bomb(1, 10_001),
    "more content than pixels": lambda: pictures.png_bomb(520, 756),
    "chunks": lambda: pictures.png_with(chunk(b"tEXt", b"") * 500_000),
    "segments": lambda: b"\xff\xd8" + b"\xff\xe1\0\2" * 1_500_000,
    "filled up": lambda: b"\xff\xd8" + b"\xff" * (MAX_OCTETS - 2),
    "restarts": lambda: pictures.good()[:-2] + b"\xff\xd0" * 3_000_000,
    "scans": lambda: pictures.jpeg_of_scans(400),
    "frames of a film": lambda: pictures.animation("WEBP"),
    "riff chunks": lambda: (
        b"RIFF" + (4 + 8 * 900_000).to_bytes(4, "little") + b"WEBP" + b"XXXX\0\0\0\0" * 900_000
    ),
    "svg": lambda: b"<svg>" + b"<g>" * 1_000_000,
    "zip with a jpeg's head": lambda: b"\xff\xd8\xff\xe0" + b"PK\x03\x04" * 1_000_000,
}

DECODED: dict[str, Callable[[], bytes]] = {
    "largest": large,
    "largest, bit by bit": lambda: large(progressive=True, subsampling=0),
    "largest png": lambda: large("PNG", mode="RGBA"),
    "largest webp": lambda: large("WEBP", mode="RGBA", lossless=True),
    "a text that unpacks, which is never read": lambda: pictures.png_with(
        *[chunk(b"zTXt", b"a\0\0" + compress(bytes(60_000_000)))] * 8
    ),
}
"""No bombs, but what costs most of all that is looked at."""
