"""What wallets and verifiers read of the issuer before they ask for anything."""

from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler

from jiazhao.config import Config
from jiazhao.errors import ErrorCode, JiazhaoError, Kind
from jiazhao.http.access import Permission, demands
from jiazhao.http.bodies import JSON
from jiazhao.http.openapi import ANSWERS, REFUSES
from jiazhao.issuance import messages
from jiazhao.issuance.encryption import Encryption
from jiazhao.issuance.formats import TYPE_PATH, type_metadata
from jiazhao.issuance.metadata import (
    JWT,
    LANGUAGES,
    in_languages,
    languages_for,
    signed_metadata,
    wants_signed,
)
from jiazhao.issuance.routes.requests import DAILY
from jiazhao.trust import Trust
from jiazhao.trust.hierarchy import Role, crl_path

_METADATA = {
    200: {
        "description": "The metadata, as JSON or signed.",
        "content": {JSON: {"schema": {"type": "object"}}, JWT: {"schema": {"type": "string"}}},
    }
}


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


def _revocation_list_of(root: Role) -> HTTPRouteHandler:
    """The door of the list that the certificates under a root name."""

    @get(
        crl_path(root),
        sync_to_thread=False,
        opt=demands(Permission.ANYONE, **{REFUSES: (Kind.NOT_FOUND,)}),
        media_type="application/pkix-crl",
    )
    def revocation_list(trust: NamedDependency[Trust]) -> Response[bytes]:
        """What this root has withdrawn (RFC 5280)."""
        der = trust.revocation_lists.get(root)
        if der is None:
            raise JiazhaoError(ErrorCode.NOT_FOUND)
        return Response(der, media_type="application/pkix-crl", headers=DAILY)

    return revocation_list


revocation_lists = [_revocation_list_of(role) for role in Role if role.is_root]
