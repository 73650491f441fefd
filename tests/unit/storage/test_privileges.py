"""The two roles of `docs/operating.md`: the statements are run as they stand there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa

from jiazhao.app import House
from jiazhao.errors import ConfigurationError
from jiazhao.licence.status import LicenceStatus
from jiazhao.presentation.messages import CheckRequest, LookupRequest
from jiazhao.registry.service import Amendment
from jiazhao.storage.engine import Database
from jiazhao.storage.migrate import is_current, migrate
from jiazhao.storage.schema import metadata
from tests.houses import Phone, SetClock, officer
from tests.unit.drivers import NEVER_CHANGED, Settled, driver, opened

OPERATING = Path(__file__).parents[3] / "docs" / "operating.md"
_numbers = count()


@dataclass(frozen=True, slots=True)
class Deployment:
    """A database set up as an operator is told to; its names belong to this test."""

    name: str
    host: str
    statements: tuple[str, ...]

    @property
    def owner(self) -> str:
        """The URL of who migrates."""
        return self._url("owner")

    @property
    def application(self) -> str:
        """The URL of who serves."""
        return self._url("app")

    def _url(self, role: str) -> str:
        return f"postgresql+psycopg://{self.name}_{role}@/{self.name}?host={self.host}"


def told(name: str) -> tuple[str, ...]:
    """Return the blocks of SQL of the page, for a database of another name."""
    section = OPERATING.read_text("utf-8").split("\n## PostgreSQL\n")[1].split("\n## ")[0]
    blocks = re.findall(r"```sql\n(.*?)```", section, re.DOTALL)
    return tuple(re.sub(r"\bjiazhao(_owner|_app)?\b", rf"{name}\1", block) for block in blocks)


def execute(db: psycopg.Connection, block: str) -> None:
    """Run statements one by one: a database is not made inside a transaction."""
    for statement in re.sub(r"--.*", "", block).split(";"):
        if statement.strip():
            db.execute(statement.encode())


@pytest.fixture
def deployment(postgres_server: str, postgres: str) -> Iterator[Deployment]:
    url = sa.make_url(postgres)
    name = f"{url.database}_{next(_numbers)}"
    as_superuser, as_owner = told(name)
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        deployment = Deployment(name, admin.info.host, (as_superuser, as_owner))
        execute(admin, as_superuser)
        yield deployment
        execute(
            admin,
            f"DROP DATABASE {name} WITH (FORCE); DROP ROLE {name}_app; DROP ROLE {name}_owner",
        )


def grant(deployment: Deployment) -> None:
    connect = f"dbname={deployment.name} user={deployment.name}_owner host={deployment.host}"
    with psycopg.connect(connect, autocommit=True) as owner:
        execute(owner, deployment.statements[1])


@pytest.fixture
def served(deployment: Deployment, tmp_path: Path, clock: SetClock) -> Iterator[House]:
    migrate(deployment.owner)
    grant(deployment)
    Settled(tmp_path / "state", clock()).fill(deployment.application)
    with opened(tmp_path / "state", deployment.application, clock) as house:
        yield house


def test_the_application_serves_a_whole_journey(served: House, clock: SetClock) -> None:
    house, holder = served, driver().holder_id
    phone = Phone(house, holder)
    first = house.offers.claim(holder, clock(), replaces=False)
    phone.redeem(first)
    phone.claim()
    moved = Phone(house, holder)
    moved.claim()
    short = house.checks.shorten(moved.code(), clock())
    for scanned in (phone.code(), moved.code(), short.short_code):
        house.checks.check(CheckRequest(str(uuid4()), scanned), officer=officer(), now=clock())
    number = driver().persons[0][1].identity_number
    asked = LookupRequest(str(uuid4()), number, "accident", "样本：事故")
    assert house.checks.look_up(asked, officer=officer(), now=clock()).verdict == "VALID"
    detained = Amendment(clock(), add_statuses=frozenset({LicenceStatus.DETAINED}))
    house.database.write(lambda db: house.register.amend(db, holder, detained, clock()))

    house.worker.drain()
    clock.later(days=1)
    house.worker.drain()
    house.worker.tidy()

    assert house.database.is_ready()
    assert is_current(house.database)
    assert migrate(str(house.database.url)) == (), "it sees that there is nothing to do"


def test_it_has_what_it_needs_on_every_table_and_no_more(
    served: House, deployment: Deployment
) -> None:
    query = sa.text(
        "SELECT c.relname, p.privilege, CASE"
        " WHEN p.privilege IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')"
        " THEN has_any_column_privilege(:role, c.oid, p.privilege)"
        " ELSE has_table_privilege(:role, c.oid, p.privilege) END"
        " FROM pg_class c, (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE'),"
        " ('TRUNCATE'), ('REFERENCES'), ('TRIGGER')) AS p (privilege)"
        " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
    )
    with served.database.reading() as db:
        rows = db.execute(query, {"role": f"{deployment.name}_app"}).all()
    has: dict[str, set[str]] = {table: set() for table, _, _ in rows}
    for table, privilege, granted in rows:
        if granted:
            has[table].add(privilege)

    assert has.pop("alembic_version") == {"SELECT"}
    assert has.keys() == metadata.tables.keys()
    for table, privileges in has.items():
        assert privileges >= {"SELECT", "INSERT"}, table
        assert privileges <= {"SELECT", "INSERT", "UPDATE", "DELETE"}, table
        if table in NEVER_CHANGED:
            assert privileges == {"SELECT", "INSERT"}, table


FORBIDDEN = (
    "UPDATE points_fact SET points = 0",
    "DELETE FROM status_fact",
    "UPDATE access_record SET note = ''",
    "DELETE FROM access_record",
    "DELETE FROM holder",
    "UPDATE holder SET holder_id = 'other'",
    "UPDATE electronic_licence SET device_key = ''",
    "UPDATE alembic_version SET version_num = '0999'",
    "TRUNCATE change",
    "DROP TABLE change",
    "CREATE TABLE mine (number integer)",
)


def test_it_can_neither_rewrite_nor_forget(served: House) -> None:
    for statement in FORBIDDEN:
        with pytest.raises(sa.exc.ProgrammingError, match=r"permission denied|must be owner"):
            served.database.write(partial(sa.Connection.execute, statement=sa.text(statement)))


def test_the_application_is_told_that_it_may_not_migrate(deployment: Deployment) -> None:
    with pytest.raises(ConfigurationError) as refused:
        migrate(deployment.application)
    assert refused.value.values["key"] == "database_url"


def test_the_statements_may_be_repeated(served: House, deployment: Deployment) -> None:
    migrate(deployment.owner)
    grant(deployment)
    database = Database(deployment.application)
    assert database.is_ready()
    database.close()
    assert served.database.is_ready()
