"""The portrait of a licence code: the face, cut out, and as good as the room allows.

docs/specs/licence-code.md, "Portrait". A wide cut or a patterned ground spends octets outside
the face, so the cut is tight. The encoder is Pillow's libavif with aom at speed 0 in one thread:
golden files tell when another version writes another picture, and `strip` refuses one whose
header is not the template's.
"""

import io
from functools import lru_cache
from typing import Final

from PIL import Image

from jiazhao.credentials.portrait import MIN_OCTETS, MIN_ROOM, Portrait, strip
from jiazhao.errors import UnreadableError
from jiazhao.photo.camera_data import read_camera_data
from jiazhao.photo.container import read
from jiazhao.photo.decode import decode
from jiazhao.photo.measure import measure

WIDTH: Final = 60
HEIGHT: Final = 80

_CUT: Final = 1.05
"""Of the width of the frame around the face: from ear to ear, and from the hair to the chin."""
_USUAL: Final = (0.55, 0.5, 0.42)
"""Width, middle across and middle down of the frame in the archive's photo (GA 482): where no
face is found, or several are."""

_QUALITIES: Final = range(101)
_FIRST_GUESS: Final = 40
_OCTETS_A_QUALITY: Final = 8
"""About, near the first guess: it spares half of the encodings, of 0.15 s each."""
_GUESSES: Final = 3
"""Then the rest is halved, so that no picture takes longer than ten encodings."""
_KEPT: Final = 256
"""A code part is signed again at each contact, mostly with the same photo and the same room."""


@lru_cache(maxsize=_KEPT)
def code_portrait(photo: bytes, room: int) -> Portrait | None:
    """Return the best portrait in `room` octets; None where no room or no face can be had.

    `photo` is the picture on file. It takes about half a second, so the last ones are kept.
    """
    if room < MIN_ROOM:
        return None
    try:
        face = cut_face(photo)
        best = best_portrait(face, room)
    except UnreadableError:
        return None
    return best if best is not None and len(best.octets) >= MIN_OCTETS else None


def cut_face(photo: bytes) -> Image.Image:
    """Cut out the face, grey, in the size of the code."""
    picture = read(photo)
    image = decode(picture, read_camera_data(picture.exif).orientation)
    found = measure(
        image, width=image.width, height=image.height, in_colour=False, captured_on=None
    ).face
    share, across, down = (found.width, found.across, found.down) if found else _USUAL
    width = min(share * _CUT * image.width, image.width, image.height * WIDTH / HEIGHT)
    height = width * HEIGHT / WIDTH
    left = _within(across * image.width - width / 2, image.width - width)
    top = _within(down * image.height - height / 2, image.height - height)
    return image.convert("L").resize(
        (WIDTH, HEIGHT), Image.Resampling.LANCZOS, box=(left, top, left + width, top + height)
    )


def _within(least: float, most: float) -> float:
    return min(max(least, 0.0), max(most, 0.0))


def best_portrait(face: Image.Image, room: int) -> Portrait | None:
    """Search the greatest quality that fits: octets rise with it, but for noise of a few."""
    best, low, high, quality = None, _QUALITIES.start, _QUALITIES.stop, _FIRST_GUESS
    for tried in range(len(_QUALITIES)):
        portrait = strip(_encode(face, quality))
        left = room - len(portrait.octets)
        if left >= 0:
            best, low = portrait, quality + 1
        else:
            high = quality
        if low == high:
            break
        guess = quality + left // _OCTETS_A_QUALITY
        quality = min(max(guess, low), high - 1) if tried < _GUESSES else (low + high) // 2
    return best


def _encode(face: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    face.save(
        out,
        "AVIF",
        quality=quality,
        speed=0,
        codec="aom",
        range="full",
        max_threads=1,
        autotiling=False,
    )
    return out.getvalue()
