"""Drains the change feed into status lists, and tidies up. Idempotent; several may run at once.

Rows are taken by "not yet drained", never by a position in time: commits do not come in the
order of their ids, and a row passed over would leave a revoked licence valid.
"""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import structlog

from jiazhao.clock import Clock
from jiazhao.credentials.signing import Signer
from jiazhao.credentials.status_list import StatusReference, StatusValue
from jiazhao.identity.service import Identity
from jiazhao.issuance.service import Issuance
from jiazhao.licence.identifiers import HolderId
from jiazhao.licence.legal_day import legal_day
from jiazhao.presentation.service import Checks
from jiazhao.registry.service import Change, Register
from jiazhao.rules.driving import check_driving
from jiazhao.rules.state import LicenceState
from jiazhao.rules.tables import Tables
from jiazhao.status.service import StatusLists, value_of
from jiazhao.storage.engine import Connection, Database

log = structlog.get_logger(__name__)

BATCH = 200
HEARTBEAT = "worker.heartbeat"
"""A file in the state's folder that each pass touches, so that others can tell the worker lives."""

TIDY_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Worker:
    """What one pass does; `run` repeats it until told to stop."""

    database: Database
    register: Register
    tables: Tables
    issuance: Issuance
    statuses: StatusLists
    signer: Signer
    identity: Identity
    checks: Checks
    clock: Clock

    def drain(self) -> int:
        """Bring everything that follows from changes up to date; returns how many rows."""
        now = self.clock()
        with self.database.reading() as db:
            changes = self.register.undrained(db, now, BATCH)
        for change in changes:
            self.database.write(partial(self._settle, change=change, now=now))
        self.statuses.publish_due(signer=self.signer, now=now)
        return len(changes)

    def _settle(self, db: Connection, change: Change, now: datetime) -> None:
        holder = change.holder_id
        self.register.lock(db, holder)
        self.statuses.set_values(db, holder, self._values(db, holder, now))
        self.register.announce_next(db, holder, now)
        self.register.mark_drained(db, change, now)

    def _values(
        self, db: Connection, holder: HolderId, now: datetime
    ) -> dict[StatusReference, StatusValue]:
        """The status of every copy: ended with its instance, suspended with the licence."""
        copies = self.issuance.copies_of(db, holder)
        if not copies:
            return {}
        licence = self.register.licence_of(db, holder, at=now, known_at=now)
        rules = self.tables.on(legal_day(now))
        state = LicenceState.of(licence)
        may_drive = check_driving(state, None, rules).allowed
        live = self.register.live_instance(db, holder)
        return {
            place: value_of(
                ended=live is None or live.instance_number != number, may_drive=may_drive
            )
            for place, number in copies.items()
        }

    def tidy(self) -> None:
        """Void what a crash left behind and forget what has lapsed."""
        now = self.clock()
        self.issuance.resolve_stale(now)
        self.issuance.sweep(now)
        self.checks.sweep(now)
        self.identity.sweep(now)

    def run(self, stop: threading.Event, *, seconds: float, heartbeat: Path | None = None) -> None:
        """Repeat until `stop`; a failed pass is logged and tried again."""
        tidied: datetime | None = None
        while not stop.is_set():
            try:
                drained = self.drain()
                if tidied is None or self.clock() - tidied > TIDY_EVERY:
                    self.tidy()
                    tidied = self.clock()
                if heartbeat is not None:
                    heartbeat.touch()
            except Exception as error:
                log.error("worker_pass_failed", error=type(error).__name__, exc_info=error)
                drained = 0
            if drained < BATCH:
                stop.wait(seconds)
