"""An operator takes a backup, drills it, loses the machine, restores, and goes on."""

import shutil
import tomllib
from pathlib import Path

import pytest
import tomli_w

from jiazhao import demo
from jiazhao.app import House
from jiazhao.licence.identifiers import HolderId
from tests.houses import Phone
from tests.journeys.conftest import Command

WANG = "sp-000001"
NOTE = ("--note", "核对登记")


@pytest.fixture
def settings(house: House) -> Path:
    """The configuration of a system that is not served, in which one driver holds a copy."""
    Phone(house, HolderId(WANG)).claim()
    while house.worker.drain():
        pass
    path: Path = house.config.state_dir / demo.CONFIG_NAME
    # The command's clock shows the day after, so it is ahead of the test's at any time of day.
    told = tomllib.loads(path.read_text("utf-8")) | {"shown_day": "2026-06-02"}
    path.write_text(tomli_w.dumps(told), "utf-8")
    return path


@pytest.fixture
def empty(settings: Path, tmp_path: Path) -> Path:
    """The same configuration in an empty place."""
    state = tmp_path / "new"
    state.mkdir(mode=0o700)
    told = tomllib.loads(settings.read_text("utf-8"))
    (state / demo.CONFIG_NAME).write_text(tomli_w.dumps(told), "utf-8")
    return state / demo.CONFIG_NAME


def test_from_the_backup_to_the_reopened_place(
    jiazhao: Command, settings: Path, empty: Path, tmp_path: Path
) -> None:
    taken = jiazhao("backup", tmp_path / "backups", "--json", config=settings)
    assert taken.code == 0, taken.err
    backup = taken.json["backup"]
    assert taken.json["rows"]["holder"] == 12

    drilled = jiazhao("drill", tmp_path / "backups", "--json", config=settings)
    assert drilled.code == 0, drilled.out
    assert drilled.json["held"] is True
    outcomes = {step["name"]: step["outcome"] for step in drilled.json["steps"]}
    assert set(outcomes.values()) == {"passed"}, drilled.out
    assert len(drilled.json["steps"]) == 7

    secrets = settings.parent / "keys"
    for path in (Path(backup), *Path(backup).rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)  # as another tool may have copied it
    done = jiazhao("restore", backup, "--nobody-erased", "--json", config=empty)
    assert (done.code, "lookup.key" in done.sentence) == (1, True), "the backup has no open keys"
    done = jiazhao(
        "restore", backup, "--nobody-erased", "--open-keys", secrets, "--json", config=empty
    )
    assert done.code == 0, done.err
    assert {path.stat().st_mode & 0o077 for path in (empty.parent / "keys").rglob("*")} == {0}
    refused = jiazhao("offer", WANG, config=empty)
    assert (refused.code, "restored" in refused.sentence) == (1, True)
    assert jiazhao("reopen", "--copies", "keep", "--json", config=empty).json["reopened"] is True
    assert jiazhao("reopen", "--copies", "keep", "--json", config=empty).json["reopened"] is False
    assert jiazhao("offer", WANG, config=empty).code == 0
    assert jiazhao("state", WANG, *NOTE, config=empty).code == 0


def test_an_erased_person_stays_erased_through_an_old_backup(
    jiazhao: Command, settings: Path, empty: Path, tmp_path: Path
) -> None:
    backup = jiazhao("backup", tmp_path / "backups", "--json", config=settings).json["backup"]
    assert jiazhao("erase", WANG, "--json", config=settings).json["erased"] is True
    assert jiazhao("state", WANG, *NOTE, config=settings).code == 1
    again = jiazhao("erase", WANG, config=settings)
    assert (again.code, "erased by law" in again.sentence) == (1, True)

    asked = jiazhao("restore", backup, config=empty)
    assert asked.code == 2, "who was erased has to be said"
    done = jiazhao(
        "restore",
        backup,
        "--erasures",
        settings.parent / "erasures.jsonl",
        "--open-keys",
        settings.parent / "keys",
        "--json",
        config=empty,
    )
    assert (done.code, done.json["erased"]) == (0, 1)
    assert jiazhao("state", WANG, *NOTE, config=empty).code == 1
    assert jiazhao("state", "sp-000002", *NOTE, config=empty).code == 0
    assert (empty.parent / "erasures.jsonl").read_bytes() == (
        settings.parent / "erasures.jsonl"
    ).read_bytes()


def test_a_damaged_backup_fails_its_drill(jiazhao: Command, settings: Path, tmp_path: Path) -> None:
    backup = Path(jiazhao("backup", tmp_path / "b", "--json", config=settings).json["backup"])
    rows = backup / "database.rows"
    sound = rows.read_bytes()
    rows.write_bytes(sound[:-1] + bytes([sound[-1] ^ 1]))
    done = jiazhao("drill", backup, "--json", config=settings)
    assert (done.code, done.json["held"]) == (1, False)
    assert done.json["steps"][0]["outcome"] == "failed"
    assert {step["outcome"] for step in done.json["steps"][1:]} == {"not_tried"}

    rows.write_bytes(sound)
    shutil.copy(settings.parent / "keys" / "lookup.key", tmp_path / "personal-data.key")
    done = jiazhao("drill", backup, "--open-keys", tmp_path, "--json", config=settings)
    assert done.code == 1
    assert [step["outcome"] for step in done.json["steps"][:2]] == ["passed", "failed"]
    plain = jiazhao("drill", backup, config=settings)
    assert plain.code == 0
    assert plain.out.count("✓") == 7
