"""Defects that are planted in a server under test, to see that a gate notices them.

They live here and not in the product: a switch that makes it forget would one day be thrown.
"""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar
from unittest.mock import patch

from jiazhao.licence.identifiers import HolderId
from jiazhao.licence.licence import Licence
from jiazhao.registry.service import Register
from jiazhao.storage.engine import Connection, Database

T = TypeVar("T")

EARLY_ACKNOWLEDGEMENT = "early-acknowledgement"
"""The answer leaves before the transaction has been committed."""

NO_WORKER = "no-worker"
"""Nobody drains the change feed; the launcher leaves the worker out."""

CACHED_LICENCE = "cached-licence"
"""A check takes the licence as it was up to `CACHE_SECONDS` ago."""

COMMIT_DELAY_SECONDS = 0.05
CACHE_SECONDS = 1.0


def plant(defect: str) -> None:
    """Change this process for good; the empty name changes nothing."""
    _PLANTS[defect]()


def _acknowledge_early() -> None:
    def write(self: Database, act: Callable[[Connection], T]) -> T:
        connection = self.engine.connect().execution_options(jiazhao_writes=True)
        transaction = connection.begin()
        try:
            answer = act(connection)
        except BaseException:
            transaction.rollback()
            connection.close()
            raise

        def commit() -> None:
            transaction.commit()
            connection.close()

        threading.Timer(COMMIT_DELAY_SECONDS, commit).start()
        return answer

    patch.object(Database, "write", write).start()


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


_PLANTS: dict[str, Callable[[], None]] = {
    "": lambda: None,
    NO_WORKER: lambda: None,
    EARLY_ACKNOWLEDGEMENT: _acknowledge_early,
    CACHED_LICENCE: _cache_licences,
}
