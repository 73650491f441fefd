"""Pictures made to exhaust: each refused fast and with little memory, and nothing is approved.

The work is done in a child process of limited memory. Each file is examined three times and the
best time counts, for a shared machine stops a process now and then; memory is the worst. Its
planted defect is an examination that lets the image library decode whatever it likes.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

from PIL import Image

from gates.children import judged
from gates.protocol import Context, Result
from jiazhao.photo import examine
from jiazhao.photo.container import MAX_OCTETS
from tests.unit import pictures
from tests.unit.photo.bombs import BOMBS, DECODED

NAME = "photo-bombs"

MOST_SECONDS = 0.2
MOST_GROWTH = 100 << 20
"""Octets, beyond what the process takes with its libraries loaded."""
TRIES = 3
ADDRESS_SPACE = 3 << 30
"""Octets; the child dies rather than the machine."""

OLDEST, NOW = date(2025, 12, 1), datetime(2026, 6, 1, tzinfo=UTC)

Examine = Callable[[bytes], bool]
"""Whether the file was refused."""


def run(context: Context) -> Result:
    """Examine every bomb, and the largest pictures that are none."""
    return _in_child(context, "ours")


def run_broken(context: Context) -> Result:
    """The same without bounds before the decoder."""
    return _in_child(context, "naive")


def _in_child(context: Context, which: str) -> Result:
    for name, made in {**BOMBS, **DECODED}.items():
        (context.folder / name.replace("/", " ")).write_bytes(made()[:MAX_OCTETS])
    return judged("gates.photo_bombs", which, str(context.folder))


def _ours(octets: bytes) -> bool:
    return bool(examine(octets, oldest=OLDEST, now=NOW).findings)


def _naive(octets: bytes) -> bool:
    try:
        with Image.open(BytesIO(octets)) as picture:
            picture.load()
    except (OSError, ValueError, SyntaxError):
        return True
    return False


def _child(which: str, folder: Path) -> dict[str, object]:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    if which == "naive":
        Image.MAX_IMAGE_PIXELS = None
    act = _ours if which == "ours" else _naive
    act(pictures.good())  # libraries are loaded when they are first used
    faults: list[str] = []
    slowest, slowest_name, grew, largest = 0.0, "", 0, ""
    for path in sorted(folder.iterdir()):
        octets, is_bomb = path.read_bytes(), path.name in BOMBS
        seconds, growth, refused = _look(act, octets)
        if is_bomb and not refused:
            faults.append(f"{path.name} was not refused")
        if is_bomb and seconds > MOST_SECONDS:
            faults.append(f"{path.name} took {seconds:.2f} s")
        if growth > MOST_GROWTH:
            faults.append(f"{path.name} took {growth >> 20} MiB")
        if is_bomb and seconds > slowest:
            slowest, slowest_name = seconds, path.name
        if growth > grew:
            grew, largest = growth, path.name
    return {
        "faults": faults,
        "bombs": len(BOMBS),
        "others": len(DECODED),
        "slowest_ms": round(slowest * 1000),
        "slowest": slowest_name,
        "grew_mib": grew >> 20,
        "largest": largest,
    }


def _look(act: Examine, octets: bytes) -> tuple[float, int, bool]:
    """The best time of some tries, the most memory of the first, and whether all refused it."""
    best, refused = float("inf"), True
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here
    before = _memory("VmRSS")
    growth = 0
    for _ in range(TRIES):
        begun = time.perf_counter()
        try:
            refused &= act(octets)
        except MemoryError:
            return time.perf_counter() - begun, ADDRESS_SPACE, False
        best = min(best, time.perf_counter() - begun)
        growth = max(growth, _memory("VmHWM") - before)
    return best, growth, refused


def _memory(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith(name))


if __name__ == "__main__":
    print(json.dumps(_child(sys.argv[1], Path(sys.argv[2]))))
