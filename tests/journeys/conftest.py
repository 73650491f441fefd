"""People at the doors of the running system."""

from collections.abc import Iterator

import pytest

from tests.journeys.visitors import Guests
from tests.live_server import LiveServer


@pytest.fixture
def guests(live_server: LiveServer) -> Iterator[Guests]:
    """Let people come to the running system."""
    guests = Guests(live_server)
    yield guests
    guests.close()
