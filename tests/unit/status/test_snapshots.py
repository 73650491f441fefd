"""The country's snapshot: what it says of each handle is what the store says, hour after hour."""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa

from jiazhao.credentials.status_list import StatusValue
from jiazhao.credentials.status_snapshot import StatusSnapshot, read_snapshot
from jiazhao.errors import ErrorCode, JiazhaoError, UndeterminedError
from jiazhao.licence.identifiers import HolderId, InstanceNumber
from jiazhao.status import snapshots as module
from jiazhao.status import store
from jiazhao.status.handles import HandleKind, StatusHandle, StatusHandles
from jiazhao.status.snapshots import Published, StatusSnapshots
from jiazhao.storage.engine import Database
from jiazhao.storage.restoration import catch_up, mark_restored
from jiazhao.storage.schema import metadata, status_handle, status_snapshot
from jiazhao.trust.durable import write_durably
from tests.unit.status.conftest import Publisher

HOUR = timedelta(hours=1)


@dataclass
class Country:
    """Handles in a store, and the terminal that reads what is published of them."""

    database: Database
    snapshots: StatusSnapshots
    publisher: Publisher
    now: datetime
    chance: Random = field(default_factory=lambda: Random(4))
    handles: dict[bytes, StatusHandle] = field(default_factory=dict)

    def give(self, count: int, *, days: int = 30) -> list[StatusHandle]:
        handles = StatusHandles(random=self.chance.randbytes)
        with self.database.writing() as db:
            given = [
                handles.add(
                    db,
                    holder_id=HolderId("sp-000001"),
                    instance_number=InstanceNumber("5110000000001"),
                    kind=HandleKind.LICENCE,
                    live_until=self.now + timedelta(days=days),
                    now=self.now,
                )
                for _ in range(count)
            ]
        self.handles |= {one.handle: one for one in given}
        return given

    def say(self, handle: StatusHandle, value: StatusValue) -> None:
        changed = self.database.write(lambda db: store.set_handle_value(db, handle.handle, value))
        if changed and handle.handle in self.handles:
            self.handles[handle.handle] = replace(self.handles[handle.handle], value=value)

    def some(self, count: int) -> list[StatusHandle]:
        return self.chance.sample(sorted(self.handles.values(), key=lambda h: h.handle), count)

    def publish(self, later: timedelta = HOUR) -> Published | None:
        self.now += later
        return self.snapshots.publish_due(signer=self.publisher.signer, now=self.now)

    def files(self) -> list[bytes]:
        return [
            self.snapshots.read(one.digest.hex()).read_bytes() for one in self.snapshots.current()
        ]

    def read(self) -> StatusSnapshot:
        return read_snapshot(self.files(), anchors=self.publisher.anchors, now=self.now)

    def wrong(self) -> list[StatusHandle]:
        """Return the handles of which the snapshot says otherwise than the store."""
        snapshot = self.read()
        return [
            one
            for one in self.handles.values()
            if snapshot.look_up(one.handle, one.issued_at).must_not_drive is not bool(one.value)
        ]


@pytest.fixture
def country(database: Database, publisher: Publisher, tmp_path: Path, now: datetime) -> Country:
    return Country(
        database,
        StatusSnapshots(database, tmp_path / "status-snapshots"),
        publisher,
        now + timedelta(minutes=30),
    )


def test_an_empty_country_has_a_snapshot_that_covers_it(country: Country) -> None:
    first = country.publish()

    assert first is not None
    assert (first.is_base, first.handles) == (True, 0)
    assert country.read().as_of == country.now.replace(microsecond=0)


def test_every_handle_is_answered_as_the_store_says_hour_after_hour(country: Country) -> None:
    values = list(StatusValue)
    kinds = []
    for hour in range(30):
        country.give(40)
        for handle in country.some(min(12, 4 * hour)):
            country.say(handle, country.chance.choice(values))
        published = country.publish()
        assert published is not None
        kinds.append(published.is_base)
        assert country.wrong() == []

    assert kinds == [True, *[False] * 23, True, *[False] * 5]


def test_a_snapshot_does_without_the_handles_that_are_forgotten(country: Country) -> None:
    forgetting = StatusHandles(keep=2 * HOUR)
    forgotten = 0
    for hour in range(40):
        country.give(20, days=1)
        for handle in country.some(min(12, 4 * hour)):
            country.say(handle, country.chance.choice(list(StatusValue)))
        assert country.publish() is not None
        forgotten += country.database.write(lambda db: forgetting.forget(db, country.now))
        country.handles = {
            name: one for name, one in country.handles.items() if one.live_until > country.now
        }
        assert country.wrong() == []

    with country.database.reading() as db:
        kept = db.execute(sa.select(sa.func.count()).select_from(status_handle)).scalar_one()
    assert (forgotten, kept) == (20 * 14, 20 * 26)


def test_pages_make_no_difference(country: Country, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAGE", 7)
    for handle in country.give(100):
        country.say(handle, StatusValue(country.chance.choice((0, 0, 2))))
    country.publish()

    assert country.wrong() == []


def test_a_change_is_told_by_the_next_difference_and_one_that_was_undone_is_not(
    country: Country,
) -> None:
    one, other, *_ = country.give(50)
    country.publish()
    country.say(one, StatusValue.MUST_NOT_DRIVE)
    country.say(other, StatusValue.MUST_NOT_DRIVE)
    country.say(other, StatusValue.VALID)

    difference = country.publish()

    assert difference is not None
    assert (difference.is_base, difference.handles) == (False, 1)
    assert country.wrong() == []
    country.say(one, StatusValue.ENDED)  # the answer stays
    assert (again := country.publish()) is not None
    assert again.handles == 0
    assert country.wrong() == []


def test_a_handle_of_the_running_hour_is_not_covered_until_the_next_file(country: Country) -> None:
    country.give(3)
    country.publish()
    (new,) = country.give(1)
    country.say(new, StatusValue.MUST_NOT_DRIVE)

    with pytest.raises(UndeterminedError) as error:
        country.read().look_up(new.handle, new.issued_at)

    assert error.value.code is ErrorCode.STATUS_NOT_COVERED
    country.publish()
    assert country.read().look_up(new.handle, new.issued_at).must_not_drive


def test_an_hour_is_told_when_its_last_transactions_have_ended(country: Country) -> None:
    country.now = country.now.replace(minute=0, second=0, microsecond=0)
    country.publish(timedelta(minutes=2))

    assert country.publish(timedelta(minutes=58)) is None
    assert country.publish(timedelta(minutes=1, seconds=59)) is None
    assert country.publish(timedelta(seconds=1)) is not None


def test_a_clock_that_went_back_publishes_nothing(country: Country) -> None:
    country.publish()

    assert country.publish(-3 * HOUR) is None
    assert country.publish(3 * HOUR) is None
    assert country.publish() is not None


def test_a_handle_leaves_with_its_last_code(country: Country) -> None:
    lapsing = country.give(5, days=1)
    country.give(5)
    for handle in lapsing:
        country.say(handle, StatusValue.MUST_NOT_DRIVE)

    seen = [country.publish(timedelta(hours=hours)) for hours in (1, 24, 24)]

    assert [one.handles for one in seen if one] == [10, 10, 5]


def test_a_difference_of_a_handle_that_has_left_says_nothing_of_others(country: Country) -> None:
    country.give(1, days=0)
    (gone,) = country.handles.values()
    country.handles.clear()
    country.give(20)
    country.publish(timedelta(hours=2))
    country.say(gone, StatusValue.ENDED)

    difference = country.publish()

    assert difference is not None
    assert difference.handles == 0
    assert country.wrong() == []


# -- in trouble


def test_a_publication_that_was_cut_off_is_not_listed_and_the_next_says_all(
    country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, *_ = country.give(20)
    country.publish()
    listed = country.snapshots.current()
    country.say(one, StatusValue.MUST_NOT_DRIVE)

    def die(*_arguments: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, suppress(KeyboardInterrupt):
        patch.setattr(store, "finish_snapshot", die)
        country.publish()

    assert country.snapshots.current() == listed
    country.publish()
    assert country.wrong() == []


def test_of_two_workers_one_publishes(country: Country, monkeypatch: pytest.MonkeyPatch) -> None:
    one, *_ = country.give(20)
    country.publish()
    country.say(one, StatusValue.MUST_NOT_DRIVE)
    country.now += HOUR

    def overtaken(path: Path, content: bytes) -> None:
        monkeypatch.setattr(module, "write_durably", write_durably)
        assert country.publish(timedelta(seconds=1)) is not None
        write_durably(path, content)

    monkeypatch.setattr(module, "write_durably", overtaken)
    assert country.publish(timedelta()) is None
    assert len(country.snapshots.current()) == 2
    assert country.wrong() == []


def test_where_a_file_is_missing_a_new_base_is_made(country: Country) -> None:
    country.give(10)
    for _ in range(3):
        country.publish()
    lost = country.snapshots.current()[1]
    country.snapshots.read(lost.digest.hex()).unlink()

    published = country.publish()

    assert published is not None
    assert published.is_base
    assert country.wrong() == []


def test_the_chain_that_was_in_use_is_kept_and_no_older_one(country: Country) -> None:
    country.give(3)
    chains = []
    for _ in range(3):
        country.publish(timedelta(hours=24))
        country.publish()
        chains.append(country.snapshots.current())

    there = {path.name for path in country.snapshots.folder.iterdir()}

    assert there == {one.digest.hex() for chain in chains[1:] for one in chain}
    with pytest.raises(JiazhaoError) as error:
        country.snapshots.read(chains[0][0].digest.hex())
    assert error.value.code is ErrorCode.NOT_FOUND


@pytest.mark.parametrize("name", ["", ".lock", "../keys", "0" * 63, "0" * 64, "A" * 64])
def test_nothing_else_is_read_from_the_folder(country: Country, name: str) -> None:
    country.publish()
    (country.snapshots.folder / ".lock").touch()

    with pytest.raises(JiazhaoError) as error:
        country.snapshots.read(name)

    assert error.value.code is ErrorCode.NOT_FOUND


def test_a_folder_that_cannot_be_written_leaves_all_as_it_was(
    country: Country, tmp_path: Path
) -> None:
    one, *_ = country.give(10)
    country.publish()
    country.say(one, StatusValue.MUST_NOT_DRIVE)
    folder = country.snapshots.folder
    (tmp_path / "file").touch()
    country.snapshots = replace(country.snapshots, folder=tmp_path / "file")

    with pytest.raises(JiazhaoError) as error:
        country.publish()

    assert error.value.code is ErrorCode.SERVICE_UNAVAILABLE
    country.snapshots = replace(country.snapshots, folder=folder)
    country.publish()
    assert country.wrong() == []


# -- after a restore


def restore(country: Country, *, backup_of: datetime) -> None:
    metadata.create_all(country.database.engine)
    with country.database.writing() as db:
        mark_restored(db, bytes(32), as_of=backup_of, now=country.now)


def caught_up(country: Country) -> None:
    with country.database.writing() as db:
        assert catch_up(db, by="tester", now=country.now, end_copies=False)


def test_nothing_is_published_or_listed_until_a_restore_is_caught_up(country: Country) -> None:
    country.give(10)
    country.publish()
    restore(country, backup_of=country.now)

    assert country.publish() is None
    assert country.snapshots.current() == []
    caught_up(country)
    published = country.publish()
    assert published is not None
    assert published.is_base


def test_what_a_restore_lost_is_never_called_clear(country: Country) -> None:
    known = country.give(30)
    country.say(known[0], StatusValue.MUST_NOT_DRIVE)
    country.publish()
    backup_of = country.now
    country.now += 2 * HOUR
    (lost,) = country.give(1)
    with country.database.writing() as db:
        db.execute(sa.delete(status_handle).where(status_handle.c.handle == lost.handle))
    del country.handles[lost.handle]
    country.now += HOUR
    restore(country, backup_of=backup_of)
    caught_up(country)

    for hours in (2, 24 * 364):
        country.publish(timedelta(hours=hours))
        with pytest.raises(UndeterminedError) as error:
            country.read().look_up(lost.handle, lost.issued_at)
        assert error.value.code is ErrorCode.STATUS_NOT_COVERED
        assert country.wrong() == []

    country.publish(timedelta(days=3))  # no code of it is live any more
    assert country.read().head.gaps == ()


def test_a_code_that_was_renewed_in_the_lost_tail_is_still_spoken_of(country: Country) -> None:
    (handle,) = country.give(1, days=1)
    country.say(handle, StatusValue.MUST_NOT_DRIVE)
    country.now += HOUR
    restore(country, backup_of=country.now)
    caught_up(country)

    published = country.publish(timedelta(days=25))

    assert published is not None
    assert published.handles == 1
    assert country.wrong() == []


def test_ending_all_copies_after_a_restore_ends_all_handles(country: Country) -> None:
    country.give(5)
    country.now += HOUR
    restore(country, backup_of=country.now)
    with country.database.writing() as db:
        catch_up(db, by="tester", now=country.now, end_copies=True)
    country.publish()

    snapshot = country.read()
    assert all(
        snapshot.look_up(one.handle, one.issued_at).must_not_drive
        for one in country.handles.values()
    )


def test_the_table_of_files_is_small(country: Country) -> None:
    for _ in range(5):
        country.publish(timedelta(hours=24))
    with country.database.reading() as db:
        assert len(db.execute(sa.select(status_snapshot.c.sequence)).all()) == 2
