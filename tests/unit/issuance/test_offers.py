"""Offers: who gets one, which one counts, and how long."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from jiazhao.app import House
from jiazhao.errors import ClaimError, ErrorCode, JiazhaoError
from jiazhao.issuance.offering import ClaimRefused, MadeOffer
from jiazhao.issuance.protocol import ProtocolError
from jiazhao.licence.identifiers import HolderId
from jiazhao.licence.status import LicenceStatus
from jiazhao.registry.service import Amendment
from jiazhao.storage.schema import metadata, offer
from tests.houses import Phone, SetClock


def refusal_of(house: House, phone: Phone, *, replaces: bool = False) -> ErrorCode:
    with pytest.raises(ClaimError) as refused:
        house.offers.claim(phone.holder_id, phone.now, replaces=replaces)
    return refused.value.code


def claim(house: House, phone: Phone, *, replaces: bool = False) -> MadeOffer:
    return house.offers.claim(phone.holder_id, phone.now, replaces=replaces)


def is_usable(phone: Phone, made: MadeOffer) -> bool:
    try:
        phone.redeem(made)
    except ProtocolError:
        return False
    return True


def test_a_claim_makes_an_offer_in_two_halves(house: House, phone: Phone) -> None:
    made = claim(house, phone)

    assert len(made.tx_code) == 6
    assert made.tx_code.isdecimal()
    opened = house.offers.open_offer(made.offer_id, phone.now)
    assert opened == (made.pre_authorized_code, made.issuer_state)
    assert made.expires_at == phone.now + timedelta(minutes=10)


def test_neither_half_stands_anywhere_at_rest(house: House, phone: Phone) -> None:
    made = claim(house, phone)
    with house.database.reading() as db:
        rows = [
            repr(row) for table in metadata.tables.values() for row in db.execute(sa.select(table))
        ]
    assert any(made.offer_id in row for row in rows)
    for secret in (made.pre_authorized_code, repr(made.tx_code)):
        assert not any(secret in row for row in rows)


def test_what_the_law_refuses_makes_no_offer(house: House, phone: Phone) -> None:
    detained = Amendment(phone.now, add_statuses=frozenset({LicenceStatus.DETAINED}))
    house.database.write(lambda db: house.register.amend(db, phone.holder_id, detained, phone.now))

    asked: list[Callable[[], MadeOffer]] = [
        lambda: claim(house, phone),
        lambda: claim(house, phone, replaces=True),
        lambda: house.offers.offer_at_counter(phone.holder_id, phone.now),
    ]
    for ask in asked:
        with pytest.raises(ClaimRefused) as refused:
            ask()
        assert [refusal.code for refusal in refused.value.refusals] == ["status_detained"]
    with house.database.reading() as db:
        assert db.execute(sa.select(offer)).all() == []


def test_a_stranger_gets_none(house: House, phone: Phone) -> None:
    with pytest.raises(JiazhaoError) as refused:
        house.offers.claim(HolderId("nobody"), phone.now, replaces=True)
    assert refused.value.code is ErrorCode.NO_LICENCE


def test_a_second_claim_must_say_that_it_replaces_the_first(house: House, phone: Phone) -> None:
    first = claim(house, phone)
    assert refusal_of(house, phone) is ErrorCode.CLAIM_UNDER_WAY

    second = claim(house, phone, replaces=True)

    assert not is_usable(phone, first)
    assert is_usable(phone, second)
    assert refusal_of(house, phone) is ErrorCode.CLAIM_UNDER_WAY, "it is redeemed, not issued"


def test_a_claim_that_lapsed_is_in_nobodys_way(house: House, phone: Phone, clock: SetClock) -> None:
    first = claim(house, phone)
    clock.later(seconds=599)
    assert refusal_of(house, phone) is ErrorCode.CLAIM_UNDER_WAY
    clock.later(seconds=1)

    second = claim(house, phone)

    assert not is_usable(phone, first)
    assert is_usable(phone, second)


def test_who_has_one_must_say_that_it_moves(house: House, phone: Phone) -> None:
    phone.claim(replaces=False)
    assert refusal_of(house, phone) is ErrorCode.ALREADY_CLAIMED

    claim(house, phone, replaces=True)


def test_an_offer_at_the_counter_takes_the_place_of_a_claim(house: House, phone: Phone) -> None:
    claimed = claim(house, phone)
    first = house.offers.offer_at_counter(phone.holder_id, phone.now)
    second = house.offers.offer_at_counter(phone.holder_id, phone.now)

    assert not is_usable(phone, claimed)
    assert not is_usable(phone, first)
    assert is_usable(phone, second)


def test_an_offer_can_be_fetched_while_it_is_open(
    house: House, phone: Phone, clock: SetClock
) -> None:
    def refusal(offer_id: str) -> ErrorCode:
        with pytest.raises(ClaimError) as refused:
            house.offers.open_offer(offer_id, clock())
        return refused.value.code

    redeemed = claim(house, phone)
    phone.redeem(redeemed)
    lapsed = claim(house, phone, replaces=True)
    clock.later(minutes=10)

    for offer_id in (redeemed.offer_id, lapsed.offer_id, "unknown", "", redeemed.tx_code):
        assert refusal(offer_id) is ErrorCode.OFFER_NOT_USABLE
