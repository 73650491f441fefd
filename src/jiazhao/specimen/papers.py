"""What the register holds of a life: persons, grants and portraits, each from a day on."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from jiazhao.licence.identifiers import ArchiveNumber
from jiazhao.licence.licence import Grant, IdentityKind, Person, Photo
from jiazhao.specimen import places
from jiazhao.specimen.days import years_later
from jiazhao.specimen.draws import Draws
from jiazhao.specimen.lives import Life
from jiazhao.specimen.portrait import portrait
from jiazhao.specimen.stories import CAST_SIZE

YEARLY_PROOF_AGE = 70
_YEARLY_PROOF = "请于每个记分周期结束后三十日内提交身体条件证明。"
"""Order 162 art. 74: from 70 on, a physical proof each year."""


def persons_of(life: Life) -> list[tuple[date, Person]]:
    """Who the holder was, from the first issue; a new one with each new address."""
    who = life.identity
    return [
        (
            day,
            Person(
                family_name=who.name.family,
                given_name=who.name.given,
                family_name_latin=who.name.family_latin,
                given_name_latin=who.name.given_latin,
                latin_source=who.name.source,
                sex=who.sex,
                nationality=who.nationality,
                birth_date=who.birth_date,
                address=address,
                identity_kind=IdentityKind(who.kind),
                identity_number=who.number,
            ),
        )
        for day, _, address in life.homes
    ]


def grants_of(life: Life) -> list[tuple[date, Grant]]:
    """Every licence that was printed: at first issue, renewal, a new class, a transfer."""
    changes: dict[date, dict[str, Any]] = {}
    for begins, ends in life.terms:
        changes[begins] = {
            "valid_from": begins,
            "valid_until": ends,
            "record": _record(life, begins),
        }
    for stint in life.stints:
        if stint.begins > life.first_issue:
            gained = stint.issue_date == stint.begins
            record = f"增驾{stint.vehicle_class}{_probation(stint.begins)}" if gained else ""
            changes.setdefault(stint.begins, {})["record"] = record
    if life.transferred:
        office = places.office(life.homes[-1][1])
        changes.setdefault(life.transferred, {})["issuing_office"] = office

    first_office = places.office(life.homes[0][1])
    grant = Grant(
        archive_number=_archive_number(first_office.city, life.index),
        issuing_office=first_office,
        first_issue_date=life.first_issue,
        valid_from=life.first_issue,
        valid_until=None,
    )
    printed = []
    for day in sorted(changes):
        grant = replace(grant, **changes[day])
        printed.append((day, grant))
    return printed


def photos_of(life: Life, draws: Draws) -> list[tuple[date, Photo]]:
    """The portrait of the last renewal; the cast keeps the one before it too."""
    kept = 2 if life.index <= CAST_SIZE else 1
    who = life.identity
    photos = []
    for begins, _ in life.terms[-kept:]:
        captured = begins - timedelta(days=draws.between(3, 60))
        jpeg = portrait(draws.stream("face"), who.sex, who.nationality, who.birth_date, captured)
        photos.append((begins, Photo(jpeg, captured)))
    return photos


def _record(life: Life, day: date) -> str:
    if day == life.first_issue:
        return _probation(day)
    return _YEARLY_PROOF if years_later(life.identity.birth_date, YEARLY_PROOF_AGE) <= day else ""


def _probation(day: date) -> str:
    """Order 162 art. 76: twelve months."""
    return f"实习期至{years_later(day, 1):%Y年%m月%d日}。"


def _archive_number(region: str, index: int) -> ArchiveNumber:
    """Serials from 90000000 on, another one for each `index`, since 7 368 787 is prime."""
    return ArchiveNumber(f"{region}9{index * 7_368_787 % 10_000_000:07d}")
