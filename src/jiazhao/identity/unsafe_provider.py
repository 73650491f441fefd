"""An identity provider for demonstrations: pick a made-up person, no questions asked.

UNSAFE: it proves nothing about anybody and is refused in production. Towards this system it
behaves as a strict provider (OpenID Connect Core 1.0, PKCE with S256 only, exact redirect URIs,
codes for one use, `private_key_jwt`, RFC 9207), so that the whole sign-in is real but the proof.
On disk it keeps its signing key and nothing else.
"""

import hashlib
import hmac
import secrets
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec
import pybase64
import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from jiazhao.config import Config
from jiazhao.errors import ConfigurationError, ErrorCode, JiazhaoError
from jiazhao.http.access import Role
from jiazhao.identity import roles
from jiazhao.identity.client_key import ASSERTION_TYPE, open_client_key, public_jwk
from jiazhao.identity.service import Identity

log = structlog.get_logger(__name__)

ACR = "urn:jiazhao:demo:face"
"""What it claims to have checked."""

CODE_LIFE = timedelta(seconds=60)
PAGE_LIFE = timedelta(minutes=10)
TOKEN_LIFE = timedelta(minutes=5)
MAX_CODES = 10_000
"""Codes wait in memory for a minute; more than this is a flood, and the oldest go."""

ASKERS = {
    "wallet": "电子驾驶证 Wallet",
    "terminal": "路面查验 Terminal",
    "console": "管理台 Console",
}


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A made-up person; `identity_number` is set for drivers, `unit` for staff."""

    subject: str
    name: str
    role: Role
    role_zh: str
    role_en: str
    label_zh: str
    label_en: str
    identity_number: str | None = field(default=None, repr=False)
    unit: str = ""


@dataclass(frozen=True, slots=True)
class DemoClient:
    """A client that may ask: redirect URI to who asks there, and its public key."""

    client_id: str
    redirect_uris: Mapping[str, str]
    key: ECKey = field(repr=False)


class OAuthError(JiazhaoError):
    """An error of RFC 6749 for the program that asked; `error` is its code on the wire."""

    def __init__(self, error: str) -> None:
        super().__init__(ErrorCode.SIGN_IN_FAILED)
        self.error = error


class AuthorizationRequest(msgspec.Struct, frozen=True):
    """A sign-in that was asked for and waits for a person to be picked."""

    client_id: str
    redirect_uri: str
    state: str
    nonce: str
    code_challenge: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class _Code:
    request: AuthorizationRequest
    person: DemoPerson
    picked_at: datetime


def clients_of(identity: Identity) -> list[DemoClient]:
    """This system's own clients, one for each client id that the configuration names."""
    uris: dict[str, dict[str, str]] = {}
    for app in identity.config.origins:
        client = identity.client(app)
        uris.setdefault(client.client_id, {})[client.redirect_uri] = ASKERS.get(app, app)
    key = ECKey.import_key(public_jwk(identity.client_key))
    return [DemoClient(client_id, uris[client_id], key) for client_id in uris]


def appoint_unsafe_staff(identity: Identity, people: Iterable[DemoPerson], now: datetime) -> None:
    """Give made-up staff their roles; refused in production."""
    for person in people:
        if person.role is not Role.DRIVER:
            roles.appoint_for_demonstration(
                identity,
                subject=person.subject,
                role=person.role,
                name=person.name,
                unit=person.unit,
                now=now,
            )


class UnsafeIdentityProvider:
    """The provider without its HTTP door; raises `ConfigurationError` in production."""

    def __init__(
        self, *, config: Config, people: Sequence[DemoPerson], clients: Sequence[DemoClient]
    ) -> None:
        if config.environment != "demo":
            raise ConfigurationError(ErrorCode.UNSAFE_IN_PRODUCTION, what="UnsafeIdentityProvider")
        self.issuer = config.identity_issuer
        self.people = {person.subject: person for person in people}
        self.clients = {client.client_id: client for client in clients}
        self._key = open_client_key(config.state_dir / "keys" / "unsafe-identity-provider.pem")
        self._page_key = AESGCM.generate_key(256)
        self._codes: dict[str, _Code] = {}
        self._assertions: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def metadata(self) -> dict[str, Any]:
        """The discovery document."""
        base = self.issuer.rstrip("/")
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/token",
            "jwks_uri": f"{base}/jwks",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "scopes_supported": ["openid", "profile"],
            "acr_values_supported": [ACR],
            "id_token_signing_alg_values_supported": ["ES256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }

    def jwks(self) -> dict[str, Any]:
        """The key that verifies ID tokens."""
        return {"keys": [public_jwk(self._key)]}

    # -- the browser's part

    def ask(self, query: Mapping[str, str], now: datetime) -> AuthorizationRequest:
        """Check a request for a sign-in.

        Raises `OAuthError` while it is not sure where to send the browser back to.
        """
        client = self.clients.get(query.get("client_id", ""))
        redirect_uri = query.get("redirect_uri", "")
        if client is None or redirect_uri not in client.redirect_uris:
            raise OAuthError("invalid_request")
        challenge = query.get("code_challenge", "")
        if query.get("code_challenge_method") != "S256" or len(challenge) != 43:
            raise OAuthError("invalid_request")
        if query.get("response_type") != "code" or "openid" not in query.get("scope", "").split():
            raise OAuthError("invalid_request")
        expires_at = int((now + PAGE_LIFE).timestamp())
        return AuthorizationRequest(
            client_id=client.client_id,
            redirect_uri=redirect_uri,
            state=query.get("state", ""),
            nonce=query.get("nonce", ""),
            code_challenge=challenge,
            expires_at=expires_at,
        )

    def asker(self, request: AuthorizationRequest) -> str:
        """Who asks for the sign-in."""
        return self.clients[request.client_id].redirect_uris[request.redirect_uri]

    def transaction(self, request: AuthorizationRequest) -> str:
        """The request as the page carries it, so that nothing is remembered meanwhile."""
        nonce = secrets.token_bytes(12)
        sealed = AESGCM(self._page_key).encrypt(nonce, msgspec.json.encode(request), None)
        return pybase64.urlsafe_b64encode(nonce + sealed).decode()

    def pick(self, transaction: str, subject: str, now: datetime) -> str:
        """Take the choice of a person and return where the browser goes with the code."""
        request = self._opened(transaction)
        person = self.people.get(subject)
        if person is None or now.timestamp() >= request.expires_at:
            raise OAuthError("invalid_request")
        code = secrets.token_urlsafe(32)
        with self._lock:
            while len(self._codes) >= MAX_CODES:
                self._codes.pop(next(iter(self._codes)))
            self._codes[code] = _Code(request, person, now)
        log.warning("unsafe_sign_in", client=request.client_id, role=person.role)
        return self._back(request, {"code": code})

    def _opened(self, transaction: str) -> AuthorizationRequest:
        try:
            octets = pybase64.b64decode(transaction, altchars=b"-_", validate=True)
            opened = AESGCM(self._page_key).decrypt(octets[:12], octets[12:], None)
        except (ValueError, InvalidTag) as error:
            raise OAuthError("invalid_request") from error
        return msgspec.json.decode(opened, type=AuthorizationRequest)

    def _back(self, request: AuthorizationRequest, answer: Mapping[str, str]) -> str:
        query = urlencode({**answer, "state": request.state, "iss": self.issuer})
        return f"{request.redirect_uri}?{query}"

    # -- the server's part

    def redeem(self, form: Mapping[str, str], now: datetime) -> dict[str, Any]:
        """Hand out the ID token for a code; raises `OAuthError`."""
        client = self._authenticated(form, now)
        if form.get("grant_type") != "authorization_code":
            raise OAuthError("unsupported_grant_type")
        with self._lock:
            # Taken out before it is looked at: a code is good for one attempt.
            code = self._codes.pop(form.get("code", ""), None)
        if code is None or now - code.picked_at >= CODE_LIFE:
            raise OAuthError("invalid_grant")
        request = code.request
        if (request.client_id, request.redirect_uri) != (
            client.client_id,
            form.get("redirect_uri"),
        ):
            raise OAuthError("invalid_grant")
        if not hmac.compare_digest(
            _challenge(form.get("code_verifier", "")), request.code_challenge
        ):
            raise OAuthError("invalid_grant")
        return {
            "token_type": "Bearer",
            "access_token": secrets.token_urlsafe(32),  # good for nothing: there is no API
            "expires_in": 1,
            "id_token": self._id_token(code, now),
        }

    def _authenticated(self, form: Mapping[str, str], now: datetime) -> DemoClient:
        client = self.clients.get(form.get("client_id", ""))
        if client is None or form.get("client_assertion_type") != ASSERTION_TYPE:
            raise OAuthError("invalid_client")
        try:
            token = jwt.decode(form.get("client_assertion", ""), client.key, algorithms=["ES256"])
        except (JoseError, ValueError) as error:
            raise OAuthError("invalid_client") from error
        claims, at = token.claims, now.timestamp()
        names_itself = claims.get("iss") == claims.get("sub") == client.client_id
        lapses, name = claims.get("exp"), claims.get("jti")
        if not (names_itself and claims.get("aud") == self.issuer and isinstance(name, str)):
            raise OAuthError("invalid_client")
        if not isinstance(lapses, int) or not at - 30 < lapses <= at + 300:
            raise OAuthError("invalid_client")
        self._use_once(name, now)
        return client

    def _use_once(self, name: str, now: datetime) -> None:
        with self._lock:
            horizon = now - timedelta(seconds=360)
            self._assertions = {n: at for n, at in self._assertions.items() if at > horizon}
            if name in self._assertions:
                raise OAuthError("invalid_client")
            self._assertions[name] = now

    def _id_token(self, code: _Code, now: datetime) -> str:
        person, issued = code.person, int(now.timestamp())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": person.subject,
            "aud": code.request.client_id,
            "iat": issued,
            "exp": issued + int(TOKEN_LIFE.total_seconds()),
            "auth_time": int(code.picked_at.timestamp()),
            "nonce": code.request.nonce,
            "acr": ACR,
            "name": person.name,
        }
        if person.identity_number is not None:
            claims["identity_number"] = person.identity_number
        header = {"alg": "ES256", "kid": self._key.kid}
        return jwt.encode(header, claims, self._key, algorithms=["ES256"])


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return pybase64.urlsafe_b64encode(digest).decode().rstrip("=")
