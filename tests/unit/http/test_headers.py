"""What depends on how an origin is reached, and what a handler decides itself."""

import pytest
from litestar import Litestar, Response, get
from litestar.testing import TestClient

from jiazhao.http.front import stand_before
from jiazhao.http.headers import FIXED, Revalidation, SecurityHeaders


@get("/plain", sync_to_thread=False)
def plain() -> str:
    return "a"


@get("/own", sync_to_thread=False)
def own() -> Response[str]:
    headers = {"content-security-policy": "default-src 'none'", "cache-control": "public"}
    return Response("a", headers=headers)


@get("/tagged", sync_to_thread=False)
def tagged() -> Response[str]:
    return Response("a", headers={"etag": '"1"'})


@get("/issuance/token", sync_to_thread=False)
def open_door() -> str:
    return "a"


def client(*, secure: bool) -> TestClient[Litestar]:
    handlers = [plain, own, tagged, open_door]
    app = Litestar(handlers, openapi_config=None, logging_config=None)
    stand_before(app, SecurityHeaders(secure=secure), Revalidation())
    return TestClient(app)


@pytest.mark.parametrize("path", ["/plain", "/nowhere", "/issuance/token"])
def test_only_over_https_the_browser_is_told_to_stay_there(path: str) -> None:
    with client(secure=True) as browser:
        headers = browser.get(path).headers
        assert headers["strict-transport-security"] == "max-age=63072000; includeSubDomains"
    with client(secure=False) as browser:
        assert "strict-transport-security" not in browser.get(path).headers


def test_what_a_handler_says_itself_stays() -> None:
    with client(secure=True) as browser:
        headers = browser.get("/own").headers
    assert headers["content-security-policy"] == "default-src 'none'"
    assert headers["cache-control"] == "public"
    assert headers["x-content-type-options"] == FIXED["x-content-type-options"]


@pytest.mark.parametrize(
    ("known", "status"),
    [('"1"', 304), ('W/"1"', 304), ('"0", "1"', 304), ('"0"', 200), ("", 200), ("1", 200)],
)
def test_what_the_browser_has_is_not_sent_again(known: str, status: int) -> None:
    with client(secure=True) as browser:
        answer = browser.get("/tagged", headers={"if-none-match": known})
    assert (answer.status_code, answer.text) == (status, "a" if status == 200 else "")
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["cache-control"] == "no-store"


def test_what_has_no_tag_is_always_sent() -> None:
    with client(secure=True) as browser:
        assert browser.get("/plain", headers={"if-none-match": '""'}).text == "a"
