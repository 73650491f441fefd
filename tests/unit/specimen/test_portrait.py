"""Portraits: of the measure of the archive's photo, marked, and each another face."""

from datetime import date
from io import BytesIO

import pytest
from PIL import Image

from jiazhao.licence.licence import Sex
from jiazhao.registry.importing import read_line
from jiazhao.specimen import people
from jiazhao.specimen.draws import Draws
from jiazhao.specimen.portrait import hair, look, portrait, sitting, watermark

ON = date(2026, 8, 1)
STYLES = sorted(hair._STYLES)


def face(index: int, *, age: int = 40, sex: Sex = Sex.MALE, nationality: str = "CN") -> bytes:
    return portrait(Draws("test", index), sex, nationality, date(ON.year - age, 1, 1), ON)


def test_a_portrait_has_the_measures_of_the_archives_photo() -> None:
    jpeg = face(1)
    opened = Image.open(BytesIO(jpeg))
    assert (opened.size, opened.mode, opened.info["dpi"]) == ((260, 378), "RGB", (300, 300))
    assert sitting.SMALLEST <= len(jpeg) <= sitting.LARGEST


@pytest.mark.parametrize("style", STYLES)
def test_the_head_has_the_measures_of_the_rules(style: str) -> None:
    sex = Sex.FEMALE if style in look._WOMEN_YOUNG + look._WOMEN_OLD else Sex.MALE
    index = next(n for n in range(400) if _look(n, sex).style == style)
    drawn = sitting.draw(_look(index, sex)).convert("L").point(lambda value: 255 * (value < 250))

    _, top, _, _ = drawn.getbbox() or (0, 0, 0, 0)
    at_the_ears = drawn.crop((0, 135, 260, 180)).getbbox() or (0, 0, 0, 0)

    assert 8 <= top <= 24
    assert 160 <= at_the_ears[2] - at_the_ears[0] <= 216  # long hair is wider than the head
    assert abs(at_the_ears[0] + at_the_ears[2] - 260) <= 10


def _look(index: int, sex: Sex) -> look.Look:
    return look.look_of(Draws("styles", index), sex, "CN", 25 + index % 50)


def test_the_same_draws_make_the_same_bytes() -> None:
    assert face(2) == face(2)


def test_every_face_is_another_one() -> None:
    assert len({face(index, sex=Sex(1 + index % 2)) for index in range(16)}) == 16


def test_age_shows_in_the_same_face() -> None:
    young, old = (look.look_of(Draws("four"), Sex.MALE, "CN", age) for age in (25, 80))
    assert (young.cheek, young.skin, young.glasses) == (old.cheek, old.skin, old.glasses)
    assert (young.wear, old.wear) == (0, 1)
    assert sum(old.hair) > sum(young.hair)


def test_every_portrait_is_marked() -> None:
    plain = Image.new("RGB", (260, 378), "white")
    watermark.mark(plain)
    darkened = plain.convert("L").point(lambda value: 255 * (value < 250))
    left, top, right, bottom = darkened.getbbox() or (0, 0, 0, 0)
    assert (right - left) > 250
    assert (bottom - top) > 360
    beside = Image.open(BytesIO(face(3))).convert("L").crop((0, 0, 30, 300))
    assert sum(beside.histogram()[:246]) > 200  # the ground there is white but for the mark
    darkest = next(n for n, count in enumerate(plain.convert("L").histogram()) if count)
    assert darkest > 200  # translucent: the face stays readable


def test_the_register_takes_every_portrait() -> None:
    for number, line in enumerate(people(14, 1, ON), 1):
        holder = read_line(line, number=number)
        assert bool(holder.photos) is (number != 6)  # the one of the cast without a photo
        for held, photo in holder.photos:
            assert photo.captured_on is not None
            assert photo.captured_on < held.start.date()
            assert sitting.SMALLEST <= len(photo.jpeg) <= sitting.LARGEST
