"""`jiazhao smoke` against the running system, and against systems that are not right."""

import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from jiazhao.clock import system_clock
from jiazhao.smoke import Step, StepOutcome, run_smoke
from jiazhao.smoke.steps import Words
from jiazhao.trust import UNSAFE_PLAIN, KeyStore, TrustPlan
from tests.live_server import LiveServer, free_ports

PUBLIC = [
    "the service is up",
    "the issuer says who it is",
    "the issuer's root certificate",
    "sign-in leads to the identity provider",
]
WALKED = [
    *PUBLIC,
    "a driver signs in",
    "and claims the licence",
    "whose status list can be read",
    "and whose copy is genuine",
    "an officer signs in",
    "the driver shows a code, the officer checks it",
    "the same code is not taken twice",
    "the driver sees who looked",
    "the driver signs out",
]


def walk(url: str, **more: object) -> tuple[bool, list[Step]]:
    steps: list[Step] = []
    passed = run_smoke(url, report=steps.append, **more)  # type: ignore[arg-type]
    return passed, steps


def test_the_whole_journey_is_walked(live_server: LiveServer) -> None:
    passed, steps = walk(live_server.wallet)

    assert [(step.name.en, step.outcome) for step in steps] == [
        (name, StepOutcome.PASSED) for name in WALKED
    ], steps[-1]
    assert passed
    assert [step.number for step in steps] == list(range(1, len(WALKED) + 1))
    assert all(step.seconds > 0 for step in steps)


def test_the_journey_may_be_walked_again(live_server: LiveServer) -> None:
    assert walk(live_server.wallet)[0]
    assert walk(live_server.wallet + "/", terminal=live_server.terminal)[0]


def test_without_a_service_the_first_step_says_what_to_do() -> None:
    passed, (step,) = walk(f"http://localhost:{free_ports()}")

    assert not passed
    assert step.outcome is StepOutcome.FAILED
    assert "database" in step.what_to_do.en
    assert "/livez" in step.seen.zh


def test_a_terminal_that_is_not_there_is_noticed(live_server: LiveServer) -> None:
    passed, (step,) = walk(live_server.wallet, terminal=f"http://localhost:{free_ports()}")

    assert not passed
    assert step.outcome is StepOutcome.FAILED


def test_a_root_that_we_do_not_trust_is_noticed(live_server: LiveServer, tmp_path: Path) -> None:
    plan = TrustPlan(issuer_uri=live_server.wallet)
    (stranger,) = KeyStore(tmp_path, UNSAFE_PLAIN).open(plan, now=system_clock()).iaca_roots

    passed, steps = walk(live_server.wallet, roots=(stranger.public_bytes(Encoding.DER),))

    assert not passed
    assert steps[-1].name.en == "the issuer's root certificate"
    assert "not the one that you trust" in steps[-1].seen.en


def test_an_issuer_under_another_name_is_noticed(live_server: LiveServer) -> None:
    passed, steps = walk(live_server.wallet.replace("localhost", "127.0.0.1"))

    assert not passed
    assert live_server.wallet in steps[-1].seen.en
    assert "public_url" in steps[-1].what_to_do.en


@contextmanager
def in_front_of(server: LiveServer, path: str, **instead: str | int) -> Iterator[str]:
    """Yield the address of a stand-in for the wallet's origin that answers `path` otherwise."""

    class StandIn(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith(path):
                self.answer(int(instead["status"]), str(instead.get("location", "")), b"{}")
                return
            url = server.wallet + self.path
            try:
                with urllib.request.urlopen(url, timeout=30) as answer:
                    body = answer.read().replace(server.wallet.encode(), origin.encode())
                    self.answer(answer.status, "", body)
            except urllib.error.HTTPError as error:
                self.answer(error.code, "", error.read())

        def answer(self, status: int, location: str, body: bytes) -> None:
            self.send_response(status)
            if location:
                self.send_header("location", location)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), StandIn) as stand_in:
        origin = f"http://127.0.0.1:{stand_in.server_address[1]}"
        thread = threading.Thread(target=stand_in.serve_forever)
        thread.start()
        try:
            yield origin
        finally:
            stand_in.shutdown()
            thread.join()


def test_at_a_provider_of_others_only_the_public_doors_are_walked(
    live_server: LiveServer,
) -> None:
    elsewhere = f"{live_server.wallet}/livez"
    with in_front_of(live_server, "/sign-in", status=302, location=elsewhere) as origin:
        passed, steps = walk(origin, terminal=live_server.terminal)

    assert passed
    assert [step.name.en for step in steps[:-1]] == PUBLIC
    assert steps[-1].outcome is StepOutcome.NOT_WALKED
    assert "only the public doors" in steps[-1].what_to_do.en


@pytest.mark.parametrize(
    ("path", "last"),
    [
        ("/readyz", "the service is up"),
        ("/.well-known/openid-credential-issuer", "the issuer says who it is"),
        ("/trust/iaca.pem", "the issuer's root certificate"),
        ("/sign-in", "sign-in leads to the identity provider"),
    ],
)
@pytest.mark.parametrize("status", [200, 404, 503])
def test_a_door_that_answers_wrongly_ends_the_walk(
    live_server: LiveServer, path: str, last: str, status: int
) -> None:
    if (path, status) == ("/readyz", 200):
        status = 500
    with in_front_of(live_server, path, status=status) as origin:
        passed, steps = walk(origin, terminal=live_server.terminal)

    assert not passed
    assert steps[-1].name.en == last
    assert steps[-1].outcome is StepOutcome.FAILED
    assert steps[-1].what_to_do != Words("", "")
