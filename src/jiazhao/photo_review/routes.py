"""Doors of own photos: the driver hands one in, a person of the authority decides."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, RawBody

from jiazhao.config import Config
from jiazhao.errors import Kind
from jiazhao.http import problems
from jiazhao.http.access import Actor, Permission, demands
from jiazhao.http.bodies import require_media_type
from jiazhao.http.limits import LANE, Lane
from jiazhao.http.openapi import BODY, REFUSES
from jiazhao.identity.permissions import require_fresh
from jiazhao.licence.identifiers import holder_id
from jiazhao.photo import MAX_OCTETS, PICTURE_TYPES
from jiazhao.photo_review.messages import (
    DecisionAnswer,
    DecisionRequest,
    FindingView,
    LookRequest,
    LookView,
    PhotoStanding,
    Queue,
    Withdrawal,
)
from jiazhao.photo_review.service import PhotoRefused, PhotoReview
from jiazhao.registry.routes import holder_of, on_refused_by_law
from jiazhao.rules.refusal import RefusedByLaw

MAX_BODY = 2 * 1024

_PICTURE: dict[str, dict[str, object]] = {name: {} for name in PICTURE_TYPES}


@get(
    "/wallet/photo-request",
    sync_to_thread=True,
    opt=demands(Permission.CHANGE_PHOTO, **{REFUSES: (Kind.NOT_FOUND,)}),
)
def own_request(
    actor: NamedDependency[Actor],
    photo_review: NamedDependency[PhotoReview],
    now: NamedDependency[datetime],
) -> PhotoStanding:
    """Whether the driver may hand in an own photo, and where the last one stands."""
    return photo_review.standing(holder_of(actor), now)


@post(
    "/wallet/photo-request",
    sync_to_thread=True,
    opt=demands(
        Permission.CHANGE_PHOTO,
        **{
            BODY: _PICTURE,
            LANE: Lane.PHOTOS,
            REFUSES: (Kind.NOT_FOUND, Kind.CONFLICT, Kind.REFUSED),
        },
    ),
    request_max_body_size=MAX_OCTETS,
)
def submit(
    request: Request[Any, Any, Any],
    body: RawBody,
    actor: NamedDependency[Actor],
    photo_review: NamedDependency[PhotoReview],
    config: NamedDependency[Config],
    now: NamedDependency[datetime],
) -> PhotoStanding:
    """Hand in an own photo: refused at once with what to change, or put before a person."""
    require_media_type(request, *PICTURE_TYPES)
    require_fresh(actor, now, config)
    return photo_review.submit(holder_of(actor), body, now)


@post(
    "/wallet/photo-request/withdrawal",
    status_code=200,
    sync_to_thread=True,
    opt=demands(Permission.CHANGE_PHOTO, **{REFUSES: (Kind.NOT_FOUND, Kind.CONFLICT)}),
    request_max_body_size=MAX_BODY,
)
def withdraw(
    data: JSONBody[Withdrawal],
    actor: NamedDependency[Actor],
    photo_review: NamedDependency[PhotoReview],
    now: NamedDependency[datetime],
) -> PhotoStanding:
    """Take back a photo that waits."""
    return photo_review.withdraw(holder_of(actor), data.request_id, now)


@get("/photo-requests", sync_to_thread=True, opt=demands(Permission.REVIEW_PHOTOS))
def queue(photo_review: NamedDependency[PhotoReview], now: NamedDependency[datetime]) -> Queue:
    """What waits for a decision, the oldest first."""
    return photo_review.queue(now)


@post(
    "/photo-requests/looks",
    status_code=200,
    sync_to_thread=True,
    opt=demands(Permission.REVIEW_PHOTOS, **{REFUSES: (Kind.NOT_FOUND, Kind.CONFLICT)}),
    request_max_body_size=MAX_BODY,
)
def look(
    data: JSONBody[LookRequest],
    actor: NamedDependency[Actor],
    photo_review: NamedDependency[PhotoReview],
    now: NamedDependency[datetime],
) -> LookView:
    """Look at a photo beside the one on file; the holder sees that it was looked at."""
    return photo_review.look(holder_id(data.holder_id), data.request_id, actor, now)


@post(
    "/photo-requests/decisions",
    status_code=200,
    sync_to_thread=True,
    opt=demands(Permission.REVIEW_PHOTOS, **{REFUSES: (Kind.NOT_FOUND, Kind.CONFLICT)}),
    request_max_body_size=MAX_BODY,
)
def decide(
    data: JSONBody[DecisionRequest],
    actor: NamedDependency[Actor],
    photo_review: NamedDependency[PhotoReview],
    now: NamedDependency[datetime],
) -> DecisionAnswer:
    """Approve a photo, which puts it on file, or refuse it with a reason."""
    decided = photo_review.decide(data, actor, now)
    return DecisionAnswer(decided.request_id, decided.state.value, decided.decided_at or now)


def on_photo_refused(request: Request[Any, Any, Any], error: PhotoRefused) -> Response[bytes]:
    """A problem document with every finding of the machine."""
    findings = [msgspec.to_builtins(FindingView.of(one)) for one in error.findings]
    return problems.answer(request, error, problems.new_trace(), {"findings": findings})


wallet_routes = Router(
    path="/",
    route_handlers=[own_request, submit, withdraw],
    exception_handlers={PhotoRefused: on_photo_refused, RefusedByLaw: on_refused_by_law},
)
console_routes = Router(path="/", route_handlers=[queue, look, decide])
