"""Passkeys: registered after the provider's sign-in, then shown instead of it, at one origin."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import cbor2
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiazhao.errors import AccessError, ErrorCode
from jiazhao.http.access import Actor, Role
from jiazhao.identity.key_messages import PasskeyMade, PasskeyShown, SecondFactor
from jiazhao.identity.own_passkeys import (
    ENROLMENT_SECONDS,
    MAX_PASSKEYS,
    OwnPasskeys,
    allow_enrolment,
)
from jiazhao.identity.passkeys import Party, verify_made, verify_shown
from jiazhao.identity.permissions import PASSKEY_PROOF, require_fresh
from jiazhao.identity.roles import appoint_for_demonstration
from jiazhao.identity.service import Identity
from tests.authenticator import USER_PRESENT, Authenticator
from tests.unit.identity.parties import HOLDER, STRONG, Provider, make_identity, sign_in

WALLET = "https://wallet.example"
TERMINAL = "https://terminal.example"


@pytest.fixture
def both(engine_url: str, tmp_path: Path, provider: Provider) -> Iterator[Identity]:
    """The service, on each engine."""
    identity = make_identity(engine_url, tmp_path, provider)
    yield identity
    identity.database.close()


class Person:
    """Somebody with a browser and an authenticator at one origin."""

    def __init__(
        self, identity: Identity, provider: Provider, app: str = "wallet", **authenticator: Any
    ) -> None:
        self.identity, self.provider, self.app = identity, provider, app
        self.own = OwnPasskeys(identity, app)
        self.phone = Authenticator(identity.config.origins[app], **authenticator)
        self.token = ""

    def sign_in(self, now: datetime, **claims: Any) -> Actor:
        self.token = sign_in(self.identity, self.provider, now, app=self.app, **claims)
        return self.actor(now)

    def actor(self, now: datetime) -> Actor:
        actor = self.identity.actor_of(self.app, self.token, now)
        assert actor is not None
        return actor

    def register(self, now: datetime, **changes: Any) -> str:
        actor = self.actor(now)
        asked = wire(self.own.creation(actor, now))
        made = msgspec.convert(self.phone.make(asked, **changes), PasskeyMade)
        return self.own.register(made, actor=actor, now=now).key_id

    def shown(self, now: datetime, **changes: Any) -> PasskeyShown:
        asked = wire(self.own.sign_in_request(now))
        return msgspec.convert(self.phone.show(asked, **changes), PasskeyShown)

    def come_back(self, now: datetime, **changes: Any) -> Actor:
        """Sign in with the passkey."""
        shown = self.shown(now, **changes)
        self.token = self.own.sign_in(shown, former_token=None, now=now)
        return self.actor(now)

    def second_factor(self, now: datetime, **changes: Any) -> Actor:
        actor = self.actor(now)
        asked = wire(self.own.second_factor_request(actor, now))
        shown = msgspec.convert(self.phone.show(asked, **changes), PasskeyShown)
        self.token = self.own.show_second_factor(shown, actor=actor, token=self.token, now=now)
        return self.actor(now)


def wire(message: Any) -> Any:
    return msgspec.to_builtins(message)


def refused(act: Any) -> ErrorCode:
    with pytest.raises(AccessError) as refusal:
        act()
    return refusal.value.code


@pytest.fixture
def driver(both: Identity, provider: Provider, now: datetime) -> Person:
    """A driver who has just signed in and registered a passkey."""
    person = Person(both, provider)
    person.sign_in(now)
    person.register(now)
    return person


# -- the journey


@pytest.mark.parametrize("counts", [True, False])
def test_a_passkey_signs_the_same_driver_in(
    both: Identity, provider: Provider, now: datetime, counts: bool
) -> None:
    person = Person(both, provider, counts=counts)
    person.sign_in(now)
    person.register(now)
    later = now + timedelta(days=3)

    for _ in range(2):
        actor = person.come_back(later)
        assert (actor.holder_id, actor.name) == (HOLDER, "王样本")
        assert actor.roles == {Role.DRIVER}
        assert (actor.authenticated_at, actor.acr) == (later, PASSKEY_PROOF)


def test_what_the_browser_is_asked_for(driver: Person, now: datetime) -> None:
    options = wire(driver.own.creation(driver.actor(now), now))["options"]
    assert options["rp"] == {"name": "驾照 Jiazhao", "id": "wallet.example"}
    assert options["attestation"] == "none"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert len(options["excludeCredentials"]) == 1
    request = wire(driver.own.sign_in_request(now))["options"]
    assert (request["rpId"], request["userVerification"]) == ("wallet.example", "required")
    assert request["allowCredentials"] == []


def test_a_claim_asks_for_the_provider_unless_a_passkey_suffices(
    engine_url: str, tmp_path: Path, provider: Provider, now: datetime
) -> None:
    for suffices in (False, True):
        folder = tmp_path / str(suffices)
        folder.mkdir()
        identity = make_identity(engine_url, folder, provider, passkey_suffices_for_claim=suffices)
        person = Person(identity, provider)
        person.sign_in(now)
        person.register(now)
        actor = person.come_back(now)
        if suffices:
            require_fresh(actor, now, identity.config)
            late = now + timedelta(seconds=301)
            assert (
                refused(lambda: require_fresh(actor, late, identity.config))  # noqa: B023 - at once
                is ErrorCode.SIGN_IN_TOO_OLD
            )
        else:
            assert (
                refused(lambda: require_fresh(actor, now, identity.config))  # noqa: B023 - at once
                is ErrorCode.PROOF_TOO_WEAK
            )
        identity.database.close()


def test_the_provider_cannot_name_our_own_proofs(
    identity: Identity, provider: Provider, now: datetime
) -> None:
    person = Person(identity, provider)
    assert person.sign_in(now, acr=PASSKEY_PROOF).acr == ""


# -- registering


def test_a_passkey_begets_no_passkey(driver: Person, now: datetime) -> None:
    driver.come_back(now)
    assert refused(lambda: driver.register(now)) is ErrorCode.PROOF_TOO_WEAK


def test_an_old_or_weak_sign_in_registers_nothing(
    identity: Identity, provider: Provider, now: datetime
) -> None:
    person = Person(identity, provider)
    person.sign_in(now, acr="urn:example:password")
    assert refused(lambda: person.register(now)) is ErrorCode.PROOF_TOO_WEAK
    person.sign_in(now)
    late = now + timedelta(seconds=300)
    assert refused(lambda: person.register(late)) is ErrorCode.SIGN_IN_TOO_OLD


def test_nobody_without_a_licence_registers_at_the_wallet(
    identity: Identity, provider: Provider, now: datetime
) -> None:
    person = Person(identity, provider)
    person.sign_in(now, identity_number=None)
    assert refused(lambda: person.register(now)) is ErrorCode.KEYS_FOR_HOLDERS


def test_the_same_passkey_and_too_many_are_refused(driver: Person, now: datetime) -> None:
    assert refused(lambda: driver.register(now)) is ErrorCode.PASSKEY_HELD
    for _ in range(MAX_PASSKEYS - 1):
        driver.phone = Authenticator(WALLET)
        driver.register(now)
    assert refused(lambda: driver.register(now)) is ErrorCode.TOO_MANY_KEYS


@pytest.mark.parametrize(
    "change",
    [
        {"origin": TERMINAL},
        {"origin": "https://wallet.example.evil"},
        {"rp_id": "terminal.example"},
        {"flags": USER_PRESENT},
        {"type": "webauthn.get"},
        {"signed_challenge": "AAAA"},
        {"attestation": {"fmt": "packed", "attStmt": {"alg": -7, "sig": b"x"}}},
        {"attestation": {"authData": b"x"}},
    ],
    ids=str,
)
def test_a_registration_that_does_not_fit(
    identity: Identity, provider: Provider, now: datetime, change: dict[str, Any]
) -> None:
    person = Person(identity, provider)
    person.sign_in(now)
    assert refused(lambda: person.register(now, **change)) is ErrorCode.PASSKEY_REFUSED


# -- showing


@pytest.mark.parametrize(
    "change",
    [
        {"origin": TERMINAL},
        {"rp_id": "terminal.example"},
        {"flags": USER_PRESENT},
        {"type": "webauthn.create"},
        {"signed_challenge": "AAAA"},
    ],
    ids=str,
)
def test_a_signature_that_does_not_fit(
    driver: Person, now: datetime, change: dict[str, Any]
) -> None:
    assert refused(lambda: driver.come_back(now, **change)) is ErrorCode.PASSKEY_REFUSED


def test_an_unknown_passkey_a_wrong_key_and_another_account_say_the_same(
    driver: Person, now: datetime
) -> None:
    def change(**members: Any) -> ErrorCode:
        shown = msgspec.structs.replace(driver.shown(now), **members)
        return refused(lambda: driver.own.sign_in(shown, former_token=None, now=now))

    other = Authenticator(WALLET, user_handle=driver.phone.user_handle)
    strange = driver.phone
    driver.phone = other
    assert change() is ErrorCode.PASSKEY_REFUSED
    driver.phone = strange
    assert change(user_handle="A" * 43) is ErrorCode.PASSKEY_REFUSED
    assert change(user_handle=None) is ErrorCode.PASSKEY_REFUSED
    assert change(signature="AAAA") is ErrorCode.PASSKEY_REFUSED
    assert driver.come_back(now).holder_id == HOLDER


def test_a_challenge_is_good_once_shortly_and_for_one_thing(driver: Person, now: datetime) -> None:
    shown = driver.shown(now)
    driver.own.sign_in(shown, former_token=None, now=now)
    again = driver.phone.show({"challenge": shown.challenge, "options": challenge_of(shown)})
    assert_lapsed(driver, again, now)

    fresh = driver.shown(now)
    late = now + timedelta(seconds=300)
    assert_lapsed(driver, wire(fresh), late)
    early = now - timedelta(seconds=1)
    assert_lapsed(driver, wire(fresh), early)

    actor = driver.sign_in(now)
    for_registering = wire(driver.own.creation(actor, now))
    assert_lapsed(driver, driver.phone.show(for_registering), now)


def challenge_of(shown: PasskeyShown) -> dict[str, str]:
    return {"challenge": shown.challenge}


def assert_lapsed(driver: Person, shown: dict[str, Any], now: datetime) -> None:
    given = msgspec.convert(shown, PasskeyShown)
    outcome = refused(lambda: driver.own.sign_in(given, former_token=None, now=now))
    assert outcome is ErrorCode.CHALLENGE_LAPSED


def test_of_two_uses_of_a_challenge_at_once_one_wins(driver: Person, now: datetime) -> None:
    def use(shown: PasskeyShown) -> bool:
        with suppress(AccessError):
            return bool(driver.own.sign_in(shown, former_token=None, now=now))
        return False

    with ThreadPoolExecutor(2) as two:
        for _ in range(25):
            shown = driver.shown(now)
            assert sorted(two.map(use, [shown, shown])) == [False, True]


def test_a_count_that_does_not_rise_ends_the_passkey_and_its_sessions(
    driver: Person, now: datetime
) -> None:
    driver.come_back(now)
    token = driver.token
    driver.phone.count -= 1  # a copy does not know that the original was used

    assert refused(lambda: driver.come_back(now)) is ErrorCode.PASSKEY_COPIED
    assert driver.identity.actor_of("wallet", token, now) is None
    assert refused(lambda: driver.come_back(now)) is ErrorCode.PASSKEY_REFUSED
    driver.sign_in(now)
    driver.phone = Authenticator(WALLET)
    driver.register(now)
    assert driver.come_back(now).holder_id == HOLDER


# -- looking after them


def test_own_passkeys_are_listed_and_removed(driver: Person, now: datetime) -> None:
    driver.come_back(now)
    listed = driver.own.own(driver.actor(now), driver.token, now)
    (key,) = listed.passkeys
    assert (key.label, key.created_at, key.last_used_at, key.in_use) == ("样本手机", now, now, True)
    assert not listed.may_register
    token = driver.token

    actor = driver.sign_in(now)
    assert driver.own.own(actor, driver.token, now).may_register
    driver.own.remove(key.key_id, actor=actor, now=now)

    assert driver.own.own(actor, driver.token, now).passkeys == []
    assert driver.identity.actor_of("wallet", token, now) is None
    assert driver.identity.actor_of("wallet", driver.token, now) is not None
    assert refused(lambda: driver.come_back(now)) is ErrorCode.PASSKEY_REFUSED


def test_nobody_removes_the_key_of_another(
    driver: Person, provider: Provider, now: datetime
) -> None:
    (key,) = driver.own.own(driver.actor(now), None, now).passkeys
    other = Person(driver.identity, provider)
    actor = other.sign_in(now, sub="person-2")
    assert (
        refused(lambda: other.own.remove(key.key_id, actor=actor, now=now)) is ErrorCode.KEY_UNKNOWN
    )
    assert other.own.own(actor, None, now).passkeys == []


# -- the second factor of staff


@pytest.fixture
def guarded(engine_url: str, tmp_path: Path, provider: Provider) -> Iterator[Identity]:
    identity = make_identity(engine_url, tmp_path, provider, staff_need_passkeys=True)
    yield identity
    identity.database.close()


ADMINISTRATOR = Actor(
    account_id="0" * 64,
    name="周样本",
    unit="样本",
    roles=frozenset({Role.SECURITY_ADMINISTRATOR}),
    holder_id=None,
    authenticated_at=datetime.fromisoformat("2026-06-01T02:00:00+00:00"),
    acr=STRONG,
)


def officer(identity: Identity, provider: Provider, now: datetime) -> Person:
    """An officer who was appointed, signed in, and has no permission to register yet."""
    appoint_for_demonstration(
        identity, subject="person-1", role=Role.OFFICER, name="李样本", unit="一大队", now=now
    )
    person = Person(identity, provider, "terminal")
    person.sign_in(now + timedelta(seconds=ENROLMENT_SECONDS))
    return person


def test_an_officer_has_the_role_after_the_passkey_only(
    guarded: Identity, provider: Provider, now: datetime
) -> None:
    person = officer(guarded, provider, now)
    now += timedelta(seconds=ENROLMENT_SECONDS)
    before = person.actor(now)
    assert (before.roles, before.awaits_second_factor) == (frozenset(), True)
    assert person.own.second_factor_of(before, now) is SecondFactor.NOT_ALLOWED
    assert refused(lambda: person.register(now)) is ErrorCode.ENROLMENT_NOT_ALLOWED

    allow_enrolment(guarded, before.account_id, actor=ADMINISTRATOR, now=now)
    assert person.own.second_factor_of(before, now) is SecondFactor.REGISTER
    person.register(now)
    assert person.own.second_factor_of(before, now) is SecondFactor.SHOW
    assert person.actor(now).roles == frozenset()
    former = person.token
    after = person.second_factor(now)

    assert after.roles == {Role.OFFICER}
    assert person.own.second_factor_of(after, now) is SecondFactor.DONE
    assert guarded.actor_of("terminal", former, now) is None
    assert former != person.token


def test_a_permission_is_good_for_one_person_once_and_a_day(
    guarded: Identity, provider: Provider, now: datetime
) -> None:
    person = officer(guarded, provider, now)
    now += timedelta(seconds=ENROLMENT_SECONDS)
    account = person.actor(now).account_id
    allow_enrolment(guarded, account, actor=ADMINISTRATOR, now=now)
    late = now + timedelta(seconds=ENROLMENT_SECONDS)
    person.sign_in(late)
    assert refused(lambda: person.register(late)) is ErrorCode.ENROLMENT_NOT_ALLOWED

    person.sign_in(now)
    person.register(now)
    thief = Person(guarded, provider, "terminal")
    thief.sign_in(now)
    assert refused(lambda: thief.register(now)) is ErrorCode.SECOND_FACTOR_NEEDED


def test_of_two_first_passkeys_at_once_one_is_kept(
    guarded: Identity, provider: Provider, now: datetime
) -> None:
    people = [officer(guarded, provider, now), officer(guarded, provider, now)]
    now += timedelta(seconds=ENROLMENT_SECONDS)
    allow_enrolment(guarded, people[0].actor(now).account_id, actor=ADMINISTRATOR, now=now)

    def register(person: Person) -> bool:
        with suppress(AccessError):
            return bool(person.register(now))
        return False

    with ThreadPoolExecutor(2) as two:
        assert sorted(two.map(register, people)) == [False, True]


def test_nobody_allows_it_to_himself_nor_to_whoever_has_no_role(
    guarded: Identity, now: datetime
) -> None:
    own = ADMINISTRATOR.account_id
    assert (
        refused(lambda: allow_enrolment(guarded, own, actor=ADMINISTRATOR, now=now))
        is ErrorCode.OWN_ENROLMENT
    )
    assert (
        refused(lambda: allow_enrolment(guarded, "1" * 64, actor=ADMINISTRATOR, now=now))
        is ErrorCode.ACCOUNT_UNKNOWN
    )


def test_staff_keep_one_passkey_and_thieves_of_a_session_remove_none(
    guarded: Identity, provider: Provider, now: datetime
) -> None:
    person = officer(guarded, provider, now)
    now += timedelta(seconds=ENROLMENT_SECONDS)
    allow_enrolment(guarded, person.actor(now).account_id, actor=ADMINISTRATOR, now=now)
    key = person.register(now)
    first = person.actor(now)
    assert (
        refused(lambda: person.own.remove(key, actor=first, now=now))
        is ErrorCode.SECOND_FACTOR_NEEDED
    )
    proven = person.second_factor(now)
    assert refused(lambda: person.own.remove(key, actor=proven, now=now)) is ErrorCode.LAST_PASSKEY

    person.phone = Authenticator(TERMINAL)
    second = person.register(now)
    person.own.remove(second, actor=person.actor(now), now=now)
    assert person.actor(now).roles == {Role.OFFICER}


def test_a_wallets_passkey_is_no_second_factor(
    guarded: Identity, provider: Provider, now: datetime
) -> None:
    person = officer(guarded, provider, now)
    now += timedelta(seconds=ENROLMENT_SECONDS)
    at_wallet = Person(guarded, provider)
    at_wallet.sign_in(now)
    at_wallet.register(now)
    person.phone = at_wallet.phone
    assert refused(lambda: person.second_factor(now)) is ErrorCode.PASSKEY_REFUSED


# -- whatever else is sent

PARTY = Party(WALLET)
ASKED = {"challenge": "AAAA", "options": {"challenge": "AAAA", "user": {"id": "AAAA"}}}
COSE = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: bytes(32), -3: bytes(32)})


PLACES = st.integers(0, 2**16)
LETTERS = st.sampled_from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@settings(max_examples=300)
@given(at=PLACES, letter=LETTERS, cut=st.none() | PLACES)
def test_nothing_but_our_own_error_escapes(at: int, letter: int, cut: int | None) -> None:
    def mutant(text: str) -> str:
        octets = bytearray(text.encode())
        octets[at % len(octets)] = letter
        return octets[: len(octets) if cut is None else 1 + cut % len(octets)].decode()

    phone, asked = Authenticator(WALLET), bytes(3)
    made, shown = phone.make(ASKED), phone.show(ASKED)
    for member in ("client_data", "attestation"):
        changed = msgspec.convert({**made, member: mutant(made[member])}, PasskeyMade)
        with suppress(AccessError):
            verify_made(PARTY, changed, challenge=asked)
    for member in ("client_data", "authenticator_data", "signature"):
        altered = msgspec.convert({**shown, member: mutant(shown[member])}, PasskeyShown)
        with suppress(AccessError):
            verify_shown(PARTY, altered, challenge=asked, public_key=COSE)
