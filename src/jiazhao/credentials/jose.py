"""JSON Web Signature, compact (RFC 7515), and what OpenID4VCI and status lists make of it.

The algorithm is pinned to ES256 and the caller names the `typ` that he expects: a token of
one kind never passes as another. A key is never taken from `jku`, `jwk`, `x5u` or `x5c`
because the token says so; `verify_proof` alone reads `jwk`, where the proof is of holding
exactly that key. Any `crit` header is refused, for none is known.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

import pybase64

from jiazhao.credentials.cbor import unreadable
from jiazhao.credentials.json_reading import read_object
from jiazhao.credentials.signing import (
    Algorithm,
    PublicKey,
    Signer,
    read_base64url,
    write_base64url,
)
from jiazhao.errors import ErrorCode, VerificationError

MAX_TOKEN_CHARS: Final = 65_536
MAX_CERTIFICATES: Final = 4
"""A signer's own, and room for what some issuers send along."""
_KNOWN_HEADERS: Final = 16
_KEY_HEADERS: Final = frozenset({"jwk", "kid", "x5c"})


@dataclass(frozen=True, slots=True)
class Token:
    """A JWS as received: well-formed, of the expected typ and algorithm, not verified."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    signing_input: bytes
    signature: bytes

    def verify(self, key: PublicKey) -> Mapping[str, Any]:
        """Return the claims, or raise `VerificationError` if `key` did not sign them."""
        key.verify(self.signature, self.signing_input)
        return self.claims

    def chain(self) -> tuple[bytes, ...]:
        """Return the certificates of `x5c` in DER, or raise `UnreadableError`."""
        chain = self.header.get("x5c")
        if not isinstance(chain, list) or not 0 < len(chain) <= MAX_CERTIFICATES:
            raise unreadable("x5c", f"not 1 to {MAX_CERTIFICATES} certificates")
        return tuple(_certificate(entry) for entry in chain)


def parse(token: str, *, expected_typ: str, max_chars: int = MAX_TOKEN_CHARS) -> Token:
    """Take a token apart.

    Raises `UnreadableError` if it is no JWS with JSON objects, `VerificationError` if its
    typ or algorithm is another. `max_chars` bounds a greater kind, such as a status list.
    """
    if len(token) > max_chars:
        raise VerificationError(ErrorCode.BAD_TOKEN, reason=f"more than {max_chars} characters")
    parts = token.split(".")
    if len(parts) != 3:
        raise VerificationError(ErrorCode.BAD_TOKEN, reason="not three parts")
    header = _read_header(parts[0])
    if header.get("alg") != Algorithm.ES256.jose:
        raise VerificationError(ErrorCode.BAD_TOKEN, reason="alg is not ES256")
    if header.get("typ") != expected_typ:
        raise VerificationError(ErrorCode.BAD_TOKEN, reason=f"typ is not {expected_typ}")
    if "crit" in header:
        raise VerificationError(ErrorCode.BAD_TOKEN, reason="unknown critical header")
    claims = read_object(
        read_base64url(parts[1], "JWS payload"), "JWS payload", max_octets=max_chars
    )
    signature = read_base64url(parts[2], "JWS signature")
    return Token(header, claims, f"{parts[0]}.{parts[1]}".encode(), signature)


@lru_cache(maxsize=_KNOWN_HEADERS)
def _read_header(text: str) -> Mapping[str, Any]:
    """All copies of one signer have the same header."""
    return MappingProxyType(read_object(read_base64url(text, "JWS header"), "JWS header"))


def verify(
    token: str, *, expected_typ: str, key: PublicKey, max_chars: int = MAX_TOKEN_CHARS
) -> Mapping[str, Any]:
    """Return the claims of a token that `key` signed, or raise."""
    return parse(token, expected_typ=expected_typ, max_chars=max_chars).verify(key)


def verify_proof(token: str, *, expected_typ: str) -> tuple[PublicKey, Mapping[str, Any]]:
    """Return the key in the header's `jwk` and the claims that it signed, or raise.

    It proves that the sender holds the private key, and nothing else: who he is, `aud`,
    `nonce` and `iat` are the caller's to check (OpenID4VCI 1.0 appendix F.1). Exactly one
    of jwk, kid and x5c may be there; only jwk is taken.
    """
    parsed = parse(token, expected_typ=expected_typ)
    if _KEY_HEADERS & parsed.header.keys() != {"jwk"}:
        raise VerificationError(ErrorCode.BAD_TOKEN, reason="key is not given by jwk alone")
    key = PublicKey.from_jwk(parsed.header["jwk"])
    return key, parsed.verify(key)


def sign(
    claims: Mapping[str, Any],
    signer: Signer,
    *,
    typ: str,
    header: Mapping[str, Any] | None = None,
    with_chain: bool = False,
) -> str:
    """Sign the claims; `header` adds members, `with_chain` adds x5c."""
    members: dict[str, Any] = {"alg": signer.algorithm.jose, "typ": typ, **(header or {})}
    if with_chain:
        members["x5c"] = [_base64(certificate) for certificate in signer.certificates]
    return _signed(_encode(members), _encode(claims), signer)


def sign_payload(payload: bytes, signer: Signer, *, typ: str) -> str:
    """Sign a payload that is JSON already, with x5c; what is issued by the thousand."""
    header = _header(signer.algorithm, typ, signer.certificates)
    return _signed(header, write_base64url(payload), signer)


@lru_cache(maxsize=_KNOWN_HEADERS)
def _header(algorithm: Algorithm, typ: str, chain: tuple[bytes, ...]) -> str:
    return _encode({"alg": algorithm.jose, "typ": typ, "x5c": [_base64(each) for each in chain]})


def _signed(header: str, payload: str, signer: Signer) -> str:
    signing_input = f"{header}.{payload}"
    return f"{signing_input}.{write_base64url(signer.sign(signing_input.encode()))}"


def _encode(members: Mapping[str, Any]) -> str:
    text = json.dumps(members, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return write_base64url(text.encode())


def _certificate(entry: object) -> bytes:
    if isinstance(entry, str):
        return _read_certificate(entry)
    raise unreadable("x5c", "not base64")


@lru_cache(maxsize=_KNOWN_HEADERS)
def _read_certificate(entry: str) -> bytes:
    if len(entry) > MAX_TOKEN_CHARS:
        raise unreadable("x5c", "not base64")
    try:
        octets = pybase64.b64decode(entry, validate=True)
    except ValueError:
        raise unreadable("x5c", "not base64") from None
    if _base64(octets) != entry:
        raise unreadable("x5c", "not base64")
    return octets


def _base64(octets: bytes) -> str:
    """Return padded base64, which x5c alone uses (RFC 7515 section 4.1.6)."""
    return b64encode(octets).decode()
