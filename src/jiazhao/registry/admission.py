"""Taking in what a file tells of many holders, in one transaction with few statements.

Nothing is ever changed in place: what a holder's record says otherwise than we do becomes new
facts over the intervals in which it does.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from jiazhao.errors import ErrorCode, JiazhaoError, RegisterError, SealError
from jiazhao.licence.history import Held, Interval, corrections, timeline, told_timeline
from jiazhao.licence.identifiers import HolderId
from jiazhao.licence.licence import ClassEntitlement, Grant, History, Person, Photo
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.registry.importing import ImportedHolder, Told
from jiazhao.registry.store import histories, lookups, recording, roll, sealing
from jiazhao.storage.engine import Connection
from jiazhao.storage.names import new_name, new_names
from jiazhao.storage.personal_data import PersonalData

BATCH_HOLDERS = 500
BATCH_OCTETS = 4 << 20
"""A transaction takes this many holders or octets at most, so memory does not grow with the file
and a writer at the counter does not wait long."""

T = TypeVar("T")
Digest = Callable[[str, str], bytes]
"""The keyed hash of an identifier of a kind."""


class Outcome(StrEnum):
    """What became of one holder."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


Settled = tuple[Told, Outcome | JiazhaoError]


@dataclass(frozen=True, slots=True)
class Record:
    """What is said of one holder when, kind by kind; equal records say the same."""

    persons: tuple[Held[Person], ...] = ()
    grants: tuple[Held[Grant], ...] = ()
    classes: Mapping[VehicleClass, tuple[Held[ClassEntitlement], ...]] = field(default_factory=dict)
    statuses: Mapping[LicenceStatus, tuple[Held[bool], ...]] = field(default_factory=dict)
    points: tuple[Held[int], ...] = ()
    photos: tuple[Held[Photo], ...] = ()

    @classmethod
    def told(cls, holder: ImportedHolder) -> "Record":
        """What a file says."""
        classes: dict[VehicleClass, list[Held[ClassEntitlement]]] = {}
        for held, entitlement in holder.classes:
            classes.setdefault(entitlement.vehicle_class, []).append((held, entitlement))
        statuses: dict[LicenceStatus, list[Held[bool]]] = {}
        for held, status in holder.statuses:
            statuses.setdefault(status, []).append((held, True))
        return cls(
            told_timeline(holder.persons),
            told_timeline(holder.grants),
            {one: told_timeline(entries) for one, entries in classes.items()},
            {one: told_timeline(entries) for one, entries in statuses.items()},
            told_timeline(holder.points),
            told_timeline(holder.photos),
        )

    @classmethod
    def kept(cls, history: History, photos: Mapping[str, Photo]) -> "Record":
        """What the register says, as known now."""
        classes = {one: timeline(facts) for one, facts in history.classes.items()}
        statuses = {one: timeline(facts) for one, facts in history.statuses.items()}
        shown = [(held, photos[photo_id]) for held, photo_id in timeline(history.photos)]
        return cls(
            timeline(history.persons),
            timeline(history.grants),
            {one: line for one, line in classes.items() if line},
            {one: line for one, line in statuses.items() if line},
            timeline(history.points),
            told_timeline(shown),
        )


Recorded = tuple[Record, datetime | None]
"""What is recorded of a holder, and when the last of it was recorded."""


def batches(told: Iterable[Told]) -> Iterator[list[Told]]:
    """Bound what one transaction takes; no holder is twice in one batch."""
    batch: list[Told] = []
    ids: set[HolderId] = set()
    octets = 0
    for one in told:
        holder = one.holder.holder_id if one.holder else None
        full = len(batch) >= BATCH_HOLDERS or octets + one.octets > BATCH_OCTETS
        if batch and (full or holder in ids):
            yield batch
            batch, ids, octets = [], set(), 0
        batch.append(one)
        octets += one.octets
        if holder is not None:
            ids.add(holder)
    if batch:
        yield batch


def admit(
    db: Connection,
    batch: Sequence[Told],
    *,
    digest: Digest,
    personal: PersonalData,
    now: datetime,
    follow: bool,
) -> list[Settled]:
    """Take in a batch of different holders. Each is taken in whole, or refused.

    A holder who is known with other content is refused, or with `follow` brought to what is
    told; one whose record does not open is refused alone. Everything that is looked up is
    looked up once for the batch.
    """
    holders = [one.holder.holder_id for one in batch if one.holder]
    kept, unread = records_of(db, holders, personal, lock=True)
    pointers = _pointers(batch, kept, digest)
    owners = lookups.find_holders(db, [one for of in pointers.values() for one in of])
    known_digests = set(owners)
    writes = recording.Writes(sealing.Seals(personal, sealing.data_keys(db, holders)))
    settled: list[Settled] = []
    for one in batch:
        if one.error is not None:
            settled.append((one, one.error))
        if one.holder is None:
            continue
        holder = one.holder.holder_id
        if holder in unread:
            settled.append((one, unread[holder]))
            continue
        ours, last = kept.get(holder, (None, None))
        theirs = Record.told(one.holder)
        if ours == theirs:
            settled.append((one, Outcome.UNCHANGED))
            continue
        if ours is not None and not follow:
            settled.append((one, RegisterError(ErrorCode.HOLDER_KNOWN)))
            continue
        wanted = pointers[holder]
        taken = next((k for d, k in wanted.items() if owners.get(d, holder) != holder), None)
        if taken is not None:
            settled.append((one, RegisterError(ErrorCode.IDENTIFIER_TAKEN, kind=taken)))
            continue
        for value in wanted:
            owners[value] = holder
            if value not in known_digests:
                known_digests.add(value)
                writes.pointer(value, holder)
        _write(writes, holder, ours or Record(), theirs, _after(last, now))
        if ours is None:
            # Nothing was ever issued to a new holder, so nothing can follow from his admission.
            writes.holder(holder, now)
            writes.change(holder, new_name(now), "imported", now, settled=True)
        else:
            writes.change(holder, new_name(now), "followed", now, settled=False)
        settled.append((one, Outcome.ADDED if ours is None else Outcome.CHANGED))
    writes.insert(db)
    return settled


def records_of(
    db: Connection, holders: Sequence[HolderId], personal: PersonalData, *, lock: bool = False
) -> tuple[dict[HolderId, Recorded], dict[HolderId, SealError]]:
    """What is recorded of those who are known; beside it, of whom that cannot be read, and why."""
    known = roll.lock_holders(db, holders) if lock else set(roll.known_holders(db, holders))
    read = histories.histories_of(db, sorted(known), personal)
    unread = {holder: found for holder, found in read.items() if isinstance(found, SealError)}
    readable = {holder: found for holder, found in read.items() if isinstance(found, History)}
    photos = histories.photos_of(
        db,
        {
            (holder, fact.value)
            for holder, history in readable.items()
            for fact in history.photos
            if fact.value is not None
        },
        personal,
    )
    shown: dict[HolderId, dict[str, Photo]] = {}
    for (holder, name), photo in photos.items():
        if isinstance(photo, SealError):
            unread[holder] = photo
        else:
            shown.setdefault(holder, {})[name] = photo
    recorded = {
        holder: (
            Record.kept(history, shown.get(holder, {})),
            max((fact.recorded_at for fact in history.all_facts()), default=None),
        )
        for holder, history in readable.items()
        if holder not in unread
    }
    return recorded, unread


def _pointers(
    batch: Sequence[Told], kept: Mapping[HolderId, object], digest: Digest
) -> dict[HolderId, dict[bytes, str]]:
    """By holder, the keyed hashes that are to find him, each with its kind."""
    found: dict[HolderId, dict[bytes, str]] = {}
    for one in batch:
        if one.holder is None:
            continue
        of = found.setdefault(one.holder.holder_id, {})
        for number in {person.identity_number for _, person in one.holder.persons}:
            of[digest("identity", number.upper())] = "identity"
        for archive in {grant.archive_number for _, grant in one.holder.grants}:
            of[digest("archive", archive)] = "archive"
    return found


def _after(last: datetime | None, now: datetime) -> datetime:
    """`now`, or just after the last recording where a clock went back: the later fact counts."""
    return now if last is None or last < now else last + timedelta(microseconds=1)


def _write(
    writes: recording.Writes, holder: HolderId, ours: Record, theirs: Record, now: datetime
) -> None:
    names = new_names(now)

    def act(held: Interval) -> recording.Recording:
        return recording.Recording(holder, now, next(names), held)

    for held, person in corrections(ours.persons, theirs.persons):
        writes.person(act(held), person)
    for held, grant in corrections(ours.grants, theirs.grants):
        writes.grant(act(held), grant)
    for one in sorted(ours.classes.keys() | theirs.classes.keys()):
        for held, entitlement in corrections(
            ours.classes.get(one, ()), theirs.classes.get(one, ())
        ):
            writes.entitlement(act(held), one, entitlement)
    for status in sorted(ours.statuses.keys() | theirs.statuses.keys()):
        for held, holds in corrections(
            ours.statuses.get(status, ()), theirs.statuses.get(status, ())
        ):
            writes.status(act(held), status, holds=holds is True)
    for held, points in corrections(ours.points, theirs.points):
        writes.points(act(held), points)
    for held, photo in corrections(ours.photos, theirs.photos):
        writes.photo(act(held), photo)
