"""What every test may use: a fixed instant, both databases, a running system."""

import os
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, settings

from tests.tokens import Tokens, make_tokens

pytest_plugins = [
    "tests.no_skips",
    "tests.clocks",
    "tests.databases",
    "tests.own_house",
    "tests.live_server",
]

# The same cases each time, so that a red run is about the change and not about chance.
settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],  # a shared core is slow, not wrong
)
settings.register_profile(
    "search", settings.get_profile("ci"), derandomize=False, max_examples=5000
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture
def now() -> datetime:
    """Return the instant at which a test happens: a Monday morning in Shanghai."""
    return datetime(2026, 6, 1, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Tokens:
    """Return the PKCS#11 tokens of this process."""
    return make_tokens(tmp_path_factory.mktemp("softhsm"))


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name functions by their name: an address differs between the workers of one run."""
    if callable(val) and hasattr(val, "__qualname__"):
        return str(val.__qualname__)
    return None
