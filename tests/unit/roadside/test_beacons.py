"""The time beacon: it proves what came before it and tells nothing of what comes."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from jiazhao.errors import ConfigurationError
from jiazhao.roadside.beacons import Beacons

BEACONS = Beacons(bytes(range(32)))
TEN_MINUTES = timedelta(minutes=10)


def hashed_down(beacon: bytes, steps: int) -> bytes:
    """Reckon an earlier beacon as anybody can, from the words of the specification."""
    epoch, value = int.from_bytes(beacon[:3]), beacon[3:]
    for _ in range(steps):
        value = sha256(b"jiazhao time beacon" + epoch.to_bytes(3) + value).digest()[:12]
        epoch -= 1
    return epoch.to_bytes(3) + value


def test_a_beacon_has_15_octets_and_stands_for_ten_minutes(now: datetime) -> None:
    beacon = BEACONS.at(now)

    assert len(beacon) == 15
    assert int.from_bytes(beacon[:3]) == (now - datetime(2020, 1, 1, tzinfo=UTC)) // TEN_MINUTES
    assert BEACONS.at(now + TEN_MINUTES - timedelta(microseconds=1)) == beacon
    assert BEACONS.at(now + TEN_MINUTES) != beacon


@pytest.mark.parametrize("steps", [1, 2, 143, 1023, 1024, 1025, 4464])
def test_a_later_beacon_hashes_down_to_every_earlier_one(now: datetime, steps: int) -> None:
    assert hashed_down(BEACONS.at(now + steps * TEN_MINUTES), steps) == BEACONS.at(now)


@pytest.mark.parametrize("epoch", [0, 1, 1023, 1024, 1025, 1_577_951, 1_577_952])
def test_the_chain_holds_at_its_ends_and_where_a_value_is_kept(epoch: int) -> None:
    at = datetime(2020, 1, 1, tzinfo=UTC) + epoch * TEN_MINUTES
    beacon = BEACONS.at(at)

    assert int.from_bytes(beacon[:3]) == epoch
    if epoch:
        assert hashed_down(beacon, 1) == BEACONS.at(at - TEN_MINUTES)


def test_another_secret_has_another_chain(now: datetime) -> None:
    assert Beacons(bytes(32)).at(now) != BEACONS.at(now)
    assert Beacons(bytes(range(32))).at(now) == BEACONS.at(now)
    assert "00" not in repr(BEACONS)


@pytest.mark.parametrize(
    "at", [datetime(2019, 12, 31, 23, 59, tzinfo=UTC), datetime(2050, 1, 1, 0, 10, tzinfo=UTC)]
)
def test_outside_of_its_years_there_is_none(at: datetime) -> None:
    with pytest.raises(ConfigurationError):
        BEACONS.at(at)
