"""Feeding the register from a file: in bounded memory, and from where a kill stopped it.

How far a file has come is committed with the rows themselves, so what was taken in is not taken
in again, and what was not is. What was refused is written durably before that commit.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

import msgspec

from jiazhao.errors import ErrorCode, JiazhaoError, UnreadableError
from jiazhao.registry.admission import Outcome, Settled, batches
from jiazhao.registry.import_encoding import Encoding, Survey, survey
from jiazhao.registry.import_file import FileFormat, holders_in, pieces_of
from jiazhao.registry.import_reasons import ImportLineError
from jiazhao.registry.importing import Told
from jiazhao.registry.service import ImportReport, Register
from jiazhao.registry.store import fed_files
from jiazhao.registry.store.fed_files import Progress
from jiazhao.storage.engine import Connection, Database

__all__ = ["Intake", "Rejects", "survey_of"]

_MAX_REJECT_LINE = 4096


def survey_of(
    stream: BinaryIO, named: Encoding | None, advance: Callable[[int], None] = lambda _: None
) -> Survey:
    """Read a file once from end to end, and go back to its beginning."""
    found = survey(pieces_of(stream), named, advance)
    stream.seek(0)
    return found


class Rejects:
    """The file of refusals, one JSON object a line: where, which member, why; never a value.

    It is made with the first refusal, readable by its owner alone. Without a path none is kept.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path

    def write(self, kept: int, refused: Iterable[tuple[int, JiazhaoError]]) -> None:
        """Keep the first `kept` lines and append; on disk before it returns."""
        if self.path is None:
            return
        entries = [msgspec.json.encode(_reject(*one)) + b"\n" for one in refused]
        if not entries and not self.path.exists():
            return
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "r+b") as file:
                for _ in range(kept):
                    file.readline(_MAX_REJECT_LINE)
                file.truncate()
                file.writelines(entries)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise UnreadableError(
                ErrorCode.UNWRITABLE,
                what=self.path.name,
                reason=error.strerror or type(error).__name__,
            ) from error


def _reject(line: int, error: JiazhaoError) -> dict[str, object]:
    field = error.values["field"] if isinstance(error, ImportLineError) else "-"
    return {
        "line": line,
        "field": field,
        "code": error.code.wire,
        "zh": error.zh,
        "en": error.en,
    }


@dataclass(frozen=True, slots=True)
class Intake:
    """Takes files into a register; `clock` says when each batch was recorded."""

    database: Database
    register: Register
    clock: Callable[[], datetime]

    def import_file(
        self,
        stream: BinaryIO,
        file_format: FileFormat,
        encoding: Encoding,
        *,
        surveyed: Survey | None,
        rejects: Rejects,
    ) -> Iterator[tuple[ImportReport, Progress]]:
        """Import holders; yields the report and the progress after each committed batch.

        A file without a survey, such as a pipe, cannot be resumed; to take it again from its
        beginning changes nothing.
        """
        done = self._begun(surveyed) or Progress()
        report = ImportReport(
            added=done.added, unchanged=done.unchanged, refused_count=done.refused
        )
        rejects.write(done.refused, ())
        told = holders_in(stream, file_format, encoding, done=done)
        yield report, done
        for batch in batches(told):
            take = partial(self._take, batch=batch, done=done, surveyed=surveyed, rejects=rejects)
            settled, done = self.database.write(take)
            report.note(settled)
            yield report, done
        if surveyed is not None:
            finish = partial(
                fed_files.keep_import_progress,
                digest=surveyed.digest,
                progress=done,
                now=self.clock(),
                finished=True,
            )
            self.database.write(finish)

    def _begun(self, surveyed: Survey | None) -> Progress | None:
        if surveyed is None:
            return None
        with self.database.reading() as db:
            return fed_files.import_progress(db, surveyed.digest)

    def _take(
        self,
        db: Connection,
        batch: Sequence[Told],
        done: Progress,
        surveyed: Survey | None,
        rejects: Rejects,
    ) -> tuple[list[Settled], Progress]:
        now = self.clock()
        settled = self.register.admit(db, batch, now)
        rejects.write(done.refused, refusals_in(settled))
        reached = advanced(done, settled)
        if surveyed is not None:
            fed_files.keep_import_progress(db, surveyed.digest, reached, now, finished=False)
        return settled, reached


def refusals_in(settled: Iterable[Settled]) -> list[tuple[int, JiazhaoError]]:
    """The lines that were refused, with the reason."""
    return [(told.number, error) for told, error in settled if isinstance(error, JiazhaoError)]


def advanced(done: Progress, settled: Sequence[Settled]) -> Progress:
    """How far a file has come after a batch."""
    outcomes = [outcome for _, outcome in settled]
    last = settled[-1][0]
    return replace(
        done,
        octets=last.end,
        lines=last.last_line,
        added=done.added + outcomes.count(Outcome.ADDED),
        changed=done.changed + outcomes.count(Outcome.CHANGED),
        unchanged=done.unchanged + outcomes.count(Outcome.UNCHANGED),
        refused=done.refused + len(refusals_in(settled)),
    )
