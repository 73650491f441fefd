"""Reserving places: random, unique, never given twice."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from itertools import count

import pytest
import sqlalchemy as sa

from jiazhao.credentials.status_list import StatusReference, StatusValue
from jiazhao.errors import ErrorCode, JiazhaoError
from jiazhao.licence.identifiers import HolderId
from jiazhao.status.service import StatusLists, value_of
from jiazhao.storage.engine import Database
from jiazhao.storage.schema import status_index, status_list

HOLDER = HolderId("holder-0001")


def _reserve(statuses: StatusLists, now: datetime, times: int) -> list[StatusReference]:
    return [
        statuses.reserve(holder_id=HOLDER, copy_id=f"copy-{number}", now=now)
        for number in range(times)
    ]


@pytest.mark.parametrize(
    ("ended", "may_drive", "value"),
    [
        (False, True, StatusValue.VALID),
        (False, False, StatusValue.MUST_NOT_DRIVE),
        (True, True, StatusValue.ENDED),
        (True, False, StatusValue.ENDED),
    ],
)
def test_what_a_place_says(ended: bool, may_drive: bool, value: StatusValue) -> None:
    assert value_of(ended=ended, may_drive=may_drive) is value


def test_a_reservation_names_a_list_and_a_place_in_it(statuses: StatusLists, now: datetime) -> None:
    (reference,) = _reserve(statuses, now, 1)

    assert reference.uri.startswith("http://localhost:8000/status-lists/")
    assert len(reference.uri.rpartition("/")[2]) == 16
    assert 0 <= reference.index < 64


def test_no_place_is_given_twice_and_full_lists_are_followed_by_new_ones(
    statuses: StatusLists, database: Database, now: datetime
) -> None:
    references = _reserve(statuses, now, 200)

    assert len({(r.uri, r.index) for r in references}) == 200
    lists = Counter(reference.uri for reference in references)
    assert len(lists) >= 2
    with database.reading() as db:
        rows = db.execute(sa.select(status_list.c.list_id, status_list.c.closed)).all()
    # Only one takes copies, and each that closed is at least half full of them.
    assert [row.closed for row in rows].count(False) == 1
    for row in rows:
        if row.closed:
            assert lists[statuses.uri_of(row.list_id)] >= 32


def test_places_do_not_tell_the_order_of_issuing(statuses: StatusLists, now: datetime) -> None:
    roomy = replace(statuses, size=1 << 17)
    indices = [reference.index for reference in _reserve(roomy, now, 30)]

    assert indices != sorted(indices)
    assert max(indices) - min(indices) > 1 << 14


def test_a_taken_place_is_left_and_another_one_tried(statuses: StatusLists, now: datetime) -> None:
    draws = iter([7, 3, 3, 3, 5])  # the list's name, then places
    scripted = replace(statuses, random=lambda below: 0 if below == 1 else next(draws))

    first, second = _reserve(scripted, now, 2)

    assert (first.index, second.index) == (3, 5)
    assert first.uri == second.uri == "http://localhost:8000/status-lists/0000000000000007"


def test_a_broken_source_of_chance_ends_in_our_error(statuses: StatusLists, now: datetime) -> None:
    stuck = replace(statuses, random=lambda _below: 0)
    _reserve(stuck, now, 1)
    with pytest.raises(JiazhaoError) as refused:
        _reserve(stuck, now, 1)
    assert refused.value.code is ErrorCode.SERVICE_UNAVAILABLE


def test_many_at_once_get_places_of_their_own(
    statuses: StatusLists, database: Database, now: datetime
) -> None:
    names = count()

    def reserve(_: int) -> StatusReference:
        return statuses.reserve(holder_id=HOLDER, copy_id=f"copy-{next(names)}", now=now)

    with ThreadPoolExecutor(8) as threads:
        references = list(threads.map(reserve, range(80)))

    assert len({(r.uri, r.index) for r in references}) == 80
    with database.reading() as db:
        assert db.execute(sa.select(sa.func.count()).select_from(status_index)).scalar() == 80


def test_a_place_is_kept_when_what_comes_after_it_fails(
    statuses: StatusLists, database: Database, now: datetime
) -> None:
    def intend() -> None:
        _reserve(statuses, now, 1)
        with database.writing():
            raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        intend()

    with database.reading() as db:
        assert db.execute(sa.select(sa.func.count()).select_from(status_index)).scalar() == 1


def test_a_first_list_can_be_opened_ahead(statuses: StatusLists, now: datetime) -> None:
    statuses.ensure_list(now=now)
    statuses.ensure_list(now=now)
    (list_id,) = statuses.due_lists(now=now)
    (reference,) = _reserve(statuses, now, 1)
    assert reference.uri == statuses.uri_of(list_id)


# -- values


def test_setting_a_value_again_changes_nothing(
    statuses: StatusLists, database: Database, now: datetime
) -> None:
    one, other = _reserve(statuses, now, 2)
    values = {one: StatusValue.ENDED, other: StatusValue.VALID}

    with database.writing() as db:
        assert statuses.set_values(db, HOLDER, values) == 1
    with database.writing() as db:
        assert statuses.set_values(db, HOLDER, values) == 0
    with database.writing() as db:
        assert statuses.set_values(db, HOLDER, {one: StatusValue.MUST_NOT_DRIVE}) == 1


def test_a_place_of_someone_else_is_refused_and_nothing_changes(
    statuses: StatusLists, database: Database, now: datetime
) -> None:
    (own,) = _reserve(statuses, now, 1)
    foreign = statuses.reserve(holder_id=HolderId("holder-0002"), copy_id="c", now=now)
    nowhere = StatusReference("http://elsewhere/status-lists/0", 1)

    for wrong in (foreign, nowhere):
        values = {own: StatusValue.ENDED, wrong: StatusValue.ENDED}
        with pytest.raises(JiazhaoError) as refused, database.writing() as db:
            statuses.set_values(db, HOLDER, values)
        assert refused.value.code is ErrorCode.NOT_FOUND

    with database.reading() as db:
        assert set(db.execute(sa.select(status_index.c.value)).scalars()) == {0}
