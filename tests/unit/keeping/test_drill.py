"""A drill notices what does not hold, step by step."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from jiazhao.app import House
from jiazhao.credentials.status_list import StatusValue
from jiazhao.keeping.drill import Drill, DrillOutcome, DrillStep
from jiazhao.keeping.manifest import KEYS
from jiazhao.status import store as status_store
from jiazhao.storage.engine import Connection
from tests.houses import Phone, SetClock
from tests.unit.keeping.conftest import HOLDER, drain, taken

Drilled = Callable[[], dict[str, DrillStep]]


@pytest.fixture
def drilled(house: House, tmp_path: Path, clock: SetClock) -> Drilled:
    def run() -> dict[str, DrillStep]:
        backup = taken(house, tmp_path / "backups")
        drill = Drill(
            folder=backup,
            config=house.config,
            scratch=tmp_path / "scratch",
            clock=clock,
            anchors=house.trust.anchors(),
            compromised=house.trust.compromised,
            open_keys=house.config.state_dir / KEYS,
        )
        return {step.name: step for step in drill.run()}

    return run


def failed(steps: dict[str, DrillStep]) -> list[str]:
    return [name for name, step in steps.items() if step.outcome is DrillOutcome.FAILED]


@pytest.mark.usefixtures("phone")
def test_a_sound_backup_holds_and_leaves_the_deployment_alone(
    house: House, drilled: Drilled
) -> None:
    def everything() -> object:
        with house.database.reading() as db:
            return house.register.history_of(db, HOLDER)

    before = everything()
    steps = drilled()
    assert {step.outcome for step in steps.values()} == {DrillOutcome.PASSED}
    assert everything() == before, "the holder was detained in the scratch place alone"


def test_without_a_copy_a_verdict_is_not_tried_and_not_passed(drilled: Drilled) -> None:
    steps = drilled()
    assert failed(steps) == []
    assert steps["verdict"].outcome is DrillOutcome.NOT_TRIED
    assert steps["revoked"].outcome is DrillOutcome.NOT_TRIED


def test_a_list_that_forgets_a_place_fails(
    house: House, phone: Phone, drilled: Drilled, monkeypatch: pytest.MonkeyPatch
) -> None:
    Phone(house, HOLDER).claim()  # the copy of the first phone ends
    drain(house)
    begin = status_store.begin_publication

    def forgetful(
        db: Connection, list_id: str, *, above: int, now: datetime
    ) -> status_store.Snapshot | None:
        whole = begin(db, list_id, above=above, now=now)
        return None if whole is None else replace(whole, statuses={})

    monkeypatch.setattr(status_store, "begin_publication", forgetful)
    steps = drilled()
    assert failed(steps) == ["status_lists"]
    assert steps["verdict"].outcome is DrillOutcome.NOT_TRIED
    assert phone.copy is not None


@pytest.mark.usefixtures("phone")
def test_a_revocation_that_reaches_no_list_fails(
    drilled: Drilled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jiazhao.worker.value_of", lambda **_: StatusValue.VALID)
    assert failed(drilled()) == ["revoked"]


@pytest.mark.usefixtures("phone")
def test_a_key_that_is_not_its_certificates_fails(house: House, drilled: Drilled) -> None:
    keys = house.config.state_dir / KEYS
    (signer,) = keys.glob("document-signer-*.key.pem")
    (other,) = keys.glob("status-signer-*.key.pem")
    signer.write_bytes(other.read_bytes())
    (first, *_) = failed(drilled())
    assert first in {"rows", "keys"}, "the restored place does not even open, or its keys fail"
