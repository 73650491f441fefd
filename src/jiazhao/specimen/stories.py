"""Who is in the demonstration: the cast, one holder for each status, then a crowd.

A story says what is special about a holder; everything else is drawn in `lives.py`.
"""

from dataclasses import dataclass
from typing import NamedTuple

from jiazhao.licence.identifiers import HolderId
from jiazhao.licence.licence import Sex
from jiazhao.specimen.draws import Draws


class Role(NamedTuple):
    """A holder to sign in as, and what he shows."""

    holder_id: HolderId
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Story:
    """What is special about one holder.

    `held` is how many whole years ago the first licence was issued, `began` the age at which.
    `career` names a row of `careers.CAREERS`. `statuses` are the letters that hold today, each
    after its own reason in `conduct.py`. `points` are today's; None leaves them to chance.
    """

    held: tuple[int, int] = (1, 24)
    began: tuple[int, int] = (18, 34)
    career: str = "C1"
    statuses: str = ""
    points: int | None = None
    city: str | None = None
    name: str = "han"
    sex: Sex | None = None
    identity: str = "citizen"
    has_photo: bool = True
    past: str = ""
    """What happened and is over: "suspension", "full points" or "transfer"."""


_CAST = (
    (
        Story(held=(8, 9), began=(22, 24), points=0, city="Chengdu", sex=Sex.FEMALE),
        "成都，C1，状态正常",
        "Chengdu, class C1, normal",
    ),
    (
        Story(held=(17, 19), career="A1A2", points=3, city="Suzhou", sex=Sex.MALE),
        "苏州，A1A2 职业驾驶人",
        "Suzhou, classes A1A2, drives for a living",
    ),
    (
        Story(held=(10, 12), began=(20, 26), career="C1D", city="Tianjin", sex=Sex.MALE),
        "天津，C1D，汽车和摩托车",
        "Tianjin, classes C1D, car and motorcycle",
    ),
    (
        Story(held=(4, 5), statuses="B", points=12, city="Chengdu", sex=Sex.MALE),
        "记满 12 分，不得驾驶",
        "12 points, may not drive",
    ),
    (
        Story(held=(8, 12), statuses="U", points=0, city="Suzhou"),
        "驾驶证被扣留",
        "licence detained",
    ),
    (
        Story(held=(2, 4), began=(18, 22), has_photo=False, points=0, city="Tianjin"),
        "登记系统中没有照片，不能申领",
        "no photo on file, cannot claim",
    ),
    (
        Story(held=(24, 28), began=(24, 30), points=0, city="Beijing", sex=Sex.MALE),
        "有效期为长期",
        "long-term licence",
    ),
    (
        Story(held=(11, 14), statuses="H", points=6, city="Shanghai", name="rare", sex=Sex.FEMALE),
        "有违法未处理，可以申领；姓名含生僻字",
        "a violation is pending, may claim; a rare character in the name",
    ),
    (
        Story(held=(9, 14), statuses="F", points=0, city="Changsha", sex=Sex.MALE),
        "驾驶证被吊销",
        "licence revoked",
    ),
    (
        Story(held=(6, 6), statuses="M", points=0, city="Guangzhou", sex=Sex.FEMALE),
        "逾期未换证",
        "expired, renewal overdue",
    ),
    (
        Story(held=(3, 5), name="dotted", points=0, city="Xi'an", sex=Sex.FEMALE),
        "姓名含间隔号（·）",
        "a name with the middle dot",
    ),
    (
        Story(held=(2, 5), began=(24, 40), name="foreign", identity="passport", city="Shenzhen"),
        "外国人，护照，只有拉丁字母姓名",
        "foreigner with a passport, Latin name only",
    ),
)

CAST_SIZE = len(_CAST)

# One for each status that the cast lacks, then what an importer and a screen often forget.
_CASES = (
    Story(statuses="C", held=(4, 10)),
    Story(statuses="BD", points=12, held=(3, 8), sex=Sex.MALE),
    Story(statuses="E", held=(1, 3)),
    Story(statuses="G", held=(30, 34), began=(45, 50)),
    Story(statuses="I"),
    Story(statuses="HI", points=9, career="B2"),
    Story(statuses="BJ", points=15),
    Story(statuses="K", career="A2"),
    Story(statuses="L"),
    Story(statuses="N", held=(6, 6), began=(18, 22)),
    Story(statuses="P", held=(28, 32), began=(44, 50)),
    Story(statuses="R", held=(7, 7)),
    Story(statuses="S", career="A1", points=6),
    Story(statuses="T", career="A3", points=3),
    Story(statuses="Z"),
    Story(statuses="BU", points=12, career="C2"),
    Story(statuses="HM", held=(6, 6)),
    Story(statuses="D", points=0, past="full points"),
    Story(past="suspension", held=(7, 14), career="C1E"),
    Story(career="B2 until 60", held=(38, 42), began=(24, 26), points=0, sex=Sex.MALE),
    Story(name="polyphonic", career="B1", past="transfer"),
    Story(name="rare", career="C1C6"),
    Story(name="tibetan", career="D"),
    Story(identity="residence_permit", career="C2 then C1"),
    Story(name="foreign", identity="permanent_residence", held=(6, 15)),
    Story(career="C5"),
    Story(career="C3F"),
    Story(career="C4E"),
    Story(career="C1M"),
    Story(career="C1N"),
    Story(career="C1P"),
)


def cast() -> tuple[Role, ...]:
    """Whom to sign in as: the first holders of every demonstration, and what each one shows."""
    return tuple(
        Role(holder_id_of(index), zh, en) for index, (_, zh, en) in enumerate(_CAST, start=1)
    )


def holder_id_of(index: int) -> HolderId:
    """The id of the holder at `index`, which begins at 1."""
    return HolderId(f"sp-{index:06d}")


def story_of(index: int, draws: Draws) -> Story:
    """The story of the holder at `index`; it does not depend on how many there are."""
    if index <= CAST_SIZE:
        return _CAST[index - 1][0]
    if index <= CAST_SIZE + len(_CASES):
        return _CASES[index - CAST_SIZE - 1]
    if draws.chance(12):
        return draws.one_of(_CASES)
    name = draws.one_of(("han",) * 44 + ("polyphonic", "dotted", "tibetan", "rare"))
    career = draws.one_of(("C1",) * 9 + ("C2",) * 3 + ("C1D", "C1E", "B2", "A2", "D", "C2 then C1"))
    past = draws.one_of(("",) * 14 + ("transfer", "transfer", "full points", "suspension"))
    return Story(held=(0, 33), began=(18, 40), career=career, name=name, past=past)
