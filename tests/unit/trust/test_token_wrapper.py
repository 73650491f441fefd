"""Data keys of holders wrapped by a token: a real module, and what happens when it goes away."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from jiazhao.errors import ConfigurationError, ErrorCode, JiazhaoError, SealError, StoreError
from jiazhao.registry.service import Register
from jiazhao.storage import schema
from jiazhao.storage.engine import Database
from jiazhao.storage.migrate import migrate
from jiazhao.storage.personal_data import KeptKeyWrapper, PersonalData
from jiazhao.trust.token_wrapper import NAME_FILE, TokenKeyWrapper
from tests.tokens import Tokens
from tests.unit.drivers import admit, driver

KEY = bytes(range(32))
HOLDER, OTHER = "h-1", "h-2"


@pytest.fixture
def wrapper(tokens: Tokens, tmp_path: Path) -> TokenKeyWrapper:
    return TokenKeyWrapper.open(tmp_path, tokens.token("issuer"))


def refusal(act: object) -> JiazhaoError:
    assert callable(act)
    with pytest.raises(JiazhaoError) as caught:
        act()
    return caught.value


def test_what_was_wrapped_comes_back_also_after_a_restart(
    wrapper: TokenKeyWrapper, tokens: Tokens, tmp_path: Path
) -> None:
    wrapped = wrapper.wrap(KEY, HOLDER)
    assert KEY not in wrapped
    assert wrapper.wrap(KEY, HOLDER) != wrapped
    assert wrapper.unwrap(wrapped, HOLDER) == KEY
    again = TokenKeyWrapper.open(tmp_path, tokens.token("issuer"))
    assert again.unwrap(wrapped, HOLDER) == KEY


def test_every_changed_octet_and_another_holder_is_refused(wrapper: TokenKeyWrapper) -> None:
    wrapped = wrapper.wrap(KEY, HOLDER)
    damaged = [
        wrapped[:at] + bytes([wrapped[at] ^ 1]) + wrapped[at + 1 :] for at in range(len(wrapped))
    ]
    damaged += [wrapped[:length] for length in range(len(wrapped))]
    for one in damaged:
        error = refusal(lambda one=one: wrapper.unwrap(one, HOLDER))
        assert isinstance(error, SealError)
    assert isinstance(refusal(lambda: wrapper.unwrap(wrapped, OTHER)), SealError)
    assert wrapper.unwrap(wrapped, HOLDER) == KEY


def test_another_key_of_the_token_opens_nothing(
    wrapper: TokenKeyWrapper, tokens: Tokens, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    other = TokenKeyWrapper.open(elsewhere, tokens.token("issuer"))
    wrapped = wrapper.wrap(KEY, HOLDER)
    assert isinstance(refusal(lambda: other.unwrap(wrapped, HOLDER)), SealError)


def test_many_threads_wrap_at_once(wrapper: TokenKeyWrapper) -> None:
    def there_and_back(number: int) -> bool:
        key = number.to_bytes(32)
        return wrapper.unwrap(wrapper.wrap(key, HOLDER), HOLDER) == key

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(there_and_back, range(300)))


def test_a_token_that_is_gone_says_nothing_of_the_value(
    wrapper: TokenKeyWrapper, tokens: Tokens, tmp_path: Path
) -> None:
    wrapped = wrapper.wrap(KEY, HOLDER)
    absent = TokenKeyWrapper.open(tmp_path, tokens.token("nobody's"))
    assert isinstance(refusal(lambda: absent.unwrap(wrapped, HOLDER)), StoreError)
    assert isinstance(refusal(lambda: absent.wrap(KEY, HOLDER)), StoreError)
    new = tmp_path / "new"
    new.mkdir()
    error = refusal(lambda: TokenKeyWrapper.open(new, tokens.token("nobody's")))
    assert isinstance(error, StoreError)
    assert list(new.iterdir()) == []


def test_a_key_that_was_destroyed_is_a_fault_of_the_token(
    wrapper: TokenKeyWrapper, tokens: Tokens, tmp_path: Path
) -> None:
    wrapped = wrapper.wrap(KEY, HOLDER)
    tokens.token("issuer").destroy(bytes.fromhex((tmp_path / NAME_FILE).read_text()))
    again = TokenKeyWrapper.open(tmp_path, tokens.token("issuer"))
    assert isinstance(refusal(lambda: again.unwrap(wrapped, HOLDER)), StoreError)


@pytest.mark.parametrize("content", [b"", b"zz", b"00", b"\xff\xfe"])
def test_a_file_that_names_no_key_stops_the_start(
    tokens: Tokens, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / NAME_FILE).write_bytes(content)
    with pytest.raises(ConfigurationError) as caught:
        TokenKeyWrapper.open(tmp_path, tokens.token("issuer"))
    assert caught.value.code is ErrorCode.BAD_CONFIGURATION


def test_a_register_moves_from_a_file_to_the_token(
    tokens: Tokens, tmp_path: Path, sqlite: str, now: datetime
) -> None:
    migrate(sqlite)
    database = Database(sqlite)
    former = KeptKeyWrapper(KEY)
    admit(Register(KEY, PersonalData(former)), database, now, driver(1), driver(2))
    wrapper = TokenKeyWrapper.open(tmp_path, tokens.token("issuer"), former)
    register = Register(KEY, PersonalData(wrapper))

    def read(by: Register) -> str:
        with database.reading() as db:
            return by.licence_of(db, driver(2).holder_id, at=now).person.identity_number

    assert read(register) == driver(2).persons[0][1].identity_number
    assert register.seal_plain(database) == 2
    assert register.seal_plain(database) == 0
    with database.reading() as db:
        wrapped = db.execute(sa.select(schema.holder_key.c.wrapped)).scalars().all()
    assert {one[:1] for one in wrapped} == {b"\x02"}
    alone = Register(KEY, PersonalData(TokenKeyWrapper.open(tmp_path, tokens.token("issuer"))))
    assert read(alone) == driver(2).persons[0][1].identity_number
    error = refusal(lambda: read(Register(KEY, PersonalData(former))))
    assert error.code is ErrorCode.SEALED_UNREADABLE
    database.close()
