"""The licence at a moment, as known at another: facts are added and never changed."""

from datetime import UTC, date, datetime, timedelta

import pytest

from jiazhao.errors import ErrorCode, RegisterError
from jiazhao.licence.history import Fact, Interval, value_at
from jiazhao.licence.identifiers import ArchiveNumber, HolderId
from jiazhao.licence.licence import (
    ClassEntitlement,
    Grant,
    History,
    IdentityKind,
    IssuingOffice,
    LatinNameSource,
    Licence,
    Person,
    Sex,
    licence_at,
)
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass

DAY = timedelta(days=1)
BEGAN = datetime(2020, 3, 1, tzinfo=UTC)
MOVED = datetime(2023, 5, 1, tzinfo=UTC)
DETAINED = datetime(2024, 7, 1, 9, 30, tzinfo=UTC)
RETURNED = datetime(2024, 7, 16, 9, 30, tzinfo=UTC)
NOW = datetime(2026, 6, 1, tzinfo=UTC)

OFFICE = IssuingOffice("510100000400", "样本支队", "SPECIMEN", "川A")
GRANT = Grant(
    ArchiveNumber("510100000012"), OFFICE, date(2020, 3, 1), date(2020, 3, 1), date(2026, 3, 1)
)


def person(address: str) -> Person:
    return Person(
        family_name="单",
        given_name="思源",
        family_name_latin="SHAN",
        given_name_latin="SIYUAN",
        latin_source=LatinNameSource.REGISTER,
        sex=Sex.FEMALE,
        nationality="CN",
        birth_date=date(1990, 5, 17),
        address=address,
        identity_kind=IdentityKind.CITIZEN,
        identity_number="990101199005170029",
    )


HISTORY = History(
    holder_id=HolderId("sp-000001"),
    persons=(
        Fact("1", Interval(BEGAN, MOVED), BEGAN, person("天津")),
        Fact("2", Interval(MOVED), MOVED, person("成都")),
    ),
    grants=(Fact("3", Interval(BEGAN), BEGAN, GRANT),),
    classes={
        VehicleClass.D: (
            Fact("4", Interval(MOVED), MOVED, ClassEntitlement(VehicleClass.D, date(2023, 5, 1))),
        ),
        VehicleClass.C1: (
            Fact("5", Interval(BEGAN), BEGAN, ClassEntitlement(VehicleClass.C1, date(2020, 3, 1))),
        ),
    },
    statuses={
        LicenceStatus.DETAINED: (Fact("6", Interval(DETAINED, RETURNED), DETAINED, True),),
        LicenceStatus.NORMAL: (Fact("7", Interval(BEGAN), BEGAN, True),),
    },
    points=(Fact("8", Interval(DETAINED), DETAINED, 6),),
    photos=(Fact("9", Interval(MOVED), MOVED, "portrait"),),
)


def then(at: datetime, known_at: datetime = NOW) -> Licence:
    return licence_at(HISTORY, at, known_at)


def test_what_held_is_told_for_each_moment() -> None:
    first = then(BEGAN)
    assert (first.person.address, first.points, first.has_photo) == ("天津", 0, False)
    assert first.held_classes == {VehicleClass.C1}
    later = then(MOVED)
    assert (later.person.address, later.has_photo) == ("成都", True)
    assert [one.vehicle_class for one in later.classes] == [VehicleClass.C1, VehicleClass.D]
    assert then(DETAINED).points == 6


def test_an_interval_includes_its_start_and_not_its_end() -> None:
    a_moment = timedelta(microseconds=1)
    normal, detained = {LicenceStatus.NORMAL}, {LicenceStatus.DETAINED}
    assert then(DETAINED - a_moment).statuses == normal
    assert then(DETAINED).statuses == detained
    assert then(RETURNED - a_moment).statuses == detained
    assert then(RETURNED).statuses == normal


def test_before_the_first_fact_there_is_no_licence() -> None:
    with pytest.raises(RegisterError) as refused:
        then(BEGAN - DAY)
    assert refused.value.code is ErrorCode.NO_LICENCE


def test_what_was_not_recorded_yet_was_not_known() -> None:
    assert then(DETAINED, known_at=DETAINED - DAY).statuses == {LicenceStatus.NORMAL}
    assert then(DETAINED, known_at=DETAINED).statuses == {LicenceStatus.DETAINED}


def test_a_correction_is_a_new_fact_and_the_old_one_stays() -> None:
    facts = [
        Fact("1", Interval(BEGAN), BEGAN, 3),
        Fact("2", Interval(MOVED, DETAINED), NOW, 9),
        Fact("3", Interval(MOVED, DETAINED), NOW, None),
    ]
    assert value_at(facts, MOVED, known_at=NOW) is None  # of one recording the later name counts
    assert value_at(facts[:2], MOVED, known_at=NOW) == 9
    assert value_at(facts, MOVED, known_at=NOW - DAY) == 3
    assert value_at(facts, DETAINED, known_at=NOW) == 3


def test_a_person_does_not_show_in_a_log() -> None:
    assert repr(person("成都")) == "Person(…)"
