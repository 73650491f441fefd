"""Laws of the import format: writing and reading are inverse, and only our error escapes."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from io import BytesIO
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from jiazhao.errors import JiazhaoError
from jiazhao.licence.history import Interval
from jiazhao.licence.identifiers import archive_number, citizen_check_digit, holder_id
from jiazhao.licence.licence import (
    ClassEntitlement,
    Grant,
    IdentityKind,
    IssuingOffice,
    LatinNameSource,
    Person,
    Photo,
    Sex,
)
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.registry.importing import ImportedHolder, read_line, write_line

# What GB 18030-2022 encodes that is no control: Han of all planes, Uyghur, Tibetan, the dot.
TEXT = st.text(
    st.one_of(
        st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
        st.characters(min_codepoint=0x3400, max_codepoint=0x4DBF),
        st.characters(min_codepoint=0x20000, max_codepoint=0x2FA1D),
        st.characters(min_codepoint=0x30000, max_codepoint=0x323AF),
        st.sampled_from("·•-'’ئۇيغۇرཀུན་abcXYZ \\\"/\u00e9\u3000\U0001f697"),
    ),
    min_size=1,
    max_size=150,
).filter(lambda text: text == text.strip())
LATIN = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_categories=["Cc", "Cf"]),
    min_size=1,
    max_size=150,
).filter(lambda text: text == text.strip())
DAYS = st.dates(date(1950, 1, 1), date(2150, 12, 31))
INSTANTS = st.timedeltas(timedelta(0), timedelta(days=200 * 365)).map(
    lambda since: datetime(1950, 1, 2, tzinfo=UTC) + since
)


@cache
def jpeg(width: int, height: int) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height)).save(out, "JPEG")
    return out.getvalue()


@st.composite
def persons(draw: st.DrawFn) -> Person:
    birth = draw(st.dates(date(1900, 1, 1), date(1949, 12, 31)))
    first17 = f"990101{birth:%Y%m%d}{draw(st.integers(0, 999)):03d}"
    kind, number = draw(
        st.sampled_from(
            [
                (IdentityKind.CITIZEN, first17 + citizen_check_digit(first17)),
                (IdentityKind.RESIDENCE_PERMIT, first17 + citizen_check_digit(first17)),
                (IdentityKind.PERMANENT_RESIDENCE, f"ABC99{first17[:10]}"),
                (IdentityKind.PASSPORT, "SP0000012"),
            ]
        )
    )
    return Person(
        family_name=draw(st.just("") | TEXT),
        given_name=draw(TEXT),
        family_name_latin=draw(st.just("") | LATIN),
        given_name_latin=draw(LATIN),
        latin_source=draw(st.sampled_from(LatinNameSource)),
        sex=draw(st.sampled_from(Sex)),
        nationality=draw(st.from_regex(r"[A-Z]{2}", fullmatch=True)),
        birth_date=birth,
        address=draw(TEXT),
        identity_kind=kind,
        identity_number=number,
    )


@st.composite
def grants(draw: st.DrawFn) -> Grant:
    first, begins, ends = sorted(draw(st.tuples(DAYS, DAYS, DAYS)))
    return Grant(
        archive_number=archive_number(draw(st.from_regex(r"[0-9]{12}", fullmatch=True))),
        issuing_office=IssuingOffice(
            draw(st.from_regex(r"[0-9]{12}", fullmatch=True)),
            draw(TEXT),
            draw(LATIN),
            draw(st.sampled_from(["川A", "苏E", "津A"])),
        ),
        first_issue_date=first,
        valid_from=begins,
        valid_until=draw(st.sampled_from([ends, None])),
        record=draw(st.just("") | TEXT),
    )


@st.composite
def entitlements(draw: st.DrawFn) -> ClassEntitlement:
    issued, ends = sorted(draw(st.tuples(DAYS, DAYS)))
    return ClassEntitlement(
        draw(st.sampled_from(VehicleClass)), issued, draw(st.sampled_from([ends, None]))
    )


PHOTOS = st.builds(
    lambda size, day: Photo(jpeg(*size), day),
    st.sampled_from([(260, 378), (520, 756), (100, 140)]),
    st.none() | DAYS,
)


@st.composite
def chain(draw: st.DrawFn, values: st.SearchStrategy[Any]) -> tuple[tuple[Interval, Any], ...]:
    starts = sorted(draw(st.lists(INSTANTS, min_size=1, max_size=3, unique=True)))
    ends = [*starts[1:], None]
    return tuple(
        (Interval(*ends_meet), draw(values)) for ends_meet in zip(starts, ends, strict=True)
    )


@st.composite
def apart(draw: st.DrawFn, values: st.SearchStrategy[Any]) -> tuple[tuple[Interval, Any], ...]:
    """Intervals that do not overlap, some of them touching, the last one perhaps open."""
    bounds = sorted(draw(st.lists(INSTANTS, max_size=6, unique=True)))
    rows = [(Interval(start, end), draw(values)) for start, end in pairwise(bounds)]
    kept = draw(st.lists(st.sampled_from(rows), unique_by=lambda row: row[0].start)) if rows else []
    kept.sort(key=lambda row: row[0].start)
    if draw(st.booleans()) and bounds:
        kept.append((Interval(bounds[-1]), draw(values)))
    return tuple(kept)


HOLDERS = st.builds(
    ImportedHolder,
    holder_id=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{3,35}", fullmatch=True).map(holder_id),
    persons=chain(persons()),
    grants=chain(grants()),
    classes=apart(entitlements()),
    statuses=apart(st.sampled_from(LicenceStatus)),
    points=apart(st.integers(0, 99)),
    photos=apart(PHOTOS),
)


@given(HOLDERS)
def test_reading_undoes_writing(holder: ImportedHolder) -> None:
    line = write_line(holder)
    assert read_line(line, number=1) == holder
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")


@given(st.binary(max_size=300))
def test_only_our_error_escapes_from_any_bytes(octets: bytes) -> None:
    with suppress(JiazhaoError):
        read_line(octets, number=1)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(HOLDERS, st.data())
def test_only_our_error_escapes_from_a_changed_line(
    holder: ImportedHolder, data: st.DataObject
) -> None:
    line = json.loads(write_line(holder))
    kind = data.draw(st.sampled_from(sorted(line)))
    place = line
    if isinstance(line[kind], list) and line[kind]:
        place = data.draw(st.sampled_from(line[kind]))
        kind = data.draw(st.sampled_from(sorted(place)))
    place[kind] = data.draw(JSON)
    with suppress(JiazhaoError):
        again = read_line(json.dumps(line).encode(), number=1)
        assert read_line(write_line(again), number=1) == again


@given(HOLDERS, st.integers(0, 400), st.integers(0, 255))
def test_only_our_error_escapes_from_a_changed_octet(
    holder: ImportedHolder, place: int, octet: int
) -> None:
    line = bytearray(write_line(holder))
    line[place % len(line)] = octet
    with suppress(JiazhaoError):
        read_line(bytes(line), number=1)


@given(HOLDERS, st.timedeltas(timedelta(microseconds=1), timedelta(days=9000)))
def test_two_sums_of_points_at_one_moment_are_refused(
    holder: ImportedHolder, later: timedelta
) -> None:
    start = datetime(2151, 1, 1, tzinfo=UTC)
    doubled = replace(holder, points=((Interval(start), 3), (Interval(start + later), 3)))
    with pytest.raises(JiazhaoError):
        read_line(write_line(doubled), number=1)
