"""Recovery of a lost passkey or PIN: two people, never one, never for oneself."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
import structlog

from jiazhao.errors import AccessError, ErrorCode, JiazhaoError
from jiazhao.http.access import Actor, Role
from jiazhao.identity import store
from jiazhao.identity.key_messages import SecondFactor
from jiazhao.identity.recovery import RECOVERY_SECONDS, Recoveries
from jiazhao.identity.recovery_messages import (
    RecoveryAsked,
    RecoveryDecision,
    RecoveryName,
    RecoveryView,
)
from jiazhao.identity.roles import Roles, appoint_for_demonstration
from jiazhao.identity.service import Identity
from jiazhao.storage import schema
from tests.authenticator import Authenticator
from tests.pin_phone import PinPhone
from tests.unit.identity import test_passkeys, test_pin_keys
from tests.unit.identity.parties import HOLDER, IDENTITY_NUMBER, Provider, make_identity

NOTE = "核对了身份证原件"
POSTS = {
    "clerk": Role.CLERK,
    "registrar": Role.REGISTRAR,
    "registrar-2": Role.REGISTRAR,
    "security": Role.SECURITY_ADMINISTRATOR,
    "security-2": Role.SECURITY_ADMINISTRATOR,
    "auditor": Role.AUDITOR,
    "officer": Role.OFFICER,
}


class Office:
    """The authority: its staff, and what they ask and decide."""

    def __init__(self, identity: Identity, provider: Provider, now: datetime) -> None:
        self.identity, self.provider, self.now = identity, provider, now
        self.recoveries = Recoveries(identity)
        for subject, role in POSTS.items():
            appoint_for_demonstration(
                identity, subject=subject, role=role, name=subject, unit="样本", now=now
            )

    def colleague(self, subject: str) -> Actor:
        return Actor(
            account_id=self.identity.account_id(subject),
            name=subject,
            unit="样本",
            roles=frozenset({POSTS[subject]}),
            holder_id=None,
            authenticated_at=self.now,
            acr="",
        )

    def ask(self, by: str = "clerk", *, at: datetime | None = None, **changes: Any) -> RecoveryView:
        asked = {"kind": "driver", "identifier": IDENTITY_NUMBER, **changes}
        asked = {"reason": "lost", "note": NOTE, "papers_seen": True, **asked}
        listed = self.recoveries.ask(
            RecoveryAsked(**asked), actor=self.colleague(by), now=at or self.now
        )
        return listed.waiting[-1]

    def decide(
        self,
        asked: RecoveryView,
        by: str = "registrar",
        decision: Any = "approve",
        *,
        at: datetime | None = None,
    ) -> None:
        self.recoveries.decide(
            RecoveryDecision(asked.account_id, asked.recovery_id, decision),
            actor=self.colleague(by),
            now=at or self.now,
        )

    def withdraw(self, asked: RecoveryView, by: str = "clerk") -> None:
        self.recoveries.withdraw(
            RecoveryName(asked.account_id, asked.recovery_id),
            actor=self.colleague(by),
            now=self.now,
        )

    def states(self) -> list[str]:
        with self.identity.database.reading() as db:
            return list(db.execute(sa.select(schema.recovery.c.state)).scalars())


@pytest.fixture
def both(engine_url: str, tmp_path: Path, provider: Provider) -> Iterator[Identity]:
    """The service, on each engine."""
    identity = make_identity(engine_url, tmp_path, provider, staff_need_passkeys=True)
    yield identity
    identity.database.close()


@pytest.fixture
def office(both: Identity, provider: Provider, now: datetime) -> Office:
    return Office(both, provider, now)


@pytest.fixture
def driver(both: Identity, provider: Provider, now: datetime) -> test_pin_keys.Person:
    """A driver with a PIN and a passkey, who is signed in."""
    person = test_pin_keys.Person(both, provider)
    person.sign_in(now)
    person.register(now)
    with_passkey = test_passkeys.Person(both, provider)
    with_passkey.token = person.token
    with_passkey.register(now)
    return person


@pytest.fixture
def officer(both: Identity, office: Office, now: datetime) -> test_passkeys.Person:
    """An officer at work with a passkey."""
    person = test_passkeys.Person(both, office.provider, "terminal")
    person.sign_in(now, sub="officer")
    person.register(now)
    person.second_factor(now)
    return person


def refused(act: Callable[[], object]) -> ErrorCode:
    with pytest.raises(JiazhaoError) as refusal:
        act()
    return refusal.value.code


# -- the journey


def test_two_people_let_a_driver_begin_anew(
    office: Office, driver: test_pin_keys.Person, now: datetime
) -> None:
    for _ in range(5):
        refused(lambda: driver.come_back(now, test_pin_keys.OTHER))
    driver.sign_in(now)
    asked = office.ask()
    assert (asked.name, asked.staff, asked.state) == ("王样本", False, "waiting")
    # Nothing has happened to the driver yet, but for the word of it.
    assert driver.actor(now).roles == {Role.DRIVER}
    assert office.provider.told == [(HOLDER, "clerk", "recovery_asked")]

    office.decide(asked)

    assert office.provider.told[1:] == [(HOLDER, "registrar", "recovery_approved")]
    assert driver.identity.actor_of("wallet", driver.token, now) is None
    assert refused(lambda: driver.come_back(now)) is ErrorCode.PIN_REFUSED
    later = now + timedelta(seconds=1)
    actor = driver.sign_in(later)
    assert driver.own.own(actor, None, later).pin_keys == []
    driver.phone = PinPhone(driver.phone.origin)
    driver.register(later)
    assert driver.come_back(later).roles == {Role.DRIVER}
    (own,) = office.recoveries.own(actor, later).recoveries
    assert own.decided_by is not None
    assert (own.asked_by.name, own.decided_by.name, own.state) == ("clerk", "registrar", "approved")


def test_an_administrator_lets_an_officer_begin_anew(
    office: Office, officer: test_passkeys.Person, now: datetime
) -> None:
    asked = office.ask(kind="staff", identifier="officer")
    assert (asked.name, asked.staff) == ("officer", True)
    assert refused(lambda: office.decide(asked, "registrar")) is ErrorCode.RECOVERY_OF_STAFF
    office.decide(asked, "security")
    assert officer.identity.actor_of("terminal", officer.token, now) is None

    later = now + timedelta(seconds=1)
    officer.phone = Authenticator(officer.identity.config.terminal_url)
    actor = officer.sign_in(later, sub="officer")
    assert officer.own.second_factor_of(actor, later) is SecondFactor.REGISTER
    officer.register(later)
    # The permission was good once.
    officer.sign_in(later, sub="officer")
    assert refused(lambda: officer.register(later)) is ErrorCode.SECOND_FACTOR_NEEDED
    assert officer.second_factor(later).roles == {Role.OFFICER}
    assert len(office.recoveries.own(officer.actor(later), later).recoveries) == 1


def test_who_ended_the_keys_can_be_told_from_the_rows(
    office: Office, driver: test_pin_keys.Person
) -> None:
    asked = office.ask()
    office.decide(asked)
    with office.identity.database.reading() as db:
        for table in (schema.passkey, schema.pin_key):
            (ended_by,) = db.execute(sa.select(table.c.ended_by)).scalars()
            assert ended_by == f"recovery {asked.recovery_id}"
        kept = store.recovery(db, asked.account_id, asked.recovery_id)
    assert kept is not None
    assert (kept.asked_by, kept.decided_by) == tuple(
        office.identity.account_id(who) for who in ("clerk", "registrar")
    )
    assert (kept.reason, kept.note, kept.decided_at) == ("lost", NOTE, office.now)


# -- four eyes


def test_nobody_decides_on_what_he_asked(office: Office, driver: test_pin_keys.Person) -> None:
    asked = office.ask("registrar")
    assert refused(lambda: office.decide(asked, "registrar")) is ErrorCode.RECOVERY_SAME_PERSON
    for decision in ("approve", "refuse"):
        with pytest.raises(AccessError):
            office.decide(asked, "registrar", decision)
    office.decide(asked, "registrar-2")


def test_nobody_recovers_himself(
    office: Office, both: Identity, provider: Provider, now: datetime
) -> None:
    own = test_passkeys.Person(both, provider, "console")
    own.sign_in(now, sub="security")
    own.register(now)
    code = refused(lambda: office.ask("security", kind="staff", identifier="security"))
    assert code is ErrorCode.OWN_RECOVERY
    asked = office.ask("clerk", kind="staff", identifier="security")
    assert refused(lambda: office.decide(asked, "security")) is ErrorCode.OWN_RECOVERY
    office.decide(asked, "security-2")


@pytest.mark.parametrize("who", ["clerk", "auditor", "officer"])
def test_who_has_not_the_right_decides_nothing(
    office: Office, driver: test_pin_keys.Person, who: str
) -> None:
    asked = office.ask("registrar")
    assert refused(lambda: office.decide(asked, who)) is ErrorCode.NOT_ALLOWED


@pytest.mark.parametrize("who", ["auditor", "officer"])
def test_who_has_not_the_right_asks_nothing(
    office: Office, driver: test_pin_keys.Person, who: str
) -> None:
    assert refused(lambda: office.ask(who)) is ErrorCode.NOT_ALLOWED
    assert office.states() == []


def test_a_post_that_ended_in_between_counts_for_nothing(
    office: Office, driver: test_pin_keys.Person
) -> None:
    asked = office.ask("clerk")
    roles, administrator = Roles(office.identity), office.colleague("security")

    def dismiss(who: str) -> None:
        account = office.identity.account_id(who)
        roles.end(account, POSTS[who], actor=administrator, now=office.now)

    dismiss("registrar")
    assert refused(lambda: office.decide(asked, "registrar")) is ErrorCode.NOT_ALLOWED
    dismiss("clerk")
    assert refused(lambda: office.decide(asked, "registrar-2")) is ErrorCode.RECOVERY_OVER


def test_of_a_person_and_himself_at_once_neither_wins(
    office: Office, driver: test_pin_keys.Person
) -> None:
    for _ in range(8):
        asked = office.ask("registrar")
        together = Barrier(4)

        def act(_: int, asked: RecoveryView = asked, together: Barrier = together) -> bool:
            together.wait()
            try:
                office.decide(asked, "registrar")
            except AccessError:
                return False
            return True

        with ThreadPoolExecutor(4) as threads:
            assert list(threads.map(act, range(4))) == [False] * 4
        office.withdraw(asked, "registrar")
    assert set(office.states()) == {"withdrawn"}
    assert driver.come_back(office.now).roles == {Role.DRIVER}


def test_of_two_who_decide_at_once_one_wins(office: Office, driver: test_pin_keys.Person) -> None:
    for round_ in range(8):
        asked = office.ask("clerk")
        together = Barrier(3)

        def act(
            how: tuple[str, str], asked: RecoveryView = asked, together: Barrier = together
        ) -> bool:
            together.wait()
            try:
                if how[1] == "withdraw":
                    office.withdraw(asked)
                else:
                    office.decide(asked, *how)
            except AccessError as refusal:
                return refusal.code is not ErrorCode.RECOVERY_OVER
            return True

        hows = [("registrar", "approve"), ("security", "refuse"), ("clerk", "withdraw")]
        with ThreadPoolExecutor(3) as threads:
            assert sum(threads.map(act, hows)) == 1
        assert len(office.states()) == round_ + 1
        office.now += timedelta(seconds=1)
        driver.sign_in(office.now)
        with office.identity.database.reading() as db:
            held = store.pin_keys(db, asked.account_id, "wallet")
        # What was approved happened, what was refused did not.
        assert (office.states().count("approved") > 0) == (held == [])
        if not held:
            break


def test_two_who_ask_at_once_make_one_request(office: Office, driver: test_pin_keys.Person) -> None:
    together = Barrier(2)

    def act(who: str) -> bool:
        together.wait()
        try:
            office.ask(who)
        except AccessError as refusal:
            return refusal.code is not ErrorCode.RECOVERY_WAITING
        return True

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(act, ["clerk", "registrar"])) == [False, True]
    assert office.states() == ["waiting"]


# -- what is asked for, and for how long


def test_a_request_lapses_and_can_be_made_anew(
    office: Office, driver: test_pin_keys.Person
) -> None:
    asked = office.ask()
    assert refused(office.ask) is ErrorCode.RECOVERY_WAITING
    late = office.now + timedelta(seconds=RECOVERY_SECONDS)
    assert refused(lambda: office.decide(asked, at=late)) is ErrorCode.RECOVERY_OVER
    assert office.recoveries.listed(office.colleague("clerk"), late).waiting == []
    assert driver.come_back(late).roles == {Role.DRIVER}
    office.ask(at=late)
    assert sorted(office.states()) == ["lapsed", "waiting"]
    office.decide(office.recoveries.listed(office.colleague("clerk"), late).waiting[0], at=late)


def test_what_is_decided_stays_decided(office: Office, driver: test_pin_keys.Person) -> None:
    asked = office.ask()
    office.decide(asked, "registrar", "refuse")
    assert driver.come_back(office.now).roles == {Role.DRIVER}
    assert refused(lambda: office.decide(asked, "registrar-2")) is ErrorCode.RECOVERY_OVER
    assert refused(lambda: office.withdraw(asked)) is ErrorCode.RECOVERY_OVER
    assert driver.come_back(office.now).roles == {Role.DRIVER}


def test_only_who_asked_takes_it_back(office: Office, driver: test_pin_keys.Person) -> None:
    asked = office.ask()
    assert refused(lambda: office.withdraw(asked, "registrar")) is ErrorCode.NOT_ALLOWED
    office.withdraw(asked)
    assert refused(lambda: office.decide(asked)) is ErrorCode.RECOVERY_OVER
    asked.recovery_id = "0"
    assert refused(lambda: office.withdraw(asked)) is ErrorCode.RECOVERY_UNKNOWN


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"papers_seen": False}, ErrorCode.RECOVERY_UNSEEN),
        ({"reason": "because"}, ErrorCode.RECOVERY_UNEXPLAINED),
        ({"note": "    ok "}, ErrorCode.RECOVERY_UNEXPLAINED),
        ({"identifier": "990101199001019999"}, ErrorCode.RECOVERY_NOTHING),
        ({"kind": "staff", "identifier": "nobody"}, ErrorCode.RECOVERY_NOTHING),
        ({"kind": "staff", "identifier": "officer"}, ErrorCode.RECOVERY_NOTHING),
        ({"kind": "staff"}, ErrorCode.RECOVERY_NOTHING),
    ],
)
def test_what_is_no_request_is_refused(
    office: Office, driver: test_pin_keys.Person, changes: dict[str, Any], code: ErrorCode
) -> None:
    assert refused(lambda: office.ask(**changes)) is code
    assert office.states() == []
    assert office.provider.told == []


def test_the_list_says_who_may_decide(office: Office, driver: test_pin_keys.Person) -> None:
    office.ask("registrar")

    def seen_by(who: str) -> tuple[bool, bool]:
        (one,) = office.recoveries.listed(office.colleague(who), office.now).waiting
        return one.asked_by_me, one.may_decide

    assert seen_by("registrar") == (True, False)
    assert seen_by("registrar-2") == (False, True)
    assert seen_by("clerk") == (False, False)
    assert seen_by("auditor") == (False, False)
    assert seen_by("security") == (False, True)


def test_no_log_line_names_a_person(office: Office, driver: test_pin_keys.Person) -> None:
    with structlog.testing.capture_logs() as said:
        office.decide(office.ask())
    assert [one["event"] for one in said] == ["recovery_asked", "recovery_decided"]
    assert not any(word in repr(said) for word in (IDENTITY_NUMBER, NOTE, "王样本"))
