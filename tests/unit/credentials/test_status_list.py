"""The octets of a status list, with the draft's own vectors."""

import json
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import pytest

from jiazhao.credentials.signing import read_base64url, write_base64url
from jiazhao.credentials.status_list import (
    MAX_OCTETS,
    StatusValue,
    compress,
    decompress,
    pack,
    read_status,
)
from jiazhao.errors import ErrorCode, UndeterminedError

FOLDER = Path(__file__).parents[3] / "vectors/status-list"
VECTORS = sorted(FOLDER.glob("?-bit-*.json"))


def _vector(path: Path) -> dict[str, Any]:
    vector: dict[str, Any] = json.loads(path.read_text())
    vector["statuses"] = {int(index): value for index, value in vector["statuses"].items()}
    return vector


def test_there_are_vectors_of_each_kind() -> None:
    assert [path.stem for path in VECTORS] == [
        "1-bit-example",
        "1-bit-long",
        "2-bit-example",
        "2-bit-long",
        "4-bit-long",
    ]


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_reads_every_status_of_the_vector(path: Path) -> None:
    vector = _vector(path)
    compressed = read_base64url(vector["lst"], "lst")

    indices = [*vector["statuses"], 1, 2, vector["size"] - 1]
    read = {index: read_status(compressed, index, bits=vector["bits"]) for index in indices}

    assert read == {index: vector["statuses"].get(index, 0) for index in indices}


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_writes_the_vector_octet_for_octet(path: Path) -> None:
    vector = _vector(path)
    octets = pack(vector["statuses"], size=vector["size"], bits=vector["bits"])

    assert write_base64url(compress(octets)) == vector["lst"]
    assert octets.hex().startswith(vector.get("octets", ""))


def test_the_values_are_those_of_the_draft() -> None:
    assert [*StatusValue] == [0, 1, 2]


@pytest.mark.parametrize("index", [-1, 12, 1 << 40])
def test_an_index_outside_of_the_list_is_undetermined(index: int) -> None:
    with pytest.raises(UndeterminedError) as undetermined:
        read_status(compress(bytes(3)), index, bits=2)
    assert undetermined.value.code is ErrorCode.STATUS_INDEX_OUT_OF_RANGE


@pytest.mark.parametrize("bits", [-2, 0, 3, 16])
def test_another_width_is_undetermined(bits: int) -> None:
    with pytest.raises(UndeterminedError):
        read_status(compress(bytes(3)), 0, bits=bits)


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"eNo",
        compress(bytes(1000))[:-1],
        compress(bytes(1000)) + b"\0",
        compress(b"\x01" * 1000)[:-4] + bytes(4),
    ],
    ids=["empty", "text", "cut short", "followed by more", "wrong checksum"],
)
def test_damaged_compression_is_undetermined(octets: bytes) -> None:
    with pytest.raises(UndeterminedError) as undetermined:
        decompress(octets)
    assert undetermined.value.code is ErrorCode.STATUS_UNREADABLE


def test_a_list_unfolds_to_its_limit_and_no_further() -> None:
    assert len(decompress(compress(bytes(MAX_OCTETS)))) == MAX_OCTETS
    with pytest.raises(UndeterminedError, match="too large"):
        decompress(compress(bytes(MAX_OCTETS + 1)))


def test_a_bomb_is_refused_without_being_unfolded() -> None:
    bomb = zlib.compressobj(9)
    folded = b"".join(bomb.compress(bytes(1 << 20)) for _ in range(256)) + bomb.flush()

    tracemalloc.start()
    try:
        with pytest.raises(UndeterminedError):
            decompress(folded)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 4 * MAX_OCTETS


@pytest.mark.parametrize("statuses", [{0: 4}, {0: -1}, {12: 1}, {-1: 1}])
def test_what_does_not_fit_is_never_written(statuses: dict[int, int]) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        pack(statuses, size=12)
