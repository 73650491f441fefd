"""Issuing over HTTP: what one core of a server does in a second, on what it spends it, and memory.

The server runs in a process of its own, without a worker, so that all of its processor time is
the requests'. Rates are requests for each second of that time: a busy machine makes the clock on
the wall slower and leaves them as they are.
"""

import cProfile
import os
import pstats
import secrets
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import tomli_w

from gates import defects
from gates.deployment import Deployment, prepare
from gates.launcher import Launcher
from jiazhao import app, demo
from jiazhao.config import Config, load
from jiazhao.credentials import jose
from jiazhao.credentials.mdoc import MDL_DOC_TYPE
from jiazhao.http.browser import Browser
from jiazhao.issuance.routes import claim_answer
from jiazhao.licence.identifiers import HolderId
from jiazhao.smoke.people import answered
from jiazhao.smoke.wallet import PROOF_TYPE, DeviceKey, Wallet

HOLDERS = 50
REQUESTS = 200
BATCH = 10

_TICKS = os.sysconf("SC_CLK_TCK")
_UNLIMITED = {"pages_per_minute": 60_000, "proofs_per_minute": 60_000}

_PLACES = (
    ("signing and verifying", ("cryptography.hazmat.bindings._rust.openssl.ec", "'sign'")),
    ("SQLite itself", ("sqlite3.",)),
    ("SQLAlchemy", ("/sqlalchemy/",)),
    ("unsealing and portraits", ("/storage/", "aead", "/cryptography/")),
    ("formats", ("/jiazhao/credentials/", "cbor2", "msgspec", "pybase64", "_hashlib", "/json/")),
    ("register and rules", ("/jiazhao/registry/", "/jiazhao/licence/", "/jiazhao/rules/")),
    ("issuer", ("/jiazhao/issuance/", "/jiazhao/status/", "/jiazhao/photo_review/")),
)
"""Where the functions of a profile belong: the first place that has a part of the name."""


@dataclass(frozen=True, slots=True)
class Door:
    """What one door does, for each second of processor time of the server."""

    name: str
    a_second: float
    of_a_constant: float
    """Against the same server answering a constant."""


@dataclass(frozen=True, slots=True)
class Issuing:
    """What was measured."""

    doors: tuple[Door, ...]
    copies_a_second: float
    """In batches."""
    places: tuple[tuple[str, float], ...]
    """Where the time of a credential request goes; shares of 1."""
    peak_octets: int

    def as_json(self) -> dict[str, Any]:
        """Return it for machines."""
        return asdict(self)

    def lines(self) -> Iterable[str]:
        """Tell it to people."""
        yield "Issuing over HTTP, for each second of one core of the server (SQLite, no worker):"
        for door in self.doors:
            yield (
                f"  {door.name:<34}{door.a_second:8,.0f}"
                f"   {door.of_a_constant:.3f} of a constant answer"
            )
        yield f"  {f'copies in batches of {BATCH}':<34}{self.copies_a_second:8,.0f}"
        yield "Where the time of a credential request goes:"
        for name, share in self.places:
            yield f"  {name:<34}{share:8.0%}"
        yield f"Peak memory of the server: {self.peak_octets >> 20} MiB"


def measure(folder: Path, *, quick: bool) -> Issuing:
    """Serve, ask, and profile the same calls here."""
    requests = 4 if quick else REQUESTS
    deployment = prepare(folder / "state", holders=12 if quick else HOLDERS)
    settings = tomllib.loads(deployment.config.read_text("utf-8")) | _UNLIMITED
    deployment.config.write_text(tomli_w.dumps(settings), "utf-8")
    with Launcher() as launcher:
        server = launcher.start(deployment, defects.NO_WORKER)
        server.wait_ready()
        with closing(Browser()) as browser:
            asked = _Asked(deployment, browser, server.pid)
            doors, copies = asked.measure(requests)
        peak = _peak(server.pid)
        server.stop()
    credential = next(door for door in doors if door.name == "credential request")
    places = _places(deployment, requests, 1 / credential.a_second)
    return Issuing(doors, copies, places, peak)


class _Asked:
    """A wallet of many drivers, and the clock of the server's processor time.

    A driver has one open offer at a time, so requests come in rounds of as many as there are
    drivers; from the second round on each ends the electronic licence of the one before.
    """

    def __init__(self, deployment: Deployment, browser: Browser, pid: int) -> None:
        self.browser, self.pid = browser, pid
        self.drivers = deployment.drivers
        self.config = load(deployment.config, {})
        self.wallet = Wallet(deployment.origin("wallet"), browser)
        self.issuer = self.wallet.get("/.well-known/openid-credential-issuer")
        self.spent: dict[str, float] = defaultdict(float)
        self.asked: Counter[str] = Counter()

    def measure(self, requests: int) -> tuple[tuple[Door, ...], float]:
        """Ask every door so often; the doors, and copies a second in batches."""
        with closing(app.build(self.config, demo.clock_of(self.config))) as house:
            while self.asked["constant"] < requests:
                self._round(house, self.drivers[: requests - self.asked["constant"]], copies=1)
            self._round(house, self.drivers[: max(1, requests // BATCH)], copies=BATCH)
        constant = self._rate("constant")
        doors = tuple(
            Door(name, self._rate(name), self._rate(name) / constant)
            for name in ("token request", "nonce request", "credential request")
        )
        return doors, self._rate("batch") * BATCH

    def _round(self, house: app.House, drivers: Sequence[str], *, copies: int) -> None:
        asking = "credential request" if copies == 1 else "batch"
        offers = [_offer(house, driver) for driver in drivers]
        with self._time("constant", len(drivers)):
            for _ in drivers:
                answered(self.browser.get(f"{self.wallet.origin}/livez", accept="*/*"))
        with self._time("token request", len(drivers)):
            tokens = [self.wallet.redeem(offer) for offer in offers]
        with self._time("nonce request", len(drivers)):
            nonces = [self._nonce() for _ in drivers]
        now = house.clock()
        wanted = [
            {
                "credential_configuration_id": MDL_DOC_TYPE,
                "proofs": {"jwt": [_proof(self.config, nonce, now) for _ in range(copies)]},
            }
            for nonce in nonces
        ]
        url = self.issuer["credential_endpoint"]
        with self._time(asking, len(drivers)):
            for token, one in zip(tokens, wanted, strict=True):
                answered(self.browser.post_json(url, one, bearer=token))

    def _nonce(self) -> str:
        answer = answered(self.browser.post_json(self.issuer["nonce_endpoint"], {}))
        return str(answer.json()["c_nonce"])

    @contextmanager
    def _time(self, what: str, times: int) -> Iterator[None]:
        before = _processor_seconds(self.pid)
        yield
        self.spent[what] += _processor_seconds(self.pid) - before
        self.asked[what] += times

    def _rate(self, what: str) -> float:
        return self.asked[what] / max(self.spent[what], 1 / _TICKS)


def _proof(config: Config, nonce: str, now: datetime) -> str:
    key = DeviceKey()
    claims = {"aud": config.public_url, "iat": int(now.timestamp()), "nonce": nonce}
    return jose.sign(claims, key, typ=PROOF_TYPE, header={"jwk": key.public.to_jwk()})


def _offer(house: app.House, driver: str) -> Any:
    """An offer from the counter, as a wallet scans it."""
    made = house.offers.offer_at_counter(HolderId(driver), house.clock())
    return msgspec.to_builtins(claim_answer(house.config, made))


# -- where the time goes


def _places(deployment: Deployment, requests: int, whole: float) -> tuple[tuple[str, float], ...]:
    """Shares of a credential request that takes `whole` seconds.

    The service is called here as its door calls it: once with a clock, and once under a
    profiler for the shares within. HTTP is what the whole takes beyond the service.
    """
    config = load(deployment.config, {})
    with closing(app.build(config, demo.clock_of(config))) as house:
        drivers = deployment.drivers[:requests]
        spent = sum(_issue(house, driver, time.process_time) for driver in drivers)
        profile = cProfile.Profile(time.process_time)
        for driver in drivers:
            _issue(house, driver, time.process_time, profile)
    service = min(1.0, spent / len(drivers) / whole)
    within = _by_place(pstats.Stats(profile))
    total = sum(within.values())
    shares = [(name, service * taken / total) for name, taken in within.most_common()]
    return (("HTTP and framework", 1 - service), *shares)


def _issue(
    house: app.House,
    driver: str,
    clock: Callable[[], float],
    profile: cProfile.Profile | None = None,
) -> float:
    """Issue one copy; the seconds of the call alone."""
    now = house.clock()
    made = house.offers.offer_at_counter(HolderId(driver), now)
    token = house.tokens.redeem(made.pre_authorized_code, made.tx_code, now).access_token
    proof = _proof(house.config, house.issuance.nonces.make(secrets.token_bytes(16), now), now)
    begun = clock()
    if profile is not None:
        profile.enable()
    house.issuance.issue(token, proof, now)
    if profile is not None:
        profile.disable()
    return clock() - begun


def _by_place(stats: pstats.Stats) -> Counter[str]:
    taken: Counter[str] = Counter()
    functions: dict[tuple[str, int, str], tuple[Any, ...]] = stats.stats  # type: ignore[attr-defined]
    for (file, _, function), (_, _, seconds, *_) in functions.items():
        name = f"{file} {function}"
        place = next((one for one, parts in _PLACES if any(p in name for p in parts)), "the rest")
        taken[place] += seconds
    return taken


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _peak(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM:"))
