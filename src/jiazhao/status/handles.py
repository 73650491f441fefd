"""Handles: the random names by which licence codes are found in the country's snapshot.

A licence code tells nobody the instance number, and a snapshot lists no people: a code carries
eight random octets, and who may not be driven with is said of these. One handle stays with an
electronic licence as long as what its codes name is still held; each printed backup code has one
of its own. A handle that has ended never comes back: its licence gets a new one.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from jiazhao.credentials.status_list import StatusValue
from jiazhao.errors import ErrorCode, JiazhaoError
from jiazhao.licence.identifiers import HolderId, InstanceNumber
from jiazhao.status import store
from jiazhao.status.store import HandleKind, StatusHandle
from jiazhao.storage.engine import Connection

__all__ = ["HANDLE_OCTETS", "HandleKind", "StatusHandle", "StatusHandles"]

HANDLE_OCTETS = 8
"""Of 550 million random ones two are equal in one case of a hundred; then another is drawn."""

_DRAWS = 20
"""Far more than chance needs; it ends a source of chance that is broken."""


@dataclass(frozen=True, slots=True)
class StatusHandles:
    """The handles of all holders; every method takes the transaction in which it acts."""

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
        """Give out a new handle. Raises `JiazhaoError` (SERVICE_UNAVAILABLE)."""
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

    def of_holder(self, db: Connection, holder: HolderId) -> list[StatusHandle]:
        """The handles that have not ended, the newest last."""
        return store.handles_of(db, holder)

    def of_instance(
        self, db: Connection, holder: HolderId, number: InstanceNumber, kind: HandleKind
    ) -> StatusHandle | None:
        """The handle that codes of an electronic licence carry now; None where it needs one."""
        own = [
            handle
            for handle in store.handles_of(db, holder)
            if handle.instance_number == number and handle.kind is kind
        ]
        return own[-1] if own else None

    def prolong(self, db: Connection, handle: bytes, until: datetime) -> None:
        """Say, before a code part is signed, until when it will be live."""
        store.prolong_handle(db, handle, until)

    def set_value(self, db: Connection, handle: bytes, value: StatusValue) -> bool:
        """Give a handle its value; False where it has it, or has ended."""
        return store.set_handle_value(db, handle, value)
