"""A terminal that works without a network, and a wallet that shows it licence codes."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from jiazhao.app import House
from jiazhao.credentials import jose
from jiazhao.credentials.beacon import parse_beacon
from jiazhao.credentials.code_sealing import (
    Kind,
    period_on,
    read_point,
    seal_base,
    write_point,
)
from jiazhao.credentials.licence_code import (
    IssuerData,
    IssuerPart,
    seal_backup_code,
    sign_code,
    sign_issuer_part,
)
from jiazhao.credentials.signing import PublicKey, read_base64url, write_base64url
from jiazhao.http.access import Actor
from jiazhao.licence.legal_day import legal_day
from jiazhao.presentation.record_messages import RecordBatch, RecordResult, SealedRecord
from jiazhao.presentation.records import INFO
from jiazhao.roadside.messages import Registration, ShiftBegin, ShiftBundle, UploadKey
from jiazhao.roadside.proofs import RECORDS_TYPE, REGISTRATION_TYPE, SHIFT_TYPE
from jiazhao.roadside.terminals import DEMONSTRATION_CODE
from jiazhao.smoke.device_key import DeviceKey
from jiazhao.smoke.people import Officer
from tests.houses import Phone


def new_key() -> ec.EllipticCurvePrivateKey:
    """A key that is used once."""
    return ec.generate_private_key(ec.SECP256R1())


def seal_record(key: UploadKey, record_id: str, content: bytes) -> SealedRecord:
    """Seal a record as a terminal does before it writes it."""
    ephemeral = new_key()
    sealed = seal_base(
        content,
        key=read_point(read_base64url(key.point, "key")),
        ephemeral=ephemeral,
        info=INFO,
        aad=record_id.encode(),
    )
    enc = write_base64url(write_point(ephemeral.public_key()))
    return SealedRecord(record_id, key.kid, enc, write_base64url(sealed))


@dataclass
class OutOfReach:
    """What an officer's terminal, which came over HTTP, does by itself with an open shift."""

    officer: Officer
    bundle: Any = field(repr=False)
    sequence: int = 0

    @classmethod
    def of(cls, officer: Officer) -> "OutOfReach":
        """Open a shift anew, and keep what it brings."""
        return cls(officer, officer.open_shift())

    def record(self, check_id: str, scanned: str, at: datetime) -> SealedRecord:
        """A check whose word was VALID, sealed for the server."""
        self.sequence += 1
        record_id = str(uuid4())
        content = {
            "record_id": record_id,
            "shift_id": self.bundle["shift_id"],
            "sequence": self.sequence,
            "check_id": check_id,
            "at": at.isoformat(),
            "scanned": scanned,
            "verdict": "VALID",
        }
        key = msgspec.convert(self.bundle["upload_key"], UploadKey)
        return seal_record(key, record_id, msgspec.json.encode(content))

    def hand_in(self, *records: SealedRecord) -> list[dict[str, Any]]:
        """Hand records in over HTTP; what became of each."""
        proof = self.officer.prove(RECORDS_TYPE)
        asked = {"proof": proof, "records": msgspec.to_builtins(records)}
        results: list[dict[str, Any]] = self.officer.post("/presentation/records", asked)["results"]
        return results


@dataclass
class RoadsideTerminal:
    """A registered device in an officer's hand."""

    house: House
    officer: Actor
    key: DeviceKey = field(default_factory=DeviceKey, repr=False)
    terminal_id: str = ""
    bundle: ShiftBundle | None = None
    sequence: int = 0

    def prove(self, typ: str, **claims: Any) -> str:
        """A proof of this terminal's key."""
        usual = {
            "aud": self.house.config.terminal_url,
            "iat": int(self.house.clock().timestamp()),
            "jti": str(uuid4()),
            "terminal_id": self.terminal_id,
        }
        return jose.sign({**usual, **claims}, self.key, typ=typ)

    def begin(self) -> "RoadsideTerminal":
        """Register where that is still to do, and open a shift."""
        now = self.house.clock()
        if not self.terminal_id:
            asked = Registration(
                DEMONSTRATION_CODE,
                "test",
                self.key.public.to_jwk(),
                self.prove(REGISTRATION_TYPE, code=DEMONSTRATION_CODE),
            )
            registered = self.house.terminals.register(asked, actor=self.officer, now=now)
            self.terminal_id = registered.terminal_id
        begin = ShiftBegin(self.prove(SHIFT_TYPE))
        self.bundle = self.house.shifts.open(begin, actor=self.officer, now=now)
        return self

    def record(self, scanned: bytes, **members: Any) -> SealedRecord:
        """One check of now, sealed as the terminal keeps it; `members` replace the usual ones."""
        assert self.bundle is not None
        self.sequence += 1
        record_id = members.pop("record_id", str(uuid4()))
        content = {
            "record_id": record_id,
            "shift_id": self.bundle.shift_id,
            "sequence": self.sequence,
            "check_id": str(uuid4()),
            "at": self.house.clock().isoformat(),
            "scanned": write_base64url(scanned),
            "verdict": "VALID",
            **members,
        }
        return self.seal(record_id, msgspec.json.encode(content))

    def seal(self, record_id: str, content: bytes) -> SealedRecord:
        """Seal for the server's key of the shift."""
        assert self.bundle is not None
        return seal_record(self.bundle.upload_key, record_id, content)

    def hand_in(self, *records: SealedRecord, by: Actor | None = None) -> list[RecordResult]:
        """Hand records in; what became of each."""
        batch = RecordBatch(self.prove(RECORDS_TYPE), list(records))
        taken = self.house.offline_records.take(
            batch, officer=by or self.officer, now=self.house.clock()
        )
        return taken.results


@dataclass
class CodeWallet:
    """A phone with a claimed licence, and the issuer's part of its codes."""

    phone: Phone
    counter: int = 0

    def part(self, **changes: Any) -> IssuerPart:
        """What the issuer signs for this phone; `changes` replace what it says."""
        house, now = self.phone.house, self.phone.now
        with house.database.reading() as db:
            licence = house.register.licence_of(db, self.phone.holder_id, at=now)
        person, grant = licence.person, licence.grant
        usual: dict[str, Any] = {
            "handle": bytes(8),
            "handle_age": 0,
            "signed": int(now.timestamp()),
            "life": 720,
            "device_key": write_point(self._device_key()),
            "number": person.identity_number,
            "name": person.family_name + person.given_name,
            "sex": person.sex,
            "birth_date": person.birth_date,
            "nationality": person.nationality,
            "classes": tuple((one.vehicle_class, one.expiry_date) for one in licence.classes),
            "first_issue_date": grant.first_issue_date,
            "valid_from": grant.valid_from,
            "valid_until": grant.valid_until,
            "statuses": licence.statuses,
            "points": licence.points,
            "record": "",
            "record_is_elsewhere": False,
            "office_prefix": grant.issuing_office.prefix,
            "portrait": None,
        }
        return sign_issuer_part(IssuerData(**{**usual, **changes}), house.trust.document_signer)

    def code(self, *, counter: int | None = None, after: float = 0.0, **changes: Any) -> bytes:
        """A licence code of `after` seconds from now; the counter rises by itself."""
        house, shown_at = self.phone.house, self.phone.now + timedelta(seconds=after)
        self.counter = self.counter + 1 if counter is None else counter
        day = house.enforcement_keys.public_keys(shown_at)[0]
        return sign_code(
            self.part(**changes),
            self.phone.key,
            time=int(shown_at.timestamp()),
            counter=self.counter,
            nonce=secrets.token_bytes(8),
            period=day.period,
            key=read_point(day.point),
            ephemeral=new_key(),
            beacon=parse_beacon(house.beacons.at(self.phone.now)),
        )

    def printed(self, handle: bytes) -> bytes:
        """A backup code, on paper."""
        house, now = self.phone.house, self.phone.now
        return seal_backup_code(
            self.part(device_key=None, life=8784, handle=handle),
            period=period_on(Kind.BACKUP, legal_day(now)),
            key=read_point(house.enforcement_keys.year_key(now).point),
            ephemeral=new_key(),
        )

    def _device_key(self) -> ec.EllipticCurvePublicKey:
        return read_point(_compressed(self.phone.key.public))


def _compressed(key: PublicKey) -> bytes:
    return bytes([2 + key.point[-1] % 2]) + key.point[1:33]
