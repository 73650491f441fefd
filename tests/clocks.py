"""A clock that a test sets."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

MORNING = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
"""The instant of the fixture `now`."""


@dataclass
class SetClock:
    """A clock that stands until it is moved."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def later(self, **more: float) -> None:
        """Let time pass for everybody."""
        self.now += timedelta(**more)


@pytest.fixture
def clock() -> SetClock:
    """Return the clock of the house in which a test happens."""
    return SetClock(MORNING)
