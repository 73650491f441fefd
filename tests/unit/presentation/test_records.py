"""What a terminal recorded without a network is stored once, and what is known since is told."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Barrier
from uuid import uuid4

import pytest
import sqlalchemy as sa

from jiazhao.app import House
from jiazhao.errors import AccessError, ErrorCode
from jiazhao.licence.status import LicenceStatus
from jiazhao.presentation import store
from jiazhao.presentation.record_messages import RecordResult, SealedRecord
from jiazhao.registry.service import Amendment
from jiazhao.roadside.messages import TerminalKill
from jiazhao.roadside.proofs import RECORDS_TYPE, SHIFT_TYPE
from jiazhao.status.handles import HandleKind
from jiazhao.storage.schema import access_record, offline_record
from tests.clocks import SetClock
from tests.houses import Phone, officer
from tests.roadside_terminal import CodeWallet, RoadsideTerminal
from tests.unit.drivers import driver, house_on

LI, ZHAO = officer(), officer("赵样本", "样本·二大队")


@pytest.fixture
def house(engine_url: str, tmp_path: Path, clock: SetClock) -> Iterator[House]:
    with house_on(engine_url, tmp_path / "state", clock) as house:
        yield house


@pytest.fixture
def phone(house: House) -> Phone:
    phone = Phone(house, driver().holder_id)
    phone.claim()
    return phone


@pytest.fixture
def wallet(phone: Phone) -> CodeWallet:
    return CodeWallet(phone)


@pytest.fixture
def terminal(house: House) -> RoadsideTerminal:
    return RoadsideTerminal(house, LI).begin()


@pytest.fixture
def other(house: House) -> RoadsideTerminal:
    return RoadsideTerminal(house, ZHAO).begin()


def looks(house: House) -> list[sa.Row[tuple[object, ...]]]:
    """The looks that the holder sees, the oldest first."""
    query = sa.select(access_record).where(access_record.c.kind != "device")
    with house.database.reading() as db:
        return list(db.execute(query.order_by(access_record.c.at)))


def stored(house: House) -> int:
    with house.database.reading() as db:
        return db.execute(sa.select(sa.func.count()).select_from(offline_record)).scalar_one()


def told(house: House, account: str) -> list[str]:
    with house.database.reading() as db:
        return [one.kind for one in store.follow_ups_of(db, account, 10)]


def states(results: list[RecordResult]) -> list[tuple[str, str | None]]:
    return [(one.state, one.follow_up) for one in results]


def codes(results: list[RecordResult]) -> list[str | None]:
    return [one.reason.code if one.reason else None for one in results]


# -- once


def test_a_record_becomes_a_look_with_the_time_of_the_check(
    house: House, wallet: CodeWallet, terminal: RoadsideTerminal, clock: SetClock
) -> None:
    checked_at = clock()
    record = terminal.record(wallet.code(), vehicle_class="C1")
    clock.later(hours=3)

    assert states(terminal.hand_in(record)) == [("stored", None)]

    (look,) = looks(house)
    assert (look.kind, look.at, look.verdict) == ("offline_check", checked_at, "VALID")
    assert (look.actor_name, look.actor_unit, look.vehicle_class) == ("李样本", "样本·一大队", "C1")
    with house.database.reading() as db:
        kept = store.offline_record(db, terminal.terminal_id, record.record_id)
    assert kept is not None
    assert (kept.checked_at, kept.uploaded_at, kept.content) == (checked_at, clock(), None)


def test_what_comes_again_is_stored_once(
    house: House, wallet: CodeWallet, terminal: RoadsideTerminal
) -> None:
    records = [terminal.record(wallet.code()) for _ in range(3)]

    assert states(terminal.hand_in(*records)) == [("stored", None)] * 3
    assert states(terminal.hand_in(*reversed(records))) == [("known", None)] * 3
    assert states(terminal.hand_in(records[1], records[1])) == [("known", None)] * 2
    twice = terminal.record(wallet.code())
    assert states(terminal.hand_in(twice, twice)) == [("stored", None), ("known", None)]

    assert (stored(house), len(looks(house))) == (4, 4)


def test_records_in_any_order_are_no_second_use(
    house: House, wallet: CodeWallet, terminal: RoadsideTerminal, other: RoadsideTerminal
) -> None:
    first, second = terminal.record(wallet.code()), other.record(wallet.code())

    assert states(other.hand_in(second)) == [("stored", None)]
    assert states(terminal.hand_in(first)) == [("stored", None)]


def test_batches_at_once_store_each_record_once(
    house: House, wallet: CodeWallet, terminal: RoadsideTerminal
) -> None:
    records = [terminal.record(wallet.code()) for _ in range(6)]
    batches = [records, records[::-1], records[3:] + records[:3], records[1::2] + records[::2]]
    start = Barrier(len(batches))

    def hand_in(batch: list[SealedRecord]) -> list[RecordResult]:
        start.wait(10)
        return terminal.hand_in(*batch)

    with ThreadPoolExecutor(len(batches)) as pool:
        results = [one for taken in pool.map(hand_in, batches) for one in taken]

    said = [(one.record_id, one.state) for one in results if one.state == "stored"]
    assert sorted(said) == sorted((one.record_id, "stored") for one in records)
    assert (stored(house), len(looks(house))) == (6, 6)


def test_a_server_that_dies_between_storing_and_answering_has_stored_once(
    house: House,
    wallet: CodeWallet,
    terminal: RoadsideTerminal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The commit of the second record is done, and its answer never leaves."""
    records = [terminal.record(wallet.code()) for _ in range(3)]
    write, count = type(house.database).write, 0

    def die_after_two(*args: object) -> object:
        nonlocal count
        done: object = write(*args)  # type: ignore[arg-type]
        count += 1
        if count == 3:  # the proof, two records
            raise SystemExit
        return done

    with monkeypatch.context() as patch:
        patch.setattr(type(house.database), "write", die_after_two)
        with pytest.raises(SystemExit):
            terminal.hand_in(*records)
    assert stored(house) == 2

    assert states(terminal.hand_in(*records)) == [("known", None)] * 2 + [("stored", None)]
    assert (stored(house), len(looks(house))) == (3, 3)


def test_nothing_is_left_of_a_record_that_was_cut_short(
    house: House,
    wallet: CodeWallet,
    terminal: RoadsideTerminal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record = terminal.record(wallet.code())

    def die(*_args: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(store, "add_offline_record", die)
        with pytest.raises(SystemExit):
            terminal.hand_in(record)
    assert (stored(house), looks(house)) == (0, [])

    assert states(terminal.hand_in(record)) == [("stored", None)]
    assert len(looks(house)) == 1


# -- what became known since


def test_one_code_at_two_terminals_is_told_to_both_officers_and_to_the_holder(
    house: House, wallet: CodeWallet, terminal: RoadsideTerminal, other: RoadsideTerminal
) -> None:
    code = wallet.code()
    here, there = terminal.record(code), other.record(code)

    assert states(terminal.hand_in(here)) == [("stored", None)]
    assert states(other.hand_in(there)) == [("stored", "used_elsewhere")]

    assert told(house, LI.account_id) == ["used_elsewhere"]
    assert told(house, ZHAO.account_id) == ["used_elsewhere"]
    (_, _, notice) = sorted(looks(house), key=lambda one: one.kind == "follow_up")
    assert (notice.kind, notice.reason) == ("follow_up", "code_used_twice")
    shown = house.consent.accesses_of(
        wallet.phone.holder_id, house.tables.on(house.clock().date())
    ).accesses
    assert "copied" in next(one.reason.en for one in shown if one.kind == "follow_up")
    assert states(other.hand_in(there)) == [("known", "used_elsewhere")]
    assert told(house, LI.account_id) == ["used_elsewhere"]


def test_one_terminal_that_met_a_code_twice_is_told_too(
    house: House, wallet: CodeWallet, terminal: RoadsideTerminal
) -> None:
    code = wallet.code()
    results = terminal.hand_in(terminal.record(code), terminal.record(code))
    assert states(results) == [("stored", None), ("stored", "used_elsewhere")]


def test_a_code_that_was_used_online_meanwhile_is_a_second_use(
    house: House, wallet: CodeWallet, terminal: RoadsideTerminal
) -> None:
    record = terminal.record(wallet.code())
    with house.database.writing() as db:
        instance = house.register.live_instance(db, wallet.phone.holder_id)
        assert instance is not None
        assert house.register.use_code(db, instance, wallet.counter, "online", house.clock())
        assert store.use_code(db, instance, wallet.counter, "online", house.clock()) == []

    assert states(terminal.hand_in(record)) == [("stored", "used_elsewhere")]


def test_an_offline_use_is_a_use(
    house: House, wallet: CodeWallet, terminal: RoadsideTerminal
) -> None:
    """The same code, seen by a terminal with a network afterwards, is used up."""
    terminal.hand_in(terminal.record(wallet.code()))
    with house.database.writing() as db:
        instance = house.register.live_instance(db, wallet.phone.holder_id)
        assert instance is not None
        assert not house.register.use_code(db, instance, wallet.counter, "x", house.clock())
        assert house.register.use_code(db, instance, wallet.counter + 1, "x", house.clock())


def test_a_detention_that_the_terminal_did_not_know_is_told(
    house: House, wallet: CodeWallet, terminal: RoadsideTerminal, clock: SetClock
) -> None:
    detained = Amendment(clock(), add_statuses=frozenset({LicenceStatus.DETAINED}))
    code = wallet.code()
    house.database.write(
        lambda db: house.register.amend(db, wallet.phone.holder_id, detained, clock())
    )
    clock.later(seconds=20)
    record = terminal.record(code)
    knew = terminal.record(wallet.code(), verdict="NOT_VALID")

    results = terminal.hand_in(record, knew)

    assert states(results) == [("stored", "revoked_since"), ("stored", None)]
    assert told(house, LI.account_id) == ["revoked_since"]


def test_a_device_that_was_replaced_before_the_check_is_told(
    house: House, wallet: CodeWallet, terminal: RoadsideTerminal, clock: SetClock
) -> None:
    code = wallet.code()
    before = terminal.record(code)
    clock.later(seconds=5)
    Phone(house, wallet.phone.holder_id).claim()
    clock.later(seconds=5)
    after = terminal.record(wallet.code())

    assert states(terminal.hand_in(before, after)) == [
        ("stored", None),
        ("stored", "revoked_since"),
    ]


def test_a_printed_code_is_found_by_its_handle(
    house: House, wallet: CodeWallet, terminal: RoadsideTerminal, clock: SetClock
) -> None:
    assert wallet.phone.copy is not None
    with house.database.writing() as db:
        handle = house.handles.add(
            db,
            holder_id=wallet.phone.holder_id,
            instance_number=wallet.phone.copy.instance_number,
            kind=HandleKind.BACKUP,
            live_until=clock() + timedelta(days=300),
            now=clock(),
        )
    printed = wallet.printed(handle.handle)

    results = terminal.hand_in(
        terminal.record(printed, face="same"), terminal.record(printed, face="same")
    )

    assert states(results) == [("stored", None)] * 2  # paper is shown again and again
    assert len(looks(house)) == 2


# -- what is not accepted is kept, and holds nobody up


def test_a_record_that_cannot_be_read_is_kept_and_holds_nobody_up(
    house: House, wallet: CodeWallet, terminal: RoadsideTerminal
) -> None:
    good = [terminal.record(wallet.code()) for _ in range(2)]
    torn = terminal.record(wallet.code())
    torn.sealed = torn.sealed[:-4] + "AAAA"
    nonsense = terminal.seal(str(uuid4()), b"{")
    renamed = terminal.record(wallet.code())
    renamed.record_id = str(uuid4())
    unknown_key = terminal.record(wallet.code())
    unknown_key.kid = "1"
    no_number = terminal.record(wallet.code())
    no_number.kid = "x"
    bad = [torn, nonsense, renamed, unknown_key, no_number]

    results = terminal.hand_in(good[0], *bad, good[1])

    assert states(results) == [
        ("stored", None),
        *[("stored", "refused")] * len(bad),
        ("stored", None),
    ]
    assert set(codes(results)) == {None, "record_unreadable"}
    with house.database.reading() as db:
        for one in bad:
            kept = store.offline_record(db, terminal.terminal_id, one.record_id)
            assert kept is not None
            assert json.loads(kept.content or b"")["sealed"] == one.sealed
    assert states(terminal.hand_in(*bad)) == [("known", "refused")] * len(bad)


def test_a_record_from_outside_of_its_time_is_refused(
    house: House, wallet: CodeWallet, terminal: RoadsideTerminal, clock: SetClock
) -> None:
    code = wallet.code()
    before = (clock() - timedelta(minutes=5)).isoformat()
    ahead = (clock() + timedelta(minutes=5)).isoformat()
    results = terminal.hand_in(
        terminal.record(code, at=before),
        terminal.record(code, at=ahead),
        terminal.record(code, shift_id="0" * 32),
        terminal.record(code, at="2026-06-01T02:00:00"),
    )
    assert codes(results) == [
        ErrorCode.RECORD_OUTSIDE_SHIFT.wire,
        ErrorCode.RECORD_FROM_THE_FUTURE.wire,
        ErrorCode.RECORD_OUTSIDE_SHIFT.wire,
        ErrorCode.RECORD_UNREADABLE.wire,
    ]
    assert looks(house) == []


def test_a_record_that_comes_too_late_is_refused(
    house: House, wallet: CodeWallet, terminal: RoadsideTerminal, clock: SetClock
) -> None:
    in_time, late = terminal.record(wallet.code()), terminal.record(wallet.code())
    clock.later(days=7)
    assert states(terminal.hand_in(in_time)) == [("stored", None)]
    clock.later(seconds=1)
    assert codes(terminal.hand_in(late)) == ["record_too_old"]


def test_another_terminals_shift_is_none(
    wallet: CodeWallet, terminal: RoadsideTerminal, other: RoadsideTerminal
) -> None:
    assert other.bundle is not None
    record = terminal.record(wallet.code(), shift_id=other.bundle.shift_id)
    assert codes(terminal.hand_in(record)) == ["record_outside_shift"]


def test_a_forged_code_is_nobodys(
    house: House, wallet: CodeWallet, terminal: RoadsideTerminal
) -> None:
    foreign = CodeWallet(Phone(house, wallet.phone.holder_id, copy=wallet.phone.copy))
    octets = bytearray(wallet.code())
    octets[100] ^= 1
    results = terminal.hand_in(
        terminal.record(foreign.code()), terminal.record(bytes(octets)), terminal.record(b"code")
    )
    assert [one.follow_up for one in results] == ["refused"] * 3
    assert codes(results) == ["unknown_device_key", "unknown_format", "unknown_format"]
    assert looks(house) == []


def test_a_code_that_had_lapsed_is_a_look_and_no_use(
    house: House, wallet: CodeWallet, terminal: RoadsideTerminal, clock: SetClock
) -> None:
    code = wallet.code()
    clock.later(seconds=91)
    record = terminal.record(code, verdict="CANNOT_CONFIRM", reason="code_expired")
    assert states(terminal.hand_in(record)) == [("stored", None)]
    assert [one.verdict for one in looks(house)] == ["CANNOT_CONFIRM"]
    with house.database.reading() as db:
        instance = house.register.live_instance(db, wallet.phone.holder_id)
    assert instance is not None
    assert instance.last_counter is None


# -- who may hand in


def test_the_end_of_a_shift_strands_nothing(
    house: House, wallet: CodeWallet, terminal: RoadsideTerminal, clock: SetClock
) -> None:
    record = terminal.record(wallet.code())
    clock.later(days=1)
    assert states(terminal.hand_in(record, by=ZHAO)) == [("stored", None)]
    assert looks(house)[0].actor_name == "李样本"  # who checked, not who handed in


def test_what_a_killed_terminal_had_recorded_is_taken_once_as_evidence(
    house: House,
    wallet: CodeWallet,
    terminal: RoadsideTerminal,
    other: RoadsideTerminal,
    clock: SetClock,
) -> None:
    code = wallet.code()
    before, seen = terminal.record(code), other.record(code)
    assert states(other.hand_in(seen)) == [("stored", None)]
    clock.later(seconds=40)  # beyond the skew, and within the life of the code
    kill(house, terminal, clock)
    after = terminal.record(code, at=(clock() + timedelta(seconds=31)).isoformat())
    clock.later(hours=1)

    assert states(terminal.hand_in(before, after)) == [
        ("stored", "terminal_killed"),
        ("stored", "refused"),
    ]
    assert states(terminal.hand_in(before, after)) == [
        ("known", "terminal_killed"),
        ("known", "refused"),
    ]

    assert [one.verdict_reason for one in looks(house)] == ["", "terminal_killed"]
    assert told(house, LI.account_id) == ["terminal_killed"]  # who can say whether it was so
    assert told(house, ZHAO.account_id) == []  # a lost device accuses nobody of a second use
    with house.database.reading() as db:
        kept = store.offline_record(db, terminal.terminal_id, before.record_id)
    assert kept is not None
    assert json.loads(kept.content or b"")["sealed"] == before.sealed


def test_a_killed_terminal_uses_up_no_code(
    house: House, wallet: CodeWallet, terminal: RoadsideTerminal, clock: SetClock
) -> None:
    record = terminal.record(wallet.code())
    kill(house, terminal, clock)
    assert states(terminal.hand_in(record)) == [("stored", "terminal_killed")]
    with house.database.reading() as db:
        instance = house.register.live_instance(db, wallet.phone.holder_id)
    assert instance is not None
    assert instance.last_counter is None


def test_a_killed_terminal_may_do_nothing_else(
    house: House, terminal: RoadsideTerminal, clock: SetClock
) -> None:
    kill(house, terminal, clock)
    with pytest.raises(AccessError) as refused:
        terminal.begin()
    assert refused.value.code is ErrorCode.TERMINAL_KILLED


def kill(house: House, terminal: RoadsideTerminal, clock: SetClock) -> None:
    reason = TerminalKill("设备遗失")
    house.terminals.kill(terminal.terminal_id, reason, actor=LI, now=clock())


@pytest.mark.parametrize("typ", [SHIFT_TYPE, RECORDS_TYPE])
def test_a_batch_is_signed_for_by_the_terminal(
    wallet: CodeWallet, terminal: RoadsideTerminal, other: RoadsideTerminal, typ: str
) -> None:
    record = terminal.record(wallet.code())
    claims = {} if typ == SHIFT_TYPE else {"terminal_id": other.terminal_id}
    terminal.prove = partial(_proof, terminal.prove, typ, claims)  # type: ignore[method-assign]
    with pytest.raises(AccessError) as refused:
        terminal.hand_in(record)
    assert refused.value.code is ErrorCode.TERMINAL_PROOF_REFUSED


def _proof(prove: object, typ: str, claims: dict[str, str], _typ: str) -> str:
    assert callable(prove)
    return str(prove(typ, **claims))
