"""The public door: forms, caching, and what is not served."""

import gzip
from collections.abc import Iterator
from datetime import datetime

import pytest
from litestar import Litestar
from litestar.di import Provide
from litestar.testing import TestClient

from jiazhao.credentials.status_token import verify_status_token
from jiazhao.http.problems import EXCEPTION_HANDLERS
from jiazhao.licence.identifiers import HolderId
from jiazhao.status import routes
from jiazhao.status.messages import TokenForm
from jiazhao.status.service import StatusLists
from tests.unit.status.conftest import Publisher

JWT, CWT = (form.media_type for form in TokenForm)


@pytest.fixture
def engine_url(sqlite: str) -> str:
    """One engine is enough here: what a door adds does not reach the database."""
    return sqlite


@pytest.fixture
def path(statuses: StatusLists, publisher: Publisher, now: datetime) -> str:
    place = statuses.reserve(holder_id=HolderId("holder-0001"), copy_id="copy-1", now=now)
    statuses.publish_due(signer=publisher.signer, now=now)
    return place.uri.removeprefix(statuses.base_uri)


@pytest.fixture
def client(statuses: StatusLists) -> Iterator[TestClient[Litestar]]:
    app = Litestar(
        [routes.routes],
        dependencies={"statuses": Provide(lambda: statuses, sync_to_thread=False)},
        exception_handlers=EXCEPTION_HANDLERS,
        openapi_config=None,
    )
    with TestClient(app) as client:
        yield client


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (JWT, JWT),
        (CWT, CWT),
        ("*/*", JWT),
        ("application/*", JWT),
        (f"text/html, {CWT};q=0.9", CWT),
        (f"{JWT};q=0.1, {CWT}", CWT),
    ],
)
def test_the_reader_gets_the_form_that_it_asks_for(
    client: TestClient[Litestar],
    statuses: StatusLists,
    publisher: Publisher,
    path: str,
    now: datetime,
    accept: str,
    media_type: str,
) -> None:
    answer = client.get(path, headers={"accept": accept})

    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "public, max-age=60"
    read = verify_status_token(
        answer.content, expected_uri=statuses.base_uri + path, anchors=publisher.anchors, now=now
    )
    assert read.status(0) == 0


def test_another_form_is_not_acceptable(client: TestClient[Litestar], path: str) -> None:
    answer = client.get(path, headers={"accept": "text/html"})

    assert answer.status_code == 406
    assert answer.json()["code"] == "status_form_unknown"


def test_past_moments_are_not_served(client: TestClient[Litestar], path: str) -> None:
    answer = client.get(path, params={"time": "1686925000"})

    assert answer.status_code == 501
    assert answer.json()["code"] == "status_history_not_kept"


@pytest.mark.parametrize("list_id", ["0" * 16, "x", "..%2fkeys", "%00"])
def test_an_unknown_list_is_not_found(client: TestClient[Litestar], list_id: str) -> None:
    assert client.get(f"/status-lists/{list_id}").status_code == 404


@pytest.mark.parametrize("accept", [JWT, CWT])
def test_what_has_not_changed_is_not_sent_again(
    client: TestClient[Litestar],
    statuses: StatusLists,
    publisher: Publisher,
    path: str,
    now: datetime,
    accept: str,
) -> None:
    first = client.get(path, headers={"accept": accept})
    asking = {"accept": accept, "if-none-match": first.headers["etag"]}

    again = client.get(path, headers=asking)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]

    statuses.publish(path.rpartition("/")[2], signer=publisher.signer, now=now)
    assert client.get(path, headers=asking).status_code == 200


def test_a_jwt_is_zipped_for_who_can_read_it(client: TestClient[Litestar], path: str) -> None:
    plain = client.get(path, headers={"accept": JWT, "accept-encoding": "identity"})
    with client.stream("GET", path, headers={"accept": JWT, "accept-encoding": "gzip"}) as zipped:
        octets = b"".join(zipped.iter_raw())

    assert "content-encoding" not in plain.headers
    assert zipped.headers["content-encoding"] == "gzip"
    assert gzip.decompress(octets) == plain.content
    assert zipped.headers["etag"] != plain.headers["etag"]
    assert zipped.headers["vary"] == "accept, accept-encoding"


def test_a_cwt_is_sent_as_it_is(client: TestClient[Litestar], path: str) -> None:
    answer = client.get(path, headers={"accept": CWT, "accept-encoding": "gzip"})
    assert "content-encoding" not in answer.headers


def test_all_published_lists_are_named_and_no_others(
    client: TestClient[Litestar], statuses: StatusLists, publisher: Publisher, now: datetime
) -> None:
    place = statuses.reserve(holder_id=HolderId("holder-0001"), copy_id="copy-1", now=now)
    assert client.get("/status-lists").json() == {"status_lists": []}
    statuses.publish_due(signer=publisher.signer, now=now)
    assert client.get("/status-lists").json() == {"status_lists": [place.uri]}
