"""The import format: what a line may say, and how each bad line is refused."""

import base64
import json
import re
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from jiazhao.errors import ErrorCode, UnreadableError
from jiazhao.licence.history import Interval
from jiazhao.licence.licence import LatinNameSource, Sex
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.registry.import_reasons import ImportLineError, Reason
from jiazhao.registry.importing import MAX_LINE_BYTES, read_line, write_line

SPECIFICATION = Path(__file__).parents[3] / "docs" / "specs" / "register-import.md"

Line = dict[str, Any]


def jpeg(width: int = 260, height: int = 378, **options: Any) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), "white").save(out, "JPEG", **options)
    return out.getvalue()


def example() -> Line:
    """Return the line that the specification shows, with a portrait for its `/9j/4AAQ…`."""
    found = re.search(r"```json\n(.*?)```", SPECIFICATION.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    line: Line = json.loads(found[1])
    line["photos"][0]["jpeg"] = base64.b64encode(jpeg()).decode()
    return line


def written(line: Line) -> bytes:
    return json.dumps(line, ensure_ascii=False).encode() + b"\n"


def refusal_of(line: bytes, number: int = 7) -> ImportLineError:
    with pytest.raises(ImportLineError) as caught:
        read_line(line, number=number)
    return caught.value


def test_the_line_of_the_specification_is_read() -> None:
    holder = read_line(written(example()), number=1)

    assert holder.holder_id == "tj-0004711"
    (before, _), (since, person) = holder.persons
    assert before.end == since.start == datetime(2019, 8, 13, 16, tzinfo=UTC)
    assert person.name == "单思𠮷"
    assert (person.sex, person.latin_source) == (Sex.MALE, LatinNameSource.REGISTER)
    assert [grant.issuing_office.prefix for _, grant in holder.grants] == ["津A", "川A"]
    assert holder.grants[1][1].valid_until == date(2031, 3, 2)
    assert [one.vehicle_class for _, one in holder.classes] == [VehicleClass.C2, VehicleClass.C1]
    assert holder.statuses == (
        (
            Interval(
                datetime(2024, 5, 6, 2, 12, tzinfo=UTC), datetime(2024, 5, 17, 7, 40, tzinfo=UTC)
            ),
            LicenceStatus.VIOLATION_PENDING,
        ),
    )
    assert holder.points[0][1] == 3
    assert holder.photos[0][1].jpeg == jpeg()
    assert holder.photos[0][1].captured_on == date(2021, 2, 11)


def test_a_line_is_written_as_it_was_read() -> None:
    compact = json.dumps(example(), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    assert write_line(read_line(compact, number=1)) == compact


def test_the_order_within_a_list_does_not_matter() -> None:
    shuffled = example()
    for kind in ("persons", "grants", "classes"):
        shuffled[kind].reverse()
    assert read_line(written(shuffled), number=1) == read_line(written(example()), number=1)


def test_another_offset_is_the_same_instant() -> None:
    line = example()
    line["statuses"][0]["from"] = "2024-05-06T02:12:00Z"
    assert read_line(written(line), number=1) == read_line(written(example()), number=1)


def test_the_normal_status_may_be_written() -> None:
    line = example()
    line["statuses"] = [{"from": "2015-03-02T00:00:00+08:00", "until": None, "status": "A"}]
    assert read_line(written(line), number=1).statuses[0][1] is LicenceStatus.NORMAL


@pytest.mark.parametrize(
    "name",
    [
        "𬱖",
        "䶮",
        "阿依努尔·买买提",
        "\U00031350",
        "\U000e0100",
        "﨑",
        "\ue000",
        "ᠨᠠ\u180e",
        "ئۇ\u200cيغۇر",
    ],
    ids=ascii,
)
def test_every_character_of_a_name_survives(name: str) -> None:
    line = example()
    line["persons"][1]["given_name"] = f"样{name}本"
    holder = read_line(written(line), number=1)
    assert holder.persons[1][1].given_name == f"样{name}本"
    assert read_line(write_line(holder), number=1) == holder


@pytest.mark.parametrize(
    "options", [{"progressive": True}, {"comment": b"x" * 300}, {"quality": 20}]
)
def test_ordinary_portraits_are_taken(options: dict[str, Any]) -> None:
    line = example()
    portrait = jpeg(520, 756, **options)
    line["photos"][0]["jpeg"] = base64.b64encode(portrait).decode()
    assert read_line(written(line), number=1).photos[0][1].jpeg == portrait


def test_a_grey_portrait_is_taken() -> None:
    out = BytesIO()
    Image.new("L", (260, 378)).save(out, "JPEG")
    line = example()
    line["photos"][0]["jpeg"] = base64.b64encode(out.getvalue()).decode()
    assert read_line(written(line), number=1).photos


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("passport", "SP0000012"),
        ("permanent_residence", "KAZ990000000037"),
        ("permanent_residence", "99010119900517001X"),
        ("residence_permit", "99010119900517001X"),
    ],
)
def test_every_kind_of_identity_paper_is_taken(kind: str, number: str) -> None:
    line = example()
    line["persons"][1] |= {"identity_kind": kind, "identity_number": number}
    assert read_line(written(line), number=1).persons[1][1].identity_number == number


Change = Callable[[Line], object]


def put(kind: str, index: int, **members: Any) -> Change:
    return lambda line: line[kind][index].update(members)


def put_office(**members: Any) -> Change:
    return lambda line: line["grants"][0]["issuing_office"].update(members)


def photo(content: bytes) -> Change:
    return put("photos", 0, jpeg=base64.b64encode(content).decode())


def drop(kind: str, index: int, member: str) -> Change:
    return lambda line: line[kind][index].pop(member)


def also(kind: str, **members: Any) -> Change:
    return lambda line: line[kind].append(line[kind][-1] | members)


BAD: dict[str, tuple[Change, str, Reason]] = {
    "unknown member": (put("persons", 0, blood="A"), "persons[0]", Reason.UNKNOWN_MEMBER),
    "unknown kind": (lambda line: line.update(vehicles=[]), "-", Reason.UNKNOWN_MEMBER),
    "unknown member of the office": (
        put_office(telephone="1"),
        "grants[0].issuing_office",
        Reason.UNKNOWN_MEMBER,
    ),
    "missing member": (drop("grants", 1, "record"), "grants[1].record", Reason.MISSING_MEMBER),
    "missing kind": (lambda line: line.pop("photos"), "photos", Reason.MISSING_MEMBER),
    "wrong type": (put("persons", 0, sex="1"), "persons[0].sex", Reason.WRONG_TYPE),
    "a truth value as points": (
        put("points", 0, points=True),
        "points[0].points",
        Reason.WRONG_TYPE,
    ),
    "a fraction as points": (put("points", 0, points=3.0), "points[0].points", Reason.WRONG_TYPE),
    "null name": (put("persons", 0, given_name=None), "persons[0].given_name", Reason.WRONG_TYPE),
    "holder id with a slash": (
        lambda line: line.update(holder_id="sp/1234"),
        "holder_id",
        Reason.WRONG_FORM,
    ),
    "holder id too long": (
        lambda line: line.update(holder_id="x" * 37),
        "holder_id",
        Reason.WRONG_LENGTH,
    ),
    "no person": (lambda line: line.update(persons=[]), "persons", Reason.NONE_GIVEN),
    "no grant": (lambda line: line.update(grants=[]), "grants", Reason.NONE_GIVEN),
    "two persons at once": (also("persons"), "persons[2].from", Reason.OVERLAP),
    "persons with a gap": (
        put("persons", 0, until="2019-08-13T00:00:00+08:00"),
        "persons[1].from",
        Reason.GAP,
    ),
    "last grant ended": (
        put("grants", 1, until="2031-03-02T00:00:00+08:00"),
        "grants[1].until",
        Reason.ENDED,
    ),
    "one class twice at once": (also("classes"), "classes[2].from", Reason.OVERLAP),
    "one status twice at once": (
        also("statuses", **{"from": "2024-05-10T00:00:00Z", "until": None}),
        "statuses[1].from",
        Reason.OVERLAP,
    ),
    "two sums of points at once": (also("points", points=4), "points[1].from", Reason.OVERLAP),
    "two photos at once": (also("photos"), "photos[1].from", Reason.OVERLAP),
    "interval backwards": (
        put("statuses", 0, until="2024-05-05T00:00:00+08:00"),
        "statuses[0].until",
        Reason.EMPTY_INTERVAL,
    ),
    "interval of no length": (
        put("statuses", 0, until="2024-05-06T10:12:00+08:00"),
        "statuses[0].until",
        Reason.EMPTY_INTERVAL,
    ),
    "instant without an offset": (
        put("points", 0, **{"from": "2024-05-17T15:40:00"}),
        "points[0].from",
        Reason.WRONG_FORM,
    ),
    "instant of thirteen months": (
        put("points", 0, **{"from": "2024-13-17T15:40:00Z"}),
        "points[0].from",
        Reason.NO_SUCH_DAY,
    ),
    "instant of an offset too far": (
        put("points", 0, **{"from": "2024-12-17T15:40:00+24:00"}),
        "points[0].from",
        Reason.NO_SUCH_DAY,
    ),
    "instant before all offices": (
        put("points", 0, **{"from": "0001-01-01T00:00:00+08:00"}),
        "points[0].from",
        Reason.DAY_OUT_OF_BOUNDS,
    ),
    "for good written as a year": (
        put("persons", 1, until="9999-12-31T23:59:59-08:00"),
        "persons[1].until",
        Reason.DAY_OUT_OF_BOUNDS,
    ),
    "no name": (
        put("persons", 0, family_name="", given_name=""),
        "persons[0].given_name",
        Reason.WRONG_LENGTH,
    ),
    "no Latin name": (
        put("persons", 0, family_name_latin="", given_name_latin=""),
        "persons[0].given_name_latin",
        Reason.WRONG_LENGTH,
    ),
    "name too long": (
        put("persons", 0, given_name="思" * 151),
        "persons[0].given_name",
        Reason.WRONG_LENGTH,
    ),
    "no address": (put("persons", 0, address=""), "persons[0].address", Reason.WRONG_LENGTH),
    "line feed in the name": (
        put("persons", 0, given_name="思\n吉"),
        "persons[0].given_name",
        Reason.CONTROL_CHARACTER,
    ),
    "NUL in the record": (
        put("grants", 0, record="实\x00习"),
        "grants[0].record",
        Reason.CONTROL_CHARACTER,
    ),
    "direction changed in the address": (
        put("persons", 0, address="天津\u202e市"),
        "persons[0].address",
        Reason.CONTROL_CHARACTER,
    ),
    "zero-width space in the name": (
        put("persons", 0, family_name="单\u200b"),
        "persons[0].family_name",
        Reason.CONTROL_CHARACTER,
    ),
    "damaged character": (
        put("persons", 0, given_name="思\ufffd"),
        "persons[0].given_name",
        Reason.CONTROL_CHARACTER,
    ),
    "noncharacter": (
        put("persons", 0, given_name="思\U0001ffff"),
        "persons[0].given_name",
        Reason.CONTROL_CHARACTER,
    ),
    "space after the name": (
        put("persons", 0, given_name="思吉 "),
        "persons[0].given_name",
        Reason.OUTER_SPACE,
    ),
    "wide space before the name": (
        put("persons", 0, given_name="\u3000思吉"),
        "persons[0].given_name",
        Reason.OUTER_SPACE,
    ),
    "Chinese in the Latin name": (
        put("persons", 0, given_name_latin="思吉"),
        "persons[0].given_name_latin",
        Reason.NOT_LATIN_1,
    ),
    "Ā is not Latin-1": (
        put("persons", 0, family_name_latin="SHĀN"),
        "persons[0].family_name_latin",
        Reason.NOT_LATIN_1,
    ),
    "nationality of three letters": (
        put("persons", 0, nationality="CHN"),
        "persons[0].nationality",
        Reason.WRONG_FORM,
    ),
    "unknown sex": (put("persons", 0, sex=3), "persons[0].sex", Reason.UNKNOWN_VALUE),
    "unknown source": (
        put("persons", 0, latin_source="guess"),
        "persons[0].latin_source",
        Reason.UNKNOWN_VALUE,
    ),
    "check digit": (
        put("persons", 0, identity_number="990101199005170011"),
        "persons[0].identity_number",
        Reason.WRONG_CHECK,
    ),
    "birth date of another": (
        put("persons", 0, birth_date="1990-05-18"),
        "persons[0].birth_date",
        Reason.BIRTH_DATE_DIFFERS,
    ),
    "passport in small letters": (
        put("persons", 0, identity_kind="passport", identity_number="sp0000012"),
        "persons[0].identity_number",
        Reason.WRONG_CHECK,
    ),
    "permanent residence of ten digits": (
        put("persons", 0, identity_kind="permanent_residence", identity_number="KAZ9900000000"),
        "persons[0].identity_number",
        Reason.WRONG_CHECK,
    ),
    "30 February": (
        put("persons", 0, birth_date="1990-02-30"),
        "persons[0].birth_date",
        Reason.NO_SUCH_DAY,
    ),
    "born in 1890": (
        put(
            "persons",
            0,
            birth_date="1890-05-17",
            identity_kind="passport",
            identity_number="SP0000012",
        ),
        "persons[0].birth_date",
        Reason.DAY_OUT_OF_BOUNDS,
    ),
    "archive number of 11 digits": (
        put("grants", 0, archive_number="12009000000"),
        "grants[0].archive_number",
        Reason.WRONG_CHECK,
    ),
    "archive number in wide digits": (
        put("grants", 0, archive_number="１２００９０００００01"),
        "grants[0].archive_number",
        Reason.WRONG_CHECK,
    ),
    "office code of 6 digits": (
        put_office(code="120000"),
        "grants[0].issuing_office.code",
        Reason.WRONG_FORM,
    ),
    "prefix of no province": (
        put_office(prefix="国A"),
        "grants[0].issuing_office.prefix",
        Reason.WRONG_FORM,
    ),
    "office name with a control": (
        put_office(name="样本\x85"),
        "grants[0].issuing_office.name",
        Reason.CONTROL_CHARACTER,
    ),
    "valid before the first issue": (
        put("grants", 0, valid_from="2015-03-01"),
        "grants[0].valid_from",
        Reason.DAYS_OUT_OF_ORDER,
    ),
    "ends before it begins": (
        put("grants", 0, valid_until="2015-03-01"),
        "grants[0].valid_until",
        Reason.DAYS_OUT_OF_ORDER,
    ),
    "valid until 9999": (
        put("grants", 1, valid_until="9999-12-31"),
        "grants[1].valid_until",
        Reason.DAY_OUT_OF_BOUNDS,
    ),
    "licensed before birth": (
        put("grants", 0, first_issue_date="1990-05-17"),
        "grants",
        Reason.DAYS_OUT_OF_ORDER,
    ),
    "record too long": (
        put("grants", 0, record="x" * 501),
        "grants[0].record",
        Reason.WRONG_LENGTH,
    ),
    "class G": (
        put("classes", 0, vehicle_class="G"),
        "classes[0].vehicle_class",
        Reason.UNKNOWN_VALUE,
    ),
    "class ends before its issue": (
        put("classes", 1, expiry_date="2017-06-19"),
        "classes[1].expiry_date",
        Reason.DAYS_OUT_OF_ORDER,
    ),
    "status Q": (put("statuses", 0, status="Q"), "statuses[0].status", Reason.UNKNOWN_VALUE),
    "two letters in one": (
        put("statuses", 0, status="HI"),
        "statuses[0].status",
        Reason.UNKNOWN_VALUE,
    ),
    "100 points": (put("points", 0, points=100), "points[0].points", Reason.OUT_OF_RANGE),
    "minus points": (put("points", 0, points=-1), "points[0].points", Reason.OUT_OF_RANGE),
    "captured in 1800": (
        put("photos", 0, captured_on="1800-01-01"),
        "photos[0].captured_on",
        Reason.DAY_OUT_OF_BOUNDS,
    ),
    "not base64": (put("photos", 0, jpeg="/9j/4AAQ…"), "photos[0].jpeg", Reason.NOT_BASE64),
    "a PNG": (photo(b"\x89PNG\r\n\x1a\n" + bytes(64)), "photos[0].jpeg", Reason.NOT_JPEG),
    "a JPEG cut off": (photo(jpeg()[:-2]), "photos[0].jpeg", Reason.NOT_JPEG),
    "a JPEG of no frame": (photo(b"\xff\xd8\xff\xd9"), "photos[0].jpeg", Reason.NOT_JPEG),
    "a JPEG segment of no length": (
        photo(b"\xff\xd8\xff\xe0\x00\x00\xff\xd9"),
        "photos[0].jpeg",
        Reason.NOT_JPEG,
    ),
    "a JPEG of fill bytes": (
        photo(b"\xff\xd8" + b"\xff" * 90_000 + b"\xd9"),
        "photos[0].jpeg",
        Reason.NOT_JPEG,
    ),
    "a photo too large": (
        photo(jpeg()[:-2] + bytes(102_400) + b"\xff\xd9"),
        "photos[0].jpeg",
        Reason.PHOTO_TOO_LARGE,
    ),
    "a photo too small": (photo(jpeg(90, 130)), "photos[0].jpeg", Reason.PHOTO_SIZE),
    "a photo too wide": (photo(jpeg(1601, 800)), "photos[0].jpeg", Reason.PHOTO_SIZE),
    "a photo of gigapixels": (
        photo(jpeg().replace(b"\x08\x01\x7a\x01\x04", b"\x08\xff\xff\xff\xff")),
        "photos[0].jpeg",
        Reason.PHOTO_SIZE,
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_line_is_refused_with_its_number_member_and_reason(case: str) -> None:
    change, field, reason = BAD[case]
    line = example()
    change(line)

    refusal = refusal_of(written(line), number=42)

    assert (refusal.values["field"], refusal.reason) == (field, reason)
    assert refusal.code is ErrorCode.IMPORT_LINE
    assert refusal.values["line"] == "42"
    assert reason.value.zh in refusal.zh
    assert reason.value.en in refusal.en


UNREADABLE: dict[str, tuple[bytes, Reason]] = {
    "empty": (b"\n", Reason.NOT_JSON),
    "not JSON": (b"holder_id;name\n", Reason.NOT_JSON),
    "a list": (b"[]\n", Reason.WRONG_TYPE),
    "cut off": (written(example())[:-3], Reason.NOT_JSON),
    "two objects": (written(example()) * 2, Reason.NOT_JSON),
    "byte order mark": (b"\xef\xbb\xbf" + written(example()), Reason.NOT_JSON),
    "UTF-16": (json.dumps(example()).encode("utf-16"), Reason.NOT_UTF8),
    "GB 18030": (json.dumps(example(), ensure_ascii=False).encode("gb18030"), Reason.NOT_UTF8),
    "surrogate in UTF-8": (
        written(example()).replace("思".encode(), b"\xed\xa0\x80"),
        Reason.NOT_UTF8,
    ),
    "escaped surrogate": (written(example()).replace("思".encode(), rb"\ud800"), Reason.NOT_JSON),
    "NaN": (written(example()).replace(b'"points": 3', b'"points": NaN'), Reason.NOT_JSON),
    "Infinity": (
        written(example()).replace(b'"points": 3', b'"points": -Infinity'),
        Reason.NOT_JSON,
    ),
    "a control character bare": (
        written(example()).replace("思".encode(), b"\x01"),
        Reason.NOT_JSON,
    ),
    "too long": (written(example()).rstrip() + b" " * MAX_LINE_BYTES, Reason.LINE_TOO_LONG),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_is_no_line_at_all_is_refused(case: str) -> None:
    line, reason = UNREADABLE[case]
    assert refusal_of(line).reason is reason


@pytest.mark.parametrize(
    ("once", "twice", "member"),
    [
        (b'"holder_id":', b'"holder_id": "tj-0004712", "holder_id":', "holder_id"),
        (b'"sex": 1', b'"sex": 2, "sex": 1', "sex"),
        (b'"prefix":', b'"prefix": "\xe6\xb4\xa5B", "prefix":', "prefix"),
        (b'"points": 3', b'"points": 0, "p\\u006fints": 3', "points"),
    ],
)
def test_a_member_that_occurs_twice_is_refused(once: bytes, twice: bytes, member: str) -> None:
    refusal = refusal_of(written(example()).replace(once, twice, 1))
    assert (refusal.values["field"], refusal.reason) == (member, Reason.DUPLICATE_MEMBER)


BOMBS = {
    "brackets": b"[" * MAX_LINE_BYTES,
    "nested objects": b'{"holder_id":' * (MAX_LINE_BYTES // 13),
    "nested in a list": b'{"persons":[' + b"[" * (MAX_LINE_BYTES - 12),
    "nested in an unknown member": b'{"x":' + b"[" * (MAX_LINE_BYTES - 5),
    "an endless number": b'{"points":[{"points":' + b"9" * (MAX_LINE_BYTES - 21),
    "an endless exponent": b'{"points":[{"points":1e' + b"9" * (MAX_LINE_BYTES - 23),
    "an endless text": b'{"holder_id":"' + b"x" * (MAX_LINE_BYTES - 14),
    "many entries": json.dumps(
        example()
        | {
            "statuses": [
                {"from": "2024-05-06T10:12:00Z", "until": "2024-05-06T10:13:00Z", "status": "H"}
            ]
            * 2400
        }
    ).encode(),
    "a hundred megabytes": b" " * 100_000_000,
}


@pytest.mark.parametrize("case", BOMBS)
def test_a_parse_bomb_is_refused_at_once(case: str) -> None:
    before = time.process_time()
    with pytest.raises(UnreadableError):
        read_line(BOMBS[case], number=1)
    assert time.process_time() - before < 0.5  # seconds of work; a good line takes a thousandth


def test_a_refusal_never_quotes_what_it_refuses() -> None:
    line = example()
    line["persons"][0] |= {"identity_number": "990101199005170011"}
    assert "990101" not in str(refusal_of(written(line))) + refusal_of(written(line)).zh
    line = example() | {"单思吉 990101": 1}
    assert "990101" not in str(refusal_of(written(line))) + repr(refusal_of(written(line)))


def test_the_repr_names_nobody() -> None:
    assert repr(read_line(written(example()), number=1)) == "ImportedHolder(…)"
