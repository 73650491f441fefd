"""Taking a backup of a deployment that runs.

The rows are those of one transaction, so of one moment, and the keys are read after it: whatever
key the rows speak of is among them. Everything is on disk before the folder gets its name.
"""

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO, Final

import tomli_w

from jiazhao.config import Config
from jiazhao.credentials.signing import Signer
from jiazhao.errors import ErrorCode, JiazhaoError, UnreadableError
from jiazhao.keeping import manifest as form
from jiazhao.keeping.manifest import Manifest, Part
from jiazhao.storage.dump import dump_rows, without_password
from jiazhao.storage.engine import Database
from jiazhao.storage.migrate import status
from jiazhao.trust.durable import write_durably
from jiazhao.trust.folder import INVENTORY

OPEN_FILES: Final = (*form.REGISTER_KEYS, "identity-client.pem")
"""Secrets that lie in the folder of keys unencrypted."""

_KEY_READINGS: Final = 5
"""An act on the keys takes milliseconds; five in a row is somebody else's loop."""


class _Sink:
    """A file that is written once, with its length and digest."""

    def __init__(self, file: BinaryIO, advance: Callable[[int], None]) -> None:
        self._file, self._advance = file, advance
        self.octets, self._digest = 0, sha256()

    def write(self, octets: bytes) -> None:
        """Append."""
        self._file.write(octets)
        self._digest.update(octets)
        self.octets += len(octets)
        self._advance(len(octets))

    def part(self, name: str) -> Part:
        """What the manifest says of it."""
        return Part(name, self.octets, self._digest.hexdigest())


def take_backup(
    config: Config,
    database: Database,
    signer: Signer,
    folder: Path,
    *,
    now: datetime,
    with_open_keys: bool = False,
    advance: Callable[[int], None] = lambda _: None,
) -> tuple[Path, Manifest]:
    """Write a backup below `folder` and return where it is, with its manifest.

    `with_open_keys` takes along the secrets that are not encrypted: whoever has such a backup
    reads everybody in it. Raises `ConfigurationError` for a schema that is behind, `StoreError`,
    `SignerError`, and `UnreadableError` (UNWRITABLE).
    """
    schema = status(database)
    if schema.found is None or schema.pending:
        raise JiazhaoError(ErrorCode.SCHEMA_BEHIND, found=schema.found or "—", known=schema.head)
    final = folder / f"jiazhao-{now:%Y%m%dT%H%M%SZ}"
    partial = folder / f".{final.name}.partial"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if final.exists():
            raise UnreadableError(ErrorCode.UNWRITABLE, what=final.name, reason="exists / 已存在")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        manifest = _write(config, database, partial, schema.found, now, with_open_keys, advance)
        write_durably(partial / form.NAME, form.sign(manifest, signer), mode=0o600)
        _flush(partial)
        partial.rename(final)
        _flush(folder)
    except OSError as error:
        raise UnreadableError(
            ErrorCode.UNWRITABLE, what=final.name, reason=error.strerror or type(error).__name__
        ) from error
    finally:
        with suppress(OSError):
            shutil.rmtree(partial, ignore_errors=True)
    return final, manifest


def _write(
    config: Config,
    database: Database,
    folder: Path,
    schema: str,
    now: datetime,
    with_open_keys: bool,
    advance: Callable[[int], None],
) -> Manifest:
    with _created(folder / form.ROWS) as file:
        sink = _Sink(file, advance)
        with database.reading() as db:
            rows = dump_rows(db, sink.write)
        _settle(file)
    parts = [sink.part(form.ROWS)]
    keys = config.state_dir / form.KEYS
    parts += _write_all(folder, form.KEYS, _sealed_keys(keys))
    marks = {
        name: form.mark((keys / name).read_bytes(), name, now)
        for name in form.REGISTER_KEYS
        if (keys / name).exists()  # a token may have it
    }
    if with_open_keys:
        present = [name for name in OPEN_FILES if (keys / name).exists()]
        parts += _write_all(
            folder, form.OPEN_KEYS, {name: (keys / name).read_bytes() for name in present}
        )
    settings = tomli_w.dumps(_settings(config)).encode()
    parts += _write_all(folder, "", {form.SETTINGS: settings})
    return Manifest(
        version=1,
        issuer=config.public_url,
        taken_at=now,
        schema=schema,
        program=version("jiazhao"),
        rows=rows,
        key_marks=marks,
        parts=parts,
    )


def _sealed_keys(folder: Path) -> dict[str, bytes]:
    """The folder's files as they stand: certificates, lists, encrypted keys, and the inventory.

    Plain signing keys are among them only where the deployment keeps plain ones. The inventory is
    compared before and after, so that files and inventory are of one moment.
    """
    for _ in range(_KEY_READINGS):
        before = (folder / INVENTORY).read_bytes()
        with suppress(FileNotFoundError):
            files = {
                path.name: path.read_bytes()
                for path in sorted(folder.iterdir())
                if path.is_file() and not path.name.startswith(".") and path.name not in OPEN_FILES
            }
            if files.get(INVENTORY) == before == (folder / INVENTORY).read_bytes():
                return files
    raise UnreadableError(ErrorCode.UNREADABLE, what=INVENTORY, reason="changes / 正在变更")


def _write_all(folder: Path, below: str, files: dict[str, bytes]) -> list[Part]:
    place = folder / below
    place.mkdir(mode=0o700, exist_ok=True)
    for name, octets in files.items():
        write_durably(place / name, octets, mode=0o600)
    prefix = f"{below}/" if below else ""
    return [
        Part(f"{prefix}{name}", len(octets), sha256(octets).hexdigest())
        for name, octets in files.items()
    ]


def _settings(config: Config) -> dict[str, Any]:
    """The settings in force, those from the environment too; no password of the database."""
    given: dict[str, Any] = {}
    for field in fields(config):
        value = getattr(config, field.name)
        if value is None or value == field.default:
            continue
        if field.name == "wallets":
            value = [
                {"client_id": one.client_id, "redirect_uris": list(one.redirect_uris)}
                for one in value
            ]
        given[field.name] = str(value) if isinstance(value, Path) else value
    given["database_url"] = without_password(config.database_url)
    return {key: list(value) if isinstance(value, tuple) else value for key, value in given.items()}


def _created(path: Path) -> BinaryIO:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    return os.fdopen(descriptor, "wb")


def _settle(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
