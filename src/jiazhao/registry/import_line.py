"""The shape of one line of the import format, as JSON has it: `docs/specs/register-import.md`.

Types, members and lengths are refused here, while the bytes are decoded; what needs a second
look (check digits, intervals, characters) is checked in `importing.py`.
"""

import json
import re
from datetime import date
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, field

from jiazhao.licence.licence import IdentityKind, LatinNameSource, Sex
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.registry.import_reasons import Reason, UnfitError

MAX_TEXT = 150
"""Characters in a name, an address or an office's name: the bound of ISO/IEC 18013-5, table 5."""

MAX_RECORD = 500
"""Characters in `record`; real ones are a sentence or two."""

_INSTANT = (
    r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})\Z"
)

Text = Annotated[str, Meta(min_length=1, max_length=MAX_TEXT)]
MayBeEmpty = Annotated[str, Meta(max_length=MAX_TEXT)]
Instant = Annotated[str, Meta(pattern=_INSTANT)]


class _Entry(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    start: Instant = field(name="from")
    end: Instant | None = field(name="until")


class PersonEntry(_Entry, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """One row of `persons`."""

    family_name: MayBeEmpty
    given_name: MayBeEmpty
    family_name_latin: MayBeEmpty
    given_name_latin: MayBeEmpty
    latin_source: LatinNameSource
    sex: Sex
    nationality: Annotated[str, Meta(pattern=r"\A[A-Z]{2}\Z")]
    birth_date: date
    address: Text
    identity_kind: IdentityKind
    identity_number: Annotated[str, Meta(max_length=20)]


class OfficeEntry(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """`issuing_office` of a grant."""

    code: Annotated[str, Meta(pattern=r"\A[0-9]{12}\Z")]
    name: Text
    name_latin: Text
    prefix: Annotated[
        str,
        Meta(pattern=r"\A[京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新][A-Z]\Z"),
    ]


class GrantEntry(_Entry, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """One row of `grants`."""

    archive_number: Annotated[str, Meta(max_length=12)]
    issuing_office: OfficeEntry
    first_issue_date: date
    valid_from: date
    valid_until: date | None
    record: Annotated[str, Meta(max_length=MAX_RECORD)]


class ClassEntry(_Entry, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """One row of `classes`."""

    vehicle_class: VehicleClass
    issue_date: date
    expiry_date: date | None


class StatusEntry(_Entry, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """One row of `statuses`."""

    status: LicenceStatus


class PointsEntry(_Entry, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """One row of `points`."""

    points: Annotated[int, Meta(ge=0, le=99)]


class PhotoEntry(_Entry, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """One row of `photos`; base64 is undone by the decoder."""

    captured_on: date | None
    jpeg: bytes


class HolderLine(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """One whole line."""

    holder_id: Annotated[str, Meta(max_length=36)]
    persons: list[PersonEntry]
    grants: list[GrantEntry]
    classes: list[ClassEntry]
    statuses: list[StatusEntry]
    points: list[PointsEntry]
    photos: list[PhotoEntry]


def _refuse_duplicates(members: list[tuple[str, Any]]) -> None:
    names = [name for name, _ in members]
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UnfitError(twice, Reason.DUPLICATE_MEMBER)


_DECODER = msgspec.json.Decoder(HolderLine)
_PLAIN = json.JSONDecoder(object_pairs_hook=_refuse_duplicates)

_NAME_ENDS = re.compile(r'"[ \t\r\n]*:')
"""A quotation mark before a colon ends a name, or is an escaped one inside of a text: there are
at least as many of these as members."""


def _count_members(line: HolderLine) -> int:
    """How many members a line has when none is twice: all are demanded, no other may be."""
    entries = (line.persons, line.grants, line.classes, line.statuses, line.points, line.photos)
    of_entries = sum(len(of[0].__struct_fields__) * len(of) for of in entries if of)
    of_offices = len(OfficeEntry.__struct_fields__) * len(line.grants)
    return len(HolderLine.__struct_fields__) + of_entries + of_offices


# How msgspec begins its messages; they may quote the value, so they are never passed on.
_MESSAGES = (
    (re.compile(r"Object contains unknown field"), Reason.UNKNOWN_MEMBER),
    (re.compile(r"Object missing required field `(?P<member>\w+)`"), Reason.MISSING_MEMBER),
    (re.compile(r"Expected `(str|bytes)` of length"), Reason.WRONG_LENGTH),
    (re.compile(r"Expected `str` matching"), Reason.WRONG_FORM),
    (re.compile(r"Expected `int` [<>]|(Integer|Number) .*out of range"), Reason.OUT_OF_RANGE),
    (re.compile(r"Expected .*, got"), Reason.WRONG_TYPE),
    (re.compile(r"Invalid enum value"), Reason.UNKNOWN_VALUE),
    (re.compile(r"Invalid RFC3339"), Reason.NO_SUCH_DAY),
    (re.compile(r"Invalid base64"), Reason.NOT_BASE64),
)
_PATH = re.compile(r" - at `\$\.?(?P<path>[^`]*)`\Z")


def decode(text: str) -> HolderLine:
    """Decode one line, or raise `UnfitError` with the path of the member that does not fit.

    The decoder follows the types above, so what nests deeper than they do is refused at the
    first bracket too many. It lets a second member of one name win; where there seem to be more
    members than it took, the plain decoder looks for those, and by then the depth is known.
    """
    try:
        line = _DECODER.decode(text)
        if len(_NAME_ENDS.findall(text)) != _count_members(line):
            _PLAIN.decode(text)
    except msgspec.ValidationError as error:
        raise _unfit(str(error)) from None
    except (msgspec.DecodeError, RecursionError):
        raise UnfitError("", Reason.NOT_JSON) from None
    return line


def convert(members: dict[str, object]) -> HolderLine:
    """Check members that were read from another layout, or raise `UnfitError` as `decode` does."""
    try:
        return msgspec.convert(members, HolderLine)
    except msgspec.ValidationError as error:
        raise _unfit(str(error)) from None


def _unfit(message: str) -> UnfitError:
    found = _PATH.search(message)
    path = found["path"] if found else ""
    for pattern, reason in _MESSAGES:
        match = pattern.match(message)
        if match:
            member = match.groupdict().get("member")
            return UnfitError(".".join(filter(None, (path, member))), reason)
    return UnfitError(path, Reason.WRONG_FORM)
