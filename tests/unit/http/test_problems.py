"""Every failure leaves as a problem document, and none with more than it should say."""

from collections.abc import Iterator
from string import Formatter
from typing import Any

import pytest
import structlog
from litestar import Litestar, get, post
from litestar.params import FromPath
from litestar.testing import TestClient

from jiazhao.errors import ErrorCode, JiazhaoError, Kind
from jiazhao.http.front import HeadAsGet, stand_before
from jiazhao.http.problems import EXCEPTION_HANDLERS, STATUS, problem_of

SECRET = "990101199001011237"


class DriverError(Exception):
    """An error of a library, which quotes values."""


@get("/fault", sync_to_thread=True)
def fault() -> None:
    number = SECRET
    raise DriverError(f"INSERT INTO person VALUES ({number})")


@get("/away", sync_to_thread=True)
def away() -> None:
    try:
        raise DriverError(SECRET)
    except DriverError as error:
        raise JiazhaoError(ErrorCode.SERVICE_UNAVAILABLE) from error


@get("/things/{number:int}", sync_to_thread=False)
def thing(number: FromPath[int]) -> int:
    return number


@post("/things", sync_to_thread=False)
def add() -> None:
    return None


@pytest.fixture
def client() -> Iterator[TestClient[Litestar]]:
    app = Litestar(
        [fault, away, thing, add],
        exception_handlers=EXCEPTION_HANDLERS,
        openapi_config=None,
        logging_config=None,
    )
    stand_before(app, HeadAsGet())
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def test_an_unexpected_fault_says_nothing_but_a_reference(client: TestClient[Litestar]) -> None:
    with structlog.testing.capture_logs() as lines:
        answer = client.get("/fault")

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (500, "server_fault")
    assert problem["trace"] in problem["zh"]
    assert SECRET not in answer.text
    assert "Driver" not in answer.text
    assert [line["trace"] for line in lines] == [problem["trace"]]


def test_what_is_away_is_logged_and_may_be_asked_again(client: TestClient[Litestar]) -> None:
    with structlog.testing.capture_logs() as lines:
        answer = client.get("/away")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert SECRET not in answer.text
    assert [line["event"] for line in lines] == ["not_served"]


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/things/1", "GET, HEAD, OPTIONS"),
        ("HEAD", "/things", "OPTIONS, POST"),
        ("TRACE", "/fault", "GET, HEAD, OPTIONS"),
        ("BREW", "/things", "OPTIONS, POST"),
    ],
)
def test_another_method_is_told_which(
    client: TestClient[Litestar], method: str, path: str, allow: str
) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allow)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/nowhere", "/things/x", "/things/1/2", "/things/" + "9" * 5000])
def test_what_is_not_there_is_not_found(client: TestClient[Litestar], path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.1", "en"),
        ("en", "en"),
        ("fr", "zh"),
    ],
)
def test_the_sentence_comes_in_the_readers_language(
    client: TestClient[Litestar], accepted: str, language: str
) -> None:
    problem = client.get("/nowhere", headers={"accept-language": accepted}).json()
    assert problem["detail"] == problem[language]


def test_every_kind_has_a_status_of_its_own() -> None:
    assert set(STATUS) == set(Kind)
    assert len(set(STATUS.values())) == len(STATUS)


@pytest.mark.parametrize("code", ErrorCode, ids=lambda code: code.wire)
def test_every_code_makes_a_problem(code: ErrorCode) -> None:
    values: dict[str, Any] = dict.fromkeys(placeholders(code.zh + code.en), "…")
    problem = problem_of(JiazhaoError(code, **values), english=True, trace="A")
    assert problem.status == STATUS[code.kind]
    assert problem.detail == problem.en
    assert "{" not in problem.zh + problem.en


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}
