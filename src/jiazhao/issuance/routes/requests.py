"""What the doors of the protocol read alike: forms, tokens, proofs, who sends them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from litestar import Request

from jiazhao.errors import Kind
from jiazhao.http.access import Permission, demands
from jiazhao.http.openapi import BEARER, BODY, OAUTH_ERROR, REFUSALS, REFUSES
from jiazhao.issuance.client_attestation import AttestedClient
from jiazhao.issuance.client_authentication import ClientAuthentication
from jiazhao.issuance.possession import Possession
from jiazhao.issuance.protocol import ProtocolError, WireError

MAX_BODY = 64 * 1024
"""A credential request has about 600 octets for each proof; a batch is at most 100."""

MAX_FORM_FIELDS = 20

FORM = "application/x-www-form-urlencoded"

NO_STORE = {"cache-control": "no-store"}

DAILY = {"cache-control": "public, max-age=86400"}

REFUSED_AS_IN_THE_TEXT = {REFUSALS: ("application/json", OAUTH_ERROR)}


def with_token(body: Mapping[str, object], **described: object) -> dict[str, Any]:
    """What a door says of itself that takes an access token; `body` is how its request looks."""
    token = {BODY: body, BEARER: True, REFUSES: (Kind.UNAUTHENTICATED,)}
    return demands(Permission.ANYONE, **REFUSED_AS_IN_THE_TEXT, **token, **described)


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
