"""The time beacon: a value that nobody can tell before its ten minutes have begun.

A chain of hashes made from its far end, so that each value proves those before it and none after.
Who has the lookup key can make every beacon to come.
Source: docs/specs/licence-code.md, "Time beacon".
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from jiazhao.credentials.beacon import VALUE_OCTETS, Beacon, epoch_at
from jiazhao.errors import ConfigurationError, ErrorCode
from jiazhao.storage.lookup_key import keyed_hash

_BEGIN: Final = datetime(2020, 1, 1, tzinfo=UTC)
_END: Final = epoch_at(datetime(2050, 1, 1, tzinfo=UTC))
"""The chain's far end: from there to 2026 is half a second of hashing, once for each process."""

_MARK_EVERY: Final = 1024
"""Values that are kept: the way from one of them down to any other is half a millisecond."""


@dataclass(frozen=True, slots=True)
class Beacons:
    """Tells the beacon of a moment; `lookup_key` is what the chain is made from."""

    lookup_key: bytes

    def at(self, now: datetime) -> bytes:
        """The 15 octets of the ten minutes of `now`: their number, then their value.

        Raises `ConfigurationError` outside of the years of the chain.
        """
        epoch = epoch_at(now)
        if now < _BEGIN or epoch > _END:
            raise ConfigurationError(
                ErrorCode.BAD_CONFIGURATION, key="clock", reason="2020–2049 / 2020 至 2049 年"
            )
        return _marks(self.lookup_key)[-(-epoch // _MARK_EVERY)].back_to(epoch).octets

    def __repr__(self) -> str:
        return "Beacons()"


@lru_cache(maxsize=4)
def _marks(lookup_key: bytes) -> dict[int, Beacon]:
    """Every 1024th beacon, and the last, by its number divided by 1024, rounded up."""
    value = keyed_hash(lookup_key, "time beacon", "end of the chain")[:VALUE_OCTETS]
    beacon = Beacon(_END, value)
    marks = {-(-_END // _MARK_EVERY): beacon}
    for place in range((_END - 1) // _MARK_EVERY, -1, -1):
        beacon = beacon.back_to(place * _MARK_EVERY)
        marks[place] = beacon
    return marks
