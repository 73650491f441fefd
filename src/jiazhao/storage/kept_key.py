"""Secrets of 32 octets that are made on the first start and never change, each in a file.

A file that others can read is refused: whoever could read it may have done so.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from jiazhao.errors import ConfigurationError, ErrorCode

_OCTETS = 32


def open_kept_key(folder: Path, name: str) -> bytes:
    """Read the key, or make it on the first start.

    Raises `ConfigurationError` for a file that others can read, or of another length.
    """
    path = folder / name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        _make(path)
    if path.stat().st_mode & 0o077:
        raise ConfigurationError(
            ErrorCode.BAD_CONFIGURATION, key=path.name, reason="readable by others / 他人可读"
        )
    key = path.read_bytes()
    if len(key) != _OCTETS:
        raise ConfigurationError(
            ErrorCode.BAD_CONFIGURATION, key=path.name, reason="damaged / 已损坏"
        )
    return key


def _make(path: Path) -> None:
    """Write a fresh key whole, then give it its name: of two starts at once, one key stays."""
    new = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_bytes(_OCTETS))
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(new, path)
    new.unlink()
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(folder)
    os.close(folder)
