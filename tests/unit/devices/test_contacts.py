"""A device comes by itself: what it is told, and how a second one with its key is noticed."""

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest

from jiazhao import app
from jiazhao.credentials import jose
from jiazhao.credentials.signing import read_base64url, write_base64url
from jiazhao.devices import store
from jiazhao.devices.contact_proof import MAX_NUMBER, PROOF_TYPE
from jiazhao.devices.messages import ContactAnswer
from jiazhao.errors import ErrorCode, JiazhaoError
from jiazhao.licence.identifiers import HolderId
from jiazhao.licence.legal_day import legal_day
from jiazhao.registry.service import Instance
from jiazhao.smoke.wallet import DeviceKey
from tests.clocks import SetClock
from tests.houses import Phone, officer

WANG = HolderId("sp-000001")
TODAY = 20605
"""1 June 2026."""


@dataclass
class Profile:
    """What a browser keeps of one wallet: it can be copied, key and all."""

    house: app.House
    key: DeviceKey
    n: int = 0
    counter: int = 0

    def copied(self) -> "Profile":
        """The same once more, as malware or a synchronised folder makes it."""
        return replace(self)

    def next_counter(self) -> int:
        """A counter above all that this profile used."""
        self.counter += 1
        return self.counter

    def proof(self, *, key: DeviceKey | None = None, typ: str = PROOF_TYPE, **claims: Any) -> str:
        """A proof; `claims` take the place of the usual ones, None leaves one out."""
        made = {
            "aud": self.house.config.public_url,
            "iat": int(self.house.clock().timestamp()),
            "jti": write_base64url(secrets.token_bytes(16)),
            "n": self.n,
            "counter": self.counter,
            **claims,
        }
        made = {name: value for name, value in made.items() if value is not None}
        signer = key or self.key
        return jose.sign(made, signer, typ=typ, header={"jwk": self.key.public.to_jwk()})

    def come(self, **claims: Any) -> ContactAnswer:
        """Come and keep what is told."""
        answer = self.send(self.proof(**{"counter": self.next_counter(), **claims}))
        self.n = answer.n
        return answer

    def send(self, proof: str) -> ContactAnswer:
        """Hand a proof in."""
        return self.house.devices.contact(proof, self.house.clock())


@pytest.fixture
def phone(house: app.House) -> Phone:
    """A driver's phone with the licence on it."""
    phone = Phone(house, WANG)
    phone.claim()
    return phone


@pytest.fixture
def profile(house: app.House, phone: Phone) -> Profile:
    """The browser's profile on that phone."""
    return Profile(house, phone.key)


def refused(act: Callable[[], object]) -> ErrorCode:
    with pytest.raises(JiazhaoError) as caught:
        act()
    return caught.value.code


def instance_of(house: app.House) -> Instance:
    with house.database.reading() as db:
        instance = house.register.live_instance(db, WANG)
    assert instance is not None
    return instance


def is_frozen(house: app.House) -> bool:
    return instance_of(house).frozen_at is not None


def told(house: app.House) -> list[str]:
    rules = house.tables.on(legal_day(house.clock()))
    shown = house.consent.accesses_of(WANG, rules).accesses
    return [one.reason.code for one in shown if one.kind == "device"]


def use(house: app.House, profile: Profile, **of: Any) -> None:
    """Have a code of this profile checked by an officer."""
    now, counter = house.clock(), profile.next_counter()
    instance = instance_of(house)
    assert house.database.write(
        lambda db: house.register.use_code(db, instance, counter, f"check {counter}", now)
    )


# -- in good order


def test_a_device_is_told_the_time_and_the_number_to_name_next(
    house: app.House, profile: Profile
) -> None:
    answer = profile.come()
    assert (answer.n, answer.state, answer.server_time) == (1, "live", house.clock())
    assert answer.last_used_counter is None
    assert [one.day for one in answer.day_keys] == list(range(TODAY, TODAY + 31))
    assert {len(read_base64url(one.point, "point")) for one in answer.day_keys} == {33}
    assert answer.beacon == write_base64url(house.beacons.at(house.clock()))
    assert [profile.come().n for _ in range(3)] == [2, 3, 4]
    use(house, profile)
    assert profile.come().last_used_counter == profile.counter - 1
    assert told(house) == []


def test_an_answer_that_was_lost_is_given_again(house: app.House, profile: Profile) -> None:
    profile.come()
    proof = profile.proof(counter=profile.next_counter())
    lost = profile.send(proof)
    assert profile.send(proof) == lost
    profile.n = lost.n
    assert profile.come().n == lost.n + 1
    assert not is_frozen(house)


def test_it_is_asked_for_later_with_codes_shown_in_between(
    house: app.House, profile: Profile, clock: SetClock
) -> None:
    """The same contact in a new proof: a phone was out of reach for a day."""
    profile.come()
    name = "the name of one contact"
    lost = profile.send(profile.proof(jti=name, counter=profile.next_counter()))
    clock.later(days=1)
    use(house, profile)
    assert profile.send(profile.proof(jti=name, counter=profile.next_counter())).n == lost.n
    assert not is_frozen(house)


def test_one_that_never_arrived_comes_with_the_counter_of_now(
    house: app.House, profile: Profile, clock: SetClock
) -> None:
    profile.come()
    name = "the name of one contact"
    profile.proof(jti=name, counter=profile.next_counter())  # it was lost on its way to us
    clock.later(days=1)
    use(house, profile)
    assert profile.send(profile.proof(jti=name, counter=profile.next_counter())).n == profile.n + 1
    assert not is_frozen(house)


def test_two_tabs_of_one_wallet_are_no_copy(house: app.House, profile: Profile) -> None:
    """They share number and counter, and one contact that both send."""
    tab, other = profile, profile  # one profile, for a browser keeps one
    tab.come()
    use(house, tab)
    other.come()
    use(house, other)
    shared = tab.proof(counter=tab.next_counter())
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(profile.send, [shared, shared]))
    assert answers[0] == answers[1]
    profile.n = answers[0].n
    other.come()
    assert not is_frozen(house)


def test_a_code_that_is_checked_while_a_contact_is_on_its_way_is_no_copy(
    house: app.House, profile: Profile
) -> None:
    profile.come()
    on_its_way = profile.proof(counter=profile.next_counter())
    use(house, profile)
    profile.send(on_its_way)
    assert not is_frozen(house)


def test_a_device_may_know_of_more_contacts_than_we_after_a_restore(
    house: app.House, profile: Profile
) -> None:
    profile.come()
    profile.n += 7  # answered after the backup that we came out of
    assert profile.come().n == 9
    assert not is_frozen(house)


def test_a_device_may_say_what_it_is_called(house: app.House, profile: Profile) -> None:
    profile.come(label="Android 上的 Chrome")
    profile.come()
    (device,) = house.devices.devices_of(WANG).devices
    assert (device.label, device.last_contact_at) == ("Android 上的 Chrome", house.clock())


def test_contacts_of_long_ago_are_not_kept(
    house: app.House, profile: Profile, clock: SetClock
) -> None:
    instance = instance_of(house)
    for _ in range(5):
        profile.come()
        clock.later(hours=1)
    with house.database.reading() as db:
        kept = store.contacts_of(db, WANG, instance.instance_number)
    assert [one.number for one in kept] == [4]


# -- copied


def test_of_two_profiles_that_come_the_second_is_noticed_and_both_are_frozen(
    house: app.House, profile: Profile
) -> None:
    profile.come()
    copy = profile.copied()
    use(house, profile)
    use(house, copy)
    profile.come()

    assert refused(copy.come) is ErrorCode.WALLET_COPIED

    assert is_frozen(house)
    assert instance_of(house).frozen_by == "copy"
    assert told(house) == ["device_copied"]
    answer = profile.come()
    assert (answer.state, answer.day_keys, answer.beacon) == ("frozen", [], None)


@pytest.mark.parametrize("first", ["the phone", "the copy"])
def test_a_copy_is_noticed_at_the_first_contact_after_both_were_used(
    house: app.House, profile: Profile, clock: SetClock, first: str
) -> None:
    """No second contact is needed: the counters say it."""
    profile.come()
    copy = profile.copied()
    behind, ahead = (profile, copy) if first == "the phone" else (copy, profile)
    use(house, behind)
    for _ in range(3):  # its screen made some more
        ahead.next_counter()
    use(house, ahead)
    clock.later(minutes=1)

    assert refused(behind.come) is ErrorCode.WALLET_COPIED
    assert is_frozen(house)


def test_the_last_of_equal_counters_is_no_hiding_place(
    house: app.House, profile: Profile, clock: SetClock
) -> None:
    """The copy showed a code with the very counter that the phone now comes with."""
    profile.come()
    copy = profile.copied()
    use(house, copy)
    clock.later(minutes=1)
    assert profile.counter + 1 == copy.counter
    assert refused(profile.come) is ErrorCode.WALLET_COPIED


def test_a_copy_that_counts_on_from_an_old_number_is_noticed(
    house: app.House, profile: Profile
) -> None:
    copy = profile.copied()
    for _ in range(5):
        profile.come()
    copy.counter = profile.counter + 1000
    assert refused(copy.come) is ErrorCode.WALLET_COPIED


def test_a_counter_that_does_not_rise_is_noticed(house: app.House, profile: Profile) -> None:
    profile.come()
    copy = profile.copied()
    assert refused(lambda: copy.send(copy.proof())) is ErrorCode.WALLET_COPIED


def test_numbers_that_no_browser_holds_end_in_a_freeze_and_no_fault(
    house: app.House, profile: Profile
) -> None:
    assert refused(lambda: profile.come(n=MAX_NUMBER)) is ErrorCode.WALLET_COPIED


def test_of_two_at_once_one_is_answered_and_the_other_notices(
    house: app.House, profile: Profile
) -> None:
    profile.come()
    proofs = [profile.proof(counter=profile.counter + more) for more in (1, 2)]
    together = Barrier(2)

    def send(proof: str) -> str:
        together.wait()
        try:
            return profile.send(proof).state
        except JiazhaoError as error:
            return error.code.wire

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(send, proofs)) == ["live", "wallet_copied"]
    assert is_frozen(house)
    assert told(house) == ["device_copied"]


# -- proofs that are not taken, and change nothing


def test_a_proof_that_was_answered_long_since_freezes_nobody(
    house: app.House, profile: Profile
) -> None:
    """Who listened on the way, or a proxy that sends again, is no copy of the key."""
    proof = profile.proof(counter=profile.next_counter())
    profile.n = profile.send(proof).n
    profile.come()
    assert refused(lambda: profile.send(proof)) is ErrorCode.CONTACT_REPEATED
    assert not is_frozen(house)


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://evil.example"},
        {"aud": None},
        {"iat": None},
        {"iat": True},
        {"iat": 1.5},
        {"jti": None},
        {"jti": "too short"},
        {"jti": "x" * 65},
        {"n": None},
        {"n": -1},
        {"n": "1"},
        {"n": MAX_NUMBER + 1},
        {"counter": None},
        {"counter": False},
        {"label": ""},
        {"label": "x" * 65},
        {"label": "a\nb"},
        {"label": 1},
        {"typ": "openid4vci-proof+jwt"},
    ],
    ids=str,
)
def test_a_proof_that_says_something_else_is_refused(
    house: app.House, profile: Profile, claims: dict[str, Any]
) -> None:
    assert refused(lambda: profile.come(**claims)) is ErrorCode.CONTACT_REFUSED
    assert not is_frozen(house)


@pytest.mark.parametrize(
    ("seconds", "taken"), [(-601, False), (-600, True), (60, True), (61, False)]
)
def test_a_proof_of_another_time_is_refused(
    house: app.House, profile: Profile, seconds: int, taken: bool
) -> None:
    made = int((house.clock() + timedelta(seconds=seconds)).timestamp())
    if taken:
        assert profile.come(iat=made).state == "live"
    else:
        assert refused(lambda: profile.come(iat=made)) is ErrorCode.CONTACT_REFUSED


def test_a_proof_by_another_key_than_it_names_is_refused(profile: Profile) -> None:
    assert (
        refused(lambda: profile.send(profile.proof(key=DeviceKey()))) is ErrorCode.CONTACT_REFUSED
    )


@pytest.mark.parametrize("proof", ["", "a.b.c", "x" * 2048])
def test_what_is_no_jwt_is_refused(profile: Profile, proof: str) -> None:
    assert refused(lambda: profile.send(proof)) is ErrorCode.CONTACT_REFUSED


def test_a_key_that_nobody_claimed_with_is_not_known(house: app.House) -> None:
    assert refused(Profile(house, DeviceKey()).come) is ErrorCode.DEVICE_NOT_KNOWN


def test_a_device_whose_licence_went_to_another_is_told_so(
    house: app.House, profile: Profile, clock: SetClock
) -> None:
    clock.later(seconds=1)
    Phone(house, WANG).claim()
    answer = profile.come()
    assert (answer.state, answer.renew) == ("ended", False)
    assert officer().holder_id is None
