"""What a made-up person looks like: measures and colours, drawn once and kept through life.

Age comes in afterwards, so that an older portrait of the same person shows the same face.
"""

from dataclasses import dataclass

from jiazhao.licence.licence import Sex
from jiazhao.specimen.draws import Draws
from jiazhao.specimen.portrait.canvas import Colour, mix, times

_SKINS = {
    "CN": (
        *((247, 217, 193), (243, 206, 178), (238, 196, 164)),
        *((228, 181, 147), (217, 167, 132), (203, 150, 114)),
    ),
    "else": ((248, 219, 202), (240, 205, 184), (226, 180, 150), (196, 146, 112)),
}
_HAIRS = {
    "CN": ((30, 26, 27), (36, 29, 27), (45, 34, 29), (26, 27, 32)),
    "else": ((92, 64, 44), (128, 92, 58), (60, 42, 33), (150, 112, 72)),
}
_IRISES = {
    "CN": ((58, 36, 25), (48, 31, 24), (70, 44, 28)),
    "else": ((92, 116, 128), (96, 88, 58), (74, 48, 32)),
}
_GREY = (176, 173, 170)
_CLOTHES = (
    *((38, 45, 61), (45, 47, 52), (33, 52, 58), (58, 38, 46)),
    *((44, 50, 44), (52, 44, 62), (28, 34, 48), (66, 52, 44)),
)
_MEN_YOUNG = ("side part", "crew cut", "quiff", "fringe", "swept back", "fringe")
_MEN_OLD = ("side part", "swept back", "receding", "crew cut", "bald crown")
_WOMEN_YOUNG = ("long", "tied", "bob", "long fringe", "side swept", "tied")
_WOMEN_OLD = ("perm", "bob", "tied", "short", "perm")


@dataclass(frozen=True, slots=True)
class Look:
    """One face. Lengths are pixels of the finished portrait, halves where the face is halved."""

    female: bool
    age: int
    skin: Colour
    hair: Colour
    iris: Colour
    cheek: float
    jaw: float
    chin: float
    chin_y: float
    eye_gap: float
    eye_width: float
    eye_open: float
    eye_tilt: float
    double_lid: bool
    brow: float
    brow_arch: float
    nose: float
    nose_y: float
    mouth: float
    mouth_y: float
    lip: float
    style: str
    part: int
    glasses: str
    moustache: bool
    mole: tuple[float, float] | None
    garment: str
    cloth: Colour
    tie: Colour

    @property
    def shade(self) -> Colour:
        """Skin in the shade."""
        return times(self.skin, 0.90, 0.82, 0.78)

    @property
    def line(self) -> Colour:
        """Lines in the skin."""
        return times(self.skin, 0.66, 0.50, 0.45)

    @property
    def wear(self) -> float:
        """How much age shows: 0 until 40, 1 from 80 on."""
        return min(1.0, max(0.0, (self.age - 40) / 40))


def look_of(draws: Draws, sex: Sex, nationality: str, age: int) -> Look:
    """Draw a look; with another `age` the same draws give the same person, dressed anew."""
    people = "CN" if nationality == "CN" else "else"
    female = sex is Sex.FEMALE
    young, old = (_WOMEN_YOUNG, _WOMEN_OLD) if female else (_MEN_YOUNG, _MEN_OLD)
    style = draws.stream("style")
    greys_at = style.between(42, 64)
    dyed = style.chance(35 if female else 12)
    grey = 0.0 if dyed else min(0.92, max(0.0, (age - greys_at) / 28))
    styles = (style.one_of(young), style.one_of(old))
    glasses = draws.stream("glasses")
    wearing = glasses.chance(36)
    face = draws.stream("face")
    clothes = draws.stream("clothes", age)
    return Look(
        female=female,
        age=age,
        skin=face.one_of(_SKINS[people]),
        hair=mix(face.one_of(_HAIRS[people]), _GREY, grey),
        iris=face.one_of(_IRISES[people]),
        cheek=face.share(71, 75) if female else face.share(72, 78),
        jaw=face.share(0.76, 0.85) if female else face.share(0.82, 0.93),
        chin=face.share(15, 22) if female else face.share(20, 31),
        chin_y=face.share(252, 262) if female else face.share(256, 267),
        eye_gap=face.share(31.5, 35),
        eye_width=face.share(15.2, 18),
        eye_open=(face.share(7.2, 9.2) if female else face.share(6, 8)) - (age > 60),
        eye_tilt=face.share(-0.6, 2.6),
        double_lid=face.chance(60 if female else 45),
        brow=face.share(3.4, 4.8) if female else face.share(5.2, 7.4),
        brow_arch=face.share(1.0, 3.6),
        nose=face.share(13.5, 16.5) if female else face.share(15.5, 20),
        nose_y=face.share(187, 195),
        mouth=face.share(20, 25) if female else face.share(22, 28),
        mouth_y=face.share(214, 221),
        lip=face.share(0.85, 1.25) if female else face.share(0.7, 1.05),
        style=styles[0] if age < style.between(46, 58) else styles[1],
        part=face.one_of((-1, 1)),
        glasses=glasses.one_of(("oblong", "round", "half rim", "thin")) if wearing else "",
        moustache=not female and age > 30 and face.chance(9),
        mole=(face.share(-42, 42), face.share(176, 236)) if face.chance(14) else None,
        garment=clothes.one_of(
            ("crew", "blouse", "blazer", "turtleneck", "v neck")
            if female
            else ("suit", "suit", "shirt", "crew", "polo", "v neck")
        ),
        cloth=clothes.one_of(_CLOTHES),
        tie=clothes.one_of(((92, 34, 42), (40, 62, 96), (58, 60, 68), (44, 76, 72))),
    )
