"""Issuing a copy: bound to the key that was shown, once, and true when it is stored."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial

import pytest
import sqlalchemy as sa

from jiazhao.app import House
from jiazhao.credentials.mdoc import MDL_NAMESPACE
from jiazhao.credentials.signing import Algorithm, Signer
from jiazhao.credentials.status_list import StatusReference
from jiazhao.issuance.protocol import ProtocolError, WireError
from jiazhao.issuance.service import Issuance
from jiazhao.licence.licence import ClassEntitlement
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.registry.service import Amendment
from jiazhao.smoke.wallet import DeviceKey, Received
from jiazhao.storage.schema import bearer_lookup, copy, intention, status_index, used_nonce
from tests.houses import Phone, SetClock


def redeemed(phone: Phone) -> str:
    """Return an access token for a new claim."""
    return phone.redeem(phone.house.offers.claim(phone.holder_id, phone.now, replaces=True))


def refusal(act: Callable[[], object]) -> WireError:
    with pytest.raises(ProtocolError) as refused:
        act()
    return refused.value.error


def count(house: House, table: sa.Table) -> int:
    with house.database.reading() as db:
        return db.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def amend(phone: Phone, amendment: Amendment) -> None:
    phone.house.database.write(
        lambda db: phone.house.register.amend(db, phone.holder_id, amendment, phone.now)
    )


def keep(_received: Received) -> None:
    """Drop the value of a claim, where only that it happens counts."""


@dataclass
class WatchedSigner:
    """The issuer's signer; before it signs, something else happens."""

    signer: Signer
    before: list[Callable[[], None]] = field(default_factory=list)
    algorithm = Algorithm.ES256

    @property
    def certificates(self) -> tuple[bytes, ...]:
        return self.signer.certificates

    def sign(self, message: bytes) -> bytes:
        if self.before:
            self.before.pop(0)()
        return self.signer.sign(message)


def watched(house: House, *before: Callable[[], None]) -> Issuance:
    copies = house.issuance.copies
    signer = partial(WatchedSigner, copies.signer(), list(before))
    return replace(house.issuance, copies=replace(copies, signer=signer))


def test_the_copy_is_bound_to_the_key_and_the_register_knows_it(house: House, phone: Phone) -> None:
    received = phone.claim(replaces=False)

    with house.database.reading() as db:
        live = house.register.live_instance(db, phone.holder_id)
        found = house.register.find(db, received.instance_number)
        copies = house.issuance.copies.of_holder(db, phone.holder_id)
    assert live is not None
    assert live.instance_number == received.instance_number
    assert live.key_thumbprint == phone.key.public.thumbprint()
    assert live.device_key == phone.key.public.point
    assert found == phone.holder_id
    assert received.status is not None
    place = StatusReference(received.status.uri, received.status.index)
    assert copies.keys() == {place}
    assert copies[place].instance_number == received.instance_number


def test_asking_again_with_the_same_key_gives_the_same_copy(house: House, phone: Phone) -> None:
    token = redeemed(phone)
    first = phone.fetch(token)
    same_proof = phone.proof()

    again = [house.issuance.issue(token, same_proof, phone.now) for _ in range(2)]
    again.append(phone.fetch(token).octets)

    assert set(again) == {first.octets}
    assert [count(house, table) for table in (copy, intention, status_index)] == [1, 1, 1]


def test_another_key_gets_nothing_from_the_same_token(house: House, phone: Phone) -> None:
    token = redeemed(phone)
    phone.fetch(token)

    thief = Phone(house, phone.holder_id, DeviceKey())

    assert refusal(lambda: thief.fetch(token)) is WireError.INVALID_TOKEN
    assert [count(house, table) for table in (copy, intention, status_index)] == [1, 1, 1]


def test_a_nonce_is_used_once_by_a_holder(house: House, phone: Phone) -> None:
    nonce = house.issuance.nonces.make(secrets.token_bytes(16), phone.now)
    house.issuance.issue(redeemed(phone), phone.proof(nonce=nonce), phone.now)
    token = redeemed(phone)

    replayed = refusal(lambda: house.issuance.issue(token, phone.proof(nonce=nonce), phone.now))

    assert replayed is WireError.INVALID_NONCE
    phone.fetch(token)


def test_a_token_lapses(house: House, phone: Phone, clock: SetClock) -> None:
    token = redeemed(phone)
    clock.later(seconds=300)
    assert refusal(lambda: phone.fetch(token)) is WireError.INVALID_TOKEN
    assert refusal(lambda: phone.fetch("unknown")) is WireError.INVALID_TOKEN
    assert count(house, status_index) == 0


def test_a_withdrawn_offer_gives_nothing_and_uses_no_place_up(house: House, phone: Phone) -> None:
    token = redeemed(phone)
    redeemed(phone)

    assert refusal(lambda: phone.fetch(token)) is WireError.INVALID_TOKEN
    assert count(house, status_index) == 0


def test_the_law_is_asked_again_when_the_copy_is_issued(house: House, phone: Phone) -> None:
    token = redeemed(phone)
    amend(phone, Amendment(phone.now, points=12))

    assert refusal(lambda: phone.fetch(token)) is WireError.CREDENTIAL_REQUEST_DENIED
    assert count(house, copy) == 0


def test_a_replaced_licence_ends(house: House, phone: Phone) -> None:
    old = phone.claim()
    new = Phone(house, phone.holder_id).claim()

    assert old.instance_number != new.instance_number
    with house.database.reading() as db:
        ended = house.register.instance(db, old.instance_number)
        live = house.register.live_instance(db, phone.holder_id)
    assert ended is not None
    assert ended.ended_at == phone.now
    assert live is not None
    assert live.instance_number == new.instance_number


# -- what happens while a copy is signed


def test_a_licence_that_changes_meanwhile_is_signed_again(house: House, phone: Phone) -> None:
    token = redeemed(phone)
    motorcycle = ClassEntitlement(VehicleClass.D, date(2026, 6, 1))
    granted = Amendment(phone.now, grant_classes=(motorcycle,))
    issuance = watched(house, lambda: amend(phone, granted))

    received = Received.of(issuance.issue(token, phone.proof(), phone.now))

    privileges = received.issued.name_spaces[MDL_NAMESPACE]["driving_privileges"].value
    assert {one["vehicle_category_code"] for one in privileges} >= {"A", "B"}
    assert count(house, copy) == 1


def test_a_licence_that_is_detained_meanwhile_is_not_issued(house: House, phone: Phone) -> None:
    token = redeemed(phone)
    detained = Amendment(phone.now, add_statuses=frozenset({LicenceStatus.DETAINED}))
    issuance = watched(house, lambda: amend(phone, detained))

    denied = refusal(lambda: issuance.issue(token, phone.proof(), phone.now))

    assert denied is WireError.CREDENTIAL_REQUEST_DENIED
    assert count(house, copy) == 0
    with house.database.reading() as db:
        assert house.register.live_instance(db, phone.holder_id) is None


def test_a_claim_that_is_replaced_meanwhile_is_not_issued(house: House, phone: Phone) -> None:
    token = redeemed(phone)
    another = Phone(house, phone.holder_id)
    issuance = watched(house, lambda: keep(another.claim()))

    assert refusal(lambda: issuance.issue(token, phone.proof(), phone.now)) is (
        WireError.INVALID_TOKEN
    )

    assert another.copy is not None
    with house.database.reading() as db:
        live = house.register.live_instance(db, phone.holder_id)
    assert live is not None
    assert live.instance_number == another.copy.instance_number


def lights_out() -> None:
    raise KeyboardInterrupt


def test_after_a_power_cut_the_wallet_gets_what_was_intended(house: House, phone: Phone) -> None:
    token = redeemed(phone)
    with pytest.raises(KeyboardInterrupt):
        watched(house, lights_out).issue(token, phone.proof(), phone.now)
    assert [count(house, table) for table in (intention, status_index, copy)] == [1, 1, 0]

    received = phone.fetch(token)

    assert [count(house, table) for table in (intention, status_index, copy)] == [1, 1, 1]
    with house.database.reading() as db:
        intended = db.execute(sa.select(intention)).one()
    assert received.instance_number == intended.instance_number
    assert received.status is not None
    assert received.status.index == intended.status_index


def test_an_intention_that_nobody_comes_back_for_is_voided(
    house: House, phone: Phone, clock: SetClock
) -> None:
    token = redeemed(phone)
    with pytest.raises(KeyboardInterrupt):
        watched(house, lights_out).issue(token, phone.proof(), phone.now)
    cut_at = clock()

    clock.later(seconds=600)
    assert house.issuance.resolve_stale(clock()) == 0, "a token might still finish it"
    clock.later(seconds=1)
    assert house.issuance.resolve_stale(clock()) == 1
    assert house.issuance.resolve_stale(clock()) == 0

    clock.now = cut_at
    assert refusal(lambda: phone.fetch(token)) is WireError.INVALID_TOKEN
    assert [count(house, table) for table in (intention, status_index, copy)] == [1, 1, 0]


def test_what_is_stored_is_never_voided(house: House, phone: Phone, clock: SetClock) -> None:
    phone.claim()
    clock.later(days=1)
    assert house.issuance.resolve_stale(clock()) == 0


def test_what_has_lapsed_is_forgotten(house: House, phone: Phone, clock: SetClock) -> None:
    phone.claim()
    clock.later(seconds=299)
    house.issuance.sweep(clock())
    assert count(house, bearer_lookup) == 5
    assert count(house, used_nonce) == 2, "one for the copy, one for the code part"

    clock.later(seconds=302)
    house.issuance.sweep(clock())
    assert count(house, bearer_lookup) == 1, "the wallet may come back"
    assert count(house, used_nonce) == 0

    clock.later(days=90)
    house.issuance.sweep(clock())
    assert count(house, bearer_lookup) == 0
