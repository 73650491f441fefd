"""Doors of the claim and of OpenID4VCI 1.0. Wallets' doors take no cookie and send CORS headers."""

from litestar import Router
from litestar.exceptions import HTTPException

from jiazhao.errors import JiazhaoError
from jiazhao.issuance.protocol import ProtocolError
from jiazhao.issuance.routes import authorization, claims, credentials, metadata, tokens
from jiazhao.issuance.routes.claims import claim_answer
from jiazhao.issuance.routes.refusals import (
    on_http_error,
    on_other_error,
    on_protocol_error,
)
from jiazhao.registry.routes import on_refused_by_law
from jiazhao.rules.refusal import RefusedByLaw

__all__ = ["agreement_routes", "claim_answer", "console_routes", "protocol_routes", "wallet_routes"]

protocol_routes = Router(
    path="/",
    route_handlers=[
        authorization.push,
        tokens.token,
        tokens.nonce,
        tokens.challenge_for_wallets,
        credentials.credential,
        credentials.deferred_credential,
        credentials.notification,
    ],
    exception_handlers={
        ProtocolError: on_protocol_error,
        JiazhaoError: on_other_error,
        HTTPException: on_http_error,
    },
)
agreement_routes = Router(
    path="/", route_handlers=[authorization.authorize, authorization.ask, authorization.decide]
)
wallet_routes = Router(
    path="/",
    route_handlers=[
        claims.claim,
        claims.make_backup_code,
        claims.void_backup_code,
        claims.offer,
        metadata.issuer_metadata,
        metadata.credential_type,
        metadata.authorization_server_metadata,
        metadata.iaca_roots,
        *metadata.revocation_lists,
    ],
    exception_handlers={RefusedByLaw: on_refused_by_law},
)
console_routes = Router(
    path="/",
    route_handlers=[claims.counter_offer],
    exception_handlers={RefusedByLaw: on_refused_by_law},
)
