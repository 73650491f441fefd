"""Checking presented SD-JWT VCs: each outcome with its reason."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from jiazhao.credentials import jose, mdoc
from jiazhao.errors import ErrorCode, UndeterminedError
from jiazhao.presentation.steps import FILE, REMOTE, CheckStatus, Outcome, Step
from jiazhao.presentation.verify import StatusFinding, TrustAnchors
from jiazhao.presentation.verify_sdjwt import (
    AskedClaims,
    CheckedSdJwt,
    ExpectedBinding,
    verify_sdjwt,
)
from vectors import make

ISSUED = make.sdjwt_issued()
SHOWN = make.sdjwt_shown(ISSUED).decode()
TRUST = TrustAnchors((make.root(),))
EXPECTED = ExpectedBinding(make.AUDIENCE, make.NONCE, timedelta(minutes=5))
ASKED = AskedClaims(
    make.VCT,
    [
        (mdoc.MDL_NAMESPACE, "family_name"),
        (mdoc.MDL_NAMESPACE, "issuing_country"),
        (mdoc.NATIONAL_NAMESPACE, "covers_C1"),
    ],
)
LATER = make.NOW + timedelta(days=60)


def _status(value: int) -> Any:
    return lambda _: StatusFinding(value, make.NOW)


def verify(presented: str = SHOWN, **changes: Any) -> CheckedSdJwt:
    arguments: dict[str, Any] = {
        "now": make.NOW,
        "trust": TRUST,
        "expected": EXPECTED,
        "status": _status(0),
        "asked": ASKED,
        "profile": REMOTE,
    }
    return verify_sdjwt(presented, **arguments | changes)


def shown(**changes: Any) -> str:
    """A presentation of what is issued with a change."""
    return make.sdjwt_shown(make.sdjwt_issued(**changes)).decode()


def test_what_is_valid_says_what_was_disclosed() -> None:
    checked = verify()
    assert checked.verdict.outcome is Outcome.VALID
    assert checked.claims == {
        mdoc.MDL_NAMESPACE: {"family_name": "ZHUGE", "issuing_country": "CN"},
        mdoc.NATIONAL_NAMESPACE: {"covers_C1": True},
    }
    assert (checked.vct, checked.status) == (make.VCT, make.STATUS)
    assert checked.device_key == make.DEVICE.public.point
    assert "ZHUGE" not in repr(checked)


def _swap(old: str, new: str) -> str:
    assert SHOWN.count(old) == 1
    return SHOWN.replace(old, new)


def _resigned(typ: str, key: Any, part: int, **changes: Any) -> str:
    """One of the two JWTs signed again with other claims."""
    parts = SHOWN.split("~")
    claims = {**jose.parse(parts[part], expected_typ=typ).claims, **changes}
    parts[part] = jose.sign(claims, key, typ=typ, with_chain=part == 0)
    return "~".join(parts)


def _bound(**changes: Any) -> str:
    return _resigned("kb+jwt", make.DEVICE, -1, **changes)


NOT_GENUINE, NOT_VALID, CANNOT_CONFIRM = (
    Outcome.NOT_GENUINE,
    Outcome.NOT_VALID,
    Outcome.CANNOT_CONFIRM,
)
CASES: dict[str, tuple[dict[str, Any], Outcome, ErrorCode, Step]] = {
    "unknown format": (
        {"presented": "hello"},
        CANNOT_CONFIRM,
        ErrorCode.UNKNOWN_FORMAT,
        Step.DECODE,
    ),
    "unknown issuer": (
        {"trust": TrustAnchors((make.root("another"),))},
        CANNOT_CONFIRM,
        ErrorCode.UNKNOWN_ISSUER,
        Step.TRUST_CHAIN,
    ),
    "certificate not signed by the root it names": (
        {"presented": shown(document_signer=make.sdjwt_signer(root_key="stranger"))},
        NOT_GENUINE,
        ErrorCode.SIGNATURE_MISMATCH,
        Step.TRUST_CHAIN,
    ),
    "signer lapsed": (
        {"now": make.NOW + timedelta(days=301)},
        CANNOT_CONFIRM,
        ErrorCode.SIGNER_OUTSIDE_VALIDITY,
        Step.TRUST_CHAIN,
    ),
    "signer compromised": (
        {"trust": replace(TRUST, compromised=frozenset({make.signer().public.point}))},
        NOT_VALID,
        ErrorCode.SIGNER_COMPROMISED,
        Step.TRUST_CHAIN,
    ),
    "signed before the signer was valid": (
        {"presented": shown(document_signer=make.sdjwt_signer(since=make.NOW))},
        CANNOT_CONFIRM,
        ErrorCode.SIGNER_OUTSIDE_VALIDITY,
        Step.TRUST_CHAIN,
    ),
    "issuer is not the signer's": (
        {"presented": shown(issuer="https://elsewhere.example")},
        CANNOT_CONFIRM,
        ErrorCode.ISSUER_DATA_MISMATCH,
        Step.TRUST_CHAIN,
    ),
    "issuing country of another": (
        {"presented": shown(claims={mdoc.MDL_NAMESPACE: {"issuing_country": "DE"}})},
        CANNOT_CONFIRM,
        ErrorCode.ISSUER_DATA_MISMATCH,
        Step.TRUST_CHAIN,
    ),
    "no certificate": (
        {"presented": _resigned("dc+sd-jwt", make.STRANGER, 0, exp=1 << 32)},
        CANNOT_CONFIRM,
        ErrorCode.UNKNOWN_FORMAT,
        Step.DECODE,
    ),
    "issuer's signature of a stranger": (
        {
            "presented": _resigned(
                "dc+sd-jwt",
                make.NamedKey("stranger", *make.sdjwt_signer().certificates),
                0,
                exp=1 << 32,
            )
        },
        NOT_GENUINE,
        ErrorCode.SIGNATURE_MISMATCH,
        Step.ISSUER_SIGNATURE,
    ),
    "nothing disclosed": (
        {
            "presented": make.sdjwt_shown(b"~".join((ISSUED.partition(b"~")[0], b""))).decode(),
            "asked": None,
            "profile": FILE,
        },
        CANNOT_CONFIRM,
        ErrorCode.NOTHING_DISCLOSED,
        Step.DIGESTS,
    ),
    "not yet valid": (
        {"now": make.VALIDITY.valid_from - timedelta(minutes=2)},
        NOT_VALID,
        ErrorCode.NOT_YET_VALID,
        Step.VALIDITY,
    ),
    "lapsed": ({"now": LATER}, NOT_VALID, ErrorCode.LAPSED, Step.VALIDITY),
    "holder not shown": (
        {"presented": SHOWN.rpartition("~")[0] + "~"},
        CANNOT_CONFIRM,
        ErrorCode.HOLDER_NOT_SHOWN,
        Step.HOLDER_BINDING,
    ),
    "request not known": (
        {"expected": None},
        CANNOT_CONFIRM,
        ErrorCode.HOLDER_NOT_SHOWN,
        Step.HOLDER_BINDING,
    ),
    "bound by another device": (
        {"presented": make.sdjwt_shown(ISSUED, device=make.STRANGER).decode()},
        NOT_GENUINE,
        ErrorCode.HOLDER_SIGNATURE_MISMATCH,
        Step.HOLDER_BINDING,
    ),
    "a disclosure left out after binding": (
        {"presented": _swap(SHOWN.split("~")[1] + "~", "")},
        NOT_GENUINE,
        ErrorCode.HOLDER_SIGNATURE_MISMATCH,
        Step.HOLDER_BINDING,
    ),
    "hash of another presentation": (
        {"presented": _bound(sd_hash="A" * 43)},
        NOT_GENUINE,
        ErrorCode.HOLDER_SIGNATURE_MISMATCH,
        Step.HOLDER_BINDING,
    ),
    **{
        f"for another request: {name}": (
            {"presented": _bound(**{name: value})},
            CANNOT_CONFIRM,
            ErrorCode.ANSWER_TO_ANOTHER_REQUEST,
            Step.HOLDER_BINDING,
        )
        for name, value in (
            ("aud", "x509_san_dns:other.example"),
            ("nonce", make.NONCE + "x"),
            ("iat", int(make.NOW.timestamp()) - 301),
            ("iat", int(make.NOW.timestamp()) + 61),
        )
    },
    "status ended": ({"status": _status(1)}, NOT_VALID, ErrorCode.STATUS_ENDED, Step.STATUS),
    "status must not drive": (
        {"status": _status(2)},
        NOT_VALID,
        ErrorCode.STATUS_SUSPENDED,
        Step.STATUS,
    ),
    "status of unknown meaning": (
        {"status": _status(3)},
        CANNOT_CONFIRM,
        ErrorCode.STATUS_UNDETERMINED,
        Step.STATUS,
    ),
    "no status published": (
        {"presented": shown(status=None)},
        CANNOT_CONFIRM,
        ErrorCode.STATUS_UNDETERMINED,
        Step.STATUS,
    ),
    "another type than asked": (
        {"asked": replace(ASKED, vct="https://elsewhere.example/type")},
        CANNOT_CONFIRM,
        ErrorCode.ANSWER_DIFFERS_FROM_REQUEST,
        Step.REQUEST_MATCH,
    ),
    "less than asked": (
        {"asked": replace(ASKED, paths=[*ASKED.paths, (mdoc.MDL_NAMESPACE, "portrait")])},
        CANNOT_CONFIRM,
        ErrorCode.ANSWER_DIFFERS_FROM_REQUEST,
        Step.REQUEST_MATCH,
    ),
    "more than asked": (
        {"asked": replace(ASKED, paths=list(ASKED.paths)[:2])},
        CANNOT_CONFIRM,
        ErrorCode.ANSWER_DIFFERS_FROM_REQUEST,
        Step.REQUEST_MATCH,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_each_fault_has_its_outcome_its_reason_and_its_step(name: str) -> None:
    changes, outcome, code, step = CASES[name]
    verdict = verify(**changes).verdict
    assert verdict.reason is not None
    assert (verdict.outcome, verdict.reason.code) == (outcome, code)
    assert verdict.check(step).reason == verdict.reason


def test_a_status_that_cannot_be_had_is_not_a_no() -> None:
    def unreachable(_: object) -> StatusFinding:
        raise UndeterminedError(ErrorCode.STATUS_UNDETERMINED)

    verdict = verify(status=unreachable).verdict
    assert verdict.outcome is Outcome.CANNOT_CONFIRM
    assert verdict.check(Step.STATUS).status is CheckStatus.UNCHECKED


def test_a_disclosure_that_was_changed_says_nothing() -> None:
    parts = SHOWN.split("~")
    for at in range(1, len(parts) - 1):
        other = "B" if parts[at][-2] != "B" else "C"
        changed = [*parts]
        changed[at] = parts[at][:-2] + other + parts[at][-1]
        checked = verify("~".join(changed))
        assert checked.verdict.outcome is not Outcome.VALID
        assert checked.claims == {}


def test_what_holds_a_part_or_the_whole_of_what_was_asked_is_not_more() -> None:
    asked = replace(ASKED, paths=[(mdoc.MDL_NAMESPACE,), (mdoc.NATIONAL_NAMESPACE, "covers_C1")])
    assert verify(asked=asked).verdict.outcome is Outcome.VALID
