"""Status List Tokens in both forms: what they tell, and why a reader refuses them."""

import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from jiazhao.credentials import cbor, cose, jose
from jiazhao.credentials.chain import STATUS_SIGNING
from jiazhao.credentials.signing import write_base64url
from jiazhao.credentials.status_list import MAX_OCTETS, StatusList, compress, pack
from jiazhao.credentials.status_token import CWT_TYPE, JWT_TYPE, sign_cwt, sign_jwt
from vectors import make
from vectors.make import NOW, STATUS, NamedKey, Vector

LIST = StatusList(
    uri=STATUS.uri,
    issued_at=NOW,
    expires_at=NOW + timedelta(hours=24),
    ttl=timedelta(seconds=60),
    bits=2,
    octets=pack({3: 2, 5: 1, 6: 3}, size=64),
)
FORMS: Final = {"jwt": sign_jwt, "cwt": sign_cwt}
_LABELS: Final = {"sub": 2, "exp": 4, "iat": 6, "ttl": 65534, "status_list": 65533}
_COSE_TYPE: Final = 16


def signer(**changes: Any) -> NamedKey:
    """Return a signer of status lists."""
    return make.signer(purpose=STATUS_SIGNING, **changes)


def vector(
    token: bytes, reason: str | None, *, outcome: str = "CANNOT_CONFIRM", **given: Any
) -> Vector:
    """Return one case; what is not given is as it should be."""
    return {
        "source": make.SOURCE,
        "kind": "status-token",
        "now": NOW.isoformat(),
        "roots": [make.root().hex()],
        "compromised": [],
        "uri": STATUS.uri,
        "index": STATUS.index,
        "newest_seen": None,
        **given,
        "presented": token.hex(),
        "outcome": outcome if reason else "VALID",
        "step": 7 if reason else None,
        "reason": reason,
    }


def status_tokens() -> Iterator[tuple[str, Vector]]:
    """Yield tokens with what follows from each for one copy."""
    for form, sign in FORMS.items():
        good = sign(LIST, signer())
        yield f"{form}-good", vector(good, None)
        for bits in (1, 4, 8):
            wide = replace(LIST, bits=bits, octets=pack({5: 1}, size=64, bits=bits))
            yield f"{form}-good-{bits}-bits", vector(sign(wide, signer()), None)
        for name, index, reason in (("ended", 5, "ended"), ("must-not-drive", 3, "suspended")):
            yield (
                f"{form}-{name}",
                vector(good, f"status_{reason}", outcome="NOT_VALID", index=index),
            )
        yield f"{form}-unknown-value", vector(good, "status_undetermined", index=6)
        outside = "status_index_out_of_range"
        yield f"{form}-bad-index-64-of-64", vector(good, outside, index=64)
        yield f"{form}-bad-index-beyond-53-bits", vector(good, outside, index=1 << 53)
        other = sign(replace(LIST, uri=STATUS.uri + "0"), signer())
        yield f"{form}-bad-sub-of-another-list", vector(other, "status_for_another_list")
        for name, refused in _untrusted(form, good):
            yield f"{form}-bad-{name}", refused
        for name, token in _unreadable(form, good):
            yield f"{form}-bad-{name}", vector(token, "status_unreadable")
    yield "bad-empty", vector(b"", "status_unreadable")
    yield (
        "bad-neither-jwt-nor-cwt",
        vector(b"\xd8\x3d" + sign_cwt(LIST, signer()), "status_unreadable"),
    )


def _untrusted(form: str, good: bytes) -> Iterator[tuple[str, Vector]]:
    sign, reason = FORMS[form], "status_not_trusted"
    yield "unknown-issuer", vector(good, reason, roots=[make.root("other").hex()])
    yield "signer-of-documents", vector(sign(LIST, make.signer()), reason)
    lapsed = signer(until=NOW - timedelta(hours=1))
    yield "signer-lapsed", vector(sign(LIST, lapsed), reason)
    key = make.signer().public.point.hex()
    yield "signer-compromised", vector(good, reason, compromised=[key])
    imitated = NamedKey("stranger", *signer().certificates)
    yield "signed-by-another-key", vector(sign(LIST, imitated), reason)
    by_other = signer(root_key="stranger")
    yield "certificate-not-signed-by-the-root-it-names", vector(sign(LIST, by_other), reason)


def _unreadable(form: str, good: bytes) -> Iterator[tuple[str, bytes]]:
    packed = compress(LIST.octets)
    yield "cut-short", good[: len(good) // 2]
    if form == "cwt":
        yield "octet-more", good + b"\x00"
        yield "tag-more", good + b"\xd2"
    yield "type-of-another", _signed(form, {}, typ="statuslist+other")
    yield "type-missing", _signed(form, {}, typ=None)
    for name, lst in {
        "not-zlib": b"not zlib",
        "zlib-cut-short": packed[:-1],
        "zlib-octet-more": packed + b"\x00",
        "zlib-checksum": packed[:-1] + bytes([packed[-1] ^ 1]),
        "deflate-without-zlib": packed[2:-4],
        "empty": b"",
        "bomb": zlib.compress(bytes(MAX_OCTETS + 1), 9),
    }.items():
        told = write_base64url(lst) if form == "jwt" else lst
        yield f"list-{name}", _signed(form, {"status_list": {"bits": 2, "lst": told}})
    told = write_base64url(packed) if form == "jwt" else packed
    changes: dict[str, dict[str, Any]] = {
        "bits-3": {"status_list": {"bits": 3, "lst": told}},
        "bits-true": {"status_list": {"bits": True, "lst": told}},
        "bits-missing": {"status_list": {"lst": told}},
        "list-missing": {"status_list": None},
        "sub-missing": {"sub": None},
        "iat-missing": {"iat": None},
        "exp-missing": {"exp": None},
        "exp-negative": {"exp": -1},
        "exp-as-text": {"exp": "2026"},
        "ttl-negative": {"ttl": -1},
    }
    for name, changed in changes.items():
        yield name, _signed(form, changed)


def _signed(form: str, changes: dict[str, Any], *, typ: str | None = "") -> bytes:
    """Sign other claims than ours; None leaves one out. `typ` "" is the right one."""
    packed = compress(LIST.octets)
    claims: dict[str, Any] = {
        "sub": LIST.uri,
        "iat": int(LIST.issued_at.timestamp()),
        "exp": int(LIST.expires_at.timestamp()),
        "ttl": 60,
        "status_list": {"bits": 2, "lst": write_base64url(packed) if form == "jwt" else packed},
        **changes,
    }
    told = {name: value for name, value in claims.items() if value is not None}
    if form == "jwt":
        typ = JWT_TYPE if typ == "" else (typ or "JWT")
        return jose.sign(told, signer(), typ=typ, with_chain=True).encode()
    extra = {} if typ is None else {_COSE_TYPE: typ or CWT_TYPE}
    payload = cbor.encode({_LABELS[name]: value for name, value in told.items()})
    return b"\xd2" + cose.sign(payload, signer(), with_chain=True, extra_protected=extra)


def status_token_clocks() -> Iterator[tuple[str, Vector]]:
    """Yield a token on both sides of each of its edges."""
    second = timedelta(seconds=1)
    for form, sign in FORMS.items():
        token = sign(LIST, signer())
        stale = "status_stale"
        for name, now, reason in (
            ("begins-with-skew", LIST.issued_at - 60 * second, None),
            ("bad-begins-in-61-seconds", LIST.issued_at - 61 * second, stale),
            ("last-second", LIST.expires_at - second, None),
            ("bad-expires-now", LIST.expires_at, stale),
            ("bad-a-month-old", LIST.expires_at + timedelta(days=30), stale),
        ):
            yield f"status-{form}-{name}", vector(token, reason, now=now.isoformat())
        seen = LIST.issued_at
        yield f"status-{form}-seen-before", vector(token, None, newest_seen=seen.isoformat())
        newer = (seen + second).isoformat()
        yield (
            f"status-{form}-bad-rolled-back",
            vector(token, "status_rolled_back", newest_seen=newer),
        )
