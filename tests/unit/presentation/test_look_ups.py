"""Look-ups have a cap, and a supervisor sees who looks the same person up again and again."""

from datetime import datetime, timedelta

import pytest

from jiazhao.app import House
from jiazhao.consent.messages import LookSample
from jiazhao.consent.service import REPEATED_LOOKUPS, SAMPLED, AccessRecord
from jiazhao.errors import AccessError, ErrorCode
from jiazhao.licence.identifiers import HolderId
from jiazhao.licence.legal_day import legal_day
from jiazhao.presentation.messages import LookupRequest
from jiazhao.smoke.people import new_check_id
from jiazhao.storage.names import new_name
from tests.clocks import SetClock
from tests.houses import officer, reopen

UNIT = officer().unit
WANG, LI = HolderId("sp-000001"), HolderId("sp-000002")


def look(
    house: House, at: datetime, *, holder: HolderId = WANG, kind: str = "lookup", name: str = "李"
) -> None:
    record = AccessRecord(
        holder_id=holder,
        record_id=new_name(at),
        at=at,
        kind=kind,
        account_id=f"account of {name}",
        actor_role="officer",
        actor_name=name,
        actor_unit=UNIT,
        reason="accident" if kind == "lookup" else "code_shown",
        note="样本：事故" if kind == "lookup" else "",
        law="",
        fields=(),
        verdict="VALID",
        verdict_reason="",
        vehicle_class=None,
        check_id=new_check_id(),
    )
    house.database.write(lambda db: house.consent.record(db, record))


def sample(house: House, unit: str = UNIT) -> LookSample:
    now = house.clock()
    return house.consent.sample(unit, house.tables.on(legal_day(now)), now)


def test_who_looks_the_same_person_up_again_and_again_is_flagged(
    house: House, clock: SetClock
) -> None:
    for day in range(REPEATED_LOOKUPS):
        look(house, clock() - timedelta(days=day))
        look(house, clock() - timedelta(days=day), name="赵", holder=LI if day else WANG)
    (flagged,) = sample(house).flagged

    assert (flagged.officer, flagged.count) == ("李", REPEATED_LOOKUPS)
    assert {one.holder_id for one in flagged.looks} == {WANG}
    assert len(sample(house).sample) == REPEATED_LOOKUPS  # those of the other officer


def test_checks_of_a_shown_code_are_nobodys_curiosity(house: House, clock: SetClock) -> None:
    for _ in range(REPEATED_LOOKUPS + 2):
        look(house, clock(), kind="check")
    assert sample(house).flagged == []


def test_the_sample_is_of_one_unit_and_of_a_month(house: House, clock: SetClock) -> None:
    look(house, clock() - timedelta(days=31))
    assert sample(house).sample == []
    look(house, clock() - timedelta(days=29))
    assert len(sample(house).sample) == 1
    assert sample(house, "样本·二大队").sample == []


def test_chance_chooses_and_the_sample_names_nobody(house: House, clock: SetClock) -> None:
    for minute in range(SAMPLED * 3):
        look(house, clock() - timedelta(minutes=minute), kind="check", name=f"样{minute}")
    seen = [sample(house).sample for _ in range(4)]

    assert {len(one) for one in seen} == {SAMPLED}
    assert len({tuple(look.check_id for look in one) for one in seen}) > 1
    assert all(one == sorted(one, key=lambda look: look.at, reverse=True) for one in seen)
    assert {look.holder_id for one in seen for look in one} == {None}


# -- the cap of a day


def test_an_officer_has_so_many_look_ups_in_a_day(house: House, clock: SetClock) -> None:
    strict = reopen(house.config.state_dir, clock, lookups_per_day=2)

    def look_up(name: str = "李样本") -> str:
        with strict.database.reading() as db:
            number = strict.register.licence_of(db, WANG, at=clock()).person.identity_number
        asked = LookupRequest(new_check_id(), number, "accident", "样本：事故")
        return strict.checks.look_up(asked, officer=officer(name), now=clock()).verdict

    assert [look_up(), look_up()] == ["VALID", "VALID"]
    with pytest.raises(AccessError) as refused:
        look_up()
    assert refused.value.code is ErrorCode.LOOKUPS_USED_UP
    assert refused.value.values["seconds"] == str(14 * 3600)  # it is ten in the morning
    assert look_up("赵样本") == "VALID"
    clock.later(hours=14)
    assert look_up() == "VALID"
    strict.close()
