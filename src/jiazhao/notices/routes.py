"""Doors of notices, objections and reports: the holder's, and those of the authority's staff."""

from datetime import datetime

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from jiazhao.errors import Kind
from jiazhao.http.access import Actor, Permission, demands
from jiazhao.http.openapi import REFUSES
from jiazhao.licence.identifiers import holder_id
from jiazhao.notices.messages import (
    Notices,
    ObjectionDecided,
    ObjectionDecision,
    ObjectionLook,
    ObjectionLookRequest,
    ObjectionQueue,
    ObjectionRequest,
    Objections,
    ObjectionView,
    RefusalReportRequest,
    RefusalReports,
    RefusalReportView,
)
from jiazhao.notices.service import HolderNotices
from jiazhao.registry.routes import holder_of

MAX_BODY = 8 * 1024
"""The longest text with every character escaped."""


@get(
    "/wallet/notices",
    sync_to_thread=True,
    opt=demands(Permission.OWN_LICENCE, **{REFUSES: (Kind.NOT_FOUND,)}),
)
def own_notices(
    actor: NamedDependency[Actor],
    notices: NamedDependency[HolderNotices],
    now: NamedDependency[datetime],
) -> Notices:
    """What the signed-in driver should know: changes of the licence, and days to come."""
    return notices.notices(holder_of(actor), now)


@get(
    "/wallet/objections",
    sync_to_thread=True,
    opt=demands(Permission.OWN_LICENCE, **{REFUSES: (Kind.NOT_FOUND,)}),
)
def own_objections(
    actor: NamedDependency[Actor], notices: NamedDependency[HolderNotices]
) -> Objections:
    """The signed-in driver's objections, and what became of them."""
    return notices.objections(holder_of(actor))


@post(
    "/wallet/objections",
    sync_to_thread=True,
    opt=demands(
        Permission.OWN_LICENCE,
        **{REFUSES: (Kind.NOT_FOUND, Kind.CONFLICT, Kind.REFUSED)},
    ),
    request_max_body_size=MAX_BODY,
)
def object_to(
    data: JSONBody[ObjectionRequest],
    actor: NamedDependency[Actor],
    notices: NamedDependency[HolderNotices],
    now: NamedDependency[datetime],
) -> ObjectionView:
    """Object to a notice or to a look; a person will answer."""
    return notices.object(holder_of(actor), data, now)


@get(
    "/wallet/refusal-reports",
    sync_to_thread=True,
    opt=demands(Permission.OWN_LICENCE, **{REFUSES: (Kind.NOT_FOUND,)}),
)
def own_reports(
    actor: NamedDependency[Actor], notices: NamedDependency[HolderNotices]
) -> RefusalReports:
    """The signed-in driver's reports."""
    return notices.own_reports(holder_of(actor))


@post(
    "/wallet/refusal-reports",
    sync_to_thread=True,
    opt=demands(Permission.OWN_LICENCE, **{REFUSES: (Kind.NOT_FOUND, Kind.CONFLICT, Kind.REFUSED)}),
    request_max_body_size=MAX_BODY,
)
def report(
    data: JSONBody[RefusalReportRequest],
    actor: NamedDependency[Actor],
    notices: NamedDependency[HolderNotices],
    now: NamedDependency[datetime],
) -> RefusalReportView:
    """Report that somebody would not take the licence."""
    return notices.report(holder_of(actor), data, now)


@get("/objections", sync_to_thread=True, opt=demands(Permission.ANSWER_OBJECTIONS))
def queue(
    notices: NamedDependency[HolderNotices], now: NamedDependency[datetime]
) -> ObjectionQueue:
    """What waits for an answer, the oldest first."""
    return notices.queue(now)


@post(
    "/objections/looks",
    status_code=200,
    sync_to_thread=True,
    opt=demands(Permission.ANSWER_OBJECTIONS, **{REFUSES: (Kind.NOT_FOUND, Kind.REFUSED)}),
    request_max_body_size=MAX_BODY,
)
def look(
    data: JSONBody[ObjectionLookRequest],
    actor: NamedDependency[Actor],
    notices: NamedDependency[HolderNotices],
    now: NamedDependency[datetime],
) -> ObjectionLook:
    """Read an objection; the holder sees that it was read."""
    return notices.look(holder_id(data.holder_id), data.objection_id, actor, now)


@post(
    "/objections/decisions",
    status_code=200,
    sync_to_thread=True,
    opt=demands(
        Permission.ANSWER_OBJECTIONS,
        **{REFUSES: (Kind.NOT_FOUND, Kind.CONFLICT, Kind.REFUSED)},
    ),
    request_max_body_size=MAX_BODY,
)
def decide(
    data: JSONBody[ObjectionDecision],
    actor: NamedDependency[Actor],
    notices: NamedDependency[HolderNotices],
    now: NamedDependency[datetime],
) -> ObjectionDecided:
    """Uphold an objection or reject it, with a reason that the holder reads."""
    return notices.decide(data, actor, now)


@get("/refusal-reports", sync_to_thread=True, opt=demands(Permission.READ_REFUSAL_REPORTS))
def reports(notices: NamedDependency[HolderNotices]) -> RefusalReports:
    """Where the licence was refused, as drivers tell it; not who they are."""
    return notices.reports()


wallet_routes = Router(
    path="/",
    route_handlers=[own_notices, own_objections, object_to, own_reports, report],
)
console_routes = Router(path="/", route_handlers=[queue, look, decide, reports])
