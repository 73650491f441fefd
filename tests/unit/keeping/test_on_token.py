"""A deployment whose key of keys is on a token: it moves there, is backed up, and comes back."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from jiazhao.app import House
from jiazhao.config import Config
from jiazhao.keeping.manifest import KEYS
from jiazhao.storage.personal_data import KEY_FILE
from jiazhao.trust.token_wrapper import NAME_FILE
from tests.tokens import MODULE, Tokens
from tests.unit.drivers import driver
from tests.unit.keeping.conftest import HOLDER, read, restored, taken


def name_of(house: House) -> str:
    with house.database.reading() as db:
        return house.register.licence_of(db, HOLDER, at=house.clock()).person.identity_number


def test_a_deployment_moves_to_the_token_and_comes_back_from_a_backup(
    house: House,
    place: Config,
    tokens: Tokens,
    tmp_path: Path,
    reopened: Callable[[Config], House],
) -> None:
    token: dict[str, Any] = {
        "pkcs11_module": MODULE,
        "pkcs11_token": "issuer",
        "pkcs11_pin_file": tokens.pin_file,
        "personal_data_on_token": True,
    }
    keys = house.config.state_dir / KEYS
    moving = reopened(replace(house.config, **token))
    assert moving.seal_plain() == 2
    (keys / KEY_FILE).unlink()
    moved = reopened(moving.config)
    number = driver(1).persons[0][1].identity_number
    assert name_of(moved) == number
    assert not (keys / KEY_FILE).exists()

    backup = taken(moved, tmp_path / "backups")
    manifest = read(moved, backup).manifest
    assert set(manifest.key_marks) == {"lookup.key"}
    assert f"keys/{NAME_FILE}" in {part.name for part in manifest.parts}
    there = replace(place, **token)
    restored(moved, backup, there)
    assert name_of(reopened(there)) == number
