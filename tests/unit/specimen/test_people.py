"""Made-up people: the same for everybody, lawful, complete, and nobody's."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from functools import cache
from io import BytesIO
from itertools import pairwise
from typing import TypeVar

import pytest

from jiazhao.errors import ConfigurationError
from jiazhao.licence.history import Fact, Interval
from jiazhao.licence.legal_day import legal_day, start_of_day
from jiazhao.licence.licence import (
    History,
    IdentityKind,
    LatinNameSource,
    Licence,
    Sex,
    licence_at,
)
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.registry.importing import ImportedHolder, read_line, write_line
from jiazhao.specimen import cast, people, write_demo_data
from jiazhao.specimen.days import years_later
from jiazhao.specimen.lives import citizen_number_of

ON = date(2026, 8, 1)
DAYS = [date(2021, 6, 15), ON, date(2028, 2, 29)]
LARGE = {VehicleClass.A1, VehicleClass.A2, VehicleClass.A3, VehicleClass.B1, VehicleClass.B2}
NOT_RENEWED = {
    LicenceStatus.RENEWAL_OVERDUE,
    LicenceStatus.RENEWAL_DEFERRED,
    LicenceStatus.CANCELLED_RECOVERABLE,
}

T = TypeVar("T")


@cache
def holders(on: date = ON, count: int = 400) -> Sequence[ImportedHolder]:
    lines = people(count, 1, on, portraits=False)
    return [read_line(line, number=number) for number, line in enumerate(lines, 1)]


def licence_of(holder: ImportedHolder, on: date) -> Licence:
    at = start_of_day(on)

    def facts(held: Sequence[tuple[Interval, T]]) -> tuple[Fact[T], ...]:
        return tuple(Fact(f"{n:04}", when, at, value) for n, (when, value) in enumerate(held))

    classes, statuses = defaultdict(list), defaultdict(list)
    for held, entitlement in holder.classes:
        classes[entitlement.vehicle_class].append((held, entitlement))
    for held, status in holder.statuses:
        statuses[status].append((held, True))
    history = History(
        holder_id=holder.holder_id,
        persons=facts(holder.persons),
        grants=facts(holder.grants),
        classes={kind: facts(rows) for kind, rows in classes.items()},
        statuses={kind: facts(rows) for kind, rows in statuses.items()},
        points=facts(holder.points),
        photos=facts([(held, "photo") for held, _ in holder.photos]),
    )
    return licence_at(history, at, at)


def licences(on: date = ON, count: int = 400) -> list[Licence]:
    return [licence_of(holder, on) for holder in holders(on, count)]


def test_the_bytes_are_the_same_on_every_machine() -> None:
    lines = b"".join(people(60, 7, ON, portraits=False))
    assert hashlib.sha256(lines).hexdigest() == (
        "d49c0aeff297e0d4305322ed0de7d50ea8a0ad96c7dd3924e38e7e3d7ecdb38f"
    )


def test_a_holder_does_not_change_when_there_are_more() -> None:
    few = list(people(3, 5, ON, portraits=False))
    assert list(people(50, 5, ON, portraits=False))[:3] == few


def test_another_seed_makes_other_people() -> None:
    one, other = (set(people(40, seed, ON, portraits=False)) for seed in (1, 2))
    assert not one & other


@pytest.mark.parametrize("on", DAYS)
def test_every_line_is_read_and_written_alike(on: date) -> None:
    for number, line in enumerate(people(400, 3, on, portraits=False), 1):
        assert write_line(read_line(line, number=number)) == line


@pytest.mark.parametrize("on", DAYS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_forty_holders_show_every_status(on: date, seed: int) -> None:
    lines = people(40, seed, on, portraits=False)
    shown = [licence_of(read_line(line, number=1), on).statuses for line in lines]
    assert frozenset().union(*shown) == frozenset(LicenceStatus)
    assert {LicenceStatus.VIOLATION_PENDING, LicenceStatus.ACCIDENT_PENDING} in shown


def test_fifty_holders_show_every_class() -> None:
    held = [licence.held_classes for licence in licences()[:50]]
    assert frozenset().union(*held) == frozenset(VehicleClass)


def test_fifty_holders_show_every_kind_of_name_and_paper() -> None:
    persons = [licence.person for licence in licences()[:50]]
    names = "".join(person.name for person in persons)
    assert "·" in names
    assert any(ord(character) > 0xFFFF for character in names)
    assert {person.identity_kind for person in persons} == set(IdentityKind)
    assert {person.latin_source for person in persons} == set(LatinNameSource)
    assert any(person.family_name_latin == "SHAN" for person in persons if "单" in person.name)


def test_the_area_of_a_citizen_number_was_never_given_out() -> None:
    given_out = {*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55)}
    given_out |= {*range(61, 66), 71, 81, 82, 83}
    for person in (person for holder in holders() for _, person in holder.persons):
        if person.identity_kind in (IdentityKind.CITIZEN, IdentityKind.RESIDENCE_PERMIT):
            assert int(person.identity_number[:2]) not in given_out
            assert int(person.identity_number[16]) % 2 == person.sex % 2


def test_no_number_is_anybody_elses() -> None:
    everybody = [read_line(line, number=1) for line in people(3000, 1, ON, portraits=False)]
    assert len({holder.holder_id for holder in everybody}) == 3000
    assert len({holder.persons[-1][1].identity_number for holder in everybody}) == 3000
    assert len({holder.grants[-1][1].archive_number for holder in everybody}) == 3000


def test_people_born_on_one_day_have_numbers_of_their_own() -> None:
    born = date(1990, 5, 17)
    numbers = {citizen_number_of(n, Sex(1 + n % 2), born) for n in range(1, 4001)}
    assert len(numbers) == 4000


def test_offices_and_addresses_are_marked() -> None:
    for holder in holders():
        for _, grant in holder.grants:
            assert grant.issuing_office.name.startswith("样本")
            assert grant.issuing_office.name_latin.startswith("SPECIMEN ")
        assert all("样本区" in person.address for _, person in holder.persons)


def test_the_archive_number_never_changes() -> None:
    moved = [holder for holder in holders() if _offices(holder) > 1]
    assert moved
    for holder in holders():
        assert len({grant.archive_number for _, grant in holder.grants}) == 1
        office = holder.grants[0][1].issuing_office
        assert holder.grants[0][1].archive_number[:4] == office.city


def _offices(holder: ImportedHolder) -> int:
    return len({grant.issuing_office for _, grant in holder.grants})


@pytest.mark.parametrize("on", DAYS)
def test_everybody_is_of_age(on: date) -> None:
    for licence in licences(on):
        born = licence.person.birth_date
        assert years_later(born, 18) <= licence.grant.first_issue_date
        assert on < years_later(born, 86)
        if licence.held_classes & LARGE:
            assert on < years_later(born, 60)


@pytest.mark.parametrize("on", DAYS)
def test_a_licence_is_in_force_unless_its_status_says_otherwise(on: date) -> None:
    for licence in licences(on):
        until = licence.grant.valid_until
        expired = until is not None and until < on
        assert expired is bool(licence.statuses & NOT_RENEWED)
        assert licence.grant.valid_from <= on


@pytest.mark.parametrize("on", DAYS)
def test_the_licence_is_over_its_points_exactly_at_the_full_score(on: date) -> None:
    for licence in licences(on):
        assert (licence.points >= 12) is (LicenceStatus.POINTS_EXCEEDED in licence.statuses)


def test_validity_runs_six_years_then_ten_then_for_good() -> None:
    seen = set()
    for holder in holders():
        spans = sorted({(g.valid_from, g.valid_until) for _, g in holder.grants})
        lengths = tuple(until.year - begins.year if until else None for begins, until in spans)
        assert lengths[0] == 6
        assert all(a[1] == b[0] for a, b in pairwise(spans))
        if LicenceStatus.POINTS_EXCEEDED not in {status for _, status in holder.statuses}:
            assert lengths == (6, 10, None)[: len(lengths)]
        seen.add(lengths)
    assert seen >= {(6,), (6, 10), (6, 10, None), (6, 6)}


@pytest.mark.parametrize("on", DAYS)
def test_class_c6_is_not_older_than_its_law(on: date) -> None:
    issued = [
        entitlement.issue_date
        for holder in holders(on)
        for _, entitlement in holder.classes
        if entitlement.vehicle_class is VehicleClass.C6
    ]
    assert all(day >= date(2022, 4, 1) for day in issued)
    assert bool(issued) is (on.year > 2023)


def test_past_things_are_over_and_told() -> None:
    past = {status for h in holders() for held, status in h.statuses if held.end is not None}
    assert past >= {
        LicenceStatus.SUSPENDED,
        LicenceStatus.DETAINED,
        LicenceStatus.POINTS_EXCEEDED,
        LicenceStatus.VIOLATION_PENDING,
    }
    assert any(held.end for holder in holders() for held, _ in holder.classes)
    assert any(
        holder.points and legal_day(holder.points[0][0].start).year < ON.year - 2
        for holder in holders()
    )


def test_points_end_with_their_cycle() -> None:
    for holder in holders():
        first = holder.grants[0][1].first_issue_date
        for held, points in holder.points:
            if points < 12 and held.end is not None and held.end not in _starts(holder):
                day = legal_day(held.end)
                assert (day.month, day.day) == (first.month, first.day)


def _starts(holder: ImportedHolder) -> set[object]:
    return {held.start for held, _ in holder.points}


def test_the_cast_shows_what_it_promises() -> None:
    shown = {licence.holder_id: licence for licence in licences()}
    roles = [shown[role.holder_id] for role in cast()]
    assert [role.holder_id for role in cast()] == [f"sp-{n:06}" for n in range(1, 13)]

    assert "".join("".join(sorted(licence.statuses)) for licence in roles) == "AAABUAAHFMAA"
    assert ["".join(sorted(licence.held_classes)) for licence in roles[:3]] == ["C1", "A1A2", "C1D"]
    assert [licence.grant.issuing_office.prefix for licence in roles[:3]] == ["川A", "苏E", "津A"]
    assert roles[3].points == 12
    assert roles[6].grant.valid_until is None
    assert "·" in roles[10].person.name
    assert roles[11].person.identity_kind is IdentityKind.PASSPORT
    assert roles[11].person.name.isupper()


def test_demo_data_is_the_people_line_by_line() -> None:
    out = BytesIO()
    write_demo_data(out, holders=4, seed=9, on=ON, portraits=False)
    assert out.getvalue() == b"".join(people(4, 9, ON, portraits=False))


@pytest.mark.parametrize(
    ("count", "on"), [(0, ON), (4_000_001, ON), (5, date(1999, 1, 1)), (5, date(2200, 1, 1))]
)
def test_what_cannot_be_made_is_refused(count: int, on: date) -> None:
    with pytest.raises(ConfigurationError):
        people(count, 1, on)
