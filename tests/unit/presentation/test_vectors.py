"""Every vector of verification is judged as the browser judges it (tests/web/vectors.test.js)."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from jiazhao.credentials.code_sealing import Kind
from jiazhao.credentials.signing import write_base64url
from jiazhao.credentials.status_list import StatusReference, StatusValue
from jiazhao.credentials.status_snapshot import read_snapshot
from jiazhao.credentials.status_token import verify_status_token
from jiazhao.errors import ErrorCode
from jiazhao.licence.legal_day import legal_day
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.presentation import steps
from jiazhao.presentation.steps import Outcome, Step
from jiazhao.presentation.verdict import Verdict
from jiazhao.presentation.verify import (
    StatusFinding,
    TrustAnchors,
    published_status,
    trusted_signer,
)
from jiazhao.presentation.verify_mdoc import Asked, verify_mdoc
from jiazhao.presentation.verify_sdjwt import AskedClaims, ExpectedBinding, verify_sdjwt
from tests.unit.presentation.licence_codes import check_licence_code
from tests.unit.rules.official_tables import TABLES
from vectors import make, make_licence_code, make_training
from vectors.__main__ import folders

FOLDER = Path(__file__).parents[3] / "vectors"
FOLDERS = ("verify", "sd-jwt-vc", "status-token", "certificate", "clock", "verify-licence-code")
VECTORS = [path for folder in FOLDERS for path in sorted((FOLDER / folder).glob("*.json"))]


def _given(vector: dict[str, Any]) -> dict[str, Any]:
    value, now = vector["status"], datetime.fromisoformat(vector["now"])
    return {
        "now": now,
        "trust": _trust(vector),
        "status": None if value is None else lambda _: StatusFinding(value, now),
        "profile": getattr(steps, vector["profile"]),
    }


def _trust(vector: dict[str, Any]) -> TrustAnchors:
    return TrustAnchors(
        tuple(map(bytes.fromhex, vector["roots"])),
        frozenset(map(bytes.fromhex, vector["compromised"])),
    )


def judge_mdoc(vector: dict[str, Any]) -> Verdict:
    transcript, asked = vector["transcript"], vector.get("asked")
    return verify_mdoc(
        bytes.fromhex(vector["presented"]),
        expected_transcript=None if transcript is None else bytes.fromhex(transcript),
        asked=Asked(**asked) if asked else None,
        **_given(vector),
    ).verdict


def judge_sd_jwt(vector: dict[str, Any]) -> Verdict:
    expected, asked = vector["expected"], vector["asked"]
    binding = expected and ExpectedBinding(
        expected["audience"], expected["nonce"], timedelta(seconds=expected["max_age"])
    )
    return verify_sdjwt(
        vector["presented"],
        expected=binding,
        asked=AskedClaims(asked["vct"], [tuple(path) for path in asked["paths"]])
        if asked
        else None,
        **_given(vector),
    ).verdict


def judge_status_token(vector: dict[str, Any]) -> Verdict:
    now, seen = datetime.fromisoformat(vector["now"]), vector["newest_seen"]
    trust = _trust(vector)

    def look_up(reference: StatusReference) -> StatusFinding:
        status_list = verify_status_token(
            bytes.fromhex(vector["presented"]),
            expected_uri=reference.uri,
            anchors=trust.roots,
            now=now,
            newest_seen=datetime.fromisoformat(seen) if seen else None,
            compromised=trust.compromised,
        )
        return StatusFinding(status_list.status(reference.index), status_list.issued_at)

    reference = StatusReference(vector["uri"], vector["index"])
    check, _ = published_status(reference, look_up, unknown=False)
    return Verdict.of(check, profile=frozenset({Step.STATUS}))


def judge_status_snapshot(vector: dict[str, Any]) -> Verdict:
    """Whether the files are read; what they say of a handle is another test's."""
    now, seen, trust = datetime.fromisoformat(vector["now"]), vector["newest_seen"], _trust(vector)

    def look_up(_: StatusReference) -> StatusFinding:
        snapshot = read_snapshot(
            [bytes.fromhex(octets) for octets in vector["files"]],
            anchors=trust.roots,
            now=now,
            newest_seen=datetime.fromisoformat(seen) if seen else None,
            compromised=trust.compromised,
        )
        return StatusFinding(StatusValue.VALID, snapshot.as_of)

    check, _ = published_status(StatusReference("", 0), look_up, unknown=False)
    return Verdict.of(check, profile=frozenset({Step.STATUS}))


def judge_certificate(vector: dict[str, Any]) -> Verdict:
    presented = tuple(map(bytes.fromhex, vector["presented"]))
    now = datetime.fromisoformat(vector["now"])
    _, check = trusted_signer(presented, now, _trust(vector))
    return Verdict.of(check, profile=frozenset({Step.TRUST_CHAIN}))


def judge_licence_code(vector: dict[str, Any]) -> Verdict:
    return check_licence_code(vector).verdict


JUDGES: dict[str, Callable[[dict[str, Any]], Verdict]] = {
    "mdoc": judge_mdoc,
    "sd-jwt": judge_sd_jwt,
    "status-token": judge_status_token,
    "status-snapshot": judge_status_snapshot,
    "certificate": judge_certificate,
    "licence-code": judge_licence_code,
}


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_vector_has_its_outcome_its_step_and_its_reason(path: Path) -> None:
    vector = json.loads(path.read_text())
    verdict = JUDGES[vector.get("kind", "mdoc")](vector)
    reason = verdict.reason.code.wire if verdict.reason else None
    assert [verdict.outcome, verdict.step, reason] == [
        vector["outcome"],
        vector["step"],
        vector["reason"],
    ]
    if verdict.reason:
        assert verdict.reason.zh
        assert verdict.reason.en


CODES = [path for path in VECTORS if path.parent.name == "verify-licence-code"]


@pytest.mark.parametrize("path", CODES, ids=lambda path: path.stem)
def test_a_code_says_what_its_vector_says_of_driving(path: Path) -> None:
    vector = json.loads(path.read_text())
    checked = check_licence_code(vector)
    genuine = vector["step"] is None or vector["step"] > Step.ISSUER_SIGNATURE
    assert (checked.data is not None) is genuine, "no portrait before steps 1 to 3 have passed"
    if "may_drive" in vector:
        vehicle_class = vector["vehicle_class"]
        rules = TABLES.on(legal_day(datetime.fromisoformat(vector["now"])))
        decision = checked.driving(vehicle_class and VehicleClass(vehicle_class), rules)
        assert decision is not None
        assert [each.code for each in decision.reasons] == vector["may_drive"]


def test_every_reason_of_a_code_has_a_vector() -> None:
    reasons = {json.loads(path.read_text())["reason"] for path in CODES}
    assert reasons == set(make_licence_code.STEP_OF)
    assert len(CODES) >= 120


def test_the_vectors_are_made_by_the_scripts_beside_them() -> None:
    made = {folder: dict(vectors) for folder, vectors in folders() if folder in FOLDERS}
    assert {
        f"{folder}/{name}": make.written(vector)
        for folder, vectors in made.items()
        for name, vector in vectors.items()
    } == {f"{path.parent.name}/{path.stem}": path.read_text() for path in VECTORS}


def test_the_training_set_is_made_by_the_script_of_the_vectors() -> None:
    assert make_training.PATH.read_text() == make_training.written()


def test_no_private_key_is_in_the_training_set() -> None:
    text = make_training.written()
    for name in ("root", "document signer", "status signer", "device"):
        key = make.NamedKey(f"training {name}").private.private_numbers().private_value.to_bytes(32)
        assert not any(spelled in text for spelled in (key.hex(), write_base64url(key)))


@pytest.mark.parametrize("name", make_training.cases())
def test_the_server_knows_no_code_of_training(name: str) -> None:
    """Even one that was sealed for its own key: whoever has the set can do that."""
    case = make_training.cases()[name]
    kind, period = Kind(case["kind"]), case["period"]
    octets = make_licence_code.sealed(bytes.fromhex(case["content"]), kind=kind, period=period)
    vector = make_licence_code.vector(octets, "VALID", None, now=case["now"], face="same")
    checked = check_licence_code(vector)
    reason = checked.verdict.reason
    assert (checked.verdict.outcome, checked.data) == (Outcome.CANNOT_CONFIRM, None)
    assert reason is not None
    assert reason.code is ErrorCode.UNKNOWN_ISSUER


ELSEWHERE = {
    "hpke": "credentials/test_code_sealing.py",
    "licence-code": "credentials/test_licence_code.py",
    "portrait": "photo/test_code_portrait.py",
    "mdoc": "credentials/test_mdoc_parse.py",
    "rules": "rules/test_vectors.py",
    "sd-jwt": "credentials/test_sdjwt.py",
    "status-list": "credentials/test_status_list.py",
    "status-snapshot": "credentials/test_status_snapshot.py",
}


def test_every_folder_of_vectors_is_run() -> None:
    folders = {path.name for path in FOLDER.iterdir() if path.is_dir()} - {"__pycache__"}
    assert folders == {*FOLDERS, *ELSEWHERE}
    for folder, test in ELSEWHERE.items():
        assert folder in (Path(__file__).parents[1] / test).read_text()


def test_there_are_vectors_enough() -> None:
    assert len(list(FOLDER.glob("*/*.json"))) >= 200
