"""From an offer to a signed copy, as OpenID4VCI 1.0 asks and as the law allows.

Issuing takes two transactions: the first commits what will be signed (the intention, with its
status index reserved before it), the second stores the signed copy, the new instance and the
change row. A power cut between them leaves a trace, and no index is ever used twice.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from jiazhao.config import Config
from jiazhao.credentials.signing import PublicKey, Signer
from jiazhao.credentials.status_list import StatusReference
from jiazhao.errors import ClaimError, ErrorCode, StoreError
from jiazhao.issuance import mdl
from jiazhao.issuance.code_parts import CodeParts, DeviceAsks
from jiazhao.issuance.deferred import Deferrals, Deferred, denied, unknown
from jiazhao.issuance.dpop import MAX_AGE_SECONDS as DPOP_PROOF_SECONDS
from jiazhao.issuance.formats import (
    CONFIGURATIONS,
    FORMATS,
    LICENCE_CODE_CONFIGURATION,
    MDL_CONFIGURATION,
    Draft,
)
from jiazhao.issuance.key_attestation import KeyAttestations
from jiazhao.issuance.nonces import Nonces
from jiazhao.issuance.proofs import ProvenKeys, read_proofs
from jiazhao.issuance.protocol import ProtocolError, WireError
from jiazhao.issuance.store import deferred_claims, intentions, issued, offers, once, pushed, tokens
from jiazhao.issuance.store.issued import CopyOnList
from jiazhao.licence.identifiers import HolderId
from jiazhao.licence.legal_day import legal_day
from jiazhao.licence.licence import Licence
from jiazhao.registry.service import ISSUED, Instance, Register
from jiazhao.rules.claim import ClaimFacts, check_claim
from jiazhao.rules.refusal import Refusal
from jiazhao.rules.tables import Tables
from jiazhao.status.service import StatusLists
from jiazhao.storage import restoration
from jiazhao.storage.engine import Connection, Database
from jiazhao.storage.lookup_key import keyed_hash
from jiazhao.storage.names import new_name

_Batch = tuple[intentions.Intention, list[intentions.PlannedCopy]]
"""An intention, and which of its copies one request is about, in the order of its proofs."""

_SEALED_AT_ONCE = 200
"""A transaction that others wait for takes this many copies."""

_SIGNINGS = 3
"""A licence changes a few times in its life; twice while it is signed is a fault."""

__all__ = ["ClaimRefused", "CopyOnList", "Deferred", "GrantedToken", "Issuance", "MadeOffer"]

OFFERED = CONFIGURATIONS
"""The credential configurations that an offer stands for; the licence code's is not named in it."""

TX_CODE_DIGITS = 6
MAX_WRONG_TX_CODES = 5
"""The fifth wrong guess burns the offer; the first does not, for people mistype."""


@dataclass(frozen=True, slots=True)
class MadeOffer:
    """An offer as it is handed over: the two halves travel by different ways."""

    offer_id: str
    pre_authorized_code: str
    issuer_state: str
    tx_code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class GrantedToken:
    """An access token, and what it is good for; bound to a key where `dpop_jkt` is set."""

    access_token: str
    refresh_token: str
    expires_in: int
    configurations: tuple[str, ...]
    by_details: bool
    dpop_jkt: str | None


@dataclass(frozen=True, slots=True)
class IssuedBatch:
    """Copies in the order of their proofs; `notification_id` names them as one."""

    configuration: str
    contents: tuple[bytes, ...]
    notification_id: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """Copies that a grant asks for: of one format, for these keys, in this order."""

    owner: tokens.BearerOwner
    configuration: str
    generation: int
    keys: Sequence[PublicKey]
    nonces: frozenset[str]


@dataclass(frozen=True, slots=True)
class WalletKeys:
    """What a wallet proved at the token endpoint, by thumbprints: its DPoP key, its instance's."""

    dpop_jkt: str | None = None
    client_jkt: str | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What a wallet asks for at the token endpoint, and what it proved there.

    `client_id` is the name of an attested wallet.
    """

    configurations: tuple[str, ...] = OFFERED
    by_details: bool = False
    keys: WalletKeys = WalletKeys()
    client_id: str | None = None


class ClaimRefused(ClaimError):  # noqa: N818  (it is a refusal by the law, not a fault)
    """The rules say no; each refusal names its rule."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        super().__init__(ErrorCode.CLAIM_REFUSED, source=refusals[0].source)
        self.refusals = refusals


@dataclass(frozen=True, slots=True)
class Issuance:
    """The issuer; its parts are given by the composition root."""

    config: Config
    database: Database
    register: Register
    tables: Tables
    signer: Callable[[], Signer]
    """Who signs now: it may be another one for the next copy."""
    statuses: StatusLists
    nonces: Nonces
    deferrals: Deferrals
    key_attestations: KeyAttestations
    code_parts: CodeParts

    # -- offers and claims

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
            tx_code_digest=self._tx_digest(offer_id, tx_code),
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

    # -- token (OpenID4VCI 1.0 section 6)

    def redeem(
        self, code: str, tx_code: str | None, now: datetime, terms: Terms | None = None
    ) -> GrantedToken:
        """Exchange a pre-authorized code and its transaction code for an access token."""
        wanted = terms or Terms()
        # A wrong guess must be remembered, so the refusal is raised after the transaction.
        outcome = self.database.write(lambda db: self._redeem(db, code, tx_code, wanted, now))
        if isinstance(outcome, ProtocolError):
            raise outcome
        return outcome

    def _redeem(
        self, db: Connection, code: str, tx_code: str | None, terms: Terms, now: datetime
    ) -> GrantedToken | ProtocolError:
        owner = tokens.bearer(db, digest_of(code), tokens.Bearer.CODE, now)
        if owner is None:
            return ProtocolError(WireError.INVALID_GRANT, "The code is unknown or has lapsed.")
        self.register.lock(db, owner.holder_id)
        offer = offers.offer(db, owner.holder_id, owner.reference)
        if offer is None or offer.state is not offers.OfferState.OPEN:
            return ProtocolError(WireError.INVALID_GRANT, "The code was used or withdrawn.")
        if tx_code is None:
            return ProtocolError(WireError.INVALID_REQUEST, "tx_code is missing.")
        if not hmac.compare_digest(self._tx_digest(offer.offer_id, tx_code), offer.tx_code_digest):
            return self._wrong_tx_code(db, offer)
        offers.set_offer(db, offer, state=offers.OfferState.REDEEMED)
        grant = tokens.WalletGrant(
            owner.holder_id,
            offer.offer_id,
            configurations=terms.configurations,
            by_details=terms.by_details,
            client_id=terms.client_id,
            dpop_jkt=terms.keys.dpop_jkt,
            client_jkt=terms.keys.client_jkt,
        )
        return self.grant_token(db, grant, now)

    def grant_token(self, db: Connection, grant: tokens.WalletGrant, now: datetime) -> GrantedToken:
        """A token on these terms, which stand from now on."""
        tokens.set_grant(db, grant)
        token, refresh_token = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        owner = tokens.BearerOwner(grant.holder_id, grant.offer_id)
        tokens.begin_refresh(db, owner, digest_of(refresh_token))
        self._remember_token(db, owner, token, now)
        self._remember_refresh_token(db, owner, refresh_token, now)
        return self._granted(grant, token, refresh_token)

    def _remember_token(
        self, db: Connection, owner: tokens.BearerOwner, token: str, now: datetime
    ) -> None:
        lapses = now + timedelta(seconds=self.config.token_seconds)
        tokens.remember_bearer(db, digest_of(token), tokens.Bearer.TOKEN, owner, lapses)

    def _remember_refresh_token(
        self, db: Connection, owner: tokens.BearerOwner, refresh: str, now: datetime
    ) -> None:
        lapses = now + timedelta(days=self.config.refresh_days)
        tokens.remember_bearer(db, digest_of(refresh), tokens.Bearer.REFRESH, owner, lapses)

    def _granted(self, grant: tokens.WalletGrant, token: str, refresh_token: str) -> GrantedToken:
        return GrantedToken(
            token,
            refresh_token,
            self.config.token_seconds,
            grant.configurations,
            grant.by_details,
            grant.dpop_jkt,
        )

    def refresh(
        self, refresh_token: str, client_id: str | None, keys: WalletKeys, now: datetime
    ) -> GrantedToken:
        """New tokens for the wallet that has the licence (RFC 6749 section 6).

        A refresh token works once. One that comes again was stolen, from the wallet or by it, so
        it ends what came after it (RFC 9700 section 4.14.2). One that is bound to a key of the
        wallet stays the same: a thief has no use of it, and a wallet that lost an answer can ask
        again (FAPI 2.0 Security Profile, section 5.3.2.1).
        """
        outcome = self.database.write(
            lambda db: self._refresh(db, refresh_token, client_id, keys, now)
        )
        if isinstance(outcome, ProtocolError):
            raise outcome
        return outcome

    def _refresh(
        self,
        db: Connection,
        refresh_token: str,
        client_id: str | None,
        keys: WalletKeys,
        now: datetime,
    ) -> GrantedToken | ProtocolError:
        used = digest_of(refresh_token)
        owner = tokens.bearer(db, used, tokens.Bearer.REFRESH, now)
        if owner is None:
            return ProtocolError(WireError.INVALID_GRANT, "The token is unknown or has lapsed.")
        self.register.lock(db, owner.holder_id)
        grant, intention = tokens.grant_of(db, owner), self._intention(db, owner)
        if grant is None or grant.client_id not in (None, client_id):
            return ProtocolError(WireError.INVALID_GRANT, "The token is another client's.")
        if grant.dpop_jkt != keys.dpop_jkt:
            return ProtocolError(WireError.INVALID_GRANT, "The token is bound to another key.")
        if grant.client_jkt not in (None, keys.client_jkt):
            return ProtocolError(
                WireError.INVALID_GRANT, "The token is bound to another instance of the wallet."
            )
        lives = intention is not None and self._lives(db, intention)
        if not lives and not deferred_claims.deferrals_wait(
            db, owner.holder_id, now, offer_id=owner.reference
        ):
            return ProtocolError(WireError.INVALID_GRANT, "The electronic licence has ended.")
        stays = grant.dpop_jkt is not None
        token = secrets.token_urlsafe(32)
        new = refresh_token if stays else secrets.token_urlsafe(32)
        if not tokens.rotate_refresh(db, owner, used, digest_of(new), for_more=lives):
            tokens.end_refresh(db, owner)
            return ProtocolError(WireError.INVALID_GRANT, "The token was used before.")
        self._remember_token(db, owner, token, now)
        if stays:
            tokens.prolong_bearer(db, used, now + timedelta(days=self.config.refresh_days))
        else:
            self._remember_refresh_token(db, owner, new, now)
        return self._granted(grant, token, new)

    def _intention(self, db: Connection, owner: tokens.BearerOwner) -> intentions.Intention | None:
        return intentions.intention_of_offer(db, owner.holder_id, owner.reference)

    def _lives(self, db: Connection, intention: intentions.Intention) -> bool:
        """Whether the electronic licence that an intention began is the holder's one."""
        live = self.register.live_instance(db, intention.holder_id)
        return live is not None and live.instance_number == intention.instance_number

    def admit(self, access_token: str, dpop_jkt: str | None, now: datetime) -> tokens.WalletGrant:
        """What a token is good for; it is taken only with the key that it is bound to."""
        with self.database.reading() as db:
            owner = tokens.bearer(db, digest_of(access_token), tokens.Bearer.TOKEN, now)
            grant = tokens.grant_of(db, owner) if owner else None
        if grant is None:
            raise ProtocolError(WireError.INVALID_TOKEN, "The access token is unknown or lapsed.")
        if grant.dpop_jkt != dpop_jkt:
            raise ProtocolError(WireError.INVALID_TOKEN, "The token is not bound to that key.")
        return grant

    def _wrong_tx_code(self, db: Connection, offer: offers.Offer) -> ProtocolError:
        wrong = offer.wrong_tx_codes + 1
        burned = wrong >= MAX_WRONG_TX_CODES
        state = offers.OfferState.BURNED if burned else offers.OfferState.OPEN
        offers.set_offer(db, offer, state=state, wrong_tx_codes=wrong)
        return ProtocolError(WireError.INVALID_GRANT, "The transaction code is wrong.")

    # -- credential (OpenID4VCI 1.0 section 8)

    def issue(
        self,
        access_token: str,
        proof_jwt: str,
        now: datetime,
        *,
        configuration: str = MDL_CONFIGURATION,
    ) -> bytes:
        """One copy, in the format of `configuration`, bound to the key that the proof shows.

        For a claim that waits for nobody.
        """
        batch = self.issue_batch(access_token, [proof_jwt], now, configuration=configuration)
        if isinstance(batch, Deferred):
            raise ClaimError(ErrorCode.PHOTO_WAITING)
        return batch.contents[0]

    def issue_batch(
        self,
        access_token: str,
        proofs: Sequence[str],
        now: datetime,
        *,
        configuration: str,
        attestations: Sequence[str] = (),
    ) -> IssuedBatch | Deferred:
        """A copy for each key that is proven. The same keys again get the same copies.

        `proofs` are of type `jwt`, `attestations` of type `attestation`.

        A claim that comes while an own photo is reviewed waits with it.
        """
        proven = read_proofs(
            proofs,
            attestations,
            expected_audience=self.config.public_url,
            nonces=self.nonces,
            now=now,
            attested_by=self.key_attestations,
        )
        if configuration == LICENCE_CODE_CONFIGURATION:
            return self._issue_code_part(access_token, proven, now)
        with self.database.reading() as db:
            owner = self._owner(db, access_token, now)
            asked = _Asked(
                owner, configuration, tokens.generation_of(db, owner), proven.keys, proven.nonces
            )
            waits = self._resumed(db, asked) is None and self._must_wait(db, asked, now)
        if waits:
            return self.database.write(lambda db: self._defer(db, asked, now))
        return self._issue(asked, now)

    def _issue_code_part(self, access_token: str, proven: ProvenKeys, now: datetime) -> IssuedBatch:
        """The issuer's part of the licence code, for the device key of the electronic licence."""
        if len(proven.keys) != 1:
            raise ProtocolError(WireError.INVALID_PROOF, "A licence code has one key.")
        with self.database.reading() as db:
            owner = self._owner(db, access_token, now)
            intention = self._intention(db, owner)
            generation = tokens.generation_of(db, owner)
        if intention is None or intention.state is not intentions.IntentionState.STORED:
            raise ProtocolError(WireError.INVALID_TOKEN, "There is no electronic licence yet.")
        nonces = [digest_of(nonce) for nonce in proven.nonces]
        asks = DeviceAsks(owner.holder_id, intention.instance_number, proven.keys[0], nonces)
        part = self.code_parts.issue(asks, self._lawful, now)
        named = self._notification_id(owner.reference, LICENCE_CODE_CONFIGURATION, generation)
        return IssuedBatch(LICENCE_CODE_CONFIGURATION, (part.encoded,), named)

    def issue_deferred(
        self, access_token: str, transaction_id: str, now: datetime
    ) -> IssuedBatch | Deferred:
        """The copies of a claim that waited, once (OpenID4VCI 1.0 section 9); or it waits on."""
        with self.database.reading() as db:
            owner = self._owner(db, access_token, now)
            deferral = self.deferrals.find(db, owner, transaction_id, now)
            waits = self.deferrals.photo_waits(db, owner.holder_id)
            refused = self.deferrals.photo_was_refused(db, owner.holder_id)
        if waits:
            return self.deferrals.named(owner, deferral.configuration)
        if refused:
            self.database.write(lambda db: self._deny(db, owner))
            raise denied()
        keys = [PublicKey.from_point(point) for point in deferral.device_keys]
        # Nothing came back for more before this: a claim that waits is the first.
        batch = self._issue(_Asked(owner, deferral.configuration, 0, keys, frozenset()), now)
        # Of two who ask at once both may get here, with the same copies; one is given them.
        if not self.database.write(lambda db: deferred_claims.finish_deferral(db, deferral)):
            raise unknown()
        return batch

    def _owner(self, db: Connection, access_token: str, now: datetime) -> tokens.BearerOwner:
        owner = tokens.bearer(db, digest_of(access_token), tokens.Bearer.TOKEN, now)
        if owner is None:
            raise ProtocolError(WireError.INVALID_TOKEN, "The access token is unknown or lapsed.")
        return owner

    def _must_wait(self, db: Connection, asked: _Asked, now: datetime) -> bool:
        """Whether a claim waits: it did before, or it is the first and a photo is reviewed."""
        if self.deferrals.known(db, asked.owner, asked.configuration, now):
            return True
        is_claim = self._intention(db, asked.owner) is None
        return is_claim and self.deferrals.photo_waits(db, asked.owner.holder_id)

    def _defer(self, db: Connection, asked: _Asked, now: datetime) -> Deferred:
        owner = asked.owner
        self.register.lock(db, owner.holder_id)
        known = self.deferrals.known(db, owner, asked.configuration, now)
        if known is not None:
            if set(known.device_keys) != {key.point for key in asked.keys}:
                raise ProtocolError(WireError.INVALID_TOKEN, "The token was used for other keys.")
            return self.deferrals.named(owner, asked.configuration)
        self._usable_offer(db, owner)
        self._use_nonces(db, asked, now)
        self._lawful(db, owner.holder_id, now)
        return self.deferrals.begin(db, owner, asked.configuration, asked.keys, now)

    def _deny(self, db: Connection, owner: tokens.BearerOwner) -> None:
        self.register.lock(db, owner.holder_id)
        deferred_claims.end_deferrals(db, owner.holder_id)
        offer = offers.offer(db, owner.holder_id, owner.reference)
        if offer is not None and offer.state is offers.OfferState.REDEEMED:
            offers.set_offer(db, offer, state=offers.OfferState.DENIED)

    def _issue(self, asked: _Asked, now: datetime) -> IssuedBatch:
        with self.database.reading() as db:
            batch = self._resumed(db, asked)
        if batch is None:
            # Places are reserved in transactions of their own: lists are spread by list, holders
            # by holder, and a place whose copy never comes is simply not used again.
            names = [new_name(now) for _ in asked.keys]
            holder = asked.owner.holder_id
            places = [
                self.statuses.reserve(holder_id=holder, copy_id=name, now=now) for name in names
            ]
            planned = [
                intentions.PlannedCopy(
                    name, asked.configuration, key.point, key.thumbprint(), place
                )
                for name, key, place in zip(names, asked.keys, places, strict=True)
            ]
            batch = self.database.write(lambda db: self._intend(db, asked, planned, now))
        intention, copies = batch
        return IssuedBatch(
            asked.configuration,
            self.complete(intention, copies, now),
            self._notification_id(asked.owner.reference, asked.configuration, asked.generation),
        )

    def _intend(
        self, db: Connection, asked: _Asked, planned: list[intentions.PlannedCopy], now: datetime
    ) -> _Batch:
        owner, generation = asked.owner, asked.generation
        holder = owner.holder_id
        self.register.lock(db, holder)
        known = self._resumed(db, asked)
        if known is not None:
            return known
        self._use_nonces(db, asked, now)
        licence = self._lawful(db, holder, now)
        intention = self._intention(db, owner)
        if intention is not None:
            self._refuse_frozen(db, holder)
            intentions.plan_copies(db, intention, generation, planned)
            return intention, planned
        first = planned[0]
        intention = intentions.Intention(
            holder_id=holder,
            intention_id=first.copy_id,
            offer_id=owner.reference,
            instance_number=self.register.reserve_instance_number(
                db, holder, licence.grant.issuing_office.province
            ),
            configuration=asked.configuration,
            device_key=first.device_key,
            key_thumbprint=first.key_thumbprint,
            status=first.status,
            state=intentions.IntentionState.INTENDED,
            created_at=now,
        )
        intentions.insert_intention(db, intention)
        intentions.plan_copies(db, intention, generation, planned[1:])
        return intention, planned

    def _use_nonces(self, db: Connection, asked: _Asked, now: datetime) -> None:
        for nonce in asked.nonces:
            if not once.use_nonce(db, asked.owner.holder_id, digest_of(nonce), now):
                raise ProtocolError(WireError.INVALID_NONCE, "The nonce was used before.")

    def _resumed(self, db: Connection, asked: _Asked) -> _Batch | None:
        """The batch that the same wallet asked for before; None where a new one may begin."""
        owner = asked.owner
        intention = self._intention(db, owner)
        if intention is None:
            self._usable_offer(db, owner)
            return None
        if intention.state is intentions.IntentionState.VOIDED:
            raise ProtocolError(WireError.INVALID_TOKEN, "The offer was withdrawn.")
        planned = intentions.planned_copies(db, intention, asked.configuration, asked.generation)
        if not planned:
            if intention.state is not intentions.IntentionState.STORED or not self._lives(
                db, intention
            ):
                raise ProtocolError(WireError.INVALID_TOKEN, "There is no electronic licence yet.")
            return None
        by_key = {one.key_thumbprint: one for one in planned}
        thumbprints = [key.thumbprint() for key in asked.keys]
        if by_key.keys() != set(thumbprints):
            raise ProtocolError(WireError.INVALID_TOKEN, "The token was used for other keys.")
        return intention, [by_key[thumbprint] for thumbprint in thumbprints]

    def _refuse_frozen(self, db: Connection, holder: HolderId) -> None:
        live = self.register.live_instance(db, holder)
        if live is not None and live.frozen_at is not None:
            raise ProtocolError(
                WireError.CREDENTIAL_REQUEST_DENIED, "The electronic licence is frozen."
            )

    def _usable_offer(self, db: Connection, owner: tokens.BearerOwner) -> offers.Offer:
        offer = offers.offer(db, owner.holder_id, owner.reference)
        if offer is None or offer.state is not offers.OfferState.REDEEMED:
            raise ProtocolError(WireError.INVALID_TOKEN, "The offer was withdrawn.")
        return offer

    def _lawful(self, db: Connection, holder: HolderId, now: datetime) -> Licence:
        licence = self.register.licence_of(db, holder, at=now)
        try:
            self.refuse_unlawful(licence)
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
            licence = self._lawful(db, holder, now)
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
        elif not self._lives(db, intention):
            raise ProtocolError(WireError.INVALID_TOKEN, "The offer was withdrawn.")
        contents = {issued.copy_place(copy.copy_id): copy.content for copy in copies}
        sealed = self.register.seal(db, holder, contents)
        for copy in copies:
            issued.insert_copy(db, copy, sealed[issued.copy_place(copy.copy_id)])
        self.register.announce(db, holder, ISSUED, now)
        return tuple(copy.content for copy in copies)

    def _contents(self, db: Connection, intention: intentions.Intention) -> dict[str, bytes]:
        """The copies that an intention led to, by their names."""
        stored = issued.contents_of(db, intention)
        sealed = {one.place: one.octets for one in stored if one.is_sealed}
        opened = self.register.unseal(db, intention.holder_id, sealed)
        return {one.copy_id: opened.get(one.place, one.octets) for one in stored}

    def living_copies(
        self, db: Connection, now: datetime, limit: int
    ) -> Iterator[tuple[HolderId, bytes]]:
        """Some copies that have not lapsed, as they were handed over; the newest first."""
        for one in issued.living_copies(db, now, limit):
            sealed = {one.place: one.octets} if one.is_sealed else {}
            opened = self.register.unseal(db, one.holder_id, sealed)
            yield one.holder_id, opened.get(one.place, one.octets)

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

    # -- notification (OpenID4VCI 1.0 section 11)

    def notify(
        self, grant: tokens.WalletGrant, notification_id: str, event: str, now: datetime
    ) -> None:
        """Record what became of a batch of this grant; the same again changes nothing."""
        owner = tokens.BearerOwner(grant.holder_id, grant.offer_id)
        self.database.write(lambda db: self._notify(db, owner, notification_id, event, now))

    def _notify(
        self,
        db: Connection,
        owner: tokens.BearerOwner,
        notification_id: str,
        event: str,
        now: datetime,
    ) -> None:
        self.register.lock(db, owner.holder_id)
        intention = self._intention(db, owner)
        given = {
            self._notification_id(owner.reference, configuration, generation)
            for configuration in FORMATS
            for generation in range(tokens.generation_of(db, owner) + 1)
            if intention and intentions.planned_copies(db, intention, configuration, generation)
        }
        if intention and issued.code_part_signed_at(db, owner.holder_id, intention.instance_number):
            given |= {
                self._notification_id(owner.reference, LICENCE_CODE_CONFIGURATION, generation)
                for generation in range(tokens.generation_of(db, owner) + 1)
            }
        if notification_id not in given:
            raise ProtocolError(WireError.INVALID_NOTIFICATION_ID, "No batch has that name.")
        issued.note_event(db, owner.holder_id, notification_id, event, now)

    def _notification_id(self, offer_id: str, configuration: str, generation: int) -> str:
        named = f"{offer_id}\0{configuration}\0{generation}"
        return keyed_hash(self.register.lookup_key, "notification", named).hex()

    # -- what the worker does

    def copies_of(self, db: Connection, holder: HolderId) -> dict[StatusReference, CopyOnList]:
        """Every copy that the holder was ever given, by its place on a status list."""
        return issued.copies_of(db, holder)

    def resolve_stale(self, now: datetime, *, limit: int = 100) -> int:
        """Void intentions that a crash left without a copy and that no token can finish."""
        before = now - timedelta(seconds=2 * self.config.token_seconds)
        with self.database.reading() as db:
            stale = intentions.stale_intentions(db, before, limit)
        for intention in stale:
            self.database.write(
                partial(
                    intentions.set_intention,
                    intention=intention,
                    state=intentions.IntentionState.VOIDED,
                )
            )
        return len(stale)

    def sweep(self, now: datetime) -> int:
        """Forget bearer secrets that have lapsed, and nonces that no proof could bring again."""
        before = now - 2 * timedelta(seconds=self.config.nonce_seconds)
        sweeps = (
            lambda db: tokens.sweep_bearers(db, now),
            lambda db: once.sweep_nonces(db, before),
            lambda db: pushed.sweep_requests(db, now),
            lambda db: deferred_claims.sweep_deferrals(db, now),
            lambda db: once.sweep_proofs(db, before - timedelta(seconds=DPOP_PROOF_SECONDS)),
        )
        return sum(self.database.write(sweep) for sweep in sweeps)

    # -- secrets

    def _code_of(self, offer_id: str) -> str:
        """The code follows from the offer and our key, so that it stands nowhere at rest."""
        return keyed_hash(self.register.lookup_key, "pre-authorized code", offer_id).hex()

    def _issuer_state_of(self, offer_id: str) -> str:
        return keyed_hash(self.register.lookup_key, "issuer_state", offer_id).hex()

    def _tx_digest(self, offer_id: str, tx_code: str) -> bytes:
        return keyed_hash(self.register.lookup_key, "tx_code", f"{offer_id}\0{tx_code}")


def digest_of(secret: str) -> bytes:
    """What a secret is found by; the secret itself stands nowhere at rest."""
    return hashlib.sha256(secret.encode()).digest()


def _tx_code() -> str:
    return f"{secrets.randbelow(10**TX_CODE_DIGITS):0{TX_CODE_DIGITS}d}"
