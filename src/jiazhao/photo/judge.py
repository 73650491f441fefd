"""What is wrong with a picture, each with its own code and a sentence that says what to change."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from jiazhao.errors import ErrorCode, JiazhaoError
from jiazhao.licence.legal_day import legal_day
from jiazhao.photo.measure import Face, Measurements
from jiazhao.photo.requirements import Requirements


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason why the machine refuses; `values` fill its sentences."""

    code: ErrorCode
    values: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, error: JiazhaoError) -> "Finding":
        """From an error that stopped the reading."""
        return cls(error.code, dict(error.values))

    @property
    def zh(self) -> str:
        """The Chinese sentence."""
        return self.code.zh.format(**self.values)

    @property
    def en(self) -> str:
        """The English sentence."""
        return self.code.en.format(**self.values)


def judge(
    measured: Measurements, required: Requirements, *, oldest: date, now: datetime
) -> tuple[Finding, ...]:
    """Every finding, so that nobody has to come back for each; none means: let a person look.

    A picture taken before `oldest` is too old.
    """
    return tuple(_findings(measured, required, oldest, legal_day(now)))


def _findings(
    measured: Measurements, required: Requirements, oldest: date, today: date
) -> Iterator[Finding]:
    if not measured.in_colour:
        yield Finding(ErrorCode.PHOTO_NOT_IN_COLOUR)
    if measured.width not in required.width:
        yield Finding(
            ErrorCode.PHOTO_TOO_FEW_PIXELS,
            {"least": f"{required.width.least:.0f}", "found": str(measured.width)},
        )
    if measured.width / measured.height not in required.ratio:
        yield Finding(
            ErrorCode.PHOTO_PROPORTIONS, {"found": f"{measured.width} × {measured.height}"}
        )
    if measured.captured_on is not None:
        day = measured.captured_on
        # A camera abroad may be a day ahead.
        if (day - today).days > 1:
            yield Finding(ErrorCode.PHOTO_DATE_AHEAD, {"day": day.isoformat()})
        elif day < oldest:
            yield Finding(ErrorCode.PHOTO_TOO_OLD, {"day": day.isoformat()})
    if measured.white not in required.white:
        yield Finding(ErrorCode.PHOTO_GROUND_NOT_WHITE)
    if measured.faces == 0:
        yield Finding(ErrorCode.PHOTO_NO_FACE)
    if measured.faces > 1:
        yield Finding(ErrorCode.PHOTO_SEVERAL_FACES)
    if measured.face is not None:
        yield from _findings_of_face(measured.face, required)


def _findings_of_face(face: Face, required: Requirements) -> Iterator[Finding]:
    least, most = required.face_width.least, required.face_width.most
    if least is not None and face.width < least:
        yield Finding(ErrorCode.PHOTO_FACE_TOO_SMALL)
    elif most is not None and face.width > most:
        yield Finding(ErrorCode.PHOTO_FACE_TOO_LARGE)
    if face.across not in required.face_across or face.down not in required.face_down:
        yield Finding(ErrorCode.PHOTO_FACE_OFF_CENTRE)
    if face.sharpness not in required.sharpness:
        yield Finding(ErrorCode.PHOTO_BLURRED)
    if face.brightness not in required.brightness:
        yield Finding(ErrorCode.PHOTO_BADLY_LIT)
    elif face.unevenness not in required.evenness:
        yield Finding(ErrorCode.PHOTO_UNEVENLY_LIT)
