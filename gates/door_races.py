"""The same races as through the services, but over HTTP: two browsers, two officers."""

from collections.abc import Callable
from itertools import cycle
from typing import Any

from gates.deployment import Deployment
from gates.launcher import Launcher
from gates.pairs import Act, Score, succeeds, two_at_once
from gates.writers import claim_copy
from jiazhao.issuance.granting import MAX_WRONG_TX_CODES
from jiazhao.smoke.people import Officer, named
from jiazhao.smoke.wallet import Wallet

CLAIMANTS = 3
"""Drivers who race for a claim; each has two devices."""


def race_at_the_doors(launcher: Launcher, deployment: Deployment, races: int) -> Score:
    """Run so many races of each kind over HTTP."""
    score = Score()
    server = launcher.start(deployment)
    try:
        server.wait_ready()
        course = DoorCourse(deployment)
        kinds: dict[str, Callable[[], tuple[Act, Act]]] = {
            "claim": course.claim,
            "redeem": course.redeem,
            "use": course.use,
        }
        with two_at_once() as both:
            for kind, start in kinds.items():
                for _ in range(races):
                    score.note(kind, sum(both(*start())))
    finally:
        server.stop()
    return score


class DoorCourse:
    """Prepares races over HTTP."""

    def __init__(self, deployment: Deployment) -> None:
        wallet, terminal = deployment.origin("wallet"), deployment.origin("terminal")

        def signed_in(driver: str) -> Wallet:
            device = Wallet(wallet)
            device.sign_in(named(driver))
            return device

        first, *others = deployment.drivers
        self._holder = signed_in(first)
        claim_copy(self._holder)
        self._now = self._holder.server_clock()
        self._devices = cycle([(signed_in(one), signed_in(one)) for one in others[:CLAIMANTS]])
        self._officers = [Officer(terminal), Officer(terminal)]
        for officer, subject in zip(self._officers, ("officer-li", "officer-zhao"), strict=True):
            officer.sign_in(named(subject))

    def claim(self) -> tuple[Act, Act]:
        """Two devices of one driver claim at once."""
        first, second = next(self._devices)
        self._burn(first, first.claim(replace=True))
        return (
            lambda: succeeds(lambda: first.claim(replace=False)),
            lambda: succeeds(lambda: second.claim(replace=False)),
        )

    def redeem(self) -> tuple[Act, Act]:
        """Two devices redeem one offer at once."""
        first, second = next(self._devices)
        offer = first.claim(replace=True)
        return (
            lambda: succeeds(lambda: first.redeem(offer)),
            lambda: succeeds(lambda: second.redeem(offer)),
        )

    def use(self) -> tuple[Act, Act]:
        """Two officers check one licence code at once."""
        code = self._holder.new_code(self._now())
        first, second = self._officers
        return lambda: _is_valid(first, code), lambda: _is_valid(second, code)

    def _burn(self, wallet: Wallet, offer: Any) -> None:
        """Guess wrongly until the offer is void, so that no claim is under way."""
        wrong = offer | {"tx_code": str((int(offer["tx_code"]) + 1) % 10**6).zfill(6)}
        for _ in range(MAX_WRONG_TX_CODES):
            if succeeds(lambda: wallet.redeem(wrong)):
                raise AssertionError("a wrong transaction code was taken")


def _is_valid(officer: Officer, code: str) -> bool:
    return bool(officer.check(code)["verdict"] == "VALID")
