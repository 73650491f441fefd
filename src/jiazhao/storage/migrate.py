"""Bring a database to the schema of this version, once, however many start at the same time.

The revisions run in one transaction under a lock: all of them or none. A database of a later
version is refused before anything is touched.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from jiazhao.errors import ConfigurationError, ErrorCode, StoreError
from jiazhao.storage.engine import Connection, Database
from jiazhao.storage.schema import metadata

_FOLDER = Path(__file__).parent / "migrations"

_LOCK_NAME = 0x6A69617A68616F
"""The advisory lock of migrations on PostgreSQL: the letters of "jiazhao", so that it is ours."""

_WAIT_FOR_ANOTHER = "300s"
"""A start waits this long for another that migrates."""

_WAIT_FOR_A_TABLE = "10s"
"""A revision waits no longer than this for a table in use: whoever comes after it waits too."""

_NOT_ALLOWED = "42501"
"""What PostgreSQL says to a role that owns nothing."""

_one_at_a_time = Lock()
"""Alembic keeps the running migration in module variables, so one thread at a time."""


@dataclass(frozen=True, slots=True)
class SchemaStatus:
    """Where a database stands: `found` is its revision, None where it is empty."""

    found: str | None
    head: str
    pending: tuple[str, ...]
    """Revisions that this version would apply, in order."""
    is_later: bool
    """Whether a later version of the program made it."""


def migrate(url: str, *, to: str = "head") -> tuple[str, ...]:
    """Create or upgrade; returns the revisions applied, none where there was nothing to do.

    `to` is a revision to stop at, where rows of an earlier version are to be loaded.

    Raises `ConfigurationError` for a database of a later version (SCHEMA_LATER), with tables
    that no migration made, or whose role may not change it, and `StoreError`; then nothing was
    changed.
    """
    database = Database(url)
    try:
        with _one_at_a_time, database.writing() as db:
            _lock(db)
            schema = _status(db)
            _refuse_strange(db, schema)
            if schema.pending:
                config = _config()
                config.attributes["connection"] = db
                command.upgrade(config, to)
            return schema.pending
    except sa.exc.ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) != _NOT_ALLOWED:
            raise
        raise _unusable("its role may not change the schema / 其角色无权更改库结构") from error
    finally:
        database.close()


def require_known(revision: str) -> None:
    """Raise `ConfigurationError` (SCHEMA_LATER) for a revision that this version does not know."""
    if revision not in _revisions():
        raise ConfigurationError(ErrorCode.SCHEMA_LATER, found=revision, known=_revisions()[-1])


def pending(url: str) -> tuple[str, ...]:
    """The revisions that `migrate` would apply; raises as it does and changes nothing."""
    database = Database(url)
    try:
        with database.reading() as db:
            schema = _status(db)
            _refuse_strange(db, schema)
            return schema.pending
    finally:
        database.close()


def status(database: Database) -> SchemaStatus:
    """Where the database stands. Raises `StoreError`."""
    with database.reading() as db:
        return _status(db)


def is_current(database: Database) -> bool:
    """Whether this version can serve from the database: it answers and is not behind.

    A later schema is no reason to stop: a revision adds before it takes away, so the version
    before serves on until the new one has started.
    """
    try:
        return not status(database).pending
    except StoreError:
        return False


def _status(db: Connection) -> SchemaStatus:
    revisions = _revisions()
    found = MigrationContext.configure(db).get_current_revision()
    if found is None:
        return SchemaStatus(None, revisions[-1], revisions, is_later=False)
    if found not in revisions:
        return SchemaStatus(found, revisions[-1], (), is_later=True)
    applied = revisions.index(found) + 1
    return SchemaStatus(found, revisions[-1], revisions[applied:], is_later=False)


def _refuse_strange(db: Connection, schema: SchemaStatus) -> None:
    if schema.is_later:
        raise ConfigurationError(ErrorCode.SCHEMA_LATER, found=str(schema.found), known=schema.head)
    if schema.found is None and set(sa.inspect(db).get_table_names()) & metadata.tables.keys():
        raise _unusable(
            "its tables were not made by `jiazhao migrate` / 其中的表并非由迁移程序建立"
        )


def _unusable(reason: str) -> ConfigurationError:
    return ConfigurationError(ErrorCode.BAD_CONFIGURATION, key="database_url", reason=reason)


@cache
def _revisions() -> tuple[str, ...]:
    """All revisions of this version, the oldest first; they form one line."""
    scripts = ScriptDirectory.from_config(_config()).walk_revisions()
    return tuple(script.revision for script in scripts)[::-1]


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config


def _lock(db: Connection) -> None:
    """Hold off other migrations until the transaction ends; on SQLite it does so by itself."""
    if db.dialect.name == "postgresql":
        # A revision may take longer than a request ever does.
        db.exec_driver_sql("SET LOCAL statement_timeout = 0")
        db.exec_driver_sql(f"SET LOCAL lock_timeout = '{_WAIT_FOR_ANOTHER}'")
        db.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK_NAME})")
        db.exec_driver_sql(f"SET LOCAL lock_timeout = '{_WAIT_FOR_A_TABLE}'")
