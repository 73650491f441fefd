"""Defects that are planted in a server under test, to see that a gate notices them.

They live here and not in the product: a switch that makes it forget would one day be thrown.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any
from unittest.mock import patch

from jiazhao.licence.identifiers import HolderId
from jiazhao.licence.licence import Licence
from jiazhao.registry.service import Register
from jiazhao.storage.engine import Connection, Database
from jiazhao.trust import Keyring, Trust

EARLY_ACKNOWLEDGEMENT = "early-acknowledgement"
"""The answer leaves before the transaction has been committed."""

NO_WORKER = "no-worker"
"""Nobody drains the change feed; the launcher leaves the worker out."""

CACHED_LICENCE = "cached-licence"
"""A check takes the licence as it was up to `CACHE_SECONDS` ago."""

FROZEN_KEYS = "frozen-keys"
"""A server signs with the keys that it found when it started."""

COMMIT_EVERY_SECONDS = 1.0
CACHE_SECONDS = 1.0


def plant(defect: str) -> None:
    """Change this process for good; the empty name changes nothing."""
    _PLANTS[defect]()


def _acknowledge_early() -> None:
    """All transactions become parts of one, which is committed now and then."""
    batch = _Batch()
    patch.object(Database, "writing", batch.part).start()
    patch.object(Database, "reading", batch.part).start()


class _Batch:
    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._connection: Connection | None = None
        self._begun = 0.0

    @property
    def part(self) -> Callable[[Database], AbstractContextManager[Connection]]:
        @contextmanager
        def part(database: Database) -> Iterator[Connection]:
            with self._lock:
                connection = self._open(database)
                with connection.begin_nested():
                    yield connection
                if time.monotonic() - self._begun > COMMIT_EVERY_SECONDS:
                    connection.commit()

        return part

    def _open(self, database: Database) -> Connection:
        if self._connection is None:
            connection = database.engine.connect()
            self._connection = connection.execution_options(jiazhao_writes=True)
        if not self._connection.in_transaction():
            self._connection.begin()
            self._begun = time.monotonic()
        return self._connection


def _cache_licences() -> None:
    known: dict[HolderId, tuple[float, Licence]] = {}
    read = Register.licence_of

    def licence_of(
        self: Register, db: Connection, holder: HolderId, *, at: datetime, **more: Any
    ) -> Licence:
        kept = known.get(holder)
        if kept is None or time.monotonic() - kept[0] > CACHE_SECONDS:
            known[holder] = kept = (time.monotonic(), read(self, db, holder, at=at, **more))
        return kept[1]

    patch.object(Register, "licence_of", licence_of).start()


def _freeze_keys() -> None:
    read = Keyring.current
    first: list[Trust] = []

    def current(self: Keyring) -> Trust:
        if not first:
            first.append(read(self))
        return first[0]

    patch.object(Keyring, "current", current).start()


_PLANTS: dict[str, Callable[[], None]] = {
    "": lambda: None,
    NO_WORKER: lambda: None,
    EARLY_ACKNOWLEDGEMENT: _acknowledge_early,
    CACHED_LICENCE: _cache_licences,
    FROZEN_KEYS: _freeze_keys,
}
