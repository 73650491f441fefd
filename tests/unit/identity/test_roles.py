"""Roles come from a security administrator, never from oneself, and separated roles stay apart."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from jiazhao.errors import AccessError, ConfigurationError, ErrorCode, JiazhaoError
from jiazhao.http.access import Actor, Role
from jiazhao.identity import store
from jiazhao.identity.messages import RoleGrant
from jiazhao.identity.roles import Roles, appoint_for_demonstration, grant_first_administrator
from jiazhao.identity.service import Identity
from tests.unit.identity.parties import Provider, make_identity, sign_in

SECOND = timedelta(seconds=1)
ADMINISTRATOR = Role.SECURITY_ADMINISTRATOR


@pytest.fixture
def identity(engine_url: str, tmp_path: Path, provider: Provider) -> Iterator[Identity]:
    identity = make_identity(engine_url, tmp_path, provider)
    yield identity
    identity.database.close()


@pytest.fixture
def roles(identity: Identity) -> Roles:
    return Roles(identity)


@pytest.fixture
def chief(identity: Identity, provider: Provider, now: datetime) -> Actor:
    grant_first_administrator(identity, subject="chief", name="安样本", unit="安全处", now=now)
    return at_console(identity, provider, "chief", now)


def at_console(identity: Identity, provider: Provider, subject: str, now: datetime) -> Actor:
    token = sign_in(identity, provider, now, app="console", sub=subject)
    actor = identity.actor_of("console", token, now)
    assert actor is not None
    return actor


def asked(subject: str, role: Role) -> RoleGrant:
    return RoleGrant(subject=subject, role=role, unit="样本大队", name="李样本")


def test_a_role_is_there_with_the_next_request_and_gone_with_the_next(
    identity: Identity, provider: Provider, roles: Roles, chief: Actor, now: datetime
) -> None:
    token = sign_in(identity, provider, now, app="terminal", sub="li")

    view = roles.grant(asked("li", Role.OFFICER), actor=chief, now=now)
    actor = identity.actor_of("terminal", token, now)
    assert actor is not None
    assert actor.roles == {Role.OFFICER}
    assert (actor.name, actor.unit) == ("李样本", "样本大队")

    roles.end(view.account_id, Role.OFFICER, actor=chief, now=now + SECOND)
    actor = identity.actor_of("terminal", token, now)
    assert actor is not None
    assert (actor.roles, actor.name, actor.unit) == (frozenset(), "王样本", "")


def test_a_session_has_the_roles_of_its_origin_only(
    identity: Identity, provider: Provider, roles: Roles, chief: Actor, now: datetime
) -> None:
    for role in (Role.OFFICER, Role.CLERK):
        roles.grant(asked("li", role), actor=chief, now=now)

    seen = {}
    for app in ("wallet", "terminal", "console"):
        actor = identity.actor_of(app, sign_in(identity, provider, now, app=app, sub="li"), now)
        assert actor is not None
        seen[app] = actor.roles
    assert seen == {"wallet": {Role.DRIVER}, "terminal": {Role.OFFICER}, "console": {Role.CLERK}}


def test_nobody_changes_a_role_of_his_own(roles: Roles, chief: Actor, now: datetime) -> None:
    with pytest.raises(AccessError) as refused:
        roles.grant(asked("chief", Role.OFFICER), actor=chief, now=now)
    assert refused.value.code is ErrorCode.OWN_ROLE
    with pytest.raises(AccessError) as refused:
        roles.end(chief.account_id, ADMINISTRATOR, actor=chief, now=now)
    assert refused.value.code is ErrorCode.OWN_ROLE


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (ADMINISTRATOR, Role.AUDITOR),
        (Role.AUDITOR, ADMINISTRATOR),
        (Role.REGISTRAR, Role.AUDITOR),
        (ADMINISTRATOR, Role.REGISTRAR),
    ],
)
def test_separated_roles_stay_apart(
    roles: Roles, chief: Actor, now: datetime, first: Role, second: Role
) -> None:
    held = roles.grant(asked("li", first), actor=chief, now=now)
    with pytest.raises(AccessError) as refused:
        roles.grant(asked("li", second), actor=chief, now=now)
    assert refused.value.code is ErrorCode.ROLES_CONFLICT

    roles.end(held.account_id, first, actor=chief, now=now)
    roles.grant(asked("li", second), actor=chief, now=now)


def test_what_cannot_be_granted_or_ended(roles: Roles, chief: Actor, now: datetime) -> None:
    def code(act: object) -> ErrorCode:
        assert callable(act)
        with pytest.raises(JiazhaoError) as refused:
            act()
        return refused.value.code

    held = roles.grant(asked("li", Role.OFFICER), actor=chief, now=now)
    end = roles.end
    assert code(lambda: roles.grant(asked("li", Role.OFFICER), actor=chief, now=now)) is (
        ErrorCode.ROLE_HELD
    )
    assert code(lambda: roles.grant(asked("li", Role.DRIVER), actor=chief, now=now)) is (
        ErrorCode.ROLE_NOT_GRANTED_HERE
    )
    assert code(lambda: end(held.account_id, Role.CLERK, actor=chief, now=now)) is (
        ErrorCode.ROLE_NOT_HELD
    )
    assert code(lambda: end("0" * 64, Role.CLERK, actor=chief, now=now)) is ErrorCode.ROLE_NOT_HELD
    elsewhere = RoleGrant(
        subject="li", role=Role.CLERK, unit="x", name="y", issuer="https://other.example"
    )
    assert code(lambda: roles.grant(elsewhere, actor=chief, now=now)) is ErrorCode.BAD_REQUEST


def test_an_administrator_whose_role_ended_meanwhile_grants_nothing(
    identity: Identity, provider: Provider, roles: Roles, chief: Actor, now: datetime
) -> None:
    roles.grant(asked("second", ADMINISTRATOR), actor=chief, now=now)
    second = at_console(identity, provider, "second", now)
    roles.end(chief.account_id, ADMINISTRATOR, actor=second, now=now)

    with pytest.raises(AccessError) as refused:
        roles.grant(asked("li", Role.OFFICER), actor=chief, now=now)
    assert refused.value.code is ErrorCode.NOT_ALLOWED


def test_two_administrators_cannot_end_each_other(
    postgres: str,
    tmp_path: Path,
    provider: Provider,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On the other engine a writing transaction is alone anyway."""
    identity = make_identity(postgres, tmp_path, provider)
    roles = Roles(identity)
    grant_first_administrator(identity, subject="chief", name="x", unit="y", now=now)
    chief = at_console(identity, provider, "chief", now)
    roles.grant(asked("second", ADMINISTRATOR), actor=chief, now=now)
    second = at_console(identity, provider, "second", now)
    refused: list[ErrorCode] = []

    def end_the_chief() -> None:
        try:
            roles.end(chief.account_id, ADMINISTRATOR, actor=second, now=now)
        except AccessError as error:
            refused.append(error.code)

    other, end_role = threading.Thread(target=end_the_chief), store.end_role

    def end_while_the_other_does_too(*args: Any, **more: Any) -> bool:
        ended = end_role(*args, **more)
        if not other.ident:
            other.start()
            while other.is_alive() and not somebody_waits(identity):
                """The other has come to its end, or as far as it can."""
        return ended

    monkeypatch.setattr(store, "end_role", end_while_the_other_does_too)
    roles.end(second.account_id, ADMINISTRATOR, actor=chief, now=now)
    other.join()

    assert refused == [ErrorCode.NOT_ALLOWED]
    assert [held.account_id for held in roles.live().roles] == [chief.account_id]
    identity.database.close()


def somebody_waits(identity: Identity) -> bool:
    with identity.database.reading() as db:
        query = (
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(db.exec_driver_sql(query).scalar_one())


def test_there_is_one_first_administrator(
    identity: Identity, roles: Roles, chief: Actor, now: datetime
) -> None:
    with pytest.raises(AccessError) as refused:
        grant_first_administrator(identity, subject="other", name="x", unit="y", now=now)
    assert refused.value.code is ErrorCode.ADMINISTRATOR_EXISTS
    assert [held.account_id for held in roles.live().roles] == [chief.account_id]


def test_there_are_no_default_accounts(roles: Roles) -> None:
    assert roles.live().roles == []


def test_the_latest_grant_is_listed_first(roles: Roles, chief: Actor, now: datetime) -> None:
    roles.grant(asked("li", Role.OFFICER), actor=chief, now=now + SECOND)
    roles.grant(asked("zhao", Role.CLERK), actor=chief, now=now + 2 * SECOND)
    assert [held.role for held in roles.live().roles] == [Role.CLERK, Role.OFFICER, ADMINISTRATOR]


def test_appointing_without_an_administrator_is_for_demonstrations(
    tmp_path: Path, sqlite: str, provider: Provider, roles: Roles, now: datetime
) -> None:
    for _ in range(2):
        appoint_for_demonstration(
            roles.identity, subject="li", role=Role.OFFICER, name="李样本", unit="大队", now=now
        )
    assert [held.role for held in roles.live().roles] == [Role.OFFICER]

    production = make_identity(sqlite, tmp_path, provider, environment="production")
    with pytest.raises(ConfigurationError) as refused:
        appoint_for_demonstration(
            production, subject="li", role=Role.OFFICER, name="x", unit="y", now=now
        )
    assert refused.value.code is ErrorCode.UNSAFE_IN_PRODUCTION
    production.database.close()
