"""Checking a presentation that lies in a file, as octets or as it came over the wire."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeGuard

from jiazhao.credentials.status_list import StatusReference
from jiazhao.credentials.status_token import verify_status_token
from jiazhao.presentation.verify import StatusCheck, StatusFinding

MAX_FILE_OCTETS = 256 * 1024
"""A copy with a 30 kB portrait takes about 35 kB, or 47 kB in base64url."""

TokenOf = Callable[[str], bytes]
"""The signed list that is published at an address; raises a `JiazhaoError` if not to be had."""


def as_received(octets: bytes) -> bytes | str:
    """Text where the file holds base64url: no mdoc in CBOR is ASCII throughout."""
    return octets.decode("ascii").strip() if octets.isascii() else octets


def is_sd_jwt(received: bytes | str) -> TypeGuard[str]:
    """Whether a text is an SD-JWT: its parts end in ~, which base64url does not know."""
    return isinstance(received, str) and "~" in received


def status_from(
    token_of: TokenOf,
    *,
    anchors: Iterable[bytes],
    now: datetime,
    compromised: frozenset[bytes] = frozenset(),
) -> StatusCheck:
    """Step 7 against published lists: the list is verified before its value counts."""
    roots = tuple(anchors)

    def look_up(reference: StatusReference) -> StatusFinding:
        status_list = verify_status_token(
            token_of(reference.uri),
            expected_uri=reference.uri,
            anchors=roots,
            now=now,
            compromised=compromised,
        )
        return StatusFinding(status_list.status(reference.index), status_list.issued_at)

    return look_up
