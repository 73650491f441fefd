"""Offers: who may have an electronic licence, and by which secrets a wallet asks for it."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from jiazhao.config import Config
from jiazhao.errors import ClaimError, ErrorCode
from jiazhao.issuance.deferred import Deferrals
from jiazhao.issuance.digests import digest_of, tx_code_digest
from jiazhao.issuance.store import offers, tokens
from jiazhao.licence.identifiers import HolderId
from jiazhao.licence.legal_day import legal_day
from jiazhao.licence.licence import Licence
from jiazhao.registry.service import Register
from jiazhao.rules.claim import ClaimFacts, check_claim
from jiazhao.rules.refusal import Refusal, RefusedByLaw
from jiazhao.rules.tables import Tables
from jiazhao.storage import restoration
from jiazhao.storage.engine import Connection, Database
from jiazhao.storage.lookup_key import keyed_hash

TX_CODE_DIGITS = 6


@dataclass(frozen=True, slots=True)
class MadeOffer:
    """An offer as it is handed over: the two halves travel by different ways."""

    offer_id: str
    pre_authorized_code: str
    issuer_state: str
    tx_code: str
    expires_at: datetime


class ClaimRefused(RefusedByLaw):
    """The rules allow no claim now."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        super().__init__(ErrorCode.CLAIM_REFUSED, refusals)


@dataclass(frozen=True, slots=True)
class Offers:
    """Offers of the electronic licence, as the law allows them."""

    config: Config
    database: Database
    register: Register
    tables: Tables
    deferrals: Deferrals

    def offer_at_counter(self, holder: HolderId, now: datetime) -> MadeOffer:
        """An offer made by staff for a person who stands before them."""
        return self.database.write(
            lambda db: self._offer(db, holder, offers.Origin.COUNTER, now, replaces=True)
        )

    def claim(self, holder: HolderId, now: datetime, *, replaces: bool) -> MadeOffer:
        """An offer for the holder's own device, if the law allows the claim today."""
        return self.database.write(
            lambda db: self._offer(db, holder, offers.Origin.CLAIM, now, replaces=replaces)
        )

    def _offer(
        self,
        db: Connection,
        holder: HolderId,
        origin: offers.Origin,
        now: datetime,
        *,
        replaces: bool,
    ) -> MadeOffer:
        self.register.lock(db, holder)
        self.refuse_unlawful(self.register.licence_of(db, holder, at=now))
        if not replaces:
            if self.register.live_instance(db, holder) is not None:
                raise ClaimError(ErrorCode.ALREADY_CLAIMED)
            if offers.pending_claim(db, holder, now) or self.deferrals.under_way(db, holder, now):
                raise ClaimError(ErrorCode.CLAIM_UNDER_WAY)
        tx_code = _tx_code()
        offer = self.new_offer(db, holder, origin, tx_code, now)
        owner, until = tokens.BearerOwner(holder, offer.offer_id), offer.expires_at
        code, state = self._code_of(offer.offer_id), self._issuer_state_of(offer.offer_id)
        tokens.remember_bearer(db, digest_of(offer.offer_id), tokens.Bearer.OFFER, owner, until)
        tokens.remember_bearer(db, digest_of(code), tokens.Bearer.CODE, owner, until)
        tokens.remember_bearer(db, digest_of(state), tokens.Bearer.ISSUER_STATE, owner, until)
        return MadeOffer(offer.offer_id, code, state, tx_code, until)

    def new_offer(
        self, db: Connection, holder: HolderId, origin: offers.Origin, tx_code: str, now: datetime
    ) -> offers.Offer:
        """An open offer in place of all that waited; the holder's row is locked already.

        Raises `RegisterError` (REGISTER_RESTORED) after a restore that is not caught up.
        """
        restoration.require_present(db)
        offers.replace_offers(db, holder)
        offer_id = secrets.token_urlsafe(24)
        offer = offers.Offer(
            holder_id=holder,
            offer_id=offer_id,
            origin=origin,
            tx_code_digest=tx_code_digest(self.register.lookup_key, offer_id, tx_code),
            wrong_tx_codes=0,
            state=offers.OfferState.OPEN,
            created_at=now,
            expires_at=now + timedelta(seconds=self.config.offer_seconds),
        )
        offers.insert_offer(db, offer)
        return offer

    def refuse_unlawful(self, licence: Licence) -> None:
        """Raise `ClaimRefused` where the rules of the day do not allow a claim."""
        decision = check_claim(ClaimFacts.of(licence), self.tables.on(legal_day(licence.at)))
        if not decision.allowed:
            raise ClaimRefused(decision.refusals)

    def open_offer(self, offer_id: str, now: datetime) -> tuple[str, str]:
        """The pre-authorized code and the issuer state of an open offer, by reference."""
        with self.database.reading() as db:
            owner = tokens.bearer(db, digest_of(offer_id), tokens.Bearer.OFFER, now)
            offer = offers.offer(db, owner.holder_id, offer_id) if owner else None
        if offer is None or offer.state is not offers.OfferState.OPEN:
            raise ClaimError(ErrorCode.OFFER_NOT_USABLE)
        return self._code_of(offer_id), self._issuer_state_of(offer_id)

    def _code_of(self, offer_id: str) -> str:
        """The code follows from the offer and our key, so that it stands nowhere at rest."""
        return keyed_hash(self.register.lookup_key, "pre-authorized code", offer_id).hex()

    def _issuer_state_of(self, offer_id: str) -> str:
        return keyed_hash(self.register.lookup_key, "issuer_state", offer_id).hex()


def _tx_code() -> str:
    return f"{secrets.randbelow(10**TX_CODE_DIGITS):0{TX_CODE_DIGITS}d}"
