"""What the import parser looks at twice: text, intervals, identity numbers, portraits.

Each check takes the name of the member, so that the refusal can say where it is.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import lru_cache

from jiazhao.errors import UnreadableError
from jiazhao.licence.history import Interval
from jiazhao.licence.identifiers import citizen_number
from jiazhao.licence.licence import IdentityKind
from jiazhao.registry.import_reasons import Reason, UnfitError

FIRST_YEAR, LAST_YEAR = 1900, 2199
"""Outside these years a date is a slip of the pen, or a placeholder such as 9999-12-31."""

MAX_PHOTO_BYTES = 100 * 1024
"""Portraits on file are typically 14 to 30 KB; one of 100 KiB still fits a line as base64."""

PHOTO_WIDTH, PHOTO_HEIGHT = (100, 1600), (140, 2200)
"""Pixels. The archive's photo is 260 by 378, the electronic licence's at least 520 wide."""

# Characters that nobody sees, that reorder what an officer reads, or that tell of damage:
# C0 and C1 controls, soft hyphen, zero-width space, bidirectional marks, line separators, word
# joiner, byte order mark, U+FFF9-FFFD, noncharacters, surrogates and tag characters. By code
# point, not by category: a category depends on the Unicode version of the Python that runs.
_UNWANTED = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\uffff\U000e0000-\U000e007f"
    + "".join(
        f"{chr((plane << 16) + 0xFFFE)}{chr((plane << 16) + 0xFFFF)}" for plane in range(1, 17)
    )
    + "]"
)

_PERMANENT_RESIDENCE = re.compile(r"[A-Z]{3}[0-9]{12}|9[0-9]{16}[0-9X]")
_PASSPORT = re.compile(r"[A-Z0-9]{5,20}")


def text(field: str, value: str) -> str:
    """Return `value` unchanged: no controls, no outer spaces; else every character survives."""
    if not (value.isascii() and value.isprintable()) and _UNWANTED.search(value):
        raise UnfitError(field, Reason.CONTROL_CHARACTER)
    if value != value.strip():
        raise UnfitError(field, Reason.OUTER_SPACE)
    return value


def latin_text(field: str, value: str) -> str:
    """Return `value` when ISO/IEC 18013-5 lets it stand as a name: ISO 8859-1 only."""
    if not value.isascii() and any(character > "\xff" for character in value):
        raise UnfitError(field, Reason.NOT_LATIN_1)
    return text(field, value)


def day(field: str, value: date) -> date:
    """Return `value` when its year is believable."""
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise UnfitError(field, Reason.DAY_OUT_OF_BOUNDS)
    return value


def in_order(field: str, earlier: date, later: date | None) -> None:
    """Refuse `later`, the member `field`, when it lies before `earlier`."""
    if later is not None and later < earlier:
        raise UnfitError(field, Reason.DAYS_OUT_OF_ORDER)


def interval(start: str, end: str | None) -> Interval:
    """Read `from` and `until` into UTC."""
    read = Interval(_instant("from", start), None if end is None else _instant("until", end))
    if read.end is not None and read.end <= read.start:
        raise UnfitError("until", Reason.EMPTY_INTERVAL)
    return read


def _instant(field: str, value: str) -> datetime:
    try:
        instant = _in_utc(value)
    except (ValueError, OverflowError):
        raise UnfitError(field, Reason.NO_SUCH_DAY) from None
    if instant is None:
        raise UnfitError(field, Reason.DAY_OUT_OF_BOUNDS)
    return instant


@lru_cache(maxsize=1 << 16)
def _in_utc(value: str) -> datetime | None:
    """Read an instant; None where its year, as written, is not believable.

    Most instants of a register are the same midnights, read for many holders.
    """
    instant = datetime.fromisoformat(value)
    return instant.astimezone(UTC) if FIRST_YEAR <= instant.year <= LAST_YEAR else None


def identity_number(kind: IdentityKind, value: str, birth_date: date) -> str:
    """Read the number of an identity paper by its kind.

    A residence permit for people of Hong Kong, Macao and Taiwan has the form of GB 11643 too.
    No check digit is published for passports and for permanent residence.
    """
    if kind in (IdentityKind.CITIZEN, IdentityKind.RESIDENCE_PERMIT):
        try:
            number = citizen_number(value)
        except UnreadableError:
            raise UnfitError("identity_number", Reason.WRONG_CHECK) from None
        if number[6:14] != f"{birth_date:%Y%m%d}":
            raise UnfitError("birth_date", Reason.BIRTH_DATE_DIFFERS)
        return number
    form = _PASSPORT if kind is IdentityKind.PASSPORT else _PERMANENT_RESIDENCE
    if not form.fullmatch(value):
        raise UnfitError("identity_number", Reason.WRONG_CHECK)
    return value


def portrait(jpeg: bytes) -> bytes:
    """Return `jpeg` when its header tells of a portrait in bounds; nothing is decoded."""
    if len(jpeg) > MAX_PHOTO_BYTES:
        raise UnfitError("jpeg", Reason.PHOTO_TOO_LARGE)
    width, height = _jpeg_size(jpeg)
    if not (
        PHOTO_WIDTH[0] <= width <= PHOTO_WIDTH[1] and PHOTO_HEIGHT[0] <= height <= PHOTO_HEIGHT[1]
    ):
        raise UnfitError("jpeg", Reason.PHOTO_SIZE)
    return jpeg


def _jpeg_size(jpeg: bytes) -> tuple[int, int]:
    """Width and height from the frame header (ITU-T T.81, B.2.2), baseline or progressive."""
    if not (jpeg.startswith(b"\xff\xd8\xff") and jpeg.endswith(b"\xff\xd9")):
        raise UnfitError("jpeg", Reason.NOT_JPEG)
    for marker, content in _segments(jpeg):
        if marker in (0xC0, 0xC1, 0xC2) and len(content) >= 6 and content[5] in (1, 3):
            return int.from_bytes(content[3:5], "big"), int.from_bytes(content[1:3], "big")
    raise UnfitError("jpeg", Reason.NOT_JPEG)


def _segments(jpeg: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker segments up to the scan; each step moves on, so it ends.

    A length below 2 would lead into the length itself, which is no marker: the end.
    """
    position = 2
    while position + 4 <= len(jpeg) and jpeg[position] == 0xFF and jpeg[position + 1] != 0xDA:
        if jpeg[position + 1] == 0xFF:  # a fill byte before a marker
            position += 1
            continue
        length = int.from_bytes(jpeg[position + 2 : position + 4], "big")
        yield jpeg[position + 1], jpeg[position + 4 : position + 2 + length]
        position += 2 + length
