"""Names of RFC 9901 and of the SD-JWT VC draft that are written in one place."""

from typing import Final

MEDIA_TYPE: Final = "dc+sd-jwt"
"""`typ` of the issuer's JWT, and the format's name in OpenID4VCI and OpenID4VP."""
KEY_BINDING_TYPE: Final = "kb+jwt"

DIGESTS: Final = "_sd"
DIGEST_ALGORITHM_NAME: Final = "_sd_alg"
ARRAY_DIGEST: Final = "..."
DIGEST_ALGORITHM: Final = "sha-256"
"""The only one that is written or read here; RFC 9901, 4.1.1, makes it the default."""

NEVER_DISCLOSED: Final = frozenset(
    {"iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status"}
)  # fmt: skip
"""What a holder must not be able to leave out (SD-JWT VC draft, registered claims)."""
