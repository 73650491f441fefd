"""Checking presented mdocs: one vector for each outcome and reason."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from jiazhao.credentials import mdoc
from jiazhao.credentials.status_list import StatusReference
from jiazhao.errors import ErrorCode, UndeterminedError
from jiazhao.presentation import steps
from jiazhao.presentation.steps import CheckStatus, Outcome, Step
from jiazhao.presentation.verify import StatusFinding, TrustAnchors
from jiazhao.presentation.verify_mdoc import Asked, CheckedMdoc, verify_mdoc
from vectors import make

ROOT = Path(__file__).parents[3]
VECTORS = sorted((ROOT / "vectors" / "verify").glob("*.json"))
ANNEX_D = json.loads((ROOT / "vectors/mdoc/iso-18013-5-annex-d-response.json").read_text())
RESPONSE = make.shown(make.issued())
TRUST = TrustAnchors((make.root(),))


def _found(value: int, at: datetime = make.NOW) -> Any:
    return lambda _: StatusFinding(value, at)


def _checked(vector: dict[str, Any]) -> CheckedMdoc:
    transcript, asked, status = vector["transcript"], vector.get("asked"), vector["status"]
    return verify_mdoc(
        bytes.fromhex(vector["presented"]),
        now=datetime.fromisoformat(vector["now"]),
        trust=TrustAnchors(
            tuple(map(bytes.fromhex, vector["roots"])),
            frozenset(map(bytes.fromhex, vector["compromised"])),
        ),
        expected_transcript=bytes.fromhex(transcript) if transcript else None,
        status=None if status is None else _found(status),
        asked=Asked(**asked) if asked else None,
        profile=getattr(steps, vector["profile"]),
    )


def test_there_is_a_vector_for_each_outcome() -> None:
    outcomes = {json.loads(path.read_text())["outcome"] for path in VECTORS}
    assert outcomes == {outcome.value for outcome in Outcome}


def _verify(presented: bytes = RESPONSE, **changes: Any) -> CheckedMdoc:
    arguments: dict[str, Any] = {
        "now": make.NOW,
        "trust": TRUST,
        "expected_transcript": make.TRANSCRIPT,
        "status": _found(0),
    }
    return verify_mdoc(presented, **arguments | changes)


def test_what_is_valid_says_what_was_disclosed() -> None:
    checked = _verify()
    assert checked.verdict.outcome is Outcome.VALID
    assert checked.elements == {
        mdoc.MDL_NAMESPACE: {
            "family_name": "ZHUGE",
            "issuing_country": "CN",
            "driving_privileges": [{"vehicle_category_code": "B", "issue_date": "2019-04-02"}],
        }
    }
    assert (checked.doc_type, checked.status) == (mdoc.MDL_DOC_TYPE, make.STATUS)
    assert checked.device_key == make.DEVICE.public.point
    assert "ZHUGE" not in repr(checked)


@pytest.mark.parametrize("name", ["unknown-issuer", "issuer-signature-changed", "element-changed"])
def test_nothing_is_said_of_what_is_not_known_to_be_issued(name: str) -> None:
    vector = json.loads((ROOT / "vectors" / "verify" / f"{name}.json").read_text())
    assert _checked(vector).elements == {}


def test_steps_behind_an_unknown_signer_are_unchecked() -> None:
    verdict = _verify(trust=TrustAnchors(())).verdict
    assert [check.status for check in verdict.checks] == [
        CheckStatus.PASSED,
        CheckStatus.FAILED,
        *[CheckStatus.UNCHECKED] * 7,
    ]


def test_the_standards_example_comes_from_an_issuer_we_do_not_know() -> None:
    verdict = _verify(bytes.fromhex(ANNEX_D["device_response"])).verdict
    assert verdict.outcome is Outcome.CANNOT_CONFIRM
    assert verdict.check(Step.DECODE).status is CheckStatus.PASSED
    assert verdict.reason is not None
    assert verdict.reason.code is ErrorCode.UNKNOWN_ISSUER


def test_a_changed_copy_of_a_compromised_signer_is_not_genuine() -> None:
    """The signer is known, so what it did not sign is known as well."""
    compromised = TrustAnchors(TRUST.roots, frozenset({make.signer().public.point}))
    forged = RESPONSE.replace(b"ZHUGE", b"ZHANG")
    assert _verify(trust=compromised).verdict.outcome is Outcome.NOT_VALID
    assert _verify(forged, trust=compromised).verdict.outcome is Outcome.NOT_GENUINE


@pytest.mark.parametrize(
    ("seconds", "step"),
    [(-61 - 86_400, Step.VALIDITY), (-60 - 86_400, None), (29 * 86_400, None),
     (29 * 86_400 + 1, Step.VALIDITY), (301 * 86_400, Step.TRUST_CHAIN)],
)  # fmt: skip
def test_validity_ends_on_the_second(seconds: int, step: Step | None) -> None:
    verdict = _verify(now=make.NOW + timedelta(seconds=seconds)).verdict
    failed = [check.step for check in verdict.checks if check.status is CheckStatus.FAILED]
    if step is None:
        assert failed == []
    else:
        assert failed[0] is step


def test_a_status_that_cannot_be_found_out_gives_its_own_reason() -> None:
    def look_up(_: StatusReference) -> StatusFinding:
        raise UndeterminedError(ErrorCode.STATUS_STALE, issued="2026-05-01")

    verdict = _verify(status=look_up).verdict
    assert verdict.outcome is Outcome.CANNOT_CONFIRM
    assert verdict.reason is not None
    assert verdict.reason.code is ErrorCode.STATUS_STALE


def test_when_the_status_was_confirmed_is_told() -> None:
    at = make.NOW - timedelta(minutes=20)
    assert _verify(status=_found(0, at)).verdict.last_confirmed_at == at
    assert _verify(status=_found(2, at)).verdict.last_confirmed_at == at
    assert _verify(status=None).verdict.last_confirmed_at is None


def test_the_status_of_this_very_copy_is_asked() -> None:
    asked: list[StatusReference] = []

    def look_up(reference: StatusReference) -> StatusFinding:
        asked.append(reference)
        return StatusFinding(0, make.NOW)

    _verify(status=look_up)
    assert asked == [make.STATUS]


def test_an_answer_to_the_request_passes() -> None:
    elements = {mdoc.MDL_NAMESPACE: ["family_name", "driving_privileges", "issuing_country"]}
    asked = Asked(mdoc.MDL_DOC_TYPE, elements)
    assert _verify(asked=asked, profile=steps.REMOTE).verdict.outcome is Outcome.VALID
    other = Asked("org.iso.23220.photoID.1", elements)
    verdict = _verify(asked=other, profile=steps.REMOTE).verdict
    assert verdict.check(Step.REQUEST_MATCH).status is CheckStatus.FAILED


def test_a_mac_is_not_taken_for_a_signature() -> None:
    signature_at = RESPONSE.index(b"odeviceSignature")
    assert signature_at > 0
    macked = RESPONSE.replace(b"odeviceSignature", b"ideviceMac")
    verdict = _verify(macked).verdict
    assert verdict.check(Step.HOLDER_BINDING).status is CheckStatus.UNCHECKED
    assert verdict.outcome is Outcome.CANNOT_CONFIRM


def test_a_device_signature_of_another_algorithm_is_not_computed() -> None:
    response = RESPONSE[::-1].replace(
        bytes.fromhex("a10126")[::-1], bytes.fromhex("a10105")[::-1], 1
    )
    verdict = _verify(response[::-1]).verdict
    assert verdict.check(Step.HOLDER_BINDING).status is not CheckStatus.PASSED
