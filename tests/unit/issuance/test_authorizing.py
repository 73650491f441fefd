"""From a wallet's request over the driver's agreement to a token, on both engines."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import sha256
from threading import Barrier
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from jiazhao.app import House
from jiazhao.credentials.signing import write_base64url
from jiazhao.errors import AccessError, ErrorCode, JiazhaoError
from jiazhao.issuance.formats import MDL_CONFIGURATION
from jiazhao.issuance.granting import GrantedToken, WalletKeys
from jiazhao.issuance.offering import ClaimRefused
from jiazhao.issuance.protocol import ProtocolError, WireError
from jiazhao.licence.status import LicenceStatus
from jiazhao.registry.service import Amendment
from tests.houses import Phone, SetClock
from tests.unit.drivers import admit, driver

CLIENT = "https://wallet.example"
VERIFIER = "v" * 43
CHALLENGE = write_base64url(sha256(VERIFIER.encode()).digest())
JKT = "k" * 43


def push(house: House, now: Any, jkt: str | None = None, **changes: str) -> str:
    """Return the reference of a request."""
    form = {
        "client_id": CLIENT,
        "redirect_uri": f"{CLIENT}/cb",
        "response_type": "code",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "scope": MDL_CONFIGURATION,
        "state": "st",
        **changes,
    }
    return house.authorizations.push(form, jkt, now).reference


def answer(location: str) -> dict[str, str]:
    assert location.startswith(f"{CLIENT}/cb?")
    said = {name: value[0] for name, value in parse_qs(urlsplit(location).query).items()}
    assert said.pop("state") == "st"
    return said


def agreed(house: House, phone: Phone, jkt: str | None = None, **changes: str) -> str:
    """Return the code that a driver's agreement gave."""
    reference = push(house, phone.now, jkt, **changes)
    said = answer(house.authorizations.agree(reference, phone.holder_id, phone.now))
    assert said["iss"] == house.config.public_url
    return said["code"]


def exchange(
    house: House, phone: Phone, code: str, jkt: str | None = None, **changes: str
) -> GrantedToken:
    form = {"code": code, "code_verifier": VERIFIER, "client_id": CLIENT, **changes}
    return house.authorizations.exchange(form, WalletKeys(jkt), phone.now)


def refusal(act: Callable[[], object]) -> WireError:
    with pytest.raises(ProtocolError) as refused:
        act()
    return refused.value.error


def lapsed(act: Callable[[], object]) -> bool:
    with pytest.raises(AccessError) as refused:
        act()
    return refused.value.code is ErrorCode.AUTHORIZATION_LAPSED


def test_a_wallet_gets_the_copy_by_its_code(house: House, phone: Phone) -> None:
    granted = exchange(house, phone, agreed(house, phone), redirect_uri=f"{CLIENT}/cb")
    assert granted.configurations == (MDL_CONFIGURATION,)
    assert granted.dpop_jkt is None
    received = phone.fetch(granted.access_token)
    with house.database.reading() as db:
        live = house.register.live_instance(db, phone.holder_id)
    assert live is not None
    assert live.instance_number == received.instance_number


def test_a_request_is_decided_once(house: House, phone: Phone) -> None:
    authorizations = house.authorizations
    reference = push(house, phone.now)
    authorizations.agree(reference, phone.holder_id, phone.now)
    assert lapsed(lambda: authorizations.agree(reference, phone.holder_id, phone.now))
    assert lapsed(lambda: authorizations.refuse(reference, phone.now))
    assert lapsed(lambda: authorizations.waiting(reference, phone.now))


def test_a_request_lapses_and_is_forgotten(house: House, phone: Phone, clock: SetClock) -> None:
    reference = push(house, phone.now)
    clock.later(seconds=house.config.authorization_seconds - 1)
    house.authorizations.waiting(reference, clock())
    clock.later(seconds=1)
    assert lapsed(lambda: house.authorizations.agree(reference, phone.holder_id, clock()))
    assert house.issuance.sweep(clock()) == 1


def test_a_request_is_found_by_its_own_client_alone(house: House, phone: Phone) -> None:
    pushed = push(house, phone.now)
    uri = f"urn:ietf:params:oauth:request_uri:{pushed}"
    assert house.authorizations.find(CLIENT, uri, phone.now) == pushed
    assert lapsed(lambda: house.authorizations.find("https://other.example", uri, phone.now))
    assert lapsed(lambda: house.authorizations.find(CLIENT, "urn:x:unknown", phone.now))


def test_who_refuses_grants_nothing(house: House, phone: Phone) -> None:
    said = answer(house.authorizations.refuse(push(house, phone.now), phone.now))
    assert said["error"] == "access_denied"
    assert "code" not in said


def test_the_law_decides(house: House, phone: Phone) -> None:
    detained = Amendment(phone.now, add_statuses=frozenset({LicenceStatus.DETAINED}))
    house.database.write(lambda db: house.register.amend(db, phone.holder_id, detained, phone.now))
    reference = push(house, phone.now)
    assert house.authorizations.prospect(phone.holder_id, phone.now).refusals
    with pytest.raises(ClaimRefused):
        house.authorizations.agree(reference, phone.holder_id, phone.now)
    house.authorizations.refuse(reference, phone.now)  # it still waits for an answer


def test_the_driver_is_told_that_another_device_loses_it(house: House, phone: Phone) -> None:
    assert not house.authorizations.prospect(phone.holder_id, phone.now).ends_another
    phone.claim()
    assert house.authorizations.prospect(phone.holder_id, phone.now).ends_another


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": CHALLENGE},
        {"client_id": "https://other.example"},
        {"redirect_uri": f"{CLIENT}/other"},
    ],
    ids=str,
)
def test_a_code_works_for_its_own_wallet_alone(
    house: House, phone: Phone, changes: dict[str, str]
) -> None:
    code = agreed(house, phone)
    assert refusal(lambda: exchange(house, phone, code, **changes)) is WireError.INVALID_GRANT
    exchange(house, phone, code)


@pytest.mark.parametrize("name", ["code", "code_verifier", "client_id"])
def test_a_token_request_is_complete(house: House, phone: Phone, name: str) -> None:
    code = agreed(house, phone)
    missing = {name: ""}
    form = {"code": code, "code_verifier": VERIFIER, "client_id": CLIENT, **missing}
    act = partial(house.authorizations.exchange, form, WalletKeys(), phone.now)
    assert refusal(act) is WireError.INVALID_REQUEST


def test_a_code_lapses(house: House, phone: Phone, clock: SetClock) -> None:
    code = agreed(house, phone)
    clock.later(seconds=60)
    assert refusal(lambda: exchange(house, phone, code)) is WireError.INVALID_GRANT


def test_a_code_that_comes_twice_ends_what_it_gave(house: House, phone: Phone) -> None:
    code = agreed(house, phone)
    token = exchange(house, phone, code).access_token
    assert refusal(lambda: exchange(house, phone, code)) is WireError.INVALID_GRANT
    assert refusal(lambda: phone.fetch(token)) is WireError.INVALID_TOKEN


def test_of_exchanges_at_once_one_succeeds(house: House, phone: Phone) -> None:
    with ThreadPoolExecutor(4) as pool:
        for _ in range(5):
            code, start = agreed(house, phone), Barrier(4)

            def run(_: int, code: str = code, start: Barrier = start) -> bool:
                start.wait(10)
                try:
                    exchange(house, phone, code)
                except ProtocolError:
                    return False
                return True

            assert sum(pool.map(run, range(4))) == 1


def test_of_agreements_at_once_one_counts(house: House, phone: Phone) -> None:
    with ThreadPoolExecutor(4) as pool:
        for _ in range(5):
            reference, start = push(house, phone.now), Barrier(4)

            def run(_: int, reference: str = reference, start: Barrier = start) -> bool:
                start.wait(10)
                try:
                    house.authorizations.agree(reference, phone.holder_id, phone.now)
                except JiazhaoError:
                    return False
                return True

            assert sum(pool.map(run, range(4))) == 1


def test_a_newer_claim_withdraws_the_code(house: House, phone: Phone) -> None:
    code = agreed(house, phone)
    house.offers.claim(phone.holder_id, phone.now, replaces=True)
    assert refusal(lambda: exchange(house, phone, code)) is WireError.INVALID_GRANT


# -- from an offer


def test_an_offer_can_be_taken_by_signing_in(house: House, phone: Phone) -> None:
    made = house.offers.offer_at_counter(phone.holder_id, phone.now)
    code = agreed(house, phone, issuer_state=made.issuer_state)
    phone.fetch(exchange(house, phone, code).access_token)
    with pytest.raises(ProtocolError):
        phone.redeem(made)


def test_an_offer_taken_with_its_code_cannot_be_taken_by_signing_in(
    house: House, phone: Phone
) -> None:
    made = house.offers.offer_at_counter(phone.holder_id, phone.now)
    code = agreed(house, phone, issuer_state=made.issuer_state)
    phone.redeem(made)
    assert refusal(lambda: exchange(house, phone, code)) is WireError.INVALID_GRANT


@pytest.mark.parametrize("whose", ["nobody's", "another's"])
def test_the_offer_of_another_gives_nothing(house: House, phone: Phone, whose: str) -> None:
    state = "unknown"
    if whose == "another's":
        other = driver(2)
        admit(house.register, house.database, phone.now, other)
        state = house.offers.offer_at_counter(other.holder_id, phone.now).issuer_state
    reference = push(house, phone.now, issuer_state=state)
    said = answer(house.authorizations.agree(reference, phone.holder_id, phone.now))
    assert said["error"] == "access_denied"
    assert lapsed(lambda: house.authorizations.waiting(reference, phone.now))


# -- bound to a key


def test_a_token_is_taken_with_its_key_alone(house: House, phone: Phone) -> None:
    granted = exchange(house, phone, agreed(house, phone), JKT)
    assert granted.dpop_jkt == JKT
    token = granted.access_token
    assert house.tokens.admit(token, JKT, phone.now).dpop_jkt == JKT
    for other in (None, "o" * 43):
        act = partial(house.tokens.admit, token, other, phone.now)
        assert refusal(act) is WireError.INVALID_TOKEN


def test_a_bearer_token_is_not_taken_with_a_key(house: House, phone: Phone) -> None:
    token = exchange(house, phone, agreed(house, phone)).access_token
    assert refusal(lambda: house.tokens.admit(token, JKT, phone.now)) is WireError.INVALID_TOKEN


def test_a_code_asked_for_with_a_key_is_exchanged_with_it(house: House, phone: Phone) -> None:
    for asked in (agreed(house, phone, JKT), agreed(house, phone, dpop_jkt=JKT)):
        for other in (None, "o" * 43):
            act = partial(exchange, house, phone, asked, other)
            assert refusal(act) is WireError.INVALID_GRANT
    exchange(house, phone, asked, JKT)
