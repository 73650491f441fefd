"""Licence codes: the octets that are read or refused, and what a check makes of them.

What is random in a wallet follows from names here, the ephemeral key of a code too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec

from jiazhao.credentials import cbor, cose
from jiazhao.credentials.beacon import VALUE_OCTETS, Beacon, epoch_at
from jiazhao.credentials.chain import READER_AUTHENTICATION, STATUS_SIGNING
from jiazhao.credentials.code_sealing import (
    INFO,
    PLAINTEXT_OCTETS,
    Kind,
    period_on,
    read_sealed,
    seal,
    seal_base,
    write_point,
)
from jiazhao.credentials.licence_code import (
    HOLDER_CONTEXT,
    ISSUER_CONTEXT,
    HolderPart,
    IssuerData,
    key_name,
    parse_content,
)
from jiazhao.credentials.signing import write_base64url
from jiazhao.licence.identifiers import citizen_check_digit
from jiazhao.licence.legal_day import legal_day
from vectors import make
from vectors.make import DEVICE, NOW, STRANGER, NamedKey, Vector, signer
from vectors.make_portrait import kept_portrait

SOURCE: Final = "made by vectors/make_licence_code.py from docs/specs/licence-code.md"
ISSUER: Final = signer()
TIME: Final = int(NOW.timestamp())
SIGNED: Final = TIME - 2 * 86_400
DAY: Final = period_on(Kind.SHOWN, legal_day(NOW))
YEAR: Final = period_on(Kind.BACKUP, legal_day(NOW))
_EPOCH: Final = date(1970, 1, 1)
_FIRST_17: Final = "31010119960517002"
NUMBER: Final = _FIRST_17 + citizen_check_digit(_FIRST_17)


def beacon_of(secret: bytes, epoch: int) -> Beacon:
    """Return the last beacon of the chain of a secret."""
    return Beacon(epoch, sha256(b"jiazhao time beacon" + secret).digest()[:VALUE_OCTETS])


CHAIN: Final = beacon_of(b"jiazhao vectors: time beacon", epoch_at(NOW) + 6_000)
OURS: Final = CHAIN.back_to(epoch_at(NOW))
HOUR: Final = 6
"""Epochs."""
HEARD: Final = CHAIN.back_to(OURS.epoch - HOUR)

Cases = dict[str, dict[str, Any]]
"""Members to change, by the name of the case."""

MEMBERS: Final = tuple(
    each.name for each in fields(IssuerData) if each.name != "record_is_elsewhere"
)


def day(year: int, month: int, of_month: int) -> int:
    """Return the number of a day."""
    return (date(year, month, of_month) - _EPOCH).days


PAYLOAD: Final[Mapping[str, Any]] = {
    "handle": bytes(range(8)),
    "handle_age": 500,
    "signed": SIGNED,
    "life": 720,
    "device_key": write_point(DEVICE.private.public_key()),
    "number": int(_FIRST_17),
    "name": "诸葛小青",
    "sex": 2,
    "birth_date": day(1996, 5, 17),
    "nationality": None,
    "classes": 1 << 5,
    "first_issue_date": day(2019, 4, 2),
    "valid_from": day(2025, 4, 2),
    "valid_until": day(2035, 4, 2),
    "statuses": "A",
    "points": 3,
    "record": None,
    "office_prefix": "沪A",
    "portrait": [1, kept_portrait()],
}
HOLDER: Final[Mapping[str, Any]] = {
    "time": TIME,
    "counter": 7,
    "nonce": bytes(range(8)),
    "challenge": None,
    "beacon": HEARD.octets,
}
BACKUP: Final = {"device_key": None, "life": 8784}


@cache
def day_key(kind: Kind, period: int) -> ec.EllipticCurvePrivateKey:
    """Return the terminals' key of a day or a year."""
    return NamedKey(f"enforcement key {int(kind)} {period}").private


def payload(**changes: Any) -> bytes:
    """Return an issuer's payload; what is not given is as it should be."""
    if unknown := changes.keys() - PAYLOAD.keys():
        raise ValueError(f"no such members: {unknown}")
    return cbor.encode([{**PAYLOAD, **changes}[name] for name in MEMBERS])


def issuer_part(
    content: bytes,
    *,
    issuer: NamedKey = ISSUER,
    kid: bytes | None = None,
    context: bytes = ISSUER_CONTEXT,
) -> bytes:
    """Return an issuer's part that is signed, whatever it holds."""
    name = key_name(issuer.certificates[0]) if kid is None else kid
    protected = bytes.fromhex("a201260444") + name
    signature = issuer.sign(cose.to_be_signed(protected, content, context))
    return cbor.encode([protected, {}, content, signature])


def holder_payload(**changes: Any) -> bytes:
    """Return a holder's payload."""
    return cbor.encode(list({**HOLDER, **changes}.values()))


def holder_part(
    issuer: bytes, content: bytes, *, device: NamedKey = DEVICE, context: bytes = HOLDER_CONTEXT
) -> bytes:
    """Return a holder's part that is signed, whatever it holds."""
    protected = bytes.fromhex("a10126")
    bound = context + sha256(issuer).digest()
    signature = device.sign(cose.to_be_signed(protected, content, bound))
    return cbor.encode([protected, {}, content, signature])


def sealed(
    content: bytes,
    *,
    kind: Kind = Kind.SHOWN,
    period: int | None = None,
    key: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """Return the octets of a code."""
    of = (DAY if kind is Kind.SHOWN else YEAR) if period is None else period
    to = day_key(kind, of) if key is None else key
    return seal(content, kind=kind, period=of, key=to.public_key(), ephemeral=ephemeral()).octets


def ephemeral() -> ec.EllipticCurvePrivateKey:
    """Return the one that all vectors share; a wallet draws one for each code."""
    return NamedKey("ephemeral").private


def both(issuer: bytes, holder: bytes) -> bytes:
    """Return what is sealed of the two parts."""
    return cbor.encoded_array([issuer, holder])


def shown(
    changes: Mapping[str, Any] | None = None,
    *,
    issuer: NamedKey = ISSUER,
    device: NamedKey = DEVICE,
    period: int | None = None,
    **holder: Any,
) -> bytes:
    """Return a shown code: `changes` are of the issuer's payload, the rest of the holder's."""
    part = issuer_part(payload(**(changes or {})), issuer=issuer)
    if period is None:
        seconds = holder.get("time", TIME)
        period = period_on(Kind.SHOWN, legal_day(datetime.fromtimestamp(seconds, UTC)))
    content = both(part, holder_part(part, holder_payload(**holder), device=device))
    return sealed(content, period=period)


def printed(period: int | None = None, **changes: Any) -> bytes:
    """Return a backup code."""
    part = issuer_part(payload(**BACKUP, **changes))
    return sealed(both(part, cbor.encode(None)), kind=Kind.BACKUP, period=period)


# -- what is read, and what is refused


def licence_codes() -> Iterator[tuple[str, Vector]]:
    """Yield codes that are read, and codes of which exactly one thing is wrong."""
    yield "good", _read(shown())
    yield "good-challenge-and-no-beacon", _read(shown(challenge=42, beacon=None))
    yield "good-greatest-counter", _read(shown(counter=(1 << 32) - 1, challenge=9999))
    of_the_issuer: Cases = {
        "class-that-ends": {"classes": [0b100001, [[0, day(2030, 1, 31)], [5, day(2031, 2, 28)]]]},
        "every-class": {"classes": (1 << 17) - 1},
        "foreigner": {"number": "E12345678", "nationality": "FR", "name": "MARTIN CLAIRE"},
        "long-term": {"valid_until": None, "birth_date": day(1949, 10, 1)},
        "name-of-200-octets": {"name": "a" * 200, "portrait": None},
        "no-face": {"portrait": None},
        "no-class": {"classes": 0},
        "record": {"record": "实习期至2026年03月02日。"},
        "record-elsewhere": {"record": True},
        "statuses": {"statuses": "BHM", "points": 12},
    }
    for name, changes in of_the_issuer.items():
        yield f"good-{name}", _read(shown(changes))
    yield "good-backup", _read(printed())
    yield "good-backup-no-face", _read(printed(portrait=None))

    for name, octets in _bad_envelopes():
        yield f"bad-{name}", _refused(octets)
    for name, content in _bad_payloads():
        part = issuer_part(content)
        yield f"bad-{name}", _refused(sealed(both(part, holder_part(part, holder_payload()))))
    part = issuer_part(payload())
    for name, content in _bad_holder_payloads():
        yield f"bad-{name}", _refused(sealed(both(part, holder_part(part, content))))
    for name, content in _bad_contents():
        yield f"bad-{name}", _refused(sealed(content))
    backup = issuer_part(payload(**BACKUP))
    holder = holder_part(part, holder_payload())
    null = cbor.encode(None)
    for name, content in {
        "backup-with-holder-part": both(backup, holder),
        "backup-with-device-key": both(part, null),
        "backup-with-both": both(part, holder),
    }.items():
        yield f"bad-{name}", _refused(sealed(content, kind=Kind.BACKUP), kind=Kind.BACKUP)


def _bad_envelopes() -> Iterator[tuple[str, bytes]]:
    good = shown()
    yield "empty", b""
    yield "cut-short", good[:-1]
    yield "octet-more", good + b"\0"
    yield "text", b"licence code".ljust(len(good), b".")
    yield "kind-0", b"\0" + good[1:]
    yield "kind-1", b"\1" + good[1:]
    yield "kind-4", b"\4" + good[1:]
    yield "kind-of-a-backup", b"\3" + good[1:]
    yield "day-changed", good[:2] + bytes([good[2] ^ 1]) + good[3:]
    yield "point-with-other-sign", good[:3] + bytes([good[3] ^ 1]) + good[4:]
    yield "point-off-the-curve", good[:3] + b"\x02" + b"\xff" * 32 + good[36:]
    yield "point-at-infinity", good[:3] + bytes(33) + good[36:]
    yield "point-uncompressed", good[:3] + b"\x04" + good[4:]
    yield "ciphertext-changed", good[:100] + bytes([good[100] ^ 1]) + good[101:]
    yield "tag-changed", good[:-1] + bytes([good[-1] ^ 1])
    content = read_sealed(good).open(day_key(Kind.SHOWN, DAY))
    yield "sealed-for-another-key", sealed(content, key=STRANGER.private)
    head = good[:3]
    padded = (content + b"\x80").ljust(PLAINTEXT_OCTETS, b"\0")
    for name, plaintext, info, aad in (
        ("sealed-with-other-info", padded, b"jiazhao licence code 3", head),
        ("sealed-without-its-head", padded, INFO, b""),
        ("padding-without-mark", content.ljust(PLAINTEXT_OCTETS, b"\0"), INFO, head),
        ("padding-not-zero", padded[:-1] + b"\1", INFO, head),
        ("padding-alone", b"\x80".ljust(PLAINTEXT_OCTETS, b"\0"), INFO, head),
    ):
        ciphertext = seal_base(
            plaintext,
            key=day_key(Kind.SHOWN, DAY).public_key(),
            ephemeral=ephemeral(),
            info=info,
            aad=aad,
        )
        yield name, head + write_point(ephemeral().public_key()) + ciphertext


def _bad_payloads() -> Iterator[tuple[str, bytes]]:
    point = PAYLOAD["device_key"]
    cases: Cases = {
        "handle-7-octets": {"handle": bytes(7)},
        "handle-as-text": {"handle": "12345678"},
        "handle-age-negative": {"handle_age": -1},
        "handle-age-beyond-53-bits": {"handle_age": 1 << 53},
        "signed-beyond-32-bits": {"signed": 1 << 32},
        "signed-as-float": {"signed": float(SIGNED)},
        "life-0": {"life": 0},
        "life-beyond-a-year": {"life": 8785},
        "life-true": {"life": True},
        "device-key-off-the-curve": {"device_key": b"\x02" + b"\xff" * 32},
        "device-key-with-prefix-4": {"device_key": b"\x04" + point[1:]},
        "device-key-32-octets": {"device_key": point[:-1]},
        "device-key-missing": {"device_key": None},
        "number-16-digits": {"number": 10**16 - 1},
        "number-18-digits": {"number": 10**17},
        "number-of-a-citizen-as-text": {"number": NUMBER},
        "number-empty": {"number": ""},
        "number-33-octets": {"number": "1" * 33},
        "name-empty": {"name": ""},
        "name-201-octets": {"name": "a" * 201, "portrait": None},
        "name-as-octets": {"name": b"a"},
        "sex-3": {"sex": 3},
        "birth-date-before-year-1": {"birth_date": -719_163},
        "birth-date-after-year-9999": {"birth_date": 2_932_897},
        "birth-date-as-text": {"birth_date": "1996-05-17"},
        "nationality-of-china-spelled": {"nationality": "CN"},
        "nationality-in-small-letters": {"nationality": "fr"},
        "nationality-3-letters": {"nationality": "FRA"},
        "classes-beyond-the-last": {"classes": 1 << 17},
        "classes-negative": {"classes": -1},
        "classes-with-no-end": {"classes": [1 << 5, []]},
        "classes-end-not-in-mask": {"classes": [1 << 5, [[4, 30_000]]]},
        "classes-end-twice": {"classes": [1 << 5, [[5, 30_000], [5, 30_000]]]},
        "classes-out-of-order": {"classes": [0b110000, [[5, 30_000], [4, 30_000]]]},
        "classes-three": {"classes": [1 << 5, [[5, 30_000]], 1]},
        "first-issue-date-null": {"first_issue_date": None},
        "valid-from-null": {"valid_from": None},
        "statuses-empty": {"statuses": ""},
        "statuses-out-of-order": {"statuses": "HB"},
        "statuses-twice": {"statuses": "BB"},
        "statuses-unknown": {"statuses": "Q"},
        "statuses-in-small-letters": {"statuses": "a"},
        "points-negative": {"points": -1},
        "points-beyond-53-bits": {"points": 1 << 53},
        "record-empty": {"record": ""},
        "record-61-octets": {"record": "a" * 61, "portrait": None},
        "record-false": {"record": False},
        "office-empty": {"office_prefix": ""},
        "office-17-octets": {"office_prefix": "a" * 17},
        "portrait-of-unknown-template": {"portrait": [2, kept_portrait()]},
        "portrait-template-true": {"portrait": [True, kept_portrait()]},
        "portrait-empty": {"portrait": [1, b""]},
        "portrait-without-template": {"portrait": kept_portrait()},
    }
    for name, changes in cases.items():
        yield name, payload(**changes)
    good = payload()
    yield "payload-empty", b""
    yield "payload-octet-more", good + b"\0"
    yield "payload-indefinite-length", b"\x9f" + good[1:] + b"\xff"
    yield "payload-long-head", b"\x98\x13" + good[1:]
    yield "payload-long-integer", good.replace(cbor.encode(500), b"\x1a\x00\x00\x01\xf4", 1)
    yield "payload-is-a-map", cbor.encode({1: 1})
    yield "payload-18-members", cbor.encode(list(PAYLOAD.values())[:-1])
    yield "payload-20-members", cbor.encode([*PAYLOAD.values(), None])
    yield "payload-undefined", payload(portrait=None)[:-1] + b"\xf7"
    yield "name-not-utf-8", good.replace("诸".encode(), b"\xff\xff\xff")


def _bad_holder_payloads() -> Iterator[tuple[str, bytes]]:
    cases: Cases = {
        "time-negative": {"time": -1},
        "time-beyond-32-bits": {"time": 1 << 32},
        "time-as-float": {"time": float(TIME)},
        "counter-0": {"counter": 0},
        "counter-beyond-32-bits": {"counter": 1 << 32},
        "nonce-7-octets": {"nonce": bytes(7)},
        "nonce-as-text": {"nonce": "12345678"},
        "challenge-10000": {"challenge": 10_000},
        "challenge-negative": {"challenge": -1},
        "challenge-as-text": {"challenge": "0042"},
        "beacon-14-octets": {"beacon": bytes(14)},
        "beacon-as-array": {"beacon": [HEARD.epoch, HEARD.value]},
    }
    for name, changes in cases.items():
        yield name, holder_payload(**changes)
    good = holder_payload()
    yield "holder-payload-octet-more", good + b"\0"
    yield "holder-payload-indefinite-length", b"\x9f" + good[1:] + b"\xff"
    yield "holder-payload-4-members", cbor.encode(list(HOLDER.values())[:-1])
    yield "holder-payload-6-members", cbor.encode([*HOLDER.values(), None])


def _bad_contents() -> Iterator[tuple[str, bytes]]:
    content = payload()
    part = issuer_part(content)
    holder = holder_part(part, holder_payload())
    good, null = both(part, holder), cbor.encode(None)
    yield "content-octet-more", good + b"\0"
    yield "content-indefinite-length", b"\x9f" + good[1:] + b"\xff"
    yield "content-long-head", b"\x98\x02" + good[1:]
    yield "content-one-part", cbor.encoded_array([part])
    yield "content-three-parts", cbor.encoded_array([part, holder, null])
    yield "content-is-a-map", cbor.encode({1: 2})
    yield "issuer-part-null", both(null, holder)
    yield "holder-part-null", both(part, null)
    yield "holder-part-undefined", both(part, b"\xf7")
    yield "issuer-part-tag-18", both(b"\xd2" + part, holder)
    yield "holder-part-tag-18", both(part, b"\xd2" + holder)
    signature = part[-64:]
    protected = bytes.fromhex("a201260444") + key_name(ISSUER.certificates[0])
    for name, headers in {
        "issuer-algorithm-es384": bytes.fromhex("a20138220444") + protected[-4:],
        "issuer-key-name-missing": bytes.fromhex("a10126"),
        "issuer-key-name-3-octets": bytes.fromhex("a201260443") + protected[-3:],
        "issuer-key-name-5-octets": bytes.fromhex("a201260445") + protected[-4:] + b"\0",
        "issuer-headers-empty": b"",
    }.items():
        yield name, both(cbor.encode([headers, {}, content, signature]), holder)
    yield (
        "issuer-header-unprotected",
        both(cbor.encode([protected, {4: b"\xaa"}, content, signature]), holder),
    )
    yield (
        "issuer-signature-63-octets",
        both(cbor.encode([protected, {}, content, signature[1:]]), holder),
    )
    yield "issuer-three-elements", both(cbor.encode([protected, {}, content]), holder)
    yield "issuer-payload-null", both(cbor.encode([protected, {}, None, signature]), holder)
    signature = holder[-64:]
    protected = bytes.fromhex("a10126")
    for name, changed in {
        "holder-key-name": [bytes.fromhex("a201260441aa"), {}, holder_payload(), signature],
        "holder-header-unprotected": [protected, {4: b"\xaa"}, holder_payload(), signature],
        "holder-signature-65-octets": [protected, {}, holder_payload(), signature + b"\0"],
        "holder-payload-null": [protected, {}, None, signature],
    }.items():
        yield name, both(part, cbor.encode(changed))


def _jwk(key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    numbers = key.private_numbers()
    public = numbers.public_numbers
    return {
        "kty": "EC",
        "crv": "P-256",
        "x": write_base64url(public.x.to_bytes(32)),
        "y": write_base64url(public.y.to_bytes(32)),
        "d": write_base64url(numbers.private_value.to_bytes(32)),
    }


def _read(octets: bytes) -> Vector:
    outer = read_sealed(octets)
    key = day_key(outer.kind, outer.period)
    content = outer.open(key)
    code = parse_content(content, outer.kind)
    holder = code.holder
    return {
        "source": SOURCE,
        "octets": octets.hex(),
        "kind": int(outer.kind),
        "period": outer.period,
        "opening_key": _jwk(key),
        "ephemeral_key": _jwk(ephemeral()),
        "plaintext": content.hex(),
        "issuer_part": code.issuer.encoded.hex(),
        "issuer_to_be_signed": code.issuer.to_be_signed.hex(),
        "holder_part": holder.encoded.hex() if holder else None,
        "holder_to_be_signed": holder.to_be_signed(code.issuer.encoded).hex() if holder else None,
        "issuer": {"kid": code.issuer.kid.hex(), **told_issuer(code.issuer.data)},
        "holder": told_holder(holder) if holder else None,
    }


def told_issuer(data: IssuerData) -> dict[str, Any]:
    """Return an issuer's data in the words of the vectors."""
    portrait = data.portrait
    return {
        "handle": data.handle.hex(),
        "handle_age": data.handle_age,
        "signed": data.signed,
        "life": data.life,
        "device_key": data.device_key.hex() if data.device_key else None,
        "number": data.number,
        "name": data.name,
        "sex": int(data.sex),
        "birth_date": data.birth_date.isoformat(),
        "nationality": data.nationality,
        "classes": [
            {"code": each.value, "expiry_date": last.isoformat() if last else None}
            for each, last in data.classes
        ],
        "first_issue_date": data.first_issue_date.isoformat(),
        "valid_from": data.valid_from.isoformat(),
        "valid_until": data.valid_until.isoformat() if data.valid_until else None,
        "statuses": "".join(sorted(data.statuses)),
        "points": data.points,
        "record": True if data.record_is_elsewhere else data.record or None,
        "office_prefix": data.office_prefix,
        "portrait": {"template": portrait.template, "octets": portrait.octets.hex()}
        if portrait
        else None,
    }


def told_holder(holder: HolderPart) -> dict[str, Any]:
    """Return a holder's data in the words of the vectors."""
    return {
        "time": holder.time,
        "counter": holder.counter,
        "nonce": holder.nonce.hex(),
        "challenge": holder.challenge,
        "beacon": holder.beacon.octets.hex() if holder.beacon else None,
    }


def _refused(octets: bytes, kind: Kind = Kind.SHOWN) -> Vector:
    period = DAY if kind is Kind.SHOWN else YEAR
    return {
        "source": SOURCE,
        "octets": octets.hex(),
        "opening_key": _jwk(day_key(kind, period)),
        "refused": "decode",
    }


# -- what a check makes of a code

STEP_OF: Final = {
    None: None,
    "unknown_format": 1,
    "no_day_key": 1,
    "unknown_issuer": 2,
    "bad_signer_certificate": 2,
    "signer_outside_validity": 2,
    "signer_compromised": 2,
    "issuer_data_mismatch": 2,
    "signature_mismatch": 3,
    "code_part_from_the_future": 5,
    "code_part_lapsed": 5,
    "licence_expired": 5,
    "not_yet_valid": 5,
    "holder_signature_mismatch": 6,
    "code_expired": 6,
    "code_from_the_future": 6,
    "key_of_another_day": 6,
    "code_used": 6,
    "challenge_missing": 6,
    "challenge_wrong": 6,
    "challenge_needed": 6,
    "beacon_wrong": 6,
    "compare_face": 6,
    "face_differs": 6,
    "no_face_in_code": 6,
    "code_status_says_no": 7,
    "status_must_not_drive": 7,
    "status_undetermined": 7,
    "status_stale": 7,
    "status_not_covered": 7,
    "snapshot_too_old": 7,
    "snapshot_ahead": 7,
    "not_checked": 9,
}
SETTINGS: Final = {
    "code_seconds": 60,
    "skew_seconds": 30,
    "challenge_after_seconds": 86_400,
    "snapshot_max_age_seconds": 86_400,
}
_HELD: Final = (
    *((Kind.SHOWN, DAY + days) for days in (-1, 0, 1)),
    *((Kind.BACKUP, YEAR + years) for years in (-1, 0)),
)


def vector(presented: bytes, outcome: str, reason: str | None, **given: Any) -> Vector:
    """Return one case; what is not given is as it should be."""
    step = given.pop("step", STEP_OF[reason])
    return {
        "source": SOURCE,
        "kind": "licence-code",
        "now": NOW.isoformat(),
        "roots": [make.root().hex()],
        "signers": [ISSUER.certificates[0].hex()],
        "compromised": [],
        "keys": held_keys(),
        "beacon": OURS.octets.hex(),
        "last_counter": 6,
        "challenge": None,
        "face": None,
        "status": clear(),
        "vehicle_class": "C1",
        "settings": SETTINGS,
        "profile": "LICENCE_CODE_OFFLINE",
        **given,
        "presented": presented.hex(),
        "outcome": outcome,
        "step": step,
        "reason": reason,
    }


def held_keys(*held: tuple[Kind, int]) -> list[dict[str, Any]]:
    """Return private keys as a terminal holds them; by default those of an open shift."""
    return [
        {"kind": int(kind), "period": period, "jwk": _jwk(day_key(kind, period))}
        for kind, period in held or _HELD
    ]


def clear(hours: float = 1.0) -> dict[str, str]:
    """Return what a snapshot of so many hours ago says of a licence in order."""
    return {"says": "clear", "as_of": (NOW - timedelta(hours=hours)).isoformat()}


def listed(hours: float = 1.0) -> dict[str, str]:
    """Return what it says of a licence that must not be driven on."""
    return {**clear(hours), "says": "must_not_drive"}


def valid(presented: bytes, **given: Any) -> Vector:
    """Return a case that is valid, and whose class may be driven unless said otherwise."""
    return vector(presented, "VALID", None, **{"may_drive": [], **given})


def cannot(presented: bytes, reason: str, **given: Any) -> Vector:
    """Return a case of which nothing can be said."""
    return vector(presented, "CANNOT_CONFIRM", reason, **given)


def no(presented: bytes, reason: str, **given: Any) -> Vector:
    """Return a case that is genuine and not valid."""
    return vector(presented, "NOT_VALID", reason, **given)


def forged(presented: bytes, reason: str, **given: Any) -> Vector:
    """Return a case of which a signature does not fit."""
    return vector(presented, "NOT_GENUINE", reason, **given)


def checks() -> Iterator[tuple[str, Vector]]:
    """Yield the cases of a check, by its steps."""
    yield from _in_order()
    yield from _step_1()
    yield from _steps_2_and_3()
    yield from _step_5()
    yield from _step_6_time()
    yield from _step_6_challenge_and_beacon()
    yield from _step_6_face()
    yield from _step_7()
    yield from _online()


def _in_order() -> Iterator[tuple[str, Vector]]:
    good = shown()
    yield "valid", valid(good)
    yield "valid-no-face", valid(shown({"portrait": None}))
    yield "valid-record", valid(shown({"record": "实习期至2026年03月02日。"}))
    yield "valid-record-elsewhere", valid(shown({"record": True}))
    yield "valid-foreigner", valid(shown({"number": "E12345678", "nationality": "FR"}))
    yield "valid-long-term", valid(shown({"valid_until": None}))
    yield "valid-every-class", valid(shown({"classes": (1 << 17) - 1}), vehicle_class="A1")
    yield "valid-no-class-asked", valid(good, vehicle_class=None)
    yield "valid-class-covered", valid(good, vehicle_class="C2")
    yield (
        "valid-class-not-held",
        valid(good, vehicle_class="A1", may_drive=["class_not_held"]),
    )
    ending = shown({"classes": [0b100001, [[0, day(2026, 5, 31)]]]})
    yield (
        "valid-class-ended-yesterday",
        valid(ending, vehicle_class="A1", may_drive=["class_expired"]),
    )
    last = shown({"classes": [0b100001, [[0, day(2026, 6, 1)]]]})
    yield "valid-class-ends-today", valid(last, vehicle_class="A1")
    yield "valid-points-11", valid(shown({"points": 11}))
    yield "valid-status-that-permits-driving", valid(shown({"statuses": "H"}))
    yield (
        "valid-second-signer",
        valid(
            good, signers=[signer(until=NOW + timedelta(days=9)).certificates[0].hex(), *_signers()]
        ),
    )
    yield "valid-second-root", valid(good, roots=[make.root("other", of="other").hex(), *_roots()])
    yield "valid-backup", valid(printed(), face="same")
    yield "valid-backup-without-counter", valid(printed(), face="same", last_counter=1 << 31)
    last_year = int(datetime(2025, 12, 31, 15, 59, tzinfo=UTC).timestamp())
    since = signer(since=NOW - timedelta(days=300))
    part = issuer_part(payload(**{**BACKUP, "signed": last_year}), issuer=since)
    of_last_year = sealed(both(part, cbor.encode(None)), kind=Kind.BACKUP, period=YEAR - 1)
    named = [since.certificates[0].hex()]
    yield "valid-backup-of-last-year", valid(of_last_year, face="same", signers=named)


def _roots() -> list[str]:
    return [make.root().hex()]


def _signers() -> list[str]:
    return [ISSUER.certificates[0].hex()]


def _step_1() -> Iterator[tuple[str, Vector]]:
    good = shown()
    for name, octets in {
        "empty": b"",
        "text": b"licence code".ljust(len(good), b"."),
        "cut-short": good[:-1],
        "octet-more": good + b"\0",
        "kind-1": b"\1" + good[1:],
        "kind-4": b"\4" + good[1:],
        "day-changed-to-one-held": good[:2] + bytes([good[2] ^ 1]) + good[3:],
        "point-with-other-sign": good[:3] + bytes([good[3] ^ 1]) + good[4:],
        "point-off-the-curve": good[:3] + b"\x02" + b"\xff" * 32 + good[36:],
        "ciphertext-changed": good[:400] + bytes([good[400] ^ 1]) + good[401:],
        "tag-changed": good[:-1] + bytes([good[-1] ^ 1]),
        "statuses-out-of-order": shown({"statuses": "HB"}),
        "number-of-a-citizen-as-text": shown({"number": NUMBER}),
        "device-key-missing": shown({"device_key": None}),
        "portrait-of-unknown-template": shown({"portrait": [2, kept_portrait()]}),
        "counter-0": shown(counter=0),
        "challenge-10000": shown(challenge=10_000),
    }.items():
        yield f"decode-{name}", cannot(octets, "unknown_format")
    part = issuer_part(payload())
    stripped = both(part, cbor.encode(None))
    yield "decode-holder-part-stripped", cannot(sealed(stripped), "unknown_format")
    yield (
        "decode-holder-part-stripped-as-backup",
        cannot(sealed(stripped, kind=Kind.BACKUP), "unknown_format", face="same"),
    )
    yield "no-key-of-the-day", cannot(good, "no_day_key", keys=held_keys((Kind.SHOWN, DAY - 1)))
    yield "no-key-at-all", cannot(good, "no_day_key", keys=[])
    yield (
        "no-key-of-a-backup",
        cannot(printed(), "no_day_key", face="same", keys=held_keys((Kind.SHOWN, DAY))),
    )
    swapped = held_keys((Kind.SHOWN, DAY + 1))
    yield (
        "key-that-is-not-of-its-day",
        cannot(good, "unknown_format", keys=[{**swapped[0], "period": DAY}]),
    )


def _steps_2_and_3() -> Iterator[tuple[str, Vector]]:
    good = shown()
    yield "no-roots", cannot(good, "unknown_issuer", roots=[])
    yield "no-signers", cannot(good, "unknown_issuer", signers=[])
    other = signer(until=NOW + timedelta(days=9))
    yield "signer-not-listed", cannot(shown(issuer=other), "unknown_issuer")
    part = issuer_part(payload(), kid=b"\0\0\0\0")
    unnamed = sealed(both(part, holder_part(part, holder_payload())))
    yield "key-name-of-nobody", cannot(unnamed, "unknown_issuer")

    def by(issuer: NamedKey, **given: Any) -> tuple[bytes, dict[str, Any]]:
        return shown(issuer=issuer), {"signers": [issuer.certificates[0].hex()], **given}

    code, given = by(signer(root_key="stranger", names_key="stranger"))
    yield "signer-of-an-unknown-root", cannot(code, "unknown_issuer", **given)
    code, given = by(signer(root_key="stranger"))
    yield "signer-not-signed-by-its-root", forged(code, "signature_mismatch", step=2, **given)
    code, given = by(signer(purpose=READER_AUTHENTICATION))
    yield "signer-for-readers", cannot(code, "bad_signer_certificate", **given)
    code, given = by(signer(purpose=STATUS_SIGNING))
    yield "signer-of-status-lists", cannot(code, "bad_signer_certificate", **given)
    code, given = by(signer(until=NOW - timedelta(seconds=1)))
    yield "signer-lapsed", cannot(code, "signer_outside_validity", **given)
    code, given = by(signer(until=NOW))
    yield "valid-signer-in-its-last-second", valid(code, **given)
    code, given = by(signer(since=NOW - timedelta(days=1)))
    yield "signed-before-the-signer-was-valid", cannot(code, "signer_outside_validity", **given)
    code, given = by(signer(country="DE"), roots=[make.root(country="DE").hex()])
    yield "signer-of-another-country", cannot(code, "issuer_data_mismatch", **given)
    point = ISSUER.public.point.hex()
    yield "signer-compromised", no(good, "signer_compromised", compromised=[point])
    yield (
        "signer-compromised-and-licence-expired",
        no(shown({"valid_until": day(2026, 5, 30)}), "signer_compromised", compromised=[point]),
    )

    impostor = NamedKey("stranger", *ISSUER.certificates)
    yield "issuer-signature-by-another-key", forged(shown(issuer=impostor), "signature_mismatch")
    part = issuer_part(payload(), context=HOLDER_CONTEXT)
    code = sealed(both(part, holder_part(part, holder_payload())))
    yield "issuer-signature-in-another-context", forged(code, "signature_mismatch")
    genuine, first_issue = issuer_part(payload()), cbor.encode(day(2019, 4, 2))
    for name, old, new in (
        ("name-changed", "诸葛".encode(), "王小".encode()),
        ("class-added", b"\x18\x20" + first_issue, b"\x18\x30" + first_issue),
        _POINTS_LOWERED,
        ("portrait-changed", kept_portrait(), kept_portrait()[::-1]),
        ("signature-changed", genuine[-64:], bytes(63) + b"\1"),
    ):
        code = _with_changed_issuer_part(genuine, old, new)
        yield f"issuer-{name}", forged(code, "signature_mismatch")
    _, old, new = _POINTS_LOWERED
    code = _with_changed_issuer_part(genuine, old, new)
    yield (
        "issuer-points-lowered-and-signer-compromised",
        forged(code, "signature_mismatch", compromised=[point]),
    )
    backup = make.swapped(issuer_part(payload(**BACKUP)), old, new)
    code = sealed(both(backup, cbor.encode(None)), kind=Kind.BACKUP)
    yield "backup-points-lowered", forged(code, "signature_mismatch", face="same")


_POINTS_LOWERED: Final = ("points-lowered", b"aA\x03", b"aA\x02")
"""The status A and what follows it."""


def _with_changed_issuer_part(genuine: bytes, old: bytes, new: bytes) -> bytes:
    """Return a code whose holder signed the changed part: its own signature fits."""
    changed = make.swapped(genuine, old, new)
    return sealed(both(changed, holder_part(changed, holder_payload())))


def _step_5() -> Iterator[tuple[str, Vector]]:
    since = signer(since=NOW - timedelta(days=60))
    named = {"signers": [since.certificates[0].hex()]}
    life = 720 * 3600
    for name, signed, reason in (
        ("valid-part-in-its-last-second", TIME - life + 1, None),
        ("part-lapsed-now", TIME - life, "code_part_lapsed"),
        ("part-lapsed-by-a-day", TIME - life - 86_400, "code_part_lapsed"),
        ("valid-signed-in-30-seconds", TIME + 30, None),
        ("signed-in-31-seconds", TIME + 31, "code_part_from_the_future"),
        ("signed-in-10-days", TIME + 864_000, "code_part_from_the_future"),
    ):
        code = shown({"signed": signed}, issuer=since)
        yield name, cannot(code, reason, **named) if reason else valid(code, **named)
    yield "part-of-an-hour", cannot(shown({"life": 1}), "code_part_lapsed")
    yield "valid-licence-on-its-last-day", valid(shown({"valid_until": day(2026, 6, 1)}))
    expired = shown({"valid_until": day(2026, 5, 31)})
    yield "licence-expired", no(expired, "licence_expired", may_drive=["licence_expired"])
    both_over = shown({"valid_until": day(2026, 5, 31), "life": 24})
    yield "licence-expired-and-part-lapsed", no(both_over, "licence_expired")
    yield "valid-licence-on-its-first-day", valid(shown({"valid_from": day(2026, 6, 1)}))
    early = shown({"valid_from": day(2026, 6, 2)})
    yield "licence-not-yet-valid", no(early, "not_yet_valid", may_drive=["not_yet_valid"])
    yield "backup-lapsed", cannot(_lapsed_backup(), "code_part_lapsed", face="same")
    # The last day is one in China: at 16:00 UTC it is over.
    night = datetime(2026, 6, 1, 15, 59, 59, tzinfo=UTC)
    for name, now, reason in (
        ("valid-licence-in-its-last-second", night, None),
        ("licence-expired-at-midnight-in-china", night + timedelta(seconds=1), "licence_expired"),
    ):
        code = shown({"valid_until": day(2026, 6, 1)}, time=int(night.timestamp()))
        given = {
            "now": now.isoformat(),
            "beacon": CHAIN.back_to(epoch_at(now)).octets.hex(),
            "status": {"says": "clear", "as_of": night.isoformat()},
        }
        yield name, no(code, reason, **given) if reason else valid(code, **given)


def _lapsed_backup() -> bytes:
    part = issuer_part(payload(**{**BACKUP, "life": 24}))
    return sealed(both(part, cbor.encode(None)), kind=Kind.BACKUP)


def _step_6_time() -> Iterator[tuple[str, Vector]]:
    good = shown()
    part = issuer_part(payload())
    yield (
        "holder-signature-by-another-device",
        forged(shown(device=STRANGER), "holder_signature_mismatch"),
    )
    other = issuer_part(payload(points=2))
    borrowed = holder_part(other, holder_payload())
    yield (
        "holder-part-of-another-issuer-part",
        forged(sealed(both(part, borrowed)), "holder_signature_mismatch"),
    )
    elsewhere = holder_part(part, holder_payload(), context=ISSUER_CONTEXT)
    yield (
        "holder-signature-in-another-context",
        forged(sealed(both(part, elsewhere)), "holder_signature_mismatch"),
    )
    holder, nonce = holder_part(part, holder_payload()), cbor.encode(HOLDER["nonce"])
    for name, old, new in (
        ("counter-raised", b"\x07" + nonce, b"\x08" + nonce),
        ("nonce-changed", bytes(range(8)), bytes(range(1, 9))),
        ("time-changed", cbor.encode(TIME), cbor.encode(TIME + 1)),
        ("beacon-changed", HEARD.octets, OURS.octets),
        ("signature-changed", holder[-64:], bytes(63) + b"\1"),
    ):
        changed = make.swapped(holder, old, new)
        yield (
            f"holder-{name}",
            forged(sealed(both(part, changed)), "holder_signature_mismatch"),
        )
    for name, age, reason in (
        ("valid-90-seconds-old", 90, None),
        ("expired-91-seconds-old", 91, "code_expired"),
        ("expired-an-hour-old", 3_600, "code_expired"),
        ("valid-30-seconds-ahead", -30, None),
        ("ahead-31-seconds", -31, "code_from_the_future"),
        ("ahead-an-hour", -3_600, "code_from_the_future"),
        ("expired-10-days-old", 864_000, "code_expired"),
        ("ahead-10-days", -864_000, "code_from_the_future"),
    ):
        seconds = TIME - age
        code = shown(time=seconds, period=DAY)
        yield name, cannot(code, reason) if reason else valid(code)
    yield (
        "expired-by-half-a-second",
        cannot(
            shown(time=TIME - 90), "code_expired", now=(NOW + timedelta(seconds=0.5)).isoformat()
        ),
    )
    midnight = datetime(2026, 6, 1, 16, 0, tzinfo=UTC)
    for name, seconds, period, reason in (
        ("valid-key-of-the-day-before-at-midnight", 0, DAY, None),
        ("valid-key-of-the-day-before-30-seconds-on", 29, DAY, None),
        ("key-of-the-day-before-a-minute-on", 60, DAY, "key_of_another_day"),
        ("valid-key-of-the-next-day-30-seconds-early", -30, DAY + 1, None),
        ("key-of-the-next-day-31-seconds-early", -31, DAY + 1, "key_of_another_day"),
    ):
        at = midnight + timedelta(seconds=seconds)
        code = shown(time=int(at.timestamp()), period=period)
        given = {
            "now": at.isoformat(),
            "beacon": CHAIN.back_to(epoch_at(at)).octets.hex(),
            "status": {"says": "clear", "as_of": at.isoformat()},
        }
        yield name, cannot(code, reason, **given) if reason else valid(code, **given)
    yield "key-of-yesterday", cannot(shown(period=DAY - 1), "key_of_another_day")
    yield "key-of-tomorrow", cannot(shown(period=DAY + 1), "key_of_another_day")
    yield "used", cannot(good, "code_used", last_counter=7)
    yield "used-a-later-one", cannot(good, "code_used", last_counter=8)
    yield "valid-never-used", valid(good, last_counter=0)
    yield "valid-numbers-skipped", valid(shown(counter=(1 << 32) - 1))


def _step_6_challenge_and_beacon() -> Iterator[tuple[str, Vector]]:
    good = shown()
    for number in (0, 42, 9999):
        yield f"valid-challenge-{number}", valid(shown(challenge=number), challenge=number)
    yield "valid-challenge-that-was-not-asked", valid(shown(challenge=42))
    yield "challenge-missing", cannot(good, "challenge_missing", challenge=42)
    yield "challenge-wrong", cannot(shown(challenge=43), "challenge_wrong", challenge=42)
    yield "challenge-0-and-missing", cannot(good, "challenge_missing", challenge=0)
    yield (
        "challenge-wrong-without-beacon",
        cannot(shown(challenge=43, beacon=None), "challenge_wrong", challenge=42),
    )

    def heard(epochs: int) -> bytes:
        return CHAIN.back_to(OURS.epoch + epochs).octets

    late = (NOW + timedelta(seconds=599)).isoformat()
    yield "valid-beacon-of-now", valid(shown(beacon=heard(0)))
    yield "valid-beacon-of-yesterday", valid(shown(beacon=heard(-24 * HOUR)))
    for name, beacon in {
        "beacon-of-yesterday-and-ten-minutes": heard(-24 * HOUR - 1),
        "beacon-10-days-old": heard(-240 * HOUR),
        "beacon-a-month-old": heard(-31 * 24 * HOUR),
        "beacon-beyond-a-month": heard(-31 * 24 * HOUR - 1),
        "beacon-missing": None,
    }.items():
        yield f"{name}", cannot(shown(beacon=beacon), "challenge_needed")
        answered = shown(beacon=beacon, challenge=42)
        yield f"valid-{name}-and-challenge", valid(answered, challenge=42)
        yield f"{name}-and-challenge-not-asked", cannot(answered, "challenge_needed")
    yield "beacon-not-known-here", cannot(good, "challenge_needed", beacon=None)
    yield (
        "valid-beacon-not-known-here-and-challenge",
        valid(shown(challenge=42), beacon=None, challenge=42),
    )
    ours = CHAIN.back_to(OURS.epoch - 3 * HOUR).octets.hex()
    yield "valid-beacon-newer-than-ours", valid(good, beacon=ours)
    month_ago = CHAIN.back_to(HEARD.epoch - 31 * 24 * HOUR - 1).octets.hex()
    yield "beacon-newer-than-ours-by-a-month", cannot(good, "challenge_needed", beacon=month_ago)
    invented = Beacon(HEARD.epoch, bytes(12)).octets
    yield "beacon-invented", cannot(shown(beacon=invented), "beacon_wrong")
    yield (
        "beacon-invented-and-challenge",
        cannot(shown(beacon=invented, challenge=42), "beacon_wrong", challenge=42),
    )
    shifted = Beacon(HEARD.epoch + 1, HEARD.value).octets
    yield "beacon-of-another-epoch", cannot(shown(beacon=shifted), "beacon_wrong")
    other = beacon_of(b"another chain", HEARD.epoch).octets
    yield "beacon-of-another-chain", cannot(shown(beacon=other), "beacon_wrong")
    newer = Beacon(OURS.epoch, bytes(12)).octets
    yield (
        "beacon-newer-than-ours-invented",
        cannot(shown(beacon=newer), "beacon_wrong", beacon=ours),
    )
    ahead = heard(1)
    yield "beacon-ahead", cannot(shown(beacon=ahead), "beacon_wrong")
    yield (
        "valid-beacon-ahead-within-the-skew",
        valid(
            shown(beacon=ahead, time=TIME + 570),
            now=(NOW + timedelta(seconds=570)).isoformat(),
        ),
    )
    yield (
        "beacon-ahead-and-challenge",
        cannot(shown(beacon=heard(144), challenge=42), "beacon_wrong", challenge=42),
    )
    yield "valid-at-the-end-of-an-epoch", valid(shown(time=TIME + 599), now=late)
    # Made ahead under a changed clock: all signatures fit, and the beacon tells.
    in_two_days = NOW + timedelta(days=2)
    given = {
        "now": in_two_days.isoformat(),
        "keys": held_keys((Kind.SHOWN, DAY + 2)),
        "beacon": CHAIN.back_to(epoch_at(in_two_days)).octets.hex(),
        "status": {"says": "clear", "as_of": in_two_days.isoformat()},
    }
    played = shown(time=int(in_two_days.timestamp()))
    yield "made-two-days-ahead", cannot(played, "challenge_needed", **given)


def _step_6_face() -> Iterator[tuple[str, Vector]]:
    yield "backup-face-not-compared", cannot(printed(), "compare_face")
    yield "backup-face-differs", cannot(printed(), "face_differs", face="differs")
    faceless = printed(portrait=None)
    yield "backup-without-face", cannot(faceless, "no_face_in_code", face="same")
    yield "backup-without-face-not-compared", cannot(faceless, "no_face_in_code")
    yield "backup-without-face-differs", cannot(faceless, "face_differs", face="differs")
    yield (
        "backup-sealed-for-another-year",
        cannot(printed(period=YEAR - 1), "key_of_another_day", face="same"),
    )
    yield "shown-face-differs", cannot(shown(), "face_differs", face="differs")
    yield "valid-shown-face-same", valid(shown(), face="same")
    yield "valid-shown-without-face", valid(shown({"portrait": None}), face="same")
    yield "valid-backup-with-a-challenge-on-show", valid(printed(), face="same", challenge=42)


def _step_7() -> Iterator[tuple[str, Vector]]:
    good = shown()
    for letter, named in (
        ("B", "status_points_exceeded"),
        ("D", "status_suspended"),
        ("E", "status_withdrawn"),
        ("F", "status_revoked"),
        ("G", "status_cancelled"),
        ("J", "status_use_stopped"),
        ("K", "status_seized"),
        ("U", "status_detained"),
    ):
        code = shown({"statuses": letter})
        yield f"signed-status-{letter}", no(code, "code_status_says_no", may_drive=[named])
    yield (
        "signed-points-12",
        no(shown({"points": 12}), "code_status_says_no", may_drive=["status_points_exceeded"]),
    )
    yield "signed-no-class", no(shown({"classes": 0}), "code_status_says_no")
    ended = shown({"classes": [1 << 5, [[5, day(2026, 5, 31)]]]})
    yield "signed-last-class-ended", no(ended, "code_status_says_no", may_drive=["class_expired"])
    yield (
        "signed-status-D-and-snapshot-clear-of-old",
        no(shown({"statuses": "D"}), "code_status_says_no", status=clear(48)),
    )
    yield "listed", no(good, "status_must_not_drive", status=listed(), may_drive=[])
    yield (
        "backup-listed",
        no(printed(), "status_must_not_drive", status=listed(), face="same"),
    )
    yield "snapshot-missing", cannot(good, "status_undetermined", status=None)
    yield (
        "snapshot-undetermined",
        cannot(
            good,
            "status_undetermined",
            status={"undetermined": "status_undetermined", "values": {}},
        ),
    )
    yield (
        "snapshot-does-not-cover-the-handle",
        cannot(
            good,
            "status_not_covered",
            status={"undetermined": "status_not_covered", "values": {}},
        ),
    )
    yield (
        "snapshot-stale",
        cannot(
            good,
            "status_stale",
            status={"undetermined": "status_stale", "values": {"issued": "2026-05-01"}},
        ),
    )
    yield "valid-snapshot-a-day-old", valid(good, status=clear(24))
    yield "snapshot-too-old", cannot(good, "snapshot_too_old", status=clear(24.01))
    yield "snapshot-too-old-and-listed", cannot(good, "snapshot_too_old", status=listed(25))
    yield "snapshot-10-days-old", cannot(good, "snapshot_too_old", status=clear(240))
    yield "valid-snapshot-30-seconds-ahead", valid(good, status=clear(-30 / 3600))
    yield "snapshot-31-seconds-ahead", cannot(good, "snapshot_ahead", status=clear(-31 / 3600))
    yield "snapshot-an-hour-ahead", cannot(good, "snapshot_ahead", status=clear(-1))


def _online() -> Iterator[tuple[str, Vector]]:
    online = {"profile": "LICENCE_CODE_ONLINE", "status": None}
    yield "online-register-not-asked", cannot(shown(), "not_checked", **online)
    old = signer(since=NOW - timedelta(days=60))
    lapsed = shown({"signed": TIME - 40 * 86_400}, issuer=old)
    named = {"signers": [old.certificates[0].hex()]}
    yield "online-part-lapsed", cannot(lapsed, "not_checked", **online, **named)
    expired = shown({"valid_until": day(2026, 5, 31)})
    yield "online-signed-expiry-is-the-registers", cannot(expired, "not_checked", **online)
    suspended = shown({"statuses": "D"})
    yield "online-signed-status-is-the-registers", cannot(suspended, "not_checked", **online)
    yield "online-used", cannot(shown(), "code_used", last_counter=7, **online)
    yield "online-expired", cannot(shown(time=TIME - 91), "code_expired", **online)
    yield (
        "online-challenge-needed",
        cannot(shown(beacon=None), "challenge_needed", **online),
    )
    yield (
        "online-holder-signature-by-another-device",
        forged(shown(device=STRANGER), "holder_signature_mismatch", **online),
    )
    yield (
        "online-backup-face-not-compared",
        cannot(printed(), "compare_face", **online),
    )
    yield (
        "online-backup-without-face-compared-with-the-registers",
        cannot(printed(portrait=None), "not_checked", face="same", **online),
    )
    yield (
        "online-signer-compromised",
        no(shown(), "signer_compromised", compromised=[ISSUER.public.point.hex()], **online),
    )
