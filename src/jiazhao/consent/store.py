"""SQL of access records. Rows are inserted and read, never changed.

Who can change this store can hide a look from the person looked at.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import sqlalchemy as sa

from jiazhao.http.access import Actor, Role
from jiazhao.licence.identifiers import HolderId
from jiazhao.storage import schema
from jiazhao.storage.names import new_name

SYSTEM = "system"
"""Account and role of what nobody in particular did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRecord:
    """One look at one holder's licence; `fields` are names, never values."""

    holder_id: HolderId
    record_id: str
    at: datetime
    kind: str
    account_id: str
    actor_role: str
    actor_name: str
    actor_unit: str
    reason: str
    note: str = ""
    law: str = ""
    fields: tuple[str, ...] = ()
    verdict: str = ""
    verdict_reason: str = ""
    vehicle_class: str | None = None
    check_id: str

    @classmethod
    def beside(
        cls,
        holder: HolderId,
        actor: Actor | None,
        now: datetime,
        *,
        kind: str,
        reason: str,
        role: Role | None = None,
        note: str = "",
        law: str = "",
        fields: tuple[str, ...] = (),
    ) -> Self:
        """What somebody did that was no check; None is the system itself.

        `role` is the one that it was done in, where that is not the first of the actor's.
        """
        name = new_name(now)
        in_role = role or (min(actor.roles) if actor else None)
        return cls(
            holder_id=holder,
            record_id=name,
            at=now,
            kind=kind,
            account_id=actor.account_id if actor else SYSTEM,
            actor_role=in_role.value if in_role else SYSTEM,
            actor_name=actor.name if actor else "",
            actor_unit=actor.unit if actor else "",
            reason=reason,
            note=note,
            law=law,
            fields=fields,
            check_id=name,
        )


_TABLE = schema.access_record
_COLUMNS = (
    _TABLE.c.holder_id,
    _TABLE.c.record_id,
    _TABLE.c.at,
    _TABLE.c.kind,
    _TABLE.c.account_id,
    _TABLE.c.actor_role,
    _TABLE.c.actor_name,
    _TABLE.c.actor_unit,
    _TABLE.c.reason,
    _TABLE.c.note,
    _TABLE.c.law,
    _TABLE.c.fields,
    _TABLE.c.verdict,
    _TABLE.c.verdict_reason,
    _TABLE.c.vehicle_class,
    _TABLE.c.check_id,
)


def insert(db: sa.Connection, record: AccessRecord) -> None:
    """Record a look."""
    db.execute(
        sa.insert(_TABLE).values(
            {
                **{column.name: getattr(record, column.name) for column in _COLUMNS},
                "fields": " ".join(record.fields),
            }
        )
    )


def find(db: sa.Connection, holder: HolderId, record_id: str) -> AccessRecord | None:
    """The look at one holder of that name."""
    query = sa.select(*_COLUMNS).where(
        _TABLE.c.holder_id == holder, _TABLE.c.record_id == record_id
    )
    row = db.execute(query).one_or_none()
    return None if row is None else _record(row)


def of_holder(db: sa.Connection, holder: HolderId, limit: int) -> list[AccessRecord]:
    """Looks at one holder, the newest first."""
    query = (
        sa.select(*_COLUMNS)
        .where(_TABLE.c.holder_id == holder)
        .order_by(_TABLE.c.at.desc(), _TABLE.c.record_id.desc())
        .limit(limit)
    )
    return [_record(row) for row in db.execute(query)]


def of_account(db: sa.Connection, account_id: str, limit: int) -> list[AccessRecord]:
    """Looks by one account, the newest first."""
    query = (
        sa.select(*_COLUMNS)
        .where(_TABLE.c.account_id == account_id)
        .order_by(_TABLE.c.at.desc(), _TABLE.c.record_id.desc())
        .limit(limit)
    )
    return [_record(row) for row in db.execute(query)]


def _record(row: Any) -> AccessRecord:
    values = dict(row._mapping)
    values["fields"] = tuple(str(values["fields"]).split())
    return AccessRecord(**values)


def count_kind(db: sa.Connection, account_id: str, kind: str, since: datetime) -> int:
    """How many looks of a kind an account made since a moment."""
    query = sa.select(sa.func.count()).where(
        _TABLE.c.account_id == account_id, _TABLE.c.at >= since, _TABLE.c.kind == kind
    )
    return db.execute(query).scalar_one()


def of_unit(db: sa.Connection, unit: str, since: datetime, limit: int) -> list[AccessRecord]:
    """Looks by the officers of a unit since a moment, the newest first."""
    query = (
        sa.select(*_COLUMNS)
        .where(_TABLE.c.actor_unit == unit, _TABLE.c.at >= since, _TABLE.c.actor_role == "officer")
        .order_by(_TABLE.c.at.desc(), _TABLE.c.record_id.desc())
        .limit(limit)
    )
    return [_record(row) for row in db.execute(query)]
