"""Published lists of past moments: what held then, for as long as it is kept, whatever fails."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from jiazhao.credentials.status_list import StatusReference, StatusValue
from jiazhao.credentials.status_token import verify_status_token
from jiazhao.errors import ErrorCode, JiazhaoError
from jiazhao.licence.identifiers import HolderId
from jiazhao.status import history
from jiazhao.status.messages import TokenForm
from jiazhao.status.service import StatusLists
from tests.unit.status.conftest import Publisher

HOLDER = HolderId("holder-0001")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def engine_url(sqlite: str) -> str:
    """One engine is enough here: the past lies in files."""
    return sqlite


@pytest.fixture
def place(statuses: StatusLists, publisher: Publisher, now: datetime) -> StatusReference:
    place = statuses.reserve(holder_id=HOLDER, copy_id="copy-1", now=now)
    statuses.publish_due(signer=publisher.signer, now=now)
    return place


def change(
    statuses: StatusLists,
    publisher: Publisher,
    place: StatusReference,
    value: StatusValue,
    at: datetime,
) -> None:
    with statuses.database.writing() as db:
        statuses.set_values(db, HOLDER, {place: value})
    assert statuses.publish_due(signer=publisher.signer, now=at) == 1


def past(statuses: StatusLists, place: StatusReference, moment: datetime, now: datetime) -> bytes:
    list_id = place.uri.rpartition("/")[2]
    return statuses.past_token(list_id, TokenForm.JWT, str(int(moment.timestamp())), now)


def value_at(
    statuses: StatusLists,
    publisher: Publisher,
    place: StatusReference,
    moment: datetime,
    now: datetime,
) -> int:
    read = verify_status_token(
        past(statuses, place, moment, now),
        expected_uri=place.uri,
        anchors=publisher.anchors,
        now=moment,
    )
    return read.status(place.index)


def test_every_state_is_found_at_its_time(
    statuses: StatusLists, publisher: Publisher, place: StatusReference, now: datetime
) -> None:
    suspended, restored, ended = now + HOUR, now + 5 * HOUR, now + 5 * HOUR + MINUTE
    change(statuses, publisher, place, StatusValue.MUST_NOT_DRIVE, suspended)
    change(statuses, publisher, place, StatusValue.VALID, restored)
    change(statuses, publisher, place, StatusValue.ENDED, ended)
    later = now + 6 * HOUR

    told = {
        moment: value_at(statuses, publisher, place, moment, later)
        for moment in (
            now,
            suspended - timedelta(seconds=1),
            suspended,
            restored - timedelta(seconds=1),
            restored,
            ended,
            later,
        )
    }

    assert list(told.values()) == [0, 0, 2, 2, 0, 1, 1]


def test_of_two_publications_in_one_second_the_later_one_counts(
    statuses: StatusLists, publisher: Publisher, place: StatusReference, now: datetime
) -> None:
    change(statuses, publisher, place, StatusValue.MUST_NOT_DRIVE, now)

    assert value_at(statuses, publisher, place, now, now) == StatusValue.MUST_NOT_DRIVE


def test_what_had_expired_or_lies_ahead_or_too_far_back_is_not_told(
    statuses: StatusLists, publisher: Publisher, place: StatusReference, now: datetime
) -> None:
    much_later = now + 20 * DAY
    assert past(statuses, place, now + DAY - MINUTE, much_later)
    for moment, asked_at in (
        (now + DAY, much_later),
        (now - MINUTE, much_later),
        (now + MINUTE, now),
        (now, now + 31 * DAY),
    ):
        with pytest.raises(JiazhaoError) as refused:
            past(statuses, place, moment, asked_at)
        assert refused.value.code is ErrorCode.STATUS_OF_THAT_TIME_NOT_KEPT


def test_what_is_not_kept_any_longer_is_deleted_and_the_rest_stays(
    statuses: StatusLists, publisher: Publisher, place: StatusReference, now: datetime
) -> None:
    change(statuses, publisher, place, StatusValue.MUST_NOT_DRIVE, now + 3 * HOUR)
    files = statuses.folder / "history"

    # Asked a second before, the first list may still be told; the one of that hour goes later.
    assert statuses.forget(now + statuses.keep + statuses.life) == 0
    assert statuses.forget(now + statuses.keep + statuses.life + HOUR) == 1
    assert len(list(files.glob("*/*/*"))) == 2
    assert statuses.forget(now + statuses.keep + statuses.life + HOUR) == 0


def test_what_was_kept_goes_once_nothing_is_kept_so_that_no_gap_is_answered(
    statuses: StatusLists, publisher: Publisher, place: StatusReference, now: datetime
) -> None:
    without = replace(statuses, keep=timedelta(0))
    change(without, publisher, place, StatusValue.MUST_NOT_DRIVE, now + MINUTE)

    assert without.forget(now + MINUTE) == 1

    with pytest.raises(JiazhaoError) as refused:
        past(statuses, place, now + 2 * MINUTE, now + HOUR)
    assert refused.value.code is ErrorCode.STATUS_OF_THAT_TIME_NOT_KEPT


def test_a_list_that_could_not_be_kept_is_not_published(
    statuses: StatusLists,
    publisher: Publisher,
    place: StatusReference,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    list_id = place.uri.rpartition("/")[2]
    before = statuses.token(list_id, TokenForm.JWT)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(history, "write_durably", full)
        with statuses.database.writing() as db:
            statuses.set_values(db, HOLDER, {place: StatusValue.MUST_NOT_DRIVE})
        with pytest.raises(JiazhaoError) as refused:
            statuses.publish(list_id, signer=publisher.signer, now=now + MINUTE)
        assert refused.value.code is ErrorCode.SERVICE_UNAVAILABLE
        assert statuses.token(list_id, TokenForm.JWT) == before

    assert statuses.publish(list_id, signer=publisher.signer, now=now + 2 * MINUTE)
    moment = now + 2 * MINUTE
    assert value_at(statuses, publisher, place, moment, moment) == StatusValue.MUST_NOT_DRIVE
