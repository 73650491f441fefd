"""One database, two engines: SQLite embedded, PostgreSQL in production.

An acknowledged write survives a power cut: SQLite runs with WAL and `synchronous=FULL`,
PostgreSQL with its default `synchronous_commit`; neither is changed anywhere else.
Who can change this store can change the register itself: it is trusted entirely.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from jiazhao.errors import ErrorCode, StoreError

T = TypeVar("T")

__all__ = ["Connection", "Database", "RetryError"]

_BUSY_MS = 10_000
"""A writer waits this long for another before the service says that it is unavailable."""

_ATTEMPTS = 5
"""A transaction that the engine gave up for another is tried this often in all."""


_ASK_AGAIN = {"40001", "40P01"}
"""Serialisation failure and deadlock."""


class RetryError(StoreError):
    """The engine gave this transaction up for another; the same again may succeed."""


class Database:
    """An engine with its two kinds of transaction."""

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
        self.url = sa.make_url(url)
        options: dict[str, Any] = {"pool_size": pool_size, "max_overflow": pool_size}
        if self.is_sqlite:
            options["connect_args"] = {"timeout": _BUSY_MS / 1000, "check_same_thread": False}
        else:
            options["pool_pre_ping"] = True
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
        with _translated(), self.engine.connect() as db, db.begin():
            yield db

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, durable on leaving; an exception leaves nothing behind.

        Raises `StoreError`; `Retry` where the engine asks for the transaction again.
        """
        with _translated(), self.engine.connect() as connection:
            db = connection.execution_options(jiazhao_writes=True)
            with db.begin():
                yield db

    def write(self, act: Callable[[Connection], T]) -> T:
        """Run `act` in a transaction of its own, again where the engine asks for it."""
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


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transaction handling would begin late and without IMMEDIATE.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={_BUSY_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}")


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
    except (OperationalError, InterfaceError) as error:
        sqlstate = getattr(error.orig, "sqlstate", None)
        kind = RetryError if sqlstate in _ASK_AGAIN else StoreError
        raise kind(ErrorCode.SERVICE_UNAVAILABLE) from error
