"""The authorization-code grant: from a wallet's request over the driver's agreement to a token.

A request waits under its reference and is decided once; agreeing makes an offer as a claim
does, or uses the one that the request names by `issuer_state`; its code is short and works once.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec

from jiazhao.config import Config
from jiazhao.errors import AccessError, ErrorCode
from jiazhao.issuance.authorization import (
    REQUEST_URI_PREFIX,
    AuthorizationRequest,
    ClientRules,
    fits_challenge,
    read_request,
)
from jiazhao.issuance.client_attestation import AttestedClient
from jiazhao.issuance.digests import digest_of
from jiazhao.issuance.granting import GrantedToken, Tokens, WalletKeys
from jiazhao.issuance.messages import SCOPES
from jiazhao.issuance.offering import ClaimRefused, Offers
from jiazhao.issuance.protocol import ProtocolError, WireError
from jiazhao.issuance.store import offers, pushed, tokens
from jiazhao.issuance.store.offers import Offer, OfferState, Origin
from jiazhao.licence.identifiers import HolderId
from jiazhao.rules.refusal import Refusal
from jiazhao.storage.engine import Connection, Database


@dataclass(frozen=True, slots=True)
class Pushed:
    """A request that was taken; `reference` is secret and names it."""

    reference: str
    expires_in: int

    @property
    def request_uri(self) -> str:
        """The name under which the authorization endpoint knows it (RFC 9126 section 2.2)."""
        return REQUEST_URI_PREFIX + self.reference


@dataclass(frozen=True, slots=True)
class Prospect:
    """What agreeing would mean: why the law does not allow it, and whether a device loses it."""

    refusals: tuple[Refusal, ...]
    ends_another: bool


@dataclass(frozen=True, slots=True)
class Authorizations:
    """The authorization server's half of the issuer."""

    config: Config
    database: Database
    offers: Offers
    tokens: Tokens

    @property
    def rules(self) -> ClientRules:
        """Which wallets may ask: in the profile of HAIP, attested ones alone."""
        return ClientRules(
            {wallet.client_id: wallet for wallet in self.config.wallets},
            admits_unregistered=self.config.issuance_profile == "plain",
        )

    # -- the request (RFC 9126)

    def push(
        self,
        form: Mapping[str, str],
        dpop_jkt: str | None,
        now: datetime,
        client: AttestedClient | None = None,
    ) -> Pushed:
        """Check a request and keep it.

        `dpop_jkt` is the key of a proof that came with it, `client` who was vouched for.
        """
        asked = read_request(
            form,
            rules=self.rules,
            scopes=SCOPES,
            issuer=self.config.public_url,
            client_jkt=client.thumbprint if client else None,
            dpop_jkt=dpop_jkt,
        )
        reference = secrets.token_urlsafe(32)
        seconds = self.config.authorization_seconds
        content = msgspec.json.encode(asked).decode()
        self.database.write(
            lambda db: pushed.push_request(
                db, digest_of(reference), content, now + timedelta(seconds=seconds)
            )
        )
        return Pushed(reference, seconds)

    def find(self, client_id: str, request_uri: str, now: datetime) -> str:
        """The reference of a request of that client, as the authorization endpoint names it."""
        reference = request_uri.removeprefix(REQUEST_URI_PREFIX)
        if self.waiting(reference, now).client_id != client_id:
            raise AccessError(ErrorCode.AUTHORIZATION_LAPSED)
        return reference

    def waiting(self, reference: str, now: datetime) -> AuthorizationRequest:
        """A request on which nobody has decided; raises `AccessError`."""
        with self.database.reading() as db:
            content = pushed.pushed_request(db, digest_of(reference), now)
        if content is None:
            raise AccessError(ErrorCode.AUTHORIZATION_LAPSED)
        return msgspec.json.decode(content, type=AuthorizationRequest)

    # -- the driver's decision

    def prospect(self, holder: HolderId, now: datetime) -> Prospect:
        """What the driver is told before deciding."""
        register = self.offers.register
        with self.database.reading() as db:
            licence = register.licence_of(db, holder, at=now)
            live = register.live_instance(db, holder)
        try:
            self.offers.refuse_unlawful(licence)
        except ClaimRefused as refused:
            return Prospect(refused.refusals, ends_another=False)
        return Prospect((), ends_another=live is not None)

    def agree(self, reference: str, holder: HolderId, now: datetime) -> str:
        """Grant what was asked for; returns where the browser goes. Raises `ClaimRefused`."""
        asked = self.waiting(reference, now)
        code = self.database.write(lambda db: self._agree(db, reference, asked, holder, now))
        if code is None:
            return asked.answered(
                self.config.public_url,
                error=WireError.ACCESS_DENIED,
                error_description="The offer is not for this person, or was used.",
            )
        return asked.answered(self.config.public_url, code=code)

    def _agree(
        self,
        db: Connection,
        reference: str,
        asked: AuthorizationRequest,
        holder: HolderId,
        now: datetime,
    ) -> str | None:
        self._decide(db, reference, now)
        register = self.offers.register
        register.lock(db, holder)
        self.offers.refuse_unlawful(register.licence_of(db, holder, at=now))
        offer = self._offer(db, asked, holder, now)
        if offer is None:
            return None
        code = secrets.token_urlsafe(32)
        owner = tokens.BearerOwner(holder, offer.offer_id)
        until = now + timedelta(seconds=self.config.authorization_code_seconds)
        tokens.remember_bearer(db, digest_of(code), tokens.Bearer.AUTHORIZATION_CODE, owner, until)
        tokens.set_grant(
            db,
            tokens.WalletGrant(
                holder_id=holder,
                offer_id=offer.offer_id,
                configurations=asked.configurations,
                by_details=asked.by_details,
                client_id=asked.client_id,
                redirect_uri=asked.redirect_uri,
                code_digest=digest_of(code),
                code_challenge=asked.code_challenge,
                dpop_jkt=asked.dpop_jkt,
                client_jkt=asked.client_jkt,
            ),
        )
        return code

    def _offer(
        self, db: Connection, asked: AuthorizationRequest, holder: HolderId, now: datetime
    ) -> Offer | None:
        """The offer that the request comes from, if it is this person's; else a new one."""
        if asked.issuer_state is None:
            unused = secrets.token_urlsafe(16)
            return self.offers.new_offer(db, holder, Origin.AUTHORIZATION, unused, now)
        owner = tokens.bearer(db, digest_of(asked.issuer_state), tokens.Bearer.ISSUER_STATE, now)
        if owner is None or owner.holder_id != holder:
            return None
        offer = offers.offer(db, holder, owner.reference)
        return offer if offer and offer.state is OfferState.OPEN else None

    def refuse(self, reference: str, now: datetime) -> str:
        """Grant nothing; returns where the browser goes."""
        asked = self.waiting(reference, now)
        self.database.write(lambda db: self._decide(db, reference, now))
        return asked.answered(
            self.config.public_url,
            error=WireError.ACCESS_DENIED,
            error_description="The driver did not agree.",
        )

    def _decide(self, db: Connection, reference: str, now: datetime) -> None:
        if not pushed.decide_request(db, digest_of(reference), now):
            raise AccessError(ErrorCode.AUTHORIZATION_LAPSED)

    # -- the token (RFC 6749 section 4.1.3)

    def exchange(self, form: Mapping[str, str], keys: WalletKeys, now: datetime) -> GrantedToken:
        """Exchange a code for an access token; a code that comes again ends what it gave."""
        for name in ("code", "code_verifier", "client_id"):
            if not form.get(name):
                raise ProtocolError(WireError.INVALID_REQUEST, f"{name} is missing.")
        # A code that comes again must be remembered, so the refusal is raised afterwards.
        outcome = self.database.write(lambda db: self._exchange(db, form, keys, now))
        if isinstance(outcome, ProtocolError):
            raise outcome
        return outcome

    def _exchange(
        self, db: Connection, form: Mapping[str, str], keys: WalletKeys, now: datetime
    ) -> GrantedToken | ProtocolError:
        digest = digest_of(form["code"])
        owner = tokens.bearer(db, digest, tokens.Bearer.AUTHORIZATION_CODE, now)
        if owner is None:
            return _no_grant("The code is unknown or has lapsed.")
        self.offers.register.lock(db, owner.holder_id)
        offer = offers.offer(db, owner.holder_id, owner.reference)
        grant = tokens.grant_of(db, owner)
        if offer is None or grant is None or grant.code_digest != digest:
            return _no_grant("The code was withdrawn.")
        fault = _fault(form, grant)
        if fault is not None:
            return _no_grant(fault)
        if grant.dpop_jkt not in (None, keys.dpop_jkt):
            return _no_grant("The code is bound to another key.")
        if grant.client_jkt not in (None, keys.client_jkt):
            return _no_grant("The code is bound to another instance of the wallet.")
        if offer.state is not OfferState.OPEN:
            if offer.state is OfferState.REDEEMED:
                # Two have the code, and one of them is a thief (RFC 6749 section 4.1.2).
                offers.set_offer(db, offer, state=OfferState.BURNED)
            return _no_grant("The code was used or withdrawn.")
        offers.set_offer(db, offer, state=OfferState.REDEEMED)
        return self.tokens.grant_token(
            db, replace(grant, dpop_jkt=keys.dpop_jkt, client_jkt=keys.client_jkt), now
        )


def _fault(form: Mapping[str, str], grant: tokens.WalletGrant) -> str | None:
    if form["client_id"] != grant.client_id:
        return "The code is another client's."
    if form.get("redirect_uri", grant.redirect_uri) != grant.redirect_uri:
        return "redirect_uri is not that of the request."
    if not fits_challenge(form["code_verifier"], grant.code_challenge or ""):
        return "code_verifier does not fit the code_challenge."
    return None


def _no_grant(description: str) -> ProtocolError:
    return ProtocolError(WireError.INVALID_GRANT, description)
