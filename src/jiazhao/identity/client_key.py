"""The key with which this system shows an identity provider who asks (`private_key_jwt`).

Sources: OpenID Connect Core 1.0, 9; RFC 7523. Who can read the key can redeem an intercepted
code, but still lacks the verifier of PKCE. Gap: the key is not encrypted at rest.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from jiazhao.errors import ConfigurationError, ErrorCode
from jiazhao.trust.durable import write_durably

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS = 60
"""An assertion is used at once."""


def open_client_key(path: Path) -> ECKey:
    """Read the P-256 key at `path`, or make it on the first start; 0600 or refused."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = ec.generate_private_key(ec.SECP256R1())
        pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_durably(path, pem, mode=0o600)
    if path.stat().st_mode & 0o077:
        raise _unusable(path, "readable by others / 他人可读")
    try:
        key = ECKey.import_key(path.read_bytes())
    except (JoseError, ValueError) as error:
        raise _unusable(path, "damaged / 已损坏") from error
    if not key.is_private or key.curve_name != "P-256":
        raise _unusable(path, "not a private P-256 key / 不是 P-256 私钥")
    key.ensure_kid()
    return key


def public_jwk(key: ECKey) -> dict[str, Any]:
    """The public half, as the identity provider registers it."""
    return {**key.as_dict(private=False), "use": "sig", "alg": "ES256"}


def assertion(key: ECKey, *, client: str, audience: str, name: str, now: datetime) -> str:
    """A statement of who asks, for one use: `name` is its `jti`."""
    issued = int(now.timestamp())
    claims = {
        "iss": client,
        "sub": client,
        "aud": audience,
        "jti": name,
        "iat": issued,
        "exp": issued + ASSERTION_SECONDS,
    }
    return jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key, algorithms=["ES256"])


def _unusable(path: Path, reason: str) -> ConfigurationError:
    return ConfigurationError(ErrorCode.BAD_CONFIGURATION, key=path.name, reason=reason)
