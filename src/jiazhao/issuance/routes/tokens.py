"""Doors of tokens: the token endpoint, nonces and challenges."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import RawBody

from jiazhao.errors import Kind
from jiazhao.http.access import Permission, demands
from jiazhao.http.bodies import require_media_type
from jiazhao.http.limits import LANE, Lane
from jiazhao.http.openapi import BODY, REFUSES
from jiazhao.issuance.authorization import DETAILS_TYPE, identifier_of, read_details
from jiazhao.issuance.authorizing import Authorizations
from jiazhao.issuance.client_attestation import AttestedClient
from jiazhao.issuance.client_authentication import ClientAuthentication
from jiazhao.issuance.granting import OFFERED, GrantedToken, Terms, Tokens, WalletKeys
from jiazhao.issuance.messages import (
    AUTHORIZATION_CODE,
    PRE_AUTHORIZED,
    REFRESH_TOKEN,
    AuthorizationDetail,
    ChallengeResponse,
    NonceResponse,
    TokenResponse,
)
from jiazhao.issuance.possession import Possession
from jiazhao.issuance.protocol import ProtocolError, WireError
from jiazhao.issuance.routes.requests import (
    FORM,
    MAX_BODY,
    NO_STORE,
    REFUSED_AS_IN_THE_TEXT,
    client_of,
    next_challenge,
    next_nonce,
    proofs_of,
    read_form,
)
from jiazhao.issuance.service import Issuance

_TEXT = {"type": "string"}

_TOKEN_FORM = {
    FORM: {
        "schema": {
            "oneOf": [
                {
                    "type": "object",
                    "required": ["grant_type", "pre-authorized_code"],
                    "properties": {
                        "grant_type": {"const": PRE_AUTHORIZED},
                        "pre-authorized_code": _TEXT,
                        "tx_code": _TEXT,
                    },
                },
                {
                    "type": "object",
                    "required": ["grant_type", "code", "code_verifier", "client_id"],
                    "properties": {
                        "grant_type": {"const": AUTHORIZATION_CODE},
                        "code": _TEXT,
                        "code_verifier": _TEXT,
                        "client_id": _TEXT,
                        "redirect_uri": _TEXT,
                    },
                },
                {
                    "type": "object",
                    "required": ["grant_type", "refresh_token"],
                    "properties": {
                        "grant_type": {"const": REFRESH_TOKEN},
                        "refresh_token": _TEXT,
                        "client_id": _TEXT,
                    },
                },
            ]
        }
    }
}


@post(
    "/issuance/token",
    status_code=200,
    sync_to_thread=True,
    opt=demands(
        Permission.ANYONE,
        **REFUSED_AS_IN_THE_TEXT,
        **{BODY: _TOKEN_FORM, LANE: Lane.PROOFS, REFUSES: (Kind.UNAUTHENTICATED,)},
    ),
    request_max_body_size=MAX_BODY,
)
def token(
    request: Request[Any, Any, Any],
    body: RawBody,
    tokens: NamedDependency[Tokens],
    authorizations: NamedDependency[Authorizations],
    possession: NamedDependency[Possession],
    client_authentication: NamedDependency[ClientAuthentication],
    now: NamedDependency[datetime],
) -> Response[TokenResponse]:
    """Token endpoint (OpenID4VCI 1.0 section 6); the wallet shows who it is as far as it can."""
    require_media_type(request, FORM)
    form = read_form(body)
    grant_type = form.get("grant_type")
    if grant_type is None:
        raise ProtocolError(WireError.INVALID_REQUEST, "grant_type is missing.")
    if grant_type not in (AUTHORIZATION_CODE, PRE_AUTHORIZED, REFRESH_TOKEN):
        raise ProtocolError(WireError.UNSUPPORTED_GRANT_TYPE, "This grant type is not offered.")
    # First the key of the token: whoever is asked for a nonce may use his other proof again.
    dpop_jkt = possession.proven(proofs_of(request), path=request.url.path, now=now)
    client = client_of(request, client_authentication, form, now)
    if client is not None:
        form = {**form, "client_id": client.client_id}
    keys = WalletKeys(dpop_jkt, client.thumbprint if client else None)
    if grant_type == AUTHORIZATION_CODE:
        granted = authorizations.exchange(form, keys, now)
    elif grant_type == REFRESH_TOKEN:
        granted = _refresh(tokens, form, keys, now)
    else:
        granted = _redeem(tokens, form, keys, client, now)
    return Response(
        _token_response(granted),
        headers={
            **NO_STORE,
            **next_nonce(possession, dpop_jkt, now),
            **next_challenge(client_authentication, client, now),
        },
    )


def _redeem(
    tokens: Tokens,
    form: Mapping[str, str],
    keys: WalletKeys,
    client: AttestedClient | None,
    now: datetime,
) -> GrantedToken:
    code = form.get("pre-authorized_code")
    if code is None:
        raise ProtocolError(WireError.INVALID_REQUEST, "pre-authorized_code is missing.")
    details = form.get("authorization_details")
    wanted = OFFERED if details is None else read_details(details, OFFERED)
    terms = Terms(
        wanted,
        by_details=details is not None,
        keys=keys,
        client_id=client.client_id if client else None,
    )
    return tokens.redeem(code, form.get("tx_code"), now, terms)


def _refresh(
    tokens: Tokens, form: Mapping[str, str], keys: WalletKeys, now: datetime
) -> GrantedToken:
    refresh_token = form.get("refresh_token")
    if not refresh_token:
        raise ProtocolError(WireError.INVALID_REQUEST, "refresh_token is missing.")
    return tokens.refresh(refresh_token, form.get("client_id"), keys, now)


def _token_response(granted: GrantedToken) -> TokenResponse:
    return TokenResponse(
        access_token=granted.access_token,
        token_type="Bearer" if granted.dpop_jkt is None else "DPoP",
        expires_in=granted.expires_in,
        refresh_token=granted.refresh_token,
        scope=None if granted.by_details else " ".join(granted.configurations),
        authorization_details=[
            AuthorizationDetail(DETAILS_TYPE, one, [identifier_of(one)])
            for one in granted.configurations
        ]
        if granted.by_details
        else None,
    )


@post(
    "/issuance/nonce",
    status_code=200,
    sync_to_thread=False,
    opt=demands(Permission.ANYONE, **REFUSED_AS_IN_THE_TEXT),
    request_max_body_size=MAX_BODY,
)
def nonce(
    issuance: NamedDependency[Issuance],
    possession: NamedDependency[Possession],
    now: NamedDependency[datetime],
) -> Response[NonceResponse]:
    """Nonce endpoint (OpenID4VCI 1.0 section 7); the next DPoP proof needs one of its own."""
    fresh = issuance.nonces.make(secrets.token_bytes(16), now)
    headers = {**NO_STORE, "dpop-nonce": possession.fresh_nonce(now)}
    return Response(NonceResponse(fresh), headers=headers)


@post(
    "/issuance/challenge",
    status_code=200,
    sync_to_thread=False,
    opt=demands(Permission.ANYONE, **REFUSED_AS_IN_THE_TEXT),
    request_max_body_size=MAX_BODY,
)
def challenge_for_wallets(
    client_authentication: NamedDependency[ClientAuthentication],
    now: NamedDependency[datetime],
) -> Response[ChallengeResponse]:
    """Challenge endpoint (Attestation-Based Client Authentication, draft 10, section 6.1)."""
    fresh = client_authentication.fresh_challenge(now)
    return Response(ChallengeResponse(fresh), headers=NO_STORE)
