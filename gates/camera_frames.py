"""What a camera sees of a code on a screen, simulated: no phone, screen or camera was used.

Tilt, roll, blur of the lens, motion, noise, uneven light, a dark exposure, glare, raindrops and
JPEG, one after another on a grey frame. The ranges of a condition are `CONDITIONS`; they
are those under which sizes of codes were compared before one was chosen. Not simulated: moiré,
bands of a dimmed screen, rolling shutter, a hunting autofocus. Chance is an argument.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import cos, radians, sin
from pathlib import Path
from random import Random
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

Grey = npt.NDArray[np.uint8]
Range = tuple[float, float]

WIDTH: Final = 1280
HEIGHT: Final = 720
FPS: Final = 15
"""Of a played file; an office camera gives 15 to 30."""

MODULE_PIXELS: Final = 6
"""A page's screenshot has about as many; the camera sees fewer or more by its distance."""

_ROOM: Final = 70
"""Grey of the room behind the phone."""

_FOCAL: Final = 1.2 * WIDTH
"""A camera of a phone, about 45 degrees wide."""

_NOISE_TILES: Final = 8


@dataclass(frozen=True, slots=True)
class Conditions:
    """Ranges from which a frame is drawn."""

    blur: Range
    tilt: Range
    motion: Range
    gain: Range
    glare: float
    noise: Range
    jpeg: tuple[int, int]
    roll: float = 20.0
    size: Range = (0.5, 0.8)
    """The code's side, of the frame's height."""
    drops: tuple[int, int] = (0, 0)


GOOD: Final = Conditions(
    blur=(0.5, 1.0),
    tilt=(0, 15),
    motion=(0, 1),
    gain=(0.8, 1),
    glare=0,
    noise=(1, 3),
    jpeg=(70, 95),
)
TYPICAL: Final = Conditions(
    blur=(0.5, 1.5),
    tilt=(0, 25),
    motion=(0, 3),
    gain=(0.5, 1),
    glare=0.2,
    noise=(2, 6),
    jpeg=(60, 90),
)
HARD: Final = Conditions(
    blur=(0.5, 2.0),
    tilt=(0, 35),
    motion=(0, 6),
    gain=(0.25, 1),
    glare=0.4,
    noise=(3, 8),
    jpeg=(40, 90),
)
RAIN: Final = replace(TYPICAL, drops=(6, 16))
CONDITIONS: Final = {"good": GOOD, "typical": TYPICAL, "hard": HARD, "rain": RAIN}


@dataclass(frozen=True, slots=True)
class Shot:
    """A frame, as a JPEG; in one that is not whole a corner of the code has left the picture."""

    jpeg: bytes
    is_whole: bool


class Camera:
    """Takes frames of a page; one for a process, since it keeps its noise."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        made = np.random.default_rng(chance.getrandbits(64))
        shape = (HEIGHT, WIDTH)
        self._noise = [made.standard_normal(shape, dtype=np.float32) for _ in range(_NOISE_TILES)]
        ys, xs = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
        self._xs, self._ys = xs / WIDTH - 0.5, ys / HEIGHT - 0.5

    def take(self, page: Grey, conditions: Conditions, *, share: float = 1.0) -> bytes:
        """A frame as the camera's JPEG; `share` is how much of the page's side the code has."""
        return self.shoot(page, conditions, share=share).jpeg

    def shoot(self, page: Grey, conditions: Conditions, *, share: float = 1.0) -> Shot:
        """The same, and whether the code stands in the frame with all its corners."""
        frame, is_whole = self._placed(page, conditions, share)
        if conditions.drops[1]:
            frame = self._rained_on(frame, conditions)
        frame = self._blurred(frame, conditions)
        frame = self._lit(frame, conditions)
        done, jpeg = cv2.imencode(
            ".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, self._chance.randint(*conditions.jpeg)]
        )
        if not done:
            raise ValueError("the frame cannot be written")
        return Shot(jpeg.tobytes(), is_whole)

    def _between(self, bounds: Range) -> float:
        return self._chance.uniform(*bounds)

    def _placed(self, page: Grey, conditions: Conditions, share: float) -> tuple[Grey, bool]:
        """The page as it stands in space: rolled, tilted about any axis, a little off centre."""
        side = self._between(conditions.size) * HEIGHT / share
        tilt, roll = (
            radians(self._between(conditions.tilt)),
            radians(self._between((-conditions.roll, conditions.roll))),
        )
        axis = self._between((0, 2 * np.pi))
        turn = cv2.Rodrigues(np.array([cos(axis) * tilt, sin(axis) * tilt, 0.0]))[0]
        turn = turn @ cv2.Rodrigues(np.array([0.0, 0.0, roll]))[0]
        half = side / 2
        corners = np.array([[-half, -half, 0], [half, -half, 0], [half, half, 0], [-half, half, 0]])
        seen = corners @ turn.T
        scale = _FOCAL / (_FOCAL + seen[:, 2])
        slack = max(0.0, (HEIGHT - side * share) / 2) * 0.5
        shift = [self._between((-slack, slack)), self._between((-slack, slack))]
        centre = np.array([WIDTH / 2, HEIGHT / 2]) + shift
        target = (seen[:, :2] * scale[:, None] + centre).astype(np.float32)
        high, wide = page.shape
        source = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], dtype=np.float32)
        to_frame = cv2.getPerspectiveTransform(source, target)
        frame = cv2.warpPerspective(
            page, to_frame, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderValue=_ROOM
        )
        code = (source - source[2] / 2) * share + source[2] / 2
        stands = cv2.perspectiveTransform(code[None], to_frame)[0]
        is_whole = bool(((stands >= 0) & (stands <= (WIDTH - 1, HEIGHT - 1))).all())
        return _grey(frame), is_whole

    def _blurred(self, frame: Grey, conditions: Conditions) -> Grey:
        frame = _grey(cv2.GaussianBlur(frame, (0, 0), self._between(conditions.blur)))
        length = self._between(conditions.motion)
        if length < 1:
            return frame
        size = 2 * int(length / 2 + 1) + 1
        kernel = np.zeros((size, size), np.float32)
        angle, middle = self._between((0, np.pi)), size // 2
        reach = np.array([cos(angle), sin(angle)]) * length / 2
        ends = [tuple(round(v * 16) for v in (middle + each * reach)) for each in (-1, 1)]
        cv2.line(kernel, ends[0], ends[1], 1.0, 1, cv2.LINE_AA, 4)
        return _grey(cv2.filter2D(frame, -1, kernel / kernel.sum()))

    def _lit(self, frame: Grey, conditions: Conditions) -> Grey:
        """Exposure, a gradient of the light, glare and the sensor's noise."""
        gain, slope, angle = (
            self._between(conditions.gain),
            self._between((0, 0.4)),
            self._between((0, 2 * np.pi)),
        )
        light = gain * (1 + slope * (cos(angle) * self._xs + sin(angle) * self._ys))
        lit = frame * light
        if self._chance.random() < conditions.glare:
            lit += self._glare()
        tile = self._noise[self._chance.randrange(_NOISE_TILES)]
        # Rolled by whole rows, which costs a copy and no new chance for a million pixels.
        shifted = np.roll(tile, self._chance.randrange(HEIGHT), axis=0)
        lit += shifted * np.float32(self._between(conditions.noise))
        return _grey(np.clip(lit, 0, 255).astype(np.uint8))

    def _glare(self) -> npt.NDArray[np.float32]:
        """A lamp mirrored in the glass: a soft spot that may drown what is under it."""
        x, y = self._between((-0.3, 0.3)), self._between((-0.4, 0.4))
        wide, high = self._between((0.02, 0.08)), self._between((0.03, 0.12))
        spot = np.exp(-(((self._xs - x) / wide) ** 2 + ((self._ys - y) / high) ** 2))
        return np.asarray(spot * self._between((80, 255)), np.float32)

    def _rained_on(self, frame: Grey, conditions: Conditions) -> Grey:
        """Drops on the glass: each shows what is behind it, turned round and smaller."""
        frame = frame.copy()
        for _ in range(self._chance.randint(*conditions.drops)):
            radius = self._chance.randint(8, 36)
            x = WIDTH // 2 + self._chance.randint(-HEIGHT // 2, HEIGHT // 2)
            y = self._chance.randint(radius, HEIGHT - radius - 1)
            ys, xs = np.mgrid[-radius : radius + 1, -radius : radius + 1].astype(np.float32)
            reach = np.sqrt(xs**2 + ys**2) / radius
            bent = -(1.5 + reach)
            drop = cv2.remap(
                frame,
                x + xs * bent,
                y + ys * bent,
                cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_REPLICATE,
            )
            drop = cv2.GaussianBlur(drop, (0, 0), 2.0)
            edge = np.clip((1 - reach) * 4, 0, 1)
            place = frame[y - radius : y + radius + 1, x - radius : x + radius + 1]
            place[:] = (edge * drop + (1 - edge) * place).astype(np.uint8)
        return frame


def drawn(modules: npt.NDArray[np.uint8]) -> Grey:
    """The page's code, dark modules (1) on white, as pixels of a screen."""
    grey = np.where(modules > 0, 20, 245).astype(np.uint8)
    return _grey(np.kron(grey, np.ones((MODULE_PIXELS, MODULE_PIXELS), np.uint8)))


def read_jpeg(jpeg: bytes) -> Grey:
    """The pixels of a frame."""
    return _grey(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE))


def write_mjpeg(path: Path, frames: Iterable[bytes]) -> None:
    """A file that Chromium plays as a camera: JPEG after JPEG."""
    with path.open("wb") as file:
        for jpeg in frames:
            file.write(jpeg)


def write_y4m(path: Path, frames: Iterable[bytes]) -> None:
    """The same without compression, in the frame rate that the header says."""
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FPS}:1 Ip A1:1 C420jpeg\n".encode())
        colour = bytes([128]) * (WIDTH * HEIGHT // 2)
        for jpeg in frames:
            file.write(b"FRAME\n" + read_jpeg(jpeg).tobytes() + colour)


def _grey(picture: Any) -> Grey:
    return np.asarray(picture, np.uint8)
