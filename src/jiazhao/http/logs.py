"""JSON logs, one line an event, in UTC; only fields of a fixed list are ever written.

What is not on the list is dropped, so that a careless call cannot leak a person.
"""

import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog

FIELDS = frozenset(
    {
        "event", "level", "timestamp", "logger", "application", "route", "method", "status",
        "milliseconds", "trace", "error", "exception", "role", "verdict", "count", "seconds",
        "list_id", "generation", "holders", "port", "version",
    }
)  # fmt: skip


def only_known_fields(
    _logger: Any, _name: str, event: MutableMapping[str, Any]
) -> Mapping[str, Any]:
    """Drop every field that the list does not name."""
    return {name: value for name, value in event.items() if name in FIELDS}


def configure(stream: TextIO | None = None) -> None:
    """Write JSON lines to `stream`, standard error if none is given."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(_frames_without_values),
            only_known_fields,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.WriteLoggerFactory(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )


def _frames_without_values(exc_info: Any) -> str:
    """Where it happened, without the message: messages of drivers quote values."""
    _, error, traceback = exc_info
    frames = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        frames.append(f"{code.co_filename.rpartition('jiazhao/')[2]}:{traceback.tb_lineno}")
        traceback = traceback.tb_next
    return f"{type(error).__name__} at {' < '.join(reversed(frames[-12:]))}"
