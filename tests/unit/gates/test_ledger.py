"""The audit of acknowledgements, on ledgers and databases that were made wrong by hand."""

from datetime import datetime

import pytest
import sqlalchemy as sa

from gates.ledger import Auditor, Ledger, Used
from jiazhao.storage import schema
from jiazhao.storage.engine import Database
from jiazhao.storage.migrate import migrate

HOLDER = "sp-000001"


@pytest.fixture
def database(sqlite: str, now: datetime) -> Database:
    migrate(sqlite)
    database = Database(sqlite)
    with database.writing() as db:
        db.execute(sa.insert(schema.holder).values(holder_id=HOLDER, recorded_at=now))
    return database


def record_points(database: Database, now: datetime, *points: int) -> None:
    with database.writing() as db:
        for number, count in enumerate(points):
            db.execute(
                sa.insert(schema.points_fact).values(
                    holder_id=HOLDER,
                    fact_id=f"fact-{number:04d}",
                    held_from=now,
                    recorded_at=now,
                    holds=True,
                    points=count,
                )
            )


@pytest.mark.parametrize(
    ("stored", "lost", "doubled"),
    [
        ((1, 2, 3), 0, 0),
        ((1, 2, 3, 4), 0, 0),
        ((1, 3, 4), 1, 0),
        ((), 1, 0),
        ((1, 2, 2, 3), 0, 1),
        ((2, 1, 3), 1, 1),
        ((1, 2, 3, 9), 0, 1),
    ],
    ids=[
        "as acknowledged",
        "one in doubt was done",
        "one lost",
        "all lost",
        "one twice",
        "out of turn",
        "never sent",
    ],
)
def test_changes_are_compared_in_their_order(
    database: Database,
    sqlite: str,
    now: datetime,
    stored: tuple[int, ...],
    lost: int,
    doubled: int,
) -> None:
    auditor, ledger = Auditor(sqlite), Ledger()
    ledger.points[HOLDER] = [(1, True), (2, True), (3, True), (4, False)]
    record_points(database, now, *stored)
    database.close()

    audit = auditor.audit(ledger)

    assert (len(audit.lost), len(audit.doubled)) == (lost, doubled)


def test_an_offer_and_a_use_that_the_database_does_not_know_are_lost(
    database: Database, sqlite: str
) -> None:
    database.close()
    ledger = Ledger()
    ledger.offers.add((HOLDER, "offer-1"))
    ledger.redeemed.add((HOLDER, "offer-1"))
    ledger.uses.append(Used(HOLDER, "5100000000000", 7, "check-1"))

    audit = Auditor(sqlite).audit(ledger)

    assert set(audit.lost) == {
        f"offer of {HOLDER}",
        f"redemption of {HOLDER}",
        f"used counter of {HOLDER}",
        f"access record of {HOLDER}",
    }
    assert ledger.acknowledged == 3
