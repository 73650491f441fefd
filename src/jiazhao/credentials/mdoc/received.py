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
    """Return the encoded items (tag 24) of one namespace, whose contents these are, in order.

    They follow each other without a gap, so all of them are looked for at once.
    """
    items = [
        _HEADS[len(content)] + content if len(content) < 256 else cbor.embed(content)
        for content in contents
    ]
    together = b"".join(items)
    if octets.startswith(together, octets.find(together[:_PROBE_OCTETS])):
        return items
    return _walk(octets, contents)


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
