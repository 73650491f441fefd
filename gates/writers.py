"""Clients that write without pause while their server is killed, each a thread of its own.

A request without an answer is in doubt: where the protocol lets a client ask again, it asks
the same again, as a phone or a terminal would; otherwise it begins anew.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

from gates.deployment import Deployment
from gates.ledger import Copied, Ledger, Used
from jiazhao.errors import JiazhaoError
from jiazhao.http.browser import NoAnswerError
from jiazhao.smoke.people import (
    Officer,
    Registrar,
    UnexpectedAnswerError,
    named,
    new_check_id,
)
from jiazhao.smoke.wallet import DeviceKey, Received, Wallet

T = TypeVar("T")

NOT_SERVED = 503
_PAUSE_SECONDS = 0.05
_UP_SECONDS = 120


class InDoubtError(Exception):
    """No answer came: the write may have been done or not."""


@dataclass
class Crowd:
    """What all clients of one run share."""

    deployment: Deployment
    ledger: Ledger
    chance: Random
    up: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)
    restarts: int = 0
    _in_flight: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def in_flight(self) -> int:
        """How many writes have been sent and not answered."""
        return self._in_flight

    @contextmanager
    def flight(self) -> Iterator[None]:
        """Count a write while it is under way."""
        with self._lock:
            self._in_flight += 1
        try:
            yield
        finally:
            with self._lock:
                self._in_flight -= 1


class Writer(threading.Thread):
    """A client; `step` is what it does over and over."""

    def __init__(self, crowd: Crowd, holder: str) -> None:
        super().__init__(daemon=True)
        self.crowd, self.holder, self.ledger = crowd, holder, crowd.ledger
        self.chance = Random(crowd.chance.random())

    def prepare(self) -> None:
        """Sign in, and whatever else comes before the first step."""

    def step(self) -> None:
        """Write once, or some few times that belong together."""

    def run(self) -> None:
        """Work until it is over."""
        while not self.crowd.over.is_set():
            self.crowd.up.wait(_UP_SECONDS)
            try:
                self.step()
            except InDoubtError:
                time.sleep(_PAUSE_SECONDS)
            except JiazhaoError as error:
                self._note_strange(str(error))
            except Exception as error:  # noqa: BLE001 - a client that dies proves nothing
                self._note_strange(repr(error))

    def write(self, act: Callable[[], T]) -> T:
        """Send one write; raises `InDoubtError` where no answer came, or a 503."""
        self.crowd.up.wait(_UP_SECONDS)
        try:
            with self.crowd.flight():
                return act()
        except NoAnswerError as error:
            raise InDoubtError from error
        except UnexpectedAnswerError as error:
            if error.status == NOT_SERVED:
                raise InDoubtError from error
            raise

    def write_until_answered(self, act: Callable[[], T]) -> T:
        """Send the same until it is answered."""
        while not self.crowd.over.is_set():
            try:
                return self.write(act)
            except InDoubtError:
                time.sleep(_PAUSE_SECONDS)
        raise InDoubtError

    def read(self, act: Callable[[], T]) -> T:
        """Ask something that changes nothing; raises `InDoubtError` where no answer came."""
        try:
            return act()
        except NoAnswerError as error:
            raise InDoubtError from error
        except UnexpectedAnswerError as error:
            if error.status == NOT_SERVED:
                raise InDoubtError from error
            raise

    def _note_strange(self, what: str) -> None:
        with self.ledger.lock:
            self.ledger.strange[what] += 1


def claim_copy(wallet: Wallet) -> Received:
    """Claim from the first door to the last, in quiet times."""
    token = wallet.redeem(wallet.claim(replace=True))
    copy = wallet.receive(token, wallet.prove(wallet.server_clock()()))
    wallet.prepare_codes(token, wallet.server_clock()())
    return copy


class Claimant(Writer):
    """A driver who claims again and again, with a new device each time."""

    def prepare(self) -> None:
        """Sign in."""
        self.wallet = Wallet(self.crowd.deployment.origin("wallet"))
        self.wallet.sign_in(named(self.holder))
        self.now = self.wallet.server_clock()

    def step(self) -> None:
        """Claim, redeem, and receive the copy."""
        self.wallet.key, self.wallet.counter = DeviceKey(), 0
        offer = self.write(lambda: self.wallet.claim(replace=True))
        name = (self.holder, offer["credential_offer_uri"].rpartition("/")[2])
        with self.ledger.lock:
            self.ledger.offers.add(name)
        token = self.write(lambda: self.wallet.redeem(offer))
        thumbprint = self.wallet.key.public.thumbprint()
        with self.ledger.lock:
            self.ledger.redeemed.add(name)
            self.ledger.keys[self.holder].append(thumbprint)
        received = self.write_until_answered(lambda: self._receive(token))
        with self.ledger.lock:
            self.ledger.copies.append(Copied.of(self.holder, thumbprint, received))

    def _receive(self, token: str) -> Received:
        return self.wallet.receive(token, self.wallet.prove(self.now()))


class Checker(Writer):
    """A driver who shows codes, and the officer who checks them."""

    def prepare(self) -> None:
        """Sign both in and claim once."""
        self.wallet = Wallet(self.crowd.deployment.origin("wallet"))
        self.wallet.sign_in(named(self.holder))
        self.copy = claim_copy(self.wallet)
        self.now = self.wallet.server_clock()
        self.officer = Officer(self.crowd.deployment.origin("terminal"))
        self.officer.sign_in(named("officer-li"))
        self.used: tuple[str, str] | None = None
        self.seen_restarts = 0

    def step(self) -> None:
        """Show a new code; after a restart first the one that was used before it."""
        if self.used is not None and self.seen_restarts != self.crowd.restarts:
            self._show_again(*self.used)
        self.seen_restarts = self.crowd.restarts
        code, check_id = self.wallet.new_code(self.now()), new_check_id()
        answer = self.write_until_answered(lambda: self.officer.check(code, check_id=check_id))
        if answer["verdict"] != "VALID":
            self._note_strange(f"a new code is {_said(answer)}")
            return
        with self.ledger.lock:
            self.ledger.uses.append(
                Used(self.holder, self.copy.instance_number, self.wallet.counter, check_id)
            )
        self.used = code, check_id

    def _show_again(self, code: str, check_id: str) -> None:
        """The same check may be repeated; another one may not use the code."""
        other = self.write(lambda: self.officer.check(code))
        if other["verdict"] == "VALID":
            self._note_strange("a used code is valid for another check")
        same = self.write(lambda: self.officer.check(code, check_id=check_id))
        if same["verdict"] != "VALID" and _said(same) != "CANNOT_CONFIRM code_expired":
            self._note_strange(f"a repeated check is {_said(same)}")


class Recorder(Writer):
    """A registrar who changes one holder's points, each time to another count."""

    def prepare(self) -> None:
        """Sign in."""
        self.registrar = Registrar(self.crowd.deployment.origin("console"))
        self.registrar.sign_in(named("registrar-qian"))
        self.count = 0

    def step(self) -> None:
        """Change the points once; a change in doubt is not sent again, for it would be another."""
        self.count += 1
        points = self.count % 100
        with self.ledger.lock:
            self.ledger.points[self.holder].append((points, False))
        self.write(lambda: self.registrar.change(self.holder, points=points))
        with self.ledger.lock:
            self.ledger.points[self.holder][-1] = (points, True)


def _said(answer: dict[str, dict[str, str]]) -> str:
    reason = answer["reason"] or {"code": ""}
    return f"{answer['verdict']} {reason['code']}"
