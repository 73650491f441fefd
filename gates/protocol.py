"""What a gate is given and what it answers."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

Figure = int | float | str


class Outcome(StrEnum):
    """A gate that could not run is not a pass."""

    PASS = "PASS"  # noqa: S105 - a verdict, not a password
    FAIL = "FAIL"
    NOT_RUN = "NOT RUN"


@dataclass(frozen=True, slots=True)
class Result:
    """One line: the outcome, the figures that it rests on, and why it is not a pass."""

    outcome: Outcome
    figures: Mapping[str, Figure] = field(default_factory=dict)
    reason: str = ""

    @classmethod
    def judge(cls, passed: bool, reason: str = "", **figures: Figure) -> "Result":
        """Pass or fail by a condition; the reason is kept where it failed."""
        return cls(Outcome.PASS if passed else Outcome.FAIL, figures, "" if passed else reason)

    @classmethod
    def not_run(cls, reason: str) -> "Result":
        """Say that something which the gate needs is missing here."""
        return cls(Outcome.NOT_RUN, {}, reason)


@dataclass(frozen=True, slots=True)
class Context:
    """What a gate may use.

    `folder` is empty, its own, and removed afterwards. All chance comes from `chance`, so that
    the printed seed repeats the run.
    """

    seed: int
    folder: Path

    @property
    def chance(self) -> random.Random:
        """A fresh source of chance, the same for the same seed."""
        return random.Random(self.seed)


class Gate(Protocol):
    """A module of this package that is a gate."""

    NAME: str

    def run(self, context: Context) -> Result:
        """Try to break the system and say what was seen."""
