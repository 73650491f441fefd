"""Identifiers and their check digits.

Sources: GB 11643-1999 with ISO 7064 MOD 11-2 (citizen number); the archive number's and the
instance number's forms are known from public notices only, so their check is ours and marked so.
"""

import re
from typing import NewType

from jiazhao.errors import ErrorCode, UnreadableError

HolderId = NewType("HolderId", str)
"""Opaque name of a holder inside one register; it never derives from personal data."""

CitizenNumber = NewType("CitizenNumber", str)
"""公民身份号码: 18 characters, the last a check digit; it is the licence number (证号)."""

ArchiveNumber = NewType("ArchiveNumber", str)
"""档案编号: 12 digits, 4 of the region and 8 serial; it never changes on reissue."""

InstanceNumber = NewType("InstanceNumber", str)
"""证芯编号: 13 digits, 2 of the province, 1 check, 10 serial; new with each issue."""

_HOLDER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{3,35}")
_CITIZEN = re.compile(r"\d{17}[\dX]")
_CITIZEN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CITIZEN_CHECKS = "10X98765432"


def _refuse(what: str) -> UnreadableError:
    return UnreadableError(ErrorCode.INVALID_IDENTIFIER, what=what)


def holder_id(text: str) -> HolderId:
    """Read a holder's opaque id (4 to 36 letters, digits, `_`, `-`)."""
    if not _HOLDER_ID.fullmatch(text):
        raise _refuse("holder id")
    return HolderId(text)


def citizen_check_digit(first17: str) -> str:
    """The check character of GB 11643-1999 over the first 17 digits."""
    total = sum(w * int(c) for w, c in zip(_CITIZEN_WEIGHTS, first17, strict=True))
    return _CITIZEN_CHECKS[total % 11]


def citizen_number(text: str) -> CitizenNumber:
    """Read a citizen number; its area code may be historical, so only form and check count."""
    text = text.upper()
    if (
        not text.isascii()
        or not _CITIZEN.fullmatch(text)
        or citizen_check_digit(text[:17]) != text[17]
    ):
        raise _refuse("citizen number")
    return CitizenNumber(text)


def archive_number(text: str) -> ArchiveNumber:
    """Read an archive number; no check digit is known."""
    if len(text) != 12 or not (text.isascii() and text.isdigit()):
        raise _refuse("archive number")
    return ArchiveNumber(text)


def instance_check_digit(province: str, serial: str) -> str:
    """MOD 10 with weights 3 and 1 over province and serial: our own choice, none is published."""
    total = sum(int(c) * (3, 1)[i % 2] for i, c in enumerate(province + serial))
    return str(-total % 10)


def instance_number(text: str) -> InstanceNumber:
    """Read an instance number and check its third digit."""
    if (
        len(text) != 13
        or not (text.isascii() and text.isdigit())
        or text[2] != instance_check_digit(text[:2], text[3:])
    ):
        raise _refuse("instance number")
    return InstanceNumber(text)


def make_instance_number(province: str, serial: int) -> InstanceNumber:
    """Compose an instance number from two province digits and a serial below 10**10."""
    digits = f"{serial:010d}"
    return instance_number(f"{province}{instance_check_digit(province, digits)}{digits}")
