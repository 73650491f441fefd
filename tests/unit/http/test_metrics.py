"""Metrics name routes and never paths, and are for this machine only."""

from collections.abc import Iterator

import pytest
import structlog
from litestar import Litestar, get
from litestar.middleware import ASGIMiddleware
from litestar.params import FromPath
from litestar.testing import TestClient
from litestar.types import ASGIApp, Receive, Scope, Send

from jiazhao.errors import ErrorCode, JiazhaoError
from jiazhao.http.front import HeadAsGet, stand_before
from jiazhao.http.metrics import Measured, metrics_route
from jiazhao.http.problems import EXCEPTION_HANDLERS

CANARY = "990101199001011237"


@get("/holders/{holder:str}", sync_to_thread=False)
def holder(holder: FromPath[str]) -> str:
    raise JiazhaoError(ErrorCode.NO_LICENCE)


class Gauge:
    """Counts how often the gauges were brought up to date."""

    times = 0

    def refresh(self) -> None:
        self.times += 1


@pytest.fixture
def gauge() -> Gauge:
    return Gauge()


class From(ASGIMiddleware):
    """Lets every request come from one address."""

    def __init__(self, peer: str) -> None:
        self.peer = peer

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        scope["client"] = (self.peer, 1)
        await next_app(scope, receive, send)


def town(gauge: Gauge, peer: str) -> Litestar:
    app = Litestar(
        [metrics_route(gauge.refresh), holder],
        exception_handlers=EXCEPTION_HANDLERS,
        openapi_config=None,
        logging_config=None,
    )
    stand_before(app, From(peer), HeadAsGet(), Measured("wallet"))
    return app


@pytest.fixture
def client(gauge: Gauge) -> Iterator[TestClient[Litestar]]:
    with TestClient(town(gauge, "127.0.0.1")) as client:
        yield client


def test_a_request_is_counted_by_its_route(client: TestClient[Litestar], gauge: Gauge) -> None:
    for path in (f"/holders/{CANARY}", f"/holders/{CANARY}?name={CANARY}", f"/{CANARY}"):
        client.get(path)
    text = client.get("/metrics").text
    assert gauge.times == 1
    labels = 'application="wallet",method="GET",route="/holders/{holder}",status="404"'
    assert f"jiazhao_http_requests_total{{{labels}}}" in text
    assert 'route="unmatched",status="404"' in text
    assert CANARY not in text


def test_a_request_is_a_line_that_repeats_nothing(client: TestClient[Litestar]) -> None:
    with structlog.testing.capture_logs() as lines:
        answer = client.get(f"/holders/{CANARY}?name={CANARY}", headers={"user-agent": CANARY})
        client.get("/metrics")
    (line,) = lines
    assert line.pop("milliseconds") >= 0
    assert line == {
        "event": "request",
        "log_level": "info",
        "application": "wallet",
        "method": "GET",
        "route": "/holders/{holder}",
        "status": 404,
        "code": "no_licence",
        "trace": answer.json()["trace"],
    }


def test_a_request_for_nothing_is_counted_as_such(client: TestClient[Litestar]) -> None:
    with structlog.testing.capture_logs() as lines:
        client.request("HEAD", f"/{CANARY}")
    assert [(line["route"], line["method"], line["code"]) for line in lines] == [
        ("unmatched", "GET", "not_found")
    ]


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_who_comes_through_a_proxy_finds_nothing(
    client: TestClient[Litestar], header: str, gauge: Gauge
) -> None:
    answer = client.get("/metrics", headers={header: "127.0.0.1"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert gauge.times == 0


@pytest.mark.parametrize("peer", ["192.0.2.1", "2001:db8::1", "not an address", "10.0.0.1"])
def test_another_machine_finds_nothing(gauge: Gauge, peer: str) -> None:
    with TestClient(town(gauge, peer)) as client:
        assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.0.0.2", "::1"])
def test_this_machine_may_read(gauge: Gauge, peer: str) -> None:
    with TestClient(town(gauge, peer)) as client:
        answer = client.get("/metrics")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain")
