"""The reliability gates with small counts; `make gates` runs them with large ones."""

from collections.abc import Iterator

import pytest

from gates.launcher import Launcher


@pytest.fixture(scope="session")
def launcher() -> Iterator[Launcher]:
    with Launcher() as launcher:
        yield launcher
