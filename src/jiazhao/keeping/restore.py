"""Restoring a backup into an empty place.

The rows come first and the keys last: without keys nothing starts, so a restore that was cut
short is no deployment. What was restored knows that it lost what came after the backup, see
`storage/restoration.py`.
"""

import os
import shutil
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from jiazhao.config import Config
from jiazhao.errors import ConfigurationError, ErrorCode, UnreadableError
from jiazhao.keeping import manifest as form
from jiazhao.keeping.manifest import Backup, damaged
from jiazhao.licence.identifiers import HolderId
from jiazhao.registry.service import erase_again
from jiazhao.storage.dump import at_file, embedded_file, is_empty, load_rows, settle
from jiazhao.storage.engine import Database
from jiazhao.storage.migrate import migrate, require_known
from jiazhao.storage.restoration import mark_restored
from jiazhao.trust.durable import write_durably

_KEY_OCTETS: Final = 32


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did."""

    as_of: datetime
    rows: dict[str, int]
    erased: int
    """Persons who were erased after the backup was taken, and again now."""


def restore(
    backup: Backup,
    config: Config,
    *,
    open_keys: Path | None,
    erasures: Iterable[HolderId],
    now: datetime,
    advance: Callable[[int], None] = lambda _: None,
) -> Restored:
    """Bring a backup that was read through into the place that `config` names.

    `open_keys` is a folder with the secrets that the backup does not have. Raises
    `ConfigurationError` (PLACE_NOT_EMPTY, SCHEMA_LATER), `UnreadableError` (BACKUP_DAMAGED,
    BACKUP_KEY_MISSING), `StoreError`; then no deployment was made.
    """
    require_known(backup.manifest.schema)
    _require_empty(config)
    secrets = _secrets(backup, open_keys)
    file = embedded_file(config.database_url)
    try:
        config.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if file is None:
            rows, erased = _fill(config.database_url, backup, erasures, now, advance)
        else:
            filling = file.with_name(f"{file.name}.restoring")
            _forget(filling)
            url = at_file(config.database_url, filling)
            rows, erased = _fill(url, backup, erasures, now, advance)
            _flush_file(filling)
            filling.rename(file)
            _flush_folder(file.parent)
        _place_keys(backup, config.state_dir, secrets)
    except OSError as error:
        raise UnreadableError(
            ErrorCode.UNWRITABLE,
            what=config.state_dir.name,
            reason=error.strerror or type(error).__name__,
        ) from error
    return Restored(backup.manifest.taken_at, rows, erased)


def _require_empty(config: Config) -> None:
    for name in (form.KEYS, "status-lists"):
        if (config.state_dir / name).exists():
            raise ConfigurationError(ErrorCode.PLACE_NOT_EMPTY, what=f"{name}/")
    file = embedded_file(config.database_url)
    if file is not None:
        if file.exists():
            raise ConfigurationError(ErrorCode.PLACE_NOT_EMPTY, what=file.name)
        return
    with closing(Database(config.database_url)) as database:
        if not is_empty(database):
            raise ConfigurationError(ErrorCode.PLACE_NOT_EMPTY, what="database_url")


def _secrets(backup: Backup, open_keys: Path | None) -> dict[str, bytes]:
    """The secrets of the register, out of the backup or out of a folder, each the right one."""
    found: dict[str, bytes] = {}
    for name in backup.parts_in(form.OPEN_KEYS):
        found[name] = backup.path(f"{form.OPEN_KEYS}/{name}").read_bytes()
    for name, expected in backup.manifest.key_marks.items():
        if name not in found and open_keys is not None:
            with suppress(OSError), (open_keys / name).open("rb") as file:
                found[name] = file.read(_KEY_OCTETS + 1)
        key = found.get(name, b"")
        # HMAC fills a short key up with zeros, so that the length counts by itself.
        is_whole = len(key) == _KEY_OCTETS
        if not is_whole or form.mark(key, name, backup.manifest.taken_at) != expected:
            raise UnreadableError(ErrorCode.BACKUP_KEY_MISSING, name=name)
    return found


def _fill(
    url: str,
    backup: Backup,
    erasures: Iterable[HolderId],
    now: datetime,
    advance: Callable[[int], None],
) -> tuple[dict[str, int], int]:
    migrate(url, to=backup.manifest.schema)
    database = Database(url)
    try:
        with backup.path(form.ROWS).open("rb") as stream, database.writing() as db:
            rows = load_rows(db, stream, advance)
            if rows != backup.manifest.rows:
                raise damaged(form.ROWS, "rows / 行数不符")
        migrate(url)
        with database.writing() as db:
            mark_restored(db, backup.digest, as_of=backup.manifest.taken_at, now=now)
            erased = erase_again(db, erasures, now)
    finally:
        settle(database)
    return rows, erased


def _place_keys(backup: Backup, state: Path, secrets: dict[str, bytes]) -> None:
    filling, final = state / f".{form.KEYS}.restoring", state / form.KEYS
    shutil.rmtree(filling, ignore_errors=True)
    filling.mkdir(mode=0o700)
    for name in backup.parts_in(form.KEYS):
        octets = backup.path(f"{form.KEYS}/{name}").read_bytes()
        write_durably(filling / name, octets, mode=0o600)
    for name, octets in secrets.items():
        write_durably(filling / name, octets, mode=0o600)
    filling.rename(final)
    _flush_folder(state)


def _forget(file: Path) -> None:
    """Remove what a restore that was cut short left of an embedded database."""
    for ending in ("", "-wal", "-shm"):
        file.with_name(file.name + ending).unlink(missing_ok=True)


def _flush_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


_flush_folder = _flush_file
