"""Events to open pages (server-sent events, HTML 9.2): "something changed, ask again".

An event names what to ask for and nothing of anybody. One thread of the process looks into the
register, for all pages together, each second while any is open; what it looks at are marks that
change when something does, so that processes need not tell each other.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import msgspec
import structlog

from jiazhao.errors import ErrorCode, JiazhaoError
from jiazhao.http.access import Actor
from jiazhao.http.logs import place_of
from jiazhao.storage.engine import Connection, Database

log = structlog.get_logger(__name__)

MAX_STREAMS: Final = 256
"""Open pages of one process: each holds a connection, of which an origin has 512."""

MAX_STREAMS_OF_ACCOUNT: Final = 4
"""A phone and some tabs; with one more the oldest ends, so that a reload is never shut out."""

LOOK_SECONDS: Final = 1.0
HEARTBEAT_SECONDS: Final = 15.0
"""Below what proxies and mobile networks take for silence."""

Mark = tuple[object, Mapping[str, Any]]
"""What changes when something does, and what an event then says."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Whose page it is."""

    app: str
    account_id: str
    holder_id: str | None
    session_id: str = field(repr=False)


Marks = Mapping[Listener, Mark]
Watch = Callable[[Connection, Collection[Listener], datetime], Marks]
"""The marks of some listeners; one that is not in it has none."""

LiveSessions = Callable[[Connection, Collection[str], datetime], Collection[str]]
"""Which of some sessions live; asking is no use of them."""


class Stream:
    """One open page; made in its event loop, fed from the thread that looks."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.marks: dict[str, object] = {}
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.Queue[bytes | None] = asyncio.Queue()

    def tell(self, message: bytes | None) -> None:
        """Send a message, or end the stream; from any thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._waiting.put_nowait, message)

    async def messages(self) -> AsyncIterator[bytes]:
        """The lines to send until the stream ends; a comment now and then keeps it open."""
        yield b"retry: 3000\n\n"
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    message = await self._waiting.get()
            except TimeoutError:
                yield b":\n\n"
                continue
            if message is None:
                return
            yield message


class Streams:
    """The open pages of this process.

    `watches` say by the name of the application and of the event what to look at.
    """

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        *,
        sessions: LiveSessions,
        watches: Mapping[str, Mapping[str, Watch]],
    ) -> None:
        self._database, self._clock = database, clock
        self._sessions, self._watches = sessions, watches
        self._lock = threading.Lock()
        self._streams: list[Stream] = []
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()

    def add(self, stream: Stream) -> None:
        """Let a page listen from now on; raises `JiazhaoError` where there are too many.

        What it is compared with is looked at here, so that nothing is missed that changes after.
        """
        with self._database.reading() as db:
            self._look(db, [stream], self._clock())
        if self._stopped.is_set():
            stream.tell(None)
            return
        with self._lock:
            if len(self._streams) >= MAX_STREAMS:
                raise JiazhaoError(ErrorCode.SERVICE_UNAVAILABLE)
            account = stream.listener.account_id
            own = [one for one in self._streams if one.listener.account_id == account]
            for oldest in own[: max(0, len(own) + 1 - MAX_STREAMS_OF_ACCOUNT)]:
                oldest.tell(None)
                self._streams.remove(oldest)
            self._streams.append(stream)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="events", daemon=True)
                self._thread.start()

    def remove(self, stream: Stream) -> None:
        """Forget a page that has gone."""
        with self._lock:
            if stream in self._streams:
                self._streams.remove(stream)

    def close(self) -> None:
        """End every stream, and the thread."""
        self._stopped.set()
        with self._lock:
            thread = self._thread
            for stream in self._streams:
                stream.tell(None)
        if thread is not None:
            thread.join()

    def __len__(self) -> int:
        return len(self._streams)

    def _run(self) -> None:
        while not self._stopped.wait(LOOK_SECONDS):
            with self._lock:
                streams = list(self._streams)
                if not streams:
                    self._thread = None
                    return
            try:
                self._look_at_all(streams)
            except Exception as error:  # noqa: BLE001 - whatever it was, the next look tries again
                log.error("events_not_looked_at", exception=place_of(error))

    def _look_at_all(self, streams: list[Stream]) -> None:
        now = self._clock()
        with self._database.reading() as db:
            asked = {stream.listener.session_id for stream in streams}
            live = frozenset(self._sessions(db, asked, now))
            for stream in streams:
                if stream.listener.session_id not in live:
                    stream.tell(None)
                    self.remove(stream)
            self._look(db, [one for one in streams if one.listener.session_id in live], now)

    def _look(self, db: Connection, streams: list[Stream], now: datetime) -> None:
        for app, watches in self._watches.items():
            own = [stream for stream in streams if stream.listener.app == app]
            listeners = {stream.listener for stream in own}
            for event, watch in watches.items() if own else ():
                marks = watch(db, listeners, now)
                for stream in own:
                    if stream.listener in marks:
                        _compare(stream, event, marks[stream.listener])


def _compare(stream: Stream, event: str, mark: Mark) -> None:
    sign, said = mark
    known = event in stream.marks
    if known and stream.marks[event] != sign:
        stream.tell(f"event: {event}\ndata: ".encode() + msgspec.json.encode(said) + b"\n\n")
    stream.marks[event] = sign


def listener_of(app: str, actor: Actor) -> Listener:
    """Whose page asks."""
    return Listener(app, actor.account_id, actor.holder_id, actor.session_id)
