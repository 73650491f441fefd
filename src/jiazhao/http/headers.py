"""Security headers on every answer, and the refusal of foreign pages.

Sources: OWASP ASVS 5.0, 3.4 and 3.5; Fetch Metadata is used as a second sign beside `Origin`.
"""

from typing import Any

from litestar import Request
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from jiazhao.errors import AccessError, ErrorCode

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)

_FIXED = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "geolocation=(), microphone=(), payment=(), usb=(), camera=(self)",
}


class SecurityHeaders(ASGIMiddleware):
    """Adds the fixed headers; answers are not stored unless the route says so."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, *, secure: bool) -> None:
        self.secure = secure

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Wrap the answer's start."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableScopeHeaders.from_message(message)
                for name, value in _FIXED.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
                if scope["path"].startswith(WALLET_FACING):
                    # Wallets that run in a browser come from origins we do not know; these
                    # doors take bearer tokens, never cookies.
                    headers["access-control-allow-origin"] = "*"
                    headers["cross-origin-resource-policy"] = "cross-origin"
                else:
                    headers.setdefault("cross-origin-resource-policy", "same-origin")
                if self.secure:
                    headers["strict-transport-security"] = "max-age=63072000; includeSubDomains"
            await send(message)

        await next_app(scope, receive, with_headers)


WALLET_FACING = ("/.well-known/", "/issuance/", "/status-lists/", "/trust/")
"""Doors of OpenID4VCI and status lists: open to wallets and verifiers that we did not write."""


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
