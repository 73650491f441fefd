"""The one table of who may do what."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import combinations
from pathlib import Path

import pytest

from jiazhao.errors import AccessError, ErrorCode
from jiazhao.http.access import Actor, Permission, Role
from jiazhao.identity.permissions import (
    PERMISSIONS,
    ROLES_AT,
    SEPARATED,
    may,
    may_claim_until,
    refuse_conflict,
    require_fresh,
)
from tests.unit.identity.parties import STRONG, make_config

FREE = {Permission.ANYONE, Permission.SIGNED_IN}


def actor_with(*roles: Role, now: datetime) -> Actor:
    return Actor("a" * 64, "王样本", "", frozenset(roles), None, now, STRONG)


def code_of(permission: Permission, actor: Actor | None) -> ErrorCode | None:
    try:
        may(permission, actor)
    except AccessError as error:
        return error.code
    return None


def test_every_permission_has_its_roles() -> None:
    assert set(PERMISSIONS) | FREE == set(Permission)
    assert all(PERMISSIONS.values())


def test_every_role_is_of_use_at_exactly_one_origin() -> None:
    assert sorted(role for roles in ROLES_AT.values() for role in roles) == sorted(Role)


@pytest.mark.parametrize("permission", Permission)
@pytest.mark.parametrize("role", Role)
def test_a_role_may_what_the_table_says(permission: Permission, role: Role, now: datetime) -> None:
    allowed = permission in FREE or role in PERMISSIONS[permission]
    expected = None if allowed else ErrorCode.NOT_ALLOWED
    assert code_of(permission, actor_with(role, now=now)) is expected


@pytest.mark.parametrize("permission", Permission)
def test_without_a_role_or_a_session(permission: Permission, now: datetime) -> None:
    nobody = None if permission is Permission.ANYONE else ErrorCode.SIGN_IN_NEEDED
    assert code_of(permission, None) is nobody
    without_role = None if permission in FREE else ErrorCode.NOT_ALLOWED
    assert code_of(permission, actor_with(now=now)) is without_role


def test_what_must_not_meet_in_one_role() -> None:
    for role in Role:
        held = {permission for permission, roles in PERMISSIONS.items() if role in roles}
        assert len(held & {Permission.GRANT_ROLES, Permission.CHANGE_REGISTER}) < 2
        assert len(held & {Permission.GRANT_ROLES, Permission.READ_ACCESS_RECORDS}) < 2
        assert len(held & {Permission.CHANGE_REGISTER, Permission.READ_ACCESS_RECORDS}) < 2


@pytest.mark.parametrize("pair", list(combinations(Role, 2)), ids=str)
def test_separated_roles_refuse_each_other(pair: tuple[Role, Role]) -> None:
    one, other = pair
    for role, held in ((one, other), (other, one)):
        if frozenset(pair) in SEPARATED:
            with pytest.raises(AccessError):
                refuse_conflict(role, {held})
        else:
            refuse_conflict(role, {held})


def test_the_three_administrators_are_separated() -> None:
    three = {Role.SECURITY_ADMINISTRATOR, Role.REGISTRAR, Role.AUDITOR}
    assert set(SEPARATED) == {frozenset(pair) for pair in combinations(three, 2)}


def test_a_claim_needs_a_fresh_sign_in(now: datetime, tmp_path: Path) -> None:
    config, actor = make_config(tmp_path), actor_with(Role.DRIVER, now=now)
    last = now + timedelta(seconds=config.claim_sign_in_seconds)

    require_fresh(actor, last - timedelta(microseconds=1), config)
    assert may_claim_until(actor, now, config) == last
    with pytest.raises(AccessError) as refused:
        require_fresh(actor, last, config)
    assert refused.value.code is ErrorCode.SIGN_IN_TOO_OLD
    assert may_claim_until(actor, last, config) is None


def test_a_claim_needs_a_strong_proof(now: datetime, tmp_path: Path) -> None:
    config = make_config(tmp_path)
    weak = replace(actor_with(Role.DRIVER, now=now), acr="password")

    with pytest.raises(AccessError) as refused:
        require_fresh(weak, now, config)
    assert refused.value.code is ErrorCode.PROOF_TOO_WEAK
    assert may_claim_until(weak, now, config) is None
    require_fresh(weak, now, make_config(tmp_path, identity_required_acr=()))
