"""The head without its hair: skull, ears, eyes, nose, mouth, and what age draws into them."""

from jiazhao.specimen.portrait.canvas import (
    MIDDLE,
    Canvas,
    Colour,
    Mask,
    Point,
    both,
    curve,
    disc,
    mask_of,
    mirrored,
    mix,
    moved,
    tapered,
    times,
    without,
)
from jiazhao.specimen.portrait.look import Look

EYES_Y = 147.0
_WHITE: Colour = (250, 247, 244)
_DARK: Colour = (34, 24, 22)


def outline(look: Look) -> list[Point]:
    """The face from the skull to the chin."""
    cheek, jaw, chin = look.cheek, look.cheek * look.jaw, look.chin
    half = (
        *((0, 23), (cheek * 0.42, 28), (cheek * 0.8, 56), (cheek * 0.985, 116)),
        *((cheek * 0.985, 168), (jaw, 212), ((jaw + chin) / 2 + 4, 240)),
        *((chin, look.chin_y - 4), (chin * 0.4, look.chin_y), (0, look.chin_y + 0.4)),
    )
    return curve(mirrored(half), closed=True)


def draw_head(canvas: Canvas, look: Look, hair: list[list[Point]]) -> None:
    """Draw everything of the head that lies under the hair; `hair` throws its shadow."""
    _ears(canvas, look)
    face = outline(look)
    canvas.area(face, look.skin)
    mask = mask_of(face)
    canvas.within(without(mask, moved(mask, -7, -3)), look.shade, 0.55)
    if hair:
        canvas.within(both(mask, moved(mask_of(*hair), 2, 6)), look.shade, 0.8)
    _cheeks(canvas, look, mask)
    _age(canvas, look)
    for side in (-1, 1):
        _eye(canvas, look, side)
        _brow(canvas, look, side)
    _nose(canvas, look)
    _mouth(canvas, look)
    if look.mole:
        canvas.blob((MIDDLE + look.mole[0], look.mole[1]), 1.5, 1.5, look.line)


def _ears(canvas: Canvas, look: Look) -> None:
    for side in (-1, 1):
        x = MIDDLE + side * (look.cheek + 3.5)
        canvas.area(
            curve(
                [
                    *((x - side * 6, 138), (x + side * 3, 133), (x + side * 8.5, 143)),
                    *((x + side * 7, 162), (x + side * 2.5, 181), (x - side * 4, 184)),
                ],
                closed=True,
            ),
            look.skin if side < 0 else mix(look.skin, look.shade, 0.5),
        )
        inner = [(x + side * 1, 141), (x + side * 5, 148), (x + side * 2.5, 163), (x - side, 172)]
        canvas.stroke(inner, 2.2, look.shade)


def _cheeks(canvas: Canvas, look: Look, face: Mask) -> None:
    blush = times(look.skin, 1.0, 0.80, 0.76)
    share = 0.42 if look.female else 0.24
    for side in (-1, 1):
        canvas.glow((MIDDLE + side * 42, EYES_Y + 38), 20, 14, blush, share, face)
    canvas.glow((MIDDLE - 6, 98), 30, 15, times(look.skin, 1.06, 1.07, 1.08), 0.4, face)


def _eye(canvas: Canvas, look: Look, side: int) -> None:
    x, width, height = MIDDLE + side * look.eye_gap, look.eye_width, look.eye_open
    inner = (x - side * width, EYES_Y + 2.2)
    outer = (x + side * width, EYES_Y + 0.8 - look.eye_tilt)
    upper = [
        inner,
        (x - side * width * 0.52, EYES_Y - height * 0.72),
        (x + side * width * 0.08, EYES_Y - height),
        (x + side * width * 0.62, EYES_Y - height * 0.7 - look.eye_tilt * 0.5),
        outer,
    ]
    lower = [
        outer,
        (x + side * width * 0.45, EYES_Y + height * 0.62),
        (x - side * width * 0.25, EYES_Y + height * 0.7),
        inner,
    ]
    shape = curve(upper) + curve(lower)
    canvas.area(shape, _WHITE)
    opening = mask_of(shape)
    _iris(canvas, look, (x, EYES_Y - 0.6), opening)
    canvas.within(without(opening, moved(opening, 0, 2.2)), (92, 76, 72), 0.38)
    wing = (outer[0] + side * 3.4, outer[1] - 1.6) if look.female else outer
    canvas.area(tapered([*upper, wing] if look.female else upper, (1.4, 3.0, 3.4, 2.6, 0.8)), _DARK)
    canvas.area(tapered(lower, (0.8, 1.1, 0.9, 0.5)), look.line, 150)
    if look.double_lid or look.age > 50:
        lid = [(px - side * 0.4, py - 4.4) for px, py in upper[:-1]] + [(outer[0], outer[1] - 4.6)]
        canvas.area(tapered(lid, (0.6, 1.5, 1.5, 0.8)), look.line, 150)


def _iris(canvas: Canvas, look: Look, at: Point, opening: Mask) -> None:
    x, y = at
    canvas.within(both(opening, disc(at, 7.1)), times(look.iris, 0.72, 0.72, 0.72))
    canvas.within(both(opening, disc((x, y + 0.4), 6.0)), look.iris)
    canvas.within(both(opening, disc(at, 3.1)), (18, 13, 13))
    canvas.blob((x - 2.3, y - 2.4), 1.55, 1.55, (255, 255, 255), 235)


def _brow(canvas: Canvas, look: Look, side: int) -> None:
    x, y = MIDDLE + side * look.eye_gap, EYES_Y - look.eye_open - 16
    points = [
        (x - side * (look.eye_width + 2), y + 1.4),
        (x - side * 2, y - look.brow_arch * 0.7),
        (x + side * (look.eye_width * 0.6), y - look.brow_arch),
        (x + side * (look.eye_width + 6), y + 4),
    ]
    wide = look.brow
    colour = mix(look.hair, look.skin, 0.12)
    canvas.area(
        tapered(points, (wide * 0.4, wide * 0.96, wide, wide * 0.9, wide * 0.6, 0.7)), colour, 238
    )


def _nose(canvas: Canvas, look: Look) -> None:
    wide, y = look.nose, look.nose_y
    bridge = [
        *((MIDDLE + 3, EYES_Y - 2), (MIDDLE + 5, EYES_Y + 14), (MIDDLE + wide * 0.62, y - 13)),
        *((MIDDLE + wide * 0.95, y - 4), (MIDDLE + wide * 0.45, y + 2.5), (MIDDLE + 2, y - 4)),
    ]
    canvas.area(curve(bridge, closed=True), look.shade, 170)
    canvas.glow((MIDDLE - 1.5, y - 10), 6, 9, times(look.skin, 1.07, 1.08, 1.10), 0.6)
    for side in (-1, 1):
        wing = [
            (MIDDLE + side * wide * 0.82, y - 10),
            (MIDDLE + side * wide * 1.06, y - 4.5),
            (MIDDLE + side * wide * 0.74, y + 1),
        ]
        canvas.stroke(wing, 1.9, look.line, 165)
        canvas.area(
            tapered(
                [
                    (MIDDLE + side * wide * 0.66, y + 0.6),
                    (MIDDLE + side * wide * 0.42, y - 1.4),
                    (MIDDLE + side * wide * 0.16, y + 1.2),
                ],
                (1.2, 2.6, 1.0),
            ),
            look.line,
            225,
        )


def _mouth(canvas: Canvas, look: Look) -> None:
    wide, y, lip = look.mouth, look.mouth_y, look.lip
    colour = mix(times(look.skin, 0.93, 0.66, 0.64), (196, 88, 92), 0.34 if look.female else 0.06)
    colour = mix(colour, look.skin, 0.22 * look.wear)
    left, right = (MIDDLE - wide, y - 2.6), (MIDDLE + wide, y - 2.6)
    parting = [
        left,
        (MIDDLE - wide * 0.4, y + 0.8),
        (MIDDLE, y),
        (MIDDLE + wide * 0.4, y + 0.8),
        right,
    ]
    bow = [
        *(right, (MIDDLE + wide * 0.36, y - 5.6 * lip), (MIDDLE, y - 4.2 * lip)),
        *((MIDDLE - wide * 0.36, y - 5.6 * lip), left),
    ]
    full = [
        *(right, (MIDDLE + wide * 0.68, y + 4.4 * lip), (MIDDLE + wide * 0.34, y + 8.2 * lip)),
        *((MIDDLE, y + 9.2 * lip), (MIDDLE - wide * 0.34, y + 8.2 * lip)),
        *((MIDDLE - wide * 0.68, y + 4.4 * lip), left),
    ]
    canvas.area(curve(parting) + curve(full), colour)
    canvas.area(curve(parting) + curve(bow), times(colour, 0.9, 0.86, 0.86))
    canvas.glow((MIDDLE - 3, y + 4.6 * lip), 7, 2.6, times(colour, 1.1, 1.14, 1.14), 0.7)
    canvas.area(tapered(parting, (1.0, 1.7, 2.0, 1.7, 1.0)), times(colour, 0.55, 0.42, 0.42))
    for side in (-1, 1):
        corner = MIDDLE + side * wide
        canvas.stroke(
            [(corner - side, y - 2.6), (corner + side * 2.6, y - 4.2)], 1.6, look.line, 130
        )
    canvas.area(
        tapered(
            [(MIDDLE - 9, y + 13.5 * lip), (MIDDLE, y + 14.6 * lip), (MIDDLE + 9, y + 13.5 * lip)],
            (0.5, 2.4, 0.5),
        ),
        look.shade,
    )
    if look.moustache:
        _moustache(canvas, look)


def _moustache(canvas: Canvas, look: Look) -> None:
    y = look.mouth_y - 8
    hair = [
        *((MIDDLE - look.mouth * 0.86, y + 4), (MIDDLE - look.mouth * 0.4, y - 2)),
        *((MIDDLE, y), (MIDDLE + look.mouth * 0.4, y - 2), (MIDDLE + look.mouth * 0.86, y + 4)),
    ]
    canvas.area(tapered(hair, (1.5, 6.5, 5.5, 6.5, 1.5)), look.hair, 215)


def _age(canvas: Canvas, look: Look) -> None:
    if look.wear <= 0:
        return
    strength = round(26 + 120 * look.wear)
    for side in (-1, 1):
        fold = [
            (MIDDLE + side * look.nose * 1.25, look.nose_y - 5),
            (MIDDLE + side * (look.mouth + 5), look.mouth_y - 12),
            (MIDDLE + side * (look.mouth + 7), look.mouth_y + 2),
        ]
        canvas.stroke(fold, 2.2, look.line, strength)
        x = MIDDLE + side * look.eye_gap
        bag = [(x - side * 12, EYES_Y + 12), (x, EYES_Y + 16.5), (x + side * 13, EYES_Y + 12.5)]
        canvas.stroke(bag, 1.8, look.line, round(strength * 0.7))
        for n in range(round(look.wear * 3)):
            corner = x + side * (look.eye_width + 5)
            foot = [(corner, EYES_Y - 1 + n * 3.5), (corner + side * 8, EYES_Y - 3.5 + n * 5.5)]
            canvas.stroke(foot, 1.3, look.line, round(strength * 0.75))
    for n in range(round(look.wear * 2.6)):
        y = 102 + n * 8
        forehead = [(MIDDLE - 30 + n * 4, y), (MIDDLE, y - 2.4), (MIDDLE + 31 - n * 4, y + 0.6)]
        canvas.stroke(forehead, 1.5, look.line, round(strength * 0.6))
