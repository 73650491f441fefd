"""What a step is, what the walker is told of it, and what it may stumble over."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class StepOutcome(StrEnum):
    """What became of a step; one that was not walked says nothing for the system."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_WALKED = "not_walked"


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence in Chinese and in English."""

    zh: str
    en: str


NOTHING = Words("", "")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the journey; `what_to_do` is filled where it failed."""

    number: int
    name: Words
    outcome: StepOutcome
    seconds: float
    seen: Words = NOTHING
    what_to_do: Words = NOTHING


Act = Callable[[], Words | None]
"""Walks a step; returns what was seen, if that is worth telling."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One step before it is walked; without an act it cannot be, and `what_to_do` says why."""

    name: Words
    act: Act | None
    what_to_do: Words


class StumbleError(Exception):
    """What a step saw is not what it must be; it never leaves the journey."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.seen = Words(zh, en)


def expect(condition: bool, zh: str, en: str) -> None:
    """Stumble unless the condition holds."""
    if not condition:
        raise StumbleError(zh, en)
