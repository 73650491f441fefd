"""One licence in two formats: they say the same, and both follow the register."""

import base64
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from jiazhao.app import House
from jiazhao.credentials import mdoc, sdjwt
from jiazhao.credentials.mdoc import MDL_NAMESPACE, NATIONAL_NAMESPACE
from jiazhao.credentials.status_list import StatusReference, StatusValue
from jiazhao.issuance.formats import (
    FORMATS,
    MDL_CONFIGURATION,
    SD_JWT_CONFIGURATION,
    Draft,
    configurations,
    type_metadata,
    vct_of,
)
from jiazhao.issuance.mdl import elements, term_of
from jiazhao.licence.legal_day import legal_day
from jiazhao.licence.licence import ClassEntitlement, LatinNameSource, Licence, Photo
from jiazhao.licence.status import LicenceStatus
from jiazhao.licence.vehicle_class import VehicleClass
from jiazhao.registry.service import Amendment
from jiazhao.storage.schema import status_index
from tests.houses import Phone
from tests.unit.drivers import admit, driver
from tests.unit.issuance.test_mdl import INSTANCE, NOW, PHOTO, licence
from tests.unit.rules.official_tables import TABLES
from vectors import make

ISSUER = make.ISSUER
NAMES = {
    "outside the BMP": "𠮷𬎆",
    "of GB 18030-2022, 4-byte": "㑇䶮𫠝",
    "compatibility ideograph": "﨑",
    "middle dot": "阿不都热合曼·买买提",
    "Tibetan": "བཀྲ་ཤིས",
    "Mongolian": "ᠮᠣᠩᠭᠣᠯ",
    "extension G": "𰻞",
}


def copies(of: Licence, photo: Photo = PHOTO) -> tuple[mdoc.IssuerSigned, sdjwt.SdJwt]:
    """The two copies of one licence."""
    draft = Draft(
        issuer=ISSUER,
        elements=elements(of, photo, INSTANCE, TABLES.on(legal_day(of.at))),
        device_key=make.DEVICE.public,
        term=term_of(of, of.at, 30),
        status=make.STATUS,
    )
    signer = make.sdjwt_signer()
    one, other = (
        FORMATS[each].build(draft, signer, bytes)
        for each in (MDL_CONFIGURATION, SD_JWT_CONFIGURATION)
    )
    return mdoc.parse_issuer_signed(one), sdjwt.parse(other.decode())


def said_by_mdoc(copy: mdoc.IssuerSigned) -> Mapping[str, Mapping[str, Any]]:
    return {
        namespace: {name: item.value for name, item in items.items()}
        for namespace, items in copy.name_spaces.items()
    }


def as_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return "data:image/jpeg;base64," + base64.b64encode(value).decode()
    return value


# What GB 18030-2022 maps is all of Unicode's assigned text; surrogates are no characters.
texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
days = st.dates(date(1930, 1, 1), date(2100, 1, 1))
entitlements = st.lists(
    st.builds(ClassEntitlement, st.sampled_from(VehicleClass), days, st.none() | days),
    unique_by=lambda one: one.vehicle_class,
    max_size=5,
)


@given(
    texts,
    texts,
    days,
    entitlements,
    st.none() | days,
    st.none() | days,
    st.binary(min_size=1, max_size=40),
)
def test_the_two_formats_of_one_licence_say_the_same(
    family_name: str,
    given_name: str,
    birth_date: date,
    classes: list[ClassEntitlement],
    valid_until: date | None,
    captured_on: date | None,
    jpeg: bytes,
) -> None:
    base = licence(valid_until=date(2032, 3, 1))
    person = replace(
        base.person, family_name=family_name, given_name=given_name, birth_date=birth_date
    )
    if valid_until is not None and valid_until <= legal_day(NOW):
        valid_until = None
    one = replace(
        base,
        person=person,
        grant=replace(base.grant, valid_until=valid_until),
        classes=tuple(classes),
    )

    as_mdoc, as_sdjwt = copies(one, Photo(jpeg, captured_on))

    assert as_sdjwt.claims == {
        namespace: {name: as_json(value) for name, value in members.items()}
        for namespace, members in said_by_mdoc(as_mdoc).items()
    }
    mso = as_mdoc.mso
    assert (as_sdjwt.issued_at, as_sdjwt.not_before, as_sdjwt.expires_at) == (
        mso.validity.signed,
        mso.validity.valid_from,
        mso.validity.valid_until,
    )
    assert (as_sdjwt.device_key, as_sdjwt.status) == (mso.device_key, mso.status)


def test_each_claim_stands_alone_and_its_path_is_that_of_the_metadata() -> None:
    _, copy = copies(licence())
    shown = {each.path for each in copy.disclosed}
    described = configurations(ISSUER, {"jwt": {}}, specimen=True)
    for configuration in (MDL_CONFIGURATION, SD_JWT_CONFIGURATION):
        claims = described[configuration]["credential_metadata"]["claims"]
        assert {tuple(claim["path"]) for claim in claims} == shown
    typed = type_metadata(ISSUER, specimen=True)
    assert {tuple(claim["path"]) for claim in typed["claims"]} == shown
    assert {claim["sd"] for claim in typed["claims"]} == {"always"}


def test_the_citizen_number_is_one_claim_and_nothing_else_holds_it() -> None:
    held = licence()
    _, copy = copies(held)
    number = held.person.identity_number
    assert copy.claims[NATIONAL_NAMESPACE]["licence_number"] == number
    assert copy.claims[MDL_NAMESPACE]["document_number"] == INSTANCE
    others = [each for each in copy.disclosed if each.path[-1] != "licence_number"]
    assert len(others) == len(copy.disclosed) - 1
    read = [base64.urlsafe_b64decode(each.text + "==").decode() for each in others]
    assert not any(number in text for text in read)
    assert number not in str(copy.token.claims)


@pytest.mark.parametrize(
    ("held", "covered"),
    [("C2", "C2"), ("C1", "C1 C2 C3 C4"), ("D", "D E F"), ("C2 F", "C2 F"), ("", "")],
)
def test_a_class_is_covered_as_the_table_of_the_law_says(held: str, covered: str) -> None:
    classes = tuple(ClassEntitlement(VehicleClass(each), date(2020, 3, 1)) for each in held.split())
    _, copy = copies(replace(licence(), classes=classes))
    national = copy.claims[NATIONAL_NAMESPACE]
    said = {each: national[f"covers_{each}"] for each in VehicleClass}
    assert {each.value for each, one in said.items() if one} == set(covered.split())
    assert all(isinstance(one, bool) for one in said.values())


def test_a_class_that_ended_covers_nothing() -> None:
    ended = ClassEntitlement(VehicleClass.C1, date(2020, 3, 1), date(2025, 3, 1))
    _, copy = copies(replace(licence(), classes=(ended,)))
    assert not any(copy.claims[NATIONAL_NAMESPACE][f"covers_{each}"] for each in VehicleClass)


@pytest.mark.parametrize("source", LatinNameSource)
def test_a_latin_name_says_where_it_comes_from(source: LatinNameSource) -> None:
    held = licence()
    as_mdoc, as_sdjwt = copies(replace(held, person=replace(held.person, latin_source=source)))
    for said in (said_by_mdoc(as_mdoc), as_sdjwt.claims):
        assert said[NATIONAL_NAMESPACE]["latin_name_source"] == source.value


@pytest.mark.parametrize("name", NAMES)
def test_a_name_survives_from_the_import_to_both_formats(house: House, name: str) -> None:
    written = driver(2)
    ((since, person),) = written.persons
    imported = replace(written, persons=((since, replace(person, given_name=NAMES[name])),))
    report = admit(house.register, house.database, house.clock(), imported)
    assert (report.added, report.refused) == (1, [])
    phone = Phone(house, written.holder_id)

    as_mdoc = phone.claim().issued
    as_sdjwt = phone.fetch_sdjwt(renewed(phone))

    for said in (said_by_mdoc(as_mdoc), as_sdjwt.claims):
        assert said[MDL_NAMESPACE]["given_name_national_character"] == NAMES[name]


# -- through the service


def renewed(phone: Phone) -> str:
    return phone.redeem(phone.house.offers.claim(phone.holder_id, phone.now, replaces=True))


def test_a_copy_is_bound_to_the_key_and_has_a_place_of_its_own(house: House, phone: Phone) -> None:
    first, second = (phone.fetch_sdjwt(renewed(phone)) for _ in range(2))
    assert first.device_key == phone.key.public
    assert (first.issuer, first.vct) == (
        house.config.public_url,
        vct_of(house.config.public_url),
    )
    assert first.status is not None
    assert second.status is not None
    assert first.status != second.status


def test_the_status_of_an_sd_jwt_follows_the_register(house: House, phone: Phone) -> None:
    copy = phone.fetch_sdjwt(renewed(phone))
    assert copy.status is not None
    assert published(house, copy.status) is StatusValue.VALID
    detained = Amendment(phone.now, add_statuses=frozenset({LicenceStatus.DETAINED}))
    house.database.write(lambda db: house.register.amend(db, phone.holder_id, detained, phone.now))
    assert published(house, copy.status) is StatusValue.MUST_NOT_DRIVE
    released = Amendment(phone.now, end_statuses=frozenset({LicenceStatus.DETAINED}))
    house.database.write(lambda db: house.register.amend(db, phone.holder_id, released, phone.now))
    assert published(house, copy.status) is StatusValue.VALID
    phone.claim()
    assert published(house, copy.status) is StatusValue.ENDED


def published(house: House, place: StatusReference) -> StatusValue:
    house.worker.drain()
    query = sa.select(status_index.c.published_value).where(
        status_index.c.list_id == place.uri.rpartition("/")[2],
        status_index.c.place == place.index,
    )
    with house.database.reading() as db:
        return StatusValue(db.execute(query).scalar_one())


def test_one_token_gives_both_formats_of_one_instance(house: House, phone: Phone) -> None:
    token = renewed(phone)
    as_sdjwt, as_mdoc = phone.fetch_sdjwt(token), phone.fetch(token)
    assert as_sdjwt.claims[MDL_NAMESPACE]["document_number"] == as_mdoc.instance_number
    assert as_sdjwt.status is not None
    assert as_mdoc.status is not None
    assert as_sdjwt.status != as_mdoc.status
    for place in (as_sdjwt.status, as_mdoc.status):
        assert published(house, place) is StatusValue.VALID
    assert phone.fetch_sdjwt(token).presented == as_sdjwt.presented
