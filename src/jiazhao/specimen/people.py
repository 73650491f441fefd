"""Writes made-up people as lines of the import format (`docs/specs/register-import.md`)."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import date
from typing import BinaryIO

import msgspec

from jiazhao.errors import ConfigurationError, ErrorCode
from jiazhao.licence.history import Interval
from jiazhao.licence.legal_day import CHINA, start_of_day
from jiazhao.licence.licence import ClassEntitlement, Grant, Person, Photo
from jiazhao.specimen.careers import Stint
from jiazhao.specimen.draws import Draws
from jiazhao.specimen.lives import life_of
from jiazhao.specimen.papers import grants_of, persons_of, photos_of
from jiazhao.specimen.stories import holder_id_of, story_of

MAX_HOLDERS = 4_000_000
"""What the areas of the citizen numbers and the serial of the archive number can tell apart."""

FIRST_YEAR, LAST_YEAR = 2013, 2150
"""Years for `on`: the oldest holder must still be born in a year that the format takes."""


def people(
    holders: int, seed: int, on: date, *, portraits: bool = True, after: int = 0
) -> Iterator[bytes]:
    """Yield `holders` lines, newline included; the same arguments make the same bytes.

    `after` leaves out the first ones, so that several processes can each draw a part.

    Everything is in force on the day `on` unless a holder's status says otherwise. From 40
    holders on, every status occurs. A holder does not change when there are more of them.
    """
    if not 1 <= holders <= MAX_HOLDERS:
        raise _refuse("holders", f"1 to {MAX_HOLDERS}")
    if not FIRST_YEAR <= on.year <= LAST_YEAR:
        raise _refuse("on", f"{FIRST_YEAR} to {LAST_YEAR}")
    return (_line(index, seed, on, portraits=portraits) for index in range(after + 1, holders + 1))


def write_demo_data(
    out: BinaryIO, *, holders: int, seed: int, on: date, portraits: bool = True
) -> None:
    """Write an import file of made-up people to `out`."""
    for line in people(holders, seed, on, portraits=portraits):
        out.write(line)


def _refuse(key: str, reason: str) -> ConfigurationError:
    return ConfigurationError(ErrorCode.BAD_CONFIGURATION, key=key, reason=reason)


def _line(index: int, seed: int, on: date, *, portraits: bool) -> bytes:
    draws = Draws("jiazhao specimen 1", seed, index)
    story = story_of(index, draws.stream("story"))
    life = life_of(index, story, draws.stream("life"), on)
    shown = portraits and story.has_photo
    line = {
        "holder_id": holder_id_of(index),
        "persons": _chain(persons_of(life)),
        "grants": _chain(grants_of(life)),
        "classes": [_stint(stint) for stint in life.stints],
        "statuses": [_entry(held, status=status) for held, status in life.conduct.statuses],
        "points": [_entry(held, points=points) for held, points in life.conduct.points],
        "photos": _chain(photos_of(life, draws.stream("portrait"))) if shown else [],
    }
    return msgspec.json.encode(line) + b"\n"


def _entry(held: Interval, **value: object) -> dict[str, object]:
    until = held.end.astimezone(CHINA) if held.end else None
    return {"from": held.start.astimezone(CHINA), "until": until, **value}


def _stint(stint: Stint) -> dict[str, object]:
    held = Interval(start_of_day(stint.begins), start_of_day(stint.ends) if stint.ends else None)
    value = ClassEntitlement(stint.vehicle_class, stint.issue_date)
    return _entry(held, **_members(value))


def _chain(values: Sequence[tuple[date, Person | Grant | Photo]]) -> list[dict[str, object]]:
    """Each value from its day until the day of the next one."""
    ends = [*(start_of_day(day) for day, _ in values[1:]), None]
    return [
        _entry(Interval(start_of_day(day), end), **_members(value))
        for (day, value), end in zip(values, ends, strict=True)
    ]


def _members(noun: Person | Grant | ClassEntitlement | Photo) -> dict[str, object]:
    return {field.name: getattr(noun, field.name) for field in fields(noun)}
