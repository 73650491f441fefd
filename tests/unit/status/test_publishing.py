"""Publishing: what is due, what readers see, two workers, and a stop at any point."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from jiazhao.credentials.status_list import StatusList, StatusReference, StatusValue
from jiazhao.credentials.status_token import verify_status_token
from jiazhao.errors import ErrorCode, JiazhaoError, UndeterminedError
from jiazhao.licence.identifiers import HolderId
from jiazhao.status import publishing, store
from jiazhao.status.messages import TokenForm
from jiazhao.status.service import StatusLists
from tests.unit.status.conftest import Publisher

HOLDER = HolderId("holder-0001")
SECOND = timedelta(seconds=1)


@pytest.fixture
def place(statuses: StatusLists, now: datetime) -> StatusReference:
    return statuses.reserve(holder_id=HOLDER, copy_id="copy-1", now=now)


@pytest.fixture
def list_id(place: StatusReference) -> str:
    return place.uri.rpartition("/")[2]


def _set(statuses: StatusLists, place: StatusReference, value: StatusValue) -> None:
    with statuses.database.writing() as db:
        statuses.set_values(db, HOLDER, {place: value})


def _read(
    statuses: StatusLists, publisher: Publisher, uri: str, form: TokenForm, now: datetime
) -> StatusList:
    token = statuses.token(uri.rpartition("/")[2], form)
    return verify_status_token(token, expected_uri=uri, anchors=publisher.anchors, now=now)


@pytest.mark.parametrize("form", TokenForm)
def test_a_published_list_is_read_by_a_verifier(
    statuses: StatusLists,
    publisher: Publisher,
    place: StatusReference,
    form: TokenForm,
    now: datetime,
) -> None:
    assert statuses.publish_due(signer=publisher.signer, now=now) == 1

    read = _read(statuses, publisher, place.uri, form, now + 30 * SECOND)

    assert (read.issued_at, read.expires_at) == (now, now + timedelta(hours=24))
    assert (read.ttl, read.bits) == (timedelta(seconds=60), 2)
    # Places nobody has look like valid copies.
    assert [read.status(index) for index in range(64)] == [0] * 64
    with pytest.raises(UndeterminedError):
        read.status(64)


@pytest.mark.parametrize("value", StatusValue)
@pytest.mark.parametrize("form", TokenForm)
def test_a_change_is_published(
    statuses: StatusLists,
    publisher: Publisher,
    place: StatusReference,
    form: TokenForm,
    value: StatusValue,
    now: datetime,
) -> None:
    _set(statuses, place, value)
    statuses.publish_due(signer=publisher.signer, now=now)

    read = _read(statuses, publisher, place.uri, form, now)

    expected = [0] * 64
    expected[place.index] = value
    assert [read.status(index) for index in range(64)] == expected


def test_a_list_is_due_when_new_when_changed_and_half_way_to_its_end(
    statuses: StatusLists, publisher: Publisher, place: StatusReference, list_id: str, now: datetime
) -> None:
    assert statuses.due_lists(now=now) == [list_id]
    assert statuses.publish(list_id, signer=publisher.signer, now=now)
    assert statuses.due_lists(now=now) == []

    _set(statuses, place, StatusValue.MUST_NOT_DRIVE)
    assert statuses.due_lists(now=now) == [list_id]
    assert statuses.publish(list_id, signer=publisher.signer, now=now)
    assert statuses.due_lists(now=now) == []

    _set(statuses, place, StatusValue.VALID)
    assert statuses.due_lists(now=now) == [list_id]
    assert statuses.publish(list_id, signer=publisher.signer, now=now)

    assert statuses.due_lists(now=now + timedelta(hours=12) - SECOND) == []
    assert statuses.due_lists(now=now + timedelta(hours=12)) == [list_id]


def test_a_clock_set_back_makes_a_list_due(
    statuses: StatusLists, publisher: Publisher, place: StatusReference, list_id: str, now: datetime
) -> None:
    statuses.publish(list_id, signer=publisher.signer, now=now)

    assert statuses.due_lists(now=now - 60 * SECOND) == []
    assert statuses.due_lists(now=now - 61 * SECOND) == [list_id]
    statuses.publish(list_id, signer=publisher.signer, now=now - timedelta(days=20))
    past = now - timedelta(days=20)
    assert _read(statuses, publisher, place.uri, TokenForm.CWT, past).issued_at == past


def test_publishing_what_is_not_due_does_no_harm(
    statuses: StatusLists, publisher: Publisher, place: StatusReference, list_id: str, now: datetime
) -> None:
    _set(statuses, place, StatusValue.ENDED)
    for _ in range(3):
        assert statuses.publish(list_id, signer=publisher.signer, now=now)
    read = _read(statuses, publisher, place.uri, TokenForm.JWT, now)
    assert read.status(place.index) == StatusValue.ENDED
    assert statuses.publish_due(signer=publisher.signer, now=now) == 0


def test_an_unknown_list_is_not_found(
    statuses: StatusLists, publisher: Publisher, now: datetime
) -> None:
    with pytest.raises(JiazhaoError) as refused:
        statuses.publish("0" * 16, signer=publisher.signer, now=now)
    assert refused.value.code is ErrorCode.NOT_FOUND


@pytest.mark.parametrize("list_id", ["0" * 16, "..", "../keys/inventory", "", "A" * 16])
def test_a_token_that_is_not_there_is_not_found(statuses: StatusLists, list_id: str) -> None:
    statuses.folder.mkdir()
    (statuses.folder.parent / "keys").mkdir()
    (statuses.folder.parent / "keys/inventory.jwt").write_text("{}")
    with pytest.raises(JiazhaoError) as refused:
        statuses.token(list_id, TokenForm.JWT)
    assert refused.value.code is ErrorCode.NOT_FOUND


# -- two workers, and being cut off


class Interrupted(Exception):  # noqa: N818  (it stands for a power cut, not for an error)
    pass


def _stop_at(
    monkeypatch: pytest.MonkeyPatch, owner: object, name: str, *, after: bool
) -> Callable[[], None]:
    """Make `owner.name` stop the process once, before or after it did its work."""
    real = getattr(owner, name)

    def stopped(*arguments: object, **named: object) -> object:
        if after:
            real(*arguments, **named)
        raise Interrupted

    monkeypatch.setattr(owner, name, stopped)
    return lambda: monkeypatch.setattr(owner, name, real)


@pytest.mark.parametrize("before", [StatusValue.VALID, StatusValue.MUST_NOT_DRIVE])
@pytest.mark.parametrize("after", [StatusValue.VALID, StatusValue.MUST_NOT_DRIVE])
@pytest.mark.parametrize(
    ("owner", "name", "done"),
    [
        (StatusLists, "_sign", False),
        (publishing, "write_tokens", False),
        (publishing, "write_durably", False),
        (publishing, "write_durably", True),
        (publishing, "write_tokens", True),
        (store, "finish_publication", False),
        (store, "finish_publication", True),
    ],
)
def test_a_publication_cut_off_anywhere_is_made_up_for(
    statuses: StatusLists,
    publisher: Publisher,
    place: StatusReference,
    list_id: str,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    owner: object,
    name: str,
    done: bool,
    before: StatusValue,
    after: StatusValue,
) -> None:
    """Whatever was published before, and whatever the status is when we are back."""
    _set(statuses, place, before)
    statuses.publish(list_id, signer=publisher.signer, now=now)
    _set(statuses, place, StatusValue.ENDED)
    mend = _stop_at(monkeypatch, owner, name, after=done)
    with pytest.raises(Interrupted):
        statuses.publish(list_id, signer=publisher.signer, now=now)
    mend()
    _set(statuses, place, after)

    later = now + 11 * SECOND
    statuses.publish_due(signer=publisher.signer, now=later)

    for form in TokenForm:
        read = _read(statuses, publisher, place.uri, form, later)
        assert read.status(place.index) == after
    assert statuses.due_lists(now=later) == []


def test_a_publication_under_way_is_left_to_its_worker_for_a_while(
    statuses: StatusLists, place: StatusReference, list_id: str, now: datetime
) -> None:
    with statuses.database.writing() as db:
        store.begin_publication(db, list_id, above=0, now=now)
    _set(statuses, place, StatusValue.ENDED)

    assert statuses.due_lists(now=now + 9 * SECOND) == []
    assert statuses.due_lists(now=now + 10 * SECOND) == [list_id]


def test_an_older_generation_never_covers_a_newer_one(
    statuses: StatusLists,
    publisher: Publisher,
    place: StatusReference,
    list_id: str,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A worker has signed VALID and sleeps; another publishes ENDED; the first wakes up."""
    write = publishing.write_tokens

    def asleep(
        folder: Path,
        list_id: str,
        generation: int,
        tokens: Mapping[TokenForm, bytes],
        *,
        keep: Callable[[], None],
    ) -> bool:
        monkeypatch.setattr(publishing, "write_tokens", write)
        _set(statuses, place, StatusValue.ENDED)
        assert statuses.publish(list_id, signer=publisher.signer, now=now)
        return write(folder, list_id, generation, tokens, keep=keep)

    monkeypatch.setattr(publishing, "write_tokens", asleep)
    assert not statuses.publish(list_id, signer=publisher.signer, now=now)

    for form in TokenForm:
        read = _read(statuses, publisher, place.uri, form, now)
        assert read.status(place.index) == StatusValue.ENDED
    assert statuses.due_lists(now=now + 10 * SECOND) == []
    (kept,) = (statuses.folder / "history").glob(f"{list_id}/*/*.jwt")
    assert kept.read_bytes() == statuses.token(list_id, TokenForm.JWT)


def test_a_late_worker_marks_nothing_as_published(
    statuses: StatusLists, publisher: Publisher, place: StatusReference, list_id: str, now: datetime
) -> None:
    """It read ENDED, then stalled while VALID was published over what it had written."""
    _set(statuses, place, StatusValue.ENDED)
    with statuses.database.writing() as db:
        late = store.begin_publication(db, list_id, above=0, now=now)
    assert late is not None
    _set(statuses, place, StatusValue.VALID)
    statuses.publish(list_id, signer=publisher.signer, now=now)
    _set(statuses, place, StatusValue.ENDED)

    with statuses.database.writing() as db:
        assert not store.finish_publication(db, late)

    assert statuses.due_lists(now=now) == [list_id]
    statuses.publish_due(signer=publisher.signer, now=now)
    read = _read(statuses, publisher, place.uri, TokenForm.CWT, now)
    assert read.status(place.index) == StatusValue.ENDED


def test_many_workers_end_with_what_the_register_says(
    statuses: StatusLists, publisher: Publisher, place: StatusReference, list_id: str, now: datetime
) -> None:
    def work(number: int) -> None:
        _set(statuses, place, StatusValue(number % 3))
        statuses.publish(list_id, signer=publisher.signer, now=now)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(24)))
    _set(statuses, place, StatusValue.MUST_NOT_DRIVE)
    statuses.publish_due(signer=publisher.signer, now=now + 10 * SECOND)

    for form in TokenForm:
        read = _read(statuses, publisher, place.uri, form, now + 10 * SECOND)
        assert read.status(place.index) == StatusValue.MUST_NOT_DRIVE


def test_a_restored_database_publishes_above_what_the_folder_has_seen(
    statuses: StatusLists, publisher: Publisher, place: StatusReference, list_id: str, now: datetime
) -> None:
    statuses.folder.mkdir()
    (statuses.folder / f"{list_id}.generation").write_text("41\n")

    assert statuses.publish(list_id, signer=publisher.signer, now=now)

    assert publishing.newest_generation(statuses.folder, list_id) == 42
    assert statuses.due_lists(now=now) == []


def test_a_folder_that_cannot_be_written_leaves_the_list_due(
    statuses: StatusLists,
    publisher: Publisher,
    list_id: str,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(publishing, "write_durably", full)
    with pytest.raises(JiazhaoError) as refused:
        statuses.publish(list_id, signer=publisher.signer, now=now)
    assert refused.value.code is ErrorCode.SERVICE_UNAVAILABLE
    monkeypatch.undo()

    assert statuses.due_lists(now=now + 10 * SECOND) == [list_id]


def test_equal_lists_differ_in_nothing_but_their_signature_and_size_stays(
    statuses: StatusLists, publisher: Publisher, list_id: str, now: datetime
) -> None:
    """Every place is in the list, used or not, so its open size says nothing."""
    statuses.publish(list_id, signer=publisher.signer, now=now)
    small = statuses.token(list_id, TokenForm.CWT)
    for number in range(10):
        statuses.reserve(holder_id=HOLDER, copy_id=f"more-{number}", now=now)
    statuses.publish(list_id, signer=publisher.signer, now=now)

    assert len(statuses.token(list_id, TokenForm.CWT)) == len(small)
