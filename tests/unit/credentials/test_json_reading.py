"""JSON from strangers."""

import time

import pytest

from jiazhao.credentials.json_reading import read_json, read_object
from jiazhao.errors import UnreadableError


def test_reads_plain_json() -> None:
    assert read_json('{"名": [1, -2.5, true, null, "𠮷"]}'.encode(), "it") == {
        "名": [1, -2.5, True, None, "𠮷"]
    }
    assert read_json(rb'"\ud842\udfb7"', "it") == "𠮷"


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (b"", "not well-formed JSON"),
        (b"{", "not well-formed JSON"),
        (b"{} {}", "not well-formed JSON"),
        (b"[1,]", "not well-formed JSON"),
        (b"'a'", "not well-formed JSON"),
        (b"\xff\xfe", "text is not UTF-8"),
        (b'{"a":1,"a":1}', "duplicate member"),
        (b'[{"b":{"a":1,"\\u0061":2}}]', "duplicate member"),
        (b"NaN", "NaN or infinity"),
        (b"[-Infinity]", "NaN or infinity"),
        (b"1e999", "NaN or infinity"),
        (b'"\\ud800"', "text is not UTF-8"),
        (b'{"\\udfb7":1}', "text is not UTF-8"),
        (b"[" * 17 + b"]" * 17, "nested deeper than 16"),
        (b"[" * 60_000, "not well-formed JSON"),
        (b'{"a":' * 10_000, "not well-formed JSON"),
        (b"9" * 60_000, "not well-formed JSON"),
        (b" " * 65_537, "more than 65536 octets"),
    ],
)
def test_refuses_in_time(octets: bytes, reason: str) -> None:
    begin = time.process_time()
    with pytest.raises(UnreadableError) as refused:
        read_json(octets, "it")
    assert time.process_time() - begin < 5 * 0.05
    assert refused.value.values["reason"] == reason


def test_sixteen_levels_are_read() -> None:
    assert read_json(b"[" * 16 + b"]" * 16, "it")


def test_an_object_is_an_object() -> None:
    assert read_object(b"{}", "it") == {}
    with pytest.raises(UnreadableError):
        read_object(b"[]", "it")
