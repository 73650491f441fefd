"""Copies: the second transaction of issuing, and what is read of it afterwards."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from jiazhao.config import Config
from jiazhao.credentials.signing import PublicKey, Signer
from jiazhao.credentials.status_list import StatusReference
from jiazhao.errors import ErrorCode, StoreError
from jiazhao.issuance import mdl
from jiazhao.issuance.formats import FORMATS, Draft
from jiazhao.issuance.granting import still_lives
from jiazhao.issuance.offering import ClaimRefused, Offers
from jiazhao.issuance.protocol import ProtocolError, WireError
from jiazhao.issuance.store import intentions, issued, offers
from jiazhao.issuance.store.issued import CopyOnList
from jiazhao.licence.identifiers import HolderId
from jiazhao.licence.legal_day import legal_day
from jiazhao.licence.licence import Licence
from jiazhao.registry.service import ISSUED, Instance, Register
from jiazhao.rules.tables import Tables
from jiazhao.storage.engine import Connection, Database

_SEALED_AT_ONCE = 200
"""A transaction that others wait for takes this many copies."""

_SIGNINGS = 3
"""A licence changes a few times in its life; twice while it is signed is a fault."""


@dataclass(frozen=True, slots=True)
class Copies:
    """Copies of licences: signed as the register has them now, and kept sealed."""

    config: Config
    database: Database
    register: Register
    tables: Tables
    offers: Offers
    signer: Callable[[], Signer]
    """Who signs now: it may be another one for the next copy."""

    def lawful(self, db: Connection, holder: HolderId, now: datetime) -> Licence:
        """The licence as it is now, or the wire's refusal where the law allows no claim."""
        licence = self.register.licence_of(db, holder, at=now)
        try:
            self.offers.refuse_unlawful(licence)
        except ClaimRefused as refused:
            codes = ", ".join(refusal.code for refusal in refused.refusals)
            raise ProtocolError(
                WireError.CREDENTIAL_REQUEST_DENIED, f"The law does not allow it: {codes}."
            ) from refused
        return licence

    def complete(
        self,
        intention: intentions.Intention,
        planned: Sequence[intentions.PlannedCopy],
        now: datetime,
    ) -> tuple[bytes, ...]:
        """Sign what is planned and store it; the same copies where they are stored already.

        Where the register changed while they were signed, they are signed again.
        """
        for _ in range(_SIGNINGS):
            contents = self._try_to_complete(intention, planned, now)
            if contents is not None:
                return contents
        raise StoreError(ErrorCode.SERVICE_UNAVAILABLE)

    def _try_to_complete(
        self,
        intention: intentions.Intention,
        planned: Sequence[intentions.PlannedCopy],
        now: datetime,
    ) -> tuple[bytes, ...] | None:
        holder = intention.holder_id
        with self.database.reading() as db:
            stored = self._contents(db, intention)
            if all(one.copy_id in stored for one in planned):
                return tuple(stored[one.copy_id] for one in planned)
            licence = self.lawful(db, holder, now)
            photo = self.register.portrait_of(db, holder, at=now)
        signer, term = self.signer(), mdl.term_of(licence, now, self.config.copy_days)
        elements = mdl.elements(
            licence, photo, intention.instance_number, self.tables.on(legal_day(now))
        )
        copies = [
            issued.Copy(
                holder_id=holder,
                copy_id=one.copy_id,
                intention_id=intention.intention_id,
                instance_number=intention.instance_number,
                content=FORMATS[one.configuration].build(
                    Draft(
                        issuer=self.config.public_url,
                        elements=elements,
                        device_key=PublicKey.from_point(one.device_key),
                        term=term,
                        status=one.status,
                    ),
                    signer,
                    secrets.token_bytes,
                ),
                status=one.status,
                issued_at=now,
                expires_at=term.valid_until,
            )
            for one in planned
        ]
        return self.database.write(lambda db: self._store(db, intention, copies, licence, now))

    def _store(
        self,
        db: Connection,
        intention: intentions.Intention,
        copies: Sequence[issued.Copy],
        signed: Licence,
        now: datetime,
    ) -> tuple[bytes, ...] | None:
        """Store copies; None where the register no longer says what was signed."""
        holder = intention.holder_id
        self.register.lock(db, holder)
        if self.register.licence_of(db, holder, at=signed.at) != signed:
            return None
        stored = self._contents(db, intention)
        if all(copy.copy_id in stored for copy in copies):
            return tuple(stored[copy.copy_id] for copy in copies)
        if intentions.set_intention(db, intention, intentions.IntentionState.STORED):
            self._begin_instance(db, intention, now)
        elif not still_lives(db, self.register, intention):
            raise ProtocolError(WireError.INVALID_TOKEN, "The offer was withdrawn.")
        contents = {issued.copy_place(copy.copy_id): copy.content for copy in copies}
        sealed = self.register.seal(db, holder, contents)
        for copy in copies:
            issued.insert_copy(db, copy, sealed[issued.copy_place(copy.copy_id)])
        self.register.announce(db, holder, ISSUED, now)
        return tuple(copy.content for copy in copies)

    def _begin_instance(
        self, db: Connection, intention: intentions.Intention, now: datetime
    ) -> None:
        holder = intention.holder_id
        offer = offers.offer(db, holder, intention.offer_id)
        if offer is None or offer.state is not offers.OfferState.REDEEMED:
            raise ProtocolError(WireError.INVALID_TOKEN, "The offer was withdrawn.")
        offers.set_offer(db, offer, state=offers.OfferState.ISSUED)
        self.register.begin_instance(
            db,
            Instance(
                holder_id=holder,
                instance_number=intention.instance_number,
                key_thumbprint=intention.key_thumbprint,
                device_key=intention.device_key,
                issued_at=now,
                ended_at=None,
            ),
        )

    def _contents(self, db: Connection, intention: intentions.Intention) -> dict[str, bytes]:
        """The copies that an intention led to, by their names."""
        stored = issued.contents_of(db, intention)
        sealed = {one.place: one.octets for one in stored if one.is_sealed}
        opened = self.register.unseal(db, intention.holder_id, sealed)
        return {one.copy_id: opened.get(one.place, one.octets) for one in stored}

    def living(self, db: Connection, now: datetime, limit: int) -> Iterator[tuple[HolderId, bytes]]:
        """Some copies that have not lapsed, as they were handed over; the newest first."""
        for one in issued.living_copies(db, now, limit):
            sealed = {one.place: one.octets} if one.is_sealed else {}
            opened = self.register.unseal(db, one.holder_id, sealed)
            yield one.holder_id, opened.get(one.place, one.octets)

    def of_holder(self, db: Connection, holder: HolderId) -> dict[StatusReference, CopyOnList]:
        """Every copy that the holder was ever given, by its place on a status list."""
        return issued.copies_of(db, holder)

    def seal_plain(self) -> int:
        """Seal copies that an earlier version stored as handed over; returns how many."""
        total = 0
        while some := self.database.write(self._seal_some):
            total += some
        return total

    def _seal_some(self, db: Connection) -> int:
        plain = issued.plain_contents(db, _SEALED_AT_ONCE)
        for content in plain:
            self.register.lock(db, content.holder_id)
            sealed = self.register.seal(db, content.holder_id, {content.place: content.octets})
            issued.replace_content(db, content, sealed[content.place])
        return len(plain)
