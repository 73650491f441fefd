"""A database with the schema of this version."""

from collections.abc import Iterator

import pytest

from jiazhao.storage.engine import Database
from jiazhao.storage.migrate import migrate


@pytest.fixture
def database(engine_url: str) -> Iterator[Database]:
    migrate(engine_url)
    database = Database(engine_url)
    yield database
    database.close()
