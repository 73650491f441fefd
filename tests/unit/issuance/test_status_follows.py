"""The worker: every copy's status follows the register, by a write or by time alone."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa

from jiazhao.app import House
from jiazhao.credentials.status_list import StatusReference, StatusValue
from jiazhao.errors import ErrorCode, JiazhaoError
from jiazhao.licence.legal_day import start_of_day
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.registry.service import Amendment
from jiazhao.status.service import StatusLists
from jiazhao.storage.engine import Connection
from jiazhao.storage.schema import status_index
from tests.houses import Phone, SetClock
from tests.unit.drivers import admit, driver

VALID, ENDED, MUST_NOT_DRIVE = (
    StatusValue.VALID,
    StatusValue.ENDED,
    StatusValue.MUST_NOT_DRIVE,
)
DETAINED = frozenset({LicenceStatus.DETAINED})

Amend = Callable[..., None]


@pytest.fixture
def amend(phone: Phone) -> Amend:
    def act(*, held_from: datetime | None = None, **what: object) -> None:
        amendment = Amendment(held_from or phone.now, **what)  # type: ignore[arg-type]
        phone.house.database.write(
            lambda db: phone.house.register.amend(db, phone.holder_id, amendment, phone.now)
        )

    return act


def published(phone: Phone) -> StatusValue:
    """Return what the list on disk says of the phone's copy, once the worker has passed."""
    phone.house.worker.drain()
    assert phone.copy is not None
    place = phone.copy.status
    assert place is not None
    query = sa.select(status_index.c.value, status_index.c.published_value).where(
        status_index.c.list_id == place.uri.rpartition("/")[2],
        status_index.c.place == place.index,
    )
    with phone.house.database.reading() as db:
        value, shown = db.execute(query).one()
    assert value == shown
    return StatusValue(value)


def test_a_fresh_copy_is_valid(phone: Phone) -> None:
    phone.claim()
    assert published(phone) is VALID


def test_a_copy_on_the_former_phone_has_ended_for_good(house: House, phone: Phone) -> None:
    phone.claim()
    second = Phone(house, phone.holder_id)
    second.claim()
    assert published(phone) is ENDED
    assert published(second) is VALID


def test_a_detention_suspends_the_copy_and_its_end_brings_it_back(
    phone: Phone, amend: Amend
) -> None:
    phone.claim()
    amend(add_statuses=DETAINED)
    assert published(phone) is MUST_NOT_DRIVE
    amend(end_statuses=DETAINED)
    assert published(phone) is VALID


def test_at_the_full_score_the_copy_is_suspended(phone: Phone, amend: Amend) -> None:
    phone.claim()
    amend(points=12)
    assert published(phone) is MUST_NOT_DRIVE
    amend(points=0)
    assert published(phone) is VALID


def test_a_status_that_was_set_for_a_time_begins_and_ends_by_itself(
    phone: Phone, amend: Amend, clock: SetClock
) -> None:
    phone.claim()
    begins = clock() + timedelta(days=3)
    ends = begins + timedelta(days=4)
    amend(held_from=begins, held_until=ends, add_statuses=DETAINED)
    second = timedelta(seconds=1)

    for moment, expected in (
        (clock(), VALID),
        (begins - second, VALID),
        (begins, MUST_NOT_DRIVE),
        (ends - second, MUST_NOT_DRIVE),
        (ends, VALID),
    ):
        clock.now = moment
        assert published(phone) is expected, moment


def test_what_is_recorded_after_the_clock_went_back_is_published_at_once(
    phone: Phone, amend: Amend, clock: SetClock
) -> None:
    phone.claim()
    amend(points=3)
    published(phone)
    clock.later(hours=-1)
    amend(held_from=clock() - timedelta(days=1), add_statuses=DETAINED)
    assert published(phone) is MUST_NOT_DRIVE


def test_a_licence_expires_by_itself(house: House, clock: SetClock) -> None:
    told = driver(2, valid_until=date(2026, 6, 20))
    admit(house.register, house.database, clock(), told)
    phone = Phone(house, told.holder_id)
    phone.claim()
    assert published(phone) is VALID
    clock.now = start_of_day(date(2026, 6, 21)) - timedelta(seconds=1)
    assert published(phone) is VALID
    clock.later(seconds=1)
    assert published(phone) is MUST_NOT_DRIVE


@pytest.mark.parametrize(
    ("born", "turns"),
    [(date(1956, 6, 10), date(2026, 6, 10)), (date(1956, 2, 29), date(2026, 3, 1))],
)
def test_an_age_at_which_nothing_may_be_driven_comes_by_itself(
    house: House, clock: SetClock, born: date, turns: date
) -> None:
    clock.now = start_of_day(turns) - timedelta(days=5)
    told = driver(2, birth_date=born, classes=(VehicleClass.C4,))
    admit(house.register, house.database, clock(), told)
    phone = Phone(house, told.holder_id)
    phone.claim()
    clock.later(days=4, hours=23)
    assert published(phone) is VALID
    clock.later(hours=1)
    assert published(phone) is MUST_NOT_DRIVE


def test_a_row_that_cannot_be_settled_holds_up_no_other(
    house: House, phone: Phone, clock: SetClock, amend: Amend, monkeypatch: pytest.MonkeyPatch
) -> None:
    admit(house.register, house.database, clock(), driver(2))
    second = Phone(house, driver(2).holder_id)
    phone.claim()
    second.claim()
    published(second)
    set_values = StatusLists.set_values

    def fail_for_one(
        self: StatusLists,
        db: Connection,
        holder: str,
        values: Mapping[StatusReference, StatusValue],
    ) -> int:
        if holder == phone.holder_id:
            raise JiazhaoError(ErrorCode.NOT_FOUND)
        return set_values(self, db, second.holder_id, values)

    detained = Amendment(clock(), add_statuses=DETAINED)
    for one in (phone, second):
        house.database.write(
            lambda db, one=one: house.register.amend(db, one.holder_id, detained, clock())  # type: ignore[misc]
        )
    with monkeypatch.context() as patch:
        patch.setattr(StatusLists, "set_values", fail_for_one)
        assert published(second) is MUST_NOT_DRIVE
        assert published(phone) is VALID

    clock.later(seconds=60)
    assert published(phone) is MUST_NOT_DRIVE


def test_two_workers_come_to_the_same(house: House, phone: Phone, amend: Amend) -> None:
    phone.claim()
    amend(points=12)
    start = Barrier(2)

    def drain(_: int) -> int:
        start.wait(10)
        return house.worker.drain()

    with ThreadPoolExecutor(2) as pool:
        assert max(pool.map(drain, range(2))) >= 1
    assert published(phone) is MUST_NOT_DRIVE
    assert house.worker.drain() == 0


def test_tidying_leaves_what_lives(house: House, phone: Phone, clock: SetClock) -> None:
    phone.claim()
    clock.later(days=2)
    house.worker.tidy()
    assert published(phone) is VALID
