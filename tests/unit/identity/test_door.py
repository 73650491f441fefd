"""What a browser meets at each origin: cookies, the gate, and pages for people."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from litestar import Litestar, Router, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from litestar.testing import TestClient

from jiazhao.errors import ConfigurationError, ErrorCode
from jiazhao.http.access import Actor, Permission, Role, demands
from jiazhao.http.gate import check_routes, routes_of
from jiazhao.http.headers import SecurityHeaders
from jiazhao.http.problems import EXCEPTION_HANDLERS
from jiazhao.http.sessions import SessionCookies
from jiazhao.identity.roles import appoint_for_demonstration
from jiazhao.identity.routes import identity_door
from jiazhao.identity.service import Identity
from tests.unit.identity.parties import ISSUER, STRONG, Browser, Provider, sign_in

ORIGIN = "https://wallet.example"


@get("/mine", sync_to_thread=False, opt=demands(Permission.OWN_LICENCE))
def mine(actor: NamedDependency[Actor]) -> dict[str, str]:
    return {"holder": str(actor.holder_id)}


@post("/check", sync_to_thread=False, opt=demands(Permission.CHECK))
def check(data: JSONBody[dict[str, str]], actor: NamedDependency[Actor]) -> dict[str, str]:
    return {"unit": actor.unit}


@get("/forgotten", sync_to_thread=False)
def forgotten() -> None:
    """A route that names no permission."""


class Clock:
    """The time that the applications see."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(now: datetime) -> Clock:
    return Clock(now)


Visit = Callable[[str], TestClient[Litestar]]


def application(
    identity: Identity, app: str, clock: Clock, *routes: HTTPRouteHandler | Router
) -> Litestar:
    door = identity_door(identity, app, clock=clock)
    return Litestar(
        route_handlers=[*door.routes, Router("/", route_handlers=list(routes))],
        guards=[door.guard],
        dependencies=dict(door.dependencies),
        exception_handlers=EXCEPTION_HANDLERS,
        middleware=[SecurityHeaders(secure=True)],
        openapi_config=None,
        logging_config=None,
    )


@pytest.fixture
def visit(identity: Identity, clock: Clock) -> Iterator[Visit]:
    with ExitStack() as stack:

        def at(app: str) -> TestClient[Litestar]:
            made = application(identity, app, clock, mine, check, forgotten)
            origin = identity.config.origins[app]
            return stack.enter_context(TestClient(made, base_url=origin))

        yield at


def cookies_of(response: Any) -> dict[str, str]:
    lines = response.headers.get_list("set-cookie")
    return {line.split("=", 1)[0]: line.split("=", 1)[1] for line in lines}


def flags(cookie: str) -> set[str]:
    return {part.strip() for part in cookie.split(";")[1:]}


def come_back(
    client: TestClient[Litestar], provider: Provider, app: str, now: datetime, **claims: Any
) -> Any:
    """Sign in through the doors, with the provider on paper in between."""
    away = client.get("/sign-in", params={"return": "/code"}, follow_redirects=False)
    query = {k: v[0] for k, v in parse_qs(urlsplit(away.headers["location"]).query).items()}
    browser = Browser(None, provider, app, query=query)  # type: ignore[arg-type]
    browser.honest(now, **claims)
    return client.get(
        "/sign-in/callback",
        params={"code": "c", "state": query["state"], "iss": ISSUER},
        follow_redirects=False,
    )


# -- cookies


def test_the_cookies_of_https(visit: Visit, provider: Provider, now: datetime) -> None:
    client = visit("wallet")
    away = client.get("/sign-in", follow_redirects=False)
    back = come_back(client, provider, "wallet", now)

    assert away.status_code == back.status_code == 302
    assert away.headers["location"].startswith(f"{ISSUER}/authorize?")
    assert back.headers["location"] == "/code"
    kept = {"HttpOnly", "Path=/", "SameSite=lax", "Secure"}
    (begun,) = cookies_of(away).items()
    assert begun[0] == "__Host-jz_wallet_signin"
    assert flags(begun[1]) == kept | {"Max-Age=600"}
    cookies = cookies_of(back)
    assert flags(cookies["__Host-jz_wallet"]) == kept | {"Max-Age=43200"}
    assert len(cookies["__Host-jz_wallet"].split(";")[0]) == 43
    assert flags(cookies["__Host-jz_wallet_signin"]) == kept | {"Max-Age=0"}
    for answer in (away, back):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"


def test_on_loopback_the_port_is_in_the_name_because_ports_share_cookies() -> None:
    cookies = SessionCookies("wallet", "http://localhost:8000")
    assert (cookies.session, cookies.sign_in) == ("jz_wallet_8000", "jz_wallet_8000_signin")
    assert SessionCookies("wallet", "http://localhost").session == "jz_wallet_80"
    header = cookies.put(cookies.session, "token", seconds=9).to_header(header="")
    assert flags(header) == {"HttpOnly", "Path=/", "SameSite=lax", "Max-Age=9"}


def test_signing_in_never_keeps_the_token_that_was_there(
    visit: Visit, identity: Identity, provider: Provider, now: datetime
) -> None:
    client = visit("wallet")
    planted = sign_in(identity, provider, now)
    client.cookies.set("__Host-jz_wallet", planted, domain="wallet.example")
    back = come_back(client, provider, "wallet", now)
    assert planted not in cookies_of(back)["__Host-jz_wallet"]
    assert identity.actor_of("wallet", planted, now) is None


def test_signing_out(visit: Visit, identity: Identity, provider: Provider, now: datetime) -> None:
    client = visit("wallet")
    back = come_back(client, provider, "wallet", now)
    token = cookies_of(back)["__Host-jz_wallet"].split(";")[0]
    assert client.get("/session").json()["signed_in"] is True

    out = client.post("/sign-out", headers={"origin": ORIGIN}, json={})

    assert out.json() == {"signed_in": False}
    assert out.headers["clear-site-data"] == '"cache"'  # "storage" would take the wallet's keys
    assert "Max-Age=0" in flags(cookies_of(out)["__Host-jz_wallet"])
    assert identity.actor_of("wallet", token, now) is None
    assert client.get("/session").json()["signed_in"] is False
    assert client.post("/sign-out", headers={"origin": ORIGIN}, json={}).status_code == 200


def test_signing_out_everywhere(
    visit: Visit, identity: Identity, provider: Provider, now: datetime
) -> None:
    lost = sign_in(identity, provider, now)
    client = visit("wallet")
    come_back(client, provider, "wallet", now)
    out = client.post("/sign-out/everywhere", headers={"origin": ORIGIN}, json={})
    assert out.status_code == 200
    assert identity.actor_of("wallet", lost, now) is None
    assert client.post("/sign-out/everywhere", headers={"origin": ORIGIN}).status_code == 401


# -- what the page learns


def test_the_session_as_the_page_sees_it(visit: Visit, provider: Provider, clock: Clock) -> None:
    client, now = visit("wallet"), clock.now
    assert client.get("/session").json() == {
        "signed_in": False,
        "name": None,
        "roles": [],
        "authenticated_at": None,
        "may_claim_until": None,
        "second_factor": "not_needed",
        "environment": "demo",
        "banner": {
            "zh": "演示系统：人员和证件均为虚构，无任何效力。演示日期 2026-06-01",
            "en": "Demonstration: all people and licences are made up and void. "
            "Day shown: 2026-06-01",
        },
        "server_time": "2026-06-01T02:00:00Z",
    }

    come_back(client, provider, "wallet", now)
    seen = client.get("/session").json()
    assert seen["name"] == "王样本"
    assert seen["roles"] == ["driver"]
    assert seen["authenticated_at"] == "2026-06-01T02:00:00Z"
    assert seen["may_claim_until"] == "2026-06-01T02:05:00Z"

    clock.now = now + timedelta(minutes=5)
    assert client.get("/session").json()["may_claim_until"] is None


# -- the gate


def test_who_may_pass(visit: Visit, identity: Identity, provider: Provider, now: datetime) -> None:
    client = visit("wallet")
    assert client.get("/mine").status_code == 401
    assert client.get("/mine").json()["code"] == "sign_in_needed"
    come_back(client, provider, "wallet", now)
    assert client.get("/mine").json() == {"holder": "sp-000001"}

    terminal = visit("terminal")
    come_back(terminal, provider, "terminal", now)
    own = {"origin": "https://terminal.example"}
    assert terminal.post("/check", headers=own, json={}).json()["code"] == "not_allowed"
    appoint_for_demonstration(
        identity, subject="person-1", role=Role.OFFICER, name="李样本", unit="大队", now=now
    )
    assert terminal.post("/check", headers=own, json={}).json() == {"unit": "大队"}
    assert terminal.get("/mine").status_code == 403


def test_the_gate_is_closed_before_the_body_is_read(visit: Visit) -> None:
    terminal = visit("terminal")
    own = {"origin": "https://terminal.example"}
    assert terminal.post("/check", headers=own, content=b"{not json").status_code == 401


def test_a_route_without_permission_is_closed(
    visit: Visit, provider: Provider, now: datetime
) -> None:
    client = visit("wallet")
    come_back(client, provider, "wallet", now)
    assert client.get("/forgotten").status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "https://terminal.example"},
        {"origin": "http://wallet.example"},
        {"origin": "https://wallet.example.evil.example"},
        {"origin": ORIGIN, "sec-fetch-site": "cross-site"},
        {"origin": ORIGIN, "sec-fetch-site": "same-site"},
    ],
)
def test_a_foreign_page_changes_nothing(
    visit: Visit, provider: Provider, now: datetime, headers: dict[str, str]
) -> None:
    client = visit("wallet")
    come_back(client, provider, "wallet", now)
    for path in ("/sign-out", "/sign-out/everywhere"):
        answer = client.post(path, headers=headers, json={})
        assert (answer.status_code, answer.json()["code"]) == (403, "cross_origin")
    assert client.get("/session").json()["signed_in"] is True


def test_no_start_with_a_route_that_names_no_permission(identity: Identity, clock: Clock) -> None:
    with pytest.raises(ConfigurationError) as refused:
        check_routes(application(identity, "wallet", clock, mine, forgotten))
    assert refused.value.code is ErrorCode.ROUTE_WITHOUT_PERMISSION
    assert refused.value.values == {"route": "GET /forgotten"}

    good = application(identity, "console", clock, mine, check)
    check_routes(good)
    assert ("POST /identity/roles", Permission.GRANT_ROLES) in set(routes_of(good))


def test_roles_are_granted_at_the_console_only(identity: Identity, clock: Clock) -> None:
    for app in ("wallet", "terminal"):
        names = {name for name, _ in routes_of(application(identity, app, clock))}
        others = ("/identity/roles", "/identity/sessions", "/identity/enrolments")
        assert not [name for name in names if any(path in name for path in others)]


# -- the console


def test_an_administrator_appoints_an_officer(
    visit: Visit, identity: Identity, provider: Provider, now: datetime
) -> None:
    appoint_for_demonstration(
        identity,
        subject="chief",
        role=Role.SECURITY_ADMINISTRATOR,
        name="安样本",
        unit="安全处",
        now=now,
    )
    console, own = visit("console"), {"origin": "https://console.example"}
    come_back(console, provider, "console", now, sub="chief")
    wanted = {"subject": "li", "role": "officer", "unit": "样本大队", "name": "李样本"}

    granted = console.post("/identity/roles", headers=own, json=wanted)

    assert granted.status_code == 201
    account_id = granted.json()["account_id"]
    assert account_id == identity.account_id("li")
    listed = console.get("/identity/roles").json()["roles"]
    assert [(role["role"], role["name"]) for role in listed] == [
        ("officer", "李样本"),
        ("security_administrator", "安样本"),
    ] or [(role["role"], role["name"]) for role in listed] == [
        ("security_administrator", "安样本"),
        ("officer", "李样本"),
    ]
    session = sign_in(identity, provider, now, app="terminal", sub="li")
    ended = console.post("/identity/sessions/end", headers=own, json={"account_id": account_id})
    assert ended.status_code == 200
    assert identity.actor_of("terminal", session, now) is None
    end = {"account_id": account_id, "role": "officer"}
    assert console.post("/identity/roles/end", headers=own, json=end).json() == {"ended": True}
    assert console.post("/identity/roles/end", headers=own, json=end).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"role": "king"},
        {"role": None},
        {"name": ""},
        {"unit": "x" * 65},
        {"subject": "x" * 256},
        {"account_id": "0" * 64},
    ],
)
def test_a_malformed_grant_is_refused(
    visit: Visit, identity: Identity, provider: Provider, now: datetime, change: dict[str, Any]
) -> None:
    appoint_for_demonstration(
        identity, subject="chief", role=Role.SECURITY_ADMINISTRATOR, name="x", unit="y", now=now
    )
    console = visit("console")
    come_back(console, provider, "console", now, sub="chief")
    wanted = {"subject": "li", "role": "officer", "unit": "大队", "name": "李样本", **change}
    answer = console.post(
        "/identity/roles", headers={"origin": "https://console.example"}, json=wanted
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


# -- pages for people


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ("", 400, "登录未完成"),
        ("state=%3Cscript%3Ealert(1)%3C/script%3E&code=%22%3E%3Cimg%3E", 400, "重新登录"),
        ("error=%3Cb%3Eboo&state=x", 400, "Sign in again"),
    ],
)
def test_a_failed_sign_in_is_a_page_with_a_way_on(
    visit: Visit, query: str, status: int, says: str
) -> None:
    answer = visit("wallet").get(f"/sign-in/callback?{query}")

    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert says in answer.text
    assert 'href="/sign-in?return=/"' in answer.text
    for reflected in ("alert(", "<img", "boo", "<b>"):
        assert reflected not in answer.text


def test_a_provider_that_is_down_is_a_page_too(visit: Visit, provider: Provider) -> None:
    provider.down = True
    answer = visit("wallet").get("/sign-in")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "稍后" in answer.text
    assert cookies_of(answer) == {}


def test_a_weak_proof_at_the_terminal_says_what_to_do(
    visit: Visit, provider: Provider, now: datetime
) -> None:
    answer = come_back(visit("terminal"), provider, "terminal", now, acr="password")
    assert answer.status_code == 403
    assert "人脸识别" in answer.text
    assert STRONG not in answer.text


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_the_way_back_stays_on_this_origin(
    visit: Visit, provider: Provider, now: datetime, wanted: str
) -> None:
    client = visit("wallet")
    away = client.get("/sign-in", params={"return": wanted}, follow_redirects=False)
    query = {k: v[0] for k, v in parse_qs(urlsplit(away.headers["location"]).query).items()}
    Browser(None, provider, query=query).honest(now)  # type: ignore[arg-type]
    back = client.get(
        "/sign-in/callback",
        params={"code": "c", "state": query["state"], "iss": ISSUER},
        follow_redirects=False,
    )
    assert back.headers["location"] == "/"


def test_our_key_is_published_without_its_secret(visit: Visit) -> None:
    (key,) = visit("wallet").get("/sign-in/keys").json()["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}


def test_two_tabs_sign_in_side_by_side(visit: Visit, provider: Provider, now: datetime) -> None:
    client = visit("wallet")
    queries = []
    for _ in range(2):
        away = client.get("/sign-in", follow_redirects=False)
        query = parse_qs(urlsplit(away.headers["location"]).query)
        queries.append({name: values[0] for name, values in query.items()})
    first = queries[0]
    Browser(None, provider, query=first).honest(now)  # type: ignore[arg-type]
    back = client.get(
        "/sign-in/callback",
        params={"code": "c", "state": first["state"], "iss": ISSUER},
        follow_redirects=False,
    )
    assert back.status_code == 302
