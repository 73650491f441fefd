"""What the rest of the house asks of status lists.

A place is reserved before a copy is signed, given a value whenever the register changes, and
published by whoever comes first. Every step may be repeated: nothing is done twice, and what
was cut off in the middle is found again because it is still due.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from jiazhao.credentials.signing import Signer
from jiazhao.credentials.status_list import StatusList, StatusReference, StatusValue, pack
from jiazhao.credentials.status_token import CLOCK_SKEW, sign_cwt, sign_jwt
from jiazhao.errors import ErrorCode, JiazhaoError
from jiazhao.licence.identifiers import HolderId
from jiazhao.status import publishing, store
from jiazhao.status.history import StatusHistory, at_seconds
from jiazhao.status.messages import TokenForm
from jiazhao.storage import restoration
from jiazhao.storage.engine import Connection, Database

_LOAD = 0.5
"""A list closes when half of its places are in use: the other half are decoys that look like
valid copies, and a free place is found at the second try on average."""

_TRIES = 4
"""Places tried before the load of a list is counted: at half load one reservation in sixteen."""

_ROUNDS = 64
"""Far more than chance needs; it ends a source of chance that is broken."""

_STALLED = timedelta(seconds=10)
"""A publication takes milliseconds; one that takes longer was cut off."""


def value_of(*, ended: bool, may_drive: bool) -> StatusValue:
    """What a copy's place says. `ended`: for good, or superseded by another copy."""
    if ended:
        return StatusValue.ENDED
    return StatusValue.VALID if may_drive else StatusValue.MUST_NOT_DRIVE


@dataclass(frozen=True, slots=True)
class StatusLists:
    """The lists of one issuer and the folder in which they are published."""

    database: Database
    base_uri: str
    folder: Path
    size: int = 1 << 17
    """Places of a list that is opened now; a large list hides whose status changed."""
    ttl: timedelta = timedelta(seconds=60)
    life: timedelta = timedelta(hours=24)
    """How long a published list may be relied on without a newer one."""
    keep: timedelta = timedelta(days=30)
    """How long what was published can be asked for; nothing where it is zero."""
    random: Callable[[int], int] = secrets.randbelow

    def uri_of(self, list_id: str) -> str:
        """The address of a list, which issued copies name."""
        return f"{self.base_uri}/status-lists/{list_id}"

    def published(self) -> list[str]:
        """The addresses of all lists that can be fetched (Token Status List, section 9)."""
        with self.database.reading() as db:
            return [self.uri_of(list_id) for list_id in store.published_lists(db)]

    # -- places

    def reserve(self, *, holder_id: HolderId, copy_id: str, now: datetime) -> StatusReference:
        """Reserve a random place for one copy, in a transaction of its own.

        It commits before the copy is even intended: a place whose copy never comes is lost,
        and no place is ever given twice. Raises `JiazhaoError` (SERVICE_UNAVAILABLE).
        """
        place = self.database.write(lambda db: self._take_place(db, holder_id, copy_id, now))
        return StatusReference(self.uri_of(place.list_id), place.number)

    def ensure_list(self, *, now: datetime) -> None:
        """Open a first list, so that it is published before the first copy needs it."""
        with self.database.reading() as db:
            if store.open_lists(db):
                return
        self.database.write(lambda db: self._choose_list(db, now))

    def set_values(
        self,
        db: Connection,
        holder_id: HolderId,
        values: Mapping[StatusReference, StatusValue],
    ) -> int:
        """Give the places of one holder's copies their values; returns how many changed.

        Raises `JiazhaoError` (NOT_FOUND) for a place that is not this holder's: passing over
        it would leave a copy valid that is not.
        """
        changed = 0
        for reference, value in values.items():
            place = self._place(reference)
            if store.set_value(db, place, holder_id, value):
                changed += 1
            elif not store.holds_place(db, place, holder_id):
                raise JiazhaoError(ErrorCode.NOT_FOUND)
        return changed

    def _place(self, reference: StatusReference) -> store.Place:
        list_id = reference.uri.removeprefix(self.uri_of(""))
        return store.Place(list_id, reference.index)

    def _take_place(
        self, db: Connection, holder: HolderId, copy_id: str, now: datetime
    ) -> store.Place:
        for _ in range(_ROUNDS):
            chosen = self._choose_list(db, now)
            for _ in range(_TRIES):
                place = store.Place(chosen.list_id, self.random(chosen.size))
                if store.take_place(db, place, holder, copy_id, now):
                    return place
            if store.count_used(db, chosen.list_id) >= chosen.size * _LOAD:
                store.close_list(db, chosen.list_id)
        raise JiazhaoError(ErrorCode.SERVICE_UNAVAILABLE)

    def _choose_list(self, db: Connection, now: datetime) -> store.OpenList:
        """One of the open lists by chance: two workers may each have opened one."""
        opened = store.open_lists(db)
        if opened:
            return opened[self.random(len(opened))]
        new = store.OpenList(f"{self.random(1 << 64):016x}", self.size)
        store.insert_list(db, new, now)
        return new

    # -- publishing

    def due_lists(self, *, now: datetime) -> list[str]:
        """The lists to publish now: changed, half-way to their end, or cut off.

        None after a restore until it is caught up: a list that was published before may say of a
        copy that it has ended, which the backup does not know.
        """
        with self.database.reading() as db:
            if restoration.pending(db) is not None:
                return []
            return store.due_lists(
                db,
                stalled_before=now - _STALLED,
                aged_before=now - self.life / 2,
                ahead_of=now + CLOCK_SKEW,
            )

    def publish_due(self, *, signer: Signer, now: datetime) -> int:
        """Publish what is due; returns how many lists were published by this call."""
        return sum(
            self.publish(list_id, signer=signer, now=now) for list_id in self.due_lists(now=now)
        )

    def publish(self, list_id: str, *, signer: Signer, now: datetime) -> bool:
        """Publish one list as it stands; False where another worker came after us.

        First its generation rises and its statuses are read, then the tokens are written,
        then what was published is marked. Raises `JiazhaoError`: NOT_FOUND, or
        SERVICE_UNAVAILABLE where the folder cannot be written; the list then stays due; and
        REGISTER_RESTORED after a restore that is not caught up.
        """
        with self.database.reading() as db:
            restoration.require_present(db)
        try:
            above = publishing.newest_generation(self.folder, list_id)
            snapshot = self.database.write(
                lambda db: store.begin_publication(db, list_id, above=above, now=now)
            )
            if snapshot is None:
                raise JiazhaoError(ErrorCode.NOT_FOUND)
            tokens = self._sign(snapshot, signer, now)
            if not publishing.write_tokens(
                self.folder,
                list_id,
                snapshot.generation,
                tokens,
                keep=partial(self._keep, snapshot, tokens, now),
            ):
                return False
        except OSError as error:
            raise JiazhaoError(ErrorCode.SERVICE_UNAVAILABLE) from error
        return self.database.write(lambda db: store.finish_publication(db, snapshot))

    def token(self, list_id: str, form: TokenForm) -> bytes:
        """The published token of a list; raises `JiazhaoError` (NOT_FOUND)."""
        return publishing.read_token(self.folder, list_id, form)

    def past_token(self, list_id: str, form: TokenForm, moment: str, now: datetime) -> bytes:
        """The token of a list that held at a moment, in seconds (section 8.4).

        Raises `JiazhaoError`: STATUS_HISTORY_NOT_KEPT, STATUS_OF_THAT_TIME_NOT_KEPT,
        BAD_REQUEST, NOT_FOUND.
        """
        publishing.require_list_id(list_id)
        if not self.keep:
            raise JiazhaoError(ErrorCode.STATUS_HISTORY_NOT_KEPT)
        return self._history.token(list_id, form, at_seconds(moment), now=now)

    def forget(self, now: datetime) -> int:
        """Delete published lists that are kept no longer."""
        return self._history.forget(now)

    @property
    def _history(self) -> StatusHistory:
        return StatusHistory(self.folder / "history", self.keep, self.life)

    def _keep(
        self, snapshot: store.Snapshot, tokens: Mapping[TokenForm, bytes], now: datetime
    ) -> None:
        if self.keep:
            self._history.add(
                snapshot.list_id,
                snapshot.generation,
                tokens,
                issued_at=now,
                expires_at=now + self.life,
            )

    def lists(self) -> list[str]:
        """The names of all lists."""
        with self.database.reading() as db:
            return store.every_list(db)

    def differences(self, list_id: str, token: StatusList) -> int:
        """At how many places a published list says otherwise than the database."""
        with self.database.reading() as db:
            values = store.values_of(db, list_id)
        return sum(token.status(place) != value for place, value in enumerate(values))

    def _sign(
        self, snapshot: store.Snapshot, signer: Signer, now: datetime
    ) -> dict[TokenForm, bytes]:
        status_list = StatusList(
            uri=self.uri_of(snapshot.list_id),
            issued_at=now,
            expires_at=now + self.life,
            ttl=self.ttl,
            bits=snapshot.bits,
            octets=pack(
                snapshot.statuses,
                size=snapshot.size,
                bits=snapshot.bits,
                unnamed=snapshot.unnamed,
            ),
        )
        return {
            TokenForm.JWT: sign_jwt(status_list, signer),
            TokenForm.CWT: sign_cwt(status_list, signer),
        }
