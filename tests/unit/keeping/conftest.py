"""A house on either engine with drivers who hold copies, and an empty place to restore into."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from jiazhao import app
from jiazhao.app import House
from jiazhao.config import Config
from jiazhao.keeping.backup import take_backup
from jiazhao.keeping.manifest import KEYS, Backup, open_backup
from jiazhao.keeping.restore import Restored, restore
from jiazhao.licence.identifiers import HolderId
from tests.houses import Phone, SetClock
from tests.unit.drivers import admit, driver, house_on

HOLDER, OTHER = driver(1).holder_id, driver(2).holder_id
Place = Callable[[], Config]


@pytest.fixture
def house(engine_url: str, tmp_path: Path, clock: SetClock) -> Iterator[House]:
    with house_on(engine_url, tmp_path / "state", clock) as house:
        admit(house.register, house.database, clock(), driver(2))
        yield house


@pytest.fixture
def phone(house: House) -> Phone:
    """The first driver's phone, with a copy."""
    phone = Phone(house, HOLDER)
    phone.claim()
    drain(house)
    return phone


@pytest.fixture
def place(house: House, tmp_path: Path) -> Config:
    """The settings of an empty place on the embedded engine."""
    state = tmp_path / "elsewhere"
    return replace(house.config, state_dir=state, database_url=f"sqlite:///{state}/register.sqlite")


@pytest.fixture
def reopened(clock: SetClock) -> Iterator[Callable[[Config], House]]:
    """Opens a restored place; closed afterwards."""
    with ExitStack() as stack:

        def open_place(config: Config) -> House:
            house = app.build(config, clock)
            stack.callback(house.close)
            return house

        yield open_place


def drain(house: House) -> None:
    while house.worker.drain():
        pass


def taken(house: House, folder: Path, *, open_keys: bool = False) -> Path:
    path, _ = take_backup(
        house.config,
        house.database,
        house.trust.status_signer,
        folder,
        now=house.clock(),
        with_open_keys=open_keys,
    )
    return path


def read(house: House, folder: Path) -> Backup:
    return open_backup(folder, house.trust.anchors(), compromised=house.trust.compromised)


def restored(
    house: House, backup: Path, place: Config, *, erased: tuple[HolderId, ...] = ()
) -> Restored:
    return restore(
        read(house, backup),
        place,
        open_keys=house.config.state_dir / KEYS,
        erasures=erased,
        now=house.clock(),
    )
