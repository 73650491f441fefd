"""Change files of another register: each once, in order, and nothing after a gap."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from jiazhao.errors import ErrorCode, RegisterError, UnreadableError
from jiazhao.licence.history import Interval
from jiazhao.licence.licence import ClassEntitlement
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.registry import admission
from jiazhao.registry.following import Followed, Follower, read_change_file
from jiazhao.registry.import_file import told_by
from jiazhao.registry.importing import ImportedHolder, Line, write_line
from jiazhao.registry.intake import Rejects
from jiazhao.registry.reconciling import Difference, Where, reconcile, value_text
from jiazhao.registry.service import Register
from jiazhao.storage.engine import Connection, Database
from jiazhao.storage.schema import change, metadata
from tests.unit.drivers import SINCE, admit, driver

DAY = timedelta(days=1)
BEGIN = datetime(2026, 5, 1, tzinfo=UTC)


def detained(number: int, since: datetime) -> ImportedHolder:
    held = Interval(since, since + 30 * DAY)
    return replace(driver(number), statuses=((held, LicenceStatus.DETAINED),), photos=())


def moved(number: int, where: str) -> ImportedHolder:
    ((held, person),) = driver(number).persons
    return replace(driver(number), persons=((held, replace(person, address=where)),), photos=())


def plain(number: int) -> ImportedHolder:
    return replace(driver(number), photos=())


class Source:
    """Another register, which writes change files into a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.count = folder, 0
        self.state: dict[str, ImportedHolder] = {}

    def write(self, *holders: ImportedHolder, number: int | None = None, bad: bytes = b"") -> Path:
        self.count = number or self.count + 1
        self.state |= {one.holder_id: one for one in holders}
        head = {"source": "tj", "number": self.count}
        head["as_of"] = (BEGIN + self.count * timedelta(minutes=1)).isoformat()
        path = self.folder / f"{self.count:06d}.jsonl"
        lines = b"".join(map(write_line, holders))
        path.write_bytes(json.dumps(head).encode() + b"\n" + bad + lines)
        return path

    def export(self) -> list[Line]:
        return [Line(n, n, write_line(one)) for n, one in enumerate(self.state.values(), 1)]


@pytest.fixture
def source(tmp_path: Path) -> Source:
    return Source(tmp_path)


@pytest.fixture
def follower(database: Database, register: Register, now: datetime) -> Follower:
    return Follower(database, register, lambda: now)


def follow(follower: Follower, *paths: Path, begin: int = 1) -> Followed:
    files = [read_change_file(path, None) for path in paths]
    *_, followed = follower.follow(files, begin=begin, rejects=lambda _: Rejects(None))
    return followed


def notes(followed: Followed) -> list[tuple[ErrorCode, str]]:
    return [(note.code, note.values["number"]) for note in followed.notes]


def differences(database: Database, register: Register, lines: list[Line]) -> list[Difference]:
    return [one for _, found in reconcile(database, register, told_by(lines)) for one in found]


def count_rows(database: Database) -> int:
    with database.reading() as db:
        return sum(
            db.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in metadata.tables.values()
        )


def test_what_a_file_says_of_a_holder_becomes_what_we_say(
    follower: Follower, database: Database, register: Register, now: datetime, source: Source
) -> None:
    admit(register, database, now - DAY, plain(1), plain(2))
    source.state = {one.holder_id: one for one in (plain(1), plain(2))}
    path = source.write(detained(1, now - DAY), moved(2, "样本·新址1号"), plain(3))

    followed = follow(follower, path)

    assert (followed.files, followed.last_number) == (1, 1)
    assert (followed.report.added, followed.report.changed) == (1, 2)
    assert differences(database, follower.register, source.export()) == []
    with database.reading() as db:
        licence = register.licence_of(db, driver(1).holder_id, at=now)
        before = register.licence_of(
            db, driver(1).holder_id, at=now, known_at=now - timedelta(microseconds=1)
        )
        kinds = sorted(db.execute(sa.select(change.c.kind)).scalars())
        assert register.as_of(db) == BEGIN + timedelta(minutes=1)
    assert licence.statuses == {LicenceStatus.DETAINED}
    assert before.statuses == {LicenceStatus.NORMAL}, "what was known before stays"
    assert kinds == ["followed", "followed", "imported", "imported", "imported"]


def test_what_was_taken_back_does_not_hold(
    follower: Follower, database: Database, register: Register, now: datetime, source: Source
) -> None:
    lorry = ClassEntitlement(VehicleClass.B2, now.date())
    first = replace(detained(1, now - DAY), classes=(*driver(1).classes, (SINCE, lorry)))
    assert follow(follower, source.write(first), source.write(plain(1))).files == 2
    with database.reading() as db:
        licence = register.licence_of(db, driver(1).holder_id, at=now)
    assert licence.statuses == {LicenceStatus.NORMAL}
    assert licence.held_classes == {VehicleClass.C1}


def test_nothing_after_a_gap_is_applied(
    follower: Follower, database: Database, source: Source
) -> None:
    first, second, third, fourth = [source.write(plain(n)) for n in range(1, 5)]

    followed = follow(follower, first, third, fourth)

    assert (followed.files, followed.last_number) == (1, 1)
    assert followed.stopped is not None
    assert followed.stopped.code is ErrorCode.CHANGES_MISSING
    assert followed.stopped.values == {"expected": "2", "found": "3"}
    assert len(differences(database, follower.register, source.export())) == 3
    followed = follow(follower, first, second, third, fourth)
    assert (followed.files, followed.last_number, followed.stopped) == (3, 4, None)
    assert differences(database, follower.register, source.export()) == []


def test_repeats_and_disorder_are_named_and_applied_once(
    follower: Follower, database: Database, source: Source, tmp_path: Path
) -> None:
    first, second = source.write(moved(1, "样本·甲")), source.write(moved(1, "样本·乙"))
    copied = tmp_path / "copy.jsonl"
    copied.write_bytes(first.read_bytes())

    followed = follow(follower, second, first, copied)

    assert notes(followed) == [
        (ErrorCode.CHANGES_DISORDERED, "1"),
        (ErrorCode.CHANGES_DISORDERED, "1"),
        (ErrorCode.CHANGES_REPEATED, "1"),
    ]
    assert (followed.files, followed.stopped) == (2, None)
    before = count_rows(database)
    again = follow(follower, first, second)
    assert (again.files, again.stopped) == (0, None)
    assert notes(again) == [(ErrorCode.CHANGES_REPEATED, "1"), (ErrorCode.CHANGES_REPEATED, "2")]
    assert count_rows(database) == before


def test_another_file_of_a_number_that_was_applied_stops(
    follower: Follower, source: Source
) -> None:
    follow(follower, source.write(plain(1)))
    followed = follow(follower, source.write(moved(1, "样本·丙"), number=1), source.write(plain(2)))
    assert followed.files == 0
    assert followed.stopped is not None
    assert followed.stopped.code is ErrorCode.CHANGES_CONFLICT


def test_a_refused_row_stops_until_its_file_is_corrected(
    follower: Follower, database: Database, source: Source
) -> None:
    first = source.write(plain(1), bad=b"{}\n")
    second = source.write(plain(2))
    for _ in range(2):
        followed = follow(follower, first, second)
        assert (followed.files, followed.last_number) == (0, 0)
        assert followed.stopped is not None
        assert followed.stopped.code is ErrorCode.CHANGES_REFUSED
    source.write(plain(1), number=1)
    assert follow(follower, first, second).files == 2
    assert differences(database, follower.register, source.export()) == []


@pytest.mark.parametrize("as_of", ["2026-04-01T00:00:00+08:00", "2026-12-01T00:00:00+08:00"])
def test_a_file_of_an_impossible_time_is_not_applied(
    follower: Follower, source: Source, as_of: str
) -> None:
    first, second = source.write(plain(1)), source.write(plain(2))
    head, _, rest = second.read_bytes().partition(b"\n")
    second.write_bytes(json.dumps(json.loads(head) | {"as_of": as_of}).encode() + b"\n" + rest)
    followed = follow(follower, first, second)
    assert followed.files == 1
    assert followed.stopped is not None
    assert followed.stopped.code is ErrorCode.CHANGES_OUT_OF_TIME


def test_files_of_another_source_are_not_applied(follower: Follower, source: Source) -> None:
    follow(follower, source.write(plain(1)))
    other = source.write(plain(2))
    other.write_bytes(other.read_bytes().replace(b'"tj"', b'"bj"'))
    with pytest.raises(RegisterError) as refused:
        follow(follower, other)
    assert refused.value.code is ErrorCode.FOLLOWS_ANOTHER


@pytest.mark.parametrize("head", [b"", b"{}\n", b"[1]\n", b'{"source":"tj","number":0}\n'])
def test_a_file_without_a_head_is_no_change_file(tmp_path: Path, head: bytes) -> None:
    path = tmp_path / "file.jsonl"
    path.write_bytes(head)
    with pytest.raises(UnreadableError, match="change file"):
        read_change_file(path, None)


class StoppedError(Exception):
    """Stands for a kill."""


def test_changes_shuffled_doubled_and_stopped_at_any_point_end_in_no_difference(
    follower: Follower,
    database: Database,
    source: Source,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(admission, "BATCH_HOLDERS", 3)
    chance = Random(7)
    files = []
    for number in range(1, 13):
        some = [chance.randrange(1, 9) for _ in range(6)]
        files.append(
            source.write(
                *(
                    chance.choice(
                        [plain(n), moved(n, f"样本·{number}"), detained(n, BEGIN + number * DAY)]
                    )
                    for n in some
                )
            )
        )
    for path in files[::2]:
        (tmp_path / f"again-{path.name}").write_bytes(path.read_bytes())
    found = sorted(tmp_path.glob("*.jsonl"))
    chance.shuffle(found)
    admit_, left = Register.admit, 0

    def stopping(self: Register, db: Connection, *rest: Any, **named: Any) -> Any:
        nonlocal left
        settled = admit_(self, db, *rest, **named)
        left -= 1
        if left < 0:
            raise StoppedError
        return settled

    monkeypatch.setattr(Register, "admit", stopping)
    for _ in range(8):
        left = chance.randrange(3)
        with pytest.raises(StoppedError):
            follow(follower, *found)
    left = 1000
    followed = follow(follower, *found)

    assert (followed.last_number, followed.stopped) == (12, None)
    assert differences(database, follower.register, source.export()) == []


# -- reconciling


def test_differences_are_named_by_holder_and_field(
    database: Database, register: Register, now: datetime
) -> None:
    admit(register, database, now, plain(1), plain(2), plain(3), plain(4))
    there = [moved(1, "样本·别处"), detained(2, now), plain(3), plain(5)]
    lines = [Line(n, n, write_line(one)) for n, one in enumerate(there, 1)]

    found = differences(database, register, [*lines, Line(5, 5, b"{}\n")])

    assert [(one.holder, one.where, one.kind, one.field) for one in found] == [
        (driver(1).holder_id, Where.BOTH, "persons", "address"),
        (driver(2).holder_id, Where.ONLY_THERE, "statuses.U", "-"),
        (driver(5).holder_id, Where.ONLY_THERE, "holder", "-"),
        (None, Where.UNREADABLE, "holder", "-"),
        (driver(4).holder_id, Where.ONLY_HERE, "holder", "-"),
    ]
    assert "别处" not in repr(found)
    assert value_text(found[0].there) == "样本·别处"


def test_a_register_does_not_differ_from_itself(
    database: Database, register: Register, now: datetime
) -> None:
    people = [driver(n) for n in range(1, 6)]
    admit(register, database, now, *people)
    lines = [Line(n, n, write_line(one)) for n, one in enumerate(people, 1)]
    assert differences(database, register, lines) == []
