"""Finds the gates, runs them one after another, prints a line for each, keeps the results."""

import json
import os
import secrets
import subprocess
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

from gates.protocol import Context, Outcome, Result


@dataclass(frozen=True, slots=True)
class Run:
    """One gate, run once."""

    name: str
    seed: int
    seconds: float
    load: tuple[float, float]
    """The machine's load average of one minute before and after: figures of a busy machine
    are not compared with those of a quiet one."""
    result: Result

    @property
    def line(self) -> str:
        """What a person reads."""
        figures = " ".join(f"{name}={_short(value)}" for name, value in self.result.figures.items())
        parts = [f"{self.result.outcome:<7} {self.name} seed={self.seed}", figures]
        parts.append(f"{self.seconds:.1f}s load={self.load[0]:.2f}>{self.load[1]:.2f}")
        parts.append(f"- {self.result.reason}" if self.result.reason else "")
        return " ".join(part for part in parts if part)

    @property
    def record(self) -> dict[str, Any]:
        """What is kept."""
        return {
            "outcome": self.result.outcome,
            "reason": self.result.reason,
            "figures": dict(self.result.figures),
            "seed": self.seed,
            "seconds": round(self.seconds, 3),
            "load_before": self.load[0],
            "load_after": self.load[1],
        }


def find(package: str = "gates") -> dict[str, ModuleType]:
    """Return the gates of a package by name, in alphabetical order."""
    folders = import_module(package).__path__
    modules = [
        import_module(f"{package}.{found.name}")
        for found in iter_modules(folders)
        if found.name != "__main__"
    ]
    gates = {module.NAME: module for module in modules if hasattr(module, "NAME")}
    return dict(sorted(gates.items()))


def run(gate: ModuleType, seed: int) -> Run:
    """Run a gate in a folder of its own; an exception is a failure."""
    before, start = os.getloadavg()[0], time.monotonic()
    with tempfile.TemporaryDirectory(prefix=f"jiazhao-{gate.NAME}-") as folder:
        result = _run_both(gate, seed, Path(folder))
    load = (before, os.getloadavg()[0])
    return Run(gate.NAME, seed, time.monotonic() - start, load, result)


def run_all(gates: Iterable[ModuleType], seed: int | None = None) -> list[Run]:
    """Run gates one after another, printing a line as each ends."""
    runs = []
    for gate in gates:
        runs.append(run(gate, secrets.randbits(32) if seed is None else seed))
        print(runs[-1].line, flush=True)
    return runs


def keep(runs: Iterable[Run], folder: Path) -> Path:
    """Write results to `<commit>.json`; gates that did not run now keep their last result."""
    commit, changed = _commit()
    path = folder / f"{commit}{'-changed' if changed else ''}.json"
    kept: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    kept |= {run.name: run.record for run in runs}
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", "utf-8")
    return path


def all_passed(runs: Iterable[Run]) -> bool:
    """Whether every gate passed; one that could not run did not, and no gate is no pass."""
    outcomes = {run.result.outcome for run in runs}
    return outcomes == {Outcome.PASS}


def _run_both(gate: ModuleType, seed: int, folder: Path) -> Result:
    result = _run_one(gate.run, Context(seed, _fresh(folder / "run")))
    broken = getattr(gate, "run_broken", None)
    if broken is None or result.outcome is not Outcome.PASS:
        return result
    noticed = _run_one(broken, Context(seed, _fresh(folder / "broken")))
    figures: Mapping[str, Any] = {**result.figures, "planted_defect": noticed.outcome}
    if noticed.outcome is Outcome.FAIL:
        return Result(Outcome.PASS, figures)
    return Result(Outcome.FAIL, figures, "it did not notice its planted defect")


def _run_one(act: Callable[[Context], Result], context: Context) -> Result:
    try:
        return act(context)
    except Exception as error:  # noqa: BLE001 - whatever a gate raises is a failure of that gate
        traceback.print_exc()
        return Result(Outcome.FAIL, {}, f"{type(error).__name__}: {error}")


def _fresh(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _commit() -> tuple[str, bool]:
    """The commit that is checked out, and whether the tree differs from it."""
    head = _git("rev-parse", "--short=12", "HEAD")
    return (head, bool(_git("status", "--porcelain"))) if head else ("no-commit", False)


def _git(*args: str) -> str:
    done = subprocess.run(["git", *args], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
