"""Migrations: the schema that they come to, starts at the same time, and what is refused."""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from jiazhao.errors import ConfigurationError, ErrorCode, JiazhaoError
from jiazhao.storage import migrate as migrations
from jiazhao.storage.engine import Database
from jiazhao.storage.migrate import is_current, migrate, pending, status
from jiazhao.storage.schema import metadata

OWN = migrations._revisions()
"""The revisions of this version; a test adds the next one."""

NEXT = f"{int(OWN[-1]) + 1:04}"

VERSION = sa.table("alembic_version", sa.column("version_num"))


@pytest.fixture
def engine(engine_url: str) -> Iterator[sa.Engine]:
    engine = sa.create_engine(engine_url)
    yield engine
    engine.dispose()


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of revisions to which a test adds; it stands in for the package's own."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrations._FOLDER, folder)
    monkeypatch.setattr(migrations, "_FOLDER", folder)
    migrations._revisions.cache_clear()
    yield folder
    migrations._revisions.cache_clear()


def add_revision(folder: Path, *statements: str) -> None:
    lines = "".join(f"    op.execute({statement!r})\n" for statement in statements)
    (folder / "versions" / f"r{NEXT}_next.py").write_text(
        "from alembic import op\n\n"
        f'revision = "{NEXT}"\ndown_revision = "{OWN[-1]}"\n\n\n'
        f"def upgrade() -> None:\n{lines}"
    )
    migrations._revisions.cache_clear()


def described(engine: sa.Engine) -> Mapping[str, Any]:
    """What a database says of every table: columns, keys, constraints, indices."""
    look = sa.inspect(engine)

    def by_name(rows: Any) -> list[str]:
        return sorted(str(sorted(row.items(), key=str)) for row in rows)

    return {
        table: {
            "columns": by_name(
                {**column, "type": str(column["type"])} for column in look.get_columns(table)
            ),
            "primary key": by_name([look.get_pk_constraint(table)]),
            "unique": by_name(look.get_unique_constraints(table)),
            "foreign keys": by_name(look.get_foreign_keys(table)),
            "indices": by_name(
                {
                    **index,
                    "dialect_options": {
                        name: str(value) for name, value in index.get("dialect_options", {}).items()
                    },
                }
                for index in look.get_indexes(table)
            ),
        }
        for table in look.get_table_names()
        if table != "alembic_version"
    }


def test_the_revisions_come_to_the_schema_of_this_version(
    engine_url: str, engine: sa.Engine
) -> None:
    migrate(engine_url)

    with engine.connect() as db:
        context = MigrationContext.configure(
            db, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []


def test_and_to_the_same_keys_and_partial_indices(engine_url: str, engine: sa.Engine) -> None:
    migrate(engine_url)
    migrated = described(engine)
    metadata.drop_all(engine)
    metadata.create_all(engine)

    assert described(engine) == migrated
    assert len(migrated) == len(metadata.tables)


def test_migrating_twice_does_nothing_the_second_time(engine_url: str) -> None:
    assert pending(engine_url) == OWN
    assert migrate(engine_url) == OWN
    assert migrate(engine_url) == ()
    assert pending(engine_url) == ()


MIGRATE_ON_A_LINE = """
import sys
from jiazhao.storage.migrate import migrate
print("imported", flush=True)
sys.stdin.readline()
print(*migrate(sys.argv[1]))
"""


def test_of_several_starts_at_once_one_migrates(engine_url: str) -> None:
    command = [sys.executable, "-c", MIGRATE_ON_A_LINE, engine_url]
    pipe = subprocess.PIPE
    starts = [
        subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) for _ in range(3)
    ]
    for start in starts:
        assert start.stdout is not None
        assert start.stdout.readline() == "imported\n"
    for start in starts:
        assert start.stdin is not None
        start.stdin.write("\n")
        start.stdin.flush()
    said = [start.communicate(timeout=60) for start in starts]

    assert [start.returncode for start in starts] == [0, 0, 0], said
    assert sorted(out for out, _ in said) == ["\n", "\n", f"{' '.join(OWN)}\n"]


def test_a_database_of_a_later_version_is_refused_untouched(
    engine_url: str, engine: sa.Engine
) -> None:
    migrate(engine_url)
    with engine.begin() as db:
        db.execute(sa.update(VERSION).values(version_num="0999"))
        db.execute(sa.text("DROP TABLE short_code"))
    before = described(engine)

    with pytest.raises(ConfigurationError) as refused:
        migrate(engine_url)
    with pytest.raises(ConfigurationError):
        pending(engine_url)

    assert refused.value.code is ErrorCode.SCHEMA_LATER
    assert refused.value.values == {"found": "0999", "known": OWN[-1]}
    assert described(engine) == before


def test_tables_that_no_migration_made_are_refused(engine_url: str, engine: sa.Engine) -> None:
    metadata.tables["holder"].create(engine)

    with pytest.raises(ConfigurationError) as refused:
        migrate(engine_url)

    assert refused.value.code is ErrorCode.BAD_CONFIGURATION
    assert sa.inspect(engine).get_table_names() == ["holder"]


def test_a_database_is_current_from_its_migration_until_a_new_version_starts(
    engine_url: str, plant: Path
) -> None:
    database = Database(engine_url)
    assert not is_current(database)
    migrate(engine_url)
    assert is_current(database)

    add_revision(plant, "ALTER TABLE holder ADD COLUMN note TEXT")
    assert not is_current(database)
    assert status(database).pending == (NEXT,)

    migrate(engine_url)
    assert is_current(database)
    (plant / "versions" / f"r{NEXT}_next.py").unlink()
    migrations._revisions.cache_clear()
    assert status(database).is_later
    assert is_current(database), "the version before serves on while the new one starts"
    database.close()


def test_an_upgrade_keeps_what_is_there(engine_url: str, engine: sa.Engine, plant: Path) -> None:
    migrate(engine_url)
    with engine.begin() as db:
        db.execute(sa.text("INSERT INTO holder VALUES ('cd-000001', 1)"))
    add_revision(plant, "ALTER TABLE holder ADD COLUMN note TEXT")

    assert migrate(engine_url) == (NEXT,)

    with engine.connect() as db:
        assert db.execute(sa.text("SELECT * FROM holder")).all() == [("cd-000001", 1, None)]


def test_an_upgrade_that_fails_leaves_nothing(
    engine_url: str, engine: sa.Engine, plant: Path
) -> None:
    migrate(engine_url)
    before = described(engine)
    add_revision(plant, "CREATE TABLE half (number INTEGER)", "INSERT INTO nowhere VALUES (1)")

    with pytest.raises((JiazhaoError, sa.exc.DBAPIError)):
        migrate(engine_url)

    assert described(engine) == before
    assert pending(engine_url) == (NEXT,)


@pytest.mark.parametrize(
    "url",
    ["postgresql+psycopg://postgres@/none?host=/nowhere", "sqlite:////nowhere/none.sqlite"],
    ids=["postgres", "sqlite"],
)
def test_a_database_that_does_not_answer_is_not_current(url: str) -> None:
    database = Database(url)
    assert not is_current(database)
    database.close()
