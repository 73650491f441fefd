"""Claims that wait for the reviewer of an own photo: on both engines, over restarts and races."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from threading import Barrier
from typing import Any, Literal

import pytest
import sqlalchemy as sa

from jiazhao import app
from jiazhao.app import House
from jiazhao.credentials import sdjwt
from jiazhao.credentials.mdoc import MDL_NAMESPACE
from jiazhao.errors import ClaimError, ErrorCode
from jiazhao.http.access import Actor, Role
from jiazhao.issuance.formats import SD_JWT_CONFIGURATION
from jiazhao.issuance.granting import GrantedToken
from jiazhao.issuance.protocol import ProtocolError, WireError
from jiazhao.issuance.service import Deferred, IssuedBatch
from jiazhao.licence.status import LicenceStatus
from jiazhao.photo_review.messages import DecisionRequest
from jiazhao.registry.service import Amendment
from jiazhao.smoke.wallet import DeviceKey
from jiazhao.storage.schema import (
    bearer_lookup,
    copy,
    deferral,
    electronic_licence,
    intention,
    status_index,
    used_nonce,
)
from tests.clocks import MORNING
from tests.houses import Phone, SetClock
from tests.unit import pictures
from tests.unit.issuance.test_batches import JKT, Holder, received
from tests.unit.issuance.test_issue import amend, count, lights_out, refusal, watched

REVIEWER = Actor(
    account_id="account of the reviewer",
    name="钱样本",
    unit="样本·车辆管理所",
    roles=frozenset({Role.REGISTRAR}),
    holder_id=None,
    authenticated_at=MORNING,
    acr="",
)


@pytest.fixture
def holder(phone: Phone) -> Holder:
    """A driver whose own photo waits for its reviewer."""
    phone.house.photo_review.submit(phone.holder_id, pictures.good(), phone.now)
    return Holder(phone)


def request_of(holder: Holder) -> str:
    with holder.house.database.reading() as db:
        request = holder.house.photo_review.outcome(db, holder.phone.holder_id)
    assert request is not None
    return request.request_id


def decide(holder: Holder, decision: Literal["approve", "refuse"]) -> None:
    reason = None if decision == "approve" else "covered"
    wanted = DecisionRequest(holder.phone.holder_id, request_of(holder), decision, reason)
    holder.house.photo_review.decide(wanted, REVIEWER, holder.phone.now)


def put_off(holder: Holder, token: str, **wanted: Any) -> str:
    outcome = holder.try_to_get(token, **wanted)
    assert isinstance(outcome, Deferred)
    return outcome.transaction_id


def poll(holder: Holder, token: str, transaction: str) -> IssuedBatch | Deferred:
    return holder.house.issuance.issue_deferred(token, transaction, holder.phone.now)


def fetched(holder: Holder, token: str, transaction: str) -> IssuedBatch:
    batch = poll(holder, token, transaction)
    assert isinstance(batch, IssuedBatch)
    return batch


def counts(house: House) -> list[int]:
    tables = (status_index, intention, copy, electronic_licence)
    return [count(house, table) for table in tables]


# -- what waits, and what it gets


def test_a_claim_waits_for_the_photo_and_binds_the_keys_it_came_with(holder: Holder) -> None:
    token = holder.redeem().access_token
    transaction = put_off(holder, token)
    assert counts(holder.house) == [0, 0, 0, 0]
    assert poll(holder, token, transaction) == Deferred(transaction)

    decide(holder, "approve")

    batch = fetched(holder, token, transaction)
    copies = received(batch)
    assert [one.issued.mso.device_key.point for one in copies] == [
        key.public.point for key in holder.keys
    ]
    with holder.house.database.reading() as db:
        on_file = holder.house.register.portrait_of(
            db, holder.phone.holder_id, at=holder.phone.now
        ).jpeg
    assert {one.issued.name_spaces[MDL_NAMESPACE]["portrait"].value for one in copies} == {on_file}
    grant = holder.house.tokens.admit(token, None, holder.phone.now)
    holder.house.issuance.notify(
        grant, batch.notification_id, "credential_accepted", holder.phone.now
    )


def test_a_claim_with_the_photo_on_file_waits_for_nobody(phone: Phone) -> None:
    holder = Holder(phone)
    assert holder.ask(holder.redeem().access_token).contents


def test_who_takes_the_photo_back_gets_the_one_on_file(holder: Holder) -> None:
    token = holder.redeem().access_token
    transaction = put_off(holder, token)
    now = holder.phone.now
    holder.house.photo_review.withdraw(holder.phone.holder_id, request_of(holder), now)
    assert len(fetched(holder, token, transaction).contents) == 3


def test_a_wallet_that_comes_back_for_more_does_not_wait(phone: Phone) -> None:
    holder = Holder(phone)
    granted = holder.redeem()
    holder.ask(granted.access_token)
    phone.house.photo_review.submit(phone.holder_id, pictures.good(), phone.now)
    again = holder.refresh(granted.refresh_token)
    assert holder.ask(again.access_token, [DeviceKey()]).contents


def test_both_formats_wait_each_under_a_name_of_its_own(holder: Holder) -> None:
    token = holder.redeem().access_token
    mdoc = put_off(holder, token)
    vc = put_off(holder, token, configuration=SD_JWT_CONFIGURATION)
    assert mdoc != vc
    decide(holder, "approve")
    batches = [fetched(holder, token, one) for one in (vc, mdoc)]
    assert [one.configuration for one in batches] == [SD_JWT_CONFIGURATION, "org.iso.18013.5.1.mDL"]
    number = received(batches[1])[0].instance_number
    said = sdjwt.parse(batches[0].contents[0].decode())
    assert number == said.claims[MDL_NAMESPACE]["document_number"]
    assert counts(holder.house) == [6, 1, 6, 1]


def test_asking_again_with_the_same_keys_names_the_same_transaction(holder: Holder) -> None:
    token = holder.redeem().access_token
    transaction = put_off(holder, token)
    assert put_off(holder, token, keys=holder.keys[::-1]) == transaction
    assert refusal(lambda: put_off(holder, token, keys=[DeviceKey()])) is WireError.INVALID_TOKEN
    assert count(holder.house, deferral) == 1
    decide(holder, "approve")
    assert put_off(holder, token) == transaction
    assert len(fetched(holder, token, transaction).contents) == 3


# -- who is refused


def test_a_refused_photo_denies_the_claim_and_the_next_one_waits_for_nobody(
    holder: Holder,
) -> None:
    granted = holder.redeem()
    transaction = put_off(holder, granted.access_token)
    decide(holder, "refuse")
    for _ in range(2):
        act = partial(poll, holder, granted.access_token, transaction)
        assert refusal(act) is WireError.CREDENTIAL_REQUEST_DENIED
    assert refusal(lambda: holder.refresh(granted.refresh_token)) is WireError.INVALID_GRANT
    assert counts(holder.house) == [0, 0, 0, 0]
    holder.phone.claim(replaces=False)


def test_a_photo_handed_in_after_a_refusal_decides_instead(holder: Holder, clock: SetClock) -> None:
    token = holder.redeem().access_token
    transaction = put_off(holder, token)
    decide(holder, "refuse")
    clock.later(seconds=1)
    holder.house.photo_review.submit(holder.phone.holder_id, pictures.good(3), holder.phone.now)
    assert poll(holder, token, transaction) == Deferred(transaction)
    decide(holder, "approve")
    assert fetched(holder, token, transaction).contents


def test_a_name_works_for_the_token_that_it_was_given_to_and_once(
    holder: Holder, phone: Phone
) -> None:
    token = holder.redeem().access_token
    transaction = put_off(holder, token)
    for name in ("", "unknown", "驾照", transaction[:-1], transaction.upper()):
        act = partial(poll, holder, token, name)
        assert refusal(act) is WireError.INVALID_TRANSACTION_ID
    decide(holder, "approve")
    fetched(holder, token, transaction)
    used = refusal(lambda: poll(holder, token, transaction))
    assert used is WireError.INVALID_TRANSACTION_ID
    other = holder.redeem().access_token
    anothers = refusal(lambda: poll(holder, other, transaction))
    assert anothers is WireError.INVALID_TRANSACTION_ID
    assert refusal(lambda: poll(holder, "no token", transaction)) is WireError.INVALID_TOKEN


def test_who_lost_the_answer_gets_the_same_copies_at_the_credential_endpoint(
    holder: Holder,
) -> None:
    token = holder.redeem().access_token
    transaction = put_off(holder, token)
    decide(holder, "approve")
    batch = fetched(holder, token, transaction)
    assert holder.ask(token).contents == batch.contents


def test_a_later_claim_ends_the_one_that_waits(holder: Holder) -> None:
    token = holder.redeem().access_token
    transaction = put_off(holder, token)
    with pytest.raises(ClaimError) as refused:
        holder.phone.claim(replaces=False)
    assert refused.value.code is ErrorCode.CLAIM_UNDER_WAY
    later = holder.redeem().access_token
    put_off(holder, later)
    decide(holder, "approve")
    ended = refusal(lambda: poll(holder, token, transaction))
    assert ended is WireError.CREDENTIAL_REQUEST_DENIED


def test_a_claim_that_waits_is_one_under_way_even_when_its_offer_has_lapsed(
    holder: Holder, clock: SetClock
) -> None:
    put_off(holder, holder.redeem().access_token)
    clock.later(seconds=holder.house.config.offer_seconds)
    with pytest.raises(ClaimError) as refused:
        holder.phone.claim(replaces=False)
    assert refused.value.code is ErrorCode.CLAIM_UNDER_WAY


def test_what_happens_to_the_licence_meanwhile_counts(holder: Holder) -> None:
    token = holder.redeem().access_token
    transaction = put_off(holder, token)
    decide(holder, "approve")
    now = holder.phone.now
    amend(holder.phone, Amendment(now, add_statuses=frozenset({LicenceStatus.DETAINED})))
    act = partial(poll, holder, token, transaction)
    assert refusal(act) is WireError.CREDENTIAL_REQUEST_DENIED
    assert counts(holder.house)[1:] == [0, 0, 0]


def test_nonces_of_a_claim_that_waits_are_used_up(holder: Holder) -> None:
    issuance, now = holder.house.issuance, holder.phone.now
    nonce = issuance.nonces.make(bytes(16), now)
    proofs = holder.proofs(nonce=nonce)
    mdl, vc = "org.iso.18013.5.1.mDL", SD_JWT_CONFIGURATION
    token = holder.redeem().access_token
    issuance.issue_batch(token, proofs, now, configuration=mdl)
    act = partial(issuance.issue_batch, token, proofs, now, configuration=vc)
    assert refusal(act) is WireError.INVALID_NONCE
    assert count(holder.house, used_nonce) == 1


# -- a working day, and its accidents


def a_working_day(holder: Holder, clock: SetClock, granted: GrantedToken) -> GrantedToken:
    """Time passes; the wallet keeps its access by its refresh token."""
    for _ in range(5):
        clock.later(hours=5)
        holder.house.worker.tidy()
        granted = holder.refresh(granted.refresh_token, JKT)
    return granted


def test_the_wallet_keeps_its_access_while_it_waits(holder: Holder, clock: SetClock) -> None:
    granted = holder.redeem(JKT)
    transaction = put_off(holder, granted.access_token)
    stale = granted.access_token
    granted = a_working_day(holder, clock, granted)
    assert refusal(lambda: poll(holder, stale, transaction)) is WireError.INVALID_TOKEN
    decide(holder, "approve")
    first = fetched(holder, granted.access_token, transaction)
    # Having waited is no coming back for more.
    assert holder.ask(granted.access_token).contents == first.contents
    more = holder.refresh(granted.refresh_token, JKT)
    assert len(holder.ask(more.access_token, [DeviceKey()]).contents) == 1
    assert first.notification_id
    assert count(holder.house, electronic_licence) == 1


def test_it_waits_over_a_restart_and_no_secret_is_at_rest(
    holder: Holder, clock: SetClock, house: House
) -> None:
    token = holder.redeem().access_token
    transaction = put_off(holder, token)
    with house.database.reading() as db:
        rest = [tuple(row) for row in db.execute(sa.select(deferral))]
        rest += [tuple(row) for row in db.execute(sa.select(bearer_lookup))]
    assert transaction not in str(rest)
    assert bytes.fromhex(transaction) not in [value for row in rest for value in row]
    again = app.build(house.config, clock)
    after = Holder(Phone(again, holder.phone.holder_id), holder.keys)
    assert poll(after, token, transaction) == Deferred(transaction)
    decide(after, "approve")
    assert len(fetched(after, token, transaction).contents) == 3
    again.close()


def test_after_a_power_cut_it_is_fetched_later_although_others_would_be_void(
    holder: Holder, clock: SetClock
) -> None:
    granted = holder.redeem(JKT)
    transaction = put_off(holder, granted.access_token)
    decide(holder, "approve")
    cut = replace(holder.house, issuance=watched(holder.house, lights_out))
    with pytest.raises(KeyboardInterrupt):
        cut.issuance.issue_deferred(granted.access_token, transaction, holder.phone.now)
    assert counts(holder.house) == [3, 1, 0, 0]
    granted = a_working_day(holder, clock, granted)
    assert len(fetched(holder, granted.access_token, transaction).contents) == 3
    assert counts(holder.house) == [3, 1, 3, 1]


def test_of_requests_at_once_one_is_given_the_copies(holder: Holder) -> None:
    token = holder.redeem().access_token
    transaction = put_off(holder, token)
    decide(holder, "approve")
    start = Barrier(4)

    def run(_: int) -> int | WireError:
        start.wait(10)
        try:
            return len(fetched(holder, token, transaction).contents)
        except ProtocolError as error:
            return error.error

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(run, range(4)))
    assert sorted(map(str, outcomes)) == ["3", *[WireError.INVALID_TRANSACTION_ID.value] * 3]
    assert counts(holder.house)[1:] == [1, 3, 1]


def test_of_claims_at_once_one_waits(holder: Holder) -> None:
    token, start = holder.redeem().access_token, Barrier(4)
    holders = [Holder(replace(holder.phone)) for _ in range(4)]

    def run(one: Holder) -> object:
        start.wait(10)
        try:
            return put_off(one, token)
        except ProtocolError as error:
            return error.error

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(run, holders))
    assert outcomes.count(WireError.INVALID_TOKEN) == 3
    assert count(holder.house, deferral) == 1


@pytest.mark.parametrize("ending", ["nobody decides", "refused", "fetched"])
def test_it_is_swept_when_its_time_is_over(holder: Holder, clock: SetClock, ending: str) -> None:
    token = holder.redeem(JKT)
    transaction = put_off(holder, token.access_token)
    if ending != "nobody decides":
        decide(holder, "refuse" if ending == "refused" else "approve")
    if ending == "fetched":
        fetched(holder, token.access_token, transaction)
    clock.later(days=holder.house.config.deferred_days, seconds=-1)
    holder.house.worker.tidy()
    assert count(holder.house, deferral) == 1
    clock.later(seconds=1)
    holder.house.worker.tidy()
    assert count(holder.house, deferral) == 0
