"""What is sealed opens for its holder, in its place, with the keys it was sealed with."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiazhao.errors import ErrorCode, SealError
from jiazhao.storage.personal_data import KEY_FILE, KeptKeyWrapper, PersonalData

HOLDER, OTHER = "h-1", "h-2"
VALUE = "欧阳燕平·𬱖".encode()


def sealing(key: int = 1) -> PersonalData:
    return PersonalData(KeptKeyWrapper(bytes([key]) * 32))


def refused(act: object) -> None:
    assert callable(act)
    with pytest.raises(SealError) as caught:
        act()
    assert caught.value.code is ErrorCode.SEALED_UNREADABLE


@given(st.binary(max_size=300))
def test_what_was_sealed_comes_back(octets: bytes) -> None:
    personal = sealing()
    key = personal.new_key(HOLDER)
    sealed = personal.seal(octets, key=key, holder=HOLDER, place="person")

    assert personal.open(sealed, key=key, holder=HOLDER, place="person") == octets
    assert sealing().open(sealed, key=key, holder=HOLDER, place="person") == octets


def test_nothing_of_it_shows_and_no_two_are_alike() -> None:
    personal = sealing()
    key = personal.new_key(HOLDER)
    first, second = (personal.seal(VALUE, key=key, holder=HOLDER, place="person") for _ in range(2))

    assert VALUE[:6] not in first
    assert first != second
    assert personal.new_key(HOLDER) != key


def test_it_opens_nowhere_else() -> None:
    personal = sealing()
    key, others = personal.new_key(HOLDER), personal.new_key(OTHER)
    sealed = personal.seal(VALUE, key=key, holder=HOLDER, place="person")

    refused(lambda: personal.open(sealed, key=key, holder=HOLDER, place="photo"))
    refused(lambda: personal.open(sealed, key=others, holder=OTHER, place="person"))
    refused(lambda: personal.open(sealed, key=key, holder=OTHER, place="person"))
    refused(lambda: sealing(2).open(sealed, key=key, holder=HOLDER, place="person"))


def test_every_changed_octet_is_noticed() -> None:
    personal = sealing()
    key = personal.new_key(HOLDER)
    sealed = personal.seal(VALUE, key=key, holder=HOLDER, place="person")

    for at in range(len(sealed)):
        damaged = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        refused(
            lambda damaged=damaged: personal.open(damaged, key=key, holder=HOLDER, place="person")
        )
    for length in range(len(sealed)):
        refused(
            lambda length=length: personal.open(
                sealed[:length], key=key, holder=HOLDER, place="person"
            )
        )
    for at in range(len(key)):
        damaged = key[:at] + bytes([key[at] ^ 1]) + key[at + 1 :]
        refused(
            lambda damaged=damaged: personal.open(
                sealed, key=damaged, holder=HOLDER, place="person"
            )
        )


def test_more_keys_than_are_kept_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jiazhao.storage.personal_data._OPEN_KEYS", 3)
    personal = sealing()
    keys = {f"h-{number}": personal.new_key(f"h-{number}") for number in range(10)}
    sealed = {
        holder: personal.seal(VALUE, key=key, holder=holder, place="person")
        for holder, key in keys.items()
    }

    for holder, key in keys.items():
        assert personal.open(sealed[holder], key=key, holder=holder, place="person") == VALUE
    assert len(personal._known) == 3


def test_the_key_is_kept_in_a_file_of_its_own(tmp_path: Path) -> None:
    personal = PersonalData(KeptKeyWrapper.open(tmp_path))
    key = personal.new_key(HOLDER)
    sealed = personal.seal(VALUE, key=key, holder=HOLDER, place="person")

    again = PersonalData(KeptKeyWrapper.open(tmp_path))
    assert again.open(sealed, key=key, holder=HOLDER, place="person") == VALUE
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]
    assert "b'" not in repr(personal)
