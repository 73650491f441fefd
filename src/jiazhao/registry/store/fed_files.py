"""How far a file that was fed has been taken in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from jiazhao.storage import schema


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a file has been taken in: octets and lines are behind what was committed."""

    octets: int = 0
    lines: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0


def import_progress(db: sa.Connection, digest: bytes) -> Progress | None:
    """How far the file has been imported, where that was begun and not finished."""
    table = schema.import_progress
    row = db.execute(
        sa.select(
            table.c.done_octets,
            table.c.done_lines,
            table.c.added,
            table.c.unchanged,
            table.c.refused,
        ).where(table.c.digest == digest, table.c.finished_at.is_(None))
    ).one_or_none()
    if row is None:
        return None
    return Progress(
        row.done_octets, row.done_lines, row.added, unchanged=row.unchanged, refused=row.refused
    )


def keep_import_progress(
    db: sa.Connection, digest: bytes, progress: Progress, now: datetime, *, finished: bool
) -> None:
    """Record how far the file has been imported."""
    table = schema.import_progress
    values = {
        "done_octets": progress.octets,
        "done_lines": progress.lines,
        "added": progress.added,
        "unchanged": progress.unchanged,
        "refused": progress.refused,
        "finished_at": now if finished else None,
    }
    known = db.execute(sa.update(table).where(table.c.digest == digest).values(**values))
    if known.rowcount == 0:
        db.execute(sa.insert(table).values(digest=digest, begun_at=now, **values))


@dataclass(frozen=True, slots=True)
class FollowedFile:
    """A numbered change file, and how far it has been applied."""

    source: str
    number: int
    digest: bytes
    as_of: datetime
    progress: Progress


_FOLLOWED = sa.select(
    schema.followed_file.c.source,
    schema.followed_file.c.number,
    schema.followed_file.c.digest,
    schema.followed_file.c.as_of,
    schema.followed_file.c.done_octets,
    schema.followed_file.c.done_lines,
    schema.followed_file.c.added,
    schema.followed_file.c.changed,
    schema.followed_file.c.unchanged,
    schema.followed_file.c.refused,
)


def _followed(row: Any | None) -> FollowedFile | None:
    if row is None:
        return None
    progress = Progress(
        row.done_octets, row.done_lines, row.added, row.changed, row.unchanged, row.refused
    )
    return FollowedFile(row.source, row.number, row.digest, row.as_of, progress)


def followed_file(db: sa.Connection, source: str, number: int) -> FollowedFile | None:
    """The change file of that number, finished or not."""
    table = schema.followed_file
    asked = _FOLLOWED.where(table.c.source == source, table.c.number == number)
    return _followed(db.execute(asked).one_or_none())


def last_followed(db: sa.Connection) -> FollowedFile | None:
    """The change file that was finished last."""
    table = schema.followed_file
    finished = _FOLLOWED.where(table.c.finished_at.is_not(None))
    return _followed(db.execute(finished.order_by(table.c.number.desc()).limit(1)).one_or_none())


def begin_followed_file(db: sa.Connection, file: FollowedFile, now: datetime) -> None:
    """Begin to apply a file, or another one of its number that was not finished."""
    table = schema.followed_file
    values = {
        "digest": file.digest,
        "as_of": file.as_of,
        **_progress_columns(file.progress),
        "begun_at": now,
        "finished_at": None,
    }
    known = db.execute(
        sa.update(table)
        .where(table.c.source == file.source, table.c.number == file.number)
        .where(table.c.finished_at.is_(None))
        .values(**values)
    )
    if known.rowcount == 0:
        db.execute(sa.insert(table).values(source=file.source, number=file.number, **values))


def keep_followed_file(
    db: sa.Connection,
    source: str,
    number: int,
    expected: Progress,
    reached: Progress,
    now: datetime,
    *,
    finished: bool,
) -> bool:
    """Record progress from `expected` to `reached`; False where it is not as expected."""
    table = schema.followed_file
    kept = db.execute(
        sa.update(table)
        .where(table.c.source == source, table.c.number == number)
        .where(table.c.done_octets == expected.octets, table.c.finished_at.is_(None))
        .values(**_progress_columns(reached), finished_at=now if finished else None)
    )
    return kept.rowcount == 1


def _progress_columns(progress: Progress) -> dict[str, int]:
    return {
        "done_octets": progress.octets,
        "done_lines": progress.lines,
        "added": progress.added,
        "changed": progress.changed,
        "unchanged": progress.unchanged,
        "refused": progress.refused,
    }
