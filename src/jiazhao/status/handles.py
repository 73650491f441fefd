"""Handles: the random names by which licence codes are found in the country's snapshot.

A licence code tells nobody the instance number, and a snapshot lists no people: a code carries
eight random octets, and who may not be driven with is said of these. One handle stays with an
electronic licence as long as what its codes name is still held; each printed backup code has one
of its own. A handle that has ended never comes back: its licence gets a new one.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from jiazhao.credentials.status_list import StatusValue
from jiazhao.credentials.status_snapshot import HANDLE_OCTETS
from jiazhao.errors import ErrorCode, JiazhaoError
from jiazhao.licence.identifiers import HolderId, InstanceNumber
from jiazhao.status import store
from jiazhao.status.store import HandleKind, StatusHandle, hour_of
from jiazhao.storage import restoration
from jiazhao.storage.engine import Connection

__all__ = [
    "LONGEST_LIFE",
    "HandleKind",
    "StatusHandle",
    "StatusHandles",
    "lost_hours",
]

LONGEST_LIFE = timedelta(days=366)
"""Of a code: a printed one lives a year, a shown one a month."""

_OPENS_AFTER_LAPSING = {HandleKind.LICENCE: timedelta(0), HandleKind.BACKUP: timedelta(days=732)}
"""How long codes of a handle may still be opened when they have lapsed: a printed one is sealed for
the key of its year, which opens codes until the next year is over."""

_FORGOTTEN_AT_ONCE = 10_000
"""Of a kind, in a transaction that others wait for; a worker's day has more than a thousand."""

_DRAWS = 20
"""Far more than chance needs; it ends a source of chance that is broken."""


@dataclass(frozen=True, slots=True)
class StatusHandles:
    """The handles of all holders; every method takes the transaction in which it acts."""

    keep: timedelta = timedelta(days=93)
    """How late a terminal may hand in its records, and a day for clocks that differ."""
    random: Callable[[int], bytes] = secrets.token_bytes

    def add(
        self,
        db: Connection,
        *,
        holder_id: HolderId,
        instance_number: InstanceNumber,
        kind: HandleKind,
        live_until: datetime,
        now: datetime,
    ) -> StatusHandle:
        """Give out a new handle. Raises `JiazhaoError` (SERVICE_UNAVAILABLE).

        None is issued in an hour of which a snapshot speaks already: it would be taken for known
        there. That happens where our clock is behind that of the server which made the snapshot.
        """
        if hour_of(now) < store.newest_hour(db):
            raise JiazhaoError(ErrorCode.SERVICE_UNAVAILABLE)
        for _ in range(_DRAWS):
            new = StatusHandle(
                self.random(HANDLE_OCTETS),
                holder_id,
                instance_number,
                kind,
                now,
                live_until,
                StatusValue.VALID,
            )
            if store.insert_handle(db, new):
                return new
        raise JiazhaoError(ErrorCode.SERVICE_UNAVAILABLE)

    def find(self, db: Connection, handle: bytes) -> StatusHandle | None:
        """Whose handle it is, whether it has ended or not."""
        return store.find_handle(db, handle)

    def of_holder(self, db: Connection, holder: HolderId) -> list[StatusHandle]:
        """The handles that have not ended, the newest last."""
        return store.handles_of(db, holder)

    def of_instance(
        self,
        db: Connection,
        holder: HolderId,
        number: InstanceNumber,
        kind: HandleKind,
        now: datetime,
    ) -> StatusHandle | None:
        """The handle that codes of an electronic licence carry now; None where it needs one.

        One whose codes have all lapsed has left the snapshots and is not used again, and neither
        is one of an hour of which a restore has lost others: no snapshot speaks of that hour.
        """
        lost = lost_hours(db, now)
        own = [
            handle
            for handle in store.handles_of(db, holder)
            if handle.instance_number == number
            and handle.kind is kind
            and handle.live_until > now
            and not any(first <= hour_of(handle.issued_at) < end for first, end in lost)
        ]
        return own[-1] if own else None

    def prolong(self, db: Connection, handle: bytes, until: datetime) -> None:
        """Say, before a code part is signed, until when it will be live."""
        store.prolong_handle(db, handle, until)

    def forget(self, db: Connection, now: datetime) -> int:
        """Delete some handles whose last code lapsed long ago; returns how many.

        No snapshot needs them. A base is made of handles that are live, or were within the last
        hour (`snapshots.py`), a difference of those and of what stands beside them; a file that is
        published never changes, and says the same of a handle whether its row is here or not. None
        comes back either: only a handle that is live is prolonged.

        No check needs them. A shown code is found by its device key. A printed one is found by its
        handle as long as it can be opened: online, and in what a terminal hands in late (`keep`).
        """
        return sum(
            store.forget_handles(db, kind, now - self.keep - opens, _FORGOTTEN_AT_ONCE)
            for kind, opens in _OPENS_AFTER_LAPSING.items()
        )

    def set_value(self, db: Connection, handle: bytes, value: StatusValue) -> bool:
        """Give a handle its value; False where it has it, or has ended."""
        return store.set_handle_value(db, handle, value)


def lost_hours(db: Connection, now: datetime) -> tuple[tuple[int, int], ...]:
    """The hours of issue, from and until, of which a restore may have lost live handles."""
    spans = restoration.lost_spans(db, after=now - LONGEST_LIFE)
    return tuple((hour_of(first), hour_of(last) + 1) for first, last in spans)
