"""Measures a picture: its ground, its face, its light. It judges nothing.

Faces are found by the Haar cascade that comes with OpenCV: it needs no model from elsewhere and
is the same on every machine. It finds frontal faces, and drawings of them too.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from threading import Lock

import cv2
import numpy as np
from cv2.data import haarcascades
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]
Box = tuple[int, int, int, int]

DETECTION_WIDTH = 260
"""The width of the archive's photo: a face fills most of it."""

_CASCADE = "haarcascade_frontalface_alt2.xml"
_SMALLEST_FACE = 0.16
"""Of the width: smaller ones are found in buttons and folds."""

_FACE_SIDE = 200
"""Sharpness is compared at one size of face."""

_NEARLY_WHITE, _NEARLY_GREY = 205, 28
"""A pixel is white from this on in each colour, with no more between its colours."""

_one_at_a_time = Lock()
"""A classifier keeps its working memory in itself."""


@dataclass(frozen=True, slots=True)
class Face:
    """A frame around a face: shares of the picture's width and height."""

    width: float
    across: float
    down: float
    sharpness: float
    brightness: float
    unevenness: float


@dataclass(frozen=True, slots=True)
class Measurements:
    """What was measured; `face` is the only one, or None where there is none or several."""

    width: int
    height: int
    in_colour: bool
    white: float
    faces: int
    face: Face | None
    captured_on: date | None


def measure(
    image: Image.Image, *, width: int, height: int, in_colour: bool, captured_on: date | None
) -> Measurements:
    """Measure the upright pixels; `width` and `height` are those of the file, upright."""
    boxes = _faces(image)
    return Measurements(
        width=width,
        height=height,
        in_colour=in_colour,
        white=_white(np.asarray(image)),
        faces=len(boxes),
        face=_face(image, boxes[0]) if len(boxes) == 1 else None,
        captured_on=captured_on,
    )


@cache
def _classifier() -> cv2.CascadeClassifier:
    return cv2.CascadeClassifier(haarcascades + _CASCADE)


def _faces(image: Image.Image) -> list[Box]:
    """Frames in pixels of `image`, the largest first, none within another."""
    scale = image.width / DETECTION_WIDTH
    small = image.convert("L").resize(
        (DETECTION_WIDTH, max(1, round(image.height / scale))), Image.Resampling.BOX
    )
    least = round(DETECTION_WIDTH * _SMALLEST_FACE)
    with _one_at_a_time:
        found = _classifier().detectMultiScale(
            np.asarray(small),
            scaleFactor=1.1,
            minNeighbors=3,
            minSize=(least, least),
        )
    boxes = sorted(
        ((int(x), int(y), int(w), int(h)) for x, y, w, h in found),
        key=lambda box: box[2],
        reverse=True,
    )
    kept: list[Box] = []
    for box in boxes:
        if not any(_holds(larger, box) for larger in kept):
            kept.append(box)
    return [
        (round(x * scale), round(y * scale), round(w * scale), round(h * scale))
        for x, y, w, h in kept
    ]


def _holds(larger: Box, box: Box) -> bool:
    x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
    return larger[0] <= x <= larger[0] + larger[2] and larger[1] <= y <= larger[1] + larger[3]


def _face(image: Image.Image, box: Box) -> Face:
    x, y, width, height = box
    cut = image.crop((x, y, x + width, y + height)).convert("L")
    grey = np.asarray(cut.resize((_FACE_SIDE, _FACE_SIDE), Image.Resampling.BOX))
    # Skin, without hair and ground: the middle of the frame.
    skin = grey[_FACE_SIDE // 4 : -_FACE_SIDE // 8, _FACE_SIDE // 5 : -_FACE_SIDE // 5]
    half = skin.shape[1] // 2
    return Face(
        width=width / image.width,
        across=(x + width / 2) / image.width,
        down=(y + height / 2) / image.height,
        sharpness=float(cv2.Laplacian(grey, cv2.CV_64F).var()),
        brightness=float(skin.mean()),
        unevenness=abs(float(skin[:, :half].mean()) - float(skin[:, -half:].mean())),
    )


def _white(pixels: Pixels) -> float:
    """The share of white beside the head: two strips down to the cheeks, and the upper edge."""
    height, width = pixels.shape[:2]
    strip, down, edge = max(1, width // 12), max(1, height * 2 // 5), max(1, height // 60)
    ground = np.concatenate(
        [
            pixels[:down, :strip].reshape(-1, 3),
            pixels[:down, -strip:].reshape(-1, 3),
            pixels[:edge].reshape(-1, 3),
        ]
    )
    least, most = ground.min(axis=1), ground.max(axis=1)
    white = (least >= _NEARLY_WHITE) & (most - least <= _NEARLY_GREY)
    return float(white.mean())
