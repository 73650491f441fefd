"""Doors at which our own wallet is vouched for."""

from datetime import datetime

from litestar import Router, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from jiazhao.errors import Kind
from jiazhao.http.access import Permission, demands
from jiazhao.http.limits import LANE, Lane
from jiazhao.http.openapi import REFUSES
from jiazhao.wallet_provider.messages import (
    ClientAttestation,
    ClientRequest,
    KeyAttestation,
    KeysRequest,
    RenewalRequest,
)
from jiazhao.wallet_provider.service import WalletProvider

MAX_BODY = 64 * 1024
"""A batch of a hundred proofs of 600 characters, and an attestation: as a credential request."""

_MAY_REFUSE = {LANE: Lane.PROOFS, REFUSES: (Kind.NOT_FOUND, Kind.REFUSED, Kind.UNAVAILABLE)}


@post(
    "/wallet-provider/client-attestations",
    status_code=200,
    sync_to_thread=True,
    opt=demands(Permission.OWN_LICENCE, **_MAY_REFUSE),
    request_max_body_size=MAX_BODY,
)
def vouch(
    data: JSONBody[ClientRequest],
    wallet_provider: NamedDependency[WalletProvider],
    now: NamedDependency[datetime],
) -> ClientAttestation:
    """Vouch for the instance of our wallet that a driver is signed in with."""
    return wallet_provider.vouch(data, now)


@post(
    "/wallet-provider/client-attestations/renewal",
    status_code=200,
    sync_to_thread=True,
    opt=demands(Permission.ANYONE, **_MAY_REFUSE),
    request_max_body_size=MAX_BODY,
)
def renew(
    data: JSONBody[RenewalRequest],
    wallet_provider: NamedDependency[WalletProvider],
    now: NamedDependency[datetime],
) -> ClientAttestation:
    """Vouch again for an instance that was vouched for before."""
    return wallet_provider.renew(data, now)


@post(
    "/wallet-provider/key-attestations",
    status_code=200,
    sync_to_thread=True,
    opt=demands(Permission.ANYONE, **_MAY_REFUSE),
    request_max_body_size=MAX_BODY,
)
def vouch_for_keys(
    data: JSONBody[KeysRequest],
    wallet_provider: NamedDependency[WalletProvider],
    now: NamedDependency[datetime],
) -> KeyAttestation:
    """Vouch for keys of an instance, for one request."""
    return wallet_provider.vouch_for_keys(data, now)


routes = Router(path="/", route_handlers=[vouch, renew, vouch_for_keys])
