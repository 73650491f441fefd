"""`jiazhao verify`: a presentation in a file is judged step by step, with or without the system."""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cbor2
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from jiazhao.issuance.formats import SD_JWT_CONFIGURATION
from jiazhao.smoke.people import Registrar, answered
from jiazhao.smoke.wallet import Wallet
from jiazhao.trust.hierarchy import TrustPlan, make_root
from tests.clocks import MORNING
from tests.interop import holder
from tests.journeys.conftest import Command, Done
from tests.journeys.visitors import (
    TOKEN_TYPES,
    Guests,
    claim,
    eventually,
    published_status,
    server_time,
)
from tests.live_server import LiveServer

LIU = "sp-000003"
SESSION = holder.Session(
    client_id="x509_san_dns:rental.example",
    nonce="n-0S6_WzA2Mj3bqU1xQy7KkVtR4cPd9eLh",
    response_uri="https://rental.example/response",
)
VALID, NOT_VALID, NOT_GENUINE, CANNOT_CONFIRM = 0, 10, 11, 12
"""How the command ends with each verdict."""


@dataclass(frozen=True, slots=True)
class Files:
    """What a verifier was handed."""

    folder: Path
    wallet: Wallet
    issued: Path
    response: Path
    transcript: Path

    def changed(self, old: bytes, new: bytes) -> Path:
        """The same response, but for some octets."""
        octets = self.response.read_bytes()
        assert octets.count(old) == 1
        return self.other(octets.replace(old, new))

    def other(self, octets: bytes) -> Path:
        """A file with those octets."""
        path = self.folder / "other"
        path.write_bytes(octets)
        return path


@pytest.fixture
def files(guests: Guests, tmp_path: Path) -> Files:
    """A fresh copy, presented once."""
    wallet = guests.driver(LIU)
    issued = claim(wallet).octets
    transcript = SESSION.transcript()
    response = holder.device_response(issued, wallet.key._key, transcript)
    files = Files(
        tmp_path, wallet, tmp_path / "issued", tmp_path / "response", tmp_path / "transcript"
    )
    files.issued.write_bytes(issued)
    files.response.write_bytes(response)
    files.transcript.write_bytes(transcript)
    return files


Judge = Callable[..., Done]


@pytest.fixture
def judge(jiazhao: Command, live_server: LiveServer, files: Files) -> Judge:
    """Judge a file with the state's own root and lists, as JSON."""

    def run(file: Path, *args: object, transcript: bool = True) -> Done:
        more = ("--transcript", files.transcript) if transcript else ()
        return jiazhao(
            "verify", file, *more, *args, "--json", config=live_server.state / "jiazhao.toml"
        )

    return run


def steps(done: Done) -> dict[str, str]:
    return {step["name"]: step["status"] for step in done.json["steps"]}


def reason(done: Done) -> str | None:
    told = done.json["reason"]
    return told["code"] if told else None


def test_a_presentation_is_valid_when_every_step_of_it_passed(files: Files, judge: Judge) -> None:
    done = judge(files.response)
    assert (done.code, done.json["verdict"], reason(done)) == (VALID, "VALID", None)
    demanded = set(steps(done)) - {"request_match", "live_register"}
    assert {name for name, status in steps(done).items() if status == "passed"} == demanded
    assert done.json["doc_type"] == holder.MDL
    assert "family_name" in done.json["elements"][holder.MDL_NAME_SPACE]


def test_base64url_is_as_good_as_octets(files: Files, judge: Judge) -> None:
    text = base64.urlsafe_b64encode(files.response.read_bytes()).rstrip(b"=")
    assert judge(files.other(text + b"\n")).code == VALID


def test_a_copy_that_nobody_presented_cannot_be_confirmed(files: Files, judge: Judge) -> None:
    done = judge(files.issued, transcript=False)
    assert (done.code, done.json["verdict"]) == (CANNOT_CONFIRM, "CANNOT_CONFIRM")
    assert reason(done) == "holder_not_shown"
    found = steps(done)
    assert found["holder_binding"] == "unchecked"
    assert {found[name] for name in ("issuer_signature", "digests", "validity", "status")} == {
        "passed"
    }


def test_without_the_session_a_presentation_proves_no_holder(files: Files, judge: Judge) -> None:
    done = judge(files.response, transcript=False)
    assert (done.code, reason(done)) == (CANNOT_CONFIRM, "holder_not_shown")


def test_an_altered_element_is_not_genuine_and_nothing_is_told(files: Files, judge: Judge) -> None:
    done = judge(files.changed(b"cCHN", b"cCHE"))
    assert (done.code, reason(done)) == (NOT_GENUINE, "digest_mismatch")
    assert done.json["elements"] == {}


def test_a_presentation_to_somebody_else_is_not_genuine(files: Files, judge: Judge) -> None:
    elsewhere = holder.Session("x509_san_dns:other.example", SESSION.nonce, SESSION.response_uri)
    files.transcript.write_bytes(elsewhere.transcript())
    done = judge(files.response)
    assert (done.code, reason(done)) == (NOT_GENUINE, "holder_signature_mismatch")


def test_an_altered_signature_of_the_issuer_is_not_genuine(files: Files, judge: Judge) -> None:
    response = cbor2.loads(files.response.read_bytes())
    issuer_auth = response["documents"][0]["issuerSigned"]["issuerAuth"]
    issuer_auth[3] = issuer_auth[3][:-1] + bytes([issuer_auth[3][-1] ^ 1])
    done = judge(files.other(cbor2.dumps(response)))
    assert (done.code, reason(done)) == (NOT_GENUINE, "signature_mismatch")
    assert steps(done)["issuer_signature"] == "failed"


# -- as an SD-JWT VC


@pytest.fixture
def sd_jwt(guests: Guests, tmp_path: Path) -> Path:
    """A fresh copy of the other format, presented once, just now."""
    wallet = guests.driver(LIU)
    token, now = wallet.redeem(wallet.claim(replace=True)), server_time(wallet)
    wanted = {
        "credential_configuration_id": SD_JWT_CONFIGURATION,
        "proofs": {"jwt": [wallet.prove(now)]},
    }
    answer = answered(
        wallet.browser.post_json(f"{wallet.origin}/issuance/credential", wanted, bearer=token)
    ).json()
    presented = holder.key_bound(
        answer["credentials"][0]["credential"],
        wallet.key._key,
        audience=SESSION.client_id,
        nonce=SESSION.nonce,
        issued_at=int(now.timestamp()),
    )
    path = tmp_path / "presented"
    path.write_text(presented + "\n")
    return path


@pytest.fixture
def judge_sd_jwt(jiazhao: Command, live_server: LiveServer, sd_jwt: Path) -> Judge:
    def run(*args: object) -> Done:
        return jiazhao("verify", sd_jwt, *args, "--json", config=live_server.state / "jiazhao.toml")

    return run


ANSWERED = ("--audience", SESSION.client_id, "--nonce", SESSION.nonce)


def test_an_sd_jwt_vc_is_judged_by_the_same_steps(judge_sd_jwt: Judge) -> None:
    done = judge_sd_jwt(*ANSWERED, "--max-age", 3600)
    assert (done.code, done.json["verdict"], reason(done)) == (VALID, "VALID", None)
    assert done.json["vct"].endswith("/issuance/types/driving-licence/1")
    assert "family_name" in done.json["elements"][holder.MDL_NAME_SPACE]
    demanded = set(steps(done)) - {"request_match", "live_register"}
    assert {name for name, status in steps(done).items() if status == "passed"} == demanded


def test_an_sd_jwt_vc_for_somebody_else_or_nobody_proves_no_holder(judge_sd_jwt: Judge) -> None:
    elsewhere = judge_sd_jwt("--audience", "x509_san_dns:other.example", *ANSWERED[2:])
    assert (elsewhere.code, reason(elsewhere)) == (CANNOT_CONFIRM, "answer_to_another_request")
    nobody = judge_sd_jwt()
    assert (nobody.code, reason(nobody)) == (CANNOT_CONFIRM, "holder_not_shown")


def test_a_changed_claim_of_an_sd_jwt_vc_is_not_genuine(sd_jwt: Path, judge_sd_jwt: Judge) -> None:
    jwt, first, *rest = sd_jwt.read_text().split("~")
    salt, name, _ = json.loads(holder.octets(first))
    other = holder.text(json.dumps([salt, name, "another value"]).encode())
    sd_jwt.write_text("~".join((jwt, other, *rest)))
    done = judge_sd_jwt(*ANSWERED)
    assert (done.code, reason(done)) == (NOT_GENUINE, "digest_mismatch")
    assert done.json["elements"] == {}


def test_audience_and_nonce_go_together(judge_sd_jwt: Judge) -> None:
    assert judge_sd_jwt(*ANSWERED[:2]).code == 2


# -- the living status


@pytest.fixture
def registrar(guests: Guests) -> Iterator[Registrar]:
    registrar = guests.staff()
    yield registrar
    registrar.change(LIU, end_statuses=["F"])


def wait_for(live_server: LiveServer, files: Files, status: int) -> None:
    copy = files.wallet.copy
    assert copy is not None
    browser = files.wallet.browser
    eventually(
        lambda: published_status(live_server, browser, copy, server_time(files.wallet)),
        lambda found: found == status,
    )


def test_a_revoked_licence_is_not_valid_once_the_list_says_so(
    files: Files, judge: Judge, live_server: LiveServer, registrar: Registrar
) -> None:
    wait_for(live_server, files, 0)
    assert judge(files.response).code == VALID
    registrar.change(LIU, add_statuses=["F"])
    wait_for(live_server, files, 2)
    done = judge(files.response)
    assert (done.code, done.json["verdict"]) == (NOT_VALID, "NOT_VALID")
    assert reason(done) == "status_suspended"


def test_a_copy_that_was_replaced_is_not_valid(
    files: Files, judge: Judge, live_server: LiveServer, guests: Guests
) -> None:
    claim(guests.driver(LIU))
    wait_for(live_server, files, 1)
    done = judge(files.response)
    assert (done.code, reason(done)) == (NOT_VALID, "status_ended")


# -- without the system


def test_a_root_and_a_list_are_all_that_a_verifier_needs(
    files: Files, jiazhao: Command, live_server: LiveServer, tmp_path: Path
) -> None:
    browser = files.wallet.browser
    root, listed = tmp_path / "root.pem", tmp_path / "list"
    root.write_bytes(browser.get(f"{live_server.wallet}/trust/iaca.pem", accept="*/*").body)
    assert files.wallet.copy is not None
    assert files.wallet.copy.status is not None
    given = ("--root", root, "--transcript", files.transcript)
    for form in TOKEN_TYPES:
        listed.write_bytes(browser.get(files.wallet.copy.status.uri, accept=form).body)
        done = jiazhao("verify", files.response, *given, "--status-list", listed, "--json")
        assert (done.code, reason(done)) == (VALID, None)
    alone = jiazhao("verify", files.response, *given, "--json")
    assert (alone.code, steps(alone)["status"]) == (CANNOT_CONFIRM, "unchecked")


def test_under_another_root_nothing_can_be_confirmed(
    files: Files, judge: Judge, tmp_path: Path
) -> None:
    stranger = make_root(TrustPlan("https://issuer.example"), now=MORNING).certificate
    root = tmp_path / "root.pem"
    root.write_bytes(stranger.public_bytes(Encoding.PEM))
    done = judge(files.response, "--root", root)
    assert (done.code, reason(done)) == (CANNOT_CONFIRM, "unknown_issuer")
    assert steps(done)["issuer_signature"] == "unchecked"


def test_a_list_of_other_copies_says_nothing(files: Files, judge: Judge) -> None:
    done = judge(files.response, "--status-list", files.other(b"no list"))
    assert (done.code, steps(done)["status"]) == (CANNOT_CONFIRM, "unchecked")


# -- for people, and files that are none


def test_people_are_told_each_step_and_what_to_do(
    files: Files, jiazhao: Command, live_server: LiveServer
) -> None:
    done = jiazhao("verify", files.issued, config=live_server.state / "jiazhao.toml")
    assert done.code == CANNOT_CONFIRM
    lines = done.out.splitlines()
    assert lines[0].startswith("1 ✓")
    assert any(line.startswith("6 –") for line in lines)
    assert "CANNOT_CONFIRM" in done.out
    assert "持证人" in done.out


@pytest.mark.parametrize(
    "octets", [b"\x00", b"{}", b"\xff" * 100, b"hello", b"\xa0", "你好".encode()]
)
def test_what_is_no_licence_is_not_held_against_anybody(
    files: Files, judge: Judge, octets: bytes
) -> None:
    done = judge(files.other(octets))
    assert (done.code, reason(done)) == (CANNOT_CONFIRM, "unknown_format")
    assert steps(done)["decode"] == "failed"


@pytest.mark.parametrize("what", ["missing", "a folder", "empty", "huge", "[bold]"])
def test_a_file_that_cannot_be_read_is_named_in_one_sentence(
    files: Files, judge: Judge, tmp_path: Path, what: str
) -> None:
    path = tmp_path / what
    if what == "a folder":
        path.mkdir()
    elif what in {"empty", "huge"}:
        path.write_bytes(bytes(300 * 1024) if what == "huge" else b"")
    done = judge(path)
    assert (done.code, done.out) == (1, "")
    assert path.name in done.sentence
    assert "Traceback" not in done.err
    assert len(done.err.strip().splitlines()) <= 4


def test_a_root_that_is_none_is_refused(files: Files, judge: Judge) -> None:
    done = judge(files.response, "--root", files.other(b"-----BEGIN CERTIFICATE-----"))
    assert done.code == 1
    assert done.sentence
