"""The whole system within the test's own process, so that a test can set its clock."""

import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from cryptography.hazmat.primitives.asymmetric import ec
from PIL import Image

from jiazhao import app, demo, specimen
from jiazhao.config import load
from jiazhao.credentials import jose, sdjwt
from jiazhao.credentials.beacon import parse_beacon
from jiazhao.credentials.code_sealing import Kind, period_on, read_point
from jiazhao.credentials.licence_code import (
    NONCE_OCTETS,
    IssuerPart,
    parse_issuer_part,
    sign_code,
)
from jiazhao.credentials.signing import write_base64url
from jiazhao.http import access
from jiazhao.http.access import Actor
from jiazhao.identity.unsafe_provider import DemoPerson
from jiazhao.issuance.formats import LICENCE_CODE_CONFIGURATION, SD_JWT_CONFIGURATION
from jiazhao.issuance.offering import MadeOffer
from jiazhao.licence.identifiers import HolderId
from jiazhao.licence.legal_day import legal_day
from jiazhao.serving import settings_of
from jiazhao.smoke.wallet import PROOF_TYPE, DeviceKey, Received
from jiazhao.specimen import papers
from jiazhao.specimen.stories import Role, holder_id_of
from tests.clocks import MORNING
from tests.clocks import SetClock as SetClock
from tests.live_server import free_ports

UNSERVED_PORT = 8000


def settle(state: Path, clock: Callable[[], datetime], *, port: int, holders: int) -> app.House:
    """Set a demonstration up in a folder, as `jiazhao demo` does, but by the given clock.

    Each portrait is a colour of its own, for drawing sixty takes seconds.
    """
    day = legal_day(clock())
    config = load(demo.write_config(state, port, on=day, public_url=None), {})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(papers, "portrait", _plain_portrait)
        return demo.set_up(config, clock, holders=holders, seed=1, progress=lambda *_: None)


def _plain_portrait(
    _draws: object, _sex: object, _nationality: object, birth_date: date, on: date
) -> bytes:
    out = BytesIO()
    Image.new("RGB", (260, 378), (birth_date.day, birth_date.toordinal() % 256, on.day)).save(
        out, "JPEG"
    )
    return out.getvalue()


def reopen(state: Path, clock: Callable[[], datetime], **settings: Any) -> app.House:
    """Open a system that was set up before; `settings` take the place of its own."""
    return app.build(replace(load(state / demo.CONFIG_NAME, {}), **settings), clock)


def officer(name: str = "李样本", unit: str = "样本·一大队") -> Actor:
    """Return a signed-in officer; another name is another account."""
    return Actor(
        account_id=f"account of {name}",
        name=name,
        unit=unit,
        roles=frozenset({access.Role.OFFICER}),
        holder_id=None,
        authenticated_at=MORNING,
        acr="",
    )


@dataclass
class Phone:
    """A driver's phone that speaks to the services themselves; its clock is the house's."""

    house: app.House
    holder_id: HolderId
    key: DeviceKey = field(default_factory=DeviceKey, repr=False)
    counter: int = 0
    copy: Received | None = field(default=None, repr=False)
    part: IssuerPart | None = field(default=None, repr=False)

    def claim(self, *, replaces: bool = True) -> Received:
        """Claim the licence onto this phone, with what its licence codes need."""
        offer = self.house.offers.claim(self.holder_id, self.now, replaces=replaces)
        token = self.redeem(offer)
        copy = self.fetch(token)
        self.fetch_code_part(token)
        self.house.enforcement_keys.public_keys(self.now)  # made by the first who asks for them
        return copy

    def redeem(self, offer: MadeOffer) -> str:
        """Exchange an offer for an access token."""
        tokens = self.house.tokens
        return tokens.redeem(offer.pre_authorized_code, offer.tx_code, self.now).access_token

    def fetch(self, access_token: str) -> Received:
        """Prove possession of the key and receive the copy."""
        self.copy = Received.of(self.house.issuance.issue(access_token, self.proof(), self.now))
        return self.copy

    def fetch_sdjwt(self, access_token: str) -> sdjwt.SdJwt:
        """Prove possession of the key and receive the copy as an SD-JWT VC."""
        issued = self.house.issuance.issue(
            access_token, self.proof(), self.now, configuration=SD_JWT_CONFIGURATION
        )
        return sdjwt.parse(issued.decode())

    def fetch_code_part(self, access_token: str) -> IssuerPart:
        """Prove possession of the key and receive the issuer's part of the licence code."""
        issued = self.house.issuance.issue(
            access_token, self.proof(), self.now, configuration=LICENCE_CODE_CONFIGURATION
        )
        self.part = parse_issuer_part(issued)
        return self.part

    def proof(self, **claims: Any) -> str:
        """Return a key proof; `claims` take the place of the usual ones."""
        made = {
            "aud": self.house.config.public_url,
            "iat": int(self.now.timestamp()),
            "nonce": self.house.issuance.nonces.make(secrets.token_bytes(16), self.now),
            **claims,
        }
        return jose.sign(made, self.key, typ=PROOF_TYPE, header={"jwk": self.key.public.to_jwk()})

    def code(
        self,
        *,
        after: float = 0.0,
        counter: int | None = None,
        challenge: int | None = None,
        heard_at: datetime | None = None,
        for_day: int = 0,
    ) -> str:
        """Return a licence code of `after` seconds from now; the counter rises by itself.

        `heard_at` is when the phone heard the time beacon, now if left out; `for_day` is how many
        days after the code's own the key is of that it is sealed for.
        """
        assert self.part is not None
        self.counter = self.counter + 1 if counter is None else counter
        shown_at = self.now + timedelta(seconds=after)
        period = period_on(Kind.SHOWN, legal_day(shown_at)) + for_day
        keys = {key.period: key for key in self.house.enforcement_keys.public_keys(shown_at)}
        point = keys[period].point if period in keys else next(iter(keys.values())).point
        octets = sign_code(
            self.part,
            self.key,
            time=int(shown_at.timestamp()),
            counter=self.counter,
            nonce=bytes(NONCE_OCTETS),
            period=period,
            key=read_point(point),
            ephemeral=ec.generate_private_key(ec.SECP256R1()),
            challenge=challenge,
            beacon=parse_beacon(self.house.beacons.at(heard_at or self.now)),
        )
        return write_base64url(octets)

    @property
    def now(self) -> datetime:
        """The time by the house's clock."""
        return self.house.clock()


# -- served over HTTP


@dataclass(frozen=True, slots=True)
class Town:
    """A served system: where its origins are, and its clock."""

    house: app.House
    clock: SetClock
    people: tuple[DemoPerson, ...]

    @property
    def wallet(self) -> str:
        """The wallet's origin."""
        return self.house.config.public_url

    @property
    def terminal(self) -> str:
        """The terminal's origin."""
        return self.house.config.terminal_url

    @property
    def console(self) -> str:
        """The console's origin."""
        return self.house.config.console_url


@contextmanager
def served_town(
    state: Path, *, on: date | None = None, holders: int = 12, **settings: Any
) -> Iterator[Town]:
    """Serve a demonstration of another day on loopback; every holder can sign in.

    `settings` take the place of the demonstration's own.
    """
    clock = SetClock(MORNING)
    if on is not None:
        clock.later(days=(on - legal_day(MORNING)).days)
    port = free_ports()
    settle(state, clock, port=port, holders=holders).close()
    house = reopen(state, clock, **settings)
    with ExitStack() as stack:
        stack.callback(house.close)
        stack.callback(house.identity.provider._outbound.close)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(specimen, "cast", lambda: _everybody(holders))
            shown = demo.compose(house)
        for one in shown.served.values():
            stack.enter_context(served_application(one.application, one.port))
        yield Town(house, clock, shown.people)


def _everybody(holders: int) -> tuple[Role, ...]:
    return tuple(Role(holder_id_of(index), "", "") for index in range(1, holders + 1))


@contextmanager
def served_application(application: Any, port: int) -> Iterator[None]:
    """Serve one application on loopback."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        server = uvicorn.Server(settings_of(application))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield
        finally:
            server.should_exit = True
            thread.join()
