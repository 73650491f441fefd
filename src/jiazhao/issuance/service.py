"""From a token to a signed copy, as OpenID4VCI 1.0 asks and as the law allows.

Issuing takes two transactions: the first commits what will be signed (the intention, with its
status index reserved before it), the second (`copies.py`) stores the signed copy, the new
instance and the change row. A power cut between them leaves a trace, and no index is ever used
twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from jiazhao.config import Config
from jiazhao.credentials.signing import PublicKey
from jiazhao.errors import ClaimError, ErrorCode
from jiazhao.issuance.code_parts import CodeParts, DeviceAsks
from jiazhao.issuance.copies import Copies
from jiazhao.issuance.deferred import Deferrals, Deferred, denied, unknown
from jiazhao.issuance.digests import digest_of
from jiazhao.issuance.dpop import MAX_AGE_SECONDS as DPOP_PROOF_SECONDS
from jiazhao.issuance.formats import (
    FORMATS,
    LICENCE_CODE_CONFIGURATION,
    MDL_CONFIGURATION,
)
from jiazhao.issuance.granting import still_lives
from jiazhao.issuance.key_attestation import KeyAttestations
from jiazhao.issuance.nonces import Nonces
from jiazhao.issuance.proofs import ProvenKeys, read_proofs
from jiazhao.issuance.protocol import ProtocolError, WireError
from jiazhao.issuance.store import deferred_claims, intentions, issued, offers, once, pushed, tokens
from jiazhao.issuance.store.issued import CopyOnList
from jiazhao.licence.identifiers import HolderId
from jiazhao.registry.service import Register
from jiazhao.status.service import StatusLists
from jiazhao.storage.engine import Connection, Database
from jiazhao.storage.lookup_key import keyed_hash
from jiazhao.storage.names import new_name

_Batch = tuple[intentions.Intention, list[intentions.PlannedCopy]]
"""An intention, and which of its copies one request is about, in the order of its proofs."""

__all__ = ["CopyOnList", "Deferred", "Issuance", "IssuedBatch"]


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
class Issuance:
    """The issuer; its parts are given by the composition root."""

    config: Config
    database: Database
    register: Register
    copies: Copies
    statuses: StatusLists
    nonces: Nonces
    deferrals: Deferrals
    key_attestations: KeyAttestations
    code_parts: CodeParts

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
        part = self.code_parts.issue(asks, self.copies.lawful, now)
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
        self.copies.lawful(db, owner.holder_id, now)
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
            self.copies.complete(intention, copies, now),
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
        licence = self.copies.lawful(db, holder, now)
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
            stored = intention.state is intentions.IntentionState.STORED
            if not (stored and still_lives(db, self.register, intention)):
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

    def _intention(self, db: Connection, owner: tokens.BearerOwner) -> intentions.Intention | None:
        return intentions.intention_of_offer(db, owner.holder_id, owner.reference)

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
