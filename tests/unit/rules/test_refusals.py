"""What a refused person reads."""

from datetime import date

from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.rules.claim import ClaimFacts, check_claim
from jiazhao.rules.driving import check_driving
from tests.unit.rules.official_tables import TABLES, state

DAY = TABLES.on(date(2022, 6, 1))


def test_a_status_is_named_in_each_language_with_what_to_do_and_the_article() -> None:
    (reason,) = check_driving(state(recorded="D"), VehicleClass.C1, DAY).reasons

    assert reason.zh == "驾驶证状态为“暂扣”，不得驾驶机动车。"
    assert reason.en == "The licence is marked “suspended”; driving is not allowed."
    assert reason.todo_zh == "请等暂扣期满并领回驾驶证。"
    assert reason.todo_en == "Wait until the suspension ends and collect the licence."
    assert str(reason.source) == "道路交通安全法实施条例 art. 28"
    assert reason.source.evidence == "law"


def test_a_class_is_named_by_code_and_name() -> None:
    (reason,) = check_driving(state(), VehicleClass.A1, DAY).reasons

    assert reason.zh == "驾驶证不准驾驶 A1 大型客车。"
    assert reason.en == "The licence does not cover A1 (large passenger vehicle)."
    assert str(reason.source) == "道路交通安全法 art. 19"


def test_the_source_changes_with_the_order_in_force() -> None:
    def source_of_deferral(day: date) -> str:
        decision = check_driving(state(recorded="N"), None, TABLES.on(day))
        return str(decision.reasons[0].source)

    assert source_of_deferral(date(2022, 3, 31)) == "机动车驾驶证申领和使用规定 (order 139)"
    assert source_of_deferral(date(2022, 4, 1)) == "机动车驾驶证申领和使用规定 (order 162) art. 75"


def test_whoever_is_past_63_hears_that_extensions_are_not_recorded_here() -> None:
    bus_driver = state(classes=("A1",), valid_until=None)
    decision = check_driving(bus_driver, VehicleClass.A1, TABLES.on(date(2051, 2, 20)))

    (reason,) = decision.reasons
    assert "63" in reason.zh
    assert "延长" in reason.todo_zh
    assert "extension" in reason.todo_en


def test_the_day_of_expiry_is_told() -> None:
    expired = state(valid_until=date(2022, 5, 31))
    (refusal,) = check_claim(ClaimFacts(expired, "120000000000", has_photo=True), DAY).refusals

    assert "2022-05-31" in refusal.zh
    assert "2022-05-31" in refusal.en


def test_the_code_of_a_status_is_the_name_of_its_letter() -> None:
    for status in LicenceStatus:
        for reason in check_driving(state(recorded=status.value), None, DAY).reasons:
            assert reason.code == f"status_{status.name.lower()}"


def test_nobody_is_named_when_a_state_is_printed() -> None:
    assert "1988" not in repr(state())
