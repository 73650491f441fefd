"""Issued copies rest sealed with the key of their holder."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from jiazhao.app import House
from jiazhao.errors import ErrorCode, SealError
from jiazhao.storage import schema
from tests.houses import Phone, SetClock
from tests.unit.drivers import driver, house_on

HOLDER = driver().holder_id


@pytest.fixture
def changeable(engine_url: str, tmp_path: Path, clock: SetClock) -> Iterator[House]:
    """A house without the guard against changes in place."""
    with house_on(engine_url, tmp_path / "state", clock) as house:
        yield house


def resting(house: House) -> tuple[bytes, bool | None]:
    with house.database.reading() as db:
        row = db.execute(sa.select(schema.copy.c.content, schema.copy.c.sealed)).one()
    return row.content, row.sealed


def test_a_copy_rests_sealed_and_is_handed_over_again_as_it_was(house: House, phone: Phone) -> None:
    token = phone.redeem(house.offers.claim(HOLDER, phone.now, replaces=False))
    received = phone.fetch(token)

    content, sealed = resting(house)
    assert sealed is True
    assert received.octets not in content
    assert received.octets[40:72] not in content
    assert phone.fetch(token).octets == received.octets, "asked again, the same copy"


def test_a_copy_of_an_erased_person_opens_no_more(house: House, phone: Phone) -> None:
    token = phone.redeem(house.offers.claim(HOLDER, phone.now, replaces=False))
    phone.fetch(token)
    with house.database.writing() as db:
        db.execute(sa.delete(schema.holder_key))

    with pytest.raises(SealError) as caught:
        phone.fetch(token)
    assert caught.value.code is ErrorCode.PERSON_ERASED


def test_what_an_earlier_version_stored_is_handed_over_and_then_sealed(
    changeable: House,
) -> None:
    phone = Phone(changeable, HOLDER)
    token = phone.redeem(changeable.offers.claim(HOLDER, phone.now, replaces=False))
    received = phone.fetch(token)
    with changeable.database.writing() as db:
        db.execute(sa.update(schema.copy).values(content=received.octets, sealed=None))
    assert phone.fetch(token).octets == received.octets

    assert changeable.seal_plain() == 1

    assert received.octets not in resting(changeable)[0]
    assert phone.fetch(token).octets == received.octets
    assert changeable.seal_plain() == 0
