"""A system of its own for each test that asks: a copy of one that was set up once.

The services are imported when first asked for, so that tests of the core start at once.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.clocks import MORNING, SetClock

if TYPE_CHECKING:
    from jiazhao.app import House


@pytest.fixture(scope="session")
def drawn_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a system with the cast of twelve, never served and never changed."""
    from tests.houses import UNSERVED_PORT, settle

    state = tmp_path_factory.mktemp("drawn-up") / "state"
    settle(state, SetClock(MORNING), port=UNSERVED_PORT, holders=12).close()
    return state


@pytest.fixture
def house(drawn_up: Path, tmp_path: Path, clock: SetClock) -> "Iterator[House]":
    """Yield all services, with the cast of twelve, by the clock of the test; without HTTP."""
    from tests.houses import reopen

    house = reopen(shutil.copytree(drawn_up, tmp_path / "state"), clock)
    yield house
    house.close()
