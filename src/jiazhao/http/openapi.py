"""The description of an origin's doors (OpenAPI 3.1), completed so that it is true.

The framework derives parameters, bodies and answers from the handlers' types. It cannot know
the refusals, which one place makes, nor the bodies that a handler reads itself because a text
gives them their form; those a route names in its `opt`.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Litestar, MediaType, Request, Response, Router, get
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import OpenAPIRenderPlugin

from jiazhao.http.access import Permission, demands, permission_of
from jiazhao.http.problems import PROBLEM

PATH = "/openapi.json"

BODY = "openapi_body"
"""Key of `opt`: the request body of a route that reads it itself."""

REFUSALS = "openapi_refusals"
"""Key of `opt`: media type and schema of a route whose refusals are not problem documents."""

_TEXT = {"type": "string"}
_PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "zh", "en", "trace"],
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "code": _TEXT,
        "zh": _TEXT,
        "en": _TEXT,
        "trace": _TEXT,
        "source": _TEXT,
    },
}
OAUTH_ERROR = {
    "type": "object",
    "required": ["error", "error_description"],
    "properties": {"error": _TEXT, "error_description": _TEXT},
}
"""RFC 6749 section 5.2."""


class _JsonDescription(OpenAPIRenderPlugin):
    """Gives the completed description as JSON."""

    def __init__(self) -> None:
        super().__init__(path="/json", media_type=MediaType.JSON)
        self._rendered: bytes | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Complete it once; it does not change while we run."""
        if self._rendered is None:
            self._rendered = msgspec.json.encode(completed(openapi_schema, request.app))
        return self._rendered


@get(PATH, sync_to_thread=False, include_in_schema=False, opt=demands(Permission.ANYONE))
def where_tools_look(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The same description where tools look for it."""
    schema = completed(request.app.openapi_schema.to_schema(), request.app)
    return Response(msgspec.json.encode(schema), media_type=MediaType.JSON)


def description(application: str, version: str) -> OpenAPIConfig:
    """The configuration that serves the description of one origin."""
    return OpenAPIConfig(
        title=f"Jiazhao {application}",
        version=version,
        use_handler_docstrings=True,
        path="/openapi",
        render_plugins=[_JsonDescription()],
        openapi_router=Router(path="/openapi", route_handlers=[], opt=demands(Permission.ANYONE)),
    )


def completed(schema: dict[str, Any], app: Litestar) -> dict[str, Any]:
    """Add refusals, self-read bodies and who may call."""
    opts = _opts(app)
    for path, item in schema.get("paths", {}).items():
        for method, operation in item.items():
            opt = opts.get((path, method.upper()))
            if isinstance(operation, dict) and opt is not None:
                _complete(operation, opt)
    schema.setdefault("components", {})["securitySchemes"] = {
        "session": {"type": "apiKey", "in": "cookie", "name": "session"}
    }
    return schema


def _complete(operation: dict[str, Any], opt: Mapping[str, Any]) -> None:
    responses = operation.setdefault("responses", {})
    responses.pop("400", None)
    media_type, refusal = opt.get(REFUSALS, (PROBLEM, _PROBLEM_SCHEMA))
    responses["default"] = {
        "description": "A refusal, with what to do.",
        "content": {
            media_type: {"schema": refusal},
            **({PROBLEM: {"schema": _PROBLEM_SCHEMA}} if media_type != PROBLEM else {}),
        },
    }
    if BODY in opt:
        operation["requestBody"] = {"required": True, "content": opt[BODY]}
    if permission_of(opt) is not Permission.ANYONE:
        operation["security"] = [{"session": []}]


def _opts(app: Litestar) -> dict[tuple[str, str], Mapping[str, Any]]:
    return {
        (route.path_format, method): handler.opt
        for route in app.routes
        for handler in getattr(route, "route_handlers", [])
        for method in getattr(handler, "http_methods", ())
    }
