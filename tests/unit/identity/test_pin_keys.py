"""A phone's key with a PIN: five tries, counted before they are looked at, and nothing told."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
import structlog

from jiazhao.errors import AccessError, ErrorCode
from jiazhao.http.access import Actor, Role
from jiazhao.identity import pin, store
from jiazhao.identity.own_pin_keys import MAX_PIN_KEYS, OwnPinKeys
from jiazhao.identity.permissions import PIN_PROOF, require_fresh, require_provider
from jiazhao.identity.pin import MAX_TRIES, KnownNumbers, refuse_weak
from jiazhao.identity.pin_messages import PinKeyMade, PinShown
from jiazhao.identity.service import Identity
from jiazhao.storage import schema
from tests.pin_phone import REGISTERS, SIGNS_IN, PinPhone
from tests.unit.identity.parties import HOLDER, IDENTITY_NUMBER, Provider, make_identity, sign_in

PIN, OTHER = "730418", "926035"


@pytest.fixture
def both(engine_url: str, tmp_path: Path, provider: Provider) -> Iterator[Identity]:
    """The service, on each engine."""
    identity = make_identity(engine_url, tmp_path, provider)
    yield identity
    identity.database.close()


class Person:
    """A driver with a browser that has a key and no Web Authentication."""

    def __init__(self, identity: Identity, provider: Provider) -> None:
        self.identity, self.provider = identity, provider
        self.own = OwnPinKeys(identity, "wallet")
        self.phone = PinPhone(identity.config.public_url)
        self.token = ""

    def sign_in(self, now: datetime, **claims: Any) -> Actor:
        self.token = sign_in(self.identity, self.provider, now, **claims)
        return self.actor(now)

    def actor(self, now: datetime) -> Actor:
        actor = self.identity.actor_of("wallet", self.token, now)
        assert actor is not None
        return actor

    def register(self, now: datetime, pin: str = PIN, **changes: Any) -> str:
        actor = self.actor(now)
        asked = wire(self.own.registration(actor, now))
        made = msgspec.convert(self.phone.make(asked, pin, **changes), PinKeyMade)
        view = self.own.register(made, actor=actor, now=now)
        self.phone.keep(wire(view))
        return view.key_id

    def shown(self, now: datetime, pin: str = PIN, **changes: Any) -> PinShown:
        asked = wire(self.own.sign_in_request(now))
        return msgspec.convert(self.phone.show(asked, pin, **changes), PinShown)

    def come_back(self, now: datetime, pin: str = PIN, **changes: Any) -> Actor:
        shown = self.shown(now, pin, **changes)
        self.token = self.own.sign_in(shown, former_token=None, now=now)
        return self.actor(now)


def wire(message: Any) -> Any:
    return msgspec.to_builtins(message)


def refused(act: Callable[[], object]) -> ErrorCode:
    with pytest.raises(AccessError) as refusal:
        act()
    return refusal.value.code


@pytest.fixture
def driver(both: Identity, provider: Provider, now: datetime) -> Person:
    """A driver who has just signed in and registered the phone."""
    person = Person(both, provider)
    person.sign_in(now)
    person.register(now)
    return person


# -- the journey


def test_the_phone_and_the_pin_sign_the_same_driver_in(driver: Person, now: datetime) -> None:
    later = now + timedelta(days=3)
    for _ in range(2):
        actor = driver.come_back(later)
        assert (actor.holder_id, actor.name) == (HOLDER, "王样本")
        assert actor.roles == {Role.DRIVER}
        assert (actor.authenticated_at, actor.acr) == (later, PIN_PROOF)
    (key,) = driver.own.own(driver.actor(later), driver.token, later).pin_keys
    assert (key.in_use, key.locked, key.last_used_at) == (True, False, later)


@pytest.mark.parametrize("suffices", [False, True])
def test_it_is_worth_what_a_passkey_is_worth(
    engine_url: str, tmp_path: Path, provider: Provider, now: datetime, suffices: bool
) -> None:
    identity = make_identity(engine_url, tmp_path, provider, passkey_suffices_for_claim=suffices)
    person = Person(identity, provider)
    person.sign_in(now)
    person.register(now)
    actor = person.come_back(now)
    if suffices:
        require_fresh(actor, now, identity.config)
    else:
        code = refused(lambda: require_fresh(actor, now, identity.config))
        assert code is ErrorCode.PROOF_TOO_WEAK
    # A key begets no key, whatever it suffices for.
    code = refused(lambda: require_provider(actor, now, identity.config))
    assert code is ErrorCode.PROOF_TOO_WEAK
    assert refused(lambda: person.register(now)) is ErrorCode.PROOF_TOO_WEAK
    identity.database.close()


def test_registering_asks_for_a_fresh_sign_in_of_a_driver(
    both: Identity, provider: Provider, now: datetime
) -> None:
    person = Person(both, provider)
    person.sign_in(now)
    late = now + timedelta(seconds=both.config.claim_sign_in_seconds)
    assert refused(lambda: person.register(late)) is ErrorCode.SIGN_IN_TOO_OLD
    person.sign_in(now, identity_number="990101199001019999")
    assert refused(lambda: person.register(now)) is ErrorCode.KEYS_FOR_HOLDERS


def test_so_many_phones_and_no_more(driver: Person, now: datetime) -> None:
    for _ in range(1, MAX_PIN_KEYS):
        driver.phone = PinPhone(driver.phone.origin)
        driver.register(now)
    assert not driver.own.own(driver.actor(now), None, now).may_register
    driver.phone = PinPhone(driver.phone.origin)
    assert refused(lambda: driver.register(now)) is ErrorCode.TOO_MANY_KEYS


def test_a_removed_key_and_the_session_that_it_opened_are_gone(
    driver: Person, now: datetime
) -> None:
    actor = driver.come_back(now)
    token = driver.token
    driver.own.remove(driver.phone.key_id, actor=actor, now=now)
    assert driver.identity.actor_of("wallet", token, now) is None
    assert refused(lambda: driver.come_back(now)) is ErrorCode.PIN_REFUSED
    code = refused(lambda: driver.own.remove(driver.phone.key_id, actor=actor, now=now))
    assert code is ErrorCode.KEY_UNKNOWN


# -- five tries


def test_five_wrong_pins_lock_it_and_the_right_one_comes_too_late(
    driver: Person, now: datetime
) -> None:
    said = [refused(lambda: driver.come_back(now, OTHER)) for _ in range(MAX_TRIES)]
    assert said == [ErrorCode.PIN_REFUSED] * (MAX_TRIES - 1) + [ErrorCode.PIN_LOCKED]
    assert refused(lambda: driver.come_back(now)) is ErrorCode.PIN_LOCKED
    assert refused(lambda: driver.come_back(now + timedelta(days=30))) is ErrorCode.PIN_LOCKED

    # The provider's sign-in is still there, but no way around the lock.
    actor = driver.sign_in(now)
    listed = driver.own.own(actor, driver.token, now)
    assert (listed.pin_keys[0].locked, listed.may_register) == (True, False)
    assert refused(lambda: driver.register(now)) is ErrorCode.PIN_LOCKED
    code = refused(lambda: driver.own.remove(driver.phone.key_id, actor=actor, now=now))
    assert code is ErrorCode.PIN_LOCKED


def test_a_right_pin_lets_the_count_begin_anew(driver: Person, now: datetime) -> None:
    for _ in range(3):
        for _ in range(MAX_TRIES - 1):
            assert refused(lambda: driver.come_back(now, OTHER)) is ErrorCode.PIN_REFUSED
        driver.come_back(now)


def test_a_try_that_dies_half_way_was_one(
    driver: Person, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object, **__: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(pin, "is_right", dies)
        for _ in range(MAX_TRIES):
            with pytest.raises(KeyboardInterrupt):
                driver.come_back(now)
    assert refused(lambda: driver.come_back(now)) is ErrorCode.PIN_LOCKED


@pytest.mark.parametrize("rights", [0, 1])
def test_of_many_guesses_at_once_five_are_looked_at(
    driver: Person, now: datetime, monkeypatch: pytest.MonkeyPatch, rights: int
) -> None:
    looked: list[bool] = []
    compare = pin.is_right

    def noted(*args: Any, **named: Any) -> bool:
        right = compare(*args, **named)
        looked.append(right)
        return right

    monkeypatch.setattr(pin, "is_right", noted)
    guesses = [driver.shown(now, OTHER) for _ in range(16)]
    guesses[3:3] = [driver.shown(now) for _ in range(rights)]
    together = Barrier(len(guesses))

    def guess(shown: PinShown) -> bool:
        together.wait()
        try:
            driver.own.sign_in(shown, former_token=None, now=now)
        except AccessError:
            return False
        return True

    with ThreadPoolExecutor(len(guesses)) as threads:
        opened = list(threads.map(guess, guesses))
    if any(opened):
        # The right one began the count anew, so that as many could follow it as went before.
        assert sum(opened) == rights
        assert looked.count(False) <= 2 * MAX_TRIES - 1
    else:
        assert looked == [False] * MAX_TRIES
        assert refused(lambda: driver.come_back(now)) is ErrorCode.PIN_LOCKED


def test_a_stranger_locks_nobody_out(driver: Person, now: datetime) -> None:
    own = driver.phone
    driver.phone = PinPhone(own.origin, account_id=own.account_id, key_id=own.key_id)
    for _ in range(MAX_TRIES + 1):
        assert refused(lambda: driver.come_back(now, OTHER)) is ErrorCode.PIN_REFUSED
    driver.phone = own
    assert driver.come_back(now).roles == {Role.DRIVER}


# -- what is told, and what is kept


def test_before_the_lock_one_refusal_for_everything(driver: Person, now: datetime) -> None:
    told = {
        refused(lambda: driver.come_back(now, OTHER)),
        refused(lambda: driver.come_back(now, key_id="00000000")),
        refused(lambda: driver.come_back(now, account_id="0" * 64)),
        refused(lambda: driver.come_back(now, signature="A" * 86)),
    }
    assert told == {ErrorCode.PIN_REFUSED}


def test_what_the_phone_sends_tells_a_right_pin_from_a_wrong_one_by_the_pin_alone(
    driver: Person, now: datetime
) -> None:
    right, wrong = wire(driver.shown(now)), wire(driver.shown(now, OTHER))
    changed = {name for name in right if right[name] != wrong[name]}
    assert changed == {"challenge", "signature", "pin"}
    # What is signed does not hold the PIN, so that no signature is an oracle for guesses.
    shown = driver.shown(now, OTHER)
    shown.pin = PIN
    assert driver.own.sign_in(shown, former_token=None, now=now)


def test_a_challenge_is_good_once_for_one_thing_and_a_while(driver: Person, now: datetime) -> None:
    def answer(shown: PinShown, at: datetime = now) -> str:
        return driver.own.sign_in(shown, former_token=None, now=at)

    shown = driver.shown(now)
    answer(shown)
    assert refused(lambda: answer(shown)) is ErrorCode.CHALLENGE_LAPSED
    late = driver.shown(now)
    assert refused(lambda: answer(late, now + timedelta(minutes=5))) is ErrorCode.CHALLENGE_LAPSED
    registering = wire(driver.own.registration(driver.sign_in(now), now))
    other = msgspec.convert(driver.phone.show(registering, PIN), PinShown)
    assert refused(lambda: answer(other)) is ErrorCode.CHALLENGE_LAPSED


@pytest.mark.parametrize("what", ["another thing", "another place"])
def test_a_signature_of_one_thing_or_place_is_none_of_another(
    driver: Person, now: datetime, what: str
) -> None:
    asked = wire(driver.own.sign_in_request(now))
    phone = driver.phone
    if what == "another thing":
        signature = phone.sign(REGISTERS, asked["challenge"])
    else:
        elsewhere = PinPhone("https://terminal.example", key=phone.key)
        signature = elsewhere.sign(SIGNS_IN, asked["challenge"])
    shown = msgspec.convert(phone.show(asked, PIN, signature=signature), PinShown)
    code = refused(lambda: driver.own.sign_in(shown, former_token=None, now=now))
    assert code is ErrorCode.PIN_REFUSED


def test_the_database_alone_does_not_try_pins(driver: Person, now: datetime) -> None:
    with driver.identity.database.reading() as db:
        row = db.execute(sa.select(schema.pin_key)).one()._mapping
        (kept,) = store.pin_keys(db, driver.phone.account_id, "wallet")
    assert kept.pin_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert PIN not in repr(row)
    pepper = driver.own._pepper
    assert pin.is_right(PIN, kept.pin_hash, key_id=kept.key_id, pepper=pepper)
    assert not pin.is_right(PIN, kept.pin_hash, key_id=kept.key_id, pepper=bytes(32))
    # Nor is a hash of use at another key, where it could be put by who writes the database.
    assert not pin.is_right(PIN, kept.pin_hash, key_id="another", pepper=pepper)


def test_no_log_line_has_the_pin(driver: Person, now: datetime) -> None:
    with structlog.testing.capture_logs() as said:
        with pytest.raises(AccessError) as refusal:
            driver.come_back(now, OTHER)
        driver.come_back(now, PIN)
    assert [one["event"] for one in said] == ["pin_refused", "signed_in_with_pin"]
    told = f"{said!r} {refusal.value!r} {refusal.value.en} {driver.shown(now)!r}"
    assert (PIN in told, OTHER in told) == (False, False)


# -- weak ones

KNOWN = KnownNumbers(date(1990, 3, 14), (IDENTITY_NUMBER, "990100002468"))


@pytest.mark.parametrize(
    ("weak", "why"),
    [
        ("000000", ErrorCode.PIN_OF_FEW_DIGITS),
        ("121212", ErrorCode.PIN_OF_FEW_DIGITS),
        ("777774", ErrorCode.PIN_OF_FEW_DIGITS),
        ("123456", ErrorCode.PIN_IN_SEQUENCE),
        ("654321", ErrorCode.PIN_IN_SEQUENCE),
        ("789012", ErrorCode.PIN_IN_SEQUENCE),
        ("135791", ErrorCode.PIN_IN_SEQUENCE),
        ("520520", ErrorCode.PIN_REPEATS),
        ("112233", ErrorCode.PIN_REPEATS),
        ("396693", ErrorCode.PIN_REPEATS),
        ("147258", ErrorCode.PIN_WELL_KNOWN),
        ("900314", ErrorCode.PIN_FROM_LICENCE),
        ("199003", ErrorCode.PIN_FROM_LICENCE),
        ("140390", ErrorCode.PIN_FROM_LICENCE),
        ("031490", ErrorCode.PIN_FROM_LICENCE),
        (IDENTITY_NUMBER[-6:], ErrorCode.PIN_FROM_LICENCE),
        (IDENTITY_NUMBER[-7:-1], ErrorCode.PIN_FROM_LICENCE),
        ("002468", ErrorCode.PIN_FROM_LICENCE),
    ],
)
def test_a_weak_pin_is_refused_with_the_reason(weak: str, why: ErrorCode) -> None:
    assert refused(lambda: refuse_weak(weak, KNOWN)) is why


def test_a_weak_pin_registers_nothing(both: Identity, provider: Provider, now: datetime) -> None:
    person = Person(both, provider)
    person.sign_in(now)
    assert refused(lambda: person.register(now, "123456")) is ErrorCode.PIN_IN_SEQUENCE
    assert refused(lambda: person.register(now, "900101")) is ErrorCode.PIN_FROM_LICENCE
    assert person.own.own(person.actor(now), None, now).pin_keys == []
    person.register(now)


def test_nine_of_ten_are_left_to_choose() -> None:
    def is_weak(number: int) -> bool:
        try:
            refuse_weak(f"{number:06d}", KNOWN)
        except AccessError:
            return True
        return False

    sample = range(0, 1_000_000, 97)
    assert sum(map(is_weak, sample)) / len(sample) < 0.1


@pytest.mark.parametrize(
    "text", ["12345", "1234567", "12345a", "１２３４５６", " 73041", "730418\n"]
)
def test_what_is_no_pin_costs_no_try(driver: Person, now: datetime, text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        driver.shown(now, text)
