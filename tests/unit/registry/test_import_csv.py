"""Rows of CSV say the same as lines of JSON, and a row that cannot be read hides nobody's fact."""

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO

import pytest

from jiazhao import specimen
from jiazhao.errors import JiazhaoError
from jiazhao.registry.import_csv import COLUMNS, MAX_HOLDER_ROWS, write_header, write_rows
from jiazhao.registry.import_encoding import Encoding
from jiazhao.registry.import_file import FileFormat, holders_in
from jiazhao.registry.import_reasons import ImportLineError, Reason
from jiazhao.registry.importing import Told, read_line
from tests.clocks import MORNING
from tests.unit.drivers import driver

KNOWN = [
    read_line(line, number=1) for line in specimen.people(60, 1, MORNING.date(), portraits=False)
]


def read(file: bytes, encoding: Encoding = Encoding.UTF_8) -> list[Told]:
    return list(holders_in(BytesIO(file), FileFormat.CSV, encoding))


def table(*rows: bytes) -> bytes:
    return write_header() + b"".join(rows)


def lines_of(number: int) -> list[bytes]:
    return write_rows(driver(number)).splitlines(keepends=True)


def refusals(told: Sequence[Told]) -> list[tuple[int, str, Reason]]:
    return [
        (one.number, one.error.values["field"], one.error.reason)
        for one in told
        if isinstance(one.error, ImportLineError)
    ]


def altered(row: bytes, column: str, value: str) -> bytes:
    cells = row.decode().rstrip("\r\n").split(",")
    cells[COLUMNS.index(column)] = value
    return (",".join(cells) + "\r\n").encode()


@pytest.mark.parametrize("encoding", Encoding)
def test_rows_say_what_lines_say(encoding: Encoding) -> None:
    holders = [*KNOWN, driver(1)]
    text = table(*map(write_rows, holders)).decode()

    told = read(text.encode(encoding.value), encoding)

    assert [one.holder for one in told] == holders
    assert told[-1].end == len(text.encode(encoding.value))


def test_columns_may_come_in_any_order_and_after_a_byte_order_mark() -> None:
    order = sorted(COLUMNS)
    rows = [row.decode().rstrip("\r\n").split(",") for row in lines_of(1)]
    shuffled = [
        ",".join(row[COLUMNS.index(column)] for column in order) for row in [list(COLUMNS), *rows]
    ]
    (told,) = read(b"\xef\xbb\xbf" + "\n".join(shuffled).encode())
    assert told.holder == driver(1)


@pytest.mark.parametrize(
    "header",
    [b"", b"holder_id,kind\n", write_header().replace(b"sex", b"gender"), b"\xff\n"],
)
def test_a_header_without_all_columns_is_refused(header: bytes) -> None:
    with pytest.raises(JiazhaoError):
        read(header + b"".join(lines_of(1)))


@pytest.mark.parametrize(
    ("row", "column", "value", "reason"),
    [
        (0, "birth_date", "1990-13-05", Reason.NO_SUCH_DAY),
        (0, "sex", "male", Reason.WRONG_TYPE),
        (0, "kind", "owner", Reason.UNKNOWN_VALUE),
        (0, "vehicle_class", "C1", Reason.OF_ANOTHER_KIND),
        (1, "office_code", "510", Reason.WRONG_FORM),
        (1, "archive_number", "5101", Reason.WRONG_CHECK),
        (2, "until", "2010-01-01T00:00:00+08:00", Reason.EMPTY_INTERVAL),
        (2, "vehicle_class", "C9", Reason.UNKNOWN_VALUE),
        (3, "jpeg", "AAAA", Reason.NOT_JPEG),
    ],
)
def test_a_bad_cell_is_named_by_line_and_column(
    row: int, column: str, value: str, reason: Reason
) -> None:
    rows = lines_of(2)
    rows[row] = altered(rows[row], column, value)

    told = read(table(*lines_of(1), *rows, *lines_of(3)))

    assert refusals(told) == [(2 + len(lines_of(1)) + row, column, reason)]
    assert [one.holder for one in told if one.holder] == [driver(1), driver(3)]


@pytest.mark.parametrize("broken", [b"\xff\xff\r\n", b"too,few\r\n", b'"never closed\r\n'])
def test_neither_neighbour_of_an_unreadable_row_is_taken_in(broken: bytes) -> None:
    told = read(
        table(
            *map(write_rows, [driver(1), driver(2)]),
            broken,
            *map(write_rows, [driver(3), driver(4)]),
        )
    )
    assert [one.holder for one in told if one.holder] == [driver(1), driver(4)]
    unreadable = 2 + len(lines_of(1)) + len(lines_of(2))
    assert [line for line, _, _ in refusals(told)] == [unreadable] * 2, "for each neighbour"


def test_an_unreadable_row_among_one_holders_refuses_him_alone() -> None:
    first, *others = lines_of(2)
    told = read(table(*lines_of(1), first, b"?\r\n", *others, *lines_of(3)))
    assert [one.holder for one in told if one.holder] == [driver(1), driver(3)]
    assert len(refusals(told)) == 1


def test_a_file_of_nothing_readable_is_told() -> None:
    assert [reason for _, _, reason in refusals(read(table(b"?\r\n", b"?\r\n")))] == [
        Reason.WRONG_COLUMNS
    ]


def test_a_holder_without_end_is_refused_in_bounded_memory() -> None:
    row = lines_of(2)[2]
    told = read(table(*lines_of(1), *[row] * (MAX_HOLDER_ROWS + 1), *lines_of(3)))
    assert [reason for _, _, reason in refusals(told)] == [Reason.HOLDER_TOO_LARGE]
    assert [one.holder for one in told if one.holder] == [driver(1), driver(3)]


def test_a_quoted_cell_may_hold_commas_and_quotation_marks() -> None:
    ((held, person),) = driver(1).persons
    quoted = replace(driver(1), persons=((held, replace(person, address='样本路1号, "老楼"')),))
    (told,) = read(table(write_rows(quoted)))
    assert told.holder == quoted
