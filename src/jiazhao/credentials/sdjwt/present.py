"""The holder's side: choosing what to disclose, and signing it for one verifier."""

from collections.abc import Collection, Mapping
from datetime import datetime
from hashlib import sha256

from jiazhao.credentials import jose
from jiazhao.credentials.sdjwt.names import KEY_BINDING_TYPE
from jiazhao.credentials.sdjwt.parse import parse
from jiazhao.credentials.signing import Signer, write_base64url


def disclose(issued: bytes, wanted: Mapping[str, Collection[str]]) -> bytes:
    """Return the SD-JWT with only the wanted claims, by namespace and name, where present.

    Raises `UnreadableError` for what is no SD-JWT VC.
    """
    text = issued.decode("latin-1")
    chosen = [
        each.text
        for each in parse(text).disclosed
        if len(each.path) == 2 and each.path[1] in wanted.get(str(each.path[0]), ())
    ]
    return "~".join((text.partition("~")[0], *chosen, "")).encode()


def bind(
    presented: bytes, *, audience: str, nonce: str, now: datetime, device_signer: Signer
) -> bytes:
    """Return the SD-JWT with a key binding for one verifier (RFC 9901, section 4.3)."""
    claims = {
        "iat": int(now.timestamp()),
        "aud": audience,
        "nonce": nonce,
        "sd_hash": write_base64url(sha256(presented).digest()),
    }
    return presented + jose.sign(claims, device_signer, typ=KEY_BINDING_TYPE).encode()
