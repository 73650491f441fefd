"""Errors of OAuth 2.0 and OpenID4VCI 1.0 in the form of their texts, not as problem documents.

Sources: RFC 6749 section 5.2; RFC 6750 section 3; OpenID4VCI 1.0 sections 6.3 and 8.3.1.
"""

from enum import StrEnum

from jiazhao.errors import ErrorCode, JiazhaoError


class WireError(StrEnum):
    """The codes of the texts that these doors answer with."""

    INVALID_REQUEST = "invalid_request"
    INVALID_GRANT = "invalid_grant"
    UNSUPPORTED_GRANT_TYPE = "unsupported_grant_type"
    INVALID_TOKEN = "invalid_token"  # noqa: S105  (an error code, not a secret)
    INVALID_CREDENTIAL_REQUEST = "invalid_credential_request"
    UNKNOWN_CREDENTIAL_CONFIGURATION = "unknown_credential_configuration"
    UNKNOWN_CREDENTIAL_IDENTIFIER = "unknown_credential_identifier"
    INVALID_PROOF = "invalid_proof"
    INVALID_NONCE = "invalid_nonce"
    INVALID_ENCRYPTION_PARAMETERS = "invalid_encryption_parameters"
    CREDENTIAL_REQUEST_DENIED = "credential_request_denied"


class ProtocolError(JiazhaoError):
    """A refusal that a wallet reads. `description` is printable ASCII (RFC 6749 section 5.2)."""

    def __init__(self, error: WireError, description: str) -> None:
        super().__init__(ErrorCode.PROTOCOL, error=error.value, description=description)
        self.error = error
        self.description = description

    @property
    def status(self) -> int:
        """The HTTP status: 401 for the token, 400 for everything else."""
        return 401 if self.error is WireError.INVALID_TOKEN else 400
