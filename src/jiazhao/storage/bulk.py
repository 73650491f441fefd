"""Many rows of one table at once: by COPY on PostgreSQL, by one prepared statement on SQLite.

A register of millions is written row by row in Python otherwise: building each statement's
parameters takes longer than the database does. The transaction, its durability, and what an
error means are those of every other statement.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa


def insert_rows(db: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same columns, in the transaction of `db`."""
    if not rows:
        return
    names = tuple(rows[0])
    prepare = [_prepared(table.c[name], db.dialect) for name in names]
    values = [
        tuple([p(row[n]) if p else row[n] for n, p in zip(names, prepare, strict=True)])
        for row in rows
    ]
    copy_rows(db, table, names, values)


def copy_rows(
    db: sa.Connection, table: sa.Table, names: Sequence[str], values: Sequence[tuple[Any, ...]]
) -> None:
    """Insert rows whose values are those of the driver already, in the order of `names`."""
    quoted = ", ".join(f'"{name}"' for name in names)
    if db.dialect.name == "postgresql":
        _copy(db, f'COPY "{table.name}" ({quoted}) FROM STDIN', values)
        return
    marks = ", ".join("?" * len(names))
    db.exec_driver_sql(f'INSERT INTO "{table.name}" ({quoted}) VALUES ({marks})', values)  # noqa: S608 - names of our own schema


def _prepared(column: sa.Column[Any], dialect: sa.Dialect) -> Callable[[Any], Any] | None:
    """What a value of the column is turned into for the driver; None where it is left as it is."""
    return column.type.dialect_impl(dialect).bind_processor(dialect)


def _copy(db: sa.Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    driver = db.dialect.loaded_dbapi
    cursor = db.connection.cursor()
    try:
        with cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except driver.Error as error:
        raise sa.exc.DBAPIError.instance(
            statement, None, error, driver.Error, dialect=db.dialect
        ) from error
    finally:
        cursor.close()
