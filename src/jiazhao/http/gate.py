"""The gate before every route: who asks, may they, and does their own page ask.

It runs before the body is read. A route that names no permission is refused when the system
starts, and closed if it is reached all the same.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anyio import to_thread
from litestar import Litestar, Request
from litestar.connection import ASGIConnection
from litestar.handlers import ASGIRouteHandler, HTTPRouteHandler
from litestar.handlers.base import BaseRouteHandler
from litestar.routes import HTTPRoute

from jiazhao.errors import AccessError, ConfigurationError, ErrorCode
from jiazhao.http.access import Actor, Permission, permission_of
from jiazhao.http.headers import refuse_foreign_pages

Connection = ASGIConnection[Any, Any, Any, Any]

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
"""256 bits in base64url; anything else does not reach the store."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What the gate of one origin asks; `may` raises `AccessError` where the answer is no."""

    own_origin: str
    cookie: str
    actor_of: Callable[[str, datetime], Actor | None]
    may: Callable[[Permission, Actor | None], None]
    clock: Callable[[], datetime]

    async def guard(self, connection: Connection, handler: BaseRouteHandler) -> None:
        """Guard of the whole application; leaves the actor in the connection's scope."""
        if _is_method_list(handler):
            return
        if isinstance(connection, Request):
            refuse_foreign_pages(connection, own_origin=self.own_origin)
        permission = permission_of(handler.opt)
        if permission is None:
            raise AccessError(ErrorCode.NOT_ALLOWED)
        if permission is Permission.ANYONE:
            return
        token = token_of(connection, self.cookie)
        actor = await to_thread.run_sync(self.actor_of, token, self.clock()) if token else None
        self.may(permission, actor)
        connection.scope["user"] = actor


def token_of(connection: Connection, cookie: str) -> str | None:
    """The session's token, if the request brought one that could be ours."""
    token = connection.cookies.get(cookie, "")
    return token if _TOKEN.fullmatch(token) else None


def actor_of_request(request: Request[Any, Any, Any]) -> Actor:
    """Dependency `actor`: who passed the gate."""
    actor: Actor = request.user
    return actor


def check_routes(app: Litestar) -> None:
    """Refuse to start while a route names no permission; raises `ConfigurationError`."""
    for name, permission in routes_of(app):
        if permission is None:
            raise ConfigurationError(ErrorCode.ROUTE_WITHOUT_PERMISSION, route=name)


def routes_of(app: Litestar) -> Iterator[tuple[str, Permission | None]]:
    """Every route as "METHOD /path" with the permission that it demands."""
    for route in app.routes:
        handlers = route.route_handlers if isinstance(route, HTTPRoute) else [route.route_handler]
        for handler in handlers:
            if _is_method_list(handler):
                continue
            for method in _methods(handler):
                yield f"{method} {route.path_format}", permission_of(handler.opt)


def _methods(handler: BaseRouteHandler) -> list[str]:
    if isinstance(handler, HTTPRouteHandler):
        return sorted(handler.http_methods)
    return ["ANY" if isinstance(handler, ASGIRouteHandler) else "WEBSOCKET"]


def _is_method_list(handler: BaseRouteHandler) -> bool:
    """Whether this is the framework's own answer to OPTIONS, which says methods and no more."""
    return isinstance(handler, HTTPRouteHandler) and set(handler.http_methods) == {"OPTIONS"}
