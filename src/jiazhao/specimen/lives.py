"""From a story to a life: when the holder was born, first licensed, renewed, moved.

All days are counted back from `on`, the day of the demonstration, so that everything is in
force on it unless the story says otherwise.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from jiazhao.licence.identifiers import citizen_check_digit
from jiazhao.licence.licence import Sex
from jiazhao.specimen import careers, names, places
from jiazhao.specimen.careers import Stint
from jiazhao.specimen.conduct import Conduct, conduct_of
from jiazhao.specimen.days import day_between, terms, years_later
from jiazhao.specimen.draws import Draws
from jiazhao.specimen.names import Name
from jiazhao.specimen.stories import Story

NEVER_GIVEN_OUT = "99"
"""No province has this code (GB/T 2260), so no citizen number can be anybody's."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the holder is, as papers say."""

    name: Name
    sex: Sex
    nationality: str
    birth_date: date
    kind: str
    number: str


@dataclass(frozen=True, slots=True)
class Life:
    """All that happened to one holder until `on`."""

    index: int
    on: date
    identity: Identity
    first_issue: date
    terms: tuple[tuple[date, date | None], ...]
    stints: tuple[Stint, ...]
    conduct: Conduct
    homes: tuple[tuple[date, str, str], ...]
    """From which day, in which city, at which address."""
    transferred: date | None
    """The day on which the office of the present city took over from that of the first."""


def life_of(index: int, story: Story, draws: Draws, on: date) -> Life:
    """Draw the life of the holder at `index`; the same draws make the same life."""
    years, first = _first_issue(story, draws.stream("first issue"), on)
    birth = _birth(story, years, first, draws.stream("birth"))
    conduct = conduct_of(story, first, years, on, draws.stream("conduct"))
    renewed = not set(story.statuses) & set("MNR")
    homes, transferred = _homes(story, first, on, draws.stream("homes"))
    return Life(
        index=index,
        on=on,
        identity=_identity(index, story, birth, draws.stream("identity")),
        first_issue=first,
        terms=tuple(terms(first, on, conduct.full_score_days, renewed=renewed)),
        stints=careers.stints(story.career, first, birth, on, draws.stream("career")),
        conduct=conduct,
        homes=homes,
        transferred=transferred,
    )


def _first_issue(story: Story, draws: Draws, on: date) -> tuple[int, date]:
    """Whole years held, and the day; the points cycle of today began 100 to 330 days ago."""
    least = careers.years_needed(story.career) + 1 if story.career != "C1" else 0
    years = max(draws.between(*story.held), least, 3 if story.past else 0)
    return years, years_later(on - timedelta(days=draws.between(100, 330)), -years)


def _birth(story: Story, years: int, first: date, draws: Draws) -> date:
    oldest = story.began[1]
    if story.career in careers.ENDING_WITH_AGE:
        oldest = max(18, min(oldest, careers.AGE_OF_LOSS - 2 - years))
    began = draws.between(min(story.began[0], oldest), oldest)
    return years_later(first, -began) - timedelta(days=draws.between(0, 364))


def _identity(index: int, story: Story, birth: date, draws: Draws) -> Identity:
    if story.name == "foreign":
        return _foreigner(index, story, birth, draws)
    sex = story.sex or draws.one_of((Sex.MALE, Sex.MALE, Sex.FEMALE))
    if story.name == "dotted":
        name = names.dotted_name(draws, sex)
    elif story.name == "tibetan":
        name = names.tibetan_name(draws)
    else:
        name = names.han_name(draws, sex, birth.year, kind=story.name)
    return Identity(name, sex, "CN", birth, story.identity, citizen_number_of(index, sex, birth))


def _foreigner(index: int, story: Story, birth: date, draws: Draws) -> Identity:
    given, family, nationality, alpha3, sex = draws.one_of(names.FOREIGNERS)
    if story.identity == "passport":
        number = f"SP{index:07d}"
    else:
        number = f"{alpha3}{NEVER_GIVEN_OUT}{index:010d}"
    return Identity(
        names.foreign_name(given, family), sex, nationality, birth, story.identity, number
    )


def citizen_number_of(index: int, sex: Sex, birth: date) -> str:
    """A valid number in an area that does not exist; another one for each `index`.

    Odd sequence numbers are men's, even ones women's. 137 and 500 have no common factor, so the
    sequence runs through all of its 500 places before the area changes.
    """
    area = f"{NEVER_GIVEN_OUT}{(101 + index // 500) % 10_000:04d}"
    sequence = (index * 137) % 500 * 2 + (1 if sex is Sex.MALE else 0)
    first17 = f"{area}{birth:%Y%m%d}{sequence:03d}"
    return first17 + citizen_check_digit(first17)


def _homes(
    story: Story, first: date, on: date, draws: Draws
) -> tuple[tuple[tuple[date, str, str], ...], date | None]:
    city = story.city or draws.one_of(places.CITIES)
    moved = day_between(draws, first + timedelta(days=40), on - timedelta(days=30))
    here = places.address(city, draws)
    if story.past == "transfer":
        before = draws.one_of([other for other in places.CITIES if other != city])
        there = (first, before, places.address(before, draws))
        return (there, (moved, city, here)), moved
    if draws.chance(25):
        return ((first, city, places.address(city, draws)), (moved, city, here)), None
    return ((first, city, here),), None
