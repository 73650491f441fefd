"""Issuing an SD-JWT VC (RFC 9901, section 4; SD-JWT VC draft).

Claims stand in objects by namespace, as elements do in an mdoc: a claim has the same path in
both formats. Every one of them is selectively disclosable. There are no decoys: all copies
hold the same claims but for a date or two, so the number of digests tells nothing.

Salts are written as base64url in one go, and the digests are sorted, which hides the order of
the claims as well as chance does (section 4.2.4.1).
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

import pybase64
from msgspec import json

from jiazhao.credentials import jose
from jiazhao.credentials.sdjwt.names import (
    ARRAY_DIGEST,
    DIGEST_ALGORITHM,
    DIGEST_ALGORITHM_NAME,
    DIGESTS,
    MEDIA_TYPE,
)
from jiazhao.credentials.signing import PublicKey, Signer
from jiazhao.credentials.status_list import StatusReference

RANDOM_OCTETS: Final = 18
"""The salt of a claim: 16 octets at least are asked for (section 9.3); 18 make 24 characters
without a remainder."""

_SALT_CHARS: Final = 24
_KNOWN_NAMES: Final = 1024


def issue(
    *,
    vct: str,
    issuer: str,
    claims: Mapping[str, Mapping[str, object]],
    device_key: PublicKey,
    issued_at: datetime,
    not_before: datetime,
    expires_at: datetime,
    randomness: bytes,
    signer: Signer,
    status: StatusReference | None = None,
) -> bytes:
    """Return the SD-JWT with every disclosure, and the x5c of `signer`.

    `claims` maps namespace to name to a value that JSON can write; nothing in it is changed.
    `randomness` is one block of exactly `RANDOM_OCTETS` for each claim, used for nothing else.
    Unfit arguments are the caller's fault: ValueError or TypeError.
    """
    count = sum(map(len, claims.values()))
    if not count or not all(claims.values()):
        raise ValueError("no claims")
    if len(randomness) != count * RANDOM_OCTETS:
        raise ValueError(f"randomness is not {RANDOM_OCTETS} octets for each claim")
    if not issued_at <= not_before < expires_at:
        raise ValueError("not issued_at <= not_before < expires_at")
    payload: dict[str, Any] = {
        "iss": issuer,
        "iat": int(issued_at.timestamp()),
        "nbf": int(not_before.timestamp()),
        "exp": int(expires_at.timestamp()),
        "vct": vct,
        "cnf": {"jwk": device_key.to_jwk()},
        DIGEST_ALGORITHM_NAME: DIGEST_ALGORITHM,
    }
    if status is not None:
        payload["status"] = {"status_list": {"idx": status.index, "uri": status.uri}}
    if not payload.keys().isdisjoint(claims):
        raise ValueError("a namespace has the name of a registered claim")
    disclosures = _disclose_each(claims, randomness, payload)
    token = jose.sign_payload(json.encode(payload), signer, typ=MEDIA_TYPE)
    return b"~".join((token.encode(), *disclosures, b""))


def _disclose_each(
    claims: Mapping[str, Mapping[str, object]], randomness: bytes, payload: dict[str, Any]
) -> list[bytes]:
    """Put the digests of each namespace into `payload`; return the disclosures."""
    salts = pybase64.urlsafe_b64encode(randomness)
    disclosures: list[bytes] = []
    encode, write = json.encode, pybase64.urlsafe_b64encode
    at = 0
    for namespace, members in claims.items():
        digests = []
        for name, value in members.items():
            salt = salts[at : at + _SALT_CHARS]
            at += _SALT_CHARS
            content = b"".join((b'["', salt, _between(name), encode(value), b"]"))
            disclosure = write(content).rstrip(b"=")
            disclosures.append(disclosure)
            # 32 octets leave one sign of padding.
            digests.append(write(sha256(disclosure).digest())[:-1].decode())
        payload[namespace] = {DIGESTS: sorted(digests)}
    return disclosures


@lru_cache(maxsize=_KNOWN_NAMES)
def _between(name: str) -> bytes:
    """Return what stands between the salt and the value of a claim."""
    if name in {DIGESTS, ARRAY_DIGEST}:
        raise ValueError(f"{name} is no name for a claim")
    return b'",' + json.encode(name) + b","
