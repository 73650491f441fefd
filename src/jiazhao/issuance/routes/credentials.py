"""Doors of copies: at once, later, and what became of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import RawBody

from jiazhao.config import Config
from jiazhao.errors import UnreadableError
from jiazhao.http.bodies import JSON, read_as, require_media_type
from jiazhao.http.metrics import ISSUED
from jiazhao.http.openapi import ANSWERS
from jiazhao.issuance.authorization import identifier_of
from jiazhao.issuance.encryption import Encryption, ResponseKey
from jiazhao.issuance.formats import CONFIGURATIONS, on_the_wire
from jiazhao.issuance.granting import Tokens
from jiazhao.issuance.messages import (
    CredentialProofs,
    CredentialRequest,
    CredentialResponse,
    DeferredRequest,
    DeferredResponse,
    IssuedCredential,
    NotificationEvent,
    NotificationRequest,
)
from jiazhao.issuance.metadata import JWT
from jiazhao.issuance.possession import Possession
from jiazhao.issuance.protocol import ProtocolError, WireError
from jiazhao.issuance.routes.requests import (
    MAX_BODY,
    NO_STORE,
    next_nonce,
    presented_token,
    with_token,
)
from jiazhao.issuance.service import Deferred, Issuance, IssuedBatch

_TEXT = {"type": "string"}
_JWT = {JWT: {"schema": _TEXT}}

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


@post(
    "/issuance/credential",
    status_code=200,
    sync_to_thread=True,
    opt=with_token(_CREDENTIAL_JSON, **{ANSWERS: _COPIES_OR_LATER}),
    request_max_body_size=MAX_BODY,
)
def credential(
    request: Request[Any, Any, Any],
    body: RawBody,
    tokens: NamedDependency[Tokens],
    issuance: NamedDependency[Issuance],
    possession: NamedDependency[Possession],
    config: NamedDependency[Config],
    encryption: NamedDependency[Encryption],
    now: NamedDependency[datetime],
) -> Response[CredentialResponse] | Response[DeferredResponse]:
    """Credential endpoint (OpenID4VCI 1.0 section 8)."""
    access_token, dpop_jkt = presented_token(request, possession, now)
    grant = tokens.admit(access_token, dpop_jkt, now)
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
    opt=with_token(_DEFERRED_JSON, **{ANSWERS: _COPIES_OR_LATER}),
    request_max_body_size=MAX_BODY,
)
def deferred_credential(
    request: Request[Any, Any, Any],
    body: RawBody,
    tokens: NamedDependency[Tokens],
    issuance: NamedDependency[Issuance],
    possession: NamedDependency[Possession],
    config: NamedDependency[Config],
    encryption: NamedDependency[Encryption],
    now: NamedDependency[datetime],
) -> Response[CredentialResponse] | Response[DeferredResponse]:
    """Deferred credential endpoint (OpenID4VCI 1.0 section 9)."""
    access_token, dpop_jkt = presented_token(request, possession, now)
    tokens.admit(access_token, dpop_jkt, now)
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
    opt=with_token(_NOTIFICATION_JSON),
    request_max_body_size=MAX_BODY,
)
def notification(
    request: Request[Any, Any, Any],
    body: RawBody,
    tokens: NamedDependency[Tokens],
    issuance: NamedDependency[Issuance],
    possession: NamedDependency[Possession],
    now: NamedDependency[datetime],
) -> None:
    """Notification endpoint (OpenID4VCI 1.0 section 11): what became of a batch."""
    access_token, dpop_jkt = presented_token(request, possession, now)
    require_media_type(request, JSON)
    grant = tokens.admit(access_token, dpop_jkt, now)
    try:
        said = read_as(body, NotificationRequest)
    except UnreadableError as error:
        raise ProtocolError(
            WireError.INVALID_NOTIFICATION_REQUEST, "The request cannot be read."
        ) from error
    issuance.notify(grant, said.notification_id, said.event.value, now)


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
