"""The npm peers: one Node process each, told by its standard input how often to work."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import goals

FOLDER = Path(__file__).parent.parent / "tests" / "interop" / "npm"
MODULES = {goals.ANIMO: "animo", goals.AUTH0: "auth0", goals.OWF: "owf"}


@dataclass(frozen=True, slots=True)
class NodePeer:
    """A running peer that has its material."""

    peer: str
    version: str
    process: subprocess.Popen[str]

    def subjects(self) -> tuple["PeerWork", ...]:
        """Return its issuing and its verifying as subjects."""
        warm = (
            PeerWork(goals.issued_by(self.peer), self, "issue"),
            PeerWork(goals.verified_by(self.peer), self, "verify"),
        )
        if self.peer != goals.ANIMO:
            return warm
        return (*warm, PeerWork(goals.VERIFY_ANEW_BY_ANIMO, self, "verifyAnew"))

    def take(self, what: str, times: int) -> int:
        """Let the peer work; return the nanoseconds by its own clock."""
        nanoseconds: int = _exchange(self.process, {"what": what, "times": times})["nanoseconds"]
        return nanoseconds


@dataclass(frozen=True, slots=True)
class PeerWork:
    """One operation of a peer, as a subject."""

    name: str
    peer: NodePeer
    what: str

    def take(self, times: int) -> int:
        """Do the work `times` times; return the nanoseconds that it took."""
        return self.peer.take(self.what, times)


@contextmanager
def started(peer: str, material: Mapping[str, Any]) -> Iterator[NodePeer]:
    """Start a peer, give it its material, and end it afterwards."""
    node = shutil.which("node")
    if node is None or not (FOLDER / "node_modules").is_dir():
        raise SystemExit("Node.js and `npm ci` in tests/interop/npm are needed: run `make bench`")
    process = subprocess.Popen(
        [node, "bench.mjs", MODULES[peer]],
        cwd=FOLDER,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield NodePeer(peer, _exchange(process, material)["version"], process)
    finally:
        process.kill()
        process.communicate()


def _exchange(process: subprocess.Popen[str], line: Mapping[str, Any]) -> Any:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(line) + "\n")
    process.stdin.flush()
    answer = process.stdout.readline()
    if not answer:
        raise SystemExit("a peer stopped; its error stands above")
    return json.loads(answer)
