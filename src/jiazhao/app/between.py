"""What one service is given of another: they stand on one row and do not know each other."""

from collections.abc import Collection
from datetime import datetime

from jiazhao.consent.service import AccessRecord, Consent
from jiazhao.http.access import Actor
from jiazhao.identity.pin import KnownNumbers
from jiazhao.identity.service import RecoveryStep
from jiazhao.licence.identifiers import HolderId
from jiazhao.presentation.records import OfflineRecords
from jiazhao.registry.service import Register
from jiazhao.roadside.events import Listener, Marks
from jiazhao.roadside.messages import SnapshotFile
from jiazhao.roadside.shifts import Shifts
from jiazhao.status.snapshots import StatusSnapshots
from jiazhao.storage.engine import Connection


def changed(
    register: Register, db: Connection, listeners: Collection[Listener], now: datetime
) -> Marks:
    """How many changes of each listener's licence have come due."""
    counts = register.change_counts(db, _holders(listeners), now)
    return {one: (counts.get(HolderId(one.holder_id or ""), 0), {}) for one in listeners}


def used(
    register: Register, db: Connection, listeners: Collection[Listener], _now: datetime
) -> Marks:
    """The highest counter of a code that was used of each listener's licence."""
    counters = register.last_counters(db, _holders(listeners))
    return {
        one: (counter, {"counter": counter})
        for one in listeners
        for counter in [counters.get(HolderId(one.holder_id or ""), 0)]
    }


def _holders(listeners: Collection[Listener]) -> set[HolderId]:
    return {HolderId(one.holder_id) for one in listeners if one.holder_id}


def killed(
    shifts: Shifts, db: Connection, listeners: Collection[Listener], _now: datetime
) -> Marks:
    """Whether the terminal of each listener's session was ended."""
    killed = shifts.killed_sessions(db, {one.session_id for one in listeners})
    return {one: (one.session_id in killed, {}) for one in listeners}


def snapshot_published(
    snapshots: StatusSnapshots, _db: Connection, listeners: Collection[Listener], _now: datetime
) -> Marks:
    """The newest snapshot of the country's statuses."""
    newest = tuple(one.digest for one in snapshots.current()[-1:])
    return {one: (newest, {}) for one in listeners}


def followed_up(
    records: OfflineRecords, db: Connection, listeners: Collection[Listener], _now: datetime
) -> Marks:
    """How many of each officer's records were followed up."""
    counts = records.follow_up_counts(db, {one.account_id for one in listeners})
    return {one: (counts.get(one.account_id, 0), {}) for one in listeners}


def snapshot_files(snapshots: StatusSnapshots) -> list[SnapshotFile]:
    """The country's statuses, as a terminal is told where they are."""
    return [
        SnapshotFile(
            path=f"/status-snapshots/{one.digest.hex()}",
            size=one.size,
            sha256=one.digest.hex(),
            as_of=one.as_of,
        )
        for one in snapshots.current()
    ]


def known_numbers(
    register: Register, db: Connection, holder: HolderId, now: datetime
) -> KnownNumbers:
    """What stands on a licence, for the choice of a PIN."""
    licence = register.licence_of(db, holder, at=now)
    person = licence.person
    return KnownNumbers(person.birth_date, (person.identity_number, licence.grant.archive_number))


def tell_holder(
    consent: Consent,
    db: Connection,
    holder: HolderId,
    actor: Actor,
    step: RecoveryStep,
    now: datetime,
) -> None:
    """Note beside the looks what staff did to a driver's account; none of the licence is shown."""
    consent.record(db, AccessRecord.beside(holder, actor, now, kind="recovery", reason=step))
