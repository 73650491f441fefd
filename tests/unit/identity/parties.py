"""The two parties of a sign-in on paper: this system, and a provider that can be made to lie."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import msgspec
from joserfc import jwt
from joserfc.jwk import ECKey, Key

from jiazhao.config import Config
from jiazhao.http.outbound import Outbound
from jiazhao.identity.client_key import open_client_key
from jiazhao.identity.openid import OpenIdProvider
from jiazhao.identity.pin import KnownNumbers
from jiazhao.identity.service import Identity, ProviderAnswer, SignedIn
from jiazhao.licence.identifiers import HolderId
from jiazhao.storage.engine import Database
from jiazhao.storage.schema import metadata

ISSUER = "https://id.example"
STRONG = "urn:example:face"
LOOKUP_KEY = bytes(range(32))
IDENTITY_NUMBER = "990101199001011237"
HOLDER = HolderId("sp-000001")
KNOWN = KnownNumbers(date(1990, 1, 1), (IDENTITY_NUMBER, "990100002468"))


def make_config(folder: Path, **changes: Any) -> Config:
    """Return a configuration of the demo, with changes."""
    settings: dict[str, Any] = {
        "environment": "demo",
        "state_dir": folder,
        "public_url": "https://wallet.example",
        "terminal_url": "https://terminal.example",
        "console_url": "https://console.example",
        "database_url": "sqlite://",
        "identity_issuer": ISSUER,
        "identity_client_id": "jiazhao-{app}",
        "identity_required_acr": (STRONG,),
    }
    return Config(**{**settings, **changes})


def streamed(status: int, body: bytes, **headers: str) -> httpx2.Response:
    """Return an answer whose body arrives after its head, as from a network."""
    return httpx2.Response(status, headers=headers, stream=httpx2.ByteStream(body))


@dataclass
class Provider:
    """An identity provider that signs what it is told to."""

    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", auto_kid=True))
    metadata_changes: dict[str, Any] = field(default_factory=dict)
    published: list[dict[str, Any]] | None = None
    tokens: Callable[[Mapping[str, str]], tuple[int, bytes]] | None = None
    person: tuple[int, bytes] = (200, b"{}")
    told: list[tuple[HolderId, str, str]] = field(default_factory=list)
    """What holders were told, in the place of the record that they read."""
    down: bool = False
    asked: list[str] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    authorizations: list[str | None] = field(default_factory=list)

    def transport(self) -> httpx2.MockTransport:
        """Return the provider as the network would."""
        return httpx2.MockTransport(self._answer)

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request.url.path)
        if self.down:
            raise httpx2.ConnectError("down")
        if request.url.path == "/.well-known/openid-configuration":
            return streamed(200, msgspec.json.encode(self._metadata()))
        if request.url.path == "/jwks":
            keys = self.published if self.published is not None else [self.jwk()]
            return streamed(200, msgspec.json.encode({"keys": keys}))
        if request.url.path == "/userinfo":
            self.authorizations.append(request.headers.get("authorization"))
            return streamed(*self.person)
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        self.forms.append(form)
        self.authorizations.append(request.headers.get("authorization"))
        assert self.tokens is not None
        status, body = self.tokens(form)
        return streamed(status, body)

    def jwk(self, key: Key | None = None) -> dict[str, Any]:
        """Return the public half of a key as it is published."""
        return {**(key or self.key).as_dict(private=False), "use": "sig"}

    def _metadata(self) -> dict[str, Any]:
        return {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/jwks",
            "authorization_response_iss_parameter_supported": True,
            **self.metadata_changes,
        }

    def id_token(self, claims: Mapping[str, Any], *, key: Key | None = None, **header: Any) -> str:
        """Return a signed token of those claims."""
        key = key or self.key
        named = {"alg": "ES256", "kid": key.kid, **header}
        return jwt.encode(named, dict(claims), key, algorithms=[named["alg"]])


def claims_at(now: datetime, **changes: Any) -> dict[str, Any]:
    """Return the claims of an honest token; a change to None leaves the claim out."""
    at = int(now.timestamp())
    claims = {
        "iss": ISSUER,
        "sub": "person-1",
        "aud": "jiazhao-wallet",
        "exp": at + 300,
        "iat": at,
        "auth_time": at,
        "nonce": "n-0S6_WzA2Mj",
        "acr": STRONG,
        "name": "王样本",
        "identity_number": IDENTITY_NUMBER,
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


def make_identity(url: str, folder: Path, provider: Provider, **changes: Any) -> Identity:
    """Return the service on an empty database."""
    config = make_config(folder, database_url=url, **changes)
    database = Database(url)
    metadata.create_all(database.engine)
    outbound = Outbound({ISSUER}, transport=provider.transport())
    return Identity(
        config=config,
        database=database,
        provider=OpenIdProvider(ISSUER, outbound),
        lookup_key=LOOKUP_KEY,
        client_key=open_client_key(folder / "identity-client.pem"),
        find_holder=lambda _db, number: HOLDER if number == IDENTITY_NUMBER else None,
        known_numbers=lambda _db, _holder, _now: KNOWN,
        tell_holder=lambda _db, holder, actor, step, _now: provider.told.append(
            (holder, actor.name, step)
        ),
    )


@dataclass
class Browser:
    """A browser that has been sent to the provider and comes back with what it was given."""

    identity: Identity
    provider: Provider
    app: str = "wallet"
    state: str = ""
    secret: str = ""
    query: dict[str, str] = field(default_factory=dict)

    def begin(self, now: datetime, *, return_to: str | None = "/", fresh: bool = False) -> None:
        """Start a sign-in."""
        begun = self.identity.begin(
            self.app, return_to=return_to, fresh=fresh, secret=None, now=now
        )
        self.secret = begun.secret
        self.query = {k: v[0] for k, v in parse_qs(urlsplit(begun.url).query).items()}
        self.state = self.query["state"]

    def honest(self, now: datetime, *, access: str | None = None, **changes: Any) -> None:
        """Let the provider answer truthfully, but for the changes; `access` opens UserInfo."""
        own = {"nonce": self.query["nonce"], "aud": f"jiazhao-{self.app}"}
        claims = claims_at(now, **{**own, **changes})
        tokens = {"id_token": self.provider.id_token(claims), "access_token": access}
        body = msgspec.json.encode(tokens)
        self.provider.tokens = lambda _form: (200, body)

    def finish(self, now: datetime, **changes: Any) -> SignedIn:
        """Come back from the provider."""
        given: dict[str, Any] = {
            "state": self.state,
            "code": "a-code",
            "iss": ISSUER,
            "error": None,
            "secret": self.secret,
            "former_token": None,
            **changes,
        }
        secret, former = given.pop("secret"), given.pop("former_token")
        return self.identity.finish(
            self.app, ProviderAnswer(**given), secret=secret, former_token=former, now=now
        )


def sign_in(
    identity: Identity, provider: Provider, now: datetime, *, app: str = "wallet", **claims: Any
) -> str:
    """Sign in and return the session's token."""
    browser = Browser(identity, provider, app)
    browser.begin(now)
    browser.honest(now, **claims)
    return browser.finish(now).token
