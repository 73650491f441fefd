"""One sitting: from a person to the bytes of a portrait."""

from datetime import date
from io import BytesIO

from PIL import Image

from jiazhao.licence.licence import Sex
from jiazhao.specimen.draws import Draws
from jiazhao.specimen.portrait.canvas import Canvas
from jiazhao.specimen.portrait.clothes import draw_body
from jiazhao.specimen.portrait.face import draw_head, outline
from jiazhao.specimen.portrait.glasses import draw_glasses
from jiazhao.specimen.portrait.hair import draw_back, draw_front, hair_of
from jiazhao.specimen.portrait.look import Look, look_of
from jiazhao.specimen.portrait.watermark import mark

SMALLEST, LARGEST = 14_000, 30_000
"""Bytes of a portrait on file, as they typically are; a drawing is smaller than a photograph."""

_QUALITIES = (88, 92, 95, 97, 98, 99, 100)
_DOTS_PER_INCH = (300, 300)
_WHITE = (255, 255, 255)


def portrait(draws: Draws, sex: Sex, nationality: str, birth_date: date, on: date) -> bytes:
    """The JPEG of a made-up person as of the day `on`; the same draws make the same face."""
    age = (on - birth_date).days // 365
    image = draw(look_of(draws, sex, nationality, age))
    mark(image)
    return _jpeg(image)


def draw(look: Look) -> Image.Image:
    """The portrait, before it is marked."""
    canvas = Canvas(_WHITE)
    hair = hair_of(look)
    draw_back(canvas, look, hair)
    draw_body(canvas, look, outline(look))
    draw_head(canvas, look, hair.front)
    draw_front(canvas, look, hair)
    draw_glasses(canvas, look)
    return canvas.finished()


def _jpeg(image: Image.Image) -> bytes:
    """Encode at the first quality that reaches the usual size."""
    encoded = b""
    for quality in _QUALITIES:
        out = BytesIO()
        image.save(out, "JPEG", quality=quality, subsampling=0, dpi=_DOTS_PER_INCH)
        encoded = out.getvalue()
        if len(encoded) >= SMALLEST:
            break
    return encoded
