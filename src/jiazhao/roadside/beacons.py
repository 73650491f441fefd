"""The time beacon: a value that nobody can tell before its ten minutes have begun.

A chain of hashes made from its far end, so that each value proves those before it and none after.
Who has the lookup key can make every beacon to come.
Source: docs/specs/licence-code.md, "Time beacon".
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Final

from jiazhao.errors import ConfigurationError, ErrorCode
from jiazhao.storage.lookup_key import keyed_hash

EPOCH_SECONDS: Final = 600
_BEGIN: Final = datetime(2020, 1, 1, tzinfo=UTC)
_END: Final = int((datetime(2050, 1, 1, tzinfo=UTC) - _BEGIN).total_seconds()) // EPOCH_SECONDS
"""The chain's far end: from there to 2026 is half a second of hashing, once for each process."""

_VALUE_OCTETS: Final = 12
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
        epoch = int((now - _BEGIN).total_seconds() // EPOCH_SECONDS)
        if not 0 <= epoch <= _END:
            raise ConfigurationError(
                ErrorCode.BAD_CONFIGURATION, key="clock", reason="2020–2049 / 2020 至 2049 年"
            )
        above = -(-epoch // _MARK_EVERY)
        value = _marks(self.lookup_key)[above]
        for later in range(min(above * _MARK_EVERY, _END), epoch, -1):
            value = _before(later, value)
        return epoch.to_bytes(3) + value

    def __repr__(self) -> str:
        return "Beacons()"


def _before(epoch: int, value: bytes) -> bytes:
    """The value of the ten minutes before."""
    octets = b"jiazhao time beacon" + epoch.to_bytes(3) + value
    return sha256(octets).digest()[:_VALUE_OCTETS]


@lru_cache(maxsize=4)
def _marks(lookup_key: bytes) -> dict[int, bytes]:
    """Every 1024th value, and the last, by its number divided by 1024, rounded up."""
    value = keyed_hash(lookup_key, "time beacon", "end of the chain")[:_VALUE_OCTETS]
    marks = {-(-_END // _MARK_EVERY): value}
    for epoch in range(_END, 0, -1):
        value = _before(epoch, value)
        if (epoch - 1) % _MARK_EVERY == 0:
            marks[(epoch - 1) // _MARK_EVERY] = value
    return marks
