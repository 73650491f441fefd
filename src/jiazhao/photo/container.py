"""What a picture's file says of itself, read before a single pixel is decoded.

The format follows from the octets, never from a name. Only the parts that draw the picture are
kept: no decoder sees a colour profile, a comment or a thumbnail, and what was hidden in them is
gone. The camera's data (Exif) is handed on apart.

Sources: ITU-T T.81 annex B (JPEG), W3C PNG (third edition) sections 5 and 11, RFC 9649 (WebP).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from zlib import crc32

from jiazhao.errors import ErrorCode, UnreadableError

MAX_OCTETS = 8 * 1024 * 1024
"""A phone's photograph of twelve million pixels takes 3 to 7 MB."""

MAX_PIXELS = 12_800_000
"""A phone's usual photograph has 4000 by 3000; decoded it takes 38 MB, a progressive one 77."""

MAX_PIXELS_WHOLE = 5_000_000
"""Of a PNG or WebP, which no camera writes and which are decoded whole: up to 88 MB."""

MAX_SIDE = 10_000
"""A picture of one row has few pixels and still costs its width."""

MAX_PARTS = 4_000
"""Segments or chunks: 8 MB in the 8 kB chunks of PNG are a thousand."""

MAX_SCANS = 20
"""A progressive JPEG has ten; each further one decodes the whole picture again."""

MAX_FILLING = 16
"""No camera fills a marker up at all."""

_OTHER_LANGUAGES = (b"%PDF-", b"<svg", b"<html", b"<script", b"<?php", b"PK\x03\x04", b"PK\x05\x06")
"""What makes a file read as something else by a program that looks for it inside."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A file that says it is a picture: `octets` holds only what draws it."""

    format: str
    width: int
    height: int
    in_colour: bool
    octets: bytes = field(repr=False)
    exif: bytes = field(repr=False)


def read(octets: bytes) -> Picture:
    """Read the structure, or raise `UnreadableError` with the reason's own code."""
    if len(octets) > MAX_OCTETS:
        raise UnreadableError(ErrorCode.PHOTO_TOO_LARGE, limit=f"{MAX_OCTETS >> 20} MB")
    if octets.startswith(b"\xff\xd8\xff"):
        return _read_jpeg(octets)
    if octets.startswith(_PNG):
        return _read_png(octets)
    if octets[:4] == b"RIFF" and octets[8:12] == b"WEBP":
        return _read_webp(octets)
    raise UnreadableError(ErrorCode.PHOTO_FORMAT)


def _damaged() -> UnreadableError:
    return UnreadableError(ErrorCode.PHOTO_DAMAGED)


def _require_size(width: int, height: int, most: int) -> None:
    if width == 0 or height == 0:
        raise _damaged()
    if width * height > most or max(width, height) > MAX_SIDE:
        raise UnreadableError(ErrorCode.PHOTO_TOO_MANY_PIXELS, limit=f"{most:,}")


def _require_one_language(metadata: bytes) -> None:
    if any(sign in metadata for sign in _OTHER_LANGUAGES):
        raise UnreadableError(ErrorCode.PHOTO_HOLDS_MORE)


class _Parts:
    """Counts segments or chunks, so that a file of a million empty ones ends early."""

    def __init__(self) -> None:
        self._seen = 0

    def next(self) -> None:
        self._seen += 1
        if self._seen > MAX_PARTS:
            raise UnreadableError(ErrorCode.PHOTO_TOO_MANY_PARTS)


# -- JPEG

_SOI, _EOI, _SOS, _APP1, _APP14, _COM = 0xD8, 0xD9, 0xDA, 0xE1, 0xEE, 0xFE
_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
"""Sequential and progressive with Huffman coding: what cameras write and browsers show."""
_OTHER_FRAMES = frozenset(range(0xC3, 0xD0)) - {0xC4, 0xC8, 0xCC}
_EXIF = b"Exif\0\0"


def _read_jpeg(octets: bytes) -> Picture:
    kept = [b"\xff\xd8"]
    exif = b""
    frame: tuple[int, int, int] | None = None
    parts, scans, place = _Parts(), 0, 2
    while True:
        parts.next()
        marker, place = _marker(octets, place)
        if marker == _EOI:
            break
        length = int.from_bytes(octets[place : place + 2], "big")
        body = octets[place + 2 : place + length]
        if length < 2 or len(body) != length - 2:
            raise _damaged()
        place += length
        if 0xE0 <= marker <= 0xEF or marker == _COM:
            _require_one_language(body)
            if marker == _APP1 and body.startswith(_EXIF):
                exif = exif or body
            if marker != _APP14 or not body.startswith(b"Adobe"):
                continue  # Adobe's segment says how the colours are coded.
        elif marker in _FRAMES:
            if frame is not None:
                raise _damaged()
            frame = _frame(body)
        elif marker in _OTHER_FRAMES:
            raise UnreadableError(ErrorCode.PHOTO_FORMAT)
        kept += [bytes((0xFF, marker)), length.to_bytes(2, "big"), body]
        if marker == _SOS:
            scans += 1
            if frame is None:
                raise _damaged()
            if scans > MAX_SCANS:
                raise UnreadableError(ErrorCode.PHOTO_TOO_MANY_PARTS)
            end = _end_of_scan(octets, place)
            kept.append(octets[place:end])
            place = end
    if frame is None or scans == 0:
        raise _damaged()
    if place != len(octets):
        raise UnreadableError(ErrorCode.PHOTO_HOLDS_MORE)
    width, height, components = frame
    kept.append(b"\xff\xd9")
    return Picture("JPEG", width, height, components == 3, b"".join(kept), exif)


def _marker(octets: bytes, place: int) -> tuple[int, int]:
    if octets[place : place + 1] != b"\xff":
        raise _damaged()
    for _ in range(MAX_FILLING):  # a marker may be filled up with these
        if octets[place : place + 1] == b"\xff":
            place += 1
    marker = octets[place : place + 1]
    if not marker or marker[0] < 0xC0 or marker[0] == _SOI or 0xD0 <= marker[0] <= 0xD7:
        raise _damaged()
    return marker[0], place + 1


def _frame(body: bytes) -> tuple[int, int, int]:
    if len(body) < 6 or len(body) != 6 + 3 * body[5]:
        raise _damaged()
    height, width = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
    _require_size(width, height, MAX_PIXELS)
    if body[5] == 4:
        raise UnreadableError(ErrorCode.PHOTO_FOR_PRINT)
    if body[0] != 8 or body[5] not in (1, 3):
        raise UnreadableError(ErrorCode.PHOTO_FORMAT)
    return width, height, body[5]


_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""What ends a scan: stuffed zeros, restarts and filling belong to it."""


def _end_of_scan(octets: bytes, place: int) -> int:
    found = _NEXT_MARKER.search(octets, place)
    if found is None:
        raise _damaged()
    return found.start()


# -- PNG

_PNG = b"\x89PNG\r\n\x1a\n"
_DRAWS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_MOVES = frozenset({b"acTL", b"fcTL", b"fdAT"})


def _read_png(octets: bytes) -> Picture:
    kept = [_PNG]
    exif = b""
    header: tuple[int, int, bool] | None = None
    parts, place, last = _Parts(), len(_PNG), b""
    while last != b"IEND":
        parts.next()
        length = int.from_bytes(octets[place : place + 4], "big")
        name = octets[place + 4 : place + 8]
        end = place + 12 + length
        if len(name) != 4 or end > len(octets):
            raise _damaged()
        body = octets[place + 8 : end - 4]
        if (header is None) != (name == b"IHDR"):
            raise _damaged()
        if name == b"IHDR":
            header = _header(body)
        elif name in _MOVES:
            raise UnreadableError(ErrorCode.PHOTO_MOVES)
        if name in _DRAWS:
            if crc32(octets[place + 4 : end - 4]) != int.from_bytes(octets[end - 4 : end], "big"):
                raise _damaged()
            kept.append(octets[place:end])
        elif name[:1].isupper():
            raise UnreadableError(ErrorCode.PHOTO_FORMAT)  # needed to draw it, and unknown
        else:
            _require_one_language(body)
            if name == b"eXIf":
                exif = exif or body
        place, last = end, name
    if header is None:
        raise _damaged()
    if place != len(octets):
        raise UnreadableError(ErrorCode.PHOTO_HOLDS_MORE)
    width, height, in_colour = header
    return Picture("PNG", width, height, in_colour, b"".join(kept), exif)


def _header(body: bytes) -> tuple[int, int, bool]:
    if len(body) != 13:
        raise _damaged()
    width, height = int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big")
    _require_size(width, height, MAX_PIXELS_WHOLE)
    depth, colour = body[8], body[9]
    if depth > 8 or colour not in (0, 2, 3, 4, 6):
        raise UnreadableError(ErrorCode.PHOTO_FORMAT)
    return width, height, colour not in (0, 4)


# -- WebP


def _read_webp(octets: bytes) -> Picture:
    size = int.from_bytes(octets[4:8], "little") + 8
    if size > len(octets):
        raise _damaged()
    if size != len(octets):
        raise UnreadableError(ErrorCode.PHOTO_HOLDS_MORE)
    chunks = dict[bytes, bytes]()
    for name, body in _riff_chunks(octets):
        if name in (b"ANIM", b"ANMF"):
            raise UnreadableError(ErrorCode.PHOTO_MOVES)
        if name not in (b"VP8 ", b"VP8L", b"VP8X", b"ALPH"):
            _require_one_language(body)
        if name in chunks:
            raise _damaged()
        chunks[name] = body
    if (b"VP8 " in chunks) == (b"VP8L" in chunks):
        raise _damaged()
    if b"VP8L" in chunks:
        width, height = _lossless_size(chunks[b"VP8L"])
        drawn = [_riff_chunk(b"VP8L", chunks[b"VP8L"])]
    else:
        width, height = _lossy_size(chunks[b"VP8 "])
        drawn = [_riff_chunk(b"VP8 ", chunks[b"VP8 "])]
        if b"ALPH" in chunks:
            sides = b"".join((side - 1).to_bytes(3, "little") for side in (width, height))
            drawn.insert(0, _riff_chunk(b"ALPH", chunks[b"ALPH"]))
            drawn.insert(0, _riff_chunk(b"VP8X", b"\x10\0\0\0" + sides))
    canvas = chunks.get(b"VP8X")
    if canvas is not None and canvas[4:10] != b"".join(
        (side - 1).to_bytes(3, "little") for side in (width, height)
    ):
        raise _damaged()
    body = b"WEBP" + b"".join(drawn)
    clean = b"RIFF" + len(body).to_bytes(4, "little") + body
    return Picture("WEBP", width, height, True, clean, chunks.get(b"EXIF", b""))


def _riff_chunks(octets: bytes) -> Iterator[tuple[bytes, bytes]]:
    parts, place = _Parts(), 12
    while place < len(octets):
        parts.next()
        name = octets[place : place + 4]
        length = int.from_bytes(octets[place + 4 : place + 8], "little")
        body = octets[place + 8 : place + 8 + length]
        if len(body) != length or len(name) != 4:
            raise _damaged()
        yield name, body
        place += 8 + length + length % 2
    if place > len(octets):
        raise _damaged()


def _riff_chunk(name: bytes, body: bytes) -> bytes:
    return name + len(body).to_bytes(4, "little") + body + b"\0" * (len(body) % 2)


def _lossy_size(body: bytes) -> tuple[int, int]:
    if len(body) < 10 or body[0] & 1 or body[3:6] != b"\x9d\x01\x2a":
        raise _damaged()
    width = int.from_bytes(body[6:8], "little") & 0x3FFF
    height = int.from_bytes(body[8:10], "little") & 0x3FFF
    _require_size(width, height, MAX_PIXELS_WHOLE)
    return width, height


def _lossless_size(body: bytes) -> tuple[int, int]:
    if len(body) < 5 or body[0] != 0x2F:
        raise _damaged()
    bits = int.from_bytes(body[1:5], "little")
    width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    _require_size(width, height, MAX_PIXELS_WHOLE)
    return width, height
