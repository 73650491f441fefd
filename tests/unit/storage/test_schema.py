"""The schema's form: it distributes by holder, and needs nothing that lives in one place only."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from jiazhao.errors import ErrorCode
from jiazhao.storage.engine import Database
from jiazhao.storage.schema import Instant, access_record, holder, metadata

DISTRIBUTED_OTHERWISE = {
    # they find the holder from a keyed hash
    "identifier_lookup": "digest",
    "bearer_lookup": "digest",
    "short_code": "digest",
    # a wallet's request, before anybody has signed in, and the proofs of wallets' keys
    "pushed_request": "digest",
    "used_proof": "digest",
    # a list is published whole
    "status_list": "list_id",
    "status_index": "list_id",
    "status_publication": "list_id",
    # a snapshot is made of ranges of handles
    "status_handle": "handle",
    # they exist before a holder is known
    "account": "account_id",
    "account_role": "account_id",
    "passkey": "account_id",
    "pin_key": "account_id",
    "recovery": "account_id",
    "enrolment": "account_id",
    "session": "digest",
    "used_sign_in": "digest",
    # they tell of files, not of people: reference tables
    "import_progress": "digest",
    "followed_file": "source",
    # devices of the authority, and who had them
    "terminal": "terminal_id",
    "shift": "terminal_id",
    "offline_record": "terminal_id",
    # what officers are told
    "follow_up": "account_id",
    # a few hundred rows, of days and not of people: a reference table
    "enforcement_key": "kind",
    # it tells of files, not of people: a reference table
    "status_snapshot": "sequence",
    # it tells of the whole database
    "restoration": "restoration_id",
}
"""Tables that do not begin with the holder, each with the column that it is spread by (ADR 3)."""


def distribution_column(table: sa.Table) -> str:
    return DISTRIBUTED_OTHERWISE.get(table.name, "holder_id")


def names(columns: sa.ColumnCollection[str, sa.Column[object]]) -> list[str]:
    return [column.name for column in columns]


def faults(table: sa.Table) -> list[str]:
    """What would keep a table from being spread over several databases."""
    by = distribution_column(table)
    found: list[str] = []
    if names(table.primary_key.columns)[:1] != [by]:
        found.append(f"the primary key does not begin with {by}")
    found += [
        f"unique index {index.name}"
        for index in table.indexes
        if index.unique and by not in names(index.columns)
    ]
    for constraint in table.constraints:
        if isinstance(constraint, sa.UniqueConstraint) and by not in names(constraint.columns):
            found.append(f"unique constraint {constraint.name}")
        if isinstance(constraint, sa.ForeignKeyConstraint):
            target = constraint.referred_table
            pairs = {(key.parent.name, key.column.name) for key in constraint.elements}
            if (by, by) not in pairs or distribution_column(target) != by:
                found.append(f"foreign key {constraint.name}")
    if table.autoincrement_column is not None:
        found.append("it counts up")
    found += [
        f"{column.name} has a default of the database's or the driver's"
        for column in table.columns
        if column.default is not None or column.server_default is not None or column.identity
    ]
    return found


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_a_table_can_be_spread_over_several_databases(table: sa.Table) -> None:
    assert faults(table) == []


def test_every_exception_is_a_table() -> None:
    assert metadata.tables.keys() >= DISTRIBUTED_OTHERWISE.keys()


def unfit_table(kind: str) -> sa.Table:
    own = sa.MetaData()
    sa.Table("owner", own, sa.Column("holder_id", sa.Text, primary_key=True))
    by_holder = sa.Column("holder_id", sa.Text, primary_key=True)
    columns: dict[str, list[sa.Column[Any]]] = {
        "the primary key does not begin with holder_id": [
            sa.Column("name", sa.Text, primary_key=True)
        ],
        "it counts up": [sa.Column("number", sa.Integer, primary_key=True)],
        "unique constraint": [by_holder, sa.Column("name", sa.Text, unique=True)],
        "unique index": [by_holder, sa.Column("name", sa.Text, unique=True, index=True)],
        "foreign key": [by_holder, sa.Column("other", sa.ForeignKey("owner.holder_id"))],
        "at has a default": [by_holder, sa.Column("at", sa.Integer, server_default=sa.text("0"))],
        "next has a default": [by_holder, sa.Column("next", sa.Integer, sa.Sequence("counter"))],
        "row has a default": [by_holder, sa.Column("row", sa.Integer, sa.Identity())],
    }
    return sa.Table("unfit", own, *columns[kind])


@pytest.mark.parametrize(
    "fault",
    [
        "the primary key does not begin with holder_id",
        "it counts up",
        "unique constraint",
        "unique index",
        "foreign key",
        "at has a default",
        "next has a default",
        "row has a default",
    ],
)
def test_a_table_that_cannot_is_seen(fault: str) -> None:
    assert any(found.startswith(fault) for found in faults(unfit_table(fault)))


def test_every_table_is_named_in_the_register_of_the_engine_as_here(database: Database) -> None:
    assert set(sa.inspect(database.engine).get_table_names()) == {
        *metadata.tables,
        "alembic_version",
    }


def test_no_engine_makes_a_sequence(database: Database) -> None:
    if database.is_sqlite:
        query = "SELECT name FROM sqlite_master WHERE name = 'sqlite_sequence'"
    else:
        query = "SELECT relname FROM pg_class WHERE relkind = 'S'"
    with database.reading() as db:
        assert db.execute(sa.text(query)).all() == []


@pytest.mark.parametrize(
    "instant",
    [
        datetime(2026, 6, 1, 2, 0, 0, 123456, tzinfo=UTC),
        datetime(1900, 1, 1, tzinfo=UTC),
        datetime(2199, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC) - timedelta(microseconds=1),
    ],
    ids=str,
)
def test_an_instant_comes_back_to_the_microsecond(database: Database, instant: datetime) -> None:
    with database.writing() as db:
        db.execute(sa.insert(holder).values(holder_id="cd-000001", recorded_at=instant))
    with database.reading() as db:
        assert db.execute(sa.select(holder.c.recorded_at)).scalar_one() == instant


def test_instants_are_compared_by_the_database(database: Database, now: datetime) -> None:
    later = now + timedelta(microseconds=1)
    with database.writing() as db:
        db.execute(sa.insert(holder).values(holder_id="cd-000001", recorded_at=later))
    with database.reading() as db:
        found = db.execute(sa.select(holder.c.recorded_at > now, holder.c.recorded_at > later))
        assert [bool(value) for value in found.one()] == [True, False]


def test_an_instant_without_an_offset_is_no_instant(database: Database) -> None:
    naive = datetime(2026, 6, 1, tzinfo=UTC).replace(tzinfo=None)
    with pytest.raises(sa.exc.StatementError), database.writing() as db:
        db.execute(sa.insert(holder).values(holder_id="cd-000001", recorded_at=naive))
    assert isinstance(holder.c.recorded_at.type, Instant)


def test_every_reason_of_a_verdict_fits_its_column() -> None:
    kind = access_record.c.verdict_reason.type
    assert isinstance(kind, sa.String)
    assert kind.length is not None
    assert max(len(code.wire) for code in ErrorCode) <= kind.length
