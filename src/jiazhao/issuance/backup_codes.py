"""Printed backup codes, for a phone that is dead: one live for each licence.

A code on paper has no device that could sign the moment, so its holder step is by face. It is
sealed for the terminals' key of the year, has a handle of its own, and ends after a year, with the
licence, when it is voided, or when a new one is made. Source: docs/specs/licence-code.md.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from jiazhao.credentials.code_sealing import read_point
from jiazhao.credentials.licence_code import IssuerData, seal_backup_code, sign_issuer_part
from jiazhao.credentials.signing import Signer
from jiazhao.credentials.status_list import StatusValue
from jiazhao.errors import ClaimError, ErrorCode, StoreError
from jiazhao.issuance.code_parts import issuer_data, portrait_on_file
from jiazhao.licence.identifiers import HolderId
from jiazhao.licence.legal_day import legal_day
from jiazhao.licence.licence import Licence
from jiazhao.registry.service import Register
from jiazhao.roadside.keys import EnforcementKeys
from jiazhao.rules.tables import Tables
from jiazhao.status.handles import HandleKind, StatusHandles
from jiazhao.storage import restoration
from jiazhao.storage.engine import Connection, Database

LIFE_HOURS: Final = 365 * 24
_TRIES: Final = 3
"""As for the part of a device's code."""


@dataclass(frozen=True, slots=True)
class BackupCode:
    """A code as it is printed: its octets, and when it ends at the latest."""

    octets: bytes
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class BackupCodes:
    """Makes and voids backup codes; its parts are given by the composition root."""

    database: Database
    register: Register
    tables: Tables
    handles: StatusHandles
    enforcement_keys: EnforcementKeys
    signer: Callable[[], Signer]
    refuse_unlawful: Callable[[Licence], None]
    """Raises where the law allows no electronic licence."""

    def make(self, holder: HolderId, now: datetime) -> BackupCode:
        """Make a code in place of any that was made before."""
        year_key = self.enforcement_keys.year_key(now)
        for _ in range(_TRIES):
            with self.database.reading() as db:
                licence = self.register.licence_of(db, holder, at=now)
                photo = portrait_on_file(self.register, db, holder, now)
            self.refuse_unlawful(licence)
            data = issuer_data(
                licence,
                self.tables.on(legal_day(now)),
                photo=photo,
                device_key=None,
                most_hours=LIFE_HOURS,
            )
            planned = self.database.write(
                partial(self._plan, holder=holder, data=data, drafted=licence, now=now)
            )
            if planned is not None:
                octets = seal_backup_code(
                    sign_issuer_part(planned, self.signer()),
                    period=year_key.period,
                    key=read_point(year_key.point),
                    ephemeral=ec.generate_private_key(ec.SECP256R1()),
                )
                return BackupCode(octets, planned.ends_at)
        raise StoreError(ErrorCode.SERVICE_UNAVAILABLE)

    def void(self, holder: HolderId, now: datetime) -> None:
        """End the code that was printed; where there is none, nothing happens."""

        def act(db: Connection) -> None:
            self.register.lock(db, holder)
            self._end(db, holder)
            self.register.announce(db, holder, "backup_voided", now)

        self.database.write(act)

    def _plan(
        self,
        db: Connection,
        *,
        holder: HolderId,
        data: IssuerData,
        drafted: Licence,
        now: datetime,
    ) -> IssuerData | None:
        """Record what will be signed; None where the register no longer says what was drafted."""
        self.register.lock(db, holder)
        restoration.require_present(db)
        if self.register.licence_of(db, holder, at=drafted.at) != drafted:
            return None
        live = self.register.live_instance(db, holder)
        if live is None:
            raise ClaimError(ErrorCode.NO_LIVE_DEVICE)
        self._end(db, holder)
        handle = self.handles.add(
            db,
            holder_id=holder,
            instance_number=live.instance_number,
            kind=HandleKind.BACKUP,
            live_until=data.ends_at,
            now=now,
        )
        return replace(data, handle=handle.handle)

    def _end(self, db: Connection, holder: HolderId) -> None:
        for handle in self.handles.of_holder(db, holder):
            if handle.kind is HandleKind.BACKUP:
                self.handles.set_value(db, handle.handle, StatusValue.ENDED)
