"""Transactions: one snapshot to read, all or nothing to write, and two who want the same."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from pathlib import Path
from threading import Barrier

import pytest
import sqlalchemy as sa

from jiazhao.errors import ErrorCode, StoreError
from jiazhao.storage.engine import Connection, Database, RetryError
from jiazhao.storage.migrate import migrate
from jiazhao.storage.schema import holder, identifier_lookup

DIGEST = bytes(32)


@pytest.fixture
def postgres_database(postgres: str) -> Iterator[Database]:
    migrate(postgres)
    database = Database(postgres)
    yield database
    database.close()


def admit(db: Connection, name: str, now: datetime) -> None:
    db.execute(sa.insert(holder).values(holder_id=name, recorded_at=now))


def count(db: Connection) -> int:
    return db.execute(sa.select(sa.func.count()).select_from(holder)).scalar_one()


def test_what_another_commits_is_not_seen_in_the_middle_of_a_reading(
    database: Database, now: datetime
) -> None:
    with database.reading() as db:
        assert count(db) == 0
        database.write(lambda other: admit(other, "cd-000001", now))
        assert count(db) == 0
    with database.reading() as db:
        assert count(db) == 1


def test_a_writing_transaction_sees_what_was_committed_while_it_waited(
    postgres_database: Database, now: datetime
) -> None:
    with postgres_database.writing() as db:
        assert count(db) == 0
        postgres_database.write(lambda other: admit(other, "cd-000001", now))
        assert count(db) == 1


def test_an_exception_leaves_nothing_behind(database: Database, now: datetime) -> None:
    def act(db: Connection) -> None:
        admit(db, "cd-000001", now)
        raise KeyError

    with pytest.raises(KeyError):
        database.write(act)
    with database.reading() as db:
        assert count(db) == 0


def test_nothing_is_written_while_reading(postgres_database: Database, now: datetime) -> None:
    with pytest.raises(StoreError), postgres_database.reading() as db:
        admit(db, "cd-000001", now)
    with postgres_database.reading() as db:
        assert count(db) == 0


def test_of_two_who_find_nothing_and_write_the_same_one_looks_again(
    postgres_database: Database,
) -> None:
    both_have_looked = Barrier(2)
    looks: list[str | None] = []

    def act(db: Connection) -> str:
        found = db.execute(sa.select(identifier_lookup.c.holder_id)).scalar_one_or_none()
        looks.append(found)
        if found is not None:
            return "found"
        both_have_looked.wait(10)
        db.execute(sa.insert(identifier_lookup).values(digest=DIGEST, holder_id="cd-000001"))
        return "wrote"

    with ThreadPoolExecutor(2) as pool:
        done = [pool.submit(postgres_database.write, act) for _ in range(2)]

    assert sorted(one.result() for one in done) == ["found", "wrote"]
    assert looks == [None, None, "cd-000001"]


def test_two_who_lock_crosswise_both_get_done(postgres_database: Database, now: datetime) -> None:
    names = ("cd-000001", "cd-000002")
    for name in names:
        postgres_database.write(partial(admit, name=name, now=now))
    first_locked = Barrier(2)
    tries = dict.fromkeys(names, 0)

    def lock(db: Connection, name: str) -> None:
        row = sa.select(holder.c.holder_id).where(holder.c.holder_id == name)
        db.execute(row.with_for_update()).one()

    def act(db: Connection, first: str, second: str) -> None:
        tries[first] += 1
        lock(db, first)
        if tries[first] == 1:
            first_locked.wait(10)
        lock(db, second)

    with ThreadPoolExecutor(2) as pool:
        done = [
            pool.submit(postgres_database.write, partial(act, first=first, second=second))
            for first, second in (names, names[::-1])
        ]
        for one in done:
            one.result()

    assert sorted(tries.values()) == [1, 2]


def test_what_never_succeeds_is_given_up(postgres_database: Database, now: datetime) -> None:
    tries = []

    def act(db: Connection) -> None:
        tries.append(1)
        admit(db, "cd-000001", now)
        admit(db, "cd-000001", now)

    with pytest.raises(RetryError) as refused:
        postgres_database.write(act)

    assert refused.value.code is ErrorCode.SERVICE_UNAVAILABLE
    assert len(tries) == 5


def test_a_broken_reference_is_our_fault_and_not_tried_again(database: Database) -> None:
    tries = []

    def act(db: Connection) -> None:
        tries.append(1)
        db.execute(
            sa.text("INSERT INTO photo (holder_id, photo_id, jpeg) VALUES ('nobody', 'p', :jpeg)"),
            {"jpeg": b""},
        )

    with pytest.raises(sa.exc.IntegrityError):
        database.write(act)

    assert tries == [1]


def test_a_lock_that_is_not_given_makes_the_service_unavailable(
    postgres: str, postgres_database: Database, now: datetime
) -> None:
    postgres_database.write(lambda db: admit(db, "cd-000001", now))
    impatient = Database(f"{postgres}&options=-c lock_timeout=50ms")
    locked = sa.select(holder.c.holder_id).with_for_update()

    with postgres_database.writing() as db:
        db.execute(locked)
        with pytest.raises(StoreError) as refused:
            impatient.write(lambda other: other.execute(locked).all())
    impatient.close()

    assert refused.value.code is ErrorCode.SERVICE_UNAVAILABLE


def test_a_connection_has_limits_and_a_name(postgres_database: Database) -> None:
    with postgres_database.reading() as db:
        said = {
            name: db.execute(sa.text(f"SHOW {name}")).scalar_one()
            for name in (
                "application_name",
                "statement_timeout",
                "lock_timeout",
                "idle_in_transaction_session_timeout",
                "synchronous_commit",
            )
        }
    assert said == {
        "application_name": "jiazhao",
        "statement_timeout": "30s",
        "lock_timeout": "10s",
        "idle_in_transaction_session_timeout": "1min",
        "synchronous_commit": "on",
    }


def test_the_url_has_the_last_word(postgres: str) -> None:
    database = Database(
        f"{postgres}&application_name=night&options=-c statement_timeout=7s&prepare_threshold=none"
    )
    with database.reading() as db:
        assert db.execute(sa.text("SHOW application_name")).scalar_one() == "night"
        assert db.execute(sa.text("SHOW statement_timeout")).scalar_one() == "7s"
        driver = db.connection.driver_connection
        assert driver is not None
        assert driver.prepare_threshold is None
    database.close()


def test_an_acknowledged_write_survives_a_power_cut(sqlite: str) -> None:
    database = Database(sqlite)
    with database.writing() as db:
        assert db.execute(sa.text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert db.execute(sa.text("PRAGMA synchronous")).scalar_one() == 2, "FULL"
        assert db.execute(sa.text("PRAGMA foreign_keys")).scalar_one() == 1
    database.close()


def test_first_connections_at_once_wait_for_each_other(tmp_path: Path) -> None:
    def write(url: str, start: Barrier) -> None:
        database = Database(url)
        start.wait(10)
        with database.writing() as db:
            db.execute(sa.text("CREATE TABLE IF NOT EXISTS here (number INTEGER)"))
        database.close()

    with ThreadPoolExecutor(4) as pool:
        for number in range(40):
            start = Barrier(4)
            url = f"sqlite:///{tmp_path}/{number}.sqlite3"
            for done in [pool.submit(write, url, start) for _ in range(4)]:
                done.result()


def test_a_database_that_does_not_answer_is_not_ready(tmp_path: Path) -> None:
    for url in (
        f"sqlite:///{tmp_path}/nowhere/none.sqlite3",
        f"postgresql+psycopg://postgres@/none?host={tmp_path}",
    ):
        database = Database(url)
        assert not database.is_ready()
        with pytest.raises(StoreError):
            database.write(lambda db: db.execute(sa.select(1)))
        database.close()
