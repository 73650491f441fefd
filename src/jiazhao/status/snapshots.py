"""Publishing the country's status snapshot: a base each day, a difference each hour.

    <state_dir>/status-snapshots/<SHA-256 of the file>

A file is on the disk before the database says, in one transaction with what it shows of each
handle, that it is published: one that was cut off is never listed, and the next one begins from
the same answers. No file is ever changed, and none is published that is not newer than the last.

Who can change this folder can stop service and no more: files are signed, and named by their hash
in what a terminal is told.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np

from jiazhao.credentials.signing import Signer
from jiazhao.credentials.status_snapshot import (
    HANDLE_OCTETS,
    HOUR,
    MAX_DIFFERENCES,
    SnapshotHead,
    sign_snapshot,
)
from jiazhao.errors import ErrorCode, JiazhaoError
from jiazhao.status import store
from jiazhao.status.handles import lost_hours
from jiazhao.status.snapshot_building import Numbers, Prefixes, write_set
from jiazhao.status.store import Asked, Published, hour_of
from jiazhao.storage import restoration
from jiazhao.storage.engine import Connection, Database
from jiazhao.trust.durable import make_folder_durably, write_durably

__all__ = ["Published", "StatusSnapshots"]

_SETTLE: Final = timedelta(minutes=2)
"""How long after the end of an hour its handles are read: by then every server has come into the
next one, and every transaction of the last has ended."""

_STILL_LIVE: Final = timedelta(hours=1)
"""A handle is spoken of for so long after its last code has lapsed: clocks differ, and one may
just be prolonged."""

_PAGE: Final = 100_000
"""Handles that are read at once: fast, and far from what a statement may take."""

_NAME: Final = re.compile(r"[0-9a-f]{64}")
"""It becomes part of a path, so nothing else is looked up."""


@dataclass(frozen=True, slots=True)
class StatusSnapshots:
    """The snapshot's files and the folder in which they are published."""

    database: Database
    folder: Path
    base_every: timedelta = timedelta(days=1)
    """A base takes tens of megabytes for a country; between two of them differences are made."""

    def current(self) -> list[Published]:
        """The newest base and the differences after it; empty where none counts.

        None counts after a restore until it is caught up, for the register may have lost changes.
        """
        with self.database.reading() as db:
            return self._chain(db)

    def read(self, name: str) -> Path:
        """Where the file of a name is; raises `JiazhaoError` (NOT_FOUND)."""
        path = self.folder / name
        if not _NAME.fullmatch(name) or not path.is_file():
            raise JiazhaoError(ErrorCode.NOT_FOUND)
        return path

    def publish_due(self, *, signer: Signer, now: datetime) -> Published | None:
        """Publish the next file if the hour is over; None where nothing was published here.

        Raises `JiazhaoError` (SERVICE_UNAVAILABLE) where the folder cannot be written.
        """
        until_hour = hour_of(now - _SETTLE)
        as_of = now.replace(microsecond=0)
        with self.database.reading() as db:
            if restoration.pending(db) is not None:
                return None
            chain = self._chain(db)
            if chain and (until_hour <= chain[-1].until_hour or as_of <= chain[-1].as_of):
                return None
            asked = Asked(
                issued_before=datetime.fromtimestamp(until_hour * HOUR, UTC),
                live_after=now - _STILL_LIVE,
            )
            shown = store.unshown_handles(db, asked)
            is_base = self._base_is_due(chain, now)
            prefixes = Prefixes()
            pages = _all_handles(db, asked) if is_base else _changed(db, asked, shown)
            for numbers, members in pages:
                prefixes.add(numbers, members)
            sequence = 1 + max((one.sequence for one in store.snapshot_files(db)), default=0)
            gaps = lost_hours(db, now)
        form, body = write_set(*prefixes.finish())
        head = SnapshotHead(
            follows=None if is_base else chain[-1].digest,
            until_hour=until_hour,
            as_of=as_of,
            handles=prefixes.numbers if is_base else prefixes.members,
            gaps=gaps,
            form=form,
        )
        octets = sign_snapshot(head, body, signer)
        digest = sha256(octets).digest()
        new = Published(sequence, is_base, until_hour, as_of, digest, len(octets), head.handles)
        try:
            make_folder_durably(self.folder)
            write_durably(self.folder / digest.hex(), octets)
        except OSError as error:
            raise JiazhaoError(ErrorCode.SERVICE_UNAVAILABLE) from error
        if not self.database.write(lambda db: store.finish_snapshot(db, new, shown)):
            return None
        if is_base:
            self._tidy(chain)
        return new

    def _chain(self, db: Connection) -> list[Published]:
        if restoration.pending(db) is not None:
            return []
        files = store.snapshot_files(db)
        bases = [place for place, one in enumerate(files) if one.is_base]
        return files[bases[-1] :] if bases else []

    def _base_is_due(self, chain: list[Published], now: datetime) -> bool:
        if not chain or len(chain) > MAX_DIFFERENCES:
            return True
        if now - chain[0].as_of >= self.base_every:
            return True
        return not all((self.folder / one.digest.hex()).is_file() for one in chain)

    def _tidy(self, former: list[Published]) -> None:
        """Keep the chain that was in use, which may be under way to a terminal, and no other."""
        if former:
            first = former[0].sequence
            self.database.write(lambda db: store.forget_snapshots(db, first))
        with self.database.reading() as db:
            kept = {one.digest.hex() for one in store.snapshot_files(db)}
        for path in self.folder.iterdir():
            if _NAME.fullmatch(path.name) and path.name not in kept:
                path.unlink(missing_ok=True)


Page = tuple[Numbers, "np.ndarray[tuple[int], np.dtype[np.bool_]]"]


def _all_handles(db: Connection, asked: Asked) -> Iterator[Page]:
    """Every handle, and whether its codes must not be driven on."""
    after = b""
    while True:
        handles, values = store.page_of_handles(db, asked, after=after, limit=_PAGE)
        if handles:
            yield _numbers(handles), np.array(values) != 0
        if len(handles) < _PAGE:
            return
        after = handles[-1]


def _changed(db: Connection, asked: Asked, shown: list[store.Unshown]) -> Iterator[Page]:
    """The handles of which the answer has changed, and all that stand beside them.

    More is not needed: a prefix that no neighbour shares, nobody does.
    """
    changed = {one.handle for one in shown if one.toggles}
    beside = {near for handle in changed for near in store.neighbours(db, asked, handle)}
    handles = sorted(changed | beside)
    yield _numbers(handles), np.array([handle in changed for handle in handles], np.bool_)


def _numbers(handles: list[bytes]) -> Numbers:
    return np.frombuffer(b"".join(handles), f">u{HANDLE_OCTETS}").astype(np.uint64)
