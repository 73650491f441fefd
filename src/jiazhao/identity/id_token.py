"""Verification of an ID token. Source: OpenID Connect Core 1.0, 3.1.3.7.

Pure: the keys, the expectations and the time are arguments. The steps have the numbers of that
section where it numbers them.
"""

import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key

from jiazhao.identity.refusal import SignInRefusedError

CLOCK_SKEW = timedelta(seconds=30)
"""How far the provider's clock may be from ours."""

MAX_TOKEN_AGE = timedelta(minutes=10)
"""A token is fetched as soon as it is made; an old one was kept by somebody."""

MAX_TOKEN_CHARS = 16 * 1024

_Text = Annotated[str, msgspec.Meta(max_length=255)]


class _Claims(msgspec.Struct):
    iss: str
    sub: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
    aud: str | list[str]
    exp: int | float
    iat: int | float
    auth_time: int | float
    nonce: str
    azp: str | None = None
    acr: _Text = ""
    name: _Text = ""
    identity_number: _Text | None = None


class Person(msgspec.Struct, frozen=True):
    """What a provider says of a person, in the ID token or at its UserInfo door."""

    sub: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
    name: _Text = ""
    identity_number: _Text | None = None

    def __repr__(self) -> str:
        return "Person()"


@dataclass(frozen=True, slots=True)
class VerifiedIdentity:
    """What the provider vouches for; nothing of it is shown in logs."""

    subject: str = field(repr=False)
    name: str = field(repr=False)
    identity_number: str | None = field(repr=False)
    """The number of the identity document that the provider verified, where it says one."""
    authenticated_at: datetime
    acr: str

    def completed(self, person: Person) -> "VerifiedIdentity":
        """The same identity with what its token left out; raises for another person.

        OpenID Connect Core 1.0, 5.3.2: an answer for another subject must not be used.
        """
        _require(person.sub == self.subject, "userinfo_of_another")
        return replace(
            self,
            name=self.name or person.name,
            identity_number=self.identity_number or person.identity_number,
        )


def key_id(token: str) -> str | None:
    """The key that the token says it was signed with; nothing is verified yet."""
    if len(token) > MAX_TOKEN_CHARS:
        raise SignInRefusedError("token_too_long")
    try:
        kid = jws.extract_compact(token.encode()).headers().get("kid")
    except (JoseError, ValueError) as error:
        raise SignInRefusedError("token_unreadable") from error
    if kid is not None and not isinstance(kid, str):
        raise SignInRefusedError("token_unreadable")
    return kid


def verify_id_token(
    token: str,
    key: Key,
    *,
    algorithms: Collection[str],
    expected_issuer: str,
    expected_client: str,
    expected_nonce: str,
    authenticated_since: datetime,
    now: datetime,
) -> VerifiedIdentity:
    """Return who signed in, or raise `SignInRefusedError`.

    `authenticated_since` is the earliest moment of proof that suffices (`max_age`).
    """
    claims = _signed_claims(token, key, algorithms)
    # 2: the issuer is the one that was asked.
    _require(claims.iss == expected_issuer, "issuer")
    # 3 to 5: made for this client and for nobody else beside it.
    audience = [claims.aud] if isinstance(claims.aud, str) else claims.aud
    _require(audience == [expected_client], "audience")
    _require(claims.azp in (None, expected_client), "authorized_party")
    # 9 and 10: not lapsed, and made just now.
    at, skew = now.timestamp(), CLOCK_SKEW.total_seconds()
    _require(claims.exp > at - skew, "expired")
    _require(claims.iat <= at + skew, "issued_in_the_future")
    _require(claims.iat >= at - MAX_TOKEN_AGE.total_seconds(), "issued_long_ago")
    # 11: the answer to this very question.
    _require(hmac.compare_digest(claims.nonce.encode(), expected_nonce.encode()), "nonce")
    # 13: proven when it was asked for.
    _require(claims.auth_time <= at + skew, "authenticated_in_the_future")
    _require(claims.auth_time >= authenticated_since.timestamp() - skew, "authenticated_long_ago")
    return VerifiedIdentity(
        subject=claims.sub,
        name=claims.name,
        identity_number=claims.identity_number,
        authenticated_at=min(datetime.fromtimestamp(claims.auth_time, UTC), now),
        acr=claims.acr,
    )


def _signed_claims(token: str, key: Key, algorithms: Collection[str]) -> _Claims:
    """6 to 8: signed by the provider's key, with an algorithm that we chose."""
    if not algorithms:
        # The library would fall back to its own list.
        raise SignInRefusedError("algorithm")
    try:
        claims: Mapping[str, object] = jwt.decode(token, key, algorithms=list(algorithms)).claims
    except (JoseError, ValueError) as error:
        raise SignInRefusedError("signature") from error
    try:
        return msgspec.convert(dict(claims), _Claims, strict=True)
    except msgspec.ValidationError as error:
        raise SignInRefusedError("claims") from error


def _require(holds: bool, step: str) -> None:
    if not holds:
        raise SignInRefusedError(step)
