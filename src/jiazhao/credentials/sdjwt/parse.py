"""Reading an SD-JWT VC within bounds, and putting the disclosures into their places.

RFC 9901, section 7.1, but for what needs a key. Whatever is wrong raises `UnreadableError`;
a disclosure of which no digest was signed is counted, for only a trusted signature makes it a
forgery. Refused beside what the text asks: an alg other than ES256, and a credential without
`exp` or `cnf.jwk`, which would never lapse or belong to whoever has it.
"""

from datetime import UTC, datetime
from typing import Final

from jiazhao.credentials import jose
from jiazhao.credentials.cbor import unreadable
from jiazhao.credentials.sdjwt.disclosures import Places, read_disclosures
from jiazhao.credentials.sdjwt.model import KeyBinding, SdJwt
from jiazhao.credentials.sdjwt.names import (
    DIGEST_ALGORITHM,
    DIGEST_ALGORITHM_NAME,
    KEY_BINDING_TYPE,
    MEDIA_TYPE,
    NEVER_DISCLOSED,
)
from jiazhao.credentials.signing import PublicKey
from jiazhao.credentials.status_list import StatusReference
from jiazhao.errors import VerificationError

MAX_CHARS: Final = 262_144
"""A licence with a portrait of 30 kB takes about 65,000 characters."""
MAX_DISCLOSURES: Final = 128
"""A licence has about fifty claims."""
MAX_KEY_BINDING_CHARS: Final = 4_096
"""A key binding takes about 400 characters; the nonce and audience are the verifier's."""

_FURTHEST: Final = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp())
_REGISTERED: Final = NEVER_DISCLOSED | {"iat", DIGEST_ALGORITHM_NAME}


def parse(received: str) -> SdJwt:
    """Take an SD-JWT apart, with or without a key binding; raises `UnreadableError`."""
    if len(received) > MAX_CHARS:
        raise unreadable("SD-JWT", f"more than {MAX_CHARS} characters")
    if not received.isascii():
        raise unreadable("SD-JWT", "not ASCII")
    if "~" not in received:
        raise unreadable("SD-JWT", "no ~ after the JWT")
    issued, *disclosures, bound = received.split("~")
    if len(disclosures) > MAX_DISCLOSURES:
        raise unreadable("SD-JWT", f"more than {MAX_DISCLOSURES} disclosures")
    token = _token(issued, MEDIA_TYPE, jose.MAX_TOKEN_CHARS)
    payload = token.claims
    if payload.get(DIGEST_ALGORITHM_NAME, DIGEST_ALGORITHM) != DIGEST_ALGORITHM:
        raise unreadable("SD-JWT", "_sd_alg is not sha-256")
    places = Places(read_disclosures(disclosures))
    claims = places.fill(payload)
    status, unknown_status = _status(payload.get("status"))
    return SdJwt(
        token=token,
        chain=token.chain(),
        vct=_text(payload.get("vct"), "vct"),
        issuer=_text(payload["iss"], "iss") if "iss" in payload else None,
        issued_at=_instant(claims["iat"], "iat") if "iat" in claims else None,
        not_before=_instant(payload["nbf"], "nbf") if "nbf" in payload else None,
        expires_at=_instant(payload.get("exp"), "exp"),
        device_key=_device_key(payload.get("cnf")),
        status=status,
        unknown_status=unknown_status,
        claims={name: value for name, value in claims.items() if name not in _REGISTERED},
        disclosed=tuple(places.disclosed),
        unreferenced=len(places.waiting),
        key_binding=_key_binding(bound) if bound else None,
        presented=received[: len(received) - len(bound)],
    )


def _token(text: str, typ: str, max_chars: int) -> jose.Token:
    try:
        return jose.parse(text, expected_typ=typ, max_chars=max_chars)
    except VerificationError as error:
        raise unreadable("SD-JWT", error.values.get("reason", error.code.wire)) from error


def _key_binding(text: str) -> KeyBinding:
    token = _token(text, KEY_BINDING_TYPE, MAX_KEY_BINDING_CHARS)
    claims = token.claims
    return KeyBinding(
        token=token,
        issued_at=_instant(claims.get("iat"), "iat"),
        audience=_text(claims.get("aud"), "aud"),
        nonce=_text(claims.get("nonce"), "nonce"),
        sd_hash=_text(claims.get("sd_hash"), "sd_hash"),
    )


def _device_key(confirmation: object) -> PublicKey:
    if not isinstance(confirmation, dict):
        raise unreadable("SD-JWT", "no cnf")
    return PublicKey.from_jwk(confirmation.get("jwk"))


def _status(value: object) -> tuple[StatusReference | None, bool]:
    """Return the status list reference, and whether something else is there too."""
    if value is None:
        return None, False
    if not isinstance(value, dict):
        raise unreadable("SD-JWT", "status")
    if "status_list" not in value:
        return None, True
    entry = value["status_list"]
    index = entry.get("idx") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or type(index) is not int or index < 0:
        raise unreadable("SD-JWT", "status_list")
    return StatusReference(_text(entry.get("uri"), "status_list"), index), len(value) > 1


def _text(value: object, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise unreadable("SD-JWT", name)
    return value


def _instant(value: object, name: str) -> datetime:
    """Seconds, whole or not (RFC 7519, section 2)."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _FURTHEST:
        raise unreadable("SD-JWT", name)
    return datetime.fromtimestamp(value, UTC)
