"""Licence codes of made-up drivers, made with the keys of a demonstration that runs here."""

import base64
import json
import secrets
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from jiazhao import app
from jiazhao.clock import system_clock
from jiazhao.config import load
from jiazhao.credentials.beacon import parse_beacon
from jiazhao.credentials.code_sealing import read_point
from jiazhao.credentials.licence_code import (
    IssuerData,
    IssuerPart,
    seal_backup_code,
    sign_code,
    sign_issuer_part,
)
from jiazhao.credentials.portrait import Portrait
from jiazhao.demo import CONFIG_NAME
from jiazhao.licence.licence import Sex
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.smoke.device_key import DeviceKey

DRAWN = Path(__file__).parents[2] / "vectors/portrait/usual-room.json"


def text(octets: bytes) -> str:
    """Return octets as a terminal takes them when they are typed."""
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


@dataclass
class Phone:
    """A phone with a code part of its own, signed by the demonstration's document signer."""

    state: Path
    points: int = 0
    statuses: frozenset[LicenceStatus] = frozenset({LicenceStatus.NORMAL})
    key: DeviceKey = field(default_factory=DeviceKey)
    counter: int = 0

    def __post_init__(self) -> None:
        self.house = app.build(load(self.state / CONFIG_NAME, {}), system_clock)

    def data(self, *, device: bool) -> IssuerData:
        """What the issuer says of the made-up driver."""
        now = system_clock()
        return IssuerData(
            handle=secrets.token_bytes(8),
            handle_age=30,
            signed=int(now.timestamp()) - 60,
            life=720 if device else 8000,
            device_key=self.key.public.compressed if device else None,
            number="510100199001010000",
            name="离线样本",
            sex=Sex.MALE,
            birth_date=date(1990, 1, 1),
            nationality="CN",
            classes=((VehicleClass.C1, None),),
            first_issue_date=date(2012, 6, 1),
            valid_from=date(2018, 6, 1),
            valid_until=None,
            statuses=self.statuses,
            points=self.points,
            record="",
            record_is_elsewhere=False,
            office_prefix="川A",
            portrait=Portrait(1, bytes.fromhex(json.loads(DRAWN.read_text())["octets"])),
        )

    def part(self, *, device: bool = True) -> IssuerPart:
        """Return the issuer's part."""
        return sign_issuer_part(self.data(device=device), self.house.trust.document_signer)

    def code(
        self, *, challenge: int | None = None, heard: timedelta = timedelta(), late: int = 0
    ) -> str:
        """Show the next code; `heard` is how long ago the phone was in contact."""
        now = system_clock()
        self.counter += 1
        day = self.house.enforcement_keys.public_keys(now)[0]
        return text(
            sign_code(
                self.part(),
                self.key,
                time=int(now.timestamp()) - late,
                counter=self.counter,
                nonce=secrets.token_bytes(8),
                period=day.period,
                key=read_point(day.point),
                ephemeral=ec.generate_private_key(ec.SECP256R1()),
                challenge=challenge,
                beacon=parse_beacon(self.house.beacons.at(now - heard)),
            )
        )

    def backup_code(self) -> str:
        """Return a printed backup code."""
        year = self.house.enforcement_keys.year_key(system_clock())
        return text(
            seal_backup_code(
                self.part(device=False),
                period=year.period,
                key=read_point(year.point),
                ephemeral=ec.generate_private_key(ec.SECP256R1()),
            )
        )
