"""Ports of loopback for servers under test, apart from those that the system gives out."""

import os
import socket

ORIGINS = 5
_FIRST, _LAST = 10_000, 19_995
"""Below the ports that Linux gives to outgoing connections, and apart from those that the
journeys use."""


def free_ports(number: int = ORIGINS) -> int:
    """The first of consecutive free ports."""
    span = range(_FIRST, _LAST, number)
    start = os.getpid() * 7 % len(span)
    candidates: list[int] = [*span[start:], *span[:start]]
    for port in candidates:
        if all(_is_free(port + offset) for offset in range(number)):
            return port
    raise OSError(f"no {number} consecutive ports are free")


def _is_free(port: int) -> bool:
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                return False
    return True
