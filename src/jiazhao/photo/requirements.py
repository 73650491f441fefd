"""What a licence photograph must be like: one dated table, each figure with reason and source.

Pixels and proportions are known from public notices on the electronic licence (交管12123), the
measures of the head from the notice on the archive's photograph (22 by 32 mm, head 14 to 16 mm
wide and 19 to 22 high). How white, how sharp, how even is written nowhere: those figures are
ours, drawn from the specimens, and marked unverified. They are wide, for a person decides.
"""

from dataclasses import dataclass
from datetime import date

from jiazhao.errors import Source

_UPLOAD = Source("public notice on the electronic licence's photo", "", "public_notice")
_ARCHIVE = Source("public notice on the archive's photo (22 × 32 mm)", "", "public_notice")
_OURS = Source("our own figure", "", "unverified")


@dataclass(frozen=True, slots=True)
class Bounds:
    """From `least` to `most`; None bounds nothing. `open_ended` leaves both ends out."""

    least: float | None
    most: float | None
    unit: str
    reason: str
    source: Source
    open_ended: bool = False

    def __contains__(self, value: float) -> bool:
        if self.open_ended and value in (self.least, self.most):
            return False
        return (self.least is None or value >= self.least) and (
            self.most is None or value <= self.most
        )


@dataclass(frozen=True, slots=True)
class Requirements:
    """The figures in force from `valid_from` on."""

    valid_from: date
    width: Bounds
    ratio: Bounds
    white: Bounds
    face_width: Bounds
    face_across: Bounds
    face_down: Bounds
    sharpness: Bounds
    brightness: Bounds
    evenness: Bounds


_VERSIONS = (
    Requirements(
        valid_from=date(2013, 1, 1),
        width=Bounds(520, None, "pixels", "suggested are 520 by 756", _UPLOAD),
        ratio=Bounds(2 / 3, 3 / 4, "width by height", "22 by 32 mm", _UPLOAD, open_ended=True),
        white=Bounds(
            0.90,
            None,
            "share of the ground beside the head that is white",
            "a white ground is asked for; hair that flies may touch its edge",
            _OURS,
        ),
        face_width=Bounds(
            0.48,
            0.86,
            "of the width, as the detector frames a face",
            "the head is 14 to 16 of 22 mm; the detector's frame is wider or narrower than a "
            "head by a sixth",
            _ARCHIVE,
        ),
        face_across=Bounds(
            0.43, 0.57, "of the width, the middle of the face", "the head is centred", _ARCHIVE
        ),
        face_down=Bounds(
            0.32,
            0.56,
            "of the height, the middle of the face",
            "the hairline is 10 to 20 of 378 pixels below the edge",
            _ARCHIVE,
        ),
        sharpness=Bounds(
            22.0,
            None,
            "variance of the Laplacian over a face of 200 pixels",
            "a specimen has 300 and more, one blurred over a hundredth of its width below 20",
            _OURS,
        ),
        brightness=Bounds(
            70.0,
            240.0,
            "mean luma of the face, 0 to 255",
            "darkest and lightest skin of the specimens, with a third to spare",
            _OURS,
        ),
        evenness=Bounds(
            None,
            60.0,
            "luma between the halves of the face",
            "even light is asked for; specimens are lit from one side and differ by 15",
            _OURS,
        ),
    ),
)


def requirements_on(day: date) -> Requirements:
    """The figures of that day; those of the first version before it."""
    in_force = [one for one in _VERSIONS if one.valid_from <= day]
    return max(in_force, key=lambda one: one.valid_from, default=_VERSIONS[0])
