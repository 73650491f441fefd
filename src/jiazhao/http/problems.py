"""One place that turns errors into HTTP: RFC 9457 problem details in Chinese and English.

Unknown errors say nothing but a reference; the log line with that reference has the type.
"""

import re
import secrets
from collections.abc import Mapping
from typing import Any

import msgspec
import structlog
from litestar import MediaType, Request, Response
from litestar.enums import HttpMethod
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.utils import normalize_path

from jiazhao.errors import ErrorCode, JiazhaoError, Kind
from jiazhao.http.logs import place_of

log = structlog.get_logger(__name__)

STATUS = {
    Kind.INVALID: 400,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.REFUSED: 422,
    Kind.METHOD_NOT_ALLOWED: 405,
    Kind.TOO_SLOW: 408,
    Kind.TOO_LARGE: 413,
    Kind.ADDRESS_TOO_LONG: 414,
    Kind.UNSUPPORTED: 415,
    Kind.TOO_MANY: 429,
    Kind.NOT_ACCEPTABLE: 406,
    Kind.NOT_IMPLEMENTED: 501,
    Kind.UNAVAILABLE: 503,
    Kind.INTERNAL: 500,
}
PROBLEM = "application/problem+json"
RETRY_AFTER_SECONDS = 5
NOTED = "jiazhao_problem"
"""Where a request's state says how it was refused."""


class Problem(msgspec.Struct, omit_defaults=True):
    """RFC 9457 with the sentence in both languages."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    zh: str
    en: str
    trace: str
    source: str | None = None


def new_trace() -> str:
    """A reference that a person can read out; it names nobody."""
    return secrets.token_hex(4).upper()


def problem_of(error: JiazhaoError, *, english: bool, trace: str) -> Problem:
    """The problem for a known error."""
    code = error.code
    return Problem(
        type=f"/problems/{code.wire}",
        title=code.wire,
        status=STATUS[code.kind],
        detail=error.en if english else error.zh,
        code=code.wire,
        zh=error.zh,
        en=error.en,
        trace=trace,
        source=str(error.source) if error.source else None,
    )


def prefers_english(request: Request[Any, Any, Any]) -> bool:
    """Chinese unless the person's browser names English before Chinese."""
    accepted = request.headers.get("accept-language", "").lower()
    english, chinese = accepted.find("en"), accepted.find("zh")
    return english >= 0 and (chinese < 0 or english < chinese)


def answer(
    request: Request[Any, Any, Any],
    error: JiazhaoError,
    trace: str,
    members: Mapping[str, Any] | None = None,
) -> Response[bytes]:
    """The HTTP answer for a known error; `members` are added to the document."""
    problem = problem_of(error, english=prefers_english(request), trace=trace)
    note(request, problem.code, trace)
    return Response(
        msgspec.json.encode({**msgspec.to_builtins(problem), **(members or {})}),
        status_code=problem.status,
        media_type=PROBLEM,
        headers={"cache-control": "no-store", **headers_of(error)},
    )


def note(request: Request[Any, Any, Any], code: str, trace: str) -> None:
    """Let the access log have the reference that a person may read out."""
    request.scope["state"][NOTED] = {"code": code, "trace": trace}


def headers_of(error: JiazhaoError) -> dict[str, str]:
    """What programs are told besides: when to try again, and that a slow connection ends."""
    if error.kind in {Kind.TOO_MANY, Kind.UNAVAILABLE}:
        return {"retry-after": error.values.get("seconds", str(RETRY_AFTER_SECONDS))}
    if error.kind is Kind.TOO_SLOW:
        return {"connection": "close"}
    return {}


def on_known_error(request: Request[Any, Any, Any], error: JiazhaoError) -> Response[bytes]:
    """Exception handler for everything that this system raises on purpose."""
    trace = new_trace()
    if error.kind in {Kind.UNAVAILABLE, Kind.INTERNAL}:
        log.error("not_served", trace=trace, exception=place_of(error))
    return answer(request, error, trace)


def on_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """Exception handler for what the framework refuses before a route runs."""
    known = _known(request, error)
    if known.kind is Kind.INTERNAL:
        return on_unknown_error(request, error)
    response = answer(request, known, new_trace())
    if known.kind is Kind.METHOD_NOT_ALLOWED:
        response.headers["allow"] = ", ".join(methods_of(request))
    return response


def methods_of(request: Request[Any, Any, Any]) -> list[str]:
    """The methods that the address takes."""
    methods = {method.value for method in HttpMethod if _takes(request, method)}
    # HEAD is made a GET before the framework looks for a route.
    return sorted(methods | {"HEAD"} if "GET" in methods else methods)


def _takes(request: Request[Any, Any, Any], method: HttpMethod) -> bool:
    path = normalize_path(request.scope["path"])
    try:
        request.app.asgi_router.handle_routing(path=path, method=method.value)
    except HTTPException:
        return False
    return True


def on_unknown_error(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Exception handler for what nobody expected: no details leave, nothing was changed."""
    trace = new_trace()
    # Its place and not itself: whoever renders an exception may show the values in its frames.
    log.error("server_fault", trace=trace, exception=place_of(error))
    return answer(request, JiazhaoError(ErrorCode.SERVER_FAULT, trace=trace), trace)


def _known(request: Request[Any, Any, Any], error: HTTPException) -> JiazhaoError:
    if isinstance(error, NotFoundException):
        return JiazhaoError(ErrorCode.NOT_FOUND)
    if isinstance(error, MethodNotAllowedException):
        return JiazhaoError(ErrorCode.METHOD_NOT_ALLOWED)
    if isinstance(error, RequestEntityTooLarge):
        limit = request.route_handler.resolve_request_max_body_size()
        return JiazhaoError(ErrorCode.BODY_TOO_LARGE, limit=str(limit))
    if error.status_code < 500:
        return JiazhaoError(ErrorCode.BAD_REQUEST, field=_field(error))
    return JiazhaoError(ErrorCode.SERVER_FAULT, trace="")


def _field(error: HTTPException) -> str:
    """The name of the field at fault; never its value."""
    extra = error.extra if isinstance(error.extra, list) else []
    names = [str(item.get("key")) for item in extra if isinstance(item, dict) and item.get("key")]
    if names:
        return ", ".join(names)
    path = re.search(r"`(\$[^`]*)`", str(error.detail))
    return path.group(1) if path else "body"


EXCEPTION_HANDLERS: dict[int | type[Exception], Any] = {
    JiazhaoError: on_known_error,
    HTTPException: on_http_error,
    Exception: on_unknown_error,
}
JSON = MediaType.JSON
