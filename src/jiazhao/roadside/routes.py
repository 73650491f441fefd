"""Doors of terminals and shifts, and the guard before every check."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

from anyio import to_thread
from litestar import Router, get, post
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.handlers.base import BaseRouteHandler
from litestar.params import FromPath, JSONBody
from litestar.response import Stream as LitestarStream
from litestar.types import Guard

from jiazhao.errors import Kind
from jiazhao.http.access import WITHOUT_SHIFT, Actor, Permission, demands, permission_of
from jiazhao.http.connections import EVENTS_PATH
from jiazhao.http.openapi import ANSWERS, REFUSES
from jiazhao.roadside.events import Stream, Streams, listener_of
from jiazhao.roadside.messages import (
    Registered,
    Registration,
    RegistrationCode,
    ShiftBegin,
    ShiftBundle,
    TerminalKill,
    TerminalList,
    TerminalWanted,
)
from jiazhao.roadside.shifts import Shifts
from jiazhao.roadside.terminals import Terminals

MAX_BODY = 8 * 1024

EVENT_STREAM = "text/event-stream"
_STREAM = {
    "description": "Events, without an end.",
    "content": {EVENT_STREAM: {"schema": {"type": "string"}}},
}

_SHIFT_NEEDED_FOR = frozenset({Permission.CHECK, Permission.LOOK_UP})


def shift_guard(shifts: Shifts, clock: Callable[[], datetime]) -> Guard:
    """A guard that lets nobody check or look up without an open shift at a living terminal."""

    async def guard(
        connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
    ) -> None:
        if permission_of(handler.opt) not in _SHIFT_NEEDED_FOR or handler.opt.get(WITHOUT_SHIFT):
            return
        await to_thread.run_sync(shifts.require_open, connection.user, clock())

    return guard


# -- at the terminal


@post(
    "/terminals",
    sync_to_thread=True,
    opt=demands(Permission.OPEN_SHIFT),
    request_max_body_size=MAX_BODY,
)
def register(
    data: JSONBody[Registration],
    terminals: NamedDependency[Terminals],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Registered:
    """Make the device that asks a terminal, with the code that the console gave."""
    return terminals.register(data, actor=actor, now=now)


@post(
    "/shifts",
    sync_to_thread=True,
    opt=demands(Permission.OPEN_SHIFT, **{REFUSES: (Kind.NOT_FOUND,)}),
    request_max_body_size=MAX_BODY,
)
def open_shift(
    data: JSONBody[ShiftBegin],
    shifts: NamedDependency[Shifts],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> ShiftBundle:
    """Open a shift: what the terminal needs to judge without a network, and the keys, once."""
    return shifts.open(data, actor=actor, now=now)


@get("/shifts/current", sync_to_thread=True, opt=demands(Permission.OPEN_SHIFT))
def current_shift(
    shifts: NamedDependency[Shifts],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> ShiftBundle:
    """The open shift, up to date, without keys."""
    return shifts.current(actor, now)


@post(
    "/shifts/current/close",
    status_code=204,
    sync_to_thread=True,
    opt=demands(Permission.OPEN_SHIFT),
)
def close_shift(
    shifts: NamedDependency[Shifts],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> None:
    """End the shift."""
    shifts.close(actor, now)


# -- events


def events_route(app: str) -> HTTPRouteHandler:
    """GET /events: what became of what the page shows, while it is open."""

    @get(
        EVENTS_PATH,
        opt=demands(Permission.SIGNED_IN, **{ANSWERS: {200: _STREAM}}),
        media_type=EVENT_STREAM,
    )
    async def events(
        streams: NamedDependency[Streams], actor: NamedDependency[Actor]
    ) -> LitestarStream:
        """Events as they happen: each says what to ask for again, and nothing of anybody."""
        stream = Stream(listener_of(app, actor))
        await to_thread.run_sync(streams.add, stream)

        async def until_it_ends() -> AsyncIterator[bytes]:
            try:
                async for message in stream.messages():
                    yield message
            finally:
                streams.remove(stream)

        # A proxy that collected the answer first would hold every event back.
        return LitestarStream(
            until_it_ends(), media_type=EVENT_STREAM, headers={"x-accel-buffering": "no"}
        )

    return events


# -- at the console


@get("/console/terminals", sync_to_thread=True, opt=demands(Permission.MANAGE_TERMINALS))
def listed(terminals: NamedDependency[Terminals], now: NamedDependency[datetime]) -> TerminalList:
    """Every terminal, those made last first, and who works with it now."""
    return terminals.listed(now)


@post(
    "/console/terminals",
    sync_to_thread=True,
    opt=demands(Permission.MANAGE_TERMINALS),
    request_max_body_size=MAX_BODY,
)
def allow(
    data: JSONBody[TerminalWanted],
    terminals: NamedDependency[Terminals],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> RegistrationCode:
    """Let a unit have a terminal; the code in the answer is told once."""
    return terminals.allow(data, actor=actor, now=now)


@post(
    "/console/terminals/{terminal_id:str}/kill",
    status_code=204,
    sync_to_thread=True,
    opt=demands(Permission.MANAGE_TERMINALS, **{REFUSES: (Kind.NOT_FOUND,)}),
    request_max_body_size=MAX_BODY,
)
def kill(
    terminal_id: FromPath[str],
    data: JSONBody[TerminalKill],
    terminals: NamedDependency[Terminals],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> None:
    """Switch a terminal off for good, with the shift on it."""
    terminals.kill(terminal_id, data, actor=actor, now=now)


terminal_handlers = (register, open_shift, current_shift, close_shift)
console_routes = Router(path="/", route_handlers=[listed, allow, kill])
