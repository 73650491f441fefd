"""The snapshot's files as a terminal reads them; the vectors are the browser's too."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import pytest

from jiazhao.credentials.prefix_set import Form, PrefixSet
from jiazhao.credentials.status_snapshot import MAX_FILE_OCTETS, StatusSnapshot, read_snapshot
from jiazhao.errors import ErrorCode, UndeterminedError
from vectors import make, make_status_snapshot
from vectors.make_status_snapshot import EXAMPLE, SMALL, SMALL_BODY, base, body, difference

FOLDER = Path(__file__).parents[3] / "vectors" / "status-snapshot"
VECTORS = sorted(FOLDER.glob("*.json"))
PAGE = Path(__file__).parents[3] / "docs/specs/status-snapshot.md"


def read(vector: dict[str, Any]) -> StatusSnapshot:
    seen = vector["newest_seen"]
    return read_snapshot(
        [bytes.fromhex(one) for one in vector["files"]],
        anchors=map(bytes.fromhex, vector["roots"]),
        now=datetime.fromisoformat(vector["now"]),
        newest_seen=seen and datetime.fromisoformat(seen),
        compromised=frozenset(map(bytes.fromhex, vector["compromised"])),
    )


def answer(ask: Callable[[], bool]) -> str:
    try:
        return "must_not_drive" if ask() else "clear"
    except UndeterminedError as error:
        return error.code.wire


def says(snapshot: StatusSnapshot, asked: dict[str, Any]) -> str:
    handle = bytes.fromhex(asked["handle"])
    issued_at = datetime.fromtimestamp(asked["issued_at"], UTC)
    return answer(lambda: snapshot.look_up(handle, issued_at).must_not_drive)


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_each_vector_is_read_as_it_says(path: Path) -> None:
    vector = json.loads(path.read_text())
    if vector["refused"]:
        with pytest.raises(UndeterminedError) as error:
            read(vector)
        assert error.value.code.wire == vector["refused"]
        return
    snapshot = read(vector)
    assert [says(snapshot, asked) for asked in vector["look_ups"]] == [
        asked["says"] for asked in vector["look_ups"]
    ]


def test_the_vectors_are_what_their_maker_makes() -> None:
    made = dict(make_status_snapshot.status_snapshots())
    assert {path.stem: json.loads(path.read_text()) for path in VECTORS} == made


def given(*files: bytes, hours: int = 0, **more: Any) -> StatusSnapshot:
    now = make.NOW + timedelta(hours=hours)
    return read_snapshot(files, anchors=[make.root()], now=now, **more)


def test_no_mutant_of_a_file_gives_a_wrong_answer() -> None:
    good = base()
    mutants = [
        *(
            good[:place] + bytes([good[place] ^ 1 << place % 8]) + good[place + 1 :]
            for place in range(len(good))
        ),
        *(good[:place] for place in range(len(good))),
        *(good[:place] + good[place + 1 :] for place in range(len(good))),
        *(good[:place] + b"\x00" + good[place:] for place in range(len(good) + 1)),
    ]
    accepted = []
    for mutant in mutants:
        try:
            accepted.append(given(mutant))
        except UndeterminedError:
            continue
    right = [says(given(good), asked) for asked in make_status_snapshot.example_look_ups()]
    for snapshot in accepted:  # what no signature covers says the same
        told = [says(snapshot, asked) for asked in make_status_snapshot.example_look_ups()]
        assert told == right
    assert accepted == []


@pytest.mark.parametrize("place", [0, 1, 2])
def test_no_mutant_of_a_chain_gives_a_wrong_answer(place: int) -> None:
    start = base()
    one = difference(start, [(0, "")])
    chain = [start, one, difference(one, [(1, "")], hours=2)]
    chance = Random(place)
    for _ in range(300):
        octets = bytearray(chain[place])
        octets[chance.randrange(len(octets))] ^= 1 << chance.randrange(8)
        with pytest.raises(UndeterminedError):
            given(*chain[:place], bytes(octets), *chain[place + 1 :], hours=2)


def test_a_set_without_its_newest_difference_is_older_than_what_was_seen() -> None:
    start = base()
    one = difference(start, [(0, "")])
    seen = given(start, one, hours=2).as_of

    with pytest.raises(UndeterminedError) as error:
        given(start, hours=2, newest_seen=seen)

    assert error.value.code is ErrorCode.STATUS_ROLLED_BACK


def test_a_file_that_is_too_large_is_not_read() -> None:
    with pytest.raises(UndeterminedError):
        given(base() + bytes(MAX_FILE_OCTETS))


def test_more_files_than_a_chain_has_are_not_read() -> None:
    with pytest.raises(UndeterminedError):
        given(*[base()] * 1026)


def test_every_prefix_can_be_read_in_order() -> None:
    prefixes = [(2, "01"), (3, ""), (9, "0"), (9, "11")]

    octets = body(Form(4, 1, 2), prefixes)

    assert list(PrefixSet(Form(4, 1, 2), octets).prefixes()) == prefixes


def test_the_page_shows_the_octets_of_the_vector() -> None:
    page = "".join(PAGE.read_text("utf-8").split())
    example = json.loads((FOLDER / "example.json").read_text())
    assert example["files"][0] in page
    assert sha256(base()).hexdigest() in page
    assert SMALL_BODY.hex() in page
    assert (SMALL.depth, SMALL.rice, SMALL.bucket_bits) == (3, 1, 0)
    for handle in EXAMPLE:
        assert handle in page
