"""Files made to exhaust: refused fast, and with little memory; only findings come out."""

import subprocess
import sys
import time
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from jiazhao.errors import UnreadableError
from jiazhao.photo import examine
from jiazhao.photo.camera_data import read_camera_data
from jiazhao.photo.container import MAX_OCTETS, read
from tests.unit import pictures
from tests.unit.photo.bombs import BOMBS, DECODED

OLDEST = date(2025, 12, 1)
REFUSED_WITHIN = 1.0
"""Seconds: 200 ms on an idle machine, times five for a busy one."""
MEMORY = 100 * 1024
"""Kilobytes that an examination may add to a process that has its libraries loaded."""


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_is_refused_fast(kind: str, now: datetime) -> None:
    octets = BOMBS[kind]()[:MAX_OCTETS]
    before = time.perf_counter()
    examined = examine(octets, oldest=OLDEST, now=now)
    assert time.perf_counter() - before < REFUSED_WITHIN
    assert examined.findings


IN_A_PROCESS = """
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from jiazhao.photo import examine

def look(path):
    octets = Path(path).read_bytes()
    return examine(octets, oldest=date(2025, 12, 1), now=datetime(2026, 6, 1, tzinfo=UTC))

def kilobytes(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))

look(sys.argv[1])
for path in sys.argv[2:]:
    Path("/proc/self/clear_refs").write_text("5")
    before = kilobytes("VmRSS")
    look(path)
    print(kilobytes("VmHWM") - before)
"""


def test_no_file_takes_much_memory(tmp_path: Path) -> None:
    files = {"": pictures.good, **BOMBS, **DECODED}
    for number, made in enumerate(files.values()):
        (tmp_path / str(number)).write_bytes(made()[:MAX_OCTETS])
    done = subprocess.run(
        [sys.executable, "-c", IN_A_PROCESS, *(str(number) for number in range(len(files)))],
        capture_output=True,
        check=True,
        cwd=tmp_path,
        text=True,
    )
    took = dict(zip(list(files)[1:], map(int, done.stdout.split()), strict=True))
    assert took["largest"] > 20 * 1024, "decoding is not measured"
    assert {kind: kilobytes for kind, kilobytes in took.items() if kilobytes > MEMORY} == {}


@given(st.binary(max_size=400), st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF"]))
def test_only_our_error_escapes_the_container(octets: bytes, head: bytes) -> None:
    try:
        read(head + octets)
    except UnreadableError:
        return


@given(st.data())
def test_a_mutant_is_a_finding_or_a_picture(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["JPEG", "PNG", "WEBP"]))
    octets = bytearray(_small(kind))
    for _ in range(data.draw(st.integers(1, 4))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    now = datetime.fromisoformat("2026-06-01T02:00:00+00:00")
    assert examine(bytes(octets), oldest=OLDEST, now=now).findings


def _small(kind: str) -> bytes:
    return pictures.written(
        pictures.sitter().resize((65, 94)), kind, exif=pictures.exif("2026:01:01 00:00:00")
    )


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"Exif\0\0"]),
    st.sampled_from([b"II*\0", b"MM\0*"]),
)
def test_a_cameras_data_never_raises(octets: bytes, head: bytes, order: bytes) -> None:
    read_camera_data(head + order + octets)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("2026:05:20 10:00:00", date(2026, 5, 20)),
        ("2026:02:30 10:00:00", None),
        ("20260520", None),
        ("    :  :     :  :  ", None),
    ],
)
def test_the_day_of_the_photograph_is_read(written: str, told: date | None) -> None:
    assert read_camera_data(pictures.exif(written)).captured_on == told


def test_the_earliest_day_counts() -> None:
    """An editor writes a day of its own beside the camera's."""
    data = Image.Exif()
    data[0x0132] = "2026:05:20 10:00:00"
    data.get_ifd(0x8769)[0x9003] = "2025:01:02 10:00:00"
    assert read_camera_data(data.tobytes()).captured_on == date(2025, 1, 2)
