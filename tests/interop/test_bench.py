"""The measurements against peers: they run, and a missed goal is seen."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench import report
from bench.goals import GOALS, SIGN, Goal
from bench.rounds import Measured, measure
from tests.interop.peers import NpmPeers

ROOT = Path(__file__).parents[2]


@dataclass
class Steady:
    """A subject that always takes the same time, by a clock of its own."""

    name: str
    nanoseconds: int
    worked: int = 0

    def take(self, times: int) -> int:
        self.worked += 1
        return times * self.nanoseconds


def test_a_ratio_is_what_the_clocks_say() -> None:
    fast, slow = Steady("fast", 2_000), Steady("slow", 8_000)

    measured = measure([fast, slow], rounds=4, seconds=0.001, tell=lambda _: None)

    assert measured.rate("slow") == pytest.approx(125_000)
    assert measured.ratio("slow", "fast") == pytest.approx(0.25)
    assert measured.ratio("slow", "fast", share=0.5) == pytest.approx(0.5)


def test_a_slow_round_slows_both_and_changes_no_ratio() -> None:
    measured = Measured({"subject": [50.0, 5.0, 50.0], "limit": [100.0, 10.0, 100.0]})

    assert measured.ratio("subject", "limit") == 0.5


def test_the_rounds_alternate_in_both_orders() -> None:
    heard: list[str] = []

    measure([Steady("a", 10**6), Steady("b", 10**6)], rounds=3, seconds=1e-3, tell=heard.append)

    assert heard == ["a", "b", "b", "a", "a", "b"]


def test_a_missed_goal_is_reported_and_a_met_one_is_not() -> None:
    fast = {name: [100.0] for goal in GOALS for name in (goal.subject, goal.limit)}
    fast |= {name: [1.0] for name in fast if name.startswith(("@", "pymdoccbor", "sd-jwt"))}

    assert report.missed(Measured(fast)) == []
    of_signing = [goal for goal in GOALS if goal.limit == SIGN]
    assert report.missed(Measured(fast | {SIGN: [1_000.0]})) == of_signing


def test_a_goal_without_a_must_cannot_be_missed() -> None:
    assert Goal("subject", "limit").met(Measured({"subject": [1.0], "limit": [1_000.0]}))


def test_a_quick_run_measures_every_goal(npm_peers: NpmPeers, tmp_path: Path) -> None:
    result = tmp_path / "result.json"

    done = subprocess.run(
        [sys.executable, "-m", "bench", "--quick", "--json", str(result)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    measured = json.loads(result.read_text())
    assert [goal["subject"] for goal in measured["goals"]] == [goal.subject for goal in GOALS]
    assert all(goal["ratio"] > 0 for goal in measured["goals"])
    over_http = measured["issuing_over_http"]
    assert [door["a_second"] > 0 for door in over_http["doors"]] == [True] * 3
    assert sum(share for _, share in over_http["places"]) == pytest.approx(1)
    assert over_http["peak_octets"] > 0
    peers = ("@auth0/mdl", "@owf/mdoc", "@animo-id/mdoc")
    assert {peer: measured["versions"][peer] for peer in peers} == {
        peer: npm_peers.version(peer) for peer in peers
    }
