"""The licence code: what is written is read, one spelling only, and how much room a face has."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from jiazhao.credentials import cbor
from jiazhao.credentials.code_sealing import (
    CODE_OCTETS,
    PLAINTEXT_OCTETS,
    Kind,
    read_sealed,
    write_point,
)
from jiazhao.credentials.licence_code import (
    CUT,
    HOLDER_PART_ROOM,
    MAX_NAME_OCTETS,
    MAX_RECORD_OCTETS,
    HolderPart,
    IssuerData,
    LicenceCode,
    fitted,
    key_name,
    parse_content,
    parse_issuer_part,
    portrait_room,
    seal_backup_code,
    sign_code,
    sign_issuer_part,
)
from jiazhao.credentials.portrait import MIN_ROOM, TEMPLATE, Portrait
from jiazhao.errors import ErrorCode, UnreadableError, VerificationError
from jiazhao.licence.licence import Sex
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from tests.unit.presentation.licence_codes import private_key
from vectors import make, make_licence_code
from vectors.make import DEVICE, STRANGER, NamedKey, signer

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "vectors" / "licence-code"
GOOD = sorted(FOLDER.glob("good*.json"))
BAD = sorted(FOLDER.glob("bad-*.json"))
ISSUER = signer()
DAY_KEY, EPHEMERAL = NamedKey("day key"), NamedKey("ephemeral")
TIME = 1_780_279_200
DATA = IssuerData(
    handle=bytes(range(8)),
    handle_age=1000,
    signed=TIME - 86_400,
    life=720,
    device_key=write_point(DEVICE.private.public_key()),
    number="11010519491231002X",
    name="王小明",
    sex=Sex.FEMALE,
    birth_date=date(1949, 12, 31),
    nationality="CN",
    classes=((VehicleClass.A1, date(2030, 1, 1)), (VehicleClass.C1, None), (VehicleClass.P, None)),
    first_issue_date=date(2004, 5, 6),
    valid_from=date(2024, 5, 6),
    valid_until=date(2034, 5, 6),
    statuses=frozenset({LicenceStatus.NORMAL}),
    points=3,
    record="",
    record_is_elsewhere=False,
    office_prefix="川A",
    portrait=Portrait(TEMPLATE, bytes(340)),
)
PART = sign_issuer_part(DATA, ISSUER)


def _read(path: Path) -> dict[str, Any]:
    vector: dict[str, Any] = json.loads(path.read_text())
    return vector


def _opened(vector: dict[str, Any]) -> LicenceCode:
    sealed = read_sealed(bytes.fromhex(vector["octets"]))
    return parse_content(sealed.open(private_key(vector["opening_key"]["d"])), sealed.kind)


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_good_code_is_read_as_its_vector_tells(path: Path) -> None:
    vector = _read(path)
    code = _opened(vector)
    told = {"kid": code.issuer.kid.hex(), **make_licence_code.told_issuer(code.issuer.data)}
    assert told == vector["issuer"]
    assert code.issuer.encoded.hex() == vector["issuer_part"]
    assert code.issuer.to_be_signed.hex() == vector["issuer_to_be_signed"]
    code.issuer.verify(ISSUER.public)
    if code.holder is None:
        assert vector["holder"] is vector["holder_part"] is None
    else:
        assert make_licence_code.told_holder(code.verify_holder()) == vector["holder"]
        assert code.holder.encoded.hex() == vector["holder_part"]


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_wallet_writes_the_same_code(path: Path) -> None:
    vector = _read(path)
    code = _opened(vector)
    part = sign_issuer_part(code.issuer.data, ISSUER)
    key = private_key(vector["opening_key"]["d"]).public_key()
    ephemeral = private_key(vector["ephemeral_key"]["d"])
    if code.holder is None:
        octets = seal_backup_code(part, period=vector["period"], key=key, ephemeral=ephemeral)
    else:
        octets = sign_code(
            part,
            DEVICE,
            time=code.holder.time,
            counter=code.holder.counter,
            nonce=code.holder.nonce,
            challenge=code.holder.challenge,
            beacon=code.holder.beacon,
            period=vector["period"],
            key=key,
            ephemeral=ephemeral,
        )
    assert octets.hex() == vector["octets"]


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_code_is_refused(path: Path) -> None:
    with pytest.raises(UnreadableError):
        _opened(_read(path))


def test_the_vectors_are_made_by_the_script_beside_them() -> None:
    assert {name: make.written(vector) for name, vector in make_licence_code.licence_codes()} == {
        path.stem: path.read_text() for path in (*GOOD, *BAD)
    }


def _code(data: IssuerData = DATA) -> bytes:
    return sign_code(
        sign_issuer_part(data, ISSUER),
        DEVICE,
        time=TIME,
        counter=(1 << 32) - 1,
        nonce=bytes(range(8)),
        challenge=9999,
        beacon=make_licence_code.beacon_of(b"secret", 340_000),
        period=20_605,
        key=DAY_KEY.private.public_key(),
        ephemeral=EPHEMERAL.private,
    )


def test_a_shown_code_comes_back_as_it_was_written_and_both_signatures_fit() -> None:
    octets = _code()
    code = parse_content(read_sealed(octets).open(DAY_KEY.private), Kind.SHOWN)
    assert code.issuer == PART
    code.issuer.verify(ISSUER.public)
    holder = code.verify_holder()
    assert (holder.time, holder.challenge) == (TIME, 9999)
    assert code.issuer.kid == key_name(ISSUER.certificates[0])


def test_a_backup_code_comes_back_as_it_was_written() -> None:
    part = sign_issuer_part(replace(DATA, device_key=None, life=8784), ISSUER)
    octets = seal_backup_code(
        part, period=2026, key=DAY_KEY.private.public_key(), ephemeral=EPHEMERAL.private
    )
    assert parse_content(read_sealed(octets).open(DAY_KEY.private), Kind.BACKUP) == LicenceCode(
        part, None
    )


def test_a_shown_code_stripped_of_its_holder_is_no_backup_code() -> None:
    with pytest.raises(UnreadableError):
        parse_content(LicenceCode(PART, None).content, Kind.BACKUP)
    with pytest.raises(UnreadableError):
        parse_content(LicenceCode(PART, None).content, Kind.SHOWN)
    backup = sign_issuer_part(replace(DATA, device_key=None), ISSUER)
    holder = HolderPart(TIME, 1, bytes(8), None, None, bytes(64))
    for kind in Kind:
        with pytest.raises(UnreadableError):
            parse_content(LicenceCode(backup, holder).content, kind)


@pytest.mark.parametrize(
    "changes",
    [
        {"number": "E12345678", "nationality": "FR"},
        {"number": "01010519491231002X"},
        {"valid_until": None, "portrait": None, "classes": ()},
        {"record": "实习期至2026年03月02日。"},
        {"record_is_elsewhere": True},
        {"statuses": frozenset(LicenceStatus) - {LicenceStatus.NORMAL}, "points": 99},
    ],
    ids=["foreigner", "number-from-0", "least", "record", "record-elsewhere", "all-statuses"],
)
def test_every_kind_of_member_comes_back(changes: dict[str, object]) -> None:
    part = sign_issuer_part(replace(DATA, **changes), ISSUER)  # type: ignore[arg-type]
    assert parse_issuer_part(part.encoded) == part


def test_a_signature_by_another_key_is_seen() -> None:
    with pytest.raises(VerificationError):
        PART.verify(STRANGER.public)
    other = sign_issuer_part(replace(DATA, points=4), ISSUER)
    unsigned = HolderPart(TIME, 1, bytes(8), None, None, b"")
    holder = replace(unsigned, signature=DEVICE.sign(unsigned.to_be_signed(PART.encoded)))
    assert LicenceCode(PART, holder).verify_holder() == holder
    with pytest.raises(VerificationError) as refused:
        LicenceCode(other, holder).verify_holder()
    assert refused.value.code is ErrorCode.HOLDER_SIGNATURE_MISMATCH


def test_who_has_no_certificate_signs_no_part() -> None:
    with pytest.raises(ValueError, match="certificate"):
        sign_issuer_part(DATA, DEVICE)


def test_a_second_spelling_is_refused() -> None:
    payload = [*cbor.Reader().read(DATA.payload, "it")]  # type: ignore[misc]
    for index, value in ((5, DATA.number), (9, "CN"), (14, "BA"), (10, [5, []])):
        spelled = cbor.encode([*payload[:index], value, *payload[index + 1 :]])
        protected = bytes.fromhex("a201260444") + PART.kid
        with pytest.raises(UnreadableError, match="deterministic"):
            parse_issuer_part(cbor.encode([protected, {}, spelled, bytes(64)]))


LONGEST = replace(
    DATA,
    handle_age=(1 << 32) - 1,
    name="阿" * 400,
    number="Z" * 20,
    nationality="FR",
    classes=tuple((each, date(2199, 12, 31)) for each in VehicleClass),
    statuses=frozenset(LicenceStatus),
    points=99,
    record="记" * 500,
    portrait=None,
)


def test_whatever_the_register_takes_fits_into_a_code() -> None:
    data = fitted(LONGEST)
    assert len(_code(data)) == CODE_OCTETS
    assert data.name.endswith("阿" + CUT)
    assert len(data.name.encode()) <= MAX_NAME_OCTETS
    assert data.record_is_elsewhere
    assert parse_issuer_part(sign_issuer_part(data, ISSUER).encoded).data == data


def test_a_portrait_that_fills_its_room_fits_beside_the_longest_holders_part() -> None:
    for name in ("王小明", "古丽" * 4):
        data = fitted(replace(DATA, name=name))
        room = portrait_room(data)
        assert room >= MIN_ROOM
        full = replace(data, portrait=Portrait(TEMPLATE, bytes(room)))
        assert len(_code(full)) == CODE_OCTETS
        with pytest.raises(ValueError, match="do not fit"):
            _code(replace(data, portrait=Portrait(TEMPLATE, bytes(room + 1))))


def test_the_room_for_a_holders_part_is_what_the_longest_takes() -> None:
    code = parse_content(read_sealed(_code()).open(DAY_KEY.private), Kind.SHOWN)
    assert code.holder is not None
    assert len(code.holder.encoded) == HOLDER_PART_ROOM


def test_a_code_shows_neither_signature_nor_anything_of_the_holder_in_a_repr() -> None:
    shown = repr(LicenceCode(PART, HolderPart(TIME, 1, bytes(8), None, None, b"\xab" * 64)))
    for hidden in ("1949", "王", "xab", PART.signature.hex(), repr(PART.signature)):
        assert hidden not in shown


PAGE = (ROOT / "docs" / "specs" / "licence-code.md").read_text()


def test_the_page_shows_the_first_vector() -> None:
    shown = "".join(PAGE.split())
    vector = _read(FOLDER / "good.json")
    issuer, holder = vector["issuer"], vector["holder"]
    assert vector["octets"] in shown
    assert vector["opening_key"]["d"] in shown
    for part in ("issuer_part", "holder_part"):
        assert vector[part][-128:] in shown, "its signature"
    assert f"h'{cbor_payload(vector['holder_part'])}'" in shown
    for told in (issuer["handle"], issuer["device_key"], issuer["name"], holder["beacon"]):
        assert told in shown
    numbers = [issuer["signed"], 31010119960517002, 9633, 17988, 20180, 23832, holder["time"]]
    payload = [*cbor.Reader().read(bytes.fromhex(cbor_payload(vector["issuer_part"])), "it")]  # type: ignore[misc]
    assert [payload[at] for at in (2, 5, 8, 11, 12, 13)] == numbers[:-1]
    assert all(f"{number}," in shown for number in numbers)
    assert f"payload of {len(cbor_payload(vector['issuer_part'])) // 2} octets" in PAGE
    assert f"template 1, {len(issuer['portrait']['octets']) // 2} octets" in PAGE


def cbor_payload(part: str) -> str:
    """Return the payload of a COSE_Sign1, both in hexadecimal."""
    read: Any = cbor.Reader().read(bytes.fromhex(part), "COSE_Sign1")
    payload: bytes = read[2]
    return payload.hex()


USUAL = replace(
    DATA, handle_age=80_000, classes=((VehicleClass.C1, None),), portrait=None, record=""
)


def test_the_record_gives_way_to_the_face() -> None:
    short = replace(USUAL, record="实习期至2026年03月02日。")
    assert fitted(short) == short
    assert fitted(replace(USUAL, record="记" * 20)).record_is_elsewhere
    no_face_anyway = replace(USUAL, name="古丽" * 20, record="记" * 20)
    assert fitted(no_face_anyway) == no_face_anyway


def test_the_page_reckons_the_budget_as_it_is() -> None:
    usual = portrait_room(USUAL)
    longest = max(
        length
        for length in range(1, MAX_NAME_OCTETS + 1)
        if portrait_room(replace(USUAL, name="a" * length)) >= MIN_ROOM
    )
    assert f"and no record, {usual} octets are left for a portrait" in PAGE
    assert f"that leaves {MIN_ROOM} has {longest} octets: {longest // 3} Chinese" in PAGE
    record = max(
        length
        for length in range(1, MAX_RECORD_OCTETS + 1)
        if portrait_room(replace(USUAL, record="a" * length)) >= MIN_ROOM
    )
    assert f"the longest record beside a face has {record} octets" in PAGE
    part = PLAINTEXT_OCTETS - 2 - HOLDER_PART_ROOM
    framing = len(PART.encoded) - len(PART.data.payload)
    for told, octets in (
        ("the code", CODE_OCTETS),
        ("kind, period, ephemeral key and tag", CODE_OCTETS - PLAINTEXT_OCTETS),
        ("sealed", PLAINTEXT_OCTETS),
        ("holder's part at its longest", HOLDER_PART_ROOM),
        ("issuer's part at its longest", part),
        ("of these, array, headers, heads and signature", framing),
        ("issuer's payload at its longest", part - framing),
    ):
        assert f"| {told} | {octets} |" in PAGE


def test_the_page_names_the_folders_of_its_vectors() -> None:
    for folder in ("licence-code", "verify-licence-code", "portrait", "hpke"):
        assert f"vectors/{folder}/" in PAGE
