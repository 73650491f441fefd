"""A licence in which one octet was changed is never VALID."""

from collections.abc import Iterator

import pytest

from jiazhao.presentation.steps import FILE, ISSUED_COPY, Outcome, Profile
from jiazhao.presentation.verify import StatusFinding, TrustAnchors
from jiazhao.presentation.verify_mdoc import verify_mdoc
from vectors import make

ISSUED = make.issued()
RESPONSE = make.shown(ISSUED)
TRUST = TrustAnchors((make.root(),))

MINOR_VERSION_AT = RESPONSE.index(b"gversionc1.0") + len(b"gversionc1.")
UNSIGNED = {MINOR_VERSION_AT: set(b"0123456789")}
"""The minor version of a DeviceResponse: nobody signs it, and ISO/IEC 18013-5 wants a reader to
take any. All else is signed, or its change is seen."""


def _outcome(presented: bytes, transcript: bytes | None, profile: Profile) -> Outcome:
    return verify_mdoc(
        presented,
        now=make.NOW,
        trust=TRUST,
        expected_transcript=transcript,
        status=lambda _: StatusFinding(0, make.NOW),
        profile=profile,
    ).verdict.outcome


def _flipped(octets: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Flip each bit of each octet, and set each octet to what CBOR gives a meaning of its own."""
    for place, octet in enumerate(octets):
        others = {octet ^ 1 << bit for bit in range(8)} | {0x00, 0x40, 0x80, 0xA0, 0xF6, 0xF8, 0xFF}
        for other in others - {octet}:
            yield place, other, octets[:place] + bytes([other]) + octets[place + 1 :]


@pytest.mark.filterwarnings("default::UserWarning:cryptography")
@pytest.mark.parametrize(
    ("presented", "transcript", "profile"),
    [(RESPONSE, make.TRANSCRIPT, FILE), (ISSUED, None, ISSUED_COPY)],
    ids=["device response", "issuer-signed"],
)
def test_a_mutant_is_never_valid(
    presented: bytes, transcript: bytes | None, profile: Profile
) -> None:
    assert _outcome(presented, transcript, profile) is Outcome.VALID
    valid = {
        (place, other)
        for place, other, mutant in _flipped(presented)
        if _outcome(mutant, transcript, profile) is Outcome.VALID
    }
    if presented is RESPONSE:
        valid = {(place, other) for place, other in valid if other not in UNSIGNED.get(place, ())}
    assert valid == set()


def test_the_list_of_what_nobody_signs_is_true() -> None:
    for place, others in UNSIGNED.items():
        for other in others:
            mutant = RESPONSE[:place] + bytes([other]) + RESPONSE[place + 1 :]
            assert _outcome(mutant, make.TRANSCRIPT, FILE) is Outcome.VALID


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
