"""What browsers and caches are told: on every route of every origin, and where there is none."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx2
import pytest
from litestar import Litestar

from jiazhao import app
from jiazhao.http.access import Permission
from jiazhao.http.gate import routes_of
from jiazhao.http.headers import WALLET_FACING
from jiazhao.smoke.people import Visitor, named
from tests.houses import Town, served_town

ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "geolocation=(), microphone=(), payment=(), usb=(), camera=(self)",
}
POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types own-scripts"
)
WITH_WASM = f"{POLICY}; script-src 'self' 'wasm-unsafe-eval'"
AT_TIMES = {
    # What an answer may carry besides; a header that says who we are is not among them.
    *("date", "content-type", "content-length", "transfer-encoding", "content-disposition"),
    *("etag", "last-modified", "location", "set-cookie", "allow", "retry-after", "vary"),
    *("www-authenticate", "cache-control", "cross-origin-resource-policy", "clear-site-data"),
    *("dpop-nonce", "content-language", "content-encoding"),
    "x-accel-buffering",  # of events, which a proxy must not collect
}
CORS = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": (
        "retry-after, www-authenticate, dpop-nonce, oauth-client-attestation-challenge"
    ),
}
ASKED = {
    "authorization",
    "content-type",
    "dpop",
    "oauth-client-attestation",
    "oauth-client-attestation-pop",
}
"""What wallets that run in a browser ask leave to send."""

STORED = {
    "/issuance/types/driving-licence/1": "public, max-age=86400",
    "/trust/iaca.pem": "public, max-age=86400",
    "/trust/iaca.crl": "public, max-age=86400",
}
"""What everybody may keep: it says nothing of anybody."""

SIGNED_IN_AS = {"wallet": "sp-000001", "terminal": "officer-li", "console": "registrar-qian"}
ELSEWHERE = "https://elsewhere.example"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served_town(tmp_path_factory.mktemp("headers") / "state") as town:
        yield town


@dataclass
class Browser:
    """A browser at one origin."""

    origin: str
    routes: dict[str, Permission | None] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, **headers: str) -> httpx2.Response:
        sent = {"origin": self.origin}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            sent["cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        with (
            httpx2.Client(trust_env=False) as client,
            client.stream(method, self.origin + path, headers=sent) as answer,
        ):
            if "event-stream" in answer.headers.get("content-type", ""):
                # It does not end while the page is open.
                return httpx2.Response(answer.status_code, headers=answer.headers)
            answer.read()
            return answer

    def everywhere(self) -> Iterator[tuple[str, str, httpx2.Response]]:
        """Ask every route, the way out last; a refusal is an answer, too."""
        for route in sorted(self.routes, key=lambda route: "/sign-out" in route):
            method, path = route.split(" ")
            path = re.sub(r"\{\w+\}", "x", path)
            yield route, path, self.ask(method, path)


@pytest.fixture(params=SIGNED_IN_AS)
def browser(town: Town, request: pytest.FixtureRequest) -> Browser:
    built: Litestar = app.APPLICATIONS[request.param](town.house)
    return Browser(getattr(town, request.param), dict(routes_of(built)))


@pytest.fixture
def signed_in(town: Town, browser: Browser, request: pytest.FixtureRequest) -> Browser:
    name = request.node.callspec.params["browser"]
    visitor = Visitor(browser.origin)
    visitor.sign_in(named(SIGNED_IN_AS[name]))
    browser.cookies = dict(visitor.browser._client.cookies)
    visitor.browser.close()
    return browser


def of(answer: httpx2.Response) -> dict[str, str]:
    """The headers that are not always there."""
    found = dict(answer.headers)
    assert {name: found.pop(name, None) for name in ALWAYS} == ALWAYS
    assert found.pop("content-security-policy") in {POLICY, WITH_WASM}
    return found


def check(path: str, answer: httpx2.Response) -> None:
    """One answer, by the rules that hold for all of them."""
    found = of(answer)
    if path.startswith(WALLET_FACING):
        assert {name: found.pop(name, None) for name in CORS} == CORS
        assert found["cross-origin-resource-policy"] == "cross-origin"
    else:
        assert found["cross-origin-resource-policy"] == "same-origin"
    assert set(found) <= AT_TIMES
    if answer.is_success:
        assert found["cache-control"] == STORED.get(path, "no-store")
    else:
        assert found["cache-control"] == "no-store"


def test_every_answer_to_a_stranger(browser: Browser) -> None:
    for route, path, answer in browser.everywhere():
        if "/assets/" not in route:
            check(path, answer)


def test_every_answer_to_somebody(signed_in: Browser) -> None:
    answered = {}
    for route, path, answer in signed_in.everywhere():
        if "/assets/" not in route:
            check(path, answer)
        answered[route] = answer.status_code
    strangers = {route for route, status in answered.items() if status == 401}
    # One comes after the way out, the others ask for a token of their own.
    assert strangers <= {
        "POST /sign-out/everywhere",
        "POST /issuance/credential",
        "POST /issuance/deferred-credential",
        "POST /issuance/notification",
    }


@pytest.mark.parametrize("path", ["/nowhere", "/issuance/nowhere", "/%00", "/?a=1&a=2"])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_where_there_is_nothing(browser: Browser, method: str, path: str) -> None:
    answer = browser.ask(method, path)
    check(path, answer)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_module_is_kept_and_asked_about_each_time(browser: Browser) -> None:
    if "GET /" not in browser.routes:
        return  # an origin without pages has no modules
    first = browser.ask("GET", "/assets/shared/base.css")
    assert of(first)["cache-control"] == "no-cache"

    again = browser.ask("GET", "/assets/shared/base.css", if_none_match=first.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]

    other = browser.ask("GET", "/assets/shared/base.css", if_none_match='"other"')
    assert (other.status_code, other.content) == (200, first.content)


@pytest.mark.parametrize("path", ["/", "/assets/terminal/reader-worker.js", "/nowhere"])
def test_only_the_terminal_may_run_webassembly(town: Town, browser: Browser, path: str) -> None:
    reads_codes = browser.origin == town.terminal
    policy = browser.ask("GET", path).headers["content-security-policy"]
    assert policy == (WITH_WASM if reads_codes else POLICY)


def test_head_says_what_get_would(browser: Browser) -> None:
    answer = browser.ask("HEAD", "/livez")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == "17"
    check("/livez", answer)


# -- wallets in browsers, from origins that we do not know


@pytest.mark.parametrize(
    "path", ["/issuance/token", "/issuance/nonce", "/issuance/credential", "/status-lists/x"]
)
def test_a_wallet_elsewhere_may_ask_first(town: Town, path: str) -> None:
    answer = Browser(town.wallet).ask(
        "OPTIONS",
        path,
        origin=ELSEWHERE,
        access_control_request_method="POST",
        access_control_request_headers=",".join(sorted(ASKED)),
    )

    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "POST" in answer.headers["access-control-allow-methods"]
    allowed = answer.headers["access-control-allow-headers"].split(", ")
    assert set(allowed) >= ASKED
    assert "access-control-allow-credentials" not in answer.headers


def test_a_wallet_elsewhere_is_answered(town: Town) -> None:
    answer = Browser(town.wallet).ask("POST", "/issuance/nonce", origin=ELSEWHERE)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_page_elsewhere_may_ask_nothing_else(browser: Browser) -> None:
    for route in browser.routes:
        path = route.split(" ")[1]
        if path.startswith(WALLET_FACING):
            continue
        answer = browser.ask(
            "OPTIONS", path, origin=ELSEWHERE, access_control_request_method="POST"
        )
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_no_door_for_strangers_takes_a_session(browser: Browser) -> None:
    """Such a door would not refuse another site's page that uses our cookie."""
    open_doors = [
        permission
        for route, permission in browser.routes.items()
        if route.split(" ")[1].startswith(WALLET_FACING)
    ]
    assert set(open_doors) <= {Permission.ANYONE}


def test_a_change_asked_for_by_another_site_is_refused(signed_in: Browser) -> None:
    for route in signed_in.routes:
        method, path = route.split(" ")
        if method == "POST" and not path.startswith(WALLET_FACING):
            answer = signed_in.ask(method, path, origin=ELSEWHERE)
            assert (answer.status_code, answer.json()["code"]) == (403, "cross_origin")


# -- signing in and out


def test_the_provider_lets_its_form_lead_back_and_nowhere_else(town: Town) -> None:
    with httpx2.Client(trust_env=False) as client:
        begun = client.get(f"{town.wallet}/sign-in")
        page = client.get(begun.headers["location"])

    policy = page.headers["content-security-policy"]
    assert f"form-action 'self' {town.wallet};" in policy
    assert "unsafe" not in policy
    assert policy.replace(f" {town.wallet}", "") == POLICY


def test_signing_out_empties_the_cache_and_keeps_the_keys(signed_in: Browser) -> None:
    answer = signed_in.ask("POST", "/sign-out")
    assert answer.headers["clear-site-data"] == '"cache"'
    assert "Max-Age=0" in answer.headers["set-cookie"]
