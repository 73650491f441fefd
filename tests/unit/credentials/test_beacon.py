"""The time beacon: earlier values follow from a later one, and no later one from it."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from jiazhao.credentials.beacon import (
    BEACON_OCTETS,
    MAX_EPOCH,
    Beacon,
    epoch_at,
    parse_beacon,
)
from jiazhao.errors import UnreadableError
from vectors.make_licence_code import beacon_of

END = beacon_of(b"secret", 340_000)
NOW = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)


def test_a_value_is_the_cut_hash_of_the_next_with_its_epoch() -> None:
    label = b"jiazhao time beacon" + (340_000).to_bytes(3)
    assert END.back_to(339_999).value == sha256(label + END.value).digest()[:12]


def test_two_values_of_one_chain_know_each_other_whichever_is_later() -> None:
    early, late = END.back_to(337_000), END.back_to(337_144)
    assert early.is_of_the_chain_of(late)
    assert late.is_of_the_chain_of(early)
    assert late.is_of_the_chain_of(late)


def test_a_value_of_another_chain_or_epoch_is_seen() -> None:
    beacon = END.back_to(337_000)
    other = beacon_of(b"another secret", 340_000).back_to(337_000)
    assert not other.is_of_the_chain_of(END)
    assert not Beacon(beacon.epoch + 1, beacon.value).is_of_the_chain_of(END)
    assert not Beacon(beacon.epoch, other.value).is_of_the_chain_of(beacon)


def test_a_later_value_does_not_follow_from_an_earlier_one() -> None:
    with pytest.raises(ValueError, match="earlier"):
        END.back_to(END.epoch + 1)


def test_fifteen_octets_are_written_and_read() -> None:
    assert len(END.octets) == BEACON_OCTETS
    assert parse_beacon(END.octets) == END
    with pytest.raises(UnreadableError):
        parse_beacon(END.octets + b"\0")


def test_an_epoch_is_ten_minutes() -> None:
    epoch = epoch_at(NOW)
    assert Beacon(epoch, bytes(12)).began_at == NOW
    assert epoch_at(NOW + timedelta(seconds=599)) == epoch
    assert epoch_at(NOW + timedelta(seconds=600)) == epoch + 1
    assert epoch_at(datetime(1970, 1, 1, tzinfo=UTC)) == 0
    assert epoch_at(datetime(9999, 1, 1, tzinfo=UTC)) == MAX_EPOCH
