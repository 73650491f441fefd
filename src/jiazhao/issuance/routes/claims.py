"""Doors of the claim and of the printed code: what the driver asks for with a cookie."""

from datetime import datetime

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from jiazhao.config import Config
from jiazhao.credentials.signing import write_base64url
from jiazhao.errors import Kind
from jiazhao.http.access import Actor, Permission, demands
from jiazhao.http.openapi import REFUSES
from jiazhao.identity.permissions import require_fresh
from jiazhao.issuance import messages
from jiazhao.issuance.backup_codes import BackupCodes
from jiazhao.issuance.messages import (
    BackupCodeAnswer,
    BackupCodeRequest,
    ClaimAnswer,
    ClaimRequest,
    CounterOfferRequest,
    CredentialOffer,
)
from jiazhao.issuance.offering import TX_CODE_DIGITS, MadeOffer, Offers
from jiazhao.licence.identifiers import holder_id
from jiazhao.registry.routes import holder_of

_REFUSES_CLAIMS = {REFUSES: (Kind.NOT_FOUND, Kind.CONFLICT, Kind.REFUSED)}


def offer_uri(issuer: str, offer_id: str) -> str:
    """Where an offer can be fetched by reference."""
    return f"{issuer}/issuance/offers/{offer_id}"


def claim_answer(config: Config, offer: MadeOffer) -> ClaimAnswer:
    """What the claimant is handed."""
    return ClaimAnswer(
        credential_offer_uri=offer_uri(config.public_url, offer.offer_id),
        credential_offer=messages.credential_offer(
            config.public_url, offer.pre_authorized_code, offer.issuer_state, TX_CODE_DIGITS
        ),
        tx_code=offer.tx_code,
        expires_at=offer.expires_at,
    )


@post(
    "/claims",
    sync_to_thread=True,
    opt=demands(Permission.CLAIM, **_REFUSES_CLAIMS),
    request_max_body_size=1024,
)
def claim(
    data: JSONBody[ClaimRequest],
    actor: NamedDependency[Actor],
    offers: NamedDependency[Offers],
    config: NamedDependency[Config],
    now: NamedDependency[datetime],
) -> ClaimAnswer:
    """Claim the electronic licence for the signed-in driver's own device."""
    require_fresh(actor, now, config)
    offer = offers.claim(holder_of(actor), now, replaces=data.replace)
    return claim_answer(config, offer)


@post(
    "/counter-offers",
    sync_to_thread=True,
    opt=demands(Permission.OFFER_AT_COUNTER, **_REFUSES_CLAIMS),
    request_max_body_size=1024,
)
def counter_offer(
    data: JSONBody[CounterOfferRequest],
    offers: NamedDependency[Offers],
    config: NamedDependency[Config],
    now: NamedDependency[datetime],
) -> ClaimAnswer:
    """Make an offer at the counter; link and transaction code are handed over separately."""
    return claim_answer(config, offers.offer_at_counter(holder_id(data.holder_id), now))


@post(
    "/wallet/backup-codes",
    sync_to_thread=True,
    opt=demands(Permission.CLAIM, **_REFUSES_CLAIMS),
    request_max_body_size=1024,
)
def make_backup_code(
    data: JSONBody[BackupCodeRequest],
    actor: NamedDependency[Actor],
    backup_codes: NamedDependency[BackupCodes],
    config: NamedDependency[Config],
    now: NamedDependency[datetime],
) -> BackupCodeAnswer:
    """A code to print for a phone that is dead, in place of any made before."""
    del data  # there is nothing to say beside that it is wanted
    require_fresh(actor, now, config)
    made = backup_codes.make(holder_of(actor), now)
    return BackupCodeAnswer(write_base64url(made.octets), made.expires_at)


@delete(
    "/wallet/backup-codes",
    status_code=204,
    sync_to_thread=True,
    opt=demands(Permission.OWN_LICENCE, **{REFUSES: (Kind.NOT_FOUND,)}),
)
def void_backup_code(
    actor: NamedDependency[Actor],
    backup_codes: NamedDependency[BackupCodes],
    now: NamedDependency[datetime],
) -> None:
    """End the printed code: the paper was lost, or is not wanted any more."""
    backup_codes.void(holder_of(actor), now)


@get(
    "/issuance/offers/{offer_id:str}",
    sync_to_thread=True,
    opt=demands(Permission.ANYONE, **{REFUSES: (Kind.REFUSED,)}),
)
def offer(
    offer_id: FromPath[str],
    offers: NamedDependency[Offers],
    config: NamedDependency[Config],
    now: NamedDependency[datetime],
) -> CredentialOffer:
    """A credential offer by reference (OpenID4VCI 1.0 section 4.1.3)."""
    code, issuer_state = offers.open_offer(offer_id[:64], now)
    return messages.credential_offer(config.public_url, code, issuer_state, TX_CODE_DIGITS)
