"""The elements of a copy: each comes from the register, and none says more than the law."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from jiazhao.credentials.mdoc import MDL_NAMESPACE, NATIONAL_NAMESPACE
from jiazhao.issuance.formats import MDL_CONFIGURATION, configurations
from jiazhao.issuance.mdl import LONG_TERM, elements, term_of
from jiazhao.licence.identifiers import ArchiveNumber, HolderId, make_instance_number
from jiazhao.licence.legal_day import legal_day
from jiazhao.licence.licence import (
    ClassEntitlement,
    Grant,
    IdentityKind,
    IssuingOffice,
    LatinNameSource,
    Licence,
    Person,
    Photo,
    Sex,
)
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from tests.unit.rules.official_tables import TABLES

NOW = datetime(2026, 6, 1, 2, 34, 56, tzinfo=UTC)
INSTANCE = make_instance_number("51", 42)
PHOTO = Photo(b"\xff\xd8portrait\xff\xd9", date(2020, 2, 11))
COPY_DAYS = 30
MANDATORY = {
    "family_name",
    "given_name",
    "birth_date",
    "issue_date",
    "expiry_date",
    "issuing_country",
    "issuing_authority",
    "document_number",
    "portrait",
    "driving_privileges",
    "un_distinguishing_sign",
}
"""ISO/IEC 18013-5:2021, 7.2.1, table 5."""


def licence(
    *classes: VehicleClass,
    valid_until: date | None = date(2032, 3, 1),
    birth_date: date = date(1990, 5, 17),
    at: datetime = NOW,
) -> Licence:
    return Licence(
        holder_id=HolderId("sp-000001"),
        person=Person(
            family_name="单",
            given_name="思𠮷",
            family_name_latin="SHAN",
            given_name_latin="SIJI",
            latin_source=LatinNameSource.MACHINE,
            sex=Sex.FEMALE,
            nationality="CN",
            birth_date=birth_date,
            address="四川省成都市样本区清溪街8号",
            identity_kind=IdentityKind.CITIZEN,
            identity_number="990101199005170029",
        ),
        grant=Grant(
            archive_number=ArchiveNumber("510100000012"),
            issuing_office=IssuingOffice("510100000400", "样本支队", "SPECIMEN Police", "川A"),
            first_issue_date=date(2020, 3, 1),
            valid_from=date(2026, 3, 1),
            valid_until=valid_until,
            record="实习期至2021年03月01日。",
        ),
        classes=tuple(
            ClassEntitlement(one, date(2020, 3, 1)) for one in classes or (VehicleClass.C1,)
        ),
        statuses=frozenset({LicenceStatus.NORMAL}),
        points=0,
        has_photo=True,
        at=at,
    )


def said(of: Licence, photo: Photo = PHOTO) -> dict[str, Any]:
    made = elements(of, photo, INSTANCE, TABLES.on(legal_day(of.at)))
    return {**made[MDL_NAMESPACE], **made[NATIONAL_NAMESPACE]}


def test_every_mandatory_element_is_there() -> None:
    made = elements(licence(), PHOTO, INSTANCE, TABLES.on(legal_day(NOW)))
    assert made[MDL_NAMESPACE].keys() >= MANDATORY
    assert all(value not in ("", None) for value in made[MDL_NAMESPACE].values())


def test_a_copy_says_what_the_register_says() -> None:
    told = said(licence())
    assert (told["family_name"], told["given_name"]) == ("SHAN", "SIJI")
    assert told["family_name_national_character"] == "单"
    assert told["given_name_national_character"] == "思𠮷"
    assert told["latin_name_source"] == "machine"
    assert told["portrait"] == PHOTO.jpeg
    assert (told["birth_date"], told["sex"], told["nationality"]) == ("1990-05-17", 2, "CN")
    assert (told["issue_date"], told["expiry_date"]) == ("2026-03-01", "2032-03-01")
    assert told["document_number"] == INSTANCE
    assert told["licence_number"] == "990101199005170029"
    assert told["archive_number"] == "510100000012"
    assert (told["issuing_country"], told["un_distinguishing_sign"]) == ("CN", "CHN")
    assert (told["issuing_authority"], told["issuing_office"]) == ("SPECIMEN Police", "样本支队")
    assert told["portrait_capture_date"] == "2020-02-11"
    assert told["record"] == "实习期至2021年03月01日。"


def test_metadata_names_exactly_the_elements_that_come() -> None:
    configured = configurations("https://issuer.example", {}, specimen=True)[MDL_CONFIGURATION]
    named = {tuple(claim["path"]) for claim in configured["credential_metadata"]["claims"]}
    made = elements(licence(), PHOTO, INSTANCE, TABLES.on(legal_day(NOW)))
    assert named == {(space, name) for space, members in made.items() for name in members}


def test_a_long_term_licence_has_the_last_day_there_is_and_says_so() -> None:
    told = said(licence(valid_until=None))
    assert (told["expiry_date"], told["long_term"]) == (LONG_TERM.isoformat(), True)
    assert said(licence())["long_term"] is False


def test_a_photo_of_unknown_date_has_none() -> None:
    assert "portrait_capture_date" not in said(licence(), replace(PHOTO, captured_on=None))


def test_national_classes_stand_beside_what_they_open_abroad() -> None:
    told = said(licence(VehicleClass.A2, VehicleClass.D))
    assert told["vehicle_classes"] == [
        {"code": "A2", "issue_date": "2020-03-01"},
        {"code": "D", "issue_date": "2020-03-01"},
    ]
    opened = {one["vehicle_category_code"] for one in told["driving_privileges"]}
    assert {"B", "C", "CE", "A"} <= opened
    assert all(one["issue_date"] == "2020-03-01" for one in told["driving_privileges"])


def test_a_class_that_ended_travels_as_ended_and_opens_nothing() -> None:
    ended = ClassEntitlement(VehicleClass.C1, date(2020, 3, 1), date(2025, 3, 1))
    told = said(replace(licence(), classes=(ended,)))
    assert told["vehicle_classes"] == [
        {"code": "C1", "issue_date": "2020-03-01", "expiry_date": "2025-03-01"}
    ]
    assert told["driving_privileges"] == []


@pytest.mark.parametrize(
    ("birth_date", "reached"),
    [
        (date(2008, 6, 1), {18}),
        (date(2008, 6, 2), set()),
        (date(1966, 6, 1), {18, 60}),
        (date(1963, 6, 2), {18, 60}),
        (date(1956, 6, 1), {18, 60, 63, 70}),
    ],
    ids=str,
)
def test_an_age_is_reached_on_the_birthday(birth_date: date, reached: set[int]) -> None:
    told = said(licence(birth_date=birth_date))
    assert {age for age in (18, 60, 63, 70) if told[f"age_over_{age}"]} == reached


def test_an_age_is_reached_on_the_day_in_china() -> None:
    eve = datetime(2026, 5, 31, 15, 59, tzinfo=UTC)
    born = date(2008, 6, 1)
    assert said(licence(birth_date=born, at=eve))["age_over_18"] is False
    midnight = eve + timedelta(minutes=1)
    assert said(licence(birth_date=born, at=midnight))["age_over_18"] is True


def test_a_copy_lives_for_its_days_from_the_whole_hour() -> None:
    term = term_of(licence(), NOW, COPY_DAYS)
    assert term.signed == term.valid_from == datetime(2026, 6, 1, 2, tzinfo=UTC)
    assert term.valid_until == term.signed + timedelta(days=COPY_DAYS)


def test_a_copy_never_outlives_the_licence() -> None:
    term = term_of(licence(valid_until=date(2026, 6, 10)), NOW, COPY_DAYS)
    assert term.valid_until == datetime(2026, 6, 10, 16, tzinfo=UTC)  # midnight in China


def test_a_long_term_licence_does_not_make_a_long_lived_copy() -> None:
    term = term_of(licence(valid_until=None), NOW, COPY_DAYS)
    assert term.valid_until - term.signed == timedelta(days=COPY_DAYS)
