"""What held at a past moment, by the law of that day; and who may ask."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from jiazhao import specimen
from jiazhao.errors import ErrorCode, RegisterError
from jiazhao.licence.legal_day import legal_day
from jiazhao.registry.service import Register
from jiazhao.smoke.people import Registrar, new_check_id
from jiazhao.storage.engine import Database
from jiazhao.storage.migrate import migrate
from jiazhao.storage.personal_data import KeptKeyWrapper, PersonalData
from tests.clocks import MORNING
from tests.journeys.visitors import Guests, posted

HOLDERS = 60
A_MOMENT = timedelta(microseconds=1)
WANG, LI = "sp-000001", "sp-000003"
"""Class C1 for eight years or more; classes C1 and D."""
NOTE = "行政复议需要核对当时状态"

Line = dict[str, Any]


# -- every moment at which anything changed in the life of any made-up holder


@dataclass(frozen=True, slots=True)
class Country:
    """A register with sixty lives in it, and the lines that they came from."""

    register: Register
    database: Database
    lines: list[Line]


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Country]:
    url = f"sqlite:///{tmp_path_factory.mktemp('country')}/register.sqlite"
    migrate(url)
    database, register = Database(url), Register(bytes(32), PersonalData(KeptKeyWrapper(bytes(32))))
    drawn = list(specimen.people(HOLDERS, 1, legal_day(MORNING), portraits=False))
    for report in register.import_lines(database, drawn, MORNING):
        assert report.refused == []
    yield Country(register, database, [json.loads(line) for line in drawn])
    database.close()


def held(entries: list[Line], at: datetime) -> list[Line]:
    """The entries of an import line that held at a moment, read without the product."""

    def instant(text: str | None) -> datetime | None:
        return datetime.fromisoformat(text) if text else None

    return [
        entry
        for entry in entries
        if instant(entry["from"]) <= at  # type: ignore[operator]
        and (entry["until"] is None or at < instant(entry["until"]))  # type: ignore[operator]
    ]


def moments(line: Line) -> list[datetime]:
    """Every moment at which something of the line begins or ends, and those just before."""
    times = {
        datetime.fromisoformat(entry[bound])
        for kind in ("persons", "grants", "classes", "statuses", "points")
        for entry in line[kind]
        for bound in ("from", "until")
        if entry[bound]
    }
    return sorted({*times, *(time - A_MOMENT for time in times), MORNING})


def test_each_moment_of_each_life_is_answered_as_the_import_said(country: Country) -> None:
    asked = 0
    for line in country.lines:
        with country.database.reading() as db:
            for at in moments(line):
                asked += 1
                persons, grants = held(line["persons"], at), held(line["grants"], at)
                if not persons or not grants:
                    with pytest.raises(RegisterError) as refused:
                        country.register.licence_of(db, line["holder_id"], at=at)
                    assert refused.value.code is ErrorCode.NO_LICENCE
                    continue
                found = country.register.licence_of(db, line["holder_id"], at=at)
                assert found.person.address == persons[0]["address"]
                assert found.grant.archive_number == grants[0]["archive_number"]
                assert found.grant.valid_until == (
                    grants[0]["valid_until"] and date.fromisoformat(grants[0]["valid_until"])
                )
                assert {one.vehicle_class.value for one in found.classes} == {
                    entry["vehicle_class"] for entry in held(line["classes"], at)
                }
                statuses = {entry["status"] for entry in held(line["statuses"], at)} - {"A"}
                assert {one.value for one in found.statuses} == (statuses or {"A"})
                assert found.points == sum(entry["points"] for entry in held(line["points"], at))
    assert asked > 10 * HOLDERS


# -- at the door


@pytest.fixture
def auditor(guests: Guests) -> Registrar:
    return guests.staff("auditor-wu")


def question(holder: str, at: object, **changes: Any) -> Line:
    return {
        "check_id": new_check_id(),
        "holder_id": holder,
        "note": NOTE,
        "at": at,
        **changes,
    }


def state(visitor: Registrar, holder: str, at: str | None) -> Any:
    return visitor.post("/presentation/past-states", question(holder, at))


def allowed(seen: Any) -> set[str]:
    return {one["vehicle_class"] for one in seen["driving"] if one["allowed"]}


def test_what_could_she_drive_that_morning(auditor: Registrar) -> None:
    seen = state(auditor, WANG, "2025-03-04T10:00:00+08:00")
    assert datetime.fromisoformat(seen["at"]) == datetime(2025, 3, 4, 2, tzinfo=UTC)
    assert datetime.fromisoformat(seen["known_at"]) > datetime.fromisoformat(seen["at"])
    assert allowed(seen) == {"C1", "C2", "C3", "C4"}
    refusals = {one["vehicle_class"]: one["reasons"] for one in seen["driving"]}
    assert refusals["C1"] == []
    assert refusals["B2"][0]["code"] == "class_not_held"
    assert refusals["B2"][0]["source"]
    assert seen["licence"]["display_status"]["code"] == "A"


def test_the_law_is_that_of_the_day(auditor: Registrar) -> None:
    """Class C6 exists from 2022-04-01 only."""
    before = state(auditor, WANG, "2022-03-31T23:59:59+08:00")
    after = state(auditor, WANG, "2022-04-01T00:00:00+08:00")
    assert "C6" not in {one["vehicle_class"] for one in before["driving"]}
    assert "C6" in {one["vehicle_class"] for one in after["driving"]}


def test_a_class_gained_later_could_not_be_driven_before(auditor: Registrar) -> None:
    """He has had C1 for twelve years or so, and D since some years only."""
    now = state(auditor, LI, None)
    gained = {one["code"]: one["issue_date"] for one in now["licence"]["classes"]}
    assert {"C1", "D"} == set(gained)
    eve = datetime.fromisoformat(f"{gained['D']}T00:00:00+08:00") - A_MOMENT
    assert {one["code"] for one in state(auditor, LI, eve.isoformat())["licence"]["classes"]} == {
        "C1"
    }
    assert "D" not in allowed(state(auditor, LI, eve.isoformat()))
    assert "D" in allowed(state(auditor, LI, (eve + A_MOMENT).isoformat()))


def test_what_was_known_then_can_be_asked(guests: Guests, auditor: Registrar) -> None:
    seen = state(auditor, LI, None)
    known = seen["known_at"]
    registrar = guests.staff("registrar-qian")
    registrar.change(LI, points=(seen["licence"]["points"] + 1) % 12)
    after = state(auditor, LI, None)

    asked = question(LI, after["at"], known_at=known)
    then = auditor.post("/presentation/past-states", asked)

    assert (then["known_at"], then["at"]) == (known, after["at"])
    assert then["licence"]["points"] == seen["licence"]["points"] != after["licence"]["points"]
    registrar.change(LI, points=seen["licence"]["points"])


def test_before_anything_was_recorded_nothing_was_known(auditor: Registrar) -> None:
    asked = question(WANG, "2025-03-04T10:00:00+08:00", known_at="2020-01-01T00:00:00+08:00")
    reply = posted(auditor, "/presentation/past-states", asked)
    assert (reply.status, reply.json()["code"]) == (404, "no_licence")


@pytest.mark.parametrize("known_at", ["2025-03-04T10:00:00", "0001-01-01T00:00:00Z", 5])
def test_a_moment_of_knowing_that_is_none_is_refused(auditor: Registrar, known_at: object) -> None:
    reply = posted(auditor, "/presentation/past-states", question(WANG, None, known_at=known_at))
    assert (reply.status, reply.json()["code"]) == (400, "bad_request")


def test_before_the_first_issue_there_was_no_licence(auditor: Registrar) -> None:
    first = state(auditor, WANG, None)["licence"]["first_issue_date"]
    eve = datetime.fromisoformat(f"{first}T00:00:00+08:00") - A_MOMENT
    reply = posted(auditor, "/presentation/past-states", question(WANG, eve.isoformat()))
    assert (reply.status, reply.json()["code"]) == (404, "no_licence")


def test_a_day_before_all_rules_is_refused_with_the_first_day_of_them(
    auditor: Registrar,
) -> None:
    reply = posted(auditor, "/presentation/past-states", question(WANG, "2012-12-31T12:00:00Z"))
    problem = reply.json()
    assert (reply.status, problem["code"]) == (400, "no_rules_for_day")
    assert "2012-12-31" in problem["zh"]
    assert "2013-01-01" in problem["zh"]
    assert "2013-01-01" in problem["en"]


@pytest.mark.parametrize(
    "at",
    [
        "2025-03-04T10:00:00",
        "2025-03-04",
        "yesterday",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        1741053600,
    ],
    ids=str,
)
def test_a_moment_that_is_none_is_refused(auditor: Registrar, at: object) -> None:
    reply = posted(auditor, "/presentation/past-states", question(WANG, at))
    assert reply.status == 400
    assert reply.json()["code"] in {"bad_request", "no_rules_for_day"}


@pytest.mark.parametrize(
    "changes",
    [{"note": ""}, {"note": "abc"}, {"note": "长" * 201}, {"check_id": "x"}, {"unheard_of": 1}],
    ids=str,
)
def test_a_question_without_its_particulars_is_refused(auditor: Registrar, changes: Line) -> None:
    reply = posted(auditor, "/presentation/past-states", question(WANG, None, **changes))
    assert (reply.status, reply.json()["code"]) == (400, "bad_request")


def test_an_unknown_holder_has_no_past(auditor: Registrar) -> None:
    reply = posted(auditor, "/presentation/past-states", question("sp-999999", None))
    assert (reply.status, reply.json()["code"]) == (404, "no_licence")


def test_the_driver_sees_that_the_authority_looked(guests: Guests, auditor: Registrar) -> None:
    driver = guests.driver(LI)
    before = driver.get("/wallet/accesses")["accesses"]
    body = question(LI, "2025-03-04T10:00:00+08:00")
    for _ in range(2):
        auditor.post("/presentation/past-states", body)
    after = driver.get("/wallet/accesses")["accesses"]
    (record,) = [one for one in after if one not in before]
    assert (record["kind"], record["actor"]["role"]) == ("history", "auditor")
    assert (record["actor"]["name"], record["reason"]["note"]) == ("吴样本", NOTE)
    assert "portrait" not in record["fields"]
    assert record["law"]


def test_a_question_that_was_refused_leaves_no_record(guests: Guests, auditor: Registrar) -> None:
    driver = guests.driver(LI)
    before = driver.get("/wallet/accesses")["accesses"]
    for at in ("2012-12-31T12:00:00Z", "2025-03-04T10:00:00"):
        posted(auditor, "/presentation/past-states", question(LI, at))
    assert driver.get("/wallet/accesses")["accesses"] == before


@pytest.mark.parametrize("subject", ["clerk-sun", "security-zhou", "officer-li", WANG])
def test_others_do_not_look_into_the_past(guests: Guests, subject: str) -> None:
    reply = posted(guests.staff(subject), "/presentation/past-states", question(WANG, None))
    assert (reply.status, reply.json()["code"]) == (403, "not_allowed")
