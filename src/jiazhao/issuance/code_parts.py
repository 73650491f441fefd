"""The issuer's part of a licence code: what a device shows at the roadside, signed for 30 days.

It comes through the credential endpoint as a configuration of its own, for the device key of the
live electronic licence and no other, and is signed again at each contact, so that statuses and
points are of the day. Nothing of it is kept but when it was signed: its handle stands in the
country's snapshot before the signature is made, so whatever the register records after that is
found there. Source: docs/specs/licence-code.md, "The issuer's part".
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from jiazhao.credentials.licence_code import (
    SHOWN_LIFE_HOURS,
    IssuerData,
    IssuerPart,
    fitted,
    portrait_room,
    sign_issuer_part,
)
from jiazhao.credentials.signing import PublicKey, Signer
from jiazhao.errors import ClaimError, ErrorCode, RegisterError, StoreError
from jiazhao.issuance.protocol import ProtocolError, WireError
from jiazhao.issuance.store import issued, once
from jiazhao.licence.identifiers import HolderId, InstanceNumber
from jiazhao.licence.legal_day import end_of_day, legal_day
from jiazhao.licence.licence import Licence
from jiazhao.photo.code_portrait import code_portrait
from jiazhao.registry.service import Register
from jiazhao.rules.classes import class_in_force
from jiazhao.rules.statuses import effective_statuses
from jiazhao.rules.tables import RuleSet, Tables
from jiazhao.status.handles import HandleKind, StatusHandle, StatusHandles
from jiazhao.storage import restoration
from jiazhao.storage.engine import Connection, Database

DUE_AFTER: Final = timedelta(days=1)
"""Statuses and points in a code are of the day it was signed; nobody at the roadside without a
network learns more of them than that."""

_HOUR: Final = timedelta(hours=1)
_TRIES: Final = 3
"""A licence changes a few times in its life; twice while its portrait is encoded is a fault."""

Lawful = Callable[[Connection, HolderId, datetime], Licence]
"""The licence as the register has it now, or a refusal where the law allows no electronic one."""


@dataclass(frozen=True, slots=True)
class DeviceAsks:
    """Who asks for a part: the device key that it proved, of which electronic licence."""

    holder_id: HolderId
    instance_number: InstanceNumber
    key: PublicKey
    nonces: Iterable[bytes]
    """Digests of the nonces of its proof."""


@dataclass(frozen=True, slots=True)
class CodeParts:
    """Signs issuer's parts; its parts are given by the composition root."""

    database: Database
    register: Register
    tables: Tables
    handles: StatusHandles
    signer: Callable[[], Signer]

    def issue(self, asks: DeviceAsks, lawful: Lawful, now: datetime) -> IssuerPart:
        """Sign a part for a device, or raise `ProtocolError`."""
        for _ in range(_TRIES):
            with self.database.reading() as db:
                licence = lawful(db, asks.holder_id, now)
                handle = self._handle(db, asks.holder_id, asks.instance_number, now)
                photo = portrait_on_file(self.register, db, asks.holder_id, now)
            rules = self.tables.on(legal_day(now))
            data = issuer_data(
                licence,
                rules,
                photo=photo,
                device_key=asks.key.compressed,
                most_hours=SHOWN_LIFE_HOURS,
                handle_age=_age(handle, now),
            )
            planned = self.database.write(
                partial(self._plan, asks=asks, data=data, drafted=licence, lawful=lawful, now=now)
            )
            if planned is not None:
                return sign_issuer_part(planned, self.signer())
        raise StoreError(ErrorCode.SERVICE_UNAVAILABLE)

    def _plan(
        self,
        db: Connection,
        asks: DeviceAsks,
        data: IssuerData,
        drafted: Licence,
        lawful: Lawful,
        now: datetime,
    ) -> IssuerData | None:
        """Record what will be signed; None where the register no longer says what was drafted."""
        holder = asks.holder_id
        self.register.lock(db, holder)
        restoration.require_present(db)
        if lawful(db, holder, drafted.at) != drafted:
            return None
        live = self.register.live_instance(db, holder)
        if live is None or live.instance_number != asks.instance_number:
            raise ProtocolError(WireError.INVALID_TOKEN, "The electronic licence has ended.")
        if live.frozen_at is not None:
            raise ProtocolError(
                WireError.CREDENTIAL_REQUEST_DENIED, "The electronic licence is frozen."
            )
        if live.key_thumbprint != asks.key.thumbprint():
            raise ProtocolError(
                WireError.INVALID_PROOF, "The key is not that of the electronic licence."
            )
        for nonce in asks.nonces:
            if not once.use_nonce(db, holder, nonce, now):
                raise ProtocolError(WireError.INVALID_NONCE, "The nonce was used before.")
        self.register.point_device(db, live)
        handle = self._handle(db, holder, live.instance_number, now)
        if handle is None:
            handle = self.handles.add(
                db,
                holder_id=holder,
                instance_number=live.instance_number,
                kind=HandleKind.LICENCE,
                live_until=data.ends_at,
                now=now,
            )
        else:
            self.handles.prolong(db, handle.handle, data.ends_at)
        issued.note_code_part(db, holder, live.instance_number, now)
        # Another handle than drafted is a new one, whose age takes no more room.
        return replace(data, handle=handle.handle, handle_age=_age(handle, now))

    def _handle(
        self, db: Connection, holder: HolderId, number: InstanceNumber, now: datetime
    ) -> StatusHandle | None:
        return self.handles.of_instance(db, holder, number, HandleKind.LICENCE, now)

    def is_due(
        self, db: Connection, holder: HolderId, number: InstanceNumber, now: datetime
    ) -> bool:
        """Whether a device should come for a new part: it has none, or one of another day or state.

        A part whose handle has ended is of another state, and so is one that was signed by a
        clock ahead of ours, for all we know.
        """
        signed_at = issued.code_part_signed_at(db, holder, number)
        if signed_at is None or not timedelta(0) <= now - signed_at < DUE_AFTER:
            return True
        if self._handle(db, holder, number, now) is None:
            return True
        return self.register.changed_since(db, holder, signed_at, now)


def portrait_on_file(
    register: Register, db: Connection, holder: HolderId, now: datetime
) -> bytes | None:
    """The picture that a code's portrait is cut from; None where there is none."""
    try:
        return register.portrait_of(db, holder, at=now).jpeg
    except RegisterError:
        return None


def issuer_data(
    licence: Licence,
    rules: RuleSet,
    *,
    photo: bytes | None,
    device_key: bytes | None,
    most_hours: int,
    handle_age: int = 0,
) -> IssuerData:
    """What a licence says in a code, with the best portrait that fits; the handle is left open.

    Raises `ClaimError` where the licence ends within the hour.
    """
    person, grant, signed_at = licence.person, licence.grant, licence.at
    data = fitted(
        IssuerData(
            handle=bytes(8),
            handle_age=handle_age,
            signed=int(signed_at.timestamp()),
            life=_life(licence, most_hours),
            device_key=device_key,
            number=person.identity_number,
            name=person.name,
            sex=person.sex,
            birth_date=person.birth_date,
            nationality=person.nationality,
            classes=tuple(
                (each.vehicle_class, each.expiry_date)
                for each in licence.classes
                if class_in_force(each, rules)
            ),
            first_issue_date=grant.first_issue_date,
            valid_from=grant.valid_from,
            valid_until=grant.valid_until,
            statuses=effective_statuses(licence.statuses, licence.points, grant.valid_until, rules),
            points=licence.points,
            record=grant.record,
            record_is_elsewhere=False,
            office_prefix=grant.issuing_office.prefix,
            portrait=None,
        )
    )
    portrait = code_portrait(photo, portrait_room(data)) if photo is not None else None
    return replace(data, portrait=portrait)


def _life(licence: Licence, most_hours: int) -> int:
    """Whole hours, never beyond the last day of the licence."""
    until = licence.grant.valid_until
    if until is None:
        return most_hours
    hours = min(most_hours, (end_of_day(until) - licence.at) // _HOUR)
    if hours < 1:
        raise ClaimError(ErrorCode.CLAIM_REFUSED)
    return hours


def _age(handle: StatusHandle | None, signed_at: datetime) -> int:
    return 0 if handle is None else handle.age_at(signed_at)
