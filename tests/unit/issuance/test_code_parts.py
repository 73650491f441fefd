"""The issuer's part of a licence code: for the device of the live licence, true when signed."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from jiazhao.app import House
from jiazhao.credentials.licence_code import IssuerPart, key_name
from jiazhao.credentials.signing import PublicKey
from jiazhao.errors import ErrorCode, JiazhaoError
from jiazhao.issuance import code_parts
from jiazhao.issuance.formats import LICENCE_CODE_CONFIGURATION, MDL_CONFIGURATION
from jiazhao.issuance.granting import WalletKeys
from jiazhao.issuance.protocol import ProtocolError, WireError
from jiazhao.licence.licence import ClassEntitlement
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.photo.code_portrait import code_portrait
from jiazhao.registry.service import Amendment, Instance
from jiazhao.smoke.wallet import DeviceKey
from jiazhao.status.handles import HandleKind, StatusHandle
from tests.houses import Phone, SetClock

JANUARY = date(2026, 1, 1)


@pytest.fixture
def token(house: House, phone: Phone) -> str:
    """The token of a phone that has claimed the licence."""
    token = phone.redeem(house.offers.claim(phone.holder_id, phone.now, replaces=False))
    phone.fetch(token)
    return token


def refused(act: Callable[[], object]) -> WireError:
    with pytest.raises(ProtocolError) as caught:
        act()
    return caught.value.error


def amend(house: House, phone: Phone, **changes: Any) -> None:
    amendment = Amendment(held_from=phone.now, **changes)
    house.database.write(lambda db: house.register.amend(db, phone.holder_id, amendment, phone.now))


def handles(house: House, phone: Phone) -> list[StatusHandle]:
    with house.database.reading() as db:
        return house.handles.of_holder(db, phone.holder_id)


def live(house: House, phone: Phone) -> Instance:
    with house.database.reading() as db:
        instance = house.register.live_instance(db, phone.holder_id)
    assert instance is not None
    return instance


def is_due(house: House, phone: Phone) -> bool:
    with house.database.reading() as db:
        return house.issuance.code_parts.is_due(
            db, phone.holder_id, live(house, phone).instance_number, phone.now
        )


def test_a_part_says_what_the_register_says_and_is_signed_by_the_issuer(
    house: House, phone: Phone, token: str
) -> None:
    part = phone.fetch_code_part(token)

    signer = house.trust.document_signer
    assert part.kid == key_name(signer.certificates[0])
    certificate = x509.load_der_x509_certificate(signer.certificates[0])
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    part.verify(PublicKey.of(key))
    with house.database.reading() as db:
        licence = house.register.licence_of(db, phone.holder_id, at=phone.now)
    data, person, grant = part.data, licence.person, licence.grant
    assert data.device_key == phone.key.public.compressed
    assert (data.signed_at, data.life) == (phone.now, 720)
    assert (data.number, data.name, data.sex) == (person.identity_number, person.name, person.sex)
    assert (data.birth_date, data.nationality) == (person.birth_date, person.nationality)
    assert data.classes == tuple((one.vehicle_class, one.expiry_date) for one in licence.classes)
    assert (data.valid_from, data.valid_until) == (grant.valid_from, grant.valid_until)
    assert (data.statuses, data.points) == (licence.statuses, licence.points)
    assert (data.record or None, data.office_prefix) == (
        grant.record or None,
        grant.issuing_office.prefix,
    )


def test_its_handle_is_known_before_it_is_signed_and_for_its_whole_life(
    house: House, phone: Phone, token: str, clock: SetClock
) -> None:
    part = phone.fetch_code_part(token)
    (handle,) = handles(house, phone)
    assert (handle.handle, handle.kind) == (part.data.handle, HandleKind.LICENCE)
    assert handle.live_until == part.data.ends_at
    assert part.data.handle_age == 0

    clock.later(seconds=200)
    again = phone.fetch_code_part(token)
    (handle,) = handles(house, phone)
    assert again.data.handle == handle.handle == part.data.handle
    assert handle.live_until == again.data.ends_at > part.data.ends_at


def test_its_handle_is_of_the_hour_in_which_it_was_issued(
    house: House, phone: Phone, clock: SetClock
) -> None:
    clock.later(minutes=58)
    granted = phone.house.offers.claim(phone.holder_id, phone.now, replaces=False)
    token = phone.redeem(granted)
    phone.fetch(token)
    first = phone.fetch_code_part(token)
    clock.later(minutes=4)
    later = phone.fetch_code_part(token)
    assert (first.data.handle_age, later.data.handle_age) == (0, 1)
    (handle,) = handles(house, phone)
    hour = handle.issued_at.replace(minute=0)
    assert hour <= later.data.handle_issued_at < hour + timedelta(hours=1)


def test_a_handle_that_has_ended_gets_a_successor(
    house: House, phone: Phone, token: str, clock: SetClock
) -> None:
    amend(house, phone, grant_classes=(ClassEntitlement(VehicleClass.D, JANUARY),))
    clock.later(seconds=10)
    before = phone.fetch_code_part(token)
    clock.later(seconds=10)
    amend(house, phone, withdraw_classes=frozenset({VehicleClass.D}))
    clock.later(seconds=10)
    phone.fetch_code_part(token)  # before the worker has passed: with the handle that will end
    assert not is_due(house, phone)
    while house.worker.drain():
        pass
    assert is_due(house, phone)
    after = phone.fetch_code_part(token)
    assert after.data.handle != before.data.handle
    assert [one.handle for one in handles(house, phone)] == [after.data.handle]


def test_it_never_outlives_the_licence(house: House, phone: Phone, clock: SetClock) -> None:
    with house.database.reading() as db:
        until = house.register.licence_of(db, phone.holder_id, at=phone.now).grant.valid_until
    assert until is not None
    clock.later(days=(until - clock.now.date()).days - 5)
    token = phone.redeem(house.offers.claim(phone.holder_id, phone.now, replaces=False))
    phone.fetch(token)
    part = phone.fetch_code_part(token)
    assert part.data.life < 7 * 24
    assert part.data.ends_at.date() <= until
    (handle,) = handles(house, phone)
    assert handle.live_until == part.data.ends_at


def test_a_part_is_for_the_device_of_the_licence_alone(
    house: House, phone: Phone, token: str
) -> None:
    stranger = Phone(house, phone.holder_id, key=DeviceKey())
    assert refused(lambda: stranger.fetch_code_part(token)) is WireError.INVALID_PROOF
    assert handles(house, phone) == []


def test_there_is_none_before_the_licence_is_on_the_device(house: House, phone: Phone) -> None:
    token = phone.redeem(house.offers.claim(phone.holder_id, phone.now, replaces=False))
    assert refused(lambda: phone.fetch_code_part(token)) is WireError.INVALID_TOKEN


def test_there_is_none_for_a_device_that_lost_the_licence(
    house: House, phone: Phone, token: str
) -> None:
    Phone(house, phone.holder_id).claim()
    assert refused(lambda: phone.fetch_code_part(token)) is WireError.INVALID_TOKEN


def test_there_is_none_while_the_licence_is_frozen(house: House, phone: Phone, token: str) -> None:
    house.database.write(
        lambda db: house.register.freeze(db, live(house, phone), "holder", phone.now)
    )
    assert refused(lambda: phone.fetch_code_part(token)) is WireError.CREDENTIAL_REQUEST_DENIED


def test_there_is_none_where_the_law_allows_none(house: House, phone: Phone, token: str) -> None:
    amend(house, phone, add_statuses=frozenset({LicenceStatus.REVOKED}))
    assert refused(lambda: phone.fetch_code_part(token)) is WireError.CREDENTIAL_REQUEST_DENIED


def test_a_proof_is_taken_once(house: House, phone: Phone, token: str) -> None:
    proof = phone.proof()

    def fetch() -> bytes:
        return house.issuance.issue(
            token, proof, phone.now, configuration=LICENCE_CODE_CONFIGURATION
        )

    fetch()
    assert refused(fetch) is WireError.INVALID_NONCE


def test_one_key_at_a_time(house: House, phone: Phone, token: str) -> None:
    other = Phone(house, phone.holder_id, key=DeviceKey())
    proofs = [phone.proof(), other.proof()]

    def fetch() -> object:
        return house.issuance.issue_batch(
            token, proofs, phone.now, configuration=LICENCE_CODE_CONFIGURATION
        )

    assert refused(fetch) is WireError.INVALID_PROOF


def test_what_changes_while_the_portrait_is_encoded_is_signed(
    house: House, phone: Phone, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode = code_portrait

    def meanwhile(photo: bytes, room: int) -> object:
        monkeypatch.undo()
        amend(house, phone, points=5)
        return encode(photo, room)

    monkeypatch.setattr(code_parts, "code_portrait", meanwhile)
    assert phone.fetch_code_part(token).data.points == 5


def test_a_register_that_never_stands_still_is_a_fault_and_no_old_part(
    house: House, phone: Phone, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = iter(range(1, 10))

    def meanwhile(*_: object) -> None:
        amend(house, phone, points=next(points))

    monkeypatch.setattr(code_parts, "code_portrait", meanwhile)
    with pytest.raises(JiazhaoError) as caught:
        phone.fetch_code_part(token)
    assert caught.value.code is ErrorCode.SERVICE_UNAVAILABLE
    assert handles(house, phone) == []


# -- renewing


def renewed(house: House, phone: Phone, dpop_jkt: str | None = None) -> IssuerPart:
    """Claim, let a month pass, and come back with the refresh token."""
    granted = house.tokens.redeem(*_offer(house, phone), phone.now)
    phone.fetch(granted.access_token)
    keys = WalletKeys(dpop_jkt)
    again = house.tokens.refresh(granted.refresh_token, None, keys, phone.now)
    return phone.fetch_code_part(again.access_token)


def _offer(house: House, phone: Phone) -> tuple[str, str]:
    made = house.offers.claim(phone.holder_id, phone.now, replaces=True)
    return made.pre_authorized_code, made.tx_code


def test_it_is_renewed_with_the_refresh_token(house: House, phone: Phone) -> None:
    assert renewed(house, phone).data.device_key == phone.key.public.compressed


def test_a_grant_covers_the_part_and_an_offer_does_not_name_it(house: House, phone: Phone) -> None:
    """Another wallet takes whatever it is offered, and does not know this format."""
    granted = house.tokens.redeem(*_offer(house, phone), phone.now)
    assert LICENCE_CODE_CONFIGURATION in granted.configurations


def test_it_is_due_at_first_after_a_day_and_when_the_register_changed(
    house: House, phone: Phone, token: str, clock: SetClock
) -> None:
    assert is_due(house, phone)
    phone.fetch_code_part(token)
    clock.later(seconds=10)
    assert not is_due(house, phone)
    amend(house, phone, points=3)
    assert is_due(house, phone)
    clock.later(seconds=10)
    phone.fetch_code_part(token)
    clock.later(hours=23)
    assert not is_due(house, phone)
    clock.later(hours=1)
    assert is_due(house, phone)


def test_further_copies_make_no_part_due(house: House, phone: Phone, token: str) -> None:
    phone.fetch_code_part(token)
    phone.fetch_sdjwt(token)
    assert not is_due(house, phone)


def test_what_became_of_a_part_may_be_told(house: House, phone: Phone, token: str) -> None:
    batch = house.issuance.issue_batch(
        token, [phone.proof()], phone.now, configuration=LICENCE_CODE_CONFIGURATION
    )
    grant = house.tokens.admit(token, None, phone.now)
    named = getattr(batch, "notification_id", "")
    house.issuance.notify(grant, named, "credential_accepted", phone.now)
    assert (
        refused(lambda: house.issuance.notify(grant, "another", "credential_accepted", phone.now))
        is WireError.INVALID_NOTIFICATION_ID
    )
    assert MDL_CONFIGURATION in grant.configurations
