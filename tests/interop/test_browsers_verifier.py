"""The verifier in the browser's language comes to the same verdict as ours on damaged octets."""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from tests.interop.browsers_language import run_in_node
from tests.unit.presentation.test_vectors import JUDGES
from vectors import make, make_certificates, make_sd_jwt

SEED = 20260601
MDOCS, SD_JWTS, CERTIFICATES = 400, 400, 400


def _flipped(octets: bytes, at: int) -> bytes:
    place, bit = divmod(at, 8)
    return octets[:place] + bytes([octets[place] ^ 1 << bit]) + octets[place + 1 :]


def _mutants() -> Iterator[dict[str, Any]]:
    chosen = random.Random(SEED)
    response = make.shown(make.issued())
    for at in chosen.sample(range(8 * len(response)), MDOCS):
        yield make.vector(_flipped(response, at), "", None)
    presented = make.sdjwt_shown(make.sdjwt_issued())
    for at in chosen.sample(range(8 * len(presented)), SD_JWTS):
        damaged = _flipped(presented, at).decode("latin-1")
        yield make_sd_jwt.vector(damaged, "", None)
    certificate = make_certificates.certificate()
    for at in chosen.sample(range(8 * len(certificate)), CERTIFICATES):
        yield make_certificates.vector([_flipped(certificate, at)], None)


def _ours(vector: dict[str, Any]) -> dict[str, Any]:
    verdict = JUDGES[vector.get("kind", "mdoc")](vector)
    reason = verdict.reason.code.wire if verdict.reason else None
    return {"outcome": verdict.outcome.value, "step": verdict.step, "reason": reason}


@pytest.mark.filterwarnings("default::UserWarning:cryptography")
def test_a_flipped_bit_leads_both_to_one_verdict() -> None:
    mutants = list(_mutants())
    theirs, ours = run_in_node("judge-all.mjs", mutants), [_ours(mutant) for mutant in mutants]

    differing = [
        (one, other, mutant["presented"])
        for one, other, mutant in zip(ours, theirs, mutants, strict=True)
        if one != other
    ]
    assert differing == []
    assert {each["outcome"] for each in ours} >= {"NOT_GENUINE", "CANNOT_CONFIRM"}
