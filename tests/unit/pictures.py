"""Pictures of nobody, as a phone would send them: drawn like the specimens, and mutilated.

The faces are the specimens' own, drawn in code and doubled in size; the cascade finds all of
them, as it would a photograph, which is why the machine approves nothing.
"""

import io
import struct
from collections.abc import Callable
from functools import lru_cache
from typing import Any
from zlib import compress, crc32

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from jiazhao.licence.licence import Sex
from jiazhao.specimen.draws import Draws
from jiazhao.specimen.portrait.look import look_of
from jiazhao.specimen.portrait.sitting import draw

WIDTH, HEIGHT = 520, 756


@lru_cache(8)
def sitter(number: int = 1) -> Image.Image:
    """Return a portrait as the electronic licence wants it; another number is another face."""
    sex = Sex.FEMALE if number % 2 else Sex.MALE
    face = draw(look_of(Draws(f"sitter {number}"), sex, "CN", 24 + number))
    return face.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def written(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    out = io.BytesIO()
    if kind == "JPEG":
        options = {"quality": 92, **options}
    image.save(out, kind, **options)
    return out.getvalue()


def good(number: int = 1) -> bytes:
    """Return what the machine has nothing against."""
    return written(sitter(number))


# -- mutilations that leave a picture


def on_ground(colour: tuple[int, int, int]) -> Image.Image:
    """Return the portrait before a wall of another colour."""
    image = sitter().copy()
    for corner in ((0, 0), (WIDTH - 1, 0)):
        ImageDraw.floodfill(image, corner, colour, thresh=24)
    return image


def without_face() -> Image.Image:
    """Return the portrait with a white sheet before the face."""
    image = sitter().copy()
    ImageDraw.Draw(image).ellipse((100, 60, 420, 540), fill=(245, 240, 236))
    return image


def with_another() -> Image.Image:
    """Return a picture of two, side by side."""
    image = Image.new("RGB", (1040, 1510), "white")
    for number, left in ((1, 0), (2, 520)):
        image.paste(sitter(number), (left, 300))
    return image


def placed(scale: float, *, right: int = 0, down: int = 0) -> Image.Image:
    """Return the portrait larger or smaller, and moved, on a white sheet of the same size."""
    sized = sitter().resize((round(WIDTH * scale), round(HEIGHT * scale)))
    sheet = Image.new("RGB", (WIDTH, HEIGHT), "white")
    sheet.paste(sized, ((WIDTH - sized.width) // 2 + right, (HEIGHT - sized.height) // 2 + down))
    return sheet


def on_phone() -> Image.Image:
    """Return the portrait as a phone takes it, 3 by 4."""
    sheet = Image.new("RGB", (900, 1200), "white")
    sitting = sitter(5).resize((822, 1195), Image.Resampling.LANCZOS)
    sheet.paste(sitting, ((900 - 822) // 2, 5))
    return sheet


def blurred() -> Image.Image:
    return sitter(3).filter(ImageFilter.GaussianBlur(6))


def darkened() -> Image.Image:
    """Return a face in the dark before a wall that is lit."""
    dark = ImageEnhance.Brightness(sitter()).enhance(0.3)
    lit = sitter().convert("L").point(lambda value: 255 if value > 252 else 0)
    return Image.composite(sitter(), dark, lit)


def half_in_shade() -> Image.Image:
    image = sitter().copy()
    shade = ImageEnhance.Brightness(image.crop((WIDTH // 2, 100, 460, HEIGHT))).enhance(0.5)
    image.paste(shade, (WIDTH // 2, 100))
    return image


# -- a camera's data


def exif(taken: str = "", *, orientation: int = 1) -> bytes:
    """Return Exif data with the day of the photograph, as `2026:05:20 10:00:00`."""
    data = Image.Exif()
    data[0x0112] = orientation
    if taken:
        data.get_ifd(0x8769)[0x9003] = taken
    return data.tobytes()


def taken(when: str, **more: Any) -> bytes:
    return written(sitter(), exif=exif(when, **more))


# -- files that are more, or less, than a picture


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", crc32(name + body))


def png_bomb(width: int = 50_000, height: int = 50_000) -> bytes:
    """Return a PNG of a few kilobytes that asks for gigabytes."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", compress(bytes(8_000_000), 9))
        + chunk(b"IEND", b"")
    )


def png_with(*chunks: bytes) -> bytes:
    """Return the portrait as PNG with more chunks after its header."""
    octets = written(sitter(), "PNG")
    return octets[:33] + b"".join(chunks) + octets[33:]


def jpeg_with(marker: int, body: bytes) -> bytes:
    """Return the portrait with one more segment."""
    octets = good()
    segment = bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body
    return octets[:2] + segment + octets[2:]


def jpeg_of_scans(number: int) -> bytes:
    """Return a progressive JPEG whose last scan stands `number` times."""
    octets = written(sitter(), progressive=True)
    last = octets.rindex(b"\xff\xda")
    return octets[:-2] + octets[last:-2] * number + b"\xff\xd9"


def jpeg_that_says(width: int, height: int) -> bytes:
    """Return the portrait with other sizes in its frame header."""
    octets = bytearray(good())
    frame = octets.index(b"\xff\xc0")
    octets[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(octets)


def animation(kind: str) -> bytes:
    """Return a picture that moves, as WEBP or PNG."""
    return written(sitter(1), kind, save_all=True, append_images=[sitter(2)], duration=100)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

Made = Callable[[], bytes]
