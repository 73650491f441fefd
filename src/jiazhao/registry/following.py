"""Following a register that exists: its numbered change files, each applied once and in order.

Source of the form: `docs/specs/register-import.md`, "Change files". How far a file has come is
committed with its rows and compared with what was expected, so two followers at once, or a kill
in the middle, apply nothing twice.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, BinaryIO

import msgspec
from msgspec import Meta, Struct

from jiazhao.errors import ErrorCode, JiazhaoError, RegisterError, StoreError, UnreadableError
from jiazhao.registry.admission import Settled, batches
from jiazhao.registry.import_encoding import Encoding, Survey
from jiazhao.registry.import_file import FileFormat, holders_in
from jiazhao.registry.import_line import Instant
from jiazhao.registry.importing import MAX_LINE_BYTES, Told
from jiazhao.registry.intake import Rejects, advanced, refusals_in, survey_of
from jiazhao.registry.service import ImportReport, Register
from jiazhao.registry.store import fed_files
from jiazhao.registry.store.fed_files import Progress
from jiazhao.storage.engine import Connection, Database

__all__ = ["ChangeFile", "Followed", "Follower"]

CLOCK_SKEW = timedelta(minutes=5)
"""A file that says that it is of later than this was written by a clock that nobody may trust:
it would make an old register look fresh."""


class Head(Struct, frozen=True, forbid_unknown_fields=True):
    """The first line of a change file."""

    source: Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{1,64}\Z")]
    number: Annotated[int, Meta(ge=1, le=1 << 62)]
    as_of: Instant


@dataclass(frozen=True, slots=True)
class ChangeFile:
    """One change file, read through: what its head says, and which octets it is."""

    path: Path
    source: str
    number: int
    as_of: datetime
    after_head: Progress
    surveyed: Survey


@dataclass(slots=True)
class Followed:
    """What following came to; `notes` change nothing, `stopped` says why it did not go on."""

    files: int = 0
    report: ImportReport = field(default_factory=ImportReport)
    last_number: int = 0
    as_of: datetime | None = None
    notes: list[JiazhaoError] = field(default_factory=list)
    stopped: JiazhaoError | None = None


def read_change_file(path: Path, encoding: Encoding | None) -> ChangeFile:
    """Read a file through; raises `UnreadableError` where it does not begin with a head."""
    try:
        with path.open("rb") as stream:
            surveyed = survey_of(stream, encoding)
            line = stream.readline(MAX_LINE_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UnreadableError(ErrorCode.UNREADABLE, what=path.name, reason=reason) from error
    try:
        head = msgspec.json.decode(line, type=Head)
        as_of = datetime.fromisoformat(head.as_of).astimezone(UTC)
    except (ValueError, OverflowError, msgspec.DecodeError) as error:
        reason = "no head of a change file / 没有变更文件的首行"
        raise UnreadableError(ErrorCode.UNREADABLE, what=path.name, reason=reason) from error
    after = Progress(octets=len(line), lines=1)
    return ChangeFile(path, head.source, head.number, as_of, after, surveyed)


@dataclass(frozen=True, slots=True)
class Follower:
    """Brings the register to what change files say."""

    database: Database
    register: Register
    clock: Callable[[], datetime]

    def follow(
        self,
        files: Sequence[ChangeFile],
        *,
        begin: int = 1,
        rejects: Callable[[ChangeFile], Rejects],
    ) -> Iterator[Followed]:
        """Apply what comes next, in the order of the numbers; yields after each transaction.

        `files` stand in the order in which they were found. Nothing after a gap is applied, nor
        after a file of which a row was refused. `begin` is the number of the first file ever.
        """
        followed = Followed()
        followed.notes += _disorder(files)
        waiting: dict[int, ChangeFile] = {}
        for file in files:
            known = waiting.setdefault(file.number, file)
            if known is not file:
                self._note_repeat(followed, file, known.surveyed.digest, known.source)
        while followed.stopped is None:
            source = next((file.source for file in waiting.values()), "")
            last = self._last(source)
            followed.last_number = last.number if last else begin - 1
            followed.as_of = last.as_of if last else None
            for number in sorted(n for n in waiting if n <= followed.last_number):
                file = waiting.pop(number)
                with self.database.reading() as db:
                    applied = fed_files.followed_file(db, source, number)
                self._note_repeat(followed, file, applied.digest if applied else b"", source)
            if not waiting or followed.stopped:
                break
            file = waiting[min(waiting)]
            followed.stopped = self._refusal(file, followed, source)
            if followed.stopped is None:
                yield from self._apply(file, followed, rejects(file))
                del waiting[file.number]
        yield followed

    def _last(self, source: str) -> fed_files.FollowedFile | None:
        with self.database.reading() as db:
            last = fed_files.last_followed(db)
        if last is not None and source and last.source != source:
            raise RegisterError(ErrorCode.FOLLOWS_ANOTHER, followed=last.source)
        return last

    def _note_repeat(
        self, followed: Followed, file: ChangeFile, digest: bytes, source: str
    ) -> None:
        number = str(file.number)
        if (file.surveyed.digest, file.source) == (digest, source):
            followed.notes.append(RegisterError(ErrorCode.CHANGES_REPEATED, number=number))
        else:
            followed.stopped = RegisterError(ErrorCode.CHANGES_CONFLICT, number=number)

    def _refusal(self, file: ChangeFile, followed: Followed, source: str) -> JiazhaoError | None:
        expected = followed.last_number + 1
        if file.source != source:
            return RegisterError(ErrorCode.FOLLOWS_ANOTHER, followed=source)
        if file.number != expected:
            return RegisterError(
                ErrorCode.CHANGES_MISSING, expected=str(expected), found=str(file.number)
            )
        late = followed.as_of is not None and file.as_of < followed.as_of
        if late or file.as_of > self.clock() + CLOCK_SKEW:
            return RegisterError(ErrorCode.CHANGES_OUT_OF_TIME, number=str(file.number))
        return None

    def _apply(self, file: ChangeFile, followed: Followed, rejects: Rejects) -> Iterator[Followed]:
        done = self.database.write(partial(self._begin, file=file))
        rejects.write(0, ())
        with file.path.open("rb") as stream:
            for batch in batches(_told(stream, file, done)):
                take = partial(self._take, file=file, batch=batch, done=done, rejects=rejects)
                settled, done = self.database.write(take)
                followed.report.note(settled)
                yield followed
        if done.refused:
            followed.stopped = RegisterError(
                ErrorCode.CHANGES_REFUSED, number=str(file.number), count=str(done.refused)
            )
            return
        finish = partial(
            _keep, file=file, expected=done, reached=done, now=self.clock(), finished=True
        )
        self.database.write(finish)
        followed.files += 1

    def _begin(self, db: Connection, file: ChangeFile) -> Progress:
        """Where to go on: behind what was committed of these very octets, all of it good."""
        known = fed_files.followed_file(db, file.source, file.number)
        same = known is not None and known.digest == file.surveyed.digest
        if known is not None and same and not known.progress.refused:
            return known.progress
        fed_files.begin_followed_file(
            db,
            fed_files.FollowedFile(
                file.source, file.number, file.surveyed.digest, file.as_of, file.after_head
            ),
            self.clock(),
        )
        return file.after_head

    def _take(
        self,
        db: Connection,
        file: ChangeFile,
        batch: Sequence[Told],
        done: Progress,
        rejects: Rejects,
    ) -> tuple[list[Settled], Progress]:
        now = self.clock()
        settled = self.register.admit(db, batch, now, follow=True)
        rejects.write(done.refused, refusals_in(settled))
        reached = advanced(done, settled)
        _keep(db, file=file, expected=done, reached=reached, now=now, finished=False)
        return settled, reached


def _keep(
    db: Connection,
    file: ChangeFile,
    expected: Progress,
    reached: Progress,
    now: datetime,
    *,
    finished: bool,
) -> None:
    """Record the progress where it is still as expected: another follower may have come first."""
    kept = fed_files.keep_followed_file(
        db, file.source, file.number, expected, reached, now, finished=finished
    )
    if not kept:
        raise StoreError(ErrorCode.SERVICE_UNAVAILABLE)


def _told(stream: BinaryIO, file: ChangeFile, done: Progress) -> Iterator[Told]:
    stream.seek(file.after_head.octets)
    return holders_in(
        stream,
        FileFormat.JSON_LINES,
        file.surveyed.encoding,
        done=done,
        after=file.after_head,
    )


def _disorder(files: Sequence[ChangeFile]) -> Iterator[JiazhaoError]:
    """Files that were found after one with a higher number."""
    highest = 0
    for file in files:
        if file.number < highest:
            yield RegisterError(
                ErrorCode.CHANGES_DISORDERED, number=str(file.number), after=str(highest)
            )
        highest = max(highest, file.number)
