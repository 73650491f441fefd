"""The operator and the issuer's keys, while the issuer runs."""

from pathlib import Path
from typing import Any

import pytest

from jiazhao import demo
from jiazhao.app import House
from jiazhao.credentials import mdoc
from jiazhao.credentials.status_list import StatusValue
from jiazhao.errors import ErrorCode, UndeterminedError
from jiazhao.presentation.files import status_from
from jiazhao.presentation.verify import StatusFinding
from jiazhao.smoke.wallet import Received
from jiazhao.specimen.stories import holder_id_of
from jiazhao.status.messages import TokenForm
from tests.clocks import SetClock
from tests.houses import Phone
from tests.journeys.conftest import Command, Done


@pytest.fixture
def settings(house: House, clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The configuration of the system that runs within the test; the command has its clock."""
    monkeypatch.setattr(demo, "clock_of", lambda _config: clock)
    return house.config.state_dir / demo.CONFIG_NAME


@pytest.fixture
def phone(house: House) -> Phone:
    return Phone(house, holder_id_of(1))


def _keys(done: Done) -> list[dict[str, Any]]:
    assert done.code == 0, done.err
    found: list[dict[str, Any]] = done.json["keys"]
    return found


def _signing(jiazhao: Command, settings: Path, role: str) -> str:
    shown = _keys(jiazhao("keys", "show", "--json", config=settings))
    (found,) = (one for one in shown if one["role"] == role and one["state"] == "signing")
    return str(found["fingerprint"])


def _judged(jiazhao: Command, settings: Path, copy: Received, folder: Path) -> dict[str, Any]:
    file = folder / "copy.cbor"
    file.write_bytes(copy.octets)
    verdict: dict[str, Any] = jiazhao("verify", file, "--json", config=settings).json
    return verdict


def _signed_with(copy: Received) -> tuple[bytes, ...]:
    return mdoc.parse_issuer_signed(copy.octets).issuer_auth.certificates()


def _steps(verdict: dict[str, Any]) -> dict[str, str]:
    return {step["name"]: step["status"] for step in verdict["steps"]}


def test_a_signer_is_rotated_while_the_issuer_runs(
    jiazhao: Command, house: House, settings: Path, phone: Phone, clock: SetClock, tmp_path: Path
) -> None:
    before = phone.claim(replaces=False)
    former = _signing(jiazhao, settings, "document-signer")

    (made,) = _keys(jiazhao("keys", "rotate", "document-signer", "--json", config=settings))
    assert made["state"] == "waiting"
    assert _signed_with(phone.claim()) == _signed_with(before)
    clock.later(hours=24)
    after = phone.claim()

    assert _signed_with(after) != _signed_with(before)
    for copy in (before, after):
        steps = _steps(_judged(jiazhao, settings, copy, tmp_path))
        assert (steps["trust_chain"], steps["issuer_signature"]) == ("passed", "passed")
    (retired,) = _keys(jiazhao("keys", "retire", former[:12], "--json", config=settings))
    assert (retired["state"], retired["kept"]) == ("retired", "destroyed")
    assert _steps(_judged(jiazhao, settings, before, tmp_path))["issuer_signature"] == "passed"


def test_what_a_compromised_signer_signed_is_not_valid(
    jiazhao: Command, house: House, settings: Path, phone: Phone, tmp_path: Path
) -> None:
    before = phone.claim(replaces=False)
    lost = _signing(jiazhao, settings, "document-signer")

    done = jiazhao("keys", "compromised", lost, "--json", config=settings)
    after = phone.claim()

    assert [one["state"] for one in _keys(done)] == ["compromised", "signing"]
    verdict = _judged(jiazhao, settings, before, tmp_path)
    assert (verdict["verdict"], verdict["reason"]["code"]) == ("NOT_VALID", "signer_compromised")
    steps = _steps(_judged(jiazhao, settings, after, tmp_path))
    assert (steps["trust_chain"], steps["issuer_signature"]) == ("passed", "passed")


def _status(house: House, copy: Received) -> StatusFinding:
    """Ask the list that is published, as a verifier does."""
    assert copy.status is not None
    list_id = copy.status.uri.removeprefix(house.statuses.uri_of(""))
    token = house.statuses.token(list_id, TokenForm.CWT)
    trust = house.trust
    ask = status_from(
        lambda _uri: token,
        anchors=trust.anchors(),
        now=house.clock(),
        compromised=trust.compromised,
    )
    return ask(copy.status)


def test_a_list_of_a_compromised_status_signer_says_nothing(
    jiazhao: Command, house: House, settings: Path, phone: Phone
) -> None:
    copy = phone.claim(replaces=False)
    house.worker.drain()
    assert _status(house, copy).value == StatusValue.VALID

    lost = _signing(jiazhao, settings, "status-signer")
    jiazhao("keys", "compromised", lost, config=settings)

    with pytest.raises(UndeterminedError) as refused:
        _status(house, copy)
    assert refused.value.code is ErrorCode.STATUS_NOT_TRUSTED


def test_the_plan_and_the_inventory_are_told_in_words(jiazhao: Command, settings: Path) -> None:
    plan = jiazhao("keys", "plan", config=settings)
    shown = jiazhao("keys", "show", config=settings)
    nothing = jiazhao("keys", "make", config=settings)
    made = jiazhao("keys", "make", "request-signer", config=settings)

    assert [line.split()[:2] for line in plan.out.splitlines()] == [
        ["iaca-root", "nothing"],
        ["document-signer", "nothing"],
        ["status-signer", "nothing"],
        ["iaca-root", "renew-list"],
    ]
    assert [line.split()[:3] for line in shown.out.splitlines()] == [
        [role, "signing", "plain-file"]
        for role in ("iaca-root", "document-signer", "status-signer")
    ]
    assert "nothing to do" in nothing.out
    assert [line.split()[0] for line in made.out.splitlines()] == ["reader-root", "request-signer"]
    due = jiazhao("keys", "plan", "--json", config=settings).json["due"]
    assert [one["act"] for one in due] == ["nothing"] * 5 + ["renew-list"] * 2


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("retire", "00000000"), "No single key has that fingerprint"),
        (("compromised", "abc"), "eight digits or more"),
        (("rotate", "request-signer"), "Make one first: keys make"),
    ],
)
def test_what_cannot_be_done_is_said(
    jiazhao: Command, settings: Path, words: tuple[str, ...], sentence: str
) -> None:
    done = jiazhao("keys", *words, config=settings)
    assert done.code == 1
    assert sentence in done.sentence


def test_who_signs_cannot_be_retired(jiazhao: Command, settings: Path) -> None:
    done = jiazhao("keys", "retire", _signing(jiazhao, settings, "status-signer"), config=settings)
    assert done.code == 1
    assert "the status-signer that signs now" in done.sentence


def test_no_role_is_wrong_usage(jiazhao: Command, settings: Path) -> None:
    assert jiazhao("keys", "rotate", "notary", config=settings).code == 2
    assert jiazhao("keys", "rotate", "iaca-root", "--lead-hours", -1, config=settings).code == 2


CEREMONY = """
title = "Rotation"
place = "Room 7"
looked_at = ["The machine has no network."]
participants = [{name = "甲样本", role = "operator"}, {name = "乙样本", role = "witness"}]
steps = [{act = "rotate", roles = ["document-signer"], lead_hours = 24}]
"""


def test_a_ceremony_is_held_and_its_transcript_checked(
    jiazhao: Command, settings: Path, tmp_path: Path
) -> None:
    file, transcript = tmp_path / "ceremony.toml", tmp_path / "ceremony.toml.transcript"
    file.write_text(CEREMONY, "utf-8")

    held = jiazhao("keys", "ceremony", file, "--json", config=settings)
    checked = jiazhao("keys", "ceremony", transcript, "--verify", "--json", config=settings)

    assert held.json == checked.json
    assert [one["state"] for one in held.json["transcript"]["changed"]] == ["waiting"]
    # The demonstration keeps its keys in plain files, and a ceremony does not pass over it.
    assert (held.code, checked.code) == (1, 1)
    again = jiazhao("keys", "ceremony", file, config=settings)
    assert again.code == 1
    assert "exists" in again.sentence
    words = jiazhao("keys", "ceremony", transcript, "--verify", config=settings)
    assert "乙样本" in words.out


def test_a_key_that_no_ceremony_saw_is_told(
    jiazhao: Command, settings: Path, tmp_path: Path
) -> None:
    file = tmp_path / "ceremony.toml"
    file.write_text(CEREMONY, "utf-8")
    jiazhao("keys", "ceremony", file, "--transcript", tmp_path / "said", config=settings)
    jiazhao("keys", "make", "request-signer", config=settings)

    checked = jiazhao("keys", "ceremony", tmp_path / "said", "--verify", "--json", config=settings)

    assert checked.code == 1
    assert len(checked.json["not_in_transcript"]) == 2
