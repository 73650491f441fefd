"""The doors of identity at each origin: session, sign-in, sign-out; roles at the console."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Any

from litestar import MediaType, Request, Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery, JSONBody, QueryParameter
from litestar.types import Guard

from jiazhao.errors import AccessError, JiazhaoError, Kind
from jiazhao.http.access import Actor, Permission, Role, demands
from jiazhao.http.gate import Gate, actor_of_request, token_of
from jiazhao.http.limits import LANE, Lane
from jiazhao.http.openapi import ANSWERS, PAGE, REFUSES, redirect
from jiazhao.http.problems import PROBLEM, RETRY_AFTER_SECONDS, STATUS, new_trace, note
from jiazhao.http.sessions import SessionCookies
from jiazhao.identity import own_passkeys, pages
from jiazhao.identity.attempt import ATTEMPT_SECONDS
from jiazhao.identity.client_key import public_jwk
from jiazhao.identity.key_messages import (
    EnrolmentView,
    KeyList,
    KeyName,
    KeyView,
    PasskeyMade,
    PasskeyOptions,
    PasskeyShown,
    SecondFactor,
)
from jiazhao.identity.messages import (
    AccountName,
    Banner,
    RoleEnd,
    RoleGrant,
    RoleList,
    RoleView,
    SessionView,
)
from jiazhao.identity.own_passkeys import OwnPasskeys
from jiazhao.identity.own_pin_keys import OwnPinKeys
from jiazhao.identity.permissions import may, may_claim_until
from jiazhao.identity.pin_messages import (
    PinChallenge,
    PinKeyList,
    PinKeyMade,
    PinKeyView,
    PinShown,
)
from jiazhao.identity.recovery import Recoveries
from jiazhao.identity.recovery_messages import (
    OwnRecoveries,
    RecoveryAsked,
    RecoveryDecision,
    RecoveryList,
    RecoveryName,
)
from jiazhao.identity.roles import Roles
from jiazhao.identity.service import Identity, ProviderAnswer
from jiazhao.licence.legal_day import legal_day

AnyRequest = Request[Any, Any, Any]
MAX_PARAMETER_CHARS = 2048

_REFUSED_ON_A_PAGE = {
    "description": "The sign-in was not completed; the page says why.",
    "content": {**PAGE, PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_LEADS_ELSEWHERE = {
    LANE: Lane.PROOFS,
    ANSWERS: {
        302: redirect("To the identity provider, or back to where the person came from."),
        **dict.fromkeys((400, 403, 503), _REFUSED_ON_A_PAGE),
    },
}

_Text = Annotated[str | None, QueryParameter(max_length=MAX_PARAMETER_CHARS)]


@dataclass(frozen=True, slots=True)
class Door:
    """One origin's application, as these routes know it."""

    app: str
    identity: Identity
    cookies: SessionCookies

    @property
    def passkeys(self) -> OwnPasskeys:
        """The own passkeys at this origin."""
        return OwnPasskeys(self.identity, self.app)

    @property
    def pin_keys(self) -> OwnPinKeys:
        """The own keys with a PIN at this origin."""
        return OwnPinKeys(self.identity, self.app)

    def token(self, request: AnyRequest) -> str | None:
        """The session's token that the request brought."""
        return token_of(request, self.cookies.session)

    def signed_in(self, token: str) -> Response[dict[str, bool]]:
        """The answer that gives the browser a new session."""
        seconds = self.identity.config.session_seconds
        cookie = self.cookies.put(self.cookies.session, token, seconds=seconds)
        return Response({"signed_in": True}, status_code=200, cookies=[cookie])


@get("/session", sync_to_thread=True, opt=demands(Permission.ANYONE))
def session(
    door: NamedDependency[Door], request: AnyRequest, now: NamedDependency[datetime]
) -> SessionView:
    """Who is signed in here, and what every page shows."""
    token = door.token(request)
    actor = door.identity.actor_of(door.app, token, now) if token else None
    config = door.identity.config
    return SessionView(
        signed_in=actor is not None,
        name=actor.name if actor else None,
        roles=sorted(actor.roles) if actor else [],
        authenticated_at=actor.authenticated_at if actor else None,
        may_claim_until=_may_claim_until(door, actor, now),
        second_factor=_second_factor(door, actor, now),
        environment=config.environment,
        banner=_banner(now) if config.is_demo else None,
        server_time=now,
    )


@get("/sign-in", sync_to_thread=True, opt=demands(Permission.ANYONE, **_LEADS_ELSEWHERE))
def begin(
    door: NamedDependency[Door],
    request: AnyRequest,
    now: NamedDependency[datetime],
    return_to: Annotated[
        str | None, QueryParameter(name="return", max_length=MAX_PARAMETER_CHARS)
    ] = None,
    fresh: FromQuery[bool] = False,
) -> Response[Any]:
    """Send the browser to the identity provider."""
    name = door.cookies.sign_in
    try:
        begun = door.identity.begin(
            door.app,
            return_to=return_to,
            fresh=fresh,
            secret=request.cookies.get(name),
            now=now,
        )
    except AccessError as error:
        return _failed(request, error)
    cookie = door.cookies.put(name, begun.secret, seconds=ATTEMPT_SECONDS)
    return Response(None, status_code=302, headers={"location": begun.url}, cookies=[cookie])


@get("/sign-in/callback", sync_to_thread=True, opt=demands(Permission.ANYONE, **_LEADS_ELSEWHERE))
def finish(
    door: NamedDependency[Door],
    request: AnyRequest,
    now: NamedDependency[datetime],
    returned_state: Annotated[
        str | None, QueryParameter(name="state", max_length=MAX_PARAMETER_CHARS)
    ] = None,
    code: _Text = None,
    iss: _Text = None,
    error: _Text = None,
) -> Response[Any]:
    """Take the browser back from the identity provider."""
    cookies = door.cookies
    try:
        signed_in = door.identity.finish(
            door.app,
            ProviderAnswer(state=returned_state, code=code, iss=iss, error=error),
            secret=request.cookies.get(cookies.sign_in),
            former_token=door.token(request),
            now=now,
        )
    except AccessError as refusal:
        return _failed(request, refusal)
    seconds = door.identity.config.session_seconds
    return Response(
        None,
        status_code=302,
        headers={"location": signed_in.return_to},
        cookies=[
            cookies.put(cookies.session, signed_in.token, seconds=seconds),
            cookies.remove(cookies.sign_in),
        ],
    )


@get("/sign-in/keys", sync_to_thread=False, opt=demands(Permission.ANYONE))
def client_keys(door: NamedDependency[Door]) -> dict[str, list[dict[str, Any]]]:
    """The public key with which we ask the provider: what it registers as `jwks_uri`."""
    return {"keys": [public_jwk(door.identity.client_key)]}


@post("/sign-out", status_code=200, sync_to_thread=True, opt=demands(Permission.ANYONE))
def sign_out(door: NamedDependency[Door], request: AnyRequest) -> Response[dict[str, bool]]:
    """End this session; signing out twice is no error."""
    token = door.token(request)
    if token:
        door.identity.sign_out(token)
    return _signed_out(door)


@post(
    "/sign-out/everywhere", status_code=200, sync_to_thread=True, opt=demands(Permission.SIGNED_IN)
)
def sign_out_everywhere(
    door: NamedDependency[Door], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[dict[str, bool]]:
    """End all sessions of the person who asks, also those of a lost device."""
    door.identity.end_sessions(actor.account_id, now)
    return _signed_out(door)


# -- own passkeys

_KEY_BYTES = 32 * 1024
_PROOF = {LANE: Lane.PROOFS}


@get("/identity/passkeys", sync_to_thread=True, opt=demands(Permission.SIGNED_IN))
def list_passkeys(
    door: NamedDependency[Door],
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> KeyList:
    """The passkeys that the person who asks has at this origin."""
    return door.passkeys.own(actor, door.token(request), now)


@post(
    "/identity/passkeys/options",
    status_code=200,
    sync_to_thread=True,
    opt=demands(Permission.SIGNED_IN, **_PROOF, **{REFUSES: (Kind.CONFLICT,)}),
)
def passkey_options(
    door: NamedDependency[Door], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> PasskeyOptions:
    """What the browser needs to make a passkey."""
    return door.passkeys.creation(actor, now)


@post(
    "/identity/passkeys",
    sync_to_thread=True,
    request_max_body_size=_KEY_BYTES,
    opt=demands(Permission.SIGNED_IN, **_PROOF, **{REFUSES: (Kind.CONFLICT,)}),
)
def register_passkey(
    data: JSONBody[PasskeyMade],
    door: NamedDependency[Door],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> KeyView:
    """Keep a passkey that the browser made."""
    return door.passkeys.register(data, actor=actor, now=now)


@post(
    "/identity/passkeys/remove",
    status_code=200,
    sync_to_thread=True,
    opt=demands(Permission.SIGNED_IN, **{REFUSES: (Kind.CONFLICT, Kind.NOT_FOUND)}),
)
def remove_passkey(
    data: JSONBody[KeyName],
    door: NamedDependency[Door],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> dict[str, bool]:
    """End a passkey and the sessions that it opened."""
    door.passkeys.remove(data.key_id, actor=actor, now=now)
    return {"removed": True}


@post(
    "/sign-in/passkey/options",
    status_code=200,
    sync_to_thread=True,
    opt=demands(Permission.ANYONE, **_PROOF),
)
def passkey_sign_in_options(
    door: NamedDependency[Door], now: NamedDependency[datetime]
) -> PasskeyOptions:
    """What the browser needs to find a passkey of this origin."""
    return door.passkeys.sign_in_request(now)


@post(
    "/sign-in/passkey",
    status_code=200,
    sync_to_thread=True,
    request_max_body_size=_KEY_BYTES,
    opt=demands(Permission.ANYONE, **_PROOF),
)
def passkey_sign_in(
    data: JSONBody[PasskeyShown],
    door: NamedDependency[Door],
    request: AnyRequest,
    now: NamedDependency[datetime],
) -> Response[dict[str, bool]]:
    """Sign in with a passkey."""
    return door.signed_in(door.passkeys.sign_in(data, former_token=door.token(request), now=now))


@get("/identity/pin-keys", sync_to_thread=True, opt=demands(Permission.SIGNED_IN))
def list_pin_keys(
    door: NamedDependency[Door],
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> PinKeyList:
    """The keys with a PIN of the person who asks."""
    return door.pin_keys.own(actor, door.token(request), now)


@post(
    "/identity/pin-keys/challenge",
    status_code=200,
    sync_to_thread=True,
    opt=demands(Permission.SIGNED_IN, **_PROOF, **{REFUSES: (Kind.CONFLICT,)}),
)
def pin_key_challenge(
    door: NamedDependency[Door], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> PinChallenge:
    """What a new key of a phone signs."""
    return door.pin_keys.registration(actor, now)


@post(
    "/identity/pin-keys",
    sync_to_thread=True,
    opt=demands(Permission.SIGNED_IN, **_PROOF, **{REFUSES: (Kind.CONFLICT, Kind.REFUSED)}),
)
def register_pin_key(
    data: JSONBody[PinKeyMade],
    door: NamedDependency[Door],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> PinKeyView:
    """Keep a phone's key with its PIN."""
    return door.pin_keys.register(data, actor=actor, now=now)


@post(
    "/identity/pin-keys/remove",
    status_code=200,
    sync_to_thread=True,
    opt=demands(Permission.SIGNED_IN, **{REFUSES: (Kind.NOT_FOUND,)}),
)
def remove_pin_key(
    data: JSONBody[KeyName],
    door: NamedDependency[Door],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> dict[str, bool]:
    """End a key with a PIN and the sessions that it opened."""
    door.pin_keys.remove(data.key_id, actor=actor, now=now)
    return {"removed": True}


@post(
    "/sign-in/pin/challenge",
    status_code=200,
    sync_to_thread=True,
    opt=demands(Permission.ANYONE, **_PROOF),
)
def pin_sign_in_challenge(
    door: NamedDependency[Door], now: NamedDependency[datetime]
) -> PinChallenge:
    """What the phone's key signs."""
    return door.pin_keys.sign_in_request(now)


@post(
    "/sign-in/pin",
    status_code=200,
    sync_to_thread=True,
    opt=demands(Permission.ANYONE, **_PROOF),
)
def pin_sign_in(
    data: JSONBody[PinShown],
    door: NamedDependency[Door],
    request: AnyRequest,
    now: NamedDependency[datetime],
) -> Response[dict[str, bool]]:
    """Sign in with the phone's key and the PIN."""
    return door.signed_in(door.pin_keys.sign_in(data, former_token=door.token(request), now=now))


@post(
    "/sign-in/second-factor/options",
    status_code=200,
    sync_to_thread=True,
    opt=demands(Permission.SIGNED_IN, **_PROOF),
)
def second_factor_options(
    door: NamedDependency[Door], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> PasskeyOptions:
    """What the browser needs to show one of the person's own passkeys."""
    return door.passkeys.second_factor_request(actor, now)


@post(
    "/sign-in/second-factor",
    status_code=200,
    sync_to_thread=True,
    request_max_body_size=_KEY_BYTES,
    opt=demands(Permission.SIGNED_IN, **_PROOF),
)
def second_factor(
    data: JSONBody[PasskeyShown],
    door: NamedDependency[Door],
    request: AnyRequest,
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> Response[dict[str, bool]]:
    """Give this session its second factor, and a new token."""
    token = door.token(request) or ""
    return door.signed_in(door.passkeys.show_second_factor(data, actor=actor, token=token, now=now))


# -- at the console


@get("/identity/roles", sync_to_thread=True, opt=demands(Permission.GRANT_ROLES))
def list_roles(door: NamedDependency[Door]) -> RoleList:
    """The roles that people have now."""
    return Roles(door.identity).live()


@post(
    "/identity/roles",
    sync_to_thread=True,
    opt=demands(Permission.GRANT_ROLES, **{REFUSES: (Kind.CONFLICT,)}),
)
def grant_role(
    data: JSONBody[RoleGrant],
    door: NamedDependency[Door],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> RoleView:
    """Give a person a role."""
    return Roles(door.identity).grant(data, actor=actor, now=now)


@post(
    "/identity/roles/end",
    status_code=200,
    sync_to_thread=True,
    opt=demands(Permission.GRANT_ROLES, **{REFUSES: (Kind.NOT_FOUND,)}),
)
def end_role(
    data: JSONBody[RoleEnd],
    door: NamedDependency[Door],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> dict[str, bool]:
    """End a role."""
    Roles(door.identity).end(data.account_id, data.role, actor=actor, now=now)
    return {"ended": True}


@post(
    "/identity/sessions/end",
    status_code=200,
    sync_to_thread=True,
    opt=demands(Permission.GRANT_ROLES),
)
def end_sessions(
    data: JSONBody[AccountName], door: NamedDependency[Door], now: NamedDependency[datetime]
) -> dict[str, bool]:
    """End all sessions of an account; an unknown one has none."""
    door.identity.end_sessions(data.account_id, now)
    return {"ended": True}


@post(
    "/identity/enrolments",
    sync_to_thread=True,
    opt=demands(Permission.GRANT_ROLES, **{REFUSES: (Kind.NOT_FOUND,)}),
)
def allow_enrolment(
    data: JSONBody[AccountName],
    door: NamedDependency[Door],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> EnrolmentView:
    """Let a member of staff register the first passkey, within a day."""
    return own_passkeys.allow_enrolment(door.identity, data.account_id, actor=actor, now=now)


@get("/identity/recoveries/own", sync_to_thread=True, opt=demands(Permission.SIGNED_IN))
def list_own_recoveries(
    door: NamedDependency[Door], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> OwnRecoveries:
    """What staff asked and decided of the account of the person who asks."""
    return Recoveries(door.identity).own(actor, now)


@get("/identity/recoveries", sync_to_thread=True, opt=demands(Permission.READ_RECOVERIES))
def list_recoveries(
    door: NamedDependency[Door], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> RecoveryList:
    """The requests that wait for a second person, and those decided last."""
    return Recoveries(door.identity).listed(actor, now)


@post(
    "/identity/recoveries",
    status_code=200,
    sync_to_thread=True,
    opt=demands(
        Permission.ASK_FOR_RECOVERY,
        **{REFUSES: (Kind.NOT_FOUND, Kind.CONFLICT, Kind.REFUSED)},
    ),
)
def ask_for_recovery(
    data: JSONBody[RecoveryAsked],
    door: NamedDependency[Door],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> RecoveryList:
    """Ask that all passkeys and PINs of a person who was seen be ended."""
    return Recoveries(door.identity).ask(data, actor=actor, now=now)


@post(
    "/identity/recoveries/decisions",
    status_code=200,
    sync_to_thread=True,
    opt=demands(Permission.DECIDE_RECOVERY, **{REFUSES: (Kind.NOT_FOUND, Kind.CONFLICT)}),
)
def decide_recovery(
    data: JSONBody[RecoveryDecision],
    door: NamedDependency[Door],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> RecoveryList:
    """Approve or refuse what somebody else asked."""
    return Recoveries(door.identity).decide(data, actor=actor, now=now)


@post(
    "/identity/recoveries/withdrawal",
    status_code=200,
    sync_to_thread=True,
    opt=demands(Permission.ASK_FOR_RECOVERY, **{REFUSES: (Kind.NOT_FOUND, Kind.CONFLICT)}),
)
def withdraw_recovery(
    data: JSONBody[RecoveryName],
    door: NamedDependency[Door],
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
) -> RecoveryList:
    """Take one's own request back."""
    return Recoveries(door.identity).withdraw(data, actor=actor, now=now)


_EVERYWHERE: list[HTTPRouteHandler] = [
    session,
    begin,
    finish,
    client_keys,
    sign_out,
    sign_out_everywhere,
    list_passkeys,
    passkey_options,
    register_passkey,
    remove_passkey,
    list_own_recoveries,
]
_DRIVERS: list[HTTPRouteHandler] = [
    passkey_sign_in_options,
    passkey_sign_in,
    pin_sign_in_challenge,
    pin_sign_in,
    list_pin_keys,
    pin_key_challenge,
    register_pin_key,
    remove_pin_key,
]
_STAFF: list[HTTPRouteHandler] = [second_factor_options, second_factor]
_AT: Mapping[str, list[HTTPRouteHandler]] = {
    "wallet": _DRIVERS,
    "terminal": _STAFF,
    "console": [
        *_STAFF,
        list_roles,
        grant_role,
        end_role,
        end_sessions,
        allow_enrolment,
        list_recoveries,
        ask_for_recovery,
        decide_recovery,
        withdraw_recovery,
    ],
}


@dataclass(frozen=True, slots=True)
class IdentityDoor:
    """What `app/` adds to the application of one origin."""

    routes: Sequence[Router]
    guard: Guard
    dependencies: Mapping[str, Provide]


def identity_door(identity: Identity, app: str, *, clock: Callable[[], datetime]) -> IdentityDoor:
    """The routes of identity, the gate before all routes, and the dependency `actor`."""
    origin = identity.config.origins[app]
    door = Door(app, identity, SessionCookies(app, origin))
    gate = Gate(
        own_origin=origin,
        cookie=door.cookies.session,
        actor_of=partial(identity.actor_of, app),
        may=may,
        clock=clock,
    )
    handlers = [*_EVERYWHERE, *_AT[app]]
    router = Router(
        "/",
        route_handlers=handlers,
        dependencies={
            "door": Provide(lambda: door, sync_to_thread=False),
            # A function, since the toolkit copies other objects and would copy the clock.
            "now": Provide(lambda: clock(), sync_to_thread=False),
        },
    )
    actor = Provide(actor_of_request, sync_to_thread=False)
    return IdentityDoor([router], gate.guard, {"actor": actor})


def _may_claim_until(door: Door, actor: Actor | None, now: datetime) -> datetime | None:
    if actor is None or Role.DRIVER not in actor.roles:
        return None
    return may_claim_until(actor, now, door.identity.config)


def _second_factor(door: Door, actor: Actor | None, now: datetime) -> SecondFactor:
    return door.passkeys.second_factor_of(actor, now) if actor else SecondFactor.NOT_NEEDED


def _banner(now: datetime) -> Banner:
    day = legal_day(now).isoformat()
    return Banner(
        zh=f"演示系统：人员和证件均为虚构，无任何效力。演示日期 {day}",
        en=f"Demonstration: all people and licences are made up and void. Day shown: {day}",
    )


def _signed_out(door: Door) -> Response[dict[str, bool]]:
    # "cache" only: "storage" would destroy the keys of the wallet, which outlive a session.
    return Response(
        {"signed_in": False},
        headers={"clear-site-data": '"cache"'},
        cookies=[door.cookies.remove(door.cookies.session)],
    )


def _failed(request: AnyRequest, error: JiazhaoError) -> Response[str]:
    """A page for a person, since the browser navigated here."""
    trace = new_trace()
    note(request, error.code.wire, trace)
    headers = {"cache-control": "no-store"}
    if error.kind is Kind.UNAVAILABLE:
        headers["retry-after"] = str(RETRY_AFTER_SECONDS)
    return Response(
        str(pages.sign_in_failed(error, trace)),
        status_code=STATUS[error.kind],
        media_type=MediaType.HTML,
        headers=headers,
    )
