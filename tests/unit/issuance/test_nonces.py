"""Nonces of key proofs: ours, fresh, and nothing is stored when one is given out."""

from datetime import datetime, timedelta

import pytest

from jiazhao.issuance.nonces import Nonces

NONCES = Nonces(bytes(range(32)), 300)


def test_a_nonce_lives_for_its_time_and_no_longer(now: datetime) -> None:
    nonce = NONCES.make(bytes(16), now)
    assert NONCES.is_live(nonce, now)
    assert NONCES.is_live(nonce, now + timedelta(seconds=299))
    assert not NONCES.is_live(nonce, now + timedelta(seconds=300))


def test_a_nonce_of_another_time_or_chance_is_another(now: datetime) -> None:
    made = {
        NONCES.make(bytes(16), now),
        NONCES.make(bytes(15) + b"\1", now),
        NONCES.make(bytes(16), now + timedelta(seconds=1)),
    }
    assert len(made) == 3


def test_a_nonce_of_another_issuer_is_not_ours(now: datetime) -> None:
    assert not NONCES.is_live(Nonces(bytes(32), 300).make(bytes(16), now), now)


def test_changing_any_character_ends_it(now: datetime) -> None:
    nonce = NONCES.make(bytes(16), now)
    for place, character in enumerate(nonce):
        other = "A" if character != "A" else "B"
        assert not NONCES.is_live(nonce[:place] + other + nonce[place + 1 :], now)


@pytest.mark.parametrize("respelled", ["{}=", "{}==", " {}", "{}\n", "{}!", "!{}"])
def test_a_nonce_has_one_spelling_so_that_it_is_used_once(respelled: str, now: datetime) -> None:
    assert not NONCES.is_live(respelled.format(NONCES.make(bytes(16), now)), now)


def test_a_nonce_from_a_clock_that_ran_ahead_is_not_live_yet(now: datetime) -> None:
    assert not NONCES.is_live(NONCES.make(bytes(16), now + timedelta(minutes=2)), now)


@pytest.mark.parametrize(
    "text", ["", "A", "AAAA", "=", "====", "not base64url!", "你好", "\0", "A" * 4096, "A+/A"]
)
def test_whatever_else_comes_is_no_nonce(text: str, now: datetime) -> None:
    assert not NONCES.is_live(text, now)
