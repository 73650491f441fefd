"""Who comes to the doors in these stories, and how they wait for what happens behind them."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from jiazhao.credentials.status_list import StatusReference
from jiazhao.http.browser import Browser, Reply
from jiazhao.presentation.files import status_from
from jiazhao.smoke.people import Officer, Registrar, UnexpectedAnswerError, Visitor, named
from jiazhao.smoke.wallet import Received, Wallet

WAIT_SECONDS = 30.0
"""The worker passes twice a second; a busy machine is slower."""

TOKEN_TYPES = ("application/statuslist+jwt", "application/statuslist+cwt")

T = TypeVar("T")


class Place(Protocol):
    """A running system: where its origins are."""

    @property
    def wallet(self) -> str:
        """The wallet's origin."""

    @property
    def terminal(self) -> str:
        """The terminal's origin."""

    @property
    def console(self) -> str:
        """The console's origin."""


class Guests:
    """Lets people come, each with a browser of their own, and closes the browsers afterwards."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._browsers: list[Browser] = []

    def driver(self, subject: str) -> Wallet:
        """A driver who is signed in at the wallet, with a new device key."""
        wallet = Wallet(self.place.wallet, self.browser())
        wallet.sign_in(named(subject))
        return wallet

    def officer(self, subject: str = "officer-li") -> Officer:
        """An officer who is signed in at the terminal."""
        officer = Officer(self.place.terminal, self.browser())
        officer.sign_in(named(subject))
        return officer

    def staff(self, subject: str = "registrar-qian") -> Registrar:
        """One of the authority's staff, signed in at the console."""
        staff = Registrar(self.place.console, self.browser())
        staff.sign_in(named(subject))
        return staff

    def browser(self) -> Browser:
        """A browser that nobody has used."""
        self._browsers.append(Browser())
        return self._browsers[-1]

    def close(self) -> None:
        """Close every browser."""
        for browser in self._browsers:
            browser.close()


def server_time(visitor: Visitor) -> datetime:
    """What time it is for the server."""
    return datetime.fromisoformat(visitor.get("/session")["server_time"])


def claim(wallet: Wallet) -> Received:
    """Claim the licence onto this device, whatever device had it before."""
    token = wallet.redeem(wallet.claim(replace=True))
    copy = wallet.receive(token, wallet.prove(server_time(wallet)))
    wallet.prepare_codes(token, server_time(wallet))
    return copy


def show(wallet: Wallet) -> str:
    """A fresh licence code."""
    return wallet.new_code(server_time(wallet))


def posted(visitor: Visitor, path: str, body: object) -> Reply:
    """Whatever a door answers to JSON."""
    return visitor.browser.post_json(visitor.origin + path, body)


def refused(act: Callable[[], object]) -> tuple[int, str]:
    """The status and the code with which a door refuses; fails where it does not."""
    try:
        act()
    except UnexpectedAnswerError as error:
        return error.status, error.said
    raise AssertionError("it was not refused")


def eventually(seen: Callable[[], T], wanted: Callable[[T], bool]) -> T:
    """Look again and again until what is seen is wanted; fails with what was seen last."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not wanted(last := seen()):
        assert time.monotonic() < deadline, f"after {WAIT_SECONDS} s still {last!r}"
        time.sleep(0.05)
    return last


def published_status(place: Place, browser: Browser, copy: Received, now: datetime) -> int:
    """What a verifier reads who trusts the published root: the same in both forms of the list."""
    pem = browser.get(f"{place.wallet}/trust/iaca.pem", accept="*/*").body
    anchors = [root.public_bytes(Encoding.DER) for root in x509.load_pem_x509_certificates(pem)]
    where = copy.status
    assert isinstance(where, StatusReference)

    def read(form: str) -> int:
        look_up = status_from(
            lambda uri: browser.get(uri, accept=form).body, anchors=anchors, now=now
        )
        return look_up(where).value

    jwt, cwt = map(read, TOKEN_TYPES)
    # Between the two requests a list may have been published.
    return cwt if jwt == cwt else read(TOKEN_TYPES[0])


def reasons(answer: Any) -> str | None:
    """The code of the reason of a verdict."""
    return answer["reason"]["code"] if answer["reason"] else None
