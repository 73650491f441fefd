"""One database, two engines: SQLite embedded, PostgreSQL in production.

An acknowledged write survives a power cut: SQLite runs with WAL and `synchronous=FULL`,
PostgreSQL with its default `synchronous_commit`; neither is changed anywhere else.
On PostgreSQL a writing transaction is READ COMMITTED and locks the holder before it reads, so
that what it read still holds when it commits; a reading one is REPEATABLE READ: one snapshot.
Who can change this store can change the register itself: it is trusted entirely.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from jiazhao.errors import ErrorCode, StoreError

T = TypeVar("T")

__all__ = ["Connection", "Database", "RetryError"]

_BUSY_MS = 10_000
"""A writer waits this long for another before the service says that it is unavailable."""

_ATTEMPTS = 5
"""A transaction that the engine gave up for another is tried this often in all."""


_ASK_AGAIN = {"40001", "40P01", "23505"}
"""Serialisation failure, deadlock, and a row that another committed between our look and our
write: the same again finds that row and answers by it."""

_POOL_WAIT_SECONDS = 10
"""A request waits this long for a free connection, then the service is unavailable."""

_POSTGRES = {
    "application_name": "jiazhao",
    "connect_timeout": 5,
    "options": "-c statement_timeout=30s -c lock_timeout=10s"
    " -c idle_in_transaction_session_timeout=60s",
}
"""What libpq is told unless the URL says otherwise. A request takes milliseconds: a statement of
30 s or a wait of 10 s for a lock is a fault that must not spread, and a transaction left open
by a process that hangs must not hold its locks for ever."""


class RetryError(StoreError):
    """The engine gave this transaction up for another; the same again may succeed."""


class Database:
    """An engine with its two kinds of transaction."""

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
        self.url = sa.make_url(url)
        options: dict[str, Any] = {
            "pool_size": pool_size,
            "max_overflow": pool_size,
            "pool_timeout": _POOL_WAIT_SECONDS,
        }
        if self.is_sqlite:
            options["connect_args"] = {"timeout": _BUSY_MS / 1000, "check_same_thread": False}
        else:
            options["pool_pre_ping"] = True
            options["connect_args"] = _postgres_arguments(self.url)
        self.engine = sa.create_engine(self.url, **options)
        if self.is_sqlite:
            sa.event.listen(self.engine, "connect", _prepare_sqlite)
            sa.event.listen(self.engine, "begin", _begin_sqlite)

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded engine is in use."""
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent view for reading; nothing is kept. Raises `StoreError`."""
        with _translated(), self.engine.connect() as connection:
            db = connection if self.is_sqlite else connection.execution_options(**_SNAPSHOT)
            with db.begin():
                yield db

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, durable on leaving; an exception leaves nothing behind.

        Raises `StoreError`; `RetryError` where the same transaction again may succeed.
        """
        with _translated(), self.engine.connect() as connection:
            db = connection.execution_options(jiazhao_writes=True)
            with db.begin():
                yield db

    def write(self, act: Callable[[Connection], T]) -> T:
        """Run `act` in a transaction of its own, again where that may help."""
        for _ in range(_ATTEMPTS - 1):
            try:
                with self.writing() as db:
                    return act(db)
            except RetryError:
                continue
        with self.writing() as db:
            return act(db)

    def is_ready(self) -> bool:
        """Whether the engine answers."""
        try:
            with self.reading() as db:
                db.execute(sa.select(1))
        except StoreError:
            return False
        return True

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


_SNAPSHOT: Any = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def _postgres_arguments(url: sa.URL) -> dict[str, Any]:
    """Arguments of `psycopg.connect` that do not stand in the URL already.

    `prepare_threshold` comes as text: `none` for a pooler that gives each transaction another
    connection, where a statement prepared before would be missing.
    """
    arguments = {key: value for key, value in _POSTGRES.items() if key not in url.query}
    threshold = url.query.get("prepare_threshold")
    if isinstance(threshold, str):
        arguments["prepare_threshold"] = None if threshold == "none" else int(threshold)
    return arguments


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transaction handling would begin late and without IMMEDIATE.
    connection.isolation_level = None
    for pragma in (f"busy_timeout={_BUSY_MS}", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    _use_write_ahead_log(connection)


def _use_write_ahead_log(connection: Any) -> None:
    """Switch a new database to WAL; an old one is so for good.

    Of two first connections at once, SQLite refuses one without any wait: it takes the lock of
    a writer, which does wait, and looks again.
    """
    for _ in range(_ATTEMPTS):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except connection.OperationalError:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("COMMIT")
        else:
            return
    connection.execute("PRAGMA journal_mode=WAL")


def _begin_sqlite(db: Connection) -> None:
    # A transaction that will write takes the lock at once: upgrading a read lock can deadlock.
    writes = db.get_execution_options().get("jiazhao_writes", False)
    db.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except PoolTimeoutError as error:
        raise StoreError(ErrorCode.SERVICE_UNAVAILABLE) from error
    except (OperationalError, InterfaceError, InternalError) as error:
        kind = RetryError if _asks_again(error) else StoreError
        raise kind(ErrorCode.SERVICE_UNAVAILABLE) from error
    except IntegrityError as error:
        if not _asks_again(error):
            raise
        raise RetryError(ErrorCode.SERVICE_UNAVAILABLE) from error


def _asks_again(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) in _ASK_AGAIN
