"""Batches of copies, coming back for more, and what wallets say became of them; both engines."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa

from jiazhao.app import House
from jiazhao.credentials.status_list import StatusValue
from jiazhao.issuance.formats import MDL_CONFIGURATION
from jiazhao.issuance.granting import GrantedToken, Terms, WalletKeys
from jiazhao.issuance.protocol import ProtocolError, WireError
from jiazhao.issuance.service import Deferred, IssuedBatch
from jiazhao.licence.status import LicenceStatus
from jiazhao.registry.service import Amendment
from jiazhao.smoke.wallet import DeviceKey, Received
from jiazhao.storage.schema import copy, electronic_licence, notification, status_index
from tests.houses import Phone, SetClock
from tests.unit.issuance.test_issue import count, lights_out, refusal, watched

JKT = "k" * 43


@dataclass
class Holder:
    """A wallet with as many keys as it wants copies."""

    phone: Phone
    keys: list[DeviceKey] = field(default_factory=lambda: [DeviceKey() for _ in range(3)])

    @property
    def house(self) -> House:
        return self.phone.house

    def redeem(self, jkt: str | None = None) -> GrantedToken:
        phone = self.phone
        made = self.house.offers.claim(phone.holder_id, phone.now, replaces=True)
        terms = Terms(keys=WalletKeys(jkt))
        code, tx_code = made.pre_authorized_code, made.tx_code
        return self.house.tokens.redeem(code, tx_code, phone.now, terms)

    def proofs(self, keys: list[DeviceKey] | None = None, **claims: Any) -> list[str]:
        owners = [replace(self.phone, key=key) for key in keys or self.keys]
        return [owner.proof(**claims) for owner in owners]

    def ask(self, token: str, keys: list[DeviceKey] | None = None) -> IssuedBatch:
        batch = self.try_to_get(token, keys)
        assert isinstance(batch, IssuedBatch)
        return batch

    def try_to_get(
        self,
        token: str,
        keys: list[DeviceKey] | None = None,
        configuration: str = MDL_CONFIGURATION,
    ) -> IssuedBatch | Deferred:
        issuance, proofs = self.house.issuance, self.proofs(keys)
        return issuance.issue_batch(token, proofs, self.phone.now, configuration=configuration)

    def refresh(self, token: str, jkt: str | None = None, client: str | None = None) -> Any:
        return self.house.tokens.refresh(token, client, WalletKeys(jkt), self.phone.now)


@pytest.fixture
def holder(phone: Phone) -> Holder:
    return Holder(phone)


def received(batch: IssuedBatch) -> list[Received]:
    return [Received.of(content) for content in batch.contents]


def test_each_copy_has_a_key_a_place_and_salts_of_its_own(house: House, holder: Holder) -> None:
    batch = holder.ask(holder.redeem().access_token)
    copies = received(batch)

    keys = [one.issued.mso.device_key for one in copies]
    assert [key.point for key in keys] == [key.public.point for key in holder.keys]
    assert len({str(one.status) for one in copies}) == 3
    digests = [str(one.issued.mso.value_digests) for one in copies]
    assert len(set(digests)) == 3
    assert len({one.instance_number for one in copies}) == 1
    assert [count(house, table) for table in (copy, electronic_licence)] == [3, 1]


def test_the_same_keys_again_get_the_same_copies_in_their_order(
    house: House, holder: Holder
) -> None:
    token = holder.redeem().access_token
    batch = holder.ask(token)
    turned = holder.ask(token, holder.keys[::-1])
    assert turned.contents == batch.contents[::-1]
    assert turned.notification_id == batch.notification_id
    assert count(house, status_index) == 3


@pytest.mark.parametrize("others", [1, 2, 4])
def test_other_keys_get_nothing_more_from_the_same_token(holder: Holder, others: int) -> None:
    token = holder.redeem().access_token
    holder.ask(token)
    keys = [*holder.keys, DeviceKey()][:others]
    assert refusal(lambda: holder.ask(token, keys)) is WireError.INVALID_TOKEN


def test_a_batch_is_bounded_and_its_keys_differ(house: House, holder: Holder) -> None:
    token = holder.redeem().access_token
    same, many = [holder.keys[0]] * 2, [DeviceKey() for _ in range(11)]
    for keys in (same, many):
        assert refusal(partial(holder.ask, token, keys)) is WireError.INVALID_PROOF
    assert count(house, status_index) == 0


def test_one_nonce_may_serve_one_batch(house: House, holder: Holder) -> None:
    nonce = house.issuance.nonces.make(bytes(16), holder.phone.now)
    issue = house.issuance.issue_batch
    proofs, now = holder.proofs(nonce=nonce), holder.phone.now
    first, second = holder.redeem, holder.redeem
    issue(first().access_token, proofs, now, configuration=MDL_CONFIGURATION)
    token = second().access_token
    act = partial(issue, token, proofs, now, configuration=MDL_CONFIGURATION)
    assert refusal(act) is WireError.INVALID_NONCE


def test_after_a_power_cut_the_wallet_gets_the_whole_batch(house: House, holder: Holder) -> None:
    token = holder.redeem().access_token
    cut = replace(holder, phone=replace(holder.phone, house=replace_issuance(house)))
    with pytest.raises(KeyboardInterrupt):
        cut.ask(token)
    assert [count(house, table) for table in (status_index, copy)] == [3, 0]
    assert len(holder.ask(token).contents) == 3
    assert [count(house, table) for table in (status_index, copy)] == [3, 3]


def replace_issuance(house: House) -> House:
    return replace(house, issuance=watched(house, lights_out))


def test_all_copies_of_one_claim_end_together(house: House, holder: Holder) -> None:
    granted = holder.redeem()
    old = received(holder.ask(granted.access_token))
    more = received(holder.ask(holder.refresh(granted.refresh_token).access_token, [DeviceKey()]))
    Holder(Phone(house, holder.phone.holder_id)).ask(holder.redeem().access_token, [DeviceKey()])
    house.worker.drain()
    with house.database.reading() as db:
        rows = db.execute(sa.select(status_index.c.place, status_index.c.value)).all()
    values = {row.place: row.value for row in rows}
    ended = [values[one.status.index] for one in [*old, *more] if one.status]
    assert ended == [StatusValue.ENDED.value] * 4


# -- coming back (RFC 6749 section 6)


def test_a_wallet_comes_back_for_new_copies(house: House, holder: Holder) -> None:
    granted = holder.redeem()
    first = holder.ask(granted.access_token)
    again = holder.refresh(granted.refresh_token)
    batch = holder.ask(again.access_token, [DeviceKey(), DeviceKey()])
    numbers = {one.instance_number for one in [*received(first), *received(batch)]}
    assert len(numbers) == 1
    assert batch.notification_id != first.notification_id
    assert [count(house, table) for table in (copy, electronic_licence)] == [5, 1]


def test_a_refresh_token_works_once_and_a_second_use_ends_what_came_after(holder: Holder) -> None:
    granted = holder.redeem()
    holder.ask(granted.access_token)
    second = holder.refresh(granted.refresh_token)
    third = holder.refresh(second.refresh_token)
    assert refusal(lambda: holder.refresh(second.refresh_token)) is WireError.INVALID_GRANT
    assert refusal(lambda: holder.refresh(third.refresh_token)) is WireError.INVALID_GRANT


def test_of_uses_at_once_one_succeeds(holder: Holder) -> None:
    for _ in range(3):
        granted, start = holder.redeem(), Barrier(4)
        holder.ask(granted.access_token)

        def run(
            _: int, token: str = granted.refresh_token, start: Barrier = start
        ) -> GrantedToken | None:
            start.wait(10)
            try:
                refreshed: GrantedToken = holder.refresh(token)
            except ProtocolError:
                return None
            return refreshed

        with ThreadPoolExecutor(4) as pool:
            assert sum(one is not None for one in pool.map(run, range(4))) == 1


@pytest.mark.parametrize("other", [None, "o" * 43])
def test_a_refresh_token_is_bound_to_its_key(holder: Holder, other: str | None) -> None:
    granted = holder.redeem(JKT)
    holder.ask(granted.access_token)
    assert refusal(lambda: holder.refresh(granted.refresh_token, other)) is WireError.INVALID_GRANT
    assert holder.refresh(granted.refresh_token, JKT).dpop_jkt == JKT


def test_before_there_is_a_licence_there_is_nothing_to_come_back_for(holder: Holder) -> None:
    token = holder.redeem().refresh_token
    assert refusal(lambda: holder.refresh(token)) is WireError.INVALID_GRANT


def test_it_ends_with_the_electronic_licence(house: House, holder: Holder) -> None:
    granted = holder.redeem()
    holder.ask(granted.access_token)
    refreshed = holder.refresh(granted.refresh_token)
    Phone(house, holder.phone.holder_id).claim()
    assert refusal(lambda: holder.refresh(refreshed.refresh_token)) is WireError.INVALID_GRANT
    late = partial(holder.ask, refreshed.access_token, [DeviceKey()])
    assert refusal(late) is WireError.INVALID_TOKEN


def test_who_may_not_drive_gets_no_further_copies(house: House, holder: Holder) -> None:
    granted = holder.redeem()
    holder.ask(granted.access_token)
    detained = Amendment(holder.phone.now, add_statuses=frozenset({LicenceStatus.DETAINED}))
    house.database.write(
        lambda db: house.register.amend(db, holder.phone.holder_id, detained, holder.phone.now)
    )
    token = holder.refresh(granted.refresh_token).access_token
    denied = refusal(lambda: holder.ask(token, [DeviceKey()]))
    assert denied is WireError.CREDENTIAL_REQUEST_DENIED


def test_a_refresh_token_lapses(holder: Holder, clock: SetClock) -> None:
    granted = holder.redeem()
    holder.ask(granted.access_token)
    clock.later(days=90)
    assert refusal(lambda: holder.refresh(granted.refresh_token)) is WireError.INVALID_GRANT


# -- what became of them


def test_what_became_of_a_batch_is_kept_once(house: House, holder: Holder) -> None:
    token = holder.redeem().access_token
    batch = holder.ask(token)
    grant = house.tokens.admit(token, None, holder.phone.now)
    for event in ("credential_accepted", "credential_accepted", "credential_deleted"):
        house.issuance.notify(grant, batch.notification_id, event, holder.phone.now)
    assert count(house, notification) == 2


def test_a_name_of_another_batch_is_not_taken(house: House, holder: Holder) -> None:
    other = holder.ask(holder.redeem().access_token).notification_id
    token = holder.redeem().access_token
    grant = house.tokens.admit(token, None, holder.phone.now)
    for name in (other, "unknown"):
        act = partial(house.issuance.notify, grant, name, "credential_accepted", holder.phone.now)
        assert refusal(act) is WireError.INVALID_NOTIFICATION_ID
    assert count(house, notification) == 0
