"""Two who want the same licence at the same time: one gets it, and each is told why."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import TypeVar

import sqlalchemy as sa

from jiazhao.app import House
from jiazhao.errors import ErrorCode, JiazhaoError
from jiazhao.issuance.offering import MadeOffer
from jiazhao.issuance.protocol import ProtocolError
from jiazhao.smoke.wallet import Received
from jiazhao.storage.schema import change, copy, electronic_licence
from tests.houses import Phone, SetClock

T = TypeVar("T")


def at_once(acts: Sequence[Callable[[], T]]) -> list[T | JiazhaoError]:
    """Begin all at the same time; return what each came to."""
    start = Barrier(len(acts))

    def run(act: Callable[[], T]) -> T | JiazhaoError:
        start.wait(10)
        try:
            return act()
        except JiazhaoError as error:
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def live_instances(house: House) -> list[str]:
    query = sa.select(electronic_licence.c.instance_number)
    with house.database.reading() as db:
        return list(db.execute(query.where(electronic_licence.c.ended_at.is_(None))).scalars())


def test_of_two_claims_one_is_under_way(house: House, phone: Phone, clock: SetClock) -> None:
    for _ in range(10):
        outcomes = at_once(
            [lambda: house.offers.claim(phone.holder_id, phone.now, replaces=False)] * 2
        )
        refusals = [one.code for one in outcomes if isinstance(one, JiazhaoError)]
        assert refusals == [ErrorCode.CLAIM_UNDER_WAY]
        clock.later(seconds=600)


def test_of_many_claims_that_replace_one_can_be_redeemed(house: House, phone: Phone) -> None:
    made = at_once([lambda: house.offers.claim(phone.holder_id, phone.now, replaces=True)] * 6)
    tokens = []
    for offer in made:
        assert isinstance(offer, MadeOffer)
        try:
            tokens.append(phone.redeem(offer))
        except ProtocolError:
            continue
    assert len(tokens) == 1


def test_one_wallet_that_asks_twice_gets_one_copy(house: House, phone: Phone) -> None:
    for number in range(1, 6):
        token = phone.redeem(house.offers.offer_at_counter(phone.holder_id, phone.now))
        outcomes = at_once(
            [
                partial(house.issuance.issue, token, proof, phone.now)
                for proof in (phone.proof(), phone.proof())
            ]
        )
        first, second = outcomes
        assert isinstance(first, bytes), first
        assert first == second
        assert len(live_instances(house)) == 1
        with house.database.reading() as db:
            assert len(db.execute(sa.select(copy.c.copy_id)).all()) == number
            issued = sa.select(change.c.change_id).where(change.c.kind == "issued")
            assert len(db.execute(issued).all()) == number


def test_of_two_keys_with_one_token_one_is_bound(house: House, phone: Phone) -> None:
    for _ in range(5):
        token = phone.redeem(house.offers.offer_at_counter(phone.holder_id, phone.now))
        phones = [Phone(house, phone.holder_id) for _ in range(2)]
        outcomes = at_once([partial(one.fetch, token) for one in phones])

        refused = [one for one in outcomes if isinstance(one, JiazhaoError)]
        assert [type(one) for one in refused] == [ProtocolError]
        (bound,) = (one for one in phones if one.copy is not None)
        assert bound.copy is not None
        assert live_instances(house) == [bound.copy.instance_number]


def test_who_issues_while_another_claims_leaves_one_that_lives(house: House, phone: Phone) -> None:
    for _ in range(5):
        token = phone.redeem(house.offers.offer_at_counter(phone.holder_id, phone.now))
        old, new = Phone(house, phone.holder_id), Phone(house, phone.holder_id)
        acts: list[Callable[[], Received]] = [partial(old.fetch, token), new.claim]
        outcomes = at_once(acts)

        assert not isinstance(outcomes[1], JiazhaoError), outcomes[1]
        assert new.copy is not None
        assert live_instances(house) == [new.copy.instance_number]
