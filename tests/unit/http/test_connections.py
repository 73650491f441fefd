"""A connection that sends no request, or a monstrous head, is ended; raw sockets tell."""

import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from jiazhao.http import connections
from jiazhao.http.headers import FIXED
from jiazhao.serving import settings_of

PATIENCE = 20.0
"""Of the test itself, in seconds: far more than the server may take."""


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Say how large the body was."""
    if scope["type"] != "http":
        return
    octets, more = 0, True
    while more:
        message = await receive()
        octets, more = octets + len(message.get("body", b"")), message.get("more_body", False)
    body = str(octets).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(settings_of(application))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the server wait less long."""
    monkeypatch.setattr(connections, "HEAD_SECONDS", 1.0)


class Line:
    """A raw connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.stream = self.socket.makefile("rb")

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()
        self.socket.close()

    def send(self, octets: bytes) -> None:
        self.socket.sendall(octets)

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        """Read one answer of known length."""
        status = int(self.stream.readline().split()[1])
        headers: dict[str, str] = {}
        while (line := self.stream.readline().strip()) != b"":
            name, _, value = line.decode().partition(": ")
            headers[name.lower()] = value
        return status, headers, self.stream.read(int(headers["content-length"]))

    def is_closed(self) -> bool:
        """Wait until the server ends it without a word."""
        try:
            return self.stream.read(1) == b""
        except ConnectionResetError:
            return True


REQUEST = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.mark.parametrize(
    "sent", [b"", b"GET", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nA: ", b"\r\n"]
)
@pytest.mark.usefixtures("hasty")
def test_half_a_head_is_not_waited_for(port: int, sent: bytes) -> None:
    with Line(port) as line:
        line.send(sent)
        assert line.is_closed()


@pytest.mark.parametrize("sent", [b"G", b"\r\n"])
@pytest.mark.usefixtures("hasty")
def test_nor_after_a_first_request(port: int, sent: bytes) -> None:
    with Line(port) as line:
        line.send(REQUEST)
        assert line.answer()[0] == 200
        line.send(sent)
        assert line.is_closed()


def test_a_connection_serves_one_request_after_another(port: int) -> None:
    with Line(port) as line:
        for _ in range(3):
            line.send(REQUEST)
            assert line.answer()[0] == 200
        line.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\n" + b"x" * 70_000)
        assert line.answer()[2] == b"70000"
        line.send(REQUEST + REQUEST)
        assert [line.answer()[0], line.answer()[0]] == [200, 200]


HEADS = {
    "one large field": b"A: " + b"x" * 33_000 + b"\r\n",
    "a field without end": b"A: " + b"x" * 400_000,
    "many fields": b"".join(b"A%d: b\r\n" % n for n in range(101)),
    "many large fields": b"".join(b"A%d: " % n + b"x" * 900 + b"\r\n" for n in range(40)),
}


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_a_monstrous_head_is_refused(port: int, head: bytes) -> None:
    with Line(port) as line:
        line.send(b"GET / HTTP/1.1\r\nHost: a\r\n" + head + b"\r\n")
        status, headers, body = line.answer()
        assert status == 431
        check(headers, body)
        assert line.is_closed()


def test_an_address_without_end_is_refused(port: int) -> None:
    with Line(port) as line:
        line.send(b"GET /" + b"a" * 400_000)
        status, headers, body = line.answer()
        assert status == 431
        check(headers, body)


def test_a_large_head_that_fits_is_served(port: int) -> None:
    with Line(port) as line:
        line.send(b"GET / HTTP/1.1\r\nHost: a\r\nA: " + b"x" * 30_000 + b"\r\n\r\n")
        assert line.answer()[0] == 200


@pytest.mark.parametrize(
    "sent",
    [
        b"no HTTP at all\r\n\r\n",
        b"FOO / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nA : b\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
    ids=[
        "words",
        "an unknown method",
        "an unknown version",
        "a blank before the colon",
        "two lengths",
        "a length and pieces",
        "a piece of no length",
        "TLS",
    ],
)
def test_what_is_not_http_is_refused(port: int, sent: bytes) -> None:
    with Line(port) as line:
        line.send(sent)
        status, headers, body = line.answer()
        assert status == 400
        check(headers, body)
        assert line.is_closed()


def test_one_connection_too_many_is_told_to_come_back(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 3)
    with Line(port) as first, Line(port) as second, Line(port) as third:
        for line in (first, second, third):
            line.send(REQUEST)
            assert line.answer()[0] == 200
        with Line(port) as fourth:
            status, headers, body = fourth.answer()
            assert (status, headers["retry-after"]) == (503, "5")
            check(headers, body)
        first.send(REQUEST)
        assert first.answer()[0] == 200


def check(headers: dict[str, str], body: bytes) -> None:
    problem = json.loads(body)
    assert problem["zh"] != problem["en"]
    assert headers["content-type"] == "application/problem+json"
    assert headers["connection"] == "close"
    assert headers["cache-control"] == "no-store"
    assert {name: headers[name] for name in FIXED} == FIXED
    assert "server" not in headers
