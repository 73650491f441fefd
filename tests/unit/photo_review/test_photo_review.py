"""An own photo from the driver's hand to the portrait on file, on both engines."""

import io
from base64 import b64decode
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial
from threading import Barrier
from typing import Literal

import pytest
import sqlalchemy as sa
from PIL import Image

from jiazhao.app import House
from jiazhao.errors import AccessError, ClaimError, ErrorCode, JiazhaoError, RegisterError
from jiazhao.http.access import Actor, Role
from jiazhao.licence.identifiers import HolderId
from jiazhao.licence.status import LicenceStatus
from jiazhao.photo_review.messages import DecisionRequest
from jiazhao.photo_review.service import PhotoChangeRefused, PhotoRefused
from jiazhao.registry.service import Amendment
from jiazhao.storage.schema import access_record, change, photo_request
from tests.clocks import MORNING
from tests.houses import Phone, SetClock
from tests.unit import pictures
from tests.unit.drivers import admit, driver, portrait

HOLDER = driver().holder_id


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


def hand_in(house: House, octets: bytes | None = None) -> str:
    """Hand a photo in and return the name of the request."""
    standing = house.photo_review.submit(HOLDER, octets or pictures.good(), house.clock())
    assert standing.request is not None
    return standing.request.request_id


def decide(
    house: House,
    request_id: str,
    decision: Literal["approve", "refuse"] = "approve",
    *,
    reason: str | None = None,
    note: str = "",
    by: Actor | None = None,
) -> None:
    wanted = DecisionRequest(HOLDER, request_id, decision, reason, note)
    house.photo_review.decide(wanted, by or registrar(), house.clock())


def state(house: House) -> str | None:
    request = house.photo_review.standing(HOLDER, house.clock()).request
    return request.state if request else None


def on_file(house: House) -> bytes:
    with house.database.reading() as db:
        return house.register.portrait_of(db, HOLDER, at=house.clock()).jpeg


def refused_with(act: Callable[[], object]) -> ErrorCode:
    with pytest.raises(JiazhaoError) as refused:
        act()
    return refused.value.code


def test_a_photo_waits_and_changes_nothing_yet(house: House) -> None:
    hand_in(house)
    assert state(house) == "waiting"
    assert on_file(house) == portrait()
    (entry,) = house.photo_review.queue(house.clock()).entries
    assert entry.holder_id == HOLDER
    assert not entry.overdue


def test_what_the_machine_refuses_is_not_kept(house: House) -> None:
    with pytest.raises(PhotoRefused) as refused:
        hand_in(house, pictures.written(pictures.blurred()))
    assert [finding.code for finding in refused.value.findings] == [ErrorCode.PHOTO_BLURRED]
    assert state(house) is None
    assert house.photo_review.queue(house.clock()).waiting == 0


def test_an_approved_photo_is_on_file_from_then_on(house: House, clock: SetClock) -> None:
    request = hand_in(house, pictures.taken("2026:05:20 10:00:00"))
    before = house.clock()
    clock.later(hours=2)
    decide(house, request)

    assert state(house) == "approved"
    with house.database.reading() as db:
        now = house.register.portrait_of(db, HOLDER, at=house.clock())
        then = house.register.portrait_of(db, HOLDER, at=before)
        kinds = set(db.execute(sa.select(change.c.kind)).scalars())
    assert then.jpeg == portrait()
    assert now.captured_on == date(2026, 5, 20)
    with Image.open(io.BytesIO(now.jpeg)) as kept:
        assert kept.size == (520, 756)
    assert "photo" in kinds


def test_the_next_copy_holds_the_new_photo(house: House, phone: Phone) -> None:
    before = phone.claim()
    decide(house, hand_in(house))
    after = phone.claim()
    assert on_file(house) in after.octets
    assert on_file(house) not in before.octets


def test_a_refusal_has_its_reason_and_the_photo_on_file_stays(house: House) -> None:
    decide(house, hand_in(house), "refuse", reason="covered", note="左耳被头发遮住")
    request = house.photo_review.standing(HOLDER, house.clock()).request
    assert request is not None
    assert (request.state, request.note) == ("refused", "左耳被头发遮住")
    assert request.reason is not None
    assert request.reason.code == "covered"
    assert on_file(house) == portrait()


@pytest.mark.parametrize(
    ("reason", "note"), [(None, "words"), ("", ""), ("nonsense", "words"), ("other", " x ")]
)
def test_a_refusal_without_a_reason_is_none(house: House, reason: str | None, note: str) -> None:
    request = hand_in(house)
    code = refused_with(lambda: decide(house, request, "refuse", reason=reason, note=note))
    assert code is ErrorCode.PHOTO_REFUSAL_UNEXPLAINED
    assert state(house) == "waiting"


def test_a_second_photo_waits_for_the_first(house: House) -> None:
    request = hand_in(house)
    assert refused_with(lambda: hand_in(house)) is ErrorCode.PHOTO_WAITING
    house.photo_review.withdraw(HOLDER, request, house.clock())
    assert state(house) == "withdrawn"
    hand_in(house)


def test_after_a_refusal_another_may_come_at_once(house: House, clock: SetClock) -> None:
    decide(house, hand_in(house), "refuse", reason="light")
    clock.later(seconds=1)
    hand_in(house, pictures.good(3))
    assert state(house) == "waiting"


def test_the_photo_changes_once_in_six_months(house: House, clock: SetClock) -> None:
    decide(house, hand_in(house))
    clock.later(days=182)  # 30 November
    with pytest.raises(PhotoChangeRefused) as refused:
        hand_in(house, pictures.good(3))
    assert [refusal.code for refusal in refused.value.refusals] == ["photo_changed_recently"]
    assert house.photo_review.standing(HOLDER, house.clock()).allowed is False
    clock.later(days=1)
    hand_in(house, pictures.good(3))


def test_without_a_licence_to_claim_no_photo_is_taken(house: House) -> None:
    detained = Amendment(house.clock(), add_statuses=frozenset({LicenceStatus.DETAINED}))
    house.database.write(lambda db: house.register.amend(db, HOLDER, detained, house.clock()))
    with pytest.raises(PhotoChangeRefused) as refused:
        hand_in(house)
    assert refused.value.refusals[0].code == "status_detained"


def test_a_photo_is_overdue_after_one_working_day(house: House, clock: SetClock) -> None:
    hand_in(house)  # on a Monday morning
    clock.later(hours=37, minutes=59)  # Tuesday, a minute before midnight in China
    assert [one.overdue for one in house.photo_review.queue(house.clock()).entries] == [False]
    clock.later(minutes=1)
    assert [one.overdue for one in house.photo_review.queue(house.clock()).entries] == [True]


def test_every_look_of_staff_is_recorded(house: House) -> None:
    request = hand_in(house)
    house.photo_review.queue(house.clock())
    house.photo_review.look(HOLDER, request, registrar(), house.clock())
    seen = house.photo_review.look(HOLDER, request, registrar(), house.clock())
    assert seen.on_file is not None
    assert seen.measured.width == 520
    with house.database.reading() as db:
        records = db.execute(
            sa.select(access_record.c.kind, access_record.c.actor_name, access_record.c.fields)
        ).all()
    assert [tuple(record) for record in records] == [("photo_review", "钱样本", "portrait")] * 2
    rules = house.tables.on(date(2026, 6, 1))
    assert house.consent.accesses_of(HOLDER, rules).accesses[0].reason.code == "photo_review"


def test_nobody_reviews_the_own_photo(house: House) -> None:
    request = hand_in(house)
    own = registrar(holder=HOLDER)
    for act in (
        lambda: house.photo_review.look(HOLDER, request, own, house.clock()),
        lambda: decide(house, request, by=own),
    ):
        with pytest.raises(AccessError) as refused:
            act()
        assert refused.value.code is ErrorCode.PHOTO_IS_OWN
    assert state(house) == "waiting"


@pytest.mark.parametrize("end", ["approve", "refuse", "withdraw"])
def test_a_decided_photo_is_kept_nowhere_else(house: House, end: str) -> None:
    request = hand_in(house)
    match end:
        case "approve":
            decide(house, request)
        case "refuse":
            decide(house, request, "refuse", reason="light")
        case _:
            house.photo_review.withdraw(HOLDER, request, house.clock())
    with house.database.reading() as db:
        (row,) = db.execute(sa.select(photo_request.c.jpeg, photo_request.c.measured)).all()
    assert tuple(row) == (None, None)
    look = partial(house.photo_review.look, HOLDER, request, registrar(), house.clock())
    assert refused_with(look) is ErrorCode.PHOTO_REVIEW_OVER


def test_a_picture_rests_sealed_while_it_waits(house: House) -> None:
    request = hand_in(house)

    def resting() -> bytes:
        with house.database.reading() as db:
            octets: bytes = db.execute(sa.select(photo_request.c.jpeg)).scalar_one()
        return octets

    shown = b64decode(house.photo_review.look(HOLDER, request, registrar(), house.clock()).photo)
    assert shown.startswith(b"\xff\xd8")
    assert shown not in resting()
    assert shown[200:232] not in resting()
    with house.database.writing() as db:
        db.execute(sa.update(photo_request).values(jpeg=shown, sealed=None))
    again = house.photo_review.look(HOLDER, request, registrar(), house.clock())
    assert b64decode(again.photo) == shown, "an earlier version left it in plain"

    assert house.seal_plain() == 1

    assert shown[200:232] not in resting()
    decide(house, request)
    assert on_file(house) == shown


def test_a_request_that_is_none_is_not_found(house: House) -> None:
    with pytest.raises(RegisterError) as refused:
        decide(house, "0")
    assert refused.value.code is ErrorCode.PHOTO_REVIEW_UNKNOWN


def at_once(acts: Sequence[Callable[[], object]]) -> list[object]:
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        start.wait(10)
        try:
            return act()
        except ClaimError as error:
            return error.code

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_of_two_who_decide_at_once_one_wins(house: House, clock: SetClock) -> None:
    for number in range(8):
        request = hand_in(house)
        approve = partial(decide, house, request, by=registrar("钱样本"))
        refuse = partial(decide, house, request, "refuse", reason="light", by=registrar("吴样本"))
        outcomes = at_once([approve, refuse])
        assert sorted(map(str, outcomes)) == ["ErrorCode.PHOTO_REVIEW_OVER", "None"], number
        approved = outcomes[0] is None
        assert state(house) == ("approved" if approved else "refused")
        assert (on_file(house) == portrait()) is not approved or number > 0
        clock.later(days=190)


def test_of_two_photos_at_once_one_waits(house: House) -> None:
    outcomes = at_once([lambda: hand_in(house)] * 3)
    assert [one for one in outcomes if not isinstance(one, str)] == [ErrorCode.PHOTO_WAITING] * 2
    assert house.photo_review.queue(house.clock()).waiting == 1


def test_the_oldest_photo_comes_first(house: House, clock: SetClock) -> None:
    admit(house.register, house.database, clock(), driver(2))
    hand_in(house)
    clock.later(minutes=5)
    second = driver(2).holder_id
    house.photo_review.submit(second, pictures.good(2), house.clock())
    entries = house.photo_review.queue(house.clock()).entries
    assert [entry.holder_id for entry in entries] == [HOLDER, second]
    assert entries[1].submitted_at - entries[0].submitted_at == timedelta(minutes=5)
