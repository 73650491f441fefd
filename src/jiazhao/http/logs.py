"""JSON logs, one line an event, in UTC; only fields of a fixed list are ever written.

What is not on the list is dropped, so that a careless call cannot leak a person. Libraries write
free text, which may quote values: of theirs only the name, the level and the place are kept.
"""

import logging
import sys
import threading
from collections.abc import Mapping, MutableMapping
from types import TracebackType
from typing import Any, TextIO

import structlog

FIELDS = frozenset(
    {
        "event", "level", "timestamp", "logger", "application", "app", "route", "method",
        "status", "milliseconds", "trace", "code", "error", "exception", "step", "role",
        "verdict", "count", "seconds", "list_id", "generation", "holders", "change", "client",
        "account", "by", "port", "version", "terminal",
    }
)  # fmt: skip
"""`account` and `by` are keyed hashes: they tell two people apart and name neither.
`client` is a client of the identity provider, `change` a row of the change feed."""

MAX_VALUE_CHARS = 1000
"""A line stays readable, whatever a field is given."""

log = structlog.get_logger(__name__)


def only_known_fields(
    _logger: Any, _name: str, event: MutableMapping[str, Any]
) -> Mapping[str, Any]:
    """Drop every field that the list does not name, and cut what is too long."""
    return {
        name: value[:MAX_VALUE_CHARS] if isinstance(value, str) else value
        for name, value in event.items()
        if name in FIELDS
    }


def configure(stream: TextIO | None = None) -> None:
    """Write JSON lines to `stream`, standard error if none is given.

    Everything goes there: our events, what libraries say, and what brings the process down.
    """
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(lambda exc_info: place_of(exc_info[1])),
            only_known_fields,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.WriteLoggerFactory(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[_Libraries()], level=logging.WARNING, force=True)
    sys.excepthook = _on_crash
    threading.excepthook = _on_crash_of_thread


class _Libraries(logging.Handler):
    """What libraries log, without their words."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        write = log.error if record.levelno >= logging.ERROR else log.warning
        more = {"exc_info": record.exc_info} if record.exc_info else {}
        write("library", logger=record.name, **more)


def _on_crash(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, traceback)
        return
    log.critical("crashed", error=kind.__name__, exc_info=(kind, error, traceback))


def _on_crash_of_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        _on_crash(args.exc_type, args.exc_value, args.exc_traceback)


def place_of(error: BaseException) -> str:
    """Where it happened, without the message: messages of drivers quote values."""
    frames, traceback = [], error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        frames.append(f"{code.co_filename.rpartition('jiazhao/')[2]}:{traceback.tb_lineno}")
        traceback = traceback.tb_next
    return f"{type(error).__name__} at {' < '.join(reversed(frames[-12:]))}"
