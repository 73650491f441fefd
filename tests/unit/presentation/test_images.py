"""Pictures of codes that an officer uploads: one code is read, everything else is refused fast."""

import struct
import time
import zlib
from collections.abc import Callable
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image

from jiazhao.errors import ErrorCode, UnreadableError
from jiazhao.presentation.images import MAX_IMAGE_OCTETS, MAX_PIXELS, read_code

TEXT = "AlDdhEOhASag" + "aB3-_" * 34
REFUSED_WITHIN = 1.0
"""Seconds: 200 ms on an idle machine, times five for a busy one."""


def drawn_as(kind: zxingcpp.BarcodeFormat, text: str) -> Image.Image:
    """Return a barcode of that kind, one pixel a module."""
    return Image.fromarray(zxingcpp.write_barcode_to_image(zxingcpp.create_barcode(text, kind)))


def code(text: str = TEXT, *, scale: int = 4) -> Image.Image:
    """Return a QR code with its quiet zone."""
    drawn = drawn_as(zxingcpp.BarcodeFormat.QRCode, text)
    return drawn.resize((drawn.width * scale, drawn.height * scale), Image.Resampling.NEAREST)


def saved(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    out = BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def beside(*images: Image.Image) -> Image.Image:
    sheet = Image.new("L", (sum(one.width for one in images), images[0].height), 255)
    left = 0
    for one in images:
        sheet.paste(one, (left, 0))
        left += one.width
    return sheet


def png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """Return a PNG that claims to be that large, with whatever chunks."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    out = b"\x89PNG\r\n\x1a\n"
    for name, content in ((b"IHDR", header), *chunks, (b"IEND", b"")):
        checked = name + content
        out += struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))
    return out


def refusal(octets: bytes) -> ErrorCode:
    """Return why a picture is refused, after checking that it was fast."""
    start = time.perf_counter()
    with pytest.raises(UnreadableError) as refused:
        read_code(octets)
    assert time.perf_counter() - start < REFUSED_WITHIN
    return refused.value.code


@pytest.mark.parametrize(
    "photographed",
    [
        pytest.param(lambda image: saved(image), id="PNG"),
        pytest.param(lambda image: saved(image, "JPEG", quality=60), id="JPEG"),
        pytest.param(lambda image: saved(image.convert("RGB")), id="in colour"),
        pytest.param(lambda image: saved(image.convert("P")), id="with a palette"),
        pytest.param(lambda image: saved(image.convert("LA")), id="with transparency"),
        pytest.param(lambda image: saved(image.convert("I;16")), id="16 bits a pixel"),
        pytest.param(lambda image: saved(image.rotate(90, expand=True)), id="lying"),
        pytest.param(lambda image: saved(image.rotate(7, expand=True, fillcolor=255)), id="askew"),
        pytest.param(lambda image: saved(Image.eval(image, lambda dot: 255 - dot)), id="inverted"),
        pytest.param(lambda image: saved(beside(image, image)), id="the same code twice"),
    ],
)
def test_one_code_is_read(photographed: Callable[[Image.Image], bytes]) -> None:
    assert read_code(photographed(code())) == TEXT


def test_a_picture_as_large_as_allowed_is_read() -> None:
    sheet = Image.new("L", (4000, MAX_PIXELS // 4000), 255)
    sheet.paste(code(), (1700, 1800))
    assert read_code(saved(sheet)) == TEXT


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"AlDdtext", id="text"),
        pytest.param(saved(Image.new("L", (300, 300), 255)), id="no code"),
        pytest.param(saved(beside(code(), code("AlDdanother" + TEXT))), id="two codes"),
        pytest.param(saved(code())[:-200], id="cut off"),
        pytest.param(saved(code(), "GIF"), id="GIF"),
        pytest.param(saved(code(), "WEBP", lossless=True), id="WebP"),
        pytest.param(saved(code(), "TIFF"), id="TIFF"),
        pytest.param(saved(code(), "BMP"), id="BMP"),
        pytest.param(b'<svg xmlns="http://www.w3.org/2000/svg"><image href="x"/></svg>', id="SVG"),
        pytest.param(b"\x89PNG\r\n\x1a\n", id="a PNG that stops after its name"),
        pytest.param(b"\xff\xd8\xff<svg/>", id="an SVG that begins as a JPEG"),
        pytest.param(b"%PDF-1.7\n" + saved(code(), "JPEG"), id="a PDF that goes on as a JPEG"),
        pytest.param(b"GIF89a" + saved(code()), id="a GIF that goes on as a PNG"),
        pytest.param(png(0, 0), id="a PNG of no size"),
        pytest.param(png(400, 400, (b"IDAT", b"not deflated")), id="a PNG with bad data"),
        pytest.param(png(400, 400), id="a PNG without data"),
        pytest.param(saved(code()).replace(b"IDAT", b"IDAU", 1), id="a PNG with a lost chunk"),
    ],
)
def test_what_has_not_one_clear_code_is_refused(octets: bytes) -> None:
    assert refusal(octets) is ErrorCode.NO_CODE_IN_IMAGE


@pytest.mark.parametrize("kind", [zxingcpp.BarcodeFormat.Aztec, zxingcpp.BarcodeFormat.DataMatrix])
def test_another_kind_of_code_is_no_code(kind: zxingcpp.BarcodeFormat) -> None:
    other = drawn_as(kind, TEXT)
    assert refusal(saved(other)) is ErrorCode.NO_CODE_IN_IMAGE


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(png(60_000, 60_000), id="3.6 gigapixels"),
        pytest.param(png(2**31 - 1, 2**31 - 1), id="as large as can be claimed"),
        pytest.param(png(4001, 4000), id="one row more than allowed"),
        pytest.param(bytes(MAX_IMAGE_OCTETS + 1), id="one byte more than allowed"),
        pytest.param(
            saved(Image.new("1", (12_000, 12_000)), optimize=True), id="144 megapixels in 20 kB"
        ),
    ],
)
def test_a_bomb_is_refused_before_it_is_decoded(octets: bytes) -> None:
    assert refusal(octets) is ErrorCode.LIMIT_EXCEEDED


def test_text_that_unpacks_without_end_is_refused() -> None:
    bomb = b"Comment\0\0" + zlib.compress(bytes(16 << 20), 9)
    assert refusal(png(400, 400, (b"zTXt", bomb))) is ErrorCode.NO_CODE_IN_IMAGE


def test_a_colour_profile_that_unpacks_without_end_is_refused() -> None:
    bomb = b"profile\0\0" + zlib.compress(bytes(16 << 20), 9)
    assert refusal(png(400, 400, (b"iCCP", bomb))) is ErrorCode.NO_CODE_IN_IMAGE
