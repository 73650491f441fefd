"""Status List Tokens: a status list with its signature (Token Status List, draft 20, section 5).

A JWT for whoever reads JSON, a CWT for mdoc (whose verifiers take nothing else). Both say the
same: sub is the list's address, iat and exp bound when it holds, ttl is how long to keep it.

Whatever is wrong with a token, its reader learns only that the status is not known
(`UndeterminedError`): a damaged list must neither end a licence nor revive one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar

from jiazhao.credentials import cbor, cose, jose
from jiazhao.credentials.chain import STATUS_SIGNING, verify_chain
from jiazhao.credentials.signing import PublicKey, Signer, read_base64url, write_base64url
from jiazhao.credentials.status_list import MAX_OCTETS, WIDTHS, StatusList, compress, decompress
from jiazhao.errors import ErrorCode, UndeterminedError, UnreadableError, VerificationError

JWT_TYPE: Final = "statuslist+jwt"
CWT_TYPE: Final = "application/statuslist+cwt"

MAX_TOKEN_OCTETS: Final = MAX_OCTETS + MAX_OCTETS // 2
"""Statuses that do not compress at all, in base64, and two kilobytes around them."""

CLOCK_SKEW: Final = timedelta(seconds=60)
"""A token issued this far ahead of the reader's clock is still taken."""

_COSE_TYPE: Final = 16
"""RFC 9596: the type parameter of a protected header."""

_SIGN1_TAG: Final = 18
_SIGN1: Final = b"\xd2"
"""Section 5.2: the COSE_Sign1 tag must be there, the CWT tag must not."""

_EXP, _IAT, _SUB, _TTL, _STATUS_LIST = 4, 6, 2, 65534, 65533
"""CWT claims (RFC 8392, section 3.1; the last two as requested in section 14.3)."""

_CBOR: Final = cbor.Reader((_SIGN1_TAG,), max_octets=MAX_TOKEN_OCTETS)
_CLAIMS: Final = cbor.Reader(max_octets=MAX_TOKEN_OCTETS)

_FURTHEST: Final = int(datetime(9999, 1, 1, tzinfo=UTC).timestamp())
"""Beyond it a number is no date."""

_Key = TypeVar("_Key", str, int)


def sign_jwt(status_list: StatusList, signer: Signer) -> bytes:
    """Sign a list as a JWT (section 5.1)."""
    lst = write_base64url(compress(status_list.octets))
    claims: dict[str, Any] = {
        "sub": status_list.uri,
        **_times(status_list, ("iat", "exp", "ttl")),
        "status_list": {"bits": status_list.bits, "lst": lst},
    }
    return jose.sign(claims, signer, typ=JWT_TYPE, with_chain=True).encode()


def sign_cwt(status_list: StatusList, signer: Signer) -> bytes:
    """Sign a list as a CWT (section 5.2)."""
    claims: dict[int, Any] = {
        _SUB: status_list.uri,
        **_times(status_list, (_IAT, _EXP, _TTL)),
        _STATUS_LIST: {"bits": status_list.bits, "lst": compress(status_list.octets)},
    }
    return _SIGN1 + cose.sign(
        cbor.encode(claims), signer, with_chain=True, extra_protected={_COSE_TYPE: CWT_TYPE}
    )


def verify_status_token(
    token: bytes,
    *,
    expected_uri: str,
    anchors: Iterable[bytes],
    now: datetime,
    newest_seen: datetime | None = None,
    compromised: frozenset[bytes] = frozenset(),
) -> StatusList:
    """Return the list of a JWT or CWT that a trusted root vouches for and that holds at `now`.

    `expected_uri` is what the verified credential names. `newest_seen` is when the newest
    list of that address was issued that the reader has met: an older one is refused, for it
    may have been put back to hide a change. `compromised` are points of keys whose lists say
    nothing any more. Raises `UndeterminedError` and nothing else.
    """
    try:
        claims = _verified_claims(
            token,
            partial(
                verify_chain,
                anchors=tuple(anchors),
                now=now,
                purpose=STATUS_SIGNING,
                compromised=compromised,
            ),
        )
        status_list = claims.status_list()
    except UndeterminedError:
        raise
    except UnreadableError as error:
        raise _unreadable(error.values.get("reason", error.code.wire)) from error
    except VerificationError as error:
        if error.code is ErrorCode.BAD_TOKEN:
            raise _unreadable(error.values["reason"]) from error
        raise UndeterminedError(ErrorCode.STATUS_NOT_TRUSTED, reason=error.code.wire) from error
    if status_list.uri != expected_uri:
        raise UndeterminedError(ErrorCode.STATUS_FOR_ANOTHER_LIST)
    _check_times(status_list, now, newest_seen)
    return status_list


@dataclass(frozen=True, slots=True)
class _Claims:
    """Claims of either form under one name; `lst` is still compressed."""

    sub: object
    iat: object
    exp: object
    ttl: object
    bits: object
    lst: bytes

    def status_list(self) -> StatusList:
        """Check the claims one by one.

        The draft lets exp be absent; here it must be there, for a list that never goes
        stale could be put back years later.
        """
        if not isinstance(self.sub, str):
            raise _unreadable("sub")
        if type(self.bits) is not int or self.bits not in WIDTHS:
            raise _unreadable("bits")
        return StatusList(
            uri=self.sub,
            issued_at=_instant(self.iat, "iat"),
            expires_at=_instant(self.exp, "exp"),
            ttl=None if self.ttl is None else timedelta(seconds=_number(self.ttl, "ttl")),
            bits=self.bits,
            octets=decompress(self.lst),
        )


_KeyOf = Callable[[Sequence[bytes]], PublicKey]
"""The key of a chain that a trusted root vouches for, or a `VerificationError`."""


def _verified_claims(token: bytes, key_of: _KeyOf) -> _Claims:
    if len(token) > MAX_TOKEN_OCTETS:
        raise _unreadable("too large")
    if token[:1] == _SIGN1:
        return _verified_cwt(token, key_of)
    return _verified_jwt(token, key_of)


def _verified_jwt(token: bytes, key_of: _KeyOf) -> _Claims:
    if not token.isascii():
        raise _unreadable("neither JWT nor CWT")
    parsed = jose.parse(token.decode(), expected_typ=JWT_TYPE, max_chars=MAX_TOKEN_OCTETS)
    claims = parsed.verify(key_of(parsed.chain()))
    inner = _map(claims.get("status_list"))
    lst = read_base64url(inner.get("lst"), "lst")
    sub, iat, exp, ttl = (claims.get(name) for name in ("sub", "iat", "exp", "ttl"))
    return _Claims(sub, iat, exp, ttl, inner.get("bits"), lst)


def _verified_cwt(token: bytes, key_of: _KeyOf) -> _Claims:
    signed = cose.parse(_CBOR.read(token, "CWT"))
    if signed.protected_headers.get(_COSE_TYPE) != CWT_TYPE:
        raise _unreadable("type")
    signed.verify(key_of(signed.certificates()))
    claims = cbor.as_map(_CLAIMS.read(cbor.as_bytes(signed.payload, "CWT"), "CWT"), "CWT")
    inner = _map(claims.get(_STATUS_LIST))
    lst = cbor.as_bytes(inner.get("lst"), "lst")
    sub, iat, exp, ttl = (claims.get(key) for key in (_SUB, _IAT, _EXP, _TTL))
    return _Claims(sub, iat, exp, ttl, inner.get("bits"), lst)


def _check_times(status_list: StatusList, now: datetime, newest_seen: datetime | None) -> None:
    begun = status_list.issued_at <= now + CLOCK_SKEW
    if not begun or now >= status_list.expires_at:
        issued = f"{status_list.issued_at:%Y-%m-%dT%H:%M:%SZ}"
        raise UndeterminedError(ErrorCode.STATUS_STALE, issued=issued)
    if newest_seen is not None and status_list.issued_at < newest_seen:
        raise UndeterminedError(ErrorCode.STATUS_ROLLED_BACK)


def _times(status_list: StatusList, names: tuple[_Key, _Key, _Key]) -> dict[_Key, int]:
    iat, exp, ttl = names
    times = {
        iat: int(status_list.issued_at.timestamp()),
        exp: int(status_list.expires_at.timestamp()),
    }
    if status_list.ttl is not None:
        times[ttl] = int(status_list.ttl.total_seconds())
    return times


def _number(value: object, name: str) -> float:
    """Seconds as both forms carry them: an integer, or a fraction (RFC 7519, section 2)."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _FURTHEST:
        raise _unreadable(name)
    return value


def _instant(value: object, name: str) -> datetime:
    return datetime.fromtimestamp(_number(value, name), UTC)


def _map(value: object) -> Mapping[Any, Any]:
    return cbor.as_map(value, "status_list")


def _unreadable(reason: str) -> UndeterminedError:
    return UndeterminedError(ErrorCode.STATUS_UNREADABLE, reason=reason)
