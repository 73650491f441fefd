"""Issuing an mdoc: IssuerSigned of ISO/IEC 18013-5:2021 section 8.3.2.1.2.2, MSO of 9.1.2.4.

What is fixed in an item and in the MSO is written by template, in deterministic order; only
element values pass through the encoder. That and one block of randomness make issuing five
times as fast as encoding a map for each item.
"""

import struct
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Final

from jiazhao.credentials import cbor, cose
from jiazhao.credentials.cbor.heads import ARRAY, BYTES, MAP, SHORT_HEADS, TAG, UINT, head
from jiazhao.credentials.mdoc.model import ValidityInfo
from jiazhao.credentials.mdoc.names import DIGEST_ALGORITHM, VERSION
from jiazhao.credentials.signing import PublicKey, Signer
from jiazhao.credentials.status_list import StatusReference

SALT_OCTETS: Final = 32
"""ISO/IEC 18013-5 9.1.2.5 asks for 16 at least; 32 as the digest is of 32."""
_ORDER_OCTETS: Final = 8
RANDOM_OCTETS: Final = SALT_OCTETS + _ORDER_OCTETS
"""Randomness that each element needs: its salt, and its place among the digest ids."""

_KNOWN_NAMES: Final = 1024
_KNOWN_COUNTS: Final = 64
_KNOWN_INSTANTS: Final = 64
"""Copies of one hour begin alike, and `signed` is often `valid_from`."""

_BEFORE_SALT: Final = head(MAP, 4) + cbor.encode("random") + head(BYTES, SALT_OCTETS)
_DIGEST_ID: Final = cbor.encode("digestID")
_ELEMENT_VALUE: Final = cbor.encode("elementValue")
_ELEMENT_IDENTIFIER: Final = cbor.encode("elementIdentifier")
_EMBEDDED_HEADS: Final = tuple(head(TAG, 24) + short for short in SHORT_HEADS[BYTES])
_SHORT_OCTETS: Final = len(_EMBEDDED_HEADS)
_DIGEST: Final = head(BYTES, 32)

_STATUS: Final = cbor.encode("status")
_DOC_TYPE: Final = cbor.encode("docType")
_VERSION: Final = cbor.encode("version") + cbor.encode(VERSION)
_VALIDITY_INFO: Final = cbor.encode("validityInfo")
_SIGNED: Final = head(MAP, 3) + cbor.encode("signed")
_VALID_FROM: Final = cbor.encode("validFrom")
_VALID_UNTIL: Final = cbor.encode("validUntil")
_VALUE_DIGESTS: Final = cbor.encode("valueDigests")
_DEVICE_KEY_INFO: Final = (
    cbor.encode("deviceKeyInfo") + head(MAP, 1) + cbor.encode("deviceKey") + head(MAP, 4)
    + bytes.fromhex("0102" "2001" "215820")
)  # fmt: skip
"""... up to the x coordinate: kty 1 is EC2 (2), crv -1 is P-256 (1), x is -2, y is -3."""
_Y: Final = bytes.fromhex("225820")
_DIGEST_ALGORITHM: Final = cbor.encode("digestAlgorithm") + cbor.encode(DIGEST_ALGORITHM)

_ISSUER_AUTH: Final = head(MAP, 2) + cbor.encode("issuerAuth")
_NAME_SPACES: Final = cbor.encode("nameSpaces")


def issue(
    *,
    doc_type: str,
    elements: Mapping[str, Mapping[str, object]],
    device_key: PublicKey,
    validity: ValidityInfo,
    randomness: bytes,
    signer: Signer,
    status: StatusReference | None = None,
) -> bytes:
    """Return the encoded IssuerSigned with the x5chain of `signer`.

    `elements` maps namespace to element to value; nothing in it is changed. `randomness` is
    one block of exactly `RANDOM_OCTETS` for each element, used for nothing else: first all
    the salts, then what orders the digest ids, so that an id tells nothing of an element.
    Unfit arguments are the caller's fault: ValueError or TypeError.
    """
    count = sum(map(len, elements.values()))
    if not count or not all(elements.values()):
        raise ValueError("no elements")
    if len(randomness) != count * RANDOM_OCTETS:
        raise ValueError(f"randomness is not {RANDOM_OCTETS} octets for each element")
    name_spaces, value_digests = _items(elements, randomness, count)
    mso = b"".join(
        (
            head(MAP, 6 if status is None else 7),
            b"" if status is None else _status(status),
            _DOC_TYPE,
            cbor.encode(doc_type),
            _VERSION,
            _VALIDITY_INFO,
            _validity(validity),
            _VALUE_DIGESTS,
            value_digests,
            _DEVICE_KEY_INFO,
            device_key.point[1:33],
            _Y,
            device_key.point[33:],
            _DIGEST_ALGORITHM,
        )
    )
    issuer_auth = cose.sign(cbor.embed(mso), signer, with_chain=True)
    return b"".join((_ISSUER_AUTH, issuer_auth, _NAME_SPACES, *name_spaces))


def _items(
    elements: Mapping[str, Mapping[str, object]], randomness: bytes, count: int
) -> tuple[list[bytes], bytes]:
    """Return the parts of the nameSpaces map, and the encoded valueDigests.

    An item is IssuerSignedItemBytes: what is disclosed, and what the digest is over.
    """
    order = struct.unpack_from(f"<{count}Q", randomness, SALT_OCTETS * count)
    name_spaces = [head(MAP, len(elements))]
    value_digests = [head(MAP, len(elements))]
    encode = cbor.encode
    first = salt_at = 0
    for namespace in sorted(elements, key=cbor.encode):
        members = elements[namespace]
        count = len(members)
        # A random permutation of 0 to count - 1: the ranks of so many random numbers.
        digest_ids = sorted(range(count), key=order[first : first + count].__getitem__)
        numbers = _numbers(count)
        digests = [b""] * count
        items = []
        for digest_id, (element, value) in zip(digest_ids, members.items(), strict=True):
            before_value, before_digest = numbers[digest_id]
            salt = randomness[salt_at : salt_at + SALT_OCTETS]
            salt_at += SALT_OCTETS
            content = b"".join(
                (_BEFORE_SALT, salt, before_value, encode(value), _after_value(element))
            )
            item = (
                _EMBEDDED_HEADS[len(content)] + content
                if len(content) < _SHORT_OCTETS
                else cbor.embed(content)
            )
            items.append(item)
            digests[digest_id] = before_digest + sha256(item).digest()
        name = cbor.encode(namespace)
        name_spaces += name, head(ARRAY, count), *items
        value_digests += name, head(MAP, count), *digests
        first += count
    return name_spaces, b"".join(value_digests)


@lru_cache(maxsize=_KNOWN_COUNTS)
def _numbers(count: int) -> tuple[tuple[bytes, bytes], ...]:
    """For each digest id what stands between salt and value, and what before its digest."""
    return tuple(
        (_DIGEST_ID + number + _ELEMENT_VALUE, number + _DIGEST)
        for number in (head(UINT, digest_id) for digest_id in range(count))
    )


@lru_cache(maxsize=_KNOWN_NAMES)
def _after_value(element: str) -> bytes:
    return _ELEMENT_IDENTIFIER + cbor.encode(element)


def _validity(validity: ValidityInfo) -> bytes:
    if not validity.signed <= validity.valid_from < validity.valid_until:
        raise ValueError("not signed <= valid_from < valid_until")
    return b"".join(
        (
            _SIGNED,
            _tdate(validity.signed),
            _VALID_FROM,
            _tdate(validity.valid_from),
            _VALID_UNTIL,
            _tdate(validity.valid_until),
        )
    )


@lru_cache(maxsize=_KNOWN_INSTANTS)
def _tdate(instant: datetime) -> bytes:
    return cbor.encode(cbor.TDate.of(instant))


def _status(status: StatusReference) -> bytes:
    return _STATUS + cbor.encode({"status_list": {"idx": status.index, "uri": status.uri}})
