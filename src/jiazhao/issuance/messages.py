"""Messages of the claim and of OpenID4VCI 1.0, and the issuer's metadata."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from msgspec import Meta, Struct, field

from jiazhao.config import Config
from jiazhao.issuance.authorization import DETAILS_TYPE
from jiazhao.issuance.client_attestation import ALGORITHMS as ATTESTATION_ALGORITHMS
from jiazhao.issuance.dpop import ALGORITHMS as DPOP_ALGORITHMS
from jiazhao.issuance.formats import CONFIGURATIONS, FORMATS, configurations
from jiazhao.issuance.key_attestation import KeyRequirements
from jiazhao.issuance.proofs import ALGORITHMS as PROOF_ALGORITHMS

SCOPES = {configuration: configuration for configuration in CONFIGURATIONS}
"""Each scope with the configuration that it asks for."""

AUTHORIZATION_CODE = "authorization_code"
REFRESH_TOKEN = "refresh_token"  # noqa: S105  (a grant type, not a secret)
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
    """By a code that the offer carries, and one that travels by another way."""

    pre_authorized_code: str
    tx_code: TxCode


class AuthorizationCodeGrant(Struct):
    """By signing in; `issuer_state` ties the wallet's request to the offer."""

    issuer_state: str


class Grants(
    Struct,
    rename={
        "authorization_code": AUTHORIZATION_CODE,
        "pre_authorized": PRE_AUTHORIZED,
    },
):
    """The ways in which an offer can be taken; the wallet chooses one."""

    authorization_code: AuthorizationCodeGrant
    pre_authorized: PreAuthorizedGrant


class CredentialOffer(Struct):
    """OpenID4VCI 1.0 section 4.1.1."""

    credential_issuer: str
    credential_configuration_ids: list[str]
    grants: Grants


class ClaimAnswer(Struct):
    """An offer with its transaction code, both on the holder's own session."""

    credential_offer_uri: str
    credential_offer: CredentialOffer
    tx_code: str
    expires_at: datetime


class AuthorizationDetail(Struct):
    """OpenID4VCI 1.0 section 6.2: what the token is good for, by identifiers."""

    type: str
    credential_configuration_id: str
    credential_identifiers: list[str]


class TokenResponse(Struct, omit_defaults=True):
    """RFC 6749 section 5.1."""

    access_token: str
    token_type: str
    expires_in: int
    refresh_token: str
    scope: str | None = None
    authorization_details: list[AuthorizationDetail] | None = None


class PushedAuthorizationResponse(Struct):
    """RFC 9126 section 2.2."""

    request_uri: str
    expires_in: int


class NonceResponse(Struct):
    """OpenID4VCI 1.0 section 7.2."""

    c_nonce: str


class ChallengeResponse(Struct):
    """Attestation-Based Client Authentication (draft 10), section 6.1."""

    attestation_challenge: str


class CredentialProofs(Struct):
    """Key proofs by their type."""

    jwt: list[str] = field(default_factory=list)
    attestation: list[str] = field(default_factory=list)


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
    notification_id: str


class DeferredResponse(Struct):
    """OpenID4VCI 1.0 section 8.3: the claim waits; `interval` is in seconds."""

    transaction_id: str
    interval: int


class DeferredRequest(Struct):
    """OpenID4VCI 1.0 section 9.1. Unknown members are passed over, as the text asks."""

    transaction_id: Annotated[str, Meta(max_length=256)]
    credential_response_encryption: Any = None


class BackupCodeRequest(Struct, forbid_unknown_fields=True):
    """Make a printed backup code; nothing is to be chosen."""


class BackupCodeAnswer(Struct):
    """The 718 octets of the code in base64url; it is shown once and kept by nobody here."""

    code: str
    expires_at: datetime


class NotificationEvent(StrEnum):
    """What can become of a batch (OpenID4VCI 1.0 section 11.1)."""

    ACCEPTED = "credential_accepted"
    FAILURE = "credential_failure"
    DELETED = "credential_deleted"


class NotificationRequest(Struct):
    """OpenID4VCI 1.0 section 11.1; the description is for people and is not kept."""

    notification_id: str
    event: NotificationEvent
    event_description: str | None = None


def credential_offer(
    issuer: str, code: str, issuer_state: str, tx_code_digits: int
) -> CredentialOffer:
    """The offer that can be taken with `code` or by signing in."""
    return CredentialOffer(
        credential_issuer=issuer,
        credential_configuration_ids=list(FORMATS),
        grants=Grants(
            authorization_code=AuthorizationCodeGrant(issuer_state=issuer_state),
            pre_authorized=PreAuthorizedGrant(
                pre_authorized_code=code,
                tx_code=TxCode(
                    input_mode="numeric",
                    length=tx_code_digits,
                    description="请输入交易码 / Enter the transaction code",
                ),
            ),
        ),
    )


def issuer_metadata(config: Config, encryption: Mapping[str, Any]) -> dict[str, Any]:
    """OpenID4VCI 1.0 section 12.2.4; `encryption` are its members on that."""
    issuer = config.public_url
    mark_zh, mark_en = ("样本 ", "SPECIMEN ") if config.is_demo else ("", "")
    return {
        "credential_issuer": issuer,
        "credential_endpoint": f"{issuer}/issuance/credential",
        "nonce_endpoint": f"{issuer}/issuance/nonce",
        "deferred_credential_endpoint": f"{issuer}/issuance/deferred-credential",
        "notification_endpoint": f"{issuer}/issuance/notification",
        **encryption,
        # `refill_at` is ours: with so many unused copies left, a wallet should come back.
        "batch_credential_issuance": {
            "batch_size": config.batch_size,
            "refill_at": config.batch_refill_at,
        },
        "display": [
            {"name": f"{mark_zh}电子驾驶证签发机关", "locale": "zh-CN"},
            {"name": f"{mark_en}Driving Licence Issuer", "locale": "en"},
        ],
        "credential_configurations_supported": configurations(
            config.public_url, _proof_types(config), specimen=config.is_demo
        ),
    }


def _proof_types(config: Config) -> dict[str, Any]:
    """How a wallet proves its keys, and whether somebody has to vouch for them."""
    requirements = KeyRequirements.of(config)
    algorithms = {"proof_signing_alg_values_supported": list(PROOF_ALGORITHMS)}
    attested = {**algorithms, "key_attestations_required": requirements.metadata()}
    if config.key_attesters_dir is None and not config.own_wallet_vouched:
        return {"jwt": algorithms}
    return {"jwt": attested if requirements.is_required else algorithms, "attestation": attested}


def authorization_server_metadata(config: Config) -> dict[str, Any]:
    """RFC 8414 section 2; the issuer is its own authorization server."""
    issuer = config.public_url
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "pushed_authorization_request_endpoint": f"{issuer}/issuance/par",
        "require_pushed_authorization_requests": config.pushed_authorization_required,
        "token_endpoint": f"{issuer}/issuance/token",
        "grant_types_supported": [AUTHORIZATION_CODE, PRE_AUTHORIZED, REFRESH_TOKEN],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "scopes_supported": list(SCOPES),
        "authorization_details_types_supported": [DETAILS_TYPE],
        "code_challenge_methods_supported": ["S256"],
        **_client_authentication(config),
        "dpop_signing_alg_values_supported": list(DPOP_ALGORITHMS),
        "status_list_aggregation_endpoint": f"{issuer}/status-lists",
        "authorization_response_iss_parameter_supported": True,
        "pre-authorized_grant_anonymous_access_supported": config.issuance_profile == "plain",
    }


def _client_authentication(config: Config) -> dict[str, Any]:
    """How wallets show who they are (Attestation-Based Client Authentication, section 8)."""
    methods = ["none"] if config.issuance_profile == "plain" else []
    if config.wallet_attesters_dir is None and not config.own_wallet_vouched:
        return {"token_endpoint_auth_methods_supported": methods}
    return {
        "token_endpoint_auth_methods_supported": [*methods, "attest_jwt_client_auth"],
        "challenge_endpoint": f"{config.public_url}/issuance/challenge",
        "client_attestation_signing_alg_values_supported": list(ATTESTATION_ALGORITHMS),
        "client_attestation_pop_signing_alg_values_supported": list(ATTESTATION_ALGORITHMS),
    }
