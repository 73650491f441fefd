"""The two things of a camera's data (Exif) that are asked for: when, and which way up.

Source: CIPA DC-008 (Exif) over TIFF 6.0. Whatever cannot be read is not there: the date is a
hint that anybody can change, and its absence refuses nothing.
"""

from dataclasses import dataclass
from datetime import date

MAX_ENTRIES = 256
"""A camera writes some sixty in one directory."""

_ORIENTATION, _MODIFIED, _DETAILS = 0x0112, 0x0132, 0x8769
_TAKEN, _DIGITISED = 0x9003, 0x9004
_TEXT, _SHORT, _LONG = 2, 3, 4
_DATE_OCTETS = 20


@dataclass(frozen=True, slots=True)
class CameraData:
    """`orientation` is 1 to 8 as Exif numbers them, 1 upright; `captured_on` if it is told."""

    orientation: int = 1
    captured_on: date | None = None


def read_camera_data(exif: bytes) -> CameraData:
    """Read what the camera wrote; never raises."""
    tiff = exif.removeprefix(b"Exif\0\0")
    match tiff[:4]:
        case b"II*\0":
            reader = _Reader(tiff, "little")
        case b"MM\0*":
            reader = _Reader(tiff, "big")
        case _:
            return CameraData()
    first = reader.directory(reader.number(4, 4))
    details = reader.directory(first.get((_DETAILS, _LONG), 0))
    orientation = first.get((_ORIENTATION, _SHORT), 1)
    days = [
        day
        for directory, tag in ((first, _MODIFIED), (details, _TAKEN), (details, _DIGITISED))
        if (day := reader.day(directory.get((tag, _TEXT), 0))) is not None
    ]
    # It cannot have been taken later than the earliest of them.
    return CameraData(orientation if 1 <= orientation <= 8 else 1, min(days, default=None))


class _Reader:
    def __init__(self, tiff: bytes, order: str) -> None:
        self._tiff = tiff
        self._little = order == "little"

    def number(self, place: int, octets: int) -> int:
        found = self._tiff[place : place + octets]
        return int.from_bytes(found, "little" if self._little else "big")

    def directory(self, place: int) -> dict[tuple[int, int], int]:
        """Tag and type to the value, or to where it lies if it is longer than four octets."""
        if not 8 <= place < len(self._tiff):
            return {}
        found = {}
        for index in range(min(self.number(place, 2), MAX_ENTRIES)):
            entry = place + 2 + 12 * index
            tag, kind = self.number(entry, 2), self.number(entry + 2, 2)
            found[tag, kind] = self.number(entry + 8, 2 if kind == _SHORT else 4)
        return found

    def day(self, place: int) -> date | None:
        text = self._tiff[place : place + _DATE_OCTETS] if place else b""
        try:
            year, month, day = text[:10].decode("ascii").split(":")
            return date(int(year), int(month), int(day))
        except ValueError:
            return None
