"""What the holder, and the officer himself, are told of looks."""

from datetime import datetime

from msgspec import Struct


class ActorView(Struct):
    """Who looked."""

    role: str
    name: str
    unit: str


class ReasonView(Struct):
    """Why; `note` is what the officer wrote."""

    code: str
    zh: str
    en: str
    note: str


class AccessView(Struct):
    """One look, as the holder sees it."""

    record_id: str
    at: datetime
    kind: str
    actor: ActorView
    reason: ReasonView
    verdict: str
    law: str
    fields: list[str]


class Accesses(Struct):
    """The newest first."""

    accesses: list[AccessView]


class OwnCheck(Struct):
    """One check, as the officer who made it sees it: nothing of the person."""

    check_id: str
    at: datetime
    kind: str
    verdict: str
    vehicle_class: str | None
    reason: str


class OwnChecks(Struct):
    """The newest first."""

    checks: list[OwnCheck]
