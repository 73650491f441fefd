"""The whole system as a person starts it, in a process of its own on free ports."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

JIAZHAO = Path(sys.executable).with_name("jiazhao")
ORIGINS = 5
"""Wallet, terminal, verifier, console and identity provider, on consecutive ports."""
START_SECONDS = 120
"""A busy machine of two cores makes sixty people and their keys well within this."""
STOP_SECONDS = 20
CLI_SECONDS = 120


@dataclass(frozen=True, slots=True)
class LiveServer:
    """Where a running demo is."""

    state: Path
    port: int
    log: Path

    @property
    def wallet(self) -> str:
        """The holder's wallet, and the issuer."""
        return self._origin(0)

    @property
    def terminal(self) -> str:
        """The officer's terminal."""
        return self._origin(1)

    @property
    def console(self) -> str:
        """The authority's console."""
        return self._origin(3)

    @property
    def identity(self) -> str:
        """The demo's identity provider."""
        return self._origin(4)

    def _origin(self, offset: int) -> str:
        return f"http://localhost:{self.port + offset}"

    def cli(self, *args: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run `jiazhao ARGS` as an operator beside the running system, with its settings."""
        return cli(*args, stdin=stdin, config=self.state / "jiazhao.toml")


def cli(
    *args: str, stdin: str = "", config: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `jiazhao ARGS` to its end and return what it said."""
    return subprocess.run(
        [str(JIAZHAO), *args],
        input=stdin,
        env=_environment() | ({"JIAZHAO_CONFIG": str(config)} if config else {}),
        capture_output=True,
        text=True,
        timeout=CLI_SECONDS,
        check=False,
    )


def free_ports(number: int = ORIGINS) -> int:
    """Return the first of consecutive free ports, below those that the system gives out."""
    # Far from those of a worker that started a moment before or after.
    first = 20_000 + os.getpid() * 12 * number % 11_400
    for port in range(first, 32_000, number):
        if all(_is_free(port + offset) for offset in range(number)):
            return port
    raise AssertionError(f"no {number} consecutive ports are free from {first} on")


def start(
    state: Path, *args: str, port: int | None = None
) -> tuple[subprocess.Popen[bytes], LiveServer]:
    """Start `jiazhao demo` on `state` and wait until it is ready; the caller stops it."""
    port = free_ports() if port is None else port
    server = LiveServer(state, port, state.with_suffix(".log"))
    command = [str(JIAZHAO), "demo", "--state", str(state), "--port", str(port), *args]
    with server.log.open("ab") as log:
        process = subprocess.Popen(
            command, env=_environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    deadline = time.monotonic() + START_SECONDS
    while not _is_ready(server.wallet):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            process.wait()
            raise AssertionError(f"jiazhao demo did not start:\n{server.log.read_text()[-4000:]}")
        time.sleep(0.05)
    return process, server


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the server to stop as an operator's service manager does, and insist that it does."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise AssertionError(f"still running {STOP_SECONDS} s after SIGTERM") from None


@pytest.fixture(scope="session")
def live_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Yield a running demo of sixty made-up people, one for each worker."""
    yield from _running(tmp_path_factory.mktemp("live") / "state", holders=60)


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Yield a demo of twelve for one file, which may do to their licences what it likes."""
    yield from _running(tmp_path_factory.mktemp("own") / "state", holders=12)


def _running(state: Path, *, holders: int) -> Iterator[LiveServer]:
    process, server = start(state, "--holders", str(holders), "--seed", "1")
    yield server
    stop(process)


def _environment() -> dict[str, str]:
    """Whoever runs the tests may have settings of their own; the tests have none."""
    return {key: value for key, value in os.environ.items() if not key.startswith("JIAZHAO_")}


def _is_free(port: int) -> bool:
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.socket(family) as probe:
            try:
                probe.bind((host, port))
            except OSError:
                return False
    return True


def _is_ready(origin: str) -> bool:
    try:
        with urllib.request.urlopen(f"{origin}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
