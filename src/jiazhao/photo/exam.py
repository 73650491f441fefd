"""The whole examination of a picture: bytes and `now` in, findings or a clean JPEG out."""

from dataclasses import dataclass, field
from datetime import date, datetime

from jiazhao.errors import ErrorCode, UnreadableError
from jiazhao.licence.legal_day import legal_day
from jiazhao.photo.camera_data import read_camera_data
from jiazhao.photo.container import read
from jiazhao.photo.decode import decode, is_turned
from jiazhao.photo.encode import encode
from jiazhao.photo.judge import Finding, judge
from jiazhao.photo.measure import Measurements, measure
from jiazhao.photo.requirements import requirements_on

PICTURE_TYPES = ("image/jpeg", "image/png", "image/webp")
"""What a client may say it sends; what it is, the octets say."""

_LONGEST = 3
"""No photograph of a person is a longer strip; one scaled to be looked at would fill the memory."""


@dataclass(frozen=True, slots=True)
class Examined:
    """With findings the machine refuses; without, `jpeg` is what a person may look at."""

    findings: tuple[Finding, ...]
    measured: Measurements | None
    jpeg: bytes = field(repr=False)


def examine(octets: bytes, *, oldest: date, now: datetime) -> Examined:
    """Examine a picture that anybody may have sent; never raises for what it holds.

    `oldest` is the first day on which it may have been taken.
    """
    try:
        picture = read(octets)
        camera = read_camera_data(picture.exif)
        sides = (picture.width, picture.height)
        width, height = sides[::-1] if is_turned(camera.orientation) else sides
        if not 1 / _LONGEST <= width / height <= _LONGEST:
            raise UnreadableError(ErrorCode.PHOTO_PROPORTIONS, found=f"{width} × {height}")
        image = decode(picture, camera.orientation)
    except UnreadableError as error:
        return Examined((Finding.of(error),), None, b"")
    measured = measure(
        image,
        width=width,
        height=height,
        in_colour=picture.in_colour,
        captured_on=camera.captured_on,
    )
    findings = judge(measured, requirements_on(legal_day(now)), oldest=oldest, now=now)
    return Examined(findings, measured, b"" if findings else encode(image))
