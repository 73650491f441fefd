"""What the CBOR reader takes from strangers, and what it refuses."""

import time

import cbor2
import pytest

from jiazhao.credentials import cbor
from jiazhao.credentials.cbor import FullDate, Reader, TDate, reader
from jiazhao.errors import UnreadableError

PLAIN = Reader()
MDOC = Reader(tags=(0, 18, 24, 1004))

SHORT_MARK = reader._SHORT_END.mark
LONG_MARK = reader._LONG_END.mark
BUDGET_SECONDS = 5 * 0.05
"""Each refusal has 50 ms of processor time on a quiet machine; a shared one has five times that."""


def _refused(octets: bytes, by: Reader = PLAIN) -> str:
    begin = time.process_time()
    with pytest.raises(UnreadableError) as refused:
        by.read(octets, "thing")
    assert time.process_time() - begin < BUDGET_SECONDS
    return refused.value.values["reason"]


def _head(major: int, value: int) -> bytes:
    return bytes([major << 5 | 26]) + value.to_bytes(4)


@pytest.mark.parametrize(
    ("octets", "value"),
    [
        ("a2616202616101", {"a": 1, "b": 2}),  # any order of keys
        ("1b0000000000000001", 1),  # any length form
        ("b90001780161190001", {"a": 1}),
        ("9f0102ff", [1, 2]),  # indefinite lengths
        ("bf616101ff", {"a": 1}),
        ("7f6161616263e78e8bff", "ab王"),
        ("5f4101420203ff", b"\x01\x02\x03"),
        ("a1200a", {-1: 10}),
        ("f93e00", 1.5),
        ("83f4f5f6", [False, True, None]),
        ("3bffffffffffffffff", -(1 << 64)),
    ],
)
def test_reads_any_valid_form(octets: str, value: object) -> None:
    read = PLAIN.read(bytes.fromhex(octets), "thing")
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        ("", "cut short"),
        ("8201", "cut short"),
        ("a101", "cut short"),
        ("0102", "does not end where its octets end"),
        ("01ff", "not well-formed CBOR"),
        ("a2010201 03", "duplicate map key"),
        ("a101a2616100616101", "duplicate map key"),
        ("a2 01 00 f5 00", "duplicate map key"),  # 1 and true are one key to Python
        ("a1f93c0000", "map key is neither text nor integer"),
        ("a1810100", "map key is neither text nor integer"),
        ("a1410100", "map key is neither text nor integer"),
        ("a1f400", "map key is neither text nor integer"),
        ("f97e00", "NaN or infinity"),
        ("81f97c00", "NaN or infinity"),
        ("a16161fbfff0000000000000", "NaN or infinity"),
        ("f7", "simple value"),
        ("81f7", "simple value"),
        ("e0", "simple value"),
        ("f8ff", "simple value"),
        ("62fffe", "text is not UTF-8"),
        ("7f61c361bcff", "text is not UTF-8"),  # each chunk must be UTF-8 by itself
        ("ff", "not well-formed CBOR"),
        ("1c", "not well-formed CBOR"),
        ("f818", "not well-formed CBOR"),
        ("7f4161ff", "not well-formed CBOR"),
        ("5f5f4100ffff", "not well-formed CBOR"),
    ],
)
def test_refuses(octets: str, reason: str) -> None:
    assert _refused(bytes.fromhex(octets)) == reason


@pytest.mark.parametrize("octets", ["18", "19ff", "6261", "41", "5f", "9f01", "bf", "c0", "d818"])
def test_refuses_what_is_cut_short_in_the_middle(octets: str) -> None:
    """The reason depends on what the reader set behind; that it is refused does not."""
    assert _refused(bytes.fromhex(octets), MDOC)


@pytest.mark.parametrize("tag", [*range(300), 1004, 43000, 55799, 65536, 2**32, 2**64 - 1])
def test_refuses_every_tag_that_the_format_does_not_name(tag: int) -> None:
    for content in ("00", "4101", "6130", "820102", "a0"):
        octets = cbor.encode(cbor2.CBORTag(tag, cbor2.loads(bytes.fromhex(content))))
        assert _refused(octets)
        assert _refused(b"\x81" + octets)
        assert _refused(b"\xa1" + octets + b"\x00")


def test_a_named_tag_is_refused_on_other_content() -> None:
    for octets in ("c001", "c0416d", "d903ec01", "d818616d", "d81880"):
        _refused(bytes.fromhex(octets), MDOC)


def test_dates_stay_the_text_that_was_received() -> None:
    octets = bytes.fromhex(
        "82c074323032302d31302d30315431333a33303a30325ad903ec6a323031392d31302d3230"
    )
    tdate, full_date = cbor.as_array(MDOC.read(octets, "dates"), "dates", 2)
    assert (type(tdate), tdate) == (TDate, "2020-10-01T13:30:02Z")
    assert (type(full_date), full_date) == (FullDate, "2019-10-20")


@pytest.mark.parametrize(
    "text",
    ["2020-1-01", "20200101", "2020-W01-1", "2020-02-30", "", "2020-01-01T"],
)
def test_a_full_date_is_a_day_of_the_calendar(text: str) -> None:
    with pytest.raises(UnreadableError):
        FullDate(text).to_date()


@pytest.mark.parametrize(
    "text",
    ["2020-10-01", "2020-10-01T13:30:02", "20201001T133002Z", "2020-13-01T00:00:00Z", "", "now",
     "0001-01-01T00:00:00+23:00"],
)  # fmt: skip
def test_a_tdate_is_an_instant(text: str) -> None:
    with pytest.raises(UnreadableError):
        TDate(text).to_datetime()


@pytest.mark.parametrize("text", ["2020-10-01T13:30:02+08:00", "2020-10-01T05:30:02.000Z"])
def test_a_tdate_of_another_issuer_may_have_fractions_and_an_offset(text: str) -> None:
    assert TDate.of(TDate(text).to_datetime()) == "2020-10-01T05:30:02Z"


def test_depth_is_bounded() -> None:
    assert PLAIN.read(b"\x81" * 16 + b"\x00", "deep")
    assert _refused(b"\x81" * 17 + b"\x00") == "nested deeper than 16"
    assert _refused(b"\xa1\x00" * 17 + b"\x00") == "nested deeper than 16"


BOMBS = {
    "deep arrays": b"\x81" * 130_000,
    "deep maps": b"\xa1\x00" * 65_000,
    "deep tags": b"\xc1" * 130_000,
    "deep indefinite": b"\x9f" * 130_000,
    "claims 2^64 items": b"\x9b" + b"\xff" * 8,
    "claims 2^64 octets": b"\x5b" + b"\xff" * 8,
    "claims 2^64 pairs": b"\xbb" + b"\xff" * 8,
    "claims in a row": (b"\x9a" + b"\xff" * 4) * 20_000,
    "many integers": _head(4, 131_000) + b"\x00" * 131_000,
    "many maps": _head(4, 131_000) + b"\xa0" * 131_000,
    "many maps, unscanned": _head(4, 28_000) + b"\xa0" * 28_000,
    "many pairs": _head(5, 20_000) + b"".join(_head(0, i) + b"\x00" for i in range(20_000)),
    "many dates": _head(4, 65_000) + b"\xc0\x60" * 65_000,
    "many dates, unscanned": _head(4, 14_000) + b"\xc0\x60" * 14_000,
    "many encoded items": _head(4, 43_000) + b"\xd8\x18\x40" * 43_000,
    "many arrays": _head(4, 65_000) + b"\x81\x80" * 65_000,
    "one key again and again": _head(5, 65_000) + b"\x01\x01" * 65_000,
    "keys that are arrays": _head(5, 2500)
    + b"".join(b"\x82" + _head(0, i) + b"\x00\x00" for i in range(2500)),
    "many chunks": b"\x5f" + b"\x40" * 131_000 + b"\xff",
    "too large by one": b"\x5a" + (131_068).to_bytes(4) + bytes(131_068),
    "ten to the billion": bytes.fromhex("c4821a3b9aca0001"),
    "two to the billion": bytes.fromhex("c5821a3b9aca0001"),
    "regular expression": b"\xd8\x23\x6c(a+)+(a+)+$b",
    "holds itself": bytes.fromhex("d81c81d81d00"),
    "large number": b"\xc2\x5a" + (100_000).to_bytes(4) + b"\xff" * 100_000,
}


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("by", [PLAIN, MDOC], ids=["plain", "mdoc"])
def test_a_bomb_is_refused_in_time(bomb: str, by: Reader) -> None:
    assert _refused(BOMBS[bomb], by)


def test_items_are_read_each_to_its_own_end() -> None:
    items = [cbor.encode(value) for value in ("a", [1, 2], {"k": b"v"}, bytes(4000), 7)]
    assert PLAIN.decode_each(items, "items") == ["a", [1, 2], {"k": b"v"}, bytes(4000), 7]
    assert PLAIN.decode_each([], "items") == []


@pytest.mark.parametrize(
    "items",
    [
        [b"\x01\x02", b""],
        [b"\x01", b"\x01\x02"],
        [b"\x82\x01", b"\x02"],
        [b"", b"\x01\x02"],
        [b"\x42\x01", b"\x02"],
        [SHORT_MARK, b"\x01"],  # the reader's own mark
        [b"\x01" + SHORT_MARK, b"\x01"],
        [b"\x49", b"\x01"],  # swallows the mark behind it
        [b"\x5a\x00\x00\x0f\xa0" + bytes(4001), b"\x01"],
    ],
)
def test_an_item_that_does_not_end_where_it_should_is_refused(items: list[bytes]) -> None:
    with pytest.raises(UnreadableError):
        PLAIN.decode_each(items, "items")


@pytest.mark.parametrize("tags", ["c0", "d2", "d2d2", "d812", "d818", "d903ec", "c0d2"])
@pytest.mark.parametrize("item", [b"\x01", b"\x59\x10\x00" + bytes(4096)], ids=["short", "long"])
def test_a_named_tag_behind_the_item_is_not_taken_off_its_end(item: bytes, tags: str) -> None:
    behind = item + bytes.fromhex(tags)
    assert _refused(behind, MDOC)
    with pytest.raises(UnreadableError):
        MDOC.decode_each([b"\x01", behind, b"\x01"], "items")


def test_the_ends_cannot_overlap_what_stands_before_them() -> None:
    for mark in (SHORT_MARK, LONG_MARK):
        assert not any(mark.startswith(mark[at:]) for at in range(1, len(mark)))


@pytest.mark.parametrize("ending", [LONG_MARK, b"\x8c" + LONG_MARK, b"\x9f" + LONG_MARK + b"\xff"])
def test_an_item_that_holds_the_readers_own_mark_is_refused(ending: bytes) -> None:
    assert _refused(b"\x01" + ending) == "reserved integer"
    assert _refused(b"\x59\x10\x00" + bytes(3988) + LONG_MARK) == "reserved integer"


@pytest.mark.parametrize("head", ["d81843", "d8185803", "d818590003", "d90018590003", "d8185f43"])
def test_an_encoded_item_is_unwrapped_whatever_its_head(head: str) -> None:
    end = b"\xff" if "5f" in head else b""
    assert cbor.unwrap(bytes.fromhex(head) + b"\x82\x01\x02" + end, "item") == b"\x82\x01\x02"


@pytest.mark.parametrize("octets", ["43820102", "d81842820102", "d8184482010200ff", "d81863820102"])
def test_what_is_no_encoded_item_is_not_unwrapped(octets: str) -> None:
    with pytest.raises(UnreadableError):
        cbor.unwrap(bytes.fromhex(octets), "item")


def test_an_error_never_repeats_what_was_received() -> None:
    with pytest.raises(UnreadableError) as refused:
        PLAIN.read(cbor.encode("王小明")[:-1] + b"\xff", "name")
    assert "王" not in refused.value.zh + refused.value.en + repr(refused.value)
