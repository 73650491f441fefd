"""A driver, an officer and an administrator sign in, over real HTTP, at a provider that stands
apart: both parties run on ports of loopback and a browser walks between them.
"""

import re
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from html import unescape
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
import pytest
import uvicorn
from litestar import Litestar, Router, get
from litestar.di import NamedDependency

from jiazhao.config import Config
from jiazhao.http.access import Actor, Permission, Role, demands
from jiazhao.http.headers import SecurityHeaders
from jiazhao.http.outbound import Outbound
from jiazhao.http.problems import EXCEPTION_HANDLERS
from jiazhao.identity.client_key import open_client_key
from jiazhao.identity.openid import OpenIdProvider
from jiazhao.identity.pin import KnownNumbers
from jiazhao.identity.roles import grant_first_administrator
from jiazhao.identity.routes import identity_door
from jiazhao.identity.service import Identity
from jiazhao.identity.unsafe_provider import ACR, DemoPerson, UnsafeIdentityProvider, clients_of
from jiazhao.identity.unsafe_routes import unsafe_provider_app
from jiazhao.licence.identifiers import HolderId
from jiazhao.storage.engine import Database
from jiazhao.storage.schema import metadata

NUMBER = "990101199001011237"
PEOPLE = [
    DemoPerson("wang", "王样本", Role.DRIVER, "驾驶人", "Driver", "正常", "Good", NUMBER),
    DemoPerson("li", "李样本", Role.OFFICER, "交警", "Officer", "值勤", "On duty"),
    DemoPerson("an", "安样本", Role.SECURITY_ADMINISTRATOR, "管理员", "Administrator", "", ""),
]


@get("/mine", sync_to_thread=False, opt=demands(Permission.OWN_LICENCE))
def mine(actor: NamedDependency[Actor]) -> dict[str, str | None]:
    return {"holder": actor.holder_id}


@get("/checks", sync_to_thread=False, opt=demands(Permission.CHECK))
def checks(actor: NamedDependency[Actor]) -> dict[str, str]:
    return {"officer": actor.name, "unit": actor.unit}


@dataclass
class House:
    """Every origin, running."""

    identity: Identity
    origins: Mapping[str, str]
    now: datetime

    def later(self, **more: float) -> None:
        """Let time pass for everybody."""
        self.now += timedelta(**more)


@dataclass
class Browser:
    """Keeps cookies by host, as browsers do, shared by all ports of it."""

    house: House
    cookies: dict[str, str] = field(default_factory=dict)
    visited: list[str] = field(default_factory=list)

    def request(self, method: str, url: str, **more: Any) -> httpx2.Response:
        headers = {"cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        parts = urlsplit(url)
        if method == "POST":
            headers["origin"] = f"{parts.scheme}://{parts.netloc}"
        headers.update(more.pop("headers", {}))
        with httpx2.Client(trust_env=False) as client:
            answer = client.request(method, url, headers=headers, **more)
        self.visited.append(url)
        for line in answer.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
                if morsel["max-age"] == "0":
                    del self.cookies[name]
        return answer

    def follow(self, answer: httpx2.Response) -> httpx2.Response:
        while answer.is_redirect:
            answer = self.request("GET", urljoin(str(answer.url), answer.headers["location"]))
        return answer

    def at(self, app: str, path: str, method: str = "GET", **more: Any) -> httpx2.Response:
        return self.request(method, self.house.origins[app] + path, **more)

    def pick(self, app: str, subject: str, query: str = "return=/session") -> httpx2.Response:
        """Go to the provider, pick a person, and stop before the way back."""
        page = self.follow(self.at(app, f"/sign-in?{query}"))
        assert page.status_code == 200, page.text
        form = re.search(r'<form method="post" action="([^"]*)"', page.text)
        hidden = re.search(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text)
        assert form
        assert hidden
        assert f'name="subject" value="{subject}"' in page.text
        return self.request(
            "POST",
            urljoin(str(page.url), unescape(form[1])),
            data={hidden[1]: unescape(hidden[2]), "subject": subject},
        )

    def sign_in(self, app: str, subject: str, query: str = "return=/session") -> httpx2.Response:
        return self.follow(self.pick(app, subject, query))

    def session(self, app: str) -> dict[str, Any]:
        seen: dict[str, Any] = self.at(app, "/session").json()
        return seen


@contextmanager
def served(app: Litestar, listener: socket.socket) -> Iterator[None]:
    """Serve an application until the block ends."""
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def house(tmp_path: Path, sqlite: str, now: datetime) -> Iterator[House]:
    with ExitStack() as stack:
        listeners = {
            name: stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            for name in ("wallet", "terminal", "console", "identity")
        }
        origins = {
            name: f"http://127.0.0.1:{listener.getsockname()[1]}"
            for name, listener in listeners.items()
        }
        config = Config(
            environment="demo",
            state_dir=tmp_path,
            public_url=origins["wallet"],
            terminal_url=origins["terminal"],
            console_url=origins["console"],
            database_url=sqlite,
            identity_issuer=origins["identity"],
            identity_client_id="jiazhao-{app}",
            identity_required_acr=(ACR,),
        )
        database = Database(sqlite)
        metadata.create_all(database.engine)
        outbound = Outbound({origins["identity"]})
        identity = Identity(
            config=config,
            database=database,
            provider=OpenIdProvider(origins["identity"], outbound),
            lookup_key=bytes(32),
            client_key=open_client_key(tmp_path / "keys" / "identity-client.pem"),
            find_holder=lambda _db, number: HolderId("sp-000001") if number == NUMBER else None,
            known_numbers=lambda _db, _holder, _now: KnownNumbers(date(1990, 1, 1), ()),
            tell_holder=lambda *_: None,
        )
        house = House(identity, origins, now)
        unsafe = UnsafeIdentityProvider(config=config, people=PEOPLE, clients=clients_of(identity))
        apps = {name: application(house, name, origins[name]) for name in config.origins} | {
            "identity": unsafe_provider_app(unsafe, clock=lambda: house.now)
        }
        for name, app in apps.items():
            stack.enter_context(served(app, listeners[name]))
        stack.callback(database.close)
        stack.callback(outbound.close)
        yield house


def application(house: House, name: str, origin: str) -> Litestar:
    door = identity_door(house.identity, name, clock=lambda: house.now)
    return Litestar(
        route_handlers=[*door.routes, Router("/", route_handlers=[mine, checks])],
        guards=[door.guard],
        dependencies=dict(door.dependencies),
        exception_handlers=EXCEPTION_HANDLERS,
        middleware=[SecurityHeaders(secure=origin.startswith("https:"))],
        openapi_config=None,
        logging_config=None,
    )


@pytest.fixture
def browser(house: House) -> Browser:
    return Browser(house)


def test_a_driver_signs_in_looks_and_signs_out(browser: Browser, house: House) -> None:
    assert browser.at("wallet", "/mine").status_code == 401

    seen = browser.sign_in("wallet", "wang").json()

    assert (seen["signed_in"], seen["name"], seen["roles"]) == (True, "王样本", ["driver"])
    assert browser.at("wallet", "/mine").json() == {"holder": "sp-000001"}
    out = browser.at("wallet", "/sign-out", "POST", json={})
    assert out.headers["clear-site-data"] == '"cache"'
    assert browser.cookies == {}
    assert browser.at("wallet", "/mine").status_code == 401
    assert not [url for url in browser.visited if NUMBER in url]


def test_a_stolen_cookie_is_worth_nothing_after_sign_out(browser: Browser, house: House) -> None:
    browser.sign_in("wallet", "wang")
    thief = Browser(house, dict(browser.cookies))
    assert thief.session("wallet")["signed_in"] is True
    browser.at("wallet", "/sign-out", "POST", json={})
    assert thief.session("wallet")["signed_in"] is False


def test_the_origins_do_not_share_a_session(browser: Browser) -> None:
    browser.sign_in("wallet", "wang")
    for app in ("terminal", "console"):
        assert browser.session(app)["signed_in"] is False
    browser.sign_in("terminal", "wang")
    assert browser.session("wallet")["signed_in"] is True
    assert len(browser.cookies) == 2
    assert browser.at("terminal", "/mine").status_code == 403


def test_an_officer_is_appointed_checks_and_is_dismissed(browser: Browser, house: House) -> None:
    officer, chief = browser, Browser(house)
    grant_first_administrator(house.identity, subject="an", name="安样本", unit="处", now=house.now)
    officer.sign_in("terminal", "li")
    assert officer.at("terminal", "/checks").status_code == 403

    chief.sign_in("console", "an")
    wanted = {"subject": "li", "role": "officer", "unit": "样本大队", "name": "李警官"}
    appointed = chief.at("console", "/identity/roles", "POST", json=wanted)
    assert appointed.status_code == 201
    assert officer.at("terminal", "/checks").json() == {"officer": "李警官", "unit": "样本大队"}

    end = {"account_id": appointed.json()["account_id"], "role": "officer"}
    assert chief.at("console", "/identity/roles/end", "POST", json=end).status_code == 200
    assert officer.at("terminal", "/checks").status_code == 403
    own = {**wanted, "subject": "an"}
    refused = chief.at("console", "/identity/roles", "POST", json=own)
    assert (refused.status_code, refused.json()["code"]) == (403, "own_role")


def test_a_session_ends_by_itself(browser: Browser, house: House) -> None:
    browser.sign_in("wallet", "wang")
    assert browser.session("wallet")["may_claim_until"] is not None
    house.later(minutes=5)
    assert browser.session("wallet")["may_claim_until"] is None
    house.later(minutes=30)
    assert browser.session("wallet")["signed_in"] is False

    browser.sign_in("wallet", "wang", "return=/session&fresh=1")
    assert browser.session("wallet")["may_claim_until"] is not None


def test_the_way_back_works_once_and_in_one_browser(browser: Browser, house: House) -> None:
    back = browser.pick("wallet", "wang").headers["location"]

    elsewhere = Browser(house).request("GET", back)
    assert (elsewhere.status_code, "重新登录" in elsewhere.text) == (400, True)
    assert browser.follow(browser.request("GET", back)).json()["signed_in"] is True
    again = browser.request("GET", back)
    assert again.status_code == 400
    assert parse_qs(urlsplit(back).query)["code"][0] not in again.text


def test_a_person_cannot_be_pushed_into_a_strangers_account(browser: Browser, house: House) -> None:
    back = Browser(house).pick("wallet", "wang").headers["location"]
    browser.at("wallet", "/sign-in")
    answer = browser.request("GET", back)
    assert answer.status_code == 400
    assert browser.session("wallet")["signed_in"] is False


def test_the_provider_is_refused_a_page_elsewhere(browser: Browser, house: House) -> None:
    page = browser.at("wallet", "/sign-in?return=https://evil.example/")
    asked = page.headers["location"].replace(
        "redirect_uri=http%3A%2F%2F127.0.0.1", "redirect_uri=https%3A%2F%2Fevil.example"
    )
    answer = browser.request("GET", asked)
    assert answer.status_code == 400
    assert "evil" not in answer.text
