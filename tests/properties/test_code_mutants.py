"""A licence code in which one octet was changed is never VALID, sealed again or not.

Whoever changes a code has the public half of the day's key, so what was sealed is changed too
and sealed again: then the signatures alone stand against it.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from jiazhao.credentials.code_sealing import Kind, read_sealed
from jiazhao.credentials.licence_code import key_name, parse_issuer_part
from jiazhao.errors import UnreadableError, VerificationError
from jiazhao.presentation.steps import LICENCE_CODE_OFFLINE, Outcome
from jiazhao.presentation.verify_code import Checker, Face, verify_licence_code
from tests.unit.presentation.licence_codes import checker_of
from vectors import make, make_licence_code

FOLDER = Path(make_licence_code.__file__).parent / "verify-licence-code"
VECTOR: dict[str, Any] = json.loads((FOLDER / "valid.json").read_text())
NOW = datetime.fromisoformat(VECTOR["now"])
# A counter that was raised by a flipped bit is one that nobody used yet.
CHECKER = replace(checker_of(VECTOR), last_counter=lambda _: 0)
SHOWN = bytes.fromhex(VECTOR["presented"])
PRINTED = bytes.fromhex(json.loads((FOLDER / "valid-backup.json").read_text())["presented"])


def _outcome(presented: bytes, checker: Checker = CHECKER) -> Outcome:
    return verify_licence_code(
        presented, now=NOW, checker=checker, profile=LICENCE_CODE_OFFLINE, face=Face.SAME
    ).verdict.outcome


Mutant = tuple[int, int, bytes]


def _flipped(octets: bytes, flips: int = 8) -> Iterator[Mutant]:
    """Flip so many bits of each octet, one at a time."""
    for place, octet in enumerate(octets):
        for bit in range(flips):
            other = octet ^ 1 << (place + bit) % 8
            yield place, other, octets[:place] + bytes([other]) + octets[place + 1 :]


def _sealed_again(code: bytes, flips: int) -> Iterator[Mutant]:
    outer = read_sealed(code)
    content = outer.open(make_licence_code.day_key(outer.kind, outer.period))
    for place, octet, changed in _flipped(content, flips):
        yield place, octet, make_licence_code.sealed(changed, kind=outer.kind, period=outer.period)


CODES = {
    "shown": SHOWN,
    "shown-sealed-again": SHOWN,
    "printed": PRINTED,
    "printed-sealed-again": PRINTED,
}


@cache
def _mutants(name: str) -> list[Mutant]:
    flips = 8 if name.startswith("shown") else 1
    if name.endswith("sealed-again"):
        return list(_sealed_again(CODES[name], flips))
    return list(_flipped(CODES[name], flips))


def test_there_are_mutants_enough() -> None:
    assert sum(len(_mutants(name)) for name in CODES) >= 10_000


@pytest.mark.parametrize("name", CODES)
def test_no_mutant_of_a_code_is_valid(name: str) -> None:
    code = CODES[name]
    assert _outcome(code) is Outcome.VALID
    assert [each[:2] for each in _mutants(name) if _outcome(each[2]) is Outcome.VALID] == []
    assert _outcome(code) is Outcome.VALID


def test_no_changed_octet_of_a_kept_issuer_part_is_taken() -> None:
    part = bytes.fromhex(
        json.loads((FOLDER.parent / "licence-code" / "good.json").read_text())["issuer_part"]
    )
    signer = make_licence_code.ISSUER

    def is_taken(octets: bytes) -> bool:
        try:
            read = parse_issuer_part(octets)
            read.verify(signer.public)
        except (UnreadableError, VerificationError):
            return False
        return read.kid == key_name(signer.certificates[0])

    assert is_taken(part)
    assert [each[:2] for each in _flipped(part) if is_taken(each[2])] == []


def test_a_changed_key_of_a_terminal_opens_nothing() -> None:
    key = make.STRANGER.private
    period = read_sealed(SHOWN).period
    assert _outcome(SHOWN, replace(CHECKER, keys={(Kind.SHOWN, period): key})) is (
        Outcome.CANNOT_CONFIRM
    )
