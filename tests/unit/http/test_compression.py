"""Files that are alike for everybody are sent compressed; answers about somebody never are."""

import gzip

import pytest
from litestar import Litestar, Response, get
from litestar.testing import TestClient

from jiazhao.http.compression import Compression
from jiazhao.http.front import stand_before
from jiazhao.http.headers import Revalidation

SCRIPT = "export const sentences = [];\n" * 200


@get("/", media_type="text/html", sync_to_thread=False)
def page() -> str:
    return SCRIPT


@get("/assets/shared/script.js", sync_to_thread=False)
def script() -> Response[str]:
    return Response(SCRIPT, media_type="text/javascript", headers={"etag": '"1"'})


@get("/assets/shared/picture.png", sync_to_thread=False)
def picture() -> Response[bytes]:
    return Response(SCRIPT.encode(), media_type="image/png")


@get("/wallet/notices", sync_to_thread=False)
def about_somebody() -> dict[str, str]:
    return {"text": SCRIPT}


@pytest.fixture
def client() -> TestClient[Litestar]:
    handlers = [page, script, picture, about_somebody]
    app = Litestar(handlers, openapi_config=None, logging_config=None)
    stand_before(app, Compression(), Revalidation())
    return TestClient(app)


@pytest.mark.parametrize("path", ["/", "/assets/shared/script.js"])
def test_a_file_is_sent_in_gzip_to_whoever_takes_it(
    client: TestClient[Litestar], path: str
) -> None:
    answer = client.get(path, headers={"accept-encoding": "br, gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) == len(gzip.compress(SCRIPT.encode(), mtime=0))
    assert answer.text == SCRIPT
    assert answer.headers["vary"] == "accept-encoding"


@pytest.mark.parametrize("accepted", ["identity", "br", "gzip;q=0", "gzip; q=0.0", ""])
def test_it_is_sent_as_it_is_to_whoever_does_not(
    client: TestClient[Litestar], accepted: str
) -> None:
    answer = client.get("/assets/shared/script.js", headers={"accept-encoding": accepted})
    assert "content-encoding" not in answer.headers
    assert answer.text == SCRIPT
    assert answer.headers["vary"] == "accept-encoding"


@pytest.mark.parametrize("path", ["/wallet/notices", "/assets/shared/picture.png", "/nowhere"])
def test_nothing_else_is_compressed(client: TestClient[Litestar], path: str) -> None:
    answer = client.get(path, headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in answer.headers


def test_a_file_that_is_not_there_is_told_as_it_is(client: TestClient[Litestar]) -> None:
    answer = client.get("/assets/shared/none.js", headers={"accept-encoding": "gzip"})
    assert answer.status_code == 404
    assert "content-encoding" not in answer.headers


def test_a_browser_that_has_the_file_is_told_so(client: TestClient[Litestar]) -> None:
    path, takes = "/assets/shared/script.js", {"accept-encoding": "gzip"}
    tag = client.get(path, headers=takes).headers["etag"]
    assert tag == 'W/"1"'
    again = client.get(path, headers={**takes, "if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == tag
