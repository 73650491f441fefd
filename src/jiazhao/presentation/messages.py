"""Messages between the terminal and the service: one request and one answer for each check."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from jiazhao.credentials.licence_code import MAX_CHALLENGE
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.presentation.verify_code import Face
from jiazhao.registry.messages import LicenceView

MAX_CODE_CHARS = 1024
"""A licence code has 958 characters in base64url; a pasted one may carry blanks."""

CheckId = Annotated[
    str, Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", max_length=36)
]
"""A UUID; the length refuses a line feed, which the end of a pattern lets pass."""

Note = Annotated[str, Meta(min_length=4, max_length=200, pattern=r"^[^\x00]*$")]
"""What an officer writes; PostgreSQL holds every character but U+0000."""


class CheckRequest(Struct, forbid_unknown_fields=True):
    """What an officer scanned or typed, and which class of vehicle is driven."""

    check_id: CheckId
    scanned: Annotated[str, Meta(min_length=1, max_length=MAX_CODE_CHARS)]
    """The 718 octets of a licence code in base64url, or a short code."""
    vehicle_class: VehicleClass | None = None
    challenge: Annotated[int, Meta(ge=0, le=MAX_CHALLENGE)] | None = None
    """The four digits that the terminal showed, where it showed any."""
    face: Face | None = None
    """What the officer said of the portrait and the person, where it was asked."""


class LookupRequest(Struct, forbid_unknown_fields=True):
    """A look-up without the phone: it needs a reason, and the holder will see it."""

    check_id: CheckId
    identifier: Annotated[str, Meta(min_length=5, max_length=32)]
    """Passports have the shortest numbers, of five characters or more."""
    reason: Annotated[str, Meta(min_length=1, max_length=32)]
    note: Note
    vehicle_class: VehicleClass | None = None


class PastStateRequest(Struct, forbid_unknown_fields=True):
    """What held at a moment: `at` is now if left out. The holder will see the look.

    With `known_at` the answer is what the register said then, whatever was recorded since.
    """

    check_id: CheckId
    holder_id: Annotated[str, Meta(min_length=4, max_length=36)]
    note: Note
    at: datetime | None = None
    known_at: datetime | None = None


class ReasonText(Struct):
    """A code with its sentence in both languages."""

    code: str
    zh: str
    en: str


class Advice(Struct):
    """What to do next."""

    zh: str
    en: str


class StepView(Struct):
    """One numbered step of the verifier; unchecked is not a pass.

    `demanded`: whether this kind of check needs the step. One that is neither demanded nor
    checked says nothing for or against the licence.
    """

    number: int
    name: str
    zh: str
    en: str
    status: str
    demanded: bool
    reason: ReasonText | None


class DrivingReason(Struct):
    """Why a class may not be driven, by which rule."""

    zh: str
    en: str
    source: str


class DrivingAnswer(Struct):
    """Whether the vehicle's class may be driven now."""

    vehicle_class: str
    answer: bool
    reason: DrivingReason | None


class CheckAnswer(Struct):
    """The verdict and, where a licence was found, what an officer may see of it."""

    check_id: str
    kind: str
    verdict: str
    reason: ReasonText | None
    what_to_do: Advice
    steps: list[StepView]
    may_drive: DrivingAnswer | None
    licence: LicenceView | None
    portrait: str | None
    checked_at: datetime
    last_confirmed_at: datetime | None


class ShortCodeRequest(Struct, forbid_unknown_fields=True):
    """A licence code for which the wallet wants a short code that can be typed."""

    code: Annotated[str, Meta(min_length=1, max_length=MAX_CODE_CHARS)]


class ShortCode(Struct):
    """Eight letters and digits that stand for the code while it lives."""

    short_code: str
    expires_at: datetime


class ScannedText(Struct):
    """What an image of a code says."""

    text: str
