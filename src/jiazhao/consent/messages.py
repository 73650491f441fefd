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


class SampledLook(Struct):
    """One look, as a supervisor judges it: who, when and why, and nothing of the licence.

    `holder_id` stands only where looks were flagged: it names nobody by itself, and the auditor
    reads by it who else looked.
    """

    at: datetime
    kind: str
    officer: str
    reason: ReasonView
    verdict: str
    check_id: str
    holder_id: str | None


class FlaggedLooks(Struct):
    """One officer who looked the same person up again and again, the newest look first."""

    officer: str
    count: int
    looks: list[SampledLook]


class LookSample(Struct):
    """What a supervisor looks through: all that was flagged, and some of the rest by chance."""

    unit: str
    since: datetime
    flagged: list[FlaggedLooks]
    sample: list[SampledLook]
