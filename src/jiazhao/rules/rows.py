"""What the rule tables hold, row by row; the same files are read by the browser.

Every row names its source. Decoding is strict: an unknown field, letter or class is an error.
"""

from datetime import date
from enum import StrEnum
from string import Formatter
from typing import Final, Generic, Literal, TypeVar

from msgspec import Struct

from jiazhao.errors import Source
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass

Evidence = Literal["law", "public_notice", "unverified"]
"""law: read in the full text; public_notice: told by an authority or the press; else unverified."""

Row = TypeVar("Row")


class _Strict(Struct, frozen=True, forbid_unknown_fields=True):
    """A row that refuses what it does not know."""


class RowSource(_Strict, frozen=True):
    """The instrument and article that a row rests on, and how well that is known."""

    instrument: str
    article: str
    evidence: Evidence

    def cite(self) -> Source:
        """The source as errors and refusals carry it."""
        return Source(self.instrument, self.article, self.evidence)

    def __str__(self) -> str:
        return str(self.cite())


class QrColour(StrEnum):
    """How the wallet shows the licence: a black or red code, a notice, or nothing at all."""

    BLACK = "black"
    RED = "red"
    INVALID = "invalid"
    HIDDEN = "hidden"


class DriveEffect(StrEnum):
    """What a status does to driving; BY_OTHERS leaves it to the other statuses."""

    ALLOWED = "allowed"
    FORBIDDEN = "forbidden"
    BY_OTHERS = "by_others"


class RefusalCode(StrEnum):
    """The sentences that the rules can refuse with."""

    NOT_YET_VALID = "not_yet_valid"
    LICENCE_EXPIRED = "licence_expired"
    STATUS_FORBIDS_DRIVING = "status_forbids_driving"
    STATUS_FORBIDS_CLAIM = "status_forbids_claim"
    CLASS_NOT_IN_LAW = "class_not_in_law"
    CLASS_NOT_HELD = "class_not_held"
    CLASS_NOT_YET_GRANTED = "class_not_yet_granted"
    CLASS_EXPIRED = "class_expired"
    CLASS_LOST_BY_AGE = "class_lost_by_age"
    NO_CLASS_IN_FORCE = "no_class_in_force"
    REGION_NOT_OPEN = "region_not_open"
    NO_PHOTO = "no_photo"
    PHOTO_CHANGED_RECENTLY = "photo_changed_recently"


class FigureCode(StrEnum):
    """Single numbers of the law."""

    FULL_SCORE = "full_score"
    RENEWAL_WINDOW = "renewal_window"
    PHOTO_AGE = "photo_age"
    PHOTO_CHANGE_INTERVAL = "photo_change_interval"
    PHOTO_REVIEW = "photo_review"


class TermCode(StrEnum):
    """How long a licence is valid (有效期)."""

    SIX_YEARS = "six_years"
    TEN_YEARS = "ten_years"
    LONG_TERM = "long_term"


class ClassRow(_Strict, frozen=True):
    """The name of a class of vehicles."""

    code: VehicleClass
    zh: str
    en: str
    source: RowSource


class IncludesRow(_Strict, frozen=True):
    """The other classes that a holder of `code` may drive; the list is complete."""

    code: VehicleClass
    includes: frozenset[VehicleClass]
    source: RowSource


class ClaimEffect(_Strict, frozen=True):
    """Whether a holder of the status may claim the electronic licence."""

    allowed: bool
    source: RowSource


class QrEffect(_Strict, frozen=True):
    """How an electronic licence already claimed is shown."""

    colour: QrColour
    source: RowSource


class DrivingEffect(_Strict, frozen=True):
    """What the status means for driving."""

    effect: DriveEffect
    source: RowSource


class StatusRow(_Strict, frozen=True):
    """A status, its rank for display (1 is shown before all others) and its effects."""

    code: LicenceStatus
    zh: str
    en: str
    rank: int
    claim: ClaimEffect
    qr: QrEffect
    drive: DrivingEffect
    todo_zh: str
    todo_en: str
    source: RowSource


class AgeLimitRow(_Strict, frozen=True):
    """Vehicles that nobody of `from_age` full years or more may drive."""

    code: str
    from_age: int
    classes: frozenset[VehicleClass]
    todo_zh: str
    todo_en: str
    note: str
    source: RowSource


class RegionRow(_Strict, frozen=True):
    """A province or municipality (2 digits) or city (4 digits), and its first day of claims."""

    code: str
    opened_on: date
    zh: str
    en: str
    source: RowSource


class CategoryRow(_Strict, frozen=True):
    """The ISO/IEC 18013-1 category of a national class; None: left out, and `note` says why.

    `codes` are restrictions. With `restricted_like`, the restrictions of that category apply too.
    """

    code: VehicleClass
    category: str | None
    codes: tuple[str, ...]
    restricted_like: str | None
    note: str
    source: RowSource


class TermRow(_Strict, frozen=True):
    """A term of validity in years (None: for good) and the one that follows a clean record."""

    code: TermCode
    years: int | None
    following: TermCode
    zh: str
    en: str
    source: RowSource


class FigureRow(_Strict, frozen=True):
    """A number with its unit."""

    code: FigureCode
    value: int
    unit: str
    source: RowSource


class LookupReasonRow(_Strict, frozen=True):
    """A reason for which an officer may look up a licence without the holder's code."""

    code: str
    zh: str
    en: str
    source: RowSource


PLACEHOLDERS: Final = frozenset({"day", "status", "vehicle_class", "age"})
"""What the rules fill into the sentence of a refusal."""


def _places(sentence: str) -> frozenset[str]:
    """What a sentence leaves open; raises `ValueError` where its braces are not in order."""
    found = [place for place in Formatter().parse(sentence) if place[1] is not None]
    if any(form or conversion for _, _, form, conversion in found):
        raise ValueError("a placeholder is a name alone")
    return frozenset(str(name) for _, name, _, _ in found)


class RefusalRow(_Strict, frozen=True):
    """A refusal in two languages with what to do; both hold the same placeholders."""

    code: RefusalCode
    zh: str
    en: str
    todo_zh: str
    todo_en: str
    source: RowSource

    def __post_init__(self) -> None:
        """Raise `ValueError` for a sentence that nobody can fill in."""
        for zh, en in ((self.zh, self.en), (self.todo_zh, self.todo_en)):
            places = _places(zh)
            if places != _places(en) or not places <= PLACEHOLDERS:
                raise ValueError(f"placeholders of {self.code}")


class Version(_Strict, Generic[Row], frozen=True):
    """The complete table from `valid_from` to `valid_to`, both days included; None: still."""

    valid_from: date
    valid_to: date | None
    entries: tuple[Row, ...]


class TableFile(_Strict, Generic[Row], frozen=True):
    """One file: what it is about, and its versions in order of time."""

    about: str
    versions: tuple[Version[Row], ...]
