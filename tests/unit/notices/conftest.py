"""All services on an empty database of either engine, with one made-up driver."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jiazhao.app import House
from tests.houses import Phone, SetClock
from tests.unit.drivers import driver, house_on


@pytest.fixture
def house(engine_url: str, tmp_path: Path, clock: SetClock) -> Iterator[House]:
    with house_on(engine_url, tmp_path / "state", clock) as house:
        yield house


@pytest.fixture
def phone(house: House) -> Phone:
    return Phone(house, driver().holder_id)
