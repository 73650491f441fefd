"""Bounds on what one client may ask of us: addresses, time to send a body, requests a minute.

The size of a body is bounded by each route (`request_max_body_size`), the head of a request by
the server's protocol (`http/connections.py`).

Requests are counted in the memory of one process: several processes each grant the whole rate,
and a restart forgets. That holds floods off; a secret that could be guessed is guarded by its
own count in the database (`issuance/store/`).
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address, ip_network
from math import ceil
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.handlers.base import BaseRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Guard, HTTPReceiveMessage, Message, Receive, Scope, Send

from jiazhao.errors import AccessError, ErrorCode, JiazhaoError
from jiazhao.http.access import Actor, Permission, permission_of
from jiazhao.http.problems import answer, new_trace

Connection = ASGIConnection[Any, Any, Any, Any]

# -- rates


class Lane(StrEnum):
    """What is counted together, so that one use cannot starve another."""

    PAGES = "pages"
    """Everything that names no other lane."""
    CHECKS = "checks"
    """An officer at work: no flood at the wallet's doors may hold it up."""
    PROOFS = "proofs"
    """Where a secret could be guessed: sign-in and the token endpoint."""
    PHOTOS = "photos"
    """Where a picture is decoded and measured, which costs half a second of a core."""


LANE = "lane"
"""Key of `opt`: the lane of a route; None is not counted at all."""

_LANE_OF = {Permission.CHECK: Lane.CHECKS, Permission.LOOK_UP: Lane.CHECKS}

MAX_CLIENTS = 50_000
"""Clients remembered in each lane, some 10 MB in all; the longest unseen are forgotten first."""


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class TokenBuckets:
    """So many requests a minute for each client, all at once if need be.

    `monotonic` gives seconds.
    """

    def __init__(self, per_minute: int, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._size = float(per_minute)
        self._rate = per_minute / 60
        self._monotonic = monotonic
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, client: str) -> None:
        """Count one request of `client`; raises `AccessError` where it is one too many."""
        now = self._monotonic()
        bucket = self._buckets.setdefault(client, _Bucket(self._size, now))
        bucket.tokens = min(self._size, bucket.tokens + (now - bucket.at) * self._rate)
        bucket.at = now
        self._buckets.move_to_end(client)
        while len(self._buckets) > MAX_CLIENTS:
            self._buckets.popitem(last=False)
        if bucket.tokens < 1:
            seconds = ceil((1 - bucket.tokens) / self._rate)
            raise AccessError(ErrorCode.TOO_MANY_REQUESTS, seconds=str(seconds))
        bucket.tokens -= 1


@dataclass(frozen=True, slots=True)
class Rates:
    """The buckets of every lane, and the guard that fills from them."""

    lanes: Mapping[Lane, TokenBuckets]
    proxies: frozenset[str] = frozenset()
    """Addresses of the proxies in front, which alone may say who a client is."""

    def around(self, gate: Guard) -> Guard:
        """A guard that counts, with `gate` in its middle.

        Who is signed in is counted by account: a whole station sits behind one address. All
        others, also those whom the gate refuses, are counted by address.
        """

        async def guard(connection: Connection, handler: BaseRouteHandler) -> None:
            lane = lane_of(handler)
            if lane is None:
                await _run(gate, connection, handler)
                return
            buckets = self.lanes[lane]
            address = client_of(connection, self.proxies)
            if permission_of(handler.opt) is Permission.ANYONE:
                buckets.take(address)
                await _run(gate, connection, handler)
                return
            try:
                await _run(gate, connection, handler)
            except AccessError:
                buckets.take(address)
                raise
            actor = connection.scope.get("user")
            buckets.take(actor.account_id if isinstance(actor, Actor) else address)

        return guard


async def _run(gate: Guard, connection: Connection, handler: BaseRouteHandler) -> None:
    waiting = gate(connection, handler)
    if waiting is not None:
        await waiting


def lane_of(handler: BaseRouteHandler) -> Lane | None:
    """The lane of a route: the one that it names, or the one of what it demands."""
    if LANE in handler.opt or getattr(handler, "http_methods", ()) == {"OPTIONS"}:
        lane: Lane | None = handler.opt.get(LANE)
        return lane
    permission = permission_of(handler.opt)
    return Lane.PAGES if permission is None else _LANE_OF.get(permission, Lane.PAGES)


def client_of(connection: Connection, proxies: frozenset[str]) -> str:
    """The address that a client is counted by; of IPv6 the half that a household has."""
    peer = connection.client.host if connection.client else ""
    if peer in proxies:
        # The last one is what our own proxy saw; those before it the client may have made up.
        peer = connection.headers.get("x-forwarded-for", peer).rpartition(",")[2].strip()
    try:
        address = ip_address(peer)
    except ValueError:
        return peer[:64]
    if address.version == 6:
        return str(ip_network((address, 64), strict=False))
    return str(address)


# -- addresses and time

MAX_PATH_BYTES = 2048
"""Far above our longest path; browsers and proxies take about 8 kB in all."""

MAX_QUERY_BYTES = 8192
"""An answer of an identity provider carries a code and a state of some hundred bytes each."""

MAX_QUERY_FIELDS = 32

BODY_SECONDS = 10.0
"""A body of a few kilobytes has come by then on any network that a page can be used on."""

BODY_BYTES_A_SECOND = 32 * 1024
"""Each that came gives a second more: a photograph over a poor mobile network arrives."""

ANSWER_SECONDS = 30.0
"""A client that takes nothing of its answer for so long has gone, or means harm."""


class Bounds(ASGIMiddleware):
    """Refuses addresses that no page of ours makes, and ends what takes too long."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Bound one request."""
        try:
            _check_address(scope)
        except JiazhaoError as error:
            request = Request[Any, Any, Any](scope)
            response = answer(request, error, new_trace())
            await response.to_asgi_response(app=None, request=request)(scope, receive, send)
            return
        await next_app(scope, _in_time(receive), _taken(send))


def _check_address(scope: Scope) -> None:
    path, _, _ = (scope.get("raw_path") or scope["path"].encode()).partition(b"?")
    query: bytes = scope.get("query_string", b"")
    for part, limit in ((path, MAX_PATH_BYTES), (query, MAX_QUERY_BYTES)):
        if len(part) > limit:
            raise JiazhaoError(ErrorCode.ADDRESS_TOO_LONG, limit=str(limit))
        if not _is_text(part):
            raise JiazhaoError(ErrorCode.BAD_REQUEST, field="URL")
    try:
        fields = parse_qsl(
            query.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_QUERY_FIELDS
        )
    except ValueError as error:
        raise JiazhaoError(ErrorCode.BAD_REQUEST, field="URL") from error
    if len(dict(fields)) != len(fields):
        # Which of two counts is a matter of taste, so that a filter and we could differ.
        raise JiazhaoError(ErrorCode.BAD_REQUEST, field="URL")


def _is_text(part: bytes) -> bool:
    octets = unquote_to_bytes(part)
    try:
        octets.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in octets and part.isascii()


def _in_time(receive: Receive) -> Receive:
    """Hand on the body while it comes at a fair pace; what follows it is waited for at will."""
    until: float | None = None
    complete = False

    async def receive_in_time() -> HTTPReceiveMessage:
        nonlocal until, complete
        if complete:
            return await receive()  # type: ignore[return-value]
        now = asyncio.get_running_loop().time()
        until = now + BODY_SECONDS if until is None else until
        try:
            async with asyncio.timeout_at(until):
                message: Any = await receive()
        except TimeoutError:
            raise JiazhaoError(ErrorCode.REQUEST_TOO_SLOW) from None
        until += len(message.get("body", b"")) / BODY_BYTES_A_SECOND
        complete = not message.get("more_body", False)
        return message  # type: ignore[no-any-return]

    return receive_in_time


def _taken(send: Send) -> Send:
    """Hand on the answer while the client takes it."""

    async def send_in_time(message: Message) -> None:
        async with asyncio.timeout(ANSWER_SECONDS):
            await send(message)

    return send_in_time
