"""Security headers on every answer, and the refusal of foreign pages.

Sources: OWASP ASVS 5.0, 3.4 and 3.5; Fetch Metadata is used as a second sign beside `Origin`.
"""

from typing import Any

from litestar import Request
from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from jiazhao.errors import AccessError, ErrorCode

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types own-scripts"
)
WITH_WASM = f"{CONTENT_SECURITY_POLICY}; script-src 'self' 'wasm-unsafe-eval'"
"""Where the page may run WebAssembly; `eval` of text stays refused (CSP 3, section 2.3.1)."""

FIXED = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "geolocation=(), microphone=(), payment=(), usb=(), camera=(self)",
}
"""Where an answer sets one of these itself, its own value stays."""

WALLET_FACING = ("/.well-known/", "/issuance/", "/status-lists", "/trust/")
"""Doors of OpenID4VCI and status lists: open to wallets and verifiers that we did not write."""

_CORS = {
    # Wallets that run in a browser come from origins we do not know; these doors take bearer
    # tokens, never cookies.
    "access-control-allow-origin": "*",
    "access-control-expose-headers": (
        "retry-after, www-authenticate, dpop-nonce, oauth-client-attestation-challenge"
    ),
    "cross-origin-resource-policy": "cross-origin",
}
_PREFLIGHT = {
    "access-control-allow-methods": "GET, POST",
    # By name: the star that allows all others does not cover Authorization (Fetch, 4.9).
    "access-control-allow-headers": (
        "authorization, content-type, dpop, oauth-client-attestation, oauth-client-attestation-pop"
    ),
    "access-control-max-age": "86400",
}


class SecurityHeaders(ASGIMiddleware):
    """Adds the fixed headers; answers are not stored unless the route says so."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, *, secure: bool, wasm: bool = False) -> None:
        self.secure = secure
        self.fixed = FIXED | ({"content-security-policy": WITH_WASM} if wasm else {})

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Wrap the answer's start."""
        # Noted now: a route of static files shortens the path on its way.
        wallet_facing = scope["path"].startswith(WALLET_FACING)
        preflight = wallet_facing and scope.get("method") == "OPTIONS"

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableScopeHeaders.from_message(message)
                if wallet_facing:
                    headers.update(_CORS)
                if preflight and message["status"] < 300:
                    headers.update(_PREFLIGHT)
                for name, value in self.fixed.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
                headers.setdefault("cross-origin-resource-policy", "same-origin")
                if self.secure:
                    headers["strict-transport-security"] = "max-age=63072000; includeSubDomains"
            await send(message)

        await next_app(scope, receive, with_headers)


class Revalidation(ASGIMiddleware):
    """Answers 304 where the browser has the very file already (RFC 9110 section 13.1.2)."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Compare the tag of the answer with those that the browser has."""
        known = Headers.from_scope(scope).get("if-none-match", "")
        if not known:
            await next_app(scope, receive, send)
            return
        same = False

        async def unless_known(message: Message) -> None:
            nonlocal same
            if message["type"] == "http.response.start" and message["status"] == 200:
                headers = MutableScopeHeaders.from_message(message)
                same = headers.get("etag") in _tags(known)
                if same:
                    message["status"] = 304
                    for name in ("content-length", "content-type", "content-disposition"):
                        if name in headers:
                            del headers[name]
            if same and message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        await next_app(scope, receive, unless_known)


def _tags(known: str) -> set[str]:
    return {tag.strip().removeprefix("W/") for tag in known.split(",")}


def refuse_foreign_pages(request: Request[Any, Any, Any], *, own_origin: str) -> None:
    """Refuse a state-changing call that another site's page made with our cookie.

    On localhost all ports are one site, so `SameSite` alone does not part the origins.
    """
    if request.method in SAFE_METHODS or request.url.path.startswith(WALLET_FACING):
        return
    origin = request.headers.get("origin")
    fetch_site = request.headers.get("sec-fetch-site", "same-origin")
    if origin != own_origin or fetch_site not in {"same-origin", "none"}:
        raise AccessError(ErrorCode.CROSS_ORIGIN)
