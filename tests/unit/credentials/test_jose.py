"""Signed tokens in JSON."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from jiazhao.credentials import jose
from jiazhao.credentials.signing import write_base64url
from jiazhao.errors import ErrorCode, JiazhaoError, UnreadableError, VerificationError
from vectors.make import DEVICE, STRANGER, NamedKey, signer

TYP = "openid4vci-proof+jwt"


def _token(
    header: Mapping[str, Any] | str, claims: Mapping[str, Any] | str, key: NamedKey = DEVICE
) -> str:
    parts = [part if isinstance(part, str) else json.dumps(part) for part in (header, claims)]
    text = ".".join(write_base64url(part.encode()) for part in parts)
    return f"{text}.{write_base64url(key.sign(text.encode()))}"


HEADER = {"alg": "ES256", "typ": TYP, "jwk": DEVICE.public.to_jwk()}


def test_a_token_is_verified_and_read() -> None:
    token = jose.sign({"name": "王", "n": 1}, DEVICE, typ="x+jwt", header={"kid": "1"})
    assert jose.verify(token, expected_typ="x+jwt", key=DEVICE.public) == {"name": "王", "n": 1}


def test_the_chain_stands_in_padded_base64() -> None:
    document_signer = signer()
    token = jose.sign({}, document_signer, typ="x", with_chain=True)
    (certificate,) = jose.parse(token, expected_typ="x").header["x5c"]
    assert certificate.endswith("=") or len(certificate) % 4 == 0
    assert jose.verify(token, expected_typ="x", key=document_signer.public) == {}


def test_a_proof_gives_the_key_that_it_proves() -> None:
    key, claims = jose.verify_proof(_token(HEADER, {"nonce": "n"}), expected_typ=TYP)
    assert (key, claims) == (DEVICE.public, {"nonce": "n"})


def test_a_proof_by_another_key_is_refused() -> None:
    with pytest.raises(VerificationError) as refused:
        jose.verify_proof(_token(HEADER, {}, STRANGER), expected_typ=TYP)
    assert refused.value.code is ErrorCode.SIGNATURE_MISMATCH


@pytest.mark.parametrize(
    "change",
    [
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "ES384"},
        {"alg": None},
        {"alg": ["ES256"]},
        {"typ": "JWT"},
        {"typ": None},
        {"typ": "application/" + TYP},
        {"crit": []},
        {"crit": ["b64"], "b64": False},
        {"kid": "1"},
        {"x5c": []},
        {"jwk": None},
        {"jwk": {**DEVICE.public.to_jwk(), "d": "AA"}},
    ],
)
def test_a_proof_with_another_header_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(JiazhaoError):
        jose.verify_proof(_token(HEADER | change, {}), expected_typ=TYP)


@pytest.mark.parametrize("name", ["jku", "x5u"])
def test_an_address_of_a_key_is_never_followed(name: str) -> None:
    header = {"alg": "ES256", "typ": TYP, name: "https://attacker.example/key"}
    with pytest.raises(VerificationError):
        jose.verify_proof(_token(header, {}), expected_typ=TYP)


def test_a_key_in_the_header_does_not_stand_in_for_the_expected_one() -> None:
    with pytest.raises(VerificationError):
        jose.verify(_token(HEADER, {}), expected_typ=TYP, key=STRANGER.public)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a.b",
        "....",
        _token(HEADER, {}) + ".",
        _token(HEADER, {}) + "=",
        _token("[]", {}),
        _token(HEADER, "[]"),
        _token(HEADER, '{"a":1,"a":2}'),
        _token('{"alg":"none","alg":"ES256","typ":"x"}', {}),
        _token(HEADER, "NaN"),
        "A" * (jose.MAX_TOKEN_CHARS + 1),
    ],
)
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(JiazhaoError):
        jose.parse(token, expected_typ=TYP)


def test_a_change_anywhere_is_refused() -> None:
    token = _token(HEADER, {"n": 1})
    for place in range(0, len(token), 7):
        other = "A" if token[place] != "A" else "B"
        with pytest.raises(JiazhaoError):
            jose.verify_proof(token[:place] + other + token[place + 1 :], expected_typ=TYP)


def test_a_second_spelling_of_the_same_octets_is_refused() -> None:
    token = _token(HEADER, {})
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = token[:-1] + alphabet[alphabet.index(token[-1]) ^ 1]
    with pytest.raises(UnreadableError):
        jose.verify_proof(other, expected_typ=TYP)
