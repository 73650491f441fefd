"""The list of erased persons, which lies outside of the database and of its backups.

A backup that is older than an erasure still has the person's data key. What is restored from it
forgets the person again only if somebody remembers: this file does, one JSON object a line, and a
restore is given its newest copy. It names nobody: a holder's id means something in the register
alone.
"""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from jiazhao.errors import ErrorCode, JiazhaoError, UnreadableError
from jiazhao.licence.identifiers import HolderId, holder_id

FILE: Final = "erasures.jsonl"
_MAX_LINE: Final = 1024


class Erasure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One person who was erased."""

    holder_id: str
    erased_at: datetime
    by: str


def note(file: Path, erasure: Erasure) -> None:
    """Append; on disk before this returns. Raises `UnreadableError` (UNWRITABLE)."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as stream:
            stream.write(msgspec.json.encode(erasure) + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise UnreadableError(
            ErrorCode.UNWRITABLE, what=file.name, reason=error.strerror or type(error).__name__
        ) from error


def read(file: Path) -> Iterator[HolderId]:
    """Who was erased; raises `UnreadableError` at a line that is none, but for a torn last one.

    A line that a power cut tore at the very end was never followed by its erasure.
    """
    try:
        with file.open("rb") as stream:
            number = 0
            while line := stream.readline(_MAX_LINE + 1):
                number += 1
                if not line.endswith(b"\n") and not stream.read(1):
                    return
                yield _holder(file, number, line)
    except OSError as error:
        raise UnreadableError(
            ErrorCode.UNREADABLE, what=file.name, reason=error.strerror or type(error).__name__
        ) from error


def _holder(file: Path, number: int, line: bytes) -> HolderId:
    try:
        return holder_id(msgspec.json.decode(line, type=Erasure).holder_id)
    except (msgspec.DecodeError, JiazhaoError) as error:
        raise UnreadableError(
            ErrorCode.UNREADABLE, what=file.name, reason=f"line {number} / 第 {number} 行"
        ) from error
