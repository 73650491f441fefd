"""Checking licence codes: what the vectors cannot show, namely what is asked, and when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jiazhao.credentials import beacon as beacons
from jiazhao.credentials.beacon import Beacon
from jiazhao.credentials.licence_code import IssuerPart
from jiazhao.credentials.status_snapshot import SnapshotFinding
from jiazhao.errors import ErrorCode, VerificationError
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.presentation.steps import (
    LICENCE_CODE_OFFLINE,
    LICENCE_CODE_ONLINE,
    Outcome,
    Profile,
    Step,
)
from jiazhao.presentation.verdict import Check
from jiazhao.presentation.verify_code import CheckedCode, Checker, verify_licence_code
from tests.unit.presentation.licence_codes import checker_of
from vectors import make_licence_code
from vectors.make import DEVICE, NOW, STRANGER

CODE = make_licence_code.shown()
CHECKER = checker_of(make_licence_code.vector(b"", "VALID", None))


class Asked:
    """Answers, and remembers what it was asked."""

    def __init__(self, answer: object) -> None:
        self.answer, self.questions = answer, list[tuple[Any, ...]]()

    def __call__(self, *question: Any) -> Any:
        self.questions.append(question)
        return self.answer


def _check(
    code: bytes = CODE, checker: Checker = CHECKER, profile: Profile = LICENCE_CODE_OFFLINE
) -> CheckedCode:
    return verify_licence_code(code, now=NOW, checker=checker, profile=profile)


def test_the_snapshot_is_asked_for_the_handle_and_the_hour_of_its_issue() -> None:
    status = Asked(SnapshotFinding(must_not_drive=False, as_of=NOW))
    assert _check(checker=replace(CHECKER, status=status)).verdict.outcome is Outcome.VALID
    signed = datetime.fromtimestamp(make_licence_code.SIGNED, UTC)
    assert status.questions == [(bytes(range(8)), signed - timedelta(hours=500))]


def test_with_the_register_at_hand_no_snapshot_is_asked() -> None:
    status = Asked(SnapshotFinding(must_not_drive=True, as_of=NOW))
    verdict = _check(checker=replace(CHECKER, status=status), profile=LICENCE_CODE_ONLINE).verdict
    assert status.questions == []
    assert verdict.outcome is Outcome.CANNOT_CONFIRM
    assert verdict.with_check(Check.passed(Step.LIVE_REGISTER)).outcome is Outcome.VALID


def test_counters_are_asked_by_device_key_after_its_signature() -> None:
    counters = Asked(6)
    _check(checker=replace(CHECKER, last_counter=counters))
    assert counters.questions == [(make_licence_code.PAYLOAD["device_key"],)]
    counters = Asked(6)
    _check(make_licence_code.shown(device=STRANGER), replace(CHECKER, last_counter=counters))
    assert counters.questions == [], "a stranger's code locks nobody's counter"


def test_a_key_that_is_not_of_its_day_opens_nothing() -> None:
    keys = dict.fromkeys(CHECKER.keys, STRANGER.private)
    verdict = _check(checker=replace(CHECKER, keys=keys)).verdict
    assert (verdict.outcome, verdict.step) == (Outcome.CANNOT_CONFIRM, Step.DECODE)


def test_a_beacon_far_off_costs_no_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed = Asked(None)
    monkeypatch.setattr(beacons, "sha256", hashed)
    checker = replace(CHECKER, beacon=Beacon(make_licence_code.OURS.epoch, bytes(12)))
    checked = _check(make_licence_code.shown(beacon=Beacon(0, bytes(12)).octets), checker)
    assert hashed.questions == []
    assert checked.verdict.reason is not None
    assert checked.verdict.reason.code is ErrorCode.CHALLENGE_NEEDED
    assert checked.beacon is None


def test_the_age_of_the_beacon_is_told() -> None:
    checked = _check()
    assert checked.beacon is not None
    assert NOW - checked.beacon.began_at == timedelta(hours=1)


def test_before_the_issuers_signature_nothing_is_told() -> None:
    without: tuple[dict[str, Any], ...] = ({"signers": ()}, {"keys": {}})
    for changes in without:
        checked = _check(checker=replace(CHECKER, **changes))
        assert checked.data is None
        assert checked.holder is None
        assert checked.driving(VehicleClass.C1, CHECKER.rules) is None


def test_the_portrait_is_not_told_while_the_signature_is_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_part: IssuerPart, _key: object) -> None:
        raise VerificationError(ErrorCode.SIGNATURE_MISMATCH)

    monkeypatch.setattr(IssuerPart, "verify", refuse)
    assert _check().data is None


def test_nothing_of_the_holder_is_in_a_repr() -> None:
    shown = repr(_check())
    for hidden in ("诸葛", "1996", "31010", repr(DEVICE.public.point[:4])[2:-1]):
        assert hidden not in shown
