"""Doors to access records."""

from datetime import datetime
from typing import Annotated

from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from jiazhao.consent.messages import Accesses, LookSample, OwnChecks
from jiazhao.consent.service import Consent
from jiazhao.errors import ErrorCode, Kind, RegisterError
from jiazhao.http.access import WITHOUT_SHIFT, Actor, Permission, demands
from jiazhao.http.openapi import REFUSES
from jiazhao.licence.identifiers import holder_id
from jiazhao.licence.legal_day import legal_day
from jiazhao.rules.tables import Tables


@get(
    "/wallet/accesses",
    sync_to_thread=True,
    opt=demands(Permission.OWN_LICENCE, **{REFUSES: (Kind.NOT_FOUND,)}),
)
def own_accesses(
    actor: NamedDependency[Actor],
    consent: NamedDependency[Consent],
    tables: NamedDependency[Tables],
    now: NamedDependency[datetime],
) -> Accesses:
    """Who looked at the signed-in driver's licence, when and why."""
    if actor.holder_id is None:
        raise RegisterError(ErrorCode.NO_LICENCE)
    return consent.accesses_of(actor.holder_id, tables.on(legal_day(now)))


@get(
    "/presentation/checks",
    sync_to_thread=True,
    opt=demands(Permission.CHECK, **{WITHOUT_SHIFT: True}),
)
def own_checks(actor: NamedDependency[Actor], consent: NamedDependency[Consent]) -> OwnChecks:
    """The officer's own checks, the newest first."""
    return consent.checks_by(actor.account_id)


@get(
    "/audit/accesses/{holder:str}", sync_to_thread=True, opt=demands(Permission.READ_ACCESS_RECORDS)
)
def audited_accesses(
    holder: FromPath[str],
    consent: NamedDependency[Consent],
    tables: NamedDependency[Tables],
    now: NamedDependency[datetime],
) -> Accesses:
    """Who looked at a holder's licence: what the auditor reads; it holds nothing of the licence."""
    return consent.accesses_of(holder_id(holder), tables.on(legal_day(now)))


@get("/audit/samples", sync_to_thread=True, opt=demands(Permission.READ_ACCESS_RECORDS))
def sample(
    unit: Annotated[str, QueryParameter(min_length=1, max_length=64)],
    consent: NamedDependency[Consent],
    tables: NamedDependency[Tables],
    now: NamedDependency[datetime],
) -> LookSample:
    """Looks of a unit for its supervisor: all that are flagged, and some of the rest by chance."""
    return consent.sample(unit, tables.on(legal_day(now)), now)


wallet_routes = Router(path="/", route_handlers=[own_accesses])
terminal_handlers = (own_checks,)
console_routes = Router(path="/", route_handlers=[audited_accesses, sample])
