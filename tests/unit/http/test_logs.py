"""A log line holds fields of a fixed list and nothing of anybody, whatever goes wrong."""

import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from jiazhao.http import logs

CANARY = "990101199001011237"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Collect what is logged, and leave logging as it was."""
    root, hooks = logging.getLogger(), (sys.excepthook, threading.excepthook)
    handlers, level, settings = root.handlers[:], root.level, structlog.get_config()
    stream = io.StringIO()
    logs.configure(stream)
    yield stream
    structlog.configure(**settings)
    root.handlers[:] = handlers
    root.setLevel(level)
    sys.excepthook, threading.excepthook = hooks


def lines(written: io.StringIO) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in written.getvalue().splitlines()]
    assert all(set(line) <= logs.FIELDS for line in found)
    assert CANARY not in written.getvalue()
    return found


def test_a_line_says_what_when_and_how_grave(written: io.StringIO) -> None:
    structlog.get_logger().info("request", route="/wallet/licence", status=200)
    (line,) = lines(written)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "request",
        "level": "info",
        "route": "/wallet/licence",
        "status": 200,
    }


def test_a_field_that_nobody_listed_is_dropped(written: io.StringIO) -> None:
    structlog.get_logger().info("request", name="王样本", number=CANARY, path=f"/x/{CANARY}")
    assert set(lines(written)[0]) == {"event", "level", "timestamp"}


def test_a_line_stays_one_line_of_bounded_length(written: io.StringIO) -> None:
    structlog.get_logger().warning("request", route='a\n{"event":"forged"}\r\n' + "b" * 10_000)
    (line,) = lines(written)
    assert len(line["route"]) == logs.MAX_VALUE_CHARS


def fail_in_a_driver() -> None:
    with create_engine("sqlite://").connect() as db:
        db.execute(text(f"SELECT '{CANARY}' FROM nowhere WHERE number = :n"), {"n": CANARY})


def test_an_error_names_its_place_and_repeats_nothing(written: io.StringIO) -> None:
    with pytest.raises(OperationalError, match=CANARY) as failed:
        fail_in_a_driver()
    structlog.get_logger().error("server_fault", exc_info=failed.value)
    (line,) = lines(written)
    assert line["exception"].startswith("OperationalError at ")
    assert "test_logs.py" in line["exception"]


def test_a_library_is_named_and_not_quoted(written: io.StringIO) -> None:
    logging.getLogger("some.library").warning("could not store %s", CANARY)
    logging.getLogger("some.library").info("too quiet")
    try:
        raise ValueError(CANARY)
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in %s", CANARY)
    warned, failed = lines(written)
    assert (warned["event"], warned["level"], warned["logger"]) == (
        "library",
        "warning",
        "some.library",
    )
    assert (failed["level"], failed["logger"]) == ("error", "uvicorn.error")
    assert failed["exception"].startswith("ValueError at ")


def test_what_ends_the_process_is_a_line_as_well(
    written: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    error = ValueError(CANARY)
    sys.excepthook(ValueError, error, None)
    (line,) = lines(written)
    assert (line["event"], line["error"], line["level"]) == ("crashed", "ValueError", "critical")
    assert CANARY not in "".join(capsys.readouterr())


def test_what_ends_a_thread_is_a_line_as_well(
    written: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise ValueError(CANARY)

    # Pytest puts its own hook in the place of ours while a test runs.
    threading.excepthook = logs._on_crash_of_thread
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    (line,) = lines(written)
    assert (line["event"], line["error"]) == ("crashed", "ValueError")
    assert CANARY not in "".join(capsys.readouterr())


def test_an_interrupt_is_not_a_crash(written: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(sys, "__excepthook__", lambda *args: seen.append(args[0]))
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert (seen, lines(written)) == ([KeyboardInterrupt], [])
