"""The licence code (亮证码): what a wallet shows as a QR code, and what a printed backup holds.

docs/specs/licence-code.md defines it; vectors/licence-code/ holds its vectors. The issuer signs
the data and the portrait, the device signs time, counter and nonce over that, and the whole is
sealed for the terminals of the day (`code_sealing`). All CBOR is deterministic: a second
spelling of the same content is refused, since what was read is written again and compared.

Parsing verifies nothing; `IssuerPart.verify` and `LicenceCode.verify_holder` check a signature
each, and whether the code is fresh and unused is the checker's to say.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec

from jiazhao.credentials import cbor, cose
from jiazhao.credentials.beacon import BEACON_OCTETS, Beacon, parse_beacon
from jiazhao.credentials.cbor import unreadable
from jiazhao.credentials.code_sealing import PLAINTEXT_OCTETS, Kind, read_point, seal
from jiazhao.credentials.portrait import MAX_OCTETS as MAX_PORTRAIT_OCTETS
from jiazhao.credentials.portrait import MIN_ROOM, TEMPLATE, Portrait
from jiazhao.credentials.signing import (
    SIGNATURE_OCTETS,
    Algorithm,
    PublicKey,
    Signer,
    VerificationKey,
)
from jiazhao.errors import ErrorCode, UnreadableError, VerificationError
from jiazhao.licence.identifiers import citizen_check_digit, citizen_number
from jiazhao.licence.licence import ClassEntitlement, Sex
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass

ISSUER_CONTEXT: Final = b"jiazhao licence code 2 issuer"
HOLDER_CONTEXT: Final = b"jiazhao licence code 2 holder"
"""The external_aad: the same keys sign other things, and none may pass as another."""

HANDLE_OCTETS: Final = 8
NONCE_OCTETS: Final = 8
KID_OCTETS: Final = 4
MAX_NAME_OCTETS: Final = 200
"""A name has 12 octets at most as a rule; the register takes ones that no code could hold."""
MAX_RECORD_OCTETS: Final = 60
SHOWN_LIFE_HOURS: Final = 720
MAX_LIFE_HOURS: Final = 8784
"""366 days, of a backup code."""
MAX_CHALLENGE: Final = 9999
CUT: Final = "…"
"""Ends a name that was cut."""

_MAX_NUMBER_OCTETS: Final = 32
_MAX_PREFIX_OCTETS: Final = 16
_MAX_32_BITS: Final = (1 << 32) - 1
_MAX_UINT: Final = (1 << 53) - 1
"""What a browser holds exactly."""
_EPOCH: Final = date(1970, 1, 1).toordinal()
_FIRST_OF_17_DIGITS: Final = 10**16
_HOME: Final = "CN"
_CLASSES: Final = tuple(VehicleClass)

_WHAT: Final = "licence code"
_READER: Final = cbor.Reader(max_octets=PLAINTEXT_OCTETS)
_HOLDER_PROTECTED: Final = bytes.fromhex("a10126")
_ISSUER_PROTECTED: Final = bytes.fromhex("a201260444")
HOLDER_PART_ROOM: Final = 113
"""The longest holder's part: with a challenge, a beacon and a counter of 32 bits."""


@dataclass(frozen=True, slots=True)
class IssuerData:
    """What the issuer signs; names and bounds of its members are those of the page."""

    handle: bytes
    """Stands for this electronic licence, or this backup code, in the country's snapshot."""
    handle_age: int
    """Hours of the clock from that of the handle's issue to that of `signed`."""
    signed: int
    """Seconds since 1970. Statuses and points are of this moment."""
    life: int
    """Hours."""
    device_key: bytes | None
    """A compressed point; None in a backup code."""
    number: str
    """证号, with its check digit where it is a citizen number."""
    name: str
    sex: Sex
    birth_date: date
    nationality: str
    classes: tuple[tuple[VehicleClass, date | None], ...]
    """Those in force at `signed`, in the order of the law, each with the last day of one that
    ends by itself."""
    first_issue_date: date
    valid_from: date
    valid_until: date | None
    statuses: frozenset[LicenceStatus]
    points: int
    record: str
    record_is_elsewhere: bool
    """The record is too long for a code: the register has it."""
    office_prefix: str
    portrait: Portrait | None

    @property
    def signed_at(self) -> datetime:
        """The moment of `signed`."""
        return datetime.fromtimestamp(self.signed, UTC)

    @property
    def ends_at(self) -> datetime:
        """When the issuer's part lapses."""
        return self.signed_at + timedelta(hours=self.life)

    @property
    def handle_issued_at(self) -> datetime:
        """A moment in the hour in which the handle was issued."""
        # An age beyond all time is before all snapshots, and dates cannot tell it.
        return self.signed_at - timedelta(hours=min(self.handle_age, self.signed // 3600))

    @property
    def entitlements(self) -> tuple[ClassEntitlement, ...]:
        """The classes as rules judge them; a code tells the first issue of the licence alone."""
        return tuple(
            ClassEntitlement(each, self.first_issue_date, last) for each, last in self.classes
        )

    @property
    def payload(self) -> bytes:
        """The signed content, in the one encoding that it has."""
        portrait = self.portrait
        return cbor.encode(
            [
                self.handle,
                self.handle_age,
                self.signed,
                self.life,
                self.device_key,
                _number_on_wire(self.number),
                self.name,
                int(self.sex),
                _day(self.birth_date),
                None if self.nationality == _HOME else self.nationality,
                _classes_on_wire(self.classes),
                _day(self.first_issue_date),
                _day(self.valid_from),
                None if self.valid_until is None else _day(self.valid_until),
                "".join(sorted(self.statuses)),
                self.points,
                True if self.record_is_elsewhere else self.record or None,
                self.office_prefix,
                None if portrait is None else [portrait.template, portrait.octets],
            ]
        )

    def __repr__(self) -> str:
        return "IssuerData(…)"


@dataclass(frozen=True, slots=True)
class IssuerPart:
    """What comes through the credential endpoint: the data under the issuer's signature."""

    kid: bytes
    """Names the signer's certificate: the first octets of its SHA-256."""
    data: IssuerData
    signature: bytes = field(repr=False)

    @property
    def encoded(self) -> bytes:
        """The COSE_Sign1, without a tag."""
        return _sign1(_ISSUER_PROTECTED + self.kid, self.data.payload, self.signature)

    @property
    def to_be_signed(self) -> bytes:
        """The message under the signature."""
        return cose.to_be_signed(_ISSUER_PROTECTED + self.kid, self.data.payload, ISSUER_CONTEXT)

    def verify(self, key: VerificationKey) -> None:
        """Raise `VerificationError` unless the issuer's `key` signed this part."""
        key.verify(self.signature, self.to_be_signed)


@dataclass(frozen=True, slots=True)
class HolderPart:
    """What the device adds each time."""

    time: int
    """Seconds since 1970 by the wallet's clock, which follows the server's."""
    counter: int
    """Rises with each code of the device key."""
    nonce: bytes
    challenge: int | None
    """Four digits that the terminal showed and the driver typed."""
    beacon: Beacon | None
    """What the server revealed at the last contact."""
    signature: bytes = field(repr=False)

    @property
    def shown_at(self) -> datetime:
        """The moment of `time`."""
        return datetime.fromtimestamp(self.time, UTC)

    @property
    def payload(self) -> bytes:
        """The signed content, in the one encoding that it has."""
        beacon = None if self.beacon is None else self.beacon.octets
        return cbor.encode([self.time, self.counter, self.nonce, self.challenge, beacon])

    @property
    def encoded(self) -> bytes:
        """The COSE_Sign1, without a tag."""
        return _sign1(_HOLDER_PROTECTED, self.payload, self.signature)

    def to_be_signed(self, issuer_part: bytes) -> bytes:
        """The message under the signature, beside this issuer's part."""
        context = HOLDER_CONTEXT + sha256(issuer_part).digest()
        return cose.to_be_signed(_HOLDER_PROTECTED, self.payload, context)


@dataclass(frozen=True, slots=True)
class LicenceCode:
    """An opened code as read; nothing in it is verified."""

    issuer: IssuerPart
    holder: HolderPart | None
    """None in a backup code."""

    @property
    def content(self) -> bytes:
        """What is sealed, without its padding."""
        holder = cbor.encode(None) if self.holder is None else self.holder.encoded
        return cbor.encoded_array([self.issuer.encoded, holder])

    def verify_holder(self) -> HolderPart:
        """Return the holder's part, or raise `VerificationError` unless the device signed it.

        Call it for an issuer's part that was verified: the device key is in there.
        """
        if self.holder is None or self.issuer.data.device_key is None:
            raise VerificationError(ErrorCode.HOLDER_NOT_SHOWN)
        key = PublicKey.of(read_point(self.issuer.data.device_key))
        try:
            key.verify(self.holder.signature, self.holder.to_be_signed(self.issuer.encoded))
        except VerificationError:
            raise VerificationError(ErrorCode.HOLDER_SIGNATURE_MISMATCH) from None
        return self.holder


# -- reading


def parse_issuer_part(octets: bytes) -> IssuerPart:
    """Read an issuer's part, or raise `UnreadableError`."""
    part = _issuer_part(_READER.read(octets, _WHAT))
    if part.encoded != octets:
        raise unreadable(_WHAT, "not the deterministic encoding")
    return part


def parse_content(content: bytes, kind: Kind) -> LicenceCode:
    """Read what was sealed in a code of this kind, or raise `UnreadableError`."""
    issuer, holder = cbor.as_array(_READER.read(content, _WHAT), _WHAT, 2)
    code = LicenceCode(_issuer_part(issuer), None if holder is None else _holder_part(holder))
    # A shown code without its holder's part would pass as a printed one, whose holder step is
    # by face: so what the issuer signed says which of the two it is.
    is_shown = kind is Kind.SHOWN
    if is_shown is (code.holder is None) or is_shown is (code.issuer.data.device_key is None):
        raise unreadable(_WHAT, "another kind of code inside")
    if code.content != content:
        raise unreadable(_WHAT, "not the deterministic encoding")
    return code


def _issuer_part(value: object) -> IssuerPart:
    protected, payload, signature = _read_sign1(value)
    kid = protected[len(_ISSUER_PROTECTED) :]
    if protected != _ISSUER_PROTECTED + kid or len(kid) != KID_OCTETS:
        raise unreadable(_WHAT, "headers are not ES256 and a key's name")
    return IssuerPart(kid, _issuer_data(payload), signature)


def _holder_part(value: object) -> HolderPart:
    protected, payload, signature = _read_sign1(value)
    if protected != _HOLDER_PROTECTED:
        raise unreadable(_WHAT, "headers are not those of ES256 alone")
    time, counter, nonce, challenge, beacon = cbor.as_array(_READER.read(payload, _WHAT), _WHAT, 5)
    return HolderPart(
        _uint(time, "time", most=_MAX_32_BITS),
        _uint(counter, "counter", least=1, most=_MAX_32_BITS),
        _octets(nonce, "nonce", NONCE_OCTETS),
        None if challenge is None else _uint(challenge, "challenge", most=MAX_CHALLENGE),
        None if beacon is None else parse_beacon(_octets(beacon, "beacon", BEACON_OCTETS)),
        signature,
    )


def _read_sign1(value: object) -> tuple[bytes, bytes, bytes]:
    protected, unprotected, payload, signature = cbor.as_array(value, _WHAT, 4)
    if unprotected != {}:
        raise unreadable(_WHAT, "an unprotected header")
    return (
        cbor.as_bytes(protected, _WHAT),
        cbor.as_bytes(payload, _WHAT),
        _octets(signature, "signature", SIGNATURE_OCTETS),
    )


def _issuer_data(payload: bytes) -> IssuerData:
    members = cbor.as_array(_READER.read(payload, _WHAT), _WHAT, 19)
    handle, handle_age, signed, life, device_key, number, name, sex, birth = members[:9]
    nationality, classes, first_issue, valid_from, valid_until = members[9:14]
    statuses, points, record, office_prefix, portrait = members[14:]
    if device_key is not None:
        read_point(cbor.as_bytes(device_key, _WHAT))
    return IssuerData(
        handle=_octets(handle, "handle", HANDLE_OCTETS),
        handle_age=_uint(handle_age, "handle age"),
        signed=_uint(signed, "signed", most=_MAX_32_BITS),
        life=_uint(life, "life", least=1, most=MAX_LIFE_HOURS),
        device_key=device_key,
        number=_read_number(number),
        name=_text(name, "name", MAX_NAME_OCTETS),
        sex=_read_sex(sex),
        birth_date=_read_day(birth),
        nationality=_HOME if nationality is None else _read_nationality(nationality),
        classes=_read_classes(classes),
        first_issue_date=_read_day(first_issue),
        valid_from=_read_day(valid_from),
        valid_until=None if valid_until is None else _read_day(valid_until),
        statuses=_read_statuses(statuses),
        points=_uint(points, "points"),
        record=""
        if record is None or record is True
        else _text(record, "record", MAX_RECORD_OCTETS),
        record_is_elsewhere=record is True,
        office_prefix=_text(office_prefix, "office", _MAX_PREFIX_OCTETS),
        portrait=None if portrait is None else _read_portrait(portrait),
    )


def _uint(value: object, what: str, *, least: int = 0, most: int = _MAX_UINT) -> int:
    number = cbor.as_uint(value, _WHAT)
    if not least <= number <= most:
        raise unreadable(_WHAT, f"{what} is out of range")
    return number


def _octets(value: object, what: str, length: int) -> bytes:
    octets = cbor.as_bytes(value, _WHAT)
    if len(octets) != length:
        raise unreadable(_WHAT, f"{what} is not {length} octets")
    return octets


def _text(value: object, what: str, most: int) -> str:
    text = cbor.as_text(value, _WHAT)
    if not 1 <= len(text.encode()) <= most:
        raise unreadable(_WHAT, f"{what} is not 1 to {most} octets")
    return text


def _read_number(value: object) -> str:
    if type(value) is str:
        return _text(value, "number", _MAX_NUMBER_OCTETS)
    least = _FIRST_OF_17_DIGITS
    first17 = str(_uint(value, "number", least=least, most=10 * least - 1))
    return first17 + citizen_check_digit(first17)


def _number_on_wire(number: str) -> int | str:
    """A citizen number, or what has the form of one, as an integer without its check digit."""
    try:
        is_short = citizen_number(number) == number and number[0] != "0"
    except UnreadableError:
        is_short = False
    return int(number[:17]) if is_short else number


def _read_sex(value: object) -> Sex:
    try:
        return Sex(_uint(value, "sex"))
    except ValueError:
        raise unreadable(_WHAT, "sex is out of range") from None


def _read_nationality(value: object) -> str:
    country = cbor.as_text(value, _WHAT)
    if len(country) != 2 or not (country.isascii() and country.isalpha() and country.isupper()):
        raise unreadable(_WHAT, "nationality is not two capital letters")
    return country


def _day(day: date) -> int:
    return day.toordinal() - _EPOCH


def _read_day(value: object) -> date:
    try:
        if type(value) is not int:
            raise ValueError
        return date.fromordinal(value + _EPOCH)
    except (ValueError, OverflowError):
        raise unreadable(_WHAT, "not a day") from None


def _classes_on_wire(classes: Sequence[tuple[VehicleClass, date | None]]) -> int | list[object]:
    numbered = [(_CLASSES.index(each), last) for each, last in classes]
    mask = sum(1 << n for n, _ in numbered)
    ending = [[n, _day(last)] for n, last in numbered if last is not None]
    return [mask, ending] if ending else mask


def _read_classes(value: object) -> tuple[tuple[VehicleClass, date | None], ...]:
    ending: Sequence[Any] = ()
    if type(value) is not int:
        value, ending = cbor.as_array(value, _WHAT, 2)
    mask = _uint(value, "classes", most=(1 << len(_CLASSES)) - 1)
    pairs = [cbor.as_array(pair, _WHAT, 2) for pair in cbor.as_array(ending, _WHAT)]
    last_days = {_uint(n, "class"): _read_day(last) for n, last in pairs}
    # A class twice, out of order or not in the mask is written in another way: refused there.
    return tuple((each, last_days.get(n)) for n, each in enumerate(_CLASSES) if mask >> n & 1)


def _read_statuses(value: object) -> frozenset[LicenceStatus]:
    try:
        statuses = frozenset(map(LicenceStatus, cbor.as_text(value, _WHAT)))
    except ValueError:
        raise unreadable(_WHAT, "unknown status") from None
    if not statuses:
        raise unreadable(_WHAT, "no status")
    return statuses


def _read_portrait(value: object) -> Portrait:
    template, octets = cbor.as_array(value, _WHAT, 2)
    if type(template) is not int or template != TEMPLATE:
        raise unreadable(_WHAT, "unknown template of a portrait")
    octets = cbor.as_bytes(octets, _WHAT)
    if not 1 <= len(octets) <= MAX_PORTRAIT_OCTETS:
        raise unreadable(_WHAT, f"portrait is not 1 to {MAX_PORTRAIT_OCTETS} octets")
    return Portrait(template, octets)


# -- writing


def key_name(certificate: bytes) -> bytes:
    """Return how an issuer's part names the signer that has this certificate (DER)."""
    return sha256(certificate).digest()[:KID_OCTETS]


def fitted(data: IssuerData) -> IssuerData:
    """Make data fit, before the portrait is chosen.

    A name beyond its bound is cut at a character. A record that is too long, or that would leave
    no room for a face, is left to the register: the face is what an officer offline needs most.
    """
    if len(data.name.encode()) > MAX_NAME_OCTETS:
        room = MAX_NAME_OCTETS - len(CUT.encode())
        data = replace(data, name=data.name.encode()[:room].decode(errors="ignore") + CUT)
    elsewhere = replace(data, record="", record_is_elsewhere=True)
    if len(data.record.encode()) > MAX_RECORD_OCTETS:
        return elsewhere
    if data.record and portrait_room(data) < MIN_ROOM <= portrait_room(elsewhere):
        return elsewhere
    return data


def portrait_room(data: IssuerData) -> int:
    """How many octets a portrait may have beside this data; below `MIN_ROOM` it gets none."""
    most = Portrait(TEMPLATE, bytes(MAX_PORTRAIT_OCTETS))
    payload = replace(data, portrait=most).payload
    part = _sign1(_ISSUER_PROTECTED + bytes(KID_OCTETS), payload, bytes(SIGNATURE_OCTETS))
    room = PLAINTEXT_OCTETS - len(b"\x82\x80") - HOLDER_PART_ROOM
    return min(room - (len(part) - MAX_PORTRAIT_OCTETS), MAX_PORTRAIT_OCTETS)


def sign_issuer_part(data: IssuerData, signer: Signer) -> IssuerPart:
    """Sign the data; the signer's certificate names the key."""
    if signer.algorithm is not Algorithm.ES256 or not signer.certificates:
        raise ValueError("a code is signed with ES256, and its signer's certificate is named")
    unsigned = IssuerPart(key_name(signer.certificates[0]), data, b"")
    return replace(unsigned, signature=signer.sign(unsigned.to_be_signed))


def sign_code(
    issuer: IssuerPart,
    device: Signer,
    *,
    time: int,
    counter: int,
    nonce: bytes,
    period: int,
    key: ec.EllipticCurvePublicKey,
    ephemeral: ec.EllipticCurvePrivateKey,
    challenge: int | None = None,
    beacon: Beacon | None = None,
) -> bytes:
    """Return the octets of a code, as a wallet makes it (for tests and other wallets)."""
    unsigned = HolderPart(time, counter, nonce, challenge, beacon, b"")
    holder = replace(unsigned, signature=device.sign(unsigned.to_be_signed(issuer.encoded)))
    content = LicenceCode(issuer, holder).content
    return seal(content, kind=Kind.SHOWN, period=period, key=key, ephemeral=ephemeral).octets


def seal_backup_code(
    issuer: IssuerPart,
    *,
    period: int,
    key: ec.EllipticCurvePublicKey,
    ephemeral: ec.EllipticCurvePrivateKey,
) -> bytes:
    """Return the octets of a printed backup code."""
    content = LicenceCode(issuer, None).content
    return seal(content, kind=Kind.BACKUP, period=period, key=key, ephemeral=ephemeral).octets


def _sign1(protected: bytes, payload: bytes, signature: bytes) -> bytes:
    return cbor.encode([protected, {}, payload, signature])
