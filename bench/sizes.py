"""What each app takes over the wire: all that its page needs, as the server sends it.

Bodies alone, in the coding that a browser of today asks for; headers come on top, some hundred
octets a file.
"""

import gzip
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gates import defects
from gates.deployment import Deployment, prepare
from gates.launcher import Launcher
from jiazhao.app import ASKED_FOR, WEB
from jiazhao.http.installed import shell_of

APPS = ("wallet", "terminal", "console")
HOLDERS = 12
_TAKEN = {"accept-encoding": "gzip, br, zstd"}


@dataclass(frozen=True, slots=True)
class AppSize:
    """One app, loaded for the first time."""

    name: str
    files: int
    octets: int
    """As sent."""
    unpacked: int
    by_type: Mapping[str, int]
    """As sent, by content type, the greatest first."""

    def lines(self) -> Iterator[str]:
        """Tell it to people."""
        kinds = ", ".join(f"{kind} {sent:,}" for kind, sent in self.by_type.items())
        told = f"  {self.name:<10}{self.octets:>10,} octets in {self.files} files"
        yield f"{told}, {self.unpacked:,} unpacked: {kinds}"


@dataclass(frozen=True, slots=True)
class Sizes:
    """All apps."""

    apps: tuple[AppSize, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it for machines."""
        return asdict(self)

    def lines(self) -> Iterable[str]:
        """Tell it to people."""
        yield "Over the wire, the first time that an app is opened:"
        for each in self.apps:
            yield from each.lines()


def measure(folder: Path) -> Sizes:
    """Serve the apps, and load each."""
    deployment = prepare(folder / "pages", holders=HOLDERS)
    with Launcher() as launcher:
        server = launcher.start(deployment, defects.NO_WORKER)
        server.wait_ready()
        apps = tuple(_loaded(deployment, name) for name in APPS)
        server.stop()
    return Sizes(apps)


def _loaded(deployment: Deployment, name: str) -> AppSize:
    sent: dict[str, int] = {}
    unpacked = 0
    paths = list(shell_of(WEB, name, ASKED_FOR.get(name, ())))
    for path in paths:
        address = f"{deployment.origin(name)}{path}"
        request = urllib.request.Request(address, headers=_TAKEN)  # noqa: S310 - our own server
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own server
            body, headers = answer.read(), answer.headers
        kind = headers.get_content_type()
        sent[kind] = sent.get(kind, 0) + len(body)
        packed = headers["content-encoding"] == "gzip"
        unpacked += len(gzip.decompress(body)) if packed else len(body)
    by_type = dict(sorted(sent.items(), key=_most, reverse=True))
    return AppSize(name, len(paths), sum(sent.values()), unpacked, by_type)


def _most(sent: tuple[str, int]) -> int:
    return sent[1]
