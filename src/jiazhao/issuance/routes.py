"""Doors of the claim and of OpenID4VCI 1.0. Wallets' doors take no cookie and send CORS headers."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from cryptography.hazmat.primitives.serialization import Encoding
from litestar import Request, Response, Router, delete, get, post
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import FromPath, JSONBody, RawBody

from jiazhao.config import Config
from jiazhao.credentials.signing import write_base64url
from jiazhao.errors import ErrorCode, JiazhaoError, Kind, UnreadableError
from jiazhao.http import problems
from jiazhao.http.access import Actor, Permission, demands
from jiazhao.http.bodies import JSON, read_as, require_media_type
from jiazhao.http.limits import LANE, Lane
from jiazhao.http.metrics import ISSUED
from jiazhao.http.openapi import ANSWERS, BEARER, BODY, OAUTH_ERROR, REFUSALS, REFUSES
from jiazhao.identity.permissions import require_fresh
from jiazhao.issuance import messages
from jiazhao.issuance.authorization import DETAILS_TYPE, identifier_of, read_details
from jiazhao.issuance.authorizing import Authorizations
from jiazhao.issuance.backup_codes import BackupCodes
from jiazhao.issuance.client_attestation import AttestedClient
from jiazhao.issuance.client_authentication import ClientAuthentication
from jiazhao.issuance.encryption import Encryption, ResponseKey
from jiazhao.issuance.formats import CONFIGURATIONS, TYPE_PATH, on_the_wire, type_metadata
from jiazhao.issuance.messages import (
    AUTHORIZATION_CODE,
    PRE_AUTHORIZED,
    REFRESH_TOKEN,
    AuthorizationDetail,
    BackupCodeAnswer,
    BackupCodeRequest,
    ChallengeResponse,
    ClaimAnswer,
    ClaimRequest,
    CounterOfferRequest,
    CredentialOffer,
    CredentialProofs,
    CredentialRequest,
    CredentialResponse,
    DeferredRequest,
    DeferredResponse,
    IssuedCredential,
    NonceResponse,
    NotificationEvent,
    NotificationRequest,
    TokenResponse,
)
from jiazhao.issuance.metadata import (
    JWT,
    LANGUAGES,
    in_languages,
    languages_for,
    signed_metadata,
    wants_signed,
)
from jiazhao.issuance.possession import Possession, challenge
from jiazhao.issuance.protocol import ProtocolError, WireError
from jiazhao.issuance.service import (
    OFFERED,
    TX_CODE_DIGITS,
    ClaimRefused,
    Deferred,
    GrantedToken,
    Issuance,
    IssuedBatch,
    MadeOffer,
    Terms,
    WalletKeys,
)
from jiazhao.licence.identifiers import holder_id
from jiazhao.registry.messages import RefusalView
from jiazhao.registry.routes import holder_of
from jiazhao.trust import Trust

MAX_BODY = 64 * 1024
"""A credential request has about 600 octets for each proof; a batch is at most 100."""

MAX_FORM_FIELDS = 20
FORM = "application/x-www-form-urlencoded"
NO_STORE = {"cache-control": "no-store"}
DAILY = {"cache-control": "public, max-age=86400"}

_TEXT = {"type": "string"}
_JWT = {JWT: {"schema": _TEXT}}
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
_CREDENTIAL_JSON = {
    "application/json": {
        "schema": {
            "type": "object",
            "required": ["credential_configuration_id", "proofs"],
            "properties": {
                "credential_configuration_id": {"enum": list(CONFIGURATIONS)},
                "proofs": {
                    "oneOf": [
                        {
                            "type": "object",
                            "required": [kind],
                            "properties": {kind: {"type": "array", "items": _TEXT, **bounds}},
                        }
                        for kind, bounds in (
                            ("jwt", {"minItems": 1}),
                            ("attestation", {"minItems": 1, "maxItems": 1}),
                        )
                    ]
                },
            },
        }
    },
    **_JWT,
}
_NOTIFICATION_JSON = {
    "application/json": {
        "schema": {
            "type": "object",
            "required": ["notification_id", "event"],
            "properties": {
                "notification_id": _TEXT,
                "event": {"enum": [event.value for event in NotificationEvent]},
                "event_description": _TEXT,
            },
        }
    }
}
_DEFERRED_JSON = {
    "application/json": {
        "schema": {
            "type": "object",
            "required": ["transaction_id"],
            "properties": {"transaction_id": _TEXT},
        }
    },
    **_JWT,
}
_METADATA = {
    200: {
        "description": "The metadata, as JSON or signed.",
        "content": {JSON: {"schema": {"type": "object"}}, **_JWT},
    }
}
_COPIES_OR_LATER = {
    200: {
        "description": "The copies, in the order of their proofs.",
        "content": {
            JSON: {"schema": {"$ref": "#/components/schemas/CredentialResponse"}},
            **_JWT,
        },
    },
    202: {
        "description": "A person decides first; ask again at the deferred credential endpoint.",
        "content": {
            JSON: {"schema": {"$ref": "#/components/schemas/DeferredResponse"}},
            **_JWT,
        },
    },
}
_REFUSES_CLAIMS = {REFUSES: (Kind.NOT_FOUND, Kind.CONFLICT, Kind.REFUSED)}
REFUSED_AS_IN_THE_TEXT = {REFUSALS: ("application/json", OAUTH_ERROR)}


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
    issuance: NamedDependency[Issuance],
    config: NamedDependency[Config],
    now: NamedDependency[datetime],
) -> CredentialOffer:
    """A credential offer by reference (OpenID4VCI 1.0 section 4.1.3)."""
    code, issuer_state = issuance.open_offer(offer_id[:64], now)
    return messages.credential_offer(config.public_url, code, issuer_state, TX_CODE_DIGITS)


@get(
    "/.well-known/openid-credential-issuer",
    sync_to_thread=True,  # a signature may take a token's time
    opt=demands(Permission.ANYONE, **{ANSWERS: _METADATA}),
)
def issuer_metadata(
    request: Request[Any, Any, Any],
    config: NamedDependency[Config],
    encryption: NamedDependency[Encryption],
    trust: NamedDependency[Trust],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Credential issuer metadata (OpenID4VCI 1.0 section 12.2), signed where it is asked for."""
    languages = languages_for(request.headers.get("accept-language"))
    metadata = in_languages(messages.issuer_metadata(config, encryption.metadata()), languages)
    headers = {"content-language": ", ".join(languages), "vary": "Accept, Accept-Language"}
    if not wants_signed(request.headers.get("accept")):
        return Response(metadata, headers=headers)
    signed = signed_metadata(metadata, trust.document_signer, now)
    return Response(signed.encode(), media_type=JWT, headers=headers)


@get(TYPE_PATH, sync_to_thread=False, opt=demands(Permission.ANYONE))
def credential_type(config: NamedDependency[Config]) -> Response[dict[str, Any]]:
    """The type of the SD-JWT VC that is issued here (SD-JWT VC draft, type metadata)."""
    described = type_metadata(config.public_url, specimen=config.is_demo)
    # The same octets for everybody: others may name the type by their hash.
    return Response(described, headers={**DAILY, "content-language": ", ".join(LANGUAGES)})


@get(
    "/.well-known/oauth-authorization-server",
    sync_to_thread=False,
    opt=demands(Permission.ANYONE),
)
def authorization_server_metadata(config: NamedDependency[Config]) -> dict[str, Any]:
    """Authorization server metadata (RFC 8414)."""
    return messages.authorization_server_metadata(config)


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
    issuance: NamedDependency[Issuance],
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
        granted = _refresh(issuance, form, keys, now)
    else:
        granted = _redeem(issuance, form, keys, client, now)
    return Response(
        _token_response(granted),
        headers={
            **NO_STORE,
            **next_nonce(possession, dpop_jkt, now),
            **next_challenge(client_authentication, client, now),
        },
    )


def _redeem(
    issuance: Issuance,
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
    return issuance.redeem(code, form.get("tx_code"), now, terms)


def _refresh(
    issuance: Issuance, form: Mapping[str, str], keys: WalletKeys, now: datetime
) -> GrantedToken:
    refresh_token = form.get("refresh_token")
    if not refresh_token:
        raise ProtocolError(WireError.INVALID_REQUEST, "refresh_token is missing.")
    return issuance.refresh(refresh_token, form.get("client_id"), keys, now)


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


@post(
    "/issuance/credential",
    status_code=200,
    sync_to_thread=True,
    opt=demands(
        Permission.ANYONE,
        **REFUSED_AS_IN_THE_TEXT,
        **{
            BODY: _CREDENTIAL_JSON,
            BEARER: True,
            REFUSES: (Kind.UNAUTHENTICATED,),
            ANSWERS: _COPIES_OR_LATER,
        },
    ),
    request_max_body_size=MAX_BODY,
)
def credential(
    request: Request[Any, Any, Any],
    body: RawBody,
    issuance: NamedDependency[Issuance],
    possession: NamedDependency[Possession],
    config: NamedDependency[Config],
    encryption: NamedDependency[Encryption],
    now: NamedDependency[datetime],
) -> Response[CredentialResponse] | Response[DeferredResponse]:
    """Credential endpoint (OpenID4VCI 1.0 section 8)."""
    access_token, dpop_jkt = presented_token(request, possession, now)
    grant = issuance.admit(access_token, dpop_jkt, now)
    content, encrypted = _said(request, body, encryption)
    wanted = _credential_request(content)
    to = encryption.response_key(wanted.credential_response_encryption, encrypted=encrypted)
    configuration = _configuration(wanted, grant.configurations, by_details=grant.by_details)
    proofs = _proofs(wanted)
    outcome = issuance.issue_batch(
        access_token,
        proofs.jwt,
        now,
        configuration=configuration,
        attestations=proofs.attestation,
    )
    return _issued(outcome, config, to, next_nonce(possession, dpop_jkt, now))


@post(
    "/issuance/deferred-credential",
    status_code=200,
    sync_to_thread=True,
    opt=demands(
        Permission.ANYONE,
        **REFUSED_AS_IN_THE_TEXT,
        **{
            BODY: _DEFERRED_JSON,
            BEARER: True,
            REFUSES: (Kind.UNAUTHENTICATED,),
            ANSWERS: _COPIES_OR_LATER,
        },
    ),
    request_max_body_size=MAX_BODY,
)
def deferred_credential(
    request: Request[Any, Any, Any],
    body: RawBody,
    issuance: NamedDependency[Issuance],
    possession: NamedDependency[Possession],
    config: NamedDependency[Config],
    encryption: NamedDependency[Encryption],
    now: NamedDependency[datetime],
) -> Response[CredentialResponse] | Response[DeferredResponse]:
    """Deferred credential endpoint (OpenID4VCI 1.0 section 9)."""
    access_token, dpop_jkt = presented_token(request, possession, now)
    issuance.admit(access_token, dpop_jkt, now)
    content, encrypted = _said(request, body, encryption)
    wanted = _deferred_request(content)
    to = encryption.response_key(wanted.credential_response_encryption, encrypted=encrypted)
    outcome = issuance.issue_deferred(access_token, wanted.transaction_id, now)
    return _issued(outcome, config, to, next_nonce(possession, dpop_jkt, now))


def _said(
    request: Request[Any, Any, Any], body: bytes, encryption: Encryption
) -> tuple[bytes, bool]:
    """What a request says, and whether it was encrypted (OpenID4VCI 1.0 section 10)."""
    require_media_type(request, JSON, JWT)
    encrypted = request.content_type[0].lower() == JWT
    encryption.check_request(encrypted=encrypted)
    return encryption.opened(body) if encrypted else body, encrypted


def _issued(
    outcome: IssuedBatch | Deferred,
    config: Config,
    to: ResponseKey | None,
    headers: Mapping[str, str],
) -> Response[Any]:
    """Copies, or where to ask for them later (OpenID4VCI 1.0 section 8.3)."""
    answer: CredentialResponse | DeferredResponse
    if isinstance(outcome, Deferred):
        answer = DeferredResponse(outcome.transaction_id, config.deferred_interval_seconds)
    else:
        ISSUED.inc(len(outcome.contents))
        copies = [
            IssuedCredential(on_the_wire(outcome.configuration, content))
            for content in outcome.contents
        ]
        answer = CredentialResponse(copies, outcome.notification_id)
    status = 202 if isinstance(outcome, Deferred) else 200
    headers = {**NO_STORE, **headers}
    if to is None:
        return Response(answer, status_code=status, headers=headers)
    sealed = to.seal(msgspec.json.encode(answer)).encode()
    return Response(sealed, status_code=status, media_type=JWT, headers=headers)


@post(
    "/issuance/notification",
    status_code=204,
    sync_to_thread=True,
    opt=demands(
        Permission.ANYONE,
        **REFUSED_AS_IN_THE_TEXT,
        **{BODY: _NOTIFICATION_JSON, BEARER: True, REFUSES: (Kind.UNAUTHENTICATED,)},
    ),
    request_max_body_size=MAX_BODY,
)
def notification(
    request: Request[Any, Any, Any],
    body: RawBody,
    issuance: NamedDependency[Issuance],
    possession: NamedDependency[Possession],
    now: NamedDependency[datetime],
) -> None:
    """Notification endpoint (OpenID4VCI 1.0 section 11): what became of a batch."""
    access_token, dpop_jkt = presented_token(request, possession, now)
    require_media_type(request, JSON)
    grant = issuance.admit(access_token, dpop_jkt, now)
    try:
        said = read_as(body, NotificationRequest)
    except UnreadableError as error:
        raise ProtocolError(
            WireError.INVALID_NOTIFICATION_REQUEST, "The request cannot be read."
        ) from error
    issuance.notify(grant, said.notification_id, said.event.value, now)


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


def read_form(body: bytes) -> dict[str, str]:
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


def proofs_of(request: Request[Any, Any, Any]) -> list[str]:
    """Every field named DPoP (RFC 9449 section 4.1 allows one)."""
    return request.headers.getall("dpop", [])


def next_nonce(possession: Possession, dpop_jkt: str | None, now: datetime) -> dict[str, str]:
    """The nonce for the next proof of whoever sends proofs (RFC 9449 section 8.2)."""
    return {} if dpop_jkt is None else {"dpop-nonce": possession.fresh_nonce(now)}


def client_of(
    request: Request[Any, Any, Any],
    client_authentication: ClientAuthentication,
    form: Mapping[str, str],
    now: datetime,
) -> AttestedClient | None:
    """The attested wallet that sends a form; None where it comes without an attestation."""
    return client_authentication.authenticated(
        request.headers.getall("oauth-client-attestation", []),
        request.headers.getall("oauth-client-attestation-pop", []),
        client_id=form.get("client_id"),
        now=now,
    )


def next_challenge(
    client_authentication: ClientAuthentication, client: AttestedClient | None, now: datetime
) -> Mapping[str, str]:
    """The challenge for the next proof of whoever is attested (draft 10, section 6.2)."""
    return {} if client is None else client_authentication.next_challenge(now)


def presented_token(
    request: Request[Any, Any, Any], possession: Possession, now: datetime
) -> tuple[str, str | None]:
    """The access token, from its header alone (RFC 6750 section 2.1), and the key shown with it."""
    scheme, _, access_token = request.headers.get("authorization", "").partition(" ")
    access_token = access_token.strip()
    if scheme.lower() not in {"bearer", "dpop"} or not access_token:
        raise ProtocolError(WireError.INVALID_TOKEN, "An access token is needed.")
    if scheme.lower() == "bearer":
        return access_token, None
    dpop_jkt = possession.proven(
        proofs_of(request), path=request.url.path, now=now, access_token=access_token
    )
    return access_token, dpop_jkt


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
    return wanted


def _deferred_request(body: bytes) -> DeferredRequest:
    try:
        return read_as(body, DeferredRequest)
    except UnreadableError as error:
        raise ProtocolError(
            WireError.INVALID_CREDENTIAL_REQUEST, "The request cannot be read."
        ) from error


def _configuration(wanted: CredentialRequest, granted: tuple[str, ...], *, by_details: bool) -> str:
    """Which configuration is wanted.

    A token that came with identifiers wants one of them, any other names a configuration.
    """
    if wanted.credential_identifier is not None:
        identifiers = {identifier_of(one): one for one in granted} if by_details else {}
        if wanted.credential_identifier not in identifiers:
            raise ProtocolError(
                WireError.UNKNOWN_CREDENTIAL_IDENTIFIER, "It was not given out with this token."
            )
        return identifiers[wanted.credential_identifier]
    configuration = wanted.credential_configuration_id
    if configuration is None or configuration not in granted:
        raise ProtocolError(WireError.UNKNOWN_CREDENTIAL_CONFIGURATION, "Not offered here.")
    if by_details:
        raise ProtocolError(
            WireError.INVALID_CREDENTIAL_REQUEST,
            "This token came with credential identifiers, and one of them is needed.",
        )
    return configuration


def _proofs(wanted: CredentialRequest) -> CredentialProofs:
    if wanted.proofs is None or not (wanted.proofs.jwt or wanted.proofs.attestation):
        raise ProtocolError(WireError.INVALID_PROOF, "A jwt or attestation proof is needed.")
    return wanted.proofs


# -- refusals in the form of the texts


def on_protocol_error(
    request: Request[Any, Any, Any], error: ProtocolError
) -> Response[dict[str, str]]:
    """RFC 6749 section 5.2 and OpenID4VCI 1.0 section 8.3.1."""
    headers = {**NO_STORE, **error.headers}
    if error.error is WireError.INVALID_TOKEN:
        scheme = request.headers.get("authorization", "").partition(" ")[0].lower()
        by_key = challenge(error.error)
        by_bearer = f'Bearer error="{error.error.value}"'
        headers["www-authenticate"] = by_key if scheme == "dpop" else f"{by_bearer}, {by_key}"
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
    route_handlers=[
        token,
        nonce,
        challenge_for_wallets,
        credential,
        deferred_credential,
        notification,
    ],
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
        make_backup_code,
        void_backup_code,
        offer,
        issuer_metadata,
        credential_type,
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
