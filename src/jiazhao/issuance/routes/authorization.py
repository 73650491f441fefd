"""Doors of the authorization-code grant: a wallet's pushed request, and the driver's agreement.

The wallet's door takes no cookie. The driver's pages do, and their form is taken from the own
page only: agreeing gives a licence away.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from litestar import MediaType, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter, RawBody

from jiazhao.config import Config
from jiazhao.errors import AccessError, ErrorCode, JiazhaoError, Kind, RegisterError
from jiazhao.http import problems
from jiazhao.http.access import Actor, Permission, Role, demands
from jiazhao.http.bodies import require_media_type
from jiazhao.http.gate import token_of
from jiazhao.http.headers import CONTENT_SECURITY_POLICY
from jiazhao.http.limits import LANE, Lane
from jiazhao.http.openapi import ANSWERS, BODY, PAGE, REFUSES, redirect
from jiazhao.http.problems import PROBLEM, STATUS, new_trace, note
from jiazhao.http.sessions import SessionCookies
from jiazhao.identity.permissions import may_claim_until, require_fresh
from jiazhao.identity.service import Identity
from jiazhao.issuance import pages
from jiazhao.issuance.authorization import read_client
from jiazhao.issuance.authorizing import Authorizations
from jiazhao.issuance.client_authentication import ClientAuthentication
from jiazhao.issuance.messages import PushedAuthorizationResponse
from jiazhao.issuance.offering import ClaimRefused
from jiazhao.issuance.possession import Possession
from jiazhao.issuance.protocol import ProtocolError
from jiazhao.issuance.routes.requests import (
    FORM,
    NO_STORE,
    REFUSED_AS_IN_THE_TEXT,
    client_of,
    next_challenge,
    next_nonce,
    proofs_of,
    read_form,
)
from jiazhao.registry.routes import holder_of

AnyRequest = Request[Any, Any, Any]
MAX_BODY = 16 * 1024
MAX_REFERENCE_CHARS = 64

_TEXT = {"type": "string"}
_PUSHED_FORM = {
    FORM: {
        "schema": {
            "type": "object",
            "required": ["client_id", "redirect_uri", "response_type", "code_challenge"],
            "properties": {
                "client_id": _TEXT,
                "redirect_uri": _TEXT,
                "response_type": {"const": "code"},
                "code_challenge": _TEXT,
                "code_challenge_method": {"const": "S256"},
                "scope": _TEXT,
                "authorization_details": _TEXT,
                "state": _TEXT,
                "issuer_state": _TEXT,
                "dpop_jkt": _TEXT,
            },
        }
    }
}
_DECISION_FORM = {
    FORM: {
        "schema": {
            "type": "object",
            "required": ["decision"],
            "properties": {"decision": {"enum": ["agree", "refuse"]}},
        }
    }
}
_SAID_ON_A_PAGE = {
    "description": "Nothing was granted; the page says why.",
    "content": {**PAGE, PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_LEADS_TO_THE_PAGE = {
    LANE: Lane.PROOFS,
    ANSWERS: {
        302: redirect("To the page where the driver decides, or back to the wallet."),
        **dict.fromkeys((400, 401, 503), _SAID_ON_A_PAGE),
    },
}
_SHOWS_THE_PAGE = {
    ANSWERS: {
        200: {"description": "Who asks, and the two answers.", "content": PAGE},
        302: redirect("To the sign-in."),
        **dict.fromkeys((400, 403, 503), _SAID_ON_A_PAGE),
    },
}
_LEADS_TO_THE_WALLET = {
    BODY: _DECISION_FORM,
    ANSWERS: {
        303: redirect("Back to the wallet, with the code or with the refusal."),
        **dict.fromkeys((400, 403, 422, 503), _SAID_ON_A_PAGE),
    },
}

_Parameter = Annotated[str | None, QueryParameter(max_length=2048)]


@post(
    "/issuance/par",
    status_code=201,
    sync_to_thread=True,
    opt=demands(
        Permission.ANYONE,
        **REFUSED_AS_IN_THE_TEXT,
        **{BODY: _PUSHED_FORM, LANE: Lane.PROOFS, REFUSES: (Kind.UNAUTHENTICATED,)},
    ),
    request_max_body_size=MAX_BODY,
)
def push(
    request: AnyRequest,
    body: RawBody,
    authorizations: NamedDependency[Authorizations],
    possession: NamedDependency[Possession],
    client_authentication: NamedDependency[ClientAuthentication],
    now: NamedDependency[datetime],
) -> Response[PushedAuthorizationResponse]:
    """Pushed authorization requests (RFC 9126)."""
    require_media_type(request, FORM)
    form = read_form(body)
    proofs = proofs_of(request)
    # A proof is welcome here and not demanded: it is the token that gets bound.
    dpop_jkt = possession.proven(proofs, path=request.url.path, now=now) if proofs else None
    client = client_of(request, client_authentication, form, now)
    pushed = authorizations.push(form, dpop_jkt, now, client)
    return Response(
        PushedAuthorizationResponse(pushed.request_uri, pushed.expires_in),
        headers={
            **NO_STORE,
            **next_nonce(possession, dpop_jkt, now),
            **next_challenge(client_authentication, client, now),
        },
    )


@get("/authorize", sync_to_thread=True, opt=demands(Permission.ANYONE, **_LEADS_TO_THE_PAGE))
def authorize(
    request: AnyRequest,
    authorizations: NamedDependency[Authorizations],
    config: NamedDependency[Config],
    now: NamedDependency[datetime],
    client_id: _Parameter = None,
    request_uri: _Parameter = None,
) -> Response[Any]:
    """Authorization endpoint (RFC 6749 section 3.1): a request that was pushed, by its name."""
    try:
        if request_uri is not None:
            reference = authorizations.find(client_id or "", request_uri, now)
        elif config.pushed_authorization_required:
            raise AccessError(ErrorCode.AUTHORIZATION_LAPSED)
        else:
            return _take(dict(request.query_params), authorizations, config, now)
    except JiazhaoError as error:
        return _failed(request, error)
    return _lead(f"/agreements/{reference}")


def _take(
    query: Mapping[str, str], authorizations: Authorizations, config: Config, now: datetime
) -> Response[Any]:
    """A request with all its parameters in the address; a fault goes back to the wallet."""
    try:
        _, redirect_uri = read_client(query, authorizations.rules, attested=False)
    except ProtocolError as error:
        raise AccessError(ErrorCode.WALLET_NOT_KNOWN) from error
    try:
        return _lead(f"/agreements/{authorizations.push(query, None, now).reference}")
    except ProtocolError as error:
        said = {
            "error": error.error.value,
            "error_description": error.description,
            "iss": config.public_url,
            **({"state": query["state"]} if "state" in query else {}),
        }
        return _lead(f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{urlencode(said)}")


@get(
    "/agreements/{reference:str}",
    sync_to_thread=True,
    opt=demands(Permission.ANYONE, **_SHOWS_THE_PAGE),
)
def ask(
    request: AnyRequest,
    reference: FromPath[str],
    authorizations: NamedDependency[Authorizations],
    identity: NamedDependency[Identity],
    config: NamedDependency[Config],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """The page on which the driver decides, after a fresh sign-in."""
    reference = reference[:MAX_REFERENCE_CHARS]
    try:
        asked = authorizations.waiting(reference, now)
        actor = _signed_in(request, identity, config, now)
        if actor is None:
            back = quote(f"/agreements/{quote(reference)}")
            return _lead(f"/sign-in?fresh=true&return={back}")
        require_fresh(actor, now, config)
        if Role.DRIVER not in actor.roles:
            raise AccessError(ErrorCode.NOT_ALLOWED)
        prospect = authorizations.prospect(holder_of(actor), now)
    except JiazhaoError as error:
        return _failed(request, error)
    page = pages.agreement(reference, asked, prospect, specimen=config.is_demo)
    target = pages.form_target(asked.redirect_uri)
    return _page(
        page,
        headers={
            # A browser holds the answer to a form to this policy as well, wherever it leads.
            "content-security-policy": CONTENT_SECURITY_POLICY.replace(
                "form-action 'self'", f"form-action 'self' {target}"
            ),
            # Without a referrer a form's origin is "null", and only the own page's is taken.
            "referrer-policy": "same-origin",
        },
    )


@post(
    "/agreements/{reference:str}",
    status_code=303,
    sync_to_thread=True,
    opt=demands(Permission.CLAIM, **_LEADS_TO_THE_WALLET),
    request_max_body_size=1024,
)
def decide(
    request: AnyRequest,
    body: RawBody,
    reference: FromPath[str],
    actor: NamedDependency[Actor],
    authorizations: NamedDependency[Authorizations],
    config: NamedDependency[Config],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """What the driver decided; the browser goes back to the wallet."""
    reference = reference[:MAX_REFERENCE_CHARS]
    require_media_type(request, FORM)
    decision = read_form(body).get("decision")
    if decision not in {"agree", "refuse"}:
        raise JiazhaoError(ErrorCode.BAD_REQUEST, field="decision")
    try:
        if decision == "refuse":
            return _lead(authorizations.refuse(reference, now), status=303)
        require_fresh(actor, now, config)
        return _lead(authorizations.agree(reference, holder_of(actor), now), status=303)
    except (AccessError, ClaimRefused, RegisterError) as error:
        return _failed(request, error)


def _signed_in(
    request: AnyRequest, identity: Identity, config: Config, now: datetime
) -> Actor | None:
    """Who is signed in at the wallet's origin, if that was just now."""
    cookie = SessionCookies("wallet", config.public_url).session
    token = token_of(request, cookie)
    actor = identity.actor_of("wallet", token, now) if token else None
    if actor is None:
        return None
    # A weak proof would stay weak: that one is told, and not sent round in a circle.
    is_old = may_claim_until(actor, now, config) is None
    return None if is_old and _would_be_taken_fresh(actor, config) else actor


def _would_be_taken_fresh(actor: Actor, config: Config) -> bool:
    return not config.identity_required_acr or actor.acr in config.identity_required_acr


def _lead(location: str, *, status: int = 302) -> Response[Any]:
    return Response(None, status_code=status, headers={"location": location, **NO_STORE})


def _page(page: str, headers: Mapping[str, str], status: int = 200) -> Response[str]:
    return Response(
        str(page), status_code=status, media_type=MediaType.HTML, headers={**NO_STORE, **headers}
    )


def _failed(request: AnyRequest, error: JiazhaoError) -> Response[str]:
    """A page for a person, since the browser navigated here."""
    trace = new_trace()
    note(request, error.code.wire, trace)
    return _page(pages.failed(error, trace), problems.headers_of(error), STATUS[error.kind])
