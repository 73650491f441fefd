"""Enforcement keys: one for each day, made ahead, and opened by nobody once their time is over."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from jiazhao.app import House
from jiazhao.errors import SealError
from jiazhao.roadside.keys import EnforcementKeys, KeyKind
from jiazhao.storage.engine import Database
from jiazhao.storage.migrate import migrate
from jiazhao.storage.personal_data import KeptKeyWrapper
from jiazhao.storage.schema import enforcement_key
from tests.clocks import SetClock
from tests.databases import begin_with

TODAY = 20605
"""2026-06-01, in days since 1970-01-01."""
DAY = timedelta(days=1)
KEEP = 7 * DAY


@pytest.fixture
def keys(engine_url: str, tmp_path: Path) -> Iterator[EnforcementKeys]:
    begin_with(engine_url, migrate)
    database = Database(engine_url)
    yield EnforcementKeys(database, KeptKeyWrapper.open(tmp_path / "keys"), KEEP)
    database.close()


def point_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)


def rows(keys: EnforcementKeys) -> list[tuple[int, int, bytes | None]]:
    table = enforcement_key
    query = sa.select(table.c.kind, table.c.period, table.c.wrapped).order_by(
        table.c.kind, table.c.period
    )
    with keys._database.reading() as db:
        return [(row.kind, row.period, row.wrapped) for row in db.execute(query)]


def test_a_wallet_has_the_keys_of_today_and_thirty_days(
    keys: EnforcementKeys, now: datetime
) -> None:
    given = keys.public_keys(now)

    assert [key.period for key in given] == list(range(TODAY, TODAY + 31))
    assert {key.kind for key in given} == {KeyKind.DAY}
    assert len({key.point for key in given}) == 31
    assert {len(key.point) for key in given} == {33}
    assert keys.public_keys(now) == given
    assert list(keys.public_keys(now + DAY))[:30] == list(given)[1:]


def test_a_day_begins_at_midnight_in_china(keys: EnforcementKeys) -> None:
    midnight = datetime(2026, 6, 1, 16, 0, tzinfo=UTC)
    before = keys.public_keys(midnight - timedelta(microseconds=1))
    after = keys.public_keys(midnight)

    assert (before[0].period, after[0].period) == (TODAY, TODAY + 1)


def test_the_list_of_tomorrow_stands_before_midnight(keys: EnforcementKeys, now: datetime) -> None:
    keys.make_ahead(now)
    made = rows(keys)
    keys.public_keys(now + DAY)

    assert rows(keys) == made


def test_a_shift_has_what_opens_the_codes_around_it(keys: EnforcementKeys, now: datetime) -> None:
    public = {key.period: key.point for key in keys.public_keys(now)}
    private = keys.private_keys(now)

    assert [(key.kind, key.period) for key in private] == [
        (KeyKind.DAY, TODAY - 1),
        (KeyKind.DAY, TODAY),
        (KeyKind.DAY, TODAY + 1),
        (KeyKind.YEAR, 2025),
        (KeyKind.YEAR, 2026),
    ]
    assert point_of(private[1].key) == public[TODAY]
    assert point_of(private[2].key) == public[TODAY + 1]
    assert point_of(private[4].key) == keys.year_key(now).point
    assert "private" not in repr(private).lower().replace("privatekey", "")


def test_the_private_half_rests_wrapped(keys: EnforcementKeys, now: datetime) -> None:
    scalars = [
        one.key.private_numbers().private_value.to_bytes(32) for one in keys.private_keys(now)
    ]
    stored = b"".join(wrapped or b"" for _, _, wrapped in rows(keys))

    assert not any(scalar in stored for scalar in scalars)


def test_a_private_half_in_the_place_of_another_does_not_open(
    keys: EnforcementKeys, tmp_path: Path, now: datetime
) -> None:
    keys.make_ahead(now)
    wrapped = {(kind, period): one for kind, period, one in rows(keys)}
    table = enforcement_key
    with keys._database.writing() as db:
        db.execute(
            sa.update(table)
            .where(table.c.period == TODAY + 1)
            .values(wrapped=wrapped[KeyKind.DAY, TODAY + 2])
        )
    other = EnforcementKeys(keys._database, KeptKeyWrapper.open(tmp_path / "keys"), KEEP)
    with pytest.raises(SealError):
        other.opener(KeyKind.DAY, TODAY + 1, now)


def test_the_server_opens_codes_of_the_days_that_may_still_come_in(
    keys: EnforcementKeys, now: datetime
) -> None:
    point = keys.public_keys(now)[0].point
    opener = keys.opener(KeyKind.DAY, TODAY, now + KEEP)
    assert opener is not None
    assert point_of(opener) == point

    assert keys.opener(KeyKind.DAY, TODAY, now + KEEP + DAY) is None


def test_once_its_time_is_over_the_private_half_is_gone_from_the_register(
    keys: EnforcementKeys, now: datetime
) -> None:
    keys.make_ahead(now)
    kept = len(rows(keys))
    assert keys.forget(now + KEEP) == 1  # yesterday's
    assert keys.forget(now + KEEP + DAY) == 1

    left = {(kind, period) for kind, period, wrapped in rows(keys) if wrapped is not None}
    assert (KeyKind.DAY, TODAY) not in left
    assert (KeyKind.DAY, TODAY + 1) in left
    assert len(rows(keys)) == kept
    # The public half stands, so that no other key is ever made for that day.
    assert keys.public_keys(now)[0].period == TODAY
    assert keys.opener(KeyKind.DAY, TODAY, now) is None


def test_the_key_of_a_year_opens_codes_of_the_next_year_too(keys: EnforcementKeys) -> None:
    made = datetime(2026, 6, 1, tzinfo=UTC)
    keys.year_key(made)
    late = datetime(2028, 1, 6, tzinfo=UTC)  # the last code of 2026 ended a week ago
    keys.forget(late)
    assert keys.opener(KeyKind.YEAR, 2026, late) is not None

    after = late + 3 * DAY
    keys.forget(after)
    assert keys.opener(KeyKind.YEAR, 2026, after) is None
    assert (KeyKind.YEAR, 2026, None) in rows(keys)


@pytest.mark.parametrize(
    ("kind", "period"), [(2, TODAY + 400), (3, 2031), (1, TODAY), (4, TODAY), (2, 0), (2, 65535)]
)
def test_no_key_is_made_for_what_a_code_says_of_itself(
    keys: EnforcementKeys, now: datetime, kind: int, period: int
) -> None:
    keys.make_ahead(now)
    made = rows(keys)

    assert keys.opener(kind, period, now) is None
    assert rows(keys) == made


def test_processes_that_start_at_once_have_one_key_for_each_day(
    engine_url: str, tmp_path: Path, now: datetime
) -> None:
    begin_with(engine_url, migrate)
    wrapper = KeptKeyWrapper.open(tmp_path / "keys")
    databases = [Database(engine_url) for _ in range(4)]
    for round_ in range(5):
        start = Barrier(len(databases))
        processes = [EnforcementKeys(one, wrapper, KEEP) for one in databases]
        at = now + 40 * DAY * round_

        acts: list[Callable[[datetime], object]] = [one.public_keys for one in processes]

        def make(act: Callable[[datetime], object], at: datetime, start: Barrier) -> object:
            start.wait(10)
            return act(at)

        with ThreadPoolExecutor(len(acts)) as pool:
            made = list(pool.map(make, acts, [at] * 4, [start] * 4))
        assert all(one == made[0] for one in made)
        private = [one.private_keys(at)[1] for one in processes]
        assert len({point_of(one.key) for one in private}) == 1
    for database in databases:
        database.close()


def test_the_worker_makes_keys_ahead_and_forgets_them(house: House, clock: SetClock) -> None:
    house.worker.tidy()
    first = house.enforcement_keys.opener(KeyKind.DAY, TODAY, clock())
    assert first is not None

    clock.later(days=8)
    house.worker.tidy()
    with house.database.reading() as db:
        wrapped = db.execute(
            sa.select(enforcement_key.c.period).where(
                enforcement_key.c.kind == KeyKind.DAY, enforcement_key.c.wrapped.is_not(None)
            )
        ).scalars()
        assert min(wrapped) == TODAY + 1
