import json
from pathlib import Path
from types import ModuleType

import pytest

from gates import runner
from gates.protocol import Context, Outcome, Result


def gate(name: str, **members: object) -> ModuleType:
    module = ModuleType(name)
    module.__dict__.update(NAME=name, **members)
    return module


def passes(context: Context) -> Result:
    return Result.judge(True, draws=context.chance.randrange(10**9))


def fails(context: Context) -> Result:
    return Result.judge(False, "3 lost", lost=3)


def cannot_run(context: Context) -> Result:
    return Result.not_run("needs root")


def raises(context: Context) -> Result:
    raise OSError("disk full")


@pytest.mark.parametrize(
    ("run", "line"),
    [
        (passes, "PASS    kills seed=7 draws="),
        (fails, "FAIL    kills seed=7 lost=3"),
        (cannot_run, "NOT RUN kills seed=7"),
        (raises, "FAIL    kills seed=7"),
    ],
)
def test_a_line_names_the_outcome_the_seed_and_the_figures(run: object, line: str) -> None:
    assert runner.run(gate("kills", run=run), seed=7).line.startswith(line)


def test_only_a_pass_passes() -> None:
    def passed(*acts: object) -> bool:
        return runner.all_passed([runner.run(gate("kills", run=act), seed=7) for act in acts])

    assert passed(passes, passes)
    assert not passed(passes, fails)
    assert not passed(passes, cannot_run)
    assert not passed(passes, raises)
    assert not passed()


def test_an_exception_is_a_failure_with_its_reason() -> None:
    result = runner.run(gate("kills", run=raises), seed=7).result
    assert (result.outcome, result.reason) == (Outcome.FAIL, "OSError: disk full")


def test_a_gate_that_does_not_notice_its_planted_defect_fails() -> None:
    noticed = runner.run(gate("kills", run=passes, run_broken=fails), seed=7).result
    missed = runner.run(gate("kills", run=passes, run_broken=passes), seed=7).result

    assert noticed.outcome is Outcome.PASS
    assert missed.outcome is Outcome.FAIL
    assert "planted defect" in missed.reason


def test_the_same_seed_draws_the_same() -> None:
    def draws(seed: int) -> object:
        return runner.run(gate("kills", run=passes), seed).result.figures["draws"]

    assert draws(7) == draws(7) != draws(8)


def test_each_gate_has_an_empty_folder_that_is_gone_afterwards() -> None:
    seen: list[Path] = []

    def run(context: Context) -> Result:
        seen.append(context.folder)
        return Result.judge(not list(context.folder.iterdir()))

    assert runner.run(gate("kills", run=run), seed=7).result.outcome is Outcome.PASS
    assert not seen[0].exists()


def test_results_are_kept_by_commit_and_a_single_run_keeps_the_others(tmp_path: Path) -> None:
    first = [runner.run(gate(name, run=passes), seed=7) for name in ("kills", "races")]
    path = runner.keep(first, tmp_path)
    assert path == runner.keep([runner.run(gate("kills", run=fails), seed=8)], tmp_path)

    kept = json.loads(path.read_text())
    assert {name: record["outcome"] for name, record in kept.items()} == {
        "kills": "FAIL",
        "races": "PASS",
    }
    assert kept["kills"]["figures"] == {"lost": 3}
    assert kept["kills"]["seed"] == 8


def test_every_gate_of_the_package_is_found_by_its_name() -> None:
    found = runner.find()
    assert all(name == module.NAME and callable(module.run) for name, module in found.items())
