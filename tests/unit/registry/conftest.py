"""An empty register on either engine."""

from collections.abc import Iterator

import pytest

from jiazhao.registry.service import Register
from jiazhao.storage.engine import Database
from jiazhao.storage.migrate import migrate
from jiazhao.storage.personal_data import KeptKeyWrapper, PersonalData
from tests.databases import begin_with
from tests.unit.drivers import facts_only_added


@pytest.fixture
def database(engine_url: str) -> Iterator[Database]:
    begin_with(engine_url, migrate)
    database = Database(engine_url)
    with facts_only_added():
        yield database
    database.close()


@pytest.fixture
def register() -> Register:
    return Register(bytes(range(32)), PersonalData(KeptKeyWrapper(bytes(range(1, 33)))))
