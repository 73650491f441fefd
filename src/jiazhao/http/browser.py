"""A client that comes to the doors as a person's browser does, for `jiazhao smoke` and the gates.

It keeps cookies, names its own origin when it changes something, and follows no redirect by
itself. The server itself never uses it: its one way out is `outbound.py`.
"""

import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2
import msgspec

from jiazhao.errors import ErrorCode, JiazhaoError, UnreadableError

MAX_ANSWER_OCTETS = 8 << 20
"""A status list of millions of copies; more is not an answer of ours."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a door answered; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    def json(self) -> Any:
        """The body as JSON; raises `UnreadableError`."""
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, RecursionError) as error:
            raise UnreadableError(
                ErrorCode.UNREADABLE, what=urlsplit(self.url).path, reason="JSON"
            ) from error


class NoAnswerError(JiazhaoError):
    """Nothing came back, or not within bounds; whether it was done is not known."""

    def __init__(self, url: str, why: str) -> None:
        answer = f"no answer / 无应答 ({why})"
        super().__init__(ErrorCode.UNEXPECTED_ANSWER, door=url.split("?")[0], answer=answer)


class Browser:
    """One person's browser. `seconds` bounds each step of a request; raises `NoAnswerError`."""

    def __init__(self, *, seconds: float = 30.0) -> None:
        self._client = httpx2.Client(
            timeout=seconds,
            follow_redirects=False,
            trust_env=False,
            # Compressed answers could unpack to more than the limit before it is counted.
            headers={"accept-encoding": "identity"},
        )
        # A browser is put away with its person: nobody has to remember to close it.
        self._closing = weakref.finalize(self, self._client.close)

    def get(self, url: str, *, accept: str = "application/json") -> Reply:
        """Fetch `url`."""
        return self._send("GET", url, {"accept": accept})

    def post_json(self, url: str, body: object, *, bearer: str | None = None) -> Reply:
        """Post JSON, as a page of that origin does, or as a wallet with its access token."""
        headers = {"content-type": "application/json", "origin": _origin(url)}
        if bearer is not None:
            headers["authorization"] = f"Bearer {bearer}"
        return self._send("POST", url, headers, content=msgspec.json.encode(body))

    def post_octets(self, url: str, octets: bytes, media_type: str) -> Reply:
        """Post a file."""
        headers = {"content-type": media_type, "origin": _origin(url)}
        return self._send("POST", url, headers, content=octets)

    def post_form(self, url: str, form: Mapping[str, str]) -> Reply:
        """Post a form."""
        return self._send("POST", url, {"origin": _origin(url)}, data=dict(form))

    def close(self) -> None:
        """Close all connections."""
        self._closing()

    def _send(self, method: str, url: str, headers: Mapping[str, str], **body: Any) -> Reply:
        try:
            with self._client.stream(method, url, headers=dict(headers), **body) as response:
                return Reply(response.status_code, response.headers, _read(response), url)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise NoAnswerError(url, type(error).__name__) from error


def _read(response: httpx2.Response) -> bytes:
    body = bytearray()
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > MAX_ANSWER_OCTETS:
            raise NoAnswerError(str(response.url), "too large")
    return bytes(body)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
