"""Writes the contact sheets of docs/faces.md: `python -m tests.write_face_sheets [NAME=PHOTO …]`.

Drawn specimens are always there; photographs are given by hand, for none comes with this project.
Each face is shown as it was cut out, then as a code carries it: three times enlarged without
smoothing, and below in its own size.
"""

import io
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from PIL import Image, ImageDraw

from jiazhao.credentials.portrait import MIN_ROOM, rebuild
from jiazhao.licence.licence import Sex
from jiazhao.photo.code_portrait import HEIGHT, WIDTH, best_portrait, cut_face
from jiazhao.specimen.draws import Draws
from jiazhao.specimen.portrait import portrait

FOLDER = Path(__file__).parents[1] / "docs/faces"

USUAL_ROOM = 363
"""Octets beside a short name and one class; docs/specs/licence-code.md has the budget."""
ROOMS = (USUAL_ROOM, MIN_ROOM)

ENLARGED = 3
GAP = 12
LABEL = 14

SPECIMENS = (
    (Sex.FEMALE, date(1990, 1, 5)),
    (Sex.MALE, date(1985, 7, 20)),
    (Sex.FEMALE, date(1958, 3, 2)),
    (Sex.MALE, date(1950, 11, 30)),
    (Sex.FEMALE, date(2003, 9, 9)),
    (Sex.MALE, date(2001, 2, 14)),
)
SPECIMENS_TAKEN = date(2026, 1, 10)


def drawn_faces() -> list[tuple[str, bytes]]:
    """Specimens of both sexes and three ages."""
    return [
        (
            f"drawn {number}",
            portrait(Draws("face sheet", number), sex, "CN", born, SPECIMENS_TAKEN),
        )
        for number, (sex, born) in enumerate(SPECIMENS, start=1)
    ]


def sheet(faces: Sequence[tuple[str, bytes]]) -> Image.Image:
    """One block a face: the cut, the usual room, the least room."""
    columns = 2 if len(faces) > 1 else 1
    wide = (1 + len(ROOMS)) * (WIDTH * ENLARGED + GAP) + GAP
    high = LABEL + (ENLARGED + 1) * HEIGHT + 3 * GAP
    rows = -(-len(faces) // columns)
    page = Image.new("L", (columns * wide, rows * high), 255)
    for place, (name, photo) in enumerate(faces):
        row, column = divmod(place, columns)
        page.paste(_block(name, photo, wide, high), (column * wide, row * high))
    return page


def _block(name: str, photo: bytes, wide: int, high: int) -> Image.Image:
    cut = cut_face(photo)
    shown = [(f"{name}, cut out", cut)]
    for room in ROOMS:
        made = best_portrait(cut, room)
        if made is None:
            raise ValueError(f"{name} has no portrait in {room} octets")
        with Image.open(io.BytesIO(rebuild(made))) as file:
            shown.append((f"{len(made.octets)} octets", file.convert("L")))
    block = Image.new("L", (wide, high), 255)
    pen = ImageDraw.Draw(block)
    for place, (label, face) in enumerate(shown):
        left = GAP + place * (WIDTH * ENLARGED + GAP)
        pen.text((left, GAP // 2), label, fill=0)
        large = face.resize((WIDTH * ENLARGED, HEIGHT * ENLARGED), Image.Resampling.NEAREST)
        block.paste(large, (left, LABEL + GAP))
        block.paste(face, (left, LABEL + 2 * GAP + HEIGHT * ENLARGED))
    return block


def main(arguments: Sequence[str]) -> None:
    """Write the sheet of specimens, and that of photographs where any are given."""
    given = [argument.partition("=") for argument in arguments]
    photos = [(name, Path(path).read_bytes()) for name, _, path in given]
    sheet(drawn_faces()).save(FOLDER / "drawn.png", optimize=True)
    if photos:
        sheet(photos).save(FOLDER / "photographs.png", optimize=True)


if __name__ == "__main__":
    main(sys.argv[1:])
