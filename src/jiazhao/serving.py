"""Several origins served by one process: each its own application on its own port."""

import asyncio
import contextlib
import signal
import socket
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import uvicorn

from jiazhao.config import Config
from jiazhao.errors import ConfigurationError, ErrorCode
from jiazhao.http.connections import KEEP_ALIVE_SECONDS, BoundedProtocol
from jiazhao.worker import HEARTBEAT, Worker

ORIGINS = ("wallet", "terminal", "verifier", "console", "identity")
"""In the order of their ports from the first one on; the verifier's portal is not served yet, and
the identity provider by the demonstration only."""

BACKLOG = 256
GRACE_SECONDS = 5
"""Requests under way may finish this long after a stop is asked for."""


@dataclass(frozen=True, slots=True)
class Served:
    """An application and the loopback address at which it listens."""

    name: str
    host: str
    port: int
    application: Any


def listening_at(config: Config, name: str) -> tuple[str, int]:
    """Host and port at which one origin is served, behind a proxy or not."""
    if config.listen_port is None:
        return address_of(config.origins[name])
    return "localhost", config.listen_port + ORIGINS.index(name)


def address_of(origin: str) -> tuple[str, int]:
    """Host and port at which an origin on loopback is served."""
    parts = urlsplit(origin)
    return parts.hostname or "localhost", parts.port or (443 if parts.scheme == "https" else 80)


class _Server(uvicorn.Server):
    """A server that leaves signals to the one place that stops all of them."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def bind(host: str, port: int) -> list[socket.socket]:
    """Listen on every loopback address of `host`, or say plainly that the port is taken."""
    sockets: list[socket.socket] = []
    addresses = ["127.0.0.1", "::1"] if host == "localhost" else [host]
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address, port))
        except OSError as error:
            listener.close()
            if family is socket.AF_INET6 and sockets:
                continue  # A machine without IPv6 serves IPv4 alone.
            raise ConfigurationError(
                ErrorCode.BAD_CONFIGURATION, key=f"port {port}", reason="in use / 端口已被占用"
            ) from error
        listener.listen(BACKLOG)
        sockets.append(listener)
    return sockets


def serve(
    served: Mapping[str, Served], worker: Worker | None, *, seconds: float, state: Path
) -> None:
    """Serve until SIGINT or SIGTERM; the worker runs beside if given."""
    listeners = {name: bind(one.host, one.port) for name, one in served.items()}
    stop = threading.Event()
    thread = None
    if worker is not None:
        thread = threading.Thread(
            target=worker.run,
            args=(stop,),
            kwargs={"seconds": seconds, "heartbeat": state / HEARTBEAT},
            name="worker",
        )
        thread.start()
    try:
        asyncio.run(_serve(served, listeners))
    finally:
        stop.set()
        if thread is not None:
            thread.join()


async def _serve(
    served: Mapping[str, Served], listeners: Mapping[str, list[socket.socket]]
) -> None:
    servers = [
        (_Server(settings_of(one.application)), listeners[name]) for name, one in served.items()
    ]

    def finish() -> None:
        for server, _ in servers:
            server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, finish)
    await asyncio.gather(*(server.serve(sockets=sockets) for server, sockets in servers))


def settings_of(application: Any) -> uvicorn.Config:
    """How an application is served."""
    return uvicorn.Config(
        application,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        http=BoundedProtocol,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        # Who the client is behind a proxy is decided in one place, http/limits.py.
        proxy_headers=False,
        loop="uvloop" if sys.platform != "win32" else "asyncio",
    )
