"""Who watches the system is told the truth: alive, ready, and in numbers that name nobody."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from litestar.testing import TestClient

from jiazhao import app
from jiazhao.smoke.people import Visitor
from tests.clocks import MORNING, SetClock
from tests.houses import UNSERVED_PORT, reopen, settle
from tests.live_server import LiveServer


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    state = tmp_path_factory.mktemp("health") / "state"
    settle(state, SetClock(MORNING), port=UNSERVED_PORT, holders=12).close()
    return state


@pytest.fixture(params=app.APPLICATIONS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def ask(state: Path, name: str, *paths: str, **settings: str) -> list[tuple[int, str]]:
    """The statuses and codes of some paths of one origin."""
    with (
        closing(reopen(state, SetClock(MORNING), **settings)) as house,
        TestClient(app.APPLICATIONS[name](house)) as client,
    ):
        answers = [client.get(path) for path in paths]
    return [(answer.status_code, answer.json().get("code", "")) for answer in answers]


def test_a_system_that_can_serve_is_ready(state: Path, name: str) -> None:
    assert ask(state, name, "/livez", "/readyz") == [(200, ""), (200, "")]


@pytest.mark.parametrize(
    "database_url",
    ["sqlite:////nowhere/register.sqlite", "postgresql+psycopg://a:b@127.0.0.1:9/x"],
    ids=["no file", "no server"],
)
def test_without_its_database_it_lives_and_is_not_ready(
    state: Path, name: str, database_url: str
) -> None:
    answers = ask(state, name, "/livez", "/readyz", database_url=database_url)
    assert answers == [(200, ""), (503, "service_unavailable")]


@pytest.fixture
def behind(state: Path) -> Iterator[None]:
    """Let the schema be older than this version."""
    engine = sa.create_engine(f"sqlite:///{state}/register.sqlite")
    with engine.begin() as db:
        (revision,) = db.execute(sa.text("SELECT version_num FROM alembic_version")).one()
        db.execute(sa.text("DELETE FROM alembic_version"))
    yield
    with engine.begin() as db:
        db.execute(sa.text("INSERT INTO alembic_version VALUES (:r)"), {"r": revision})
    engine.dispose()


@pytest.mark.usefixtures("behind")
def test_before_its_migration_it_is_not_ready(state: Path, name: str) -> None:
    assert ask(state, name, "/livez", "/readyz") == [(200, ""), (503, "service_unavailable")]


def test_the_gauges_are_there(live_server: LiveServer) -> None:
    visitor = Visitor(live_server.wallet)
    text = visitor.browser.get(f"{live_server.wallet}/metrics", accept="*/*").body.decode()
    visitor.browser.close()
    for name in ("changes_waiting", "worker_age_seconds", "copies_issued_total"):
        assert f"\njiazhao_{name} " in text
