"""One client cannot starve the others, and no address, body or answer goes on for ever."""

import asyncio
from collections.abc import Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest
from litestar import Litestar, Router, get, post
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler
from litestar.params import RawBody
from litestar.testing import TestClient
from litestar.types import Message

from jiazhao.errors import AccessError, ErrorCode, JiazhaoError
from jiazhao.http import limits
from jiazhao.http.access import Actor, Permission, Role, demands
from jiazhao.http.front import stand_before
from jiazhao.http.limits import LANE, Bounds, Lane, Rates, TokenBuckets, client_of, lane_of
from jiazhao.http.problems import EXCEPTION_HANDLERS, STATUS, headers_of

T = TypeVar("T")

# -- buckets


@dataclass
class Stopwatch:
    """A clock that stands until it is moved."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def stopwatch() -> Stopwatch:
    return Stopwatch()


def taken(buckets: TokenBuckets, client: str, times: int) -> int:
    """How many of so many requests are let through."""
    passed = 0
    for _ in range(times):
        with suppress(AccessError):
            buckets.take(client)
            passed += 1
    return passed


def test_a_minutes_worth_passes_at_once_and_no_more(stopwatch: Stopwatch) -> None:
    buckets = TokenBuckets(60, monotonic=stopwatch)
    assert taken(buckets, "a", 100) == 60


def test_it_fills_again_with_time_but_not_above_its_size(stopwatch: Stopwatch) -> None:
    buckets = TokenBuckets(60, monotonic=stopwatch)
    taken(buckets, "a", 60)
    stopwatch.seconds += 10
    assert taken(buckets, "a", 100) == 10
    stopwatch.seconds += 86_400
    assert taken(buckets, "a", 100) == 60


def test_clients_do_not_share(stopwatch: Stopwatch) -> None:
    buckets = TokenBuckets(1, monotonic=stopwatch)
    assert [taken(buckets, client, 2) for client in ("a", "b")] == [1, 1]


@pytest.mark.parametrize(("per_minute", "seconds"), [(60, 1), (1, 60), (7, 9)])
def test_who_waits_as_told_is_let_in(stopwatch: Stopwatch, per_minute: int, seconds: int) -> None:
    buckets = TokenBuckets(per_minute, monotonic=stopwatch)
    taken(buckets, "a", per_minute)
    with pytest.raises(AccessError) as refused:
        buckets.take("a")
    assert refused.value.values == {"seconds": str(seconds)}
    stopwatch.seconds += seconds
    buckets.take("a")


def test_refused_requests_do_not_make_the_wait_longer(stopwatch: Stopwatch) -> None:
    buckets = TokenBuckets(1, monotonic=stopwatch)
    taken(buckets, "a", 1000)
    stopwatch.seconds += 60
    buckets.take("a")


def test_memory_is_bounded(stopwatch: Stopwatch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_CLIENTS", 3)
    buckets = TokenBuckets(1, monotonic=stopwatch)
    for client in ("a", "b", "c", "a", "d"):
        taken(buckets, client, 1)
    assert len(buckets._buckets) == 3
    assert taken(buckets, "a", 1) == 0, "who came last is remembered"
    assert taken(buckets, "b", 1) == 1, "the longest unseen is forgotten"


# -- who a client is


class Call:
    """As much of a connection as is looked at."""

    def __init__(self, peer: str | None, headers: Mapping[str, str] | None = None) -> None:
        scope: Any = {
            "type": "http",
            "client": (peer, 1) if peer else None,
            "headers": [(k.encode(), v.encode()) for k, v in (headers or {}).items()],
        }
        self.connection: ASGIConnection[Any, Any, Any, Any] = ASGIConnection(scope)


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.1", None, "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", None, "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", None, "2001:db8:1:2::/64"),
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "192.0.2.99, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "a text " * 100, ("a text " * 100).strip()[:64]),
        (None, None, ""),
    ],
    ids=[
        "by its address",
        "by the half of a long address",
        "the same household",
        "a stranger says who he is",
        "our proxy says who it is",
        "a stranger says something to our proxy",
        "our proxy says nothing",
        "not an address",
        "no address",
    ],
)
def test_a_client_is_known_by(peer: str | None, forwarded: str | None, client: str) -> None:
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    found = client_of(Call(peer, headers).connection, frozenset({"10.0.0.1"}))
    assert found == client


# -- lanes


@get("/page", sync_to_thread=False, opt=demands(Permission.ANYONE))
def page() -> str:
    return ""


@get("/proof", sync_to_thread=False, opt=demands(Permission.ANYONE, **{LANE: Lane.PROOFS}))
def proof() -> str:
    return ""


@get("/alive", sync_to_thread=False, opt=demands(Permission.ANYONE, **{LANE: None}))
def alive() -> str:
    return ""


@get("/own", sync_to_thread=False, opt=demands(Permission.OWN_LICENCE))
def own() -> str:
    return ""


@post("/check", status_code=200, sync_to_thread=False, opt=demands(Permission.CHECK))
def check() -> str:
    return ""


@post("/body", status_code=200, sync_to_thread=False, opt=demands(Permission.ANYONE))
def body(body: RawBody) -> int:
    return len(body)


def test_an_officers_doors_have_a_lane_of_their_own() -> None:
    lanes = {handler: lane_of(handler) for handler in (page, proof, alive, own, check)}
    assert list(lanes.values()) == [Lane.PAGES, Lane.PROOFS, None, Lane.PAGES, Lane.CHECKS]


async def gate(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let in whom the header names."""
    if handler.opt.get("permission", Permission.ANYONE) is Permission.ANYONE:
        return
    name = connection.headers.get("who")
    if name is None:
        raise AccessError(ErrorCode.SIGN_IN_NEEDED)
    now = datetime(2026, 6, 1, tzinfo=UTC)
    connection.scope["user"] = Actor(name, "", "", frozenset({Role.OFFICER}), None, now, "")


@pytest.fixture
def town(stopwatch: Stopwatch) -> Any:
    lanes = {lane: TokenBuckets(2, monotonic=stopwatch) for lane in Lane}
    app = Litestar(
        [Router("/", route_handlers=[page, proof, alive, own, check, body])],
        guards=[Rates(lanes).around(gate)],
        exception_handlers=EXCEPTION_HANDLERS,
        openapi_config=None,
        logging_config=None,
    )
    stand_before(app, Bounds())
    with TestClient(app) as client:
        yield client


def statuses(town: Any, method: str, path: str, times: int, **headers: str) -> list[int]:
    return [town.request(method, path, headers=headers).status_code for _ in range(times)]


def test_the_third_request_waits(town: Any) -> None:
    assert statuses(town, "GET", "/page", 2) == [200, 200]
    refused = town.get("/page")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "30")
    assert refused.json()["code"] == "too_many_requests"


def test_lanes_do_not_share(town: Any) -> None:
    assert statuses(town, "GET", "/page", 3)[-1] == 429
    assert statuses(town, "GET", "/proof", 3) == [200, 200, 429]
    assert statuses(town, "POST", "/check", 3, who="li") == [200, 200, 429]


def test_accounts_behind_one_address_do_not_share(town: Any) -> None:
    assert statuses(town, "POST", "/check", 3, who="li") == [200, 200, 429]
    assert statuses(town, "POST", "/check", 2, who="zhao") == [200, 200]


def test_who_is_refused_is_counted_and_the_signed_in_are_not_held_up(town: Any) -> None:
    assert statuses(town, "POST", "/check", 3) == [401, 401, 429]
    assert statuses(town, "POST", "/check", 2, who="li") == [200, 200]


def test_health_is_not_counted(town: Any) -> None:
    assert statuses(town, "GET", "/alive", 9) == [200] * 9


def test_methods_are_not_counted(town: Any) -> None:
    assert statuses(town, "OPTIONS", "/page", 9) == [204] * 9


# -- addresses


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/page?a=" + "b" * 8190, 200, None),
        ("/page?a=" + "b" * 8191, 414, "address_too_long"),
        ("/" + "a" * 2047, 404, "not_found"),
        ("/" + "a" * 2048, 414, "address_too_long"),
        ("/page?" + "&".join(f"a{n}=1" for n in range(33)), 400, "bad_request"),
        ("/page?a=1&a=2", 400, "bad_request"),
        ("/page?a=1&%61=2", 400, "bad_request"),
        ("/page?a=&a=", 400, "bad_request"),
        ("/page?a=%00", 400, "bad_request"),
        ("/page%00", 400, "bad_request"),
        ("/page?a=%ff", 400, "bad_request"),
        ("/%c0%ae", 400, "bad_request"),
        ("/page?a=%e6%a0%b7", 200, None),
    ],
)
def test_an_address(town: Any, address: str, status: int, code: str | None) -> None:
    answer = town.get(address)
    assert answer.status_code == status
    if code:
        assert (answer.json()["code"], answer.headers["content-type"]) == (
            code,
            "application/problem+json",
        )


# -- time


class Hurried(asyncio.SelectorEventLoop):
    """A loop whose clock jumps to the next thing to do, so that nobody waits."""

    def __init__(self) -> None:
        super().__init__()
        self.at = 0.0
        selector: Any = self._selector  # type: ignore[attr-defined]
        look = selector.select

        def select(timeout: float | None) -> Any:
            self.at += timeout or 0.0
            return look(0)

        selector.select = select

    def time(self) -> float:
        return self.at


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run in a thread of its own: the driver of a browser may have left a loop in this one."""

    def act() -> T:
        with asyncio.Runner(loop_factory=Hurried) as runner:
            return runner.run(coroutine)

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(act).result()


async def hand_in(pieces: list[bytes], pause: float) -> int:
    """Send a body piece by piece, and return how much arrived."""
    waiting: asyncio.Queue[Any] = asyncio.Queue()

    async def drip() -> None:
        for piece in pieces:
            await asyncio.sleep(pause)
            await waiting.put({"type": "http.request", "body": piece, "more_body": True})
        await waiting.put({"type": "http.request", "body": b"", "more_body": False})

    dripping = asyncio.create_task(drip())
    receive = limits._in_time(waiting.get)
    octets, more = 0, True
    while more:
        message: Any = await receive()
        octets, more = octets + len(message["body"]), message["more_body"]
    await dripping
    return octets


@pytest.mark.parametrize(
    ("pieces", "pause"),
    [
        ([b"x" * 2000], 9.9),
        ([b"x" * 32_768] * 100, 1.05),
        ([], 0),
    ],
    ids=["a small one on a poor network", "a photograph on a poor network", "none"],
)
def test_a_body_arrives(pieces: list[bytes], pause: float) -> None:
    assert run(hand_in(pieces, pause)) == sum(map(len, pieces))


@pytest.mark.parametrize(
    ("pieces", "pause"),
    [([b"x" * 2000], 10.1), ([b"x"] * 60, 1), ([b"x" * 32_768] * 100, 1.2)],
    ids=["late", "drop by drop", "below the pace"],
)
def test_a_body_does_not_come_in_time(pieces: list[bytes], pause: float) -> None:
    with pytest.raises(JiazhaoError) as refused:
        run(hand_in(pieces, pause))
    assert refused.value.code is ErrorCode.REQUEST_TOO_SLOW


def test_after_the_body_a_handler_may_wait_for_the_client_to_leave() -> None:
    async def listen() -> str:
        messages: asyncio.Queue[Any] = asyncio.Queue()
        await messages.put({"type": "http.request", "body": b"", "more_body": False})
        receive = limits._in_time(messages.get)
        await receive()
        asyncio.get_running_loop().call_later(
            86_400, messages.put_nowait, {"type": "http.disconnect"}
        )
        message: Any = await receive()
        return str(message["type"])

    assert run(listen()) == "http.disconnect"


def test_an_answer_that_nobody_takes_is_given_up() -> None:
    async def send(_message: Message) -> None:
        await asyncio.Event().wait()

    async def answer() -> None:
        await limits._taken(send)({"type": "http.response.body", "body": b"", "more_body": False})

    with pytest.raises(TimeoutError):
        run(answer())


def test_a_slow_client_is_told_so_and_let_go() -> None:
    error = JiazhaoError(ErrorCode.REQUEST_TOO_SLOW)
    assert (STATUS[error.kind], headers_of(error)) == (408, {"connection": "close"})
