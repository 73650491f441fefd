"""The way out leads to configured hosts only, and no answer is larger or slower than allowed."""

import zlib
from collections.abc import Iterator
from itertools import count

import httpx2
import pytest

from jiazhao.errors import ConfigurationError
from jiazhao.http.outbound import MAX_ANSWER_BYTES, TOTAL_SECONDS, Outbound, OutboundError

ORIGIN = "https://id.example"


class Dripping(httpx2.SyncByteStream):
    """A body of many pieces."""

    def __init__(self, piece: bytes, pieces: int) -> None:
        self.piece, self.pieces, self.given = piece, pieces, 0

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(self.pieces):
            self.given += 1
            yield self.piece


def outbound(
    response: httpx2.Response | Exception, *, seconds: Iterator[float] | None = None
) -> tuple[Outbound, list[httpx2.Request]]:
    asked: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        if isinstance(response, Exception):
            raise response
        return response

    clock = seconds if seconds is not None else iter(lambda: 0.0, 1.0)
    client = Outbound(
        {ORIGIN}, transport=httpx2.MockTransport(answer), monotonic=lambda: next(clock)
    )
    return client, asked


def why(client: Outbound, url: str = f"{ORIGIN}/keys") -> str:
    with pytest.raises(OutboundError) as refused:
        client.get(url)
    return refused.value.why


def test_a_configured_host_is_reached() -> None:
    for url in (f"{ORIGIN}/keys?a=b", f"{ORIGIN}:443/keys"):
        client, asked = outbound(httpx2.Response(200, stream=httpx2.ByteStream(b"{}")))
        assert client.get(url).body == b"{}"
        assert asked[0].headers["accept-encoding"] == "identity"
        assert "authorization" not in asked[0].headers


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/keys",
        "http://id.example/keys",
        "https://id.example:8443/keys",
        "https://id.example.evil.example/keys",
        "https://id.example@evil.example/keys",
        "https://user:word@id.example/keys",
        "http://127.0.0.1/keys",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "//id.example/keys",
        "keys",
        "",
        "https://id.example\\@evil.example/",
        "https://id.example:99999999999/",
        "https://[::1/keys",
        "a\x00b",
    ],
)
def test_no_other_host_is_reached(url: str) -> None:
    client, asked = outbound(httpx2.Response(200))
    assert why(client, url) in {"host is not configured", "not an address"}
    assert asked == []


def test_a_redirect_is_not_followed() -> None:
    headers = {"location": "https://evil.example/"}
    client, asked = outbound(httpx2.Response(302, headers=headers, stream=httpx2.ByteStream(b"")))
    assert client.get(f"{ORIGIN}/keys").status == 302
    assert len(asked) == 1


def test_an_answer_may_be_as_large_as_the_limit() -> None:
    body = b"x" * MAX_ANSWER_BYTES
    client, _ = outbound(httpx2.Response(200, stream=httpx2.ByteStream(body)))
    assert client.get(f"{ORIGIN}/keys").body == body


def test_a_larger_answer_is_not_read_to_its_end() -> None:
    drip = Dripping(b"x" * 4096, 100_000)
    client, _ = outbound(httpx2.Response(200, stream=drip))
    assert why(client) == "too large"
    assert drip.given == MAX_ANSWER_BYTES // 4096 + 1


def test_a_slow_answer_is_not_waited_for() -> None:
    drip = Dripping(b"x", 1000)
    client, _ = outbound(
        httpx2.Response(200, stream=drip), seconds=(float(second) for second in count())
    )
    assert why(client) == "too slow"
    assert drip.given == int(TOTAL_SECONDS) + 1


def test_a_compressed_answer_is_refused() -> None:
    bomb = zlib.compress(b"0" * 50_000_000)
    client, _ = outbound(
        httpx2.Response(
            200, headers={"content-encoding": "deflate"}, stream=httpx2.ByteStream(bomb)
        )
    )
    assert why(client) == "compressed"


@pytest.mark.parametrize(
    "error", [httpx2.ConnectError("down"), httpx2.ReadTimeout("slow"), httpx2.PoolTimeout("full")]
)
def test_a_host_that_does_not_answer(error: httpx2.HTTPError) -> None:
    client, _ = outbound(error)
    assert why(client) == type(error).__name__


@pytest.mark.parametrize("origin", ["http://id.example", "https://id.example/path", "ftp://x"])
def test_a_host_is_configured_over_https(origin: str) -> None:
    with pytest.raises(ConfigurationError):
        Outbound({origin})
