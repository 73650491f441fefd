"""The deterministic encoding of RFC 8949 section 4.2.1."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from jiazhao.credentials import cbor
from jiazhao.credentials.cbor import FullDate, TDate

# RFC 8949 appendix A, as far as our formats use it.
RFC_8949 = [
    (0, "00"),
    (23, "17"),
    (24, "1818"),
    (255, "18ff"),
    (256, "190100"),
    (65536, "1a00010000"),
    (1000000000000, "1b000000e8d4a51000"),
    (18446744073709551615, "1bffffffffffffffff"),
    (-1, "20"),
    (-100, "3863"),
    (-18446744073709551616, "3bffffffffffffffff"),
    (0.0, "f90000"),
    (1.5, "f93e00"),
    (100000.0, "fa47c35000"),
    (1.1, "fb3ff199999999999a"),
    (False, "f4"),
    (True, "f5"),
    (None, "f6"),
    (b"", "40"),
    (b"\x01\x02\x03\x04", "4401020304"),
    ("", "60"),
    ("ü", "62c3bc"),
    ("水", "63e6b0b4"),
    ([], "80"),
    ([1, [2, 3], [4, 5]], "8301820203820405"),
    (list(range(1, 26)), "98190102030405060708090a0b0c0d0e0f101112131415161718181819"),
    ({}, "a0"),
    ({"a": 1, "b": [2, 3]}, "a26161016162820203"),
]


@pytest.mark.parametrize(("value", "octets"), RFC_8949)
def test_writes_as_the_standard_does(value: object, octets: str) -> None:
    assert cbor.encode(value).hex() == octets


def test_keys_stand_in_the_bytewise_order_of_their_encodings() -> None:
    # The example of RFC 8949 section 4.2.1, without the keys that our formats do not have.
    keys = [10, 100, -1, "z", "aa"]
    encoded = cbor.encode(dict.fromkeys(reversed(keys)))
    assert encoded.hex() == "a50af61864f620f6617af6626161f6"


def test_dates_carry_their_tags() -> None:
    beijing = datetime(2026, 6, 1, 10, 0, 0, 999_999, timezone(timedelta(hours=8)))
    assert cbor.encode(TDate.of(beijing)).hex() == "c074" + b"2026-06-01T02:00:00Z".hex()
    assert cbor.encode(FullDate.of(date(800, 1, 2))).hex() == "d903ec6a" + b"0800-01-02".hex()
    assert TDate.of(datetime(1, 1, 1, tzinfo=UTC)) == "0001-01-01T00:00:00Z"


@pytest.mark.parametrize(
    "value",
    [date(2026, 6, 1), datetime(2026, 6, 1, tzinfo=UTC), {1, 2}, object(), 1j, bytearray(b"x")],
)
def test_a_value_without_a_plain_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        cbor.encode(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1 << 64, -(1 << 64) - 1])
def test_a_value_out_of_range_is_refused(value: object) -> None:
    with pytest.raises((ValueError, OverflowError)):
        cbor.encode({"value": value})


def test_encoded_parts_join_to_what_encoding_the_whole_gives() -> None:
    assert cbor.encoded_array([b"\x01", b"\x02"]) == cbor.encode([1, 2])
    assert cbor.encoded_map({"bb": b"\x01", "c": b"\x02"}) == cbor.encode({"bb": 1, "c": 2})
    assert cbor.embed(b"\x01") == cbor.encode(cbor.embedded(b"\x01")) == bytes.fromhex("d8184101")
