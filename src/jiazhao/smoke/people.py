"""People at the doors: whoever signs in, the officer, and the registrar."""

import time
import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin

from jiazhao.credentials import jose
from jiazhao.errors import ErrorCode, JiazhaoError
from jiazhao.http.access import Role
from jiazhao.http.browser import Browser, Reply
from jiazhao.roadside.proofs import REGISTRATION_TYPE, SHIFT_TYPE
from jiazhao.roadside.terminals import DEMONSTRATION_CODE
from jiazhao.smoke.device_key import DeviceKey
from jiazhao.smoke.provider import Listed, SignInPage, read_page

Choose = Callable[[Sequence[Listed]], str]
"""Picks a subject from the page of the demonstration's identity provider."""


class UnexpectedAnswerError(JiazhaoError):
    """A door answered something else; `said` is the code of the refusal, where there is one."""

    def __init__(self, reply: Reply) -> None:
        self.status = reply.status
        self.said = _code_of(reply)
        answer = f"{reply.status} {self.said}".strip()
        super().__init__(ErrorCode.UNEXPECTED_ANSWER, door=reply.url.split("?")[0], answer=answer)


@dataclass
class Visitor:
    """Somebody with a browser at one origin (without a path)."""

    origin: str
    browser: Browser = field(default_factory=Browser, repr=False)

    def get(self, path: str) -> Any:
        """What a door says, as JSON; raises `UnexpectedAnswerError` unless it answers 200."""
        return answered(self.browser.get(self.origin + path)).json()

    def post(self, path: str, body: object) -> Any:
        """What a door says to JSON, as JSON."""
        return answered(self.browser.post_json(self.origin + path, body), {200, 201}).json()

    def server_clock(self) -> Callable[[], datetime]:
        """A clock that goes by the server's, as the wallet's does."""
        said = datetime.fromisoformat(self.get("/session")["server_time"])
        at = time.monotonic()
        return lambda: said + timedelta(seconds=time.monotonic() - at)

    # -- signing in at the demonstration's identity provider

    def sign_in_page(self) -> SignInPage | None:
        """The provider's page; None where the provider is not the demonstration's."""
        begun = answered(self.browser.get(f"{self.origin}/sign-in?return=/"), {302})
        there = urljoin(begun.url, begun.headers["location"])
        return read_page(self.browser.get(there, accept="text/html"))

    def sign_in(self, choose: Choose) -> None:
        """Sign in as the person chosen; raises `UnexpectedAnswerError`."""
        page = self.sign_in_page()
        if page is None:
            raise JiazhaoError(ErrorCode.SIGN_IN_FAILED)
        form = {**page.hidden, "subject": choose(page.people)}
        picked = answered(self.browser.post_form(page.action, form), {303})
        back = urljoin(picked.url, picked.headers["location"])
        answered(self.browser.get(back, accept="text/html"), {302})

    def sign_out(self) -> None:
        """End the session."""
        self.post("/sign-out", {})


@dataclass
class Officer(Visitor):
    """A police officer at a terminal of the demonstration."""

    key: DeviceKey = field(default_factory=DeviceKey, repr=False)
    terminal_id: str | None = None

    def sign_in(self, choose: Choose) -> None:
        """Sign in and, where that makes an officer, open a shift: without one no door checks."""
        super().sign_in(choose)
        if Role.OFFICER in self.get("/session")["roles"]:
            self.open_shift()

    def register(self, code: str = DEMONSTRATION_CODE) -> str:
        """Make this browser a terminal; returns its name."""
        asked = {
            "registration_code": code,
            "label": "smoke",
            "jwk": self.key.public.to_jwk(),
            "proof": self.prove(REGISTRATION_TYPE, code=code),
        }
        registered: str = self.post("/terminals", asked)["terminal_id"]
        self.terminal_id = registered
        return registered

    def open_shift(self) -> Any:
        """Open a shift, on a browser that is made a terminal if it is none; what it was given."""
        if self.terminal_id is None:
            self.register()
        return self.post("/shifts", {"proof": self.prove(SHIFT_TYPE)})

    def prove(self, typ: str, **claims: object) -> str:
        """A proof of this terminal's key; `claims` take the place of the usual ones."""
        now = datetime.fromisoformat(self.get("/session")["server_time"])
        usual = {
            "aud": self.origin,
            "iat": int(now.timestamp()),
            "jti": str(uuid.uuid4()),
            "terminal_id": self.terminal_id,
        }
        return jose.sign({**usual, **claims}, self.key, typ=typ)

    def check(
        self, scanned: str, *, check_id: str | None = None, vehicle_class: str | None = None
    ) -> Any:
        """Check what a driver shows; a repeated request carries the same `check_id`."""
        asked = {
            "check_id": check_id or new_check_id(),
            "scanned": scanned,
            "vehicle_class": vehicle_class,
        }
        return self.post("/presentation/checks", asked)

    def look_up(self, identifier: str, *, note: str, reason: str = "phone_out_of_order") -> Any:
        """Find a licence without the driver's phone."""
        asked = {
            "check_id": new_check_id(),
            "identifier": identifier,
            "reason": reason,
            "note": note,
        }
        return self.post("/presentation/lookups", asked)


@dataclass
class Registrar(Visitor):
    """Whoever enters changes of the law's record, at the console."""

    def change(self, holder_id: str, **changes: object) -> Any:
        """Record a change; members are those of `POST /registry/changes`."""
        return self.post("/registry/changes", {"holder_id": holder_id, **changes})


def named(subject: str) -> Choose:
    """Pick one person by the subject."""
    return lambda _people: subject


def answered(reply: Reply, expected: Collection[int] = frozenset({200})) -> Reply:
    """The reply, or `UnexpectedAnswerError` where its status is not expected."""
    if reply.status not in expected:
        raise UnexpectedAnswerError(reply)
    return reply


def new_check_id() -> str:
    """A name for one check, as the terminal's page makes it."""
    return str(uuid.uuid4())


def _code_of(reply: Reply) -> str:
    """The code of a problem document, or of an OAuth error."""
    try:
        said = reply.json()
    except JiazhaoError:
        return ""
    found = said.get("code") or said.get("error") if isinstance(said, dict) else ""
    return str(found or "")
