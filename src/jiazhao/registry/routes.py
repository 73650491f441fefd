"""Doors to the register: the driver's own licence."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Struct

from jiazhao.errors import ErrorCode, Kind, RegisterError
from jiazhao.http import problems
from jiazhao.http.access import Actor, Permission, demands
from jiazhao.http.openapi import REFUSES
from jiazhao.licence.identifiers import HolderId, holder_id
from jiazhao.licence.legal_day import legal_day
from jiazhao.licence.licence import ClassEntitlement, Licence
from jiazhao.registry.import_checks import FIRST_YEAR, LAST_YEAR
from jiazhao.registry.messages import (
    ChangeAnswer,
    ChangeRequest,
    LicenceView,
    RefusalView,
)
from jiazhao.registry.service import Amendment, Register
from jiazhao.rules.claim import ClaimFacts, check_claim
from jiazhao.rules.refusal import RefusedByLaw
from jiazhao.rules.tables import Tables
from jiazhao.storage.engine import Connection, Database


class ClaimView(Struct):
    """Whether the law allows a claim today, and if not, why."""

    allowed: bool
    refusals: list[RefusalView]


class InstanceView(Struct):
    """The holder's live electronic licence: its number and the key that it is bound to."""

    instance_number: str
    device_key: str
    issued_at: datetime
    last_used_counter: int | None


class OwnLicence(Struct):
    """What the wallet shows live."""

    licence: LicenceView
    claim: ClaimView
    instance: InstanceView | None
    server_time: datetime


@dataclass(frozen=True, slots=True)
class Specimens:
    """Whether what is served is made up, and so marked."""

    marked: bool


_MAY_BE_NONE = {REFUSES: (Kind.NOT_FOUND,)}


def holder_of(actor: Actor) -> HolderId:
    """The holder whose licence belongs to the account, or a refusal."""
    if actor.holder_id is None:
        raise RegisterError(ErrorCode.NO_LICENCE)
    return actor.holder_id


def on_refused_by_law(request: Request[Any, Any, Any], error: RefusedByLaw) -> Response[bytes]:
    """A problem document with every refusal of the law, not only the first."""
    refusals = [msgspec.to_builtins(RefusalView.of(one)) for one in error.refusals]
    return problems.answer(request, error, problems.new_trace(), {"refusals": refusals})


@get("/wallet/licence", sync_to_thread=True, opt=demands(Permission.OWN_LICENCE, **_MAY_BE_NONE))
def own_licence(
    actor: NamedDependency[Actor],
    database: NamedDependency[Database],
    register: NamedDependency[Register],
    tables: NamedDependency[Tables],
    specimens: NamedDependency[Specimens],
    now: NamedDependency[datetime],
) -> OwnLicence:
    """The signed-in driver's licence as the register knows it now."""
    holder = holder_of(actor)
    with database.reading() as db:
        licence = register.licence_of(db, holder, at=now)
        instance = register.live_instance(db, holder)
    rules = tables.on(legal_day(now))
    decision = check_claim(ClaimFacts.of(licence), rules)
    return OwnLicence(
        licence=LicenceView.of(
            licence,
            rules,
            instance=instance.instance_number if instance else None,
            specimen=specimens.marked,
        ),
        claim=ClaimView(decision.allowed, [RefusalView.of(r) for r in decision.refusals]),
        instance=InstanceView(
            instance.instance_number,
            instance.key_thumbprint,
            instance.issued_at,
            instance.last_counter,
        )
        if instance
        else None,
        server_time=now,
    )


@get(
    "/wallet/photo",
    sync_to_thread=True,
    opt=demands(Permission.OWN_LICENCE, **_MAY_BE_NONE),
    media_type="image/jpeg",
)
def own_photo(
    actor: NamedDependency[Actor],
    database: NamedDependency[Database],
    register: NamedDependency[Register],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    """The signed-in driver's portrait on file."""
    with database.reading() as db:
        photo = register.portrait_of(db, holder_of(actor), at=now)
    return Response(photo.jpeg, media_type="image/jpeg")


@post(
    "/registry/changes",
    sync_to_thread=True,
    opt=demands(Permission.CHANGE_REGISTER, **_MAY_BE_NONE),
    request_max_body_size=16 * 1024,
)
def change(
    data: JSONBody[ChangeRequest],
    database: NamedDependency[Database],
    register: NamedDependency[Register],
    tables: NamedDependency[Tables],
    now: NamedDependency[datetime],
) -> ChangeAnswer:
    """Record what changed in law, and answer with what holds now; nothing of the person."""
    return record_change(data, database, register, tables, now)


def record_change(
    data: ChangeRequest, database: Database, register: Register, tables: Tables, now: datetime
) -> ChangeAnswer:
    """Record a change in one transaction with its row of the change feed."""
    holder = holder_id(data.holder_id)
    amendment = amendment_of(data, now)

    def act(db: Connection) -> Licence:
        register.amend(db, holder, amendment, now)
        return register.licence_of(db, holder, at=now)

    licence = database.write(act)
    return ChangeAnswer.of(licence, tables.on(legal_day(now)))


def amendment_of(data: ChangeRequest, now: datetime) -> Amendment:
    """What the register is asked to record; a wrong order of times is refused."""
    held_from = data.held_from or now
    for name, moment in (("held_from", held_from), ("held_until", data.held_until)):
        if moment is not None:
            refuse_odd_moment(name, moment)
    for one in data.grant_classes:
        for name, day in (("issue_date", one.issue_date), ("expiry_date", one.expiry_date)):
            if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
                raise RegisterError(ErrorCode.BAD_REQUEST, field=name)
    if data.held_until is not None and data.held_until <= held_from:
        raise RegisterError(ErrorCode.BAD_REQUEST, field="held_until")
    return Amendment(
        held_from=held_from,
        held_until=data.held_until,
        points=data.points,
        add_statuses=frozenset(data.add_statuses),
        end_statuses=frozenset(data.end_statuses),
        grant_classes=tuple(
            ClassEntitlement(one.vehicle_class, one.issue_date, one.expiry_date)
            for one in data.grant_classes
        ),
        withdraw_classes=frozenset(data.withdraw_classes),
    )


def refuse_odd_moment(name: str, moment: datetime) -> None:
    """Refuse a moment without its offset, and a year that the register takes from nobody."""
    if moment.tzinfo is None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise RegisterError(ErrorCode.BAD_REQUEST, field=name)


wallet_routes = Router(path="/", route_handlers=[own_licence, own_photo])
console_routes = Router(path="/", route_handlers=[change])
