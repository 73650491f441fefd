"""Doors of the claim and of OpenID4VCI 1.0. Wallets' doors take no cookie and send CORS headers."""

import secrets
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from cryptography.hazmat.primitives.serialization import Encoding
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import FromPath, JSONBody, RawBody

from jiazhao.config import Config
from jiazhao.errors import ErrorCode, JiazhaoError, Kind, UnreadableError
from jiazhao.http import problems
from jiazhao.http.access import Actor, Permission, demands
from jiazhao.http.bodies import JSON, read_as, require_media_type
from jiazhao.http.limits import LANE, Lane
from jiazhao.http.metrics import ISSUED
from jiazhao.http.openapi import BEARER, BODY, OAUTH_ERROR, REFUSALS, REFUSES
from jiazhao.identity.permissions import require_fresh
from jiazhao.issuance import messages
from jiazhao.issuance.formats import FORMATS
from jiazhao.issuance.messages import (
    PRE_AUTHORIZED,
    ClaimAnswer,
    ClaimRequest,
    CounterOfferRequest,
    CredentialOffer,
    CredentialRequest,
    CredentialResponse,
    IssuedCredential,
    NonceResponse,
    TokenResponse,
)
from jiazhao.issuance.protocol import ProtocolError, WireError
from jiazhao.issuance.service import TX_CODE_DIGITS, ClaimRefused, Issuance, MadeOffer
from jiazhao.licence.identifiers import holder_id
from jiazhao.registry.messages import RefusalView
from jiazhao.registry.routes import holder_of
from jiazhao.trust import Trust

MAX_BODY = 32 * 1024
"""A credential request with one proof is about 2 kB."""

MAX_FORM_FIELDS = 20
NO_STORE = {"cache-control": "no-store"}
DAILY = {"cache-control": "public, max-age=86400"}

_TEXT = {"type": "string"}
_TOKEN_FORM = {
    "application/x-www-form-urlencoded": {
        "schema": {
            "type": "object",
            "required": ["grant_type", "pre-authorized_code"],
            "properties": {
                "grant_type": {"const": PRE_AUTHORIZED},
                "pre-authorized_code": _TEXT,
                "tx_code": _TEXT,
            },
        }
    }
}
_CREDENTIAL_JSON = {
    "application/json": {
        "schema": {
            "type": "object",
            "required": ["credential_configuration_id", "proofs"],
            "properties": {
                "credential_configuration_id": {"enum": list(FORMATS)},
                "proofs": {
                    "type": "object",
                    "required": ["jwt"],
                    "properties": {
                        "jwt": {"type": "array", "items": _TEXT, "minItems": 1, "maxItems": 1}
                    },
                },
            },
        }
    }
}
_REFUSES_CLAIMS = {REFUSES: (Kind.NOT_FOUND, Kind.CONFLICT, Kind.REFUSED)}
_REFUSED_AS_IN_THE_TEXT = {REFUSALS: ("application/json", OAUTH_ERROR)}


def offer_uri(issuer: str, offer_id: str) -> str:
    """Where an offer can be fetched by reference."""
    return f"{issuer}/issuance/offers/{offer_id}"


def claim_answer(config: Config, offer: MadeOffer) -> ClaimAnswer:
    """What the claimant is handed."""
    return ClaimAnswer(
        credential_offer_uri=offer_uri(config.public_url, offer.offer_id),
        credential_offer=messages.credential_offer(
            config.public_url, offer.pre_authorized_code, TX_CODE_DIGITS
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
    issuance: NamedDependency[Issuance],
    config: NamedDependency[Config],
    now: NamedDependency[datetime],
) -> ClaimAnswer:
    """Claim the electronic licence for the signed-in driver's own device."""
    require_fresh(actor, now, config)
    offer = issuance.claim(holder_of(actor), now, replaces=data.replace)
    return claim_answer(config, offer)


@post(
    "/counter-offers",
    sync_to_thread=True,
    opt=demands(Permission.OFFER_AT_COUNTER, **_REFUSES_CLAIMS),
    request_max_body_size=1024,
)
def counter_offer(
    data: JSONBody[CounterOfferRequest],
    issuance: NamedDependency[Issuance],
    config: NamedDependency[Config],
    now: NamedDependency[datetime],
) -> ClaimAnswer:
    """Make an offer at the counter; link and transaction code are handed over separately."""
    return claim_answer(config, issuance.offer_at_counter(holder_id(data.holder_id), now))


@get(
    "/issuance/offers/{offer_id:str}",
    sync_to_thread=True,
    opt=demands(Permission.ANYONE, **{REFUSES: (Kind.REFUSED,)}),
)
def offer(
    offer_id: FromPath[str],
    issuance: NamedDependency[Issuance],
    config: NamedDependency[Config],
    now: NamedDependency[datetime],
) -> CredentialOffer:
    """A credential offer by reference (OpenID4VCI 1.0 section 4.1.3)."""
    code = issuance.open_offer(offer_id[:64], now)
    return messages.credential_offer(config.public_url, code, TX_CODE_DIGITS)


@get(
    "/.well-known/openid-credential-issuer",
    sync_to_thread=False,
    opt=demands(Permission.ANYONE),
)
def issuer_metadata(config: NamedDependency[Config]) -> dict[str, Any]:
    """Credential issuer metadata (OpenID4VCI 1.0 section 12.2)."""
    return messages.issuer_metadata(config.public_url, specimen=config.is_demo)


@get(
    "/.well-known/oauth-authorization-server",
    sync_to_thread=False,
    opt=demands(Permission.ANYONE),
)
def authorization_server_metadata(config: NamedDependency[Config]) -> dict[str, Any]:
    """Authorization server metadata (RFC 8414)."""
    return messages.authorization_server_metadata(config.public_url)


@post(
    "/issuance/token",
    status_code=200,
    sync_to_thread=True,
    opt=demands(
        Permission.ANYONE,
        **_REFUSED_AS_IN_THE_TEXT,
        **{BODY: _TOKEN_FORM, LANE: Lane.PROOFS},
    ),
    request_max_body_size=MAX_BODY,
)
def token(
    request: Request[Any, Any, Any],
    body: RawBody,
    issuance: NamedDependency[Issuance],
    now: NamedDependency[datetime],
) -> Response[TokenResponse]:
    """Token endpoint: the pre-authorized code grant (OpenID4VCI 1.0 section 6)."""
    require_media_type(request, "application/x-www-form-urlencoded")
    form = _form(body)
    if form.get("grant_type") is None:
        raise ProtocolError(WireError.INVALID_REQUEST, "grant_type is missing.")
    if form["grant_type"] != PRE_AUTHORIZED:
        raise ProtocolError(WireError.UNSUPPORTED_GRANT_TYPE, "This grant type is not offered.")
    code = form.get("pre-authorized_code")
    if code is None:
        raise ProtocolError(WireError.INVALID_REQUEST, "pre-authorized_code is missing.")
    granted = issuance.redeem(code, form.get("tx_code"), now)
    return Response(
        TokenResponse(granted.access_token, "Bearer", granted.expires_in), headers=NO_STORE
    )


@post(
    "/issuance/nonce",
    status_code=200,
    sync_to_thread=False,
    opt=demands(Permission.ANYONE, **_REFUSED_AS_IN_THE_TEXT),
    request_max_body_size=MAX_BODY,
)
def nonce(
    issuance: NamedDependency[Issuance], now: NamedDependency[datetime]
) -> Response[NonceResponse]:
    """Nonce endpoint (OpenID4VCI 1.0 section 7)."""
    fresh = issuance.nonces.make(secrets.token_bytes(16), now)
    return Response(NonceResponse(fresh), headers=NO_STORE)


@post(
    "/issuance/credential",
    status_code=200,
    sync_to_thread=True,
    opt=demands(
        Permission.ANYONE,
        **_REFUSED_AS_IN_THE_TEXT,
        **{BODY: _CREDENTIAL_JSON, BEARER: True, REFUSES: (Kind.UNAUTHENTICATED,)},
    ),
    request_max_body_size=MAX_BODY,
)
def credential(
    request: Request[Any, Any, Any],
    body: RawBody,
    issuance: NamedDependency[Issuance],
    now: NamedDependency[datetime],
) -> Response[CredentialResponse]:
    """Credential endpoint (OpenID4VCI 1.0 section 8)."""
    access_token = _bearer(request)
    require_media_type(request, JSON)
    wanted = _credential_request(body)
    configuration = _configuration(wanted)
    issued = issuance.issue(access_token, _proof(wanted), now, configuration=configuration)
    ISSUED.inc()
    written = FORMATS[configuration].on_the_wire(issued)
    return Response(CredentialResponse([IssuedCredential(written)]), headers=NO_STORE)


@get(
    "/trust/iaca.pem",
    sync_to_thread=False,
    opt=demands(Permission.ANYONE),
    media_type="application/x-pem-file",
)
def iaca_roots(trust: NamedDependency[Trust]) -> Response[bytes]:
    """The IACA roots that verifiers start from; compare the fingerprint by another way."""
    pem = b"".join(root.public_bytes(Encoding.PEM) for root in trust.iaca_roots)
    return Response(pem, media_type="application/x-pem-file", headers=DAILY)


@get(
    "/trust/iaca.crl",
    sync_to_thread=False,
    opt=demands(Permission.ANYONE, **{REFUSES: (Kind.NOT_FOUND,)}),
    media_type="application/pkix-crl",
)
def revocation_list(trust: NamedDependency[Trust]) -> Response[bytes]:
    """What the root has withdrawn (RFC 5280)."""
    if trust.revocation_list is None:
        raise JiazhaoError(ErrorCode.NOT_FOUND)
    return Response(trust.revocation_list, media_type="application/pkix-crl", headers=DAILY)


def _form(body: bytes) -> dict[str, str]:
    """Form fields, each at most once (RFC 6749 section 3.2)."""
    try:
        pairs = parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            strict_parsing=True,
            max_num_fields=MAX_FORM_FIELDS,
            errors="strict",
        )
    except ValueError as error:
        raise ProtocolError(WireError.INVALID_REQUEST, "The form cannot be read.") from error
    form = dict(pairs)
    if len(form) != len(pairs):
        raise ProtocolError(WireError.INVALID_REQUEST, "A parameter stands twice.")
    if any("\0" in value for value in form.values()):
        raise ProtocolError(WireError.INVALID_REQUEST, "The form cannot be read.")
    return form


def _bearer(request: Request[Any, Any, Any]) -> str:
    """The access token, from its header alone (RFC 6750 section 2.1)."""
    scheme, _, access_token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not access_token:
        raise ProtocolError(WireError.INVALID_TOKEN, "An access token is needed.")
    return access_token.strip()


def _credential_request(body: bytes) -> CredentialRequest:
    try:
        wanted = read_as(body, CredentialRequest)
    except UnreadableError as error:
        raise ProtocolError(
            WireError.INVALID_CREDENTIAL_REQUEST, "The request cannot be read."
        ) from error
    if (wanted.credential_configuration_id is None) == (wanted.credential_identifier is None):
        raise ProtocolError(
            WireError.INVALID_CREDENTIAL_REQUEST,
            "Exactly one of credential_configuration_id and credential_identifier is needed.",
        )
    if wanted.credential_identifier is not None:
        raise ProtocolError(WireError.UNKNOWN_CREDENTIAL_IDENTIFIER, "No identifier was given out.")
    if wanted.credential_response_encryption is not None:
        raise ProtocolError(
            WireError.INVALID_ENCRYPTION_PARAMETERS, "Encrypted responses are not offered."
        )
    return wanted


def _configuration(wanted: CredentialRequest) -> str:
    configuration = wanted.credential_configuration_id
    if configuration is None or configuration not in FORMATS:
        raise ProtocolError(WireError.UNKNOWN_CREDENTIAL_CONFIGURATION, "Not offered here.")
    return configuration


def _proof(wanted: CredentialRequest) -> str:
    proofs = wanted.proofs.jwt if wanted.proofs else []
    if len(proofs) != 1:
        raise ProtocolError(WireError.INVALID_PROOF, "Exactly one jwt proof is needed.")
    return proofs[0]


# -- refusals in the form of the texts


def on_protocol_error(
    _request: Request[Any, Any, Any], error: ProtocolError
) -> Response[dict[str, str]]:
    """RFC 6749 section 5.2 and OpenID4VCI 1.0 section 8.3.1."""
    headers = dict(NO_STORE)
    if error.status == 401:
        headers["www-authenticate"] = f'Bearer error="{error.error.value}"'
    return Response(
        {"error": error.error.value, "error_description": error.description},
        status_code=error.status,
        headers=headers,
    )


def on_other_error(request: Request[Any, Any, Any], error: JiazhaoError) -> Response[Any]:
    """What the protocol has no code for: bad input is `invalid_request`, the rest a problem."""
    if error.kind in {Kind.INVALID, Kind.TOO_LARGE, Kind.UNSUPPORTED}:
        return on_protocol_error(
            request, ProtocolError(WireError.INVALID_REQUEST, "The request cannot be read.")
        )
    if error.kind is Kind.TOO_MANY:
        return Response(
            # The code that RFC 6749 has for a server that cannot answer for now.
            {"error": "temporarily_unavailable", "error_description": error.en},
            status_code=problems.STATUS[error.kind],
            headers={**NO_STORE, **problems.headers_of(error)},
        )
    return problems.on_known_error(request, error)


def on_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """What the framework refuses before a door of the protocol is reached."""
    if error.status_code in {400, 413}:
        return on_protocol_error(
            request, ProtocolError(WireError.INVALID_REQUEST, "The request cannot be read.")
        )
    return problems.on_http_error(request, error)


def on_claim_refused(request: Request[Any, Any, Any], error: ClaimRefused) -> Response[bytes]:
    """A problem document with every refusal of the law, not only the first."""
    refusals = [msgspec.to_builtins(RefusalView.of(r)) for r in error.refusals]
    return problems.answer(request, error, problems.new_trace(), {"refusals": refusals})


protocol_routes = Router(
    path="/",
    route_handlers=[token, nonce, credential],
    exception_handlers={
        ProtocolError: on_protocol_error,
        JiazhaoError: on_other_error,
        HTTPException: on_http_error,
    },
)
wallet_routes = Router(
    path="/",
    route_handlers=[
        claim,
        offer,
        issuer_metadata,
        authorization_server_metadata,
        iaca_roots,
        revocation_list,
    ],
    exception_handlers={ClaimRefused: on_claim_refused},
)
console_routes = Router(
    path="/",
    route_handlers=[counter_offer],
    exception_handlers={ClaimRefused: on_claim_refused},
)
