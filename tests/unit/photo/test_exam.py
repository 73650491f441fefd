"""Each picture is refused for its own reason, or waits for a person; none is approved."""

import io
from collections.abc import Callable
from datetime import date, datetime
from functools import partial

import pytest
from PIL import Image, ImageChops, ImageStat

from jiazhao.errors import ErrorCode
from jiazhao.photo import Examined, examine
from jiazhao.photo.encode import MAX_KEPT_OCTETS, encode
from tests.unit import pictures
from tests.unit.pictures import written

OLDEST = date(2025, 12, 1)


@pytest.fixture
def look(now: datetime) -> Callable[[bytes], Examined]:
    return partial(examine, oldest=OLDEST, now=now)


Look = Callable[[bytes], Examined]


def codes(examined: Examined) -> list[str]:
    return [finding.code.name.removeprefix("PHOTO_") for finding in examined.findings]


PASSES: dict[str, pictures.Made] = {
    "jpeg": pictures.good,
    "another face": lambda: pictures.good(2),
    "progressive": lambda: written(pictures.sitter(), progressive=True),
    "png": lambda: written(pictures.sitter(), "PNG"),
    "png with a ground that shows through": lambda: written(
        pictures.sitter().convert("RGBA"), "PNG"
    ),
    "webp": lambda: written(pictures.sitter(), "WEBP", quality=90),
    "webp without loss": lambda: written(pictures.sitter(), "WEBP", lossless=True),
    "webp with a ground that shows through": lambda: written(
        pictures.sitter().convert("RGBA"), "WEBP", quality=90
    ),
    "large": lambda: written(pictures.sitter().resize((2600, 3780))),
    "taken yesterday": lambda: pictures.taken("2026:05:31 10:00:00"),
    "taken six months ago": lambda: pictures.taken("2025:12:01 00:00:00"),
    "a day that is none": lambda: pictures.taken("0000:00:00 00:00:00"),
    "a colour profile and a comment": lambda: written(
        pictures.sitter(), icc_profile=b"\0" * 5000, comment=b"canteen"
    ),
}


@pytest.mark.parametrize("kind", PASSES)
def test_what_fits_waits_for_a_person(look: Look, kind: str) -> None:
    examined = look(PASSES[kind]())
    assert codes(examined) == []
    with Image.open(io.BytesIO(examined.jpeg)) as kept:
        assert (kept.format, kept.size) == ("JPEG", (520, 756))
        assert kept.getexif() == {}
        assert not {"icc_profile", "comment", "exif"} & kept.info.keys()
    assert len(examined.jpeg) <= MAX_KEPT_OCTETS


REFUSED: dict[str, dict[str, pictures.Made]] = {
    # what the file is
    "FORMAT": {
        "nothing": lambda: b"",
        "a drawing in SVG": lambda: pictures.SVG,
        "gif": lambda: written(pictures.sitter(), "GIF"),
        "bmp": lambda: written(pictures.sitter(), "BMP"),
        "tiff": lambda: written(pictures.sitter(), "TIFF"),
        "jpeg 2000 by its name": lambda: b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(100),
        "lossless jpeg": lambda: pictures.good().replace(b"\xff\xc0", b"\xff\xc3", 1),
        "a chunk that must be understood": lambda: pictures.png_with(pictures.chunk(b"ABCD", b"")),
    },
    "DAMAGED": {
        "cut short": lambda: pictures.good()[:-5000],
        "cut within a segment": lambda: pictures.good()[:100],
        "three octets": lambda: b"\xff\xd8\xff",
        "no picture in it": lambda: b"\xff\xd8\xff\xd9",
        "png cut short": lambda: written(pictures.sitter(), "PNG")[:-20],
        "png with a wrong sum": lambda: bytes(
            octet ^ (place == 60) for place, octet in enumerate(pictures.png_with())
        ),
        "png without content": lambda: b"\x89PNG\r\n\x1a\n" + pictures.chunk(b"IEND", b""),
        "webp cut short": lambda: written(pictures.sitter(), "WEBP")[:-100],
    },
    "TOO_LARGE": {"nine megabytes": lambda: b"\xff\xd8\xff" + bytes(9 << 20)},
    "TOO_MANY_PIXELS": {
        "png": pictures.png_bomb,
        "one row": lambda: pictures.png_bomb(10_001, 1),
        "jpeg": lambda: pictures.jpeg_that_says(60_000, 60_000),
    },
    "TOO_MANY_PARTS": {
        "chunks": lambda: pictures.png_with(pictures.chunk(b"tEXt", b"a\0b") * 10_000),
        "scans": lambda: pictures.jpeg_of_scans(50),
    },
    "HOLDS_MORE": {
        "a zip after the picture": lambda: pictures.good() + b"PK\x03\x04" + bytes(100),
        "one octet after the picture": lambda: pictures.good() + b"\0",
        "a film after the png": lambda: written(pictures.sitter(), "PNG") + b"ftypmp42",
        "a page after the webp": lambda: written(pictures.sitter(), "WEBP") + b"<html>",
        "a pdf in a comment": lambda: pictures.jpeg_with(0xFE, b"\n%PDF-1.4\n1 0 obj"),
        "a script in a comment": lambda: pictures.jpeg_with(0xFE, b"*/<script>alert(1)</script>"),
        "a zip in a chunk": lambda: pictures.png_with(pictures.chunk(b"ziPs", b"PK\x05\x06")),
    },
    "MOVES": {
        "webp": lambda: pictures.animation("WEBP"),
        "png": lambda: pictures.animation("PNG"),
    },
    "FOR_PRINT": {"cmyk": lambda: written(pictures.sitter().convert("CMYK"))},
    # what the picture is
    "NOT_IN_COLOUR": {
        "jpeg": lambda: written(pictures.sitter().convert("L")),
        "png": lambda: written(pictures.sitter().convert("L"), "PNG"),
    },
    "TOO_FEW_PIXELS": {"the archive's own": lambda: written(pictures.sitter().resize((260, 378)))},
    "PROPORTIONS": {
        "a phone's 3 by 4": lambda: written(pictures.sitter().resize((567, 756))),
        "narrow": lambda: written(pictures.sitter().resize((520, 800))),
        "a strip": lambda: written(Image.new("RGB", (10, 9_000), "white")),
    },
    "TOO_OLD": {"half a year and a day": lambda: pictures.taken("2025:11:30 23:59:59")},
    "DATE_AHEAD": {"next week": lambda: pictures.taken("2026:06:08 10:00:00")},
    "GROUND_NOT_WHITE": {
        "blue": lambda: written(pictures.on_ground((80, 120, 200))),
        "grey": lambda: written(pictures.on_ground((170, 170, 170))),
        "cream": lambda: written(pictures.on_ground((250, 235, 200))),
    },
    "NO_FACE": {
        "a wall": lambda: written(Image.new("RGB", (520, 756), "white")),
        "a mask": lambda: written(pictures.without_face()),
    },
    "SEVERAL_FACES": {"two": lambda: written(pictures.with_another())},
    "FACE_TOO_SMALL": {"far away": lambda: written(pictures.placed(0.5))},
    "FACE_TOO_LARGE": {"too near": lambda: written(pictures.placed(1.5, down=40))},
    "FACE_OFF_CENTRE": {
        "to the right": lambda: written(pictures.placed(0.9, right=60)),
        "too low": lambda: written(pictures.placed(0.9, down=150)),
    },
    "BLURRED": {"soft": lambda: written(pictures.blurred())},
    "BADLY_LIT": {"in the dark": lambda: written(pictures.darkened())},
    "UNEVENLY_LIT": {"half in the shade": lambda: written(pictures.half_in_shade())},
}


@pytest.mark.parametrize(
    ("reason", "kind"), [(reason, kind) for reason, kinds in REFUSED.items() for kind in kinds]
)
def test_a_picture_is_refused_for_its_own_reason(look: Look, reason: str, kind: str) -> None:
    examined = look(REFUSED[reason][kind]())
    found = codes(examined)
    assert reason in found
    # A head that fills the picture hides the ground, too.
    assert set(found) - {reason} <= ({"GROUND_NOT_WHITE"} if reason == "FACE_TOO_LARGE" else set())
    assert examined.jpeg == b""


def test_every_reason_of_the_machine_has_a_picture() -> None:
    services_own = {"REFUSED", "CHANGE_REFUSED", "WAITING", "REVIEW_OVER", "REVIEW_UNKNOWN"}
    services_own |= {"IS_OWN", "REFUSAL_UNEXPLAINED"}
    reasons = {
        code.name.removeprefix("PHOTO_") for code in ErrorCode if code.name.startswith("PHOTO_")
    }
    assert reasons - services_own == REFUSED.keys()


def test_all_findings_come_at_once(look: Look) -> None:
    wrong = written(pictures.on_ground((80, 120, 200)).resize((300, 436)))
    assert codes(look(wrong)) == ["TOO_FEW_PIXELS", "GROUND_NOT_WHITE"]


def test_a_finding_says_what_was_found(look: Look) -> None:
    (finding,) = look(pictures.taken("2025:10:01 10:00:00")).findings
    assert "2025-10-01" in finding.zh
    assert "2025-10-01" in finding.en


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_brought_upright(look: Look, orientation: int) -> None:
    lying = pictures.sitter()
    for step in {
        2: [Image.Transpose.FLIP_LEFT_RIGHT],
        3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM],
        5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90],
        7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }.get(orientation, []):
        lying = lying.transpose(step)
    examined = look(written(lying, exif=pictures.exif(orientation=orientation)))
    assert codes(examined) == []
    with Image.open(io.BytesIO(examined.jpeg)) as kept:
        difference = ImageChops.difference(kept, pictures.sitter())
    assert ImageStat.Stat(difference).mean < [6, 6, 6]


def test_what_is_kept_is_bounded_for_the_noisiest_picture() -> None:
    noise = Image.effect_noise((1040, 1512), 200).convert("RGB")
    assert len(encode(noise)) <= MAX_KEPT_OCTETS
