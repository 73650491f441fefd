"""A licence code, damaged or shown at a wrong time or place, is judged alike in both languages."""

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from jiazhao.credentials import cbor
from jiazhao.credentials.code_sealing import Kind, read_sealed
from jiazhao.credentials.portrait import rebuild
from jiazhao.presentation.verify_code import CheckedCode
from tests.interop.browsers_language import run_in_node
from tests.unit.presentation.licence_codes import check_licence_code, checker_of
from vectors import make_licence_code as codes
from vectors.make import NOW, Vector

SEED = 20260603
FLIPPED_OUTSIDE, FLIPPED_INSIDE, MEMBERS_CHANGED, SHOWN_OTHERWISE = 400, 800, 800, 1000


def _flipped(octets: bytes, at: int) -> bytes:
    place, bit = divmod(at, 8)
    return octets[:place] + bytes([octets[place] ^ 1 << bit]) + octets[place + 1 :]


def _vector(presented: bytes, **given: Any) -> Vector:
    return codes.vector(presented, "", None, **given)


def _flipped_outside(chosen: random.Random) -> Iterator[Vector]:
    good = codes.shown()
    for at in chosen.sample(range(8 * len(good)), FLIPPED_OUTSIDE):
        yield _vector(_flipped(good, at))


def _flipped_inside(chosen: random.Random) -> Iterator[Vector]:
    for good, kind in ((codes.shown(), Kind.SHOWN), (codes.printed(), Kind.BACKUP)):
        outer = read_sealed(good)
        content = outer.open(codes.day_key(outer.kind, outer.period))
        for at in chosen.sample(range(8 * len(content)), FLIPPED_INSIDE // 2):
            changed = codes.sealed(_flipped(content, at), kind=kind)
            yield _vector(changed, face="same")


NUMBERS = (-1, 0, 1, 2, 9, 11, 12, 720, 8784, 8785, 9999, 10_000, 1 << 17, (1 << 32) - 1, 1 << 32)
VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    1.5,
    "",
    "A",
    "BH",
    "HB",
    "x",
    "CN",
    "FR",
    "川A",
    b"",
    bytes(8),
    bytes(15),
    bytes(33),
    b"\x02" + bytes(32),
    [],
    [1, b"\x12"],
    [1 << 5, [[5, 20_604]]],
    [1 << 5, [[5, 20_605]]],
    {},
    10**16,
    10**17 - 1,
    20_604,
    20_605,
    20_606,
    codes.NUMBER,
    "E1234567x",
    *NUMBERS,
)


def _members_changed(chosen: random.Random) -> Iterator[Vector]:
    for _ in range(MEMBERS_CHANGED):
        # Without the face there is room for what is longer than it should be.
        members, holder = {**codes.PAYLOAD, "portrait": None}, dict(codes.HOLDER)
        of = chosen.choice((members, members, members, holder))
        for name in chosen.sample(sorted(of), chosen.choice((1, 1, 2))):
            of[name] = chosen.choice(VALUES)
        content = cbor.encode([members[name] for name in codes.MEMBERS])
        part = codes.issuer_part(content)
        held = codes.holder_part(part, cbor.encode(list(holder.values())))
        yield _vector(
            codes.sealed(codes.both(part, held)), vehicle_class=chosen.choice(("C1", None))
        )


def _around(chosen: random.Random, *seconds: float) -> timedelta:
    return timedelta(seconds=chosen.choice(seconds) + chosen.choice((-1, -0.5, 0, 0, 0.5, 1)))


def _status(chosen: random.Random) -> dict[str, Any] | None:
    as_of = NOW - _around(chosen, 0, 0, 3600, 3600, 86_400, 90_000, -30, -40)
    said = {"says": chosen.choice(("clear", "clear", "must_not_drive")), "as_of": as_of.isoformat()}
    undetermined = {"undetermined": "status_undetermined", "values": {}}
    return chosen.choice((said, said, said, undetermined, None))


def _shown_otherwise(chosen: random.Random) -> Iterator[Vector]:
    beacons = [codes.CHAIN.back_to(codes.OURS.epoch + epochs) for epochs in (-4464, -200, -6, 0, 6)]
    for _ in range(SHOWN_OTHERWISE):
        is_printed = chosen.random() < 0.25
        held = chosen.choice((*beacons, None))
        shown_at = codes.TIME - round(_around(chosen, 0, 0, 0, 0, 90, -30, 600).total_seconds())
        changes: dict[str, Any] = {
            "signed": codes.SIGNED - chosen.choice((0, 0, 0, 720 * 3600, -200_000)),
            "statuses": chosen.choice(("A", "A", "A", "H", "D", "U", "BH")),
            "points": chosen.choice((0, 0, 3, 12)),
            "classes": chosen.choice((1 << 5, 1 << 5, (1 << 17) - 1, 0, [1, [[0, 20_605]]])),
            "valid_until": chosen.choice((None, codes.day(2035, 4, 2), 20_604, 20_605)),
            "valid_from": chosen.choice((codes.day(2025, 4, 2), 20_605, 20_606)),
            "portrait": chosen.choice((codes.PAYLOAD["portrait"], None)),
        }
        if is_printed:
            presented = codes.printed(**changes)
        else:
            presented = codes.shown(
                changes,
                time=shown_at,
                counter=chosen.choice((6, 7, 8)),
                challenge=chosen.choice((None, None, 0, 42)),
                beacon=held and held.octets,
                period=codes.DAY + chosen.choice((0, 0, 0, 0, 1, -1)),
            )
        ours = chosen.choice(
            (codes.OURS, codes.OURS, codes.OURS.back_to(codes.OURS.epoch - 6), None)
        )
        yield _vector(
            presented,
            now=(NOW + _around(chosen, 0, 0, 0, 0, 30, -30, 50_400)).isoformat(),
            beacon=ours and ours.octets.hex(),
            last_counter=chosen.choice((0, 5, 6, 6, 7)),
            challenge=chosen.choice((None, None, None, 0, 42)),
            face=chosen.choice((None, "same", "same", "differs")),
            status=_status(chosen),
            vehicle_class=chosen.choice((None, "C1", "C2", "A1", "M")),
            profile=chosen.choice(("LICENCE_CODE_OFFLINE",) * 3 + ("LICENCE_CODE_ONLINE",)),
            compromised=chosen.choice(([],) * 9 + ([codes.ISSUER.public.point.hex()],)),
        )


def _ours(vector: Vector) -> dict[str, Any]:
    checked: CheckedCode = check_licence_code(vector)
    verdict, data = checked.verdict, checked.data
    reason, advice = verdict.reason, verdict.what_to_do
    driving = checked.driving(vector["vehicle_class"], checker_of(vector).rules)
    confirmed = verdict.last_confirmed_at
    return {
        "outcome": verdict.outcome.value,
        "step": verdict.step,
        "reason": reason.code.wire if reason else None,
        "sentence": {"zh": reason.zh, "en": reason.en} if reason else None,
        "todo": {"zh": advice.zh, "en": advice.en},
        "steps": [
            [check.status.value, check.reason.code.wire if check.reason else None]
            for check in verdict.checks
        ],
        "number": data.number if data else None,
        "portrait": rebuild(data.portrait).hex() if data and data.portrait else None,
        "driving": [refusal.code for refusal in driving.reasons] if driving else None,
        "heard_at": checked.beacon.began_at.timestamp() if checked.beacon else None,
        "confirmed_at": confirmed.timestamp() if confirmed else None,
    }


def _comparable(found: dict[str, Any]) -> dict[str, Any]:
    """Leave out the words in which each language's reader says what it could not read."""
    return {**found, "sentence": None} if found["reason"] == "unknown_format" else found


@pytest.mark.parametrize(
    ("mutants", "expected"),
    [
        (_flipped_outside, {"CANNOT_CONFIRM"}),
        (_flipped_inside, {"NOT_GENUINE", "CANNOT_CONFIRM"}),
        (_members_changed, {"NOT_VALID", "CANNOT_CONFIRM", "VALID"}),
        (_shown_otherwise, {"NOT_VALID", "CANNOT_CONFIRM", "VALID"}),
    ],
)
def test_both_come_to_one_verdict(
    mutants: Callable[[random.Random], Iterator[Vector]], expected: set[str]
) -> None:
    vectors = list(mutants(random.Random(SEED)))
    theirs, ours = run_in_node("check-codes.mjs", vectors), [_ours(each) for each in vectors]

    differing = [
        (one, other, vector["presented"])
        for one, other, vector in zip(ours, theirs, vectors, strict=True)
        if _comparable(one) != _comparable(other)
    ]
    assert differing == []
    assert {each["outcome"] for each in ours} >= expected
    # What was damaged is never valid.
    if "VALID" not in expected:
        assert all(each["outcome"] != "VALID" for each in theirs)
