"""All rows of a database as one stream of octets that both engines write and both read.

The stream is a magic number and frames; a frame is its length (4 octets, big-endian) and one
MessagePack value:

    ["table", name, [column, …]]      what follows is of this table
    ["rows", [[value, …], …]]         some rows; a day is ISO 8601 text, everything else itself
    ["end", rows]                     how many rows there were in all; nothing follows

Tables stand in an order that foreign keys allow. Memory is bounded by a frame.
"""

import struct
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec
import sqlalchemy as sa

from jiazhao.errors import ErrorCode, UnreadableError
from jiazhao.storage.bulk import copy_rows
from jiazhao.storage.engine import Connection, Database
from jiazhao.storage.schema import metadata

MAGIC: Final = b"JZROWS1\n"
_HEAD: Final = struct.Struct(">I")
_FRAME_OCTETS: Final = 1 << 20
"""A frame is closed once it has this much."""
_MAX_FRAME: Final = 16 << 20
"""Far more than a frame and the largest row that any table takes."""
_ROWS_AT_ONCE: Final = 1000
_LARGE_ROWS_AT_ONCE: Final = 50
"""Asked of the database at once, where a row may be a picture."""


def dump_rows(db: Connection, write: Callable[[bytes], Any]) -> dict[str, int]:
    """Write every row that the transaction sees; returns how many each table has.

    `db` is a reading transaction, which is one snapshot on either engine.
    """
    if db.dialect.name == "postgresql":
        # A table may take longer than a request ever does, and the disk may be slow.
        for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
            db.exec_driver_sql(f"SET LOCAL {limit} = 0")
    write(MAGIC)
    counts: dict[str, int] = {}
    present = set(sa.inspect(db).get_table_names())
    for table in metadata.sorted_tables:
        if table.name in present:
            counts[str(table.name)] = _dump_table(db, table, write)
    write(_frame(["end", sum(counts.values())]))
    return counts


def _dump_table(db: Connection, table: sa.Table, write: Callable[[bytes], Any]) -> int:
    names = [str(column.name) for column in table.columns]
    write(_frame(["table", str(table.name), names]))
    plain = [_plain(column) for column in table.columns]
    quoted = ", ".join(f'"{name}"' for name in names)
    large = any(isinstance(column.type, sa.LargeBinary) for column in table.columns)
    at_once = _LARGE_ROWS_AT_ONCE if large else _ROWS_AT_ONCE
    rows = db.execution_options(stream_results=True, yield_per=at_once).exec_driver_sql(
        f'SELECT {quoted} FROM "{table.name}"'  # noqa: S608 - names of our own schema
    )
    count, octets = 0, 0
    waiting: list[msgspec.Raw] = []
    for row in rows:
        values = [p(v) if p and v is not None else v for p, v in zip(plain, row, strict=True)]
        waiting.append(msgspec.Raw(msgspec.msgpack.encode(values)))
        octets += len(waiting[-1])
        count += 1
        if octets >= _FRAME_OCTETS:
            write(_frame(["rows", waiting]))
            waiting, octets = [], 0
    if waiting:
        write(_frame(["rows", waiting]))
    return count


def _plain(column: sa.Column[Any]) -> Callable[[Any], Any] | None:
    """What a driver's value is turned into, so that both engines write the same."""
    if isinstance(column.type, sa.Boolean):
        return bool
    if isinstance(column.type, sa.LargeBinary):
        return bytes
    if isinstance(column.type, sa.Date):
        return str
    return None


def _frame(value: object) -> bytes:
    octets = msgspec.msgpack.encode(value)
    return _HEAD.pack(len(octets)) + octets


def load_rows(
    db: Connection, stream: BinaryIO, advance: Callable[[int], None] = lambda _: None
) -> dict[str, int]:
    """Insert every row of a stream into empty tables; returns how many each table got.

    Raises `UnreadableError` for a stream that is cut short, or is not one of ours, or has
    tables or columns that this version does not know.
    """
    if stream.read(len(MAGIC)) != MAGIC:
        raise _unreadable("magic number")
    if db.dialect.name == "postgresql":
        db.exec_driver_sql("SET LOCAL statement_timeout = 0")
    counts: dict[str, int] = {}
    table: sa.Table | None = None
    names: Sequence[str] = ()
    for kind, octets, value in _frames(stream):
        advance(octets)
        if kind == "table" and len(value) == 2:
            table, names = _table(*value)
            counts[str(table.name)] = 0
        elif kind == "rows" and table is not None and len(value) == 1:
            copy_rows(db, table, names, [_row(row, names) for row in value[0]])
            counts[str(table.name)] += len(value[0])
        elif kind == "end" and value == [sum(counts.values())] and not stream.read(1):
            return counts
        else:
            raise _unreadable("a frame out of place")
    raise _unreadable("no end")


def _frames(stream: BinaryIO) -> Iterator[tuple[str, int, list[Any]]]:
    while head := stream.read(_HEAD.size):
        if len(head) != _HEAD.size:
            raise _unreadable("a frame cut short")
        (length,) = _HEAD.unpack(head)
        if length > _MAX_FRAME:
            raise _unreadable("a frame too large")
        octets = stream.read(length)
        if len(octets) != length:
            raise _unreadable("a frame cut short")
        try:
            kind, *value = msgspec.msgpack.decode(octets, type=list[Any])
        except (msgspec.DecodeError, ValueError) as error:
            raise _unreadable("a frame that is none") from error
        yield str(kind), _HEAD.size + length, value


def _table(name: object, columns: object) -> tuple[sa.Table, Sequence[str]]:
    table = metadata.tables.get(str(name))
    if table is None or not isinstance(columns, list):
        raise _unreadable("an unknown table")
    if not columns or not {str(column) for column in columns} <= set(table.columns.keys()):
        raise _unreadable("an unknown column")
    return table, [str(column) for column in columns]


def _row(row: object, names: Sequence[str]) -> tuple[Any, ...]:
    if not isinstance(row, list) or len(row) != len(names):
        raise _unreadable("a row of another width")
    return tuple(row)


def count_rows(db: Connection) -> dict[str, int]:
    """How many rows each table has."""
    return {
        str(table.name): db.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
        for table in metadata.sorted_tables
    }


def is_empty(database: Database) -> bool:
    """Whether a database holds nothing: no table of ours, or no row in any."""
    with database.reading() as db:
        present = set(sa.inspect(db).get_table_names())
        return not any(
            db.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first()
            for table in metadata.sorted_tables
            if table.name in present
        )


def embedded_file(url: str) -> Path | None:
    """The file of an embedded database; None where the database is a server's."""
    address = sa.make_url(url)
    if address.get_backend_name() != "sqlite" or not address.database:
        return None
    return Path(address.database)


def at_file(url: str, file: Path) -> str:
    """The address of an embedded database in another file."""
    return sa.make_url(url).set(database=str(file)).render_as_string(hide_password=False)


def settle(database: Database) -> None:
    """Bring an embedded database into its one file, before it is given its name."""
    if database.is_sqlite:
        with database.reading() as db:
            db.exec_driver_sql("COMMIT")
            db.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            db.exec_driver_sql("BEGIN")
    database.close()


def without_password(url: str) -> str:
    """The address of a database as it may be written down."""
    return sa.make_url(url).set(password=None).render_as_string(hide_password=False)


def _unreadable(reason: str) -> UnreadableError:
    return UnreadableError(ErrorCode.BACKUP_DAMAGED, part="database", reason=reason)
