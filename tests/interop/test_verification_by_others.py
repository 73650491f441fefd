"""Verifiers that we did not write judge our licence, shown by our holder and by theirs."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import cbor2
import pytest
from cryptography import x509

from tests.interop import holder
from tests.interop.conftest import Offer
from tests.interop.mutants import Presentation
from tests.interop.peers import SCRIPTS, Claimed, Judgement, NpmPeers, Ourselves, PyMdocCbor

AT_A_RENTAL_DESK: tuple[holder.Element, ...] = (
    (holder.MDL_NAME_SPACE, "family_name"),
    (holder.MDL_NAME_SPACE, "family_name_national_character"),
    (holder.MDL_NAME_SPACE, "expiry_date"),
    (holder.MDL_NAME_SPACE, "driving_privileges"),
    ("org.iso.18013.5.1.CN", "vehicle_classes"),
)

LONG_TERM, RARE_CHARACTER, MIDDLE_DOT, LATIN_NAME_ONLY = (
    "sp-000007",
    "sp-000008",
    "sp-000011",
    "sp-000012",
)
"""Made-up holders whose dates and names take other ways through an encoder than most."""


@pytest.mark.parametrize("peer", SCRIPTS)
def test_every_element_is_verified_with_the_device_signature(
    peer: str,
    npm_peers: NpmPeers,
    genuine: Presentation,
    iaca_root: x509.Certificate,
    judged_at: datetime,
) -> None:
    verified = npm_peers.verify(peer, {"all": genuine}, root=iaca_root, now=judged_at)["all"]

    assert verified.accepted, verified.reason
    assert verified.names() == _signed(genuine.issuer_signed)


def test_pymdoccbor_verifies_the_issuers_side(
    pymdoccbor: PyMdocCbor, genuine: Presentation, iaca_root: x509.Certificate
) -> None:
    verified = pymdoccbor.verify(genuine, root=iaca_root)

    assert verified.accepted
    assert verified.names() == _signed(genuine.issuer_signed)


def test_names_of_every_kind_come_out_as_they_went_in(
    npm_peers: NpmPeers,
    pymdoccbor: PyMdocCbor,
    make_offer: Callable[[str], Offer],
    session: holder.Session,
    iaca_root: x509.Certificate,
) -> None:
    shown: dict[str, Presentation] = {}
    for holder_id in (LONG_TERM, RARE_CHARACTER, MIDDLE_DOT, LATIN_NAME_ONLY):
        offer = make_offer(holder_id)
        claimed = npm_peers.claim(offer.by_value, offer.tx_code)
        key = holder.device_key(claimed.device_key_jwk)
        shown[holder_id] = Presentation.genuine(claimed.credential, key, session)
    now = datetime.now(UTC)

    read = {peer: npm_peers.verify(peer, shown, root=iaca_root, now=now) for peer in SCRIPTS}
    read[pymdoccbor.name] = {
        holder_id: pymdoccbor.verify(one, root=iaca_root) for holder_id, one in shown.items()
    }

    for peer, judged in read.items():
        assert [one.reason for one in judged.values() if not one.accepted] == [], peer
        names = {holder_id: _names(one) for holder_id, one in judged.items()}
        assert names == {holder_id: _names_signed(one) for holder_id, one in shown.items()}, peer


@pytest.mark.parametrize("wallet", SCRIPTS)
def test_what_one_peer_shows_every_verifier_takes(
    wallet: str,
    npm_peers: NpmPeers,
    ourselves: Ourselves,
    claimed: Claimed,
    genuine: Presentation,
    iaca_root: x509.Certificate,
    judged_at: datetime,
) -> None:
    response = npm_peers.present(wallet, claimed, genuine.session, AT_A_RENTAL_DESK)
    shown = Presentation(genuine.issuer_signed, genuine.device_key, genuine.session, response)

    verified = {
        peer: npm_peers.verify(peer, {"desk": shown}, root=iaca_root, now=judged_at)["desk"]
        for peer in SCRIPTS
    }
    verified[ourselves.name] = ourselves.verify(shown, root=iaca_root, now=judged_at)

    for peer, one in verified.items():
        assert one.accepted, (peer, one.reason)
        assert one.names() == set(AT_A_RENTAL_DESK), peer


@pytest.mark.parametrize("peer", SCRIPTS)
def test_a_copy_past_its_end_is_refused(
    peer: str, npm_peers: NpmPeers, genuine: Presentation, iaca_root: x509.Certificate
) -> None:
    issuer_auth = cbor2.loads(genuine.issuer_signed)["issuerAuth"]
    mso = cbor2.loads(cbor2.loads(issuer_auth[2]).value)
    past_the_end = mso["validityInfo"]["validUntil"] + timedelta(minutes=1)

    verified = npm_peers.verify(peer, {"late": genuine}, root=iaca_root, now=past_the_end)["late"]

    assert not verified.accepted
    assert "MSO must be valid at the time of verification" in verified.reason


def _names(one: Judgement) -> dict[str, str]:
    """Every value of the international name space whose element is a part of a name."""
    values = one.elements[holder.MDL_NAME_SPACE].items()
    return {element: value for element, value in values if "_name" in element}


def _names_signed(shown: Presentation) -> dict[str, str]:
    items = cbor2.loads(shown.issuer_signed)["nameSpaces"][holder.MDL_NAME_SPACE]
    decoded = [cbor2.loads(item.value) for item in items]
    return {
        item["elementIdentifier"]: item["elementValue"]
        for item in decoded
        if "_name" in item["elementIdentifier"]
    }


def _signed(issuer_signed: bytes) -> set[holder.Element]:
    return {
        (name_space, cbor2.loads(item.value)["elementIdentifier"])
        for name_space, items in cbor2.loads(issuer_signed)["nameSpaces"].items()
        for item in items
    }
