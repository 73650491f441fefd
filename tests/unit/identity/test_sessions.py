"""Sessions end: when idle, after a day's work, by oneself, and for a whole account."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from jiazhao.identity.service import Identity
from jiazhao.storage import schema
from tests.unit.identity.parties import Browser, Provider, make_identity, sign_in

IDLE = timedelta(seconds=1800)
WHOLE = timedelta(seconds=12 * 3600)
SECOND = timedelta(seconds=1)


def is_alive(identity: Identity, token: str, now: datetime, app: str = "wallet") -> bool:
    return identity.actor_of(app, token, now) is not None


def test_a_session_lapses_when_idle(identity: Identity, provider: Provider, now: datetime) -> None:
    token = sign_in(identity, provider, now)
    assert not is_alive(identity, token, now + IDLE)
    assert is_alive(identity, token, now + IDLE - SECOND)


def test_use_keeps_it_alive(identity: Identity, provider: Provider, now: datetime) -> None:
    token = sign_in(identity, provider, now)
    used = now + IDLE - SECOND
    assert is_alive(identity, token, used)
    assert is_alive(identity, token, used + IDLE - SECOND)
    assert not is_alive(identity, token, used + 2 * IDLE)


def test_it_lapses_after_a_working_day_however_busy(
    identity: Identity, provider: Provider, now: datetime
) -> None:
    token = sign_in(identity, provider, now)
    at = now
    while at < now + WHOLE - IDLE:
        at += IDLE - SECOND
        assert is_alive(identity, token, at)
    assert is_alive(identity, token, now + WHOLE - SECOND)
    assert not is_alive(identity, token, now + WHOLE)


def test_reading_writes_at_most_once_a_minute(
    identity: Identity, provider: Provider, now: datetime
) -> None:
    token = sign_in(identity, provider, now)

    def last_seen() -> datetime:
        with identity.database.reading() as db:
            seen: datetime = db.execute(sa.select(schema.session.c.last_seen_at)).scalar_one()
            return seen

    is_alive(identity, token, now + timedelta(seconds=59))
    assert last_seen() == now
    is_alive(identity, token, now + timedelta(seconds=60))
    assert last_seen() == now + timedelta(seconds=60)
    is_alive(identity, token, now)  # a request that was slow does not set the time back
    assert last_seen() == now + timedelta(seconds=60)


def test_a_session_is_good_at_its_own_origin_only(
    identity: Identity, provider: Provider, now: datetime
) -> None:
    token = sign_in(identity, provider, now)
    assert not is_alive(identity, token, now, "terminal")
    assert not is_alive(identity, token, now, "console")


def test_signing_out_ends_it_on_the_server(
    identity: Identity, provider: Provider, now: datetime
) -> None:
    token, other = sign_in(identity, provider, now), sign_in(identity, provider, now)
    identity.sign_out(token)
    identity.sign_out(token)
    assert not is_alive(identity, token, now)
    assert is_alive(identity, other, now)


def test_signing_in_gives_a_new_token_and_ends_the_former(browser: Browser, now: datetime) -> None:
    former = sign_in(browser.identity, browser.provider, now)
    browser.begin(now)
    browser.honest(now)
    token = browser.finish(now, former_token=former).token

    assert token != former
    assert is_alive(browser.identity, token, now)
    assert not is_alive(browser.identity, former, now)


def test_all_sessions_of_an_account_end_at_once(
    identity: Identity, provider: Provider, now: datetime
) -> None:
    apps = ("wallet", "terminal", "console")
    tokens = {app: sign_in(identity, provider, now, app=app) for app in apps}
    somebody = sign_in(identity, provider, now, sub="person-2")

    identity.end_sessions(identity.account_id("person-1"), now)

    assert not any(is_alive(identity, token, now, app) for app, token in tokens.items())
    assert is_alive(identity, somebody, now)
    later = now + SECOND
    assert is_alive(identity, sign_in(identity, provider, later), later)


def test_the_store_holds_no_token(identity: Identity, provider: Provider, now: datetime) -> None:
    token = sign_in(identity, provider, now)
    with identity.database.reading() as db:
        rows = [
            str(row)
            for table in schema.metadata.sorted_tables
            for row in db.execute(sa.select(table))
        ]
    assert rows
    assert not [row for row in rows if token in row]


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "' OR 1=1 --"])
def test_a_made_up_token_is_nobody(identity: Identity, now: datetime, token: str) -> None:
    assert identity.actor_of("wallet", token, now) is None


def test_what_has_lapsed_is_swept(identity: Identity, provider: Provider, now: datetime) -> None:
    sign_in(identity, provider, now)
    assert identity.sweep(now) == 0
    assert identity.sweep(now + IDLE) == 2  # the session, and the state that came back
    assert identity.sweep(now + IDLE) == 0


def test_a_used_state_is_kept_while_it_could_come_back(browser: Browser, now: datetime) -> None:
    browser.begin(now)
    browser.honest(now)
    browser.finish(now)
    browser.identity.sweep(now + timedelta(minutes=10))
    assert browser.identity.sweep(now + timedelta(minutes=11)) == 1


def test_the_same_on_the_other_engine(
    engine_url: str, tmp_path: object, provider: Provider, now: datetime
) -> None:
    from pathlib import Path

    identity = make_identity(engine_url, Path(str(tmp_path)), provider)
    token = sign_in(identity, provider, now)
    assert is_alive(identity, token, now + timedelta(minutes=2))
    identity.end_sessions(identity.account_id("person-1"), now)
    assert not is_alive(identity, token, now)
    assert identity.sweep(now + WHOLE) == 2
    identity.database.close()
