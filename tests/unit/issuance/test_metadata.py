"""The issuer's metadata: the fields of a request that choose form and languages."""

from datetime import timedelta

import pytest
from cryptography import x509

from jiazhao.app import House
from jiazhao.credentials import jose
from jiazhao.credentials.signing import PublicKey
from jiazhao.issuance import messages
from jiazhao.issuance.metadata import (
    METADATA_TYPE,
    in_languages,
    languages_for,
    signed_metadata,
    wants_signed,
)


@pytest.mark.parametrize(
    ("accept", "signed"),
    [
        (None, False),
        ("", False),
        ("*/*", False),
        ("application/*", False),
        ("application/json", False),
        ("application/jwt", True),
        ("Application/JWT", True),
        ("application/jwt, application/json", True),
        ("application/jwt;q=0.9, application/json", False),
        ("application/jwt;q=0.5, */*;q=0.1", True),
        ("application/json;q=0.5, application/jwt", True),
        ("application/jwt;q=0", False),
        ("application/jwt;q=x", False),
        ("application/jwt;q=7", False),
        ("application/jwt;q=nan", False),
        ("application/jwt," * 100, False),
    ],
)
def test_signed_metadata_are_for_who_names_them(accept: str | None, signed: bool) -> None:
    assert wants_signed(accept) is signed


@pytest.mark.parametrize(
    ("field", "languages"),
    [
        (None, ("zh-CN", "en")),
        ("", ("zh-CN", "en")),
        ("*", ("zh-CN", "en")),
        ("fr, de;q=0.5", ("zh-CN", "en")),
        ("zh", ("zh-CN",)),
        ("zh-CN", ("zh-CN",)),
        ("ZH-hans-cn", ("zh-CN",)),
        ("en-GB, en;q=0.8", ("en",)),
        ("en;q=0", ("zh-CN", "en")),
        ("fr-ch, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", ("en",)),
        ("en, zh-CN;q=0.5", ("zh-CN", "en")),
        (";;;,,q=1", ("zh-CN", "en")),
    ],
)
def test_the_languages_are_those_that_we_have_of_the_wanted(
    field: str | None, languages: tuple[str, ...]
) -> None:
    assert languages_for(field) == languages


def locales_of(document: object) -> set[str]:
    if isinstance(document, dict):
        own = {document["locale"]} if "locale" in document else set()
        return own.union(*map(locales_of, document.values()))
    if isinstance(document, list):
        return set[str]().union(*map(locales_of, document))
    return set()


def test_every_display_is_in_the_wanted_languages_and_nothing_else_changes(house: House) -> None:
    whole = messages.issuer_metadata(house.config, house.encryption.metadata())
    english = in_languages(whole, ("en",))
    assert locales_of(whole) == {"zh-CN", "en"}
    assert locales_of(english) == {"en"}
    assert in_languages(whole, ("zh-CN", "en")) == whole
    assert str(english).count("'display'") == str(whole).count("'display'")
    assert english.keys() == whole.keys()


def test_signed_metadata_say_who_and_when_and_all_of_it(house: House) -> None:
    now, signer = house.clock(), house.trust.document_signer
    metadata = messages.issuer_metadata(house.config, {})
    token = jose.parse(signed_metadata(metadata, signer, now), expected_typ=METADATA_TYPE)
    certificate = x509.load_der_x509_certificate(token.chain()[0])
    claims = dict(token.verify(PublicKey.of(certificate.public_key())))
    assert claims.pop("iss") == claims.pop("sub") == house.config.public_url
    issued = claims.pop("iat")
    assert issued == int(now.timestamp())
    assert claims.pop("exp") - issued == timedelta(days=1).total_seconds()
    assert claims == metadata
