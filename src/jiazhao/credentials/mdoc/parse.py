"""Reading IssuerSigned and DeviceResponse (ISO/IEC 18013-5 section 8.3.2.1.2.2).

Parsing verifies nothing. It bounds, checks the shape, and keeps the octets of each item as
they were received, since the issuer's digest is over exactly those. Each member that the
standard names is checked for its type as it is taken; element values, which may be anything,
are inspected; members that the standard does not name are bounded and never looked at.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from operator import itemgetter
from typing import Any, Final

from jiazhao.credentials import cbor, cose
from jiazhao.credentials.cbor import unreadable
from jiazhao.credentials.mdoc.model import (
    DeviceResponse,
    DeviceSigned,
    Document,
    IssuerSigned,
    IssuerSignedItem,
    MobileSecurityObject,
    ValidityInfo,
)
from jiazhao.credentials.mdoc.names import VERSION
from jiazhao.credentials.mdoc.received import received_items
from jiazhao.credentials.signing import PublicKey, read_base64url
from jiazhao.credentials.status_list import StatusReference

MAX_DOCUMENTS: Final = 4
"""HAIP sends one document in each DeviceResponse; a reader in person may ask for a few."""
MIN_SALT_OCTETS: Final = 16
"""ISO/IEC 18013-5 section 9.1.2.5."""
_DIGEST_OCTETS: Final = {"SHA-256": 32, "SHA-384": 48, "SHA-512": 64}
_MEMBERS: Final = itemgetter("digestID", "elementIdentifier", "random", "elementValue")
_ONLY_MAPS: Final = frozenset({dict})
_ONLY_FOUR: Final = frozenset({4})
_ONLY_INTEGERS: Final = frozenset({int})
_ONLY_TEXT: Final = frozenset({str})
_ONLY_OCTETS: Final = frozenset({bytes})

_AS_ITEM: Final[Callable[[tuple[Any, ...]], IssuerSignedItem]] = partial(
    tuple.__new__, IssuerSignedItem
)
"""As `IssuerSignedItem._make`, in a quarter of its time."""

_READER: Final = cbor.Reader(tags=(0, 18, 24, 1004))


def from_text_or_octets(received: bytes | str) -> bytes:
    """Return the octets of what came as octets or as base64url."""
    return received if isinstance(received, bytes) else read_base64url(received, "mdoc")


def parse_issuer_signed(received: bytes | str) -> IssuerSigned:
    """Read IssuerSigned from CBOR or base64url, or raise `UnreadableError`."""
    octets = from_text_or_octets(received)
    return _issuer_signed(_READER.decode(octets, "IssuerSigned"), octets)


def parse_device_response(received: bytes | str) -> DeviceResponse:
    """Read DeviceResponse from CBOR or base64url, or raise `UnreadableError`."""
    octets = from_text_or_octets(received)
    return _device_response(_READER.decode(octets, "DeviceResponse"), octets)


def parse_mdoc(received: bytes | str) -> IssuerSigned | DeviceResponse:
    """Read whichever of the two it is, or raise `UnreadableError`."""
    octets = from_text_or_octets(received)
    root = cbor.as_map(_READER.decode(octets, "mdoc"), "mdoc")
    if "issuerAuth" in root:
        return _issuer_signed(root, octets)
    return _device_response(root, octets)


def _device_response(value: object, octets: bytes) -> DeviceResponse:
    members = cbor.as_map(value, "DeviceResponse")
    version = _version(members.get("version"), "DeviceResponse")
    status = cbor.as_uint(members.get("status"), "DeviceResponse status")
    documents = cbor.as_array(members.get("documents", ()), "documents")
    if len(documents) > MAX_DOCUMENTS:
        raise unreadable("DeviceResponse", f"more than {MAX_DOCUMENTS} documents")
    return DeviceResponse(version, status, tuple(_document(each, octets) for each in documents))


def _document(value: object, octets: bytes) -> Document:
    members = cbor.as_map(value, "document")
    return Document(
        doc_type=cbor.as_text(members.get("docType"), "docType"),
        issuer_signed=_issuer_signed(members.get("issuerSigned"), octets),
        device_signed=_device_signed(members.get("deviceSigned")),
    )


def _device_signed(value: object) -> DeviceSigned:
    members = cbor.as_map(value, "deviceSigned")
    name_spaces = cbor.as_embedded(members.get("nameSpaces"), "deviceSigned nameSpaces")
    auth = cbor.as_map(members.get("deviceAuth"), "deviceAuth")
    if auth.keys() == {"deviceMac"}:
        signature = None
    elif auth.keys() == {"deviceSignature"}:
        signature = cose.parse(auth["deviceSignature"])
        if signature.payload is not None:
            raise unreadable("deviceSignature", "payload is not detached")
    else:
        raise unreadable("deviceAuth", "not one of deviceSignature and deviceMac")
    elements: Mapping[Any, Any] = {}
    if name_spaces != b"\xa0":
        elements = cbor.as_map(_READER.read(name_spaces, "deviceSigned"), "deviceSigned")
        for namespace, items in elements.items():
            cbor.as_text(namespace, "namespace")
            cbor.as_map(items, "device-signed items")
    return DeviceSigned(name_spaces, elements, signature)


def _issuer_signed(value: object, octets: bytes) -> IssuerSigned:
    members = cbor.as_map(value, "IssuerSigned")
    issuer_auth = cose.parse(members.get("issuerAuth"))
    if issuer_auth.payload is None:
        raise unreadable("issuerAuth", "payload is missing")
    mso_octets = cbor.unwrap(issuer_auth.payload, "MSO")
    return IssuerSigned(
        name_spaces=_name_spaces(members.get("nameSpaces", {}), octets),
        issuer_auth=issuer_auth,
        mso=_mso(_READER.decode(mso_octets, "MSO")),
    )


def _name_spaces(value: object, octets: bytes) -> dict[str, dict[str, IssuerSignedItem]]:
    """Read all items of all namespaces in one pass."""
    members = cbor.as_map(value, "nameSpaces")
    contents: list[bytes] = []
    received: list[bytes] = []
    counts = []
    for namespace, items in members.items():
        cbor.as_text(namespace, "namespace")
        items = cbor.as_array(items, "items")
        if not items:
            raise unreadable("nameSpaces", "namespace without items")
        embedded = cbor.as_embedded_each(items, "item")
        contents += embedded
        received += received_items(octets, embedded)
        counts.append((namespace, len(items)))
    if not contents:
        return {}
    named = _items(_READER.decode_each(contents, "item"), received)
    name_spaces = {}
    for namespace, count in counts:
        by_element = dict(islice(named, count))
        if len(by_element) != count:
            raise unreadable("items", "element occurs twice")
        name_spaces[namespace] = by_element
    return name_spaces


def _items(
    decoded: Sequence[Any], received: Sequence[bytes]
) -> Iterator[tuple[str, IssuerSignedItem]]:
    """Check the shape of all items at once: a loop over each check takes three times as long."""
    try:
        digest_ids, elements, salts, values = zip(*map(_MEMBERS, decoded), strict=True)
    except (TypeError, KeyError):
        raise unreadable("item", "not a map of the four members") from None
    if not _ONLY_MAPS.issuperset(map(type, decoded)) or not _ONLY_FOUR.issuperset(
        map(len, decoded)
    ):
        raise unreadable("item", "not a map of the four members")
    if not _ONLY_INTEGERS.issuperset(map(type, digest_ids)) or min(digest_ids) < 0:
        raise unreadable("digestID", "not an unsigned integer")
    if not _ONLY_TEXT.issuperset(map(type, elements)):
        raise unreadable("elementIdentifier", "not text")
    if not _ONLY_OCTETS.issuperset(map(type, salts)) or min(map(len, salts)) < MIN_SALT_OCTETS:
        raise unreadable("random", f"not a byte string of {MIN_SALT_OCTETS} octets or more")
    cbor.inspect(values, "elementValue")
    items = map(_AS_ITEM, zip(digest_ids, elements, values, received, strict=True))
    return zip(elements, items, strict=True)


def _mso(value: object) -> MobileSecurityObject:
    members = cbor.as_map(value, "MSO")
    digest_algorithm = cbor.as_text(members.get("digestAlgorithm"), "digestAlgorithm")
    if digest_algorithm not in _DIGEST_OCTETS:
        raise unreadable("digestAlgorithm", "not one of SHA-256, SHA-384, SHA-512")
    key_info = cbor.as_map(members.get("deviceKeyInfo"), "deviceKeyInfo")
    status, unknown_status = _status(members.get("status"))
    return MobileSecurityObject(
        version=_version(members.get("version"), "MSO"),
        doc_type=cbor.as_text(members.get("docType"), "docType"),
        digest_algorithm=digest_algorithm,
        value_digests=_digests(members.get("valueDigests"), _DIGEST_OCTETS[digest_algorithm]),
        device_key=PublicKey.from_cose(key_info.get("deviceKey")),
        validity=_validity(members.get("validityInfo")),
        status=status,
        unknown_status=unknown_status,
    )


def _digests(value: object, octets: int) -> dict[str, Mapping[int, bytes]]:
    name_spaces = dict(cbor.as_map(value, "valueDigests"))
    for namespace, digests in name_spaces.items():
        cbor.as_text(namespace, "namespace")
        cbor.as_map(digests, "digests")
        if not _ONLY_INTEGERS.issuperset(map(type, digests)):
            raise unreadable("digests", "digest id is not an integer")
        if not _ONLY_OCTETS.issuperset(map(type, digests.values())) or not {octets}.issuperset(
            map(len, digests.values())
        ):
            raise unreadable("digests", f"digest is not a byte string of {octets} octets")
    return name_spaces


def _validity(value: object) -> ValidityInfo:
    members = cbor.as_map(value, "validityInfo")
    return ValidityInfo(
        signed=cbor.as_tdate(members.get("signed"), "signed"),
        valid_from=cbor.as_tdate(members.get("validFrom"), "validFrom"),
        valid_until=cbor.as_tdate(members.get("validUntil"), "validUntil"),
    )


def _status(value: object) -> tuple[StatusReference | None, bool]:
    """Return the status list reference, and whether something else is there too."""
    if value is None:
        return None, False
    members = cbor.as_map(value, "status")
    if "status_list" not in members:
        return None, True
    entry = cbor.as_map(members["status_list"], "status_list")
    reference = StatusReference(
        uri=cbor.as_text(entry.get("uri"), "status_list uri"),
        index=cbor.as_uint(entry.get("idx"), "status_list idx"),
    )
    return reference, len(members) > 1


def _version(value: object, what: str) -> str:
    """Take version 1 with any minor number: a reader must not fail on a later minor one."""
    if type(value) is str and value == VERSION:
        return value
    version = cbor.as_text(value, f"{what} version")
    major, _, minor = version.partition(".")
    if major != "1" or not (minor.isascii() and minor.isdigit()):
        raise unreadable(what, "version is not 1")
    return version
