"""Whoever writes about a holder holds off every other writer until the end of the transaction.

On SQLite a writer is alone anyway; on PostgreSQL it is the lock of the holder's row.
"""

from collections.abc import Callable
from threading import Event, Thread
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from jiazhao.app import House
from jiazhao.issuance.store import intentions, offers, once
from jiazhao.presentation.messages import CheckRequest
from jiazhao.registry.service import Amendment
from jiazhao.registry.store import feed, instances, recording
from jiazhao.storage.engine import Connection
from tests.houses import Phone, officer

WAITING = sa.text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)
POLL_SECONDS = 0.02


def _claim(phone: Phone) -> None:
    phone.house.offers.claim(phone.holder_id, phone.now, replaces=True)


def _claim_and_redeem(phone: Phone) -> None:
    phone.redeem(phone.house.offers.claim(phone.holder_id, phone.now, replaces=True))


def _claim_and_check(phone: Phone) -> None:
    phone.claim()
    request = CheckRequest(str(uuid4()), phone.code())
    phone.house.checks.check(request, officer=officer(), now=phone.now)


def _amend(phone: Phone) -> None:
    amendment = Amendment(phone.now, points=3)
    phone.house.database.write(
        lambda db: phone.house.register.amend(db, phone.holder_id, amendment, phone.now)
    )


def _amend_and_drain(phone: Phone) -> None:
    _amend(phone)
    phone.house.worker.drain()


MOMENTS: dict[str, tuple[ModuleType, str, Callable[[Phone], object]]] = {
    # just before the first statement that writes: a row with a foreign key locks a little too
    "claim": (offers, "replace_offers", _claim),
    "redeem": (offers, "set_offer", _claim_and_redeem),
    "intend": (once, "use_nonce", Phone.claim),
    "store": (intentions, "set_intention", Phone.claim),
    "check": (instances, "use_counter", _claim_and_check),
    "amend": (recording, "record_points", _amend),
    "settle": (feed, "plan_change", _amend_and_drain),
}


@pytest.mark.parametrize("engine_url", ["postgres"], indirect=True)
@pytest.mark.parametrize("moment", MOMENTS)
def test_another_writer_waits(
    house: House, phone: Phone, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, name, act = MOMENTS[moment]
    statement = getattr(module, name)
    done = Event()
    waited: list[bool] = []

    def other() -> None:
        _amend(phone)
        done.set()

    another = Thread(target=other)

    def waits() -> bool:
        with house.database.reading() as db:
            return bool(db.execute(WAITING).scalar_one())

    def statement_in_between(db: Connection, *rest: Any, **named: Any) -> Any:
        monkeypatch.undo()
        another.start()
        while not done.wait(POLL_SECONDS) and not waits():
            pass
        waited.append(not done.is_set())
        return statement(db, *rest, **named)

    monkeypatch.setattr(module, name, statement_in_between)
    act(phone)
    another.join()

    assert waited == [True]
