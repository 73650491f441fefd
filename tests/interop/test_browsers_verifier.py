"""The verifier in the browser's language comes to the same verdict as ours on damaged octets."""

from random import Random

import pytest

from gates import two_verifiers as gate

COUNT = 120
OBJECTS = (
    "shown code",
    "shown code, sealed again",
    "backup code",
    "backup code, sealed again",
    "kept issuer's part",
    "device response",
    "issued mdoc",
    "SD-JWT VC",
    "issued SD-JWT VC",
    "status list (JWT)",
    "status list (CWT)",
    "status snapshot",
    "difference of a snapshot",
    "listed signer",
)


def test_every_object_is_swept() -> None:
    assert tuple(gate.objects()) == OBJECTS


@pytest.mark.parametrize("name", OBJECTS)
def test_a_mutant_leads_both_to_one_verdict_and_never_to_valid(name: str) -> None:
    swept = gate.sweep(name, gate.objects()[name], Random(1), COUNT)
    assert swept.wrong == []
    assert swept.mutants == COUNT


def test_a_browser_that_believes_every_signature_is_noticed() -> None:
    swept = gate.sweep(
        gate.BROKEN,
        gate.objects()[gate.BROKEN],
        Random(1),
        COUNT,
        before=[gate.NO_SIGNATURE_IS_WRONG],
    )
    assert swept.wrong
