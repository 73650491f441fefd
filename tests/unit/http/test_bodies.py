"""Nothing but JSON of the named type, with nothing twice, reaches a handler."""

import json
from contextlib import suppress
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar, post
from litestar.params import JSONBody
from litestar.testing import TestClient
from msgspec import Meta, Struct

from jiazhao.credentials.json_reading import MAX_OCTETS
from jiazhao.errors import ErrorCode, JiazhaoError
from jiazhao.http.bodies import StrictRequest, read_as
from jiazhao.http.problems import EXCEPTION_HANDLERS


class Order(Struct, forbid_unknown_fields=True):
    """A message such as ours are."""

    number: Annotated[int, Meta(ge=0, le=99)]
    name: str = ""
    urgent: bool = False
    tags: list[str] = []


REFUSED: dict[str, bytes] = {
    "not JSON": b"{",
    "two members of one name": b'{"number": 1, "number": 2}',
    "two members, deeper": b'{"number": 1, "tags": [{"a": 1, "a": 1}]}',
    "a number as text": b'{"number": "1"}',
    "a fraction": b'{"number": 1.5}',
    "a huge number": b'{"number": 1' + b"0" * 5000 + b"}",
    "a huge exponent": b'{"number": 1e999}',
    "not a number": b'{"number": NaN}',
    "truth as a number": b'{"number": 1, "urgent": 1}',
    "truth as text": b'{"number": 1, "urgent": "true"}',
    "an unknown member": b'{"number": 1, "role": "auditor"}',
    "NUL": b'{"number": 1, "name": "a\\u0000b"}',
    "NUL in a list": b'{"number": 1, "tags": ["\\u0000"]}',
    "half a character": b'{"number": 1, "name": "\\ud800"}',
    "not UTF-8": b'{"number": 1, "name": "\xff"}',
    "a list": b"[1]",
    "null": b"null",
    "no member": b"{}",
    "two documents": b'{"number": 1} {"number": 1}',
    "a byte order mark": b'\xef\xbb\xbf{"number": 1}',
    "very deep": b"[" * 20_000,
    "deep and complete": b"[" * 500 + b"]" * 500,
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
def test_what_is_not_an_order_is_refused(body: bytes) -> None:
    with pytest.raises(JiazhaoError) as refused:
        read_as(body, Order)
    assert refused.value.code in {ErrorCode.BAD_REQUEST, ErrorCode.UNREADABLE}


def test_an_order_is_read() -> None:
    body = '{"number": 7, "name": "样本 \\ud842\\udfb7", "urgent": true, "tags": ["a"]}'
    assert read_as(body.encode(), Order) == Order(7, "样本 𠮷", True, ["a"])


def test_the_place_is_named_and_the_value_is_not() -> None:
    with pytest.raises(JiazhaoError) as refused:
        read_as(b'{"number": 1, "tags": ["a", 990101199001011237]}', Order)
    assert "$.tags[1]" in str(refused.value)
    assert "9901" not in str(refused.value) + refused.value.zh


@given(st.binary(max_size=200))
def test_only_our_error_escapes(body: bytes) -> None:
    with suppress(JiazhaoError):
        assert isinstance(read_as(body, Order), Order)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.dictionaries(st.sampled_from(["number", "name", "urgent", "tags", "x"]), json_values))
def test_what_is_read_says_the_same_again(value: dict[str, Any]) -> None:
    try:
        order = read_as(json.dumps(value).encode(), Order)
    except JiazhaoError:
        return
    assert {name: getattr(order, name) for name in value} == value


# -- at a door


@post("/orders", status_code=200, sync_to_thread=False, request_max_body_size=1000)
def take(data: JSONBody[Order]) -> int:
    return data.number


@post("/much", status_code=200, sync_to_thread=False, request_max_body_size=4 * MAX_OCTETS)
def take_much(data: JSONBody[list[str]]) -> int:
    return len(data)


def client() -> TestClient[Litestar]:
    return TestClient(
        Litestar(
            [take, take_much],
            request_class=StrictRequest,
            exception_handlers=EXCEPTION_HANDLERS,
            openapi_config=None,
            logging_config=None,
        )
    )


@pytest.mark.parametrize("body", [one for one in REFUSED.values() if len(one) < 1000])
def test_a_door_refuses_with_a_problem(body: bytes) -> None:
    with client() as door:
        answer = door.post("/orders", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["zh"]


@pytest.mark.parametrize("media_type", ["", "text/plain", "application/json5", "application/xml"])
def test_what_says_it_is_something_else_is_refused(media_type: str) -> None:
    with client() as door:
        answer = door.post(
            "/orders", content=b'{"number": 1}', headers={"content-type": media_type}
        )
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("media_type", ["application/json", "Application/JSON; charset=utf-8"])
def test_an_order_arrives(media_type: str) -> None:
    with client() as door:
        answer = door.post(
            "/orders", content=b'{"number": 1}', headers={"content-type": media_type}
        )
    assert (answer.status_code, answer.json()) == (200, 1)


def test_no_body_is_not_an_order() -> None:
    with client() as door:
        answer = door.post("/orders", headers={"content-type": "application/json"})
    assert answer.status_code == 400


def test_a_large_body_is_told_its_limit() -> None:
    with client() as door:
        answer = door.post(
            "/orders", content=b" " * 1001, headers={"content-type": "application/json"}
        )
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert "1000" in answer.json()["en"]


def test_a_door_that_takes_more_reads_all_of_it() -> None:
    """A terminal hands in fifty records at once, which is more than other doors take."""
    with client() as door:
        answer = door.post("/much", json=["x" * 1000] * 100)
        refused = door.post("/much", json=["x" * 1000] * 400)
    assert (answer.status_code, answer.json()) == (200, 100)
    assert refused.status_code == 413
