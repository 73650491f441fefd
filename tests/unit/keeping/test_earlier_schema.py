"""A backup that an earlier version took is restored by this one; one of a later is refused."""

from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from jiazhao.app import House
from jiazhao.config import Config
from jiazhao.errors import ConfigurationError, ErrorCode
from jiazhao.keeping import manifest as form
from jiazhao.keeping.manifest import Part
from jiazhao.storage import dump, schema
from jiazhao.storage.migrate import is_current
from tests.unit.keeping.conftest import HOLDER, read, restored, taken

WITHOUT = {"restoration", "enforcement_key", "status_handle", "device_contact", "code_part"}
"""Tables that the revision before restorations did not have, and below its columns."""
COLUMNS = {
    "status_list": {"ends_unknown"},
    "electronic_licence": {"last_code_at", "frozen_at", "frozen_by"},
}
EARLIER = "0011"


def as_earlier(octets: bytes) -> bytes:
    """The same rows, as the revision before restorations would have written them."""
    frames: list[list[Any]] = []
    table, kept, count = "", list[int](), 0
    stream = BytesIO(octets)
    assert stream.read(len(dump.MAGIC)) == dump.MAGIC
    for kind, _, value in dump._frames(stream):
        if kind == "table":
            table, names = value
            later = COLUMNS.get(table, set())
            kept = [place for place, name in enumerate(names) if name not in later]
            value = [table, [names[place] for place in kept]]
        elif kind == "rows":
            value = [[[row[place] for place in kept] for row in value[0]]]
            count += len(value[0]) if table not in WITHOUT else 0
        elif kind == "end":
            value = [count]
        if table not in WITHOUT or kind == "end":
            frames.append([kind, *value])
    return dump.MAGIC + b"".join(map(dump._frame, frames))


def rewritten(house: House, folder: Path, revision: str) -> None:
    """Let our own signer say that the backup is of another revision."""
    manifest = read(house, folder).manifest
    octets = as_earlier((folder / form.ROWS).read_bytes())
    (folder / form.ROWS).write_bytes(octets)
    parts = [part for part in manifest.parts if part.name != form.ROWS]
    parts.append(Part(form.ROWS, len(octets), sha256(octets).hexdigest()))
    rows = {name: count for name, count in manifest.rows.items() if name not in WITHOUT}
    changed = msgspec.structs.replace(manifest, schema=revision, parts=parts, rows=rows)
    (folder / form.NAME).write_bytes(form.sign(changed, house.trust.status_signer))


@pytest.mark.usefixtures("phone")
def test_an_earlier_backup_is_brought_to_this_schema(
    house: House, place: Config, tmp_path: Path, reopened: Any
) -> None:
    folder = taken(house, tmp_path / "backups")
    rewritten(house, folder, EARLIER)
    restored(house, folder, place)
    back: House = reopened(place)
    assert is_current(back.database)
    with back.database.reading() as db:
        assert back.register.licence_of(db, HOLDER, at=back.clock()).holder_id == HOLDER
        assert db.execute(sa.select(schema.status_list.c.ends_unknown)).scalars().all() == [True]
        assert db.execute(sa.select(schema.restoration.c.as_of)).scalar_one() == back.clock()


def test_a_backup_of_a_later_schema_is_refused(house: House, place: Config, tmp_path: Path) -> None:
    folder = taken(house, tmp_path / "backups")
    rewritten(house, folder, "9999")
    with pytest.raises(ConfigurationError) as caught:
        restored(house, folder, place)
    assert caught.value.code is ErrorCode.SCHEMA_LATER
    assert not place.state_dir.exists()
