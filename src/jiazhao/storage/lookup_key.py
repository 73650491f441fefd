"""The key of keyed hashes: look-ups by personal values, without the values standing in an index.

Who reads this key and the look-up table can test guesses of identifiers; who can change it
makes every look-up fail. It never changes, so it is made once and kept with the register.
"""

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

from jiazhao.errors import ConfigurationError, ErrorCode

_BYTES = 32


def open_lookup_key(folder: Path) -> bytes:
    """Read the key, or make it on the first start; refuses a file that others can read."""
    path = folder / "lookup.key"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        _make(path)
    if path.stat().st_mode & 0o077:
        raise ConfigurationError(
            ErrorCode.BAD_CONFIGURATION, key=path.name, reason="readable by others / 他人可读"
        )
    key = path.read_bytes()
    if len(key) != _BYTES:
        raise ConfigurationError(
            ErrorCode.BAD_CONFIGURATION, key=path.name, reason="damaged / 已损坏"
        )
    return key


def _make(path: Path) -> None:
    """Write a fresh key whole, then give it its name: of two starts at once, one key stays."""
    new = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_bytes(_BYTES))
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(new, path)
    new.unlink()
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(folder)
    os.close(folder)


def keyed_hash(key: bytes, kind: str, value: str) -> bytes:
    """32 bytes that stand for `value` among values of `kind`."""
    return hmac.digest(key, f"{kind}\0{value}".encode(), hashlib.sha256)
