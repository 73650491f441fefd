"""Tokens: what a wallet is given for an offer, and for coming back."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from jiazhao.config import Config
from jiazhao.issuance.digests import digest_of, tx_code_digest
from jiazhao.issuance.formats import CONFIGURATIONS
from jiazhao.issuance.protocol import ProtocolError, WireError
from jiazhao.issuance.store import deferred_claims, intentions, offers, tokens
from jiazhao.registry.service import Register
from jiazhao.storage.engine import Connection, Database

OFFERED = CONFIGURATIONS
"""The credential configurations that an offer stands for; the licence code's is not named in it."""

MAX_WRONG_TX_CODES = 5
"""The fifth wrong guess burns the offer; the first does not, for people mistype."""


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


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a wallet may fetch, and for how long (OpenID4VCI 1.0 section 6)."""

    config: Config
    database: Database
    register: Register

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
        given = tx_code_digest(self.register.lookup_key, offer.offer_id, tx_code)
        if not hmac.compare_digest(given, offer.tx_code_digest):
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

    def _wrong_tx_code(self, db: Connection, offer: offers.Offer) -> ProtocolError:
        wrong = offer.wrong_tx_codes + 1
        burned = wrong >= MAX_WRONG_TX_CODES
        state = offers.OfferState.BURNED if burned else offers.OfferState.OPEN
        offers.set_offer(db, offer, state=state, wrong_tx_codes=wrong)
        return ProtocolError(WireError.INVALID_GRANT, "The transaction code is wrong.")

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
        grant = tokens.grant_of(db, owner)
        intention = intentions.intention_of_offer(db, owner.holder_id, owner.reference)
        if grant is None or grant.client_id not in (None, client_id):
            return ProtocolError(WireError.INVALID_GRANT, "The token is another client's.")
        if grant.dpop_jkt != keys.dpop_jkt:
            return ProtocolError(WireError.INVALID_GRANT, "The token is bound to another key.")
        if grant.client_jkt not in (None, keys.client_jkt):
            return ProtocolError(
                WireError.INVALID_GRANT, "The token is bound to another instance of the wallet."
            )
        lives = intention is not None and still_lives(db, self.register, intention)
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


def still_lives(db: Connection, register: Register, intention: intentions.Intention) -> bool:
    """Whether the electronic licence that an intention began is the holder's one."""
    live = register.live_instance(db, intention.holder_id)
    return live is not None and live.instance_number == intention.instance_number
