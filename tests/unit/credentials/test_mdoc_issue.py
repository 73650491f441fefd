"""Issuing an mdoc, read back with cbor2 alone."""

import copy
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import cbor2
import pytest
from cryptography import x509

from jiazhao.credentials import cbor, mdoc
from jiazhao.credentials.mdoc import RANDOM_OCTETS, ValidityInfo
from jiazhao.credentials.signing import PublicKey
from vectors.make import DEVICE, ELEMENTS, STATUS, VALIDITY, signer

COUNT = sum(map(len, ELEMENTS.values()))
RANDOMNESS = b"".join(hashlib.sha256(bytes([i])).digest() for i in range(2 * COUNT))


def _issue(**changes: Any) -> bytes:
    arguments: dict[str, Any] = {
        "doc_type": mdoc.MDL_DOC_TYPE,
        "elements": ELEMENTS,
        "device_key": DEVICE.public,
        "validity": VALIDITY,
        "randomness": RANDOMNESS[: COUNT * RANDOM_OCTETS],
        "signer": signer(),
        "status": STATUS,
    }
    return mdoc.issue(**arguments | changes)


def _mso(octets: bytes) -> dict[str, Any]:
    payload = cbor2.loads(octets)["issuerAuth"][2]
    mso: dict[str, Any] = cbor2.loads(cbor2.loads(payload).value)
    return mso


def _items(octets: bytes) -> dict[str, list[dict[str, Any]]]:
    name_spaces = cbor2.loads(octets)["nameSpaces"]
    return {
        name: [cbor2.loads(item.value) for item in items] for name, items in name_spaces.items()
    }


def test_every_element_is_there_with_its_digest() -> None:
    octets = _issue()
    digests = _mso(octets)["valueDigests"]
    for name_space, items in cbor2.loads(octets)["nameSpaces"].items():
        assert len(digests[name_space]) == len(items) == len(ELEMENTS[name_space])
        for item in items:
            content = cbor2.loads(item.value)
            received = cbor2.dumps(item)
            assert received in octets
            assert digests[name_space][content["digestID"]] == hashlib.sha256(received).digest()
    read = mdoc.parse_issuer_signed(octets)
    assert {
        name: {element: item.value for element, item in items.items()}
        for name, items in read.name_spaces.items()
    } == ELEMENTS


def test_the_mso_says_what_it_must() -> None:
    assert _mso(_issue()) == {
        "version": "1.0",
        "digestAlgorithm": "SHA-256",
        "docType": "org.iso.18013.5.1.mDL",
        "valueDigests": _mso(_issue())["valueDigests"],
        "deviceKeyInfo": {"deviceKey": DEVICE.public.to_cose()},
        "validityInfo": {
            "signed": VALIDITY.signed,
            "validFrom": VALIDITY.valid_from,
            "validUntil": VALIDITY.valid_until,
        },
        "status": {"status_list": {"idx": 7, "uri": "https://issuer.example/status-lists/1"}},
    }
    assert "status" not in _mso(_issue(status=None))


def test_the_certificate_stands_in_the_unprotected_header_and_fits_the_signature() -> None:
    octets = _issue()
    unprotected = cbor2.loads(octets)["issuerAuth"][1]
    assert unprotected == {33: signer().certificates[0]}
    certificate = x509.load_der_x509_certificate(unprotected[33])
    mdoc.parse_issuer_signed(octets).issuer_auth.verify(PublicKey.of(certificate.public_key()))


def test_everything_is_written_deterministically() -> None:
    octets = _issue()
    payload = cbor2.loads(octets)["issuerAuth"][2]
    reader = cbor.Reader(tags=(0, 24, 1004))
    parts = [octets, payload, cbor.unwrap(payload, "MSO")]
    parts += [item.value for items in cbor2.loads(octets)["nameSpaces"].values() for item in items]
    for part in parts:
        assert cbor.encode(reader.read(part, "part")) == part


def test_times_have_neither_fractions_nor_offsets() -> None:
    signed = datetime(2026, 6, 1, 2, 3, 4, 567_890, UTC)
    validity = ValidityInfo(signed, signed, signed + timedelta(days=14))
    octets = _issue(validity=validity)
    for text in (b"\xc0\x742026-06-01T02:03:04Z", b"\xc0\x742026-06-15T02:03:04Z"):
        assert text in octets


@pytest.mark.parametrize(
    ("signed", "valid_from", "valid_until"), [(1, 0, 2), (0, 2, 2), (0, 2, 1), (3, 3, 2)]
)
def test_validity_in_another_order_is_refused(
    signed: int, valid_from: int, valid_until: int
) -> None:
    begin = datetime(2026, 6, 1, tzinfo=UTC)
    times = [begin + timedelta(days=days) for days in (signed, valid_from, valid_until)]
    with pytest.raises(ValueError, match="valid_from"):
        _issue(validity=ValidityInfo(*times))


def test_salts_are_the_given_randomness_and_all_differ() -> None:
    salts = [item["random"] for items in _items(_issue()).values() for item in items]
    assert b"".join(salts) == RANDOMNESS[: COUNT * 32]
    assert len(set(salts)) == COUNT


def test_digest_ids_follow_other_randomness_than_the_salts() -> None:
    first = _items(_issue())
    salts, order = RANDOMNESS[: COUNT * 32], RANDOMNESS[COUNT * 32 : COUNT * 40]
    other = _items(_issue(randomness=salts + order[::-1]))
    ids = [[item["digestID"] for item in items] for items in first.values()]
    other_ids = [[item["digestID"] for item in items] for items in other.values()]
    assert ids != other_ids
    for given in ids + other_ids:
        assert sorted(given) == list(range(len(given)))


def test_a_digest_id_says_nothing_of_its_element() -> None:
    """Over many copies each element has each id about equally often."""
    elements = {mdoc.MDL_NAMESPACE: {name: name for name in ("a", "b", "c", "d")}}
    seen: dict[str, set[int]] = {name: set() for name in elements[mdoc.MDL_NAMESPACE]}
    for number in range(64):
        randomness = hashlib.shake_256(bytes([number])).digest(4 * RANDOM_OCTETS)
        octets = _issue(elements=elements, randomness=randomness)
        for item in _items(octets)[mdoc.MDL_NAMESPACE]:
            seen[item["elementIdentifier"]].add(item["digestID"])
    assert all(ids == {0, 1, 2, 3} for ids in seen.values())


def test_the_callers_data_are_left_alone() -> None:
    elements = copy.deepcopy(ELEMENTS)
    first = _issue(elements=elements)
    assert elements == ELEMENTS
    assert _issue(elements=elements) == first, "a second use gives the same octets"


@pytest.mark.parametrize("octets", [0, COUNT * RANDOM_OCTETS - 1, COUNT * RANDOM_OCTETS + 1])
def test_randomness_of_another_length_is_refused(octets: int) -> None:
    with pytest.raises(ValueError, match="randomness"):
        _issue(randomness=bytes(octets))


@pytest.mark.parametrize("elements", [{}, {"ns": {}}, {"ns": {}, "other": {"a": 1}}])
def test_an_empty_licence_is_refused(elements: dict[str, dict[str, Any]]) -> None:
    with pytest.raises(ValueError, match="no elements"):
        _issue(elements=elements, randomness=bytes(RANDOM_OCTETS))


def test_a_python_date_is_refused_since_two_tags_are_possible() -> None:
    elements = {"ns": {"birth_date": datetime(2026, 6, 1, tzinfo=UTC).date()}}
    with pytest.raises(TypeError):
        _issue(elements=elements, randomness=bytes(RANDOM_OCTETS))


def test_long_values_and_many_elements_are_issued() -> None:
    elements = {"ns": {f"e{number}": bytes(number) for number in range(300)}}
    octets = _issue(
        elements=elements, randomness=hashlib.shake_256(b"").digest(300 * RANDOM_OCTETS)
    )
    read = mdoc.parse_issuer_signed(octets)
    assert [item.value for item in read.name_spaces["ns"].values()] == [
        bytes(number) for number in range(300)
    ]
