"""Glasses, for those who need them to drive."""

from jiazhao.specimen.portrait.canvas import MIDDLE, Canvas, Colour, Point, curve
from jiazhao.specimen.portrait.face import EYES_Y
from jiazhao.specimen.portrait.look import Look

_FRAMES: dict[str, tuple[Colour, float]] = {
    "oblong": ((33, 32, 36), 2.8),
    "round": ((84, 58, 42), 2.4),
    "half rim": ((44, 46, 52), 3.4),
    "thin": ((146, 132, 112), 1.5),
}


def draw_glasses(canvas: Canvas, look: Look) -> None:
    """Draw the glasses of a look, if it has any; the eyes stay visible through them."""
    if not look.glasses:
        return
    colour, width = _FRAMES[look.glasses]
    for side in (-1, 1):
        lens = _lens(look, side)
        canvas.area(lens, (255, 255, 255), 22)
        glint = [(-9, -9), (-2, -9), (-11, 9), (-18, 9)]
        x = MIDDLE + side * (look.eye_gap + 1)
        canvas.area([(x + dx, EYES_Y + dy) for dx, dy in glint], (255, 255, 255), 30)
        rim = lens[len(lens) // 2 :] if look.glasses == "half rim" else lens
        canvas.wire([*rim, rim[0]] if look.glasses != "half rim" else rim, width, colour)
        hinge = MIDDLE + side * (look.eye_gap + 24)
        ear = MIDDLE + side * (look.cheek + 1)
        canvas.wire([(hinge, EYES_Y - 8), (ear, EYES_Y - 9)], width, colour)
    inner = look.eye_gap - 22
    bridge = [(MIDDLE - inner, EYES_Y - 5), (MIDDLE, EYES_Y - 9), (MIDDLE + inner, EYES_Y - 5)]
    canvas.wire(curve(bridge), width, colour)


def _lens(look: Look, side: int) -> list[Point]:
    x, y = MIDDLE + side * (look.eye_gap + 1), EYES_Y + 2
    if look.glasses == "round":
        ring = [(22, 0), (15.5, 15.5), (0, 21.5), (-15.5, 15.5), (-22, 0)]
        ring += [(-15.5, -14.5), (0, -20), (15.5, -14.5)]
    else:
        ring = [(23.5, 0), (23, 9), (18, 15.5), (8, 17), (-8, 17), (-17, 15.5), (-22, 9), (-23, 0)]
        ring += [(-23, -8), (-19, -12.5), (-9, -13.5), (9, -13.5), (20, -12.5), (23.5, -8)]
    return curve([(x + side * dx, y + dy) for dx, dy in ring], closed=True)
