"""Errors of OAuth 2.0 and OpenID4VCI 1.0 in the form of their texts, not as problem documents.

Sources: RFC 6749 sections 4.1.2.1 and 5.2; RFC 6750 section 3; RFC 9396 section 5; RFC 9449
sections 5, 7 and 8; OpenID4VCI 1.0 sections 6.3, 8.3.1, 9.3 and 11.3; OAuth 2.0
Attestation-Based Client Authentication (draft 10), section 7.4.
"""

from collections.abc import Mapping
from enum import StrEnum

from jiazhao.errors import ErrorCode, JiazhaoError


class WireError(StrEnum):
    """The codes of the texts that these doors answer with."""

    INVALID_REQUEST = "invalid_request"
    INVALID_CLIENT = "invalid_client"
    INVALID_CLIENT_ATTESTATION = "invalid_client_attestation"
    USE_ATTESTATION_CHALLENGE = "use_attestation_challenge"
    USE_FRESH_ATTESTATION = "use_fresh_attestation"
    INVALID_GRANT = "invalid_grant"
    INVALID_SCOPE = "invalid_scope"
    INVALID_AUTHORIZATION_DETAILS = "invalid_authorization_details"
    UNSUPPORTED_GRANT_TYPE = "unsupported_grant_type"
    UNSUPPORTED_RESPONSE_TYPE = "unsupported_response_type"
    ACCESS_DENIED = "access_denied"
    INVALID_TOKEN = "invalid_token"  # noqa: S105  (an error code, not a secret)
    INVALID_DPOP_PROOF = "invalid_dpop_proof"
    USE_DPOP_NONCE = "use_dpop_nonce"
    INVALID_CREDENTIAL_REQUEST = "invalid_credential_request"
    UNKNOWN_CREDENTIAL_CONFIGURATION = "unknown_credential_configuration"
    UNKNOWN_CREDENTIAL_IDENTIFIER = "unknown_credential_identifier"
    INVALID_PROOF = "invalid_proof"
    INVALID_NONCE = "invalid_nonce"
    INVALID_ENCRYPTION_PARAMETERS = "invalid_encryption_parameters"
    INVALID_TRANSACTION_ID = "invalid_transaction_id"
    INVALID_NOTIFICATION_ID = "invalid_notification_id"
    INVALID_NOTIFICATION_REQUEST = "invalid_notification_request"
    CREDENTIAL_REQUEST_DENIED = "credential_request_denied"


_STATUS_401 = frozenset(
    {WireError.INVALID_TOKEN, WireError.INVALID_CLIENT, WireError.INVALID_CLIENT_ATTESTATION}
)


class ProtocolError(JiazhaoError):
    """A refusal that a wallet reads. `description` is printable ASCII (RFC 6749 section 5.2).

    `status` is the HTTP status: 401 for a token or a client that is not known, else 400.
    `headers` are answered with it.
    """

    def __init__(
        self,
        error: WireError,
        description: str,
        *,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(ErrorCode.PROTOCOL, error=error.value, description=description)
        self.error = error
        self.description = description
        self.status = status or (401 if error in _STATUS_401 else 400)
        self.headers = headers or {}
