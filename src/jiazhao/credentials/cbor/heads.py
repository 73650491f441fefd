"""The heads of CBOR items (RFC 8949 section 3): writing them, and finding where an item ends.

No value is decoded here. Finding an end serves where the octets themselves count: a digest
is over what was received, whatever form its lengths had.
"""

from typing import Final

from jiazhao.errors import ErrorCode, UnreadableError

UINT: Final = 0
NINT: Final = 1
BYTES: Final = 2
TEXT: Final = 3
ARRAY: Final = 4
MAP: Final = 5
TAG: Final = 6
_INDEFINITE: Final = 31

SHORT_HEADS: Final = tuple(
    tuple(
        bytes([major << 5 | value]) if value < 24 else bytes([major << 5 | 24, value])
        for value in range(256)
    )
    for major in range(8)
)
"""The heads of arguments below 256, by major type: nearly all that our formats need."""


def head(major: int, value: int) -> bytes:
    """Return the shortest head of a major type with its argument."""
    if value < 256:
        return SHORT_HEADS[major][value]
    for info, octets in ((25, 2), (26, 4), (27, 8)):
        if value < 1 << 8 * octets:
            return bytes([major << 5 | info]) + value.to_bytes(octets)
    raise OverflowError("beyond 64 bits")


def array_head(count: int) -> bytes:
    """Return the head of an array of `count` items."""
    return head(ARRAY, count)


def end_of_item(octets: bytes, start: int, *, max_items: int, max_depth: int) -> int:
    """Return the index behind the item that begins at `start`.

    Raises `UnreadableError` where the item is cut short, nested too deep, has too many
    items or a head that RFC 8949 does not define.
    """
    position = start
    open_counts = [1]  # items still to come in each open container; -1 until a break
    for _ in range(max_items):
        major, value, position = read_head(octets, position)
        if open_counts[-1] > 0:
            open_counts[-1] -= 1
        if major == 7:
            if value is None:
                if open_counts[-1] != -1:
                    raise _malformed("stray break")
                open_counts.pop()
        elif value is None:
            open_counts.append(-1)
        elif major in {BYTES, TEXT}:
            position += value
        elif major in {ARRAY, MAP}:
            open_counts.append(value * (major - 3))
        elif major == TAG:
            open_counts.append(1)
        if len(open_counts) > max_depth + 1:
            raise _malformed(f"nested deeper than {max_depth}")
        while open_counts and open_counts[-1] == 0:
            open_counts.pop()
        if position > len(octets):
            raise _malformed("cut short")
        if not open_counts:
            return position
    raise _malformed(f"more than {max_items} items")


def read_head(octets: bytes, position: int) -> tuple[int, int | None, int]:
    """Return major type, argument (None if indefinite or a break) and the index behind.

    Raises `UnreadableError` at the end of the octets or on a head that is not defined.
    """
    try:
        first = octets[position]
    except IndexError:
        raise _malformed("cut short") from None
    major, info = first >> 5, first & 31
    position += 1
    if info < 24:
        return major, info, position
    if info < 28:
        end = position + (1 << (info - 24))
        return major, int.from_bytes(octets[position:end]), end
    if info == _INDEFINITE and major not in {UINT, NINT, TAG}:
        return major, None, position
    raise _malformed("undefined head")


def _malformed(reason: str) -> UnreadableError:
    return UnreadableError(ErrorCode.UNREADABLE, what="CBOR", reason=reason)
