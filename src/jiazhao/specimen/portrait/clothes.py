"""Neck, shoulders and dark clothes; no uniforms, as the rules for the photo demand."""

from collections.abc import Sequence

from jiazhao.specimen.portrait.canvas import (
    HEIGHT,
    MIDDLE,
    Canvas,
    Colour,
    Point,
    both,
    curve,
    mask_of,
    mirrored,
    mix,
    moved,
    tapered,
    times,
)
from jiazhao.specimen.portrait.look import Look

_LINEN: Colour = (240, 241, 244)


def draw_body(canvas: Canvas, look: Look, face: Sequence[Point]) -> None:
    """Draw neck and clothes; the face throws its shadow on the neck."""
    wide = 35.0 if look.female else 43.0
    half = [(wide * 0.6, 200), (wide, 232), (wide, 280), (wide + 4, 304), (wide + 6, 330)]
    neck = curve(mirrored([*half, (wide + 6, HEIGHT)]), closed=True)
    canvas.area(neck, mix(look.skin, look.shade, 0.3))
    canvas.within(both(mask_of(neck), moved(mask_of(face), 4, 21)), look.shade)
    for side in (-1, 1):
        tendon = [(MIDDLE + side * wide * 0.62, 284), (MIDDLE + side * 13, 316)]
        canvas.stroke([*tendon, (MIDDLE + side * 6, 322)], 2.0, look.shade)
    _GARMENTS[look.garment](canvas, look, wide)


def _shoulders(look: Look, wide: float, *, top: float = 300.0) -> list[Point]:
    slope = 6.0 if look.female else 0.0
    return [
        *((wide + 4, top), (wide + 22, top + 13 + slope), (88, 326 + slope)),
        *((116, 337 + slope), (131, 352 + slope), (137, HEIGHT + 4)),
    ]


def _garment(canvas: Canvas, look: Look, wide: float, dip: float, *, top: float = 300) -> None:
    """A body of cloth whose neckline reaches down to `dip`."""
    right = [(MIDDLE + dx, y) for dx, y in _shoulders(look, wide, top=top)]
    left = [(2 * MIDDLE - x, y) for x, y in reversed(right)]
    neckline = _neckline(wide, dip, top)
    canvas.area(curve(right) + curve(left) + curve(neckline), look.cloth)
    for side in (-1, 1):
        sleeve = [(MIDDLE + side * 102, 356), (MIDDLE + side * 96, 370), (MIDDLE + side * 95, 384)]
        canvas.stroke(sleeve, 2.4, times(look.cloth, 0.74, 0.74, 0.74))


def _neckline(wide: float, dip: float, top: float) -> list[Point]:
    return [
        *((MIDDLE - wide - 4, top), (MIDDLE - wide * 0.72, (top + dip * 2) / 3)),
        *((MIDDLE, dip), (MIDDLE + wide * 0.72, (top + dip * 2) / 3), (MIDDLE + wide + 4, top)),
    ]


def _crew(canvas: Canvas, look: Look, wide: float) -> None:
    _garment(canvas, look, wide, 327)
    line = [(x, y + 3) for x, y in _neckline(wide, 327, 300)]
    canvas.area(tapered(line, (5, 6.5, 7, 6.5, 5)), times(look.cloth, 1.22, 1.22, 1.22))


def _v_neck(canvas: Canvas, look: Look, wide: float) -> None:
    _front(canvas, wide, _LINEN, 326)
    _open_front(canvas, look, wide, 366, look.cloth)
    edge = times(look.cloth, 1.28, 1.28, 1.28)
    for side in (-1, 1):
        canvas.wire([(MIDDLE + side * (wide + 9), 309), (MIDDLE, 367)], 4.2, edge)
    _collar(canvas, wide, _LINEN, 326)


def _turtleneck(canvas: Canvas, look: Look, wide: float) -> None:
    _garment(canvas, look, wide, 318)
    collar = mirrored([(0, 287), (wide * 0.7, 284), (wide + 3, 277), (wide + 6, 306), (0, 326)])
    canvas.area(collar, times(look.cloth, 1.14, 1.14, 1.14))
    fold = [(MIDDLE - wide - 4, 296), (MIDDLE, 307), (MIDDLE + wide + 4, 296)]
    canvas.stroke(fold, 2.4, times(look.cloth, 0.78, 0.78, 0.78))


def _shirt(canvas: Canvas, look: Look, wide: float) -> None:
    _collared(canvas, look, wide, look.cloth, 334)
    _collar(canvas, wide, times(look.cloth, 1.2, 1.2, 1.2), 334)
    canvas.wire([(MIDDLE, 334), (MIDDLE, HEIGHT)], 1.6, times(look.cloth, 0.7, 0.7, 0.7))
    canvas.blob((MIDDLE, 354), 2.3, 2.3, times(look.cloth, 1.7, 1.7, 1.7))


def _suit(canvas: Canvas, look: Look, wide: float) -> None:
    _front(canvas, wide, _LINEN, 322)
    knot = [(-8, 322), (8, 322), (5.5, 337), (-5.5, 337)]
    blade = [(-5, 337), (5, 337), (12, 384), (-12, 384)]
    canvas.area([(MIDDLE + dx, y) for dx, y in blade], look.tie)
    canvas.area([(MIDDLE + dx, y) for dx, y in knot], times(look.tie, 0.84, 0.84, 0.84))
    _open_front(canvas, look, wide, 392, look.cloth)
    _lapels(canvas, look, wide)
    _collar(canvas, wide, _LINEN, 322)


def _blazer(canvas: Canvas, look: Look, wide: float) -> None:
    _front(canvas, wide, mix(_LINEN, look.tie, 0.08), 338)
    _open_front(canvas, look, wide, 392, look.cloth)
    _lapels(canvas, look, wide)


def _collared(canvas: Canvas, look: Look, wide: float, linen: Colour, dip: float) -> None:
    """Shoulders in `linen`, its neckline a V down to `dip`."""
    right = [(MIDDLE + dx, y) for dx, y in _shoulders(look, wide)]
    left = [(2 * MIDDLE - x, y) for x, y in reversed(right)]
    canvas.area(curve(right) + curve(left) + [(MIDDLE, dip)], linen)


def _front(canvas: Canvas, wide: float, linen: Colour, dip: float) -> None:
    """What shows of a shirt under a jacket or a pullover."""
    half = [(wide + 3, 301), (wide + 16, 318), (wide + 16, HEIGHT)]
    canvas.area([*mirrored(half), (MIDDLE - wide - 3, 301), (MIDDLE, dip)], linen)


def _collar(canvas: Canvas, wide: float, linen: Colour, dip: float) -> None:
    for side in (-1, 1):
        leaf = [
            *((wide + 1, 287), (wide + 8, 301), (wide * 0.62, 341), (wide * 0.34, 340)),
            *((1.5, dip), (wide * 0.6, 309)),
        ]
        outline = [(MIDDLE + side * dx, y) for dx, y in leaf]
        canvas.area(outline, linen)
        canvas.wire(outline[1:5], 1.3, times(linen, 0.76, 0.77, 0.8))


def _open_front(canvas: Canvas, look: Look, wide: float, low: float, cloth: Colour) -> None:
    """A jacket or a pullover: shoulders in `cloth`, open in a V down to `low`."""
    for side in (-1, 1):
        outer = [(MIDDLE + side * dx, y) for dx, y in _shoulders(look, wide, top=301)]
        canvas.area([*curve(outer), (MIDDLE, HEIGHT + 4), (MIDDLE, low)], cloth)


def _lapels(canvas: Canvas, look: Look, wide: float) -> None:
    lapel = times(look.cloth, 1.24, 1.24, 1.24)
    for side in (-1, 1):
        cut = [
            *((wide + 5, 301), (wide + 24, 322), (wide + 26, 340), (wide + 12, 341)),
            *((wide + 19, 352), (14, 392), (0, 392)),
        ]
        outline = [(MIDDLE + side * dx, y) for dx, y in cut]
        canvas.area(outline, lapel)
        canvas.wire(outline[1:6], 1.2, times(look.cloth, 0.66, 0.66, 0.66))


def _polo(canvas: Canvas, look: Look, wide: float) -> None:
    _collared(canvas, look, wide, look.cloth, 338)
    _collar(canvas, wide, times(look.cloth, 1.26, 1.26, 1.26), 338)
    canvas.wire([(MIDDLE, 338), (MIDDLE, 362)], 1.6, times(look.cloth, 0.7, 0.7, 0.7))


_GARMENTS = {
    "crew": _crew,
    "v neck": _v_neck,
    "turtleneck": _turtleneck,
    "shirt": _shirt,
    "blouse": _shirt,
    "suit": _suit,
    "blazer": _blazer,
    "polo": _polo,
}
