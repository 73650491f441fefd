"""The rule tables, read once and asked by day.

Who can change a table can change what the law is held to say: who may claim and who may drive.
The files are part of the release and go through its review.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Generic, TypeVar

import msgspec

from jiazhao.errors import ErrorCode, RuleError, UnreadableError
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.rules.rows import (
    AgeLimitRow,
    CategoryRow,
    ClassRow,
    FigureCode,
    FigureRow,
    IncludesRow,
    LookupReasonRow,
    RefusalCode,
    RefusalRow,
    RegionRow,
    StatusRow,
    TableFile,
    TermCode,
    TermRow,
)

FIRST_DAY = date(2013, 1, 1)
"""The tables begin with order 123 (its first day is unverified), eight years before the first
electronic licence, so that what could be driven on a past day can be answered."""

Key = TypeVar("Key")
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Period(Generic[Key, Row]):
    """A table's rows by their code, and the days on which they hold, both included."""

    first: date
    last: date | None
    rows: Mapping[Key, Row]

    def __contains__(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Dated(Generic[Key, Row]):
    """A table over time: exactly one period for every day from `FIRST_DAY` on."""

    periods: tuple[Period[Key, Row], ...]

    def on(self, day: date) -> Mapping[Key, Row]:
        """The rows in force on `day`. Raises `RuleError` before `FIRST_DAY`."""
        for period in self.periods:
            if day in period:
                return period.rows
        raise RuleError(ErrorCode.NO_RULES_FOR_DAY, day=day.isoformat())


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All rules in force on `day`, each table by its code."""

    day: date
    classes: Mapping[VehicleClass, ClassRow]
    class_includes: Mapping[VehicleClass, IncludesRow]
    statuses: Mapping[LicenceStatus, StatusRow]
    age_limits: Mapping[str, AgeLimitRow]
    rollout: Mapping[str, RegionRow]
    iso_categories: Mapping[VehicleClass, CategoryRow]
    validity_terms: Mapping[TermCode, TermRow]
    figures: Mapping[FigureCode, FigureRow]
    lookup_reasons: Mapping[str, LookupReasonRow]
    refusals: Mapping[RefusalCode, RefusalRow]

    @property
    def full_score(self) -> int:
        """The points at which driving ends (满分)."""
        return self.figures[FigureCode.FULL_SCORE].value

    @property
    def renewal_window(self) -> timedelta:
        """How long before expiry a licence may be renewed."""
        return timedelta(days=self.figures[FigureCode.RENEWAL_WINDOW].value)


@dataclass(frozen=True, slots=True)
class Tables:
    """Every table over time; ask with `on`."""

    classes: Dated[VehicleClass, ClassRow]
    class_includes: Dated[VehicleClass, IncludesRow]
    statuses: Dated[LicenceStatus, StatusRow]
    age_limits: Dated[str, AgeLimitRow]
    rollout: Dated[str, RegionRow]
    iso_categories: Dated[VehicleClass, CategoryRow]
    validity_terms: Dated[TermCode, TermRow]
    figures: Dated[FigureCode, FigureRow]
    lookup_reasons: Dated[str, LookupReasonRow]
    refusals: Dated[RefusalCode, RefusalRow]

    def on(self, day: date) -> RuleSet:
        """The rules in force on `day`. Raises `RuleError` before `FIRST_DAY`."""
        return RuleSet(day, *(getattr(self, table.name).on(day) for table in fields(self)))


TABLE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "classes": "classes.json",
        "class_includes": "class_includes.json",
        "statuses": "status_codes.json",
        "age_limits": "age_limits.json",
        "rollout": "rollout.json",
        "iso_categories": "iso_categories.json",
        "validity_terms": "validity_terms.json",
        "figures": "figures.json",
        "lookup_reasons": "lookup_reasons.json",
        "refusals": "refusals.json",
    }
)
"""The file of each table, for the application and for the pages that need the same rules."""


def load_tables(read: Callable[[str], bytes]) -> Tables:
    """Parse all tables; `read` gives the bytes of a named file.

    Raises `UnreadableError` where a file is malformed, leaves a day without rules, or lacks a row
    that the code relies on: better no service than a rule silently missing.
    """
    return Tables(
        classes=_table(read, "classes", ClassRow),
        class_includes=_table(read, "class_includes", IncludesRow),
        statuses=_table(read, "statuses", StatusRow, complete=LicenceStatus),
        age_limits=_table(read, "age_limits", AgeLimitRow),
        rollout=_table(read, "rollout", RegionRow),
        iso_categories=_table(read, "iso_categories", CategoryRow),
        validity_terms=_table(read, "validity_terms", TermRow, complete=TermCode),
        figures=_table(read, "figures", FigureRow, complete=FigureCode),
        lookup_reasons=_table(read, "lookup_reasons", LookupReasonRow),
        refusals=_table(read, "refusals", RefusalRow, complete=RefusalCode),
    )


def _table(
    read: Callable[[str], bytes], table: str, row: type, *, complete: Iterable[StrEnum] = ()
) -> Dated[Any, Any]:
    name = TABLE_NAMES[table]
    try:
        file = msgspec.json.decode(read(name), type=TableFile[row])  # type: ignore[valid-type]
    except msgspec.MsgspecError as error:
        raise _unreadable(name, str(error)) from error
    periods = tuple(
        Period(version.valid_from, version.valid_to, _by_code(name, version.entries))
        for version in file.versions
    )
    _require_every_day(name, periods)
    for period in periods:
        if missing := [code for code in complete if code not in period.rows]:
            raise _unreadable(name, f"no row for {', '.join(missing)} from {period.first}")
    return Dated(periods)


def _by_code(name: str, entries: tuple[Any, ...]) -> Mapping[Any, Any]:
    rows = {entry.code: entry for entry in entries}
    if len(rows) != len(entries):
        raise _unreadable(name, "two rows have the same code")
    return MappingProxyType(rows)


def _require_every_day(name: str, periods: tuple[Period[Any, Any], ...]) -> None:
    """Refuse gaps and overlaps: a day with no rules or two sets of them has no answer."""
    expected: date | None = FIRST_DAY
    for period in periods:
        if period.first != expected or (period.last is not None and period.last < period.first):
            raise _unreadable(name, f"the version from {period.first} leaves a gap or overlaps")
        expected = period.last + timedelta(days=1) if period.last else None
    if expected is not None:
        raise _unreadable(name, f"no version for {expected} and later")


def _unreadable(name: str, reason: str) -> UnreadableError:
    return UnreadableError(ErrorCode.UNREADABLE, what=name, reason=reason)
