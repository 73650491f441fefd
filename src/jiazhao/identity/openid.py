"""The identity provider: what it publishes, where it is asked, what it hands out.

Sources: OpenID Connect Discovery 1.0, OpenID Connect Core 1.0 (UserInfo: 5.3), RFC 7636 (PKCE),
RFC 9207 (`iss` in the answer), RFC 9700. Every call goes through `http.outbound`, so all of the
provider's addresses must lie at the configured issuer's origin.
"""

import base64
import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import quote_plus, urlencode

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey, import_key

from jiazhao.errors import ErrorCode
from jiazhao.http.outbound import Answer, Outbound, OutboundError
from jiazhao.identity.client_key import ASSERTION_TYPE, assertion
from jiazhao.identity.id_token import Person
from jiazhao.identity.refusal import SignInRefusedError

METADATA_LIFE = timedelta(hours=1)
KEYS_LIFE = timedelta(minutes=10)
"""A key that the provider withdrew is trusted no longer than this."""

REFETCH_AFTER = timedelta(seconds=30)
"""An unknown key id fetches the keys anew, but no more often: forged tokens are free to make."""

REST_AFTER_FAILURE = timedelta(seconds=5)
"""A provider that did not answer is not asked again at once: waiting threads serve nobody."""

MAX_KEYS = 32
MAX_ACCESS_TOKEN_CHARS = 8 * 1024

T = TypeVar("T")
_Url = Annotated[str, msgspec.Meta(max_length=1024)]


class Metadata(msgspec.Struct, frozen=True):
    """What discovery says; what we do not use is not read."""

    issuer: _Url
    authorization_endpoint: _Url
    token_endpoint: _Url
    jwks_uri: _Url
    userinfo_endpoint: _Url | None = None
    authorization_response_iss_parameter_supported: bool = False


class _JwkSet(msgspec.Struct):
    keys: Annotated[list[dict[str, Any]], msgspec.Meta(max_length=MAX_KEYS)]


class Tokens(msgspec.Struct, frozen=True):
    """What a code was redeemed for; the ID token is unverified."""

    id_token: str
    access_token: Annotated[str, msgspec.Meta(max_length=MAX_ACCESS_TOKEN_CHARS)] | None = None

    def __repr__(self) -> str:
        return "Tokens()"


@dataclass(frozen=True, slots=True)
class Client:
    """Who we are to the provider at one origin."""

    client_id: str
    redirect_uri: str
    key: ECKey | None = field(default=None, repr=False)
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class _Cached(Generic[T]):
    value: T
    fetched_at: datetime

    def holds(self, now: datetime, life: timedelta) -> bool:
        # A clock that was set back makes an entry old, not eternal.
        return timedelta(0) <= now - self.fetched_at < life


class OpenIdProvider:
    """One provider, with a cache of one discovery document and one key set."""

    def __init__(
        self, issuer: str, outbound: Outbound, *, algorithms: Sequence[str] = ("ES256",)
    ) -> None:
        self.issuer = issuer
        self.algorithms = tuple(algorithms)
        self._outbound = outbound
        self._lock = threading.Lock()
        self._metadata: _Cached[Metadata] | None = None
        self._keys: _Cached[Mapping[str | None, Key]] | None = None
        self._failed_at: datetime | None = None

    def metadata(self, now: datetime) -> Metadata:
        """The discovery document; raises `SignInRefusedError`."""
        with self._lock:
            if self._metadata is None or not self._metadata.holds(now, METADATA_LIFE):
                url = self.issuer.rstrip("/") + "/.well-known/openid-configuration"
                metadata = self._fetch(url, Metadata, now)
                if metadata.issuer != self.issuer:
                    raise _unavailable("discovery_of_another_issuer")
                self._metadata = _Cached(metadata, now)
            return self._metadata.value

    def key(self, kid: str | None, now: datetime) -> Key:
        """The provider's key of that id; an unknown id refetches once, within limits."""
        url = self.metadata(now).jwks_uri
        with self._lock:
            cached = self._keys
            if cached is None or not cached.holds(now, KEYS_LIFE):
                cached = self._keys = self._fetch_keys(url, now)
            if kid not in cached.value and not cached.holds(now, REFETCH_AFTER):
                cached = self._keys = self._fetch_keys(url, now)
        key = cached.value.get(kid)
        if key is None:
            raise SignInRefusedError("unknown_key")
        return key

    def authorization_url(self, client: Client, query: Mapping[str, str], now: datetime) -> str:
        """Where the browser goes to sign in."""
        endpoint = self.metadata(now).authorization_endpoint
        everything = {
            "response_type": "code",
            "scope": "openid profile",
            "client_id": client.client_id,
            "redirect_uri": client.redirect_uri,
            "code_challenge_method": "S256",
            **query,
        }
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(everything)}"

    def check_answerer(self, iss: str | None, now: datetime) -> None:
        """Refuse an answer that another provider gave (mix-up, RFC 9207)."""
        demanded = self.metadata(now).authorization_response_iss_parameter_supported
        if iss != self.issuer and (demanded or iss is not None):
            raise SignInRefusedError("answer_of_another_issuer")

    def redeem(self, client: Client, code: str, verifier: str, now: datetime) -> Tokens:
        """The tokens for a code; raises `SignInRefusedError`."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": client.redirect_uri,
            "code_verifier": verifier,
            "client_id": client.client_id,
        }
        authorization = None
        if client.secret is not None:
            authorization = _basic(client.client_id, client.secret)
        elif client.key is not None:
            form["client_assertion_type"] = ASSERTION_TYPE
            # The issuer, not the endpoint, so that no other server can be handed it (RFC 7523bis).
            form["client_assertion"] = assertion(
                client.key,
                client=client.client_id,
                audience=self.issuer,
                name=secrets.token_urlsafe(16),
                now=now,
            )
        endpoint = self.metadata(now).token_endpoint
        try:
            answer = self._outbound.post_form(endpoint, form, authorization=authorization)
        except OutboundError as error:
            raise _unavailable("token_endpoint") from error
        if answer.status >= 500:
            raise _unavailable("token_endpoint")
        if answer.status != 200:
            raise SignInRefusedError("code_refused")
        return _read(answer, Tokens, SignInRefusedError("token_answer"))

    def person(self, access_token: str, now: datetime) -> Person | None:
        """What the provider says of the person elsewhere than in the ID token.

        None where it has no such door. The caller compares the subject.
        """
        endpoint = self.metadata(now).userinfo_endpoint
        if endpoint is None:
            return None
        try:
            answer = self._outbound.get(endpoint, authorization=f"Bearer {access_token}")
        except OutboundError as error:
            raise _unavailable("userinfo_endpoint") from error
        if answer.status != 200:
            raise SignInRefusedError("userinfo_refused")
        return _read(answer, Person, SignInRefusedError("userinfo_answer"))

    def _fetch_keys(self, url: str, now: datetime) -> _Cached[Mapping[str | None, Key]]:
        keys = [_public_key(jwk) for jwk in self._fetch(url, _JwkSet, now).keys]
        named: dict[str | None, Key] = {key.kid: key for key in keys if key and key.kid}
        if len(keys) == 1 and keys[0]:
            # A token without a key id is unambiguous where there is one key.
            named[None] = keys[0]
        return _Cached(named, now)

    def _fetch(self, url: str, kind: type[T], now: datetime) -> T:
        if self._failed_at and abs(now - self._failed_at) < REST_AFTER_FAILURE:
            raise _unavailable("provider_resting")
        try:
            answer = self._outbound.get(url)
        except OutboundError as error:
            self._failed_at = now
            raise _unavailable("provider_unreachable") from error
        if answer.status != 200:
            raise _unavailable("provider_document")
        return _read(answer, kind, _unavailable("provider_document"))


def _public_key(jwk: dict[str, Any]) -> Key | None:
    """A key that verifies signatures; None for a secret, an unknown or an encryption key."""
    if jwk.get("use", "sig") != "sig":
        return None
    try:
        key = import_key(jwk)
    except (JoseError, ValueError, TypeError):
        return None
    return key if isinstance(key, ECKey | RSAKey | OKPKey) and not key.is_private else None


def _read(answer: Answer, kind: type[T], refusal: SignInRefusedError) -> T:
    try:
        return msgspec.json.decode(answer.body, type=kind)
    except msgspec.MsgspecError as error:
        raise refusal from error


def _basic(client_id: str, secret: str) -> str:
    """RFC 6749, 2.3.1: each part is form-encoded before they are joined."""
    joined = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return f"Basic {base64.b64encode(joined.encode()).decode()}"


def _unavailable(step: str) -> SignInRefusedError:
    return SignInRefusedError(step, ErrorCode.SIGN_IN_UNAVAILABLE)
