"""The licence as the register knows it at one moment, and the facts that it is made of.

Source of the content: 机动车驾驶证申领和使用规定 (order 162), art. 12.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum

from jiazhao.errors import ErrorCode, RegisterError
from jiazhao.licence.history import Fact, value_at
from jiazhao.licence.identifiers import ArchiveNumber, HolderId
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass


class Sex(IntEnum):
    """ISO/IEC 5218, as the elements of ISO/IEC 18013-5 carry it."""

    NOT_KNOWN = 0
    MALE = 1
    FEMALE = 2
    NOT_APPLICABLE = 9


class LatinNameSource(StrEnum):
    """Where the Latin names come from; a machine-made one may be read wrongly."""

    REGISTER = "register"
    PASSPORT = "passport"
    MACHINE = "machine"


class IdentityKind(StrEnum):
    """Papers that order 162 art. 109 accepts as proof of identity."""

    CITIZEN = "citizen"
    RESIDENCE_PERMIT = "residence_permit"
    PERMANENT_RESIDENCE = "permanent_residence"
    PASSPORT = "passport"


@dataclass(frozen=True, slots=True)
class Person:
    """Who holds the licence. Personal data: kept out of logs, so `repr` says nothing."""

    family_name: str
    given_name: str
    family_name_latin: str
    given_name_latin: str
    latin_source: LatinNameSource
    sex: Sex
    nationality: str
    birth_date: date
    address: str
    identity_kind: IdentityKind
    identity_number: str

    @property
    def name(self) -> str:
        """The name as the card shows it."""
        return self.family_name + self.given_name

    def __repr__(self) -> str:
        return "Person(…)"


@dataclass(frozen=True, slots=True)
class IssuingOffice:
    """发证机关. `code` has 12 digits, the first six of the region; `prefix` is the plate's, 川A."""

    code: str
    name: str
    name_latin: str
    prefix: str

    @property
    def province(self) -> str:
        """Two digits of GB/T 2260."""
        return self.code[:2]

    @property
    def city(self) -> str:
        """Four digits of GB/T 2260; municipalities end in 00 or 01."""
        return self.code[:4]


@dataclass(frozen=True, slots=True)
class Grant:
    """The licence itself, apart from classes, statuses and points.

    `valid_until` is the last day of validity; None is long-term (长期).
    """

    archive_number: ArchiveNumber
    issuing_office: IssuingOffice
    first_issue_date: date
    valid_from: date
    valid_until: date | None
    record: str = ""


@dataclass(frozen=True, slots=True)
class ClassEntitlement:
    """One class with the day of its first issue and, where it ends by itself, its last day."""

    vehicle_class: VehicleClass
    issue_date: date
    expiry_date: date | None = None


@dataclass(frozen=True, slots=True)
class Photo:
    """The portrait on file, a JPEG; `captured_on` where it is known."""

    jpeg: bytes
    captured_on: date | None

    def __repr__(self) -> str:
        return f"Photo({len(self.jpeg)} bytes)"


@dataclass(frozen=True, slots=True)
class Licence:
    """The licence at one moment. `statuses` is never empty: NORMAL stands for none other."""

    holder_id: HolderId
    person: Person
    grant: Grant
    classes: tuple[ClassEntitlement, ...]
    statuses: frozenset[LicenceStatus]
    points: int
    has_photo: bool
    at: datetime

    @property
    def held_classes(self) -> frozenset[VehicleClass]:
        """The classes that the licence names."""
        return frozenset(entitlement.vehicle_class for entitlement in self.classes)


@dataclass(frozen=True, slots=True)
class History:
    """All that was ever recorded of one holder's licence."""

    holder_id: HolderId
    persons: tuple[Fact[Person], ...]
    grants: tuple[Fact[Grant], ...]
    classes: Mapping[VehicleClass, tuple[Fact[ClassEntitlement], ...]]
    statuses: Mapping[LicenceStatus, tuple[Fact[bool], ...]]
    points: tuple[Fact[int], ...]
    photos: tuple[Fact[str], ...]
    """Photos by their id; the bytes are read apart."""

    def all_facts(self) -> Iterator[Fact[object]]:
        """Every fact, of whatever kind."""
        yield from self.persons
        yield from self.grants
        for entitlements in self.classes.values():
            yield from entitlements
        for statuses in self.statuses.values():
            yield from statuses
        yield from self.points
        yield from self.photos


def licence_at(history: History, at: datetime, known_at: datetime) -> Licence:
    """The licence as it held at `at`, as known at `known_at`.

    Raises `RegisterError` where none held.
    """
    person = value_at(history.persons, at, known_at)
    grant = value_at(history.grants, at, known_at)
    if person is None or grant is None:
        raise RegisterError(ErrorCode.NO_LICENCE)
    entitlements = (value_at(facts, at, known_at) for facts in history.classes.values())
    statuses = {s for s, facts in history.statuses.items() if value_at(facts, at, known_at)}
    statuses.discard(LicenceStatus.NORMAL)
    return Licence(
        holder_id=history.holder_id,
        person=person,
        grant=grant,
        classes=tuple(
            sorted((e for e in entitlements if e is not None), key=lambda e: e.vehicle_class)
        ),
        statuses=frozenset(statuses) or frozenset({LicenceStatus.NORMAL}),
        points=value_at(history.points, at, known_at) or 0,
        has_photo=value_at(history.photos, at, known_at) is not None,
        at=at,
    )
