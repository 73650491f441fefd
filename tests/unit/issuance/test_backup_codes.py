"""A printed backup code: one live for each licence, taken by the face alone."""

import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jiazhao import app
from jiazhao.consent.messages import AccessView
from jiazhao.credentials.code_sealing import CODE_OCTETS, Kind, read_sealed
from jiazhao.credentials.licence_code import parse_content
from jiazhao.credentials.signing import write_base64url
from jiazhao.errors import ErrorCode, JiazhaoError
from jiazhao.issuance import code_parts
from jiazhao.licence.identifiers import HolderId
from jiazhao.licence.legal_day import legal_day
from jiazhao.licence.status import LicenceStatus
from jiazhao.presentation.messages import CheckAnswer, CheckRequest
from jiazhao.presentation.verify_code import Face
from jiazhao.registry.service import Amendment
from tests.clocks import SetClock
from tests.houses import Phone, officer, reopen

WANG = HolderId("sp-000001")


@pytest.fixture
def house(drawn_up: Path, tmp_path: Path, clock: SetClock) -> Iterator[app.House]:
    """All services with the cast of twelve, whose portraits are on file."""
    house = reopen(shutil.copytree(drawn_up, tmp_path / "state"), clock)
    yield house
    house.close()


@pytest.fixture
def phone(house: app.House) -> Phone:
    """The driver's phone, with the licence on it."""
    phone = Phone(house, WANG)
    phone.claim()
    return phone


def printed(house: app.House) -> str:
    return write_base64url(house.backup_codes.make(WANG, house.clock()).octets)


def check(house: app.House, code: str, face: Face | None = Face.SAME) -> CheckAnswer:
    data = CheckRequest(str(uuid.uuid4()), code, face=face)
    return house.checks.check(data, officer=officer(), now=house.clock())


def found(answer: CheckAnswer) -> tuple[str, str | None]:
    return answer.verdict, answer.reason.code if answer.reason else None


def accesses(house: app.House) -> list[AccessView]:
    return house.consent.accesses_of(WANG, house.tables.on(legal_day(house.clock()))).accesses


def refused(act: Callable[[], object]) -> ErrorCode:
    with pytest.raises(JiazhaoError) as caught:
        act()
    return caught.value.code


def amend(house: app.House, **changes: Any) -> None:
    amendment = Amendment(held_from=house.clock(), **changes)
    house.database.write(lambda db: house.register.amend(db, WANG, amendment, house.clock()))


def test_it_is_sealed_for_the_key_of_the_year_and_names_no_device(
    house: app.House, phone: Phone
) -> None:
    made = house.backup_codes.make(WANG, house.clock())
    sealed = read_sealed(made.octets)
    assert (len(made.octets), sealed.kind, sealed.period) == (CODE_OCTETS, Kind.BACKUP, 2026)
    key = house.enforcement_keys.opener(sealed.kind, sealed.period, house.clock())
    assert key is not None
    code = parse_content(sealed.open(key), Kind.BACKUP)
    assert (code.holder, code.issuer.data.device_key) == (None, None)
    assert code.issuer.data.ends_at == made.expires_at
    assert phone.part is not None
    assert code.issuer.data.handle != phone.part.data.handle


def test_the_officer_compares_the_face_before_it_is_valid(house: app.House, phone: Phone) -> None:
    code = printed(house)
    first = check(house, code, face=None)
    assert found(first) == ("CANNOT_CONFIRM", "compare_face")
    assert first.portrait, "there is nothing to compare with"
    assert first.licence is not None

    second = check(house, code)
    assert found(second) == ("VALID", None)
    assert sorted(one.verdict for one in accesses(house)) == ["CANNOT_CONFIRM", "VALID"]


def test_another_face_confirms_nothing_and_shows_nothing(house: app.House, phone: Phone) -> None:
    answer = check(house, printed(house), face=Face.DIFFERS)
    assert found(answer) == ("CANNOT_CONFIRM", "face_differs")
    assert (answer.licence, answer.portrait) == (None, None)


def test_paper_is_shown_as_often_as_needed(house: app.House, phone: Phone) -> None:
    code = printed(house)
    for _ in range(3):
        assert found(check(house, code)) == ("VALID", None)


def test_a_new_one_voids_the_one_before(house: app.House, phone: Phone) -> None:
    former, newer = printed(house), printed(house)
    assert found(check(house, former)) == ("NOT_VALID", "backup_code_ended")
    assert found(check(house, newer)) == ("VALID", None)


def test_one_that_was_voided_is_refused_at_once(house: app.House, phone: Phone) -> None:
    code = printed(house)
    for _ in range(2):
        house.backup_codes.void(WANG, house.clock())
    assert found(check(house, code)) == ("NOT_VALID", "backup_code_ended")
    assert found(check(house, phone.code())) == ("VALID", None)


def test_it_ends_after_a_year(house: app.House, phone: Phone, clock: SetClock) -> None:
    code = printed(house)
    clock.later(days=364, hours=23)
    assert found(check(house, code)) == ("VALID", None)
    clock.later(hours=1)
    assert found(check(house, code)) == ("NOT_VALID", "backup_code_ended")


def test_it_outlives_the_phone_and_not_the_electronic_licence(
    house: app.House, phone: Phone
) -> None:
    code = printed(house)
    newer = Phone(house, WANG)
    newer.claim()
    assert found(check(house, code)) == ("VALID", None)
    house.database.write(lambda db: house.register.end_instance(db, WANG, house.clock()))
    assert found(check(house, code)) == ("NOT_VALID", "backup_code_ended")


def test_what_the_register_says_counts(house: app.House, phone: Phone) -> None:
    code = printed(house)
    amend(house, add_statuses=frozenset({LicenceStatus.DETAINED}))
    assert found(check(house, code)) == ("NOT_VALID", "status_detained")


def test_there_is_none_without_an_electronic_licence(house: app.House) -> None:
    assert refused(lambda: printed(house)) is ErrorCode.NO_LIVE_DEVICE


def test_there_is_none_where_the_law_allows_none(house: app.House, phone: Phone) -> None:
    amend(house, add_statuses=frozenset({LicenceStatus.REVOKED}))
    assert refused(lambda: printed(house)) is ErrorCode.CLAIM_REFUSED


def test_what_changes_while_the_portrait_is_encoded_is_signed(
    house: app.House, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = iter(range(1, 10))

    def meanwhile(*_: object) -> None:
        amend(house, points=next(points))

    monkeypatch.setattr(code_parts, "code_portrait", meanwhile)
    assert refused(lambda: printed(house)) is ErrorCode.SERVICE_UNAVAILABLE
