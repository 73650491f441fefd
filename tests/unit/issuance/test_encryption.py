"""Encrypted requests and responses: what is taken, and every fault with the code of the text."""

import json
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwe
from joserfc.jwk import ECKey

from jiazhao.credentials.signing import read_base64url, write_base64url
from jiazhao.errors import ConfigurationError
from jiazhao.issuance.encryption import FORMER_KEY_FILE, KEY_FILE, Encryption, ResponseKey
from jiazhao.issuance.protocol import ProtocolError, WireError
from jiazhao.trust import UNSAFE_PLAIN, Keeping
from tests.unit.issuance.test_issue import refusal

PASSPHRASE = b"made by a machine and long enough"
SAID = b'{"transaction_id":"one"}'
UNREADABLE = WireError.INVALID_CREDENTIAL_REQUEST
PARAMETERS = WireError.INVALID_ENCRYPTION_PARAMETERS


@pytest.fixture(scope="module")
def encryption(tmp_path_factory: pytest.TempPathFactory) -> Encryption:
    return Encryption.open(tmp_path_factory.mktemp("keys"), UNSAFE_PLAIN, required=False)


def offered_key(encryption: Encryption) -> dict[str, Any]:
    (jwk,) = encryption.metadata()["credential_request_encryption"]["jwks"]["keys"]
    return dict(jwk)


def encrypted(encryption: Encryption, *, to: ECKey | None = None, **header: Any) -> str:
    """A request as a wallet encrypts it; `header` takes the place of what the metadata ask for."""
    jwk = offered_key(encryption)
    protected = {"alg": "ECDH-ES", "enc": "A128GCM", "kid": jwk["kid"], **header}
    protected = {name: value for name, value in protected.items() if value is not None}
    key = to or ECKey.import_key(jwk)
    algorithms = [protected["alg"], protected["enc"], "DEF"]
    return jwe.encrypt_compact(protected, SAID, key, algorithms=algorithms)


def with_header(token: str, **changes: Any) -> bytes:
    """A token whose header says something else; its contents do not open with that any more."""
    first, *rest = token.split(".")
    header = json.loads(read_base64url(first, "header")) | changes
    return ".".join([write_base64url(json.dumps(header).encode()), *rest]).encode()


# -- requests


@pytest.mark.parametrize("enc", ["A128GCM", "A256GCM"])
def test_what_the_metadata_offer_is_taken(encryption: Encryption, enc: str) -> None:
    assert encryption.opened(encrypted(encryption, enc=enc).encode()) == SAID


def test_the_metadata_name_a_public_key(encryption: Encryption) -> None:
    jwk = offered_key(encryption)
    assert jwk.keys() == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert (jwk["use"], jwk["alg"]) == ("enc", "ECDH-ES")
    response = encryption.metadata()["credential_response_encryption"]
    assert response == {
        "alg_values_supported": ["ECDH-ES"],
        "enc_values_supported": ["A128GCM", "A256GCM"],
        "encryption_required": False,
    }


@pytest.mark.parametrize(
    "header",
    [
        {"enc": "A192GCM"},
        {"enc": "A128CBC-HS256"},
        {"alg": "ECDH-ES+A128KW"},
        {"zip": "DEF"},
        {"kid": None},
        {"kid": "unknown"},
    ],
    ids=str,
)
def test_what_they_do_not_offer_is_not(encryption: Encryption, header: dict[str, Any]) -> None:
    token = encrypted(encryption, **header)
    wanted = UNREADABLE if "KW" in header.get("alg", "") else PARAMETERS
    assert refusal(lambda: encryption.opened(token.encode())) is wanted


def test_one_for_another_key_does_not_open(encryption: Encryption) -> None:
    other = ECKey.import_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    token = encrypted(encryption, to=other)
    assert refusal(lambda: encryption.opened(token.encode())) is PARAMETERS


@pytest.mark.parametrize(
    "changes",
    [
        {"alg": "dir"},
        {"alg": "none"},
        {"alg": None},
        {"enc": 7},
        {"kid": ["x"]},
        {"crit": ["exp"]},
        {"epk": None},
        {"epk": {}},
        {"epk": "text"},
        {"epk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}},
        {"epk": {"kty": "oct", "k": "AAAA"}},
        {"apu": "QQ"},
        {"apu": 7},
        {"typ": "JWT"},
    ],
    ids=str,
)
def test_a_changed_header_is_refused(encryption: Encryption, changes: dict[str, Any]) -> None:
    token = with_header(encrypted(encryption), **changes)
    assert refusal(lambda: encryption.opened(token)) is PARAMETERS


def test_an_ephemeral_key_on_another_curve_is_refused(encryption: Encryption) -> None:
    for curve in ("P-384", "P-521", "secp256k1"):
        epk = ECKey.generate_key(curve).as_dict(private=False)
        token = with_header(encrypted(encryption), epk=epk)
        assert refusal(partial(encryption.opened, token)) is PARAMETERS


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"a.b.c",
        b"....",
        b"a.b.c.d.e.f",
        b"\xff....",
        "驾..a.b.c".encode(),
        b"eyJ9..a.b.c",
        b"A" * 1400 + b"..a.b.c",
        b"." * 60_000,
    ],
    ids=lambda content: str(content[:12]),
)
def test_what_is_no_jwe_is_said_to_be_that(encryption: Encryption, content: bytes) -> None:
    assert refusal(lambda: encryption.opened(content)) is UNREADABLE


@given(data=st.data())
def test_every_changed_octet_is_refused(encryption: Encryption, data: st.DataObject) -> None:
    token = bytearray(encrypted(encryption).encode())
    at = data.draw(st.integers(0, len(token) - 1))
    token[at] = data.draw(st.sampled_from([one for one in range(256) if one != token[at]]))
    with suppress(ProtocolError):
        # base64url has spare bits at the end of a part, which libraries pass over.
        assert encryption.opened(bytes(token)) == SAID


@given(st.binary(max_size=400))
def test_nothing_else_is_raised(encryption: Encryption, content: bytes) -> None:
    with pytest.raises(ProtocolError):
        encryption.opened(content)


# -- responses


def wallet_key(**changes: Any) -> tuple[ECKey, dict[str, Any]]:
    key = ECKey.generate_key("P-256")
    jwk = {**key.as_dict(private=False), "alg": "ECDH-ES", "kid": "wallet-1", **changes}
    return key, {name: value for name, value in jwk.items() if value is not None}


def asked(encryption: Encryption, wanted: object) -> ResponseKey | None:
    return encryption.response_key(wanted, encrypted=True)


@pytest.mark.parametrize("enc", ["A128GCM", "A256GCM"])
@pytest.mark.parametrize("kid", ["wallet-1", None])
def test_a_response_is_for_the_wallet_s_key(
    encryption: Encryption, enc: str, kid: str | None
) -> None:
    key, jwk = wallet_key(kid=kid, use="enc", later="unknown")
    to = asked(encryption, {"jwk": jwk, "enc": enc})
    assert to is not None
    opened = jwe.decrypt_compact(to.seal(SAID), key, algorithms=["ECDH-ES", enc])
    assert opened.plaintext == SAID
    assert opened.protected.get("kid") == kid
    assert (opened.protected["alg"], opened.protected["enc"]) == ("ECDH-ES", enc)


_, GOOD = wallet_key()


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        [],
        "text",
        {"enc": "A128GCM"},
        {"jwk": GOOD},
        {"jwk": GOOD, "enc": "A192GCM"},
        {"jwk": GOOD, "enc": "A128CBC-HS256"},
        {"jwk": GOOD, "enc": ["A128GCM"]},
        {"jwk": GOOD, "enc": "A128GCM", "zip": "DEF"},
        {"jwk": [GOOD], "enc": "A128GCM"},
        *(
            {"jwk": wallet_key(**changes)[1], "enc": "A128GCM"}
            for changes in (
                {"alg": None},
                {"alg": "ECDH-ES+A256KW"},
                {"alg": "RSA-OAEP"},
                {"kty": "RSA"},
                {"crv": "P-384"},
                {"use": "sig"},
                {"d": "AAAA"},
                {"x": None},
                {"x": "AA"},
                {"y": 7},
                {"y": write_base64url(bytes(32))},
                {"kid": 7},
                {"kid": "k" * 300},
            )
        ),
    ],
)
def test_parameters_that_cannot_be_used_are_refused(encryption: Encryption, wanted: object) -> None:
    assert refusal(lambda: asked(encryption, wanted)) is PARAMETERS


def test_who_wants_an_encrypted_response_encrypts_the_request(encryption: Encryption) -> None:
    wanted = {"jwk": GOOD, "enc": "A128GCM"}
    act = partial(encryption.response_key, wanted, encrypted=False)
    assert refusal(act) is PARAMETERS


def test_where_it_is_demanded_nothing_goes_in_the_open(encryption: Encryption) -> None:
    strict = replace(encryption, required=True)
    assert refusal(lambda: strict.check_request(encrypted=False)) is PARAMETERS
    assert refusal(lambda: asked(strict, None)) is PARAMETERS
    strict.check_request(encrypted=True)
    assert asked(encryption, None) is None
    encryption.check_request(encrypted=False)
    members = strict.metadata()
    assert [one["encryption_required"] for one in members.values()] == [True, True]


# -- keys


def test_the_key_stays_and_is_encrypted_under_the_passphrase(tmp_path: Path) -> None:
    keeping = Keeping(PASSPHRASE)
    first = Encryption.open(tmp_path, keeping, required=False)
    pem = (tmp_path / KEY_FILE).read_bytes()
    assert pem.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    again = Encryption.open(tmp_path, keeping, required=False)
    assert again.opened(encrypted(first).encode()) == SAID


def test_a_former_key_is_read_and_not_offered(tmp_path: Path) -> None:
    first = Encryption.open(tmp_path, UNSAFE_PLAIN, required=False)
    (tmp_path / KEY_FILE).rename(tmp_path / FORMER_KEY_FILE)
    second = Encryption.open(tmp_path, UNSAFE_PLAIN, required=False)
    assert offered_key(first)["kid"] != offered_key(second)["kid"]
    assert second.opened(encrypted(first).encode()) == SAID


def test_where_no_key_may_be_kept_nothing_is_offered(tmp_path: Path) -> None:
    none = Encryption.open(tmp_path, Keeping(), required=False)
    assert none.metadata() == {}
    assert list(tmp_path.iterdir()) == []
    wanted = {"jwk": GOOD, "enc": "A128GCM"}
    assert refusal(lambda: asked(none, wanted)) is PARAMETERS
    other = Encryption.open(tmp_path, UNSAFE_PLAIN, required=False)
    assert refusal(lambda: none.opened(encrypted(other).encode())) is PARAMETERS
    with pytest.raises(ConfigurationError):
        Encryption.open(tmp_path, Keeping(), required=True)


def test_a_key_that_cannot_be_used_stops_the_start(tmp_path: Path) -> None:
    Encryption.open(tmp_path, UNSAFE_PLAIN, required=False)
    path = tmp_path / KEY_FILE
    path.chmod(0o644)
    with pytest.raises(ConfigurationError):
        Encryption.open(tmp_path, UNSAFE_PLAIN, required=False)
    path.chmod(0o600)
    for content in (b"damaged", UNSAFE_PLAIN.seal(ec.generate_private_key(ec.SECP384R1()))):
        path.write_bytes(content)
        with pytest.raises(ConfigurationError):
            Encryption.open(tmp_path, UNSAFE_PLAIN, required=False)
