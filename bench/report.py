"""The result of a run, for people and for machines."""

import platform
from collections.abc import Mapping
from typing import Any

from rich.table import Table

from bench.goals import GOALS, Goal
from bench.rounds import Measured


def missed(measured: Measured) -> list[Goal]:
    """Return the goals that must be met and are not."""
    return [goal for goal in GOALS if not goal.met(measured)]


def table(measured: Measured) -> Table:
    """Draw one line for each goal."""
    drawn = Table(box=None, padding=(0, 2, 0, 0))
    drawn.add_column("what")
    drawn.add_column("/s", justify="right")
    drawn.add_column("against")
    for heading in ("/s", "ratio", "must", "reach"):
        drawn.add_column(heading, justify="right")
    drawn.add_column("")
    for goal in GOALS:
        drawn.add_row(
            goal.subject,
            _rate(measured.rate(goal.subject)),
            goal.against,
            _rate(goal.share * measured.rate(goal.limit)),
            _ratio(goal.ratio(measured)),
            _ratio(goal.must),
            _ratio(goal.reach),
            _verdict(goal, measured),
        )
    return drawn


def as_json(measured: Measured, versions: Mapping[str, str], **run: float) -> dict[str, Any]:
    """Return the rates, the ratios and the goals, with what they were measured with."""
    return {
        "run": {**run, "python": platform.python_version(), "machine": platform.machine()},
        "versions": dict(versions),
        "rates": {name: measured.rate(name) for name in measured.rates},
        "goals": [
            {
                "subject": goal.subject,
                "against": goal.against,
                "ratio": goal.ratio(measured),
                "must": goal.must,
                "reach": goal.reach,
                "met": goal.met(measured),
            }
            for goal in GOALS
        ],
    }


def _verdict(goal: Goal, measured: Measured) -> str:
    if goal.must is None:
        return ""
    if not goal.met(measured):
        return "[bold red]NOT MET[/]"
    if goal.reach is not None and goal.ratio(measured) >= goal.reach:
        return "[green]reached[/]"
    return "[green]met[/]"


def _rate(rate: float) -> str:
    return f"{rate:,.0f}"


def _ratio(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.2f}" if ratio < 2 else f"{ratio:.1f}"
