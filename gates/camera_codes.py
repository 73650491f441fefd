"""Licence codes made anew for each frame, right ones and wrong ones, and who checks them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from random import Random
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from jiazhao.app import read_tables
from jiazhao.credentials.beacon import Beacon, epoch_at
from jiazhao.credentials.code_sealing import Kind, period_on
from jiazhao.credentials.licence_code import (
    SHOWN_LIFE_HOURS,
    IssuerData,
    IssuerPart,
    fitted,
    key_name,
    portrait_room,
    sign_code,
    sign_issuer_part,
)
from jiazhao.credentials.portrait import TEMPLATE, Portrait
from jiazhao.credentials.signing import write_base64url
from jiazhao.credentials.status_snapshot import SnapshotFinding
from jiazhao.licence.identifiers import citizen_check_digit
from jiazhao.licence.legal_day import legal_day
from jiazhao.licence.licence import Sex
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.presentation.steps import LICENCE_CODE_OFFLINE, Outcome
from jiazhao.presentation.verify import TrustAnchors
from jiazhao.presentation.verify_code import CheckedCode, Checker, verify_licence_code
from jiazhao.smoke.wallet import DeviceKey
from jiazhao.trust import SoftwareSigner, TrustPlan
from jiazhao.trust.hierarchy import Role, make_root, make_signer

NOW: Final = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
TODAY: Final = period_on(Kind.SHOWN, legal_day(NOW))
SNAPSHOT_AS_OF: Final = NOW - timedelta(minutes=20)
LAST_COUNTER: Final = 1000
"""What this terminal saw of every device before."""

_CURVE: Final = ec.SECP256R1()

_TABLES: Final = {
    "classes": "classes",
    "class_includes": "class_includes",
    "statuses": "status_codes",
    "age_limits": "age_limits",
    "figures": "figures",
    "refusals": "refusals",
}
"""Tables that a shift brings, and their files."""


@dataclass(frozen=True, slots=True)
class Made:
    """A code, and the only word that may be said of it."""

    octets: bytes
    expected: Outcome
    kind: str


class CodeMaker:
    """Makes codes as a wallet does; `chance` decides everything but the keys."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        plan = TrustPlan(issuer_uri="https://licence.example")
        root = make_root(plan, now=NOW)
        signer = make_signer(Role.DOCUMENT_SIGNER, plan, root=root, now=NOW)
        certificate = signer.certificate
        der = certificate.public_bytes(Encoding.DER)
        self._issuer = SoftwareSigner(signer.key, [certificate])
        self._signer_name = key_name(der)
        self._device, self._stranger = DeviceKey(), DeviceKey()
        self._day_key = ec.generate_private_key(_CURVE)
        self._other_key = ec.generate_private_key(_CURVE)
        self._beacon = Beacon(epoch_at(NOW), chance.randbytes(12))
        self._revoked = chance.randbytes(8)
        self._data = self._driver(_compressed(self._device))
        self._part = sign_issuer_part(self._data, self._issuer)
        self.checker = Checker(
            trust=TrustAnchors((root.certificate.public_bytes(Encoding.DER),)),
            signers=(der,),
            keys={(Kind.SHOWN, TODAY): self._day_key},
            rules=read_tables().on(legal_day(NOW)),
            beacon=self._beacon,
            last_counter=_seen_before,
            status=self._look_up,
        )
        self._makers: Mapping[str, Callable[[], Made]] = {
            "fresh": self.fresh,
            "old": self.old,
            "used": self.used,
            "of another key": self.of_another_key,
            "forged": self.forged,
            "revoked": self.revoked,
        }

    def any(self) -> Made:
        """Most are right, as at the roadside; every kind of wrong comes too."""
        kinds = list(self._makers)
        kind = kinds[0] if self._chance.random() < 0.7 else self._chance.choice(kinds[1:])
        return self._makers[kind]()

    def fresh(self) -> Made:
        """A code as it should be."""
        return Made(self._code(self._part), Outcome.VALID, "fresh")

    def old(self) -> Made:
        """One that was filmed, and shown again when its time was over."""
        age = timedelta(seconds=self._chance.randint(91, 86_000))
        made = self._code(self._part, time=NOW - age)
        return Made(made, Outcome.CANNOT_CONFIRM, "old")

    def used(self) -> Made:
        """One whose counter this terminal saw, or a later one."""
        counter = self._chance.randint(1, LAST_COUNTER)
        made = self._code(self._part, counter=counter)
        return Made(made, Outcome.CANNOT_CONFIRM, "used")

    def of_another_key(self) -> Made:
        """One that is sealed for somebody else."""
        made = self._code(self._part, key=self._other_key)
        return Made(made, Outcome.CANNOT_CONFIRM, "of another key")

    def forged(self) -> Made:
        """One whose licence nobody signed who may; it names who may."""
        data = replace(self._data, points=0, name="样本乙")
        unsigned = IssuerPart(self._signer_name, data, b"")
        part = replace(unsigned, signature=self._stranger.sign(unsigned.to_be_signed))
        return Made(self._code(part), Outcome.NOT_GENUINE, "forged")

    def revoked(self) -> Made:
        """One of a licence that the snapshot says must not be driven on."""
        data = replace(self._data, handle=self._revoked)
        part = sign_issuer_part(data, self._issuer)
        return Made(self._code(part), Outcome.NOT_VALID, "revoked")

    def given(self) -> dict[str, Any]:
        """What the browser's verifier is to hold, as JSON."""
        private = self._day_key.private_numbers()
        public = private.public_numbers
        point = b"\x04" + public.x.to_bytes(32) + public.y.to_bytes(32)
        settings, beacon = self.checker.settings, self._beacon
        return {
            "now": NOW.isoformat(),
            "roots": [root.hex() for root in self.checker.trust.roots],
            "signers": [signer.hex() for signer in self.checker.signers],
            "key": {
                "kind": int(Kind.SHOWN),
                "period": TODAY,
                "point": point.hex(),
                "jwk": {
                    name: write_base64url(number.to_bytes(32))
                    for name, number in (
                        ("x", public.x),
                        ("y", public.y),
                        ("d", private.private_value),
                    )
                },
            },
            "tables": {name: json.loads(_table(file)) for name, file in _TABLES.items()},
            "beacon": beacon.octets.hex(),
            "last_counter": LAST_COUNTER,
            "revoked": self._revoked.hex(),
            "snapshot_as_of": SNAPSHOT_AS_OF.isoformat(),
            "settings": {
                "code_seconds": int(settings.life.total_seconds()),
                "skew_seconds": int(settings.skew.total_seconds()),
                "challenge_after_seconds": int(settings.challenge_after.total_seconds()),
                "snapshot_max_age_seconds": int(settings.snapshot_max_age.total_seconds()),
            },
        }

    def check(self, octets: bytes) -> CheckedCode:
        """Check without a network, as a terminal does."""
        return verify_licence_code(
            octets, now=NOW, checker=self.checker, profile=LICENCE_CODE_OFFLINE
        )

    def _code(
        self,
        part: IssuerPart,
        *,
        time: datetime = NOW,
        counter: int | None = None,
        key: ec.EllipticCurvePrivateKey | None = None,
    ) -> bytes:
        return sign_code(
            part,
            self._device,
            time=int(time.timestamp()) - self._chance.randint(0, 20),
            counter=counter or self._chance.randint(LAST_COUNTER + 1, 2_000_000_000),
            nonce=self._chance.randbytes(8),
            period=TODAY,
            key=(key or self._day_key).public_key(),
            ephemeral=ec.generate_private_key(_CURVE),
            beacon=self._beacon,
        )

    def _look_up(self, handle: bytes, _issued_at: datetime) -> SnapshotFinding:
        return SnapshotFinding(handle == self._revoked, SNAPSHOT_AS_OF)

    def _driver(self, device_key: bytes) -> IssuerData:
        first17 = "99010119900105001"
        data = fitted(
            IssuerData(
                handle=self._chance.randbytes(8),
                handle_age=100,
                signed=int((NOW - timedelta(hours=5)).timestamp()),
                life=SHOWN_LIFE_HOURS,
                device_key=device_key,
                number=first17 + citizen_check_digit(first17),
                name="样本甲",
                sex=Sex.FEMALE,
                birth_date=date(1990, 1, 5),
                nationality="CN",
                classes=((VehicleClass.C1, None),),
                first_issue_date=date(2015, 3, 2),
                valid_from=date(2021, 3, 2),
                valid_until=date(2031, 3, 2),
                statuses=frozenset({LicenceStatus.NORMAL}),
                points=3,
                record="",
                record_is_elsewhere=False,
                office_prefix="川A",
                portrait=None,
            )
        )
        # Octets of a picture, which no check of the code decodes.
        octets = self._chance.randbytes(portrait_room(data))
        return replace(data, portrait=Portrait(TEMPLATE, octets))


def _compressed(key: DeviceKey) -> bytes:
    x, y = key.public.point[1:33], key.public.point[33:]
    return bytes([2 + y[-1] % 2]) + x


def _table(name: str) -> bytes:
    return (resources.files("jiazhao.rules") / "data" / f"{name}.json").read_bytes()


def _seen_before(_device_key: bytes) -> int:
    return LAST_COUNTER
