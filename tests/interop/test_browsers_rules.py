"""The rules in the browser's language say what ours say, word for word, of made-up licences."""

import random
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.rules.driving import check_driving
from tests.interop.browsers_language import run_in_node
from tests.unit.rules.official_tables import TABLES
from tests.unit.rules.test_vectors import Case, state_of

SEED = 20260602
LICENCES = 2000
FIRST, LAST = date(2013, 1, 1), date(2035, 12, 31)


def _day(chosen: random.Random, first: date = FIRST, last: date = LAST) -> str:
    return (first + timedelta(days=chosen.randint(0, (last - first).days))).isoformat()


def _licences() -> Iterator[Case]:
    chosen = random.Random(SEED)
    letters, classes = [each.value for each in LicenceStatus], [each.value for each in VehicleClass]
    for _ in range(LICENCES):
        held = [
            {
                "code": code,
                "issue_date": _day(chosen),
                "expiry_date": chosen.choice([None, None, _day(chosen)]),
            }
            for code in chosen.sample(classes, chosen.randint(0, 3))
        ]
        state = {
            "recorded": chosen.choice([["A"], ["A"], chosen.sample(letters, chosen.randint(1, 4))]),
            "points": chosen.choice([0, 3, 11, 12, 30]),
            "valid_from": _day(chosen, last=date(2026, 1, 1)),
            "valid_until": chosen.choice([None, _day(chosen)]),
            "birth_date": _day(chosen, date(1940, 1, 1), date(2008, 1, 1)),
            "classes": held,
        }
        yield {"on": _day(chosen), "state": state, "needed": chosen.choice([None, *classes])}


def _ours(case: Case) -> list[dict[str, Any]]:
    rules = TABLES.on(date.fromisoformat(case["on"]))
    needed = VehicleClass(case["needed"]) if case["needed"] else None
    reasons = check_driving(state_of(case), needed, rules).reasons
    return [asdict(reason) | {"source": str(reason.source)} for reason in reasons]


def test_both_refuse_driving_with_the_same_words() -> None:
    licences = list(_licences())
    theirs, ours = run_in_node("drive-all.mjs", licences), [_ours(case) for case in licences]

    differing = [
        (case, one, other)
        for case, one, other in zip(licences, ours, theirs, strict=True)
        if one != other
    ]
    assert differing == []
    assert sum(not reasons for reasons in ours) > LICENCES // 100
    assert len({reason["code"] for reasons in ours for reason in reasons}) >= 20
