"""Every route of every origin, walked by every role.

What each route demands is written here a second time, by hand: a new route, or one whose demand
was loosened, fails until somebody has looked at it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from jiazhao import app, demo
from jiazhao.config import load
from jiazhao.http.access import Permission, Role
from jiazhao.http.gate import routes_of
from jiazhao.http.headers import WALLET_FACING
from jiazhao.http.outbound import Outbound
from jiazhao.http.sessions import SessionCookies
from jiazhao.identity.key_messages import PasskeyMade, PasskeyShown
from jiazhao.identity.openid import OpenIdProvider
from jiazhao.identity.own_passkeys import OwnPasskeys
from jiazhao.identity.permissions import PERMISSIONS, ROLES_AT
from jiazhao.identity.roles import appoint_for_demonstration
from jiazhao.identity.service import Identity, ProviderAnswer
from jiazhao.identity.unsafe_provider import DemoPerson, UnsafeIdentityProvider, clients_of
from tests.authenticator import Authenticator

OWN_KEYS = {
    "GET /identity/passkeys": Permission.SIGNED_IN,
    "POST /identity/passkeys": Permission.SIGNED_IN,
    "POST /identity/passkeys/options": Permission.SIGNED_IN,
    "POST /identity/passkeys/remove": Permission.SIGNED_IN,
    "GET /identity/recoveries/own": Permission.SIGNED_IN,
}
SECOND_FACTOR = {
    "POST /sign-in/second-factor": Permission.SIGNED_IN,
    "POST /sign-in/second-factor/options": Permission.SIGNED_IN,
}
DEMANDS: Mapping[str, Mapping[str, Permission]] = {
    "wallet": {
        **OWN_KEYS,
        "GET /identity/pin-keys": Permission.SIGNED_IN,
        "POST /identity/pin-keys": Permission.SIGNED_IN,
        "POST /identity/pin-keys/challenge": Permission.SIGNED_IN,
        "POST /identity/pin-keys/remove": Permission.SIGNED_IN,
        "GET /events": Permission.SIGNED_IN,
        "GET /wallet/licence": Permission.OWN_LICENCE,
        "GET /wallet/photo": Permission.OWN_LICENCE,
        "GET /wallet/accesses": Permission.OWN_LICENCE,
        "POST /wallet/codes": Permission.OWN_LICENCE,
        "GET /wallet/devices": Permission.OWN_LICENCE,
        "POST /wallet/devices/{device_key}/end": Permission.OWN_LICENCE,
        "POST /wallet/freeze": Permission.OWN_LICENCE,
        "POST /wallet/unfreeze": Permission.OWN_LICENCE,
        "POST /wallet/backup-codes": Permission.CLAIM,
        "DELETE /wallet/backup-codes": Permission.OWN_LICENCE,
        "POST /claims": Permission.CLAIM,
        "POST /agreements/{reference}": Permission.CLAIM,
        "GET /wallet/photo-request": Permission.CHANGE_PHOTO,
        "POST /wallet/photo-request": Permission.CHANGE_PHOTO,
        "POST /wallet/photo-request/withdrawal": Permission.CHANGE_PHOTO,
        "GET /wallet/notices": Permission.OWN_LICENCE,
        "POST /wallet-provider/client-attestations": Permission.OWN_LICENCE,
        "GET /wallet/objections": Permission.OWN_LICENCE,
        "POST /wallet/objections": Permission.OWN_LICENCE,
        "GET /wallet/refusal-reports": Permission.OWN_LICENCE,
        "POST /wallet/refusal-reports": Permission.OWN_LICENCE,
        "POST /sign-out/everywhere": Permission.SIGNED_IN,
    },
    "terminal": {
        **OWN_KEYS,
        **SECOND_FACTOR,
        "GET /events": Permission.SIGNED_IN,
        "POST /terminals": Permission.OPEN_SHIFT,
        "POST /shifts": Permission.OPEN_SHIFT,
        "GET /shifts/current": Permission.OPEN_SHIFT,
        "POST /shifts/current/close": Permission.OPEN_SHIFT,
        "GET /presentation/checks": Permission.CHECK,
        "POST /presentation/checks": Permission.CHECK,
        "POST /presentation/records": Permission.CHECK,
        "GET /presentation/follow-ups": Permission.CHECK,
        "POST /presentation/scans": Permission.CHECK,
        "POST /presentation/lookups": Permission.LOOK_UP,
        "GET /presentation/lookup-reasons": Permission.LOOK_UP,
        "GET /presentation/vehicle-classes": Permission.CHECK,
        "GET /status-snapshots/{name}": Permission.CHECK,
        "POST /sign-out/everywhere": Permission.SIGNED_IN,
    },
    "console": {
        **OWN_KEYS,
        **SECOND_FACTOR,
        "POST /console/freeze": Permission.FREEZE_AT_COUNTER,
        "POST /registry/changes": Permission.CHANGE_REGISTER,
        "POST /presentation/past-states": Permission.READ_REGISTER_HISTORY,
        "GET /photo-requests": Permission.REVIEW_PHOTOS,
        "POST /photo-requests/looks": Permission.REVIEW_PHOTOS,
        "POST /photo-requests/decisions": Permission.REVIEW_PHOTOS,
        "GET /objections": Permission.ANSWER_OBJECTIONS,
        "POST /objections/looks": Permission.ANSWER_OBJECTIONS,
        "POST /objections/decisions": Permission.ANSWER_OBJECTIONS,
        "GET /refusal-reports": Permission.READ_REFUSAL_REPORTS,
        "GET /audit/accesses/{holder}": Permission.READ_ACCESS_RECORDS,
        "GET /audit/samples": Permission.READ_ACCESS_RECORDS,
        "GET /console/terminals": Permission.MANAGE_TERMINALS,
        "POST /console/terminals": Permission.MANAGE_TERMINALS,
        "POST /console/terminals/{terminal_id}/kill": Permission.MANAGE_TERMINALS,
        "GET /identity/roles": Permission.GRANT_ROLES,
        "POST /identity/roles": Permission.GRANT_ROLES,
        "POST /identity/roles/end": Permission.GRANT_ROLES,
        "POST /identity/sessions/end": Permission.GRANT_ROLES,
        "POST /identity/enrolments": Permission.GRANT_ROLES,
        "GET /identity/recoveries": Permission.READ_RECOVERIES,
        "POST /identity/recoveries": Permission.ASK_FOR_RECOVERY,
        "POST /identity/recoveries/decisions": Permission.DECIDE_RECOVERY,
        "POST /identity/recoveries/withdrawal": Permission.ASK_FOR_RECOVERY,
        "POST /sign-out/everywhere": Permission.SIGNED_IN,
    },
}

PUBLIC_EVERYWHERE = {
    "GET /",
    "GET /session",
    "GET /sign-in",
    "GET /sign-in/callback",
    "GET /sign-in/keys",
    "POST /sign-out",
    "GET /livez",
    "GET /readyz",
    "GET /metrics",
}
PUBLIC_FILES = (
    *("GET /assets/", "HEAD /assets/", "GET /openapi"),
    *("GET /service-worker.js", "GET /manifest.webmanifest"),
)
PUBLIC_DOORS = {
    "POST /wallet/contacts",
    "POST /sign-in/passkey",
    "POST /sign-in/passkey/options",
    "POST /sign-in/pin",
    "POST /sign-in/pin/challenge",
    "GET /.well-known/openid-credential-issuer",
    "GET /.well-known/oauth-authorization-server",
    "GET /issuance/offers/{offer_id}",
    "POST /issuance/par",
    "POST /wallet-provider/client-attestations/renewal",
    "POST /wallet-provider/key-attestations",
    "GET /authorize",
    "GET /agreements/{reference}",
    "GET /issuance/types/driving-licence/1",
    "POST /issuance/token",
    "POST /issuance/nonce",
    "POST /issuance/challenge",
    "POST /issuance/credential",
    "POST /issuance/deferred-credential",
    "POST /issuance/notification",
    "GET /status-lists",
    "GET /status-lists/{list_id}",
    "GET /trust/iaca.pem",
    "GET /trust/iaca.crl",
    "GET /trust/reader.crl",
    "GET /trust/wallet.crl",
}
"""At the wallet's origin: signing in with an own key, a device that comes by itself with its key,
and the doors for wallets and verifiers that we did not write, by bearer tokens."""

NOBODY = "nobody"
WITHOUT_ROLE = "signed in without a role"
VISITORS = (NOBODY, WITHOUT_ROLE, *Role)


@dataclass
class Clock:
    """A second passes with each sign-in, so that a new session is later than an ended one."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def tick(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@dataclass(frozen=True)
class Street:
    """The applications, and the way for visitors to get a session at each."""

    clock: Clock
    identity: Identity
    unsafe: UnsafeIdentityProvider
    clients: Mapping[str, TestClient[Litestar]]

    def sign_in(self, name: str, subject: str) -> str:
        """Return the token of a new session."""
        now = self.clock.tick()
        begun = self.identity.begin(name, return_to="/", fresh=False, secret=None, now=now)
        query = {k: v[0] for k, v in parse_qs(urlsplit(begun.url).query).items()}
        transaction = self.unsafe.transaction(self.unsafe.ask(query, now))
        back = parse_qs(urlsplit(self.unsafe.pick(transaction, subject, now)).query)
        answer = ProviderAnswer(back["state"][0], back["code"][0], back["iss"][0], None)
        return self.identity.finish(
            name, answer, secret=begun.secret, former_token=None, now=now
        ).token

    def show_passkey(self, name: str, token: str) -> str:
        """Register a passkey and show it; return the token of the session that has its roles."""
        now, own = self.clock.now, OwnPasskeys(self.identity, name)
        actor = self.identity.actor_of(name, token, now)
        assert actor is not None
        phone = Authenticator(self.identity.config.origins[name])
        asked = msgspec.to_builtins(own.creation(actor, now))
        made = msgspec.convert(phone.make(asked), PasskeyMade)
        own.register(made, actor=actor, now=now)
        asked = msgspec.to_builtins(own.second_factor_request(actor, now))
        shown = msgspec.convert(phone.show(asked), PasskeyShown)
        return own.show_second_factor(shown, actor=actor, token=token, now=now)

    def ask(
        self, name: str, route: str, token: str | None, *, origin: str | None = None
    ) -> httpx2.Response:
        """Ask a route as its own page would, with an empty body."""
        method, path = route.split(" ")
        own = self.identity.config.origins[name]
        headers = {"origin": origin or own}
        if token:
            headers["cookie"] = f"{SessionCookies(name, own).session}={token}"
        path = path.replace("{", "").replace("}", "")
        self.clients[name].cookies.clear()  # it would add what earlier answers set
        answer = self.clients[name].request(
            method, path, headers=headers, content=b"{}", follow_redirects=False
        )
        return httpx2.Response(answer.status_code, content=answer.content)


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    with street_of(tmp_path_factory.mktemp("permissions")) as street:
        yield street


@contextmanager
def street_of(folder: Path, **settings: Any) -> Iterator[Street]:
    """The applications of a demonstration; `settings` take the place of its own."""
    state = folder / "state"
    clock = Clock(datetime.fromisoformat("2026-06-01T02:00:00+00:00"))
    config = replace(load(demo.write_config(state, 8000, on=None, public_url=None)), **settings)
    house = demo.set_up(config, clock, holders=12, seed=1, progress=lambda *_: None)
    driver = next(person for person in demo.people_of(house) if person.role is Role.DRIVER)
    people = [replace(driver, subject=Role.DRIVER)] + [
        DemoPerson(subject, "样本", Role.DRIVER, "", "", "", "")
        for subject in VISITORS
        if subject != Role.DRIVER
    ]
    unsafe = UnsafeIdentityProvider(
        config=config, people=people, clients=clients_of(house.identity)
    )
    outbound = Outbound({config.identity_issuer}, transport=on_paper(unsafe, clock))
    identity = replace(house.identity, provider=OpenIdProvider(config.identity_issuer, outbound))
    for role in Role:
        if role is not Role.DRIVER:
            appoint_for_demonstration(
                identity, subject=role, role=role, name="样本", unit="样本", now=clock()
            )
    house.streams.close()  # a walk over all doors does not wait for events
    with ExitStack() as stack:
        stack.callback(house.close)
        house = replace(house, identity=identity)
        yield Street(
            clock,
            identity,
            unsafe,
            {
                name: stack.enter_context(TestClient(make(house)))
                for name, make in app.APPLICATIONS.items()
            },
        )


def on_paper(unsafe: UnsafeIdentityProvider, clock: Clock) -> httpx2.MockTransport:
    """Return the provider without a network."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        documents: dict[str, Callable[[], dict[str, Any]]] = {
            "/.well-known/openid-configuration": unsafe.metadata,
            "/jwks": unsafe.jwks,
            "/token": lambda: unsafe.redeem(form, clock()),
        }
        body = msgspec.json.encode(documents[request.url.path]())
        return httpx2.Response(200, stream=httpx2.ByteStream(body))

    return httpx2.MockTransport(answer)


def demanded(street: Street, name: str) -> dict[str, Permission | None]:
    return dict(routes_of(street.clients[name].app))


def is_known_public(name: str, route: str) -> bool:
    doors = PUBLIC_DOORS if name == "wallet" else set()
    return route in PUBLIC_EVERYWHERE | doors or route.startswith(PUBLIC_FILES)


def expected(name: str, permission: Permission, visitor: str) -> str:
    """Return the code of the refusal, or nothing; from the table alone."""
    if permission is Permission.ANYONE:
        return ""
    if visitor == NOBODY:
        return "sign_in_needed"
    if permission is Permission.SIGNED_IN:
        return ""
    held = {visitor} & ROLES_AT[name]
    return "" if held & PERMISSIONS[permission] else "not_allowed"


GATE = {"sign_in_needed", "not_allowed", "second_factor_needed"}


def refusal(answer: httpx2.Response) -> str:
    """Return the code of the gate's refusal, or nothing."""
    if answer.status_code not in {401, 403}:
        return ""
    code: str = answer.json().get("code", "")  # OpenID4VCI's doors have errors of another form
    return code if code in GATE else ""


def signing_out_last(route: str) -> tuple[bool, bool]:
    return route == "POST /sign-out", route == "POST /sign-out/everywhere"


def paths(routes: Mapping[str, object]) -> list[str]:
    return sorted(routes, key=signing_out_last)


@pytest.mark.parametrize("name", DEMANDS)
def test_every_route_demands_what_is_written_here(street: Street, name: str) -> None:
    public = {
        route
        for route, permission in demanded(street, name).items()
        if permission is Permission.ANYONE
    }
    others = {route: p for route, p in demanded(street, name).items() if route not in public}

    assert others == DEMANDS[name]
    assert {route for route in public if not is_known_public(name, route)} == set()


@pytest.mark.parametrize("visitor", VISITORS)
@pytest.mark.parametrize("name", DEMANDS)
def test_a_visitor_passes_where_the_table_says(street: Street, name: str, visitor: str) -> None:
    token = None if visitor == NOBODY else street.sign_in(name, visitor)
    routes = demanded(street, name)

    wanted, met = {}, {}
    for route in paths(routes):
        wanted[route] = expected(name, routes[route] or Permission.GRANT_ROLES, visitor)
        met[route] = refusal(street.ask(name, route, token))

    assert met == wanted


@pytest.mark.parametrize("name", DEMANDS)
def test_a_refusal_says_the_same_everywhere(street: Street, name: str) -> None:
    """Nobody learns from a refusal what there is behind it."""
    token = street.sign_in(name, WITHOUT_ROLE)
    bodies = set()
    for route, permission in DEMANDS[name].items():
        if permission is not Permission.SIGNED_IN:
            for holder in (token, None):
                problem = street.ask(name, route, holder).json()
                problem.pop("trace")
                bodies.add(tuple(sorted(problem.items())))
    assert sorted(dict(body)["code"] for body in bodies) == ["not_allowed", "sign_in_needed"]


@pytest.mark.parametrize("name", DEMANDS)
def test_a_foreign_page_moves_nothing(street: Street, name: str) -> None:
    tokens = [street.sign_in(name, role) for role in ROLES_AT[name]]
    own = street.identity.config.origins[name]
    foreign = ["https://evil.example", "null"] + [
        origin for origin in street.identity.config.origins.values() if origin != own
    ]
    for route in demanded(street, name):
        method, path = route.split(" ")
        if method in {"GET", "HEAD"} or path.startswith(WALLET_FACING):
            continue
        for token in tokens:
            for origin in foreign:
                answer = street.ask(name, route, token, origin=origin)
                assert (answer.status_code, answer.json()["code"]) == (403, "cross_origin"), route
    assert all(street.identity.actor_of(name, token, street.clock()) for token in tokens)


@pytest.mark.parametrize("name", DEMANDS)
def test_one_origin_does_not_serve_another(street: Street, name: str) -> None:
    for other in DEMANDS:
        for route in DEMANDS[other]:
            if route not in DEMANDS[name]:
                assert street.ask(name, route, None).status_code == 404, route


# -- with a second factor for staff, as in production


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    with street_of(tmp_path_factory.mktemp("guarded"), staff_need_passkeys=True) as street:
        yield street


STAFF = [(name, role) for name in ("terminal", "console") for role in sorted(ROLES_AT[name])]


@pytest.mark.parametrize(("name", "role"), STAFF)
def test_no_door_of_staff_opens_without_the_passkey(guarded: Street, name: str, role: Role) -> None:
    token = guarded.sign_in(name, role)
    for route, permission in demanded(guarded, name).items():
        if permission in {Permission.ANYONE, Permission.SIGNED_IN}:
            continue
        assert refusal(guarded.ask(name, route, token)) == "second_factor_needed", route

    token = guarded.show_passkey(name, token)

    routes = demanded(guarded, name)
    met = {route: refusal(guarded.ask(name, route, token)) for route in paths(routes)}
    assert met == {
        route: expected(name, p or Permission.GRANT_ROLES, role) for route, p in routes.items()
    }


def test_a_driver_needs_no_second_factor(guarded: Street) -> None:
    token = guarded.sign_in("wallet", Role.DRIVER)
    assert refusal(guarded.ask("wallet", "GET /wallet/licence", token)) == ""
