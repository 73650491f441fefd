"""A ceremony leaves a transcript that can be trusted, and none that cannot."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiazhao.credentials import jose
from jiazhao.errors import (
    ConfigurationError,
    ErrorCode,
    JiazhaoError,
    UnreadableError,
    VerificationError,
)
from jiazhao.trust import Keeping, SoftwareSigner, TrustPlan
from jiazhao.trust.ceremony import MAX_FILE, TYPE, check, hold, read_ceremony
from jiazhao.trust.folder import KeyFolder
from jiazhao.trust.hierarchy import Role, make_root
from jiazhao.trust.lifecycle import Lifecycle, State
from tests.tokens import Tokens

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
PLAN = TrustPlan("https://licence.example", specimen=False)
FILE = """
title = "First keys"
place = "Room 7"
looked_at = ["The machine has no network.", "The seal of the token is whole."]

[[participants]]
name = "Operator Specimen"
role = "operator"

[[participants]]
name = "Witness Specimen"
role = "witness"

[[steps]]
act = "make"
roles = ["iaca-root", "document-signer", "status-signer"]
"""
ROTATE = FILE + '[[steps]]\nact = "rotate"\nroles = ["document-signer"]\nlead_hours = 0\n'


@pytest.fixture
def keys(tmp_path: Path) -> Lifecycle:
    keeping = Keeping(b"3pZ5rY0mQ8xkT2vNwLc7aB1d")
    return Lifecycle(KeyFolder(tmp_path / "keys", keeping), PLAN)


def test_a_ceremony_leaves_a_transcript_that_its_root_signed(keys: Lifecycle) -> None:
    token = hold(keys, FILE.encode(), NOW)

    checked = check(token, anchors=keys.anchors(), present=keys.show(NOW))

    told = checked.transcript
    assert checked.not_in_transcript == []
    assert [person.role for person in told.participants] == ["operator", "witness"]
    assert told.held_at == NOW
    assert told.looked_at[0] == "The machine has no network."
    assert told.before == []
    assert told.after == told.changed == keys.show(NOW)
    assert told.is_clean
    assert len(told.tried) == 9


def test_steps_are_taken_in_their_order(keys: Lifecycle) -> None:
    told = check(hold(keys, ROTATE.encode(), NOW), anchors=keys.anchors()).transcript
    states = [one.state for one in told.after if one.role is Role.DOCUMENT_SIGNER]
    assert states == [State.VERIFYING, State.SIGNING]


def test_a_ceremony_held_again_makes_nothing_twice(keys: Lifecycle) -> None:
    hold(keys, FILE.encode(), NOW)
    told = check(hold(keys, FILE.encode(), NOW), anchors=keys.anchors()).transcript
    assert told.changed == []
    assert told.before == told.after


def test_a_key_that_came_by_another_way_is_noticed(keys: Lifecycle) -> None:
    token = hold(keys, FILE.encode(), NOW)
    keys.rotate(Role.STATUS_SIGNER, NOW)

    checked = check(token, anchors=keys.anchors(), present=keys.show(NOW))

    assert checked.not_in_transcript == [keys.show(NOW)[-1].fingerprint]


def test_keys_on_a_token_can_be_made_in_a_ceremony(tmp_path: Path, tokens: Tokens) -> None:
    keeping = Keeping(token=tokens.token("issuer"))
    keys = Lifecycle(KeyFolder(tmp_path / "keys", keeping), PLAN)
    told = check(hold(keys, FILE.encode(), NOW), anchors=keys.anchors()).transcript
    assert told.is_clean
    assert {one.kept.value for one in told.after} == {"token"}


def test_plain_keys_are_told(tmp_path: Path) -> None:
    keys = Lifecycle(KeyFolder(tmp_path / "keys", Keeping(plain=True)), PLAN)
    told = check(hold(keys, FILE.encode(), NOW), anchors=keys.anchors()).transcript
    assert not told.is_clean
    assert {one.what for one in told.tried if not one.passed} == {"not-in-a-plain-file"}


def test_a_changed_transcript_is_refused_at_every_place(keys: Lifecycle) -> None:
    token = hold(keys, FILE.encode(), NOW)
    anchors = keys.anchors()
    for place in range(0, len(token), 97):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises(JiazhaoError):
            check(changed, anchors=anchors)


def test_a_transcript_of_a_stranger_or_of_another_kind_is_refused(keys: Lifecycle) -> None:
    token = hold(keys, FILE.encode(), NOW)
    stranger = make_root(PLAN, now=NOW)
    signer = SoftwareSigner(stranger.key, [stranger.certificate])
    forged = jose.sign({"ceremony": {}}, signer, typ=TYPE, with_chain=True)
    with pytest.raises(VerificationError) as refused:
        check(token, anchors=signer.certificates)
    assert refused.value.code is ErrorCode.UNKNOWN_ISSUER
    with pytest.raises(VerificationError):
        check(forged, anchors=keys.anchors())
    with pytest.raises(VerificationError, match="not a transcript"):
        check(forged, anchors=signer.certificates)
    other = jose.sign({"ceremony": {}}, signer, typ="statuslist+jwt", with_chain=True)
    with pytest.raises(VerificationError):
        check(other, anchors=signer.certificates)


def test_without_the_roots_key_there_is_no_ceremony(keys: Lifecycle) -> None:
    hold(keys, FILE.encode(), NOW)
    (root,) = keys.folder.path.glob("iaca-root-*.key.pem")
    root.unlink()
    with pytest.raises(ConfigurationError) as refused:
        hold(keys, FILE.encode(), NOW + timedelta(days=1))
    assert refused.value.code is ErrorCode.ROOT_KEY_ELSEWHERE


@pytest.mark.parametrize(
    "change",
    [
        ("title", "subject"),
        ('title = "First keys"', ""),
        ('"make"', '"destroy"'),
        ('"iaca-root"', '"notary"'),
        ('roles = ["iaca', 'fingerprint = "00"\nroles = ["iaca'),
        ('act = "make"', 'act = "retire"'),
        ("[[steps]]", "[steps]"),
        ('[[participants]]\nname = "Witness Specimen"\nrole = "witness"\n', ""),
        ("Room 7", "R" * MAX_FILE),
    ],
)
def test_a_file_that_says_something_else_is_refused(
    keys: Lifecycle, change: tuple[str, str]
) -> None:
    with pytest.raises(UnreadableError):
        hold(keys, FILE.replace(*change).encode(), NOW)
    assert not keys.folder.exists()


@given(st.binary() | st.text().map(str.encode))
def test_only_our_error_escapes(octets: bytes) -> None:
    with pytest.raises(UnreadableError):
        read_ceremony(octets)
