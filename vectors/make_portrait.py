"""Portraits of codes: what the pinned encoder makes of drawn faces, and what is left of it.

Golden files: another version of the encoder, of the drawing or of the finder of faces shows here.
"""

import json
from collections.abc import Iterator
from datetime import date
from typing import Final

from jiazhao.credentials.portrait import TEMPLATE, rebuild
from jiazhao.licence.licence import Sex
from jiazhao.photo.code_portrait import best_portrait, cut_face
from jiazhao.specimen.draws import Draws
from jiazhao.specimen.portrait import portrait
from vectors.make import FOLDER, Vector

SOURCE: Final = (
    "a face drawn by jiazhao.specimen, encoded by the Pillow of uv.lock (libavif with aom, "
    "speed 0), by vectors/make_portrait.py; decoded by Chromium in tests/browser"
)
ON: Final = date(2026, 6, 1)
ROOMS: Final = {
    "smallest-room": (Sex.MALE, date(1961, 1, 1), 330),
    "usual-room": (Sex.FEMALE, date(1996, 5, 17), 340),
    "greatest-room": (Sex.MALE, date(1988, 2, 29), 500),
}


def portraits() -> Iterator[tuple[str, Vector]]:
    """Yield the cut face in grey, the file that the encoder makes of it, and what a code holds."""
    for name, (sex, birth_date, room) in ROOMS.items():
        face = cut_face(portrait(Draws(name), sex, "CN", birth_date, ON))
        chosen = best_portrait(face, room)
        if chosen is None:
            raise ValueError("a drawn face does not fit")
        yield (
            name,
            {
                "source": SOURCE,
                "template": TEMPLATE,
                "room": room,
                "grey": face.tobytes().hex(),
                "avif": rebuild(chosen).hex(),
                "octets": chosen.octets.hex(),
            },
        )


def kept_portrait() -> bytes:
    """Return the octets of one, as kept: codes do not wait for the encoder."""
    kept = json.loads((FOLDER / "portrait" / "usual-room.json").read_text())
    return bytes.fromhex(kept["octets"])
