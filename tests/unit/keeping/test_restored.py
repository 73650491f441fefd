"""What was restored knows what it does not know, until somebody says that it is caught up."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from jiazhao.app import House
from jiazhao.config import Config
from jiazhao.credentials.status_list import StatusReference, StatusValue
from jiazhao.credentials.status_token import verify_status_token
from jiazhao.errors import ErrorCode, JiazhaoError, SealError
from jiazhao.licence.status import LicenceStatus
from jiazhao.presentation.messages import CheckAnswer, CheckRequest
from jiazhao.registry.service import Amendment
from jiazhao.status.messages import TokenForm
from jiazhao.storage import restoration, schema
from tests.houses import Phone, SetClock, officer
from tests.unit.keeping.conftest import HOLDER, OTHER, drain, restored, taken

Open = Callable[[Config], House]


def published(house: House, reference: StatusReference) -> int:
    """What a verifier far away reads of a copy."""
    list_id = reference.uri.removeprefix(house.statuses.uri_of(""))
    token = verify_status_token(
        house.statuses.token(list_id, TokenForm.CWT),
        expected_uri=reference.uri,
        anchors=house.trust.anchors(),
        now=house.clock(),
    )
    return token.status(reference.index)


def generation(house: House) -> int:
    with house.database.reading() as db:
        asked = sa.select(schema.status_publication.c.generation).order_by(
            schema.status_publication.c.generation
        )
        return max(int(row.generation) for row in db.execute(asked))


def checked(house: House, phone: Phone) -> CheckAnswer:
    return house.checks.check(
        CheckRequest(str(uuid4()), phone.code()), officer=officer(), now=house.clock()
    )


def caught_up(house: House, *, end_copies: bool = False) -> bool:
    return house.database.write(
        lambda db: restoration.catch_up(
            db, by="operator:test", now=house.clock(), end_copies=end_copies
        )
    )


def detain(house: House) -> None:
    now = house.clock()
    detained = Amendment(now, add_statuses=frozenset({LicenceStatus.DETAINED}))
    house.database.write(lambda db: house.register.amend(db, HOLDER, detained, now))
    drain(house)


def place_of(phone: Phone) -> StatusReference:
    assert phone.copy is not None
    assert phone.copy.status is not None
    return phone.copy.status


def test_what_was_revoked_since_is_not_given_back_as_valid(
    house: House, phone: Phone, place: Config, tmp_path: Path, reopened: Open, clock: SetClock
) -> None:
    backup = taken(house, tmp_path / "backups")
    as_of = clock()
    clock.later(minutes=5)
    detain(house)
    assert published(house, place_of(phone)) == StatusValue.MUST_NOT_DRIVE
    clock.later(minutes=5)
    restored(house, backup, place)
    back = reopened(place)

    drain(back)

    answer = checked(back, phone)
    assert answer.verdict == "CANNOT_CONFIRM"
    assert answer.reason is not None
    assert answer.reason.code == "register_restored"
    assert answer.last_confirmed_at == as_of
    assert answer.licence is None
    with pytest.raises(JiazhaoError) as refused:
        published(back, place_of(phone))
    assert refused.value.code is ErrorCode.NOT_FOUND, "no older list is published"
    list_id = place_of(phone).uri.rpartition("/")[2]
    with pytest.raises(JiazhaoError) as refused:
        back.statuses.publish(list_id, signer=back.trust.status_signer, now=clock())
    assert refused.value.code is ErrorCode.REGISTER_RESTORED
    with pytest.raises(JiazhaoError) as refused:
        back.offers.claim(OTHER, clock(), replaces=True)
    assert refused.value.code is ErrorCode.REGISTER_RESTORED

    detain(back)  # what was lost is recorded again
    assert caught_up(back)
    drain(back)

    assert published(back, place_of(phone)) == StatusValue.MUST_NOT_DRIVE
    assert checked(back, phone).verdict == "NOT_VALID"
    assert not caught_up(back), "once"


def test_places_are_not_given_out_again_and_lists_count_on(
    house: House, phone: Phone, place: Config, tmp_path: Path, reopened: Open, clock: SetClock
) -> None:
    backup = taken(house, tmp_path / "backups")
    lost = Phone(house, OTHER)
    lost.claim()
    clock.later(minutes=1)
    drain(house)
    before = generation(house)
    restored(house, backup, place)
    back = reopened(place)
    caught_up(back)
    drain(back)

    assert before < 10
    assert generation(back) > before + 1000
    assert published(back, place_of(phone)) == StatusValue.VALID
    assert published(back, place_of(lost)) == StatusValue.ENDED, "nobody knows this copy"
    again = Phone(back, OTHER)
    again.claim()
    assert place_of(again).uri != place_of(phone).uri, "the list that was open takes no more"


def test_copies_may_all_be_ended(
    house: House, phone: Phone, place: Config, tmp_path: Path, reopened: Open
) -> None:
    restored(house, taken(house, tmp_path / "backups"), place)
    back = reopened(place)
    caught_up(back, end_copies=True)
    drain(back)

    assert published(back, place_of(phone)) == StatusValue.ENDED
    assert checked(back, phone).verdict == "NOT_VALID"
    phone.house = back
    phone.claim()
    assert checked(back, phone).verdict == "VALID"


def test_secrets_handed_out_before_count_no_more(
    house: House, place: Config, tmp_path: Path, reopened: Open
) -> None:
    offer = house.offers.claim(OTHER, house.clock(), replaces=False)
    now, permission = house.clock(), schema.enrolment
    with house.database.writing() as db:
        db.execute(
            sa.insert(schema.account).values(account_id="an", created_at=now, sessions_from=now)
        )
        db.execute(
            sa.insert(permission).values(
                account_id="an",
                enrolment_id="e-1",
                allowed_by="ann",
                allowed_at=now,
                expires_at=now + timedelta(days=1),
            )
        )
    restored(house, taken(house, tmp_path / "backups"), place)
    back = reopened(place)
    caught_up(back)
    with pytest.raises(JiazhaoError):
        back.tokens.redeem(offer.pre_authorized_code, offer.tx_code, back.clock())
    with back.database.reading() as db:
        assert db.execute(sa.select(permission.c.expires_at)).scalar_one() == now


def test_an_erased_person_does_not_come_back(
    house: House, phone: Phone, place: Config, tmp_path: Path, reopened: Open, clock: SetClock
) -> None:
    backup = taken(house, tmp_path / "backups")
    house.database.write(lambda db: house.register.erase(db, HOLDER, clock()))
    drain(house)
    assert published(house, place_of(phone)) == StatusValue.ENDED

    done = restored(house, backup, place, erased=(HOLDER,))
    back = reopened(place)
    caught_up(back)
    drain(back)

    assert done.erased == 1
    with pytest.raises(SealError) as refused, back.database.reading() as db:
        back.register.licence_of(db, HOLDER, at=clock())
    assert refused.value.code is ErrorCode.PERSON_ERASED
    assert published(back, place_of(phone)) == StatusValue.ENDED
    with back.database.reading() as db:
        assert back.register.licence_of(db, OTHER, at=clock()).holder_id == OTHER
        assert back.register.find_by_identity(db, "990101199001050011") is None
        keys = db.execute(sa.select(schema.holder_key.c.holder_id)).scalars().all()
    assert keys == [OTHER]
