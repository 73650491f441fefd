"""What an SD-JWT VC holds, as received: nothing in these types is verified."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from msgspec import Struct

from jiazhao.credentials.jose import Token
from jiazhao.credentials.signing import PublicKey
from jiazhao.credentials.status_list import StatusReference

Path = tuple[str | int, ...]
"""Where a claim stands: names of members and places in arrays, from the outside."""


class Disclosed(NamedTuple):
    """One claim that the holder chose to show."""

    path: Path
    text: str
    """The disclosure as received."""

    def __repr__(self) -> str:
        """Name the claim and never its value."""
        return f"Disclosed({'/'.join(map(str, self.path))})"


class KeyBinding(Struct, frozen=True):
    """What the holder's device signed (RFC 9901, section 4.3)."""

    token: Token
    issued_at: datetime
    audience: str
    nonce: str
    sd_hash: str


class SdJwt(Struct, frozen=True):
    """An SD-JWT VC, with a key binding where a holder presents it."""

    token: Token
    """The issuer's JWT."""
    chain: tuple[bytes, ...]
    """Its x5c in DER, the signer's own first."""
    vct: str
    issuer: str | None
    issued_at: datetime | None
    not_before: datetime | None
    expires_at: datetime
    device_key: PublicKey
    status: StatusReference | None
    unknown_status: bool
    """Whether a status is published in a way that is not read here, so it stays undetermined."""
    claims: Mapping[str, Any]
    """The claims about the holder, with what was disclosed in its places."""
    disclosed: tuple[Disclosed, ...]
    unreferenced: int
    """How many disclosures came of which the issuer signed no digest."""
    key_binding: KeyBinding | None
    presented: str
    """All before the key binding: what `sd_hash` is taken over."""

    def __repr__(self) -> str:
        """Name the type and never a claim."""
        return f"SdJwt({self.vct})"
