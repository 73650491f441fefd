"""The keys of a running service: a rotated or withdrawn signer is picked up without a restart.

The folder is looked at whenever a signer is asked for (a few microseconds); it is read again only
when its inventory has changed, which happens in one step, or when the time has come at which
another key signs. Who asks gets one consistent set and signs with that: a signature and the
certificate beside it belong together, whatever happens meanwhile.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from jiazhao.errors import JiazhaoError
from jiazhao.trust.folder import KeyFolder, StoredKey
from jiazhao.trust.keys import Trust, trust_at

log = structlog.get_logger(__name__)

_FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Known:
    stamp: object
    since: datetime
    until: datetime
    trust: Trust

    def fits(self, stamp: object, now: datetime) -> bool:
        return self.stamp == stamp and self.since <= now < self.until


class Keyring:
    """What a folder of keys amounts to now."""

    def __init__(
        self,
        folder: KeyFolder,
        clock: Callable[[], datetime],
        *,
        renew: Callable[[datetime], object] | None = None,
    ) -> None:
        """Read the folder; raises `ConfigurationError` where that fails.

        `renew` is for demonstrations: it makes what is missing before the folder is read.
        """
        self._folder, self._clock, self._make_missing = folder, clock, renew
        self._lock = threading.Lock()
        self._refused: object = None
        self._known = self._read(clock())

    def current(self) -> Trust:
        """The keys that sign now, and whom verifiers trust.

        A folder that cannot be read at this moment leaves what was known before in force, and is
        logged: an outage of a disk must not stop a service that has its keys.
        """
        now = self._clock()
        try:
            stamp: object = self._folder.stamp()
        except JiazhaoError as error:
            stamp = error.code
        known = self._known
        if known.fits(stamp, now):
            return known.trust
        with self._lock:
            if not self._known.fits(stamp, now) and stamp != self._refused:
                self._read_again(stamp, now)
            return self._known.trust

    def _read_again(self, stamp: object, now: datetime) -> None:
        try:
            self._known = self._read(now)
            self._refused = None
        except JiazhaoError as error:
            self._refused = stamp
            log.error("keys_not_read", error=error.code.wire)

    def _read(self, now: datetime) -> _Known:
        if self._make_missing is not None:
            self._make_missing(now)
        with self._folder.readable():
            # The stamp comes first: what is written while we read is read again.
            stamp = self._folder.stamp()
            keys = self._folder.read()
            trust = trust_at(keys, self._folder, now=now)
        turns = sorted(set(_turning_points(keys)))
        return _Known(
            stamp,
            since=max((turn for turn in turns if turn <= now), default=now),
            until=min((turn for turn in turns if turn > now), default=_FOREVER),
            trust=trust,
        )


def _turning_points(keys: list[StoredKey]) -> Iterator[datetime]:
    """When another key may sign although nothing was written."""
    for key in keys:
        yield key.certificate.not_valid_before_utc
        yield key.certificate.not_valid_after_utc
        if key.entry.signs_from is not None:
            yield key.entry.signs_from
