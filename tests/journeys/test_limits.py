"""Floods, monsters and nonsense at every door: refused in form, and nobody else is held up."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from jiazhao import app
from jiazhao.http.gate import routes_of
from jiazhao.smoke.people import Officer, Visitor, named
from tests.houses import Town, served_town

SIGNED_IN_AS = {"wallet": "sp-000001", "terminal": "officer-li", "console": "registrar-qian"}
TEXTS = {
    "POST /issuance/token",
    "POST /issuance/par",
    "POST /issuance/credential",
    "POST /issuance/deferred-credential",
    "POST /issuance/notification",
}
ROLES = {
    "POST /identity/roles",
    "POST /identity/roles/end",
    "POST /identity/sessions/end",
    "POST /identity/enrolments",
    "POST /console/terminals",
    "POST /console/terminals/{terminal_id}/kill",
    "POST /console/freeze",
}
PICTURES = {
    "POST /presentation/scans",
    "POST /wallet/photo-request",
    "POST /presentation/records",
}
"""Doors that take more than text, or many texts at once."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served_town(tmp_path_factory.mktemp("limits") / "state") as town:
        yield town


@pytest.fixture(scope="module")
def strict_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    settings: dict[str, Any] = {
        "pages_per_minute": 40,
        "proofs_per_minute": 10,
        "checks_per_minute": 100,
    }
    with served_town(tmp_path_factory.mktemp("strict") / "state", **settings) as town:
        yield town


# -- floods


@pytest.fixture
def stranger() -> Iterator[httpx2.Client]:
    with httpx2.Client(trust_env=False) as client:
        yield client


def test_a_flood_at_the_wallets_doors_does_not_reach_the_officer(
    strict_town: Town, stranger: httpx2.Client
) -> None:
    officer = Officer(strict_town.terminal)
    officer.sign_in(named("officer-li"))

    pages = [stranger.get(f"{strict_town.wallet}/session") for _ in range(60)]
    proofs = [stranger.get(f"{strict_town.wallet}/sign-in") for _ in range(20)]
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:pre-authorized_code"}
    token = stranger.post(f"{strict_town.wallet}/issuance/token", data=form)

    assert {answer.status_code for answer in pages} == {200, 429}
    assert {answer.status_code for answer in proofs} == {302, 429}
    refused = proofs[-1]
    assert refused.json()["code"] == "too_many_requests"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert token.status_code == 429
    assert token.json()["error"] == "temporarily_unavailable"
    assert int(token.headers["retry-after"]) >= 1
    assert token.headers["access-control-allow-origin"] == "*"

    for _ in range(5):
        assert officer.check("not a code")["verdict"] == "CANNOT_CONFIRM"
    assert stranger.get(f"{strict_town.wallet}/livez").status_code == 200
    officer.browser.close()


def test_an_officer_is_bounded_by_account_not_by_address(strict_town: Town) -> None:
    first, second = Officer(strict_town.terminal), Officer(strict_town.terminal)
    first.sign_in(named("officer-li"))
    second.sign_in(named("officer-zhao"))
    path = f"{strict_town.terminal}/presentation/lookup-reasons"

    statuses = [first.browser.get(path).status for _ in range(120)]

    assert statuses[-1] == 429
    assert second.browser.get(path).status == 200
    first.browser.close()
    second.browser.close()


# -- monsters and nonsense


@dataclass
class Origin:
    """One origin, with somebody signed in where that is possible."""

    name: str
    url: str
    routes: list[str]
    session: httpx2.Client

    def send(self, route: str, content: bytes, media_type: str) -> httpx2.Response:
        method, path = route.split(" ")
        return self.session.request(
            method,
            self.url + re.sub(r"\{\w+\}", "x", path),
            content=content,
            headers={"origin": self.url, "content-type": media_type},
        )


@pytest.fixture(params=[*SIGNED_IN_AS, "identity"])
def origin(town: Town, request: pytest.FixtureRequest) -> Iterator[Origin]:
    name = request.param
    if name == "identity":
        with httpx2.Client(trust_env=False) as session:
            routes = ["POST /authorize", "POST /token"]
            yield Origin(name, town.house.config.identity_issuer, routes, session)
        return
    url = getattr(town, name)
    built: Litestar = app.APPLICATIONS[name](town.house)
    routes = [
        route
        for route, _ in routes_of(built)
        if route.startswith("POST ") and "/sign-out" not in route and "/close" not in route
    ]
    visitor = Officer(url) if name == "terminal" else Visitor(url)
    visitor.sign_in(named(SIGNED_IN_AS[name]))
    yield Origin(name, url, routes, visitor.browser._client)
    visitor.browser.close()


NONSENSE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "application/json"),
    "half JSON": (b'{"a": ', "application/json"),
    "JSON of another kind": (b'["a", 1, null]', "application/json"),
    "unknown members": (b'{"role": "auditor", "status": "A", "points": 0}', "application/json"),
    "a member twice": (b'{"code": "a", "code": "b"}', "application/json"),
    "NUL": (b'{"code": "\\u0000", "holder_id": "sp-000001\\u0000"}', "application/json"),
    "not UTF-8": (b'{"code": "\xff\xfe"}', "application/json"),
    "a huge number": (b'{"points": 1' + b"0" * 900 + b"}", "application/json"),
    "a deep nest": (b'{"code": ' + b"[" * 400 + b"]" * 400 + b"}", "application/json"),
    "a deeper nest": (b"[" * 60_000, "application/json"),
    "text": (b'{"replace": true}', "text/plain"),
    "no type": (b'{"replace": true}', ""),
    "a form": (b"grant_type=a&grant_type=b&code=%00&subject=%ff", "x-www-form-urlencoded"),
    "a true form": (b"grant_type=a&code=%00", "application/x-www-form-urlencoded"),
    "a form with doubles": (b"code=a&code=b", "application/x-www-form-urlencoded"),
    "a form in no order": (b"\xff&&=&%zz=%", "application/x-www-form-urlencoded"),
    "parts without a bound": (b"--a", "multipart/form-data"),
    "half a picture": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "image/png"),
    "no picture": (b"GIF89a", "image/jpeg"),
    "no JWE": (b"a.b.c.d.e", "application/jwt"),
    "packed": (b"\x1f\x8b\x08\x00", "application/json"),
}


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_nonsense_is_refused_in_form(origin: Origin, nonsense: str) -> None:
    for route in origin.routes:
        answer = origin.send(route, *NONSENSE[nonsense])
        assert 400 <= answer.status_code < 500 or takes_nothing(route), (route, answer.text)
        check_form(route, answer)


def takes_nothing(route: str) -> bool:
    """Whether a door does not look at the body at all."""
    return route == "POST /issuance/nonce" or route.endswith(("/options", "/challenge", "/end"))


def check_form(route: str, answer: httpx2.Response) -> None:
    if answer.is_success:
        return
    media_type = answer.headers["content-type"].partition(";")[0]
    said: dict[str, Any] = answer.json()
    if media_type == "application/problem+json":
        assert said["zh"], route
        assert said["status"] == answer.status_code
    else:
        assert media_type == "application/json", route
        assert route.startswith(("POST /issuance/", "POST /token")), route
        assert re.fullmatch(r"[a-z_]+", said["error"])


def test_every_body_has_its_bound(origin: Origin, town: Town) -> None:
    if origin.name == "identity":
        bounds = dict.fromkeys(origin.routes, 16 * 1024)
    else:
        bounds = dict(bounds_of(app.APPLICATIONS[origin.name](town.house), origin.routes))
    assert set(bounds) == set(origin.routes)
    assert all(bound <= 64 * 1024 for route, bound in bounds.items() if route not in PICTURES)
    assert all(bound <= 8 * 1024 * 1024 for bound in bounds.values())

    answered = {}
    for route, bound in bounds.items():
        answer = origin.send(route, b" " * (bound + 1), media_type_of(route))
        check_form(route, answer)
        answered[route] = answer.status_code
    # The doors of the texts have no 413, and a role that may not enter is told that first.
    refused = {200: {"POST /issuance/nonce"}, 400: set(TEXTS), 401: set(TEXTS), 403: set(ROLES)}
    for route, status in answered.items():
        if takes_nothing(route):
            assert status < 500
            continue
        assert status == 413 or route in refused.get(status, ()), (route, status)
    assert 413 in answered.values()


def media_type_of(route: str) -> str:
    if route in PICTURES:
        return "image/png"
    forms = {"POST /issuance/token", "POST /issuance/par", "POST /authorize", "POST /token"}
    return "application/x-www-form-urlencoded" if route in forms else "application/json"


def bounds_of(built: Litestar, routes: list[str]) -> Iterator[tuple[str, int]]:
    for route in built.routes:
        if not isinstance(route, HTTPRoute):
            continue
        handler: HTTPRouteHandler
        for handler in route.route_handlers:
            name = f"POST {route.path_format}"
            bound = handler.resolve_request_max_body_size()
            if "POST" in handler.http_methods and name in routes and bound is not None:
                yield name, bound


def test_a_body_of_no_announced_length_is_bounded_too(town: Town) -> None:
    visitor = Visitor(town.wallet)
    visitor.sign_in(named("sp-000001"))
    answer = visitor.browser._client.post(
        f"{town.wallet}/claims",
        content=iter([b" " * 900] * 10),
        headers={"origin": town.wallet, "content-type": "application/json"},
    )
    visitor.browser.close()
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize(
    "path",
    [
        "/issuance/offers/" + "a" * 1900,
        "/issuance/offers/" + "a" * 9000,
        "/issuance/offers/%00",
        "/status-lists/..%2f..%2fkeys%2finventory.json",
        "/status-lists/%2e%2e/keys",
        "/assets/shared/..%2f..%2fapp.py",
        "/assets/shared/%2e%2e/%2e%2e/app.py",
        "/assets/shared//etc/passwd",
        "/sign-in?return=" + "a" * 3000,
        "/sign-in?fresh=perhaps",
        "/sign-in/callback?code=a&code=b",
        "/sign-in/callback?state=" + "%F0%9F%9A%97" * 300,
        "/wallet/licence?" + "&".join(f"a{n}" for n in range(100)),
        "/" + "../" * 50 + "etc/passwd",
        "//evil.example/",
        "/livez/../readyz?%ff",
    ],
)
def test_no_address_brings_a_door_down(town: Town, path: str) -> None:
    visitor = Visitor(town.wallet)
    visitor.sign_in(named("sp-000001"))
    for url in (town.wallet, town.terminal, town.console, town.house.config.identity_issuer):
        answer = visitor.browser._client.get(url + path)
        assert answer.status_code < 500, url
        assert b"import " not in answer.content
        assert "location" not in answer.headers or "evil" not in answer.headers["location"]
    visitor.browser.close()
