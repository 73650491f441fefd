"""Ports of loopback for servers under test, held for as long as this process lives.

A port that is merely free now may be another gate's by the time the server starts; then both
would speak to one server and wonder.
"""

import fcntl
import os
import socket
import tempfile
from pathlib import Path

ORIGINS = 5
_FIRST, _LAST = 10_000, 19_995
"""Below the ports that Linux gives to outgoing connections, and apart from those that the
journeys use."""

_held: list[int] = []
"""Descriptors of lock files; the locks end with the process."""


def free_ports(number: int = ORIGINS) -> int:
    """The first of consecutive ports that are free and that no other gate gets."""
    span = range(_FIRST, _LAST, number)
    start = os.getpid() * 7 % len(span)
    candidates: list[int] = [*span[start:], *span[:start]]
    for port in candidates:
        if _hold(port) and all(_is_free(port + offset) for offset in range(number)):
            return port
    raise OSError(f"no {number} consecutive ports are free")


def _hold(port: int) -> bool:
    path = Path(tempfile.gettempdir()) / f"jiazhao-port-{port}.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return False
    _held.append(descriptor)
    return True


def _is_free(port: int) -> bool:
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                return False
    return True
