"""Starts servers fast and kills them: a parent that has imported everything and forks.

A start of Python with all libraries takes seconds of processor time, and a gate starts a
hundred servers. What is killed is a whole server process, with SIGKILL, and its parent waits
for it, so that nothing of it is left when the next one starts.

`python -m gates.launcher` is that parent; `Launcher` is how a gate speaks to it. It gives the
demonstration's identity provider every holder to pick, not the cast alone.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from gates import defects
from gates.deployment import Deployment
from jiazhao import app, demo
from jiazhao.config import load
from jiazhao.http import logs
from jiazhao.http.access import Role
from jiazhao.identity.unsafe_provider import DemoPerson, UnsafeIdentityProvider, clients_of
from jiazhao.identity.unsafe_routes import unsafe_provider_app
from jiazhao.licence.identifiers import HolderId
from jiazhao.serving import Served, serve

ROOT = Path(__file__).parents[1]
READY_SECONDS = 60
"""A shared machine is slow; a server that is not there by then does not start."""

_POLL_SECONDS = 0.02
_RUNS = "runs"


@dataclass(slots=True)
class Server:
    """A server process that runs."""

    launcher: "Launcher"
    deployment: Deployment
    pid: int

    def kill(self) -> None:
        """SIGKILL, and wait until nothing of it is left."""
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to stop, and wait."""
        self._signal(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)
        self.launcher.ask("wait")

    def wait_ready(self) -> float:
        """Wait until every origin serves; returns the seconds that it took."""
        start = time.monotonic()
        for url in self._doors():
            while not _answers(url):
                if time.monotonic() - start > READY_SECONDS:
                    raise AssertionError(f"not ready: {self.launcher.said(self.deployment)}")
                time.sleep(_POLL_SECONDS)
        if self.launcher.ask("poll") != _RUNS:
            raise AssertionError(f"it has gone: {self.launcher.said(self.deployment)}")
        return time.monotonic() - start

    def _doors(self) -> Iterator[str]:
        for name in ("wallet", "terminal", "console"):
            yield f"{self.deployment.origin(name)}/readyz"
        yield f"{self.deployment.origin('identity')}/.well-known/openid-configuration"


class Launcher:
    """The parent process of servers; one server at a time."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "gates.launcher"],
            cwd=ROOT,
            env={k: v for k, v in os.environ.items() if not k.startswith("JIAZHAO_")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._process.communicate()

    def start(self, deployment: Deployment, defect: str = "") -> Server:
        """Start a server on a deployment, with a planted defect if one is named."""
        answer = self.ask("start", str(deployment.config), defect)
        return Server(self, deployment, int(answer))

    def ask(self, *words: str) -> str:
        """Say one thing to the parent process and return what it answers."""
        if self._process.stdin is None or self._process.stdout is None:
            raise AssertionError("the launcher has no pipes")
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().strip()
        if not answer:
            raise AssertionError(f"the launcher has gone: {self._process.wait()}")
        return answer

    def said(self, deployment: Deployment) -> str:
        """The end of what the server of a deployment has said."""
        log = deployment.state / "server.log"
        return log.read_text("utf-8", "replace")[-3000:] if log.exists() else "nothing"


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own loopback
            return bool(answer.status == 200)
    except OSError:
        return False


# -- the parent process


def _main() -> None:
    child = 0
    for line in sys.stdin:
        word, *rest = json.loads(line)
        if word == "start":
            _end(child)  # one that a failed gate left behind
            child = os.fork() or _serve(Path(rest[0]), rest[1])
            answer = str(child)
        else:
            ended = child and os.waitpid(child, os.WNOHANG if word == "poll" else 0)[0]
            child = 0 if ended else child
            answer = _RUNS if child else "gone"
        print(answer, flush=True)
    _end(child)


def _end(child: int) -> None:
    if child:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _serve(path: Path, defect: str) -> int:
    """Be the server, in the child; never returns."""
    try:
        log = os.open(path.parent / "server.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        logs.configure()
        defects.plant(defect)
        config = load(path, {})
        house = app.build(config, demo.clock_of(config))
        worker = None if defect == defects.NO_WORKER else house.worker
        serve(_served(house), worker, seconds=config.worker_seconds, state=config.state_dir)
        os._exit(0)
    except BaseException:  # noqa: BLE001 - a forked child must not run its parent's code
        import traceback

        traceback.print_exc()
        os._exit(1)


def _served(house: app.House) -> dict[str, Served]:
    shown = demo.compose(house)
    unsafe = UnsafeIdentityProvider(
        config=house.config,
        people=(*shown.people, *_crowd(house, {person.subject for person in shown.people})),
        clients=clients_of(house.identity),
    )
    picked = unsafe_provider_app(unsafe, clock=house.clock)
    identity = shown.served["identity"]
    return shown.served | {"identity": Served(identity.name, identity.host, identity.port, picked)}


def _crowd(house: app.House, known: set[str]) -> list[DemoPerson]:
    now = house.clock()
    people = []
    with house.database.reading() as db:
        for number in range(1, house.register.count(db) + 1):
            holder = HolderId(f"sp-{number:06d}")
            if holder in known:
                continue
            person = house.register.licence_of(db, holder, at=now, known_at=now).person
            people.append(
                DemoPerson(
                    subject=holder,
                    name=person.name,
                    role=Role.DRIVER,
                    role_zh="驾驶人",
                    role_en="Driver",
                    label_zh="",
                    label_en="",
                    identity_number=person.identity_number,
                )
            )
    return people


if __name__ == "__main__":
    _main()
