"""The portrait of a licence code: what is left of a picture when its template is taken away.

docs/specs/licence-code.md, "Portrait". A grey AVIF of 60 by 80 is 284 octets of containers and
sequence header, the same in every picture of one encoder and size but for three lengths, and one
frame. A code carries the frame and the number of the template.
"""

from dataclasses import dataclass
from typing import Final

from jiazhao.credentials.cbor import unreadable

TEMPLATE: Final = 1
"""The one template: grey AVIF, 60 wide and 80 high, by the encoder that photo/code_portrait.py
pins."""
MIN_OCTETS: Final = 300
"""In less a codec invents smooth features: a plausible face that is no evidence."""
MIN_ROOM: Final = 330
"""Qualities of the encoder are up to a tenth apart, so in less room `MIN_OCTETS` may be missed."""
MAX_OCTETS: Final = 500

_WHAT: Final = "portrait"

_BEFORE_EXTENT: Final = bytes.fromhex(
    "0000001c667479706176696600000000617669666d6966316d696166000000e96d6574610000000000000021"
    "68646c72000000000000000070696374000000000000000000000000000000000e7069746d00000000000100"
    "00001e696c6f6300000000440000010001000000010000010d"
)
"""ftyp, and meta down to the length of the picture's extent (ISO/IEC 14496-12, 23008-12)."""
_BEFORE_DATA: Final = bytes.fromhex(
    "0000002869696e660000000000010000001a696e6665020000000001000061763031436f6c6f720000000068"
    "69707270000000496970636f0000001469737065000000000000003c000000500000000e7069786900000000"
    "01080000000c6176314381001c0000000013636f6c726e636c780001000d0006800000001769706d61000000"
    "000000000100010401028304"
)
"""iinf and iprp: 60 by 80, one channel of eight bits."""
_BOX_TYPE: Final = b"mdat"
_BEFORE_FRAME: Final = bytes.fromhex("12000a091815bb9edb010d06a032")
"""AV1: temporal delimiter, sequence header, and the header of the frame's unit."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """A picture without the octets that all pictures of its template share."""

    template: int
    octets: bytes

    def __repr__(self) -> str:
        return f"Portrait({len(self.octets)} octets)"


def strip(avif: bytes) -> Portrait:
    """Take the template away, or raise `UnreadableError` where the file is not made by it."""
    start = len(rebuild(Portrait(TEMPLATE, b""))) - 1
    for size_octets in (1, 2):
        portrait = Portrait(TEMPLATE, avif[start + size_octets :])
        if portrait.octets and rebuild(portrait) == avif:
            return portrait
    raise unreadable(_WHAT, "not made by the template")


def rebuild(portrait: Portrait) -> bytes:
    """Return the AVIF file, octet by octet as the encoder wrote it.

    Only for a portrait under an issuer's signature that was verified: no stranger's octets
    belong in a decoder of pictures.
    """
    if portrait.template != TEMPLATE:
        raise unreadable(_WHAT, "unknown template")
    data = _BEFORE_FRAME + _leb128(len(portrait.octets)) + portrait.octets
    extent, box = len(data).to_bytes(4), (len(data) + 8).to_bytes(4)
    return b"".join((_BEFORE_EXTENT, extent, _BEFORE_DATA, box, _BOX_TYPE, data))


def _leb128(value: int) -> bytes:
    """Write a size as AV1 does (section 4.10.5); two octets are enough for a portrait."""
    if value < 1 << 7:
        return bytes([value])
    return bytes([0x80 | value & 0x7F, value >> 7])
