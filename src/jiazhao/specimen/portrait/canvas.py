"""A drawing at four times the size, brought down at the end so that every edge is smooth."""

from collections.abc import Sequence
from math import sqrt

from PIL import Image, ImageChops, ImageDraw, ImageFilter

WIDTH, HEIGHT = 260, 378
MIDDLE = WIDTH / 2
_SCALE = 4

Point = tuple[float, float]
Colour = tuple[int, int, int]
Mask = Image.Image
"""White where something shows, black elsewhere, at the size of the large drawing."""


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """`share` of the second colour in the first."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def times(colour: Colour, red: float, green: float, blue: float) -> Colour:
    """A shade of `colour`, channel by channel."""
    return (
        min(255, round(colour[0] * red)),
        min(255, round(colour[1] * green)),
        min(255, round(colour[2] * blue)),
    )


def mirrored(half: Sequence[Point]) -> list[Point]:
    """A closed outline from its right half: distances from the middle, from top to bottom."""
    right = [(MIDDLE + dx, y) for dx, y in half]
    return right + [(2 * MIDDLE - x, y) for x, y in reversed(right)]


def curve(points: Sequence[Point], *, closed: bool = False, steps: int = 8) -> list[Point]:
    """A Catmull-Rom curve through `points`."""
    ring = (
        [points[-1], *points, points[0], points[1]] if closed else [points[0], *points, points[-1]]
    )
    drawn = [
        _between(a, b, c, d, step / steps)
        for a, b, c, d in zip(ring, ring[1:], ring[2:], ring[3:], strict=False)
        for step in range(steps)
    ]
    return drawn if closed else [*drawn, ring[-2]]


def _between(a: Point, b: Point, c: Point, d: Point, t: float) -> Point:
    def along(p: float, q: float, r: float, s: float) -> float:
        return 0.5 * (
            2 * q
            + (r - p) * t
            + (2 * p - 5 * q + 4 * r - s) * t * t
            + (3 * q - p - 3 * r + s) * t * t * t
        )

    return along(a[0], b[0], c[0], d[0]), along(a[1], b[1], c[1], d[1])


def tapered(points: Sequence[Point], widths: Sequence[float], *, steps: int = 8) -> list[Point]:
    """The outline of a brush stroke along `points`, as wide at each as `widths` says."""
    spine = curve(points, steps=steps)
    last = len(spine) - 1
    left: list[Point] = []
    right: list[Point] = []
    for index, (x, y) in enumerate(spine):
        before, after = spine[max(0, index - 1)], spine[min(last, index + 1)]
        dx, dy = after[0] - before[0], after[1] - before[1]
        length = sqrt(dx * dx + dy * dy) or 1.0
        place = index / last * (len(widths) - 1)
        low = min(int(place), len(widths) - 2)
        half = (widths[low] + (widths[low + 1] - widths[low]) * (place - low)) / 2
        left.append((x - dy / length * half, y + dx / length * half))
        right.append((x + dy / length * half, y - dx / length * half))
    return left + right[::-1]


class Canvas:
    """What is drawn on; coordinates are pixels of the finished portrait."""

    def __init__(self, ground: Colour) -> None:
        self._image = Image.new("RGB", (WIDTH * _SCALE, HEIGHT * _SCALE), ground)
        self._draw = ImageDraw.Draw(self._image, "RGBA")

    def area(self, outline: Sequence[Point], colour: Colour, alpha: int = 255) -> None:
        """Fill an outline."""
        self._draw.polygon(_pixels(outline), fill=(*colour, alpha))

    def blob(self, at: Point, rx: float, ry: float, colour: Colour, alpha: int = 255) -> None:
        """Fill an ellipse around `at`."""
        self._draw.ellipse(_box(at, rx, ry), fill=(*colour, alpha))

    def stroke(
        self, points: Sequence[Point], width: float, colour: Colour, alpha: int = 255
    ) -> None:
        """A line along a curve, thin at both ends."""
        self.area(tapered(points, (width * 0.3, width, width, width * 0.3)), colour, alpha)

    def wire(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        """A line of even width through `points`, without smoothing them; joints are round."""
        pixels = _pixels(points)
        self._draw.line(pixels, fill=colour, width=round(width * _SCALE), joint="curve")

    def within(self, mask: Mask, colour: Colour, share: float = 1.0) -> None:
        """Lay `share` of a colour wherever the mask is white."""
        box = mask.getbbox()
        if box is None:
            return
        part = mask.crop(box)
        if share < 1:
            part = part.point([round(value * share) for value in range(256)])
        self._image.paste(colour, box, part)

    def glow(
        self,
        at: Point,
        rx: float,
        ry: float,
        colour: Colour,
        share: float,
        within: Mask | None = None,
    ) -> None:
        """A soft patch, such as a cheek, of twice the radii where it is faintest."""
        box = _box(at, rx * 2, ry * 2)
        small = Image.new("L", (round(rx * 2), round(ry * 2)))
        middle = (round(rx / 2), round(ry / 2), round(rx * 1.5), round(ry * 1.5))
        ImageDraw.Draw(small).ellipse(middle, fill=255)
        small = small.filter(ImageFilter.GaussianBlur(min(rx, ry) / 5))
        soft = Image.new("L", self._image.size)
        size = (box[2] - box[0], box[3] - box[1])
        soft.paste(small.resize(size, Image.Resampling.BILINEAR), (box[0], box[1]))
        self.within(both(soft, within) if within else soft, colour, share)

    def finished(self) -> Image.Image:
        """The portrait in its own size."""
        return self._image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS, reducing_gap=None)


def mask_of(*outlines: Sequence[Point]) -> Mask:
    """White within any of the outlines, black elsewhere."""
    mask = Image.new("L", (WIDTH * _SCALE, HEIGHT * _SCALE))
    draw = ImageDraw.Draw(mask)
    for outline in outlines:
        draw.polygon(_pixels(outline), fill=255)
    return mask


def disc(at: Point, radius: float) -> Mask:
    """A white disc."""
    mask = Image.new("L", (WIDTH * _SCALE, HEIGHT * _SCALE))
    ImageDraw.Draw(mask).ellipse(_box(at, radius, radius), fill=255)
    return mask


def moved(mask: Mask, dx: float, dy: float) -> Mask:
    """The mask moved; what leaves at one edge does not come in at the other."""
    shifted = Image.new("L", mask.size)
    shifted.paste(mask, (round(dx * _SCALE), round(dy * _SCALE)))
    return shifted


def both(first: Mask, second: Mask) -> Mask:
    """Where both masks are white."""
    return ImageChops.multiply(first, second)


def without(first: Mask, second: Mask) -> Mask:
    """Where the first mask is white and the second is not."""
    return ImageChops.subtract(first, second)


def _pixels(points: Sequence[Point]) -> list[tuple[int, int]]:
    return [(round(x * _SCALE), round(y * _SCALE)) for x, y in points]


def _box(at: Point, rx: float, ry: float) -> list[int]:
    x, y = at
    return [round(edge * _SCALE) for edge in (x - rx, y - ry, x + rx, y + ry)]
