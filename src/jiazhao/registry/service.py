"""What the rest of the house asks of the register."""

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from jiazhao.errors import ErrorCode, JiazhaoError, RegisterError
from jiazhao.licence.history import Fact, Interval, value_at
from jiazhao.licence.identifiers import (
    HolderId,
    InstanceNumber,
    instance_number,
    make_instance_number,
)
from jiazhao.licence.legal_day import end_of_day, start_of_day
from jiazhao.licence.licence import ClassEntitlement, History, Licence, Photo, licence_at
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.registry.admission import Outcome, Settled, admit, batches
from jiazhao.registry.import_file import told_by
from jiazhao.registry.importing import Line, Told
from jiazhao.registry.store import (
    fed_files,
    feed,
    histories,
    instances,
    lookups,
    recording,
    roll,
    sealing,
)
from jiazhao.registry.store.feed import ISSUED, Change
from jiazhao.registry.store.instances import Instance
from jiazhao.storage.engine import Connection, Database
from jiazhao.storage.lookup_key import keyed_hash
from jiazhao.storage.names import new_name
from jiazhao.storage.personal_data import PersonalData

__all__ = [
    "ISSUED",
    "Amendment",
    "Change",
    "ImportReport",
    "Instance",
    "Register",
    "erase_again",
    "next_transition",
]

_SEALED_AT_ONCE = 200
"""A transaction that others wait for takes this many rows."""

_DRAWS = 20
"""Far more than chance needs; it ends a source of chance that is broken."""


_DEVICE_KEY = "device key"

MAX_TOLD_REFUSALS = 100
"""Refusals that a report holds; more would grow with the file."""


@dataclass(slots=True)
class ImportReport:
    """What an import did; `refused` holds the first line numbers with the reason, never data."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused_count: int = 0
    refused: list[tuple[int, JiazhaoError]] = field(default_factory=list)

    def note(self, settled: Iterable[Settled]) -> None:
        """Count what became of a batch."""
        for told, outcome in settled:
            match outcome:
                case Outcome.ADDED:
                    self.added += 1
                case Outcome.CHANGED:
                    self.changed += 1
                case Outcome.UNCHANGED:
                    self.unchanged += 1
                case _:
                    self.refused_count += 1
                    if len(self.refused) < MAX_TOLD_REFUSALS:
                        self.refused.append((told.number, outcome))


@dataclass(frozen=True, slots=True)
class Amendment:
    """One act that changes what the register says from `held_from` on.

    `held_until` bounds added statuses only; a class or a count of points holds until changed.
    """

    held_from: datetime
    held_until: datetime | None = None
    points: int | None = None
    add_statuses: frozenset[LicenceStatus] = frozenset()
    end_statuses: frozenset[LicenceStatus] = frozenset()
    grant_classes: tuple[ClassEntitlement, ...] = ()
    withdraw_classes: frozenset[VehicleClass] = frozenset()


@dataclass(frozen=True, slots=True)
class Register:
    """The register; every method takes the transaction in which it acts."""

    lookup_key: bytes = field(repr=False)
    personal: PersonalData

    # -- reading

    def history_of(self, db: Connection, holder: HolderId) -> History:
        """All that was recorded of one holder."""
        return histories.history_of(db, holder, self.personal)

    def licence_of(
        self, db: Connection, holder: HolderId, *, at: datetime, known_at: datetime | None = None
    ) -> Licence:
        """The licence as it held at `at`, as known at `known_at`; `RegisterError` if none.

        Without `known_at` everything that is recorded counts, also what another server recorded
        by a clock that runs ahead of ours: a detention must not wait for clocks to agree.
        """
        history = histories.history_of(db, holder, self.personal)
        return licence_at(history, at, _last_known(history, at) if known_at is None else known_at)

    def classes_signed(
        self, db: Connection, holder: HolderId, signed_at: datetime
    ) -> frozenset[VehicleClass]:
        """The classes that a copy signed then may name: as known then, and as known now.

        Both, for the clock of the server that recorded a class may have run ahead of the one
        that signed.
        """
        history = histories.history_of(db, holder, self.personal)
        known = (signed_at, _last_known(history, signed_at))
        return frozenset(
            vehicle_class
            for vehicle_class, facts in history.classes.items()
            if any(value_at(facts, signed_at, known_at) is not None for known_at in known)
        )

    def classes_signed_since(
        self, db: Connection, holder: HolderId, since: datetime, until: datetime
    ) -> frozenset[VehicleClass]:
        """The classes that anything signed from `since` to `until` may name."""
        history = histories.history_of(db, holder, self.personal)
        last_known = _last_known(history, until)
        return frozenset(
            vehicle_class
            for vehicle_class, facts in history.classes.items()
            for moment in _moments(facts, since, until)
            if any(value_at(facts, moment, known) is not None for known in (moment, last_known))
        )

    def portrait_of(self, db: Connection, holder: HolderId, *, at: datetime) -> Photo:
        """The portrait on file at `at`; `RegisterError` if there is none."""
        history = histories.history_of(db, holder, self.personal)
        photo_id = value_at(history.photos, at, _last_known(history, at))
        photo = histories.photo_of(db, holder, photo_id, self.personal) if photo_id else None
        if photo is None:
            raise RegisterError(ErrorCode.NO_PHOTO)
        return photo

    def count(self, db: Connection) -> int:
        """How many holders the register has."""
        return roll.count_holders(db)

    def as_of(self, db: Connection) -> datetime | None:
        """Of when the register is that ours follows; None where none was followed yet."""
        last = fed_files.last_followed(db)
        return last.as_of if last else None

    def find(self, db: Connection, identifier: str) -> HolderId | None:
        """The holder whose identity, archive or instance number this is."""
        identifier = identifier.strip().upper()
        for kind in ("identity", "archive", "instance"):
            holder = lookups.find_holder(db, self._digest(kind, identifier))
            if holder is not None:
                return holder
        return None

    def find_by_identity(self, db: Connection, identity_number: str) -> HolderId | None:
        """The holder with that identity number."""
        return lookups.find_holder(db, self._digest("identity", identity_number.strip().upper()))

    def lock(self, db: Connection, holder: HolderId) -> None:
        """Hold off other writers of this holder; `RegisterError` if there is none."""
        if not roll.lock_holder(db, holder):
            raise RegisterError(ErrorCode.NO_LICENCE)

    def _digest(self, kind: str, value: str) -> bytes:
        return keyed_hash(self.lookup_key, kind, value)

    # -- recording

    def import_lines(
        self, database: Database, lines: Iterable[bytes], now: datetime
    ) -> Iterator[ImportReport]:
        """Import JSON Lines in batches; yields the report after each one."""
        report = ImportReport()
        numbered = (Line(number, 0, line) for number, line in enumerate(lines, start=1))
        for batch in batches(told_by(numbered)):
            report.note(database.write(partial(self.admit, batch=batch, now=now)))
            yield report

    def admit(
        self, db: Connection, batch: Sequence[Told], now: datetime, *, follow: bool = False
    ) -> list[Settled]:
        """Take in a batch of different holders, each whole or not at all.

        A known holder with other content is refused, or with `follow` brought to what is told.
        """
        return admit(db, batch, digest=self._digest, personal=self.personal, now=now, follow=follow)

    def seal_plain(self, database: Database) -> int:
        """Seal what an earlier version recorded in plain, and wrap anew what a former key wrapped.

        Returns how many rows were changed.
        """
        sealed = 0
        while some := database.write(
            lambda db: sealing.seal_plain(db, self.personal, limit=_SEALED_AT_ONCE)
        ):
            sealed += some
        return sealed + self._rewrap(database)

    def _rewrap(self, database: Database) -> int:
        total, after = 0, ""
        while self.personal.has_former:
            page = partial(
                sealing.rewrap, personal=self.personal, after=after, limit=_SEALED_AT_ONCE
            )
            after, changed = database.write(page)
            total += changed
            if not after:
                break
        return total

    def seal(
        self, db: Connection, holder: HolderId, values: Mapping[str, bytes]
    ) -> dict[str, bytes]:
        """Seal values of a holder who is locked, each for the place that it is named by."""
        return sealing.seal_values(db, holder, values, self.personal)

    def unseal(
        self, db: Connection, holder: HolderId, sealed: Mapping[str, bytes]
    ) -> dict[str, bytes]:
        """Open what was sealed; `SealError`, PERSON_ERASED where the holder's key is gone."""
        return sealing.open_values(db, holder, sealed, self.personal)

    def erase(self, db: Connection, holder: HolderId, now: datetime) -> None:
        """Erase a person: what is sealed opens no more, and every copy ends.

        What the law says of the licence stays, without a name. `RegisterError` if there is none.
        """
        self.lock(db, holder)
        sealing.erase(db, holder, now)
        self.announce(db, holder, "erased", now)

    def _point(self, db: Connection, kind: str, value: str, holder: HolderId) -> None:
        if not lookups.point_to_holder(db, self._digest(kind, value.upper()), holder):
            raise RegisterError(ErrorCode.IDENTIFIER_TAKEN, kind=kind)

    def amend(self, db: Connection, holder: HolderId, amendment: Amendment, now: datetime) -> None:
        """Record what changed, as new facts, with its rows of the change feed."""
        self.lock(db, holder)
        recorded_at = _after_all(histories.history_of(db, holder, self.personal), now)
        order = 0

        def act(until: datetime | None = None) -> recording.Recording:
            nonlocal order
            order += 1
            held = Interval(amendment.held_from, until)
            return recording.Recording(holder, recorded_at, new_name(recorded_at, order), held)

        if amendment.points is not None:
            recording.record_points(db, act(), amendment.points)
        for status in sorted(amendment.end_statuses):
            recording.record_status(db, act(), status, holds=False)
        for status in sorted(amendment.add_statuses):
            recording.record_status(db, act(amendment.held_until), status, holds=True)
        for vehicle_class in sorted(amendment.withdraw_classes):
            recording.record_class(db, act(), vehicle_class, None)
        for entitlement in amendment.grant_classes:
            recording.record_class(db, act(), entitlement.vehicle_class, entitlement)
        self.announce(db, holder, "amended", now)

    def change_photo(self, db: Connection, holder: HolderId, photo: Photo, now: datetime) -> None:
        """Record a new portrait on file from `now` on, with its row of the change feed."""
        self.lock(db, holder)
        recorded_at = _after_all(histories.history_of(db, holder, self.personal), now)
        act = recording.Recording(holder, recorded_at, new_name(recorded_at), Interval(now))
        recording.record_photo(db, act, photo, self.personal)
        self.announce(db, holder, "photo", now)

    def announce(
        self, db: Connection, holder: HolderId, kind: str, now: datetime, order: int = 0
    ) -> None:
        """Write one row of the change feed."""
        feed.append_change(db, holder, new_name(now, order), kind, now=now, due=now)

    def announce_next(
        self, db: Connection, holder: HolderId, now: datetime, also: Iterable[datetime] = ()
    ) -> None:
        """Plan the row for the next moment at which time alone changes the licence.

        `also` are moments that do not follow from the facts, such as those of the law.
        """
        due = next_transition(histories.history_of(db, holder, self.personal), now, also)
        if due is not None:
            feed.plan_change(db, holder, now=now, due=due)

    def undrained(self, db: Connection, now: datetime, limit: int) -> list[Change]:
        """Rows of the change feed that are due and not yet drained."""
        return feed.undrained(db, now=now, limit=limit)

    def waiting(self, db: Connection, now: datetime) -> int:
        """How many rows of the change feed are due and not yet drained."""
        return feed.count_undrained(db, now)

    def mark_drained(self, db: Connection, change: Change, now: datetime) -> None:
        """Say that a row's consequences are in place."""
        feed.mark_drained(db, change, now)

    def postpone(self, db: Connection, change: Change, due: datetime) -> None:
        """Let a row wait that could not be settled."""
        feed.postpone(db, change, due)

    # -- instances of the electronic licence

    def reserve_instance_number(
        self, db: Connection, holder: HolderId, province: str
    ) -> InstanceNumber:
        """Give the holder a number that no document had before: random, so that it tells no count.

        With thirty million licences in a province one draw in 300 is taken, so another is made.
        """
        for _ in range(_DRAWS):
            number = make_instance_number(province, secrets.randbelow(10**10))
            digest = self._digest("instance", number)
            if lookups.find_holder(db, digest) is None:
                lookups.point_to_holder(db, digest, holder)
                return number
        raise RegisterError(ErrorCode.SERVICE_UNAVAILABLE)

    def live_instance(self, db: Connection, holder: HolderId) -> Instance | None:
        """The electronic licence of the holder that has not ended."""
        return instances.live_instance(db, holder)

    def instance(self, db: Connection, number: str) -> Instance | None:
        """The electronic licence with that number, live or ended."""
        holder = lookups.find_holder(db, self._digest("instance", number))
        if holder is None:
            return None
        return instances.instance(db, holder, instance_number(number))

    def lock_instance(self, db: Connection, number: str) -> Instance | None:
        """The same, read after its holder is locked: so it does not end until we are done."""
        holder = lookups.find_holder(db, self._digest("instance", number))
        if holder is None or not roll.lock_holder(db, holder):
            return None
        return instances.instance(db, holder, instance_number(number))

    def instances_of(self, db: Connection, holder: HolderId, limit: int) -> list[Instance]:
        """The holder's electronic licences, live and ended, the newest first."""
        return instances.instances_of(db, holder, limit)

    def lock_instance_of_key(self, db: Connection, thumbprint: str) -> Instance | None:
        """The electronic licence bound to a device key, read after its holder is locked."""
        holder = lookups.find_holder(db, self._digest(_DEVICE_KEY, thumbprint))
        if holder is None or not roll.lock_holder(db, holder):
            return None
        return instances.instance_of_key(db, holder, thumbprint)

    def use_code(
        self, db: Connection, instance: Instance, counter: int, check_id: str, made_at: datetime
    ) -> bool:
        """Use a licence code once; False where it, or a later one, was used by another check.

        `made_at` is the time that the code says.
        """
        return instances.use_counter(db, instance, counter, check_id, made_at)

    def freeze(self, db: Connection, instance: Instance, by: str, now: datetime) -> bool:
        """Freeze a live electronic licence: until it is unfrozen it must not be shown.

        False where it is frozen already, or has ended. The holder is locked already.
        """
        frozen = instances.set_frozen(db, instance, frozen_at=now, by=by)
        if frozen:
            self.announce(db, instance.holder_id, "frozen", now)
        return frozen

    def unfreeze(self, db: Connection, instance: Instance, now: datetime) -> bool:
        """Let a frozen electronic licence be shown again; False where it is not frozen."""
        unfrozen = instances.set_frozen(db, instance, frozen_at=None, by=None)
        if unfrozen:
            self.announce(db, instance.holder_id, "unfrozen", now)
        return unfrozen

    def end_instance(self, db: Connection, holder: HolderId, now: datetime) -> bool:
        """End the live electronic licence of a holder who is locked; False where there is none."""
        ended = instances.end_instances(db, holder, now) > 0
        if ended:
            self.announce(db, holder, "ended", now)
        return ended

    def changed_since(
        self, db: Connection, holder: HolderId, since: datetime, now: datetime
    ) -> bool:
        """Whether the register says something else of a holder than at `since`."""
        return feed.changed_since(db, holder, since, now)

    def last_counters(
        self, db: Connection, holders: Collection[HolderId]
    ) -> Mapping[HolderId, int]:
        """The highest counter of a used code of each of some holders."""
        return instances.last_counters(db, holders)

    def change_counts(
        self, db: Connection, holders: Collection[HolderId], now: datetime
    ) -> Mapping[HolderId, int]:
        """How often something changed for each of some holders until now."""
        return feed.count_changes(db, holders, now)

    def begin_instance(self, db: Connection, instance: Instance) -> None:
        """Record a new electronic licence under a reserved number; the one before ends."""
        instances.end_instances(db, instance.holder_id, instance.issued_at)
        instances.insert_instance(db, instance)
        self._point(db, "instance", instance.instance_number, instance.holder_id)
        self.point_device(db, instance)

    def point_device(self, db: Connection, instance: Instance) -> None:
        """Let the licence be found by its device key.

        A key that another holder's licence is bound to as well keeps finding that one.
        """
        digest = self._digest(_DEVICE_KEY, instance.key_thumbprint)
        lookups.point_to_holder(db, digest, instance.holder_id)


def erase_again(db: Connection, holders: Iterable[HolderId], now: datetime) -> int:
    """Erase those again who were erased after a backup was taken; returns how many it still had."""
    erased = 0
    for holder in holders:
        if not sealing.data_keys(db, [holder]):
            continue
        sealing.erase(db, holder, now)
        feed.append_change(db, holder, new_name(now), "erased", now=now, due=now)
        erased += 1
    return erased


def next_transition(
    history: History, now: datetime, also: Iterable[datetime] = ()
) -> datetime | None:
    """The next moment after `now` at which the licence may differ by the passing of time."""
    moments = set(also)
    for fact in history.all_facts():
        moments.add(fact.held.start)
        if fact.held.end is not None:
            moments.add(fact.held.end)
    terms = [
        (grant.value.valid_from, grant.value.valid_until) for grant in history.grants if grant.value
    ]
    terms += [
        (fact.value.issue_date, fact.value.expiry_date)
        for facts in history.classes.values()
        for fact in facts
        if fact.value
    ]
    for first, last in terms:
        moments.add(start_of_day(first))
        if last is not None:
            moments.add(end_of_day(last))
    return min((moment for moment in moments if moment > now), default=None)


def _moments(facts: Iterable[Fact[object]], since: datetime, until: datetime) -> Iterator[datetime]:
    """Moments of a span such that whatever held, or was known, in it did so at one of them."""
    yield since
    for fact in facts:
        for moment in (fact.held.start, fact.recorded_at):
            if since < moment <= until:
                yield moment


def _last_known(history: History, now: datetime) -> datetime:
    """`now`, or the moment of the last recording where a clock went back."""
    return max([now, *(fact.recorded_at for fact in history.all_facts())])


def _after_all(history: History, now: datetime) -> datetime:
    """`now`, or just after the last recording where a clock went back: the later fact counts."""
    last = max((fact.recorded_at for fact in history.all_facts()), default=None)
    return now if last is None or last < now else last + timedelta(microseconds=1)
