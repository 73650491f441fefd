"""Doors of the officer's terminal, and the wallet's door for a short code."""

from datetime import datetime
from typing import Any

from litestar import Request, Router, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, RawBody

from jiazhao.errors import Kind
from jiazhao.http.access import WITHOUT_SHIFT, Actor, Permission, demands
from jiazhao.http.bodies import require_media_type
from jiazhao.http.metrics import VERDICTS
from jiazhao.http.openapi import BODY, REFUSES
from jiazhao.licence.legal_day import legal_day
from jiazhao.presentation.images import MAX_IMAGE_OCTETS, read_code
from jiazhao.presentation.messages import (
    CheckAnswer,
    CheckRequest,
    LookupRequest,
    PastStateRequest,
    ScannedText,
    ShortCode,
    ShortCodeRequest,
)
from jiazhao.presentation.past_states import PastStates
from jiazhao.presentation.record_messages import FollowUps, RecordBatch, RecordResults
from jiazhao.presentation.records import OfflineRecords
from jiazhao.presentation.service import Checks
from jiazhao.registry.messages import Named, StateView
from jiazhao.rules.classes import vehicle_classes
from jiazhao.rules.lookup import lookup_reasons
from jiazhao.rules.tables import Tables

MAX_BODY = 8 * 1024

MAX_BATCH_OCTETS = 256 * 1024
"""Fifty records of some 4 kB."""

_PICTURE: dict[str, dict[str, object]] = {"image/png": {}, "image/jpeg": {}}


@post(
    "/presentation/checks",
    status_code=200,
    sync_to_thread=True,
    opt=demands(Permission.CHECK),
    request_max_body_size=MAX_BODY,
)
def check(
    data: JSONBody[CheckRequest],
    checks: NamedDependency[Checks],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> CheckAnswer:
    """Verify what an officer scanned and record the access."""
    return _counted(checks.check(data, officer=actor, now=now))


@post(
    "/presentation/lookups",
    status_code=200,
    sync_to_thread=True,
    opt=demands(Permission.LOOK_UP, **{REFUSES: (Kind.NOT_FOUND,)}),
    request_max_body_size=MAX_BODY,
)
def look_up(
    data: JSONBody[LookupRequest],
    checks: NamedDependency[Checks],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> CheckAnswer:
    """Find a licence without the holder's phone; needs a reason, and the holder sees it."""
    return _counted(checks.look_up(data, officer=actor, now=now))


@post(
    "/presentation/scans",
    status_code=200,
    sync_to_thread=True,
    opt=demands(Permission.CHECK, **{BODY: _PICTURE}),
    request_max_body_size=MAX_IMAGE_OCTETS,
)
def scan(request: Request[Any, Any, Any], body: RawBody) -> ScannedText:
    """Read the code in a PNG or JPEG picture."""
    require_media_type(request, *_PICTURE)
    return ScannedText(read_code(body))


@post(
    "/presentation/records",
    status_code=200,
    sync_to_thread=True,
    opt=demands(Permission.CHECK, **{WITHOUT_SHIFT: True, REFUSES: (Kind.NOT_FOUND,)}),
    request_max_body_size=MAX_BATCH_OCTETS,
)
def take_records(
    data: JSONBody[RecordBatch],
    records: NamedDependency[OfflineRecords],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> RecordResults:
    """Take in checks that a terminal made without a network; any may come again."""
    return records.take(data, officer=actor, now=now)


@get(
    "/presentation/follow-ups",
    sync_to_thread=True,
    opt=demands(Permission.CHECK, **{WITHOUT_SHIFT: True}),
)
def follow_ups(
    records: NamedDependency[OfflineRecords], actor: NamedDependency[Actor]
) -> FollowUps:
    """What became known of the officer's own checks since, the newest first."""
    return records.follow_ups(actor)


@get(
    "/presentation/vehicle-classes",
    sync_to_thread=False,
    opt=demands(Permission.CHECK, **{WITHOUT_SHIFT: True}),
)
def classes(tables: NamedDependency[Tables], now: NamedDependency[datetime]) -> list[Named]:
    """The vehicle classes of the day, in the order of the law."""
    rows = vehicle_classes(tables.on(legal_day(now)))
    return [Named(row.code.value, row.zh, row.en) for row in rows]


@get(
    "/presentation/lookup-reasons",
    sync_to_thread=False,
    opt=demands(Permission.LOOK_UP, **{WITHOUT_SHIFT: True}),
)
def reasons(tables: NamedDependency[Tables], now: NamedDependency[datetime]) -> list[Named]:
    """Why an officer may look a licence up without the phone."""
    rows = lookup_reasons(tables.on(legal_day(now)))
    return [Named(row.code, row.zh, row.en) for row in rows]


@post(
    "/presentation/past-states",
    status_code=200,
    sync_to_thread=True,
    opt=demands(Permission.READ_REGISTER_HISTORY, **{REFUSES: (Kind.NOT_FOUND,)}),
    request_max_body_size=MAX_BODY,
)
def past_state(
    data: JSONBody[PastStateRequest],
    past_states: NamedDependency[PastStates],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> StateView:
    """The licence as it held at a moment, as known now, and what it let drive.

    Staff see it for their duty, with a note why; the holder sees that they did.
    """
    return past_states.look(data, actor=actor, now=now)


@post(
    "/wallet/codes",
    sync_to_thread=True,
    opt=demands(Permission.OWN_LICENCE),
    request_max_body_size=MAX_BODY,
)
def short_code(
    data: JSONBody[ShortCodeRequest],
    checks: NamedDependency[Checks],
    now: NamedDependency[datetime],
) -> ShortCode:
    """A short code to type where a picture cannot be read."""
    return checks.shorten(data.code, now)


def _counted(answer: CheckAnswer) -> CheckAnswer:
    VERDICTS.labels(answer.kind, answer.verdict).inc()
    return answer


terminal_handlers = (check, look_up, scan, take_records, follow_ups, classes, reasons)
wallet_routes = Router(path="/", route_handlers=[short_code])
console_routes = Router(path="/", route_handlers=[past_state])
