"""A change of the register reaches everybody within five seconds, without a new claim.

Measured from the moment at which the registrar is told that the change is recorded, until the
change is seen in the published status list (as JWT and as CWT), in the driver's wallet, and in
an officer's next check. Each time is the best of three, for a shared machine has bad moments.

Gap: a change of classes that leaves something to drive is not in the status list, so that the
copy is not void; it is measured in the wallet and in the check alone.

Its planted defect is a system whose worker does not run.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gates import defects
from gates.deployment import Deployment, prepare
from gates.launcher import Launcher
from gates.protocol import Context, Figure, Result
from gates.writers import claim_copy
from jiazhao.credentials.status_token import CWT_TYPE, JWT_TYPE, verify_status_token
from jiazhao.smoke.people import Officer, Registrar, named
from jiazhao.smoke.wallet import Received, Wallet

NAME = "five-seconds"

LIMIT_SECONDS = 5.0
ROUNDS = 3
HOLDERS = 12
_POLL_SECONDS = 0.02

Seen = Callable[[], bool]
"""Asks one channel whether it shows the change by now."""


@dataclass(frozen=True, slots=True)
class Change:
    """One act of the registrar, and what the world must show afterwards."""

    name: str
    members: Mapping[str, Any]
    may_drive: bool
    in_list: bool = True
    drives: str | None = None
    """A class that an officer asks about, where the change is of classes."""


def run(context: Context) -> Result:
    """Measure three times."""
    return measure(context, rounds=ROUNDS, limit=LIMIT_SECONDS)


def run_broken(context: Context) -> Result:
    """Measure once without a worker."""
    return measure(context, rounds=1, limit=LIMIT_SECONDS, defect=defects.NO_WORKER)


def measure(context: Context, *, rounds: int, limit: float, defect: str = "") -> Result:
    """Change a driver's licence back and forth and see how long each channel takes."""
    deployment = prepare(context.folder / "state", holders=HOLDERS)
    best: dict[tuple[str, str], float] = {}
    with Launcher() as launcher:
        server = launcher.start(deployment, defect)
        server.wait_ready()
        scene = Scene(deployment)
        for _ in range(rounds):
            for change in scene.changes():
                for channel, seconds in scene.seconds(change, limit).items():
                    pair = change.name, channel
                    best[pair] = min(seconds, best.get(pair, seconds))
                if defect and max(best.values()) > limit:
                    break
        server.stop()
    late = [f"{what} not in the {channel}" for (what, channel), s in best.items() if s > limit]
    figures: dict[str, Figure] = {"changes": len({what for what, _ in best}), "rounds": rounds}
    for channel in sorted({channel for _, channel in best}):
        times = [seconds for (_, one), seconds in best.items() if one == channel]
        figures[f"{channel}_worst_s"] = "never" if inf in times else round(max(times), 2)
    return Result.judge(bool(best) and not late, "; ".join(late[:5]), **figures)


@dataclass
class Scene:
    """A driver with a copy, an officer, a registrar, and whoever reads status lists."""

    deployment: Deployment
    wallet: Wallet = field(init=False)
    copy: Received = field(init=False)

    def __post_init__(self) -> None:
        """Sign everybody in and claim once."""
        origin = self.deployment.origin
        self.driver = self.deployment.drivers[0]
        self.wallet = Wallet(origin("wallet"))
        self.wallet.sign_in(named(self.driver))
        self.copy = claim_copy(self.wallet)
        self.now = self.wallet.server_clock()
        self.officer = Officer(origin("terminal"))
        self.officer.sign_in(named("officer-li"))
        self.registrar = Registrar(origin("console"))
        self.registrar.sign_in(named("registrar-qian"))
        self.anchors = self._roots()

    def changes(self) -> Iterator[Change]:
        """Away from a sound licence and back to it, in every way that stops a driver."""
        classes = self.wallet.licence()["licence"]["classes"]
        codes = [one["code"] for one in classes]
        grants = [
            {
                "vehicle_class": one["code"],
                "issue_date": one["issue_date"],
                "expiry_date": one["expiry_date"],
            }
            for one in classes
        ]
        moped = {"vehicle_class": "F", "issue_date": grants[0]["issue_date"]}
        yield Change("points-reach-12", {"points": 12}, may_drive=False)
        yield Change("points-cleared", {"points": 0}, may_drive=True)
        yield Change("detained", {"add_statuses": ["U"]}, may_drive=False)
        yield Change("returned", {"end_statuses": ["U"]}, may_drive=True)
        yield Change("classes-withdrawn", {"withdraw_classes": codes}, may_drive=False)
        yield Change("classes-granted", {"grant_classes": grants}, may_drive=True)
        yield Change(
            "class-added", {"grant_classes": [moped]}, may_drive=True, in_list=False, drives="F"
        )
        yield Change("class-removed", {"withdraw_classes": ["F"]}, may_drive=True, in_list=False)
        yield Change("revoked", {"add_statuses": ["F"]}, may_drive=False)
        yield Change("reinstated", {"end_statuses": ["F"]}, may_drive=True)

    def seconds(self, change: Change, limit: float) -> dict[str, float]:
        """Record a change and return, by channel, the seconds until it showed."""
        before = self.wallet.licence()["licence"]
        self.registrar.change(self.driver, **change.members)
        start = time.monotonic()
        waiting = dict(self._channels(change, before))
        took: dict[str, float] = {}
        while waiting and time.monotonic() - start <= limit:
            for channel, shows in list(waiting.items()):
                if shows():
                    took[channel] = time.monotonic() - start
                    del waiting[channel]
            time.sleep(_POLL_SECONDS)
        return took | dict.fromkeys(waiting, inf)

    def _channels(self, change: Change, before: Any) -> Iterator[tuple[str, Seen]]:
        if change.in_list:
            yield "list_jwt", lambda: self._in_list(f"application/{JWT_TYPE}", change)
            yield "list_cwt", lambda: self._in_list(CWT_TYPE, change)
        yield "wallet", lambda: self._in_wallet(change, before)
        yield "check", lambda: self._in_check(change)

    def _in_list(self, form: str, change: Change) -> bool:
        status = self.copy.status
        if status is None:
            raise AssertionError("a copy without a status")
        token = self.wallet.browser.get(status.uri, accept=form).body
        read = verify_status_token(
            token, expected_uri=status.uri, anchors=self.anchors, now=self.now()
        )
        return (read.status(status.index) == 0) is change.may_drive

    def _in_wallet(self, change: Change, before: Any) -> bool:
        licence = self.wallet.licence()["licence"]
        changed = any(licence[name] != before[name] for name in ("points", "statuses", "classes"))
        return changed and bool(licence["may_drive"]) is change.may_drive

    def _in_check(self, change: Change) -> bool:
        code = self.wallet.new_code(self.now())
        asked = "F" if not change.in_list else None
        answer = self.officer.check(code, vehicle_class=asked)
        valid = answer["verdict"] == "VALID"
        if asked is None:
            return valid is change.may_drive
        return valid and answer["may_drive"]["answer"] is (change.drives == asked)

    def _roots(self) -> tuple[bytes, ...]:
        pem = self.wallet.browser.get(f"{self.wallet.origin}/trust/iaca.pem", accept="*/*").body
        return tuple(
            root.public_bytes(Encoding.DER) for root in x509.load_pem_x509_certificates(pem)
        )
