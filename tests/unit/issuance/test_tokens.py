"""Redeeming an offer: once, with its transaction code, and with few guesses."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from jiazhao.app import House
from jiazhao.issuance.offering import MadeOffer
from jiazhao.issuance.protocol import ProtocolError, WireError
from tests.houses import Phone, SetClock

MAX_WRONG_TX_CODES = 5


@pytest.fixture
def made(house: House, phone: Phone) -> MadeOffer:
    return house.offers.claim(phone.holder_id, phone.now, replaces=False)


def redeem(house: House, made: MadeOffer, tx_code: str | None) -> WireError | None:
    """Return how a redemption is refused; None where it succeeds."""
    try:
        house.tokens.redeem(made.pre_authorized_code, tx_code, house.clock())
    except ProtocolError as refused:
        return refused.error
    return None


def wrong(made: MadeOffer) -> str:
    return f"{(int(made.tx_code) + 1) % 10**6:06d}"


def test_an_offer_is_redeemed_once(house: House, made: MadeOffer) -> None:
    granted = house.tokens.redeem(made.pre_authorized_code, made.tx_code, house.clock())

    assert len(granted.access_token) == 43
    assert granted.expires_in == 300
    assert redeem(house, made, made.tx_code) is WireError.INVALID_GRANT


@pytest.mark.parametrize("guesses", range(1, MAX_WRONG_TX_CODES + 1))
def test_people_mistype_but_do_not_guess(house: House, made: MadeOffer, guesses: int) -> None:
    for _ in range(guesses):
        assert redeem(house, made, wrong(made)) is WireError.INVALID_GRANT

    burned = guesses == MAX_WRONG_TX_CODES
    assert redeem(house, made, made.tx_code) is (WireError.INVALID_GRANT if burned else None)


def test_a_transaction_code_left_out_is_no_guess(house: House, made: MadeOffer) -> None:
    for _ in range(MAX_WRONG_TX_CODES):
        assert redeem(house, made, None) is WireError.INVALID_REQUEST
    assert redeem(house, made, made.tx_code) is None


@pytest.mark.parametrize("tx_code", ["", " ", "12345", "1234567", "１２３４５６", "\0"], ids=ascii)
def test_another_form_is_a_wrong_guess(house: House, made: MadeOffer, tx_code: str) -> None:
    assert redeem(house, made, tx_code) is WireError.INVALID_GRANT


def test_an_offer_lapses(house: House, made: MadeOffer, clock: SetClock) -> None:
    clock.later(seconds=600)
    assert redeem(house, made, made.tx_code) is WireError.INVALID_GRANT


def test_just_before_it_lapses_it_can_be_redeemed(
    house: House, made: MadeOffer, clock: SetClock
) -> None:
    clock.later(seconds=599.999)
    assert redeem(house, made, made.tx_code) is None


def test_a_secret_opens_only_what_it_is_for(house: House, phone: Phone, made: MadeOffer) -> None:
    token = phone.redeem(made)
    another = house.offers.offer_at_counter(phone.holder_id, phone.now)
    for secret in (token, another.offer_id, "unknown"):
        with pytest.raises(ProtocolError) as refused:
            house.tokens.redeem(secret, another.tx_code, phone.now)
        assert refused.value.error is WireError.INVALID_GRANT
    for secret in (another.pre_authorized_code, another.offer_id):
        with pytest.raises(ProtocolError) as refused:
            house.issuance.issue(secret, phone.proof(), phone.now)
        assert refused.value.error is WireError.INVALID_TOKEN


def test_of_redemptions_at_once_one_succeeds(house: House, phone: Phone) -> None:
    with ThreadPoolExecutor(4) as pool:
        for _ in range(5):
            made = house.offers.offer_at_counter(phone.holder_id, phone.now)
            start = Barrier(4)

            def run(_: int, made: MadeOffer = made, start: Barrier = start) -> WireError | None:
                start.wait(10)
                return redeem(house, made, made.tx_code)

            outcomes = list(pool.map(run, range(4)))
            assert outcomes.count(None) == 1
            assert outcomes.count(WireError.INVALID_GRANT) == 3


def test_guesses_at_once_are_all_counted(house: House, made: MadeOffer) -> None:
    start = Barrier(MAX_WRONG_TX_CODES)

    def run(_: int) -> WireError | None:
        start.wait(10)
        return redeem(house, made, wrong(made))

    with ThreadPoolExecutor(MAX_WRONG_TX_CODES) as pool:
        outcomes = list(pool.map(run, range(MAX_WRONG_TX_CODES)))

    assert outcomes == [WireError.INVALID_GRANT] * MAX_WRONG_TX_CODES
    assert redeem(house, made, made.tx_code) is WireError.INVALID_GRANT
