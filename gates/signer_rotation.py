"""A signer is rotated under load: no request fails, old copies verify, a compromised one's do not.

Drivers claim without pause while an operator, in another process than the server, rotates the
document signer and the status signer and at last says that the one that signs is compromised.
Then is judged: every claim was answered; whatever was asked for after an act was signed by the
key of that act; every copy verifies, also those of a signer whose private key was destroyed; and
of all copies exactly those of the compromised signer are NOT_VALID.

Its planted defect is a server that keeps the keys with which it started.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from cryptography import x509

from gates import defects
from gates.deployment import Deployment, prepare
from gates.launcher import Launcher
from gates.protocol import Context, Figure, Result
from gates.writers import claim_copy
from jiazhao.clock import system_clock
from jiazhao.credentials import mdoc
from jiazhao.errors import ErrorCode
from jiazhao.presentation.steps import CheckStatus, Outcome, Step
from jiazhao.presentation.verify import TrustAnchors
from jiazhao.presentation.verify_mdoc import verify_mdoc
from jiazhao.smoke.people import named
from jiazhao.smoke.wallet import Wallet
from jiazhao.trust import UNSAFE_PLAIN, KeyStore, Trust, TrustPlan
from jiazhao.trust.folder import KeyFolder
from jiazhao.trust.hierarchy import Role
from jiazhao.trust.lifecycle import KeyState, Lifecycle, State

NAME = "signer-rotation"

ROTATIONS = 20
ROTATIONS_OF_THE_BROKEN = 2
DRIVERS = 3
CLAIMS_BETWEEN = 6
"""Claims that begin and end between two acts: without them nothing would be judged."""

HOLDERS = 12
PATIENCE_SECONDS = 60
AT_ONCE = timedelta()

_ISSUED = (Step.DECODE, Step.TRUST_CHAIN, Step.ISSUER_SIGNATURE, Step.DIGESTS)


def run(context: Context) -> Result:
    """Rotate while drivers claim."""
    return rotate_under_load(context, rotations=ROTATIONS)


def run_broken(context: Context) -> Result:
    """Rotate before a server that does not look at its keys again."""
    return rotate_under_load(context, rotations=ROTATIONS_OF_THE_BROKEN, defect=defects.FROZEN_KEYS)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A copy, when its claim began, and which certificate is beside its signature."""

    began: float
    octets: bytes
    certificate: bytes


@dataclass
class Load:
    """Drivers who claim again and again."""

    deployment: Deployment
    copies: list[Claimed] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    over: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let the drivers claim meanwhile."""
        threads = [
            threading.Thread(target=self._drive, args=(driver,), daemon=True)
            for driver in self.deployment.drivers[:DRIVERS]
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.over.set()
            for thread in threads:
                thread.join(PATIENCE_SECONDS)

    def await_claims(self) -> None:
        """Wait for claims that begin after this moment."""
        start = time.monotonic()
        while sum(copy.began > start for copy in list(self.copies)) < CLAIMS_BETWEEN:
            if self.failures or time.monotonic() - start > PATIENCE_SECONDS:
                return
            time.sleep(0.01)

    def _drive(self, driver: str) -> None:
        wallet = Wallet(self.deployment.origin("wallet"))
        try:
            wallet.sign_in(named(driver))
            while not self.over.is_set():
                began = time.monotonic()
                octets = claim_copy(wallet).octets
                (certificate,) = mdoc.parse_issuer_signed(octets).issuer_auth.certificates()
                with self._lock:
                    self.copies.append(Claimed(began, octets, certificate))
        except Exception as error:  # noqa: BLE001 - whatever a driver sees is a failure
            with self._lock:
                self.failures[repr(error)] += 1


@dataclass
class Operator:
    """Who changes the folder of keys, and remembers when which signer took over."""

    keys: Lifecycle
    taken_over: list[tuple[float, bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Note who signs at first."""
        self._note()

    def signers_at(self, began: float) -> set[bytes]:
        """Who may have signed a claim that began then: who signed at the time, and all later."""
        before = [signer for since, signer in self.taken_over if since < began]
        return {before[-1], *(signer for since, signer in self.taken_over if since >= began)}

    def rotate(self, role: Role) -> None:
        """Rotate a role without a lead, so that the new key must sign from now on."""
        self.keys.rotate(role, system_clock(), lead=AT_ONCE)
        self._note()

    def compromise(self) -> x509.Certificate:
        """Say that the signer of documents is compromised."""
        lost = self._signer()
        self.keys.compromised(self._state(State.SIGNING)[-1].fingerprint, system_clock())
        self._note()
        return lost

    def retire_all(self) -> int:
        """Destroy the private keys of all document signers that sign no more."""
        former = self._state(State.VERIFYING)
        for one in former:
            self.keys.retire(one.fingerprint, system_clock())
        return len(former)

    def trust(self) -> Trust:
        """What verifiers are given now."""
        return KeyStore(self.keys.folder.path, UNSAFE_PLAIN).load(now=system_clock())

    def _signer(self) -> x509.Certificate:
        return self.trust().document_signer.certificate

    def _state(self, state: State) -> list[KeyState]:
        shown = self.keys.show(system_clock())
        return [one for one in shown if one.role is Role.DOCUMENT_SIGNER and one.state is state]

    def _note(self) -> None:
        certificate = self.trust().document_signer.certificates[0]
        self.taken_over.append((time.monotonic(), certificate))


def rotate_under_load(context: Context, *, rotations: int, defect: str = "") -> Result:
    """Rotate, compromise and retire; then judge every copy."""
    deployment = prepare(context.folder / "state", holders=HOLDERS)
    plan = TrustPlan(issuer_uri=deployment.origin("wallet"))
    operator = Operator(Lifecycle(KeyFolder(deployment.state / "keys", UNSAFE_PLAIN), plan))
    load = Load(deployment)
    with Launcher() as launcher:
        server = launcher.start(deployment, defect)
        server.wait_ready()
        with load.running():
            load.await_claims()
            for number in range(rotations):
                operator.rotate(Role.STATUS_SIGNER if number % 4 == 3 else Role.DOCUMENT_SIGNER)
                load.await_claims()
            lost = operator.compromise()
            load.await_claims()
        listed = _listed(deployment)
        server.stop()
    retired = operator.retire_all()
    return _judge(load, operator, lost, listed=listed, retired=retired)


def _judge(
    load: Load, operator: Operator, lost: x509.Certificate, *, listed: set[int], retired: int
) -> Result:
    trust = operator.trust()
    wrong = Counter[str]()
    for copy in load.copies:
        is_lost = x509.load_der_x509_certificate(copy.certificate) == lost
        wrong[_verdict(copy, trust, is_lost=is_lost)] += 1
        if copy.certificate not in operator.signers_at(copy.began):
            wrong["signed by a key that had been replaced"] += 1
    del wrong[""]
    if lost.serial_number not in listed:
        wrong["the compromised signer is not in the published list"] += 1
    of_lost = sum(x509.load_der_x509_certificate(c.certificate) == lost for c in load.copies)
    if not of_lost:
        wrong["the compromised signer had signed nothing"] += 1
    failures = [*load.failures, *(f"{what} ({count})" for what, count in wrong.items())]
    figures: dict[str, Figure] = {
        "acts": len(operator.taken_over) - 1,
        "copies": len(load.copies),
        "signers": len({copy.certificate for copy in load.copies}),
        "of_the_compromised": of_lost,
        "retired": retired,
        "failed_requests": sum(load.failures.values()),
    }
    return Result.judge(not failures, "; ".join(failures[:5]), **figures)


def _verdict(copy: Claimed, trust: Trust, *, is_lost: bool) -> str:
    """What is wrong with the verdict on a copy; nothing where it is as it must be."""
    checked = verify_mdoc(
        copy.octets,
        now=system_clock(),
        trust=TrustAnchors(trust.anchors(), trust.compromised),
        expected_transcript=None,
    )
    verdict = checked.verdict
    if is_lost:
        reason = verdict.reason.code if verdict.reason else None
        refused = (verdict.outcome, reason) == (Outcome.NOT_VALID, ErrorCode.SIGNER_COMPROMISED)
        return "" if refused else "a copy of the compromised signer is not refused"
    passed = {check.step for check in verdict.checks if check.status is CheckStatus.PASSED}
    return "" if passed.issuperset(_ISSUED) else "a copy of a sound signer does not verify"


def _listed(deployment: Deployment) -> set[int]:
    """The serial numbers in the list of withdrawn certificates that is published."""
    wallet = Wallet(deployment.origin("wallet"))
    der = wallet.browser.get(f"{wallet.origin}/trust/iaca.crl", accept="*/*").body
    return {one.serial_number for one in x509.load_der_x509_crl(der)}
