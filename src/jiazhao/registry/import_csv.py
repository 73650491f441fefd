"""The import format as CSV: one entry a row, the rows of one holder together. Pure.

Source: `docs/specs/register-import.md`, "As CSV". Rows become the very members that a line of
JSON has, and are read by the same checks.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO

import msgspec

from jiazhao.errors import ErrorCode, UnreadableError
from jiazhao.registry.import_encoding import Encoding, decoded
from jiazhao.registry.import_line import convert
from jiazhao.registry.import_reasons import ImportLineError, Reason, UnfitError
from jiazhao.registry.importing import (
    MAX_LINE_BYTES,
    ImportedHolder,
    Line,
    Told,
    read_holder,
    write_line,
)

MAX_HOLDER_ROWS = 4000
MAX_HOLDER_BYTES = 4 * MAX_LINE_BYTES
"""Of all rows of one holder: a few portraits and a long life; a holder is held in memory."""

csv.field_size_limit(MAX_LINE_BYTES)  # a portrait is one cell; the module's own bound is smaller

_COMMON = ("holder_id", "kind", "from", "until")
_PERSON = (
    "family_name",
    "given_name",
    "family_name_latin",
    "given_name_latin",
    "latin_source",
    "sex",
    "nationality",
    "birth_date",
    "address",
    "identity_kind",
    "identity_number",
)
_OFFICE = ("office_code", "office_name", "office_name_latin", "office_prefix")
_GRANT = (
    "archive_number",
    *_OFFICE,
    "first_issue_date",
    "valid_from",
    "valid_until",
    "record",
)
_KINDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "person": ("persons", _PERSON),
    "grant": ("grants", _GRANT),
    "class": ("classes", ("vehicle_class", "issue_date", "expiry_date")),
    "status": ("statuses", ("status",)),
    "points": ("points", ("points",)),
    "photo": ("photos", ("captured_on", "jpeg")),
}
"""What stands in `kind`, the list of the JSON form that the row belongs to, and its columns."""

COLUMNS = tuple(dict.fromkeys((*_COMMON, *(c for _, own in _KINDS.values() for c in own))))

_NULL_IF_EMPTY = frozenset({"until", "valid_until", "expiry_date", "captured_on"})
_NUMBERS = frozenset({"sex", "points"})
_MAX_DIGITS = 3


def read_header(line: bytes, encoding: Encoding) -> tuple[str, ...]:
    """Read the first line, which names every column once; raises `UnreadableError`."""
    try:
        names = _cells(line.removeprefix(b"\xef\xbb\xbf"), encoding)
    except UnfitError as unfit:
        raise _bad_header(unfit.reason.value.zh, unfit.reason.value.en) from None
    for name in (*COLUMNS, *names):
        if names.count(name) != 1 or name not in COLUMNS:
            shown = name if name in COLUMNS else "?"
            raise _bad_header(f"列 {shown}", f"column {shown}")
    return tuple(names)


def write_header() -> bytes:
    """The first line of a file in CSV."""
    return (",".join(COLUMNS) + "\r\n").encode()


def write_rows(holder: ImportedHolder) -> bytes:
    """Write the rows of one holder, the inverse of `read_rows`; UTF-8, and no byte order mark."""
    text = StringIO()
    rows = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\r\n")
    line = msgspec.json.decode(write_line(holder))
    for kind, (name, _) in _KINDS.items():
        for entry in line[name]:
            office = entry.pop("issuing_office", {})
            entry |= {f"office_{member}": value for member, value in office.items()}
            rows.writerow({"holder_id": holder.holder_id, "kind": kind, **entry})
    return text.getvalue().encode()


def read_rows(lines: Iterable[Line], header: Sequence[str], encoding: Encoding) -> Iterator[Told]:
    """Gather the rows of each holder and read them; what is wrong is told, not raised.

    A row that cannot be read may belong to the holder before it or after it: neither is taken
    in, for a fact left out (a revocation) would be worse than a holder left out.
    """
    gathered = _Gathered()
    doubt: tuple[Line, ImportLineError] | None = None
    for line in lines:
        try:
            row = _row(line, header, encoding)
        except UnfitError as unfit:
            doubt = line, ImportLineError(line.number, unfit.field, unfit.reason)
            gathered.error = gathered.error or doubt[1]
            continue
        if not gathered.is_of(row["holder_id"]):
            # It ends before the row in doubt: whoever goes on from there must see that row.
            yield gathered.told()
            gathered = _Gathered(error=doubt[1] if doubt else None)
        doubt = None
        gathered.add(line, row)
    if doubt is not None:
        gathered.reach(doubt[0])
    if gathered.rows or gathered.error:
        yield gathered.told()


def _row(line: Line, header: Sequence[str], encoding: Encoding) -> dict[str, str]:
    cells = _cells(line.octets, encoding)
    if len(cells) != len(header):
        raise UnfitError("", Reason.WRONG_COLUMNS)
    return dict(zip(header, cells, strict=True))


@dataclass(slots=True)
class _Gathered:
    """The rows of one holder, as far as they have come."""

    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    octets: int = 0
    end: int = 0
    last_line: int = 0
    error: ImportLineError | None = None

    def is_of(self, holder: str) -> bool:
        """Whether a row of that holder may join."""
        return not self.rows or self.rows[0][1]["holder_id"] == holder

    def reach(self, line: Line) -> None:
        """Say that the file has been read as far as this line."""
        self.end, self.last_line = line.end, line.number

    def add(self, line: Line, row: dict[str, str]) -> None:
        """Take one more row; of a holder who is refused only the first is kept."""
        self.octets += len(line.octets)
        self.reach(line)
        if len(self.rows) >= MAX_HOLDER_ROWS or self.octets > MAX_HOLDER_BYTES:
            self.error = self.error or ImportLineError(line.number, "", Reason.HOLDER_TOO_LARGE)
        if self.error is not None:
            del self.rows[1:]
        if not self.rows or self.error is None:
            self.rows.append((line.number, row))

    def told(self) -> Told:
        """Read what was gathered."""
        if self.error is None:
            try:
                return Told(self.rows[0][0], *self._place, _read(self.rows), None)
            except ImportLineError as error:
                self.error = error
        return Told(int(self.error.values["line"]), *self._place, None, self.error)

    @property
    def _place(self) -> tuple[int, int, int]:
        return self.last_line, self.end, self.octets


def _read(rows: Sequence[tuple[int, Mapping[str, str]]]) -> ImportedHolder:
    members: dict[str, list[dict[str, object]]] = {name: [] for name, _ in _KINDS.values()}
    lines: dict[str, list[int]] = {name: [] for name in members}
    for number, row in rows:
        try:
            name, entry = _entry(row)
        except UnfitError as unfit:
            raise ImportLineError(number, unfit.field, unfit.reason) from None
        members[name].append(entry)
        lines[name].append(number)
    try:
        return read_holder(convert({"holder_id": rows[0][1]["holder_id"], **members}))
    except UnfitError as unfit:
        number, column = _place(unfit.field, lines, rows[0][0])
        raise ImportLineError(number, column, unfit.reason) from None


def _entry(row: Mapping[str, str]) -> tuple[str, dict[str, object]]:
    """The list that a row belongs to, and the row as a member of that list."""
    if row["kind"] not in _KINDS:
        raise UnfitError("kind", Reason.UNKNOWN_VALUE)
    name, columns = _KINDS[row["kind"]]
    for column in COLUMNS:
        if row[column] and column not in columns and column not in _COMMON:
            raise UnfitError(column, Reason.OF_ANOTHER_KIND)
    entry: dict[str, object] = {
        column: _value(column, row[column])
        for column in ("from", "until", *columns)
        if column not in _OFFICE
    }
    if name == "grants":
        entry["issuing_office"] = {
            column.removeprefix("office_"): row[column] for column in _OFFICE
        }
    return name, entry


def _value(column: str, cell: str) -> object:
    if column in _NULL_IF_EMPTY and not cell:
        return None
    if column in _NUMBERS and cell.isascii() and cell.isdigit() and len(cell) <= _MAX_DIGITS:
        return int(cell)
    return cell


def _place(path: str, lines: Mapping[str, list[int]], first: int) -> tuple[int, str]:
    """The line and column of `persons[1].birth_date`."""
    entry, _, member = path.partition(".")
    name, _, index = entry.partition("[")
    if not index:
        return first, path
    column = member.replace("issuing_office.", "office_").replace("[", "")
    return lines[name][int(index.rstrip("]"))], column


def _cells(line: bytes, encoding: Encoding) -> list[str]:
    if len(line) > MAX_LINE_BYTES:
        raise UnfitError("", Reason.LINE_TOO_LONG)
    text = decoded(line, encoding)
    try:
        rows = list(csv.reader([text.removesuffix("\n").removesuffix("\r")], strict=True))
    except csv.Error:
        raise UnfitError("", Reason.NOT_CSV) from None
    if len(rows) != 1:
        raise UnfitError("", Reason.NOT_CSV)
    return rows[0]


def _bad_header(zh: str, en: str) -> UnreadableError:
    return UnreadableError(ErrorCode.UNREADABLE, what="CSV header / 表头", reason=f"{en} / {zh}")
