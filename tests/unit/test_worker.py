"""The worker: what the register says reaches the published lists, by change and by time alone."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from jiazhao import worker
from jiazhao.app import House
from jiazhao.credentials.status_list import StatusReference, StatusValue
from jiazhao.errors import ErrorCode, JiazhaoError
from jiazhao.issuance.copies import Copies
from jiazhao.issuance.service import CopyOnList
from jiazhao.licence.identifiers import HolderId
from jiazhao.licence.legal_day import end_of_day
from jiazhao.licence.licence import ClassEntitlement
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.presentation.files import status_from
from jiazhao.registry.importing import ImportedHolder
from jiazhao.registry.service import Amendment
from jiazhao.status.handles import HandleKind
from jiazhao.status.messages import TokenForm
from jiazhao.storage import schema
from jiazhao.storage.engine import Connection
from jiazhao.worker import Worker
from tests.clocks import SetClock
from tests.houses import Phone, reopen
from tests.unit.drivers import admit, driver

WANG, LIU = HolderId("sp-000001"), HolderId("sp-000003")


@pytest.fixture
def phone(house: House) -> Phone:
    """A phone with the licence, whose status is published."""
    return claimed(house, WANG)


def claimed(house: House, holder: HolderId) -> Phone:
    phone = Phone(house, holder)
    phone.claim()
    house.worker.drain()
    return phone


def admitted(house: House, one: ImportedHolder) -> HolderId:
    admit(house.register, house.database, house.clock(), one)
    return one.holder_id


def published(house: House, phone: Phone) -> StatusValue:
    """Return what a verifier reads for the copy on that phone, in both forms of the list."""
    assert phone.copy is not None
    assert phone.copy.status is not None
    return value_at(house, phone.copy.status)


def value_at(house: House, place: StatusReference) -> StatusValue:
    anchors, now = house.trust.anchors(), house.clock()
    list_id = place.uri.rpartition("/")[2]

    def read(form: TokenForm) -> int:
        token = house.statuses.token(list_id, form)
        return status_from(lambda _uri: token, anchors=anchors, now=now)(place).value

    jwt, cwt = read(TokenForm.JWT), read(TokenForm.CWT)
    assert jwt == cwt
    return StatusValue(jwt)


def amend(house: House, holder: HolderId = WANG, **changes: Any) -> None:
    amendment = Amendment(**{"held_from": house.clock(), **changes})
    house.database.write(lambda db: house.register.amend(db, holder, amendment, house.clock()))


def tokens(house: House) -> dict[str, bytes]:
    folder = house.config.state_dir / "status-lists"
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}


# -- by change


def test_a_new_copy_is_published_as_valid(house: House, phone: Phone) -> None:
    assert published(house, phone) is StatusValue.VALID


@pytest.mark.parametrize(
    ("changes", "value"),
    [
        ({"points": 12}, StatusValue.MUST_NOT_DRIVE),
        ({"points": 11}, StatusValue.VALID),
        ({"add_statuses": frozenset({LicenceStatus.DETAINED})}, StatusValue.MUST_NOT_DRIVE),
        ({"add_statuses": frozenset({LicenceStatus.REVOKED})}, StatusValue.MUST_NOT_DRIVE),
        ({"add_statuses": frozenset({LicenceStatus.VIOLATION_PENDING})}, StatusValue.VALID),
        ({"withdraw_classes": frozenset({VehicleClass.C1})}, StatusValue.MUST_NOT_DRIVE),
    ],
    ids=["full score", "below it", "detained", "revoked", "violation pending", "no class left"],
)
def test_one_pass_publishes_what_a_change_leads_to(
    house: House, phone: Phone, changes: dict[str, Any], value: StatusValue
) -> None:
    amend(house, **changes)
    assert published(house, phone) is StatusValue.VALID
    assert house.worker.drain() == 1
    assert published(house, phone) is value


def test_a_copy_that_names_a_lost_class_is_superseded(
    house: House, phone: Phone, clock: SetClock
) -> None:
    moped = ClassEntitlement(VehicleClass.F, clock.now.date())
    amend(house, grant_classes=(moped,))
    house.worker.drain()
    assert published(house, phone) is StatusValue.VALID  # it says less than holds, not more

    clock.later(hours=1)
    amend(house, withdraw_classes=frozenset({VehicleClass.C1}))
    house.worker.drain()
    assert published(house, phone) is StatusValue.ENDED


@pytest.mark.parametrize(
    ("changes", "value"),
    [
        ({"points": 11}, StatusValue.VALID),
        ({"points": 12}, StatusValue.MUST_NOT_DRIVE),
        ({"withdraw_classes": frozenset({VehicleClass.C1})}, StatusValue.MUST_NOT_DRIVE),
    ],
    ids=["few points", "full score", "no class left"],
)
def test_one_pass_tells_the_handle_of_a_code_what_a_change_leads_to(
    house: House, phone: Phone, changes: dict[str, Any], value: StatusValue
) -> None:
    handle = handle_of(house, phone)
    amend(house, **changes)
    house.worker.drain()
    assert value_of_handle(house, handle) is value


def test_a_handle_ends_with_a_class_that_its_codes_may_name_and_the_next_does_not(
    house: House, phone: Phone, clock: SetClock
) -> None:
    first = handle_of(house, phone)
    amend(house, grant_classes=(ClassEntitlement(VehicleClass.F, clock.now.date()),))
    house.worker.drain()
    assert value_of_handle(house, first) is StatusValue.VALID

    clock.later(hours=1)
    amend(house, withdraw_classes=frozenset({VehicleClass.F}))
    house.worker.drain()
    assert value_of_handle(house, first) is StatusValue.ENDED

    clock.later(hours=1)
    second = handle_of(house, phone)
    amend(house, points=3)
    house.worker.drain()
    assert value_of_handle(house, second) is StatusValue.VALID


def test_a_loss_that_is_recorded_late_ends_the_handle_too(
    house: House, phone: Phone, clock: SetClock
) -> None:
    amend(house, grant_classes=(ClassEntitlement(VehicleClass.F, clock.now.date()),))
    clock.later(hours=2)
    handle = handle_of(house, phone)
    clock.later(hours=1)
    amend(
        house,
        withdraw_classes=frozenset({VehicleClass.F}),
        held_from=clock.now - timedelta(hours=2),
    )
    house.worker.drain()
    assert value_of_handle(house, handle) is StatusValue.ENDED


def test_a_class_that_is_to_come_ends_no_handle(
    house: House, phone: Phone, clock: SetClock
) -> None:
    handle = handle_of(house, phone)
    amend(
        house,
        grant_classes=(ClassEntitlement(VehicleClass.F, clock.now.date()),),
        held_from=clock.now + timedelta(days=3),
    )
    house.worker.drain()
    assert value_of_handle(house, handle) is StatusValue.VALID


def test_a_handle_ends_with_its_electronic_licence(house: House, phone: Phone) -> None:
    handle = handle_of(house, phone)
    claimed(house, WANG)
    assert value_of_handle(house, handle) is StatusValue.ENDED


def test_a_handle_of_a_person_who_was_erased_ends(house: House, phone: Phone) -> None:
    handle = handle_of(house, phone)
    house.database.write(lambda db: house.register.erase(db, WANG, house.clock()))
    house.worker.drain()
    assert value_of_handle(house, handle) is StatusValue.ENDED


def handle_of(house: House, phone: Phone) -> bytes:
    now = house.clock()
    assert phone.copy is not None
    number = phone.copy.instance_number
    given = house.database.write(
        lambda db: house.handles.add(
            db,
            holder_id=WANG,
            instance_number=number,
            kind=HandleKind.LICENCE,
            live_until=now + timedelta(days=30),
            now=now,
        )
    )
    return given.handle


def value_of_handle(house: House, handle: bytes) -> StatusValue:
    table = schema.status_handle
    with house.database.reading() as db:
        return StatusValue(
            db.execute(sa.select(table.c.value).where(table.c.handle == handle)).scalar_one()
        )


def test_what_ends_is_published_too(house: House, phone: Phone, clock: SetClock) -> None:
    detained = frozenset({LicenceStatus.DETAINED})
    amend(house, add_statuses=detained)
    house.worker.drain()
    clock.later(hours=1)
    amend(house, end_statuses=detained)
    house.worker.drain()
    assert published(house, phone) is StatusValue.VALID


def test_claiming_again_ends_the_former_copy_and_no_other(house: House, phone: Phone) -> None:
    bystander = claimed(house, LIU)
    second = claimed(house, WANG)
    assert published(house, phone) is StatusValue.ENDED
    assert published(house, second) is StatusValue.VALID
    assert published(house, bystander) is StatusValue.VALID


def test_an_ended_copy_stays_ended_whatever_the_licence_does(
    house: House, phone: Phone, clock: SetClock
) -> None:
    claimed(house, WANG)
    for points in (12, 0):
        clock.later(hours=1)
        amend(house, points=points)
        house.worker.drain()
        assert published(house, phone) is StatusValue.ENDED


def test_a_change_of_a_driver_without_a_copy_publishes_nothing(house: House, phone: Phone) -> None:
    before = tokens(house)
    amend(house, LIU, points=12)
    assert house.worker.drain() == 1
    assert tokens(house) == before


def test_a_second_pass_finds_nothing_to_do(house: House, phone: Phone) -> None:
    amend(house, points=12)
    house.worker.drain()
    before = tokens(house)
    assert house.worker.drain() == 0
    assert tokens(house) == before


# -- by time alone


def test_a_suspension_with_an_end_ends_by_itself(
    house: House, phone: Phone, clock: SetClock
) -> None:
    until = clock.now + timedelta(days=15)
    amend(house, add_statuses=frozenset({LicenceStatus.SUSPENDED}), held_until=until)
    house.worker.drain()
    assert published(house, phone) is StatusValue.MUST_NOT_DRIVE

    clock.now = until - timedelta(seconds=1)
    house.worker.drain()
    assert published(house, phone) is StatusValue.MUST_NOT_DRIVE

    clock.now = until
    assert house.worker.drain() == 1
    assert published(house, phone) is StatusValue.VALID


def test_what_is_ordered_for_later_begins_then(house: House, phone: Phone, clock: SetClock) -> None:
    begins = clock.now + timedelta(days=3)
    amend(house, add_statuses=frozenset({LicenceStatus.SUSPENDED}), held_from=begins)
    house.worker.drain()
    assert published(house, phone) is StatusValue.VALID
    clock.now = begins
    house.worker.drain()
    assert published(house, phone) is StatusValue.MUST_NOT_DRIVE


def test_a_licence_expires_at_midnight_in_china(house: House, clock: SetClock) -> None:
    phone = claimed(house, admitted(house, driver(valid_until=date(2026, 6, 20))))
    clock.now = end_of_day(date(2026, 6, 20)) - timedelta(seconds=1)
    drained_to_the_end(house)
    assert published(house, phone) is StatusValue.VALID
    clock.later(seconds=1)
    drained_to_the_end(house)
    assert published(house, phone) is StatusValue.MUST_NOT_DRIVE


def test_a_birthday_on_which_the_last_class_is_lost_is_published(
    house: House, clock: SetClock
) -> None:
    tram_driver = driver(birth_date=date(1963, 6, 10), classes=(VehicleClass.P,))
    phone = claimed(house, admitted(house, tram_driver))
    clock.now = end_of_day(date(2026, 6, 9)) - timedelta(seconds=1)
    drained_to_the_end(house)
    assert published(house, phone) is StatusValue.VALID
    clock.later(seconds=1)
    drained_to_the_end(house)
    assert published(house, phone) is StatusValue.MUST_NOT_DRIVE


def test_a_list_is_renewed_before_it_lapses(house: House, phone: Phone, clock: SetClock) -> None:
    before = tokens(house)
    clock.later(hours=12)
    assert house.worker.drain() == 0
    assert tokens(house) != before
    clock.later(hours=20)
    assert published(house, phone) is StatusValue.VALID


def drained_to_the_end(house: House) -> None:
    """Let passes follow each other, as they do within seconds after any time."""
    while house.worker.drain():
        pass


# -- several, and in trouble


def test_two_workers_at_once_publish_the_same(house: House, phone: Phone, clock: SetClock) -> None:
    other = reopen(house.config.state_dir, clock)
    for holder in (WANG, LIU):
        amend(house, holder, points=12)
    passes = [threading.Thread(target=one.worker.drain) for one in (house, other)]
    for one in passes:
        one.start()
    for one in passes:
        one.join()
    drained_to_the_end(other)
    other.close()
    assert published(house, phone) is StatusValue.MUST_NOT_DRIVE


def test_a_person_who_was_erased_keeps_no_other_waiting(house: House, phone: Phone) -> None:
    other = claimed(house, LIU)
    for holder in (WANG, LIU):
        amend(house, holder, points=12)
    with house.database.writing() as db:
        db.execute(sa.delete(schema.holder_key).where(schema.holder_key.c.holder_id == WANG))

    house.worker.drain()

    assert published(house, other) is StatusValue.MUST_NOT_DRIVE
    assert house.worker.drain() == 0


def test_a_row_that_cannot_be_settled_keeps_no_other_waiting(
    house: House, phone: Phone, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = claimed(house, LIU)
    of_holder = Copies.of_holder

    def fail_for_one(
        copies: Copies, db: Connection, holder: HolderId
    ) -> dict[StatusReference, CopyOnList]:
        if holder == WANG:
            raise JiazhaoError(ErrorCode.NOT_FOUND)
        return of_holder(copies, db, holder)

    for holder in (WANG, LIU):
        amend(house, holder, points=12)
    with monkeypatch.context() as patch:
        patch.setattr(Copies, "of_holder", fail_for_one)
        house.worker.drain()
        assert published(house, other) is StatusValue.MUST_NOT_DRIVE
        assert published(house, phone) is StatusValue.VALID
        assert house.worker.drain() == 0  # it waits, and does not come up in each pass

    clock.later(seconds=worker.SETTLE_AGAIN_AFTER.total_seconds())
    assert house.worker.drain() == 1
    assert published(house, phone) is StatusValue.MUST_NOT_DRIVE


def test_more_changes_than_one_batch_are_all_drained(
    house: House, phone: Phone, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "BATCH", 2)
    for points in (3, 6, 9, 12):
        clock.later(minutes=1)
        amend(house, points=points)
    assert [house.worker.drain() for _ in range(3)] == [2, 2, 0]
    assert published(house, phone) is StatusValue.MUST_NOT_DRIVE


def test_tidying_forgets_what_lapsed_and_keeps_what_lives(
    house: House, phone: Phone, clock: SetClock
) -> None:
    short = house.checks.shorten(phone.code(), clock.now)
    unfinished = Phone(house, LIU)
    token = unfinished.redeem(house.offers.claim(LIU, clock.now, replaces=True))
    house.worker.tidy()
    assert unfinished.fetch(token).instance_number

    clock.later(hours=2)
    house.worker.tidy()
    assert house.checks.sweep(clock.now) == house.issuance.sweep(clock.now) == 0
    assert house.issuance.resolve_stale(clock.now) == 0
    assert short.expires_at < clock.now
    assert published(house, phone) is StatusValue.VALID


def test_tidying_forgets_handles_that_no_code_names_any_more(
    house: House, phone: Phone, clock: SetClock
) -> None:
    lapsed = handle_of(house, phone)
    clock.later(days=30 + house.config.offline_upload_days)
    lives = handle_of(house, phone)
    house.worker.tidy()
    assert value_of_handle(house, lapsed) is StatusValue.VALID

    clock.later(days=1, seconds=1)
    house.worker.tidy()
    with house.database.reading() as db:
        assert house.handles.find(db, lapsed) is None
    assert value_of_handle(house, lives) is StatusValue.VALID


def test_an_intention_that_a_crash_left_is_voided_once_its_token_is_dead(
    house: House, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = Phone(house, WANG)
    token = phone.redeem(house.offers.claim(WANG, clock.now, replaces=True))

    def crash(*_arguments: object) -> bytes:
        raise JiazhaoError(ErrorCode.SERVICE_UNAVAILABLE)

    with monkeypatch.context() as patch:
        patch.setattr(Copies, "complete", crash)
        with pytest.raises(JiazhaoError):
            phone.fetch(token)
    assert house.issuance.resolve_stale(clock.now) == 0
    clock.later(seconds=2 * house.config.token_seconds + 1)
    assert house.issuance.resolve_stale(clock.now) == 1
    with house.database.reading() as db:
        assert house.register.live_instance(db, WANG) is None
    assert Phone(house, WANG).claim(replaces=False).instance_number


# -- for as long as the system runs


class Passes:
    """A worker's passes, one after another until enough of them were made."""

    def __init__(self, house: House, enough: int, act: Callable[[], int]) -> None:
        self.house, self.enough, self.act = house, enough, act
        self.made = 0
        self.stop = threading.Event()

    def drain(self, _worker: Worker) -> int:
        self.made += 1
        if self.made >= self.enough:
            self.stop.set()
        return self.act()


def test_it_goes_on_after_a_pass_that_failed(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> int:
        raise JiazhaoError(ErrorCode.SERVICE_UNAVAILABLE)

    passes = Passes(house, 3, fail)
    monkeypatch.setattr(Worker, "drain", lambda worker: passes.drain(worker))
    with capture_logs() as logged:
        house.worker.run(passes.stop, seconds=0.0, heartbeat=tmp_path / "beat")
    assert passes.made == len(logged) == 3
    assert {line["event"] for line in logged} == {"worker_pass_failed"}
    assert not (tmp_path / "beat").exists()


def test_each_good_pass_leaves_its_mark(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes = Passes(house, 2, lambda: 0)
    monkeypatch.setattr(Worker, "drain", lambda worker: passes.drain(worker))
    house.worker.run(passes.stop, seconds=0.0, heartbeat=tmp_path / "beat")
    assert (tmp_path / "beat").exists()


def test_a_full_batch_is_followed_at_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    passes = Passes(house, 3, lambda: worker.BATCH)
    monkeypatch.setattr(Worker, "drain", lambda worker: passes.drain(worker))
    house.worker.run(passes.stop, seconds=3600.0)
    assert passes.made == 3
