"""What every verb shares: options, how it prints, what it opens and reads."""

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import msgspec
import typer
from rich.console import Console

from jiazhao import app as composition
from jiazhao import demo as demonstration
from jiazhao.config import Config, load
from jiazhao.errors import ConfigurationError, ErrorCode, UnreadableError

# Names of files and people may hold brackets: nothing of a text is markup.
out = Console(highlight=False, markup=False)
err = Console(stderr=True, highlight=False, markup=False)

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        envvar="JIAZHAO_CONFIG",
        help="Configuration file; else ./jiazhao.toml, else the demo's var/demo/jiazhao.toml.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def find_config(given: Path | None) -> Config:
    """The configuration that is meant."""
    if given is not None:
        return load(given)
    for path in (Path("jiazhao.toml"), Path("var/demo/jiazhao.toml")):
        if path.exists():
            return load(path)
    raise ConfigurationError(
        ErrorCode.BAD_CONFIGURATION,
        key="--config",
        reason="no jiazhao.toml here; run `make demo` first, or name one / 未找到配置文件",
    )


def open_house(config: Path | None) -> composition.House:
    """All services of the configured deployment."""
    settings = find_config(config)
    return composition.build(settings, demonstration.clock_of(settings))


def show(value: Any, *, as_json: bool, plain: Callable[[], None]) -> None:
    """Print as JSON or in plain words."""
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n")
    else:
        plain()


def opened(file: Path) -> BinaryIO:
    """A file to read, or standard input."""
    if str(file) == "-":
        return sys.stdin.buffer
    try:
        return file.open("rb")
    except OSError as error:
        raise on_file(ErrorCode.UNREADABLE, file, error) from error


def on_file(code: ErrorCode, file: Path, error: OSError) -> UnreadableError:
    """What the system said of a file, without its folder."""
    return UnreadableError(code, what=file.name, reason=error.strerror or type(error).__name__)


def bounded(file: Path, limit: int) -> bytes:
    """Read a file that may not be larger than `limit`."""
    try:
        with file.open("rb") as stream:
            octets = stream.read(limit + 1)
    except OSError as error:
        raise on_file(ErrorCode.UNREADABLE, file, error) from error
    if not octets:
        raise UnreadableError(ErrorCode.UNREADABLE, what=file.name, reason="empty / 空文件")
    if len(octets) > limit:
        raise UnreadableError(ErrorCode.LIMIT_EXCEEDED, what=file.name, limit=f"{limit} bytes")
    return octets


def instant(text: str | None) -> datetime | None:
    """A moment in UTC; one without an offset means nothing."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise typer.BadParameter("the offset is missing, e.g. +08:00")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter("ISO 8601, e.g. 2025-03-04T10:00:00+08:00") from error


def day_of(text: str | None) -> date | None:
    """A day of the calendar."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter("YYYY-MM-DD") from error
