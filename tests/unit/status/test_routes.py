"""The public door: forms, caching, and what is not served."""

import gzip
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

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


def app_of(statuses: StatusLists, now: datetime) -> Litestar:
    return Litestar(
        [routes.routes],
        dependencies={
            "statuses": Provide(lambda: statuses, sync_to_thread=False),
            "now": Provide(lambda: now, sync_to_thread=False),
        },
        exception_handlers=EXCEPTION_HANDLERS,
        openapi_config=None,
    )


@pytest.fixture
def client(statuses: StatusLists, now: datetime) -> Iterator[TestClient[Litestar]]:
    with TestClient(app_of(statuses, now)) as client:
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


def test_past_moments_are_not_served_where_none_are_kept(
    statuses: StatusLists, path: str, now: datetime
) -> None:
    with TestClient(app_of(replace(statuses, keep=timedelta(0)), now)) as client:
        answer = client.get(path, params={"time": "1780000000"})

    assert (answer.status_code, answer.json()["code"]) == (501, "status_history_not_kept")


def test_the_list_of_a_past_moment_is_the_one_that_held_then(
    client: TestClient[Litestar], path: str, now: datetime
) -> None:
    answer = client.get(path, params={"time": str(int(now.timestamp()))}, headers={"accept": CWT})

    assert answer.status_code == 200
    assert answer.content == client.get(path, headers={"accept": CWT}).content
    assert answer.headers["content-type"] == CWT


@pytest.mark.parametrize(
    ("moment", "status", "code"),
    [
        ("1", 404, "status_of_that_time_not_kept"),
        ("99999999999", 404, "status_of_that_time_not_kept"),
        ("now", 400, "bad_request"),
        ("1" * 12, 400, "bad_request"),
        ("-1", 400, "bad_request"),
        ("1.5", 400, "bad_request"),
        ("", 400, "bad_request"),
        ("٣", 400, "bad_request"),
    ],
)
def test_a_moment_of_which_nothing_is_kept_or_that_is_none_is_refused(
    client: TestClient[Litestar], path: str, moment: str, status: int, code: str
) -> None:
    answer = client.get(path, params={"time": moment})

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_past_list_of_no_list_is_not_found(client: TestClient[Litestar]) -> None:
    answer = client.get("/status-lists/..%2f..%2fkeys", params={"time": "1780000000"})

    assert answer.status_code == 404


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
