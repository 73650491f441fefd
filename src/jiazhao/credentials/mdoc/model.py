"""What an mdoc holds, as received: nothing in these types is verified.

Names are those of ISO/IEC 18013-5 section 8.3.2.1.2.2 and 9.1.2.4.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from msgspec import Struct

from jiazhao.credentials.cose import Sign1
from jiazhao.credentials.signing import PublicKey
from jiazhao.credentials.status_list import StatusReference


class ValidityInfo(Struct, frozen=True):
    """When the MSO was signed, and from when to when it holds."""

    signed: datetime
    valid_from: datetime
    valid_until: datetime


class MobileSecurityObject(Struct, frozen=True):
    """What the issuer signs: digests of the elements, the device key, type and validity."""

    version: str
    doc_type: str
    digest_algorithm: str
    """`SHA-256`, `SHA-384` or `SHA-512`."""
    value_digests: Mapping[str, Mapping[int, bytes]]
    device_key: PublicKey
    validity: ValidityInfo
    status: StatusReference | None
    unknown_status: bool
    """Whether a status is published in a way that is not read here, so it stays undetermined."""


class IssuerSignedItem(NamedTuple):
    """One data element with its salt; `octets` are IssuerSignedItemBytes as received."""

    digest_id: int
    element: str
    value: Any
    octets: bytes

    def __repr__(self) -> str:
        """Name the element and never its value."""
        return f"IssuerSignedItem({self.element})"


class IssuerSigned(Struct, frozen=True):
    """The elements that are disclosed, and the issuer's signature over their digests."""

    name_spaces: Mapping[str, Mapping[str, IssuerSignedItem]]
    """By namespace and element, in the order received."""
    issuer_auth: Sign1
    mso: MobileSecurityObject


class DeviceSigned(Struct, frozen=True):
    """What the holder's device signs. `signature` is None where it sent a MAC instead."""

    name_spaces_octets: bytes
    name_spaces: Mapping[str, Mapping[str, Any]]
    signature: Sign1 | None

    def __repr__(self) -> str:
        """Say nothing of what is in it."""
        return "DeviceSigned()"


class Document(Struct, frozen=True):
    """One document of a response."""

    doc_type: str
    issuer_signed: IssuerSigned
    device_signed: DeviceSigned


class DeviceResponse(Struct, frozen=True):
    """What a wallet answers; `status` 0 is in order."""

    version: str
    status: int
    documents: tuple[Document, ...]
