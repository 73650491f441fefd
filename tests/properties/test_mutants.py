"""No presented or stored object is VALID once it was changed; the gate `mutants` counts far on."""

from collections.abc import Iterator, Mapping
from itertools import islice
from random import Random
from unittest.mock import patch

import pytest

from gates import mutants as gate
from gates.presented_objects import Presented, presented_objects
from gates.unsigned import DEVICE_RESPONSE_VERSION, UNSIGNED, unsigned_of
from jiazhao.credentials.licence_code import IssuerPart

COUNT = 200
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
    "trusted root",
    "listed signer",
    "shift: settings and figures",
    "shift: rule tables",
    "queued record",
    "short code",
)


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Presented]]:
    with presented_objects(tmp_path_factory.mktemp("objects")) as found:
        yield found


def test_every_object_is_swept(objects: Mapping[str, Presented]) -> None:
    assert tuple(objects) == OBJECTS
    assert {name for entry in UNSIGNED for name in entry.objects} <= objects.keys()


@pytest.mark.parametrize("name", OBJECTS)
def test_no_mutant_is_valid(objects: Mapping[str, Presented], name: str) -> None:
    swept = gate.sweep(name, objects[name], Random(1), COUNT)
    assert swept.wrong == []
    assert swept.mutants == COUNT


def test_a_signature_that_nobody_looks_at_is_noticed(objects: Mapping[str, Presented]) -> None:
    with patch.object(IssuerPart, "verify"):
        swept = gate.sweep(gate.BROKEN, objects[gate.BROKEN], Random(1), COUNT)
    assert swept.wrong


def test_an_entry_that_nothing_needs_and_a_fault_are_noticed() -> None:
    def fails(octets: bytes) -> bool:
        if octets != b"abc":
            raise KeyError(octets)
        return True

    swept = gate.sweep("device response", Presented(b"abc", fails), Random(1), 5)
    assert swept.wrong[0].startswith("KeyError escaped")
    idle = gate.judge({"short code": gate.Sweep(mutants=1)})
    assert "listed as unsigned and is not: short code" in idle.reason


def test_an_object_that_is_not_valid_to_begin_with_proves_nothing() -> None:
    swept = gate.sweep("none", Presented(b"abc", lambda _: False), Random(1), 5)
    assert swept.wrong == ["the object itself is not judged as it should be"] * 2


def test_mutants_differ_and_begin_with_every_place() -> None:
    octets = bytes(range(100))
    made = list(islice(gate.mutants(octets, Random(1)), 2_000))
    assert len({octets, *made}) == 2_001
    changed = [
        [at for at in range(100) if one[at] != octets[at]] for one in made[:100] if len(one) == 100
    ]
    assert sorted(changed) == [[at] for at in range(100)]


def test_the_minor_version_alone_is_listed_of_a_device_response(
    objects: Mapping[str, Presented],
) -> None:
    response = objects["device response"]
    at = response.octets.index(DEVICE_RESPONSE_VERSION) + len(DEVICE_RESPONSE_VERSION)
    entry = unsigned_of("device response")
    assert entry is not None
    for octet in range(256):
        mutant = response.octets[:at] + bytes([octet]) + response.octets[at + 1 :]
        assert response.accepts(mutant) is chr(octet).isdecimal()
        assert entry.covers(response.octets, mutant) is chr(octet).isdecimal()
    assert not entry.covers(response.octets, response.octets + b"\x00")


def test_a_short_code_is_one_however_it_is_spelled() -> None:
    entry = unsigned_of("short code")
    assert entry is not None
    assert entry.covers(b"ABCD-2345", b"abcd 2345")
    assert not entry.covers(b"ABCD-2345", b"ABCD-2346")
    assert not entry.covers(b"ABCD-2345", b"ABCD-234")
