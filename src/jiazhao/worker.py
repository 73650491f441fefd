"""Drains the change feed into status lists, and tidies up. Idempotent; several may run at once.

Rows are taken by "not yet drained", never by a position in time: commits do not come in the
order of their ids, and a row passed over would leave a revoked licence valid.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

import structlog

from jiazhao.clock import Clock
from jiazhao.credentials.signing import Signer
from jiazhao.credentials.status_list import StatusReference, StatusValue
from jiazhao.errors import ErrorCode, JiazhaoError, SealError, StoreError
from jiazhao.http.logs import place_of
from jiazhao.identity.service import Identity
from jiazhao.issuance.service import CopyOnList, Issuance
from jiazhao.licence.identifiers import HolderId
from jiazhao.licence.legal_day import legal_day, start_of_day
from jiazhao.licence.licence import Licence
from jiazhao.presentation.service import Checks
from jiazhao.registry.service import Change, Register
from jiazhao.roadside.keys import EnforcementKeys
from jiazhao.rules.driving import check_driving
from jiazhao.rules.state import LicenceState
from jiazhao.rules.tables import Tables
from jiazhao.status.handles import HandleKind, StatusHandle, StatusHandles
from jiazhao.status.service import StatusLists, value_of
from jiazhao.status.snapshots import Published, StatusSnapshots
from jiazhao.storage.engine import Connection, Database

log = structlog.get_logger(__name__)

BATCH = 200
HEARTBEAT = "worker.heartbeat"
"""A file in the state's folder that each pass touches, so that others can tell the worker lives."""

TIDY_EVERY = timedelta(minutes=1)

SNAPSHOT_EVERY = timedelta(seconds=5)
"""How often it is looked whether an hour is over."""

SETTLE_AGAIN_AFTER = timedelta(minutes=1)
"""A row that cannot be settled waits for people; until then it must not fill every batch."""


@dataclass(frozen=True, slots=True)
class Worker:
    """What one pass does; `run` repeats it until told to stop."""

    database: Database
    register: Register
    tables: Tables
    issuance: Issuance
    statuses: StatusLists
    handles: StatusHandles
    snapshots: StatusSnapshots
    signer: Callable[[], Signer]
    """Who signs status lists and snapshots now."""
    identity: Identity
    checks: Checks
    enforcement_keys: EnforcementKeys
    clock: Clock

    def drain(self) -> int:
        """Bring everything that follows from changes up to date; returns how many rows.

        A row that cannot be settled is tried again later, and no other waits for it.
        """
        now = self.clock()
        with self.database.reading() as db:
            changes = self.register.undrained(db, now, BATCH)
        for change in changes:
            self._try_to_settle(change, now)
        self.statuses.ensure_list(now=now)
        self.statuses.publish_due(signer=self.signer(), now=now)
        return len(changes)

    def _try_to_settle(self, change: Change, now: datetime) -> None:
        try:
            self.database.write(partial(self._settle, change=change, now=now))
        except StoreError:
            raise
        except JiazhaoError as error:
            log.error("change_not_settled", change=change.change_id, error=error.code.wire)
            self.database.write(
                partial(self.register.postpone, change=change, due=now + SETTLE_AGAIN_AFTER)
            )

    def _settle(self, db: Connection, change: Change, now: datetime) -> None:
        holder = change.holder_id
        self.register.lock(db, holder)
        copies = self.issuance.copies.of_holder(db, holder)
        handles = self.handles.of_holder(db, holder)
        if self._is_erased(db, holder, now):
            ended = value_of(ended=True, may_drive=False)
            self.statuses.set_values(db, holder, dict.fromkeys(copies, ended))
            for handle in handles:
                self.handles.set_value(db, handle.handle, ended)
        elif copies or handles:
            licence = self.register.licence_of(db, holder, at=now)
            self.statuses.set_values(db, holder, self._values(db, licence, copies))
            for handle in handles:
                value = self._value_of_handle(db, licence, handle)
                self.handles.set_value(db, handle.handle, value)
            self.register.announce_next(db, holder, now, also=_turning_points(licence, self.tables))
        else:
            self.register.announce_next(db, holder, now)
        self.register.mark_drained(db, change, now)

    def _is_erased(self, db: Connection, holder: HolderId, now: datetime) -> bool:
        try:
            self.register.licence_of(db, holder, at=now)
        except SealError as error:
            if error.code is ErrorCode.PERSON_ERASED:
                return True
            raise
        return False

    def _values(
        self, db: Connection, licence: Licence, copies: Mapping[StatusReference, CopyOnList]
    ) -> dict[StatusReference, StatusValue]:
        """The status of every copy: ended with its instance, suspended with the licence.

        What is frozen must not be driven on either, and can come back.

        A copy that names a class which is not held any more is superseded: offline, nobody
        could tell from it that the class is gone. What is gained since does no harm.
        """
        rules = self.tables.on(legal_day(licence.at))
        may_drive = check_driving(LicenceState.of(licence), None, rules).allowed
        live = self.register.live_instance(db, licence.holder_id)
        return {
            place: value_of(
                ended=live is None
                or live.instance_number != copy.instance_number
                or (may_drive and self._names_a_lost_class(db, licence, copy)),
                may_drive=may_drive and not (live and live.frozen_at),
            )
            for place, copy in copies.items()
        }

    def _names_a_lost_class(self, db: Connection, licence: Licence, copy: CopyOnList) -> bool:
        named = self.register.classes_signed(db, licence.holder_id, copy.issued_at)
        return not named <= licence.held_classes

    def _value_of_handle(
        self, db: Connection, licence: Licence, handle: StatusHandle
    ) -> StatusValue:
        """What the snapshot says of the codes of a handle: the same as of copies.

        A code may have been signed at any time since the handle was issued, so the handle has
        ended once a class is gone that was held since; the next code gets another.
        """
        rules = self.tables.on(legal_day(licence.at))
        may_drive = check_driving(LicenceState.of(licence), None, rules).allowed
        live = self.register.live_instance(db, licence.holder_id)
        # A printed code is on no device: it goes on where the device is lost or another is taken.
        is_shown = handle.kind is HandleKind.LICENCE
        is_frozen = is_shown and live is not None and live.frozen_at is not None
        return value_of(
            ended=live is None
            or (is_shown and live.instance_number != handle.instance_number)
            or (may_drive and self._may_name_a_lost_class(db, licence, handle)),
            may_drive=may_drive and not is_frozen,
        )

    def _may_name_a_lost_class(
        self, db: Connection, licence: Licence, handle: StatusHandle
    ) -> bool:
        named = self.register.classes_signed_since(
            db, licence.holder_id, handle.issued_at, licence.at
        )
        return not named <= licence.held_classes

    def publish_snapshot(self) -> Published | None:
        """Publish the next file of the country's snapshot, if its hour is over."""
        return self.snapshots.publish_due(signer=self.signer(), now=self.clock())

    def tidy(self) -> None:
        """Void what a crash left behind and forget what has lapsed."""
        now = self.clock()
        self.issuance.resolve_stale(now)
        self.issuance.sweep(now)
        self.checks.sweep(now)
        self.statuses.forget(now)
        self.database.write(partial(self.handles.forget, now=now))
        self.identity.sweep(now)
        self.enforcement_keys.forget(now)
        # Last, for a token that is away would keep the rest from being done.
        self.enforcement_keys.make_ahead(now)

    def run(self, stop: threading.Event, *, seconds: float, heartbeat: Path | None = None) -> None:
        """Repeat until `stop`; a failed pass is logged and tried again."""
        snapshots = threading.Thread(target=self._publish_snapshots, args=(stop,), daemon=True)
        snapshots.start()
        tidied: datetime | None = None
        while not stop.is_set():
            try:
                drained = self.drain()
                if tidied is None or self.clock() - tidied > TIDY_EVERY:
                    self.tidy()
                    tidied = self.clock()
                if heartbeat is not None:
                    heartbeat.touch()
            except Exception as error:  # noqa: BLE001 - whatever it was, the next pass tries again
                log.error("worker_pass_failed", exception=place_of(error))
                drained = 0
            if drained < BATCH:
                stop.wait(seconds)
        snapshots.join(timeout=seconds)

    def _publish_snapshots(self, stop: threading.Event) -> None:
        """Beside the feed, for a base of a whole country takes minutes and a change must not."""
        while not stop.wait(SNAPSHOT_EVERY.total_seconds()):
            try:
                self.publish_snapshot()
            except Exception as error:  # noqa: BLE001 - the next pass tries again
                log.error("snapshot_failed", exception=place_of(error))


def _turning_points(licence: Licence, tables: Tables) -> Iterator[datetime]:
    """When the law may see an unchanged licence otherwise: it changes, or the holder gets older."""
    for table in fields(tables):
        for period in getattr(tables, table.name).periods:
            yield start_of_day(period.first)
    born = licence.person.birth_date
    for limit in tables.on(legal_day(licence.at)).age_limits.values():
        yield start_of_day(_birthday(born, limit.from_age))


def _birthday(born: date, age: int) -> date:
    """The day from which somebody has that age: born on 29 February, from 1 March."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)
