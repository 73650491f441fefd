"""Bodies of requests, read strictly: JSON of the named type, with nothing twice and nothing more.

The framework's own reading keeps the last of two members with one name, takes "1" for 1, and
does not ask what the content says it is. Two readers that differ so can be set against each
other, so our doors refuse all of it.
"""

import re
from typing import Any, TypeVar

import msgspec
from litestar import Request

from jiazhao.credentials.json_reading import MAX_OCTETS, read_json
from jiazhao.errors import ErrorCode, JiazhaoError, UnreadableError

T = TypeVar("T")

JSON = "application/json"


class StrictRequest(Request[Any, Any, Any]):
    """A request whose JSON is read strictly, as what the handler's `data` is."""

    async def json(self) -> Any:
        """The value of the body, or `UnreadableError`."""
        require_media_type(self, JSON)
        octets = await self.body()
        field = self.route_handler.parsed_data_field
        # Empty content is a missing body, which the framework reports as such.
        # A door may let more in than others do; what it let in is read as a whole.
        most = self.route_handler.resolve_request_max_body_size() or MAX_OCTETS
        return read_as(octets, field.annotation if field else Any, max_octets=most)


def read_as(octets: bytes, kind: type[T], *, max_octets: int = MAX_OCTETS) -> T:
    """The body as a value of `kind`; the error names the place, never the value."""
    value = read_json(octets, "body", max_octets=max_octets)
    _refuse_nul(value)
    try:
        return msgspec.convert(value, kind, strict=True)
    except msgspec.ValidationError as error:
        raise UnreadableError(ErrorCode.BAD_REQUEST, field=_place(error)) from None


def require_media_type(request: Request[Any, Any, Any], *accepted: str) -> None:
    """Refuse content that says it is something else, or nothing at all."""
    media_type, _ = request.content_type
    if media_type.lower() not in accepted:
        raise JiazhaoError(ErrorCode.UNSUPPORTED_MEDIA_TYPE, accepted=", ".join(accepted))


def _refuse_nul(value: object) -> None:
    """No text of ours holds NUL, and a database may not store it."""
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str() as text if "\0" in text:
                raise UnreadableError(ErrorCode.BAD_REQUEST, field="NUL")
            case list() as members:
                waiting += members
            case dict() as members:
                waiting += [*members, *members.values()]
            case _:
                pass


def _place(error: msgspec.ValidationError) -> str:
    found = re.search(r"`(\$[^`]*)`$", str(error))
    return found.group(1) if found else "$"
