"""Laws of everything here that reads what strangers send."""

import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiazhao.credentials import cbor, cose, jose, mdoc, sdjwt
from jiazhao.credentials.beacon import parse_beacon
from jiazhao.credentials.cbor import FullDate, Reader, TDate
from jiazhao.credentials.code_sealing import Kind, read_point, read_sealed
from jiazhao.credentials.json_reading import read_json
from jiazhao.credentials.licence_code import (
    IssuerData,
    fitted,
    parse_content,
    parse_issuer_part,
    portrait_room,
    sign_issuer_part,
)
from jiazhao.credentials.portrait import MIN_ROOM, TEMPLATE, Portrait, rebuild, strip
from jiazhao.credentials.signing import PublicKey, read_base64url, write_base64url
from jiazhao.errors import JiazhaoError
from jiazhao.licence.identifiers import citizen_check_digit
from jiazhao.licence.licence import Sex
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.presentation.shift import read_shift
from jiazhao.presentation.steps import ISSUED_COPY, LICENCE_CODE_OFFLINE, Outcome
from jiazhao.presentation.verify import StatusFinding, TrustAnchors
from jiazhao.presentation.verify_code import verify_licence_code
from jiazhao.presentation.verify_mdoc import verify_mdoc
from jiazhao.presentation.verify_sdjwt import verify_sdjwt
from tests.unit.presentation.licence_codes import checker_of
from vectors import make, make_licence_code
from vectors.make_portrait import kept_portrait

MDOC = Reader(tags=(0, 18, 24, 1004))
ISSUED = make.issued()
RESPONSE = make.shown(ISSUED)
CODE = make_licence_code.shown()
DAY_KEY = make_licence_code.day_key(Kind.SHOWN, make_licence_code.DAY)
CONTENT = read_sealed(CODE).open(DAY_KEY)
PART = make_licence_code.issuer_part(make_licence_code.payload())
CHECKER = checker_of(make_licence_code.vector(b"", "VALID", None))
SD_JWT = make.sdjwt_shown(make.sdjwt_issued())
TOKEN = jose.sign(
    {"nonce": "n", "iat": 1}, make.DEVICE, typ="x", header={"jwk": make.DEVICE.public.to_jwk()}
)

SHIFT = json.dumps(
    {
        "opened_at": "2026-06-01T01:00:00Z",
        "ends_at": "2026-06-01T09:00:00Z",
        "trust": {"roots": ["AAAA"], "signers": [], "compromised": []},
        "keys": [],
        "beacon": "AAAA",
        "rules": {},
        "settings": make_licence_code.SETTINGS,
    }
).encode()

PARSERS: dict[str, tuple[Callable[[bytes], object], bytes]] = {
    "cbor": (lambda octets: MDOC.read(octets, "it"), ISSUED),
    "cbor in one pass": (
        lambda octets: MDOC.decode_each([octets, octets], "it"),
        cbor.encode(make.ELEMENTS),
    ),
    "encoded item": (lambda octets: cbor.unwrap(octets, "it"), cbor.embed(b"\x82\x01\x02")),
    "json": (
        lambda octets: read_json(octets, "it"),
        b'{"a": [1, 2.5, {"b": null}], "c": "\\u00e9"}',
    ),
    "mdoc": (mdoc.parse_mdoc, RESPONSE),
    "issuer-signed": (mdoc.parse_issuer_signed, ISSUED),
    "device response": (mdoc.parse_device_response, RESPONSE),
    "mdoc in base64url": (lambda octets: mdoc.parse_mdoc(octets.decode("latin-1")), b""),
    "cose": (
        lambda octets: cose.parse(MDOC.read(octets, "it")).certificates(),
        b"\x84\x40\xa0\x40\x40",
    ),
    "token": (
        lambda octets: jose.verify_proof(octets.decode("latin-1"), expected_typ="x"),
        TOKEN.encode(),
    ),
    "sd-jwt": (lambda octets: sdjwt.parse(octets.decode("latin-1")), SD_JWT),
    "sealed code": (lambda octets: read_sealed(octets).open(DAY_KEY), CODE),
    "code content": (lambda octets: parse_content(octets, Kind.SHOWN), CONTENT),
    "issuer part": (parse_issuer_part, PART),
    "time beacon": (parse_beacon, make_licence_code.HEARD.octets),
    "compressed point": (read_point, make_licence_code.PAYLOAD["device_key"]),
    "portrait": (strip, rebuild(Portrait(TEMPLATE, kept_portrait()))),
    "shift": (read_shift, SHIFT),
    "point": (PublicKey.from_point, make.DEVICE.public.point),
    "cose key": (
        lambda octets: PublicKey.from_cose(MDOC.read(octets, "it")),
        cbor.encode(make.DEVICE.public.to_cose()),
    ),
    "jwk": (
        lambda octets: PublicKey.from_jwk(read_json(octets, "it")),
        str(make.DEVICE.public.to_jwk()).replace("'", '"').encode(),
    ),
    "full-date": (lambda octets: FullDate(octets.decode("latin-1")).to_date(), b"2026-06-01"),
    "tdate": (
        lambda octets: TDate(octets.decode("latin-1")).to_datetime(),
        b"2026-06-01T02:00:00Z",
    ),
    "base64url": (lambda octets: read_base64url(octets.decode("latin-1"), "it"), b"AAAA"),
}


@st.composite
def mutants(draw: st.DrawFn, octets: bytes) -> bytes:
    """Change, cut or lengthen in a few places."""
    mutant = octets
    for _ in range(draw(st.integers(1, 3))):
        begin = draw(st.integers(0, len(mutant)))
        end = draw(st.integers(begin, min(len(mutant), begin + 4)))
        mutant = mutant[:begin] + draw(st.binary(max_size=6)) + mutant[end:]
    return mutant


@pytest.mark.parametrize("name", PARSERS)
@given(data=st.data())
def test_only_our_error_leaves_a_parser(name: str, data: st.DataObject) -> None:
    parse, good = PARSERS[name]
    octets = data.draw(st.one_of(st.binary(max_size=200), mutants(good)))
    with suppress(JiazhaoError):
        parse(octets)


@pytest.mark.parametrize("name", [name for name in PARSERS if name != "mdoc in base64url"])
def test_what_the_mutants_are_made_of_is_good(name: str) -> None:
    parse, good = PARSERS[name]
    parse(good)


keys = st.one_of(st.text(max_size=8), st.integers(-(1 << 64), (1 << 64) - 1))
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(1 << 64), (1 << 64) - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=40),
    st.binary(max_size=40),
    st.dates().map(FullDate.of),
    st.datetimes(timezones=st.just(UTC)).map(TDate.of),
)
values = st.recursive(
    leaves,
    lambda children: st.one_of(
        st.lists(children, max_size=5), st.dictionaries(keys, children, max_size=5)
    ),
    max_leaves=20,
)


@given(values)
def test_what_was_written_is_read(value: Any) -> None:
    octets = cbor.encode(value)
    read = MDOC.read(octets, "it")
    assert read == value
    assert cbor.encode(read) == octets


@given(st.lists(values, max_size=6))
def test_items_read_in_one_pass_are_those_read_one_by_one(items: list[Any]) -> None:
    encoded = [cbor.encode(item) for item in items]
    assert MDOC.decode_each(encoded, "it") == [MDOC.read(item, "it") for item in encoded]


@given(values, st.binary(min_size=1, max_size=12))
def test_nothing_may_follow_an_item(value: Any, more: bytes) -> None:
    octets = cbor.encode(value)
    with pytest.raises(JiazhaoError):
        MDOC.read(octets + more, "it")
    with pytest.raises(JiazhaoError):
        MDOC.decode_each([octets + more, octets], "it")


@given(values, st.data())
def test_an_item_cut_short_is_refused(value: Any, data: st.DataObject) -> None:
    octets = cbor.encode(value)
    cut = octets[: data.draw(st.integers(0, len(octets) - 1))]
    with pytest.raises(JiazhaoError):
        MDOC.read(cut, "it")
    with pytest.raises(JiazhaoError):
        MDOC.decode_each([cut, octets], "it")


@given(st.dates())
def test_a_day_is_written_and_read(day: date) -> None:
    assert FullDate.of(day).to_date() == day


@given(st.datetimes(min_value=datetime(1, 1, 2), timezones=st.timezones()))  # noqa: DTZ001 - drawn with a zone
def test_an_instant_is_written_to_the_second(instant: datetime) -> None:
    assert TDate.of(instant).to_datetime() == instant.astimezone(UTC).replace(microsecond=0)


@given(st.binary(max_size=100))
def test_base64url_is_read_back(octets: bytes) -> None:
    assert read_base64url(write_base64url(octets), "it") == octets


names = st.text(min_size=1, max_size=20)


@given(
    st.dictionaries(
        names, st.dictionaries(names, values, min_size=1, max_size=5), min_size=1, max_size=3
    ),
    st.randoms(use_true_random=False),
)
def test_what_was_issued_is_read_and_valid(
    elements: dict[str, dict[str, Any]], chance: Any
) -> None:
    count = sum(map(len, elements.values()))
    issued = mdoc.issue(
        doc_type=mdoc.MDL_DOC_TYPE,
        elements=elements,
        device_key=make.DEVICE.public,
        validity=make.VALIDITY,
        randomness=chance.randbytes(count * mdoc.RANDOM_OCTETS),
        signer=make.signer(),
    )
    checked = verify_mdoc(
        issued,
        now=make.NOW,
        trust=TrustAnchors((make.root(),)),
        expected_transcript=None,
        profile=ISSUED_COPY,
    )
    country = elements.get(mdoc.MDL_NAMESPACE, {}).get("issuing_country", "CN")
    assert checked.verdict.outcome is (Outcome.VALID if country == "CN" else Outcome.CANNOT_CONFIRM)
    assert checked.elements == elements


licence_days = st.dates(date(1900, 1, 1), date(2199, 12, 31))
class_sets = st.dictionaries(st.sampled_from(VehicleClass), st.none() | licence_days)
issuer_data = st.builds(
    IssuerData,
    handle=st.binary(min_size=8, max_size=8),
    handle_age=st.integers(0, 1 << 20),
    signed=st.integers(0, (1 << 32) - 1),
    life=st.integers(1, 8784),
    device_key=st.none() | st.just(make_licence_code.PAYLOAD["device_key"]),
    number=st.integers(10**16, 10**17 - 1).map(
        lambda first17: f"{first17}{citizen_check_digit(str(first17))}"
    )
    | st.from_regex(r"[A-Z0-9]{5,20}", fullmatch=True),
    name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300),
    sex=st.sampled_from(Sex),
    birth_date=licence_days,
    nationality=st.from_regex(r"[A-Z]{2}", fullmatch=True),
    classes=class_sets.map(
        lambda held: tuple((each, held[each]) for each in VehicleClass if each in held)
    ),
    first_issue_date=licence_days,
    valid_from=licence_days,
    valid_until=st.none() | licence_days,
    statuses=st.frozensets(st.sampled_from(LicenceStatus), min_size=1),
    points=st.integers(0, 99),
    record=st.text(st.characters(exclude_categories=["Cs"]), max_size=500),
    record_is_elsewhere=st.just(False),
    office_prefix=st.just("沪A"),
    portrait=st.none(),
)


@given(issuer_data)
def test_whatever_the_register_takes_is_written_into_a_code_and_read(data: IssuerData) -> None:
    fit = fitted(data)
    room = portrait_room(fit)
    if room >= MIN_ROOM:
        fit = replace(fit, portrait=Portrait(TEMPLATE, bytes(room)))
    part = sign_issuer_part(fit, make.signer())
    assert parse_issuer_part(part.encoded) == part
    holder = make_licence_code.holder_payload(counter=(1 << 32) - 1, challenge=9999)
    content = make_licence_code.both(
        part.encoded, make_licence_code.holder_part(part.encoded, holder)
    )
    assert read_sealed(make_licence_code.sealed(content)).open(DAY_KEY) == content


@given(st.one_of(st.binary(max_size=600), mutants(CONTENT)))
def test_a_verdict_comes_out_of_whatever_was_sealed(content: bytes) -> None:
    # Padding cannot be told from content that ends as padding does.
    checked = verify_licence_code(
        make_licence_code.sealed(content),
        now=make.NOW,
        checker=CHECKER,
        profile=LICENCE_CODE_OFFLINE,
    )
    assert checked.verdict.outcome in Outcome
    assert (checked.verdict.outcome is Outcome.VALID) is (content == CONTENT)


@given(st.one_of(st.binary(max_size=300), mutants(RESPONSE), mutants(ISSUED)))
def test_a_verdict_comes_out_of_anything(presented: bytes) -> None:
    checked = verify_mdoc(
        presented,
        now=make.NOW,
        trust=TrustAnchors((make.root(),)),
        expected_transcript=make.TRANSCRIPT,
        status=lambda _: StatusFinding(0, make.NOW),
    )
    assert checked.verdict.outcome in Outcome


sdjwt_registered = (
    *("iss", "iat", "nbf", "exp", "cnf", "vct", "vct#integrity", "status", "_sd_alg"),
)


def _has_no_reserved_name(value: Any) -> bool:
    return not {'"_sd"', '"..."'} & set(re.findall(r'"[^"]*"', json.dumps(value)))


json_leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(1 << 70), 1 << 70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
)
json_values = st.recursive(
    json_leaves,
    lambda children: st.one_of(
        st.lists(children, max_size=5), st.dictionaries(st.text(max_size=8), children, max_size=5)
    ),
    max_leaves=20,
)


@given(json_values, st.booleans())
def test_json_is_read_as_the_standard_library_reads_it(value: Any, escaped: bool) -> None:
    octets = json.dumps(value, ensure_ascii=escaped).encode()
    read = read_json(octets, "it")
    assert read == json.loads(octets) == value
    assert type(read) is type(value)


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=20),
        st.dictionaries(
            st.text(min_size=1, max_size=20).filter(lambda name: name not in {"_sd", "..."}),
            json_values.filter(_has_no_reserved_name),
            min_size=1,
            max_size=4,
        ),
        min_size=1,
        max_size=3,
    ).filter(lambda it: it.keys().isdisjoint({*sdjwt_registered, "_sd", "..."})),
)
def test_what_was_issued_as_an_sd_jwt_is_read_and_valid(claims: dict[str, dict[str, Any]]) -> None:
    issued = make.sdjwt_issued(claims=claims)
    checked = verify_sdjwt(
        issued.decode(),
        now=make.NOW,
        trust=TrustAnchors((make.root(),)),
        expected=None,
        profile=ISSUED_COPY,
    )
    assert checked.verdict.outcome is Outcome.VALID
    assert checked.claims == claims


@given(st.one_of(st.text(max_size=300), mutants(SD_JWT).map(lambda it: it.decode("latin-1"))))
def test_a_verdict_on_an_sd_jwt_comes_out_of_any_text(text: str) -> None:
    checked = verify_sdjwt(
        text, now=make.NOW, trust=TrustAnchors((make.root(),)), expected=None, profile=ISSUED_COPY
    )
    assert checked.verdict.outcome in Outcome
