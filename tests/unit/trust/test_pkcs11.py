"""Keys on a token: real signatures of a real module, and what happens when it goes away."""

import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from jiazhao.credentials.signing import ES256_HASH, Algorithm, PublicKey
from jiazhao.errors import ConfigurationError, ErrorCode, SignerError
from jiazhao.trust.hierarchy import Role, TrustPlan, make_root, make_signer
from jiazhao.trust.pkcs11 import MAX_SESSIONS, Token, TokenKey, TokenSigner
from tests.tokens import Tokens

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
PLAN = TrustPlan(issuer_uri="http://localhost:8000")


@pytest.fixture
def key(tokens: Tokens) -> TokenKey:
    return tokens.token("issuer").make_key("test")


def _verify(key: TokenKey, signature: bytes, message: bytes) -> None:
    PublicKey.of(key.public_key()).verify(signature, message)


def test_a_signature_is_64_octets_over_the_message_and_fits_the_key(key: TokenKey) -> None:
    for number in range(50):
        message = number.to_bytes(40)
        signature = key.sign_raw(message)
        assert len(signature) == 64
        _verify(key, signature, message)


def test_a_key_does_not_leave_its_token(key: TokenKey) -> None:
    attempts: list[Callable[[], object]] = [
        key.private_numbers,
        lambda: key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        lambda: key.exchange(ec.ECDH(), key.public_key()),
        lambda: key.sign(b"", ec.ECDSA(SHA384())),
    ]
    for attempt in attempts:
        with pytest.raises(TypeError):
            attempt()


def test_a_root_and_a_signer_on_a_token_vouch_as_any_others_do(tokens: Tokens) -> None:
    token = tokens.token("issuer")
    root = make_root(PLAN, now=NOW, key=token.make_key("root"))
    made = make_signer(Role.DOCUMENT_SIGNER, PLAN, root=root, now=NOW, key=token.make_key("signer"))

    root.certificate.verify_directly_issued_by(root.certificate)
    made.certificate.verify_directly_issued_by(root.certificate)
    assert isinstance(made.key, TokenKey)
    signer = TokenSigner(made.key, [made.certificate])
    assert signer.algorithm is Algorithm.ES256
    _verify(made.key, signer.sign(b"message"), b"message")
    with pytest.raises(ConfigurationError):
        TokenSigner(made.key, [root.certificate])


def test_more_threads_than_sessions_sign_at_once(key: TokenKey) -> None:
    threads = 3 * MAX_SESSIONS
    together = threading.Barrier(threads)

    def sign(number: int) -> None:
        together.wait()
        for count in range(20):
            message = f"{number} {count}".encode()
            _verify(key, key.sign_raw(message), message)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(sign, range(threads)))
    assert len(key._idle) <= MAX_SESSIONS


@pytest.fixture
def lost(tokens: Tokens) -> Iterator[TokenKey]:
    """Let a key sign, then take its token away; give it back at the end."""
    key = tokens.token("lost").make_key("lost")
    key.sign_raw(b"before")
    place = tokens.place_of("lost")
    aside = place.with_name("aside")
    shutil.move(place, aside)
    yield key
    if aside.exists():
        shutil.move(aside, place)


def test_a_lost_token_is_said_to_be_unavailable_and_signs_nothing(lost: TokenKey) -> None:
    for _ in range(3):
        with pytest.raises(SignerError) as refused:
            lost.sign_raw(b"message")
        assert refused.value.code is ErrorCode.SIGNER_UNAVAILABLE


def test_a_destroyed_key_signs_nothing(tokens: Tokens) -> None:
    token = tokens.token("issuer")
    key = token.make_key("short-lived")
    key.sign_raw(b"message")
    token.destroy(key.key_id)
    token.destroy(key.key_id)

    with pytest.raises(SignerError):
        tokens.token("issuer").key(key.key_id, key.public_key()).sign_raw(b"message")


def test_a_token_with_another_key_under_the_same_id_signs_nothing(tokens: Tokens) -> None:
    made = tokens.token("exchanged").make_key("theirs")
    expected = ec.generate_private_key(ec.SECP256R1()).public_key()

    with pytest.raises(SignerError, match="another key"):
        tokens.token("exchanged").key(made.key_id, expected).sign_raw(b"message")


def test_an_absent_token_module_or_key_is_unavailable(tokens: Tokens, tmp_path: Path) -> None:
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    for token in (
        Token(tmp_path / "absent.so", "issuer", tokens.pin_file),
        tokens.token("nobody's"),
        tokens.token("issuer"),
    ):
        with pytest.raises(SignerError) as refused:
            token.key(bytes(16), public).sign_raw(b"message")
        assert str(tmp_path) not in refused.value.en


def test_the_pin_is_asked_of_a_file_that_nobody_else_reads(tokens: Tokens, tmp_path: Path) -> None:
    pin = tmp_path / "pin"
    pin.write_text("1\n")
    for mode, content in ((0o644, "4829\n"), (0o600, "")):
        pin.write_text(content)
        pin.chmod(mode)
        with pytest.raises(ConfigurationError, match="pkcs11_pin_file"):
            tokens.token("exchanged", pin_file=pin).open()


def test_certificates_are_signed_as_the_library_signs_them(key: TokenKey) -> None:
    signature = key.sign(b"one", ES256_HASH)
    key.public_key().verify(signature, b"one", ES256_HASH)
    with pytest.raises(InvalidSignature):
        key.public_key().verify(signature, b"other", ES256_HASH)
