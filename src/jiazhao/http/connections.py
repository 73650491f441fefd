"""Bounds on a connection before there is a request: how many, how long, how large a head.

The server's own protocol waits for ever for the first byte of a request and for the last of its
head, and takes a head of any size ("slowloris"). Once the head is there, `http/limits.py` takes
over.
"""

import asyncio
from asyncio import TimerHandle

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from jiazhao.errors import ErrorCode, JiazhaoError
from jiazhao.http.headers import FIXED
from jiazhao.http.problems import PROBLEM, headers_of, new_trace, problem_of

MAX_HEAD_BYTES = 32 * 1024
"""The address and all header fields; browsers send some 2 kB, with all our cookies."""

MAX_HEADER_FIELDS = 100

HEAD_SECONDS = 10.0
"""From connecting, or from the first byte of a later request, to the end of the head."""

KEEP_ALIVE_SECONDS = 15
"""A connection is closed this long after its last answer."""

MAX_CONNECTIONS = 512
"""At one origin. Each is a file descriptor, of which a process often has 1024 for everything."""

EVENTS_PATH = "/events"
"""The door whose answer has no end: a stop of the server does not wait for it."""

_HEAD_TOO_LARGE = "431 Request Header Fields Too Large"


class BoundedProtocol(HttpToolsProtocol):
    """HTTP/1.1 with bounds; every refusal is a problem document, and ends the connection."""

    _head_bytes = 0
    _head_under_way = True
    _head_timer: TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, or say that there are too many."""
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS:
            self._refuse("503 Service Unavailable", JiazhaoError(ErrorCode.SERVICE_UNAVAILABLE))
        else:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, while the head is within its bounds."""
        if self.transport.is_closing():
            return
        if self._head_under_way:
            self._head_bytes += len(data)
        super().data_received(data)
        if self.transport.is_closing() or not self._head_under_way:
            return
        if self._head_bytes > MAX_HEAD_BYTES:
            self._refuse_head()
        elif self._is_idle and self.timeout_keep_alive_task is None:
            # A next request begins, or bytes came that begin none.
            self._await_head()

    def on_headers_complete(self) -> None:
        """The head is there; a refused one never becomes a request."""
        self._stop_waiting()
        self._head_under_way, self._head_bytes = False, 0
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > MAX_HEAD_BYTES or len(self.headers) > MAX_HEADER_FIELDS:
            self._refuse_head()
            return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        if not self.transport.is_closing():
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is complete."""
        self._head_under_way = True
        if not self.transport.is_closing():
            super().on_message_complete()

    def shutdown(self) -> None:
        """Let the request under way finish; a stream of events, which would not, ends here."""
        cycle: RequestResponseCycle | None = self.cycle  # None before the first request
        if cycle is not None and cycle.scope["path"] == EVENTS_PATH:
            self.transport.close()
        else:
            super().shutdown()

    def send_400_response(self, msg: str) -> None:
        """What came is not HTTP."""
        if not self.transport.is_closing():
            error = JiazhaoError(ErrorCode.BAD_REQUEST, field="HTTP")
            self._refuse("400 Bad Request", error)

    @property
    def _is_idle(self) -> bool:
        return bool(getattr(self.cycle, "response_complete", True))  # None before the first

    def _await_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        """Close without a word: whoever sends no request waits for no answer."""
        self._head_timer = None
        if not self.transport.is_closing():
            self.transport.close()

    def _refuse_head(self) -> None:
        limit = f"{MAX_HEAD_BYTES} bytes, {MAX_HEADER_FIELDS} fields"
        error = JiazhaoError(ErrorCode.LIMIT_EXCEEDED, what="HTTP head", limit=limit)
        self._refuse(_HEAD_TOO_LARGE, error)

    def _refuse(self, status: str, error: JiazhaoError) -> None:
        problem = problem_of(error, english=False, trace=new_trace())
        problem.status = int(status[:3])
        body = msgspec.json.encode(problem)
        fields = {
            **FIXED,
            **headers_of(error),
            "cache-control": "no-store",
            "content-type": PROBLEM,
            "content-length": str(len(body)),
            "connection": "close",
        }
        head = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in fields.items())]
        self._stop_waiting()
        self.transport.write("\r\n".join([*head, "", ""]).encode("ascii") + body)
        self.transport.close()
