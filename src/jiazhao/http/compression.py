"""Compression of the pages' own files, for whoever loads an app over a slow network.

Only of files that are the same for everybody: an answer about a person has secrets beside what
others may choose, and its length would tell of them (BREACH, CVE-2013-3587). A file is compressed
when it is first asked for and kept in memory. Sources: RFC 9110 sections 8.4 and 12.5.3; RFC 1952.
"""

import gzip
from functools import lru_cache

from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

_PAGE_AND_WORKER = frozenset({"/", "/service-worker.js"})
_FILES = "/assets/"
_TEXTS = ("text/", "image/svg+xml", "application/wasm", "application/json")
"""What is not compressed already."""

_KEPT_FILES = 512
"""Several times as many as there are files; they change with a release only."""


class Compression(ASGIMiddleware):
    """Sends the pages' files in gzip to whoever takes it."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Hold back the file until it is whole."""
        path = scope["path"]
        if not (path in _PAGE_AND_WORKER or path.startswith(_FILES)):
            await next_app(scope, receive, send)
            return
        takes_gzip = _takes_gzip(Headers.from_scope(scope).get("accept-encoding", ""))
        start: Message | None = None
        parts: list[bytes] = []

        async def compressed(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                headers = MutableScopeHeaders.from_message(message)
                headers["vary"] = "accept-encoding"
                if takes_gzip and (tag := headers.get("etag")):
                    # One file in other octets has a weak tag (section 8.8.1), also in a 304.
                    headers["etag"] = f"W/{tag}"
                is_text = headers.get("content-type", "").startswith(_TEXTS)
                if takes_gzip and is_text and message["status"] == 200:
                    start = message
                    return
            if start is None or message["type"] != "http.response.body":
                await send(message)
                return
            parts.append(message["body"])
            if message["more_body"]:
                return
            body = _gzip(b"".join(parts))
            headers = MutableScopeHeaders.from_message(start)
            headers["content-encoding"] = "gzip"
            headers["content-length"] = str(len(body))
            await send(start)
            await send({"type": "http.response.body", "body": body, "more_body": False})

        await next_app(scope, receive, compressed)


def _takes_gzip(accepted: str) -> bool:
    """Whether gzip is named, and not with a quality of nothing."""
    for each in accepted.split(","):
        coding, _, quality = each.replace(" ", "").partition(";")
        if coding.lower() == "gzip":
            return quality.rstrip("0.") != "q="
    return False


@lru_cache(maxsize=_KEPT_FILES)
def _gzip(octets: bytes) -> bytes:
    return gzip.compress(octets, mtime=0)
