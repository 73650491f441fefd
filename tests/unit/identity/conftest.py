"""The parties of a sign-in, ready."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jiazhao.identity.service import Identity
from tests.unit.identity.parties import Browser, Provider, make_identity


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def identity(sqlite: str, tmp_path: Path, provider: Provider) -> Iterator[Identity]:
    identity = make_identity(sqlite, tmp_path, provider)
    yield identity
    identity.database.close()


@pytest.fixture
def browser(identity: Identity, provider: Provider) -> Browser:
    return Browser(identity, provider)
