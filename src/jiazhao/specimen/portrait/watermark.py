"""The mark across every portrait: 样本 SPECIMEN, translucent, rising from left to right.

样本 is drawn from strokes, so that no Chinese font need be installed; SPECIMEN is set in the
font that Pillow carries.
"""

from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from jiazhao.specimen.portrait.canvas import HEIGHT, WIDTH, Mask

_SCALE = 4
_EM = 31 * _SCALE
_ANGLE = 33
_LINES = (0.12, 0.41, 0.70, 0.99)
_COLOUR = (104, 118, 140)
_SHARE = 0.21

# Strokes within a square of 100: 样 is 木 and 羊 side by side, 本 is 木 with a bar at its foot.
_YANG = (
    *(((4, 36), (46, 36)), ((25, 8), (25, 95)), ((25, 40), (17, 56), (4, 70))),
    *(((28, 46), (43, 62)), ((57, 8), (64, 22)), ((89, 7), (81, 22))),
    *(((53, 28), (94, 28)), ((56, 47), (91, 47)), ((48, 68), (99, 68)), ((73, 28), (73, 96))),
)
_BEN = (
    *(((7, 31), (93, 31)), ((50, 5), (50, 96)), ((48, 33), (36, 56), (6, 80))),
    *(((52, 33), (65, 57), (95, 80)), ((29, 70), (71, 70))),
)


def mark(portrait: Image.Image) -> None:
    """Lay the mark over a finished portrait."""
    portrait.paste(_COLOUR, (0, 0), _mask())


@lru_cache(maxsize=1)
def _mask() -> Mask:
    side = (WIDTH + HEIGHT) * _SCALE
    sheet = Image.new("L", (side, side))
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(_EM)
    for line in _LINES:
        top = round(side / 2 + (line - 0.56) * HEIGHT * _SCALE)
        left = side // 2 - round(3.9 * _EM)
        for character in (_YANG, _BEN):
            _strokes(draw, character, left, top)
            left += round(_EM * 1.12)
        draw.text((left + _EM // 4, top + _EM // 2), "SPECIMEN", fill=255, font=font, anchor="lm")
    turned = sheet.rotate(_ANGLE, resample=Image.Resampling.BICUBIC)
    x, y = (side - WIDTH * _SCALE) // 2, (side - HEIGHT * _SCALE) // 2
    cut = turned.crop((x, y, x + WIDTH * _SCALE, y + HEIGHT * _SCALE))
    small = cut.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    return small.point([round(value * _SHARE) for value in range(256)])


def _strokes(
    draw: ImageDraw.ImageDraw,
    character: tuple[tuple[tuple[int, int], ...], ...],
    left: int,
    top: int,
) -> None:
    width = round(_EM * 0.075)
    for stroke in character:
        points = [(left + x * _EM // 100, top + y * _EM // 100) for x, y in stroke]
        draw.line(points, fill=255, width=width, joint="curve")
        for x, y in (points[0], points[-1]):
            half = width / 2
            draw.ellipse([x - half, y - half, x + half, y + half], fill=255)
