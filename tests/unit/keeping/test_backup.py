"""A backup is one moment, whole, and refused when any octet is not as it was signed."""

import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from jiazhao.app import House
from jiazhao.config import Config
from jiazhao.credentials.signing import PublicKey
from jiazhao.errors import ErrorCode, JiazhaoError
from jiazhao.keeping import manifest as form
from jiazhao.keeping.backup import take_backup
from jiazhao.keeping.restore import restore
from jiazhao.registry.service import Amendment
from jiazhao.storage import schema
from jiazhao.storage.dump import dump_rows
from tests.houses import Phone
from tests.unit.drivers import admit, driver
from tests.unit.keeping.conftest import HOLDER, OTHER, drain, read, restored, taken


def refusal(act: object) -> ErrorCode:
    assert callable(act)
    with pytest.raises(JiazhaoError) as caught:
        act()
    return caught.value.code


def dump(house: House) -> bytes:
    out = bytearray()
    with house.database.reading() as db:
        dump_rows(db, out.extend)
    return bytes(out)


@pytest.mark.usefixtures("phone")
def test_it_holds_what_belongs_together_and_no_open_secret(house: House, tmp_path: Path) -> None:
    folder = taken(house, tmp_path / "backups")

    backup = read(house, folder)
    names = {part.name for part in backup.manifest.parts}
    assert {form.ROWS, form.SETTINGS, "keys/inventory.json"} <= names
    assert not [name for name in names if name.startswith(form.OPEN_KEYS)]
    keys = house.config.state_dir / form.KEYS
    octets = b"".join((folder / name).read_bytes() for name in names)
    for name in form.REGISTER_KEYS:
        assert (keys / name).read_bytes() not in octets
    assert backup.manifest.rows["holder"] == 2
    assert backup.manifest.rows["copy"] == 1
    assert driver(1).persons[0][1].identity_number.encode() not in octets
    assert {path.stat().st_mode & 0o077 for path in folder.rglob("*")} == {0}
    assert [path.name for path in (tmp_path / "backups").iterdir()] == [folder.name]


def test_with_open_keys_it_needs_nothing_else(house: House, place: Config, tmp_path: Path) -> None:
    folder = taken(house, tmp_path / "backups", open_keys=True)
    done = restore(read(house, folder), place, open_keys=None, erasures=(), now=house.clock())
    assert done.rows["holder"] == 2
    kept = place.state_dir / form.KEYS / form.LOOKUP_KEY
    assert kept.read_bytes() == house.register.lookup_key
    assert kept.stat().st_mode & 0o077 == 0


def test_what_is_written_meanwhile_is_not_half_in_it(house: House, tmp_path: Path) -> None:
    """Each change writes two rows in one transaction; a backup has both or none."""
    stop, wrote = threading.Event(), threading.Event()
    counts: dict[str, int] = {}

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            amendment = Amendment(house.clock(), points=number % 90)
            with house.database.writing() as db:
                house.register.amend(db, OTHER, amendment, house.clock())
            wrote.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        wrote.wait(10)
        for number in range(4):
            _, manifest = take_backup(
                house.config,
                house.database,
                house.trust.status_signer,
                tmp_path / f"{number}",
                now=house.clock(),
            )
            imported, counts = 2, manifest.rows
            assert counts["change"] - imported == counts["points_fact"]
    finally:
        stop.set()
        writer.join(10)
    assert counts["points_fact"] > 0


@pytest.mark.usefixtures("phone")
def test_every_changed_octet_is_refused(house: House, place: Config, tmp_path: Path) -> None:
    folder = taken(house, tmp_path / "backups", open_keys=True)
    read(house, folder)
    names = [part.name for part in read(house, folder).manifest.parts]
    for name in (*names, form.NAME):
        path = folder / name
        sound = path.read_bytes()
        every = (
            range(len(sound)) if name == form.NAME else range(0, len(sound), 1 + len(sound) // 9)
        )
        for at in every:
            path.write_bytes(sound[:at] + bytes([sound[at] ^ 1]) + sound[at + 1 :])
            code = refusal(lambda: read(house, folder))
            # Another certificate in the manifest's head is nobody's that we trust.
            assert code in {ErrorCode.BACKUP_DAMAGED, ErrorCode.BACKUP_NOT_TRUSTED}, (name, at)
            assert name == form.NAME or code is ErrorCode.BACKUP_DAMAGED
        for cut in (0, 1, len(sound) // 2, len(sound) - 1):
            path.write_bytes(sound[:cut])
            assert refusal(lambda: read(house, folder)) is ErrorCode.BACKUP_DAMAGED, (name, cut)
        path.unlink()
        assert refusal(lambda: read(house, folder)) is ErrorCode.BACKUP_DAMAGED
        path.write_bytes(sound)
    (folder / "keys" / "more.pem").write_bytes(b"more")
    assert refusal(lambda: read(house, folder)) is ErrorCode.BACKUP_DAMAGED
    (folder / "keys" / "more.pem").unlink()
    restored(house, folder, place)


def test_one_of_another_issuer_is_not_trusted(house: House, tmp_path: Path) -> None:
    folder = taken(house, tmp_path / "backups")
    code = refusal(lambda: form.open_backup(folder, ()))
    assert code is ErrorCode.BACKUP_NOT_TRUSTED


def test_a_signer_that_is_compromised_vouches_for_none(house: House, tmp_path: Path) -> None:
    folder = taken(house, tmp_path / "backups")
    key = PublicKey.of(house.trust.status_signer.certificate.public_key())
    lost = frozenset({key.point})
    code = refusal(lambda: form.open_backup(folder, house.trust.anchors(), compromised=lost))
    assert code is ErrorCode.BACKUP_NOT_TRUSTED


def test_it_never_goes_over_a_deployment(house: House, place: Config, tmp_path: Path) -> None:
    folder = taken(house, tmp_path / "backups")
    before = dump(house)
    assert refusal(lambda: restored(house, folder, house.config)) is ErrorCode.PLACE_NOT_EMPTY
    elsewhere = replace(house.config, state_dir=tmp_path / "new")
    assert refusal(lambda: restored(house, folder, elsewhere)) is ErrorCode.PLACE_NOT_EMPTY
    assert dump(house) == before
    restored(house, folder, place)
    assert refusal(lambda: restored(house, folder, place)) is ErrorCode.PLACE_NOT_EMPTY


def test_the_wrong_secrets_are_refused(house: House, place: Config, tmp_path: Path) -> None:
    folder = taken(house, tmp_path / "backups")
    secrets = tmp_path / "secrets"
    shutil.copytree(house.config.state_dir / form.KEYS, secrets)
    for name in form.REGISTER_KEYS:
        sound = (secrets / name).read_bytes()
        for wrong in (bytes(32), sound[:-1], sound + bytes(1), b""):
            (secrets / name).write_bytes(wrong)
            code = refusal(
                lambda: restore(
                    read(house, folder), place, open_keys=secrets, erasures=(), now=house.clock()
                )
            )
            assert code is ErrorCode.BACKUP_KEY_MISSING
        (secrets / name).write_bytes(sound)
    assert not place.state_dir.exists()


def test_every_row_comes_back_on_either_engine(
    house: House, phone: Phone, place: Config, tmp_path: Path, postgres: str
) -> None:
    admit(house.register, house.database, phone.now, driver(3))
    house.database.write(
        lambda db: house.register.amend(db, HOLDER, Amendment(phone.now, points=3), phone.now)
    )
    drain(house)
    folder = taken(house, tmp_path / "backups")
    places = [place]
    if house.database.is_sqlite:
        places.append(replace(place, state_dir=tmp_path / "server", database_url=postgres))
    expected = read(house, folder).manifest.rows
    for config in places:
        assert restored(house, folder, config).rows == expected

    changed = {"restoration", "status_list", "status_publication", "refresh", "offer"}
    changed |= {"session", "bearer_lookup", "pushed_request", "short_code", "deferral"}
    changed |= {"status_handle"}  # whose codes stay covered for as long as one may live
    with house.database.reading() as ours:
        for config in places:
            engine = sa.create_engine(config.database_url)
            with engine.connect() as theirs:
                for table in schema.metadata.sorted_tables:
                    if table.name not in changed:
                        asked = sa.select(table).order_by(*table.primary_key)
                        assert theirs.execute(asked).all() == ours.execute(asked).all(), table.name
            engine.dispose()
