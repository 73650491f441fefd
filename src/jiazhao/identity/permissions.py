"""Which roles may do what: one table, read by the gate of every origin.

Source of the separation of the three administrators (三员分立): GB/T 22239-2019, 8.1.4.2 and
8.1.5: who grants rights, who uses them and who audits are different people.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from jiazhao.config import Config
from jiazhao.errors import AccessError, ErrorCode
from jiazhao.http.access import Actor, Permission, Role

PERMISSIONS: Mapping[Permission, frozenset[Role]] = {
    Permission.OWN_LICENCE: frozenset({Role.DRIVER}),
    Permission.CLAIM: frozenset({Role.DRIVER}),
    Permission.CHANGE_PHOTO: frozenset({Role.DRIVER}),
    Permission.OPEN_SHIFT: frozenset({Role.OFFICER}),
    Permission.CHECK: frozenset({Role.OFFICER}),
    Permission.LOOK_UP: frozenset({Role.OFFICER}),
    Permission.OFFER_AT_COUNTER: frozenset({Role.CLERK}),
    Permission.FREEZE_AT_COUNTER: frozenset({Role.CLERK}),
    Permission.CHANGE_REGISTER: frozenset({Role.REGISTRAR}),
    Permission.REVIEW_PHOTOS: frozenset({Role.REGISTRAR}),
    Permission.ANSWER_OBJECTIONS: frozenset({Role.REGISTRAR}),
    Permission.READ_REFUSAL_REPORTS: frozenset({Role.REGISTRAR, Role.AUDITOR}),
    Permission.READ_REGISTER_HISTORY: frozenset({Role.REGISTRAR, Role.AUDITOR}),
    Permission.READ_ACCESS_RECORDS: frozenset({Role.AUDITOR}),
    Permission.GRANT_ROLES: frozenset({Role.SECURITY_ADMINISTRATOR}),
    Permission.MANAGE_TERMINALS: frozenset({Role.SECURITY_ADMINISTRATOR}),
    Permission.READ_RECOVERIES: frozenset(
        {Role.CLERK, Role.REGISTRAR, Role.SECURITY_ADMINISTRATOR, Role.AUDITOR}
    ),
    Permission.ASK_FOR_RECOVERY: frozenset(
        {Role.CLERK, Role.REGISTRAR, Role.SECURITY_ADMINISTRATOR}
    ),
    Permission.DECIDE_RECOVERY: frozenset({Role.REGISTRAR, Role.SECURITY_ADMINISTRATOR}),
}
"""`ANYONE` and `SIGNED_IN` ask for no role and are not in the table."""

ROLES_AT: Mapping[str, frozenset[Role]] = {
    "wallet": frozenset({Role.DRIVER}),
    "terminal": frozenset({Role.OFFICER}),
    "console": frozenset({Role.CLERK, Role.REGISTRAR, Role.SECURITY_ADMINISTRATOR, Role.AUDITOR}),
}
"""The roles that a session has at each origin: an officer's wallet has no officer's power."""

PASSKEY_PROOF = "urn:jiazhao:proof:passkey"
PIN_PROOF = "urn:jiazhao:proof:pin"
OWN_PROOFS = frozenset({PASSKEY_PROOF, PIN_PROOF})
"""Proof levels of our own sign-ins, beside those of the provider, which may name none of them."""

SEPARATED: tuple[frozenset[Role], ...] = (
    frozenset({Role.SECURITY_ADMINISTRATOR, Role.AUDITOR}),
    frozenset({Role.SECURITY_ADMINISTRATOR, Role.REGISTRAR}),
    frozenset({Role.REGISTRAR, Role.AUDITOR}),
)
"""Pairs of roles that one account never has at the same time."""


def may(permission: Permission, actor: Actor | None) -> None:
    """Raise `AccessError` unless `actor` has `permission`."""
    if permission is Permission.ANYONE:
        return
    if actor is None:
        raise AccessError(ErrorCode.SIGN_IN_NEEDED)
    if permission is Permission.SIGNED_IN:
        return
    if actor.awaits_second_factor:
        raise AccessError(ErrorCode.SECOND_FACTOR_NEEDED)
    if not actor.roles & PERMISSIONS[permission]:
        raise AccessError(ErrorCode.NOT_ALLOWED)


def refuse_conflict(role: Role, held: Iterable[Role]) -> None:
    """Raise `AccessError` where `role` may not be joined to the roles `held`."""
    for other in held:
        if frozenset({role, other}) in SEPARATED:
            raise AccessError(ErrorCode.ROLES_CONFLICT, role=role, held=other)


def require_fresh(actor: Actor, now: datetime, config: Config) -> None:
    """Raise `AccessError` unless the sign-in is recent and strong enough for a claim."""
    if not _is_strong(actor, config):
        raise AccessError(ErrorCode.PROOF_TOO_WEAK)
    if now >= _fresh_until(actor, config):
        raise AccessError(ErrorCode.SIGN_IN_TOO_OLD)


def require_provider(actor: Actor, now: datetime, config: Config) -> None:
    """Raise `AccessError` unless the provider has just proven who this is, strongly enough.

    What binds a new key to a person: a key must not beget keys, nor an old session.
    """
    if actor.acr in OWN_PROOFS:
        raise AccessError(ErrorCode.PROOF_TOO_WEAK)
    require_fresh(actor, now, config)


def may_claim_until(actor: Actor, now: datetime, config: Config) -> datetime | None:
    """When `require_fresh` will begin to refuse; None where it refuses now."""
    until = _fresh_until(actor, config)
    return until if _is_strong(actor, config) and now < until else None


def _fresh_until(actor: Actor, config: Config) -> datetime:
    return actor.authenticated_at + timedelta(seconds=config.claim_sign_in_seconds)


def _is_strong(actor: Actor, config: Config) -> bool:
    if actor.acr in OWN_PROOFS:
        return config.passkey_suffices_for_claim
    return not config.identity_required_acr or actor.acr in config.identity_required_acr
