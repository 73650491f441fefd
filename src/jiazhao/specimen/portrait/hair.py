"""Hair: what falls behind the shoulders, what lies over the head, and its shine.

The brows and the ears stay free, as the rules for the photo demand.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from jiazhao.specimen.portrait.canvas import MIDDLE, Canvas, Point, curve, mix, tapered
from jiazhao.specimen.portrait.look import Look

Outline = list[Point]


@dataclass(frozen=True, slots=True)
class Hair:
    """Outlines behind the head and over it, strokes of light, and how dense it is (alpha)."""

    front: list[Outline]
    back: list[Outline] = field(default_factory=list)
    shine: list[Outline] = field(default_factory=list)
    density: int = 255


def hair_of(look: Look) -> Hair:
    """The hair of a look."""
    return _STYLES[look.style](look)


def draw_back(canvas: Canvas, look: Look, hair: Hair) -> None:
    """Draw what lies behind neck and shoulders."""
    for outline in hair.back:
        canvas.area(outline, mix(look.hair, (0, 0, 0), 0.22))


def draw_front(canvas: Canvas, look: Look, hair: Hair) -> None:
    """Draw what lies over the head."""
    for outline in hair.front:
        canvas.area(outline, look.hair, hair.density)
    for outline in hair.shine:
        canvas.area(outline, mix(look.hair, (255, 250, 244), 0.16), 120)


def _across(look: Look, points: Sequence[Point]) -> Outline:
    """Points as (share of the cheek's width, y), from the part's side to the other."""
    return [(MIDDLE + look.part * share * look.cheek, y) for share, y in points]


def _closed(look: Look, outer: Sequence[Point], inner: Sequence[Point]) -> Outline:
    return curve(_across(look, outer)) + curve(_across(look, inner))


def _strand(look: Look, points: Sequence[Point], width: float = 5) -> Outline:
    return tapered(_across(look, points), (0.6, width, width * 0.8, 0.6))


def _side_part(look: Look) -> Hair:
    outer = [
        *((-1.03, 136), (-1.08, 96), (-0.9, 46), (-0.46, 19), (0.1, 14), (0.62, 22)),
        *((0.98, 52), (1.09, 100), (1.03, 138)),
    ]
    inner = [
        *((0.95, 128), (0.93, 108), (0.82, 92), (0.3, 90), (-0.3, 79), (-0.56, 64)),
        *((-0.72, 86), (-0.93, 106), (-0.95, 128)),
    ]
    shine = [
        _strand(look, [(-0.5, 44), (-0.1, 30), (0.4, 34), (0.74, 58)], 6),
        _strand(look, [(-0.4, 58), (0.1, 52), (0.5, 62), (0.76, 78)], 4),
    ]
    return Hair([_closed(look, outer, inner)], shine=shine)


def _crew_cut(look: Look) -> Hair:
    outer = [
        *((-1.0, 128), (-1.04, 92), (-0.9, 46), (-0.5, 20), (0.05, 15), (0.5, 21)),
        *((0.9, 46), (1.04, 92), (1.0, 128)),
    ]
    inner = [
        *((0.96, 122), (0.94, 100), (0.86, 84), (0.44, 77), (0, 75), (-0.44, 77)),
        *((-0.86, 84), (-0.94, 100), (-0.96, 122)),
    ]
    shine = [_strand(look, [(-0.5, 38), (0, 31), (0.5, 38)], 5)]
    return Hair([_closed(look, outer, inner)], shine=shine)


def _quiff(look: Look) -> Hair:
    outer = [
        *((-1.02, 132), (-1.06, 92), (-0.98, 52), (-0.7, 26), (-0.3, 14), (0.2, 9)),
        *((0.66, 16), (1.0, 40), (1.06, 92), (1.02, 132)),
    ]
    inner = [
        *((0.96, 124), (0.93, 100), (0.84, 78), (0.5, 84), (0.16, 74), (-0.24, 79)),
        *((-0.6, 70), (-0.86, 80), (-0.93, 100), (-0.96, 124)),
    ]
    shine = [
        _strand(look, [(-0.6, 52), (-0.3, 34), (0.1, 24), (0.5, 28)], 6),
        _strand(look, [(-0.3, 60), (0.0, 46), (0.4, 40), (0.74, 50)], 4.5),
    ]
    return Hair([_closed(look, outer, inner)], shine=shine)


def _fringe(look: Look) -> Hair:
    outer = [
        *((-1.04, 140), (-1.1, 98), (-0.94, 46), (-0.5, 18), (0, 13), (0.5, 18)),
        *((0.94, 46), (1.1, 98), (1.04, 140)),
    ]
    inner = [(0.97, 130), (0.93, 108)]
    locks = [
        *((0.84, 92), (0.7, 110), (0.5, 98), (0.3, 113), (0.1, 99), (-0.14, 111)),
        *((-0.34, 97), (-0.6, 108), (-0.82, 92)),
    ]
    rest = [(-0.93, 108), (-0.97, 130)]
    outline = curve(_across(look, outer)) + curve(_across(look, [*inner, *locks, *rest]), steps=4)
    shine = [
        _strand(look, [(-0.6, 50), (-0.2, 38), (0.3, 38), (0.66, 54)], 6),
        _strand(look, [(0.3, 62), (0.44, 78), (0.46, 92)], 3),
        _strand(look, [(-0.3, 60), (-0.36, 76), (-0.3, 90)], 3),
    ]
    return Hair([outline], shine=shine)


def _swept_back(look: Look) -> Hair:
    outer = [
        *((-1.01, 136), (-1.06, 98), (-0.94, 52), (-0.56, 22), (0, 12), (0.56, 22)),
        *((0.94, 52), (1.06, 98), (1.01, 136)),
    ]
    inner = [
        *((0.96, 130), (0.93, 106), (0.86, 84), (0.62, 70), (0.3, 73), (0, 70), (-0.3, 73)),
        *((-0.62, 70), (-0.86, 84), (-0.93, 106), (-0.96, 130)),
    ]
    shine = [
        _strand(look, [(share, 66), (share * 1.1, 48), (share * 0.94, 32), (share * 0.7, 22)], 4)
        for share in (-0.56, -0.24, 0.12, 0.46)
    ]
    return Hair([_closed(look, outer, inner)], shine=shine)


def _receding(look: Look) -> Hair:
    outer = [
        *((-1.0, 132), (-1.05, 94), (-0.9, 52), (-0.5, 28), (0, 22), (0.5, 28)),
        *((0.9, 52), (1.05, 94), (1.0, 132)),
    ]
    inner = [
        *((0.97, 126), (0.94, 102), (0.84, 74), (0.62, 50), (0.34, 60), (0, 66)),
        *((-0.34, 60), (-0.62, 50), (-0.84, 74), (-0.94, 102), (-0.97, 126)),
    ]
    shine = [_strand(look, [(-0.4, 40), (0, 35), (0.4, 42)], 4)]
    return Hair([_closed(look, outer, inner)], shine=shine, density=238)


def _bald_crown(look: Look) -> Hair:
    def side(sign: float) -> Outline:
        return curve(
            [
                (MIDDLE + sign * look.cheek * share, y)
                for share, y in (
                    *((0.98, 134), (1.05, 112), (1.02, 80), (0.9, 58)),
                    *((0.84, 72), (0.92, 96), (0.94, 122)),
                )
            ],
            closed=True,
        )

    return Hair([side(-1), side(1)], density=225)


def _long(look: Look) -> Hair:
    outer = [
        *((-1.02, 176), (-1.14, 120), (-1.0, 56), (-0.54, 20), (0, 14), (0.54, 20)),
        *((1.0, 56), (1.14, 120), (1.02, 176)),
    ]
    inner = [
        *((0.99, 150), (0.95, 120), (0.84, 98), (0.5, 74), (0.16, 56), (0, 44), (-0.16, 56)),
        *((-0.5, 74), (-0.84, 98), (-0.95, 120), (-0.99, 150)),
    ]
    shine = [
        _strand(look, [(0.2, 36), (0.6, 52), (0.9, 88), (1.0, 120)], 6),
        _strand(look, [(-0.2, 36), (-0.6, 52), (-0.9, 88), (-1.0, 120)], 6),
    ]
    return Hair([_closed(look, outer, inner)], [_behind(look, 1.2, 380, 1.42)], shine)


def _long_fringe(look: Look) -> Hair:
    outer = [
        *((-1.02, 178), (-1.14, 120), (-1.0, 56), (-0.54, 20), (0, 14), (0.54, 20)),
        *((1.0, 56), (1.14, 120), (1.02, 178)),
    ]
    inner = [
        *((0.98, 150), (0.93, 122), (0.86, 104), (0.6, 111), (0.2, 113), (-0.2, 113)),
        *((-0.6, 111), (-0.86, 104), (-0.93, 122), (-0.98, 150)),
    ]
    shine = [
        _strand(look, [(-0.6, 52), (-0.2, 42), (0.2, 42), (0.6, 52)], 8),
        _strand(look, [(0.3, 66), (0.36, 84), (0.38, 102)], 3),
        _strand(look, [(-0.24, 66), (-0.28, 84), (-0.28, 102)], 3),
    ]
    return Hair([_closed(look, outer, inner)], [_behind(look, 1.2, 380, 1.36)], shine)


def _tied(look: Look) -> Hair:
    outer = [
        *((-1.0, 146), (-1.07, 104), (-0.94, 52), (-0.5, 22), (0, 16), (0.5, 22)),
        *((0.94, 52), (1.07, 104), (1.0, 146)),
    ]
    inner = [
        *((0.97, 134), (0.92, 104), (0.74, 78), (0.36, 66), (-0.2, 60), (-0.44, 66)),
        *((-0.76, 80), (-0.92, 104), (-0.97, 134)),
    ]
    shine = [
        _strand(look, [(-0.2, 44), (0.3, 36), (0.7, 54), (0.9, 84)], 6),
        _strand(look, [(-0.34, 42), (-0.6, 52), (-0.84, 80)], 4),
    ]
    tail = tapered(
        _across(look, [(0.3, 196), (0.74, 236), (0.84, 290), (0.7, 350)]), (30, 34, 32, 6)
    )
    return Hair([_closed(look, outer, inner)], [tail], shine)


def _side_swept(look: Look) -> Hair:
    outer = [
        *((-1.02, 172), (-1.13, 120), (-0.98, 56), (-0.56, 20), (0, 12), (0.56, 19)),
        *((1.02, 58), (1.15, 122), (1.02, 176)),
    ]
    inner = [
        *((0.99, 150), (0.96, 124), (0.86, 106), (0.4, 96), (-0.1, 76), (-0.46, 46)),
        *((-0.66, 74), (-0.92, 108), (-0.99, 146)),
    ]
    shine = [
        _strand(look, [(-0.34, 40), (0.1, 48), (0.5, 68), (0.84, 96)], 7),
        _strand(look, [(-0.2, 28), (0.3, 30), (0.76, 56), (0.98, 100)], 5),
    ]
    return Hair([_closed(look, outer, inner)], [_behind(look, 1.22, 330, 1.3)], shine)


def _bob(look: Look) -> Hair:
    hair = _side_swept(look)
    return Hair(hair.front, [_behind(look, 1.22, 258, 1.2)], hair.shine)


def _short(look: Look) -> Hair:
    hair = _side_part(look)
    outer = [(-1.04, 168), (-1.14, 120), (-1.02, 60), (-0.5, 18), (0, 12), (0.5, 18)]
    outer += [(1.02, 60), (1.14, 120), (1.04, 168)]
    inner = [(0.99, 140), (0.94, 110), (0.8, 90), (0.3, 92), (-0.3, 76), (-0.56, 56)]
    inner += [(-0.74, 82), (-0.93, 110), (-0.99, 140)]
    return Hair([_closed(look, outer, inner)], [_behind(look, 1.12, 226, 1.02)], hair.shine)


def _perm(look: Look) -> Hair:
    """Short curls: two rings of round locks around the head."""
    ring = [
        *((-1.09, 150), (-1.14, 130), (-1.15, 109), (-1.11, 88), (-1.03, 69), (-0.9, 51)),
        *((-0.73, 37), (-0.52, 28), (-0.27, 22), (0, 20), (0.27, 22), (0.52, 28), (0.73, 37)),
        *((0.9, 51), (1.03, 69), (1.11, 88), (1.15, 109), (1.14, 130), (1.09, 150)),
    ]
    brow = [(-0.84, 92), (-0.6, 81), (-0.36, 75), (-0.1, 73), (0.16, 74), (0.42, 76), (0.66, 83)]
    brow.append((0.86, 95))
    inner = [(0.97, 156), (0.95, 116), *reversed(brow), (-0.95, 116), (-0.97, 156)]
    locks = [_lock(at, 10 + n % 3) for n, at in enumerate(_across(look, ring))]
    locks += [_lock(at, 9 + n % 3) for n, at in enumerate(_across(look, brow))]
    curls = [_curl(at) for at in _across(look, ring[1:-1:2])]
    curls += [_curl((x, y - 15)) for x, y in _across(look, brow[1:-1:2])]
    return Hair([_closed(look, ring, inner), *locks], [_behind(look, 1.1, 214, 1.0)], curls)


def _lock(at: Point, radius: float) -> Outline:
    x, y = at
    half = radius * 0.71
    ring = [(x - radius, y), (x - half, y - half), (x, y - radius), (x + half, y - half)]
    ring += [(x + radius, y), (x + half, y + half), (x, y + radius), (x - half, y + half)]
    return curve(ring, closed=True, steps=4)


def _curl(at: Point) -> Outline:
    x, y = at
    return tapered(
        [(x - 6, y + 3), (x - 3, y - 5), (x + 4, y - 4), (x + 6, y + 2)], (0.6, 2.6, 0.6)
    )


def _behind(look: Look, width: float, bottom: float, low: float) -> Outline:
    """What falls behind: `width` beside the cheeks, `low` at the `bottom`, in shares."""
    half = [
        (0.5, 30),
        (1.0, 70),
        (width, 140),
        (low, (bottom + 140) / 2),
        (low * 0.98, bottom - 14),
    ]
    foot = [(low * 0.72, bottom), (0.3, bottom - 4)]
    right = [(MIDDLE + share * look.cheek, y) for share, y in half + foot]
    return curve(right + [(2 * MIDDLE - x, y) for x, y in reversed(right)], closed=True)


_STYLES: dict[str, Callable[[Look], Hair]] = {
    "side part": _side_part,
    "crew cut": _crew_cut,
    "quiff": _quiff,
    "fringe": _fringe,
    "swept back": _swept_back,
    "receding": _receding,
    "bald crown": _bald_crown,
    "long": _long,
    "long fringe": _long_fringe,
    "tied": _tied,
    "side swept": _side_swept,
    "bob": _bob,
    "short": _short,
    "perm": _perm,
}
