"""A database with the schema of this version."""

from collections.abc import Iterator

import pytest

from jiazhao.storage.engine import Database
from jiazhao.storage.migrate import migrate
from tests.databases import begin_with


@pytest.fixture
def database(engine_url: str) -> Iterator[Database]:
    begin_with(engine_url, migrate)
    database = Database(engine_url)
    yield database
    database.close()
