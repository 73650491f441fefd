"""A lost device: freezing it from elsewhere, releasing it, and ending it."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from jiazhao import app
from jiazhao.credentials.status_list import StatusValue
from jiazhao.devices.messages import CounterFreezeRequest
from jiazhao.errors import ErrorCode, JiazhaoError
from jiazhao.http.access import Actor, Role
from jiazhao.issuance.protocol import ProtocolError
from jiazhao.licence.identifiers import HolderId, InstanceNumber
from jiazhao.licence.legal_day import legal_day
from jiazhao.presentation.messages import CheckRequest
from jiazhao.status.handles import HandleKind, StatusHandle
from jiazhao.storage.engine import Connection
from tests.clocks import MORNING, SetClock
from tests.houses import Phone, officer

WANG = HolderId("sp-000001")
DRIVER = Actor(
    account_id="account of the driver",
    name="王样本",
    unit="",
    roles=frozenset({Role.DRIVER}),
    holder_id=WANG,
    authenticated_at=MORNING,
    acr="",
)
CLERK = replace(DRIVER, account_id="account of a clerk", roles=frozenset({Role.CLERK}))


@pytest.fixture
def phone(house: app.House) -> Phone:
    """A driver's phone with the licence on it."""
    phone = Phone(house, WANG)
    phone.claim()
    return phone


def verdict(house: app.House, code: str) -> tuple[str, str | None]:
    data = CheckRequest(str(uuid.uuid4()), code)
    answer = house.checks.check(data, officer=officer(), now=house.clock())
    return answer.verdict, answer.reason.code if answer.reason else None


def published(house: app.House, phone: Phone) -> StatusValue:
    """What the status list says of the phone's copy once the worker has passed."""
    assert phone.copy is not None
    assert phone.copy.status is not None
    while house.worker.drain():
        pass
    with house.database.reading() as db:
        copies = house.issuance.copies.of_holder(db, WANG)
        licence = house.register.licence_of(db, WANG, at=house.clock())
        return house.worker._values(db, licence, copies)[phone.copy.status]


def told(house: app.House) -> list[tuple[str, str, str]]:
    rules = house.tables.on(legal_day(house.clock()))
    shown = house.consent.accesses_of(WANG, rules).accesses
    return [
        (one.reason.code, one.actor.role, one.reason.note) for one in shown if one.kind == "device"
    ]


def test_a_frozen_licence_is_not_valid_at_once_and_published_as_such(
    house: app.House, phone: Phone
) -> None:
    assert verdict(house, phone.code()) == ("VALID", None)

    answer = house.devices.freeze(DRIVER, WANG, house.clock())

    assert answer.state == "frozen"
    assert verdict(house, phone.code()) == ("NOT_VALID", "instance_frozen")
    assert published(house, phone) is StatusValue.MUST_NOT_DRIVE
    assert told(house) == [("device_frozen", "driver", "")]
    (device,) = house.devices.devices_of(WANG).devices
    assert (device.state, device.frozen_by) == ("frozen", "holder")


def test_freezing_twice_is_freezing_once(house: app.House, phone: Phone) -> None:
    del phone
    for _ in range(2):
        assert house.devices.freeze(DRIVER, WANG, house.clock()).state == "frozen"
    assert len(told(house)) == 1


def test_a_released_licence_is_valid_again(house: app.House, phone: Phone, clock: SetClock) -> None:
    house.devices.freeze(DRIVER, WANG, house.clock())
    clock.later(seconds=1)
    assert house.devices.unfreeze(DRIVER, WANG, house.clock()).state == "live"
    assert verdict(house, phone.code()) == ("VALID", None)
    assert published(house, phone) is StatusValue.VALID
    assert [reason for reason, _, _ in told(house)] == ["device_unfrozen", "device_frozen"]
    house.devices.unfreeze(DRIVER, WANG, house.clock())
    assert len(told(house)) == 2


def test_a_clerk_freezes_for_who_has_no_other_device_and_is_seen(
    house: app.House, phone: Phone
) -> None:
    assert phone.copy is not None
    asked = CounterFreezeRequest(phone.copy.instance_number, "本人到窗口挂失")
    assert house.devices.freeze_at_counter(CLERK, asked, house.clock()).state == "frozen"
    assert verdict(house, phone.code()) == ("NOT_VALID", "instance_frozen")
    assert told(house) == [("device_frozen", "clerk", "本人到窗口挂失")]


def test_a_clerk_is_told_where_there_is_nothing_to_freeze(house: app.House) -> None:
    unknown = CounterFreezeRequest("510000000000000000", "本人到窗口挂失")
    with pytest.raises(JiazhaoError) as caught:
        house.devices.freeze_at_counter(CLERK, unknown, house.clock())
    assert caught.value.code is ErrorCode.NO_LICENCE
    with pytest.raises(JiazhaoError) as caught:
        house.devices.freeze(DRIVER, WANG, house.clock())
    assert caught.value.code is ErrorCode.NO_LIVE_DEVICE


def test_no_copies_are_issued_to_a_frozen_device(house: app.House) -> None:
    phone = Phone(house, WANG)
    token = phone.redeem(house.offers.claim(WANG, phone.now, replaces=True))
    phone.fetch(token)
    house.devices.freeze(DRIVER, WANG, house.clock())
    with pytest.raises(ProtocolError):
        phone.fetch_sdjwt(token)


def value_of_handle(house: app.House, kind: HandleKind, number: InstanceNumber) -> StatusValue:
    """What the snapshot says of a handle that was given out now, once the worker has passed."""
    now = house.clock()

    def add(db: Connection) -> StatusHandle:
        return house.handles.add(
            db,
            holder_id=WANG,
            instance_number=number,
            kind=kind,
            live_until=now + timedelta(days=30),
            now=now,
        )

    handle = house.database.write(add)
    while house.worker.drain():
        pass
    with house.database.reading() as db:
        licence = house.register.licence_of(db, WANG, at=now)
        return house.worker._value_of_handle(db, licence, handle)


def test_freezing_stops_the_codes_of_the_device_and_not_the_printed_one(
    house: app.House, phone: Phone
) -> None:
    assert phone.copy is not None
    number = phone.copy.instance_number
    house.devices.freeze(DRIVER, WANG, house.clock())
    assert value_of_handle(house, HandleKind.LICENCE, number) is StatusValue.MUST_NOT_DRIVE
    assert value_of_handle(house, HandleKind.BACKUP, number) is StatusValue.VALID
    Phone(house, WANG).claim()
    assert value_of_handle(house, HandleKind.LICENCE, number) is StatusValue.ENDED
    assert value_of_handle(house, HandleKind.BACKUP, number) is StatusValue.VALID


def test_a_frozen_licence_can_be_claimed_anew(house: app.House, phone: Phone) -> None:
    house.devices.freeze(DRIVER, WANG, house.clock())
    newer = Phone(house, WANG)
    newer.claim()
    assert verdict(house, newer.code()) == ("VALID", None)
    assert verdict(house, phone.code()) == ("NOT_VALID", "instance_ended")


def test_an_ended_device_never_comes_back(house: app.House, phone: Phone, clock: SetClock) -> None:
    key = phone.key.public.thumbprint()
    for _ in range(2):
        assert house.devices.end(DRIVER, WANG, key, house.clock()).state == "ended"
    assert verdict(house, phone.code()) == ("NOT_VALID", "instance_ended")
    assert published(house, phone) is StatusValue.ENDED
    assert [reason for reason, _, _ in told(house)] == ["device_ended"]
    with pytest.raises(JiazhaoError):
        house.devices.unfreeze(DRIVER, WANG, house.clock())
    clock.later(seconds=1)
    Phone(house, WANG).claim()
    states = [one.state for one in house.devices.devices_of(WANG).devices]
    assert states == ["live", "ended"]


def test_nobody_ends_the_device_of_another(house: app.House, phone: Phone) -> None:
    key, other = phone.key.public.thumbprint(), HolderId("sp-000002")
    with pytest.raises(JiazhaoError) as caught:
        house.devices.end(replace(DRIVER, holder_id=other), other, key, house.clock())
    assert caught.value.code is ErrorCode.DEVICE_NOT_KNOWN
    assert verdict(house, phone.code()) == ("VALID", None)
