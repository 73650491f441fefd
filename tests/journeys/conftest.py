"""People at the doors of the running system, and the command at its operator's hand."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
import structlog

from jiazhao.cli import main
from tests.journeys.visitors import Guests
from tests.live_server import LiveServer


@pytest.fixture
def guests(live_server: LiveServer) -> Iterator[Guests]:
    """Let people come to the running system."""
    guests = Guests(live_server)
    yield guests
    guests.close()


@dataclass(frozen=True, slots=True)
class Done:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.out)

    @property
    def sentence(self) -> str:
        """What it complained of, on one line however narrow the terminal."""
        return " ".join(self.err.split())


Command = Callable[..., Done]


@pytest.fixture
def jiazhao(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Command]:
    """Run `jiazhao ARGS` within this process, for a start of its own takes seconds."""

    def run(*args: object, stdin: bytes = b"", config: Path | None = None) -> Done:
        words = ["jiazhao", *map(str, args)]
        if config is not None:
            words += ["--config", str(config)]
        capsys.readouterr()
        monkeypatch.setattr("sys.argv", words)
        monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Done(ended.value.code, said.out, said.err)

    yield run
    structlog.reset_defaults()  # the command writes its log to where it was run
