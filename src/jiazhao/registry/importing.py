"""The import format: one holder a line, with the whole history. Pure: bytes in, nouns out.

Source: `docs/specs/register-import.md`, which shows a line before it gives the rules. A line is
an operator's input and may be hostile: its length is bounded before it is read, its members by
types, and only `UnreadableError` leaves, naming the member and the reason but never the value.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any, Protocol, TypeVar

import msgspec

from jiazhao.errors import UnreadableError
from jiazhao.licence.history import Held, Interval
from jiazhao.licence.identifiers import HolderId, archive_number, holder_id
from jiazhao.licence.legal_day import CHINA
from jiazhao.licence.licence import ClassEntitlement, Grant, IssuingOffice, Person, Photo
from jiazhao.licence.status import LicenceStatus
from jiazhao.registry import import_checks as checks
from jiazhao.registry.import_encoding import Encoding, decoded
from jiazhao.registry.import_line import (
    ClassEntry,
    GrantEntry,
    HolderLine,
    PersonEntry,
    PhotoEntry,
    decode,
)
from jiazhao.registry.import_reasons import ImportLineError, Reason, UnfitError

MAX_LINE_BYTES = 256 * 1024
"""One line with its newline: a portrait of 100 KiB in base64, and room for a long history."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ImportedHolder:
    """One holder as a line tells of him; each kind is sorted by the beginning of its intervals.

    At every moment from the first there is exactly one person and one grant; what else there is
    does not overlap within one class, one status, the points, or the photos.
    """

    holder_id: HolderId
    persons: tuple[Held[Person], ...]
    grants: tuple[Held[Grant], ...]
    classes: tuple[Held[ClassEntitlement], ...]
    statuses: tuple[Held[LicenceStatus], ...]
    points: tuple[Held[int], ...]
    photos: tuple[Held[Photo], ...]

    def __repr__(self) -> str:
        return "ImportedHolder(…)"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file: its number, where it ends in the file, and itself."""

    number: int
    end: int
    octets: bytes


@dataclass(frozen=True, slots=True)
class Told:
    """One holder as a file tells of him, or why that cannot be read.

    `number` is the line to look at, `last_line` the last of his, `end` where the file goes on,
    `octets` how much there was.
    """

    number: int
    last_line: int
    end: int
    octets: int
    holder: ImportedHolder | None
    error: ImportLineError | None


def read_line(line: bytes, *, number: int, encoding: Encoding = Encoding.UTF_8) -> ImportedHolder:
    """Read one line of an import file, or raise `UnreadableError` that names line and member.

    `number` is the line's, for the message. Whether an id or a number occurs twice in the file
    cannot be seen from one line; the register sees it.
    """
    try:
        return read_holder(decode(_text(line, encoding)))
    except UnfitError as unfit:
        raise ImportLineError(number, unfit.field, unfit.reason) from None


def write_line(holder: ImportedHolder) -> bytes:
    """Write one line, newline included, in the order of the specification and in China's time.

    It is the inverse of `read_line`; what does not fit the format is not refused here.
    """
    line = {
        "holder_id": holder.holder_id,
        "persons": [_written(held, _members(person)) for held, person in holder.persons],
        "grants": [_written(held, _members(grant)) for held, grant in holder.grants],
        "classes": [_written(held, _members(one)) for held, one in holder.classes],
        "statuses": [_written(held, {"status": status}) for held, status in holder.statuses],
        "points": [_written(held, {"points": points}) for held, points in holder.points],
        "photos": [_written(held, _members(photo)) for held, photo in holder.photos],
    }
    return msgspec.json.encode(line) + b"\n"


def _text(line: bytes, encoding: Encoding) -> str:
    if len(line) > MAX_LINE_BYTES:
        raise UnfitError("", Reason.LINE_TOO_LONG)
    return decoded(line, encoding)


def read_holder(line: HolderLine) -> ImportedHolder:
    """Read what was decoded, or raise `UnfitError` with the path of what does not fit."""
    holder = ImportedHolder(
        holder_id=_holder_id(line.holder_id),
        persons=_read("persons", line.persons, _person, unbroken=True),
        grants=_read("grants", line.grants, _grant, unbroken=True),
        classes=_read("classes", line.classes, _entitlement, subject=lambda c: c.vehicle_class),
        statuses=_read("statuses", line.statuses, lambda entry: entry.status, subject=str),
        points=_read("points", line.points, lambda entry: entry.points),
        photos=_read("photos", line.photos, _photo),
    )
    born = max(person.birth_date for _, person in holder.persons)
    if any(grant.first_issue_date <= born for _, grant in holder.grants):
        raise UnfitError("grants", Reason.DAYS_OUT_OF_ORDER)
    return holder


class _Entry(Protocol):
    @property
    def start(self) -> str: ...
    @property
    def end(self) -> str | None: ...


E = TypeVar("E", bound=_Entry)


def _read(
    kind: str,
    entries: Sequence[E],
    build: Callable[[E], T],
    *,
    subject: Callable[[T], object] = lambda _: None,
    unbroken: bool = False,
) -> tuple[Held[T], ...]:
    """Read all entries of one kind, sorted by their beginning.

    Those of one `subject` may not overlap. An `unbroken` kind has one at every moment: no gap,
    and no end to the last.
    """
    rows: list[tuple[int, Held[T]]] = []
    for index, entry in enumerate(entries):
        try:
            rows.append((index, (checks.interval(entry.start, entry.end), build(entry))))
        except UnfitError as unfit:
            raise UnfitError(f"{kind}[{index}].{unfit.field}", unfit.reason) from None
    rows.sort(key=lambda row: row[1][0].start)
    _refuse_overlap(kind, rows, subject)
    if unbroken:
        _refuse_gap(kind, rows)
    return tuple(held for _, held in rows)


def _refuse_overlap(
    kind: str, rows: Sequence[tuple[int, Held[T]]], subject: Callable[[T], object]
) -> None:
    before: dict[object, Interval] = {}
    for index, (held, value) in rows:
        earlier = before.get(subject(value))
        if earlier is not None and (earlier.end is None or held.start < earlier.end):
            raise UnfitError(f"{kind}[{index}].from", Reason.OVERLAP)
        before[subject(value)] = held


def _refuse_gap(kind: str, rows: Sequence[tuple[int, Held[T]]]) -> None:
    if not rows:
        raise UnfitError(kind, Reason.NONE_GIVEN)
    for (_, (earlier, _)), (index, (later, _)) in pairwise(rows):
        if earlier.end != later.start:
            raise UnfitError(f"{kind}[{index}].from", Reason.GAP)
    index, (last, _) = rows[-1]
    if last.end is not None:
        raise UnfitError(f"{kind}[{index}].until", Reason.ENDED)


def _holder_id(value: str) -> HolderId:
    try:
        return holder_id(value)
    except UnreadableError:
        raise UnfitError("holder_id", Reason.WRONG_FORM) from None


def _person(entry: PersonEntry) -> Person:
    if not entry.family_name + entry.given_name:
        raise UnfitError("given_name", Reason.WRONG_LENGTH)
    if not entry.family_name_latin + entry.given_name_latin:
        raise UnfitError("given_name_latin", Reason.WRONG_LENGTH)
    return Person(
        family_name=checks.text("family_name", entry.family_name),
        given_name=checks.text("given_name", entry.given_name),
        family_name_latin=checks.latin_text("family_name_latin", entry.family_name_latin),
        given_name_latin=checks.latin_text("given_name_latin", entry.given_name_latin),
        latin_source=entry.latin_source,
        sex=entry.sex,
        nationality=entry.nationality,
        birth_date=checks.day("birth_date", entry.birth_date),
        address=checks.text("address", entry.address),
        identity_kind=entry.identity_kind,
        identity_number=checks.identity_number(
            entry.identity_kind, entry.identity_number, entry.birth_date
        ),
    )


def _grant(entry: GrantEntry) -> Grant:
    for field in ("first_issue_date", "valid_from", "valid_until"):
        if (value := getattr(entry, field)) is not None:
            checks.day(field, value)
    checks.in_order("valid_from", entry.first_issue_date, entry.valid_from)
    checks.in_order("valid_until", entry.valid_from, entry.valid_until)
    try:
        archive = archive_number(entry.archive_number)
    except UnreadableError:
        raise UnfitError("archive_number", Reason.WRONG_CHECK) from None
    office = entry.issuing_office
    return Grant(
        archive_number=archive,
        issuing_office=IssuingOffice(
            code=office.code,
            name=checks.text("issuing_office.name", office.name),
            name_latin=checks.latin_text("issuing_office.name_latin", office.name_latin),
            prefix=office.prefix,
        ),
        first_issue_date=entry.first_issue_date,
        valid_from=entry.valid_from,
        valid_until=entry.valid_until,
        record=checks.text("record", entry.record),
    )


def _entitlement(entry: ClassEntry) -> ClassEntitlement:
    checks.day("issue_date", entry.issue_date)
    if entry.expiry_date is not None:
        checks.day("expiry_date", entry.expiry_date)
    checks.in_order("expiry_date", entry.issue_date, entry.expiry_date)
    return ClassEntitlement(entry.vehicle_class, entry.issue_date, entry.expiry_date)


def _photo(entry: PhotoEntry) -> Photo:
    if entry.captured_on is not None:
        checks.day("captured_on", entry.captured_on)
    return Photo(checks.portrait(entry.jpeg), entry.captured_on)


def _written(held: Interval, members: dict[str, Any]) -> dict[str, Any]:
    until = None if held.end is None else held.end.astimezone(CHINA)
    return {"from": held.start.astimezone(CHINA), "until": until, **members}


def _members(noun: Person | Grant | ClassEntitlement | Photo) -> dict[str, Any]:
    """Take the noun's own members, named as in the format; msgspec writes what is inside."""
    return {field.name: getattr(noun, field.name) for field in fields(noun)}
