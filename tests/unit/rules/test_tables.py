"""The published tables are complete, sourced and strict."""

import re
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from jiazhao.errors import RuleError, UnreadableError
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.rules.tables import TABLE_NAMES, load_tables
from tests.unit.rules.official_tables import DATA, TABLES, read, read_with

FILES = sorted(TABLE_NAMES.values())
DAYS = [
    date(2013, 1, 1) + timedelta(days=n) for n in range((date(2031, 1, 1) - date(2013, 1, 1)).days)
]


def entries_of(name: str) -> list[dict[str, Any]]:
    return [
        entry
        for version in msgspec.json.decode(read(name))["versions"]
        for entry in version["entries"]
    ]


def sources_in(value: object) -> list[dict[str, str]]:
    if isinstance(value, list):
        return [source for each in value for source in sources_in(each)]
    if not isinstance(value, dict):
        return []
    own = [value["source"]] if "source" in value else []
    return own + [source for each in value.values() for source in sources_in(each)]


def test_every_file_is_a_table_and_every_table_a_file() -> None:
    assert sorted(file.name for file in DATA.iterdir()) == FILES


@pytest.mark.parametrize("name", FILES)
def test_every_day_has_exactly_one_version(name: str) -> None:
    versions = msgspec.json.decode(read(name))["versions"]
    spans = [
        (date.fromisoformat(v["valid_from"]), date.fromisoformat(v["valid_to"] or "9999-12-31"))
        for v in versions
    ]
    assert all(sum(first <= day <= last for first, last in spans) == 1 for day in DAYS)


@pytest.mark.parametrize("name", FILES)
def test_every_entry_names_its_source(name: str) -> None:
    for entry in entries_of(name):
        assert set(entry["source"]) == {"instrument", "article", "evidence"}, entry


@pytest.mark.parametrize("name", FILES)
def test_what_is_called_law_names_an_article(name: str) -> None:
    for source in sources_in(entries_of(name)):
        assert source["instrument"]
        if source["evidence"] == "law":
            assert re.fullmatch(r"(art\. \d+(, \d+)*|annex \d)", source["article"]), source


def test_no_rule_of_2021_rests_on_an_order_of_2022() -> None:
    for name in FILES:
        first = msgspec.json.decode(read(name))["versions"][0]
        if first["valid_to"] is not None:
            text = msgspec.json.encode(first).decode()
            assert "order 163" not in text, name
            assert '"instrument":"机动车驾驶证申领和使用规定 (order 162' not in text, name


def test_sentences_hold_the_same_placeholders_in_both_languages() -> None:
    def names(text: str) -> set[str]:
        return set(re.findall(r"\{(\w*)\}", text))

    for entry in entries_of("refusals.json"):
        assert names(entry["zh"]) == names(entry["en"]), entry
        assert names(entry["todo_zh"]) == names(entry["todo_en"]), entry


def test_every_letter_and_class_stands_in_the_tables() -> None:
    for day in (date(2021, 6, 1), date(2022, 4, 1), date(2025, 1, 1)):
        rules = TABLES.on(day)
        assert set(rules.statuses) == set(LicenceStatus)
        assert set(rules.classes) == set(rules.class_includes) == set(rules.iso_categories)
    assert set(TABLES.on(date(2022, 4, 1)).classes) == set(VehicleClass)


INCLUDES = {
    "A1": "A3 B1 B2 C1 C2 C3 C4 M",
    "A2": "B1 B2 C1 C2 C3 C4 C6 M",
    "A3": "C1 C2 C3 C4",
    "B1": "C1 C2 C3 C4 M",
    "B2": "C1 C2 C3 C4 M",
    "C1": "C2 C3 C4",
    "C3": "C4",
    "D": "E F",
    "E": "F",
}
"""Annex 1 of order 162."""


@pytest.mark.parametrize(
    ("day", "unknown"), [(date(2021, 6, 1), {"C6"}), (date(2022, 4, 1), set[str]())]
)
def test_a_class_includes_what_annex_1_says(day: date, unknown: set[str]) -> None:
    for code, row in TABLES.on(day).class_includes.items():
        assert row.includes == set(INCLUDES.get(code, "").split()) - unknown


def test_c6_and_the_new_names_begin_with_order_162() -> None:
    before, after = TABLES.on(date(2022, 3, 31)), TABLES.on(date(2022, 4, 1))
    assert set(after.classes) - set(before.classes) == {VehicleClass.C6}
    assert (before.classes[VehicleClass.A2].zh, after.classes[VehicleClass.A2].zh) == (
        "牵引车",
        "重型牵引挂车",
    )


def test_the_first_batch_has_28_cities_with_the_pilots() -> None:
    opened = [
        row
        for row in TABLES.on(date(2021, 9, 1)).rollout.values()
        if row.opened_on <= date(2021, 9, 1)
    ]
    assert len(opened) == 28


def test_there_are_no_rules_before_the_first_day() -> None:
    with pytest.raises(RuleError) as refused:
        TABLES.on(date(2012, 12, 31))
    assert "2012-12-31" in refused.value.zh
    assert "2012-12-31" in refused.value.en


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("classes.json", b'"about"', b'"abuot"'),
        ("classes.json", b'"code": "A1"', b'"code": "A9"'),
        ("classes.json", b'"code": "A1"', b'"code": "A2"'),
        ("classes.json", b'"evidence": "public_notice"', b'"evidence": "rumour"'),
        ("classes.json", b'"valid_from": "2013-01-01"', b'"valid_from": "2013-01-02"'),
        ("classes.json", b'"valid_to": "2022-03-31"', b'"valid_to": "2022-03-30"'),
        ("classes.json", b'"valid_to": "2022-03-31"', b'"valid_to": "2022-04-01"'),
        ("classes.json", b'"valid_to": "2022-03-31"', b'"valid_to": null'),
        ("classes.json", b'"valid_to": null', b'"valid_to": "2030-12-31"'),
        ("status_codes.json", b'{"code": "F"', b'{"code": "f"'),
        ("figures.json", b'"value": 12', b'"value": "12"'),
        ("figures.json", b'"code": "full_score"', b'"code": "fullscore"'),
        ("refusals.json", b"{day}", b"{dai}"),
        ("refusals.json", b"{day}", b"{day"),
        ("refusals.json", b"{day}", b"{day!r}"),
        ("refusals.json", b"{day}", b"{}"),
        ("refusals.json", b"{status}", b"{day}"),
        ("rollout.json", b"{", b"["),
    ],
    ids=lambda value: value.decode() if isinstance(value, bytes) else str(value),
)
def test_a_damaged_table_is_refused(file: str, old: bytes, new: bytes) -> None:
    with pytest.raises(UnreadableError) as refused:
        load_tables(read_with(file, old, new))
    assert refused.value.values["what"] == file


def test_a_missing_row_is_refused() -> None:
    def read_without_photo(name: str) -> bytes:
        table = msgspec.json.decode(read(name))
        if name == "refusals.json":
            entries = table["versions"][1]["entries"]
            entries.remove(next(one for one in entries if one["code"] == "no_photo"))
        return msgspec.json.encode(table)

    with pytest.raises(UnreadableError, match="no_photo"):
        load_tables(read_without_photo)


def test_tables_cannot_be_changed() -> None:
    rules = TABLES.on(date(2022, 4, 1))
    with pytest.raises(TypeError):
        rules.classes[VehicleClass.A1] = rules.classes[VehicleClass.A2]  # type: ignore[index]
    with pytest.raises(AttributeError):
        rules.classes[VehicleClass.A1].zh = "x"  # type: ignore[misc]
