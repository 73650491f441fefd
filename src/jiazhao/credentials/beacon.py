"""The time beacon: proof that a code was not made before a moment.

The server reveals one value of a hash chain every ten minutes, the chain read backwards:
value[e - 1] = SHA-256("jiazhao time beacon" ‖ e ‖ value[e]), cut to 12 octets. Who has a value
can reckon all earlier ones and none later, so whoever shows the value of an epoch heard from the
server after that epoch began, whatever the clock of the phone says.

The server keeps the secret at the chain's end. Who learns it can make codes ahead that look
fresh; issuer's and holder's signatures, counter and challenge stand as before.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from jiazhao.credentials.cbor import unreadable

EPOCH_SECONDS: Final = 600
BEACON_OCTETS: Final = 15
_EPOCH_OCTETS: Final = 3
VALUE_OCTETS: Final = BEACON_OCTETS - _EPOCH_OCTETS
_LABEL: Final = b"jiazhao time beacon"
_START: Final = datetime(2020, 1, 1, tzinfo=UTC)
MAX_EPOCH: Final = (1 << 8 * _EPOCH_OCTETS) - 1
"""In the year 2338."""


@dataclass(frozen=True, slots=True)
class Beacon:
    """One value of the chain and its epoch."""

    epoch: int
    value: bytes = field(repr=False)

    @property
    def octets(self) -> bytes:
        """The 15 octets that codes and answers carry."""
        return self.epoch.to_bytes(_EPOCH_OCTETS) + self.value

    @property
    def began_at(self) -> datetime:
        """When its epoch began: it was told to nobody before."""
        return _START + timedelta(seconds=self.epoch * EPOCH_SECONDS)

    def back_to(self, epoch: int) -> "Beacon":
        """Reckon the value of an earlier epoch."""
        if not 0 <= epoch <= self.epoch:
            raise ValueError("a chain is reckoned towards earlier epochs only")
        value = self.value
        for each in range(self.epoch, epoch, -1):
            digest = sha256(_LABEL + each.to_bytes(_EPOCH_OCTETS) + value).digest()
            value = digest[:VALUE_OCTETS]
        return Beacon(epoch, value)

    def is_of_the_chain_of(self, other: "Beacon") -> bool:
        """Whether the later of the two leads to the earlier.

        It takes as many steps as they are apart, which is the caller's to bound.
        """
        earlier, later = sorted((self, other), key=_epoch_of)
        return later.back_to(earlier.epoch).value == earlier.value


def _epoch_of(beacon: Beacon) -> int:
    return beacon.epoch


def parse_beacon(octets: bytes) -> Beacon:
    """Read 15 octets, or raise `UnreadableError`."""
    if len(octets) != BEACON_OCTETS:
        raise unreadable("time beacon", f"not {BEACON_OCTETS} octets")
    return Beacon(int.from_bytes(octets[:_EPOCH_OCTETS]), octets[_EPOCH_OCTETS:])


def epoch_at(instant: datetime) -> int:
    """The epoch in which an instant (aware) lies; 0 for all before the first."""
    return max(0, min((instant - _START) // timedelta(seconds=EPOCH_SECONDS), MAX_EPOCH))
