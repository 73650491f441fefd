"""Layers before a whole application, so that they hold for every answer.

The framework's own middleware stands behind the choice of a route: an answer for a page that
does not exist would pass it by.
"""

from litestar import Litestar
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send


def stand_before(app: Litestar, *layers: ASGIMiddleware) -> None:
    """Put `layers` before the application, the first one outermost."""
    for layer in reversed(layers):
        app.asgi_handler = layer(app.asgi_handler)


class HeadAsGet(ASGIMiddleware):
    """Answers HEAD as GET; the server leaves the body out (RFC 9110 section 9.3.2)."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Look at one request."""
        if scope["type"] == ScopeType.HTTP and scope["method"] == "HEAD":
            # A copy: the server looks at its own to know that no body is wanted.
            scope = scope.copy()
            scope["method"] = "GET"
        await next_app(scope, receive, send)
