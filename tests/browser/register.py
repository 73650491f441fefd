"""The registrar's side of a journey: a state drawn by chance, recorded, and judged by the rules."""

import os
import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, cast

from playwright.sync_api import Browser, Page

from jiazhao.app import read_tables
from jiazhao.licence.legal_day import legal_day
from jiazhao.licence.licence import ClassEntitlement
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.rules import statuses
from jiazhao.rules.driving import check_driving
from jiazhao.rules.refusal import Refusal
from jiazhao.rules.standing import judged_statuses
from jiazhao.rules.state import LicenceState
from jiazhao.rules.tables import RuleSet
from tests.browser.visits import visitor
from tests.live_server import LiveServer

REGISTRAR = "registrar-qian"
CLASSES = (
    VehicleClass.A1,
    VehicleClass.A2,
    VehicleClass.B1,
    VehicleClass.B2,
    VehicleClass.C1,
    VehicleClass.C2,
    VehicleClass.D,
    VehicleClass.E,
    VehicleClass.M,
)
BLACKENED = {LicenceStatus.VIOLATION_PENDING, LicenceStatus.ACCIDENT_PENDING}
"""Statuses that only tell of something open; the licence stays good."""
GRAVE = tuple(sorted(set(LicenceStatus) - BLACKENED - {LicenceStatus.NORMAL}))


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the register is told of one driver."""

    statuses: frozenset[LicenceStatus]
    points: int
    classes: frozenset[VehicleClass]

    def as_change(self, holder: str) -> dict[str, Any]:
        """Return the registrar's request that makes exactly this hold, whatever held before."""
        return {
            "holder_id": holder,
            "points": self.points,
            "add_statuses": sorted(self.statuses),
            "end_statuses": sorted(set(LicenceStatus) - self.statuses - {LicenceStatus.NORMAL}),
            "grant_classes": [
                {"vehicle_class": one.value, "issue_date": "2021-03-04"}
                for one in sorted(self.classes)
            ],
            "withdraw_classes": sorted(set(VehicleClass) - self.classes),
        }


def seeded() -> random.Random:
    """Chance that can be had again: BROWSER_SEED, else a new seed, printed with a failure."""
    seed = os.environ.get("BROWSER_SEED") or str(secrets.randbelow(10**9))
    print(f"BROWSER_SEED={seed}")  # noqa: T201
    return random.Random(seed)


def good_state(chance: random.Random) -> Drawn:
    """Draw a state in which the licence may be claimed and something may be driven."""
    return Drawn(
        statuses=frozenset(chance.sample(sorted(BLACKENED), chance.randint(0, 2))),
        points=chance.randint(0, 11),
        classes=frozenset(chance.sample(CLASSES, chance.randint(1, 4))),
    )


def bad_state(chance: random.Random) -> Drawn:
    """Draw a state with grave statuses, the full score, or both."""
    grave = chance.sample(GRAVE, chance.randint(0, 2))
    points = chance.randint(0, 14) if grave else chance.randint(12, 14)
    return Drawn(
        statuses=frozenset(grave) | good_state(chance).statuses,
        points=points,
        classes=good_state(chance).classes,
    )


def today() -> RuleSet:
    """The law of the day that a demonstration shows."""
    return read_tables().on(legal_day(datetime.now(UTC)))


@dataclass(frozen=True, slots=True)
class Judged:
    """What the rules make of a drawn state, for comparing with what the pages show."""

    state: LicenceState
    rules: RuleSet

    @classmethod
    def of(cls, drawn: Drawn, licence: dict[str, Any]) -> "Judged":
        """Judge what was drawn, with the dates of the person from the register."""
        until = licence["valid_until"]
        state = LicenceState(
            recorded=drawn.statuses,
            points=drawn.points,
            valid_from=date.fromisoformat(licence["valid_from"]),
            valid_until=date.fromisoformat(until) if until else None,
            birth_date=date.fromisoformat(licence["birth_date"]),
            classes=tuple(ClassEntitlement(c, date(2021, 3, 4), None) for c in drawn.classes),
        )
        return cls(state, today())

    @property
    def effective(self) -> frozenset[LicenceStatus]:
        """The statuses that hold."""
        state = self.state
        return statuses.effective_statuses(
            state.recorded, state.points, state.valid_until, self.rules
        )

    @property
    def colour(self) -> str:
        """The colour of the code."""
        return statuses.qr_colour(self.effective, self.rules).value

    def words(self, language: str) -> list[str]:
        """The names of the statuses, weightiest first."""
        rows = [
            self.rules.statuses[one]
            for one in statuses.in_display_order(self.effective, self.rules)
        ]
        return [row.zh if language == "zh" else row.en for row in rows]

    def may_drive(self, vehicle_class: VehicleClass | None) -> tuple[Refusal, ...]:
        """The reasons against driving; none means yes."""
        return check_driving(self.state, vehicle_class, self.rules).reasons

    def against_claim(self) -> set[str]:
        """The codes of the statuses that stand against a claim."""
        return {
            f"status_{row.code.name.lower()}"
            for row in judged_statuses(self.state, self.rules)
            if not row.claim.allowed
        }


def registrar(browser: Browser, server: LiveServer) -> Callable[[str, Drawn], None]:
    """Sign in at the console and return the way to record a state there."""
    page = visitor(browser)
    page.goto(f"{server.console}/sign-in?return=/")
    page.locator(f"button[value='{REGISTRAR}']").click()
    page.wait_for_url(f"{server.console}/**")

    def record(holder: str, drawn: Drawn) -> None:
        answer = page.request.post(
            f"{server.console}/registry/changes",
            data=drawn.as_change(holder),
            headers={"Origin": server.console},
        )
        assert answer.status == 201, answer.text()

    return record


def own_licence(page: Page) -> dict[str, Any]:
    """What the register tells the signed-in driver."""
    asked = "fetch('/wallet/licence').then((answer) => answer.json())"
    return cast(dict[str, Any], page.evaluate(asked))
