"""Refusals in the form of the texts."""

from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException

from jiazhao.errors import JiazhaoError, Kind
from jiazhao.http import problems
from jiazhao.issuance.possession import challenge
from jiazhao.issuance.protocol import ProtocolError, WireError
from jiazhao.issuance.routes.requests import NO_STORE


def on_protocol_error(
    request: Request[Any, Any, Any], error: ProtocolError
) -> Response[dict[str, str]]:
    """RFC 6749 section 5.2 and OpenID4VCI 1.0 section 8.3.1."""
    headers = {**NO_STORE, **error.headers}
    if error.error is WireError.INVALID_TOKEN:
        scheme = request.headers.get("authorization", "").partition(" ")[0].lower()
        by_key = challenge(error.error)
        by_bearer = f'Bearer error="{error.error.value}"'
        headers["www-authenticate"] = by_key if scheme == "dpop" else f"{by_bearer}, {by_key}"
    return Response(
        {"error": error.error.value, "error_description": error.description},
        status_code=error.status,
        headers=headers,
    )


def on_other_error(request: Request[Any, Any, Any], error: JiazhaoError) -> Response[Any]:
    """What the protocol has no code for: bad input is `invalid_request`, the rest a problem."""
    if error.kind in {Kind.INVALID, Kind.TOO_LARGE, Kind.UNSUPPORTED}:
        return on_protocol_error(
            request, ProtocolError(WireError.INVALID_REQUEST, "The request cannot be read.")
        )
    if error.kind is Kind.TOO_MANY:
        return Response(
            # The code that RFC 6749 has for a server that cannot answer for now.
            {"error": "temporarily_unavailable", "error_description": error.en},
            status_code=problems.STATUS[error.kind],
            headers={**NO_STORE, **problems.headers_of(error)},
        )
    return problems.on_known_error(request, error)


def on_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """What the framework refuses before a door of the protocol is reached."""
    if error.status_code in {400, 413}:
        return on_protocol_error(
            request, ProtocolError(WireError.INVALID_REQUEST, "The request cannot be read.")
        )
    return problems.on_http_error(request, error)
