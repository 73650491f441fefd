"""The portrait of a code: golden files of the encoder, the cut, and the room."""

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from jiazhao.credentials.portrait import MIN_OCTETS, MIN_ROOM, TEMPLATE, Portrait, rebuild, strip
from jiazhao.errors import UnreadableError
from jiazhao.licence.licence import Sex
from jiazhao.photo import code_portrait as photo_of_code
from jiazhao.photo.code_portrait import HEIGHT, WIDTH, best_portrait, code_portrait, cut_face
from jiazhao.specimen.draws import Draws
from jiazhao.specimen.portrait import portrait
from vectors import make, make_portrait

VECTORS = sorted((Path(__file__).parents[3] / "vectors" / "portrait").glob("*.json"))
PHOTO = portrait(Draws("usual-room"), Sex.FEMALE, "CN", date(1996, 5, 17), date(2026, 6, 1))


def _read(path: Path) -> dict[str, Any]:
    vector: dict[str, Any] = json.loads(path.read_text())
    return vector


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_the_encoder_writes_what_it_wrote(path: Path) -> None:
    vector = _read(path)
    face = Image.frombytes("L", (WIDTH, HEIGHT), bytes.fromhex(vector["grey"]))
    chosen = best_portrait(face, vector["room"])
    assert chosen is not None
    assert chosen.octets.hex() == vector["octets"], "another encoder: give it another template"
    assert MIN_OCTETS <= len(chosen.octets) <= vector["room"]


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_the_file_is_rebuilt_octet_by_octet_and_decodes(path: Path) -> None:
    vector = _read(path)
    avif = bytes.fromhex(vector["avif"])
    stripped = strip(avif)
    assert stripped == Portrait(TEMPLATE, bytes.fromhex(vector["octets"]))
    assert rebuild(stripped) == avif
    with Image.open(io.BytesIO(avif), formats=["AVIF"]) as image:
        image.load()
        assert (image.size, image.mode) == ((WIDTH, HEIGHT), "L")
        kept = image.tobytes()
    drawn = bytes.fromhex(vector["grey"])
    mean = sum(abs(a - b) for a, b in zip(kept, drawn, strict=True)) / len(drawn)
    assert mean < 10, "the same picture"


def test_the_vectors_are_made_by_the_script_beside_them() -> None:
    assert {name: make.written(vector) for name, vector in make_portrait.portraits()} == {
        path.stem: path.read_text() for path in VECTORS
    }


def test_a_file_of_another_header_is_no_portrait() -> None:
    avif = bytes.fromhex(_read(VECTORS[0])["avif"])
    for at in range(0, 284, 7):
        changed = bytearray(avif)
        changed[at] ^= 1
        with pytest.raises(UnreadableError):
            strip(bytes(changed))
    for other in (b"", avif[:200], avif[:-1], avif + b"\0"):
        with pytest.raises(UnreadableError):
            strip(other)


def test_another_template_is_not_rebuilt() -> None:
    with pytest.raises(UnreadableError):
        rebuild(Portrait(2, b"\0"))


@pytest.mark.parametrize("length", [1, 127, 128, 300, 500])
def test_every_length_is_stripped_and_rebuilt(length: int) -> None:
    made_up = Portrait(TEMPLATE, bytes(length))
    assert strip(rebuild(made_up)) == made_up


def test_a_photo_gives_the_best_portrait_that_fits() -> None:
    small, large = code_portrait(PHOTO, MIN_ROOM), code_portrait(PHOTO, 420)
    assert small is not None
    assert large is not None
    assert MIN_OCTETS <= len(small.octets) <= MIN_ROOM < len(large.octets) <= 420


@pytest.mark.parametrize(("octets", "has_face"), [(MIN_OCTETS - 1, False), (MIN_OCTETS, True)])
def test_a_picture_of_fewer_octets_is_not_put_in(
    monkeypatch: pytest.MonkeyPatch, octets: int, has_face: bool
) -> None:
    def found(_face: Image.Image, _room: int) -> Portrait:
        return Portrait(TEMPLATE, bytes(octets))

    monkeypatch.setattr(photo_of_code, "best_portrait", found)
    photo_of_code.code_portrait.cache_clear()
    assert (code_portrait(PHOTO, 340) is not None) is has_face
    photo_of_code.code_portrait.cache_clear()


@pytest.mark.parametrize("room", [0, MIN_ROOM - 1])
def test_too_little_room_gives_no_face_rather_than_a_plausible_one(room: int) -> None:
    assert code_portrait(PHOTO, room) is None


@pytest.mark.parametrize("photo", [b"", b"\xff\xd8\xff", PHOTO[:500], b"GIF89a"])
def test_what_is_no_photo_gives_no_face(photo: bytes) -> None:
    assert code_portrait(photo, 340) is None


def _jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95)
    return out.getvalue()


def test_the_cut_follows_the_face() -> None:
    drawn = Image.open(io.BytesIO(PHOTO))
    beside = Image.new("RGB", (drawn.width * 2, drawn.height), "white")
    beside.paste(drawn, (drawn.width, 0))
    pairs = zip(cut_face(PHOTO).tobytes(), cut_face(_jpeg(beside)).tobytes(), strict=True)
    assert sum(abs(a - b) for a, b in pairs) / (WIDTH * HEIGHT) < 12


@pytest.mark.parametrize("size", [(260, 378), (400, 140), (140, 400)], ids=str)
def test_without_a_face_the_cut_is_where_faces_are(size: tuple[int, int]) -> None:
    assert cut_face(_jpeg(Image.new("RGB", size, "white"))).size == (WIDTH, HEIGHT)
