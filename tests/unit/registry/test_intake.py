"""A file is taken in once, whatever stops it, and what is refused is written down."""

import json
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from jiazhao.errors import ErrorCode, StoreError
from jiazhao.registry import admission
from jiazhao.registry.admission import BATCH_HOLDERS, batches
from jiazhao.registry.import_csv import write_header, write_rows
from jiazhao.registry.import_file import FileFormat, told_by
from jiazhao.registry.importing import MAX_LINE_BYTES, Line, write_line
from jiazhao.registry.intake import Intake, Rejects, survey_of
from jiazhao.registry.service import ImportReport, Register
from jiazhao.registry.store import fed_files
from jiazhao.storage.engine import Connection, Database
from jiazhao.storage.schema import holder, metadata
from tests.unit.drivers import driver

BAD = b"{}\n"


@pytest.fixture
def intake(database: Database, register: Register, now: datetime) -> Intake:
    return Intake(database, register, lambda: now)


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "BATCH_HOLDERS", 3)


def people(count: int, *bad: int) -> list[bytes]:
    """Lines of drivers; those whose numbers are `bad` cannot be read."""
    return [BAD if n in bad else write_line(driver(n)) for n in range(1, count + 1)]


def take_in(
    intake: Intake,
    file: bytes,
    rejects: Path | None = None,
    file_format: FileFormat = FileFormat.JSON_LINES,
) -> ImportReport:
    return list(steps(intake, file, rejects, file_format))[-1]


def steps(
    intake: Intake,
    file: bytes,
    rejects: Path | None = None,
    file_format: FileFormat = FileFormat.JSON_LINES,
) -> Iterator[ImportReport]:
    stream = BytesIO(file)
    surveyed = survey_of(stream, None)
    for report, _ in intake.import_file(
        stream, file_format, surveyed.encoding, surveyed=surveyed, rejects=Rejects(rejects)
    ):
        yield report


def rows(database: Database) -> dict[str, int]:
    with database.reading() as db:
        return {
            name: db.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for name, table in metadata.tables.items()
        }


def counted(report: ImportReport) -> tuple[int, int, int]:
    return report.added, report.unchanged, report.refused_count


@pytest.mark.parametrize("file_format", FileFormat)
def test_the_same_file_twice_changes_nothing(
    intake: Intake, database: Database, file_format: FileFormat
) -> None:
    file = (
        b"".join(people(7))
        if file_format is FileFormat.JSON_LINES
        else write_header() + b"".join(write_rows(driver(n)) for n in range(1, 8))
    )
    assert counted(take_in(intake, file, file_format=file_format)) == (7, 0, 0)
    before = rows(database)
    assert counted(take_in(intake, file, file_format=file_format)) == (0, 7, 0)
    assert rows(database) == before


@pytest.mark.parametrize("file_format", FileFormat)
@pytest.mark.usefixtures("small_batches")
def test_a_stopped_import_goes_on_behind_what_was_committed(
    intake: Intake,
    database: Database,
    tmp_path: Path,
    file_format: FileFormat,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines, expected = people(12, 2, 8), (10, 0, 2)
    if file_format is FileFormat.CSV:
        lines = [b"?\r\n" if n in (2, 8) else write_rows(driver(n)) for n in range(1, 13)]
        lines.insert(0, write_header())
        expected = (6, 0, 4)
    file, rejects = b"".join(lines), tmp_path / "rejects.jsonl"
    for _ in range(2):
        running = steps(intake, file, rejects, file_format)
        next(running)
        next(running)
        del running
    seen: list[str] = []
    admit = Register.admit

    def watched(self: Register, db: Connection, batch: Any, *rest: Any, **named: Any) -> Any:
        seen.extend(one.holder.holder_id for one in batch if one.holder)
        return admit(self, db, batch, *rest, **named)

    monkeypatch.setattr(Register, "admit", watched)
    finished = take_in(intake, file, rejects, file_format)

    assert counted(finished) == expected
    assert not {driver(n).holder_id for n in range(1, 5)} & set(seen)
    assert len(rejects.read_bytes().splitlines()) == expected[2]
    with database.reading() as db:
        assert len(db.execute(sa.select(holder.c.holder_id)).all()) == expected[0]


@pytest.mark.usefixtures("small_batches")
def test_a_batch_that_is_not_committed_is_not_counted(
    intake: Intake, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, rejects = b"".join(people(9, 5)), tmp_path / "rejects.jsonl"
    running = steps(intake, file, rejects)
    next(running)
    next(running)
    before = rows(database)

    def fails(*_: Any, **__: Any) -> None:
        raise StoreError(ErrorCode.SERVICE_UNAVAILABLE)

    with monkeypatch.context() as broken:
        broken.setattr(fed_files, "keep_import_progress", fails)
        with pytest.raises(StoreError):
            next(running)

    assert rows(database) == before
    assert counted(take_in(intake, file, rejects)) == (8, 0, 1)
    assert [json.loads(line)["line"] for line in rejects.read_bytes().splitlines()] == [5]


def test_refusals_name_line_field_and_reason_and_never_a_value(
    intake: Intake, tmp_path: Path
) -> None:
    lines = people(3, 2)
    changed = write_line(driver(3)).replace(b'"record":""', b'"record":" "')
    file, rejects = b"".join([*lines, changed]), tmp_path / "rejects.jsonl"

    take_in(intake, file, rejects)

    first, second = map(json.loads, rejects.read_bytes().splitlines())
    assert (first["line"], first["field"], first["code"]) == (2, "holder_id", "import_line")
    assert (second["line"], second["field"]) == (4, "grants[0].record")
    assert first["zh"]
    assert first["en"]
    assert rejects.stat().st_mode & 0o077 == 0
    assert driver(3).persons[0][1].identity_number not in rejects.read_text()


def test_a_file_without_refusals_leaves_no_list_of_them(intake: Intake, tmp_path: Path) -> None:
    take_in(intake, b"".join(people(2)), tmp_path / "rejects.jsonl")
    assert not (tmp_path / "rejects.jsonl").exists()


def test_a_line_that_is_too_long_is_one_line(intake: Intake, tmp_path: Path) -> None:
    file = b"".join([b"x" * (3 * MAX_LINE_BYTES) + b"\n", *people(1), b"x" * MAX_LINE_BYTES * 2])
    rejects = tmp_path / "rejects.jsonl"
    assert counted(take_in(intake, file, rejects)) == (1, 0, 2)
    assert [json.loads(line)["line"] for line in rejects.read_bytes().splitlines()] == [1, 3]


def test_batches_are_bounded_and_hold_nobody_twice() -> None:
    lines = [Line(n, n, write_line(driver(n % 700))) for n in range(1, 1500)]
    made = list(batches(told_by(lines)))
    assert [one.number for batch in made for one in batch] == list(range(1, 1500))
    for batch in made:
        ids = [one.holder.holder_id for one in batch if one.holder]
        assert len(ids) <= BATCH_HOLDERS
        assert len(set(ids)) == len(ids)


def test_the_same_holder_twice_in_a_file_is_unchanged_or_refused(intake: Intake) -> None:
    other = write_line(driver(1)).replace("样本路1号".encode(), "样本路2号".encode())
    report = take_in(intake, b"".join([*people(1), *people(1), other]))
    assert counted(report) == (1, 1, 1)
