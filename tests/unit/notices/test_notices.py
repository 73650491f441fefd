"""Notices, objections and reports of a refused licence, on both engines."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from jiazhao.app import House
from jiazhao.errors import AccessError, ErrorCode, JiazhaoError, RegisterError
from jiazhao.http.access import Actor, Role
from jiazhao.licence.identifiers import HolderId
from jiazhao.notices.messages import ObjectionDecision, ObjectionRequest, RefusalReportRequest
from jiazhao.notices.service import MAX_WAITING
from jiazhao.registry.service import Amendment
from jiazhao.storage.schema import objection, refusal_report
from tests.clocks import MORNING
from tests.houses import Phone, SetClock
from tests.unit.drivers import admit, driver

HOLDER = driver().holder_id
TEXT = "这次违法不是我的车。"


def registrar(name: str = "钱样本", holder: HolderId | None = None) -> Actor:
    return Actor(
        account_id=f"account of {name}",
        name=name,
        unit="样本·车辆管理所",
        roles=frozenset({Role.REGISTRAR}),
        holder_id=holder,
        authenticated_at=MORNING,
        acr="",
    )


def points_added(house: House, points: int = 3) -> str:
    now = house.clock()
    house.database.write(
        lambda db: house.register.amend(db, HOLDER, Amendment(held_from=now, points=points), now)
    )
    return house.notices.notices(HOLDER, now).notices[0].notice_id


def objected(house: House, subject_id: str) -> str:
    asked = ObjectionRequest("notice", subject_id, TEXT)
    return house.notices.object(HOLDER, asked, house.clock()).objection_id


def decide(house: House, objection_id: str, by: Actor, decision: str = "reject") -> str:
    asked = ObjectionDecision(HOLDER, objection_id, decision, "经核查，记录无误。")  # type: ignore[arg-type]
    return house.notices.decide(asked, by, house.clock()).state


def test_an_objection_waits_is_read_and_is_answered(house: House) -> None:
    notice = points_added(house)
    made = objected(house, notice)
    (entry,) = house.notices.queue(house.clock()).entries
    assert (entry.objection_id, entry.holder_id) == (made, HOLDER)

    look = house.notices.look(HOLDER, made, registrar(), house.clock())
    assert (look.text, look.subject_id) == (TEXT, notice)
    assert "记分" in look.subject_zh
    assert decide(house, made, registrar(), "uphold") == "upheld"

    (own,) = house.notices.objections(HOLDER).objections
    assert (own.state, own.reason, own.text) == ("upheld", "经核查，记录无误。", TEXT)
    assert house.notices.queue(house.clock()).waiting == 0


def test_the_holder_sees_that_the_objection_was_read(house: House) -> None:
    made = objected(house, points_added(house))
    house.notices.look(HOLDER, made, registrar(), house.clock())

    rules = house.tables.on(house.clock().date())
    (access,) = house.consent.accesses_of(HOLDER, rules).accesses
    assert (access.kind, access.reason.code) == ("objection", "objection_read")


def test_what_people_wrote_rests_sealed(house: House) -> None:
    made = objected(house, points_added(house))
    decide(house, made, registrar())
    report = RefusalReportRequest("样本租车行", "成都", house.clock(), "说手机里的不算数")
    house.notices.report(HOLDER, report, house.clock())

    with house.database.reading() as db:
        (kept,) = db.execute(sa.select(objection.c.text, objection.c.reason))
        (told,) = db.execute(sa.select(refusal_report.c.content))
    rests = kept.text + kept.reason + told.content
    for word in (TEXT, "记录无误", "样本租车行", "成都", "不算数"):
        assert word.encode() not in rests


def test_nobody_answers_an_objection_of_their_own(house: House) -> None:
    made = objected(house, points_added(house))
    with pytest.raises(AccessError) as refused:
        decide(house, made, registrar(holder=HOLDER))
    assert refused.value.code is ErrorCode.OBJECTION_IS_OWN


def test_nobody_answers_an_objection_against_their_own_look(house: House) -> None:
    first = objected(house, points_added(house))
    house.notices.look(HOLDER, first, registrar(), house.clock())
    rules = house.tables.on(house.clock().date())
    (access,) = house.consent.accesses_of(HOLDER, rules).accesses
    asked = ObjectionRequest("access", access.record_id, "为什么要看我的资料？")
    made = house.notices.object(HOLDER, asked, house.clock()).objection_id

    for act in (decide, _look):
        with pytest.raises(AccessError) as refused:
            act(house, made, registrar())
        assert refused.value.code is ErrorCode.OBJECTION_IS_OWN
    assert decide(house, made, registrar("孙样本")) == "rejected"


def _look(house: House, objection_id: str, by: Actor) -> str:
    return house.notices.look(HOLDER, objection_id, by, house.clock()).text


def test_one_answer_counts(house: House) -> None:
    made = objected(house, points_added(house))
    decide(house, made, registrar(), "uphold")
    with pytest.raises(RegisterError) as refused:
        decide(house, made, registrar("孙样本"), "reject")
    assert refused.value.code is ErrorCode.OBJECTION_OVER


@pytest.mark.parametrize("subject", ["notice", "access"])
def test_only_what_there_is_can_be_objected_to(house: House, subject: str) -> None:
    asked = ObjectionRequest(subject, "points_added-3-1", TEXT)  # type: ignore[arg-type]
    with pytest.raises(RegisterError) as refused:
        house.notices.object(HOLDER, asked, house.clock())
    assert refused.value.code is ErrorCode.OBJECTION_SUBJECT_UNKNOWN


def test_another_holders_notice_cannot_be_objected_to(house: House) -> None:
    other = driver(2)
    admit(house.register, house.database, house.clock(), other)
    asked = ObjectionRequest("notice", points_added(house), TEXT)
    with pytest.raises(RegisterError) as refused:
        house.notices.object(other.holder_id, asked, house.clock())
    assert refused.value.code is ErrorCode.OBJECTION_SUBJECT_UNKNOWN


def test_one_thing_is_objected_to_once_at_a_time(house: House) -> None:
    notice = points_added(house)
    made = objected(house, notice)
    with pytest.raises(RegisterError) as refused:
        objected(house, notice)
    assert refused.value.code is ErrorCode.OBJECTION_WAITING
    decide(house, made, registrar())
    assert objected(house, notice) != made


def test_what_waits_of_one_holder_is_bounded(house: House, clock: SetClock) -> None:
    for number in range(MAX_WAITING):
        clock.later(seconds=1)
        objected(house, points_added(house, points=number % 2 + 1))
    clock.later(seconds=1)
    notice = points_added(house, points=9)
    with pytest.raises(RegisterError) as refused:
        objected(house, notice)
    assert refused.value.code is ErrorCode.TOO_MANY_WAITING


def test_a_report_tells_staff_where_but_not_who_sent_it(house: House) -> None:
    report = RefusalReportRequest("样本租车行", "成都", house.clock(), "说手机里的不算数")
    house.notices.report(HOLDER, report, house.clock())

    (told,) = house.notices.reports().reports
    assert (told.who, told.where, told.text) == ("样本租车行", "成都", "说手机里的不算数")
    assert not hasattr(told, "holder_id")
    assert house.notices.own_reports(HOLDER).reports == [told]


def test_a_report_of_tomorrow_is_refused(house: House) -> None:
    tomorrow = house.clock() + timedelta(days=1)
    for at in (tomorrow, house.clock().replace(tzinfo=None)):
        with pytest.raises(JiazhaoError) as refused:
            house.notices.report(HOLDER, RefusalReportRequest("x", "y", at), house.clock())
        assert refused.value.code is ErrorCode.BAD_REQUEST


def test_reports_of_one_day_are_bounded(house: House, clock: SetClock) -> None:
    report = RefusalReportRequest("样本租车行", "成都", house.clock())
    for _ in range(MAX_WAITING):
        house.notices.report(HOLDER, report, house.clock())
    with pytest.raises(RegisterError) as refused:
        house.notices.report(HOLDER, report, house.clock())
    assert refused.value.code is ErrorCode.TOO_MANY_WAITING
    clock.later(days=1, seconds=1)
    house.notices.report(HOLDER, report, house.clock())


def test_of_an_erased_person_no_report_is_left(house: House, phone: Phone) -> None:
    report = RefusalReportRequest("样本租车行", "成都", house.clock())
    house.notices.report(phone.holder_id, report, house.clock())
    house.database.write(lambda db: house.register.erase(db, HOLDER, house.clock()))
    assert house.notices.reports().reports == []
