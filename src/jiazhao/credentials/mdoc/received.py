"""The octets of items as they were received.

A digest is over IssuerSignedItemBytes: the tag, the head of the byte string and its content.
Decoding loses the form of that head. Nearly every issuer writes the shortest one, and then
the octets are found again where they should be; if not, the heads are walked.
"""

from collections.abc import Iterator, Sequence

from jiazhao.credentials import cbor
from jiazhao.credentials.cbor import heads

_HEADS = tuple(heads.head(heads.TAG, 24) + head for head in heads.SHORT_HEADS[heads.BYTES])
_PROBE_OCTETS = 64
"""Beyond the begin of the salt, so it occurs once."""


def received_items(octets: bytes, contents: Sequence[bytes]) -> list[bytes]:
    """Return the encoded items (tag 24) of `octets` whose contents these are, in order."""
    items = []
    position = 0
    for content in contents:
        length = len(content)
        item = _HEADS[length] + content if length < 256 else cbor.embed(content)
        if not octets.startswith(item, position):
            position = octets.find(item[:_PROBE_OCTETS], position)
            if position < 0 or not octets.startswith(item, position):
                return _walk(octets, contents)
        items.append(item)
        position += len(item)
    return items


def _walk(octets: bytes, contents: Sequence[bytes]) -> list[bytes]:
    embedded = _embedded_items(octets)
    return [next(item for item, content in embedded if content == wanted) for wanted in contents]


def _embedded_items(octets: bytes) -> Iterator[tuple[bytes, object]]:
    """Yield each tag 24 item with its content, from front to back."""
    position = 0
    while position < len(octets):
        major, value, behind = heads.read_head(octets, position)
        if (major, value) == (heads.TAG, 24):
            behind = heads.end_of_item(
                octets, position, max_items=cbor.MAX_ITEMS, max_depth=cbor.MAX_DEPTH
            )
            item = octets[position:behind]
            yield item, cbor.unwrap(item, "item")
        elif major in {heads.BYTES, heads.TEXT} and value is not None:
            behind += value
        position = behind
