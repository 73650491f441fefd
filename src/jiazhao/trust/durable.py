"""Files that are there whole or not at all, also after a power cut."""

import os
import secrets
from contextlib import suppress
from pathlib import Path


def write_durably(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Put `content` at `path`, replacing what was there in one step.

    The content is on disk before the name points at it, and the name is on disk before this
    returns: both the file and its folder are flushed. Raises `OSError` and then leaves the
    former file as it was.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        _write_new(temporary, content, mode)
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    _flush_folder(path.parent)


def make_folder_durably(folder: Path) -> None:
    """Make a folder and those above it, each named on disk before this returns."""
    if folder.is_dir():
        return
    make_folder_durably(folder.parent)
    folder.mkdir(exist_ok=True)
    _flush_folder(folder.parent)


def make_durably(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Put `content` at `path` as `write_durably` does; `FileExistsError` where a file is there."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        _write_new(temporary, content, mode)
        os.link(temporary, path)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    _flush_folder(path.parent)


def destroy_durably(path: Path) -> None:
    """Take a secret file away for good; one that is not there is as good.

    Its content is overwritten first, which reaches the medium only where the file system writes
    in place: a secret that matters is encrypted as well. Raises `OSError`.
    """
    try:
        with path.open("r+b") as file:
            file.write(bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    except FileNotFoundError:
        return
    _flush_folder(path.parent)


def _write_new(path: Path, content: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with open(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
