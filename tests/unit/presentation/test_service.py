"""An officer's check: what each code leads to, what is answered, and what is recorded."""

import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from jiazhao import app
from jiazhao.consent.messages import AccessView
from jiazhao.credentials.signing import PublicKey
from jiazhao.errors import ErrorCode, JiazhaoError
from jiazhao.http.access import Actor
from jiazhao.licence.identifiers import HolderId
from jiazhao.licence.legal_day import CHINA, legal_day
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.presentation import service
from jiazhao.presentation.messages import CheckAnswer, CheckRequest, LookupRequest
from jiazhao.presentation.service import SHORT_CODE_ALPHABET, SHOWN_FIELDS, Checks
from jiazhao.presentation.verify_code import Face
from jiazhao.registry.service import Amendment, Register
from jiazhao.registry.store import fed_files
from jiazhao.smoke.wallet import DeviceKey
from jiazhao.storage import schema
from tests.clocks import SetClock
from tests.houses import Phone, officer

WANG = HolderId("sp-000001")
DEMANDED = ("decode", "trust_chain", "issuer_signature", "holder_binding", "live_register")
"""Chengdu, class C1, in good standing."""
OF_A_PERSON = (
    "name",
    "licence_number",
    "address",
    "birth_date",
    "family_name_latin",
    "archive_number",
)


@pytest.fixture
def phone(house: app.House) -> Phone:
    """The driver's phone, with the licence on it."""
    phone = Phone(house, WANG)
    phone.claim()
    return phone


def check(
    house: app.House,
    scanned: str,
    *,
    by: Actor | None = None,
    check_id: str | None = None,
    vehicle_class: VehicleClass | None = None,
    challenge: int | None = None,
    face: Face | None = None,
) -> CheckAnswer:
    data = CheckRequest(check_id or str(uuid.uuid4()), scanned, vehicle_class, challenge, face)
    return house.checks.check(data, officer=by or officer(), now=house.clock())


def look_up(house: app.House, identifier: str, reason: str = "accident") -> CheckAnswer:
    data = LookupRequest(str(uuid.uuid4()), identifier, reason, "手机没电了")
    return house.checks.look_up(data, officer=officer(), now=house.clock())


def accesses(house: app.House, holder: HolderId = WANG) -> list[AccessView]:
    rules = house.tables.on(legal_day(house.clock()))
    return house.consent.accesses_of(holder, rules).accesses


def amend(house: app.House, **changes: Any) -> None:
    amendment = Amendment(held_from=house.clock(), **changes)
    house.database.write(lambda db: house.register.amend(db, WANG, amendment, house.clock()))


def steps(answer: CheckAnswer) -> Mapping[str, str]:
    return {one.name: one.status for one in answer.steps if one.status != "unchecked"}


def reason(answer: CheckAnswer) -> str | None:
    return answer.reason.code if answer.reason else None


# -- what a code leads to


def test_a_fresh_code_is_valid_and_shows_what_the_register_has(
    house: app.House, phone: Phone
) -> None:
    answer = check(house, phone.code())
    assert (answer.verdict, answer.reason) == ("VALID", None)
    assert steps(answer) == dict.fromkeys(DEMANDED, "passed")
    assert answer.licence is not None
    assert phone.copy is not None
    assert answer.licence.instance_number == phone.copy.instance_number
    assert answer.last_confirmed_at == answer.checked_at == house.clock()
    assert "照片" in answer.what_to_do.zh


@pytest.mark.parametrize(
    ("seconds", "verdict", "why"),
    [
        (-90, "VALID", None),
        (-91, "CANNOT_CONFIRM", "code_expired"),
        (30, "VALID", None),
        (31, "CANNOT_CONFIRM", "code_from_the_future"),
    ],
)
def test_a_code_holds_for_its_minute_and_the_skew(
    house: app.House, phone: Phone, seconds: int, verdict: str, why: str | None
) -> None:
    answer = check(house, phone.code(after=seconds))
    assert (answer.verdict, reason(answer)) == (verdict, why)
    assert (answer.licence is not None) == (verdict == "VALID")


def test_a_forged_code_is_not_genuine_and_shows_nothing_of_anybody(
    house: app.House, phone: Phone
) -> None:
    forger = Phone(house, WANG, part=phone.part)
    answer = check(house, forger.code(), vehicle_class=VehicleClass.C1)
    assert (answer.verdict, reason(answer)) == ("NOT_GENUINE", "holder_signature_mismatch")
    assert (answer.licence, answer.portrait, answer.may_drive) == (None, None, None)


def test_a_forged_code_uses_nothing_up(house: app.House, phone: Phone) -> None:
    forger = Phone(house, WANG, part=phone.part)
    check(house, forger.code(counter=1000))
    assert check(house, phone.code()).verdict == "VALID"


def test_a_code_of_no_licence_cannot_be_confirmed(house: app.House, phone: Phone) -> None:
    """The issuer signed it, and the register that is asked knows nothing of it."""
    code = phone.code()
    house.database.write(
        lambda db: db.execute(sa.delete(schema.identifier_lookup))  # as a lost backup would
    )
    answer = check(house, code)
    assert (answer.verdict, reason(answer)) == ("CANNOT_CONFIRM", "unknown_device_key")
    assert answer.licence is None


@pytest.mark.parametrize(
    "scanned",
    [
        "x",
        "https://pay.example/abc",
        "AlDd",
        "AlDd:AAAA",
        "A" * 1024,
        "\0",
        "你好",
        "AlDd" + "=" * 100,
        "A" * 958,
        "AlDd" + "A" * 953,
    ],
    ids=ascii,
)
def test_garbage_fails_at_the_first_step_and_accuses_nobody(
    house: app.House, phone: Phone, scanned: str
) -> None:
    answer = check(house, scanned)
    assert answer.verdict == "CANNOT_CONFIRM"
    assert steps(answer) == {"decode": "failed"}
    assert answer.reason is not None
    assert answer.reason.zh
    assert answer.reason.en
    assert accesses(house) == []


def test_blanks_of_a_pasted_code_do_not_matter(house: app.House, phone: Phone) -> None:
    code = phone.code()
    assert check(house, f"  {code[:40]}\n{code[40:]} ").verdict == "VALID"


def test_the_former_phone_is_told_from_the_new_one(house: app.House, phone: Phone) -> None:
    code = phone.code()
    newer = Phone(house, WANG)
    newer.claim()
    former = check(house, code)
    assert (former.verdict, reason(former)) == ("NOT_VALID", "instance_ended")
    assert check(house, newer.code()).verdict == "VALID"


def test_a_detained_licence_is_not_valid_whatever_the_phone_shows(
    house: app.House, phone: Phone
) -> None:
    code = phone.code()
    amend(house, add_statuses=frozenset({LicenceStatus.DETAINED}))
    answer = check(house, code)
    assert (answer.verdict, reason(answer)) == ("NOT_VALID", "status_detained")
    assert steps(answer)["live_register"] == "failed"
    assert answer.licence is not None
    assert answer.licence.may_drive is False


# -- one code, one use


LAG = 3600


def following(house: app.House, as_of: datetime | None) -> app.House:
    """The same house, whose register follows another one that last spoke at `as_of`."""
    config = replace(house.config, follow_lag_seconds=LAG)
    if as_of is not None:
        told = fed_files.FollowedFile("tj", 1, bytes(32), as_of, fed_files.Progress())
        with house.database.writing() as db:
            fed_files.begin_followed_file(db, told, as_of)
            fed_files.keep_followed_file(
                db, "tj", 1, told.progress, told.progress, as_of, finished=True
            )
    return replace(house, config=config, checks=replace(house.checks, config=config))


def test_a_follower_says_as_of_when(house: app.House, phone: Phone) -> None:
    as_of = phone.now - timedelta(seconds=LAG)
    answer = check(following(house, as_of), phone.code())
    assert (answer.verdict, answer.last_confirmed_at) == ("VALID", as_of)


@pytest.mark.parametrize("by_code", [True, False])
def test_a_follower_that_lags_confirms_nothing_and_shows_nothing_old(
    house: app.House, phone: Phone, *, by_code: bool
) -> None:
    amend(house, add_statuses=frozenset({LicenceStatus.DETAINED}))
    as_of = phone.now - timedelta(seconds=LAG + 1)
    late = following(house, as_of)
    answer = check(late, phone.code()) if by_code else look_up(late, _identity(house))
    assert (answer.verdict, reason(answer)) == ("CANNOT_CONFIRM", "register_too_old")
    assert answer.last_confirmed_at == as_of
    assert (answer.licence, answer.portrait, answer.may_drive) == (None, None, None)
    assert answer.reason is not None
    assert str(as_of.astimezone(CHINA).year) in answer.reason.zh


def test_a_follower_that_never_followed_confirms_nothing(house: app.House, phone: Phone) -> None:
    answer = check(following(house, None), phone.code())
    assert (answer.verdict, reason(answer)) == ("CANNOT_CONFIRM", "register_too_old")
    assert answer.last_confirmed_at is None


def test_a_code_is_used_once(house: app.House, phone: Phone) -> None:
    code = phone.code()
    assert check(house, code).verdict == "VALID"
    again = check(house, code)
    assert (again.verdict, reason(again)) == ("CANNOT_CONFIRM", "code_used")
    assert again.licence is None


@pytest.mark.parametrize(
    "blind",
    [(service._Owner, "last_counter", 0), (Register, "use_code", True)],
    ids=["the steps", "the write"],
)
def test_a_used_code_is_refused_by_the_steps_and_by_the_write_alike(
    house: app.House,
    phone: Phone,
    monkeypatch: pytest.MonkeyPatch,
    blind: tuple[type, str, object],
) -> None:
    """Either is enough: the one for who comes later, the other for two at once."""
    code = phone.code()
    assert check(house, code).verdict == "VALID"
    owner, name, answer = blind
    monkeypatch.setattr(owner, name, lambda *_: answer)
    assert reason(check(house, code)) == "code_used"


def test_the_same_check_asked_again_gets_the_same_answer(house: app.House, phone: Phone) -> None:
    code, name = phone.code(), str(uuid.uuid4())
    assert check(house, code, check_id=name) == check(house, code, check_id=name)
    assert len(accesses(house)) == 1


def test_another_officer_cannot_repeat_a_check_by_its_name(house: app.House, phone: Phone) -> None:
    code, name = phone.code(), str(uuid.uuid4())
    assert check(house, code, check_id=name).verdict == "VALID"
    other = check(house, code, check_id=name, by=officer("赵样本"))
    assert (other.verdict, reason(other)) == ("CANNOT_CONFIRM", "code_used")


def test_one_name_does_not_open_the_next_code(house: app.House, phone: Phone) -> None:
    name = str(uuid.uuid4())
    first, second = phone.code(), phone.code()
    assert check(house, second, check_id=name).verdict == "VALID"
    older = check(house, first, check_id=name)
    assert (older.verdict, reason(older)) == ("CANNOT_CONFIRM", "code_used")


def test_a_used_code_voids_all_before_it(house: app.House, phone: Phone) -> None:
    photographed = [phone.code() for _ in range(3)]
    assert check(house, phone.code()).verdict == "VALID"
    assert {reason(check(house, code)) for code in photographed} == {"code_used"}
    assert check(house, phone.code()).verdict == "VALID"


def test_a_new_phone_begins_to_count_anew(house: app.House, phone: Phone) -> None:
    check(house, phone.code(counter=500))
    newer = Phone(house, WANG)
    newer.claim()
    assert check(house, newer.code(counter=1)).verdict == "VALID"


def test_a_check_that_could_not_be_recorded_used_nothing_and_answered_nothing(
    house: app.House, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = phone.code()

    def fail(*_arguments: object) -> None:
        raise JiazhaoError(ErrorCode.SERVICE_UNAVAILABLE)

    with monkeypatch.context() as patch:
        patch.setattr("jiazhao.consent.service.store.insert", fail)
        with pytest.raises(JiazhaoError):
            check(house, code)
        with pytest.raises(JiazhaoError):
            look_up(house, _identity(house))
    assert accesses(house) == []
    assert check(house, code).verdict == "VALID"


def test_an_answer_that_fails_after_the_record_takes_the_record_back(
    house: app.House, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = phone.code()

    def fail(*_arguments: object) -> None:
        raise JiazhaoError(ErrorCode.SERVICE_UNAVAILABLE)

    with monkeypatch.context() as patch:
        patch.setattr(Checks, "_portrait", fail)
        with pytest.raises(JiazhaoError):
            check(house, code)
    assert accesses(house) == []
    assert check(house, code).verdict == "VALID"


# -- what may be driven


@pytest.mark.parametrize(
    ("vehicle_class", "answer"),
    [(VehicleClass.C1, True), (VehicleClass.C2, True), (VehicleClass.B2, False)],
)
def test_a_class_is_answered_for_with_the_law(
    house: app.House, phone: Phone, vehicle_class: VehicleClass, answer: bool
) -> None:
    told = check(house, phone.code(), vehicle_class=vehicle_class).may_drive
    assert told is not None
    assert (told.vehicle_class, told.answer) == (vehicle_class.value, answer)
    assert (told.reason is None) == answer
    if told.reason is not None:
        assert vehicle_class.value in told.reason.zh
        assert vehicle_class.value in told.reason.en
        assert told.reason.source


def test_without_a_class_nothing_is_said_of_one(house: app.House, phone: Phone) -> None:
    assert check(house, phone.code()).may_drive is None


def test_a_detained_holder_may_drive_no_class(house: app.House, phone: Phone) -> None:
    amend(house, add_statuses=frozenset({LicenceStatus.DETAINED}))
    told = check(house, phone.code(), vehicle_class=VehicleClass.C1).may_drive
    assert told is not None
    assert told.answer is False


# -- look-ups


def _identity(house: app.House) -> str:
    with house.database.reading() as db:
        return house.register.licence_of(db, WANG, at=house.clock()).person.identity_number


def test_a_look_up_finds_by_each_of_three_numbers(house: app.House, phone: Phone) -> None:
    with house.database.reading() as db:
        licence = house.register.licence_of(db, WANG, at=house.clock())
    assert phone.copy is not None
    for number in (
        licence.person.identity_number,
        licence.person.identity_number.lower(),
        f" {licence.grant.archive_number} ",
        phone.copy.instance_number,
    ):
        answer = look_up(house, number)
        assert answer.verdict == "VALID"
        assert answer.licence is not None
        assert answer.licence.licence_number == licence.person.identity_number
        assert answer.portrait
    assert len(accesses(house)) == 4


def test_a_look_up_finds_who_never_claimed(house: app.House) -> None:
    answer = look_up(house, _identity(house))
    assert answer.verdict == "VALID"
    assert answer.licence is not None
    assert answer.licence.instance_number is None


def test_an_unknown_number_is_no_licence_and_no_record(house: app.House) -> None:
    answer = look_up(house, "999999999999")
    assert (answer.verdict, reason(answer)) == ("CANNOT_CONFIRM", "no_licence")
    assert (answer.licence, answer.portrait) == (None, None)
    assert accesses(house) == []


def test_a_look_up_for_no_reason_of_the_list_looks_at_nothing(house: app.House) -> None:
    with pytest.raises(JiazhaoError) as refused:
        look_up(house, _identity(house), reason="curiosity")
    assert refused.value.code is ErrorCode.UNKNOWN_LOOKUP_REASON
    assert accesses(house) == []


# -- what is recorded


def test_a_check_is_recorded_with_who_why_and_what(house: app.House, phone: Phone) -> None:
    check(house, phone.code(), vehicle_class=VehicleClass.C1)
    (record,) = accesses(house)
    assert (record.at, record.kind, record.verdict) == (house.clock(), "check", "VALID")
    assert (record.actor.name, record.actor.unit) == ("李样本", "样本·一大队")
    assert (record.reason.code, record.reason.note) == ("code_shown", "")
    assert record.fields == list(SHOWN_FIELDS)
    assert record.law


def test_a_look_up_is_recorded_with_its_reason_and_note(house: app.House) -> None:
    look_up(house, _identity(house), reason="accident")
    (record,) = accesses(house)
    assert (record.kind, record.reason.code, record.reason.note) == (
        "lookup",
        "accident",
        "手机没电了",
    )
    assert record.reason.zh
    assert record.law


def test_a_failed_look_at_a_holder_is_recorded_without_fields(
    house: app.House, phone: Phone
) -> None:
    forger = Phone(house, WANG, part=phone.part)
    check(house, forger.code())
    check(house, phone.code(after=-91))
    used = phone.code()
    check(house, used)
    check(house, used)
    seen = [(one.verdict, bool(one.fields)) for one in accesses(house)]
    assert sorted(seen) == [
        ("CANNOT_CONFIRM", False),
        ("CANNOT_CONFIRM", False),
        ("NOT_GENUINE", False),
        ("VALID", True),
    ]


def test_every_field_of_a_person_that_is_shown_is_named_in_the_record(
    house: app.House, phone: Phone
) -> None:
    answer = check(house, phone.code())
    assert answer.licence is not None
    (record,) = accesses(house)
    assert set(record.fields) >= {"portrait", "name", "licence_number", "birth_date", "address"}


def test_an_officer_sees_his_own_checks_and_nothing_of_the_people(
    house: app.House, phone: Phone
) -> None:
    name = str(uuid.uuid4())
    check(house, phone.code(), check_id=name, vehicle_class=VehicleClass.C1)
    check(house, phone.code(), by=officer("赵样本"))
    (own,) = house.consent.checks_by(officer().account_id).checks
    assert (own.check_id, own.verdict, own.vehicle_class) == (name, "VALID", "C1")
    assert not set(OF_A_PERSON) & set(own.__struct_fields__)


# -- codes made ahead, relayed, filmed


@pytest.mark.parametrize(
    ("heard", "challenge", "verdict", "why"),
    [
        (timedelta(0), None, "VALID", None),
        (timedelta(hours=23), None, "VALID", None),
        (timedelta(hours=25), None, "CANNOT_CONFIRM", "challenge_needed"),
        (timedelta(hours=25), 1234, "VALID", None),
        (timedelta(days=10), None, "CANNOT_CONFIRM", "challenge_needed"),
        (timedelta(days=10), 1234, "VALID", None),
    ],
    ids=str,
)
def test_a_phone_that_was_out_of_reach_for_a_day_answers_a_challenge(
    house: app.House,
    phone: Phone,
    clock: SetClock,
    heard: timedelta,
    challenge: int | None,
    verdict: str,
    why: str | None,
) -> None:
    at = house.clock()
    clock.now += heard
    code = phone.code(heard_at=at, challenge=challenge)
    answer = check(house, code, challenge=challenge)
    assert (answer.verdict, reason(answer)) == (verdict, why)


@pytest.mark.parametrize("shift", [timedelta(hours=1), timedelta(days=10)], ids=str)
def test_a_clock_that_was_changed_makes_no_code_for_later(
    house: app.House, phone: Phone, clock: SetClock, shift: timedelta
) -> None:
    """Made ahead under a clock put forward: the beacon of then cannot be had before then."""
    ahead = phone.code(after=shift.total_seconds(), heard_at=house.clock(), for_day=0)
    early = check(house, ahead)
    assert (early.verdict, reason(early)) == ("CANNOT_CONFIRM", "code_from_the_future")
    clock.now += shift
    later = check(house, ahead)
    fresh_enough = shift < timedelta(hours=24)
    assert later.verdict == ("VALID" if fresh_enough else "CANNOT_CONFIRM")
    assert reason(later) == (None if fresh_enough else "challenge_needed")


@pytest.mark.parametrize("shift", [timedelta(hours=1), timedelta(days=10)], ids=str)
def test_a_clock_that_was_put_back_makes_no_code_of_now(
    house: app.House, phone: Phone, shift: timedelta
) -> None:
    answer = check(house, phone.code(after=-shift.total_seconds()))
    assert answer.verdict == "CANNOT_CONFIRM"
    assert reason(answer) in {"code_expired", "no_day_key", "unknown_format"}


@pytest.mark.parametrize(
    ("typed", "why"), [(None, "challenge_missing"), (4321, "challenge_wrong")], ids=str
)
def test_a_relayed_code_lacks_the_challenge(
    house: app.House, phone: Phone, typed: int | None, why: str
) -> None:
    answer = check(house, phone.code(challenge=typed), challenge=1234)
    assert (answer.verdict, reason(answer)) == ("CANNOT_CONFIRM", why)
    assert answer.licence is None


def test_a_code_sealed_for_another_day_is_no_code_of_today(house: app.House, phone: Phone) -> None:
    answer = check(house, phone.code(for_day=3))
    assert (answer.verdict, reason(answer)) == ("CANNOT_CONFIRM", "key_of_another_day")


def test_an_officer_who_sees_another_face_confirms_nothing(house: app.House, phone: Phone) -> None:
    answer = check(house, phone.code(), face=Face.DIFFERS)
    assert (answer.verdict, reason(answer)) == ("CANNOT_CONFIRM", "face_differs")
    assert answer.licence is None


def test_a_signer_that_is_listed_as_compromised_vouches_for_no_code(
    house: app.House, phone: Phone
) -> None:
    code = phone.code()
    trust = house.trust
    point = PublicKey.of(trust.document_signers[0].public_key()).point
    listed = replace(house.checks, trust=lambda: replace(trust, compromised=frozenset({point})))
    answer = check(replace(house, checks=listed), code)
    assert (answer.verdict, reason(answer)) == ("NOT_VALID", "signer_compromised")


def test_a_signer_of_before_the_rotation_still_vouches_and_a_stranger_does_not(
    house: app.House, phone: Phone
) -> None:
    code = phone.code()
    nobody = replace(house.trust, document_signers=())
    other = replace(house.checks, trust=lambda: nobody)
    answer = check(replace(house, checks=other), code)
    assert (answer.verdict, reason(answer)) == ("CANNOT_CONFIRM", "unknown_issuer")
    assert check(house, code).verdict == "VALID"


# -- short codes


def test_a_short_code_stands_for_a_code_while_it_lives(
    house: app.House, phone: Phone, clock: SetClock
) -> None:
    short = house.checks.shorten(phone.code(), house.clock())
    assert len(short.short_code) == 9
    assert set(short.short_code) <= set(SHORT_CODE_ALPHABET) | {"-"}
    typed = short.short_code.lower().replace("-", " ")
    clock.later(seconds=59)
    assert check(house, typed).verdict == "VALID"


def test_a_short_code_lapses_with_its_minute(
    house: app.House, phone: Phone, clock: SetClock
) -> None:
    short = house.checks.shorten(phone.code(), house.clock())
    clock.later(seconds=60)
    answer = check(house, short.short_code)
    assert (answer.verdict, reason(answer)) == ("CANNOT_CONFIRM", "short_code_unknown")
    assert house.checks.sweep(house.clock()) == 1


def test_a_mistyped_short_code_is_said_to_be_that(house: app.House, phone: Phone) -> None:
    answer = check(house, "ABCD-2345")
    assert (answer.verdict, reason(answer)) == ("CANNOT_CONFIRM", "short_code_unknown")


def test_a_short_code_spends_its_code(house: app.House, phone: Phone) -> None:
    code = phone.code()
    short = house.checks.shorten(code, house.clock())
    assert check(house, short.short_code).verdict == "VALID"
    assert reason(check(house, short.short_code)) == "code_used"
    assert reason(check(house, code)) == "code_used"


def test_only_a_licence_code_is_shortened(house: app.House) -> None:
    with pytest.raises(JiazhaoError):
        house.checks.shorten("https://pay.example/abc", house.clock())


# -- two at once


def test_of_many_checks_of_one_code_at_once_one_wins(house: app.House, phone: Phone) -> None:
    code = phone.code()
    with ThreadPoolExecutor(8) as officers:
        answers = list(officers.map(lambda _: check(house, code), range(8)))
    verdicts = sorted(answer.verdict for answer in answers)
    assert verdicts == ["CANNOT_CONFIRM"] * 7 + ["VALID"]
    assert len(accesses(house)) == 8


def test_a_device_key_signs_for_its_own_instance_only(house: app.House, phone: Phone) -> None:
    """A driver who holds a licence cannot show another's number with his own key."""
    other = Phone(house, HolderId("sp-000002"), key=DeviceKey())
    other.claim()
    posing = Phone(house, WANG, key=other.key, part=phone.part)
    answer = check(house, posing.code())
    assert (answer.verdict, answer.licence) == ("NOT_GENUINE", None)
