"""A licence in which one octet was changed is never VALID."""

import pytest

from jiazhao.presentation.steps import FILE, ISSUED_COPY, Outcome, Profile
from jiazhao.presentation.verify import StatusFinding, TrustAnchors
from jiazhao.presentation.verify_mdoc import verify_mdoc
from vectors import make

ISSUED = make.issued()
RESPONSE = make.shown(ISSUED)
TRUST = TrustAnchors((make.root(),))


def _outcome(presented: bytes, transcript: bytes | None, profile: Profile) -> Outcome:
    return verify_mdoc(
        presented,
        now=make.NOW,
        trust=TRUST,
        expected_transcript=transcript,
        status=lambda _: StatusFinding(0, make.NOW),
        profile=profile,
    ).verdict.outcome


@pytest.mark.parametrize("presented", [RESPONSE, ISSUED], ids=["device response", "issuer-signed"])
def test_an_octet_less_or_more_is_never_valid(presented: bytes) -> None:
    profile = FILE if presented is RESPONSE else ISSUED_COPY
    for place in range(0, len(presented), 3):
        for mutant in (
            presented[:place],
            presented[:place] + presented[place + 1 :],
            presented[:place] + b"\x00" + presented[place:],
        ):
            assert _outcome(mutant, make.TRANSCRIPT, profile) is not Outcome.VALID


def test_what_does_not_pass_discloses_nothing_that_was_changed() -> None:
    """An element comes out only if the issuer signed its digest."""
    given = verify_mdoc(RESPONSE, now=make.NOW, trust=TRUST, expected_transcript=None).elements
    at = RESPONSE.index(b"ZHUGE")
    for place in range(at - 60, at + 20):
        for bit in range(8):
            octet = bytes([RESPONSE[place] ^ 1 << bit])
            mutant = RESPONSE[:place] + octet + RESPONSE[place + 1 :]
            checked = verify_mdoc(mutant, now=make.NOW, trust=TRUST, expected_transcript=None)
            assert checked.elements in ({}, given)
