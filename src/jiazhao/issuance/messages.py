"""Messages of the claim and of OpenID4VCI 1.0, and the issuer's metadata."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct, field

from jiazhao.issuance.formats import FORMATS, configurations

PRE_AUTHORIZED = "urn:ietf:params:oauth:grant-type:pre-authorized_code"


class ClaimRequest(Struct, forbid_unknown_fields=True):
    """The holder asks for the electronic licence on this device."""

    replace: bool = False


class CounterOfferRequest(Struct, forbid_unknown_fields=True):
    """A clerk makes an offer for a person who stands at the counter."""

    holder_id: Annotated[str, Meta(min_length=4, max_length=36)]


class TxCode(Struct):
    """What the wallet must ask the person for."""

    input_mode: str
    length: int
    description: str


class PreAuthorizedGrant(Struct, rename={"pre_authorized_code": "pre-authorized_code"}):
    """The one grant of an offer."""

    pre_authorized_code: str
    tx_code: TxCode


class CredentialOffer(Struct):
    """OpenID4VCI 1.0 section 4.1.1."""

    credential_issuer: str
    credential_configuration_ids: list[str]
    grants: dict[str, PreAuthorizedGrant]


class ClaimAnswer(Struct):
    """An offer with its transaction code, both on the holder's own session."""

    credential_offer_uri: str
    credential_offer: CredentialOffer
    tx_code: str
    expires_at: datetime


class TokenResponse(Struct):
    """RFC 6749 section 5.1."""

    access_token: str
    token_type: str
    expires_in: int


class NonceResponse(Struct):
    """OpenID4VCI 1.0 section 7.2."""

    c_nonce: str


class CredentialProofs(Struct):
    """Key proofs by their type; only `jwt` is offered."""

    jwt: list[str] = field(default_factory=list)


class CredentialRequest(Struct):
    """OpenID4VCI 1.0 section 8.2. Unknown members are passed over, as the text asks."""

    credential_configuration_id: str | None = None
    credential_identifier: str | None = None
    proofs: CredentialProofs | None = None
    credential_response_encryption: Any = None


class IssuedCredential(Struct):
    """One copy, as its format is written in JSON."""

    credential: str


class CredentialResponse(Struct):
    """OpenID4VCI 1.0 section 8.3."""

    credentials: list[IssuedCredential]


def credential_offer(issuer: str, code: str, tx_code_digits: int) -> CredentialOffer:
    """The offer that carries `code`."""
    return CredentialOffer(
        credential_issuer=issuer,
        credential_configuration_ids=list(FORMATS),
        grants={
            PRE_AUTHORIZED: PreAuthorizedGrant(
                pre_authorized_code=code,
                tx_code=TxCode(
                    input_mode="numeric",
                    length=tx_code_digits,
                    description="请输入交易码 / Enter the transaction code",
                ),
            )
        },
    )


def issuer_metadata(issuer: str, *, specimen: bool) -> dict[str, Any]:
    """OpenID4VCI 1.0 section 12.2.4."""
    mark_zh, mark_en = ("样本 ", "SPECIMEN ") if specimen else ("", "")
    return {
        "credential_issuer": issuer,
        "credential_endpoint": f"{issuer}/issuance/credential",
        "nonce_endpoint": f"{issuer}/issuance/nonce",
        "display": [
            {"name": f"{mark_zh}电子驾驶证签发机关", "locale": "zh-CN"},
            {"name": f"{mark_en}Driving Licence Issuer", "locale": "en"},
        ],
        "credential_configurations_supported": configurations(specimen=specimen),
    }


def authorization_server_metadata(issuer: str) -> dict[str, Any]:
    """RFC 8414 section 2; the issuer is its own authorization server."""
    return {
        "issuer": issuer,
        "token_endpoint": f"{issuer}/issuance/token",
        "grant_types_supported": [PRE_AUTHORIZED],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["none"],
        "pre-authorized_grant_anonymous_access_supported": True,
    }
