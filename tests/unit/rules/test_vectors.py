"""The rules against the vectors that the browser runs too."""

from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jiazhao.licence.licence import ClassEntitlement
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.rules import statuses
from jiazhao.rules.categories import driving_privileges
from jiazhao.rules.claim import ClaimFacts, check_claim
from jiazhao.rules.classes import covers
from jiazhao.rules.driving import check_driving
from jiazhao.rules.rollout import region_opened
from jiazhao.rules.state import LicenceState
from jiazhao.rules.tables import RuleSet
from tests.unit.rules.official_tables import TABLES

VECTORS = Path(__file__).parents[3] / "vectors" / "rules"

Case = dict[str, Any]


def cases(name: str) -> list[Case]:
    found: list[Case] = msgspec.json.decode((VECTORS / name).read_bytes())["cases"]
    return found


def told(case: Case) -> str:
    return str(case.get("name") or " ".join(str(value) for value in case.values()))


def rules_of(case: Case) -> RuleSet:
    return TABLES.on(date.fromisoformat(case["on"]))


def entitlements(given: list[Case]) -> tuple[ClassEntitlement, ...]:
    return tuple(
        ClassEntitlement(
            VehicleClass(each["code"]),
            date.fromisoformat(each["issue_date"]),
            each["expiry_date"] and date.fromisoformat(each["expiry_date"]),
        )
        for each in given
    )


def state_of(case: Case) -> LicenceState:
    given = case["state"]
    return LicenceState(
        recorded=frozenset(LicenceStatus(letter) for letter in given["recorded"]),
        points=given["points"],
        valid_from=date.fromisoformat(given["valid_from"]),
        valid_until=given["valid_until"] and date.fromisoformat(given["valid_until"]),
        birth_date=date.fromisoformat(given["birth_date"]),
        classes=entitlements(given["classes"]),
    )


@pytest.mark.parametrize("case", cases("driving.json"), ids=told)
def test_driving_is_refused_for_exactly_these_reasons(case: Case) -> None:
    needed = VehicleClass(case["needed"]) if case["needed"] else None

    decision = check_driving(state_of(case), needed, rules_of(case))

    assert [reason.code for reason in decision.reasons] == case["reasons"]
    assert decision.allowed is (case["reasons"] == [])


@pytest.mark.parametrize("case", cases("claim.json"), ids=told)
def test_a_claim_is_refused_for_exactly_these_reasons(case: Case) -> None:
    facts = ClaimFacts(state_of(case), case["office_code"], case["has_photo"])

    decision = check_claim(facts, rules_of(case))

    assert [refusal.code for refusal in decision.refusals] == case["refusals"]
    assert decision.allowed is (case["refusals"] == [])


@pytest.mark.parametrize("case", cases("statuses.json"), ids=told)
def test_a_set_of_statuses_has_these_effects(case: Case) -> None:
    rules = rules_of(case)
    recorded = [LicenceStatus(letter) for letter in case["recorded"]]
    until = case["valid_until"] and date.fromisoformat(case["valid_until"])

    effective = statuses.effective_statuses(recorded, case["points"], until, rules)

    assert statuses.in_display_order(effective, rules) == case["effective"]
    assert statuses.display_status(effective, rules) == case["display"]
    assert statuses.qr_colour(effective, rules) == case["qr"]
    assert statuses.may_claim(effective, rules) is case["may_claim"]
    assert statuses.may_drive(effective, rules) is case["may_drive"]


@pytest.mark.parametrize("case", cases("covers.json"), ids=told)
def test_classes_cover_what_the_table_says_and_no_more(case: Case) -> None:
    held = [VehicleClass(code) for code in case["held"]]
    assert covers(held, VehicleClass(case["needed"]), rules_of(case)) is case["covers"]


@pytest.mark.parametrize("case", cases("rollout.json"), ids=told)
def test_a_region_opens_on_its_day(case: Case) -> None:
    assert region_opened(case["office_code"], rules_of(case)) is case["opened"]


@pytest.mark.parametrize("case", cases("categories.json"), ids=told)
def test_classes_open_these_categories(case: Case) -> None:
    privileges = driving_privileges(entitlements(case["classes"]), rules_of(case))
    assert msgspec.json.decode(msgspec.json.encode(privileges)) == case["privileges"]
