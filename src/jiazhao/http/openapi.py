"""The description of an origin's doors (OpenAPI 3.1), completed so that it is true.

The framework derives parameters, bodies and answers from the handlers' types. It cannot know
the refusals, which one place makes, nor the bodies that a handler reads itself because a text
gives them their form; those a route names in its `opt`. `tests/journeys/test_openapi.py` holds
every door against its description.
"""

import typing
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Litestar, MediaType, Request, Response, Router, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.routes import BaseRoute, HTTPRoute

from jiazhao.errors import Kind
from jiazhao.http.access import Permission, demands, permission_of
from jiazhao.http.headers import SAFE_METHODS, WALLET_FACING
from jiazhao.http.limits import lane_of
from jiazhao.http.problems import PROBLEM, STATUS, Problem

PATH = "/openapi.json"

BODY = "openapi_body"
"""Key of `opt`: the request body of a route that reads it itself, schema by media type."""

ANSWERS = "openapi_answers"
"""Key of `opt`: answers by status, where the handler's type does not say them."""

REFUSES = "openapi_refuses"
"""Key of `opt`: kinds of refusals beside those that follow from what the route demands."""

REFUSALS = "openapi_refusals"
"""Key of `opt`: media type and schema of a route whose refusals are not problem documents."""

BEARER = "openapi_bearer"
"""Key of `opt`: True where an access token is demanded instead of a session."""

_TEXT = {"type": "string"}
OAUTH_ERROR = {
    "type": "object",
    "required": ["error", "error_description"],
    "properties": {"error": _TEXT, "error_description": _TEXT},
}
"""RFC 6749 section 5.2."""

PAGE = {"text/html": {"schema": _TEXT}}
"""Content of an answer that is read by a person."""

_PROBLEM_SCHEMA = {"$ref": "#/components/schemas/Problem"}
_RETRY_AFTER = {"Retry-After": {"description": "Seconds", "schema": {"type": "string"}}}


def redirect(description: str) -> Mapping[str, Any]:
    """The description of an answer that sends the browser elsewhere."""
    return {
        "description": description,
        "headers": {"Location": {"required": True, "schema": {"type": "string"}}},
    }


class _NoPages(Router):
    """Where the framework would add pages of its own: the description has one address."""

    def register(self, value: Any) -> list[BaseRoute]:
        """Take nothing."""
        return []


def description(application: str, version: str) -> OpenAPIConfig:
    """The configuration from which the framework derives its part."""
    return OpenAPIConfig(
        title=f"Jiazhao {application}",
        version=version,
        use_handler_docstrings=True,
        openapi_router=_NoPages(path="/", route_handlers=[]),
    )


def openapi_route(*, cookie: str) -> HTTPRouteHandler:
    """GET /openapi.json; `cookie` is the name of the session's cookie at this origin."""
    rendered: list[bytes] = []

    @get(PATH, sync_to_thread=False, include_in_schema=False, opt=demands(Permission.ANYONE))
    def openapi(request: Request[Any, Any, Any]) -> Response[bytes]:
        """The description of this origin's doors."""
        if not rendered:  # It does not change while we run.
            rendered.append(msgspec.json.encode(completed(request.app, cookie=cookie)))
        return Response(rendered[0], media_type=MediaType.JSON)

    return openapi


def completed(app: Litestar, *, cookie: str) -> dict[str, Any]:
    """What the framework derived, made true."""
    schema = app.openapi_schema.to_schema()
    handlers = dict(_handlers(app))
    for path, item in schema.get("paths", {}).items():
        for method, operation in item.items():
            if (handler := handlers.get((path, method.upper()))) is not None:
                _complete(operation, path, method.upper(), handler)
    components = schema.setdefault("components", {})
    components.setdefault("schemas", {}).update(_schemas(handlers.values()))
    components["securitySchemes"] = {
        "session": {"type": "apiKey", "in": "cookie", "name": cookie},
        "accessToken": {"type": "http", "scheme": "bearer"},
    }
    return schema


def _handlers(app: Litestar) -> Iterator[tuple[tuple[str, str], HTTPRouteHandler]]:
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                for method in handler.http_methods:
                    yield (route.path_format, str(method)), handler


# -- one operation


def _complete(operation: dict[str, Any], path: str, method: str, handler: HTTPRouteHandler) -> None:
    opt = handler.opt
    if BODY in opt:
        operation["requestBody"] = {"required": True, "content": opt[BODY]}
    if BEARER in opt:
        operation["security"] = [{"accessToken": []}]
    permission = permission_of(opt) or Permission.ANYONE
    if permission is not Permission.ANYONE:
        operation["security"] = [{"session": []}]
    operation["x-permission"] = permission.value
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _without_null(parameter["schema"])
    answers = {
        status: _with_content(answer)
        for status, answer in operation.get("responses", {}).items()
        if status < "400"
    }
    answers = {str(k): v for k, v in opt[ANSWERS].items()} if ANSWERS in opt else answers
    kinds = _refusals(path, method, handler, has_body="requestBody" in operation)
    refused = {str(STATUS[kind]): _refusal(STATUS[kind], opt) for kind in kinds}
    # Refused by the connection, before there is a route (`http/connections.py`).
    before = {"431": _refusal(431, {})}
    failed = {"5XX": _refusal(503, {})}
    # A status that a person is shown as a page keeps what the route says of it.
    operation["responses"] = {**refused, **before, **failed, **answers}


def _refusals(
    path: str, method: str, handler: HTTPRouteHandler, *, has_body: bool
) -> Iterator[Kind]:
    """What the way to the handler refuses, and what the route names."""
    yield Kind.INVALID
    yield Kind.ADDRESS_TOO_LONG
    if lane_of(handler) is not None:
        yield Kind.TOO_MANY
    if permission_of(handler.opt) is not Permission.ANYONE:
        yield from (Kind.UNAUTHENTICATED, Kind.FORBIDDEN)
    if method not in SAFE_METHODS and not path.startswith(WALLET_FACING):
        yield Kind.FORBIDDEN
    if has_body:
        yield Kind.TOO_SLOW
        if REFUSALS not in handler.opt:
            yield from (Kind.TOO_LARGE, Kind.UNSUPPORTED)
    yield from handler.opt.get(REFUSES, ())


def _refusal(status: int, opt: Mapping[str, Any]) -> dict[str, Any]:
    content = {PROBLEM: {"schema": _PROBLEM_SCHEMA}}
    if REFUSALS in opt:
        media_type, refusal = opt[REFUSALS]
        content[media_type] = {"schema": refusal}
    described: dict[str, Any] = {"description": HTTPStatus(status).phrase, "content": content}
    if status in {429, 503}:
        described["headers"] = _RETRY_AFTER
    return described


def _with_content(answer: dict[str, Any]) -> dict[str, Any]:
    """What is not JSON has no schema of JSON."""
    for media_type, content in answer.get("content", {}).items():
        if media_type.startswith("text/"):
            content["schema"] = _TEXT
        elif media_type != MediaType.JSON:
            content.pop("schema", None)
    return answer


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter is there or not; its text is never null."""
    choices = [one for one in schema.get("oneOf", ()) if one != {"type": "null"}]
    if len(choices) != 1:
        return schema
    return {**{key: value for key, value in schema.items() if key != "oneOf"}, **choices[0]}


# -- schemas


def _schemas(handlers: Collection[HTTPRouteHandler]) -> dict[str, Any]:
    """The messages as the codec that reads and writes them describes them."""
    messages: set[type[msgspec.Struct]] = {Problem}
    for handler in handlers:
        signature = handler.parsed_fn_signature
        messages |= set(_messages_in(signature.return_type.annotation))
        if handler.parsed_data_field is not None:
            messages |= set(_messages_in(handler.parsed_data_field.annotation))
    in_order = sorted(messages, key=lambda message: message.__name__)
    _, schemas = msgspec.json.schema_components(
        in_order, ref_template="#/components/schemas/{name}"
    )
    for message in in_order:
        _name_instants(schemas[message.__name__]["properties"], message)
    return schemas


def _messages_in(annotation: Any) -> Iterator[type[msgspec.Struct]]:
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        yield annotation
        for field in msgspec.structs.fields(annotation):
            yield from _messages_in(field.type)
    for inner in typing.get_args(annotation):
        yield from _messages_in(inner)


def _name_instants(properties: dict[str, Any], message: type[msgspec.Struct]) -> None:
    """The codec would take an instant without its offset as well; our doors do not."""
    for field in msgspec.structs.fields(message):
        if datetime in (field.type, *typing.get_args(field.type)):
            described = properties[field.encode_name]
            for choice in described.get("anyOf", [described]):
                if choice.get("type") == "string":
                    choice["format"] = "date-time"
