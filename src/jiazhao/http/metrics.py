"""Metrics for Prometheus, and one log line for each request. Labels name routes, never paths.

They are given on every origin to the machine itself only: a request that came through a proxy
gets the same answer as one for a page that does not exist.
"""

from collections.abc import Callable
from ipaddress import ip_address
from time import perf_counter
from typing import Any

import structlog
from litestar import MediaType, Request, Response, get
from litestar.enums import ScopeType
from litestar.handlers import HTTPRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from jiazhao.errors import ErrorCode, JiazhaoError, Kind
from jiazhao.http.access import Permission, demands
from jiazhao.http.connections import EVENTS_PATH
from jiazhao.http.limits import LANE
from jiazhao.http.openapi import REFUSES
from jiazhao.http.problems import NOTED

log = structlog.get_logger(__name__)

REGISTRY = CollectorRegistry()
REQUESTS = Counter(
    "jiazhao_http_requests_total",
    "Requests by application, route and status",
    ["application", "method", "route", "status"],
    registry=REGISTRY,
)
SECONDS = Histogram(
    "jiazhao_http_request_seconds",
    "Time to answer",
    ["application", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=REGISTRY,
)
VERDICTS = Counter(
    "jiazhao_checks_total", "Checks by kind and verdict", ["kind", "verdict"], registry=REGISTRY
)
ISSUED = Counter("jiazhao_copies_issued_total", "Copies handed over", registry=REGISTRY)
CHANGES_WAITING = Gauge(
    "jiazhao_changes_waiting", "Rows of the change feed that are due", registry=REGISTRY
)
WORKER_AGE = Gauge(
    "jiazhao_worker_age_seconds", "Seconds since the worker's last pass", registry=REGISTRY
)

QUIET = frozenset({"/livez", "/readyz", "/metrics"})
"""Asked every second by machines; counted, not logged."""


class Measured(ASGIMiddleware):
    """Counts and times requests and writes the access log."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, application: str) -> None:
        self.application = application

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Measure one request."""
        started = perf_counter()
        status = 500

        async def noting_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await next_app(scope, receive, noting_status)
        finally:
            seconds = perf_counter() - started
            route = scope.get("path_template") or "unmatched"
            method = str(scope.get("method"))
            REQUESTS.labels(self.application, method, route, str(status)).inc()
            if route != EVENTS_PATH:  # how long a page was open is no answering time
                SECONDS.labels(self.application, route).observe(seconds)
            if route not in QUIET:
                log.info(
                    "request",
                    application=self.application,
                    method=method,
                    route=route,
                    status=status,
                    milliseconds=round(seconds * 1000, 1),
                    **scope["state"].get(NOTED, {}),
                )


def metrics_route(refresh: Callable[[], None]) -> HTTPRouteHandler:
    """GET /metrics; `refresh` brings gauges up to date first."""

    @get(
        "/metrics",
        sync_to_thread=True,
        opt=demands(Permission.ANYONE, **{LANE: None, REFUSES: (Kind.NOT_FOUND,)}),
        media_type=MediaType.TEXT,
    )
    def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Metrics in Prometheus' text format, to this machine only."""
        if not _is_local(request):
            raise JiazhaoError(ErrorCode.NOT_FOUND)
        refresh()
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)

    return metrics


def _is_local(request: Request[Any, Any, Any]) -> bool:
    if request.headers.keys() & {"forwarded", "x-forwarded-for", "x-real-ip", "via"}:
        return False
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False
