"""The one way out: calls to configured hosts, bounded in time and size.

A host is reached only if its origin was named when the system started, over https or on
loopback; redirects are not followed and the environment's proxies are not used. So no request
of a user can make this server call somewhere else (server-side request forgery).
"""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import httpx2

from jiazhao.config import is_acceptable_origin
from jiazhao.errors import ConfigurationError, ErrorCode, JiazhaoError

MAX_ANSWER_BYTES = 1 << 20
"""Discovery documents, keys and tokens have a few kilobytes; more is not one of them."""

_CONNECT_SECONDS = 3.0
_READ_SECONDS = 5.0
_POOL_SECONDS = 2.0
TOTAL_SECONDS = 10.0
"""A person waits this long at most; a host that drips bytes does not hold a thread longer."""

_CONNECTIONS = 8
"""A host that hangs takes this many worker threads at most; the rest keep serving."""


class OutboundError(JiazhaoError):
    """The other host did not answer, or not in bounds; `why` is for the log."""

    def __init__(self, why: str) -> None:
        super().__init__(ErrorCode.SERVICE_UNAVAILABLE)
        self.why = why


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other host said."""

    status: int
    body: bytes


class Outbound:
    """A client for the hosts of `origins` and no others."""

    def __init__(
        self,
        origins: Collection[str],
        *,
        transport: httpx2.BaseTransport | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        for origin in origins:
            if not is_acceptable_origin(origin):
                raise ConfigurationError(
                    ErrorCode.BAD_CONFIGURATION, key=origin, reason="https, or http on loopback"
                )
        self._origins = frozenset(_origin(httpx2.URL(origin)) for origin in origins)
        self._monotonic = monotonic
        self._client = httpx2.Client(
            timeout=httpx2.Timeout(
                connect=_CONNECT_SECONDS,
                read=_READ_SECONDS,
                write=_READ_SECONDS,
                pool=_POOL_SECONDS,
            ),
            limits=httpx2.Limits(max_connections=_CONNECTIONS),
            follow_redirects=False,
            trust_env=False,
            transport=transport,
            # Compressed answers could unpack to more than the limit before it is counted.
            headers={"accept": "application/json", "accept-encoding": "identity"},
        )

    def get(self, url: str, *, authorization: str | None = None) -> Answer:
        """Fetch `url`; raises `OutboundError`."""
        return self._send("GET", url, headers={"authorization": authorization or ""})

    def post_form(
        self, url: str, form: Mapping[str, str], *, authorization: str | None = None
    ) -> Answer:
        """Post a form to `url`; raises `OutboundError`."""
        return self._send("POST", url, form, {"authorization": authorization or ""})

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def _send(
        self,
        method: str,
        url: str,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        self._check(url)
        named = {name: value for name, value in (headers or {}).items() if value}
        until = self._monotonic() + TOTAL_SECONDS
        try:
            with self._client.stream(method, url, data=form, headers=named) as response:
                return Answer(response.status_code, self._read(response, until))
        except httpx2.HTTPError as error:
            raise OutboundError(type(error).__name__) from error

    def _check(self, url: str) -> None:
        try:
            parsed = httpx2.URL(url)
        except (httpx2.InvalidURL, TypeError) as error:
            raise OutboundError("not an address") from error
        if parsed.userinfo or _origin(parsed) not in self._origins:
            raise OutboundError("host is not configured")

    def _read(self, response: httpx2.Response, until: float) -> bytes:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise OutboundError("compressed")
        body = bytearray()
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > MAX_ANSWER_BYTES:
                raise OutboundError("too large")
            if self._monotonic() > until:
                raise OutboundError("too slow")
        return bytes(body)


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    default = {"https": 443, "http": 80}.get(url.scheme)
    return url.scheme, url.host, url.port or default
