"""The HTTP door of the demonstration's identity provider."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from litestar import Litestar, MediaType, Request, Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.handlers import HTTPRouteHandler
from litestar.params import URLEncodedBody

from jiazhao.http.access import Permission, demands
from jiazhao.http.front import HeadAsGet, stand_before
from jiazhao.http.gate import check_routes
from jiazhao.http.headers import CONTENT_SECURITY_POLICY, Revalidation, SecurityHeaders
from jiazhao.http.limits import Bounds
from jiazhao.http.problems import EXCEPTION_HANDLERS
from jiazhao.identity.pages import Markup, fill, template
from jiazhao.identity.unsafe_provider import DemoPerson, OAuthError, UnsafeIdentityProvider

_MAX_FORM_BYTES = 16 * 1024
_ANYONE = demands(Permission.ANYONE)

Provider = UnsafeIdentityProvider
AnyRequest = Request[Any, Any, Any]
_Form = URLEncodedBody[dict[str, str]]


@get("/.well-known/openid-configuration", sync_to_thread=False, opt=_ANYONE)
def discovery(provider: NamedDependency[Provider]) -> dict[str, Any]:
    """What the provider offers."""
    return provider.metadata()


@get("/jwks", sync_to_thread=False, opt=_ANYONE)
def jwks(provider: NamedDependency[Provider]) -> dict[str, Any]:
    """The key that verifies ID tokens."""
    return provider.jwks()


@get("/authorize", sync_to_thread=True, opt=_ANYONE)
def ask(
    provider: NamedDependency[Provider], request: AnyRequest, now: NamedDependency[datetime]
) -> Response[str]:
    """The page with the people to pick from."""
    query = dict(request.query_params)
    asked = provider.ask(query, now)
    page = fill(
        template("sign-in.html"),
        {
            "action": "/authorize",
            "transaction_name": "transaction",
            "transaction": provider.transaction(asked),
            "asker": provider.asker(asked),
            "people": _people(provider, query.get("login_hint")),
        },
    )
    return Response(
        str(page),
        media_type=MediaType.HTML,
        headers={"content-security-policy": _policy(asked.redirect_uri)},
    )


@post("/authorize", sync_to_thread=True, opt=_ANYONE)
def pick(
    data: _Form, provider: NamedDependency[Provider], now: NamedDependency[datetime]
) -> Response[None]:
    """The person who was picked; the browser goes back to who asked.

    A foreign page could post here as well: the choice proves nothing anyway, and the answer
    opens only in the browser that began the sign-in.
    """
    location = provider.pick(data.get("transaction", ""), data.get("subject", ""), now)
    return Response(None, status_code=303, headers={"location": location})


@post("/token", status_code=200, sync_to_thread=True, opt=_ANYONE)
def token(
    data: _Form, provider: NamedDependency[Provider], now: NamedDependency[datetime]
) -> Response[dict[str, Any]]:
    """The ID token for a code; errors in the form of RFC 6749, 5.2."""
    try:
        return Response(provider.redeem(data, now))
    except OAuthError as error:
        status = 401 if error.error == "invalid_client" else 400
        return Response({"error": error.error}, status_code=status)


def unsafe_provider_app(
    provider: UnsafeIdentityProvider,
    *,
    clock: Callable[[], datetime],
    static: Sequence[Router | HTTPRouteHandler] = (),
) -> Litestar:
    """The provider's application; `static` are the style sheets that its page asks for."""
    app = Litestar(
        # In a router, which the toolkit copies: a bare handler serves one application only.
        route_handlers=[Router("/", route_handlers=[discovery, jwks, ask, pick, token]), *static],
        dependencies={
            "provider": Provide(lambda: provider, sync_to_thread=False),
            # A function, since the toolkit copies other objects and would copy the clock.
            "now": Provide(lambda: clock(), sync_to_thread=False),
        },
        exception_handlers=EXCEPTION_HANDLERS,
        openapi_config=None,
        request_max_body_size=_MAX_FORM_BYTES,
        logging_config=None,
        debug=False,
    )
    check_routes(app)
    secure = provider.issuer.startswith("https:")
    stand_before(app, HeadAsGet(), SecurityHeaders(secure=secure), Revalidation(), Bounds())
    return app


def _people(provider: UnsafeIdentityProvider, hint: str | None) -> Markup:
    """All people, the hinted one first; it still takes a click."""
    people = sorted(provider.people.values(), key=lambda person: person.subject != hint)
    part = template("person.html")
    return Markup("".join(fill(part, _values(person)) for person in people))


def _values(person: DemoPerson) -> dict[str, str]:
    return {
        "subject": person.subject,
        "name": person.name,
        "role_zh": person.role_zh,
        "role_en": person.role_en,
        "about_zh": person.label_zh,
        "about_en": person.label_en,
    }


def _policy(redirect_uri: str) -> str:
    """The form's answer redirects to who asked, which Chromium counts as a target of the form."""
    parts = urlsplit(redirect_uri)
    origin = f"{parts.scheme}://{parts.netloc}"
    return CONTENT_SECURITY_POLICY.replace("form-action 'self'", f"form-action 'self' {origin}")
