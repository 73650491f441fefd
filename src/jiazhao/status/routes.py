"""The doors of status lists (Token Status List, draft 20, section 8) and of the snapshot.

Lists are public, and cacheable. The snapshot of the whole country is for officers' terminals.
"""

import gzip
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import File

from jiazhao.credentials.status_snapshot import SNAPSHOT_TYPE
from jiazhao.errors import ErrorCode, JiazhaoError, Kind
from jiazhao.http.access import Permission, demands
from jiazhao.http.openapi import ANSWERS, REFUSES
from jiazhao.status.messages import Aggregation, TokenForm
from jiazhao.status.service import StatusLists
from jiazhao.status.snapshots import StatusSnapshots

_MEDIA_TYPES = {form.media_type: form for form in TokenForm}


_TOKENS = {"description": "The signed list.", "content": {name: {} for name in _MEDIA_TYPES}}
_DESCRIBED = {
    ANSWERS: {200: _TOKENS, 304: {"description": "The reader has it already."}},
    REFUSES: (Kind.INVALID, Kind.NOT_FOUND, Kind.NOT_ACCEPTABLE, Kind.NOT_IMPLEMENTED),
}


@get("/status-lists", sync_to_thread=True, opt=demands(Permission.ANYONE))
def aggregation(statuses: NamedDependency[StatusLists]) -> Aggregation:
    """Where every list is, for readers who fetch them before they go out of reach."""
    return Aggregation(statuses.published())


@get(
    "/status-lists/{list_id:str}",
    sync_to_thread=True,
    opt=demands(Permission.ANYONE, **_DESCRIBED),
)
def status_list(
    request: Request[Any, Any, Any],
    list_id: FromPath[str],
    statuses: NamedDependency[StatusLists],
    now: NamedDependency[datetime],
    moment: Annotated[str | None, QueryParameter(name="time")] = None,
) -> Response[bytes]:
    """The signed list, as JWT unless the reader asks for CWT; with `time` the one of then."""
    form = _MEDIA_TYPES.get(request.accept.best_match(list(_MEDIA_TYPES), ""))
    if form is None:
        raise JiazhaoError(ErrorCode.STATUS_FORM_UNKNOWN)
    if moment is None:
        return _answer(request, form, statuses.token(list_id, form), statuses)
    return _answer(request, form, statuses.past_token(list_id, form, moment, now), statuses)


def _answer(
    request: Request[Any, Any, Any], form: TokenForm, octets: bytes, statuses: StatusLists
) -> Response[bytes]:
    zipped = form is TokenForm.JWT and "gzip" in request.headers.get("accept-encoding", "")
    headers = {
        "access-control-allow-origin": "*",
        "cache-control": f"public, max-age={int(statuses.ttl.total_seconds())}",
        "etag": f'"{sha256(octets).hexdigest()[:32]}{"-gzip" if zipped else ""}"',
        "vary": "accept, accept-encoding",
    }
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(b"", status_code=304, headers=headers, media_type=form.media_type)
    if zipped:
        headers["content-encoding"] = "gzip"
        octets = gzip.compress(octets, mtime=0)
    return Response(octets, headers=headers, media_type=form.media_type)


routes = Router(path="/", route_handlers=[aggregation, status_list])


_FILE = {"description": "The signed file.", "content": {SNAPSHOT_TYPE: {}}}


@get(
    "/status-snapshots/{name:str}",
    sync_to_thread=True,
    opt=demands(Permission.CHECK, **{ANSWERS: {200: _FILE}, REFUSES: (Kind.NOT_FOUND,)}),
)
def status_snapshot(name: FromPath[str], snapshots: NamedDependency[StatusSnapshots]) -> File:
    """A file of the country's snapshot, named by its SHA-256: it never changes."""
    return File(
        snapshots.read(name),
        media_type=SNAPSHOT_TYPE,
        headers={"cache-control": "private, max-age=604800, immutable"},
    )


terminal_handlers = [status_snapshot]
